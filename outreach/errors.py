"""Errors of the `outreach` package, drawn as a tree.

FairlineError
├── ConfigError            config.*      a setting is missing or wrong
├── InputError             input.*       a file or message from outside is malformed
├── NotAvailableError      missing.*     a model, server or optional extra is not there
├── PolicyRefusedError     refused.*     the gate said no (carries the ruling)
├── ClearanceError         clearance.*   a permit is expired, reused, altered or for something else
├── CarrierError           carrier.*     the carrier refused or did not answer
├── WebhookError           webhook.*     a callback that cannot be trusted or read
├── MediaError             media.*       audio that cannot be decoded
├── EvidenceError          evidence.*    a proof does not hold
└── AccessError            access.*      a person may not do or see this

Codes are stable: programs may depend on them. Messages never contain personal data.
HTTP status codes are not known here; `outreach.web.errors` holds the one table.
"""


class FairlineError(Exception):
    """Something a person can act on: `code` is stable, `message` says what was found and what to do."""

    def __init__(self, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def to_json(self) -> dict[str, str | None]:
        """The error as the command line and the API print it."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class ConfigError(FairlineError):
    """A setting is missing or wrong."""


class InputError(FairlineError):
    """A file or message from outside is malformed."""


class NotAvailableError(FairlineError):
    """A model, a server or an optional extra is not there."""


class PolicyRefusedError(FairlineError):
    """The gate refused the contact; the ruling travels beside the error, not inside its text."""


class ClearanceError(FairlineError):
    """A permit is expired, reused, altered, revoked or meant for another contact."""


class CarrierError(FairlineError):
    """The carrier refused or did not answer.

    `retryable`: asking again later is harmless. `ambiguous`: the request may have taken effect, so it is never
    replayed.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, ambiguous: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(code, message, hint=hint)
        self.retryable = retryable
        self.ambiguous = ambiguous


class WebhookError(FairlineError):
    """A callback that cannot be trusted or read."""


class MediaError(FairlineError):
    """Audio that cannot be decoded."""


class EvidenceError(FairlineError):
    """A proof does not hold."""


class AccessError(FairlineError):
    """A person may not do or see this."""
