"""Families made of other families: one rule id for several prohibitions, and a rule heard in some regions only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, NoReturn
from zoneinfo import ZoneInfo

from policy.families.kind import Breach, BudgetSlot, Case, Kind, Signature, check_placeholders
from policy.families.simple import SIMPLE_KINDS
from policy.located import Node

_LANGS = ("en", "zh")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One prohibition of a joined rule: its family and the half sentence (`en`, `zh`) that it puts into the message."""

    kind: Kind
    says: Mapping[str, str]

    @classmethod
    def read(cls, node: Node) -> "Part":
        """Build from `{kind, says, parameters}`. Raises `RulebookError`."""
        parts = node.mapping(("kind", "says", "parameters"))
        family = SIMPLE_KINDS[parts["kind"].one_of(SIMPLE_KINDS)]
        says = parts["says"].bilingual()
        for lang, text in says.items():
            check_placeholders(parts["says"].entries()[lang], text, family.message_fields)
        return cls(kind=family.read(parts["parameters"]), says=says)

    def judge(self, case: Case) -> Breach | None:
        """The part's breach; a part that needs a clock is silent where none is known (the engine then refuses)."""
        return None if self.kind.needs_clock and not case.zones else self.kind.judge(case)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf(Kind):
    """Denies when any of its parts does; the message may use what the breached parts say."""

    name: ClassVar[str] = "any_of"
    message_fields: ClassVar[frozenset[str]] = frozenset({"said_en", "said_zh"})
    needs_clock: ClassVar[bool] = False  # parts that need one are left out where no clock is known

    parts: tuple[Part, ...]

    @classmethod
    def read(cls, node: Node) -> "AnyOf":
        """Build from `{any_of: [{kind, says, parameters}, ...]}`, at least two, none itself joined. Raises
        `RulebookError`.
        """
        return cls(parts=tuple(Part.read(item) for item in node.mapping(("any_of",))["any_of"].items(at_least=2)))

    def flags_used(self) -> frozenset[str]:
        """The flags of every part."""
        return frozenset().union(*(part.kind.flags_used() for part in self.parts))

    def clocks_used(self) -> frozenset[ZoneInfo]:
        """The zones of every part."""
        return frozenset().union(*(part.kind.clocks_used() for part in self.parts))

    def may_speak(self, signature: Signature) -> bool:
        """Where one of its parts may."""
        return any(part.kind.may_speak(signature) for part in self.parts)

    def judge(self, case: Case) -> Breach | None:
        """The breaches of all parts, told together."""
        found = [(part, breach) for part in self.parts if (breach := part.judge(case)) is not None]
        if not found:
            return None
        said = {
            f"said_{lang}": ("; " if lang == "en" else "；").join(
                part.says[lang].format_map(breach.words) for part, breach in found
            )
            for lang in _LANGS
        }
        parameters = [{"kind": part.kind.name, **breach.parameters} for part, breach in found]
        facts = [{"kind": part.kind.name, **breach.facts} for part, breach in found]
        return Breach({"any_of": parameters}, {"any_of": facts}, said)

    def next_change(self, case: Case) -> datetime | None:
        """While parts deny, no change before the last of them may end; otherwise the first part that may begin."""
        denying = [part.kind.next_change(case) for part in self.parts if part.judge(case) is not None]
        if denying:
            ends = [change for change in denying if change is not None]
            return max(ends) if len(ends) == len(denying) else None
        silent = (part.kind for part in self.parts if case.zones or not part.kind.needs_clock)
        return min((change for kind in silent if (change := kind.next_change(case)) is not None), default=None)

    def slots(self, rule: str, case: Case) -> tuple[BudgetSlot, ...]:
        """The counters of every part; the part's place keeps two counters of one subject apart."""
        found = []
        for place, part in enumerate(self.parts, start=1):
            for slot in part.kind.slots(rule, case):
                subject = f"{slot.subject}/part={place}"
                found.append(replace(slot, subject=subject, key=f"{rule}:{subject}:{slot.bucket}"))
        return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class InRegions(Kind):
    """Another family's rule, heard only where the debtor resides in one of `regions` (ISO 3166-2).

    It is built from the `regions` of a rule and never named in `kind`.
    """

    name: ClassVar[str] = "in_regions"
    message_fields: ClassVar[frozenset[str]] = frozenset()
    needs_clock: ClassVar[bool] = False  # a part that needs one is left out where no clock is known

    regions: frozenset[str]
    inner: Kind

    @classmethod
    def read(cls, node: Node) -> NoReturn:
        """Refuse: the regions stand beside the parameters, not in them."""
        node.fail("rulebook.bad_value", "`regions` beside `kind`")

    def flags_used(self) -> frozenset[str]:
        """The flags of the rule."""
        return self.inner.flags_used()

    def clocks_used(self) -> frozenset[ZoneInfo]:
        """The zones of the rule."""
        return self.inner.clocks_used()

    def may_speak(self, signature: Signature) -> bool:
        """In its regions, where the rule may."""
        return signature.region in self.regions and self.inner.may_speak(signature)

    def _speaks(self, case: Case) -> bool:
        return case.debtor.region in self.regions and bool(case.zones or not self.inner.needs_clock)

    def judge(self, case: Case) -> Breach | None:
        """The rule's breach, in its regions."""
        return self.inner.judge(case) if self._speaks(case) else None

    def next_change(self, case: Case) -> datetime | None:
        """The rule's own next change, in its regions."""
        return self.inner.next_change(case) if self._speaks(case) else None

    def slots(self, rule: str, case: Case) -> tuple[BudgetSlot, ...]:
        """The rule's counters, in its regions."""
        return self.inner.slots(rule, case) if self._speaks(case) else ()
