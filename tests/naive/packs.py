"""Which naive reading belongs to which pack id."""

from collections.abc import Callable

from tests.naive import read_cn, read_in, read_uk, read_us
from tests.naive.common import Scenario

READERS: dict[str, Callable[[Scenario], list[str]]] = {
    "cn": read_cn.denying_rules,
    "us-reg-f": read_us.denying_rules,
    "uk-conc7": read_uk.denying_rules,
    "in-rbi": read_in.denying_rules,
}
"""The packs in the order in which they are named everywhere."""
