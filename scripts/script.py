"""What a call script is made of: immutable, and versioned by the digest of its content.

A `Library` holds scripts in several languages. A `Script` serves one or more purposes and holds `Step`s. A step
belongs to one stage of the call and holds `Line`s: variants of one sentence for different moods, all giving the same
disclosures. Digests are `sha256:` over canonical JSON (sorted keys, no spaces, UTF-8), so a line that changes by one
character is another line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property

SLOT_PATTERN = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class SlotKind(StrEnum):
    """How a slot is checked and spoken."""

    TEXT = "text"  # a name or short phrase, spoken as it stands
    MONEY = "money"  # decimal amount with a currency
    DATE = "date"  # ISO day
    TIME = "time"  # ISO day and clock time, spoken without the zone
    COUNT = "count"  # a whole number above zero
    DIGITS = "digits"  # read digit by digit: telephone and staff numbers


def digest_of(value: object) -> str:
    """`sha256:` and 64 hex digits over canonical JSON of plain values."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A typed gap in a line. `reveals_debt`: whoever hears the filled line learns that there is a debt."""

    name: str
    kind: SlotKind
    reveals_debt: bool
    aliases: tuple[str, ...]
    examples: Mapping[str, str]
    defaults: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """A statement the law or the rulebook wants in a call. The library keeps them in the order in which they must be
    said.

    `langs`: the languages whose law asks for it. `synthetic_only`: only a machine voice has to say it. Every line that
    gives it holds all `evidence_slots` and, by language, one word of each group of `evidence_words`.
    """

    id: str
    names: Mapping[str, str]
    langs: tuple[str, ...]
    synthetic_only: bool
    citation: str
    evidence_slots: tuple[str, ...] = ()
    evidence_words: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sentence or two as spoken, with `{slot}` gaps. `moods` empty means any mood; tiers empty means every tier.

    `at` is the line of the file, for messages; it is no part of the content.
    """

    id: str
    lang: str
    script: str
    step: str
    text: str
    moods: tuple[str, ...]
    gives: tuple[str, ...]
    debtor_tiers: tuple[str, ...] = ()
    creditor_tiers: tuple[str, ...] = ()
    at: int = field(default=0, compare=False)

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """Names of the slots in the text, in order, without repeats."""
        return tuple(dict.fromkeys(SLOT_PATTERN.findall(self.text)))

    @cached_property
    def digest(self) -> str:
        """What an approval pins: the words, where they are said, to whom, and what they disclose."""
        return digest_of(
            {
                "id": self.id,
                "lang": self.lang,
                "script": self.script,
                "step": self.step,
                "text": self.text,
                "moods": sorted(self.moods),
                "gives": sorted(self.gives),
                "debtor_tiers": sorted(self.debtor_tiers),
                "creditor_tiers": sorted(self.creditor_tiers),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to say. `needs`: the last disclosure that must have been given first, and with it all before it in
    order.

    `gives`: what every line of the step discloses. `next`: steps that may follow. `avoid`: violation labels this
    moment tempts to. `synthetic_only`: skipped when a person speaks. `spoken` is false for written messages.
    """

    id: str
    stage: str
    needs: str | None
    gives: tuple[str, ...]
    next: tuple[str, ...]
    avoid: tuple[str, ...]
    lines: tuple[Line, ...]
    ends_call: bool = False
    synthetic_only: bool = False
    spoken: bool = True
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class Script:
    """Steps for one or more purposes in one language. `maker` wrote it, so `maker` may not approve it."""

    id: str
    lang: str
    version: str
    maker: str
    purposes: tuple[str, ...]
    start: str | None
    steps: tuple[Step, ...]
    file: str

    @cached_property
    def digest(self) -> str:
        """Over the version, the flow and every line."""
        steps = [
            [s.id, s.stage, s.needs, s.gives, s.next, s.avoid, s.ends_call, s.synthetic_only, s.spoken]
            + [line.digest for line in s.lines]
            for s in self.steps
        ]
        return digest_of([self.id, self.lang, self.version, self.maker, self.purposes, self.start, steps])


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A compliance reviewer allows the line with this digest from the day `effective` on."""

    digest: str
    line: str
    by: str
    role: str
    date: dt.date
    effective: dt.date

    def in_force(self, as_of: dt.date | None) -> bool:
        """Whether it counts on a day. Without a day, only an approval that took effect when it was given counts."""
        return self.effective <= (self.date if as_of is None else as_of)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage of the call. `interrupts`: may be entered from anywhere. `escalate`: who must hear of it, if anybody."""

    id: str
    names: Mapping[str, str]
    aliases: tuple[str, ...]
    interrupts: bool
    escalate: str | None


@dataclass(frozen=True, kw_only=True)
class Route:
    """When `signal` of `kind` is heard, go to `stage`. Routes are tried in the order of the file.

    `soften`: stay in the stage, but choose words as for this mood. `except_stages`: where the signal changes nothing.
    """

    kind: str
    signal: str
    stage: str | None
    soften: str | None
    except_stages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The vocabulary of the library that is not text to be said: stages, routes, mood fallbacks, reasons."""

    stages: Mapping[str, Stage]
    routes: tuple[Route, ...]
    mood_fallback: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, Mapping[str, str]]
    names: Mapping[str, Mapping[str, str]]
    debt_words: Mapping[str, tuple[str, ...]]
    harsh_words: Mapping[str, tuple[str, ...]]
    opt_out_words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """All steps of one purpose in one language: its own and the shared ones."""

    lang: str
    purpose: str
    start: str
    steps: Mapping[str, Step]
    scripts: Mapping[str, Script]  # by step id

    def of_stage(self, stage: str) -> tuple[Step, ...]:
        """The steps of a stage, in the order of the files."""
        return tuple(step for step in self.steps.values() if step.stage == stage)


@dataclass(frozen=True, kw_only=True)
class Library:
    """Everything that may be said, and what has been approved of it."""

    scripts: tuple[Script, ...]
    slots: Mapping[str, Slot]
    disclosures: tuple[Disclosure, ...]
    flow: Flow
    approvals: Mapping[str, Approval]

    @cached_property
    def digest(self) -> str:
        """Over texts, slots, disclosures, flow and approvals: names everything a suggestion was chosen from."""
        approved = sorted(
            (a.digest, a.by, a.role, a.date.isoformat(), a.effective.isoformat()) for a in self.approvals.values()
        )
        scripts = sorted(script.digest for script in self.scripts)
        slots = [asdict(slot) for slot in self.slots.values()]
        disclosures = [asdict(disclosure) for disclosure in self.disclosures]
        return digest_of([scripts, slots, disclosures, asdict(self.flow), approved])

    @cached_property
    def lines(self) -> Mapping[str, Line]:
        """Every line by its digest."""
        return {line.digest: line for script in self.scripts for step in script.steps for line in step.lines}

    @property
    def langs(self) -> tuple[str, ...]:
        """Languages in the library, sorted."""
        return tuple(sorted({script.lang for script in self.scripts}))

    def purposes(self, lang: str) -> tuple[str, ...]:
        """Purposes that have a beginning in a language."""
        return tuple(dict.fromkeys(p for s in self.scripts if s.lang == lang and s.start for p in s.purposes))

    def playbook(self, lang: str, purpose: str) -> Playbook:
        """The steps for a purpose. Raises KeyError when no script begins it: callers check `purposes` first."""
        serving = [script for script in self.scripts if script.lang == lang and purpose in script.purposes]
        begins = [script for script in serving if script.start]
        if not begins:
            raise KeyError(f"no script begins {purpose} in {lang}")
        ordered = begins + [script for script in serving if not script.start]
        steps = {step.id: step for script in ordered for step in script.steps}
        owners = {step.id: script for script in ordered for step in script.steps}
        return Playbook(lang=lang, purpose=purpose, start=str(begins[0].start), steps=steps, scripts=owners)

    def is_approved(self, line: Line, as_of: dt.date | None = None) -> bool:
        """Whether a reviewer has approved exactly these words and the approval is in force."""
        approval = self.approvals.get(line.digest)
        return approval is not None and approval.in_force(as_of)

    def required_through(self, needs: str | None, *, lang: str, synthetic: bool) -> tuple[str, ...]:
        """Ids of every disclosure up to and including `needs`, in order, that this language and voice must give."""
        if needs is None:
            return ()
        ids = [disclosure.id for disclosure in self.disclosures]
        upto = self.disclosures[: ids.index(needs) + 1]
        return tuple(d.id for d in upto if lang in d.langs and (synthetic or not d.synthetic_only))
