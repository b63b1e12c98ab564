"""The small language rules are written in, and its translation into a bounded regular expression.

A template is a row of items separated by spaces, matched one after the other:

    再不还|不还     one of these texts
    {kin}|老师      a concept (a named list of texts) may stand among the alternatives
    上门?           may be left out
    ~6              a gap of at most six characters (Chinese) or words (English)
    ^  $            start and end of the utterance
    !不|没          what follows is none of these;  !<不|没  what precedes is none of these

In English an item is one or more whole words written with `_` between them ("come_to"); a word ending in `*` stands for
any ending. Nothing else is special, so that a lexicon can be read by someone who does not program.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import regex

from nlp.errors import LexiconError

MATCH_TIMEOUT_SECS: Final = 0.05
# What `{num}` stands for: a number as spoken, but not "one moment" or "a letter".
_NUMBER: Final = {
    "zh": r"(?:(?<!(?<![0-9零一二三四五六七八九十百千几])万)(?!万一(?!千|[块元])|万分|"
    r"十分(?!期)|一起|一般|一时|一旦|一边|一下|一点|一些|一个|一次|一直|一定|一样|半天|几天|"
    r"几个|两天|三天|点)"
    r"[0-9零一二两三四五六七八九十百千万几半点]+)",
    "en": r"(?:(?:[$]?\d[\d,.]*(?:st|nd|rd|th)?|an? (?=hundred|thousand|couple|grand|few)|one|two|three|four|five|six|"
    r"seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|"
    r"fifty|sixty|seventy|eighty|ninety|hundred|thousand|grand|couple|few)(?: |(?<= )))+",
}
_SPECIAL: Final = ("{num}", "$")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One template ready to run. `needs` lists, per mandatory item, the literals of which one must occur."""

    id: str
    label: str
    lang: str
    group: str
    weight: float
    source: str
    expression: str
    needs: tuple[frozenset[str], ...]
    is_phrase: bool
    literals: frozenset[str]

    @cached_property
    def pattern(self) -> Any:
        """The compiled expression. Compiled at first use: a process that sees a few texts needs few of the rules."""
        return regex.compile(self.expression)


@dataclass(frozen=True, kw_only=True)
class Match:
    """Where a template matched in a view, and the ranges its gaps took."""

    start: int
    end: int
    gaps: tuple[tuple[int, int], ...]


def brief(source: str, limit: int = 60) -> str:
    """A template cut to a length a person can take in; the rule id and the lexicon digest name the whole of it."""
    return source if len(source) <= limit else source[: limit - 1] + "…"


def padded(text: str, lang: str) -> str:
    """The form of a view's text that compiled templates run on: English words each closed by a space."""
    return f"{text} " if lang == "en" else text


def expand(item: str, concepts: Mapping[str, tuple[str, ...]], where: str) -> tuple[str, ...]:
    """The literal texts an item stands for. Raises LexiconError for an unknown concept."""
    texts: list[str] = []
    for part in item.split("|"):
        if part.startswith("{") and part.endswith("}"):
            name = part[1:-1]
            if name not in concepts:
                raise LexiconError("lexicon.concept", f"{where}: concept {part} is not defined", field=name)
            texts.extend(concepts[name])
        elif part:
            texts.append(part.replace("_", " "))
    if not texts:
        raise LexiconError("lexicon.empty", f"{where}: the item {item!r} names no text")
    return tuple(dict.fromkeys(texts))


def _alternation(texts: tuple[str, ...], lang: str) -> str:
    # Longest first, so that the match covers as much of the evidence as the list allows.
    parts = []
    for text in sorted(texts, key=len, reverse=True):
        escaped = re.escape(text).replace("\\ ", " ").replace("\\*", r"\S*")
        parts.append(f"{escaped} " if lang == "en" else escaped)
    return "(?:" + "|".join(parts) + ")"


def compile_template(source: str, lang: str, concepts: Mapping[str, tuple[str, ...]], where: str) -> dict[str, Any]:
    """Expression, needs and literals of a template, as arguments for `Rule`. Raises LexiconError when malformed."""
    pieces: list[str] = []
    needs: list[frozenset[str]] = []
    literals: set[str] = set()
    word_start = r"(?<![^ ])" if lang == "en" else ""
    items = source.split()
    for item in items:
        if item == "^":
            pieces.append(r"\A")
        elif item == "$":
            pieces.append(r"\Z")
        elif item.startswith("~"):
            pieces.append(_gap(item, lang, where))
        elif item.startswith("!<"):
            pieces.append("(?<!" + _alternation(expand(item[2:], concepts, where), lang) + ")")
        elif item.startswith("!"):
            pieces.append("(?!" + _alternation(expand(item[1:], concepts, where), lang) + ")")
        elif any(part in _SPECIAL for part in item.removesuffix("?").split("|")):
            pieces.append(_special(item.removesuffix("?"), lang, concepts, where) + ("?" if item.endswith("?") else ""))
        else:
            texts = expand(item.removesuffix("?"), concepts, where)
            literals.update(text.replace("*", "") for text in texts)
            pieces.append(_alternation(texts, lang) + ("?" if item.endswith("?") else ""))
            if not item.endswith("?"):
                needs.append(frozenset(text.replace("*", "") for text in texts))
    if not needs:
        raise LexiconError("lexicon.pattern", f"{where}: {source!r} has no item that must be there")
    is_phrase = len(items) == 1 and "|" not in source and "{" not in source
    expression = word_start + "".join(pieces)
    return {"expression": expression, "needs": tuple(needs), "literals": frozenset(literals), "is_phrase": is_phrase}


def _special(item: str, lang: str, concepts: Mapping[str, tuple[str, ...]], where: str) -> str:
    """An item that may also be a number or the end of the utterance. It asks for no literal, so it never gates."""
    parts = item.split("|")
    plain = "|".join(part for part in parts if part not in _SPECIAL)
    choices = [_NUMBER[lang]] if "{num}" in parts else []
    choices += [r"\Z"] if "$" in parts else []
    choices += [_alternation(expand(plain, concepts, where), lang)] if plain else []
    return "(?:" + "|".join(choices) + ")"


def _gap(item: str, lang: str, where: str) -> str:
    if not item[1:].isdigit():
        raise LexiconError("lexicon.pattern", f"{where}: gap {item!r}; expected ~ and a number")
    unit = r"(?:\S+ )" if lang == "en" else "."
    return f"({unit}{{0,{int(item[1:])}}}?)"


def run(rule: Rule, text: str) -> list[Match]:
    """Every match of the rule in a padded text. Raises TimeoutError when it takes longer than the time allowed."""
    matches: list[Match] = []
    for found in rule.pattern.finditer(text, timeout=MATCH_TIMEOUT_SECS):
        start, end = found.span()
        if rule.lang == "en":
            end = len(text[:end].rstrip())
        if start < end:
            gaps = tuple(found.span(number) for number in range(1, rule.pattern.groups + 1))
            matches.append(Match(start=start, end=end, gaps=gaps))
    return matches
