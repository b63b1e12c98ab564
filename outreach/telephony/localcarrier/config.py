"""Settings of the local carrier."""

from dataclasses import dataclass, field
from datetime import timedelta

from outreach.telephony.localcarrier.scenario import Scenario


@dataclass(frozen=True, kw_only=True)
class LocalCarrierConfig:
    """One carrier with one account.

    `pace`: 1.0 is real time, 20.0 runs a call in a twentieth of its time, 0 as fast as the machine can. `numbers`: the
    account's own numbers; empty accepts any caller. `sms_url` receives text messages that people send. `console_url`
    and `console_token`: where a simulated agent asks for the suggested line. `clock_offset` shifts every time stated.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    scenario: Scenario
    host: str = "127.0.0.1"
    port: int = 0
    pace: float = 1.0
    numbers: tuple[str, ...] = ()
    sms_url: str | None = None
    console_url: str | None = None
    console_token: str = field(default="", repr=False)
    console_timeout_secs: float = 2.5
    clock_offset: timedelta = timedelta(0)
