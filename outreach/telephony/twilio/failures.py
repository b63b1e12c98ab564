"""From the SDK's and the network's exceptions to one CarrierError.

A create (`Calls`, `Messages`) that timed out, broke off or answered 5xx may have happened: ambiguous, never replayed.
A create that was never connected, or that was refused with 429, did not happen: retryable. Reads and updates are
idempotent, so for them the same failures are retryable. Exceptions of the SDK quote telephone numbers, therefore they
are never chained to ours. Codes: https://www.twilio.com/docs/api/errors
"""

import json

import requests
import urllib3
from twilio.base.exceptions import TwilioException, TwilioRestException

from outreach.errors import CarrierError

FAILURES = (TwilioException, requests.exceptions.RequestException, json.JSONDecodeError, UnicodeDecodeError)

_BY_CODE = {
    20003: ("unauthorized", "the carrier does not accept the account's credentials"),
    20404: ("not_found", "the carrier does not know this object"),
    21201: ("bad_number", "the called number is missing"),
    21211: ("bad_number", "the called number is not valid"),
    21212: ("bad_sender", "the calling number is not valid"),
    21210: ("bad_sender", "the calling number does not belong to the account"),
    21214: ("unreachable_number", "the called number cannot be reached"),
    21215: ("region_not_permitted", "the account may not call this region"),
    21216: ("blocked_number", "the carrier blocks the called number"),
    21217: ("bad_number", "the called number does not look valid"),
    21220: ("call_over", "the call is not in a state that can be changed"),
    21604: ("bad_number", "the addressed number is missing"),
    21606: ("bad_sender", "the sending number does not belong to the account"),
    21610: ("opted_out", "the person has stopped messages from this sender"),
    21612: ("unreachable_number", "the number cannot receive messages"),
    21614: ("unreachable_number", "the number is not a mobile number"),
}


def translate(error: Exception, *, create: bool) -> CarrierError:
    """The neutral error for one failed request; `create` says whether the request makes a contact."""
    if isinstance(error, TwilioRestException):
        return _from_status(error.status, error.code, create=create)
    if isinstance(error, requests.exceptions.RequestException):
        return _from_network(error, create=create)
    message = "the carrier's answer cannot be read"
    return CarrierError("carrier.bad_answer", message, ambiguous=create, retryable=not create)


def _from_status(status: int, code: int | None, *, create: bool) -> CarrierError:
    if status == 429 or code == 20429:
        return CarrierError("carrier.rate_limited", "the carrier asks to slow down", retryable=True)
    if status >= 500:
        message = f"the carrier failed with HTTP {status}" + ("; the contact may have been made" if create else "")
        return CarrierError("carrier.server_error", message, retryable=not create, ambiguous=create)
    name, meaning = _BY_CODE.get(code or 0, ("rejected", "the carrier refused the request"))
    if name == "rejected" and status == 401:
        name, meaning = _BY_CODE[20003]
    if name == "rejected" and status == 404:
        name, meaning = _BY_CODE[20404]
    return CarrierError(f"carrier.{name}", f"{meaning} (HTTP {status}, code {code})")


def _from_network(error: requests.exceptions.RequestException, *, create: bool) -> CarrierError:
    if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
        hint = "check the carrier's address and that it is running"
        return CarrierError("carrier.unreachable", "the carrier could not be reached", retryable=True, hint=hint)
    if isinstance(error, requests.exceptions.Timeout):
        message = "the carrier did not answer in time"
        code = "carrier.timeout"
    else:
        message = "the connection to the carrier broke off"
        code = "carrier.broken_off"
    if create:
        message += "; the contact may have been made"
    return CarrierError(code, message, retryable=not create, ambiguous=create)


def _never_connected(error: requests.exceptions.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.NameResolutionError)
