"""Calls whose kept recording is heard a second time, after they ended.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "second_hearing",
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("fresh", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("missed", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.CheckConstraint("why IN ('deferred', 'unheard', 'wanted')", name=op.f("ck_second_hearing_why")),
        sa.CheckConstraint("state IN ('pending', 'done', 'failed')", name=op.f("ck_second_hearing_state")),
        sa.ForeignKeyConstraint(["call_sid"], ["call.sid"], name=op.f("fk_second_hearing_call_sid")),
        sa.PrimaryKeyConstraint("call_sid", name=op.f("pk_second_hearing")),
    )
    op.create_index(
        "ix_second_hearing_pending",
        "second_hearing",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'pending'"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("second_hearing")
