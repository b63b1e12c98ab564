"""Which failures may be repeated, and which may already have rung a telephone."""

import json

import pytest
import requests
import urllib3
from twilio.base.exceptions import TwilioException, TwilioRestException

from outreach.telephony.twilio.failures import translate


def rest(status: int, code: int | None = None) -> TwilioRestException:
    return TwilioRestException(status, "/Calls.json", msg="The 'To' number +8613800138000 is wrong", code=code)


@pytest.mark.parametrize(
    ("error", "code", "retryable", "ambiguous"),
    [
        (rest(429, 20429), "carrier.rate_limited", True, False),
        (rest(500, 20500), "carrier.server_error", False, True),
        (rest(503), "carrier.server_error", False, True),
        (rest(401, 20003), "carrier.unauthorized", False, False),
        (rest(401), "carrier.unauthorized", False, False),
        (rest(404), "carrier.not_found", False, False),
        (rest(400, 21211), "carrier.bad_number", False, False),
        (rest(400, 21610), "carrier.opted_out", False, False),
        (rest(400, 99999), "carrier.rejected", False, False),
        (requests.exceptions.ReadTimeout("x"), "carrier.timeout", False, True),
        (requests.exceptions.ConnectTimeout("x"), "carrier.unreachable", True, False),
        (requests.exceptions.ConnectionError("reset"), "carrier.broken_off", False, True),
        (requests.exceptions.ChunkedEncodingError("x"), "carrier.broken_off", False, True),
        (json.JSONDecodeError("x", "y", 0), "carrier.bad_answer", False, True),
        (TwilioException("x"), "carrier.bad_answer", False, True),
    ],
)
def test_a_create(error: Exception, code: str, retryable: bool, ambiguous: bool) -> None:
    found = translate(error, create=True)
    assert (found.code, found.retryable, found.ambiguous) == (code, retryable, ambiguous)
    assert "138" not in str(found)


@pytest.mark.parametrize(
    "error", [rest(500), requests.exceptions.ReadTimeout("x"), requests.exceptions.ConnectionError("reset")]
)
def test_a_read_may_be_repeated(error: Exception) -> None:
    found = translate(error, create=False)
    assert found.retryable
    assert not found.ambiguous


def test_a_connection_that_was_never_made_reached_nobody() -> None:
    pool = urllib3.HTTPConnectionPool("127.0.0.1")
    reason = urllib3.exceptions.NewConnectionError(pool, "refused")  # type: ignore[arg-type]
    refused = requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/", reason))
    found = translate(refused, create=True)
    assert (found.code, found.retryable, found.ambiguous) == ("carrier.unreachable", True, False)
    pool.close()
