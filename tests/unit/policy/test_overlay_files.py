"""Overlay files: what is taken, and what is refused with file, line, field, the clause found and the law's value."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from policy.book import Rulebook
from policy.duties import duty, prohibited_statements
from policy.errors import RulebookError
from policy.facts import Terms
from policy.schema import house_rules, load_rulebook, load_rulebook_files

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples" / "overlays"
CONTRACT = (EXAMPLES / "contract.yaml").read_text("utf-8")
C1 = Terms(creditor="C1")
DAY = date(2026, 11, 23)
UNTIED = CONTRACT.replace("    tightens: cn-daily-call-cap\n", "").replace("    tightens: cn-quiet-hours\n", "")
EVERY_ZONE = """    effect: prohibition
    scope: {clock: "debtor, every"""
FULL_MOON = "default_years: 5, longer_while: [complaint_open, suit_open, full_moon]}"
STATEMENTS = """\
statements:
  - id: c1-no-comparison
    covers: {en: comparing the debtor with others, zh: 拿债务人与他人比较}
    signals: [别人都还了]
    labels: [undue-pressure]
    severity: medium
    values:
      - from: 2026-03-01
        last_confirmed: 2026-11-23
        sources:
          - {source: agreement, provision: {en: "clause 9, tone", zh: 第九条（语气）}, certainty: V}
"""

Load = Callable[[str], Rulebook]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """The packaged law under one overlay file of this text."""

    def load_one(text: str) -> Rulebook:
        (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
        return load_rulebook(overlays=[tmp_path])

    return load_one


def refused(load: Load, text: str) -> RulebookError:
    """The error with which the loader refuses this file."""
    with pytest.raises(RulebookError) as caught:
        load(text)
    assert caught.value.file.endswith("/own.yaml")
    return caught.value


def changed(found: str, instead: str, text: str = CONTRACT) -> str:
    """The file with one place changed."""
    assert text.count(found) == 1, found
    return text.replace(found, instead)


def line_of(text: str, shown: str) -> int:
    """The line on which `shown` stands."""
    (number,) = (number for number, line in enumerate(text.splitlines(), start=1) if shown in line)
    return number


def test_the_examples_and_the_house_rules_lie_over_the_law() -> None:
    law, book = load_rulebook(), load_rulebook(overlays=[house_rules(), EXAMPLES])
    assert [overlay.id for overlay in book.overlays] == ["c1-contract", "house-budget", "vip-quiet-sundays"]
    assert book.overlays[0].applies_to() == {"creditor": "C1"}
    assert book.overlays[1].over == frozenset(law.packs)
    assert book.law("cn", C1) is book.law("cn", Terms(creditor="C1", grade="D"))
    composed, plain = book.law("cn", C1), law.pack("cn")
    assert composed is not None
    assert plain is not None
    added = {rule.id: rule.overlay for rule in composed.rules if plain.rule(rule.id) is None}
    assert added == {
        "c1-hours": "c1-contract",
        "c1-two-calls-a-day": "c1-contract",
        "house-contact-budget": "house-budget",
        "house-weekly-contact-budget": "house-budget",
    }
    assert [rule.id for rule in composed.rules] == sorted(rule.id for rule in composed.rules)
    assert composed.topics["c1-hours"] == "contract"
    assert book.law("xx", C1) is None
    assert law.law("cn", C1) is plain


def test_the_document_shows_the_example_as_it_is() -> None:
    assert f"```yaml\n{CONTRACT}```" in (ROOT / "docs" / "rulebook.md").read_text("utf-8")


def test_the_digest_covers_overlays_and_the_texts_give_the_book_again(load: Load) -> None:
    law, book = load_rulebook(), load(CONTRACT)
    assert book.law_digest == law.digest != book.digest
    assert load("# a remark\n" + CONTRACT).digest == book.digest
    assert load(changed("limit: 2", "limit: 1")).digest != book.digest


def test_overlays_are_laid_over_a_book_that_has_some(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "same").mkdir(parents=True)
    (tmp_path / "one" / "same" / "a.yaml").write_text(CONTRACT, "utf-8")
    (tmp_path / "two" / "same" / "a.yaml").write_text((EXAMPLES / "vip.yaml").read_text("utf-8"), "utf-8")
    book = load_rulebook(overlays=[tmp_path / "one" / "same", tmp_path / "two" / "same"])
    assert {name for name in book.files if name.startswith("overlays/")} == {
        "overlays/same/a.yaml",
        "overlays/same+/a.yaml",
    }
    single = load_rulebook(overlays=[tmp_path / "one" / "same" / "a.yaml", tmp_path / "two" / "same"])
    assert single.digest == book.digest


def test_a_book_is_read_again_from_its_texts_with_its_overlays() -> None:
    cn = {name: text for name, text in load_rulebook().files.items() if name.startswith("cn/")}
    book = load_rulebook_files({**cn, "overlays/c1.yaml": CONTRACT})
    again = load_rulebook_files(book.files)
    assert again.digest == book.digest != book.law_digest == again.law_digest
    assert [overlay.id for overlay in again.overlays] == ["c1-contract"]


def test_retention_grows_while_the_contract_holds(load: Load) -> None:
    book = load(CONTRACT)
    kept = {
        (whom.creditor, day.year): duty(book, "cn", "cn-retention", day, whom).parameters["default_years"]
        for whom in (C1, Terms(creditor="C2"))
        for day in (date(2026, 2, 28), DAY, date(2029, 3, 1))
    }
    assert kept == {
        ("C1", 2026): 5, ("C1", 2029): 3, ("C2", 2026): 3, ("C2", 2029): 3,
    }  # fmt: skip
    assert duty(book, "cn", "cn-retention", date(2026, 2, 28), C1).parameters["default_years"] == 3
    found = duty(book, "cn", "cn-retention", DAY, C1)
    assert found.parameters["longer_while"] == ["complaint_open", "suit_open"]
    assert "agreement with C1" in "; ".join(citation.text("en") for citation in found.citations)


def test_further_statements_are_forbidden(load: Load) -> None:
    book = load(CONTRACT + STATEMENTS)
    named = {item.category.id for item in prohibited_statements(book, "cn", DAY, C1)}
    others = {item.category.id for item in prohibited_statements(book, "cn", DAY)}
    assert named - others == {"c1-no-comparison"}
    assert others <= named
    assert "c1-no-comparison" not in {
        item.category.id for item in prohibited_statements(book, "cn", date(2029, 3, 1), C1)
    }


LOOSE = {
    "more calls": ("          limit: 2", "          limit: 4", "`limit` 4", "3 (source paper (at most 3"),
    "fewer media": ("channels: [voice, voicemail]\n          per", "channels: [voice]\n          per",
                    "`channels` [voice]", "[voice, voicemail]"),
    "a counter for each number": ("per: [party]", "per: [party, address]", "`per` [address, party]", "[party]"),
    "fewer outcomes": ("outcomes: [no_answer, ", "outcomes: [", "`counted.outcomes` [", "no_answer"),
    "incoming calls only": ("directions: [outbound]", "directions: [inbound]", "`counted.directions` [inbound]",
                            "[outbound]"),
    "a later evening": ('closed_from: "20:00"', 'closed_from: "22:00"', "`windows[0]` voice closed 22:00-09:00",
                        "voice closed 21:00-08:00"),
    "an earlier morning": ('closed_until: "09:00"', 'closed_until: "07:59"', "`windows[0]` voice closed 20:00-07:59",
                           "voice closed 21:00-08:00"),
    "hours that a consent opens": (
        'closed_until: "09:00"', 'closed_until: "09:00", opened_by: {kind: inconvenient_time, given_to: [creditor]}',
        "`windows[0].opened_by`", "none",
    ),
    "shorter records": ("minimum_years: 5", "minimum_years: 1", "`minimum_years` 1", "2 (Credit Card Measures"),
    "another length": ("default_years: 5}", "default_years: 5, longer_while: [complaint_open]}",
                       "`longer_while` [complaint_open]", "[complaint_open, suit_open]"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOSE)
def test_a_looser_clause_is_named_with_the_value_of_the_law(load: Load, name: str) -> None:
    found, instead, clause, law = LOOSE[name]
    text = changed(found, instead)
    error = refused(load, text)
    assert error.code == "overlay.loosens"
    assert error.found.startswith(clause)
    assert error.expected.startswith("a clause at least as strict as `cn-")
    assert law in error.expected
    shown = instead.strip().splitlines()[0]
    assert error.line == line_of(text, shown) or shown == "channels: [voice]"
    assert error.field.startswith(("rules[", "duties["))
    assert ".values[0].parameters." in error.field


def test_a_longer_period_for_the_same_number_is_stricter_and_a_shorter_one_is_not(load: Load) -> None:
    assert load(changed("          days: 1", "          days: 2")).overlays
    week = changed("tightens: cn-daily-call-cap", "tightens: in-none")
    assert refused(load, week).code == "overlay.unknown_law"


OTHER = {
    "an id of the law": ("  - id: c1-hours", "  - id: cn-quiet-hours", "overlay.law_id", "rules[1].id"),
    "the engine's id": ("  - id: c1-hours", "  - id: cn-cannot-tell", "overlay.law_id", "rules[1].id"),
    "an id twice": ("  - id: c1-hours", "  - id: c1-two-calls-a-day", "rulebook.duplicate_id", "rules[1].id"),
    "an unknown rule": ("tightens: cn-quiet-hours", "tightens: cn-quiet", "overlay.unknown_law", "rules[1].tightens"),
    "an unknown duty": ("tightens: cn-retention", "tightens: cn-quiet-hours", "overlay.unknown_law",
                        "duties[0].tightens"),
    "advice instead of a ban": ("    tightens: cn-quiet-hours", "    denies: false\n    tightens: cn-quiet-hours",
                                "overlay.loosens", "rules[1].denies"),
    "another family": ("    kind: closed_hours", "    kind: quiet_windows", "rulebook.unknown_placeholder",
                       "rules[1].message.en"),
    "an unknown pack": ("over: [cn]", "over: [cn, zz]", "rulebook.bad_value", "overlay.over[1]"),
    "a pack twice": ("over: [cn]", "over: [cn, cn]", "rulebook.bad_value", "overlay.over[1]"),
    "packs as text": ("over: [cn]", "over: cn", "rulebook.wrong_type", "overlay.over"),
    "a tier in a contract": ("{creditor: C1}", "{debtor_tier_from: vip}", "rulebook.unknown_key",
                             "overlay.applies_to.debtor_tier_from"),
    "a name with blanks": ("{creditor: C1}", "{creditor: Clear Wind Bank}", "rulebook.bad_value",
                           "overlay.applies_to.creditor"),
    "for nobody": ("applies_to: {creditor: C1}", "applies_to: {}", "rulebook.bad_value", "overlay.applies_to"),
    "without whom": ("  applies_to: {creditor: C1}\n", "", "rulebook.missing_key", "overlay"),
    "a house rule for one": ("kind: contract\n  over", "kind: house\n  over", "rulebook.unknown_key",
                             "overlay.applies_to"),
    "a grade": ("{creditor: C1}", "{grade: A}", "overlay.grade", "overlay.applies_to.grade"),
    "a grade deep inside": ("{minimum_years: 5,", "{minimum_years: 5, grade: D,", "overlay.grade",
                            "duties[0].values[0].parameters.grade"),
    "a law as source": ("instrument: contract", "instrument: statute", "rulebook.bad_value", "sources[0].instrument"),
    "an exemption": (EVERY_ZONE, EVERY_ZONE.replace("prohibition", "exemption\n    denies: false"), "overlay.loosens",
                     "rules[1].effect"),
    "until before from": ("until: 2029-03-01", "until: 2026-03-01", "rulebook.bad_period", "overlay.until"),
    "a day that does not exist": ("until: 2029-03-01", "until: 2029-02-30", "rulebook.bad_date", "overlay.until"),
    "a duty with other parameters": ("minimum_years: 5", "within_days: 5", "rulebook.unknown_key",
                                     "duties[0].values[0].parameters.within_days"),
    "a duty of its own": ("    tightens: cn-retention\n", "", "rulebook.missing_key", "duties[0]"),
    "a duty without parameters": ("        parameters: {minimum_years: 5, default_years: 5}\n", "",
                                  "rulebook.missing_key", "duties[0].values[0]"),
    "a minimum beyond the default": ("default_years: 5}", "default_years: 4}", "rulebook.bad_value",
                                     "duties[0].values[0].parameters"),
    "a circumstance nobody records": ("default_years: 5}", FULL_MOON, "rulebook.bad_value",
                                      "duties[0].values[0].parameters"),
    "flags taken out": ("topic: contract\n", "topic: contract\nflags_without_effect: {}\n", "rulebook.unknown_key",
                        "flags_without_effect"),
    "stop words taken out": ("topic: contract\n", "topic: contract\nstop_words: []\n", "rulebook.unknown_key",
                             "stop_words"),
    "an exemption section": ("topic: contract\n", "topic: contract\nexemptions: []\n", "rulebook.unknown_key",
                             "exemptions"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_what_an_overlay_may_not_say(load: Load, name: str) -> None:
    found, instead, code, field = OTHER[name]
    error = refused(load, changed(found, instead))
    assert (error.code, error.field) == (code, field)
    assert error.line > 0


def test_values_stay_within_the_days_of_the_overlay_and_do_not_pause(load: Load) -> None:
    cases = {
        "      - from: 2026-02-28": ("rulebook.bad_period", "from"),
        "      - from: 2029-03-01": ("rulebook.bad_period", "from"),
        "      - from: 2026-03-01\n        until: 2029-03-02": ("rulebook.bad_period", "until"),
    }
    for start, (code, key) in cases.items():
        error = refused(load, CONTRACT.replace("      - from: 2026-03-01", start, 1))
        assert (error.code, error.field) == (code, f"rules[0].values[0].{key}")
    head, value = CONTRACT.split("      - from: 2026-03-01\n", 1)
    first, rest = value.split("\n  - id: c1-hours", 1)
    for until, start, code in (("2027-01-01", "2027-02-01", "overlay.gap"), ("2027-01-01", "2027-01-01", "")):
        text = (
            f"{head}      - from: 2026-03-01\n        until: {until}\n{first}"
            f"      - from: {start}\n{first}\n  - id: c1-hours{rest}"
        )
        if code:
            error = refused(load, text)
            assert (error.code, error.field) == (code, "rules[0].values[1].from")
        else:
            periods = load(text).overlays[0].rules[0].values.periods
            assert [period.end for period in periods] == [date(2027, 1, 1), date(2029, 3, 1)]


def test_overlapping_values_are_refused(load: Load) -> None:
    head, value = CONTRACT.split("      - from: 2026-03-01\n", 1)
    first, rest = value.split("\n  - id: c1-hours", 1)
    text = (
        f"{head}      - from: 2026-03-01\n        until: 2027-01-01\n{first}"
        f"      - from: 2026-12-31\n{first}\n  - id: c1-hours{rest}"
    )
    assert refused(load, text).code == "rulebook.overlapping_dates"


def test_a_rule_that_says_less_than_the_law_misleads(load: Load) -> None:
    consent = "opened_by: {kind: inconvenient_time, given_to: [creditor, collector]}"
    later = (
        '{channels: [voice, voicemail], closed_from: "21:30", closed_until: "08:00"}\n'
        f'            - {{channels: [sms, email], closed_from: "22:00", closed_until: "08:00", {consent}}}'
    )
    for found, instead, clause in (
        ("limit: 2", "limit: 4", "`limit` 4"),
        (
            '{channels: [voice, voicemail, sms, email], closed_from: "20:00", closed_until: "09:00"}',
            later,
            "`windows[0]` voice closed 21:30-08:00",
        ),
    ):
        error = refused(load, changed(found, instead, UNTIED))
        assert error.code == "overlay.no_effect"
        assert error.found.startswith(clause)
        assert "more than `cn-" in error.expected
    assert load(UNTIED).overlays  # two calls and earlier evenings do add something
    assert load(changed("limit: 2", "limit: 3", UNTIED)).overlays  # the law's own number misleads nobody
    assert load(changed("          days: 1", "          days: 7", changed("limit: 2", "limit: 4", UNTIED))).overlays


def test_a_rule_says_less_only_where_every_pack_says_more(load: Load) -> None:
    everywhere = changed("over: [cn]", "over: all", changed("limit: 2", "limit: 4", UNTIED))
    assert load(everywhere).overlays


def test_a_tightening_must_meet_the_rule_it_names(load: Load) -> None:
    """A rule of the law that ended before the contract began is tightened by nobody."""
    law = load_rulebook_files(
        {
            name: text.replace("      - from: 2026-01-30\n        last_confirmed: 2026-11-23\n        sources:\n"
                               "          - {source: paper, provision: {en: \"no outbound",
                               "      - from: 2030-01-30\n        last_confirmed: 2026-11-23\n        sources:\n"
                               "          - {source: paper, provision: {en: \"no outbound")
            for name, text in load_rulebook().files.items()
            if name.startswith("cn/")
        }
    )  # fmt: skip
    hours = law.packs["cn"].rule("cn-quiet-hours")
    assert hours is not None
    assert hours.values.periods[1].start == date(2030, 1, 30)
    from policy.overlays.schema import OverlayText, lay_over

    with pytest.raises(RulebookError) as caught:
        lay_over(law, [OverlayText(key="overlays/own.yaml", file="own.yaml", text=CONTRACT)])
    assert (caught.value.code, caught.value.field) == ("overlay.no_effect", "rules[1].tightens")


@pytest.mark.parametrize("kind", ["folder", "file", "empty"])
def test_a_place_without_overlays_is_refused(tmp_path: Path, kind: str) -> None:
    place = {"folder": tmp_path / "none", "file": tmp_path / "none.yaml", "empty": tmp_path}[kind]
    with pytest.raises(RulebookError) as caught:
        load_rulebook(overlays=[place])
    assert (caught.value.code, caught.value.file) == ("overlay.empty", str(place))


def test_a_file_without_rules_says_nothing(load: Load) -> None:
    assert refused(load, CONTRACT.split("rules:", 1)[0]).code == "rulebook.missing_key"


def test_the_same_overlay_twice_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        text = CONTRACT if name == "a" else CONTRACT.replace("- id: c1-", "- id: c2-")
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.raises(RulebookError) as caught:
        load_rulebook(overlays=[tmp_path])
    assert (caught.value.code, caught.value.field) == ("rulebook.duplicate_id", "overlay.id")


def test_a_tier_overlay_knows_the_tiers_only(load: Load) -> None:
    text = (EXAMPLES / "vip.yaml").read_text("utf-8")
    error = refused(load, changed("debtor_tier_from: vip", "debtor_tier_from: gold", text))
    assert (error.code, error.field) == ("rulebook.bad_value", "overlay.applies_to.debtor_tier_from")
    assert "plus, standard, vip" in error.expected
    both = changed("{debtor_tier_from: vip}", "{debtor_tier_from: vip, creditor_tier_from: basic}", text)
    assert refused(load, both).field == "overlay.applies_to"
