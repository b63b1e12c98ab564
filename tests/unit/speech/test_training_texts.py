"""What the embedded recogniser learns from: turns, templates, random mixes, and the line between training and test."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

pytest.importorskip("jieba")

from speech.training import templates
from speech.training.mixes import Mixer
from speech.training.scoring import Heard, error_rate, gate, gate_report, invented
from speech.training.sources import (
    domain_lines,
    en_sentences,
    licensed,
    share,
    speakable,
    target,
    zh_dialogues,
    zh_turns,
)
from speech.training.texts import TextPlan, TextSource, training_lines

HANZI = re.compile(r"[\u4e00-\u9fff]+")


@pytest.mark.parametrize(
    ("text", "lang", "written"),
    [
        ("您好，我下周五还2000块！", "zh", "您好我下周五还两千块"),
        ("I can't pay $200 — it's too much.", "en", "i can't pay two hundred dollars it's too much"),
        ("'Well-known' issues", "en", "well known issues"),
    ],
)
def test_target_form(text: str, lang: str, written: str) -> None:
    assert target(text, lang) == written


def test_latin_letters_in_chinese_are_not_spoken() -> None:
    assert not speakable("请登录APP", "zh")
    assert speakable("请登录", "zh")


def test_turns_are_of_telephone_length() -> None:
    text = "我知道了。谢谢您，我会考虑的，不过最近真的很忙，家里有很多事情要处理，等我有空再联系您吧！OK好的"
    turns = list(zh_turns(text))
    assert turns
    assert all(4 <= len(target(turn, "zh")) <= 24 for turn in turns)
    assert not any("OK" in turn for turn in turns)


def test_every_template_fills_to_a_speakable_sentence() -> None:
    rng = random.Random(3)
    for lang in ("zh", "en"):
        for family in templates.families(lang):
            for line in family.lines:
                for _ in range(4):
                    text = templates.fill(line, lang, rng)
                    assert speakable(text, lang), (family.name, line, text)
                    assert not set("[]{}|") & set(text)


def test_heldout_families_are_never_drawn_for_training() -> None:
    rng = random.Random(5)
    for lang in ("zh", "en"):
        kept = {family.name for family in templates.families(lang) if family.heldout}
        assert kept
        assert not kept & {templates.sentence(lang, False, rng)[1] for _ in range(400)}
        assert {templates.sentence(lang, True, rng)[1] for _ in range(50)} <= kept


def test_a_dialogue_is_in_training_or_in_test_but_not_in_both(tmp_path: Path) -> None:
    rows = [f"{index}\t我觉得第{index}次沟通很重要，希望可以解决问题" for index in range(300)]
    path = tmp_path / "talk-zh.tsv"
    path.write_text("\n".join(rows), "utf-8")
    lines = list(zh_dialogues(path))
    assert 0 < sum(line.heldout for line in lines) < 60
    assert [line.heldout for line in zh_dialogues(path)] == [line.heldout for line in lines]


def test_english_lines_have_a_bounded_length(tmp_path: Path) -> None:
    path = tmp_path / "talk-en.txt"
    path.write_text("one\ntwo words\n" + "word " * 30 + "\ntwo words\n", "utf-8")
    assert [line.text for line in en_sentences(path)] == ["two words"]


def test_share_depends_on_the_key_alone() -> None:
    assert share("a") == share("a") != share("b")
    assert all(0 <= share(str(index)) < 1 for index in range(50))


def test_domain_lines_come_from_the_named_keys_of_any_yaml(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("steps:\n  - {id: a, text: 您好。请说。}\n  - {say: Go ahead., other: not this}\n", "utf-8")
    assert domain_lines([path]) == [("zh", "您好。"), ("zh", "请说。"), ("zh", "您好。请说。"), ("en", "Go ahead.")]


def test_script_slots_are_filled() -> None:
    filled = templates.fill("您在{creditor}的{debt_name}还有{amount}，{due_date}到期", "zh", random.Random(1))
    assert HANZI.fullmatch(target(filled, "zh"))


def test_mixes_are_new_sentences_of_the_asked_length() -> None:
    texts = ["我今天去银行还款", "你明天去公司上班", "他昨天在家里休息", "我们明天在银行等你"]
    mixer, rng = Mixer("zh", texts), random.Random(2)
    drawn = [mixer.draw(rng, 4, 12) for _ in range(60)]
    assert all(4 <= len(text) <= 12 for text in drawn)
    assert len(set(drawn) - set(texts)) > 20


def test_a_plan_draws_the_same_sentences_again() -> None:
    plan = TextPlan(seed=3, sentences=40)
    lines = [
        *zh_dialogues_stub("zh", ["我想了解一下具体情况", "请您稍等一下好吗", "最近工作比较忙"]),
        *zh_dialogues_stub("en", ["what is my balance", "please wait a moment", "i have been busy"]),
    ]
    found = {lang: TextSource(plan, lang, lines) for lang in ("zh", "en")}
    first, second = training_lines(plan, found), training_lines(plan, found)
    assert first == second
    assert {line.lang for line in first} == {"zh", "en"}
    assert not any(line.heldout for line in first)


def zh_dialogues_stub(lang: str, texts: list[str]) -> list[object]:
    from speech.training.sources import Line

    return [Line(text=text, lang=lang, source="stub", heldout=False) for text in texts]


def test_shipped_text_is_enough_and_split() -> None:
    lines = licensed()
    for lang, enough in (("zh", 40_000), ("en", 20_000)):
        trained = {line.text for line in lines if line.lang == lang and not line.heldout}
        kept = {line.text for line in lines if line.lang == lang and line.heldout}
        assert len(trained) > enough
        assert len(kept) > 500
        assert not kept & trained


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_grammar_is_wide_and_keeps_whole_families_out(lang: str) -> None:
    found = templates.families(lang)
    assert sum(len(family.lines) for family in found if not family.heldout) >= 600
    assert sum(len(family.lines) for family in found if family.heldout) >= 50


def _heard(reference: str, text: str, logprob: float) -> Heard:
    return Heard(
        group="zh-x", lang="zh", seen=False, reference=reference, text=text, avg_logprob=logprob, detected="zh"
    )


def test_error_rate_weighs_by_length() -> None:
    assert error_rate([_heard("一二三四", "一二三四", 0), _heard("一二", "", 0)]) == pytest.approx(2 / 6)


RIGHT = [_heard("一二三四", "一二三四", -0.01 * index) for index in range(1, 31)]
INVENTED = [_heard("一二三四", "五六七八", -0.205 - 0.01 * index) for index in range(50)]


def test_gate_stops_above_the_first_invented_sentences() -> None:
    threshold = gate([*RIGHT, *INVENTED])
    assert threshold == pytest.approx(-0.20)
    report = gate_report([*RIGHT, *INVENTED], threshold)
    assert report["invented_above"] == 0.0
    assert report["exact_passed"] == pytest.approx(20 / 30, abs=1e-3)
    assert gate([*RIGHT, *INVENTED], invented_share=0.2, error=1.0) < threshold


def test_gate_also_counts_small_mistakes() -> None:
    near = [_heard("一二三四五六七八九十", "一二三四五六七八九", -0.3 - 0.01 * index) for index in range(50)]
    threshold = gate([*RIGHT, *near], error=0.05)
    passed = [clip for clip in [*RIGHT, *near] if clip.avg_logprob >= threshold]
    assert error_rate(passed) <= 0.05 < error_rate([*RIGHT, *near])


def test_a_short_answer_with_one_wrong_character_is_wrong_but_not_invented() -> None:
    assert not invented(_heard("是的", "是得", 0))
    assert invented(_heard("我不还", "我去玩", 0))
    assert not invented(_heard("我这个星期五可以还款", "我这个星期五可一还款", 0))


def test_a_clip_without_text_never_passes_the_gate() -> None:
    silent = [_heard("一二三四", "", 0.0)]
    assert gate_report(silent, -1.0)["share_above"] == 0.0
    assert gate([*silent, _heard("一二三四", "五", -0.4)]) == 0.0
