"""Reads calls for the live page (I/O): a fixed number of queries for any number of calls."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from outreach.db.repository import list_refused
from outreach.db.tables import (
    FINAL_CALL_STATUSES,
    Alert,
    Attempt,
    Call,
    CollectionCase,
    ContactPoint,
    Debtor,
    DisclosureGiven,
    Finding,
    LedgerEntry,
    SuggestionShown,
    Utterance,
)
from outreach.db.vault import Vault, VaultError
from outreach.dialer.law import call_law
from outreach.ledger.store import latest_checkpoint
from outreach.web.live.rows import (
    alert_view,
    limits_of,
    line_view,
    marks_by_utterance,
    mood_trail,
    parse_instant,
    reason_views,
    suggestion_view,
)
from outreach.web.live.views import CallView, CheckView, LedgerView, Overview, RefusalView
from outreach.web.masking import mask_name, mask_number
from policy.book import Rulebook
from scripts.script import Library

RECENT_ENDED = 12
SHOWN_REFUSALS = 30
MAX_LIVE = 400

Row = TypeVar("Row", Utterance, Finding, Alert, DisclosureGiven)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Turns rows into views; opens names only to mask them."""

    vault: Vault
    library: Library
    rulebook: Rulebook

    def live_sids(self, session: Session) -> list[str]:
        """Calls that have not ended, oldest first."""
        rows = select(Call.sid).where(Call.status.not_in(FINAL_CALL_STATUSES)).order_by(Call.started_at, Call.sid)
        return list(session.scalars(rows.limit(MAX_LIVE)))

    def calls(self, session: Session, sids: Sequence[str]) -> dict[str, CallView]:
        """The calls by sid; an unknown sid is left out."""
        if not sids:
            return {}
        attempt, case = selectinload(Call.attempt), selectinload(Call.attempt).selectinload(Attempt.case)
        loaded = select(Call).where(Call.sid.in_(sids)).options(
            attempt.selectinload(Attempt.debtor),
            attempt.selectinload(Attempt.contact_point),
            case.selectinload(CollectionCase.creditor),
            case.selectinload(CollectionCase.debtor),
        )  # fmt: skip
        parts = _Parts(
            lines=_by_call(session, Utterance, sids, Utterance.start_secs),
            findings=_by_call(session, Finding, sids, Finding.id),
            alerts=_by_call(session, Alert, sids, Alert.raised_at),
            disclosures=_by_call(session, DisclosureGiven, sids, DisclosureGiven.id),
            suggestions=_latest_suggestions(session, sids),
        )
        return {call.sid: self._call(call, parts) for call in session.scalars(loaded)}

    def overview(self, session: Session) -> Overview:
        """Ended calls, refusals, the head of the log."""
        ended = select(Call.sid).where(Call.status.in_(FINAL_CALL_STATUSES)).order_by(Call.started_at.desc(), Call.sid)
        sids = list(session.scalars(ended.limit(RECENT_ENDED)))
        views = self.calls(session, sids)
        refused = list_refused(session, limit=SHOWN_REFUSALS)
        total = session.scalar(select(func.count()).select_from(Attempt).where(Attempt.state == "refused"))
        running = session.scalar(select(func.count()).select_from(Call).where(Call.status.not_in(FINAL_CALL_STATUSES)))
        return Overview(
            running=running or 0,
            ended=tuple(views[sid] for sid in sids if sid in views),
            refusals=tuple(self._refusal(attempt) for attempt in refused),
            refused_total=total or 0,
            ledger=ledger_view(session),
        )

    def debtor_name(self, debtor: Debtor) -> str:
        """The masked name; empty when it was erased or does not open."""
        return mask_name(self._opened(debtor, "name", debtor.name_enc))

    def number(self, debtor: Debtor, contact_point: ContactPoint) -> str:
        """The last digits of the number; empty when it was erased or does not open."""
        return mask_number(self._opened(debtor, "address", contact_point.address_enc))

    def _opened(self, debtor: Debtor, column: str, sealed: bytes | None) -> str:
        if sealed is None:
            return ""
        try:
            return self.vault.open(debtor, column, sealed)
        except VaultError:
            return ""

    def _call(self, call: Call, parts: "_Parts") -> CallView:
        attempt = call.attempt
        lines = parts.lines[call.sid]
        marks = marks_by_utterance(parts.findings[call.sid])
        heard = {row.disclosure for row in parts.disclosures[call.sid]}
        suggestion = parts.suggestions.get(call.sid)
        summary = call.summary or {}
        return CallView(
            sid=call.sid,
            status=call.status,
            live=call.status not in FINAL_CALL_STATUSES,
            agent=call.agent,
            language=attempt.debtor.language,
            debtor=self.debtor_name(attempt.debtor),
            number=self.number(attempt.debtor, attempt.contact_point),
            creditor=attempt.case.creditor.name,
            tier=attempt.debtor.tier,
            zone=attempt.debtor.timezones[0] if attempt.debtor.timezones else None,
            started_at=call.started_at,
            answered_at=call.answered_at,
            ended_at=call.ended_at,
            mood=call.mood,
            mood_trail=mood_trail(lines),
            stage=call.stage,
            flagged=call.flagged,
            outcome=summary.get("disposition") or attempt.outcome,
            degraded=limits_of(call.degraded),
            lines=tuple(line_view(row, marks[row.id]) for row in lines),
            alerts=tuple(alert_view(row) for row in parts.alerts[call.sid]),
            suggestion=suggestion_view(suggestion) if suggestion is not None else None,
            checks=self.checks(call, heard),
        )

    def checks(self, call: Call, heard: Collection[str]) -> tuple[CheckView, ...]:
        """What the law of the call wants said, in its order, ticked where it was heard; then what was said beyond it.

        Raises PolicyError for law that cannot be read.
        """
        attempt = call.attempt
        law = call_law(self.rulebook, attempt.case, attempt.ruling, call.answered_at or call.started_at)
        required = law.required(artificial_voice=attempt.voice == "artificial")
        checks = [
            CheckView(id=item.id, names=item.title, citation=item.citation, due=item.due, heard=item.id in heard)
            for item in required
        ]
        known = {item.id for item in required}
        checks += [
            CheckView(id=item.id, names=item.names, citation={}, due=None, heard=True)
            for item in self.library.disclosures
            if item.id in heard and item.id not in known
        ]
        return tuple(checks)

    def _refusal(self, attempt: Attempt) -> RefusalView:
        ruling = attempt.ruling or {}
        return RefusalView(
            id=str(attempt.id),
            debtor=self.debtor_name(attempt.debtor),
            channel=attempt.channel,
            at=attempt.intended_at,
            reasons=reason_views(ruling),
            next_permitted_at=parse_instant(ruling.get("next_permitted_at")),
            local_zone=attempt.debtor.timezones[0] if attempt.debtor.timezones else None,
            rulebook=attempt.rulebook_digest or str(ruling.get("rulebook", "")),
            ledger_index=attempt.ledger_index,
        )


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Rows of several calls by sid."""

    lines: Mapping[str, list[Utterance]]
    findings: Mapping[str, list[Finding]]
    alerts: Mapping[str, list[Alert]]
    disclosures: Mapping[str, list[DisclosureGiven]]
    suggestions: Mapping[str, SuggestionShown]


def ledger_view(session: Session) -> LedgerView:
    """Size of the log and its last signed head."""
    last = session.scalar(select(func.max(LedgerEntry.index)))
    signed = latest_checkpoint(session)
    return LedgerView(
        size=0 if last is None else last + 1,
        checkpoint_size=signed.size if signed else None,
        root=signed.root.hex() if signed else None,
        signed_at=signed.signed_at if signed else None,
    )


def _by_call(session: Session, table: type[Row], sids: Sequence[str], order: Any) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in session.scalars(select(table).where(table.call_sid.in_(sids)).order_by(order, table.id)):
        found[row.call_sid].append(row)
    return found


def _latest_suggestions(session: Session, sids: Sequence[str]) -> Mapping[str, SuggestionShown]:
    newest = select(func.max(SuggestionShown.id)).where(SuggestionShown.call_sid.in_(sids)).group_by(
        SuggestionShown.call_sid
    )  # fmt: skip
    rows = session.scalars(select(SuggestionShown).where(SuggestionShown.id.in_(newest)))
    return {row.call_sid: row for row in rows}
