"""Families that go first (R25): why is sealed, and only who need to know may read it.

A stay may name a priority of its family at this provider, as it may name a referral: then it takes
a kept place first, and nothing else of the booking differs from any other. ``memberships`` says
which members of staff know; the signed actor of the others has ``plain`` in the place of rights,
and restrictive policies show them neither reasons nor what was referred or reported. Kept places
are given to everybody at an hour of their last day. Safe while the app runs: columns have constant
defaults, functions are replaced within one transaction.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    USER,
    definer,
    policy,
    protect,
)

revision = "0051"
down_revision = "0050"

_SQL = Path(__file__).with_suffix("") / "functions.sql"
_KNOWS = "(SELECT actor())[6] IS DISTINCT FROM 'plain'"
_READ_BY_FEW = ("referral_items", "care_case_words", "priorities")
_OF = "organisation_id"
_HERS = f"{FAMILY} IS NOT NULL AND consent_is_mine(consents.id)"

_TAKES = (
    (
        "from_cell smallint, to_cell smallint, referral_id uuid)\n      JOIN public.programmes g",
        (
            "from_cell smallint, to_cell smallint, referral_id uuid, priority_id uuid)\n"
            "      JOIN public.programmes g"
        ),
    ),
    (
        "b.id = s.replaces AND b.referral_id = s.referral_id))\n",
        (
            "b.id = s.replaces AND b.referral_id = s.referral_id))\n"
            "       AND (s.priority_id IS NULL OR"
            " public.priority_counts(s.priority_id, s.family_id, g.organisation_id, s.day)\n"
            "            OR EXISTS (SELECT 1 FROM public.bookings b\n"
            "                        WHERE b.id = s.replaces AND b.priority_id = s.priority_id))\n"
        ),
    ),
    (
        "array_agg(s.referral_id IS NOT NULL ORDER BY s.ord, p.position),\n",
        ("array_agg(num_nonnulls(s.referral_id, s.priority_id) > 0 ORDER BY s.ord, p.position),\n"),
    ),
    (
        (
            "from_cell smallint, to_cell smallint, referral_id uuid))\n"
            "           WITH ORDINALITY AS s"
            " (programme_id, child_id, day, from_cell, to_cell, referral_id, ord)"
        ),
        (
            "from_cell smallint, to_cell smallint, referral_id uuid, priority_id uuid))\n"
            "           WITH ORDINALITY AS s"
            " (programme_id, child_id, day, from_cell, to_cell, referral_id, priority_id, ord)"
        ),
    ),
    (
        "counts_toward_caps, referral_id, created_by)",
        "counts_toward_caps, referral_id, priority_id, created_by)",
    ),
    ("s.referral_id, who[1]::uuid", "s.referral_id, s.priority_id, who[1]::uuid"),
    (
        "guardian_stays boolean, counts_toward_caps boolean, referral_id uuid)\n      JOIN",
        (
            "guardian_stays boolean, counts_toward_caps boolean, referral_id uuid,"
            " priority_id uuid)\n      JOIN"
        ),
    ),
)
_KEEPS = (
    (
        "AND b.referral_id IS NOT NULL AND",
        "AND num_nonnulls(b.referral_id, b.priority_id) > 0 AND",
    ),
    (
        "p_day > (now() AT TIME ZONE 'Asia/Tokyo')::date + f.kept_until_days;",
        (
            "now() < (p_day - f.kept_until_days + make_interval(mins => 30 * f.kept_until_cell))\n"
            "                   AT TIME ZONE 'Asia/Tokyo';"
        ),
    ),
)
_SESSION = (
    (
        "THEN public.withheld_from(g.id) ELSE '{}' END",
        (
            "THEN public.withheld_from(g.id)\n"
            "                WHEN m.role = 'staff' AND NOT m.knows_support"
            " THEN ARRAY['support'] ELSE '{}' END"
        ),
    ),
)
#: Whom mails about referrals go to.
_KNOWS_OF_IT = "(m.role <> 'staff' OR m.knows_support)"
_READERS = (
    (
        "WHERE m.organisation_id = p_body AND m.ended_at IS NULL),",
        f"WHERE m.organisation_id = p_body AND m.ended_at IS NULL AND {_KNOWS_OF_IT}),",
    ),
)
_RECEIVERS = (
    (
        "r.state = 'recalled' AND m.ended_at IS NULL\n",
        f"r.state = 'recalled' AND m.ended_at IS NULL AND {_KNOWS_OF_IT}\n",
    ),
)
_REWRITTEN = (
    ("portal_gate", "referral_readers(uuid, uuid)", _READERS),
    ("portal_gate", "referral_receivers(uuid)", _RECEIVERS),
    ("portal_places", "take_places(jsonb)", _TAKES),
    ("portal_places", "kept_cells(uuid, date, smallint[])", _KEEPS),
    ("portal_gate", "session_by_token(bytea)", _SESSION),
)


def upgrade() -> None:
    """Add the table and the columns, and let the functions know them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _tables()
    op.execute(_SQL.read_text(encoding="utf-8"))
    definer("priority_counts(uuid, uuid, uuid, date)", "portal_gate", to="portal_places")
    definer("set_support_knowledge(uuid, boolean)", "portal_gate", to="portal_app")
    definer("consent_is_mine(uuid)", "portal_gate", to="portal_app, portal_worker")
    policy("consents", "SELECT", _HERS, name="a_joined_guardian")
    policy(
        "consents",
        "UPDATE",
        f"{_HERS} AND withdrawn_at IS NULL",
        check=f"{_HERS} AND withdrawn_by = {USER}",
        name="a_joined_guardian_update",
    )
    op.execute("REVOKE ALL ON FUNCTION erase_priorities() FROM PUBLIC")
    op.execute("ALTER FUNCTION erase_priorities() OWNER TO portal_gate")
    for owner, signature, changes in _REWRITTEN:
        rewrite(owner, signature, *changes)


def _tables() -> None:
    op.execute("""
        ALTER TABLE memberships ADD COLUMN knows_support boolean NOT NULL DEFAULT true""")
    op.execute("""
        ALTER TABLE facilities ADD COLUMN kept_until_cell smallint NOT NULL DEFAULT 0
            CONSTRAINT ck_facilities_kept_until_cell CHECK (kept_until_cell BETWEEN 0 AND 47)""")
    op.execute("""
        CREATE TABLE priorities (
            id uuid CONSTRAINT pk_priorities PRIMARY KEY,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_priorities_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL CONSTRAINT fk_priorities_family_id REFERENCES families,
            kind text NOT NULL CONSTRAINT ck_priorities_kind CHECK
                (kind IN ('referred', 'disability', 'urgent', 'other')),
            reason_sealed bytea,
            until_on date NOT NULL,
            decided_by uuid NOT NULL CONSTRAINT fk_priorities_decided_by REFERENCES users,
            decided_at timestamptz NOT NULL,
            ended_by uuid CONSTRAINT fk_priorities_ended_by REFERENCES users,
            ended_at timestamptz
        )""")
    op.execute(
        "CREATE UNIQUE INDEX uq_priorities_live ON priorities (organisation_id, family_id)"
        " WHERE ended_at IS NULL"
    )
    op.execute("CREATE INDEX ix_priorities_family_id ON priorities (family_id)")
    protect("priorities")
    own = f"{IS_PROVIDER} AND priorities.{_OF} = {ORGANISATION}"
    known = (
        "EXISTS (SELECT 1 FROM family_access a WHERE a.family_id = priorities.family_id"
        f" AND a.organisation_id = {ORGANISATION}"
        " AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))"
    )
    policy("priorities", "SELECT", own)
    policy("priorities", "INSERT", check=f"{own} AND {known}")
    policy("priorities", "UPDATE", own, check=own)
    policy("priorities", "ALL", "true", check="true", to="portal_gate", name="gate_all")
    op.execute("GRANT SELECT, INSERT ON priorities TO portal_app")
    op.execute("GRANT UPDATE (ended_at, ended_by) ON priorities TO portal_app")
    op.execute("GRANT SELECT, UPDATE ON priorities TO portal_gate")
    for table in _READ_BY_FEW:
        op.execute(
            f"CREATE POLICY for_those_who_need_to_know ON {table} AS RESTRICTIVE FOR ALL"
            f" TO portal_app USING ({_KNOWS}) WITH CHECK ({_KNOWS})"
        )
    op.execute("""
        ALTER TABLE bookings ADD COLUMN priority_id uuid
            CONSTRAINT fk_bookings_priority_id REFERENCES priorities""")
    op.execute(
        "CREATE INDEX ix_bookings_priority_id ON bookings (priority_id)"
        " WHERE priority_id IS NOT NULL"
    )


def downgrade() -> None:
    """Take it away; who went first by a priority keeps the place, as any other."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for owner, signature, changes in reversed(_REWRITTEN):
        write_back(owner, signature, *changes)
    for table in _READ_BY_FEW:
        op.execute(f"DROP POLICY for_those_who_need_to_know ON {table}")
    op.execute("DROP TRIGGER erase_priorities ON families")
    for name in ("a_joined_guardian", "a_joined_guardian_update"):
        op.execute(f"DROP POLICY {name} ON consents")
    for signature in (
        "priority_counts(uuid, uuid, uuid, date)",
        "set_support_knowledge(uuid, boolean)",
        "consent_is_mine(uuid)",
        "erase_priorities()",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("ALTER TABLE bookings DROP COLUMN priority_id")
    op.execute("DROP TABLE priorities")
    op.execute("ALTER TABLE facilities DROP COLUMN kept_until_cell")
    op.execute("ALTER TABLE memberships DROP COLUMN knows_support")
