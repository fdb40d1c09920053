"""What rules ask of a home: where it lives, papers that were seen, tickets, answers about a child.

A row is sealed and never changed: a newer one ends the older. Staff see what their own provider
wrote and what the family said itself; the family sees all of its own. Safe while the app runs: a
new table, and one function that is replaced within the transaction.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, policy, protect

revision = "0057"
down_revision = "0056"

_USES = "DELETE FROM public.declared_uses WHERE family_id = p_family;"
_ERASES = (
    _USES,
    f"{_USES}\n            DELETE FROM public.home_facts WHERE family_id = p_family;",
)


def upgrade() -> None:
    """Add the table, and let the erasing of a family reach it."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        CREATE TABLE home_facts (
            id uuid CONSTRAINT pk_home_facts PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_home_facts_family_id REFERENCES families,
            child_id uuid CONSTRAINT fk_home_facts_child_id REFERENCES children,
            organisation_id uuid
                CONSTRAINT fk_home_facts_organisation_id REFERENCES organisations,
            kind text NOT NULL CONSTRAINT ck_home_facts_kind CHECK
                (kind IN ('prefecture', 'city', 'ward', 'circumstance', 'statement', 'mark',
                          'tax', 'paper', 'coupon', 'enrolment', 'gate')),
            said_sealed bytea,
            valid_from date,
            valid_until date,
            seen_on date,
            said_at timestamptz NOT NULL,
            said_by uuid NOT NULL CONSTRAINT fk_home_facts_said_by REFERENCES users,
            ended_at timestamptz,
            ended_by uuid CONSTRAINT fk_home_facts_ended_by REFERENCES users,
            CONSTRAINT ck_home_facts_days CHECK (valid_from <= valid_until),
            CONSTRAINT ck_home_facts_seen_by_staff CHECK
                (seen_on IS NULL OR organisation_id IS NOT NULL)
        )""")
    op.execute(
        "CREATE INDEX ix_home_facts_live ON home_facts (family_id, said_at) WHERE ended_at IS NULL"
    )
    op.execute("CREATE INDEX ix_home_facts_child_id ON home_facts (child_id)")
    op.execute("CREATE INDEX ix_home_facts_organisation_id ON home_facts (organisation_id)")
    protect("home_facts")
    hers = f"home_facts.family_id = {FAMILY}"
    known = (
        f"{IS_PROVIDER} AND EXISTS (SELECT 1 FROM family_access a"
        f" WHERE a.family_id = home_facts.family_id AND a.organisation_id = {ORGANISATION}"
        " AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))"
    )
    of_family = (
        "(home_facts.child_id IS NULL OR EXISTS (SELECT 1 FROM children c"
        " WHERE c.id = home_facts.child_id AND c.family_id = home_facts.family_id))"
    )
    said_by_her = f"{hers} AND home_facts.organisation_id IS NULL"
    said_by_staff = f"{known} AND home_facts.organisation_id = {ORGANISATION}"
    policy(
        "home_facts",
        "SELECT",
        f"{hers} OR {known} AND coalesce(home_facts.organisation_id = {ORGANISATION}, true)",
    )
    policy("home_facts", "INSERT", check=f"({said_by_her} OR {said_by_staff}) AND {of_family}")
    policy(
        "home_facts",
        "UPDATE",
        f"({said_by_her} OR {said_by_staff}) AND ended_at IS NULL",
        check=f"{said_by_her} OR {said_by_staff}",
    )
    policy("home_facts", "ALL", "true", check="true", to="portal_gate", name="gate_all")
    op.execute("GRANT SELECT, INSERT ON home_facts TO portal_app")
    op.execute("GRANT UPDATE (ended_at, ended_by) ON home_facts TO portal_app")
    op.execute("GRANT SELECT, DELETE ON home_facts TO portal_gate")
    rewrite("portal_gate", "erase_family(uuid, uuid)", _ERASES)


def downgrade() -> None:
    """Take it away, with everything that was said."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    write_back("portal_gate", "erase_family(uuid, uuid)", _ERASES)
    op.execute("DROP TABLE home_facts")
