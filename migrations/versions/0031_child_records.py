"""The child's record by sections: each sealed, each with when it was last confirmed and by whom.

``child_records`` stays the head and the lines that the day needs. What was written before stays
where it is and is read as the sections' first content, since no migration holds the key. All of a
record hangs on its head, so that erasing the head erases the rest. Safe while the app runs: new
tables, columns without default.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    ROLE,
    family_is_mine,
    policy,
    protect,
)

revision = "0031"
down_revision = "0030"

SECTIONS = (
    "('allergies', 'health', 'vaccinations', 'feeding', 'sleep', 'toilet', 'habits', 'day',"
    " 'contacts', 'development', 'insurance', 'other')"
)
#: Among staff for the director alone.
KEPT_CLOSE = "('development', 'insurance')"
CONTENTS = ("record_sections", "record_versions")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _tables()
    for table in (*CONTENTS, "record_readings"):
        protect(table)
        op.execute(f"CREATE INDEX ix_{table}_record_id ON {table} (record_id)")
    for table in CONTENTS:
        _policies(table)
    _readings()
    op.execute("ALTER TABLE pickup_persons ADD COLUMN photo_id uuid, ADD COLUMN photo_on date")
    # When something in a record last became different: the board marks what staff do not know yet.
    op.execute("ALTER TABLE child_records ADD COLUMN changed_at timestamptz")


def _tables() -> None:
    hangs_on_head = """
            id uuid CONSTRAINT pk_{table} PRIMARY KEY,
            record_id uuid NOT NULL CONSTRAINT fk_{table}_record_id
                REFERENCES child_records ON DELETE CASCADE,
            child_id uuid NOT NULL CONSTRAINT fk_{table}_child_id REFERENCES children,
            family_id uuid NOT NULL CONSTRAINT fk_{table}_family_id REFERENCES families,"""
    section = f"""
            section text NOT NULL CONSTRAINT ck_{{table}}_section CHECK (section IN {SECTIONS}),
            content_sealed bytea NOT NULL,
            written_at timestamptz NOT NULL,
            written_by uuid,
            channel text NOT NULL CONSTRAINT ck_{{table}}_channel
                CHECK (channel IN ('web', 'phone', 'fax', 'post', 'counter')),"""
    both = hangs_on_head + section
    op.execute(f"""
        CREATE TABLE record_sections ({both.format(table="record_sections")}
            confirmed_at timestamptz,
            confirmed_by uuid,
            confirmed_role text,
            received_at timestamptz NOT NULL,
            CONSTRAINT uq_record_sections_section UNIQUE (child_id, section)
        )""")
    op.execute(f"""
        CREATE TABLE record_versions ({both.format(table="record_versions")}
            replaced_at timestamptz NOT NULL
        )""")
    op.execute(f"""
        CREATE TABLE record_readings ({hangs_on_head.format(table="record_readings")}
            organisation_id uuid NOT NULL
                CONSTRAINT fk_record_readings_organisation_id REFERENCES organisations,
            seen_at timestamptz NOT NULL,
            seen_by uuid,
            CONSTRAINT uq_record_readings_organisation UNIQUE (child_id, organisation_id)
        )""")


def _policies(table: str) -> None:
    family = f"{table}.family_id = {FAMILY}"
    staff = family_is_mine(f"{table}.family_id", f"{table}.child_id")
    mine = (
        f"({family} OR {IS_PROVIDER} AND {staff}"
        f" AND ({table}.section NOT IN {KEPT_CLOSE} OR {ROLE} = 'director'))"
    )
    # A guardian who may not see who is called sees none of the numbers here either.
    by_right = (
        f"({table}.family_id = (SELECT family_with('children')) AND ({table}.section <> 'contacts'"
        f" OR {table}.family_id = (SELECT family_with('contacts'))))"
    )
    of_head = (
        f"EXISTS (SELECT 1 FROM child_records r WHERE r.id = {table}.record_id"
        f" AND r.child_id = {table}.child_id AND r.family_id = {table}.family_id)"
    )
    policy(table, "SELECT", mine)
    policy(table, "SELECT", by_right, name="by_right_select")
    policy(table, "INSERT", check=f"{mine} AND {of_head}")
    policy(table, "INSERT", check=f"{by_right} AND {of_head}", name="by_right_insert")
    op.execute(f"GRANT SELECT, INSERT ON {table} TO portal_app")
    if table == "record_sections":
        policy(table, "UPDATE", mine)
        policy(table, "UPDATE", by_right, check=by_right, name="by_right_update")
        op.execute(
            "GRANT UPDATE (content_sealed, written_at, written_by, channel, confirmed_at,"
            " confirmed_by, confirmed_role, received_at) ON record_sections TO portal_app"
        )


def _readings() -> None:
    own = (
        f"{IS_PROVIDER} AND record_readings.organisation_id = {ORGANISATION}"
        f" AND {family_is_mine('record_readings.family_id', 'record_readings.child_id')}"
    )
    policy("record_readings", "SELECT", own)
    policy("record_readings", "INSERT", check=own)
    policy("record_readings", "UPDATE", own)
    op.execute("GRANT SELECT, INSERT, UPDATE (seen_at, seen_by) ON record_readings TO portal_app")
    # The day's paper marks it too.
    op.execute("GRANT SELECT ON record_readings TO portal_worker")


def downgrade() -> None:
    op.execute("ALTER TABLE child_records DROP COLUMN changed_at")
    op.execute("ALTER TABLE pickup_persons DROP COLUMN photo_on, DROP COLUMN photo_id")
    for table in ("record_readings", "record_versions", "record_sections"):
        op.execute(f"DROP TABLE {table}")
