"""What each database role may and may not do, on every PostgreSQL this machine has."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from portal.db import roles
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import majors, state_dir

FUNCTION = """
CREATE FUNCTION seen() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    AS 'SELECT count(*) FROM cells'
"""


@pytest.fixture(scope="module", params=majors())
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True, major=request.param)
        server.ensure()
        server.create_database("portal")
        yield server


def signed_in(server: EmbeddedServer, role: str) -> psycopg.Connection:
    return psycopg.connect(host=str(server.socket_dir), user=role, dbname="portal", autocommit=True)


def test_no_role_but_the_bootstrap_one_is_above_the_rules(server: EmbeddedServer) -> None:
    with signed_in(server, roles.ADMIN) as admin:
        found = admin.execute(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper OR rolcreatedb OR rolcreaterole"
            " FROM pg_roles WHERE rolname LIKE 'portal\\_%' ORDER BY 1"
        ).fetchall()
    assert found == [
        ("portal_admin", True, True, True),
        ("portal_app", True, False, False),
        ("portal_backup", True, True, False),
        ("portal_gate", False, False, False),
        ("portal_keys", False, False, False),
        ("portal_owner", True, False, False),
        ("portal_places", False, False, False),
        ("portal_worker", True, False, False),
    ]


def test_powers_somebody_added_are_taken_away_again(server: EmbeddedServer) -> None:
    with signed_in(server, roles.ADMIN) as admin:
        admin.execute("ALTER ROLE portal_app SUPERUSER BYPASSRLS")
        admin.execute(roles.ROLES_SQL)
        row = admin.execute(
            "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'portal_app'"
        ).fetchone()
    assert row == (False, False)


@pytest.mark.parametrize("role", [roles.APP, roles.WORKER, roles.BACKUP])
def test_only_the_owner_makes_tables(server: EmbeddedServer, role: str) -> None:
    with signed_in(server, role) as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")
    with signed_in(server, roles.OWNER) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS ours ()")
        owner.execute("CREATE SCHEMA IF NOT EXISTS jobs")


def test_a_policy_for_a_function_role_serves_its_function_alone(server: EmbeddedServer) -> None:
    with signed_in(server, roles.OWNER) as owner:
        owner.execute("CREATE TABLE cells AS SELECT 1 AS free")
        owner.execute("ALTER TABLE cells ENABLE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE cells FORCE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY places ON cells TO portal_places USING (true)")
        owner.execute("GRANT SELECT ON cells TO portal_places, portal_app")
        owner.execute(FUNCTION)
        owner.execute("ALTER FUNCTION seen() OWNER TO portal_places")
        assert owner.execute("SELECT count(*), seen() FROM cells").fetchone() == (0, 1)
        owner.execute("SET ROLE portal_places")
        assert owner.execute("SELECT count(*) FROM cells").fetchone() == (1,)
    with signed_in(server, roles.APP) as app:
        assert app.execute("SELECT count(*), seen() FROM cells").fetchone() == (0, 1)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SET ROLE portal_places")
    with signed_in(server, roles.BACKUP) as backup:
        assert backup.execute("SELECT count(*) FROM cells").fetchone() == (1,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            backup.execute("DELETE FROM cells")


def test_a_room_and_a_time_can_be_kept_apart_by_constraint(server: EmbeddedServer) -> None:
    with signed_in(server, roles.OWNER) as owner:
        owner.execute(
            "CREATE TABLE stays (room int, during tstzrange,"
            " EXCLUDE USING gist (room WITH =, during WITH &&))"
        )
        owner.execute("INSERT INTO stays VALUES (1, '[2026-04-01 09:00, 2026-04-01 12:00)')")
        with pytest.raises(psycopg.errors.ExclusionViolation):
            owner.execute("INSERT INTO stays VALUES (1, '[2026-04-01 11:00, 2026-04-01 13:00)')")


def test_another_role_of_the_server_does_not_get_into_the_database(server: EmbeddedServer) -> None:
    with signed_in(server, roles.ADMIN) as admin:
        admin.execute("CREATE ROLE passer_by")
        row = admin.execute("SELECT has_database_privilege('passer_by', 'portal', 'CONNECT')")
        assert row.fetchone() == (False,)
        admin.execute("DROP ROLE passer_by")
