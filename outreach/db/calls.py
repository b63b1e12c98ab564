"""Tables of one call: who spoke, what was heard, what a person was shown because of it. Times: seconds of the call."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Float, ForeignKey, Integer, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.db.base import Base, BigId, Instant, Strings, one_of
from outreach.db.contacts import Attempt

CALL_STATUSES = ("queued", "ringing", "in_progress", "completed", "busy", "failed", "no_answer", "canceled")
FINAL_CALL_STATUSES = ("completed", "busy", "failed", "no_answer", "canceled")
SEVERITIES = ("info", "low", "medium", "high", "critical")


class Call(Base):
    """One telephone call, named by the carrier's identifier. `status` is the carrier's, never our disposition."""

    __tablename__ = "call"
    __table_args__ = (one_of("status", *CALL_STATUSES), UniqueConstraint("attempt_id"))

    sid: Mapped[str] = mapped_column(Text, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("attempt.id"))
    agent: Mapped[str | None]
    status: Mapped[str]
    answered_by: Mapped[str | None]
    sip_code: Mapped[int | None] = mapped_column(Integer)
    started_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    duration_secs: Mapped[float | None] = mapped_column(Float)
    recording_path: Mapped[str | None]
    recording_sha256: Mapped[str | None]
    flagged: Mapped[bool] = mapped_column(server_default=text("false"))
    mood: Mapped[str | None]
    stage: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    degraded: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")

    attempt: Mapped[Attempt] = relationship()


class Utterance(Base):
    """One speaker's stretch of recognised speech; `clear` false means recognition was too unsure to act upon.

    `prosody`: how it was said, as `outreach.monitor.manner` writes it; NULL while it is being said.
    """

    __tablename__ = "utterance"
    __table_args__ = (one_of("speaker", "agent", "debtor"), UniqueConstraint("call_sid", "seq"))

    id: Mapped[BigId]
    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"))
    speaker: Mapped[str]
    seq: Mapped[int] = mapped_column(Integer)
    start_secs: Mapped[float] = mapped_column(Float)
    end_secs: Mapped[float] = mapped_column(Float)
    text: Mapped[str]
    language: Mapped[str | None]
    avg_logprob: Mapped[float | None] = mapped_column(Float)
    clear: Mapped[bool]
    mood: Mapped[str | None]
    mood_score: Mapped[float | None] = mapped_column(Float)
    analysis: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    prosody: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    heard_at: Mapped[Instant]


class Finding(Base):
    """A detector's result on one utterance: half-open span in code points of its text, score, detector and why."""

    __tablename__ = "finding"
    __table_args__ = (one_of("severity", *SEVERITIES),)

    id: Mapped[BigId]
    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"), index=True)
    utterance_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("utterance.id"), index=True)
    label: Mapped[str]
    category: Mapped[str]
    span_start: Mapped[int] = mapped_column(Integer)
    span_end: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    detector: Mapped[str]
    why: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    severity: Mapped[str]
    heard_at: Mapped[Instant]


class Alert(Base):
    """What a person must look at now. `latency_ms` runs from the end of the words to the alert being stored."""

    __tablename__ = "alert"
    __table_args__ = (one_of("severity", *SEVERITIES),)

    id: Mapped[BigId]
    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"), index=True)
    finding_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("finding.id"))
    kind: Mapped[str]
    severity: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    latency_ms: Mapped[int | None] = mapped_column(Integer)
    raised_at: Mapped[Instant]
    acknowledged_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("user_account.id"))
    acknowledged_at: Mapped[Instant | None]


class SuggestionShown(Base):
    """An approved line that was offered to the agent, pinned by the digest of what was approved."""

    __tablename__ = "suggestion_shown"

    id: Mapped[BigId]
    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"), index=True)
    utterance_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("utterance.id"))
    stage: Mapped[str]
    mood: Mapped[str | None]
    script: Mapped[str]
    version: Mapped[str]
    step: Mapped[str]
    digest: Mapped[str]
    text: Mapped[str]
    why: Mapped[str | None]
    disclosures: Mapped[Strings]
    escalate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    shown_at: Mapped[Instant]


class DisclosureGiven(Base):
    """A mandated statement heard in the transcript: the utterance is the evidence that it was delivered."""

    __tablename__ = "disclosure_given"
    __table_args__ = (UniqueConstraint("call_sid", "disclosure"),)

    id: Mapped[BigId]
    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"))
    disclosure: Mapped[str]
    utterance_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("utterance.id"))
    heard_at: Mapped[Instant]
