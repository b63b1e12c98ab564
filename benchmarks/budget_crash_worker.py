"""One worker of the budget's crash run: asks the gate for a few people, dials on paper, tells outcomes, recovers.

It may be killed at any instant. The carrier on paper is a table of its own, written in transactions of its own, as a
real carrier's list is. It takes no call for an attempt that it has been asked about and did not know: this stands for
the minute after which a create that was never answered is taken for one that never was.
"""

import os
import random
import time
from collections.abc import Sequence
from ctypes import c_ubyte, c_ulonglong
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import RawArray, RawValue
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.exc import DBAPIError

from outreach.db.database import Database
from outreach.db.tables import Attempt
from outreach.dialer.attempt import AttemptError, State
from outreach.dialer.facts import ContactRequest
from outreach.dialer.gate import Gate, Refusal, gate_public_keys
from outreach.dialer.progress import Ending, Progress, ambiguous_attempts, stale_people
from outreach.dialer.uses import PostgresUseRegistry
from outreach.errors import ClearanceError
from outreach.telephony.clearance import Clearance, ClearanceGuard, Contact
from policy.book import Rulebook

START = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)
"""Midnight in Shanghai, eleven days before New York's clocks go back."""
BURST = 40
"""Requests between two jumps of the clock; within a burst clearances stay valid."""
BURST_SECS = 10.0
ABSENT_AFTER, FORGOTTEN_AFTER = timedelta(seconds=60), timedelta(minutes=10)
IDLE, ASKING, CLEARED, DIALLING, TELLING, RECOVERING = range(6)
PHASES = ("between contacts", "asking the gate", "cleared", "dialling", "telling the outcome", "recovering")
VOICE_OUTCOMES = (
    "no_answer",
    "busy",
    "conversation",
    "voicemail",
    "declined",
    "dropped",
    "wrong_number",
    "not_in_service",
)
MENDED = {"not_in_service": "no_answer", "busy": "no_answer", "wrong_number": "conversation", "dropped": "conversation"}
"""Outcome -> a first word on it that counts wherever the final one does, so that mending it takes no unit anew."""
OUTCOMES = {"voice": VOICE_OUTCOMES, "sms": ("delivered", "delivered", "bounced")}
_CREATE = text(
    "INSERT INTO paper_carrier VALUES (:attempt, :dialled, :outcome) ON CONFLICT DO NOTHING RETURNING attempt_id"
)
_LOOK_UP = text("SELECT dialled, outcome FROM paper_carrier WHERE attempt_id = :attempt")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom to contact: two cases of two creditors, two numbers."""

    cases: tuple[int, int]
    points: tuple[tuple[int, str], ...]


class Board:
    """What all processes can read; each place is written by one process only, so that a kill cannot jam it."""

    def __init__(self, processes: int) -> None:
        self.asked, self.permits, self.refusals, self.lost = (RawArray(c_ulonglong, processes) for _ in range(4))
        self.phase = RawArray(c_ubyte, processes)
        self.stop = RawValue(c_ubyte, 0)

    def total(self) -> int:
        """Requests put to the gate so far."""
        return sum(self.asked)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is given. `pace_secs`: how far the clock of the run moves per request, on average.

    The database was opened and used before the fork, so that a new worker starts with its statements compiled; the
    connections of the parent are not its own.
    """

    parent: int
    database: Database
    rulebook: Rulebook
    people: Sequence[Person]
    attempts: int
    pace_secs: float
    seed: int


def instant(job: Job, number: int) -> datetime:
    """The run's clock at request `number`: bursts of seconds, then a jump."""
    burst, within = divmod(number, BURST)
    return START + timedelta(seconds=burst * BURST * job.pace_secs + within * BURST_SECS / BURST)


def work(job: Job, board: Board, seat: int, generation: int) -> None:
    """Be one worker until the run is over or somebody kills it."""
    job.database.engine.dispose(close=False)
    worker = Worker(job, board, seat, random.Random(f"{job.seed}/{seat}/{generation}"))
    while not board.stop.value and board.total() < job.attempts and os.getppid() == job.parent:
        try:
            worker.step()
        except DBAPIError:  # its connection was killed, or the whole server is starting again
            board.lost[seat] += 1
            _wait_for(job.database)
    board.phase[seat] = IDLE
    job.database.engine.dispose()


def _wait_for(database: Database) -> None:
    """Until the server answers again."""
    while True:
        try:
            with database.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except DBAPIError:
            time.sleep(0.05)
        else:
            return


class Worker:
    """One worker's hands."""

    def __init__(self, job: Job, board: Board, seat: int, rng: random.Random) -> None:
        database = job.database
        self._job, self._board, self._seat, self._database, self._rng = job, board, seat, database, rng
        self._gate = Gate(database, job.rulebook)
        self._progress = Progress(database.vault)
        self._guard = ClearanceGuard(gate_public_keys(database.keys), PostgresUseRegistry(database))

    def step(self) -> None:
        """One request, and what follows from it; now and then a round of recovery first."""
        number = self._board.total()
        now = instant(self._job, number)
        if self._rng.random() < 1 / 30:
            self._phase(RECOVERING)
            self.recover(now)
        people = self._job.people
        crowd = (number // 400) * 12  # a campaign: for a while, everybody works on the same twelve people
        person = people[(crowd + self._rng.randrange(12)) % len(people)]
        point, address = self._rng.choice(person.points)
        channel: Literal["voice", "sms"] = "sms" if self._rng.random() < 0.3 else "voice"
        request = ContactRequest(
            case_id=self._rng.choice(person.cases),
            contact_point_id=point,
            channel=channel,
            purpose="collection",
            voice="artificial" if channel == "voice" and self._rng.random() < 0.2 else "human",
        )
        self._board.asked[self._seat] += 1
        self._phase(ASKING)
        answer = self._gate.request(request, now)
        if isinstance(answer, Refusal):
            self._board.refusals[self._seat] += 1
        else:
            self._board.permits[self._seat] += 1
            self._phase(CLEARED)
            self._carry_out(answer, Contact(channel=channel, address=address, attempt_id=answer.attempt_id), now)
        self._phase(IDLE)

    def recover(self, now: datetime) -> None:
        """What `outreach.worker.recovery` does: settle, look up what is ambiguous, ask how forgotten calls ended."""
        with self._database.session() as session:
            people = list(stale_people(session, now))
        for debtor_id in people:
            with self._database.session() as session:
                self._progress.settle(session, debtor_id, now)
        with self._database.session() as session:
            ambiguous = [(attempt.id, attempt.intended_at) for attempt in ambiguous_attempts(session)]
            open_calls = select(Attempt.id, Attempt.intended_at).where(
                Attempt.state.in_([State.PLACED, State.RINGING, State.IN_PROGRESS])
            )
            forgotten = [row.id for row in session.execute(open_calls) if now - row.intended_at > FORGOTTEN_AFTER]
        for attempt_id, since in ambiguous:
            self._look_up(attempt_id, now, patient=now - since < ABSENT_AFTER)
        for attempt_id in forgotten:
            self._found(attempt_id, now)

    def _carry_out(self, clearance: Clearance, contact: Contact, now: datetime) -> None:
        attempt_id, fate = UUID(clearance.attempt_id), self._rng.random()
        if fate < 0.05:
            return  # left lying: a crash between commit and dial
        self._phase(DIALLING)
        try:
            self._guard.admit(clearance, contact, now)
        except ClearanceError as error:  # settled by somebody else in the meantime
            self._tell("voided", attempt_id, error.code, now)
            return
        outcome = self._rng.choice(OUTCOMES[clearance.channel])
        if fate < 0.10:
            self._tell("failed", attempt_id, now)  # the carrier refused before it dialled
            return
        taken = fate >= 0.14 and self._create(attempt_id, outcome)
        if fate < 0.18 or not taken:
            self._tell("doubtful", attempt_id, "carrier.timeout", now)
            return
        self._phase(TELLING)
        self._told(clearance.channel, attempt_id, outcome, now)

    def _told(self, channel: str, attempt_id: UUID, outcome: str, now: datetime) -> None:
        """Callbacks: in order, twice, late, with a first guess that is mended, or never."""
        sid = ("CA" if channel == "voice" else "SM") + attempt_id.hex
        begin = "placed" if channel == "voice" else "sent"
        end = Ending(outcome=outcome, call_sid=sid)
        fate = self._rng.random()
        if fate < 0.7:
            self._tell_all([(begin, sid), ("ended", end)], attempt_id, now)
            return
        self._tell(begin, attempt_id, sid, now)
        if fate < 0.75:
            return
        if outcome in MENDED:
            self._tell("ended", attempt_id, Ending(outcome=MENDED[outcome], call_sid=sid), now)
        self._tell("ended", attempt_id, end, now)
        self._tell("answered" if channel == "voice" else "sent", attempt_id, sid, now)

    def _look_up(self, attempt_id: UUID, now: datetime, *, patient: bool) -> None:
        """Ask the carrier about an ambiguous attempt; one that it does not know after a while was never made."""
        if self._known(attempt_id) is None:
            if patient:
                return
            self._create(attempt_id, None)  # unless a create comes in between: then it is known now
        if self._dialled(attempt_id):
            self._tell("reconciled", attempt_id, "CA" + attempt_id.hex, now)
            self._found(attempt_id, now)
        else:
            self._tell("reconciled", attempt_id, None, now)

    def _found(self, attempt_id: UUID, now: datetime) -> None:
        """The carrier says how a contact ended that we have lost sight of."""
        known = self._known(attempt_id)
        assert known is not None
        self._tell("ended", attempt_id, Ending(outcome=known.outcome), now)

    def _create(self, attempt_id: UUID, outcome: str | None) -> bool:
        """The carrier's side of a create; without an outcome: it says that it knows none, and takes none later."""
        with self._database.engine.begin() as connection:
            values = {"attempt": attempt_id, "dialled": outcome is not None, "outcome": outcome}
            return connection.execute(_CREATE, values).one_or_none() is not None

    def _known(self, attempt_id: UUID) -> Row[Any] | None:
        """What the carrier has on its list: `dialled` and `outcome`."""
        with self._database.engine.connect() as connection:
            return connection.execute(_LOOK_UP, {"attempt": attempt_id}).one_or_none()

    def _dialled(self, attempt_id: UUID) -> bool:
        known = self._known(attempt_id)
        return known is not None and bool(known.dialled)

    def _tell(self, what: str, attempt_id: UUID, *details: Any) -> None:
        """One event in a transaction of its own."""
        *told, now = details
        self._tell_all([(what, *told)], attempt_id, now)

    def _tell_all(self, events: Sequence[tuple[Any, ...]], attempt_id: UUID, now: datetime) -> None:
        """Events in one transaction; what another worker has already concluded stands."""
        try:
            with self._database.session() as session:
                for what, *told in events:
                    getattr(self._progress, what)(session, attempt_id, *told, now)
        except AttemptError:
            return

    def _phase(self, phase: int) -> None:
        self._board.phase[self._seat] = phase
