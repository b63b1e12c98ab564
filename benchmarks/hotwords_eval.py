"""Names put by sound: how many are right before and after, and how often one is put where nobody said it.

Synthetic speech of voices kept out of the embedded model's training, 8 kHz mu-law, beam 5. Each clip is decoded once;
`speech.snapping` is then given the hotwords of a call: four names, the detectors' ordinary words and sound-alike words.

* names: 60 Chinese and 40 English ones, each in a sentence; one of the four hotwords is the name that is said.
* false: 200 unseen sentences of `asr_eval_sentences.jsonl`; none of the four names is said.
* look-alikes: sentences with ordinary words that sound like one of the four names (逾期 for 于琪, "harass" for Harris).

    python benchmarks/hotwords_eval.py [--model NAME] [--seed N] [--examples] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nlp.lexicon.loader import load_lexicon
from speech.codec import Upsampler, decode, encode, to_float
from speech.hotwords import Hotwords
from speech.recognizer import Recognition, RecognizeOptions
from speech.snapping import snapped
from speech.synthesis.telephone import VOICES, synthesize_telephone
from speech.types import Samples
from speech.whisper import EMBEDDED, WhisperRecognizer

SENTENCES = Path(__file__).with_name("asr_eval_sentences.jsonl")
VOICE_NAMES = [name for name, voice in VOICES.items() if voice.split == "heldout"]
QUIET = np.zeros(2_400, np.int16)
FAMILY = "白常段侯贺龚孔莫施陶夏尹方石康毛邱秦江史顾万雷熊孟戴乔赖武贾"
GIVEN = "丽敏军勇艳娟涛超秀霞平刚桂芬玲红梅建宇欣子涵晨曦佳琪浩轩梓睿诗雨思琴峰鑫凤兰英洁倩凯亮"
SURNAMES = (
    "Atkinson", "Bradshaw", "Callahan", "Dunmore", "Ellison", "Fairbanks", "Gilmore", "Harrington", "Ingram",
    "Jacobson", "Kensington", "Lambert", "Mitchell", "Nicholson", "Ortega", "Patterson", "Quigley", "Robinson",
    "Sanderson", "Templeton", "Underwood", "Vasquez", "Winchester", "Yardley", "Zimmerman", "Baldwin",
    "Crawford", "Davenport", "Emerson", "Ferguson", "Garrison", "Hamilton", "Isherwood", "Jefferson", "Kimball",
    "Lockwood", "Marshall", "Norwood", "Overton", "Parkinson",
)  # fmt: skip
ASKED = {
    "zh": (
        "喂，是{}吗？",
        "麻烦找一下{}。",
        "{}您好，我是客服中心的。",
        "我不认识{}，你打错了。",
        "{}欠的钱跟我没关系。",
    ),
    "en": (
        "Could I talk to {} about the account?",
        "There is no {} living here.",
        "Thank you for waiting, {}.",
        "You have reached {}, go ahead.",
        "I told {} about the payment already.",
    ),
}
ALIKE = {
    "zh": (
        ("于琪", "您的账单已经逾期三十天了"), ("高幸", "很高兴为您服务"), ("方安", "我给您说一下分期的方案"),
        ("程诺", "您之前承诺过这个月还"), ("金娥", "请您核对一下欠款金额"), ("齐贤", "还款的期限是下个星期五"),
        ("马凡", "麻烦您再说一遍"), ("何适", "您看什么时候合适"), ("郑新", "这会影响您的征信"),
        ("黎洁", "您的难处我能理解"), ("鲁英", "这通电话会录音"), ("余鹅", "您卡里的余额不够"),
        ("安培", "我给您安排一下"), ("时健", "您大概什么时间方便"), ("何童", "合同上写得很清楚"),
        ("李希", "利息是按天计算的"), ("毕旭", "您必须本人来办理"), ("简勉", "可以申请减免一部分"),
        ("吕诗", "我要找律师起诉你们"), ("卜芳", "我现在不方便说话"),
    ),
    "en": (
        ("Harris", "please stop trying to harass me"), ("Payne", "i cannot make the payment this week"),
        ("Moore", "i need a little more time"), ("Wade", "can you wait until friday"),
        ("Bill Price", "the bill has the wrong price"), ("Bank Ford", "i cannot afford what the bank wants"),
        ("Collins", "why do you keep calling"), ("Latham", "send me a letter then"),
        ("Monk", "i get paid at the end of the month"), ("Lawson", "i will talk to a lawyer"),
        ("Hospen", "my wife is in the hospital"), ("Stopford", "stop calling me at work"),
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What is said, and the names of the call it is said in; `name` is the one that is said, if any."""

    lang: str
    text: str
    name: str | None
    names: tuple[str, ...]


def chinese_names(rng: random.Random, count: int) -> list[str]:
    """Names of two and of three characters, one of each in turn."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[rng.choice(FAMILY) + "".join(rng.sample(GIVEN, 1 + len(found) % 2))] = None
    return list(found)


def clips(rng: random.Random) -> dict[str, list[Clip]]:
    """The three sets, both languages in each."""
    people = {"zh": chinese_names(rng, 60), "en": list(SURNAMES)}
    rows = [json.loads(line) for line in SENTENCES.read_text("utf-8").splitlines()]
    sets: dict[str, list[Clip]] = {"names": [], "false": [], "look-alikes": []}
    for lang, wanted in (("zh", 120), ("en", 80)):
        for index, name in enumerate(people[lang]):
            others = rng.sample([other for other in people[lang] if other != name], 3)
            text = ASKED[lang][index % len(ASKED[lang])].format(name)
            sets["names"].append(Clip(lang=lang, text=text, name=name, names=(name, *others)))
        unseen = [row["text"] for row in rows if row["lang"] == lang and not row["seen"]]
        for text in rng.sample(unseen, wanted):
            names = rng.sample([name for name in people[lang] if name not in text], 4)
            sets["false"].append(Clip(lang=lang, text=text, name=None, names=tuple(names)))
        for name, text in ALIKE[lang]:
            sets["look-alikes"].append(Clip(lang=lang, text=text, name=None, names=(name, *people[lang][:3])))
    return sets


def sound(clip: Clip, voice: str) -> Samples:
    """The clip as a telephone carries it, at 16 kHz."""
    speech = np.concatenate([QUIET, synthesize_telephone(clip.text, clip.lang, VOICES[voice]), QUIET])
    up = Upsampler()
    heard = up.push(to_float(decode(encode(speech, "mulaw"), "mulaw")))
    return np.concatenate([heard, up.flush()])


def said(name: str, text: str) -> bool:
    return name.casefold() in text.casefold()


def hear(recognizer: WhisperRecognizer, sets: dict[str, list[Clip]]) -> Iterator[tuple[str, Clip, Recognition]]:
    """Every clip as the model writes it."""
    for kind, found in sets.items():
        for index, clip in enumerate(found):
            options = RecognizeOptions(language=clip.lang, word_timestamps=True, beam_size=5)
            yield kind, clip, recognizer.recognize(sound(clip, VOICE_NAMES[index % len(VOICE_NAMES)]), options)


def measure(model: str, seed: int, examples: bool) -> dict[str, dict[str, int]]:
    """Counts by set and language."""
    lexicon = load_lexicon()
    ordinary = lexicon.ordinary_words | frozenset(lexicon.sound_words)
    counts: dict[str, dict[str, int]] = {}
    recognizer = WhisperRecognizer.load(model, device="cpu", threads=2)
    for kind, clip, before in hear(recognizer, clips(random.Random(seed))):
        after = snapped(before, Hotwords(names=clip.names, ordinary=ordinary))
        row = counts.setdefault(f"{kind} {clip.lang}", {"clips": 0})
        row["clips"] += 1
        if clip.name is not None:
            wrong = any(said(name, after.text) and not said(name, before.text) for name in clip.names[1:])
            for key, holds in (
                ("right before", said(clip.name, before.text)),
                ("right after", said(clip.name, after.text)),
                ("another name put", wrong),
            ):
                row[key] = row.get(key, 0) + holds
        else:
            row["name put"] = row.get("name put", 0) + (after is not before)
        if examples and after is not before:
            print(f"{kind}: {clip.text} | {before.text} | {after.text}")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default=EMBEDDED)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--examples", action="store_true", help="show every text that was changed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    counts = measure(given.model, given.seed, given.examples)
    if given.json:
        print(json.dumps(counts, ensure_ascii=False))
        return
    for name, row in counts.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
