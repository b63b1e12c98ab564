"""Holding a recorded decision against everything that bears witness to it, and deciding it again. Pure.

Three witnesses: the attempt's row, the sealed facts, and the entry of the evidence log, which commits to both. They
must agree; then the archived rulebook, asked the sealed question, must give the recorded answer. Whatever does not fit
is an alarm: somebody changed something, or the program no longer decides as it did.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.dialer.facts import address_label, debt_label, rfc3339
from outreach.dialer.judgement import Question, judge
from outreach.dialer.verdict import HOUSE_RULES, Verdict
from outreach.errors import EvidenceError
from outreach.ledger.entry import PlacedEntry, commitment, document, instant
from outreach.timemachine.sealed import read_question
from outreach.timemachine.texts import ALARMS
from policy.book import Rulebook


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A decision as its witnesses tell it.

    `row`: the attempt's own columns by name. `facts`: the opened document, None where it does not open. `key` opens the
    commitments about the attempt; None when the person has been erased. `entry`: the decision in the evidence log.
    """

    attempt: str
    case_id: int
    at: datetime
    row: Mapping[str, Any]
    ruling: Mapping[str, Any] | None
    facts: str | None
    key: bytes | None
    entry: PlacedEntry | None

    @property
    def erased(self) -> bool:
        """Whether the person's key is gone."""
        return self.key is None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Something that does not fit. `code` is stable; `what` names what differs, never personal data."""

    code: str
    what: tuple[str, ...] = ()

    def message(self, lang: str = "en") -> str:
        """One sentence for a person."""
        return ALARMS[self.code][lang].format(what=", ".join(self.what))

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """As `--json` prints it."""
        return {"code": self.code, "message": self.message(lang), "what": list(self.what)}


def examine(recorded: Recorded) -> list[Alarm]:
    """Whether the witnesses agree. Without a key only what is not sealed is compared."""
    if recorded.entry is None:
        return [Alarm(code="replay.no_entry")]
    changed, found = list(_changed(recorded, recorded.entry)), []
    if recorded.key is not None:
        if not _opens(recorded.key, recorded.entry, "ruling", document(recorded.ruling)):
            found.append(Alarm(code="replay.ruling_changed"))
        question = question_of(recorded)
        if recorded.facts is None or question is None:
            found.append(Alarm(code="replay.facts_unreadable"))
        elif not _opens(recorded.key, recorded.entry, "facts", recorded.facts.encode()):
            found.append(Alarm(code="replay.facts_changed"))
        else:
            changed += [column for column in _unlike(recorded, question) if column not in changed]
    return [Alarm(code="replay.row_changed", what=tuple(changed)), *found] if changed else found


def question_of(recorded: Recorded) -> Question | None:
    """The sealed question, or None where it cannot be read."""
    try:
        return None if recorded.facts is None else read_question(recorded.facts)
    except EvidenceError:
        return None


def decide_again(recorded: Recorded, question: Question, rulebook: Rulebook) -> Verdict:
    """The verdict of `rulebook` on a question of this attempt. What the house objected to before its own facts were
    sealed is taken from the record.
    """
    reasons = (recorded.ruling or {}).get("reasons", []) if question.house is None else []
    kept = [reason for reason in reasons if _of_the_house(reason)]
    return judge(question, rulebook, recorded.attempt, recorded.at, also=kept)


def differences(recorded: Recorded, verdict: Verdict) -> list[str]:
    """In what a verdict differs from the recorded one: answer, rules, opening, digests; empty: in nothing."""
    before, after = recorded.ruling or {}, verdict.record
    names = [name for name in ("answer", "rules") if before.get(name) != after[name]]
    if _instant(before.get("next_permitted_at")) != verdict.next_permitted_at:
        names.append("next_permitted_at")
    if _digests(before) != _digests(after):
        names.append("facts_digest")
    return names


def answer_alarm(recorded: Recorded, names: Sequence[str], verdict: Verdict) -> Alarm:
    """The alarm for an answer that differs under the rulebook that decided; says so when the clock data differ too."""
    clocks = [_clock_data(record) for record in (recorded.ruling or {}, verdict.record)]
    moved = [] if clocks[0] == clocks[1] else [f"clock_data {clocks[0]} -> {clocks[1]}"]
    return Alarm(code="replay.answer_differs", what=(*names, *moved))


def _changed(recorded: Recorded, entry: PlacedEntry) -> Iterator[str]:
    """Columns of the row that the log contradicts."""
    said, row, ruling = entry.data, recorded.row, recorded.ruling or {}
    if entry.at != instant(recorded.at):
        yield "intended_at"
    for name, column in (
        ("channel", "channel"),
        ("purpose", "purpose"),
        ("rulebook", "rulebook_digest"),
        ("facts", "facts_digest"),
    ):
        if said.get(name) != row[column]:
            yield column
    if said.get("decision") != ruling.get("answer") or said.get("rules") != ruling.get("rules"):
        yield "ruling"


def _opens(key: bytes, entry: PlacedEntry, name: str, content: bytes) -> bool:
    return commitment(key, name, content) == entry.data.get(name)


def _unlike(recorded: Recorded, question: Question) -> Iterator[str]:
    """Columns of the row that the sealed facts contradict."""
    sealed = question.scenario["attempt"]
    row = recorded.row
    expected = {
        "at": ("intended_at", rfc3339(recorded.at)),
        "channel": ("channel", row["channel"]),
        "purpose": ("purpose", row["purpose"]),
        "debt": ("debt_id", debt_label(row["debt_id"])),
        "party": ("party", row["party"]),
        "address": ("contact_point_id", address_label(row["contact_point_id"])),
        "place": ("place", row["place"]),
        "voice": ("voice", row["voice"]),
    }
    for name, (column, value) in expected.items():
        if sealed[name] != value:
            yield column


def _of_the_house(reason: Mapping[str, Any]) -> bool:
    """A reason of the house itself; a pack that could not be asked is asked again instead."""
    return reason["rule"] in HOUSE_RULES and "pack" not in reason["facts"]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _digests(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(ruling["pack"], ruling["facts_digest"]) for ruling in record.get("packs", [])]


def _clock_data(record: Mapping[str, Any]) -> str:
    return ",".join(sorted({ruling.get("clock_data", "") for ruling in record.get("packs", [])}))
