"""What the pages need from outside, in one object; bootstrap builds it, tests build a small one."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from fastapi import Request
from jinja2 import Environment

from outreach.clock import Clock
from outreach.db.database import Database
from outreach.web.live.hub import LiveHub
from outreach.web.metrics import Metrics
from outreach.web.throttle import Throttle
from outreach.web.tokens import TokenSigner
from policy.book import Rulebook
from scripts.script import Library


@dataclass(frozen=True, kw_only=True)
class RecogniserNote:
    """Which model hears the calls. `demonstration`: it knows synthetic speech only, and every page says so."""

    name: str
    demonstration: bool


@dataclass(frozen=True, kw_only=True)
class WebOptions:
    """What a deployment chooses. `secure_cookies` needs https; `ledger_origin` names the evidence log."""

    recordings_dir: Path
    ledger_origin: str
    recogniser: RecogniserNote
    secure_cookies: bool = False


@dataclass(frozen=True, kw_only=True)
class WebDeps:
    """Ports and values of the web application."""

    database: Database
    clock: Clock
    library: Library
    rulebook: Rulebook
    options: WebOptions


@dataclass(frozen=True, kw_only=True)
class WebState:
    """What one running application holds besides its dependencies."""

    deps: WebDeps
    signer: TokenSigner
    throttle: Throttle
    hub: LiveHub
    metrics: Metrics
    templates: Environment


def state_of(request: Request) -> WebState:
    """The state of the application that serves this request."""
    return cast(WebState, request.app.state.fairline)
