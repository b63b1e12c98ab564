"""Takes what is due, asks the gate, dials what it permits (I/O).

It never dials while recognition is behind or all lines are taken, nor without a token for the media stream: a call that
could not be heard is not placed.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.db.repository import create_call, take_planned
from outreach.db.tables import Attempt, ContactPoint, Debtor, Message, PlannedContact
from outreach.dialer.attempt import IN_FLIGHT
from outreach.dialer.facts import ContactRequest
from outreach.dialer.gate import Gate, Refusal
from outreach.dialer.progress import Progress
from outreach.errors import CarrierError, ClearanceError, NotAvailableError
from outreach.ledger import store
from outreach.ledger.entry import Entry
from outreach.telephony.clearance import Clearance
from outreach.telephony.port import Carrier, PlaceCall, SendMessage
from outreach.worker.floor import Floor
from outreach.worker.texts import MessageText, Texts

POLL_SECS = 0.3

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class DialingParts:
    """What dialling needs. `lines` is how many calls may be up at once; `worker` names this process in `taken_by`."""

    database: Database
    clock: Clock
    gate: Gate
    progress: Progress
    carrier: Carrier
    floor: Floor
    texts: Texts
    caller_id: str
    agent_address: str
    lines: int
    worker: str
    ring_secs: int = 25
    limit_secs: int = 900


@dataclass(frozen=True, kw_only=True)
class _Permit:
    """A contact the gate permitted: addresses are opened only for the request that needs them."""

    clearance: Clearance
    planned: PlannedContact
    address: str


class Dialing:
    """The dial loop of one worker."""

    def __init__(self, parts: DialingParts) -> None:
        self._parts = parts
        self._holding = False

    async def run(self, stop: asyncio.Event) -> None:
        """Dial until `stop` is set."""
        while not stop.is_set():
            worked = await self.step()
            if not worked:
                try:
                    await asyncio.wait_for(stop.wait(), POLL_SECS)
                except TimeoutError:
                    continue

    async def step(self) -> bool:
        """Deal with one due contact; False when there was nothing to do or it is not the time."""
        hold = self._parts.floor.hold
        if (hold is not None) != self._holding:
            self._holding = hold is not None
            step = "dialing_held" if self._holding else "dialing_resumed"
            await asyncio.to_thread(self._note_hold, step, hold or "recognition keeps up")
        return False if self._holding else await asyncio.to_thread(self._one)

    def _note_hold(self, step: str, reason: str) -> None:
        """Dialling stopped, or goes on: on record, as every step of the degrade ladder is."""
        log.warning("dialing", step=step, reason=reason)
        entry = Entry(kind="degraded", at=self._parts.clock.now(), data={"step": step, "reason": reason})
        with self._parts.database.session() as session:
            store.append(session, entry)

    def _one(self) -> bool:
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            if self._lines_in_use(session) >= self._parts.lines:
                return False
            planned = take_planned(session, self._parts.worker, now)
        if planned is None:
            return False
        text = None
        if planned.channel == "sms":
            text = self._words(planned)
            if text is None:
                return True
        request = ContactRequest(
            case_id=planned.case_id,
            contact_point_id=planned.contact_point_id,
            channel=planned.channel,
            purpose=planned.purpose,
            voice=planned.voice,
            planned_id=planned.id,
        )
        answer = self._parts.gate.request(request, now)
        if isinstance(answer, Refusal):
            log.info("contact.refused", attempt=answer.attempt_id, rules=answer.rules)
            return True
        permit = _Permit(clearance=answer, planned=planned, address=self._address(planned))
        if text is None:
            self._dial(permit)
        else:
            self._send(permit, text)
        return True

    def _words(self, planned: PlannedContact) -> MessageText | None:
        """The approved words of a message; without any the plan is void, before anybody is asked or charged."""
        try:
            with self._parts.database.session() as session:
                return self._parts.texts.reminder(session, planned.case_id, self._parts.clock.now())
        except NotAvailableError as error:
            log.warning("contact.without_words", planned=planned.id, code=error.code)
        with self._parts.database.session() as session:
            session.get_one(PlannedContact, planned.id).state = "voided"
        return None

    def _lines_in_use(self, session: Session) -> int:
        states = [state.value for state in IN_FLIGHT]
        query = select(func.count()).select_from(Attempt).where(Attempt.channel == "voice", Attempt.state.in_(states))
        return session.scalar(query) or 0

    def _address(self, planned: PlannedContact) -> str:
        with self._parts.database.session() as session:
            point = session.get_one(ContactPoint, planned.contact_point_id)
            debtor = session.get_one(Debtor, planned.debtor_id)
            return self._parts.database.vault.open(debtor, "address", point.address_enc)

    def _dial(self, permit: _Permit) -> None:
        clearance = permit.clearance
        call = PlaceCall(
            attempt_id=clearance.attempt_id,
            to=permit.address,
            from_=self._parts.caller_id,
            agent_address=self._parts.agent_address,
            stream_token=self._parts.floor.expect(clearance.attempt_id),
            timeout_secs=self._parts.ring_secs,
            time_limit_secs=self._parts.limit_secs,
        )
        try:
            placed = self._parts.carrier.place(clearance, call)
        except (CarrierError, ClearanceError) as error:
            self._not_placed(clearance, error)
            return
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            attempt_id = UUID(clearance.attempt_id)
            create_call(session, sid=placed.call_sid, attempt_id=attempt_id, agent=None, started_at=now)
            self._parts.progress.placed(session, attempt_id, placed.call_sid, now)
        log.info("contact.placed", attempt=clearance.attempt_id, call=placed.call_sid)

    def _send(self, permit: _Permit, text: MessageText) -> None:
        clearance = permit.clearance
        message = SendMessage(
            attempt_id=clearance.attempt_id, to=permit.address, from_=self._parts.caller_id, body=text.body
        )
        try:
            sent = self._parts.carrier.send_message(clearance, message)
        except (CarrierError, ClearanceError) as error:
            self._not_placed(clearance, error)
            return
        now = self._parts.clock.now()
        with self._parts.database.session() as session:
            attempt = self._parts.progress.sent(session, UUID(clearance.attempt_id), sent.message_sid, now)
            debtor = session.get_one(Debtor, attempt.debtor_id)
            session.add(
                Message(
                    sid=sent.message_sid,
                    attempt_id=attempt.id,
                    debtor_id=attempt.debtor_id,
                    contact_point_id=attempt.contact_point_id,
                    direction="outbound",
                    body_enc=self._parts.database.vault.seal(debtor, "message", text.body),
                    script_digest=text.digest,
                    status=sent.state.value,
                    at=now,
                )
            )
        log.info("contact.sent", attempt=clearance.attempt_id, message=sent.message_sid)

    def _not_placed(self, clearance: Clearance, error: CarrierError | ClearanceError) -> None:
        """A clear refusal gives the budget back; an answer that never came keeps it charged and is looked up later."""
        now, attempt_id = self._parts.clock.now(), UUID(clearance.attempt_id)
        if not (isinstance(error, CarrierError) and error.ambiguous):
            self._parts.floor.forget(clearance.attempt_id)
        log.warning("contact.not_placed", attempt=clearance.attempt_id, code=error.code)
        with self._parts.database.session() as session:
            if isinstance(error, CarrierError) and error.ambiguous:
                self._parts.progress.doubtful(session, attempt_id, error.code, now)
            elif isinstance(error, ClearanceError):
                self._parts.progress.voided(session, attempt_id, error.code, now)
            else:
                self._parts.progress.failed(session, attempt_id, now)
