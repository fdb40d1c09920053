"""Foundation: who acts, what was done, which mails are to leave, which answers were given.

Adds the signed actor with its keys, the audit log, the outbox, answers by idempotency key and the
job queue. Needs the roles of ``portal db roles``. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

from migrations.row_security import ORGANISATION, USER, definer, policy, protect

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _actor()
    _audit()
    _outbox()
    _answers()
    _jobs()
    _instance()


def _actor() -> None:
    op.execute("""
        CREATE TABLE actor_keys (
            key_id text CONSTRAINT pk_actor_keys PRIMARY KEY,
            inner_pad bytea NOT NULL,
            outer_pad bytea NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            retired_at timestamptz
        )""")
    protect("actor_keys")
    policy("actor_keys", "ALL", "true", check="true", to="portal_keys")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON actor_keys TO portal_keys")
    op.execute("""
        CREATE FUNCTION actor() RETURNS text[]
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        DECLARE
            value text := current_setting('portal.actor', true);
            parts text[];
            keys public.actor_keys;
            message text;
        BEGIN
            IF value IS NULL OR value = '' THEN
                RETURN NULL;
            END IF;
            parts := string_to_array(value, '|');
            IF array_length(parts, 1) IS DISTINCT FROM 7 THEN
                RETURN NULL;
            END IF;
            SELECT * INTO keys FROM public.actor_keys
             WHERE key_id = parts[1] AND retired_at IS NULL;
            IF NOT FOUND THEN
                RETURN NULL;
            END IF;
            message := array_to_string(parts[1:6], '|');
            IF encode(sha256(keys.outer_pad
                             || sha256(keys.inner_pad || convert_to(message, 'UTF8'))), 'hex')
               <> parts[7]
               OR to_timestamp(parts[2]::bigint) < now() THEN
                RETURN NULL;
            END IF;
            RETURN ARRAY[nullif(parts[3], ''), nullif(parts[4], ''),
                         nullif(parts[5], ''), nullif(parts[6], '')];
        END $$""")
    definer(
        "actor()",
        "portal_keys",
        to="portal_app, portal_worker, portal_owner, portal_places, portal_gate",
    )


def _audit() -> None:
    op.execute("""
        CREATE TABLE audit_log (
            id uuid CONSTRAINT pk_audit_log PRIMARY KEY,
            at timestamptz NOT NULL DEFAULT now(),
            user_id uuid,
            organisation_id uuid,
            family_id uuid,
            role text,
            action text NOT NULL,
            subjects uuid[] NOT NULL DEFAULT '{}',
            detail jsonb NOT NULL DEFAULT '{}'
        )""")
    op.execute("CREATE INDEX ix_audit_log_family_id ON audit_log (family_id, at)")
    protect("audit_log")
    # Who acted comes from the signed actor, not from what the caller claims.
    policy(
        "audit_log",
        "INSERT",
        check=f"user_id IS NOT DISTINCT FROM {USER}"
        f" AND organisation_id IS NOT DISTINCT FROM {ORGANISATION}",
    )
    op.execute("GRANT INSERT ON audit_log TO portal_app, portal_worker")


def _outbox() -> None:
    op.execute("""
        CREATE TABLE outbox_messages (
            id uuid CONSTRAINT pk_outbox_messages PRIMARY KEY,
            message_id text NOT NULL CONSTRAINT uq_outbox_messages_message_id UNIQUE,
            kind text NOT NULL,
            subject_ids uuid[] NOT NULL DEFAULT '{}',
            context jsonb NOT NULL DEFAULT '{}',
            organisation_id uuid,
            family_id uuid,
            to_user_id uuid,
            to_mail text,
            created_at timestamptz NOT NULL DEFAULT now(),
            not_before timestamptz NOT NULL DEFAULT now(),
            attempts smallint NOT NULL DEFAULT 0,
            sent_at timestamptz,
            dropped_at timestamptz,
            failed_at timestamptz,
            seen_at timestamptz,
            last_error text,
            CONSTRAINT ck_outbox_messages_has_receiver
                CHECK (family_id IS NOT NULL OR to_user_id IS NOT NULL OR to_mail IS NOT NULL)
        )""")
    op.execute("""
        CREATE INDEX ix_outbox_messages_due ON outbox_messages (not_before, created_at)
         WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL""")
    op.execute("""
        CREATE INDEX ix_outbox_messages_failed ON outbox_messages (organisation_id)
         WHERE failed_at IS NOT NULL""")
    protect("outbox_messages")
    # Anyone may queue a mail (sign-up happens before there is an actor); only the worker reads.
    policy("outbox_messages", "INSERT", check="true")
    policy("outbox_messages", "ALL", "true", check="true", to="portal_worker")
    policy(
        "outbox_messages",
        "SELECT",
        f"failed_at IS NOT NULL AND organisation_id = {ORGANISATION}",
        name="own_failures",
    )
    policy(
        "outbox_messages",
        "UPDATE",
        f"failed_at IS NOT NULL AND organisation_id = {ORGANISATION}",
        name="own_failures_seen",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON outbox_messages TO portal_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE (seen_at) ON outbox_messages TO portal_app")


def _answers() -> None:
    op.execute("""
        CREATE TABLE given_answers (
            actor_key text NOT NULL,
            route text NOT NULL,
            key uuid NOT NULL,
            body_hash bytea NOT NULL,
            status smallint,
            location text,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_given_answers PRIMARY KEY (actor_key, route, key)
        )""")
    op.execute("CREATE INDEX ix_given_answers_created_at ON given_answers (created_at)")
    protect("given_answers")
    # Rows hold no family's data; the key is a random value only its form knows.
    policy("given_answers", "ALL", "true", check="true")
    op.execute("GRANT SELECT, INSERT, UPDATE ON given_answers TO portal_app")
    op.execute("GRANT SELECT, DELETE ON given_answers TO portal_worker")


def _jobs() -> None:
    op.execute("CREATE SCHEMA jobs")
    op.execute("SET LOCAL search_path TO jobs, public")
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise RuntimeError("migrations run on an open connection")
    with connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
    op.execute("SET LOCAL search_path TO public")
    op.execute("GRANT USAGE ON SCHEMA jobs TO portal_app, portal_worker")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs"
        " TO portal_app, portal_worker"
    )
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO portal_app, portal_worker")
    op.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO portal_app, portal_worker")


def _instance() -> None:
    op.execute("""
        CREATE TABLE instance_facts (
            name text CONSTRAINT pk_instance_facts PRIMARY KEY,
            value text NOT NULL
        )""")
    protect("instance_facts")
    # Facts about the installation (is this a demo?), none about people.
    policy("instance_facts", "SELECT", "true")
    policy("instance_facts", "ALL", "true", check="true", to="portal_owner")
    op.execute("GRANT SELECT ON instance_facts TO portal_app, portal_worker")


def downgrade() -> None:
    op.execute("DROP TABLE instance_facts")
    op.execute("DROP SCHEMA jobs CASCADE")
    op.execute("DROP TABLE given_answers")
    op.execute("DROP TABLE outbox_messages")
    op.execute("DROP TABLE audit_log")
    op.execute("DROP FUNCTION actor()")
    op.execute("DROP TABLE actor_keys")
