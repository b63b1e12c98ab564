"""The words of a text message: an approved line, filled from the case (I/O: reads the case)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from outreach.db.database import Database
from outreach.db.repository import case_with_people
from outreach.errors import NotAvailableError
from outreach.worker.context import House, case_facts, local_date
from scripts.adapter import suggest
from scripts.request import SuggestRequest
from scripts.script import Library


@dataclass(frozen=True, kw_only=True)
class MessageText:
    """A message ready to send, and the digest of the approved line it was made from."""

    body: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Chooses and fills message texts."""

    database: Database
    library: Library
    house: House

    def reminder(self, session: Session, case_id: int, now: datetime) -> MessageText:
        """The reminder for one case. NotAvailableError missing.approved_line when no approved line can be filled."""
        case = case_with_people(session, case_id)
        debtor = case.debtor
        request = SuggestRequest(
            lang=debtor.language,
            purpose="reminder",
            stage="sms",
            debtor_tier=debtor.tier,
            creditor_tier=case.creditor.tier,
            facts=case_facts(self.database.vault, self.house, case, now),
        )
        found = suggest(request, self.library, as_of=local_date(case, now)).suggestions
        if not found:
            raise NotAvailableError(
                "missing.approved_line",
                f"no approved reminder in {debtor.language!r} can be filled",
                hint="run: fairline scripts lint",
            )
        return MessageText(body=found[0].text, digest=found[0].digest)
