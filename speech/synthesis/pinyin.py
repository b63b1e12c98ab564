"""Mandarin text to the toned pinyin that the synthesiser reads, with the polyphones of collection talk settled."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from speech.synthesis.chinese_numbers import write_out

_PHRASES = (
    "还款 huán kuǎn|还钱 huán qián|还清 huán qīng|还上 huán shàng|还债 huán zhài|还贷 huán dài|偿还 cháng huán"
    "|归还 guī huán|还了 huán le|还两 huán liǎng|还一 huán yī|还三 huán sān|还五 huán wǔ|还八 huán bā"
    "|还不上 huán bú shàng"
    "|还不起 huán bù qǐ|还不了 huán bù liǎo|还的 huán de|先还 xiān huán|再还 zài huán|能还 néng huán|会还 huì huán"
    "|要还 yào huán|来还 lái huán|去还 qù huán|还给 huán gěi|还多少 huán duō shǎo|还一部分 huán yí bù fèn"
    "|分期还 fēn qī huán|怎么还 zěn me huán|全部还 quán bù huán|还本 huán běn|代还 dài huán|还最低 huán zuì dī"
    "|还进去 huán jìn qù|已还 yǐ huán|未还 wèi huán|没还 méi huán|不还 bù huán|还完 huán wán|还掉 huán diào"
    "|还没 hái méi|还是 hái shì|还有 hái yǒu|还在 hái zài|还要 hái yào|还能 hái néng|还会 hái huì|还不 hái bù"
    "|还想 hái xiǎng|还没还 hái méi huán|还要还 hái yào huán|还没有 hái méi yǒu|还差 hái chà|还欠 hái qiàn"
    "|银行 yín háng|行业 háng yè|支行 zhī háng|分行 fēn háng|本行 běn háng|我行 wǒ háng|央行 yāng háng|招行 zhāo háng"
    "|工行 gōng háng|建行 jiàn háng|农行 nóng háng|行不行 xíng bu xíng|还行 hái xíng|不行 bù xíng"
    "|重新 chóng xīn|重复 chóng fù|重组 chóng zǔ|重病 zhòng bìng|严重 yán zhòng|重要 zhòng yào"
    "|结清 jié qīng|核对 hé duì|调整 tiáo zhěng|调解 tiáo jiě|调查 diào chá|协调 xié tiáo|空调 kōng tiáo"
    "|长期 cháng qī|家长 jiā zhǎng|队长 duì zhǎng|校长 xiào zhǎng|得到 dé dào|我得 wǒ děi|您得 nín děi|你得 nǐ děi"
    "|觉得 jué de|睡觉 shuì jiào|记得 jì de|晓得 xiǎo de|了解 liǎo jiě|了结 liǎo jié|受不了 shòu bù liǎo"
    "|差额 chā é|出差 chū chāi|差不多 chà bu duō|应该 yīng gāi|应收 yīng shōu|应还 yīng huán|反应 fǎn yìng"
    "|发票 fā piào|头发 tóu fa|工地 gōng dì|好好地 hǎo hǎo de|的确 dí què|目的 mù dì|为了 wèi le|因为 yīn wèi"
    "|为难 wéi nán|以为 yǐ wéi|着急 zháo jí|睡着 shuì zháo|着落 zhuó luò|等着 děng zhe|便宜 pián yi|方便 fāng biàn"
    "|数字 shù zì|数一数 shǔ yi shǔ|参与 cān yù|一点 yì diǎn|量力 liàng lì|质量 zhì liàng|商量 shāng liang"
    "|率先 shuài xiān|利率 lì lǜ|费率 fèi lǜ|亲家 qìng jia|都是 dōu shì|首都 shǒu dū|朝阳 cháo yáng|单位 dān wèi"
    "|姓单 xìng shàn|姓曾 xìng zēng|曾经 céng jīng|称呼 chēng hu|对称 duì chèn|处理 chǔ lǐ|到处 dào chù|好处 hǎo chù"
    "|供款 gōng kuǎn|给您 gěi nín|供给 gōng jǐ|扣除 kòu chú|看守 kān shǒu|累计 lěi jì|积累 jī lěi|劳累 láo lèi"
)
_LETTERS = {
    "A": "ei1", "B": "bi1", "C": "xi1", "D": "di1", "E": "yi1", "F": "ai2 fu5", "G": "ji1", "H": "ei1 qi5",
    "I": "ai1", "J": "zhei1", "K": "kei1", "L": "ai1 le5", "M": "ai1 mu5", "N": "en1", "O": "ou1", "P": "pi1",
    "Q": "kiu1", "R": "a1 er5", "S": "ai1 si5", "T": "ti1", "U": "you1", "V": "wei1", "W": "da1 bu5 liu5",
    "X": "ai1 ke5 si5", "Y": "wai1", "Z": "zei1",
}  # fmt: skip
_PAUSES = {
    "，": ",",
    "、": ",",
    "；": ",",
    "：": ",",
    "。": ".",
    "！": ".",
    "？": "?",
    ",": ",",
    ".": ".",
    "!": ".",
    "?": "?",
}
_HANZI = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the synthesiser is given, and which character of the written-out text each pinyin syllable says."""

    written: str
    pinyin: str
    positions: tuple[int, ...]
    """1-based position in `pinyin` of the syllable for each hanzi of `written`."""
    tones: tuple[int, ...]


@functools.cache
def _load() -> None:
    entries = [entry.split(" ", 1) for entry in _PHRASES.split("|")]
    load_phrases_dict({phrase: [[syllable] for syllable in reading.split()] for phrase, reading in entries})


def syllables(hanzi: str) -> list[str]:
    """One numbered syllable for each character of a run of hanzi."""
    _load()
    found = lazy_pinyin(hanzi, style=Style.TONE3, v_to_u=False, neutral_tone_with_five=True, tone_sandhi=True)
    return [syllable if syllable[-1:].isdigit() else f"{syllable}5" for syllable in found]


def read(text: str) -> Reading:
    """Write the digits out and spell the whole text in toned pinyin."""
    written = write_out(text)
    parts: list[str] = []
    positions: list[int] = []
    tones: list[int] = []
    length = 0

    def push(part: str) -> None:
        nonlocal length
        parts.append(part)
        length += len(part) + 1

    for piece in re.findall(r"[\u4e00-\u9fff]+|[A-Za-z]|[，、；：。！？,.!?]", written):
        if _HANZI.fullmatch(piece):
            for syllable in syllables(piece):
                positions.append(length + 1)
                tones.append(int(syllable[-1]))
                push(syllable)
        elif piece in _PAUSES:
            push(_PAUSES[piece])
        else:
            push(_LETTERS[piece.upper()])
    return Reading(written=written, pinyin=" ".join(parts), positions=tuple(positions), tones=tuple(tones))


def to_pinyin(text: str) -> str:
    """The toned pinyin of a Mandarin text, digits and Latin letters included."""
    return read(text).pinyin
