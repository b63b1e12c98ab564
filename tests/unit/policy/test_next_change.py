"""No verdict changes before the instant its rule names: replies, consents, counters and conditions by brute force.

The scenarios are dense in what the richest packaged rules look at; the search for the next permitted instant rests on
what is shown here.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.book import Rulebook
from policy.evaluate import evaluate, is_denied
from policy.facts import (
    CHANNELS,
    DIRECTIONS,
    OUTCOMES,
    PARTIES,
    PURPOSES,
    Attempt,
    Consent,
    DebtorFacts,
    PastContact,
    Preferences,
    Scenario,
    WeeklyWindow,
)
from policy.families.kind import Case
from policy.law import law_on

PACK = "us-reg-f"
ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns", "Pacific/Honolulu")
START = datetime(2026, 2, 20, tzinfo=UTC)  # clocks go forward on 8 March and back on 1 November
HOUR = timedelta(hours=1)
EVERY_DAY = frozenset(range(7))

windows = st.builds(
    WeeklyWindow,
    days=st.one_of(st.just(EVERY_DAY), st.frozensets(st.integers(0, 6), min_size=1)),
    start_secs=st.integers(0, 48).map(lambda half: half * 1800),
    end_secs=st.integers(0, 48).map(lambda half: half * 1800),
)
parties = st.sampled_from(["debtor", "debtor", "debtor", "spouse", "attorney", "parent", "third_party", *PARTIES])
addresses = st.sampled_from([None, None, "A1", "A2"])


@st.composite
def consents(draw: st.DrawFn, at: datetime) -> Consent:
    """An agreement given around the attempt, often too early, too late, to the wrong holder or for another debt."""
    given_at = at + timedelta(minutes=draw(st.integers(-9 * 1440, 1440)))
    return Consent(
        kind=draw(st.sampled_from(["additional_calls", "additional_calls", "inconvenient_time", "artificial_voice"])),
        given_at=given_at,
        given_to=draw(st.sampled_from(["collector", "collector", "creditor"])),
        debt=draw(st.sampled_from([None, "D1", "D1", "D2"])),
        valid_until=draw(
            st.one_of(st.none(), st.integers(1, 9 * 1440).map(lambda minute: given_at + timedelta(minutes=minute)))
        ),
        window=draw(st.one_of(st.none(), windows)),
    )


@st.composite
def contacts(draw: st.DrawFn, at: datetime) -> PastContact:
    """A contact of the ten days before, mostly one that counts."""
    return PastContact(
        at=at - timedelta(minutes=draw(st.integers(0, 10 * 1440))),
        channel=draw(st.sampled_from(["voice", "voice", "voice", *sorted(CHANNELS)])),
        direction=draw(st.sampled_from(["outbound", "outbound", *sorted(DIRECTIONS)])),
        outcome=draw(st.sampled_from(["no_answer", "no_answer", "voicemail", "conversation", *sorted(OUTCOMES)])),
        debt=draw(st.sampled_from(["D1", "D1", "D1", "D2"])),
        also_debts=draw(st.sampled_from([frozenset(), frozenset({"D1"})])),
        party=draw(parties),
        address=draw(addresses),
        purpose=draw(st.sampled_from(["collection", *sorted(PURPOSES)])),
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """A question dense in boundaries, to the minute."""
    at = START + timedelta(minutes=draw(st.integers(0, 270 * 1440)))
    debtor = DebtorFacts(
        timezones=tuple(draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))),
        birth_date=draw(st.sampled_from([None, None, at.date().replace(year=at.year - 18, day=28), date(2008, 2, 29)])),
        region=draw(st.sampled_from([None, "US-NY", "US-MA"])),
        flags=frozenset(draw(st.lists(st.sampled_from(["minor", "employer_prohibits", "hospitalised"]), max_size=1))),
        preferences=Preferences(
            no_contact_windows=tuple(draw(st.lists(windows, max_size=2))),
            no_channels=frozenset(draw(st.lists(st.sampled_from(["voice", "sms"]), max_size=1))),
            no_addresses=frozenset(draw(st.lists(st.sampled_from(["A1", "A2"]), max_size=1))),
        ),
        consents=tuple(draw(st.lists(consents(at), max_size=2))),
    )
    attempt = Attempt(
        at=at,
        channel=draw(st.sampled_from(["voice", "voice", *sorted(CHANNELS)])),
        purpose=draw(st.sampled_from(["collection", "collection", *sorted(PURPOSES)])),
        debt="D1",
        party=draw(parties),
        address=draw(addresses),
        place=draw(st.sampled_from(["personal", "personal", "work"])),
        voice=draw(st.sampled_from(["human", "human", "artificial"])),
    )
    history = tuple(draw(st.lists(contacts(at), max_size=14)))
    return Scenario(pack=PACK, debtor=debtor, attempt=attempt, history=history)


dense = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.timeout(120)
@settings(dense, max_examples=100)
@given(scenario=scenarios())
def test_no_rule_turns_before_it_says_so(rulebook: Rulebook, scenario: Scenario) -> None:
    """Every rule for itself, denying or silent: hour by hour up to its next change, or forty days if it has none."""
    at = scenario.attempt.at
    for active in law_on(rulebook.packs[PACK], at.date()).active:
        kind, case = active.kind, Case.at_instant(scenario, at)
        denies, change = kind.judge(case) is not None, kind.next_change(case)
        assert change is None or change > at, active.rule.id
        end = at + timedelta(days=40) if change is None else min(change, at + timedelta(days=40))
        steps = int((end - at) / HOUR)
        instants = [at + HOUR * step for step in range(steps + 1) if at + HOUR * step < end]
        instants.append(end - timedelta(seconds=1))
        for instant in instants:
            now = kind.judge(Case.at_instant(scenario, instant)) is not None
            assert now == denies, (active.rule.id, instant)


@pytest.mark.timeout(120)
@settings(dense, max_examples=60)
@given(scenario=scenarios())
def test_the_search_skips_no_open_minute(rulebook: Rulebook, scenario: Scenario) -> None:
    """Minute by minute over a day and hour by hour over three weeks nothing is open before the answer."""
    pack = rulebook.packs[PACK]
    at, opens_at = scenario.attempt.at, evaluate(scenario, rulebook).next_permitted_at

    if opens_at is not None:
        assert not is_denied(scenario, pack, opens_at)
    end = at + timedelta(days=21) if opens_at is None else opens_at
    minutes = (at + timedelta(minutes=step) for step in range(1440))
    hours = (at + HOUR * step for step in range(21 * 24))
    for instant in (*minutes, *hours):
        assert instant >= end or is_denied(scenario, pack, instant), instant
    if opens_at is not None and opens_at > at:
        assert is_denied(scenario, pack, max(at, opens_at - timedelta(seconds=1)))
