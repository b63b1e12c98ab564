"""One row of what `fairline doctor` says. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from outreach.config import Settings
from outreach.errors import FairlineError
from policy.errors import RulebookError

State = Literal["ok", "note", "missing"]
OVERLAY_REMEDY = "correct the file or take it out of FAIRLINE_OVERLAYS"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing looked at. `missing` means that something Fairline was asked for does not work here.

    `details` holds the same as values, for programs.
    """

    name: str
    state: State
    found: str
    todo: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def guarded(name: str, look: Callable[[Settings], Check], settings: Settings) -> Check:
    """A part that fails says so itself; every room's errors carry code, message and hint."""
    try:
        return look(settings)
    except RulebookError as error:
        todo = "install Fairline again: its own rulebook is damaged" if settings.overlays is None else OVERLAY_REMEDY
        return Check(name=name, state="missing", found=error.message, todo=todo)
    except (FairlineError, httpx.HTTPError, OSError) as error:
        hint = getattr(error, "hint", None)
        return Check(name=name, state="missing", found=getattr(error, "message", str(error)), todo=hint or "")
    except Exception as error:  # every room has an error base of its own; what has no code is a fault of ours
        if not hasattr(error, "code"):
            raise
        hint = getattr(error, "hint", None)
        return Check(name=name, state="missing", found=getattr(error, "message", str(error)), todo=hint or "")
