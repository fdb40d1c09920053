"""Referrals from other programs and from paper: tokens, answers by key, by which way one came.

A token acts for the worker who issued it, as long as she works there; only its hash is kept. It is
looked up, counted and noted by one function, before anybody acts. Safe while the app runs.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import ORGANISATION, ROLE, USER, definer, policy, protect

revision = "0050"
down_revision = "0049"

_ISSUERS = f"{ROLE} IN ('liaison', 'center_worker')"
_SENDERS = f"{ROLE} IN ('liaison', 'center_worker', 'office_worker')"


def upgrade() -> None:
    """Add both tables, the look-up, and the columns of interviews."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _tokens()
    _look_up()
    _answers()
    op.execute("""
        ALTER TABLE interviews
            ADD COLUMN channel text NOT NULL DEFAULT 'counter'
                CONSTRAINT ck_interviews_channel
                CHECK (channel IN ('web', 'phone', 'fax', 'post', 'counter')),
            ADD COLUMN received_at timestamptz""")


def _tokens() -> None:
    op.execute("""
        CREATE TABLE api_tokens (
            id uuid CONSTRAINT pk_api_tokens PRIMARY KEY,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_api_tokens_organisation_id REFERENCES organisations,
            issued_by uuid NOT NULL CONSTRAINT fk_api_tokens_issued_by REFERENCES users,
            name text NOT NULL CONSTRAINT ck_api_tokens_name CHECK (length(name) BETWEEN 1 AND 60),
            token_hash bytea NOT NULL CONSTRAINT uq_api_tokens_token_hash UNIQUE
                CONSTRAINT ck_api_tokens_token_hash CHECK (length(token_hash) = 32),
            scopes text[] NOT NULL CONSTRAINT ck_api_tokens_scopes CHECK
                (cardinality(scopes) > 0 AND scopes <@ ARRAY['referrals:read', 'referrals:write']),
            issued_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            last_used_at timestamptz,
            window_at timestamptz,
            window_uses integer NOT NULL DEFAULT 0,
            revoked_at timestamptz,
            revoked_by uuid CONSTRAINT fk_api_tokens_revoked_by REFERENCES users,
            CONSTRAINT ck_api_tokens_term CHECK (expires_at > issued_at),
            CONSTRAINT ck_api_tokens_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
        )""")
    op.execute("CREATE INDEX ix_api_tokens_organisation_id ON api_tokens (organisation_id)")
    protect("api_tokens")
    mine = f"{_ISSUERS} AND organisation_id = {ORGANISATION}"
    policy("api_tokens", "SELECT", mine)
    policy(
        "api_tokens",
        "INSERT",
        check=f"{mine} AND issued_by = {USER} AND revoked_at IS NULL",
    )
    policy("api_tokens", "UPDATE", f"{mine} AND revoked_at IS NULL", check=f"revoked_by = {USER}")
    policy("api_tokens", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by) ON api_tokens TO portal_app")
    op.execute(
        "GRANT SELECT, UPDATE (last_used_at, window_at, window_uses) ON api_tokens TO portal_gate"
    )


def _look_up() -> None:
    op.execute("""
        CREATE FUNCTION use_api_token(p_hash bytea)
        RETURNS TABLE (token_id uuid, user_id uuid, organisation_id uuid, role text,
                       scopes text[], uses integer, wait_seconds integer)
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            UPDATE public.api_tokens t
               SET last_used_at = now(),
                   window_uses = CASE WHEN t.window_at > now() - interval '1 minute'
                                      THEN t.window_uses + 1 ELSE 1 END,
                   window_at = CASE WHEN t.window_at > now() - interval '1 minute'
                                    THEN t.window_at ELSE now() END
              FROM public.memberships m JOIN public.users u ON u.id = m.user_id
             WHERE t.token_hash = p_hash AND t.revoked_at IS NULL AND t.expires_at > now()
               AND m.user_id = t.issued_by AND m.organisation_id = t.organisation_id
               AND m.ended_at IS NULL AND u.disabled_at IS NULL
               AND m.role IN ('liaison', 'center_worker')
            RETURNING t.id, t.issued_by, t.organisation_id, m.role, t.scopes, t.window_uses,
                greatest(1, ceil(extract(epoch FROM
                    t.window_at + interval '1 minute' - now())))::integer
        $$""")
    definer("use_api_token(bytea)", "portal_gate", to="portal_app")


def _answers() -> None:
    op.execute("""
        CREATE TABLE api_answers (
            token_id uuid NOT NULL CONSTRAINT fk_api_answers_token_id REFERENCES api_tokens,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_api_answers_organisation_id REFERENCES organisations,
            key_hash bytea NOT NULL,
            body_hash bytea NOT NULL,
            status smallint,
            answer jsonb,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_api_answers PRIMARY KEY (token_id, key_hash)
        )""")
    op.execute("CREATE INDEX ix_api_answers_created_at ON api_answers (created_at)")
    protect("api_answers")
    mine = f"{_SENDERS} AND organisation_id = {ORGANISATION}"
    policy("api_answers", "SELECT", mine)
    policy("api_answers", "INSERT", check=mine)
    policy("api_answers", "UPDATE", mine, check=mine)
    policy("api_answers", "ALL", "true", check="true", to="portal_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE (status, answer) ON api_answers TO portal_app")
    op.execute("GRANT SELECT, DELETE ON api_answers TO portal_worker")


def downgrade() -> None:
    """Take it all away; interviews keep what was learned, but not by which way it came."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE interviews DROP COLUMN received_at, DROP COLUMN channel")
    op.execute("DROP TABLE api_answers")
    op.execute("DROP FUNCTION use_api_token(bytea)")
    op.execute("DROP TABLE api_tokens")
