"""Rule families on a rulebook of our own: no jurisdiction is baked into the engine, and law changes over time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import policy
from policy.book import Rulebook
from policy.evaluate import budget_slots, evaluate
from policy.facts import Attempt, DebtorFacts, PastContact, Scenario

Load = Callable[..., Rulebook]

RULE = """\
topic: {topic}
rules:
  - id: zz-{topic}
    kind: {kind}
    denies: {denies}
    title: {{en: Rule, zh: 规则}}
    message: {{en: Said., zh: 如此。}}
    effect: rebuttable_presumption
    scope: {{clock: debtor, per: debt}}
    evidence:
      - {{en: note, zh: 备注}}
    values:
"""
VALUE = """\
      - from: {start}
{until}        last_confirmed: 2026-11-23
        sources:
          - {{source: act, provision: {{en: art. 2, zh: 第2条}}, certainty: V}}
        parameters: {parameters}
"""
SEVEN = (
    "{limit: 7, days: 7, channels: [voice, voicemail], per: [party, debt], counted: {channels: [voice, voicemail], "
    "directions: [outbound], outcomes: [no_answer, voicemail, conversation, dropped, delivered]}}"
)
AFTER_TALK = (
    "{limit: 1, days: 7, channels: [voice], per: [party, debt], counted: {channels: [voice], "
    "directions: [outbound, inbound], outcomes: [conversation]}}"
)
SPACING = (
    "{gap_minutes: 180, channels: [voice], per: [], counted: {channels: [voice], directions: [outbound], "
    "outcomes: [no_answer]}}"
)
CLOSED = '{windows: [{channels: [voice, voicemail, sms, email], closed_from: "%s", closed_until: "08:00"}]}'
NOON = datetime(2026, 4, 8, 16, tzinfo=UTC)  # 12:00 in New York


def rule(topic: str, kind: str, *values: tuple[str, str | None, str], denies: bool = True) -> str:
    """A rule file of one rule."""
    head = RULE.format(topic=topic, kind=kind, denies=str(denies).lower())
    for start, until, parameters in values:
        line = "" if until is None else f"        until: {until}\n"
        head += VALUE.format(start=start, until=line, parameters=parameters)
    return head


def ask(at: datetime = NOON, history: tuple[PastContact, ...] = (), *, debt: str = "D1", **debtor: Any) -> Scenario:
    """A call to a debtor in New York."""
    return Scenario(
        pack="zz",
        debtor=DebtorFacts(**{"timezones": ("America/New_York",), **debtor}),
        attempt=Attempt(at=at, channel="voice", purpose="collection", debt=debt, party="debtor"),
        history=history,
    )


def call(at: datetime, outcome: str = "no_answer", **changes: Any) -> PastContact:
    """An outbound call about D1."""
    fields = {"channel": "voice", "direction": "outbound", "debt": "D1", "party": "debtor", **changes}
    return PastContact(at=at, outcome=outcome, **fields)  # type: ignore[arg-type]


def test_seven_in_seven_per_debt(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, cap=rule("cap", "calendar_cap", ("2020-01-01", None, SEVEN)))
    week = tuple(call(NOON - timedelta(days=day, hours=1)) for day in range(7))

    full = evaluate(ask(history=week), book)
    assert full.rules == ("zz-cap",)
    assert full.next_permitted_at == datetime(2026, 4, 9, 4, tzinfo=UTC)  # midnight in New York, the eighth day
    assert evaluate(ask(history=week[:6]), book).permitted
    assert evaluate(ask(history=(*week[:6], call(NOON - timedelta(days=7)))), book).permitted
    assert evaluate(ask(history=week, debt="D2"), book).permitted
    about_both = tuple(call(contact.at, debt="D2", also_debts=frozenset({"D1"})) for contact in week)
    assert not evaluate(ask(history=about_both), book).permitted
    assert evaluate(ask(history=tuple(call(contact.at, party="spouse") for contact in week)), book).permitted
    (slot,) = budget_slots(ask(history=week), book)
    assert (slot.key, slot.window_days, slot.used) == ("zz-cap:party=debtor/debt=D1:2026-04-08", 7, 7)


def test_seven_on_one_day_open_on_the_eighth(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, cap=rule("cap", "calendar_cap", ("2020-01-01", None, SEVEN)))
    history = tuple(call(NOON - timedelta(days=3, minutes=minute)) for minute in range(9))

    assert evaluate(ask(history=history), book).next_permitted_at == datetime(2026, 4, 12, 4, tzinfo=UTC)


def test_seven_days_across_a_clock_change(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, cap=rule("cap", "calendar_cap", ("2020-01-01", None, SEVEN)))
    monday_late = datetime(2026, 3, 3, 4, 30, tzinfo=UTC)  # Monday 2 March, 23:30 standard time
    history = tuple(call(monday_late) for _ in range(7))

    ruling = evaluate(ask(datetime(2026, 3, 8, 19, tzinfo=UTC), history), book)
    assert ruling.rules == ("zz-cap",)
    assert ruling.next_permitted_at == datetime(2026, 3, 9, 4, tzinfo=UTC)  # midnight, daylight time


def test_cool_off_after_a_conversation_of_either_direction(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, talk=rule("talk", "calendar_cap", ("2020-01-01", None, AFTER_TALK)))
    talk = call(NOON - timedelta(days=6), "conversation", direction="inbound")

    assert evaluate(ask(history=(talk,)), book).rules == ("zz-talk",)
    assert evaluate(ask(NOON + timedelta(days=1), (talk,)), book).permitted
    assert evaluate(ask(history=(call(talk.at, "no_answer"),)), book).permitted


def test_spacing_is_elapsed_time(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, gap=rule("gap", "minimum_spacing", ("2020-01-01", None, SPACING)))
    last = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)  # half an hour before the clocks go forward

    ruling = evaluate(ask(datetime(2026, 3, 8, 9, 29, 59, tzinfo=UTC), (call(last),)), book)
    assert ruling.rules == ("zz-gap",)
    assert ruling.next_permitted_at == datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    assert evaluate(ask(datetime(2026, 3, 8, 9, 30, tzinfo=UTC), (call(last),)), book).permitted


def test_advice_of_a_pack_denies_nothing(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, gap=rule("gap", "minimum_spacing", ("2020-01-01", None, SPACING), denies=False))

    ruling = evaluate(ask(history=(call(NOON),)), book)
    assert ruling.permitted
    assert [reason.rule for reason in ruling.advice] == ["zz-gap"]


def test_law_changes_at_legal_midnight_and_the_search_follows(book_text: str, load_text: Load) -> None:
    # at night everything is closed; from 10 April the pack (on London time) closes no hour before 23:00
    early, late = CLOSED % "09:00", CLOSED % "23:00"
    book = load_text(
        book_text,
        hours=rule("hours", "closed_hours", ("2020-01-01", "2026-04-10", early), ("2026-04-10", None, late)),
    )
    midnight_in_london = datetime(2026, 4, 9, 23, tzinfo=UTC)

    assert not evaluate(ask(midnight_in_london - timedelta(seconds=1)), book).permitted
    assert evaluate(ask(midnight_in_london), book).permitted
    ruling = evaluate(ask(datetime(2026, 4, 9, 14, tzinfo=UTC)), book)
    assert ruling.next_permitted_at == midnight_in_london


def test_gap_in_the_law_is_unknown_and_its_end_is_not(book_text: str, load_text: Load) -> None:
    late = CLOSED % "23:00"
    book = load_text(
        book_text,
        hours=rule("hours", "closed_hours", ("2020-01-01", "2022-01-01", late), ("2023-01-01", "2024-01-01", late)),
    )
    night = (23, 30)

    def at(year: int) -> Scenario:
        return ask(datetime(year, 6, 1, *night, tzinfo=UTC) + timedelta(hours=4))

    assert evaluate(at(2021), book).rules == ("zz-hours",)
    gap = evaluate(at(2022), book)
    assert (gap.decision, gap.rules, gap.reasons[0].facts["why"]) == (
        "cannot_tell",
        ("zz-cannot-tell",),
        "unknown_value",
    )
    assert evaluate(at(2023), book).rules == ("zz-hours",)
    assert evaluate(at(2024), book).permitted  # repealed


def test_search_stops_where_the_law_is_unknown(book_text: str, load_text: Load) -> None:
    always = '{windows: [{channels: [voice, voicemail, sms, email], closed_from: "08:00", closed_until: "24:00"}]}'
    nights = CLOSED % "23:00"
    book = load_text(
        book_text,
        hours=rule("hours", "closed_hours", ("2020-01-01", "2026-04-08", nights), ("2026-04-10", None, nights)),
        day=rule("day", "closed_hours", ("2020-01-01", None, always)),
    )

    ruling = evaluate(ask(NOON - timedelta(days=1)), book)
    assert (ruling.decision, ruling.next_permitted_at) == ("deny", None)


def test_hours_within_one_day(book_text: str, load_text: Load) -> None:
    lunch = '{windows: [{channels: [voice, voicemail, sms, email], closed_from: "12:00", closed_until: "14:00"}]}'
    book = load_text(book_text, hours=rule("hours", "closed_hours", ("2020-01-01", None, lunch)))

    assert evaluate(ask(NOON - timedelta(seconds=1)), book).permitted
    ruling = evaluate(ask(NOON), book)
    assert ruling.next_permitted_at == NOON + timedelta(hours=2)


def test_no_rule_in_force_is_no_permission(book_text: str, load_text: Load) -> None:
    book = load_text(book_text.replace("      - from: 2020-01-01", "      - from: 2026-06-01"))

    ruling = evaluate(ask(), book)
    assert ruling.decision == "cannot_tell"
    assert ruling.reasons[0].facts["why"] == "no_rule_in_force"


def test_pack_that_ends_covers_no_later_day(book_text: str, load_text: Load) -> None:
    text = book_text.replace("covers_from: 2020-01-01", "covers_from: 2020-01-01\n  covers_until: 2026-04-09")
    book = load_text(text, hours=rule("hours", "closed_hours", ("2020-01-01", None, CLOSED % "09:00")))

    assert evaluate(ask(NOON), book).next_permitted_at is None
    assert evaluate(ask(NOON + timedelta(days=1)), book).decision == "cannot_tell"


@pytest.mark.parametrize("leap", ["february_28", "march_1"])
def test_leap_birthday_is_a_parameter(book_text: str, load_text: Load, leap: str) -> None:
    from datetime import date

    age = f"{{years: 18, birthday_included: false, leap_birthday: {leap}, flags: [minor], parties: [debtor]}}"
    book = load_text(book_text, age=rule("age", "age_floor", ("2020-01-01", None, age)))
    born = date(2008, 2, 29)

    on_28 = evaluate(ask(datetime(2026, 2, 28, 17, tzinfo=UTC), birth_date=born), book)
    assert on_28.permitted == (leap == "february_28")
    assert evaluate(ask(datetime(2026, 3, 1, 17, tzinfo=UTC), birth_date=born), book).permitted


def test_engine_names_no_jurisdiction() -> None:
    folder = Path(policy.__file__).parent
    modules = sorted(folder.glob("*.py"))

    assert len(modules) > 10
    for module in modules:
        source = module.read_text(encoding="utf-8")
        for name in ('"cn', "'cn", "cn-", "us-reg", "uk-conc", "in-rbi", "Shanghai", "America/"):
            assert name not in source, f"{module.name} names {name}"
