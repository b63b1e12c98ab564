"""Speaking for a change of facts (I/O): when it became known, since when it is true, and who says so.

The versions themselves are written by the database (`outreach.db.versions`). What is told here holds for everything the
transaction changes from then on, until it is told otherwise.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

UNTOLD = "untold"
MIGRATION = "migration"
"""Sources the database itself writes: nobody spoke for the change; the row was there before versions were kept."""

_TELL = text(
    "SELECT set_config('fairline.at', :at, true), set_config('fairline.source', :source, true), "
    "set_config('fairline.since', :since, true)"
)


def tell(session: Session, at: datetime, source: str, *, since: datetime | None = None) -> None:
    """What changes next is known since `at` from `source`, and true since `since` (None: since `at`).

    `source` names a program, detector or person's role, never words or addresses.
    """
    session.flush()
    told = {"at": at.isoformat(), "source": source, "since": "" if since is None else since.isoformat()}
    session.execute(_TELL, told)
