"""Hour rules: hours closed by the pack, and windows the debtor asked to keep free.

Both are read on the debtor's own clock and must hold in every zone in which the debtor may be. Half open: the closing
second is closed, the opening second is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from policy.facts import CHANNELS, DAY_NAMES, DAY_SECS, Consent, WeeklyWindow
from policy.families.consent import ConsentTerms, in_force, turning_points
from policy.families.kind import Breach, Case, Kind, Signature
from policy.families.replies import OneReply
from policy.located import Node
from policy.zones import find_zone, next_reading


def clock_text(secs: int) -> str:
    """Seconds since midnight as HH:MM."""
    return f"{secs // 3600:02d}:{secs % 3600 // 60:02d}"


def earliest_reading(case: Case, wall_secs: set[int], extra: list[datetime]) -> datetime | None:
    """The first instant after the case's at which one of its clocks reads a mark, or the first later one of `extra`."""
    marks = tuple(sorted(wall_secs))
    found = [next_reading(zone, case.at, marks) for zone in case.zones] if marks else []
    found.extend(instant for instant in extra if instant > case.at)
    return min(found, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedWindow:
    """Hours closed for some channels; `opened_by`: a consent that opens them, if the law lets one."""

    channels: frozenset[str]
    closed_from_secs: int
    closed_until_secs: int
    opened_by: ConsentTerms | None
    parameters: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", self.plain())

    @classmethod
    def read(cls, node: Node) -> "ClosedWindow":
        """Build from `{channels, closed_from, closed_until, opened_by?}`. Raises `RulebookError`."""
        parts = node.mapping(("channels", "closed_from", "closed_until"), ("opened_by",))
        start, end = parts["closed_from"].clock_secs(), parts["closed_until"].clock_secs()
        if start == DAY_SECS:
            parts["closed_from"].fail("rulebook.bad_value", 'a clock time before "24:00"; a day begins at "00:00"')
        if start == end:
            node.fail("rulebook.bad_value", "closed_until different from closed_from", "equal clock times")
        return cls(
            channels=parts["channels"].words(CHANNELS),
            closed_from_secs=start,
            closed_until_secs=end,
            opened_by=ConsentTerms.read(parts["opened_by"], hours=True) if "opened_by" in parts else None,
        )

    def covers(self, local: datetime) -> bool:
        """Whether the wall clock lies in the closed hours."""
        secs = local.hour * 3600 + local.minute * 60 + local.second
        if self.closed_from_secs < self.closed_until_secs:
            return self.closed_from_secs <= secs < self.closed_until_secs
        return secs >= self.closed_from_secs or secs < self.closed_until_secs

    def opened(self, case: Case, local: datetime) -> bool:
        """Whether a consent that these terms accept holds at the case's instant, its window covering the clock `local`.

        A consent without window opens no hour.
        """
        if self.opened_by is None:
            return False
        return any(
            consent.window is not None
            and in_force(consent, case.at)
            and consent.window.opens(local)
            and (not self.opened_by.given_in_open_hours or self._given_in_open_hours(case, consent))
            for consent in self.opened_by.matching(case.scenario)
        )

    def _given_in_open_hours(self, case: Case, consent: Consent) -> bool:
        """Whether contact was open when the consent was given: on every clock, and outside the debtor's own windows."""
        asked_for = case.debtor.preferences.no_contact_windows
        clocks = [consent.given_at.astimezone(zone) for zone in case.zones]
        return not any(self.covers(clock) or any(window.covers(clock) for window in asked_for) for clock in clocks)

    def plain(self) -> dict[str, Any]:
        """The window as JSON types."""
        return {
            "closed_from": clock_text(self.closed_from_secs),
            "closed_until": clock_text(self.closed_until_secs),
            "opened_by": None if self.opened_by is None else self.opened_by.plain(),
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosedHours(Kind):
    """No contact in closed hours, per channel; every channel is named exactly once: none is open by omission.

    `always`: zones whose clocks count wherever the debtor may be.
    """

    name: ClassVar[str] = "closed_hours"
    message_fields: ClassVar[frozenset[str]] = frozenset({"channel", "closed_from", "closed_until", "zones"})
    needs_clock: ClassVar[bool] = True

    windows: tuple[ClosedWindow, ...]
    always: tuple[ZoneInfo, ...] = ()
    _by_channel: Mapping[str, ClosedWindow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_channel = {channel: window for window in self.windows for channel in window.channels}
        object.__setattr__(self, "_by_channel", by_channel)

    @classmethod
    def read(cls, node: Node) -> "ClosedHours":
        """Build from `{windows: [...], always?: [zone]}`. Raises `RulebookError`."""
        parts = node.mapping(("windows",), ("always",))
        listed = parts["windows"]
        windows = tuple(ClosedWindow.read(item) for item in listed.items(at_least=1))
        named = [channel for window in windows for channel in window.channels]
        if sorted(named) != sorted(CHANNELS):
            listed.fail(
                "rulebook.bad_value", f"every channel once: {', '.join(sorted(CHANNELS))}", ", ".join(sorted(named))
            )
        return cls(windows=windows, always=_zones(parts["always"]) if "always" in parts else ())

    def clocks_used(self) -> frozenset[ZoneInfo]:
        """The zones that always count."""
        return frozenset(self.always)

    def _heard(self, case: Case) -> Case:
        """The case with the clocks that always count beside the debtor's own."""
        missing = [zone for zone in self.always if zone not in case.zones]
        if not missing:
            return case
        zones = (*case.zones, *missing)
        return Case(case.scenario, case.at, zones, tuple([case.at.astimezone(zone) for zone in zones]))

    def _closed(self, case: Case) -> list[ZoneInfo]:
        window = self._by_channel[case.attempt.channel]
        return [
            zone
            for zone, local in zip(case.zones, case.local, strict=True)
            if window.covers(local) and not window.opened(case, local)
        ]

    def denies(self, case: Case) -> bool:
        """Closed in any zone, unless a consent that the pack accepts covers that zone's clock."""
        return bool(self._closed(self._heard(case)))

    def judge(self, case: Case) -> Breach | None:
        """Which of the clocks stand in closed hours."""
        case = self._heard(case)
        closed = self._closed(case)
        if not closed:
            return None
        window = self._by_channel[case.attempt.channel]
        names = [str(zone.key) for zone in closed]
        words = {
            "channel": case.attempt.channel,
            "closed_from": window.parameters["closed_from"],
            "closed_until": window.parameters["closed_until"],
            "zones": ", ".join(names),
        }
        facts = {"channel": case.attempt.channel, "local_times": case.clocks(), "closed_in": names}
        return Breach(window.parameters, facts, words)

    def next_change(self, case: Case) -> datetime | None:
        """An edge of the closed hours or of a consent, on any clock."""
        case = self._heard(case)
        window = self._by_channel[case.attempt.channel]
        consents = () if window.opened_by is None else tuple(window.opened_by.matching(case.scenario))
        marks, instants = turning_points(consents, case.at)
        return earliest_reading(case, marks | {window.closed_from_secs, window.closed_until_secs}, instants)


def _zones(node: Node) -> tuple[ZoneInfo, ...]:
    """A list of IANA zones. Raises `RulebookError`."""
    found = []
    for item in node.items(at_least=1):
        zone = find_zone(item.text())
        if zone is None:
            item.fail("rulebook.bad_value", "an IANA time zone")
        found.append(zone)
    return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietWindows(Kind):
    """No contact in the weekly windows the debtor asked to keep free, on any of the debtor's clocks.

    `one_reply`: one answer to each message that the person sent inside such a window.
    """

    name: ClassVar[str] = "quiet_windows"
    message_fields: ClassVar[frozenset[str]] = frozenset({"windows"})
    needs_clock: ClassVar[bool] = True

    channels: frozenset[str]
    one_reply: OneReply | None = None

    @classmethod
    def read(cls, node: Node) -> "QuietWindows":
        """Build from `{channels, one_reply?}`. Raises `RulebookError`."""
        parts = node.mapping(("channels",), ("one_reply",))
        return cls(
            channels=parts["channels"].words(CHANNELS),
            one_reply=OneReply.read(parts["one_reply"]) if "one_reply" in parts else None,
        )

    def may_speak(self, signature: Signature) -> bool:
        """Only where a window is asked for."""
        return signature.windows and signature.channel in self.channels

    def judge(self, case: Case) -> Breach | None:
        """Inside a window on some clock."""
        windows = case.debtor.preferences.no_contact_windows
        if not windows or case.attempt.channel not in self.channels:
            return None
        hit = [window for window in windows if any(window.covers(local) for local in case.local)]
        if not hit or (self.one_reply is not None and self.one_reply.excuses(case, lambda at: _same_window(case, at))):
            return None
        shown = [window_text(window) for window in hit]
        facts = {"local_times": case.clocks(), "windows": shown}
        parameters: dict[str, Any] = {"channels": sorted(self.channels)}
        if self.one_reply is not None:
            parameters["one_reply"] = self.one_reply.plain()
        return Breach(parameters, facts, {"windows": "; ".join(shown)})

    def next_change(self, case: Case) -> datetime | None:
        """An edge of a window, on any clock."""
        marks: set[int] = set()
        for window in case.debtor.preferences.no_contact_windows:
            marks |= {window.start_secs, window.end_secs}
            if window.end_secs <= window.start_secs:
                marks.add(DAY_SECS)
        return earliest_reading(case, marks, [])


def _same_window(case: Case, at: datetime) -> bool:
    """Whether `at` lay in the very occurrence of every window in which a clock stands now."""
    windows = case.debtor.preferences.no_contact_windows
    for zone, now in zip(case.zones, case.local, strict=True):
        then, standing = at.astimezone(zone), [window for window in windows if window.covers(now)]
        if any(window.begun(then) != window.begun(now) for window in standing):
            return False
    return True


def window_text(window: WeeklyWindow) -> str:
    """A window as `mon,tue 12:00-14:00`."""
    days = ",".join(DAY_NAMES[day] for day in sorted(window.days))
    return f"{days} {clock_text(window.start_secs)}-{clock_text(window.end_secs)}"
