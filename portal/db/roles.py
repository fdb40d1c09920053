"""The database's roles, and what a fresh database needs before its first migration.

``portal_admin`` (superuser) only bootstraps. ``portal_owner`` owns the tables and migrates;
``portal_app`` and ``portal_worker`` connect, under row-level security; ``portal_backup`` alone
sees every row, and may only read. Three roles nobody can sign in as own the few functions that
must see further than their caller, so that each can be given exactly the policies it needs:
``portal_places`` takes places, ``portal_gate`` looks up sign-ins and tokens and makes the first
rows of a family, ``portal_keys`` alone reads the keys that actors are signed with.

The SQL runs on PostgreSQL 15 and later, any number of times, by a superuser.
"""

from __future__ import annotations

import re

from psycopg import sql

ADMIN = "portal_admin"
OWNER = "portal_owner"
APP = "portal_app"
WORKER = "portal_worker"
BACKUP = "portal_backup"
#: Who may connect; all but the first also on a server run by others.
LOGIN_ROLES = (ADMIN, OWNER, APP, WORKER, BACKUP)

#: Cluster-wide: roles, their powers and memberships. Changes no password.
ROLES_SQL = """\
DO $roles$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN
        SELECT * FROM (VALUES
            ('portal_owner', 'LOGIN NOINHERIT NOBYPASSRLS'),
            ('portal_app', 'LOGIN NOINHERIT NOBYPASSRLS'),
            ('portal_worker', 'LOGIN NOINHERIT NOBYPASSRLS'),
            ('portal_backup', 'LOGIN INHERIT BYPASSRLS'),
            ('portal_places', 'NOLOGIN NOINHERIT NOBYPASSRLS'),
            ('portal_gate', 'NOLOGIN NOINHERIT NOBYPASSRLS'),
            ('portal_keys', 'NOLOGIN NOINHERIT NOBYPASSRLS')
        ) AS roles (name, powers)
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I', wanted.name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION %s',
            wanted.name, wanted.powers);
    END LOOP;

    -- The owner may hand functions to these roles and take them on by SET ROLE, but does not
    -- inherit from them: a policy TO portal_places must not apply to portal_owner.
    FOR wanted IN
        SELECT unnest(ARRAY['portal_places', 'portal_gate', 'portal_keys']) AS name
    LOOP
        IF current_setting('server_version_num')::int >= 160000 THEN
            EXECUTE format('GRANT %I TO portal_owner WITH INHERIT FALSE, SET TRUE', wanted.name);
        ELSE
            EXECUTE format('GRANT %I TO portal_owner', wanted.name);
        END IF;
    END LOOP;
END
$roles$;
GRANT pg_read_all_data TO portal_backup;
ALTER ROLE portal_backup SET default_transaction_read_only = on;
"""

_DATABASE_SQL = """\
ALTER DATABASE {name} OWNER TO portal_owner;
REVOKE ALL ON DATABASE {name} FROM PUBLIC;
GRANT CONNECT ON DATABASE {name} TO portal_app, portal_worker, portal_backup;
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {name} TO portal_owner;
"""

_SCHEMA_SQL = """\
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
ALTER SCHEMA public OWNER TO portal_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO portal_owner, portal_places, portal_gate, portal_keys;
GRANT USAGE ON SCHEMA public TO portal_app, portal_worker, portal_backup;
"""


def database_sql(name: str) -> str:
    """Return the statements a superuser runs once, inside the fresh database ``name``.

    Raises:
        ValueError: The name is not a plain lower-case identifier.
    """
    return database_access_sql(name) + _SCHEMA_SQL


def database_access_sql(name: str) -> str:
    """Return the part of :func:`database_sql` that a copy of a prepared database still needs.

    A copy brings schema and extensions along, but not the rights on the database itself. May
    be run from any database of the server.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise ValueError(f"not a plain database name: {name!r}")
    return sql.SQL(_DATABASE_SQL).format(name=sql.Identifier(name)).as_string()
