"""Who has not come, to whom it may be told, and how long a facility waits.

The worker sees no booking before it acts for a family; a function answers ids and moments alone,
and only to the worker. To whom a family's consents let a no-show be told is answered to bodies
that know the family. Safe while the app runs: a column with a default, the rest is new.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.row_security import definer, policy

revision = "0047"
down_revision = "0044"

_SQL = Path(__file__).with_suffix("")


def upgrade() -> None:
    """Add the setting, the functions, and traces of what the clock passed on by itself."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(
        "ALTER TABLE facilities ADD COLUMN no_show_minutes smallint NOT NULL DEFAULT 30"
        " CONSTRAINT ck_facilities_no_show_minutes CHECK (no_show_minutes BETWEEN 10 AND 180)"
    )
    # Asked each minute, of two days of all there ever were.
    op.execute(
        "CREATE INDEX ix_bookings_day_awaited ON bookings (day)"
        " WHERE state IN ('confirmed', 'no_show')"
    )
    for table in ("attendances", "words_from_families", "care_cases", "care_case_events"):
        op.execute(f"GRANT SELECT ON {table} TO portal_places")
        policy(table, "SELECT", "true", to="portal_places", name="places_no_shows")
    op.execute((_SQL / "functions.sql").read_text(encoding="utf-8"))
    definer("no_shows_due(timestamptz)", "portal_places", to="portal_worker")
    definer("no_shows_settled()", "portal_places", to="portal_worker")
    definer("shares_of_family(uuid)", "portal_gate")
    definer("workers_of(uuid)", "portal_gate")
    # A reminder and an escalation go out once, however many rounds there are.
    op.execute("""
        CREATE UNIQUE INDEX uq_care_case_events_reminder
            ON care_case_events (case_id, organisation_id, kind) WHERE kind LIKE 'overdue%'""")
    # What the clock passed on was passed on by nobody in person.
    op.execute("ALTER TABLE provisions ALTER COLUMN provided_by DROP NOT NULL")
    policy(
        "provisions",
        "INSERT",
        check="provided_by IS NULL AND consent_holds(consent_id)",
        to="portal_worker",
        name="worker_insert",
    )
    op.execute("GRANT INSERT ON provisions TO portal_worker")


def downgrade() -> None:
    """Take it all away, with the traces of what the clock passed on."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("REVOKE INSERT ON provisions FROM portal_worker")
    op.execute("DROP POLICY worker_insert ON provisions")
    op.execute("ALTER TABLE provisions NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM provisions WHERE provided_by IS NULL")
    op.execute("ALTER TABLE provisions FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE provisions ALTER COLUMN provided_by SET NOT NULL")
    op.execute("DROP INDEX uq_care_case_events_reminder")
    op.execute("DROP TRIGGER guard_case_report ON care_case_reports")
    for signature in (
        "guard_case_report()",
        "workers_of(uuid)",
        "shares_of_family(uuid)",
        "no_shows_settled()",
        "no_shows_due(timestamptz)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    for table in ("care_case_events", "care_cases", "words_from_families", "attendances"):
        op.execute(f"DROP POLICY places_no_shows ON {table}")
        op.execute(f"REVOKE SELECT ON {table} FROM portal_places")
    op.execute("DROP INDEX ix_bookings_day_awaited")
    op.execute("ALTER TABLE facilities DROP COLUMN no_show_minutes")
