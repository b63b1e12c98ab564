"""Which clearances are spent, shared by every worker (I/O): one unique row each, in a transaction of its own."""

from datetime import datetime

from outreach.db.clearances import is_revoked, revoke, spend
from outreach.db.database import Database
from outreach.telephony.clearance import BurnResult


class PostgresUseRegistry:
    """The use registry of the clearance guard. Burning commits at once: a use must outlive the process that made it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def burn(self, clearance_id: str, used_at: datetime) -> BurnResult:
        """Record the use; only the first caller gets BURNED, and nobody does after a revocation."""
        with self._database.session() as session:
            if spend(session, clearance_id, used_at):
                return BurnResult.BURNED
            return BurnResult.REVOKED if is_revoked(session, clearance_id) else BurnResult.REUSED

    def revoke(self, clearance_id: str, revoked_at: datetime) -> bool:
        """Make an unused clearance unusable; False when it was used before."""
        with self._database.session() as session:
            return revoke(session, clearance_id, revoked_at, "revoked")
