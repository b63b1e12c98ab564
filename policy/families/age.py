"""Under age or not: the record of it, or the birth date against the local date on the debtor's clocks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from policy.facts import FLAGS
from policy.families.kind import Case
from policy.located import Node
from policy.zones import start_of_day

LEAP_BIRTHDAYS = frozenset({"february_28", "march_1"})


def first_adult_day(born: date, *, years: int, birthday_included: bool, leap_birthday: str) -> date:
    """The first local day on which the person is of age. `birthday_included`: the birthday still counts as under age.

    `leap_birthday` says where the birthday of someone born on 29 February falls in a common year.
    """
    year = born.year + years
    try:
        birthday = born.replace(year=year)
    except ValueError:  # born on 29 February, and `year` is a common year
        birthday = date(year, 2, 28) if leap_birthday == "february_28" else date(year, 3, 1)
    return birthday + timedelta(days=1) if birthday_included else birthday


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderAge:
    """Surely under age: not yet `years` old on every clock, or flagged while no birth date is known.

    The condition of a permission, not of a ban: where flag and date disagree the date tells.
    """

    years: int
    birthday_included: bool
    leap_birthday: str
    flags: frozenset[str]

    @classmethod
    def read(cls, node: Node) -> "UnderAge":
        """Build from `{years, birthday_included, leap_birthday, flags}`. Raises `RulebookError`."""
        parts = node.mapping(("years", "birthday_included", "leap_birthday", "flags"))
        return cls(
            years=parts["years"].integer(least=1, most=120),
            birthday_included=parts["birthday_included"].boolean(),
            leap_birthday=parts["leap_birthday"].one_of(LEAP_BIRTHDAYS),
            flags=parts["flags"].words(FLAGS),
        )

    def _adult_on(self, born: date) -> date:
        return first_adult_day(
            born, years=self.years, birthday_included=self.birthday_included, leap_birthday=self.leap_birthday
        )

    def holds(self, case: Case) -> bool:
        """Whether the debtor is surely under age at the case's instant: by the birth date, or flagged without one."""
        born = case.debtor.birth_date
        if born is None:
            return bool(self.flags & case.debtor.flags)
        if not case.local:
            return False
        adult_on = self._adult_on(born)
        return all(local.date() < adult_on for local in case.local)

    def ends_at(self, case: Case) -> datetime | None:
        """The instant at which the first clock reaches the first adult day, if it is still to come."""
        born = case.debtor.birth_date
        if born is None:
            return None
        end = min((start_of_day(zone, self._adult_on(born)) for zone in case.zones), default=None)
        return end if end is not None and end > case.at else None

    def plain(self) -> dict[str, Any]:
        """The condition as JSON types."""
        return {
            "years": self.years,
            "birthday_included": self.birthday_included,
            "leap_birthday": self.leap_birthday,
            "flags": sorted(self.flags),
        }
