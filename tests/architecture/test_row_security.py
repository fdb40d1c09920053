"""The database's own catalogue: nothing stands open that has no reason to."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

#: Tables without row-level security, and why.
WITHOUT = {
    "public.alembic_version": "the number of the last migration",
}
SCHEMAS = {
    "public": "the portal's own",
    "jobs": "Procrastinate's queue: names of jobs and ids, never names of people or contents",
}
#: Policies that hold for every row, by table and command, for roles that people reach; and why.
OPEN_TO_ALL_ROWS = {
    ("facility_holidays", "r"): "public holidays",
    ("given_answers", "*"): "no family's data; a row is found by a random key only its form knows",
    ("holidays", "r"): "public holidays",
    ("instance_facts", "r"): "facts about the installation",
    ("organisations", "r"): "names of bodies are public",
    ("outbox_messages", "a"): "anyone may queue a mail; nobody reads it back",
}
DEFINERS = {"portal_gate", "portal_places", "portal_keys"}
LOGINS = {"portal_app", "portal_worker"}


def unprotected(connection: Connection) -> list[str]:
    """Return tables that lack row-level security, its FORCE, or any policy."""
    found = connection.execute(
        text("""
            SELECT n.nspname || '.' || c.relname
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'
               AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                        AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
             ORDER BY 1""")
    )
    return [name for name in found.scalars() if name not in WITHOUT]


def open_to_public(connection: Connection) -> list[str]:
    """Return tables, views and functions of ours that PUBLIC has a right to."""
    relations = connection.execute(
        text("""
            SELECT c.relname FROM pg_class c, aclexplode(c.relacl) AS a
             WHERE a.grantee = 0 AND c.relnamespace = 'public'::regnamespace""")
    )
    functions = connection.execute(
        text("""
            SELECT p.oid::regprocedure::text
              FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
             WHERE p.prosecdef AND a.grantee = 0 AND p.pronamespace = 'public'::regnamespace""")
    )
    return sorted({*relations.scalars(), *functions.scalars()})


def loose_definers(connection: Connection) -> list[str]:
    """Return SECURITY DEFINER functions that could be led astray, or see more than they need."""
    found = connection.execute(
        text("""
            SELECT p.oid::regprocedure::text AS name, r.rolname AS owner, p.proconfig AS config
              FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner
             WHERE p.prosecdef AND p.pronamespace NOT IN
                   ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)""")
    ).all()
    fixed = "search_path=pg_catalog, public, pg_temp"
    return sorted(
        row.name for row in found if row.owner not in DEFINERS or fixed not in (row.config or [])
    )


@pytest.mark.proves("P7")
def test_every_table_has_row_level_security_even_for_its_owner(owner: Connection) -> None:
    assert unprotected(owner) == []
    tables = owner.execute(
        text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    ).scalar_one()
    assert tables > 25, "the catalogue was really asked"


@pytest.mark.proves("P7")
@pytest.mark.parametrize(
    "made",
    [
        "SELECT 1",
        "ALTER TABLE bare ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON bare USING (true)",
        "ALTER TABLE bare ENABLE ROW LEVEL SECURITY; ALTER TABLE bare FORCE ROW LEVEL SECURITY",
    ],
)
def test_a_table_that_lacks_any_part_of_it_is_found(owner: Connection, made: str) -> None:
    with owner.begin_nested() as inside:
        owner.execute(text("CREATE TABLE bare (id int)"))
        owner.execute(text(made))
        assert unprotected(owner) == ["public.bare"]
        inside.rollback()


def test_no_schema_is_unknown(owner: Connection) -> None:
    found = owner.execute(
        text("""SELECT nspname FROM pg_namespace
                 WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'""")
    )
    assert set(found.scalars()) == set(SCHEMAS)


@pytest.mark.proves("P7")
def test_the_roles_that_people_reach_own_nothing_and_pass_no_policy_by(owner: Connection) -> None:
    rows = owner.execute(
        text("""
            SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
                   (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned,
                   (SELECT count(*) FROM pg_auth_members WHERE member = r.oid) AS memberships
              FROM pg_roles r WHERE rolname = ANY(:names)"""),
        {"names": [*LOGINS, *DEFINERS]},
    ).all()
    assert {row.rolname for row in rows} == LOGINS | DEFINERS
    for row in rows:
        assert not any(row[1:6]), row.rolname
        assert (row.owned, row.memberships) == (0, 0), row.rolname
    may_sign_in = owner.execute(
        text("SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname = ANY(:names)"),
        {"names": list(DEFINERS)},
    )
    assert may_sign_in.scalars().all() == []


@pytest.mark.proves("P7")
def test_nothing_is_granted_to_everybody(owner: Connection) -> None:
    assert open_to_public(owner) == []
    with owner.begin_nested() as inside:
        owner.execute(text("GRANT SELECT ON users TO PUBLIC"))
        owner.execute(
            text("CREATE FUNCTION bare() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'")
        )
        assert open_to_public(owner) == ["bare()", "users"]
        assert loose_definers(owner) == ["bare()"]
        inside.rollback()


@pytest.mark.proves("P7")
def test_definer_functions_cannot_be_led_astray(owner: Connection) -> None:
    assert loose_definers(owner) == []


@pytest.mark.proves("P7")
def test_a_policy_for_every_row_has_a_reason(owner: Connection) -> None:
    found = owner.execute(
        text("""
            SELECT c.relname, p.polcmd::text AS command
              FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
             WHERE (p.polroles = '{0}' OR p.polroles && (
                       SELECT array_agg(oid) FROM pg_roles WHERE rolname = 'portal_app'))
               AND coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true'
               AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), 'true') = 'true'""")
    ).all()
    assert {tuple(row) for row in found} - set(OPEN_TO_ALL_ROWS) == set()


@pytest.mark.proves("P10")
@pytest.mark.parametrize("role", sorted(LOGINS))
@pytest.mark.parametrize(
    ("table", "refused"),
    [
        ("audit_log", "SELECT UPDATE DELETE TRUNCATE TRIGGER REFERENCES"),
        ("actor_keys", "SELECT INSERT UPDATE DELETE"),
        ("mail_tokens", "SELECT INSERT UPDATE DELETE"),
        ("sign_in_sessions", "SELECT INSERT UPDATE DELETE"),
        ("recovery_codes", "SELECT INSERT UPDATE DELETE"),
        ("tries", "SELECT INSERT UPDATE DELETE"),
    ],
)
def test_what_the_app_must_not_touch_it_has_no_right_to(
    owner: Connection, role: str, table: str, refused: str
) -> None:
    for privilege in refused.split():
        by_column = privilege in {"SELECT", "INSERT", "UPDATE", "REFERENCES"}
        asked = "has_any_column_privilege" if by_column else "has_table_privilege"
        has = owner.execute(
            text(f"SELECT {asked}(:role, :table, :privilege)"),
            {"role": role, "table": table, "privilege": privilege},
        ).scalar_one()
        assert not has, f"{role} may {privilege} {table}"


@pytest.mark.proves("P9")
@pytest.mark.parametrize("column", ["password_hash", "totp_sealed", "totp_next_sealed"])
def test_no_role_that_people_reach_reads_or_writes_a_secret_of_sign_in(
    owner: Connection, column: str
) -> None:
    for role in LOGINS:
        for privilege in ("SELECT", "UPDATE", "INSERT"):
            has = owner.execute(
                text("SELECT has_column_privilege(:role, 'users', :column, :privilege)"),
                {"role": role, "column": column, "privilege": privilege},
            ).scalar_one()
            assert not has, f"{role} may {privilege} users.{column}"


#: Functions that only others of the database call: they look at children of every family.
FOR_NO_LOGIN = ("hold_caps(jsonb)", "may_count_uses(uuid[])", "same_children(uuid[])")


def callable_by_logins(connection: Connection, names: tuple[str, ...]) -> list[str]:
    """Return which of these functions a role that people reach may call itself."""
    found = connection.execute(
        text("""
            SELECT name
              FROM unnest(CAST(:names AS text[])) AS name, unnest(CAST(:logins AS text[])) AS login
             WHERE has_function_privilege(login, 'public.' || name, 'EXECUTE')"""),
        {"names": list(names), "logins": list(LOGINS)},
    )
    return sorted(set(found.scalars()))


@pytest.mark.proves("P7", "G6")
def test_what_limits_count_is_asked_through_what_asks_who_asks(owner: Connection) -> None:
    """``uses_of_children`` asks whose the children are; what it is made of does not."""
    assert callable_by_logins(owner, FOR_NO_LOGIN) == []
    assert callable_by_logins(owner, ("uses_of_children(uuid[], uuid, date, date)",))
    with owner.begin_nested() as inside:
        owner.execute(text("CREATE FUNCTION bare() RETURNS int LANGUAGE sql AS 'SELECT 1'"))
        owner.execute(text("REVOKE ALL ON FUNCTION bare() FROM PUBLIC"))
        assert callable_by_logins(owner, ("bare()",)) == []
        owner.execute(text("GRANT EXECUTE ON FUNCTION bare() TO portal_worker"))
        assert callable_by_logins(owner, ("bare()",)) == ["bare()"]
        inside.rollback()


@pytest.mark.proves("P7", "G6")
def test_who_locks_a_child_to_count_its_limits_changes_nothing_of_it(owner: Connection) -> None:
    found = owner.execute(
        text("""
            SELECT p.polcmd::text, pg_get_expr(p.polwithcheck, p.polrelid),
                   ARRAY(SELECT rolname::text FROM pg_roles WHERE oid = ANY (p.polroles))
              FROM pg_policy p WHERE p.polname = 'places_lock'
               AND p.polrelid = 'public.children'::regclass""")
    ).all()
    assert [tuple(row) for row in found] == [("w", "false", ["portal_places"])]
    columns = owner.execute(
        text("""
            SELECT column_name FROM information_schema.column_privileges
             WHERE table_name = 'children' AND grantee = 'portal_places'
               AND privilege_type = 'UPDATE'""")
    )
    assert columns.scalars().all() == ["updated_at"]
