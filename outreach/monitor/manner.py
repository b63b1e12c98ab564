"""How one utterance was said: its prosody, set against the speaker's usual level, and its rate. Pure.

A description of sound, never a finding: nothing is alerted, ruled or graded by it.
"""

from dataclasses import dataclass
from typing import Any

from speech.prosody import RunningLevel
from speech.speaking_rate import SpeakingRate, speaking_rate
from speech.types import FinalHypothesis, Prosody


@dataclass(frozen=True, kw_only=True)
class Manner:
    """`relative_db`: how much louder than the speaker's utterances before, None for the first.

    `rate` is None where the words were not heard clearly, or too few.
    """

    prosody: Prosody
    relative_db: float | None
    rate: SpeakingRate | None

    def to_json(self) -> dict[str, Any]:
        """What the column `utterance.prosody` holds; `runs` in seconds from the utterance's beginning."""
        prosody = self.prosody
        return {
            "level_dbfs": prosody.level_dbfs,
            "relative_db": self.relative_db,
            "pitch_hz": prosody.pitch_hz,
            "pitch_range_semitones": prosody.pitch_range_semitones,
            "voiced_share": prosody.voiced_share,
            "speech_secs": prosody.speech_secs,
            "pause_secs": prosody.pause_secs,
            "syllables_per_sec": self.rate.syllables_per_sec if self.rate else None,
            "words_per_sec": self.rate.words_per_sec if self.rate else None,
            "runs": [list(run) for run in prosody.runs],
            "contour": {
                "step_secs": prosody.contour.step_secs,
                "level_dbfs": list(prosody.contour.level_dbfs),
                "pitch_hz": list(prosody.contour.pitch_hz),
            },
        }


class Manners:
    """The manner of the utterances of one speaker, one finished utterance after another."""

    def __init__(self) -> None:
        self._level = RunningLevel()

    def hear(self, event: FinalHypothesis) -> Manner | None:
        """The manner of the next utterance; None where its sound was not measured.

        Sound without words does not change what is usual.
        """
        prosody = event.prosody
        if prosody is None:
            return None
        words = event.clear and event.text.strip()
        return Manner(
            prosody=prosody,
            relative_db=self._level.hear(prosody) if event.text.strip() else None,
            rate=speaking_rate(event.text, event.language, prosody.speech_secs) if words else None,
        )
