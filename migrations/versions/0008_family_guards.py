"""Family policies that name their own table, and rows that belong together.

The condition of 0003 wrote ``a.family_id = family_id``: inside its subquery both are the column of
``family_access``, so that any open family opened all of them to an organisation, and ``families``
none. Here the outer table is named. Besides, a child record and a pre-registration are taken only
for a child of their family that the actor may see, a pre-registration only at a facility of its
organisation.

Safe while the app runs: policies are replaced within one transaction.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    family_is_mine,
    policy,
)

revision = "0008"
down_revision = "0007"

_PEOPLE = ("guardians", "children", "pickup_persons")
_APPLICANT = f"family_id = {FAMILY} OR organisation_id = {ORGANISATION} AND {IS_PROVIDER}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _write_family_policies(qualified=True)
    op.execute("DROP POLICY public_insert ON preregistrations")
    policy(
        "preregistrations",
        "INSERT",
        check=f"({_APPLICANT}) AND {_child_of('preregistrations')}"
        " AND EXISTS (SELECT 1 FROM facilities f WHERE f.id = preregistrations.facility_id"
        " AND f.organisation_id = preregistrations.organisation_id)",
    )


def downgrade() -> None:
    op.execute("DROP POLICY public_insert ON preregistrations")
    policy("preregistrations", "INSERT", check=_APPLICANT)
    _write_family_policies(qualified=False)


def _child_of(table: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM children c WHERE c.id = {table}.child_id"
        f" AND c.family_id = {table}.family_id)"
    )


def _write_family_policies(*, qualified: bool) -> None:
    op.execute("DROP POLICY public_select ON families")
    policy("families", "SELECT", family_is_mine("families.id" if qualified else "id"))
    for table in _PEOPLE:
        column = f"{table}.family_id" if qualified else "family_id"
        mine = family_is_mine(column, "children.id" if table == "children" else None)
        for command in ("SELECT", "INSERT", "UPDATE"):
            op.execute(f"DROP POLICY public_{command.lower()} ON {table}")
        policy(table, "SELECT", mine)
        policy(table, "INSERT", check=mine)
        policy(table, "UPDATE", mine)
    column = "child_records.family_id" if qualified else "family_id"
    mine = f"family_id = {FAMILY} OR {IS_PROVIDER} AND " + family_is_mine(
        column, "child_records.child_id"
    )
    for command in ("SELECT", "INSERT", "UPDATE"):
        op.execute(f"DROP POLICY public_{command.lower()} ON child_records")
    policy("child_records", "SELECT", mine)
    own = f"({mine}) AND {_child_of('child_records')}" if qualified else mine
    policy("child_records", "INSERT", check=own)
    policy("child_records", "UPDATE", mine)
