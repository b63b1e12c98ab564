"""When would the same attempt be permitted, if nothing else happened (pure)?

No rule that denies at t can change its verdict before its own next change, so the search jumps to the latest of those.
The first jump passes every one-off change (birthday, full counter); from then on verdicts follow the week: a whole week
without a permit repeats until a clock is changed, a consent begins or the law changes. The search ends when nothing
denies, when a denial never changes, or `SEARCH_DAYS` after the last one-off change.
"""

from datetime import datetime, timedelta

from policy.book import Pack
from policy.facts import Scenario
from policy.families.kind import Case, signature_of
from policy.law import ActiveRule, law_on, legal_day, next_law, plan_for
from policy.zones import next_transition, transitions

SEARCH_DAYS = 400
"""How long after the last one-off change (a birthday, a gap) the search follows the weekly and yearly round of the
clocks.
"""

_ROUND = timedelta(days=8)  # a week of clock readings, and a day for the zones around the globe


def next_permitted(scenario: Scenario, pack: Pack) -> datetime | None:
    """The earliest instant, not before the attempt, at which it would be permitted, or None; see above."""
    signature = signature_of(scenario)
    at = scenario.attempt.at
    limit = at + timedelta(days=SEARCH_DAYS)
    week_end: datetime | None = None
    event: datetime | None = None
    case = Case.at_instant(scenario, at)
    while at <= limit:
        day = legal_day(pack, at)
        law = law_on(pack, day)
        case = case.moved_to(at)
        if law.unknown or law.silent or not case.zones:
            return None
        jump = at
        denying = plan_for(law, signature).denying
        for active in denying:
            if not active.kind.denies(case):
                continue
            change = _earlier(active.kind.next_change(case), active.until)
            if change is None:
                return None
            jump = max(jump, change)
        if jump == at:
            return at.astimezone(case.zones[0])
        if jump - at > _ROUND:
            limit, week_end = jump + timedelta(days=SEARCH_DAYS), None
        elif at > scenario.attempt.at and (week_end is None or (event is not None and at >= event)):
            week_end, event = at + _ROUND, _next_event(case, pack, denying)
        elif week_end is not None and at >= week_end:
            if event is None:
                return None
            jump, week_end = max(jump, event), None
        at = jump
    return None


def _next_event(case: Case, pack: Pack, asked: tuple[ActiveRule, ...]) -> datetime | None:
    """The first instant after the case's at which a clock is changed, a consent begins or the law may differ."""
    day = case.at.date()
    zones = set(case.zones).union(*(active.kind.clocks_used() for active in asked))
    changes = [next_transition(zone, day + timedelta(days=1), SEARCH_DAYS) for zone in zones]
    changes.extend(change for zone in zones for change in transitions(zone, day))
    changes.extend(consent.given_at for consent in case.debtor.consents)
    changes.append(next_law(pack, legal_day(pack, case.at)))
    return min((change for change in changes if change is not None and change > case.at), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
