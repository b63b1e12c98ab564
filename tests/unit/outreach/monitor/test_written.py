"""Names put by sound stay recognisable as such, from the recogniser's word to the line on the page."""

from datetime import timedelta

from outreach.db.tables import Utterance
from outreach.monitor.context import AGENT
from outreach.monitor.effects import UtteranceFinal
from outreach.monitor.rows import utterance_row
from outreach.web.live.rows import line_view
from speech.types import FinalHypothesis, Word
from tests.unit.outreach.monitor.calls import START, Talk, of


def final(*words: tuple[str, str | None]) -> FinalHypothesis:
    return FinalHypothesis(
        track=AGENT,
        utterance=0,
        start=0.0,
        end=2.0,
        text="".join(text for text, _ in words),
        words=tuple(Word(text=text, start=0.0, end=2.0, probability=0.4, heard=heard) for text, heard in words),
        avg_logprob=-0.1,
        no_speech_prob=0.0,
        language="zh",
        clear=True,
        reason="silence",
    )


def line(event: FinalHypothesis) -> tuple[str, str]:
    effects = Talk().session.on_speech_event(event, START + timedelta(seconds=3))
    (said,) = of(effects, UtteranceFinal)
    row = utterance_row(said, "CA1", START)
    view = line_view(Utterance(**{**vars(row), "id": 1}))
    return view.text, view.written


def test_a_line_with_a_name_put_by_sound_shows_what_the_model_wrote() -> None:
    assert line(final(("请", None), ("问是", None), ("李", "理"), ("静，", "经"))) == ("请问是李静，", "请问是理经，")


def test_any_other_line_shows_nothing_more() -> None:
    assert line(final(("请问", None), ("是李静", None))) == ("请问是李静", "")
