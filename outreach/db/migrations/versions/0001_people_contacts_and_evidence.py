"""People, debts, contacts and the evidence log.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_entry", "ledger_checkpoint", "key_fingerprint")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "clearance_use",
        sa.Column("clearance_id", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("clearance_id", name=op.f("pk_clearance_use")),
    )
    op.create_table(
        "creditor",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), server_default="basic", nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.CheckConstraint("tier IN ('basic', 'advanced', 'premier')", name=op.f("ck_creditor_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor")),
        sa.UniqueConstraint("name", name=op.f("uq_creditor_name")),
    )
    op.create_table(
        "debtor",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("key_ref", sa.Uuid(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_enc", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date_enc", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("tier", sa.Text(), server_default="standard", nullable=False),
        sa.Column("timezones", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("tier IN ('standard', 'plus', 'vip')", name=op.f("ck_debtor_tier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor")),
        sa.UniqueConstraint("reference", name=op.f("uq_debtor_reference")),
    )
    op.create_table(
        "key_fingerprint",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_key_fingerprint")),
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_checkpoint")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_ledger_entry")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('agent', 'supervisor', 'compliance', 'creditor', 'admin')", name=op.f("ck_user_account_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    op.create_table(
        "budget",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("charged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("released", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("released <= charged AND released >= 0", name=op.f("ck_budget_released")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_budget_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget")),
        sa.UniqueConstraint("debtor_id", "scope", "local_day", name=op.f("uq_budget_debtor_id_scope_local_day")),
    )
    op.create_table(
        "contact_point",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="phone", nullable=False),
        sa.Column("address_enc", sa.LargeBinary(), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("party", sa.Text(), server_default="debtor", nullable=False),
        sa.Column("place", sa.Text(), server_default="personal", nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email')", name=op.f("ck_contact_point_kind")),
        sa.CheckConstraint(
            "party IN ('debtor', 'third_party', 'guarantor', 'spouse', 'parent', 'guardian', 'executor', 'attorney')",
            name=op.f("ck_contact_point_party"),
        ),
        sa.CheckConstraint("place IN ('personal', 'work')", name=op.f("ck_contact_point_place")),
        sa.CheckConstraint("state IN ('active', 'wrong', 'refused', 'retired')", name=op.f("ck_contact_point_state")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_contact_point_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("debtor_id", "address_index", name=op.f("uq_contact_point_debtor_id_address_index")),
    )
    op.create_index("ix_contact_point_address_index", "contact_point", ["address_index"], unique=False)
    op.create_table(
        "debt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("creditor_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("principal", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_debt_creditor_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_debt_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debt")),
        sa.UniqueConstraint("creditor_id", "reference", name=op.f("uq_debt_creditor_id_reference")),
    )
    op.create_index(op.f("ix_debt_debtor_id"), "debt", ["debtor_id"], unique=False)
    op.create_table(
        "collection_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debt_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("creditor_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'promised', 'disputed', 'on_hold', 'settled', 'closed')",
            name=op.f("ck_collection_case_state"),
        ),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_collection_case_creditor_id")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_collection_case_debt_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_collection_case_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_case")),
        sa.UniqueConstraint("debt_id", name=op.f("uq_collection_case_debt_id")),
    )
    op.create_index(op.f("ix_collection_case_debtor_id"), "collection_case", ["debtor_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("debt_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given_to", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("given_to IN ('collector', 'creditor')", name=op.f("ck_consent_given_to")),
        sa.CheckConstraint(
            "kind IN ('additional_calls', 'inconvenient_time', 'artificial_voice')", name=op.f("ck_consent_kind")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_consent_debt_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_consent_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_debtor_id"), "consent", ["debtor_id"], unique=False)
    op.create_table(
        "heard_fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=True),
        sa.Column("debt_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("effects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("ledger_index", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_heard_fact_contact_point_id")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_heard_fact_debt_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_heard_fact_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heard_fact")),
    )
    op.create_index(op.f("ix_heard_fact_debtor_id"), "heard_fact", ["debtor_id"], unique=False)
    op.create_table(
        "preference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=True),
        sa.Column("window", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('quiet_window', 'channel', 'address')", name=op.f("ck_preference_kind")),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_preference_contact_point_id")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_preference_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preference")),
    )
    op.create_index(op.f("ix_preference_debtor_id"), "preference", ["debtor_id"], unique=False)
    op.create_table(
        "planned_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("voice", sa.Text(), server_default="human", nullable=False),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'sms', 'email')", name=op.f("ck_planned_contact_channel")),
        sa.CheckConstraint(
            "purpose IN ('collection', 'reminder', 'requested_callback', 'location_information', 'reply', "
            "'opt_out_confirmation')",
            name=op.f("ck_planned_contact_purpose"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'taken', 'done', 'refused', 'voided')", name=op.f("ck_planned_contact_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["collection_case.id"], name=op.f("fk_planned_contact_case_id")),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_point.id"], name=op.f("fk_planned_contact_contact_point_id")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_planned_contact_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_contact")),
    )
    op.create_index(op.f("ix_planned_contact_debtor_id"), "planned_contact", ["debtor_id"], unique=False)
    op.create_index("ix_planned_contact_due", "planned_contact", ["state", "due_at"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("debt_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_point_id", sa.BigInteger(), nullable=False),
        sa.Column("planned_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), server_default="debtor", nullable=False),
        sa.Column("place", sa.Text(), server_default="personal", nullable=False),
        sa.Column("voice", sa.Text(), server_default="human", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("clearance_id", sa.Text(), nullable=True),
        sa.Column("clearance_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("call_sid", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("budget_scope", sa.Text(), nullable=True),
        sa.Column("budget_day", sa.Date(), nullable=True),
        sa.Column("budget_slot", sa.Text(), nullable=True),
        sa.Column("budget_released", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rulebook_digest", sa.Text(), nullable=True),
        sa.Column("facts_digest", sa.Text(), nullable=True),
        sa.Column("facts_enc", sa.LargeBinary(), nullable=True),
        sa.Column("ruling", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("ledger_index", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("channel IN ('voice', 'sms', 'email')", name=op.f("ck_attempt_channel")),
        sa.CheckConstraint(
            "purpose IN ('collection', 'reminder', 'requested_callback', 'location_information', 'reply', "
            "'opt_out_confirmation')",
            name=op.f("ck_attempt_purpose"),
        ),
        sa.CheckConstraint(
            "state IN ('refused', 'intended', 'placed', 'ringing', 'in_progress', 'ambiguous', 'sent', 'voided', "
            "'ended')",
            name=op.f("ck_attempt_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["collection_case.id"], name=op.f("fk_attempt_case_id")),
        sa.ForeignKeyConstraint(["contact_point_id"], ["contact_point.id"], name=op.f("fk_attempt_contact_point_id")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_attempt_debt_id")),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_attempt_debtor_id")),
        sa.ForeignKeyConstraint(["planned_id"], ["planned_contact.id"], name=op.f("fk_attempt_planned_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("clearance_id", name=op.f("uq_attempt_clearance_id")),
    )
    op.create_index(op.f("ix_attempt_call_sid"), "attempt", ["call_sid"], unique=False)
    op.create_index(op.f("ix_attempt_case_id"), "attempt", ["case_id"], unique=False)
    op.create_index("ix_attempt_debtor_id_intended_at", "attempt", ["debtor_id", "intended_at"], unique=False)
    op.create_index(
        "uq_attempt_in_flight",
        "attempt",
        ["debtor_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('intended', 'placed', 'ringing', 'in_progress', 'ambiguous')"),
    )
    # The evidence log only grows: not even the program's own role can rewrite or drop an entry by a statement.
    op.execute(
        """
        CREATE FUNCTION fairline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'table % only grows', TG_TABLE_NAME; END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION fairline_append_only()"
        )


def downgrade() -> None:
    """Take back."""
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION fairline_append_only()")
    op.drop_index(
        "uq_attempt_in_flight",
        table_name="attempt",
        postgresql_where=sa.text("state IN ('intended', 'placed', 'ringing', 'in_progress', 'ambiguous')"),
    )
    op.drop_index("ix_attempt_debtor_id_intended_at", table_name="attempt")
    op.drop_index(op.f("ix_attempt_case_id"), table_name="attempt")
    op.drop_index(op.f("ix_attempt_call_sid"), table_name="attempt")
    op.drop_table("attempt")
    op.drop_index("ix_planned_contact_due", table_name="planned_contact")
    op.drop_index(op.f("ix_planned_contact_debtor_id"), table_name="planned_contact")
    op.drop_table("planned_contact")
    op.drop_index(op.f("ix_preference_debtor_id"), table_name="preference")
    op.drop_table("preference")
    op.drop_index(op.f("ix_heard_fact_debtor_id"), table_name="heard_fact")
    op.drop_table("heard_fact")
    op.drop_index(op.f("ix_consent_debtor_id"), table_name="consent")
    op.drop_table("consent")
    op.drop_index(op.f("ix_collection_case_debtor_id"), table_name="collection_case")
    op.drop_table("collection_case")
    op.drop_index(op.f("ix_debt_debtor_id"), table_name="debt")
    op.drop_table("debt")
    op.drop_index("ix_contact_point_address_index", table_name="contact_point")
    op.drop_table("contact_point")
    op.drop_table("budget")
    op.drop_table("user_account")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_checkpoint")
    op.drop_table("key_fingerprint")
    op.drop_table("debtor")
    op.drop_table("creditor")
    op.drop_table("clearance_use")
