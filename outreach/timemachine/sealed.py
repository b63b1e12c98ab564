"""Opening the question that was sealed beside an attempt (I/O: reads the person's row)."""

import json

from sqlalchemy.orm import Session

from outreach.db.tables import Attempt, Debtor
from outreach.db.vault import Vault
from outreach.dialer.judgement import Question
from outreach.errors import EvidenceError


def sealed_question(session: Session, vault: Vault, attempt: Attempt) -> Question:
    """What the attempt was decided on.

    Raises VaultError vault.erased or vault.sealed, EvidenceError evidence.facts_unreadable.
    """
    debtor = session.get_one(Debtor, attempt.debtor_id)
    return read_question(vault.open(debtor, "facts", attempt.facts_enc or b""))


def read_question(text: str) -> Question:
    """The question of an opened document; EvidenceError evidence.facts_unreadable."""
    try:
        return Question.from_json(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvidenceError(
            "evidence.facts_unreadable", "the sealed facts are not in the form they are kept in"
        ) from error
