"""A call's second hearing as its page shows it (I/O: reads the row)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from outreach.db.tables import SecondHearing


@dataclass(frozen=True, kw_only=True)
class SecondView:
    """What a second hearing said. `fresh`: found only now; `missed`: found live and not again; `lines`: its transcript.

    `state` is pending, done or failed; `error` is the code of the last try that failed.
    """

    state: str
    why: str
    model: str
    error: str | None
    done_at: datetime | None
    fresh: Sequence[Mapping[str, Any]]
    missed: Sequence[Mapping[str, Any]]
    facts: Sequence[Mapping[str, Any]]
    lines: Sequence[Mapping[str, Any]]


def read_second(session: Session, sid: str) -> SecondView | None:
    """The second hearing of a call; None when none was asked for."""
    row = session.get(SecondHearing, sid)
    if row is None:
        return None
    record = row.record or {}
    lines = sorted(record.get("utterances", ()), key=lambda said: (said["start"], said["seq"]))
    texts = {said["seq"]: str(said["text"]) for said in lines}
    return SecondView(
        state=row.state,
        why=row.why,
        model=(row.model or "").split("@", 1)[0],
        error=row.error,
        done_at=row.done_at,
        fresh=[{**item, "quote": _quote(texts.get(item["utterance"], ""), item.get("span"))} for item in row.fresh],
        missed=list(row.missed),
        facts=list(record.get("facts", ())),
        lines=lines,
    )


def _quote(text: str, span: Sequence[int] | None) -> str:
    return (text[span[0] : span[1]] if span else "") or text
