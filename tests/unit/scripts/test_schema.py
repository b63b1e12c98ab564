"""The loader: what it makes of the packaged library, and how it answers every kind of broken file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.errors import LibraryError
from scripts.schema import load_library, parse_approvals
from scripts.script import Library

Spoil = Callable[[str, str, str], Path]

# file, text replaced, replacement, code, field, part of what was found
BAD_FILES = [
    ("zh/shared.yaml", "script: shared", "script: shared\nscript: again", "duplicate_key", "script", "second time"),
    ("zh/shared.yaml", "maker: starter-library", "author: x", "unknown_key", "author", "author"),
    ("zh/shared.yaml", "maker: starter-library\n", "", "missing_key", "", "maker"),
    ("zh/shared.yaml", "lang: zh", "lang: en", "unknown_value", "lang", "en"),
    ("zh/shared.yaml", "stage: opening", "stage: overture", "unknown_value", "steps[0].stage", "over"),
    ("zh/shared.yaml", "[authority-", "[rude, x-", "unknown_value", "steps[0].avoid[0]", "rude"),
    ("zh/shared.yaml", "gives: [institution,", "gives: [all,", "unknown_value", "steps[0].gives[0]", "all"),
    ("zh/shared.yaml", "moods: [calm]", "moods: [bored]", "unknown_value", "steps[0].lines[0].moods[0]", "bored"),
    ("zh/shared.yaml", "moods: [calm]", "moods: calm", "wrong_type", "steps[0].lines[0].moods", "text"),
    ("zh/shared.yaml", "{institution}", "{firm}", "unknown_slot", "steps[0].lines[0].text", "firm"),
    ("zh/shared.yaml", "{institution}", "{institution", "bad_slot", "steps[0].lines[0].text", "brace"),
    ("zh/shared.yaml", "id: calm-2", "id: calm", "duplicate_id", "steps[0].lines[1]", "calm"),
    ("zh/shared.yaml", "id: recording", "id: opening", "duplicate_id", "steps[2].id", "opening"),
    ("zh/shared.yaml", "ends_call: true", "ends_call: yes", "wrong_type", "steps[6].ends_call", "yes"),
    ("zh/shared.yaml", "steps:", "steps: [", "not_yaml", "(document)", ""),
    ("zh/collection.yaml", "start: opening", "start: nowhere", "bad_step", "start", "nowhere"),
    ("zh/shared.yaml", "- id: opening", "- id: purpose", "bad_step", "steps", "purpose"),
    ("slots.yaml", "kind: text", "kind: colour", "unknown_value", "slots[0].kind", "colour"),
    ("slots.yaml", "aliases: [agent, ", "aliases: [agency, ", "duplicate_id", "slots[1].aliases", "agency"),
    ("slots.yaml", "reveals_debt: true", "reveals_debt: maybe", "wrong_type", "slots[3].reveals_debt", "maybe"),
    ("slots.yaml", "en: Harbor Services}", "fr: Harbor}", "unknown_key", "slots[0].examples.fr", "fr"),
    ("disclosures.yaml", "- id: agent-name", "- id: institution", "duplicate_id", "disclosures[1].id", "institution"),
    ("disclosures.yaml", "slots: [inst", "slots: [x, inst", "unknown_value", "disclosures[0].evidence.slots[0]", "x"),
    ("flow.yaml", "signal: self-harm", "signal: sneezing", "unknown_value", "routes[0].signal", "sneezing"),
    ("flow.yaml", "signal: self-harm", "signal: self-harm, soften: calm", "bad_route", "routes[0]", "both"),
    ("flow.yaml", "aliases: [greeting]", "aliases: [closing]", "duplicate_id", "stages[10].id", "closing"),
    ("flow.yaml", "aliases: [close, wrap-up]", "aliases: [greeting]", "duplicate_id", "stages[10].aliases", "greeting"),
    ("flow.yaml", "escalate: crisis", "escalate: nobody", "missing_key", "names", "nobody"),
    ("flow.yaml", "  ends: {", "  the_end: {", "unknown_key", "reasons.the_end", "the_end"),
    ("flow.yaml", "  calm: []\n", "", "missing_key", "mood_fallback", "calm"),
    ("approvals.yaml", 'digest: "sha256:', 'digest: "md5:', "bad_digest", "approvals[0].digest", "form"),
    ("approvals.yaml", "date: 2026-", "date: 26-", "bad_date", "approvals[0].date", "26-"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "field", "found"), BAD_FILES)
def test_a_bad_file_says_what_is_wrong_and_where(
    spoil: Spoil, name: str, old: str, new: str, code: str, field: str, found: str
) -> None:
    folder = spoil(name, old, new)
    with pytest.raises(LibraryError) as caught:
        load_library(folder)
    error = caught.value
    assert (error.code, error.file, error.field) == (f"library.{code}", name, field)
    assert found in error.found
    assert error.line >= 1
    assert error.expected
    assert str(error).startswith(f"{name}:{error.line}: ")


def test_the_line_number_is_that_of_the_mistake(spoil: Spoil) -> None:
    folder = spoil(
        "zh/shared.yaml", "avoid: [debt-misrepresentation, induce-borrowing]", "avoid: [debt-misrepresentation, x]"
    )
    content = (folder / "zh/shared.yaml").read_text("utf-8").splitlines()
    with pytest.raises(LibraryError) as caught:
        load_library(folder)
    assert content[caught.value.line - 1].endswith("avoid: [debt-misrepresentation, x]")


@pytest.mark.parametrize("name", ["flow.yaml", "slots.yaml", "disclosures.yaml", "approvals.yaml"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(LibraryError) as caught:
        load_library(copy)
    assert (caught.value.code, caught.value.file) == ("library.no_file", name)


def test_an_empty_file_is_an_error(copy: Path) -> None:
    (copy / "zh" / "sms.yaml").write_text("# nothing\n", "utf-8")
    with pytest.raises(LibraryError, match=r"zh/sms.yaml:1: .*empty"):
        load_library(copy)


def test_a_file_that_is_not_utf8_is_an_error(copy: Path) -> None:
    (copy / "zh" / "sms.yaml").write_bytes("script: 短信".encode("gbk"))
    with pytest.raises(LibraryError, match=r"zh/sms.yaml:1: .*UTF-8"):
        load_library(copy)


def test_the_same_approval_twice_is_an_error() -> None:
    digest = "sha256:" + "0" * 64
    row = (
        f'- {{line: a, digest: "{digest}", by: b, role: compliance-officer, date: 2026-01-01, effective: 2026-01-01}}\n'
    )
    with pytest.raises(LibraryError) as caught:
        parse_approvals(f"approvals:\n{row}{row}")
    assert (caught.value.code, caught.value.line) == ("library.duplicate_value", 3)


def test_the_packaged_library_speaks_both_languages(library: Library) -> None:
    assert library.langs == ("en", "zh")
    for lang in library.langs:
        assert set(library.purposes(lang)) == {"collection", "reminder", "requested_callback"}
        assert sum(line.lang == lang for line in library.lines.values()) >= 120


def test_the_packaged_stages_cover_a_whole_call(library: Library) -> None:
    call = {"opening", "disclosures", "identity", "purpose", "payment", "rights", "listening", "negotiation", "promise"}
    call |= {"service", "hold", "closing", "voicemail", "third-person"}
    protections = {"wrong-person", "stop", "lawyer", "self-harm", "hospital", "care", "bereaved", "minor", "deceased"}
    answers = {
        "dispute",
        "already-paid",
        "hardship",
        "refusal",
        "callback",
        "repair",
        "sms",
        "sms-promise",
        "sms-optout",
    }
    wanted = call | protections | answers
    for lang in library.langs:
        spoken_of = {step.stage for script in library.scripts if script.lang == lang for step in script.steps}
        assert spoken_of == wanted == set(library.flow.stages)


def test_every_packaged_line_is_approved_by_somebody_else(library: Library) -> None:
    assert all(library.is_approved(line) for line in library.lines.values())
    makers = {script.maker for script in library.scripts}
    assert not makers & {approval.by for approval in library.approvals.values()}
