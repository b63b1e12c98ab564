"""What the Twilio adapter must be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from outreach.errors import ConfigError

CALLBACK_PATH = "/carrier/twilio"
MEDIA_PATH = "/carrier/twilio/media"
_ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}\Z")


@dataclass(frozen=True, kw_only=True)
class TwilioSettings:
    """Account, public addresses and limits.

    `public_url` is where the carrier reaches our callbacks (`https://host[/prefix]`), `media_url` where it opens media
    streams (`wss://host/path`; `ws://` only works with the local carrier). `api_base_url` replaces
    `https://api.twilio.com` (the local carrier, a recording proxy). `shared_keys` are extra webhook signing keys by id.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str
    media_url: str
    api_base_url: str | None = None
    timeout_secs: float = 10.0
    machine_detection: Literal["Enable", "DetectMessageEnd"] | None = "Enable"
    agent_ring_secs: int = 20
    shared_keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not _ACCOUNT_SID.match(self.account_sid):
            raise ConfigError("config.account_sid", "account_sid must be 'AC' and 32 hexadecimal digits")
        if not self.auth_token:
            raise ConfigError("config.auth_token", "auth_token is empty; take it from the carrier's console")
        _require_scheme("public_url", self.public_url, ("https", "http"))
        _require_scheme("media_url", self.media_url, ("wss", "ws"))
        if self.api_base_url is not None:
            _require_scheme("api_base_url", self.api_base_url, ("https", "http"))
        if self.timeout_secs <= 0:
            raise ConfigError("config.timeout_secs", "timeout_secs must be greater than 0")

    def callback_url(self, kind: str, query: str = "") -> str:
        """The public address of one kind of callback, exactly as it is signed."""
        return f"{self.public_url.rstrip('/')}{CALLBACK_PATH}/{kind}" + (f"?{query}" if query else "")


def _require_scheme(name: str, url: str, schemes: tuple[str, ...]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.netloc or parts.query or parts.fragment:
        expected = " or ".join(f"{scheme}://" for scheme in schemes)
        raise ConfigError(f"config.{name}", f"{name} must be {expected} with a host and without query or fragment")
