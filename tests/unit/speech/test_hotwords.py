"""Hotwords: what fits into a prompt, and names put into the text of a model that reads no prompt."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import Closed
from speech.hotwords import Hotwords, echoes, prompt_text
from speech.open_utterance import OpenUtterance, UtteranceOptions
from speech.recognizer import Recognition
from speech.snapping import UNSURE_BELOW, as_written, snapped
from speech.stabilizer import split_units
from speech.types import PartialHypothesis, Word
from speech.vad import VadState
from tests.unit.speech.fakes import FakeRecognizer

UNSURE, SURE = UNSURE_BELOW - 0.1, 0.9
NAMES = ("李静", "王芳", "曾国梁", "何涛", "清风银行", "Harris", "Anna Gallagher")


def heard(text: str, unsure: str = "", *, clear: bool = True) -> Recognition:
    """A text with one word for a unit; those that are part of `unsure` have a low probability."""
    first = text.find(unsure) if unsure else len(text)
    words, position = [], 0
    for index, unit in enumerate(split_units(text)):
        doubtful = first <= position + len(unit) - len(unit.lstrip()) < first + len(unsure)
        position += len(unit)
        probability = UNSURE if doubtful else SURE
        words.append(Word(text=unit, start=index * 0.2, end=index * 0.2 + 0.2, probability=probability))
    return Recognition(
        text=text,
        words=tuple(words),
        language="zh",
        language_probability=1.0,
        avg_logprob=-0.2,
        no_speech_prob=0.0,
        clear=clear,
    )


@pytest.mark.parametrize(
    ("text", "unsure", "name", "expected"),
    [
        ("请问是理经先生吗", "理经", "李静", "请问是李静先生吗"),
        ("我是网方，您是哪位", "网", "王芳", "我是王芳，您是哪位"),
        ("我是曾过两您是哪位", "曾过两", "曾国梁", "我是曾国梁您是哪位"),
        ("这里是请风银行", "请", "清风银行", "这里是清风银行"),
        ("my name is harice, who is calling", "harice", "Harris", "my name is Harris, who is calling"),
        ("is this Ana galeger speaking", "Ana galeger", "Anna Gallagher", "is this Anna Gallagher speaking"),
    ],
)
def test_a_name_is_put_where_an_unsure_model_wrote_what_sounds_like_it(text, unsure, name, expected):
    before = heard(text, unsure)
    after = snapped(before, Hotwords(names=(name,)))
    assert after.text == expected == "".join(word.text for word in after.words)
    changed = [(old, new) for old, new in zip(before.words, after.words, strict=True) if old != new]
    assert changed
    assert all(new.heard == old.text.strip(" ，,") for old, new in changed)


@pytest.mark.parametrize(
    ("text", "unsure", "names", "why"),
    [
        ("请问是理经先生吗", "", ("李静",), "the model was sure of it"),
        ("我需要还款", "还款", ("李静",), "it sounds like something else"),
        ("请问是理，经先生吗", "理，经", ("李静",), "a name does not reach over a comma"),
        ("请问是理经先生吗", "理经", ("李静", "黎晶"), "two names are as near"),
        ("请问是理先生吗", "理", ("李",), "one syllable is too little"),
        ("please call me an", "an", ("Ann",), "three letters are too little"),
        ("共计五百元", "五百", (), "no name is given"),
    ],
)
def test_nothing_is_put(text, unsure, names, why):
    before = heard(text, unsure)
    assert snapped(before, Hotwords(names=names)) is before, why


def test_terms_and_ordinary_words_are_neither_put_nor_replaced():
    threat = heard("律师会来", "律师")
    assert snapped(threat, Hotwords(names=("吕诗",))).text == "吕诗会来"
    assert snapped(threat, Hotwords(names=("吕诗",), terms=("律师",))) is threat
    plea = heard("stop trying to harass me", "harass")
    assert snapped(plea, Hotwords(names=("Harris",))).text == "stop trying to Harris me"
    assert snapped(plea, Hotwords(names=("Harris",), ordinary=frozenset({"harass"}))) is plea
    misheard = heard("绿是会来我家", "绿是")
    assert snapped(misheard, Hotwords(terms=("律师", "五百元"))) is misheard


def test_an_ordinary_word_inside_a_name_does_not_keep_the_rest_of_it():
    hotwords = Hotwords(names=("Clear Wind Bank", "清风银行"), ordinary=frozenset({"clear", "bank", "银行"}))
    assert snapped(heard("this is clear wint bank", "wint"), hotwords).text == "this is Clear Wind Bank"
    assert snapped(heard("这里是请风银行", "请"), hotwords).text == "这里是清风银行"


def test_text_without_words_is_left_alone():
    bare = heard("请问是理经先生吗", "理经")
    bare = Recognition(**{**vars(bare), "words": ()})
    assert snapped(bare, Hotwords(names=("李静",))) is bare


def test_text_that_is_not_clear_stays_so_and_shows_what_was_heard():
    after = snapped(heard("请问是理经先生吗", "理经", clear=False), Hotwords(names=("李静",)))
    assert (after.text, after.clear) == ("请问是李静先生吗", False)
    assert [word.heard for word in after.words] == [None, None, None, "理", "经", None, None, None]
    assert as_written(after.words) == "请问是理经先生吗"
    assert as_written(heard("请问是李静先生吗").words) is None


def test_a_committed_passage_is_not_replaced():
    hotwords = Hotwords(names=("李静",))
    written = heard("请问是理经先生吗", "理经")
    assert snapped(written, hotwords, "请问是理") is written
    assert snapped(written, hotwords, "请问是理经先生") is written
    assert snapped(written, hotwords, "请问是").text == "请问是李静先生吗"


@pytest.mark.parametrize("committed", ["请问是李", "请问是李静先"])
def test_a_name_that_was_put_and_committed_is_put_again(committed):
    """Hearing the utterance once more, the model may be sure of its spelling: the text must not contradict itself."""
    assert snapped(heard("请问是理经先生吗"), Hotwords(names=("李静",)), committed).text == "请问是李静先生吗"


texts = st.text(alphabet="李理里静经境王网芳方曾过国两梁和他涛讨还款五百元，。 harisgn", max_size=24)


@given(text=texts, doubts=st.lists(st.booleans(), min_size=24, max_size=24), committed=texts)
def test_snapping_keeps_units_and_times_and_is_done_once(text, doubts, committed):
    written = heard(text.strip())
    words = tuple(
        Word(text=word.text, start=word.start, end=word.end, probability=UNSURE if doubt else SURE)
        for word, doubt in zip(written.words, doubts, strict=False)
    )
    written = Recognition(**{**vars(written), "words": words})
    hotwords = Hotwords(names=NAMES, terms=("还款",))
    after = snapped(written, hotwords, committed)
    assert snapped(written, Hotwords()) is written
    assert snapped(after, hotwords, committed) is after
    assert [(word.start, word.end, word.probability) for word in after.words] == [
        (word.start, word.end, word.probability) for word in words
    ]
    assert as_written(after.words) in (None, written.text)
    assert len(split_units(after.text)) == len(split_units(written.text))
    assert (after.clear, after.avg_logprob) == (written.clear, written.avg_logprob)
    for old, new in zip(words, after.words, strict=True):
        assert new.text == old.text if new.heard is None else new.heard in old.text


def test_names_do_not_show():
    assert "李静" not in repr(Hotwords(names=("李静",), terms=("五百元",)))
    assert "五百元" not in repr(UtteranceOptions(hotwords=Hotwords(terms=("五百元",))))


def test_a_prompt_takes_whole_words_from_the_beginning():
    assert prompt_text((), len) == ""
    assert prompt_text(("李静", " ", "清风  银行"), len) == "李静, 清风 银行"
    assert prompt_text(("aaaa", "bbbb", "c"), len, limit=14) == "aaaa, bbbb"
    assert prompt_text(("a" * 20, "b"), len, limit=14) == ""
    assert Hotwords(names=("a", "b"), terms=("b", "c")).words == ("a", "b", "c")


@pytest.mark.parametrize(
    ("text", "echo"),
    [
        ("李静，清风银行", True),
        ("你好，清风银行、5,000。", True),
        ("请问是李静先生吗，这里是清风银行", False),
        ("清风银行，李静", False),
        ("", False),
    ],
)
def test_a_text_that_repeats_the_prompt_is_told(text, echo):
    assert echoes(text, ("李静", "清风银行", "5,000")) is echo


class Scripted(FakeRecognizer):
    """Gives one recognition after the other."""

    def __init__(self, *answers: Recognition) -> None:
        super().__init__()
        self._answers = list(answers)

    def recognize(self, samples, options):
        self.asked.append(options)
        return self._answers.pop(0)


def test_an_open_utterance_commits_the_name_and_keeps_to_it():
    first, second = heard("请问是理经先生吗", "理经"), heard("请问是理经先生吗对", "理经")
    recognizer = Scripted(first, second, heard("请问是理经先生吗对的"))
    options = UtteranceOptions(hop_secs=0.032, hotwords=Hotwords(names=("李静",), terms=("五百元",)))
    utterance = OpenUtterance(
        recognizer, options, track="agent", number=0, start_sample=0, origin_secs=0.0, language=None
    )
    sound = np.full(16_000, 0.1, np.float32)
    events = [utterance.window(lambda *_: sound, 16_000, VadState.SPEAKING) for _ in range(2)]
    partials = [event for found in events for event in found if isinstance(event, PartialHypothesis)]
    assert partials[-1].committed == "请问是李静先生吗"
    final = utterance.final(sound, Closed(start_sample=0, end_sample=16_000, reason="silence"), lost_secs=0.0)
    assert (final.text, final.clear) == ("请问是李静先生吗对的", True)
    assert [word.heard for word in final.words[2:6]] == [None, "理", "经", None]
    assert all(asked.hotwords == ("李静", "五百元") and asked.word_timestamps for asked in recognizer.asked)
