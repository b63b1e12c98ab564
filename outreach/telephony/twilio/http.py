"""The SDK's HTTP client pointed at another base address (I/O).

The SDK only rewrites host names inside twilio.com, so another carrier with its API needs the scheme and host swapped;
path, query, form and authentication stay as the SDK made them. Nothing is retried: the API takes no idempotency key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

CHUNK_BYTES = 64 * 1024
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

    @contextmanager
    def stream(
        self, path: str, *, params: dict[str, str], auth: tuple[str, str]
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Status and body, as it arrives, of a binary GET; the SDK's own response type holds text, and all of it.

        The time limit holds for each wait for more. A body that breaks off raises an exception of `requests`.
        """
        url = self.resolve(f"https://api.twilio.com{path}")
        with self.session.get(url, params=params, auth=auth, timeout=self.timeout, stream=True) as response:
            yield response.status_code, response.iter_content(CHUNK_BYTES)

    def close(self) -> None:
        """Close pooled connections."""
        self.session.close()
