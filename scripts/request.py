"""A request for the next line and the answer to it, as in the contract of `fairline scripts suggest`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scripts.errors import RequestError
from scripts.script import Library
from scripts.vocabulary import CREDITOR_TIERS, DEBTOR_TIERS, HEARD, MOODS, VIOLATIONS, VOICES


@dataclass(frozen=True, kw_only=True)
class SuggestRequest:
    """What is known at this moment of a call. Build it with `parse_request`, which checks every word against the
    library.

    `facts`: slot name to raw value. `alerts`: violation labels just found in the agent's own words. `voice`:
    `artificial` when a machine speaks. `mood` None counts as calm. `disclosures_given` are ids already heard in the
    transcript. `required` are ids of all statements that the law at hand asks for, in its order, known to the library
    or not; empty: the library's own. It decides what must be said next, never which words may be said.
    """

    lang: str
    purpose: str
    stage: str
    mood: str | None = None
    debtor_tier: str = "standard"
    creditor_tier: str = "basic"
    intents: tuple[str, ...] = ()
    vulnerability: tuple[str, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    disclosures_given: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    voice: str = "human"
    required: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One approved line, filled. `digest` is that of the approved template; `why` is in the language of the call."""

    text: str
    script: str
    version: str
    digest: str
    step: str
    why: str
    disclosures: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As in the contract."""
        return {
            "text": self.text,
            "script": self.script,
            "version": self.version,
            "digest": self.digest,
            "step": self.step,
            "why": self.why,
            "disclosures": list(self.disclosures),
        }


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Who else must take part, and why."""

    to: str
    why: str


@dataclass(frozen=True, kw_only=True)
class SuggestResult:
    """The first suggestion is the one to say, the others may follow or stand in. `ends_call`: say it and hang up."""

    suggestions: tuple[Suggestion, ...]
    must_say_next: tuple[str, ...]
    do_not_say: tuple[str, ...]
    escalate: Escalation | None
    ends_call: bool = False

    def to_json(self) -> dict[str, object]:
        """Exactly the members of the contract."""
        escalate = None if self.escalate is None else {"to": self.escalate.to, "why": self.escalate.why}
        return {
            "suggestions": [suggestion.to_json() for suggestion in self.suggestions],
            "must_say_next": list(self.must_say_next),
            "do_not_say": list(self.do_not_say),
            "escalate": escalate,
        }


_REQUIRED = ("lang", "purpose", "stage")
_OPTIONAL = (
    "mood",
    "debtor_tier",
    "creditor_tier",
    "intents",
    "vulnerability",
    "facts",
    "disclosures_given",
    "alerts",
    "voice",
)


def parse_request(document: object, library: Library) -> SuggestRequest:
    """A checked request from parsed JSON. Null counts as not given; stage aliases are resolved.

    Raises RequestError (`request.not_an_object`, `.unknown_key`, `.missing_key`, `.wrong_type`, `.unknown_value`,
    `.no_script`) naming the field and what was expected.
    """
    if not isinstance(document, Mapping):
        raise RequestError("request.not_an_object", f"request: found {_kind(document)}; expected a JSON object")
    given = {str(key): value for key, value in document.items() if value is not None}
    for key in given:
        if key not in (*_REQUIRED, *_OPTIONAL):
            expected = ", ".join((*_REQUIRED, *_OPTIONAL))
            raise RequestError(
                "request.unknown_key", f"{key}: not a field of a request; expected {expected}", field=key
            )
    for key in _REQUIRED:
        if key not in given:
            raise RequestError("request.missing_key", f"{key}: missing; expected a value", field=key)
    lang = _word(given, "lang", library.langs)
    purposes = library.purposes(lang)
    purpose = _word(
        {"purpose": _text(given, "purpose").replace("-", "_")}, "purpose", purposes, code="request.no_script"
    )
    facts = given.get("facts", {})
    if not isinstance(facts, Mapping):
        raise RequestError(
            "request.wrong_type", f"facts: found {_kind(facts)}; expected an object of slot: value", field="facts"
        )
    return SuggestRequest(
        lang=lang,
        purpose=purpose,
        stage=_stage(_text(given, "stage"), library),
        mood=_word(given, "mood", MOODS) if "mood" in given else None,
        debtor_tier=_word(given, "debtor_tier", DEBTOR_TIERS) if "debtor_tier" in given else DEBTOR_TIERS[0],
        creditor_tier=_word(given, "creditor_tier", CREDITOR_TIERS) if "creditor_tier" in given else CREDITOR_TIERS[0],
        intents=_words(given, "intents", HEARD),
        vulnerability=_words(given, "vulnerability", HEARD),
        facts={str(name): value for name, value in facts.items()},
        disclosures_given=_words(given, "disclosures_given", [disclosure.id for disclosure in library.disclosures]),
        alerts=_words(given, "alerts", VIOLATIONS),
        voice=_word(given, "voice", VOICES) if "voice" in given else VOICES[0],
    )


def _kind(value: object) -> str:
    return {"dict": "an object", "list": "a list", "str": "text", "NoneType": "nothing"}.get(
        type(value).__name__, "another type"
    )


def _text(given: Mapping[str, object], key: str) -> str:
    value = given[key]
    if not isinstance(value, str):
        raise RequestError("request.wrong_type", f"{key}: found {_kind(value)}; expected text", field=key)
    return value.strip().lower()


def _word(given: Mapping[str, object], key: str, allowed: Sequence[str], code: str = "request.unknown_value") -> str:
    value = _text(given, key)
    if value not in allowed:
        raise RequestError(code, f"{key}: found '{value[:40]}'; expected one of {', '.join(allowed)}", field=key)
    return value


def _words(given: Mapping[str, object], key: str, allowed: Sequence[str]) -> tuple[str, ...]:
    values = given.get(key, [])
    if not isinstance(values, (list, tuple)):
        raise RequestError("request.wrong_type", f"{key}: found {_kind(values)}; expected a list", field=key)
    words = (_word({f"{key}[{index}]": value}, f"{key}[{index}]", allowed) for index, value in enumerate(values))
    return tuple(dict.fromkeys(words))


def _stage(value: str, library: Library) -> str:
    wanted = value.replace("_", "-").replace(" ", "-")
    for stage in library.flow.stages.values():
        if wanted == stage.id or wanted in stage.aliases:
            return stage.id
    expected = ", ".join(library.flow.stages)
    raise RequestError(
        "request.unknown_value", f"stage: found '{value[:40]}'; expected one of {expected}", field="stage"
    )
