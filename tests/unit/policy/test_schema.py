"""A rulebook that is not entirely understood is refused, and the refusal says where."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy.book import Rulebook
from policy.errors import RulebookError
from policy.schema import load_rulebook

Load = Callable[..., Rulebook]

# (old text, new text, code, field): the line is that of the first changed line that the message must name
BROKEN = [
    (
        "    effect: prohibition",
        "    effect: prohibition\n    effect: duty",
        "rulebook.duplicate_key",
        "rules[0].effect",
    ),
    ("    effect: prohibition", "    effect: prohibition\n    efect: duty", "rulebook.unknown_key", "rules[0].efect"),
    ("    effect: prohibition\n", "", "rulebook.missing_key", "rules[0]"),
    ("    effect: prohibition", "    effect: custom", "rulebook.bad_value", "rules[0].effect"),
    ("    effect: prohibition", "    effect: 3", "rulebook.bad_value", "rules[0].effect"),
    ("    kind: flag_hold", "    kind: flag_hodl", "rulebook.bad_value", "rules[0].kind"),
    ("    kind: flag_hold", "    kind: flag_hold\n    denies: yes", "rulebook.wrong_type", "rules[0].denies"),
    ("    kind: flag_hold", "    kind: flag_hold\n    denies: 1", "rulebook.wrong_type", "rules[0].denies"),
    ("- id: zz-hold", "- id: ZZ_hold", "rulebook.bad_value", "rules[0].id"),
    ("Held by {flags}.", "Held by {zone}.", "rulebook.unknown_placeholder", "rules[0].message.en"),
    ("Held by {flags}.", "Held by {flags.", "rulebook.unknown_placeholder", "rules[0].message.en"),
    ("{en: Hold, zh: 暂停}", "{en: Hold}", "rulebook.missing_key", "rules[0].title"),
    ("{en: Hold, zh: 暂停}", "{en: Hold, zh: ' '}", "rulebook.bad_value", "rules[0].title.zh"),
    ("{en: Hold, zh: 暂停}", "Hold", "rulebook.wrong_type", "rules[0].title"),
    ("      - from: 2020-01-01", "      - from: 2020-02-30", "rulebook.bad_date", "rules[0].values[0].from"),
    ("      - from: 2020-01-01", '      - from: "2020-01-01"', "rulebook.wrong_type", "rules[0].values[0].from"),
    ("      - from: 2020-01-01", "      - from: 2019-12-31", "rulebook.bad_period", "rules[0].values[0].from"),
    (
        "      - from: 2020-01-01",
        "      - from: 2020-01-01\n        until: 2020-01-01",
        "rulebook.bad_period",
        "rules[0].values[0].until",
    ),
    ("        last_confirmed: 2026-11-23\n", "", "rulebook.missing_key", "rules[0].values[0]"),
    (
        "        sources:\n          - {source: act, provision: {en: art. 1, zh: 第1条}, certainty: V}\n",
        "        sources: []\n",
        "rulebook.missing_source",
        "rules[0].values[0].sources",
    ),
    (
        "        sources:\n          - {source: act, provision: {en: art. 1, zh: 第1条}, certainty: V}\n",
        "",
        "rulebook.missing_key",
        "rules[0].values[0]",
    ),
    ("{source: act,", "{source: bill,", "rulebook.unknown_source", "rules[0].values[0].sources[0].source"),
    ("certainty: V", "certainty: W", "rulebook.bad_value", "rules[0].values[0].sources[0].certainty"),
    ("2019-05-01", "2020-05-01", "rulebook.source_not_in_force", "rules[0].values[0].sources[0].source"),
    ("https://example.org/act", "example.org", "rulebook.bad_value", "sources[0].link"),
    ("instrument: statute", "instrument: rumour", "rulebook.bad_value", "sources[0].instrument"),
    ("flags: [hospitalised]", "flags: []", "rulebook.bad_value", "rules[0].values[0].parameters.flags"),
    ("flags: [hospitalised]", "flags: [ill]", "rulebook.bad_value", "rules[0].values[0].parameters.flags[0]"),
    (
        "flags: [hospitalised]",
        "flags: [hospitalised, hospitalised]",
        "rulebook.bad_value",
        "rules[0].values[0].parameters.flags[1]",
    ),
    ("parties: [debtor]", "parties: debtor", "rulebook.wrong_type", "rules[0].values[0].parameters.parties"),
    ("parties: [debtor]", "limit: 3", "rulebook.unknown_key", "rules[0].values[0].parameters.limit"),
    ("legal_timezone: Europe/London", "legal_timezone: Europe/Atlantis", "rulebook.bad_value", "pack.legal_timezone"),
    ("jurisdiction: ZZ", "jurisdiction: Z", "rulebook.bad_value", "pack.jurisdiction"),
    ("covers_from: 2020-01-01", "covers_from: 2020", "rulebook.wrong_type", "pack.covers_from"),
    (
        "covers_from: 2020-01-01",
        "covers_from: 2020-01-01\n  covers_until: 2019-01-01",
        "rulebook.bad_period",
        "pack.covers_until",
    ),
    ("  represented: {en: no rule, zh: 无规则}\n", "", "rulebook.flag_not_considered", "pack"),
    ("  represented: {", "  repressed: {", "rulebook.bad_value", "flags_without_effect.repressed"),
    ("topic: main", "topic: main\ntopics: x", "rulebook.unknown_key", "topics"),
    ("topic: main\n", "", "rulebook.missing_key", ""),
    ("topic: main", "topic: Main Topic", "rulebook.bad_value", "topic"),
    ("topic: main", "topic: !!python/object:os.system main", "rulebook.wrong_type", "topic"),
    ("topic: main", "1: main", "rulebook.wrong_type", ""),
    ("title: {en: Hold", "title: &a {en: Hold", None, ""),
    ("[debtor]", "[debtor", "rulebook.not_yaml", ""),
    ("rules:\n", "rules: []\nduties:\n", "rulebook.bad_value", "rules"),
]


@pytest.mark.parametrize(("old", "new", "code", "field"), BROKEN)
def test_broken_file_is_refused_with_place(
    book_text: str, load_text: Load, old: str, new: str, code: str | None, field: str
) -> None:
    assert old in book_text
    text = book_text.replace(old, new, 1)
    if code is None:
        assert load_text(text).pack("zz") is not None
        return

    with pytest.raises(RulebookError) as caught:
        load_text(text)

    error = caught.value
    assert (error.code, error.field) == (code, field)
    assert error.file == "zz/main.yaml"
    assert 1 <= error.line <= text.count("\n") + 1
    assert error.found
    assert error.expected
    assert f"zz/main.yaml:{error.line}" in str(error)


STATEMENT = """
statements:
  - id: zz-pressure
    covers: {en: pressing on, zh: 继续施压}
    signals: []
    labels: [undue-pressure]
    only_once_known: KNOWN
    severity: critical
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {source: act, provision: {en: art. 2, zh: 第2条}, certainty: V}
"""


def test_a_statement_can_need_that_something_is_known(book_text: str, load_text: Load) -> None:
    (found,) = load_text(book_text + STATEMENT.replace("KNOWN", "[lacks_capacity, self-harm]")).packs["zz"].statements
    assert found.only_once_known == ("lacks_capacity", "self-harm")
    (always,) = load_text(book_text + STATEMENT.replace("    only_once_known: KNOWN\n", "")).packs["zz"].statements
    assert always.only_once_known == ()


@pytest.mark.parametrize("known", ["[]", "minor", "[minor, minor]", "[Lacks_Capacity]", "[3]"])
def test_what_must_be_known_is_a_list_of_words(book_text: str, load_text: Load, known: str) -> None:
    with pytest.raises(RulebookError) as caught:
        load_text(book_text + STATEMENT.replace("KNOWN", known))
    assert "statements[0].only_once_known" in str(caught.value)


def test_line_is_the_line_of_the_fault(book_text: str, load_text: Load) -> None:
    text = book_text.replace("certainty: V", "certainty: W")
    line = next(number for number, content in enumerate(text.splitlines(), start=1) if "certainty: W" in content)

    with pytest.raises(RulebookError) as caught:
        load_text(text)

    assert caught.value.line == line
    assert caught.value.found == "`W`"
    assert caught.value.expected == "one of M, P, S, V, paper"


@pytest.mark.parametrize(
    ("first_end", "second_start"), [("", "2021-01-01"), ("        until: 2021-01-02\n", "2021-01-01")]
)
def test_overlapping_dates_are_refused(book_text: str, load_text: Load, first_end: str, second_start: str) -> None:
    head, value = book_text.split("      - from: 2020-01-01\n")
    text = f"{head}      - from: 2020-01-01\n{first_end}{value}      - from: {second_start}\n{value}"

    with pytest.raises(RulebookError) as caught:
        load_text(text)

    assert (caught.value.code, caught.value.field) == ("rulebook.overlapping_dates", "rules[0].values[1].from")


def test_same_rule_id_twice_is_refused(book_text: str, load_text: Load) -> None:
    rule = book_text.split("rules:\n")[1]

    with pytest.raises(RulebookError) as caught:
        load_text(book_text, other=f"topic: other\nrules:\n{rule}")

    assert (caught.value.code, caught.value.file) == ("rulebook.duplicate_id", "zz/other.yaml")


def test_alias_is_refused(book_text: str, load_text: Load) -> None:
    text = book_text.replace("title: {en: Hold, zh: 暂停}", "title: &a {en: Hold, zh: 暂停}").replace(
        "    scope: {clock: none, per: person}", "    scope: *a"
    )

    with pytest.raises(RulebookError) as caught:
        load_text(text)

    assert caught.value.code == "rulebook.not_yaml"


HOURS = """\
topic: hours
rules:
  - id: zz-hours
    kind: closed_hours
    title: {en: Night, zh: 夜间}
    message: {en: "Closed {closed_from}.", zh: "{closed_from} 起不得联系。"}
    effect: prohibition
    scope: {clock: debtor, per: contact}
    evidence:
      - {en: note, zh: 备注}
    values:
      - from: 2020-01-01
        last_confirmed: 2026-11-23
        sources:
          - {source: act, provision: {en: art. 2, zh: 第2条}, certainty: V}
        parameters:
          windows:
            - {channels: [voice, voicemail, sms, email], closed_from: "21:00", closed_until: "08:00"}
"""


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"21:00"', "21:00", "rulebook.wrong_type"),  # YAML 1.1 reads an unquoted clock as a number to base 60
        ('"21:00"', '"25:00"', "rulebook.bad_value"),
        ('"21:00"', '"9:00"', "rulebook.bad_value"),
        ('"21:00"', '"08:00"', "rulebook.bad_value"),
        ("voice, voicemail, sms, email", "voice, sms, email", "rulebook.bad_value"),
        ("voice, voicemail, sms, email", "voice, voicemail, sms, letter", "rulebook.bad_value"),
    ],
)
def test_hours_that_leave_something_open_are_refused(
    book_text: str, load_text: Load, old: str, new: str, code: str
) -> None:
    assert load_text(book_text, hours=HOURS).pack("zz") is not None

    with pytest.raises(RulebookError) as caught:
        load_text(book_text, hours=HOURS.replace(old, new))

    assert (caught.value.code, caught.value.file) == (code, "zz/hours.yaml")


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"- a\n", b"a: b\n---\nc: d\n", b"\xff\xfe", b"a: \x07\n"])
def test_files_that_are_no_rulebook(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "zz").mkdir()
    (tmp_path / "zz" / "main.yaml").write_bytes(content)

    with pytest.raises(RulebookError) as caught:
        load_rulebook(tmp_path)

    assert caught.value.file == "zz/main.yaml"


@pytest.mark.parametrize("make", [True, False])
def test_folder_without_pack_is_refused(tmp_path: Path, make: bool) -> None:
    root = tmp_path / "empty"
    if make:
        (root / "zz").mkdir(parents=True)

    with pytest.raises(RulebookError) as caught:
        load_rulebook(root)

    assert caught.value.code == "rulebook.empty"


def test_two_packs_of_one_id_are_refused(tmp_path: Path, book_text: str) -> None:
    for folder in ("aa", "zz"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "main.yaml").write_text(book_text, encoding="utf-8")

    with pytest.raises(RulebookError, match="each pack id once"):
        load_rulebook(tmp_path)


def test_pack_section_is_needed_once(book_text: str, load_text: Load) -> None:
    head = "topic: more\npack: {id: yy, name: {en: a, zh: b}, jurisdiction: YY, "
    with pytest.raises(RulebookError, match="exactly one file"):
        load_text(book_text, more=head + "legal_timezone: Europe/London, covers_from: 2020-01-01}\n")


def test_digest_ignores_comments_and_order_but_not_content(book_text: str, load_text: Load) -> None:
    plain = load_text(book_text).digest
    reordered = book_text.replace(
        "    effect: prohibition\n    scope: {clock: none, per: person}\n",
        "    # a comment\n    scope: {per: person, clock: none}\n    effect: prohibition\n",
    )
    assert reordered != book_text

    assert load_text(reordered).digest == plain
    assert load_text(book_text.replace("certainty: V", "certainty: M")).digest != plain
    assert plain.startswith("sha256:")
    assert len(plain) == len("sha256:") + 64


def test_moving_a_rule_to_another_file_keeps_the_digest(book_text: str, load_text: Load, tmp_path: Path) -> None:
    whole = load_text(book_text, hours=HOURS).digest
    head, rule = book_text.split("rules:\n")
    (tmp_path / "book" / "zz" / "hours.yaml").unlink()

    split = load_text(head, hold=f"topic: hold\nrules:\n{rule}", night=HOURS.replace("topic: hours", "topic: night"))

    assert split.digest == whole


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_mutated_files_are_loaded_or_refused_never_worse(
    book_text: str, load_text: Load, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    (tmp_path / "book" / "zz" / "main.yaml").unlink(missing_ok=True)
    lines = book_text.splitlines()
    for _ in range(dice.randint(1, 3)):
        here, there = dice.randrange(len(lines)), dice.randrange(len(lines))
        line = lines[here]
        cut = dice.randrange(len(line) + 1)
        lines[here] = dice.choice(
            [
                "",
                lines[there],
                f"{line}\n{line}",
                f" {line}",
                line.lstrip(),
                line[:cut],
                line[:cut] + dice.choice("{}[]:,-&*!%#'\"0\t") + line[cut:],
                line.replace("2020", dice.choice(["0000", "9999", "2020-", "x"])),
            ]
        )
    text = "\n".join(lines) + "\n"
    refusal: RulebookError | None = None
    book: Rulebook | None = None
    try:
        book = load_text(text)
    except RulebookError as error:
        refusal = error

    assert (refusal is None) != (book is None)
    if refusal is not None:
        assert refusal.code.startswith("rulebook.")
        assert 1 <= refusal.line <= len(text.splitlines()) + 1
    if book is not None:
        rules = [rule for pack in book.packs.values() for rule in pack.rules]
        assert rules
        assert all(period.value.citations for rule in rules for period in rule.values.periods)


def test_packaged_rulebook_is_loaded_once(rulebook: Rulebook) -> None:
    assert load_rulebook() is rulebook
