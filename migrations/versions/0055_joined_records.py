"""What is joined is one family: booked for in the interview, and no longer expected there too.

A nursery keeps a referred family in a record of its own, which the sender is not shown. Of it the
sender learns ids alone, and only where the family agreed to be booked for: which child there is
which of those it met. Safe while the app runs: a new column without a value, and functions that are
replaced within one transaction.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import ORGANISATION, ROLE, definer, policy

revision = "0055"
down_revision = "0051"

_SQL = Path(__file__).with_suffix("")
_SUPPORT = "('liaison', 'center_worker', 'office_worker')"
_INSIDE = "child_there(uuid, uuid)"
_APP = (
    "children_there(uuid)",
    "close_joined_children(uuid)",
    "keep_joined_end(uuid, uuid, jsonb)",
    "reopen_joined_children(uuid)",
    "leave_joined_children(uuid)",
)
_KINDS = "'referral', 'no_show_report', 'worry_report'"
_COLUMNS = "ended_at, ended_kind, ended_with, ended_through, updated_at"
#: Whoever closed a child may end what runs for the same one in a joined record.
_MAY = "       OR family::text IS DISTINCT FROM who[3]\n"
_MAY_TOO = (
    "       OR family::text IS DISTINCT FROM who[3]\n"
    "          AND NOT EXISTS (SELECT 1 FROM public.children j\n"
    "                           WHERE j.id = p_child AND j.ended_through IS NOT NULL\n"
    "                             AND j.ended_through <> p_child\n"
    "                             AND public.may_change_child(j.ended_through) IS NOT NULL)\n"
)


def upgrade() -> None:
    """Add the column, the functions and what the sender sees of its own bookings."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        ALTER TABLE children ADD COLUMN ended_through uuid
            CONSTRAINT fk_children_ended_through REFERENCES children""")
    op.execute("CREATE INDEX ix_children_ended_through ON children (ended_through)")
    op.execute(f"GRANT UPDATE ({_COLUMNS}) ON children TO portal_gate")
    policy("children", "UPDATE", "true", check="true", to="portal_gate", name="gate_ends")
    _run("functions")
    definer(_INSIDE, "portal_gate", to="portal_gate")
    for signature in _APP:
        definer(signature, "portal_gate", to="portal_app")
    _run("on_the_spot", owner="portal_gate")
    rewrite("portal_gate", "may_change_child(uuid)", (_MAY, _MAY_TOO))
    # The name on a booking that the sender made, whichever record it stands in.
    policy(
        "children",
        "SELECT",
        f"{ROLE} IN {_SUPPORT} AND EXISTS (SELECT 1 FROM bookings b"
        " JOIN referrals r ON r.id = b.referral_id"
        f" WHERE b.child_id = children.id AND r.sender_id = {ORGANISATION})",
        name="asked_by_sender",
    )
    # By which a record made on the portal's own screen is named from elsewhere.
    op.execute("""
        ALTER TABLE consents ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY
            CONSTRAINT uq_consents_number UNIQUE""")
    # A paper that is printed for the receiver is a provision of its own.
    _kinds(f"{_KINDS}, 'referral_on_paper'")


def _kinds(kinds: str) -> None:
    op.execute("ALTER TABLE provisions DROP CONSTRAINT ck_provisions_kind")
    op.execute(
        f"ALTER TABLE provisions ADD CONSTRAINT ck_provisions_kind CHECK (kind IN ({kinds}))"
    )


def _run(name: str, owner: str | None = None) -> None:
    if owner:
        op.execute(f"SET LOCAL ROLE {owner}")
    cursor = op.get_bind().connection.cursor()
    cursor.execute((_SQL / f"{name}.sql").read_text(encoding="utf-8"))
    if owner:
        op.execute("RESET ROLE")


def downgrade() -> None:
    """Take it away; what was booked and closed stays so."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE consents DROP COLUMN number")
    op.execute("ALTER TABLE provisions NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE provisions SET kind = 'referral' WHERE kind = 'referral_on_paper'")
    op.execute("ALTER TABLE provisions FORCE ROW LEVEL SECURITY")
    _kinds(_KINDS)
    op.execute("DROP POLICY asked_by_sender ON children")
    write_back("portal_gate", "may_change_child(uuid)", (_MAY, _MAY_TOO))
    _run("on_the_spot_before", owner="portal_gate")
    for signature in (*reversed(_APP), _INSIDE):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP POLICY gate_ends ON children")
    op.execute(f"REVOKE UPDATE ({_COLUMNS}) ON children FROM portal_gate")
    op.execute("ALTER TABLE children DROP COLUMN ended_through")
