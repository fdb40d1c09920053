"""Expected children: born as one or several, or closed quietly, and either undone for some days.

What runs for a child lies at several providers, of which the one who acts may see only some: so
functions end it, bring it back and copy it for twins, everywhere at once. A child that was closed
gets no new application: a trigger holds it against one that is being made at the same moment. Safe
while the app runs: new columns without default, new functions.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import definer

revision = "0032"
down_revision = "0031"

SQL = Path(__file__).with_name("0032_expected_children")
FUNCTIONS = (
    "may_change_child(uuid)",
    "end_applications(uuid)",
    "resume_applications(uuid, jsonb)",
    "copy_applications(uuid, uuid)",
    "is_child_booked(uuid)",
    "end_visits(uuid)",
    "resume_visits(uuid, jsonb)",
    "copy_visits(uuid, uuid)",
)
#: What guards an application against its family lets those functions through.
GUARDS = {
    "keep_steps()": (
        "IF (public.actor())[4] IS DISTINCT FROM 'director'",
        "IF current_user <> 'portal_gate' AND (public.actor())[4] IS DISTINCT FROM 'director'",
    ),
    "guard_preregistration()": (
        "IF (public.actor())[3] IS NULL THEN",
        "IF (public.actor())[3] IS NULL OR current_user = 'portal_gate' THEN",
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        ALTER TABLE children
            ADD COLUMN born_told_at timestamptz,
            ADD COLUMN born_with uuid CONSTRAINT fk_children_born_with REFERENCES children,
            ADD COLUMN ended_at timestamptz,
            ADD COLUMN ended_kind text CONSTRAINT ck_children_ended_kind
                CHECK (ended_kind IN ('no_longer', 'birth_undone')),
            ADD COLUMN ended_with jsonb,
            ADD CONSTRAINT ck_children_ended CHECK ((ended_at IS NULL) = (ended_kind IS NULL)),
            ADD CONSTRAINT ck_children_no_longer_expected
                CHECK (ended_kind <> 'no_longer' OR born_on IS NULL)""")
    op.execute("CREATE INDEX ix_children_born_with ON children (born_with)")
    for guard, change in GUARDS.items():
        rewrite("portal_owner", guard, change)
    op.execute("GRANT INSERT ON preregistrations TO portal_gate")
    op.execute("GRANT UPDATE (changed_at, sequence) ON visits TO portal_gate")
    op.execute("GRANT SELECT ON visit_sessions TO portal_gate")
    op.execute("CREATE POLICY gate_reads ON visit_sessions FOR SELECT TO portal_gate USING (true)")
    cursor = op.get_bind().connection.cursor()
    for part in ("applications", "visits"):
        cursor.execute((SQL / f"{part}.sql").read_text(encoding="utf-8"))
    for signature in FUNCTIONS:
        definer(signature, "portal_gate", to="portal_app")
    for trigger in ("child_goes_on()", "forget_expected()"):
        op.execute(f"REVOKE ALL ON FUNCTION {trigger} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {trigger} OWNER TO portal_gate")


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_expected ON families")
    op.execute("DROP TRIGGER child_goes_on_insert ON preregistrations")
    op.execute("DROP TRIGGER child_goes_on_update ON preregistrations")
    for signature in (*FUNCTIONS[1:], FUNCTIONS[0], "child_goes_on()", "forget_expected()"):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP POLICY gate_reads ON visit_sessions")
    op.execute("REVOKE SELECT ON visit_sessions FROM portal_gate")
    op.execute("REVOKE UPDATE (changed_at, sequence) ON visits FROM portal_gate")
    op.execute("REVOKE INSERT ON preregistrations FROM portal_gate")
    for guard, change in GUARDS.items():
        write_back("portal_owner", guard, change)
    op.execute("""
        ALTER TABLE children
            DROP CONSTRAINT ck_children_no_longer_expected, DROP CONSTRAINT ck_children_ended,
            DROP COLUMN ended_with, DROP COLUMN ended_kind, DROP COLUMN ended_at,
            DROP COLUMN born_with, DROP COLUMN born_told_at""")
