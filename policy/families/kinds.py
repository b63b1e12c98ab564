"""The rule families a rulebook may name in `kind`."""

from policy.families.compound import AnyOf
from policy.families.kind import Kind
from policy.families.simple import SIMPLE_KINDS

KINDS: dict[str, type[Kind]] = SIMPLE_KINDS | {AnyOf.name: AnyOf}
