"""Signed values that leave the house: session cookies, CSRF tokens, bearer tokens. Pure but for the random nonce.

A session cookie names the account, the instant of log-in and a nonce; it is signed, not secret. The CSRF token is a
keyed hash of the nonce, so it is bound to one session and needs no storage. Bearer tokens name an account.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

SESSION_HOURS = 12
NONCE_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class SessionValue:
    """What a session cookie says: whose it is (None before log-in), since when, and its nonce."""

    user_id: int | None
    since: datetime
    nonce: str


class TokenSigner:
    """Signs and reads values with the session key. Whatever does not verify reads as None."""

    def __init__(self, key: bytes) -> None:
        self._csrf_key = hashlib.sha256(b"fairline csrf v1" + key).digest()
        self._sessions = URLSafeSerializer(key, salt="fairline.session.v1")
        self._bearers = URLSafeSerializer(key, salt="fairline.bearer.v1")

    def new_session(self, user_id: int | None, now: datetime) -> str:
        """A cookie value; a fresh nonce at every log-in, so that a session cannot be fixed beforehand."""
        return str(self._sessions.dumps([user_id, now.timestamp(), secrets.token_urlsafe(NONCE_BYTES)]))

    def read_session(self, value: str, now: datetime) -> SessionValue | None:
        """The session in a cookie; None when it is altered, from the future or older than twelve hours."""
        fields = _loaded(self._sessions, value)
        match fields:
            case [int() | None as user_id, float() | int() as since_secs, str() as nonce]:
                since = datetime.fromtimestamp(float(since_secs), tz=now.tzinfo)
            case _:
                return None
        if not timedelta(0) <= now - since < timedelta(hours=SESSION_HOURS):
            return None
        return SessionValue(user_id=user_id, since=since, nonce=nonce)

    def csrf(self, nonce: str) -> str:
        """The token that every changing form of this session must carry."""
        return hmac.new(self._csrf_key, nonce.encode(), hashlib.sha256).hexdigest()

    def csrf_matches(self, nonce: str, token: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.csrf(nonce), token)

    def new_bearer(self, user_id: int, now: datetime) -> str:
        """A token for a program that acts as this account, valid for twelve hours."""
        return str(self._bearers.dumps([user_id, now.timestamp()]))

    def read_bearer(self, value: str, now: datetime) -> int | None:
        """The account a bearer token names, None when it does not verify or has run out."""
        fields = _loaded(self._bearers, value)
        match fields:
            case [int() as user_id, float() | int() as since_secs]:
                since = datetime.fromtimestamp(float(since_secs), tz=now.tzinfo)
            case _:
                return None
        return user_id if timedelta(0) <= now - since < timedelta(hours=SESSION_HOURS) else None


def _loaded(serializer: URLSafeSerializer, value: str) -> object:
    try:
        return serializer.loads(value)
    except BadSignature:
        return None
