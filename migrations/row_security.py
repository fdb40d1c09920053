"""Words for row-level policies in migrations. Stable: a released migration's meaning hangs on them.

``actor()`` answers text[]: user, organisation, family, role. The ``(SELECT ...)`` makes PostgreSQL
ask it once per statement instead of once per row.
"""

from __future__ import annotations

from alembic import op

USER = "((SELECT actor())[1])::uuid"
ORGANISATION = "((SELECT actor())[2])::uuid"
FAMILY = "((SELECT actor())[3])::uuid"
ROLE = "(SELECT actor())[4]"

#: Roles that read and write what belongs to their provider.
IS_PROVIDER = f"{ROLE} IN ('director', 'staff')"


def family_is_mine(family: str = "family_id", child: str | None = None) -> str:
    """Return the condition: the actor's own family, or one opened to her organisation now."""
    narrowed = f" AND (a.child_id IS NULL OR a.child_id = {child})" if child else ""
    return (
        f"({family} = {FAMILY} OR EXISTS (SELECT 1 FROM family_access a"
        f" WHERE a.family_id = {family} AND a.organisation_id = {ORGANISATION}{narrowed}"
        " AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at)))"
    )


def protect(table: str) -> None:
    """Switch row-level security on for a table, for its owner too."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def policy(
    table: str,
    command: str,
    using: str | None = None,
    *,
    check: str | None = None,
    to: str = "PUBLIC",
    name: str | None = None,
) -> None:
    """Add a policy; ``command`` is SELECT, INSERT, UPDATE, DELETE or ALL."""
    label = name or f"{to.lower()}_{command.lower()}"
    sql = f"CREATE POLICY {label} ON {table} FOR {command} TO {to}"
    if using is not None:
        sql += f" USING ({using})"
    if check is not None:
        sql += f" WITH CHECK ({check})"
    op.execute(sql)


def definer(signature: str, owner: str, *, to: str = "portal_app, portal_worker") -> None:
    """Hand a SECURITY DEFINER function to the role whose policies it works under."""
    op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {to}")
    op.execute(f"ALTER FUNCTION {signature} OWNER TO {owner}")
