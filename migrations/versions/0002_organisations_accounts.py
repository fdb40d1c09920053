"""Organisations, accounts, memberships, sessions, tokens; the gate before sign-in.

The app role sees its own user, its own organisation's members, and nothing else. What must be
looked up before there is an actor (a mail address, a session, a token) goes through SECURITY
DEFINER functions of ``portal_gate`` that answer one row. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import ORGANISATION, ROLE, USER, definer, policy, protect

revision = "0002"
down_revision = "0001"

ROLES = "'director', 'staff', 'guardian', 'liaison', 'center_worker', 'office_worker', 'operator'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _organisations()
    _users()
    _sessions()
    _first_accounts()
    _tokens()
    _throttle()


def _organisations() -> None:
    op.execute("""
        CREATE TABLE organisations (
            id uuid CONSTRAINT pk_organisations PRIMARY KEY,
            kind text NOT NULL CONSTRAINT ck_organisations_kind CHECK
                (kind IN ('provider', 'municipality', 'family_center', 'consultation_office',
                          'operator')),
            name text NOT NULL,
            phone text,
            fax text,
            mail text,
            municipality_code text,
            settings jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    protect("organisations")
    # Names of bodies are public; nothing about people stands here.
    policy("organisations", "SELECT", "true")
    policy("organisations", "UPDATE", f"id = {ORGANISATION} AND {ROLE} = 'director'")
    policy("organisations", "ALL", "true", check="true", to="portal_owner")
    policy("organisations", "INSERT", check=f"{ROLE} = 'operator'", name="operator_insert")
    op.execute("GRANT SELECT, INSERT ON organisations TO portal_app, portal_worker")
    op.execute("GRANT UPDATE (name, phone, fax, mail, settings) ON organisations TO portal_app")
    op.execute("GRANT SELECT ON organisations TO portal_gate, portal_places")


def _users() -> None:
    op.execute("""
        CREATE TABLE users (
            id uuid CONSTRAINT pk_users PRIMARY KEY,
            mail text NOT NULL,
            mail_key text NOT NULL CONSTRAINT uq_users_mail_key UNIQUE,
            mail_failed_at timestamptz,
            name text NOT NULL,
            locale text NOT NULL DEFAULT 'ja',
            password_hash text NOT NULL,
            password_changed_at timestamptz NOT NULL DEFAULT now(),
            totp_sealed bytea,
            totp_confirmed_at timestamptz,
            totp_last_step bigint NOT NULL DEFAULT 0,
            disabled_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT ck_users_mail_key CHECK (mail_key = lower(mail))
        )""")
    op.execute(f"""
        CREATE TABLE memberships (
            id uuid CONSTRAINT pk_memberships PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_memberships_user_id REFERENCES users,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_memberships_organisation_id REFERENCES organisations,
            role text NOT NULL CONSTRAINT ck_memberships_role CHECK (role IN ({ROLES})
                AND role <> 'guardian'),
            created_at timestamptz NOT NULL DEFAULT now(),
            ended_at timestamptz
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_memberships_live ON memberships (user_id, organisation_id)
         WHERE ended_at IS NULL""")
    op.execute("CREATE INDEX ix_memberships_organisation_id ON memberships (organisation_id)")
    op.execute("""
        CREATE TABLE recovery_codes (
            id uuid CONSTRAINT pk_recovery_codes PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_recovery_codes_user_id REFERENCES users,
            code_hash bytea NOT NULL,
            used_at timestamptz
        )""")
    op.execute("CREATE INDEX ix_recovery_codes_user_id ON recovery_codes (user_id)")
    protect("users")
    policy("users", "SELECT", f"id = {USER}", name="own")
    policy(
        "users",
        "SELECT",
        f"EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id"
        f" AND m.organisation_id = {ORGANISATION})",
        name="colleagues",
    )
    policy("users", "UPDATE", f"id = {USER}", name="own_update")
    policy("users", "ALL", "true", check="true", to="portal_gate")
    op.execute(
        "GRANT SELECT (id, mail, mail_key, mail_failed_at, name, locale, password_changed_at,"
        " totp_confirmed_at, disabled_at, created_at) ON users TO portal_app, portal_worker"
    )
    op.execute("GRANT UPDATE (name, locale) ON users TO portal_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON users TO portal_gate")
    protect("memberships")
    policy("memberships", "SELECT", f"user_id = {USER} OR organisation_id = {ORGANISATION}")
    policy("memberships", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT ON memberships TO portal_app, portal_worker, portal_places")
    op.execute("GRANT SELECT, INSERT, UPDATE ON memberships TO portal_gate")
    protect("recovery_codes")
    policy("recovery_codes", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO portal_gate")


def _sessions() -> None:
    op.execute("""
        CREATE TABLE sign_in_sessions (
            id uuid CONSTRAINT pk_sign_in_sessions PRIMARY KEY,
            token_hash bytea NOT NULL CONSTRAINT uq_sign_in_sessions_token_hash UNIQUE,
            user_id uuid NOT NULL CONSTRAINT fk_sign_in_sessions_user_id REFERENCES users,
            membership_id uuid CONSTRAINT fk_sign_in_sessions_membership_id REFERENCES memberships,
            role text NOT NULL,
            has_second_factor boolean NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            last_seen_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            ended_at timestamptz
        )""")
    op.execute("CREATE INDEX ix_sign_in_sessions_user_id ON sign_in_sessions (user_id)")
    protect("sign_in_sessions")
    policy("sign_in_sessions", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sign_in_sessions TO portal_gate")
    # Anything about a session that has changed since it was opened ends it: role, password.
    op.execute("""
        CREATE FUNCTION open_session(p_id uuid, p_token_hash bytea, p_user uuid, p_membership uuid,
                                     p_second_factor boolean, p_expires timestamptz) RETURNS text
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            session_role text := 'guardian';
        BEGIN
            IF p_membership IS NOT NULL THEN
                SELECT role INTO STRICT session_role FROM public.memberships
                 WHERE id = p_membership AND user_id = p_user AND ended_at IS NULL;
            END IF;
            INSERT INTO public.sign_in_sessions
                (id, token_hash, user_id, membership_id, role, has_second_factor, expires_at)
            VALUES (p_id, p_token_hash, p_user, p_membership, session_role, p_second_factor,
                    p_expires);
            RETURN session_role;
        END $$""")
    definer(
        "open_session(uuid, bytea, uuid, uuid, boolean, timestamptz)",
        "portal_gate",
        to="portal_app",
    )
    op.execute("""
        CREATE FUNCTION end_session(p_token_hash bytea) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            UPDATE public.sign_in_sessions SET ended_at = now()
             WHERE token_hash = p_token_hash AND ended_at IS NULL $$""")
    definer("end_session(bytea)", "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION account_for_sign_in(p_mail_key text)
        RETURNS TABLE (user_id uuid, name text, password_hash text, totp_sealed bytea,
                       totp_confirmed_at timestamptz, totp_last_step bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT id, name, password_hash, totp_sealed, totp_confirmed_at, totp_last_step
              FROM public.users WHERE mail_key = p_mail_key AND disabled_at IS NULL $$""")
    definer("account_for_sign_in(text)", "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION memberships_for_sign_in(p_user uuid)
        RETURNS TABLE (membership_id uuid, organisation_id uuid, organisation_name text, role text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT m.id, m.organisation_id, o.name, m.role
              FROM public.memberships m JOIN public.organisations o ON o.id = m.organisation_id
             WHERE m.user_id = p_user AND m.ended_at IS NULL ORDER BY o.name $$""")
    definer("memberships_for_sign_in(uuid)", "portal_gate", to="portal_app")


def _first_accounts() -> None:
    op.execute("""
        CREATE FUNCTION add_account(p_user uuid, p_mail text, p_name text, p_password_hash text,
                                    p_membership uuid, p_organisation uuid, p_role text)
        RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF (public.actor())[4] IS DISTINCT FROM 'operator' THEN
                RAISE insufficient_privilege USING MESSAGE = 'only the operator adds accounts';
            END IF;
            INSERT INTO public.users (id, mail, mail_key, name, password_hash)
            VALUES (p_user, p_mail, lower(p_mail), p_name, p_password_hash);
            IF p_organisation IS NOT NULL THEN
                INSERT INTO public.memberships (id, user_id, organisation_id, role)
                VALUES (p_membership, p_user, p_organisation, p_role);
            END IF;
        END $$""")
    definer("add_account(uuid, text, text, text, uuid, uuid, text)", "portal_gate", to="portal_app")


def _tokens() -> None:
    op.execute("""
        CREATE TABLE mail_tokens (
            id uuid CONSTRAINT pk_mail_tokens PRIMARY KEY,
            kind text NOT NULL CONSTRAINT ck_mail_tokens_kind CHECK
                (kind IN ('sign_up', 'invitation', 'password_reset', 'mail_change',
                          'second_factor_reset')),
            token_hash bytea NOT NULL CONSTRAINT uq_mail_tokens_token_hash UNIQUE,
            user_id uuid CONSTRAINT fk_mail_tokens_user_id REFERENCES users,
            mail text,
            organisation_id uuid CONSTRAINT fk_mail_tokens_organisation_id REFERENCES organisations,
            role text,
            issued_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            used_at timestamptz
        )""")
    protect("mail_tokens")
    policy("mail_tokens", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE ON mail_tokens TO portal_gate")


def _throttle() -> None:
    op.execute("""
        CREATE TABLE tries (
            key bytea NOT NULL,
            window_starts_at timestamptz NOT NULL,
            count integer NOT NULL,
            CONSTRAINT pk_tries PRIMARY KEY (key, window_starts_at)
        )""")
    protect("tries")
    policy("tries", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tries TO portal_gate")
    op.execute("""
        CREATE FUNCTION count_try(p_key bytea, p_limit integer, p_window interval) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            starts timestamptz := date_bin(p_window, now(), 'epoch');
            tries_so_far integer;
        BEGIN
            INSERT INTO public.tries AS t VALUES (p_key, starts, 1)
            ON CONFLICT (key, window_starts_at) DO UPDATE SET count = t.count + 1
            RETURNING t.count INTO tries_so_far;
            IF tries_so_far <= p_limit THEN
                RETURN 0;
            END IF;
            RETURN ceil(extract(epoch FROM starts + p_window - now()));
        END $$""")
    definer("count_try(bytea, integer, interval)", "portal_gate", to="portal_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION count_try(bytea, integer, interval)")
    op.execute("DROP FUNCTION add_account(uuid, text, text, text, uuid, uuid, text)")
    op.execute("DROP FUNCTION memberships_for_sign_in(uuid)")
    op.execute("DROP FUNCTION account_for_sign_in(text)")
    op.execute("DROP FUNCTION end_session(bytea)")
    op.execute("DROP FUNCTION open_session(uuid, bytea, uuid, uuid, boolean, timestamptz)")
    for table in ("tries", "mail_tokens", "sign_in_sessions", "recovery_codes"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP POLICY colleagues ON users")
    for table in ("memberships", "users", "organisations"):
        op.execute(f"DROP TABLE {table}")
