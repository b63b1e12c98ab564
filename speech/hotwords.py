"""Words that are likely to be said in one call, and how a recogniser is told of them. Pure.

A Whisper that was trained on prompts gets them as its prompt (`prompt_text`), names first, as many as fit. The embedded
model never saw a prompt: `speech.snapping` puts a name where it wrote something that sounds like it.

Names are personal data. They do not show in a `repr` and belong into no log, error or ledger entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

PROMPT_TOKENS = 200
"""Whisper reads at most 223 tokens of prompt (half its text context less one); some room is left."""

_SEPARATOR = ", "


@dataclass(frozen=True, kw_only=True)
class Hotwords:
    """What is likely to be said in one call, the most important first.

    `names` are persons, creditor and product: they may also be put where the text only sounds like them. `terms` are
    for prompts alone: amounts, and wordings that matter when they are said. What was heard as one of `terms`, or as one
    of the `ordinary` words of the language, is never replaced by a name.
    """

    names: tuple[str, ...] = field(default=(), repr=False)
    terms: tuple[str, ...] = field(default=(), repr=False)
    ordinary: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """All of them without repetition, names first."""
        return tuple(dict.fromkeys((*self.names, *self.terms)))


def echoes(text: str, hotwords: Sequence[str]) -> bool:
    """Whether a text holds two hotwords in the order of the prompt with nothing between them.

    A Whisper that hears next to nothing sometimes writes its prompt. Such a text may be true; it asserts nothing.
    """
    said = _letters(text)
    told = [_letters(hotword) for hotword in hotwords]
    return any(one and other and one + other in said for one, other in pairwise(told))


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def prompt_text(hotwords: Iterable[str], tokens_in: Callable[[str], int], limit: int = PROMPT_TOKENS) -> str:
    """The beginning of `hotwords` that fits into `limit` tokens, whole words only; "" when there is none.

    `tokens_in` counts the tokens of a text.
    """
    taken: list[str] = []
    used = 0
    for hotword in hotwords:
        word = " ".join(hotword.split())
        used += tokens_in(f" {word}{_SEPARATOR}") if word else 0
        if used > limit:
            break
        if word:
            taken.append(word)
    return _SEPARATOR.join(taken)
