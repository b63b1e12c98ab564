"""Settings read once from the environment (I/O).

`Settings.from_environment(os.environ)` answers a frozen object. A secret has no default and never prints itself.
Every variable is listed in `VARIABLES`, from which `fairline doctor` and the documentation are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from outreach import variables
from outreach.errors import ConfigError
from speech.engine import COMPUTE_TYPES, DEVICES


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
    "FAIRLINE_ASR_DEVICE": "auto, cpu or cuda (default auto: cuda where there is one)",
    "FAIRLINE_ASR_COMPUTE_TYPE": "arithmetic of the models: int8, float16, float32, … (default: what suits them)",
    "FAIRLINE_ASR_THREADS": "processor threads of one recognition (default 1; two recognitions run at a time)",
    "FAIRLINE_SECOND_PASS_MODEL": "larger model that hears every call again after its end (default none)",
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
    asr_device: str = "auto"
    asr_compute_type: str = "default"
    asr_threads: int = 1
    second_pass_model: str | None = None
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
            database_url=variables.dsn(text),
            asr_model=text.get("FAIRLINE_ASR_MODEL", "embedded"),
            asr_device=variables.one_of(text, "FAIRLINE_ASR_DEVICE", DEVICES, "auto"),
            asr_compute_type=variables.one_of(text, "FAIRLINE_ASR_COMPUTE_TYPE", COMPUTE_TYPES, "default"),
            asr_threads=variables.count(text, "FAIRLINE_ASR_THREADS", 1),
            second_pass_model=text.get("FAIRLINE_SECOND_PASS_MODEL"),
            clock_offset=timedelta(seconds=variables.number(text, "FAIRLINE_CLOCK_OFFSET_SECS", 0.0)),
            host=text.get("FAIRLINE_HOST", "127.0.0.1"),
            web_port=variables.port(text, "FAIRLINE_WEB_PORT", 8600),
            worker_port=variables.port(text, "FAIRLINE_WORKER_PORT", 8601),
            carrier_port=variables.port(text, "FAIRLINE_CARRIER_PORT", 8602),
            carrier_url=variables.url(text, "FAIRLINE_CARRIER_URL"),
            public_url=variables.url(text, "FAIRLINE_PUBLIC_URL"),
            caller_id=variables.phone(text, "FAIRLINE_CALLER_ID"),
            agent_address=variables.phone(text, "FAIRLINE_AGENT_ADDRESS"),
            secure_cookies=text.get("FAIRLINE_SECURE_COOKIES", "0") not in {"0", "no", "false"},
            lines=variables.count(text, "FAIRLINE_LINES", 8),
            institution_zh=text.get("FAIRLINE_INSTITUTION_ZH", ""),
            institution_en=text.get("FAIRLINE_INSTITUTION_EN", ""),
            agent_zh=text.get("FAIRLINE_AGENT_ZH", ""),
            agent_en=text.get("FAIRLINE_AGENT_EN", ""),
            service_phone=text.get("FAIRLINE_SERVICE_PHONE", ""),
            overlays=variables.folder(text, "FAIRLINE_OVERLAYS"),
            ledger_origin=variables.origin(text),
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
