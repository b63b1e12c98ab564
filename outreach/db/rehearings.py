"""Table of second hearings: calls whose kept recording is heard again after they ended, and what that found."""

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.db.base import Base, Documents, Instant, one_of

REHEARING_REASONS = ("deferred", "unheard", "wanted")
REHEARING_STATES = ("pending", "done", "failed")


class SecondHearing(Base):
    """One call heard again. What was heard live stays as it is; this stands beside it.

    `why`: hearing was put off, or broke off, while the call was up; or the house wants every call heard twice.
    `tries` counts beginnings: one that a crash ended counts too. `record`: transcript and findings as
    `outreach.rehearing.record` has them; `fresh`: findings that the live pass did not have; `missed`: live findings
    that this hearing did not repeat. `model`: name and digest of the weights.
    """

    __tablename__ = "second_hearing"
    __table_args__ = (
        one_of("why", *REHEARING_REASONS),
        one_of("state", *REHEARING_STATES),
        Index("ix_second_hearing_pending", "asked_at", postgresql_where=text("state = 'pending'")),
    )

    call_sid: Mapped[str] = mapped_column(Text, ForeignKey("call.sid"), primary_key=True)
    why: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str | None]
    model: Mapped[str | None]
    asked_at: Mapped[Instant]
    tried_at: Mapped[Instant | None]
    done_at: Mapped[Instant | None]
    record: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    fresh: Mapped[Documents] = mapped_column(JSONB, server_default="[]")
    missed: Mapped[Documents] = mapped_column(JSONB, server_default="[]")
