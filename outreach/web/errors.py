"""The one table from error class to HTTP status; JSON for programs, a page for people."""

from collections.abc import Mapping

from fastapi import Request

from outreach.errors import (
    AccessError,
    CarrierError,
    ClearanceError,
    ConfigError,
    EvidenceError,
    FairlineError,
    InputError,
    MediaError,
    NotAvailableError,
    PolicyRefusedError,
    WebhookError,
)

STATUS_BY_CODE: Mapping[str, int] = {
    "access.login": 401,
    "access.csrf": 403,
    "access.throttled": 429,
    "input.unknown_call": 404,
    "input.unknown_alert": 404,
    "input.unknown_page": 404,
    "input.method": 405,
    "missing.recording": 404,
    "missing.suggestion": 404,
    "missing.feed": 503,
}
STATUS_BY_CLASS: Mapping[type[FairlineError], int] = {
    AccessError: 403,
    InputError: 422,
    NotAvailableError: 503,
    PolicyRefusedError: 409,
    ClearanceError: 409,
    CarrierError: 502,
    WebhookError: 400,
    MediaError: 422,
    EvidenceError: 500,
    ConfigError: 500,
}


def status_of(error: FairlineError) -> int:
    """The HTTP status of an error: by its code where listed, else by its class, else 500."""
    if error.code in STATUS_BY_CODE:
        return STATUS_BY_CODE[error.code]
    return next((STATUS_BY_CLASS[kind] for kind in type(error).__mro__ if kind in STATUS_BY_CLASS), 500)


def wants_json(request: Request) -> bool:
    """Programs get JSON: everything under /api, the probes, and whoever asks for JSON and not for HTML."""
    path = request.url.path
    accept = request.headers.get("accept", "")
    return path.startswith(("/api/", "/metrics", "/healthz")) or ("json" in accept and "html" not in accept)
