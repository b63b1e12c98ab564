"""Closed words of the script room that are not library data. Label names come from `nlp.labels` and nowhere else."""

from __future__ import annotations

from nlp.labels import Intent, Mood, Signal, ViolationKind, Vulnerability

LANGS = ("zh", "en")
MOODS = tuple(str(mood) for mood in Mood)
DEFAULT_MOOD = str(Mood.CALM)
VIOLATIONS = tuple(str(kind) for kind in ViolationKind)
INTENTS = tuple(str(intent) for intent in Intent)
# Facts heard about a person arrive beside intents or beside vulnerability flags: both lists take either kind.
HEARD = (*(str(v) for v in Vulnerability), *(str(s) for s in Signal), *INTENTS)
DEBTOR_TIERS = ("standard", "plus", "vip")
CREDITOR_TIERS = ("basic", "advanced", "premier")
VOICES = ("human", "artificial")
REASONS = (
    "alert",
    "heard",
    "disclosure",
    "stage",
    "onward",
    "after",
    "missing",
    "service",
    "mood",
    "standin",
    "soften",
    "unknown_mood",
    "escalate",
    "escalate_missing",
    "ends",
)
