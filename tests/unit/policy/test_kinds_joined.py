"""One rule id for several prohibitions (`any_of`), and rules that speak only where the debtor resides (`regions`)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from policy.book import Rulebook
from policy.errors import RulebookError
from policy.evaluate import budget_slots, evaluate
from policy.facts import Attempt, DebtorFacts, PastContact, Preferences, Scenario, WeeklyWindow

Load = Callable[..., Rulebook]
NOON = datetime(2026, 4, 8, 11, tzinfo=UTC)  # 12:00 in London
LUNCH = WeeklyWindow(days=frozenset({2}), start_secs=43_200, end_secs=50_400)

JOINED = """\
topic: joined
rules:
  - id: zz-joined
    kind: any_of
    title: {en: Requests and numbers, zh: 要求与次数}
    message: {en: "Not now: {said_en}.", zh: "不可：{said_zh}。"}
    effect: prohibition
    scope: {clock: debtor, per: person}
    evidence:
      - {en: note, zh: 备注}
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {source: act, provision: {en: art. 2, zh: 第2条}, certainty: V}
        parameters:
          any_of:
            - kind: quiet_windows
              says: {en: "asked to keep {windows} free", zh: "要求空出 {windows}"}
              parameters: {channels: [voice, voicemail, sms, email]}
            - kind: refusals
              says: {en: "{channel} was refused", zh: "拒绝 {channel}"}
              parameters: {flag_channels: {revoked_sms_consent: [sms]}}
            - kind: calendar_cap
              says: {en: "{used} of {limit} attempts", zh: "已 {used} 次"}
              parameters:
                limit: 2
                days: 1
                channels: [voice]
                per: [party]
                counted: {channels: [voice], directions: [outbound], outcomes: [no_answer, conversation]}
            - kind: calendar_cap
              says: {en: "{used} conversation(s)", zh: "通话 {used} 次"}
              parameters:
                limit: 1
                days: 2
                channels: [voice]
                per: [party]
                counted: {channels: [voice], directions: [outbound], outcomes: [conversation]}
"""


def ask(
    at: datetime = NOON,
    *outcomes: str,
    windows: tuple[WeeklyWindow, ...] = (),
    refused: frozenset[str] = frozenset(),
    zone: str = "Europe/London",
    region: str | None = None,
) -> Scenario:
    """A call; earlier calls of today with these outcomes, a minute apart."""
    history = tuple(
        PastContact(
            at=at - timedelta(minutes=place),
            channel="voice",
            direction="outbound",
            outcome=outcome,  # type: ignore[arg-type]
            debt="D1",
            party="debtor",
        )
        for place, outcome in enumerate(outcomes, start=1)
    )
    debtor = DebtorFacts(
        timezones=(zone,),
        region=region,
        preferences=Preferences(no_contact_windows=windows, no_channels=refused),
    )
    attempt = Attempt(at=at, channel="voice", purpose="collection", debt="D1", party="debtor")
    return Scenario(pack="zz", debtor=debtor, attempt=attempt, history=history)


def test_each_part_denies_and_the_message_tells_which(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, joined=JOINED)

    assert evaluate(ask(), book).permitted
    assert evaluate(ask(NOON, "no_answer"), book).permitted
    quiet = evaluate(ask(windows=(LUNCH,)), book)
    assert quiet.rules == ("zz-joined",)
    assert quiet.reasons[0].message("en") == "Not now: asked to keep wed 12:00-14:00 free."
    assert quiet.next_permitted_at == NOON + timedelta(hours=2)
    both = evaluate(ask(NOON, "no_answer", "conversation", windows=(LUNCH,)), book)
    (reason,) = both.reasons
    assert reason.message("en") == "Not now: asked to keep wed 12:00-14:00 free; 2 of 2 attempts; 1 conversation(s)."
    assert reason.message("zh") == "不可：要求空出 wed 12:00-14:00；已 2 次；通话 1 次。"
    assert [part["kind"] for part in reason.facts["any_of"]] == ["quiet_windows", "calendar_cap", "calendar_cap"]
    assert [part.get("limit") for part in reason.parameters["any_of"]] == [None, 2, 1]


def test_the_last_part_to_end_opens(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, joined=JOINED)

    talked = evaluate(ask(NOON, "no_answer", "conversation", windows=(LUNCH,)), book)
    assert talked.next_permitted_at == datetime(2026, 4, 9, 23, tzinfo=UTC)  # midnight in London, two days on
    refused = evaluate(ask(NOON, "no_answer", "no_answer", refused=frozenset({"voice"})), book)
    assert refused.next_permitted_at is None


def test_a_part_that_begins_later_is_foreseen(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, joined=JOINED)
    late = WeeklyWindow(days=frozenset(range(7)), start_secs=0, end_secs=43_200)

    ruling = evaluate(ask(NOON, "no_answer", "no_answer", windows=(late,)), book)
    assert ruling.next_permitted_at == NOON + timedelta(days=1)


def test_every_part_has_its_own_counter(book_text: str, load_text: Load) -> None:
    slots = budget_slots(ask(NOON, "conversation"), load_text(book_text, joined=JOINED))

    assert [(slot.rule, slot.limit, slot.window_days, slot.used) for slot in slots] == [
        ("zz-joined", 2, 1, 1),
        ("zz-joined", 1, 2, 1),
    ]
    assert len({slot.key for slot in slots}) == 2
    assert all(slot.key == f"{slot.rule}:{slot.subject}:{slot.bucket}" for slot in slots)


def test_unknown_clock_silences_only_the_parts_that_need_one(book_text: str, load_text: Load) -> None:
    book = load_text(book_text, joined=JOINED)

    ruling = evaluate(ask(windows=(LUNCH,), refused=frozenset({"voice"}), zone="Mars/Olympus"), book)
    assert ruling.rules == ("zz-cannot-tell", "zz-joined")
    (reason,) = (reason for reason in ruling.reasons if reason.rule == "zz-joined")
    assert reason.message("en") == "Not now: voice was refused."
    assert evaluate(ask(windows=(LUNCH,), zone="Mars/Olympus"), book).rules == ("zz-cannot-tell",)


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ("kind: quiet_windows", "kind: any_of", "rulebook.bad_value", "any_of[0].kind"),
        ("{channel} was refused", "{limit} was refused", "rulebook.unknown_placeholder", "any_of[1].says.en"),
        (
            '              says: {en: "{channel} was refused", zh: "拒绝 {channel}"}\n',
            "",
            "rulebook.missing_key",
            "any_of[1]",
        ),
        ("{said_en}", "{channel}", "rulebook.unknown_placeholder", None),
    ],
)
def test_broken_join_is_refused_with_place(
    book_text: str, load_text: Load, old: str, new: str, code: str, field: str | None
) -> None:
    assert old in JOINED
    with pytest.raises(RulebookError) as caught:
        load_text(book_text, joined=JOINED.replace(old, new, 1))

    place = "rules[0].message.en" if field is None else f"rules[0].values[0].parameters.{field}"
    assert (caught.value.code, caught.value.field) == (code, place)


def test_one_part_is_no_join(book_text: str, load_text: Load) -> None:
    head, rest = JOINED.split("            - kind: refusals\n")
    assert rest
    with pytest.raises(RulebookError, match="at least 2"):
        load_text(book_text, joined=head)


def test_rule_of_a_region_speaks_only_there(book_text: str, load_text: Load) -> None:
    text = JOINED.replace("    effect: prohibition\n", "    effect: prohibition\n    regions: [ZZ-AB, ZZ-CD]\n")
    book = load_text(book_text, joined=text)

    (rule,) = (rule for rule in book.packs["zz"].rules if rule.id == "zz-joined")
    assert rule.regions == {"ZZ-AB", "ZZ-CD"}
    assert evaluate(ask(windows=(LUNCH,), region="ZZ-CD"), book).rules == ("zz-joined",)
    assert evaluate(ask(windows=(LUNCH,), region="ZZ-EF"), book).permitted
    assert evaluate(ask(windows=(LUNCH,)), book).permitted
    assert budget_slots(ask(region="ZZ-EF"), book) == ()
    assert len(budget_slots(ask(region="ZZ-AB"), book)) == 2
    ruling = evaluate(ask(windows=(LUNCH,), region="ZZ-AB"), book)
    assert ruling.next_permitted_at == NOON + timedelta(hours=2)


@pytest.mark.parametrize("regions", ["[]", "[zz-ab]", "[ZZ-AB, ZZ-AB]", "ZZ-AB"])
def test_regions_are_a_list_of_different_codes(book_text: str, load_text: Load, regions: str) -> None:
    text = JOINED.replace("    effect: prohibition\n", f"    effect: prohibition\n    regions: {regions}\n")
    with pytest.raises(RulebookError) as caught:
        load_text(book_text, joined=text)

    assert caught.value.field.startswith("rules[0].regions")
