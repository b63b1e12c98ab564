"""The rule families a rulebook may name in `kind`."""

from policy.compound import AnyOf
from policy.kind import Kind
from policy.simple_kinds import SIMPLE_KINDS

KINDS: dict[str, type[Kind]] = SIMPLE_KINDS | {AnyOf.name: AnyOf}
