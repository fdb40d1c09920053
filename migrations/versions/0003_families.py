"""Families, guardians, children, child records, who may see them; the session lookup.

Families belong to no organisation. ``family_access`` says who may see what; its rows and families
are made by functions of ``portal_gate`` alone, which check the signed actor. Health data is
encrypted from the first row. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    definer,
    family_is_mine,
    policy,
    protect,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _families()
    _people()
    _records()
    _policies()
    _making_families()
    _session_lookup()


def _families() -> None:
    op.execute("""
        CREATE TABLE families (
            id uuid CONSTRAINT pk_families PRIMARY KEY,
            number text NOT NULL CONSTRAINT uq_families_number UNIQUE,
            basis text NOT NULL CONSTRAINT ck_families_basis
                CHECK (basis IN ('self', 'phone', 'fax', 'post', 'counter', 'referral')),
            created_at timestamptz NOT NULL DEFAULT now()
        )""")


def _people() -> None:
    op.execute("""
        CREATE TABLE guardians (
            id uuid CONSTRAINT pk_guardians PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_guardians_family_id REFERENCES families,
            user_id uuid CONSTRAINT uq_guardians_user_id UNIQUE
                CONSTRAINT fk_guardians_user_id REFERENCES users,
            name text NOT NULL,
            name_kana text,
            search_key text NOT NULL,
            relation text NOT NULL,
            phone text,
            phone_digits text,
            mail text,
            address text,
            is_primary boolean NOT NULL DEFAULT false,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX ix_guardians_family_id ON guardians (family_id)")
    op.execute("CREATE INDEX ix_guardians_phone_digits ON guardians (phone_digits)")
    op.execute("""
        CREATE TABLE children (
            id uuid CONSTRAINT pk_children PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_children_family_id REFERENCES families,
            name text,
            name_kana text,
            search_key text NOT NULL,
            born_on date,
            due_on date,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT ck_children_born_or_expected
                CHECK (born_on IS NOT NULL OR due_on IS NOT NULL),
            CONSTRAINT ck_children_born_has_name CHECK (born_on IS NULL OR name IS NOT NULL)
        )""")
    op.execute("CREATE INDEX ix_children_family_id ON children (family_id)")
    op.execute("""
        CREATE TABLE pickup_persons (
            id uuid CONSTRAINT pk_pickup_persons PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_pickup_persons_family_id REFERENCES families,
            name text NOT NULL,
            relation text NOT NULL,
            phone text,
            created_at timestamptz NOT NULL DEFAULT now(),
            removed_at timestamptz
        )""")
    op.execute("CREATE INDEX ix_pickup_persons_family_id ON pickup_persons (family_id)")


def _records() -> None:
    op.execute("""
        CREATE TABLE child_records (
            id uuid CONSTRAINT pk_child_records PRIMARY KEY,
            child_id uuid NOT NULL CONSTRAINT uq_child_records_child_id UNIQUE
                CONSTRAINT fk_child_records_child_id REFERENCES children,
            family_id uuid NOT NULL CONSTRAINT fk_child_records_family_id REFERENCES families,
            allergies_sealed bytea,
            conditions_sealed bytea,
            habits_sealed bytea,
            notes_sealed bytea,
            confirmed_on date,
            updated_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("""
        CREATE TABLE family_access (
            id uuid CONSTRAINT pk_family_access PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_family_access_family_id REFERENCES families,
            child_id uuid CONSTRAINT fk_family_access_child_id REFERENCES children,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_family_access_organisation_id REFERENCES organisations,
            scope text NOT NULL CONSTRAINT ck_family_access_scope CHECK (scope IN ('care')),
            basis text NOT NULL CONSTRAINT ck_family_access_basis CHECK
                (basis IN ('phone', 'fax', 'post', 'counter', 'preregistration')),
            granted_by uuid,
            from_at timestamptz NOT NULL DEFAULT now(),
            until_at timestamptz
        )""")
    # The order of the columns serves the policies' EXISTS.
    op.execute("""
        CREATE UNIQUE INDEX uq_family_access_live
            ON family_access (family_id, organisation_id, scope) WHERE until_at IS NULL""")


def _policies() -> None:
    protect("families")
    policy("families", "SELECT", family_is_mine("id"))
    policy("families", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT ON families TO portal_app, portal_worker, portal_places")
    op.execute("GRANT SELECT, INSERT ON families TO portal_gate")
    for table in ("guardians", "children", "pickup_persons"):
        protect(table)
        child = "children.id" if table == "children" else None
        mine = family_is_mine(child=child)
        policy(table, "SELECT", mine)
        policy(table, "INSERT", check=mine)
        policy(table, "UPDATE", mine)
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")
        op.execute(f"GRANT SELECT ON {table} TO portal_worker")
    # Whose account a guardian is, is decided by create_family alone.
    op.execute("REVOKE INSERT, UPDATE ON guardians FROM portal_app")
    op.execute(
        "GRANT INSERT (id, family_id, name, name_kana, search_key, relation, phone, phone_digits,"
        " mail, address, is_primary, created_at, updated_at) ON guardians TO portal_app"
    )
    op.execute(
        "GRANT UPDATE (name, name_kana, search_key, relation, phone, phone_digits, mail, address,"
        " is_primary, updated_at) ON guardians TO portal_app"
    )
    policy("guardians", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE ON guardians TO portal_gate")
    policy("children", "SELECT", "true", to="portal_places")
    op.execute("GRANT SELECT ON children TO portal_places")
    protect("child_records")
    own_child = f"family_id = {FAMILY} OR {IS_PROVIDER} AND " + family_is_mine(
        child="child_records.child_id"
    )
    policy("child_records", "SELECT", own_child)
    policy("child_records", "INSERT", check=own_child)
    policy("child_records", "UPDATE", own_child)
    op.execute("GRANT SELECT, INSERT, UPDATE ON child_records TO portal_app")
    protect("family_access")
    policy("family_access", "SELECT", f"family_id = {FAMILY} OR organisation_id = {ORGANISATION}")
    policy("family_access", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT ON family_access TO portal_app, portal_worker, portal_places")
    op.execute("GRANT SELECT, INSERT, UPDATE ON family_access TO portal_gate")


def _making_families() -> None:
    op.execute("""
        CREATE FUNCTION create_family(p_family uuid, p_guardian uuid, p_basis text, p_name text,
                                      p_kana text, p_search_key text, p_relation text,
                                      p_phone text, p_phone_digits text, p_mail text,
                                      p_address text) RETURNS text
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
            family_number text;
            account uuid;
        BEGIN
            IF p_basis = 'self' THEN
                IF who[1] IS NULL OR who[4] IS DISTINCT FROM 'guardian' OR who[3] IS NOT NULL THEN
                    RAISE insufficient_privilege
                        USING MESSAGE = 'only a guardian without a family registers herself';
                END IF;
                account := who[1]::uuid;
            ELSIF p_basis IN ('phone', 'fax', 'post', 'counter') THEN
                IF who[2] IS NULL OR who[4] IS NULL OR who[4] NOT IN ('director', 'staff') THEN
                    RAISE insufficient_privilege
                        USING MESSAGE = 'only staff of a provider enter a family for a caller';
                END IF;
            ELSE
                RAISE insufficient_privilege USING MESSAGE = 'unknown basis';
            END IF;
            LOOP
                family_number := lpad((floor(random() * 100000000))::bigint::text, 8, '0');
                EXIT WHEN NOT EXISTS
                    (SELECT 1 FROM public.families WHERE number = family_number);
            END LOOP;
            INSERT INTO public.families (id, number, basis)
            VALUES (p_family, family_number, p_basis);
            INSERT INTO public.guardians (id, family_id, user_id, name, name_kana, search_key,
                                          relation, phone, phone_digits, mail, address, is_primary)
            VALUES (p_guardian, p_family, account, p_name, p_kana, p_search_key, p_relation,
                    p_phone, p_phone_digits, p_mail, p_address, true);
            IF p_basis <> 'self' THEN
                INSERT INTO public.family_access
                    (id, family_id, organisation_id, scope, basis, granted_by)
                VALUES (gen_random_uuid(), p_family, who[2]::uuid, 'care', p_basis, who[1]::uuid);
            END IF;
            RETURN family_number;
        END $$""")
    definer(
        "create_family(uuid, uuid, text, text, text, text, text, text, text, text, text)",
        "portal_gate",
        to="portal_app",
    )
    op.execute("""
        CREATE FUNCTION open_family_to(p_organisation uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF who[3] IS NULL OR who[4] IS DISTINCT FROM 'guardian' THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'only a guardian opens her family to a provider';
            END IF;
            IF NOT EXISTS (SELECT 1 FROM public.organisations
                            WHERE id = p_organisation AND kind = 'provider') THEN
                RAISE insufficient_privilege USING MESSAGE = 'not a provider of care';
            END IF;
            INSERT INTO public.family_access
                (id, family_id, organisation_id, scope, basis, granted_by)
            VALUES (gen_random_uuid(), who[3]::uuid, p_organisation, 'care', 'preregistration',
                    who[1]::uuid)
            ON CONFLICT (family_id, organisation_id, scope) WHERE until_at IS NULL DO NOTHING;
        END $$""")
    definer("open_family_to(uuid)", "portal_gate", to="portal_app")


def _session_lookup() -> None:
    op.execute("""
        CREATE FUNCTION session_by_token(p_token_hash bytea)
        RETURNS TABLE (session_id uuid, user_id uuid, user_name text, mail text, locale text,
                       role text, organisation_id uuid, organisation_name text, family_id uuid,
                       has_second_factor boolean, has_totp boolean)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        #variable_conflict use_column
        BEGIN
            UPDATE public.sign_in_sessions SET last_seen_at = now()
             WHERE token_hash = p_token_hash AND last_seen_at < now() - interval '5 minutes';
            RETURN QUERY
            SELECT s.id, u.id, u.name, u.mail, u.locale, s.role, m.organisation_id, o.name,
                   CASE WHEN s.membership_id IS NULL THEN g.family_id END,
                   s.has_second_factor, u.totp_confirmed_at IS NOT NULL
              FROM public.sign_in_sessions s
              JOIN public.users u ON u.id = s.user_id AND u.disabled_at IS NULL
              LEFT JOIN public.memberships m ON m.id = s.membership_id AND m.ended_at IS NULL
              LEFT JOIN public.organisations o ON o.id = m.organisation_id
              LEFT JOIN public.guardians g ON g.user_id = u.id
             WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
               AND s.created_at >= u.password_changed_at
               AND (s.membership_id IS NULL OR m.role = s.role);
        END $$""")
    definer("session_by_token(bytea)", "portal_gate", to="portal_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION session_by_token(bytea)")
    op.execute("DROP FUNCTION open_family_to(uuid)")
    op.execute(
        "DROP FUNCTION"
        " create_family(uuid, uuid, text, text, text, text, text, text, text, text, text)"
    )
    for table in ("child_records", "pickup_persons", "guardians", "children", "families"):
        op.execute(f"DROP TABLE {table} CASCADE")
    op.execute("DROP TABLE family_access")
