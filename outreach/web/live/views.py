"""What the live page shows, as plain frozen values: made by `queries`, drawn by the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One utterance. `committed` counts the leading code points that no longer change; `marks` are finding spans.

    `written` is what the model itself wrote where names were put into the text by sound, else empty.
    """

    id: int
    speaker: str
    start_secs: float
    text: str
    committed: int
    partial: bool
    clear: bool
    mood: str | None
    marks: tuple["MarkView", ...] = ()
    written: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkView:
    """Where in a line a finding lies, and how it is named."""

    start: int
    end: int
    label: str
    severity: str
    state: str


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One alert: wording and citation by language, second of audio, latency, state of the finding under it."""

    id: int
    kind: str
    severity: str
    state: str
    text: Mapping[str, str]
    citation: Mapping[str, str]
    at_secs: float
    latency_ms: int | None
    acknowledged: bool


@dataclass(frozen=True, kw_only=True)
class SuggestionView:
    """The line offered to the agent now."""

    id: int
    text: str
    why: str
    stage: str
    mood: str
    step: str
    digest: str
    disclosures: tuple[str, ...]
    escalate: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class CheckView:
    """One mandated statement: its names and citation by language, when it is due and whether it was heard.

    `due` None: the law of the call does not ask for it; it was said all the same.
    """

    id: str
    names: Mapping[str, str]
    citation: Mapping[str, str]
    due: str | None
    heard: bool

    @property
    def counts(self) -> bool:
        """Whether it belongs to what is expected of every such call, or was said anyway."""
        return self.heard or self.due not in ("with_promise", "on_request")


@dataclass(frozen=True, kw_only=True)
class CallView:
    """One call on the live page."""

    sid: str
    status: str
    live: bool
    agent: str | None
    language: str
    debtor: str
    number: str
    creditor: str
    tier: str
    zone: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    mood: str | None
    mood_trail: tuple[str, ...]
    stage: str | None
    flagged: bool
    outcome: str | None
    degraded: tuple[str, ...]
    lines: tuple[LineView, ...]
    alerts: tuple[AlertView, ...]
    suggestion: SuggestionView | None
    checks: tuple[CheckView, ...]

    @property
    def worst(self) -> str:
        """The severity of the worst alert that stands, `none` without one: the colour of the card's edge."""
        standing = {alert.severity for alert in self.alerts if alert.state != "withdrawn"}
        return next((level for level in ("critical", "high", "medium", "low", "info") if level in standing), "none")


@dataclass(frozen=True, kw_only=True)
class ReasonView:
    """One rule that refused: message and citation by language."""

    rule: str
    message: Mapping[str, str]
    citation: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class RefusalView:
    """An attempt that the gate refused. `local_zone` is the debtor's most likely zone, for showing times."""

    id: str
    debtor: str
    channel: str
    at: datetime
    reasons: tuple[ReasonView, ...]
    next_permitted_at: datetime | None
    local_zone: str | None
    rulebook: str
    ledger_index: int | None


@dataclass(frozen=True, kw_only=True)
class LedgerView:
    """The head of the evidence log: entries stored, and the last signed checkpoint."""

    size: int
    checkpoint_size: int | None
    root: str | None
    signed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What stands beside the calls."""

    running: int
    ended: tuple[CallView, ...]
    refusals: tuple[RefusalView, ...]
    refused_total: int
    ledger: LedgerView
