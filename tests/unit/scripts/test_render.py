"""Slots: typed, spoken in both languages, refused when missing or of the wrong kind, the value never repeated."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.errors import RenderError
from scripts.render import MAX_TEXT_CHARS, Facts, render, resolve_facts, value_text
from scripts.script import Library, Line, Slot, SlotKind
from scripts.spoken import CURRENCIES, money_spoken, number_en, number_zh, ordinal_en
from tests.unit.scripts.conftest import FACTS

TODAY = Facts(today=date(2026, 6, 10))


def slot(kind: SlotKind) -> Slot:
    return Slot(name="thing", kind=kind, reveals_debt=False, aliases=(), examples={}, defaults={})


SPOKEN = [
    (SlotKind.MONEY, 2000, "zh", "两千元"),
    (SlotKind.MONEY, "2,000.00", "zh", "两千元"),
    (SlotKind.MONEY, 2, "zh", "两元"),
    (SlotKind.MONEY, 0, "zh", "零元"),
    (SlotKind.MONEY, "1250.50", "zh", "一千二百五十元五角"),
    (SlotKind.MONEY, Decimal("0.05"), "zh", "五分"),
    (SlotKind.MONEY, "3.08", "zh", "三元零八分"),
    (SlotKind.MONEY, 10050, "zh", "一万零五十元"),
    (SlotKind.MONEY, 100_000_001, "zh", "一亿零一元"),
    (SlotKind.MONEY, {"amount": "200", "currency": "USD"}, "zh", "二百美元"),
    (SlotKind.MONEY, {"amount": 12.34, "currency": "USD"}, "zh", "十二点三四美元"),
    (SlotKind.MONEY, 200, "en", "two hundred dollars"),
    (SlotKind.MONEY, 1, "en", "one dollar"),
    (SlotKind.MONEY, "1250.50", "en", "one thousand two hundred fifty dollars and fifty cents"),
    (SlotKind.MONEY, 0.01, "en", "one cent"),
    (SlotKind.MONEY, {"amount": 5, "currency": "INR"}, "en", "five rupees"),
    (SlotKind.DATE, "2026-06-05", "zh", "六月五号"),
    (SlotKind.DATE, date(2025, 12, 31), "zh", "二零二五年十二月三十一号"),
    (SlotKind.DATE, "2026-06-21", "en", "June twenty-first"),
    (SlotKind.DATE, "2027-01-30", "en", "January thirtieth, twenty twenty-seven"),
    (SlotKind.DATE, "1999-03-12", "en", "March twelfth, nineteen ninety-nine"),
    (SlotKind.DATE, "1905-03-03", "en", "March third, nineteen oh five"),
    (SlotKind.DATE, "2008-03-08", "en", "March eighth, two thousand eight"),
    (SlotKind.DATE, "1900-03-09", "en", "March ninth, nineteen hundred"),
    (SlotKind.TIME, "2026-06-11T15:30", "zh", "六月十一号下午三点半"),
    (SlotKind.TIME, "2026-06-11T12:05:00+08:00", "zh", "六月十一号中午十二点零五分"),
    (SlotKind.TIME, datetime(2026, 6, 11, 14), "zh", "六月十一号下午两点"),  # noqa: DTZ001 - a wall time, spoken as given
    (SlotKind.TIME, "2026-06-11T09:00", "zh", "六月十一号上午九点"),
    (SlotKind.TIME, "2026-06-11T15:00", "en", "on June eleventh at three in the afternoon"),
    (SlotKind.TIME, "2026-06-11T09:05", "en", "on June eleventh at nine oh five in the morning"),
    (SlotKind.TIME, "2026-06-11T19:45", "en", "on June eleventh at seven forty-five in the evening"),
    (SlotKind.COUNT, 2, "zh", "两"),
    (SlotKind.COUNT, "12", "zh", "十二"),
    (SlotKind.COUNT, 6, "en", "six"),
    (SlotKind.DIGITS, "+1 (202) 555-0100", "en", "one two zero two five five five zero one zero zero"),
    (SlotKind.DIGITS, 95001, "zh", "九五零零幺"),
    (SlotKind.TEXT, " 恒信银行 ", "zh", "恒信银行"),
]


@pytest.mark.parametrize(("kind", "raw", "lang", "expected"), SPOKEN)
def test_values_are_said_in_words(kind: SlotKind, raw: object, lang: str, expected: str) -> None:
    assert value_text(slot(kind), raw, lang, TODAY, spoken=True) == expected


WRITTEN = [
    (SlotKind.MONEY, "1250.50", "zh", "1,250.50 CNY"),
    (SlotKind.DATE, "2026-06-05", "zh", "2026年6月5日"),
    (SlotKind.DATE, "2026-06-05", "en", "June 5, 2026"),
    (SlotKind.TIME, "2026-06-11T15:00", "zh", "2026-06-11 15:00"),
    (SlotKind.COUNT, 6, "en", "6"),
    (SlotKind.DIGITS, "9500 1234", "zh", "95001234"),
]


@pytest.mark.parametrize(("kind", "raw", "lang", "expected"), WRITTEN)
def test_messages_carry_figures(kind: SlotKind, raw: object, lang: str, expected: str) -> None:
    assert value_text(slot(kind), raw, lang, TODAY, spoken=False) == expected


WRONG = [
    (SlotKind.MONEY, "two thousand"), (SlotKind.MONEY, -1), (SlotKind.MONEY, "1.234"), (SlotKind.MONEY, True),
    (SlotKind.MONEY, float("nan")), (SlotKind.MONEY, "Infinity"), (SlotKind.MONEY, 10**12), (SlotKind.MONEY, [2000]),
    (SlotKind.MONEY, {"amount": 5, "currency": "XXX"}), (SlotKind.MONEY, {"currency": "CNY"}),
    (SlotKind.DATE, "5 June"), (SlotKind.DATE, 20260605), (SlotKind.DATE, "2026-02-30"),
    (SlotKind.TIME, "2026-06-11"), (SlotKind.TIME, "tomorrow T"), (SlotKind.TIME, 5),
    (SlotKind.COUNT, 0), (SlotKind.COUNT, 2.5), (SlotKind.COUNT, "六"), (SlotKind.COUNT, False), (SlotKind.COUNT, 1000),
    (SlotKind.DIGITS, "call me"), (SlotKind.DIGITS, "12"), (SlotKind.DIGITS, "1" * 21),
    (SlotKind.TEXT, "   "), (SlotKind.TEXT, 7), (SlotKind.TEXT, "x" * (MAX_TEXT_CHARS + 1)), (SlotKind.TEXT, "a{b}"),
    (SlotKind.TEXT, "张伟。再不还款就上门！"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "raw"), WRONG)
def test_a_badly_typed_fact_is_refused_without_repeating_it(kind: SlotKind, raw: object) -> None:
    with pytest.raises(RenderError) as caught:
        value_text(slot(kind), raw, "zh", TODAY, spoken=True)
    assert caught.value.code == "render.wrong_type"
    assert caught.value.field == "facts.thing"
    if len(str(raw)) > 4:
        assert str(raw) not in str(caught.value)


@pytest.mark.parametrize("facts", [{"currency": "DOGE"}, {"today": "soon"}])
def test_currency_and_today_are_checked_too(library: Library, facts: dict[str, object]) -> None:
    with pytest.raises(RenderError) as caught:
        resolve_facts(facts, library.slots)
    assert caught.value.code == "render.wrong_type"


def test_a_missing_fact_is_refused_by_name(library: Library) -> None:
    line = next(
        line for line in library.lines.values() if line.step == "purpose" and line.id == "calm" and line.lang == "zh"
    )
    facts = {name: value for name, value in FACTS["zh"].items() if name != "amount"}
    with pytest.raises(RenderError) as caught:
        render(line, library.slots, resolve_facts(facts, library.slots))
    assert (caught.value.code, caught.value.field) == ("render.missing_slot", "amount")


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_fact_is_a_missing_fact(library: Library, empty: object) -> None:
    assert "amount" not in resolve_facts({"amount": empty}, library.slots).values


def test_aliases_fill_a_slot_and_its_own_name_wins(library: Library) -> None:
    assert resolve_facts({"agency": "甲公司"}, library.slots).values == {"institution": "甲公司"}
    assert resolve_facts({"agency": "甲公司", "institution": "乙公司"}, library.slots).values == {
        "institution": "乙公司"
    }


def test_the_currency_of_the_facts_is_spoken(library: Library) -> None:
    line = next(
        line for line in library.lines.values() if line.step == "purpose" and line.id == "calm" and line.lang == "en"
    )
    text = render(line, library.slots, resolve_facts({**FACTS["en"], "currency": "GBP"}, library.slots))
    assert "two hundred pounds" in text


def test_sentences_begin_with_a_capital_letter(library: Library) -> None:
    line = next(
        line for line in library.lines.values() if line.step == "plan" and line.id == "angry" and line.lang == "en"
    )
    facts = resolve_facts({"instalments": 6, "instalment_amount": 35}, library.slots)
    assert render(line, library.slots, facts).startswith("Six parts of thirty-five dollars each")


def test_every_line_of_the_library_can_be_filled(library: Library) -> None:
    for line in library.lines.values():
        facts = resolve_facts({s.name: s.examples[line.lang] for s in library.slots.values()}, library.slots)
        for spoken in (True, False):
            text = render(line, library.slots, facts, spoken=spoken)
            assert "{" not in text
            assert "}" not in text


@given(amount=st.decimals(min_value=0, max_value=10**11, places=2), currency=st.sampled_from(CURRENCIES))
def test_spoken_money_holds_no_figures(amount: Decimal, currency: str) -> None:
    for lang in ("zh", "en"):
        words = money_spoken(amount, currency, lang)
        assert words
        assert not any(character.isascii() and character.isdigit() for character in words)


@given(st.integers(min_value=0, max_value=10**12 - 1), st.integers(min_value=0, max_value=10**12 - 1))
def test_two_numbers_never_sound_the_same(one: int, other: int) -> None:
    assert (number_zh(one) == number_zh(other)) == (one == other)
    assert (number_en(one) == number_en(other)) == (one == other)


@pytest.mark.parametrize(
    ("value", "expected"), [(1, "first"), (12, "twelfth"), (20, "twentieth"), (23, "twenty-third")]
)
def test_ordinals(value: int, expected: str) -> None:
    assert ordinal_en(value) == expected


def test_a_negative_number_has_no_words() -> None:
    line = Line(id="x", lang="en", script="s", step="t", text="x", moods=(), gives=())
    assert line.slots == ()
    with pytest.raises(ValueError, match="from zero on"):
        number_en(-1 - 10**3)
