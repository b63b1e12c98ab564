"""One plain form of what was heard, with every character traced back to the text as given.

Chinese becomes simplified characters without spaces, punctuation and fillers; English becomes lower-case words joined
by single spaces, contractions spelled out. Punctuation is not thrown away: it is kept as breaks between positions, so
that a rule may match across a comma that recognisers never write while scope rules still see where a clause ended.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from opencc import OpenCC

# Particles that carry no content for our labels; a recogniser writes or omits them at will.
ZH_FILLERS: Final = frozenset("嗯呃啊呀哦噢嗳喔诶欸")
# Doubled only by stammering: "我我我今天" is "我今天".
ZH_STAMMER: Final = frozenset("我你您他她就这那把在")
EN_FILLERS: Final = frozenset({"um", "uh", "uhm", "umm", "uhh", "er", "erm", "hmm", "mm", "mhm", "ah"})
EN_STAMMER: Final = frozenset(
    {"i", "we", "you", "the", "a", "to", "he", "she", "it", "and", "is", "my", "your", "that"}
)

STRONG_BREAKS: Final = frozenset(".!?;。！？；…\n")
QUOTE_MARKS: Final = frozenset('"“”„«»「」『』‘')

_CONTRACTIONS: Final[dict[str, str]] = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "ain't": "is not", "shan't": "shall not",
    "let's": "let us", "y'all": "you all", "gonna": "going to", "gotta": "got to", "wanna": "want to",
    "gimme": "give me", "lemme": "let me", "dunno": "do not know", "kinda": "kind of", "outta": "out of",
    "tryna": "trying to", "imma": "i am going to", "cause": "because", "'cause": "because", "cuz": "because",
    "ya": "you", "til": "until", "'til": "until", "till": "until", "ok": "okay", "'em": "them", "em": "them",
    "im": "i am", "ive": "i have", "dont": "do not", "cant": "can not", "wont": "will not", "didnt": "did not",
    "doesnt": "does not", "isnt": "is not", "wasnt": "was not", "arent": "are not", "youre": "you are",
    "youve": "you have", "youll": "you will", "theyre": "they are", "theyll": "they will", "weve": "we have",
    "havent": "have not", "hasnt": "has not", "couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not",
    "thats": "that is", "whats": "what is", "wheres": "where is", "whos": "who is", "hes": "he is", "shes": "she is",
    "theres": "there is", "heres": "here is", "ma'am": "madam", "o'clock": "oclock", "tmrw": "tomorrow",
    "bucks": "dollars",
}  # fmt: skip
_SUFFIXES: Final = (
    ("n't", " not"),
    ("'ll", " will"),
    ("'re", " are"),
    ("'ve", " have"),
    ("'m", " am"),
    ("'d", " would"),
)
_IS_WORDS: Final = frozenset(
    {"that", "what", "where", "who", "he", "she", "it", "there", "here", "how", "when", "why", "this", "nobody",
     "everybody", "somebody", "everything", "nothing", "one", "y'all", "money"}
)  # fmt: skip
_EN_TOKEN: Final = re.compile(
    r"[$£€¥]?\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?(?![a-z0-9])|[a-z0-9]+(?:'[a-z]+)*|'(?:em|til|cause)\b"
)
_HAN: Final = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, kw_only=True)
class View:
    """A normalised text. `origin[i]` is the half-open span, in the given text, that character `i` came from.

    `breaks[i]` (positions 0..len) holds the punctuation met just before character `i`.
    """

    source: str
    lang: str
    text: str
    origin: tuple[tuple[int, int], ...]
    breaks: dict[int, str]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Span in the given text of the half-open range [start, end) of the view; empty ranges are refused."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"range [{start}, {end}) is not a non-empty part of a view of {len(self.text)} characters")
        covered = self.origin[start:end]
        return min(low for low, _ in covered), max(high for _, high in covered)

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """The range widened to the nearest punctuation on either side."""
        while start > 0 and start not in self.breaks:
            start -= 1
        while end < len(self.text) and end not in self.breaks:
            end += 1
        return start, end

    def strong_break(self, position: int) -> bool:
        """Whether a sentence ended just before this position."""
        return any(mark in STRONG_BREAKS for mark in self.breaks.get(position, ""))


def detect_lang(text: str) -> str:
    """ "zh" when a fifth of the letters, or more, are Chinese characters; otherwise "en"."""
    han = len(_HAN.findall(text))
    latin = sum(1 for word in re.findall(r"[A-Za-z]+", text))
    return "zh" if han and han >= latin / 2 else "en"


def normalize(text: str, lang: str) -> View:
    """The view of `text` for `lang` "zh" or "en"; any other language raises ValueError."""
    if lang == "zh":
        return _normalize_zh(text)
    if lang == "en":
        return _normalize_en(text)
    raise ValueError(f"language is {lang!r}; expected 'zh' or 'en'")


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=8192)
def _simplified(char: str) -> str:
    converted: str = _converter().convert(char)
    return converted if len(converted) == 1 else char


def _folded(text: str) -> list[tuple[str, int]]:
    """Compatibility-folded, lower-cased characters, each with the index it came from."""
    return [(char, index) for index, given in enumerate(text) for char in unicodedata.normalize("NFKC", given).lower()]


def _mark(breaks: dict[int, str], position: int, char: str) -> None:
    breaks[position] = breaks.get(position, "") + char


def _normalize_zh(text: str) -> View:
    kept: list[str] = []
    origin: list[tuple[int, int]] = []
    breaks: dict[int, str] = {}
    folded = _folded(text)
    for place, (char, index) in enumerate(folded):
        if not char.isalnum():
            inside_number = (
                char in ".,:" and 0 < place < len(folded) - 1
                and folded[place - 1][0].isdigit() and folded[place + 1][0].isdigit()
            )  # fmt: skip
            if inside_number and char != ",":
                kept.append(char)
                origin.append((index, index + 1))
            elif not inside_number and not unicodedata.combining(char):
                _space_or_mark(kept, origin, breaks, char, index)
            continue
        char = _simplified(char)
        if char in ZH_FILLERS:
            continue
        if char in ZH_STAMMER and kept and kept[-1] == char and len(kept) not in breaks:
            origin[-1] = (origin[-1][0], index + 1)
            continue
        kept.append(char)
        origin.append((index, index + 1))
    return View(source=text, lang="zh", text="".join(kept), origin=tuple(origin), breaks=breaks)


def _space_or_mark(
    kept: list[str], origin: list[tuple[int, int]], breaks: dict[int, str], char: str, index: int
) -> None:
    """Spaces are kept between Latin words only (looked at when the next letter comes); the rest becomes a break."""
    if char.isspace():
        if kept and kept[-1].isascii() and kept[-1].isalpha():
            kept.append(" ")
            origin.append((index, index + 1))
    else:
        _mark(breaks, len(kept), char)


def _expand(token: str) -> str:
    if token in _CONTRACTIONS:
        return _CONTRACTIONS[token]
    for suffix, full in _SUFFIXES:
        if token.endswith(suffix) and len(token) > len(suffix):
            return token[: -len(suffix)] + full
    if token.endswith("'s"):
        stem = token[:-2]
        return f"{stem} is" if stem in _IS_WORDS else stem
    return token.replace("'", "")


def _normalize_en(text: str) -> View:
    folded = _folded(text)
    chars = "".join("'" if char in "’‘ʼ`´" else char for char, _ in folded)
    kept: list[str] = []
    origin: list[tuple[int, int]] = []
    breaks: dict[int, str] = {}
    last_word, cursor = "", 0
    for match in _EN_TOKEN.finditer(chars):
        for char in chars[cursor : match.start()]:
            if not char.isspace() and not char.isalnum() and char not in "-'/":
                _mark(breaks, len(kept) + (1 if kept else 0), char)
        cursor = match.end()
        token = match.group()
        if token in EN_FILLERS:
            continue
        span = (folded[match.start()][1], folded[match.end() - 1][1] + 1)
        expanded = _expand(token)
        if expanded == last_word and token in EN_STAMMER and len(kept) + 1 not in breaks:
            continue
        if kept:
            kept.append(" ")
            origin.append((span[0], span[0]))
        kept.extend(expanded)
        origin.extend([span] * len(expanded))
        last_word = expanded
    for char in chars[cursor:]:
        if not char.isspace() and not char.isalnum():
            _mark(breaks, len(kept), char)
    return View(source=text, lang="en", text="".join(kept), origin=tuple(origin), breaks=breaks)
