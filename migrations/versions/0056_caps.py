"""Limits by week, month and year, held by the database; and use that a family tells of itself.

The limits are read from the rules that a stay names; ``take_places`` locks the row of the child and
counts what it has used behind that lock, over all facilities of the limit. ``declared_uses``: days
of care outside the portal, told by the family. A booking knows the type and reason of use as its
rules name them.
Safe while the app runs: new columns without a value, a new table, and functions that are replaced
within one transaction.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, definer, policy, protect

revision = "0056"
down_revision = "0055"

_SQL = Path(__file__).with_suffix("") / "functions.sql"
_LOCKS = "    -- Then the rows, locked in one order by everyone, so that wishes never deadlock.\n"
_TAKES = (
    (
        _LOCKS,
        (
            "    -- Limits of the children, behind the lock of their rows.\n"
            f"    PERFORM public.hold_caps(p_stays);\n\n{_LOCKS}"
        ),
    ),
    (
        "counts_toward_caps, referral_id, priority_id, created_by)",
        "counts_toward_caps, referral_id, priority_id, use_type, use_reason, created_by)",
    ),
    (
        "s.referral_id, s.priority_id, who[1]::uuid",
        "s.referral_id, s.priority_id, s.use_type, s.use_reason, who[1]::uuid",
    ),
    (
        (
            "guardian_stays boolean, counts_toward_caps boolean, referral_id uuid,"
            " priority_id uuid)\n      JOIN"
        ),
        (
            "guardian_stays boolean, counts_toward_caps boolean, referral_id uuid,"
            " priority_id uuid, use_type text, use_reason text)\n      JOIN"
        ),
    ),
)
_MESSAGES = "DELETE FROM public.preregistration_messages WHERE family_id = p_family;"
_ERASES = (
    (
        _MESSAGES,
        f"{_MESSAGES}\n            DELETE FROM public.declared_uses WHERE family_id = p_family;",
    ),
)
_REWRITTEN = (
    ("portal_places", "take_places(jsonb)", _TAKES),
    ("portal_gate", "erase_family(uuid, uuid)", _ERASES),
)
_PURE = (
    "use_state(text, timestamptz, timestamptz)",
    "programme_sort(text)",
    "cap_days(jsonb, date)",
    "cap_weight(jsonb, integer, text)",
    "cap_is_for(jsonb, text, text)",
    "caps_held(jsonb)",
    "unit_of(jsonb, timestamptz, timestamptz)",
)
_FUNCTIONS = (
    ("hold_caps(jsonb)", "portal_places", "portal_places"),
    ("may_count_uses(uuid[])", "portal_gate", "portal_places"),
    ("uses_of_children(uuid[], uuid, date, date)", "portal_places", "portal_app, portal_worker"),
    ("same_children(uuid[])", "portal_gate", "portal_places"),
)


def upgrade() -> None:
    """Add the columns, the table and the functions, and let ``take_places`` ask them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        ALTER TABLE bookings
            ADD COLUMN use_type text CONSTRAINT ck_bookings_use_type
                CHECK (length(use_type) BETWEEN 1 AND 40),
            ADD COLUMN use_reason text CONSTRAINT ck_bookings_use_reason
                CHECK (length(use_reason) BETWEEN 1 AND 40)""")
    op.execute("CREATE INDEX ix_bookings_child_day ON bookings (child_id, day)")
    _declared()
    op.execute(_SQL.read_text(encoding="utf-8"))
    for signature, owner, to in _FUNCTIONS:
        definer(signature, owner, to=to)
    policy("rulebooks", "SELECT", "true", to="portal_places", name="places_read")
    op.execute("GRANT SELECT ON rulebooks TO portal_places")
    # A row can be locked only by who may change it; of a child nothing is changed that way.
    op.execute("GRANT UPDATE (updated_at) ON children TO portal_places")
    policy("children", "UPDATE", "true", check="false", to="portal_places", name="places_lock")
    for owner, signature, changes in _REWRITTEN:
        rewrite(owner, signature, *changes)


def _declared() -> None:
    op.execute("""
        CREATE TABLE declared_uses (
            id uuid CONSTRAINT pk_declared_uses PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_declared_uses_family_id REFERENCES families,
            child_id uuid NOT NULL CONSTRAINT fk_declared_uses_child_id REFERENCES children,
            day date NOT NULL,
            minutes integer NOT NULL CONSTRAINT ck_declared_uses_minutes
                CHECK (minutes BETWEEN 1 AND 1440),
            use_type text CONSTRAINT ck_declared_uses_use_type
                CHECK (length(use_type) BETWEEN 1 AND 40),
            told_at timestamptz NOT NULL,
            told_by uuid NOT NULL CONSTRAINT fk_declared_uses_told_by REFERENCES users,
            retracted_at timestamptz,
            retracted_by uuid CONSTRAINT fk_declared_uses_retracted_by REFERENCES users
        )""")
    op.execute("CREATE INDEX ix_declared_uses_child_id ON declared_uses (child_id, day)")
    op.execute("CREATE INDEX ix_declared_uses_family_id ON declared_uses (family_id, day)")
    protect("declared_uses")
    hers = f"declared_uses.family_id = {FAMILY}"
    known = (
        f"{IS_PROVIDER} AND EXISTS (SELECT 1 FROM family_access a"
        f" WHERE a.family_id = declared_uses.family_id AND a.organisation_id = {ORGANISATION}"
        " AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))"
    )
    mine = f"({hers} OR {known})"
    of_family = (
        "EXISTS (SELECT 1 FROM children c WHERE c.id = declared_uses.child_id"
        " AND c.family_id = declared_uses.family_id)"
    )
    policy("declared_uses", "SELECT", mine)
    policy("declared_uses", "INSERT", check=f"{mine} AND {of_family}")
    policy("declared_uses", "UPDATE", f"{mine} AND retracted_at IS NULL", check=mine)
    policy("declared_uses", "SELECT", "true", to="portal_places", name="places_count")
    policy("declared_uses", "ALL", "true", check="true", to="portal_gate", name="gate_all")
    op.execute("GRANT SELECT, INSERT ON declared_uses TO portal_app")
    op.execute("GRANT UPDATE (retracted_at, retracted_by) ON declared_uses TO portal_app")
    op.execute("GRANT SELECT ON declared_uses TO portal_places")
    op.execute("GRANT SELECT, DELETE ON declared_uses TO portal_gate")


def downgrade() -> None:
    """Take it away; what was told of use elsewhere is lost, and limits are held by pages alone."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for owner, signature, changes in reversed(_REWRITTEN):
        write_back(owner, signature, *changes)
    op.execute("REVOKE SELECT ON rulebooks FROM portal_places")
    op.execute("DROP POLICY places_read ON rulebooks")
    op.execute("DROP POLICY places_lock ON children")
    op.execute("REVOKE UPDATE (updated_at) ON children FROM portal_places")
    for signature, _owner, _to in reversed(_FUNCTIONS):
        op.execute(f"DROP FUNCTION {signature}")
    for signature in _PURE:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE declared_uses")
    op.execute("DROP INDEX ix_bookings_child_day")
    op.execute("ALTER TABLE bookings DROP COLUMN use_type, DROP COLUMN use_reason")
