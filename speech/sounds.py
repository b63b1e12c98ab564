"""How far apart two words sound over a telephone: Chinese by pinyin, English by a phonetic key. Pure.

0 is the same sound, 1 and more has nothing to do with it. Tones are left out: a telephone and a small model lose them
first. Near are the pairs that Mandarin speakers and recognisers confuse: zh/z, ch/c, sh/s, n/l, f/h, l/r, aspirated and
plain stops, final n/ng. English goes by Metaphone (Philips 1990), which leaves most vowels out, so the letters have a
say too.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from jellyfish import jaro_winkler_similarity, metaphone
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials
from rapidfuzz.distance import Levenshtein

_SURNAMES: Final = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "查": "zha", "解": "xie", "任": "ren", "盖": "ge", "区": "ou",
    "朴": "piao", "尉": "yu", "翟": "zhai", "乐": "yue", "缪": "miao", "冼": "xian", "覃": "qin", "员": "yun",
    "种": "chong", "折": "she", "繁": "po", "秘": "bi", "那": "na", "万": "wan", "华": "hua", "葛": "ge",
}  # fmt: skip
_TWO_READINGS: Final = {
    "还": ("hai", "huan"), "行": ("xing", "hang"), "长": ("chang", "zhang"), "乐": ("le", "yue"),
    "曾": ("ceng", "zeng"),
    "重": ("zhong", "chong"), "朝": ("chao", "zhao"), "得": ("de", "dei"), "都": ("dou", "du"), "单": ("dan", "shan"),
}  # fmt: skip
_NEAR_INITIALS: Final = {
    0.25: ("zh z", "ch c", "sh s", "n l"),
    0.5: (
        "f h", "l r", "b p", "d t", "g k", "j q", "z c", "zh ch", "j zh", "q ch", "x sh", "x s", "q x", "j x", "z j",
        "c q", "m n", "s c", "sh ch", "zh sh", "n -", "l -", "h -", "r -", "m -", "x -", "h g", "h k", "d g", "t k",
    ),
}  # fmt: skip
_NEAR_CORES: Final = {
    0.25: ("o e", "e er", "ou u", "ei i"),
    0.5: ("a e", "ao ou", "ai ei", "o ou", "ao o", "a ao", "a ai", "e i", "i ü", "u ü", "u o", "ai e", "ei e", "u ei"),
}  # fmt: skip
_MEDIALS: Final = ("i", "u", "v")
_NASAL_COST = 0.25
_MEDIAL_COST = 0.35
_FAR = 1.0


def _table(groups: dict[float, tuple[str, ...]]) -> dict[frozenset[str], float]:
    return {frozenset(pair.split()): cost for cost, pairs in groups.items() for pair in pairs}


_INITIAL_COSTS: Final = _table(_NEAR_INITIALS)
_CORE_COSTS: Final = _table(_NEAR_CORES)


def is_hanzi(text: str) -> bool:
    """Whether every character of a text that is not empty is a Chinese one."""
    return bool(text) and all("\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" for char in text)


@lru_cache(maxsize=4_096)
def name_syllables(name: str) -> tuple[str, ...]:
    """Toneless syllables of a name in Chinese characters, the family name read as a family name (曾 is zeng)."""
    found = list(lazy_pinyin(name, style=Style.NORMAL))
    if len(name) <= 3 and name[0] in _SURNAMES:
        found[0] = _SURNAMES[name[0]]
    return tuple(found)


@lru_cache(maxsize=8_192)
def readings(char: str) -> tuple[str, ...]:
    """The usual toneless reading of one Chinese character; both where two are as usual."""
    return _TWO_READINGS.get(char, ()) or tuple(lazy_pinyin(char, style=Style.NORMAL))


def hanzi_cost(heard: str, name: str) -> float:
    """How far the characters of `heard` sound from `name`, mean over the syllables; both have the same length."""
    syllables = name_syllables(name)
    costs = [
        min(syllable_cost(reading, wanted) for reading in readings(char))
        for char, wanted in zip(heard, syllables, strict=True)
    ]
    return sum(costs) / len(costs)


@lru_cache(maxsize=65_536)
def syllable_cost(one: str, other: str) -> float:
    """How far two toneless syllables sound apart: the sum over initial, medial, vowel and final nasal, at most 1."""
    if one == other:
        return 0.0
    first, second = _parts(one), _parts(other)
    cost = _pair(_INITIAL_COSTS, first[0], second[0]) + _pair(_CORE_COSTS, first[2], second[2])
    cost += _MEDIAL_COST * (first[1] != second[1])
    if first[3] != second[3]:
        cost += _NASAL_COST if first[3] and second[3] else 2 * _NASAL_COST
    return min(cost, _FAR)


def _pair(costs: dict[frozenset[str], float], one: str, other: str) -> float:
    return 0.0 if one == other else costs.get(frozenset((one or "-", other or "-")), _FAR)


def _parts(syllable: str) -> tuple[str, str, str, str]:
    """Initial, medial glide, vowel and final nasal of a toneless syllable."""
    initial, final = to_initials(syllable, strict=True), to_finals(syllable, strict=True)
    nasal = "ng" if final.endswith("ng") else "n" if final.endswith("n") else ""
    core = final[: len(final) - len(nasal)]
    medial = core[0] if len(core) > 1 and core[0] in _MEDIALS else ""
    vowel = core[len(medial) :].replace("v", "ü")
    return initial, medial, vowel, nasal


@lru_cache(maxsize=4_096)
def _key(word: str) -> str:
    return metaphone(word)


def latin_cost(heard: Sequence[str], name: Sequence[str]) -> float:
    """How far words in Latin letters sound apart, the mean over pairs; both have the same number of words."""
    return sum(map(_latin_pair, heard, name)) / len(name)


def _latin_pair(heard: str, name: str) -> float:
    one, other = heard.casefold(), name.casefold()
    if one == other:
        return 0.0
    letters = 1.0 - jaro_winkler_similarity(one, other)
    keys = float(Levenshtein.normalized_distance(_key(one), _key(other)))
    return (letters + keys) / 2
