"""Slows down password guessing: a few wrong answers per log-in and per address, then a wait. Time is passed in."""

from collections import deque
from datetime import datetime, timedelta

LIMIT = 8
WINDOW = timedelta(minutes=5)
MAX_KEYS = 10_000


class Throttle:
    """Counts failures by key in a sliding window. Bounded: the oldest key goes when there are too many."""

    def __init__(self, limit: int = LIMIT, window: timedelta = WINDOW) -> None:
        self._limit = limit
        self._window = window
        self._failures: dict[str, deque[datetime]] = {}

    def blocked(self, keys: tuple[str, ...], now: datetime) -> bool:
        """Whether any of the keys has used up its tries."""
        return any(len(self._recent(key, now)) >= self._limit for key in keys)

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Note a failure under every key."""
        for key in keys:
            if key not in self._failures and len(self._failures) >= MAX_KEYS:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(key, deque()).append(now)

    def succeeded(self, keys: tuple[str, ...]) -> None:
        """Forget the failures of these keys."""
        for key in keys:
            self._failures.pop(key, None)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        failures = self._failures.get(key, deque())
        while failures and now - failures[0] >= self._window:
            failures.popleft()
        return failures
