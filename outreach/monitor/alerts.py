"""From a finding to what a supervisor sees: severity, wording in both languages, and what was said already.

How grave a violation is says the law of the call (`outreach.monitor.context.Prohibition`), not the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from outreach.errors import ConfigError
from outreach.monitor.effects import Severity

_GROUPS = ("violation", "vulnerability", "fact", "monitor")
_WORDING = {"zh", "en"}
GRADED_BY_LAW = "violation"
UNGRADED = Severity.CRITICAL
"""A violation that no pack of the call names: nobody said that it is a small one."""


@dataclass(frozen=True, kw_only=True)
class AlertKind:
    """One kind of alert: its group (`violation`, `vulnerability`, `fact`, `monitor`), label, severity and wording."""

    group: str
    label: str
    severity: Severity
    text: Mapping[str, str]


class AlertCatalogue:
    """All kinds of alert. A label that is not listed is an error: an alert without wording helps nobody."""

    def __init__(self, kinds: Mapping[tuple[str, str], AlertKind]) -> None:
        self._kinds = dict(kinds)

    def kind(self, group: str, label: str) -> AlertKind:
        """The entry of `label` in `group`; raises `ConfigError` (config.alert_kind) when there is none."""
        found = self._kinds.get((group, label))
        if found is None:
            raise ConfigError(
                "config.alert_kind",
                f"alerts.yaml has no entry {group}.{label}",
                hint="add zh and en for it to outreach/monitor/alerts.yaml, and its severity where no law grades it",
            )
        return found

    def labels(self, group: str) -> frozenset[str]:
        """Every label of one group."""
        return frozenset(label for owner, label in self._kinds if owner == group)


def parse_catalogue(text: str) -> AlertCatalogue:
    """Read the catalogue strictly; raises `ConfigError` (config.alert_kind) naming the entry that is wrong."""
    document = yaml.safe_load(text)
    if not isinstance(document, dict) or set(document) != set(_GROUPS):
        raise ConfigError("config.alert_kind", f"alerts.yaml must have exactly the groups {', '.join(_GROUPS)}")
    kinds: dict[tuple[str, str], AlertKind] = {}
    for group, entries in document.items():
        graded = set() if group == GRADED_BY_LAW else {"severity"}
        for label, entry in entries.items():
            if not isinstance(entry, dict) or set(entry) != _WORDING | graded:
                expected = ", ".join(sorted(_WORDING | graded))
                raise ConfigError("config.alert_kind", f"alerts.yaml {group}.{label}: expected {expected}")
            kinds[group, label] = AlertKind(
                group=group,
                label=label,
                severity=_severity(group, label, entry["severity"]) if graded else UNGRADED,
                text={"zh": str(entry["zh"]), "en": str(entry["en"])},
            )
    return AlertCatalogue(kinds)


def _severity(group: str, label: str, found: object) -> Severity:
    try:
        return Severity(str(found))
    except ValueError as error:
        expected = ", ".join(Severity)
        raise ConfigError(
            "config.alert_kind", f"alerts.yaml {group}.{label}.severity: found {found!r}, expected one of {expected}"
        ) from error


@cache
def load_catalogue() -> AlertCatalogue:
    """The catalogue shipped in this package (I/O on first use)."""
    return parse_catalogue(files("outreach.monitor").joinpath("alerts.yaml").read_text(encoding="utf-8"))


class AlertLedger:
    """Remembers which alerts this call has had: one per kind and utterance, and one per kind for standing facts."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def first_time(self, key: str) -> bool:
        """True once per key."""
        if key in self._seen:
            return False
        self._seen.add(key)
        return True
