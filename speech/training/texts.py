"""The text plan: which sentences are spoken for training, and which are kept for test."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from speech.training import templates
from speech.training.mixes import Mixer
from speech.training.sources import Line, domain_lines, licensed, speakable, target


@dataclass(frozen=True, kw_only=True)
class TextPlan:
    """How many sentences of which kind; shares are of one language's sentences."""

    seed: int = 7
    sentences: int = 36_000
    zh_share: float = 0.58
    template_share: float = 0.28
    licensed_share: float = 0.47
    domain_share: float = 0.0
    domain_files: tuple[Path, ...] = ()
    extra_zh: tuple[Path, ...] = field(default=())


class TextSource:
    """All sources of one language, ready to draw from."""

    def __init__(self, plan: TextPlan, lang: str, lines: list[Line]) -> None:
        self.lang = lang
        own = [line for line in lines if line.lang == lang and speakable(line.text, lang)]
        self.trained = [line for line in own if not line.heldout]
        self.kept = [line for line in own if line.heldout]
        self.domain = [
            text for found, text in domain_lines(plan.domain_files) if found == lang and speakable(text, lang)
        ]
        self.mixer = Mixer(lang, (target(line.text, lang) for line in self.trained))
        self._bounds = (4, 20) if lang == "zh" else (3, 15)

    def template(self, rng: random.Random, heldout: bool = False) -> Line:
        text, family = templates.sentence(self.lang, heldout, rng)
        return Line(text=text, lang=self.lang, source=f"template:{family}", heldout=heldout)

    def mixed(self, rng: random.Random, heldout: bool = False) -> Line:
        text = self.mixer.draw(rng, *self._bounds)
        return Line(text=text, lang=self.lang, source="mix", heldout=heldout)

    def domain_line(self, rng: random.Random) -> Line:
        filled = templates.fill(rng.choice(self.domain), self.lang, rng)
        return Line(text=filled, lang=self.lang, source="domain", heldout=False)


def sources(plan: TextPlan) -> dict[str, TextSource]:
    """Both languages' sources."""
    lines = licensed(plan.extra_zh)
    return {lang: TextSource(plan, lang, lines) for lang in ("zh", "en")}


def _draw(source: TextSource, plan: TextPlan, rng: random.Random, deck: Iterator[Line]) -> Line:
    kind = rng.random()
    if source.domain and kind < plan.domain_share:
        return source.domain_line(rng)
    kind = (kind - plan.domain_share) / (1 - plan.domain_share) if source.domain else kind
    if kind < plan.template_share:
        return source.template(rng)
    if kind < plan.template_share + plan.licensed_share:
        return next(deck, None) or source.mixed(rng)
    return source.mixed(rng)


def training_lines(plan: TextPlan, found: dict[str, TextSource] | None = None) -> list[Line]:
    """The sentences to speak, in an order that a shorter plan with the same seed would share only by chance."""
    rng = random.Random(plan.seed)
    lines: list[Line] = []
    for lang, source in (found or sources(plan)).items():
        deck = source.trained[:]
        rng.shuffle(deck)
        dealer = iter(deck)
        count = round(plan.sentences * (plan.zh_share if lang == "zh" else 1 - plan.zh_share))
        lines += [_draw(source, plan, rng, dealer) for _ in range(count)]
    rng.shuffle(lines)
    return lines


def heldout_sets(plan: TextPlan, size: int) -> dict[str, list[Line]]:
    """Test sentences by set; whether a sentence was verbatim in training is told at evaluation."""
    rng = random.Random(plan.seed + 1_000_003)
    sets: dict[str, list[Line]] = {}
    for lang, source in sources(plan).items():
        sets[f"{lang}-templates"] = _distinct(source.template, rng, size)
        sets[f"{lang}-mixes"] = _distinct(partial(source.mixed, heldout=True), rng, size)
        sets[f"{lang}-licensed"] = rng.sample(source.kept, min(size, len(source.kept)))
        unseen = [
            Line(text=templates.fill(line, lang, rng), lang=lang, source=f"template:{family.name}", heldout=True)
            for family in templates.families(lang)
            if family.heldout
            for line in family.lines
        ]
        sets[f"{lang}-families"] = unseen
    return sets


def _distinct(draw: Callable[[random.Random], Line], rng: random.Random, size: int) -> list[Line]:
    found: dict[str, Line] = {}
    while len(found) < size:
        line = draw(rng)
        found.setdefault(line.text, line)
    return list(found.values())
