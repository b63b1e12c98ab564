"""Deciding recorded attempts again (I/O): as of then, under another rulebook, or with what is known today.

Every attempt is first held against its witnesses and decided again under the rulebook that decided it: where that does
not give the recorded answer it is an alarm, and what another rulebook would say of it is worth nothing. Reads in one
read-only transaction; alarms are then written to the evidence log in one of their own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.tables import Attempt
from outreach.db.vault import Vault
from outreach.dialer.facts import rfc3339
from outreach.dialer.judgement import Question
from outreach.dialer.rulebooks import open_kept
from outreach.dialer.verdict import Verdict
from outreach.errors import EvidenceError, InputError
from outreach.ledger import store
from outreach.ledger.entry import Entry
from outreach.timemachine import reading
from outreach.timemachine.asof import NOW, question_as_of, with_sealed
from outreach.timemachine.check import (
    Alarm,
    Recorded,
    answer_alarm,
    decide_again,
    differences,
    examine,
    question_of,
)
from outreach.timemachine.reading import LogOfDecisions, Span
from policy.book import Rulebook

Advance = Callable[[int, int], None]
"""Called with attempts done and attempts in all."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to replay. `draft` None: under the rulebook that decided. `hindsight`: with what is known today of then."""

    span: Span
    draft: Rulebook | None = None
    hindsight: bool = False

    @property
    def only_checks(self) -> bool:
        """Whether nothing but the recorded answer is asked for."""
        return self.draft is None and not self.hindsight


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Decision, rules and opening of one verdict."""

    decision: str
    rules: tuple[str, ...]
    next_permitted_at: datetime | None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Answer":
        """The answer of a verdict's record."""
        opens = record["next_permitted_at"]
        return cls(
            decision=record["answer"],
            rules=tuple(record["rules"]),
            next_permitted_at=None if opens is None else datetime.fromisoformat(opens),
        )

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        opens = self.next_permitted_at
        return {
            "decision": self.decision,
            "rules": list(self.rules),
            "next_permitted_at": None if opens is None else rfc3339(opens),
        }


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one attempt. `status` is a key of `outreach.timemachine.texts.STATUS`.

    `added`: reasons of the rules that would deny now and did not; `removed`: reasons of those that no longer would.
    """

    attempt: str
    status: str
    case_id: int | None = None
    at: datetime | None = None
    alarms: tuple[Alarm, ...] = ()
    before: Answer | None = None
    after: Answer | None = None
    added: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Mapping[str, Any], ...] = ()

    def to_json(self, lang: str = "en") -> dict[str, Any]:
        """As `--json` prints it: one line."""
        head: dict[str, Any] = {
            "attempt": self.attempt,
            "case": self.case_id,
            "at": None if self.at is None else rfc3339(self.at),
            "status": self.status,
        }
        if self.alarms:
            head["alarms"] = [alarm.to_json(lang) for alarm in self.alarms]
        if self.before is not None and self.after is not None:
            head |= {"before": self.before.to_json(), "after": self.after.to_json()}
            head["rules_added"] = [told(reason, lang) for reason in self.added]
            head["rules_removed"] = [told(reason, lang) for reason in self.removed]
        return head


@dataclass(kw_only=True)
class Summary:
    """How many attempts came to what, and by how many each rule would deny more or fewer."""

    counts: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.counts[outcome.status] += 1
        self.added.update({str(reason["rule"]) for reason in outcome.added})
        self.removed.update({str(reason["rule"]) for reason in outcome.removed})

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "attempts": sum(self.counts.values()),
            **dict(sorted(self.counts.items())),
            "rules": {
                rule: {"would_deny_more": self.added[rule], "would_deny_fewer": self.removed[rule]}
                for rule in sorted({*self.added, *self.removed})
            },
        }


def replay(database: Database, wish: Wish, advance: Advance | None = None) -> Iterator[Outcome]:
    """One outcome for every attempt of the period, in the order of their instants; what the log alone knows comes last.

    Writes nothing. Raises EvidenceError evidence.entry_malformed when the log itself is damaged.
    """
    with database.session() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(text("SET TRANSACTION READ ONLY"))
        run = _Run(session, database.vault, wish)
        total, done = reading.count(session, wish.span), 0
        for chunk in reading.attempts(session, wish.span):
            yield from run.chunk(chunk)
            done += len(chunk)
            if advance is not None:
                advance(done, total)
        yield from run.leftovers()


def record_alarms(database: Database, outcomes: Iterable[Outcome], now: datetime) -> int:
    """Write every alarm to the evidence log, in the order found; answers how many there were."""
    found = [(outcome.attempt, alarm) for outcome in outcomes for alarm in outcome.alarms]
    with database.session() as session:
        for attempt, alarm in found:
            data = {"attempt": attempt, "alarm": alarm.code}
            store.append(session, Entry(kind="replay.alarm", at=now, data=data))
    return len(found)


class _Run:
    """One replay: its log, its rulebooks."""

    def __init__(self, session: Session, vault: Vault, wish: Wish) -> None:
        self._session, self._vault, self._wish = session, vault, wish
        self._log = LogOfDecisions(session, wish.span)
        self._books: dict[str, Rulebook | Alarm] = {}

    def chunk(self, attempts: Sequence[Attempt]) -> Iterator[Outcome]:
        """The outcomes of some attempts."""
        entries = self._log.take(attempts)
        early = reading.too_early(self._session, attempts)
        for attempt in attempts:
            entry = entries.get(str(attempt.id))
            if entry is None and not reading.is_decision(attempt):
                yield self._outcome(attempt, "not_decided")
                continue
            record = reading.recorded(self._session, self._vault, attempt, entry)
            yield self._replayed(attempt, record, early=attempt.id in early)

    def leftovers(self) -> Iterator[Outcome]:
        """Decisions of the log whose row is gone, or says another time."""
        for attempt in self._log.left():
            known = self._session.scalar(select(Attempt.id).where(Attempt.id == attempt)) is not None
            gone, moved = Alarm(code="replay.attempt_missing"), Alarm(code="replay.row_changed", what=("intended_at",))
            yield Outcome(attempt=str(attempt), status="alarm", alarms=(moved if known else gone,))

    def _outcome(self, attempt: Attempt, status: str, **more: Any) -> Outcome:
        return Outcome(attempt=str(attempt.id), case_id=attempt.case_id, at=attempt.intended_at, status=status, **more)

    def _replayed(self, attempt: Attempt, record: Recorded, *, early: bool) -> Outcome:
        if alarms := examine(record):
            return self._outcome(attempt, "alarm", alarms=tuple(alarms))
        question = question_of(record)
        if question is None:
            return self._outcome(attempt, "erased")
        book = self._book(str(attempt.rulebook_digest))
        if isinstance(book, Alarm):
            if early and book.code == "replay.rulebook_missing":
                return self._other(attempt, record, question, None)
            return self._outcome(attempt, "alarm", alarms=(book,))
        verdict = decide_again(record, question, book)
        if names := differences(record, verdict):
            return self._outcome(attempt, "alarm", alarms=(answer_alarm(record, names, verdict),))
        return self._other(attempt, record, question, book)

    def _other(self, attempt: Attempt, record: Recorded, question: Question, own: Rulebook | None) -> Outcome:
        """The answer wished for beside the recorded one."""
        book = self._wish.draft or own
        if book is None:
            return self._outcome(attempt, "before_archive")
        if self._wish.only_checks:
            return self._outcome(attempt, "same")
        if self._wish.hindsight:
            try:
                asked = question_as_of(self._session, self._vault, attempt, valid_at=attempt.intended_at, known=NOW)
            except InputError:
                return self._outcome(attempt, "no_history")
            question = _in_hindsight(asked, question)
        return self._compared(attempt, record, decide_again(record, question, book))

    def _compared(self, attempt: Attempt, record: Recorded, verdict: Verdict) -> Outcome:
        recorded = record.ruling or {}
        before, after = Answer.of(recorded), Answer.of(verdict.record)
        if before == after:
            return self._outcome(attempt, "same")
        return self._outcome(
            attempt,
            "changed",
            before=before,
            after=after,
            added=tuple(_only(verdict.record["reasons"], before.rules)),
            removed=tuple(_only(recorded["reasons"], after.rules)),
        )

    def _book(self, digest: str) -> Rulebook | Alarm:
        if digest not in self._books:
            try:
                self._books[digest] = open_kept(self._session, digest)
            except EvidenceError as error:
                self._books[digest] = Alarm(code=error.code.replace("evidence.", "replay."))
        return self._books[digest]


def _in_hindsight(asked: Question, sealed: Question) -> Question:
    """What is known today, but contacts under way as the gate saw them: at that instant they were."""
    kept = with_sealed(asked, sealed)
    if kept.house is None or sealed.house is None:
        return kept
    return replace(kept, house=replace(kept.house, in_flight=sealed.house.in_flight))


def told(reason: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """A recorded reason in one language: rule, message, citation. The house's own reasons are in English."""
    return {
        "rule": reason["rule"],
        "message": reason.get("messages", {}).get(lang, reason["message"]),
        "citation": reason.get("citations", {}).get(lang, reason["citation"]),
    }


def _only(reasons: Iterable[Mapping[str, Any]], but: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    return (reason for reason in reasons if reason["rule"] not in but)
