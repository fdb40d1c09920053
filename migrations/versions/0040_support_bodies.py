"""Bodies that support families, to which municipality they belong, and which families are theirs.

A municipality, its family center, consultation offices, support centres and health centres see the
families they have met (``support_access``) and no others: names, how to reach them, their children;
never a child record, a booking or an application. Rows are made by a function that checks the
signed actor. Safe while the app runs: all is new, and every existing policy stays.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import FAMILY, ORGANISATION, ROLE, definer, policy, protect

revision = "0040"
down_revision = "0038"

_KINDS = "'provider', 'municipality', 'family_center', 'consultation_office', 'operator'"
_MORE = "'support_centre', 'health_centre'"
#: Roles that work for a body that supports families.
IS_SUPPORT = f"{ROLE} IN ('liaison', 'center_worker', 'office_worker')"


def support_is_mine(family: str) -> str:
    """Return the condition: a family that the actor's supporting body has met."""
    return (
        f"{IS_SUPPORT} AND EXISTS (SELECT 1 FROM support_access s"
        f" WHERE s.family_id = {family} AND s.organisation_id = {ORGANISATION}"
        " AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))"
    )


def upgrade() -> None:
    """Add the kinds of bodies, the table, the function and the policies beside those there are."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _bodies()
    _access()
    _families()


def _bodies() -> None:
    op.execute("ALTER TABLE organisations DROP CONSTRAINT ck_organisations_kind")
    op.execute(
        "ALTER TABLE organisations ADD CONSTRAINT ck_organisations_kind"
        f" CHECK (kind IN ({_KINDS}, {_MORE}))"
    )
    op.execute(
        "ALTER TABLE organisations ADD COLUMN municipality_id uuid"
        " CONSTRAINT fk_organisations_municipality_id REFERENCES organisations"
    )
    # How often families may be contacted, within what time who answers: for liaisons to set.
    policy(
        "organisations",
        "UPDATE",
        f"id = {ORGANISATION} AND {ROLE} = 'liaison' AND kind = 'municipality'",
        name="municipality_settings",
    )
    # The operator says to which municipality a body belongs.
    policy("organisations", "UPDATE", f"{ROLE} = 'operator'", name="operator_update")
    op.execute("GRANT UPDATE (municipality_id) ON organisations TO portal_app")


def _access() -> None:
    op.execute("""
        CREATE TABLE support_access (
            id uuid CONSTRAINT pk_support_access PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_support_access_family_id REFERENCES families,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_support_access_organisation_id REFERENCES organisations,
            basis text NOT NULL CONSTRAINT ck_support_access_basis CHECK (basis IN ('interview')),
            granted_by uuid,
            from_at timestamptz NOT NULL DEFAULT now(),
            until_at timestamptz
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_support_access_live ON support_access (family_id, organisation_id)
         WHERE until_at IS NULL""")
    op.execute("CREATE INDEX ix_support_access_organisation_id ON support_access (organisation_id)")
    protect("support_access")
    policy("support_access", "SELECT", f"family_id = {FAMILY} OR organisation_id = {ORGANISATION}")
    policy("support_access", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT ON support_access TO portal_app, portal_worker, portal_places")
    op.execute("GRANT SELECT, INSERT, UPDATE ON support_access TO portal_gate")


def _families() -> None:
    policy("families", "SELECT", support_is_mine("families.id"), name="support_select")
    for table in ("guardians", "children"):
        mine = support_is_mine(f"{table}.family_id")
        policy(table, "SELECT", mine, name="support_select")
        policy(table, "INSERT", check=mine, name="support_insert")
        policy(table, "UPDATE", mine, name="support_update")
    op.execute("""
        CREATE FUNCTION create_supported_family(
            p_family uuid, p_guardian uuid, p_name text, p_kana text, p_search_key text,
            p_relation text, p_phone text, p_phone_digits text, p_mail text, p_address text)
        RETURNS text
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
            family_number text;
        BEGIN
            IF who[2] IS NULL
               OR coalesce(who[4], '') NOT IN ('liaison', 'center_worker', 'office_worker') THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'only a body that supports families enters one it has met';
            END IF;
            LOOP
                family_number := lpad((floor(random() * 100000000))::bigint::text, 8, '0');
                EXIT WHEN NOT EXISTS
                    (SELECT 1 FROM public.families WHERE number = family_number);
            END LOOP;
            INSERT INTO public.families (id, number, basis)
            VALUES (p_family, family_number, 'referral');
            INSERT INTO public.guardians (id, family_id, name, name_kana, search_key, relation,
                                          phone, phone_digits, mail, address, is_primary)
            VALUES (p_guardian, p_family, p_name, p_kana, p_search_key, p_relation, p_phone,
                    p_phone_digits, p_mail, p_address, true);
            INSERT INTO public.support_access (id, family_id, organisation_id, basis, granted_by)
            VALUES (gen_random_uuid(), p_family, who[2]::uuid, 'interview', who[1]::uuid);
            RETURN family_number;
        END $$""")
    definer(
        "create_supported_family(uuid, uuid, text, text, text, text, text, text, text, text)",
        "portal_gate",
        to="portal_app",
    )


def downgrade() -> None:
    """Take it away; bodies of the new kinds become consultation offices."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(
        "DROP FUNCTION"
        " create_supported_family(uuid, uuid, text, text, text, text, text, text, text, text)"
    )
    for table in ("guardians", "children"):
        for name in ("support_update", "support_insert", "support_select"):
            op.execute(f"DROP POLICY {name} ON {table}")
    op.execute("DROP POLICY support_select ON families")
    op.execute("DROP TABLE support_access")
    op.execute("DROP POLICY operator_update ON organisations")
    op.execute("DROP POLICY municipality_settings ON organisations")
    op.execute(f"UPDATE organisations SET kind = 'consultation_office' WHERE kind IN ({_MORE})")
    op.execute("ALTER TABLE organisations DROP COLUMN municipality_id")
    op.execute("ALTER TABLE organisations DROP CONSTRAINT ck_organisations_kind")
    op.execute(
        f"ALTER TABLE organisations ADD CONSTRAINT ck_organisations_kind CHECK (kind IN ({_KINDS}))"
    )
