"""One recording made elsewhere, from its file to its result (I/O: reads the file)."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nlp.lexicon.loader import load_lexicon
from nlp.pipeline import Analyzer
from outreach.errors import InputError
from outreach.monitor.context import AGENT, DEBTOR, CallContext
from outreach.monitor.session import MonitorSession
from outreach.rehearing.law import LawOfCall, Told, context_of
from outreach.rehearing.metadata import LANGUAGES
from outreach.rehearing.record import UNKNOWN, Record
from outreach.rehearing.rehear import in_time_order, rehear, rehear_mixed
from outreach.rehearing.scan import Found
from outreach.rehearing.scoring import score_of
from outreach.rehearing.store import FORMAT, key_of
from policy.book import Rulebook
from scripts.script import Library
from speech.audio_files import Recording, probe_secs, read_recording
from speech.hearing import MIXED, Between, HearOptions, hear, most_spoken
from speech.hotwords import Hotwords
from speech.recognizer import Recognizer

LEAST_SECS = 0.5
"""A recording shorter than this is no call."""
MOST_SECS = 4 * 3600.0
"""A longer one would not fit into memory at the rate of the recogniser."""
NOBODY = "nobody"
"""Two channels, nobody said who is on which: a guess could hold words against the wrong person, or hide a threat."""


@dataclass(frozen=True, kw_only=True)
class AuditParts:
    """What recordings are heard and judged with. `base` is what was told of all of them; a recording's own row of the
    metadata goes before it. `audited_at` dates the results, and the law of calls of which no day is known.
    """

    recognizer: Recognizer
    analyzer: Analyzer
    library: Library
    rulebook: Rulebook
    base: Told
    audited_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Sides:
    """Who is on the channels, and who said so: metadata, option, the file, our own layout, or nobody."""

    names: tuple[str, ...]
    by: str

    @property
    def unknown(self) -> bool:
        """Nobody knows who speaks."""
        return UNKNOWN in self.names


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """One recording as heard: `language` is None where nobody speaks."""

    recording: Recording
    sides: _Sides
    known: Told
    language: str | None
    law: LawOfCall
    record: Record


class Auditor:
    """Judges recordings, several at a time: threads may share it."""

    def __init__(self, parts: AuditParts) -> None:
        self._parts = parts

    def key(self, found: Found, digest: str, told: Told | None) -> str:
        """The key of a recording's result under these weights, detectors, laws and scripts."""
        parts = self._parts
        return key_of(
            {
                "recording": digest,
                "model": parts.recognizer.identity.digest,
                "detectors": dict(parts.analyzer.models),
                "rulebook": parts.rulebook.digest,
                "scripts": parts.library.digest,
                "told": None if told is None else told.to_json(),
                "base": parts.base.to_json(),
                "own_sides": found.own_sides(),
            }
        )

    def audit(self, found: Found, digest: str, told: Told | None, between: Between | None = None) -> dict[str, Any]:
        """The result of one recording.

        Raises MediaFileError media_file.* for a file that cannot be heard whole, RecognizerError, InputError
        input.speech_language, and whatever `between` raises.
        """
        stated_secs = probe_secs(found.path)
        if stated_secs is not None and stated_secs > 2 * MOST_SECS:  # not decoded at all; some state it roughly
            raise _too_long(found.path, stated_secs)
        recording = _checked(read_recording(found.path))
        known = self._parts.base if told is None else told.over(self._parts.base)
        sides = self._sides(found, recording, told)
        options = HearOptions(
            language=known.language,
            left="left" if sides.unknown else sides.names[0],
            right="right" if sides.unknown else sides.names[-1],
            one=MIXED if sides.unknown else sides.names[0],
            hotwords=_hotwords(known.creditor),
        )
        tracks = hear(recording, self._parts.recognizer, options, between)
        events = in_time_order(tracks)
        language = known.language or most_spoken(events) or LANGUAGES[0]
        if language not in LANGUAGES:
            raise InputError(
                "input.speech_language",
                f"{found.path}: the speech was taken for {language!r}, the monitor knows {', '.join(LANGUAGES)}",
                hint="name the language with --lang or in the metadata if this is wrong",
            )
        key = self.key(found, digest, told)
        context, law = context_of(key[:16], known, language, self._parts.rulebook, self._parts.audited_at)
        if sides.unknown:
            record = rehear_mixed(events, context, self._session)
        else:
            record = rehear(events, self._session(replace(context, speakers={name: name for name in sides.names})))
        heard = _Heard(
            recording=recording,
            sides=sides,
            known=known,
            language=language if events else None,
            law=law,
            record=record,
        )
        return self._result(found, digest, key, heard)

    def _session(self, context: CallContext) -> MonitorSession:
        return MonitorSession(context, self._parts.analyzer, self._parts.library)

    def _sides(self, found: Found, recording: Recording, told: Told | None) -> _Sides:
        two = len(recording.channels) == 2
        for who, by in ((told, "metadata"), (self._parts.base, "option")):
            if who is not None and (who.left or who.right):
                if not two and not (who.left and who.right):
                    return _Sides(names=(who.left or who.right or UNKNOWN,), by=by)
                if not two:  # both parties were named, and there is one channel for them
                    return _Sides(names=(UNKNOWN,), by="one track")
                left = who.left or (AGENT if who.right == DEBTOR else DEBTOR)
                return _Sides(names=(left, DEBTOR if left == AGENT else AGENT), by=by)
        if not two:
            return _Sides(names=(UNKNOWN,), by="one track")
        if recording.sides is not None and set(recording.sides) == {AGENT, DEBTOR}:
            return _Sides(names=recording.sides, by="file")
        own = found.own_sides()
        return _Sides(names=own, by="own recording") if own else _Sides(names=(UNKNOWN, UNKNOWN), by=NOBODY)

    def _result(self, found: Found, digest: str, key: str, heard: _Heard) -> dict[str, Any]:
        known, law, record = heard.known, heard.law, heard.record
        identity, can = self._parts.recognizer.identity, self._parts.recognizer.capabilities
        not_heard = tuple((record.summary or {}).get("disclosures_missing", ())) if law.packs else ()
        summary = None if record.summary is None else _summary(record.summary, not_heard)
        return {
            "format": FORMAT,
            "status": "done",
            "key": key,
            "file": found.name,
            "sha256": digest,
            "size": found.size,
            "audited_at": self._parts.audited_at.isoformat(),
            "duration_secs": round(heard.recording.duration_secs, 3),
            "source_rate": heard.recording.source_rate,
            "sides": list(heard.sides.names),
            "sides_by": heard.sides.by,
            "told": known.to_json(),
            "language": heard.language,
            "model": {
                "id": identity.id,
                "name": identity.name,
                "digest": identity.digest,
                "engine": identity.engine,
                "compute_type": identity.compute_type,
                "calibrated": can.calibrated,
                "demonstration": can.demonstration,
            },
            "detectors": dict(self._parts.analyzer.models),
            "scripts": self._parts.library.digest,
            "law": {
                "packs": list(law.packs),
                "rulebook": law.rulebook,
                "day": law.day.isoformat(),
                "day_told": law.day_told,
            },
            "score": score_of(record, not_heard).to_json(),
            **(record.to_json() | {"summary": summary}),
        }


def _hotwords(creditor: str | None) -> Hotwords:
    """The creditor's name, where it was told; never put in place of an ordinary word."""
    if creditor is None:
        return Hotwords()
    lexicon = load_lexicon()
    return Hotwords(names=(creditor,), ordinary=lexicon.ordinary_words | frozenset(lexicon.sound_words))


def failure_of(found: Found, error: Exception) -> dict[str, Any]:
    """How a recording that could not be judged is told: a coded error, never a traceback."""
    code = getattr(error, "code", None)
    if isinstance(code, str):
        content: Mapping[str, Any] = {
            "code": code,
            "message": str(getattr(error, "message", error)),
            "hint": getattr(error, "hint", None),
        }
    elif isinstance(error, OSError):
        content = {
            "code": "input.unreadable",
            "message": f"{found.path}: cannot be read ({error.strerror or type(error).__name__})",
            "hint": "check its permissions",
        }
    else:
        place = traceback.extract_tb(error.__traceback__)[-1:]
        where = "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in place)
        content = {
            "code": "audit.failed",
            "message": f"{found.path}: could not be judged, a fault of the program ({type(error).__name__}{where})",
            "hint": "run the command again; if it fails again, report this line",
        }
    return {"file": found.name, "status": "error", "error": dict(content)}


def _checked(recording: Recording) -> Recording:
    secs = recording.duration_secs
    if secs < LEAST_SECS:
        raise InputError(
            "input.too_short", f"{recording.path}: plays {secs:.2f} s, expected at least {LEAST_SECS} s of a call"
        )
    if secs > MOST_SECS:
        raise _too_long(recording.path, secs)
    return recording


def _too_long(path: Path, secs: float) -> InputError:
    return InputError(
        "input.too_long",
        f"{path}: plays {secs / 3600:.1f} h, expected at most {MOST_SECS / 3600:.0f} h",
        hint="cut it into calls",
    )


def _summary(summary: Mapping[str, Any], not_heard: tuple[str, ...]) -> dict[str, Any]:
    """The monitor's summary without what belongs to a live call only, and without statements that no law asked for."""
    left_out = {"call_sid", "suggestions_shown", "escalated_to"}
    kept = {name: value for name, value in summary.items() if name not in left_out}
    why = [item for item in kept["flagged_why"] if not item.startswith("not-heard:") or item[10:] in not_heard]
    return {**kept, "disclosures_missing": list(not_heard), "flagged_why": why, "flagged": bool(why)}
