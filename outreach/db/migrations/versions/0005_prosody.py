"""How utterances were said: level, pitch, pauses, rate.

What was heard before stays without: only the recording could tell.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "utterance",
        sa.Column("prosody", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_column("utterance", "prosody")
