"""The budget holds counters of rules instead of one row per channel; an attempt says which units it took.

What was charged before stays: a row of channel `voice` becomes the counter `channel:voice`, and the attempts charged
to it name that counter. No rule asks for such a counter any more; the book and the attempts still agree about it.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "attempt",
        sa.Column("budget_units", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
    )
    op.execute(
        "UPDATE attempt SET budget_units = "
        "jsonb_build_array(jsonb_build_object('counter', 'channel:' || budget_scope)) "
        "WHERE budget_slot IS NOT NULL AND budget_scope IS NOT NULL"
    )
    op.drop_column("attempt", "budget_scope")
    op.drop_constraint("uq_budget_debtor_id_scope_local_day", "budget", type_="unique")
    op.alter_column("budget", "scope", new_column_name="counter")
    op.create_unique_constraint(
        "uq_budget_debtor_id_counter_local_day", "budget", ["debtor_id", "counter", "local_day"]
    )
    op.execute("UPDATE budget SET counter = 'channel:' || counter")


def downgrade() -> None:
    """Take back: rows per channel are counted again from the attempts, which say what was charged and given back."""
    op.execute("DELETE FROM budget")
    op.drop_constraint("uq_budget_debtor_id_counter_local_day", "budget", type_="unique")
    op.alter_column("budget", "counter", new_column_name="scope")
    op.create_unique_constraint("uq_budget_debtor_id_scope_local_day", "budget", ["debtor_id", "scope", "local_day"])
    op.execute(
        "INSERT INTO budget (debtor_id, scope, local_day, charged, released) "
        "SELECT debtor_id, channel, budget_day, count(*), count(*) FILTER (WHERE budget_released) FROM attempt "
        "WHERE budget_slot IS NOT NULL AND budget_day IS NOT NULL GROUP BY debtor_id, channel, budget_day"
    )
    op.add_column("attempt", sa.Column("budget_scope", sa.Text(), nullable=True))
    op.execute("UPDATE attempt SET budget_scope = channel WHERE budget_slot IS NOT NULL")
    op.drop_column("attempt", "budget_units")
