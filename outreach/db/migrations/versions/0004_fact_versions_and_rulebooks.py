"""What was known when: versions of facts, written by triggers, and the rulebooks that decided.

What is stored already becomes its own first version, recorded now: what was known before is not made up.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# table -> (key column, column since when a row is true, whether rows are events, columns kept). Written out here, not
# imported: a migration says what was done on its day.
TABLES: dict[str, tuple[str, str | None, bool, tuple[str, ...]]] = {
    "creditor": ("id", None, False, ("tier", "jurisdiction")),
    "debtor": ("id", "created_at", False, ("timezones", "region", "tier", "flags", "birth_date_enc")),
    "debt": ("id", None, False, ("creditor_id", "flags")),
    "collection_case": ("id", "opened_at", False, ("debt_id", "creditor_id", "state", "grade")),
    "contact_point": ("id", "added_at", False, ("kind", "party", "place", "state")),
    "consent": ("id", "given_at", True, ("debt_id", "kind", "given_to", "given_at", "valid_until", "window")),
    "preference": (
        "id",
        "stated_at",
        True,
        ("kind", "channel", "contact_point_id", "window", "stated_at", "ended_at"),
    ),
    "attempt": (
        "id",
        "intended_at",
        True,
        (
            "debt_id",
            "contact_point_id",
            "channel",
            "purpose",
            "party",
            "state",
            "outcome",
            "intended_at",
            "placed_at",
            "budget_released",
        ),
    ),
    "message": ("sid", "at", True, ("direction", "at")),
}
SETS = ("flags",)
SEALED = ("birth_date_enc",)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "fact_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_version")),
    )
    op.create_index("ix_fact_version_debtor_id_id", "fact_version", ["debtor_id", "id"], unique=False)
    op.create_index("ix_fact_version_of", "fact_version", ["of", "ref"], unique=False)
    op.create_table(
        "rulebook_version",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rulebook_version")),
    )
    for table in TABLES:
        op.execute(_first_versions(table))
    op.execute(_WRITER)
    op.execute(_GUARDS)
    for table in TABLES:
        op.execute(_trigger_function(table))
        op.execute(
            f"CREATE TRIGGER fact_version AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION fairline_version_{table}()"
        )
        op.execute(
            f"CREATE TRIGGER fact_version_whole BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION fairline_row_by_row()"
        )


def downgrade() -> None:
    """Take back."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER fact_version ON {table}")
        op.execute(f"DROP TRIGGER fact_version_whole ON {table}")
        op.execute(f"DROP FUNCTION fairline_version_{table}()")
    op.execute("DROP TRIGGER fact_version_emptied ON debtor")
    op.drop_table("rulebook_version")
    op.drop_table("fact_version")
    op.execute("DROP FUNCTION fairline_row_by_row()")
    op.execute("DROP FUNCTION fairline_keep_version()")
    op.execute("DROP FUNCTION fairline_empty_versions()")
    op.execute("DROP FUNCTION fairline_write_version(bigint, text, text, text, jsonb, timestamptz, timestamptz)")


# When a change is true and who says so is told by the transaction (`outreach.db.history.tell`). A change nobody spoke
# for is recorded all the same, at the server's own time. The person's lock makes the order of ids the order in which
# a ruling could have seen the change; a creditor has no person, and whoever asks reads that row under a lock.
_WRITER = """
CREATE FUNCTION fairline_write_version(
    person bigint, of_table text, row_ref text, how text, what jsonb, began timestamptz, event timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told timestamptz := NULLIF(current_setting('fairline.at', true), '')::timestamptz;
    since timestamptz := NULLIF(current_setting('fairline.since', true), '')::timestamptz;
    origin text := NULLIF(current_setting('fairline.source', true), '');
    erased boolean := false;
BEGIN
    told := COALESCE(told, clock_timestamp());
    IF person IS NOT NULL THEN
        SELECT data_key IS NULL INTO erased FROM debtor WHERE id = person FOR NO KEY UPDATE;
    END IF;
    INSERT INTO fact_version (debtor_id, of, ref, op, value, valid_from, recorded_at, source) VALUES (
        person, of_table, row_ref, how, CASE WHEN erased THEN '{}'::jsonb ELSE what END,
        COALESCE(event, since, began, told), told, COALESCE(origin, 'untold')
    );
END $$
"""

_GUARDS = """
CREATE FUNCTION fairline_row_by_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'table % cannot be emptied at once: its facts have versions', TG_TABLE_NAME; END $$;

CREATE FUNCTION fairline_keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.value = '{}'::jsonb
        AND (NEW.id, NEW.of, NEW.ref, NEW.op, NEW.valid_from, NEW.recorded_at, NEW.source)
            = (OLD.id, OLD.of, OLD.ref, OLD.op, OLD.valid_from, OLD.recorded_at, OLD.source)
        AND NEW.debtor_id = OLD.debtor_id
        AND EXISTS (SELECT FROM debtor WHERE id = OLD.debtor_id AND data_key IS NULL) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'table % only grows', TG_TABLE_NAME;
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON fact_version
    FOR EACH ROW EXECUTE FUNCTION fairline_keep_version();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON fact_version
    FOR EACH STATEMENT EXECUTE FUNCTION fairline_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rulebook_version
    FOR EACH STATEMENT EXECUTE FUNCTION fairline_append_only();

CREATE FUNCTION fairline_empty_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN UPDATE fact_version SET value = '{}'::jsonb WHERE debtor_id = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER fact_version_emptied AFTER UPDATE OF data_key ON debtor FOR EACH ROW
    WHEN (NEW.data_key IS NULL AND OLD.data_key IS NOT NULL) EXECUTE FUNCTION fairline_empty_versions();
"""


def _person(table: str, row: str) -> str:
    if table == "creditor":
        return "NULL::bigint"
    return f"{row}.id" if table == "debtor" else f"{row}.debtor_id"


def _plain(row: str, column: str) -> str:
    return f"encode({row}.{column}, 'base64')" if column in SEALED else f'{row}."{column}"'


def _whole(table: str, row: str) -> str:
    columns = TABLES[table][3]
    return "jsonb_build_object({})".format(", ".join(f"'{column}', {_plain(row, column)}" for column in columns))


def _changed(column: str) -> str:
    if column in SETS:
        return f"""
        IF NEW.{column} IS DISTINCT FROM OLD.{column} THEN
            what := what || jsonb_build_object(
                '{column}_added', ARRAY(SELECT unnest(NEW.{column}) EXCEPT SELECT unnest(OLD.{column})),
                '{column}_removed', ARRAY(SELECT unnest(OLD.{column}) EXCEPT SELECT unnest(NEW.{column})));
        END IF;"""
    return f"""
        IF NEW."{column}" IS DISTINCT FROM OLD."{column}" THEN
            what := what || jsonb_build_object('{column}', {_plain("NEW", column)});
        END IF;"""


def _trigger_function(table: str) -> str:
    key, began, event, columns = TABLES[table]
    moved = ""
    if table not in ("creditor", "debtor"):
        moved = f"""
        IF NEW.debtor_id IS DISTINCT FROM OLD.debtor_id THEN
            RAISE EXCEPTION 'a row of {table} does not pass from one person to another';
        END IF;"""
    skip = "IF COALESCE(NEW.debtor_id, OLD.debtor_id) IS NULL THEN RETURN NULL; END IF;" if table == "message" else ""
    happened = f"NEW.{began}" if event else "NULL"
    return f"""
CREATE FUNCTION fairline_version_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE what jsonb := '{{}}'::jsonb;
BEGIN
    {skip}
    IF TG_OP = 'INSERT' THEN
        PERFORM fairline_write_version({_person(table, "NEW")}, '{table}', NEW.{key}::text, 'insert',
            {_whole(table, "NEW")}, {f"NEW.{began}" if began else "NULL"}, {happened});
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM fairline_write_version({_person(table, "OLD")}, '{table}', OLD.{key}::text, 'delete',
            '{{}}'::jsonb, NULL, NULL);
    ELSE{moved}
        IF NEW.{key} IS DISTINCT FROM OLD.{key} THEN
            RAISE EXCEPTION 'a row of {table} keeps its key';
        END IF;{"".join(_changed(column) for column in columns)}
        IF what <> '{{}}'::jsonb THEN
            PERFORM fairline_write_version({_person(table, "NEW")}, '{table}', NEW.{key}::text, 'update',
                what, NULL, {happened});
        END IF;
    END IF;
    RETURN NULL;
END $$
"""


def _first_versions(table: str) -> str:
    key, began, _, _ = TABLES[table]
    where = "WHERE debtor_id IS NOT NULL" if table == "message" else ""
    if table not in ("creditor", "debtor"):
        living = f"EXISTS (SELECT FROM debtor WHERE debtor.id = {table}.debtor_id AND data_key IS NOT NULL)"
        where = f"{where} AND {living}" if where else f"WHERE {living}"
    elif table == "debtor":
        where = "WHERE data_key IS NOT NULL"
    return f"""
INSERT INTO fact_version (debtor_id, of, ref, op, value, valid_from, recorded_at, source)
SELECT {_person(table, table)}, '{table}', {table}.{key}::text, 'insert', {_whole(table, table)},
    {f"{table}.{began}" if began else "to_timestamp(0)"}, now(), 'migration'
FROM {table} {where} ORDER BY {table}.{key}
"""  # noqa: S608 - every name is a constant of this file
