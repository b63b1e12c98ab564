"""Stretches of time as sorted, disjoint, half-open intervals in seconds of the call. Pure."""

from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def union(spans: Iterable[Span]) -> list[Span]:
    """All time covered by any of them; empty ones vanish, touching ones become one."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The time covered by both; each must be sorted and disjoint."""
    found: list[Span] = []
    left = right = 0
    while left < len(one) and right < len(other):
        start, end = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if end > start:
            found.append((start, end))
        if one[left][1] <= other[right][1]:
            left += 1
        else:
            right += 1
    return found


def rest(spans: Sequence[Span], total_secs: float) -> list[Span]:
    """The time from 0 to `total_secs` that none of them covers; they must be sorted and disjoint."""
    left: list[Span] = []
    at = 0.0
    for start, end in spans:
        if start > at:
            left.append((at, min(start, total_secs)))
        at = max(at, end)
    left.append((at, total_secs))
    return [span for span in left if span[1] > span[0]]


def length(spans: Iterable[Span]) -> float:
    """Seconds covered by disjoint spans."""
    return sum((end - start for start, end in spans), 0.0)
