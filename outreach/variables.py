"""One environment variable as a checked value (pure, except that a folder is looked for).

`text` holds the variables that are set, by name. Every function raises ConfigError naming the variable, what it held
and what is expected.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

from outreach.errors import ConfigError


def dsn(text: Mapping[str, str]) -> str | None:
    """The database, with the driver of this project."""
    raw = text.get("FAIRLINE_DATABASE_URL")
    if raw is None:
        return None
    scheme = urlsplit(raw).scheme
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ConfigError(
            "config.database_url",
            f"FAIRLINE_DATABASE_URL: found the scheme {scheme!r}, expected postgresql:// (no other database will do)",
        )
    return "postgresql+psycopg" + raw[len(scheme) :]


def number(text: Mapping[str, str], name: str, default: float) -> float:
    """Seconds, may be negative."""
    if name not in text:
        return default
    try:
        value = float(text[name])
    except ValueError as error:
        raise ConfigError("config.number", f"{name}: found {text[name]!r}, expected a number of seconds") from error
    if not abs(value) < 1e9:
        raise ConfigError(
            "config.number", f"{name}: found {text[name]!r}, expected fewer than a thousand million seconds"
        )
    return value


def count(text: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from 1 to 10000."""
    raw = text.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 10_000:
        raise ConfigError("config.count", f"{name}: found {raw!r}, expected a whole number from 1 to 10000")
    return int(raw)


def port(text: Mapping[str, str], name: str, default: int) -> int:
    """A port."""
    raw = text.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 65535:
        raise ConfigError("config.port", f"{name}: found {raw!r}, expected a port from 1 to 65535")
    return int(raw)


def url(text: Mapping[str, str], name: str) -> str | None:
    """An http or https URL without a trailing slash."""
    raw = text.get(name)
    if raw is None:
        return None
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError("config.url", f"{name}: found {raw!r}, expected http://… or https://…")
    return raw.rstrip("/")


def phone(text: Mapping[str, str], name: str) -> str | None:
    """A telephone number in E.164 form."""
    raw = text.get(name)
    if raw is None:
        return None
    try:
        possible = raw.startswith("+") and phonenumbers.is_possible_number(phonenumbers.parse(raw, None))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise ConfigError("config.phone", f"{name}: expected a telephone number in E.164 form such as +862155550100")
    return raw


def folder(text: Mapping[str, str], name: str) -> Path | None:
    """A folder that exists, absolute."""
    if name not in text:
        return None
    folder = Path(text[name]).expanduser().absolute()
    if not folder.is_dir():
        raise ConfigError("config.folder", f"{name}: found {text[name]!r}, expected a folder that exists")
    return folder


def origin(text: Mapping[str, str]) -> str:
    """The name of the evidence log."""
    raw = text.get("FAIRLINE_LEDGER_ORIGIN", "fairline.local/evidence")
    if any(character.isspace() or character == "+" for character in raw):
        raise ConfigError(
            "config.origin", f"FAIRLINE_LEDGER_ORIGIN: found {raw!r}, expected a name without spaces and plus signs"
        )
    return raw


def one_of(text: Mapping[str, str], name: str, choices: Sequence[str], default: str) -> str:
    """One of the words in `choices`."""
    value = text.get(name, default)
    if value not in choices:
        raise ConfigError("config.choice", f"{name}: found {value!r}, expected one of {', '.join(choices)}")
    return value
