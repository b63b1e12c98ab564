"""Settings read once from the environment (I/O).

`Settings.from_environment(os.environ)` answers a frozen object. A secret has no default and never prints itself.
Every variable is listed in `VARIABLES`, from which `fairline doctor` and the documentation are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

from outreach.errors import ConfigError


class Secret:
    """A value that must not reach a log: it shows as stars, and `reveal()` is the only way in."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('********')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


VARIABLES: Mapping[str, str] = {
    "FAIRLINE_DATABASE_URL": "PostgreSQL DSN; unset: a private PostgreSQL under FAIRLINE_VAR",
    "FAIRLINE_VAR": "directory for data, keys and recordings (default ./var)",
    "FAIRLINE_ASR_MODEL": "'embedded', a faster-whisper name or a model directory (default embedded)",
    "FAIRLINE_CLOCK_OFFSET_SECS": "seconds added to the machine's clock (default 0; the demo uses it)",
    "FAIRLINE_HOST": "address the servers listen on (default 127.0.0.1)",
    "FAIRLINE_WEB_PORT": "port of the web pages (default 8600)",
    "FAIRLINE_WORKER_PORT": "port of the worker: carrier webhooks and media (default 8601)",
    "FAIRLINE_CARRIER_PORT": "port of the local carrier (default 8602)",
    "FAIRLINE_CARRIER_URL": "base URL of a Twilio-compatible API; unset: Twilio itself",
    "FAIRLINE_PUBLIC_URL": "URL under which the carrier reaches the worker; unset: http://HOST:WORKER_PORT",
    "FAIRLINE_CALLER_ID": "number calls are placed from, E.164",
    "FAIRLINE_AGENT_ADDRESS": "telephone on which agents answer, E.164",
    "FAIRLINE_SECURE_COOKIES": "1 where the pages are served over https: cookies travel there only (default 0)",
    "FAIRLINE_LINES": "calls that may be up at the same time (default 8)",
    "FAIRLINE_INSTITUTION_ZH": "name of this agency as agents say it, in Chinese",
    "FAIRLINE_INSTITUTION_EN": "the same in English",
    "FAIRLINE_AGENT_ZH": "how an agent introduces themselves (name or staff number), in Chinese",
    "FAIRLINE_AGENT_EN": "the same in English",
    "FAIRLINE_SERVICE_PHONE": "number that debtors may call back, digits as spoken",
    "FAIRLINE_OVERLAYS": "folder of overlay files: creditor contracts and house rules laid over the law (default none)",
    "FAIRLINE_LEDGER_ORIGIN": "name of the evidence log in its checkpoints (default fairline.local/evidence)",
    "TWILIO_ACCOUNT_SID": "account of the carrier",
    "TWILIO_AUTH_TOKEN": "secret of the carrier account; also signs its webhooks",
}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one process. Paths are absolute; URLs carry no trailing slash."""

    var_dir: Path
    database_url: str | None = None
    asr_model: str = "embedded"
    clock_offset: timedelta = timedelta(0)
    host: str = "127.0.0.1"
    web_port: int = 8600
    worker_port: int = 8601
    carrier_port: int = 8602
    carrier_url: str | None = None
    public_url: str | None = None
    caller_id: str | None = None
    agent_address: str | None = None
    secure_cookies: bool = False
    lines: int = 8
    institution_zh: str = ""
    institution_en: str = ""
    agent_zh: str = ""
    agent_en: str = ""
    service_phone: str = ""
    overlays: Path | None = None
    ledger_origin: str = "fairline.local/evidence"
    twilio_account_sid: str | None = None
    twilio_auth_token: Secret | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every variable; raises ConfigError naming the variable, what it held and what is expected."""
        text = {name: environ[name].strip() for name in VARIABLES if environ.get(name, "").strip()}
        return cls(
            var_dir=Path(text.get("FAIRLINE_VAR", "var")).expanduser().absolute(),
            database_url=_dsn(text),
            asr_model=text.get("FAIRLINE_ASR_MODEL", "embedded"),
            clock_offset=timedelta(seconds=_number(text, "FAIRLINE_CLOCK_OFFSET_SECS", 0.0)),
            host=text.get("FAIRLINE_HOST", "127.0.0.1"),
            web_port=_port(text, "FAIRLINE_WEB_PORT", 8600),
            worker_port=_port(text, "FAIRLINE_WORKER_PORT", 8601),
            carrier_port=_port(text, "FAIRLINE_CARRIER_PORT", 8602),
            carrier_url=_url(text, "FAIRLINE_CARRIER_URL"),
            public_url=_url(text, "FAIRLINE_PUBLIC_URL"),
            caller_id=_phone(text, "FAIRLINE_CALLER_ID"),
            agent_address=_phone(text, "FAIRLINE_AGENT_ADDRESS"),
            secure_cookies=text.get("FAIRLINE_SECURE_COOKIES", "0") not in {"0", "no", "false"},
            lines=_count(text, "FAIRLINE_LINES", 8),
            institution_zh=text.get("FAIRLINE_INSTITUTION_ZH", ""),
            institution_en=text.get("FAIRLINE_INSTITUTION_EN", ""),
            agent_zh=text.get("FAIRLINE_AGENT_ZH", ""),
            agent_en=text.get("FAIRLINE_AGENT_EN", ""),
            service_phone=text.get("FAIRLINE_SERVICE_PHONE", ""),
            overlays=_folder(text, "FAIRLINE_OVERLAYS"),
            ledger_origin=_origin(text),
            twilio_account_sid=text.get("TWILIO_ACCOUNT_SID"),
            twilio_auth_token=Secret(text["TWILIO_AUTH_TOKEN"]) if "TWILIO_AUTH_TOKEN" in text else None,
        )

    @property
    def keys_dir(self) -> Path:
        """Where the key files lie, each readable by its owner only."""
        return self.var_dir / "keys"

    @property
    def pg_dir(self) -> Path:
        """Data directory of the embedded PostgreSQL."""
        return self.var_dir / "pg"

    @property
    def recordings_dir(self) -> Path:
        """Where call recordings are kept, one file per call."""
        return self.var_dir / "recordings"

    @property
    def worker_url(self) -> str:
        """The URL the carrier calls back."""
        return self.public_url or f"http://{self.host}:{self.worker_port}"

    def carrier_credentials(self) -> tuple[str, Secret]:
        """Account and token; ConfigError when either is unset, because there is no default for a secret."""
        if self.twilio_account_sid is None or self.twilio_auth_token is None:
            missing = "TWILIO_ACCOUNT_SID" if self.twilio_account_sid is None else "TWILIO_AUTH_TOKEN"
            raise ConfigError("config.missing", f"{missing} is not set: the carrier cannot be reached without it")
        return self.twilio_account_sid, self.twilio_auth_token

    def shown(self) -> dict[str, str]:
        """Every setting as text for the start-up message, secrets and passwords masked."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        shown = {name: "********" if isinstance(value, Secret) else str(value) for name, value in values.items()}
        if self.database_url is not None:
            shown["database_url"] = masked_dsn(self.database_url)
        return shown


def masked_dsn(dsn: str) -> str:
    """The DSN with its password replaced by stars."""
    password = urlsplit(dsn).password
    return dsn.replace(f":{password}@", ":********@") if password else dsn


def _dsn(text: Mapping[str, str]) -> str | None:
    dsn = text.get("FAIRLINE_DATABASE_URL")
    if dsn is None:
        return None
    scheme = urlsplit(dsn).scheme
    if scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ConfigError(
            "config.database_url",
            f"FAIRLINE_DATABASE_URL: found the scheme {scheme!r}, expected postgresql:// (no other database will do)",
        )
    return "postgresql+psycopg" + dsn[len(scheme) :]


def _number(text: Mapping[str, str], name: str, default: float) -> float:
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


def _count(text: Mapping[str, str], name: str, default: int) -> int:
    raw = text.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 10_000:
        raise ConfigError("config.count", f"{name}: found {raw!r}, expected a whole number from 1 to 10000")
    return int(raw)


def _port(text: Mapping[str, str], name: str, default: int) -> int:
    raw = text.get(name, str(default))
    if not raw.isascii() or not raw.isdigit() or not 1 <= int(raw) <= 65535:
        raise ConfigError("config.port", f"{name}: found {raw!r}, expected a port from 1 to 65535")
    return int(raw)


def _url(text: Mapping[str, str], name: str) -> str | None:
    raw = text.get(name)
    if raw is None:
        return None
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ConfigError("config.url", f"{name}: found {raw!r}, expected http://… or https://…")
    return raw.rstrip("/")


def _phone(text: Mapping[str, str], name: str) -> str | None:
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


def _folder(text: Mapping[str, str], name: str) -> Path | None:
    if name not in text:
        return None
    folder = Path(text[name]).expanduser().absolute()
    if not folder.is_dir():
        raise ConfigError("config.folder", f"{name}: found {text[name]!r}, expected a folder that exists")
    return folder


def _origin(text: Mapping[str, str]) -> str:
    origin = text.get("FAIRLINE_LEDGER_ORIGIN", "fairline.local/evidence")
    if any(character.isspace() or character == "+" for character in origin):
        raise ConfigError(
            "config.origin", f"FAIRLINE_LEDGER_ORIGIN: found {origin!r}, expected a name without spaces and plus signs"
        )
    return origin
