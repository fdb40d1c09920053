"""No-shows and worries: cases that stay open until somebody else has taken the family over.

The provider raises a case and reports it; a receiver acknowledges, says what comes next and who
does it. Only then does it close, and never by the provider alone where somebody was told (R17): the
trigger asks, whatever a service believes. A case outlives its booking. Safe while the app runs.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.row_security import IS_PROVIDER, ORGANISATION, ROLE, USER, policy, protect

revision = "0043"
down_revision = "0042"

_SQL = Path(__file__).with_suffix("")
IS_SUPPORT = f"{ROLE} IN ('liaison', 'center_worker', 'office_worker')"
_WORKS = f"({IS_SUPPORT} OR {IS_PROVIDER})"
_TABLES = ("care_case_events", "care_case_words", "care_case_reports", "care_cases")


def upgrade() -> None:
    """Add the cases, their reports and events, and what guards their end."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute((_SQL / "tables.sql").read_text(encoding="utf-8"))
    for table in _TABLES:
        protect(table)
        policy(table, "ALL", "true", check="true", to="portal_gate")
        op.execute(f"GRANT SELECT, UPDATE, DELETE ON {table} TO portal_gate")
    op.execute((_SQL / "guards.sql").read_text(encoding="utf-8"))
    _policies()


def _policies() -> None:
    mine = f"{IS_PROVIDER} AND organisation_id = {ORGANISATION}"
    policy("care_cases", "SELECT", f"({mine}) OR case_told_to_me(care_cases.id)")
    policy("care_cases", "INSERT", check=mine)
    policy("care_cases", "UPDATE", f"({mine}) OR case_told_to_me(care_cases.id)")
    op.execute("GRANT SELECT, INSERT ON care_cases TO portal_app")
    op.execute(
        "GRANT UPDATE (state, state_at, result, urgency, due_at, reported_at,"
        " taken_over_by, taken_over_at, next_step, next_step_on, closed_at, closed_by, updated_at)"
        " ON care_cases TO portal_app"
    )
    # The clock raises cases; mails about them are written in its name.
    policy("care_cases", "SELECT", "true", to="portal_worker", name="worker_select")
    policy("care_cases", "INSERT", check="true", to="portal_worker", name="worker_insert")
    policy("care_cases", "UPDATE", "true", to="portal_worker", name="worker_update")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, state_at, result, closed_at, updated_at)"
        " ON care_cases TO portal_worker"
    )
    reports = f"{_WORKS} AND {ORGANISATION} IN (reporter_id, receiver_id)"
    policy("care_case_reports", "SELECT", reports)
    policy(
        "care_case_reports",
        "INSERT",
        check=f"{_WORKS} AND reporter_id = {ORGANISATION} AND sent_by = {USER}",
    )
    policy(
        "care_case_reports",
        "UPDATE",
        f"{_WORKS} AND receiver_id = {ORGANISATION}",
        check=f"{_WORKS} AND receiver_id = {ORGANISATION}",
    )
    op.execute("GRANT SELECT, INSERT ON care_case_reports TO portal_app")
    op.execute(
        "GRANT UPDATE (seen_at, acknowledged_at, acknowledged_by, next_step, next_step_by,"
        " next_step_on, next_words_sealed, done_at) ON care_case_reports TO portal_app"
    )
    policy("care_case_reports", "SELECT", "true", to="portal_worker", name="worker_select")
    # The alert to the sender of a referred family leaves by itself (R16).
    alert = "sent_by IS NULL AND consent_holds(consent_id)"
    policy("care_case_reports", "INSERT", check=alert, to="portal_worker", name="worker_insert")
    op.execute("GRANT SELECT, INSERT ON care_case_reports TO portal_worker")
    of_report = "EXISTS (SELECT 1 FROM care_case_reports t WHERE t.id = report_id AND {whose})"
    reporters = of_report.format(whose=f"t.reporter_id = {ORGANISATION} AND {_WORKS}")
    receivers = of_report.format(
        whose=f"t.receiver_id = {ORGANISATION} AND {_WORKS}"
        " AND (consent_holds(t.consent_id) OR ground_holds(t.ground_id))"
    )
    policy("care_case_words", "SELECT", f"{reporters} OR {receivers}")
    policy("care_case_words", "INSERT", check=reporters)
    op.execute("GRANT SELECT, INSERT ON care_case_words TO portal_app")
    policy("care_case_words", "INSERT", check="true", to="portal_worker", name="worker_insert")
    op.execute("GRANT INSERT ON care_case_words TO portal_worker")
    of_case = (
        f"organisation_id = {ORGANISATION} OR EXISTS (SELECT 1 FROM care_cases c"
        f" WHERE c.id = case_id AND c.organisation_id = {ORGANISATION})"
    )
    policy("care_case_events", "SELECT", f"{_WORKS} AND ({of_case})")
    policy(
        "care_case_events",
        "INSERT",
        check=f"{_WORKS} AND organisation_id = {ORGANISATION} AND coalesce(by_user = {USER}, false)"
        f" AND (EXISTS (SELECT 1 FROM care_cases c WHERE c.id = case_id"
        f" AND c.organisation_id = {ORGANISATION}) OR case_told_to_me(case_id))",
    )
    policy("care_case_events", "INSERT", check="true", to="portal_worker", name="worker_insert")
    op.execute("GRANT SELECT, INSERT ON care_case_events TO portal_app")
    op.execute("GRANT SELECT, INSERT ON care_case_events TO portal_worker")
    policy("care_case_events", "SELECT", "true", to="portal_worker", name="worker_select")


def downgrade() -> None:
    """Take it all away."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER erase_cases ON families")
    for table in _TABLES:
        op.execute(f"DROP TABLE {table} CASCADE")
    for signature in ("erase_cases()", "guard_case()", "case_told_to_me(uuid)"):
        op.execute(f"DROP FUNCTION {signature}")
