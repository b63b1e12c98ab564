"""Is a callback really from the carrier?

`X-Twilio-Signature` is base64(HMAC(auth token, public URL + each sorted parameter)); a JSON body is bound by
`bodySHA256` in the URL instead. A request signed with a shared key names key and algorithm in its settings header.
Source: Twilio "Webhooks security"; the arithmetic is the SDK's RequestValidator.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from outreach.errors import WebhookError
from outreach.telephony.port import WebhookRequest
from outreach.telephony.twilio.settings import TwilioSettings

_SIGNATURE = "X-Twilio-Signature"
_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
_SETTINGS_FORM = re.compile(r"key=([A-Za-z0-9_]{1,128}),\s*algorithm=(HMAC_SHA1|HMAC_SHA256)\Z")


class FormValues:
    """Form parameters with repeated keys, in the shape the SDK's validator reads."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> "object":
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """Every value of one parameter, empty ones too."""
        return self._values[name]

    def first(self) -> dict[str, str]:
        """The first value of each parameter, without the empty ones."""
        return {name: values[0] for name, values in self._values.items() if values[0]}


def check_signature(settings: TwilioSettings, request: WebhookRequest, url: str, form: FormValues | None) -> None:
    """Return when the signature holds for `url` and the body; `form` is None for a JSON body.

    Raises WebhookError (webhook.bad_signature; webhook.malformed when the body is not text).
    """
    given = request.header(_SIGNATURE)
    if not given:
        raise _forged(f"the {_SIGNATURE} header is missing")
    secret, algorithm = _secret(settings, request.header(_SETTINGS))
    content: FormValues | str
    if form is None:
        if "bodySHA256" not in parse_qs(request.query):
            raise _forged("a JSON body without bodySHA256 in the URL is not bound to the signature")
        try:
            content = request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise WebhookError("webhook.malformed", "the body is not text in UTF-8") from None
    else:
        content = form
    if not RequestValidator(secret).validate(url, content, given, algorithm):
        raise _forged("the signature does not match address and content")


def _secret(settings: TwilioSettings, header: str | None) -> tuple[str, str]:
    if not header:
        return settings.auth_token, "HMAC_SHA1"
    match = _SETTINGS_FORM.match(header.strip())
    if match is None:
        raise _forged("the signature settings header cannot be read")
    return _known_key(settings.shared_keys, match[1]), match[2]


def _known_key(keys: Mapping[str, str], key_id: str) -> str:
    if key_id not in keys:
        raise _forged("it is signed with a key that is not configured")
    return keys[key_id]


def _forged(found: str) -> WebhookError:
    hint = "if the request is genuine, check that public_url is exactly the address given to the carrier"
    return WebhookError("webhook.bad_signature", f"callback refused: {found}", hint=hint)
