"""Everything a person needs to judge one call, read in one go (I/O)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.db.repository import CallDetail, call_detail
from outreach.db.tables import Attempt, Call, Finding, LedgerEntry
from outreach.dialer.keeping import records_kept
from outreach.errors import EvidenceError
from outreach.ledger import checkpoint, merkle
from outreach.ledger.checkpoint import VerifierKey
from outreach.ledger.retention import Kept
from outreach.ledger.store import latest_checkpoint, load_log
from outreach.web.deps import WebOptions
from outreach.web.live.queries import Reader
from outreach.web.live.rows import parse_instant, reason_views
from outreach.web.live.views import CallView, ReasonView
from outreach.web.timeline import Timeline, timeline_of

LIST_LIMIT = 100


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """A finding with what an appeal needs: detector, rule, score, state, the law it may break, and where to listen."""

    id: int
    label: str
    category: str
    severity: str
    state: str
    score: float
    detector: str
    why: str
    categories: tuple[str, ...]
    citation: Mapping[str, str]
    quote: str
    start_secs: float


@dataclass(frozen=True, kw_only=True)
class RulingView:
    """Why the attempt was allowed: the gate's answer with its sources."""

    permitted: bool
    reasons: tuple[ReasonView, ...]
    advice: tuple[ReasonView, ...]
    pack: str
    rulebook: str
    facts_digest: str
    as_of: datetime | None
    next_permitted_at: datetime | None
    zone: str | None


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """Whether the attempt's entry is in the log: `proved`, `pending` (not under a checkpoint yet), `broken`, `none`."""

    state: str
    index: int | None
    checkpoint_size: int | None
    root: str | None
    hashes: int


@dataclass(frozen=True, kw_only=True)
class PromiseView:
    """A promise as heard."""

    amount: str | None
    currency: str | None
    due: str | None


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """The page of one call."""

    call: CallView
    findings: tuple[FindingView, ...]
    ruling: RulingView
    proof: ProofView
    promises: tuple[PromiseView, ...]
    summary: Mapping[str, Any]
    timeline: Timeline | None
    review: tuple[str, ...]
    suggestions: tuple[tuple[datetime, str, str, str], ...]
    recording_sha256: str | None
    has_recording: bool
    kept: Kept | None
    purpose: str
    clearance_id: str | None


def read_list(session: Session, reader: Reader, *, only_flagged: bool) -> Sequence[CallView]:
    """The latest calls, newest first."""
    chosen = select(Call.sid).order_by(Call.started_at.desc(), Call.sid).limit(LIST_LIMIT)
    if only_flagged:
        chosen = chosen.where(Call.flagged)
    sids = list(session.scalars(chosen))
    views = reader.calls(session, sids)
    return [views[sid] for sid in sids if sid in views]


def read_dossier(session: Session, reader: Reader, options: WebOptions, verifier: VerifierKey, sid: str) -> Dossier:
    """Everything of one call; InputError input.unknown_call."""
    detail = call_detail(session, sid)
    attempt = detail.call.attempt
    path = detail.call.recording_path
    return Dossier(
        call=reader.calls(session, [sid])[sid],
        findings=_findings(detail),
        ruling=_ruling(attempt),
        proof=prove(session, verifier, attempt.ledger_index),
        promises=tuple(
            PromiseView(
                amount=f"{row.amount:,.2f}" if row.amount is not None else None,
                currency=row.currency,
                due=row.due_date.isoformat() if row.due_date else None,
            )
            for row in detail.promises
        ),
        summary=detail.call.summary or {},
        timeline=timeline_of(detail.utterances, detail.call.degraded),
        review=_review(detail),
        suggestions=tuple((row.shown_at, row.stage, row.text, row.digest) for row in detail.suggestions),
        recording_sha256=detail.call.recording_sha256,
        has_recording=path is not None and (options.recordings_dir / path).is_file(),
        kept=records_kept(session, reader.rulebook, detail.call),
        purpose=attempt.purpose,
        clearance_id=attempt.clearance_id,
    )


def prove(session: Session, verifier: VerifierKey, index: int | None) -> ProofView:
    """Check the last head's signature, compute the entry's inclusion proof, verify it (RFC 9162, 2.1.3.2)."""
    stored = latest_checkpoint(session)
    size, root = (stored.size, stored.root) if stored is not None else (None, None)
    if stored is None or index is None or size is None or root is None or index >= size:
        state = "none" if index is None else "pending"
        return ProofView(state=state, index=index, checkpoint_size=size, root=root.hex() if root else None, hashes=0)
    try:
        head = checkpoint.verify(stored.note, verifier)
        proof = load_log(session, head.origin).inclusion(index, size)
        leaf = merkle.leaf_hash(session.get_one(LedgerEntry, index).body)
        proved = (head.size, head.root) == (size, root)
        proved = proved and merkle.verify_inclusion(leaf, index, size, proof.hashes, root)
        hashes = len(proof.hashes)
    except EvidenceError:
        proved, hashes = False, 0
    return ProofView(
        state="proved" if proved else "broken", index=index, checkpoint_size=size, root=root.hex(), hashes=hashes
    )


def _findings(detail: CallDetail) -> tuple[FindingView, ...]:
    texts = {row.id: row for row in detail.utterances}
    return tuple(_finding(row, texts[row.utterance_id].text) for row in detail.findings if row.category != "mood")


def _finding(row: Finding, text: str) -> FindingView:
    why, law = row.why, row.why.get("law", {})
    return FindingView(
        id=row.id,
        label=row.label,
        category=row.category,
        severity=row.severity,
        state=str(why.get("state", "confirmed")),
        score=row.score,
        detector=row.detector,
        why=str(why.get("rule", "")),
        categories=tuple(law.get("categories", ())),
        citation=law.get("citation", {}),
        quote=text[row.span_start : row.span_end] or text,
        start_secs=float(why.get("start_secs", 0.0)),
    )


def _review(detail: CallDetail) -> tuple[str, ...]:
    """Why the call goes to a reviewer: as the summary says, or by its alerts while it runs.

    Also by its alerts where the summary knows no reason: an alert was taken back, or raised before a restart.
    """
    said = tuple(str(why) for why in (detail.call.summary or {}).get("flagged_why", ()))
    if said or not detail.call.flagged:
        return said
    return tuple(dict.fromkeys(row.kind for row in detail.alerts))


def _ruling(attempt: Attempt) -> RulingView:
    ruling = attempt.ruling or {}
    packs = [pack for pack in ruling.get("packs", ()) if isinstance(pack, dict)]
    return RulingView(
        permitted=ruling.get("decision") == "permit",
        reasons=reason_views(ruling),
        advice=tuple(view for pack in packs for view in reason_views({"reasons": pack.get("advice", ())})),
        pack=", ".join(str(pack.get("pack", "")) for pack in packs),
        rulebook=attempt.rulebook_digest or str(ruling.get("rulebook", "")),
        facts_digest=attempt.facts_digest or str(ruling.get("facts_digest", "")),
        as_of=parse_instant(ruling.get("as_of")),
        next_permitted_at=parse_instant(ruling.get("next_permitted_at")),
        zone=attempt.debtor.timezones[0] if attempt.debtor.timezones else None,
    )
