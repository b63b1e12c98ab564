"""The SDK's HTTP client pointed at another base address (I/O).

The SDK only rewrites host names inside twilio.com, so another carrier with its API needs the scheme and host swapped;
path, query, form and authentication stay as the SDK made them. Nothing is retried: the API takes no idempotency key.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class BaseUrlHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Sends every request to `base_url` instead of api.twilio.com, with a time limit on each."""

    def __init__(self, *, base_url: str | None, timeout_secs: float) -> None:
        super().__init__(timeout=timeout_secs)
        self._base = urlsplit(base_url) if base_url else None
        if self._base is not None and self._base.hostname in _LOOPBACK:
            self.session.trust_env = False  # a proxy of the environment cannot reach this machine's own carrier

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the SDK's own, after the address is swapped."""
        return super().request(method, self.resolve(url), *args, **kwargs)

    def resolve(self, url: str) -> str:
        """The address that is really asked."""
        if self._base is None:
            return url
        parts = urlsplit(url)
        path = self._base.path.rstrip("/") + parts.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, parts.fragment))

    def get_bytes(self, path: str, *, params: dict[str, str], auth: tuple[str, str]) -> tuple[int, bytes]:
        """Status and body of a binary GET; the SDK's own response type holds text only."""
        url = self.resolve(f"https://api.twilio.com{path}")
        response = self.session.get(url, params=params, auth=auth, timeout=self.timeout)
        return response.status_code, response.content

    def close(self) -> None:
        """Close pooled connections."""
        self.session.close()
