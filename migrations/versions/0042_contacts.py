"""Every contact with a family, what the family wishes, and plans of whom to contact next.

A contact is counted from the family's side: over all bodies, channels and automatic mails, and over
the records of one family that a referral has joined. Another body learns from when contact is
allowed, never who made which (architecture, decision 6). Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    ROLE,
    USER,
    definer,
    policy,
    protect,
)

revision = "0042"
down_revision = "0041"

IS_SUPPORT = f"{ROLE} IN ('liaison', 'center_worker', 'office_worker')"
_WORKS = f"({IS_SUPPORT} OR {IS_PROVIDER})"
_MINE = f"{_WORKS} AND organisation_id = {ORGANISATION}"
#: A body may write of families that it may see, that were referred to it, or that it referred.
_KNOWN = "family_is_known(family_id)"
_OWN = "family_id = ANY ((SELECT records_of_my_family())::uuid[])"


def upgrade() -> None:
    """Add the tables and the functions that answer when a family may be contacted."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _tables()
    _functions()
    _policies()


def _tables() -> None:
    op.execute("""
        CREATE TABLE contacts (
            id uuid CONSTRAINT pk_contacts PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_contacts_family_id REFERENCES families,
            -- None where the portal wrote by itself.
            organisation_id uuid CONSTRAINT fk_contacts_organisation_id REFERENCES organisations,
            user_id uuid CONSTRAINT fk_contacts_user_id REFERENCES users,
            nature text NOT NULL CONSTRAINT ck_contacts_nature CHECK
                (nature IN ('advance', 'answer', 'duty')),
            channel text NOT NULL CONSTRAINT ck_contacts_channel CHECK
                (channel IN ('phone', 'mail', 'letter', 'fax', 'visit', 'portal')),
            about text NOT NULL CONSTRAINT ck_contacts_about CHECK (length(about) <= 40),
            result text CONSTRAINT ck_contacts_result CHECK (length(result) <= 40),
            words_sealed bytea,
            at timestamptz NOT NULL,
            referral_id uuid CONSTRAINT fk_contacts_referral_id REFERENCES referrals,
            case_id uuid,
            message_id uuid CONSTRAINT uq_contacts_message_id UNIQUE,
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX ix_contacts_family_id ON contacts (family_id, at)")
    op.execute("CREATE INDEX ix_contacts_organisation_id ON contacts (organisation_id, at)")
    # A row is one wish as it stood; a new one ends it. Empty channels: any.
    op.execute("""
        CREATE TABLE contact_wishes (
            id uuid CONSTRAINT pk_contact_wishes PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_contact_wishes_family_id REFERENCES families,
            organisation_id uuid
                CONSTRAINT fk_contact_wishes_organisation_id REFERENCES organisations,
            channels text[] NOT NULL DEFAULT '{}',
            times text[] NOT NULL DEFAULT '{}',
            not_before date,
            stops boolean NOT NULL DEFAULT false,
            set_by uuid NOT NULL CONSTRAINT fk_contact_wishes_set_by REFERENCES users,
            set_at timestamptz NOT NULL,
            ended_at timestamptz
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_contact_wishes_live ON contact_wishes (family_id)
         WHERE ended_at IS NULL""")
    op.execute("""
        CREATE TABLE outreach_plans (
            id uuid CONSTRAINT pk_outreach_plans PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_outreach_plans_family_id REFERENCES families,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_outreach_plans_organisation_id REFERENCES organisations,
            referral_id uuid NOT NULL CONSTRAINT fk_outreach_plans_referral_id REFERENCES referrals,
            next_on date NOT NULL,
            by_user uuid CONSTRAINT fk_outreach_plans_by_user REFERENCES users,
            channel text NOT NULL CONSTRAINT ck_outreach_plans_channel CHECK
                (channel IN ('phone', 'mail', 'letter', 'fax', 'visit', 'portal')),
            about text NOT NULL CONSTRAINT ck_outreach_plans_about CHECK (length(about) <= 40),
            until text NOT NULL CONSTRAINT ck_outreach_plans_until CHECK (length(until) <= 40),
            ended_at timestamptz,
            end_reason text CONSTRAINT ck_outreach_plans_end_reason CHECK
                (length(end_reason) <= 40),
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT ck_outreach_plans_ended CHECK ((ended_at IS NULL) = (end_reason IS NULL))
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_outreach_plans_live ON outreach_plans (referral_id)
         WHERE ended_at IS NULL""")
    op.execute("""
        CREATE INDEX ix_outreach_plans_organisation_id ON outreach_plans (organisation_id, next_on)
         WHERE ended_at IS NULL""")
    op.execute("CREATE INDEX ix_outreach_plans_family_id ON outreach_plans (family_id)")
    # What a municipality set before, who changed it and when.
    op.execute("""
        CREATE TABLE setting_changes (
            id uuid CONSTRAINT pk_setting_changes PRIMARY KEY,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_setting_changes_organisation_id REFERENCES organisations,
            changed_by uuid NOT NULL CONSTRAINT fk_setting_changes_changed_by REFERENCES users,
            changed_at timestamptz NOT NULL,
            was jsonb NOT NULL,
            becomes jsonb NOT NULL
        )""")
    op.execute("""
        CREATE INDEX ix_setting_changes_organisation_id
            ON setting_changes (organisation_id, changed_at)""")
    protect("setting_changes")


def _functions() -> None:
    # Whatever way a referral ends, or reaches what was planned for, nobody is called about it.
    op.execute("""
        CREATE FUNCTION end_plans() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            way text[] := '{sent,received,in_contact,visited,registered,used}';
        BEGIN
            UPDATE public.outreach_plans
               SET ended_at = now(), updated_at = now(), end_reason =
                   CASE WHEN NEW.state = ANY (way) THEN 'reached'
                        WHEN NEW.state = 'recalled' THEN 'withdrawn'
                        ELSE 'referral_closed' END
             WHERE referral_id = NEW.id AND ended_at IS NULL
               AND (array_position(way, NEW.state) IS NULL
                    OR array_position(way, NEW.state) >= array_position(way, until));
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER end_plans AFTER UPDATE OF state ON referrals
        FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION end_plans()""")
    op.execute("REVOKE ALL ON FUNCTION end_plans() FROM PUBLIC")
    op.execute("ALTER FUNCTION end_plans() OWNER TO portal_gate")
    for table in ("contacts", "contact_wishes", "outreach_plans"):
        protect(table)
        policy(table, "ALL", "true", check="true", to="portal_gate")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO portal_gate")
    op.execute("GRANT SELECT ON support_access, referrals TO portal_gate")
    # One family may stand in two records: as the sender met it, and as a receiver knows it.
    op.execute("""
        CREATE FUNCTION records_of_family(p_family uuid) RETURNS uuid[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH RECURSIVE joined (id) AS (
                SELECT p_family
                UNION
                SELECT CASE WHEN r.family_id = j.id THEN r.client_family_id ELSE r.family_id END
                  FROM joined j
                  JOIN public.referrals r ON r.client_family_id IS NOT NULL
                   AND j.id IN (r.family_id, r.client_family_id)
            )
            SELECT array_agg(id) FROM joined
        $$""")
    op.execute("""
        CREATE FUNCTION family_is_known(p_family uuid) RETURNS boolean
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            RETURN coalesce(p_family = who[3]::uuid, false)
                OR EXISTS (SELECT 1 FROM public.family_access a
                            WHERE a.family_id = p_family AND a.organisation_id = who[2]::uuid
                              AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))
                OR EXISTS (SELECT 1 FROM public.support_access s
                            WHERE s.family_id = p_family AND s.organisation_id = who[2]::uuid
                              AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))
                OR EXISTS (SELECT 1 FROM public.referrals r
                            WHERE r.family_id = p_family AND r.receiver_id = who[2]::uuid
                              AND public.referral_is_open(r.id));
        END $$""")
    # Moments alone: what another body did is not said.
    op.execute("""
        CREATE FUNCTION advances_to_family(p_family uuid, p_since timestamptz)
        RETURNS SETOF timestamptz
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT c.at FROM public.contacts c
             WHERE c.family_id = ANY (public.records_of_family(p_family))
               AND c.nature = 'advance' AND c.at >= p_since
               -- Somebody was about to call, and did not.
               AND c.result IS DISTINCT FROM 'not_made'
               AND (public.family_is_known(p_family) OR session_user = 'portal_worker')
        $$""")
    op.execute("""
        CREATE FUNCTION wishes_of_family(p_family uuid)
        RETURNS TABLE (channels text[], times text[], not_before date, stops boolean,
                       set_at timestamptz)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT w.channels, w.times, w.not_before, w.stops, w.set_at
              FROM public.contact_wishes w
             WHERE w.family_id = ANY (public.records_of_family(p_family)) AND w.ended_at IS NULL
               AND (public.family_is_known(p_family) OR session_user = 'portal_worker')
             ORDER BY w.set_at DESC
        $$""")
    # Two bodies that reach for a family at once: the second waits, and then counts the first.
    op.execute("""
        CREATE FUNCTION lock_contacts(p_family uuid) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT pg_advisory_xact_lock(hashtextextended('contacts' || k.id::text, 0))
              FROM (SELECT unnest(public.records_of_family(p_family)) AS id ORDER BY 1) AS k
        $$""")
    op.execute("""
        CREATE FUNCTION records_of_my_family() RETURNS uuid[]
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT public.records_of_family(((public.actor())[3])::uuid)
        $$""")
    # What each municipality that a family has to do with has set; whoever asks keeps to all.
    op.execute("""
        CREATE FUNCTION contact_settings_of_family(p_family uuid) RETURNS SETOF jsonb
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH known (id) AS (SELECT unnest(public.records_of_family(p_family))),
            bodies (id) AS (
                SELECT unnest(ARRAY[r.sender_id, r.receiver_id])
                  FROM public.referrals r JOIN known k ON k.id = r.family_id
                UNION
                SELECT s.organisation_id
                  FROM public.support_access s JOIN known k ON k.id = s.family_id
                 WHERE s.until_at IS NULL OR now() < s.until_at
                UNION
                SELECT a.organisation_id
                  FROM public.family_access a JOIN known k ON k.id = a.family_id
                 WHERE a.until_at IS NULL OR now() < a.until_at
            )
            SELECT m.settings FROM public.organisations m
             WHERE m.kind = 'municipality' AND m.settings ? 'contact'
               AND m.id IN (SELECT coalesce(o.municipality_id, o.opened_by, o.id)
                              FROM bodies b JOIN public.organisations o USING (id)
                            UNION ALL
                            SELECT f.municipality_id
                              FROM bodies b JOIN public.facilities f ON f.organisation_id = b.id)
        $$""")
    # Whoever writes the next wish down ends the last one, whichever body wrote that.
    op.execute("""
        CREATE FUNCTION end_wishes(p_family uuid, p_at timestamptz) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            UPDATE public.contact_wishes SET ended_at = p_at
             WHERE family_id = ANY (public.records_of_family(p_family)) AND ended_at IS NULL
               AND public.family_is_known(p_family)
        $$""")
    # What is passed on may be read, and the family has not taken back that contact will come.
    op.execute("""
        CREATE FUNCTION contact_is_open(p_referral uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT public.referral_is_open(p_referral)
               AND NOT EXISTS (SELECT 1 FROM public.referrals r
                                 JOIN public.consents c ON c.id = r.told_id
                                WHERE r.id = p_referral AND c.withdrawn_at IS NOT NULL)
        $$""")
    for signature in (
        "family_is_known(uuid)",
        "advances_to_family(uuid, timestamptz)",
        "wishes_of_family(uuid)",
        "lock_contacts(uuid)",
        "records_of_my_family()",
        "contact_settings_of_family(uuid)",
        "end_wishes(uuid, timestamptz)",
        "contact_is_open(uuid)",
    ):
        definer(signature, "portal_gate")
    definer("records_of_family(uuid)", "portal_gate", to="portal_worker")
    op.execute("""
        CREATE FUNCTION erase_contacts() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            UPDATE public.contacts SET words_sealed = NULL WHERE family_id = NEW.id;
            DELETE FROM public.contact_wishes WHERE family_id = NEW.id;
            UPDATE public.outreach_plans SET ended_at = now(), end_reason = 'erased'
             WHERE family_id = NEW.id AND ended_at IS NULL;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER erase_contacts AFTER UPDATE OF erased_at ON families
        FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_contacts()""")
    op.execute("REVOKE ALL ON FUNCTION erase_contacts() FROM PUBLIC")
    op.execute("ALTER FUNCTION erase_contacts() OWNER TO portal_gate")


def _policies() -> None:
    policy("contacts", "SELECT", f"({_MINE}) OR {_OWN}")
    policy(
        "contacts",
        "INSERT",
        check=f"({_MINE} OR {ROLE} = 'guardian' AND nature = 'answer')"
        f" AND coalesce(user_id = {USER}, {ROLE} = 'guardian') AND {_KNOWN}",
    )
    policy("contacts", "UPDATE", _MINE)
    policy("contacts", "SELECT", "true", to="portal_worker", name="worker_select")
    policy("contacts", "INSERT", check="true", to="portal_worker", name="worker_insert")
    op.execute("GRANT SELECT, INSERT, UPDATE (result, words_sealed) ON contacts TO portal_app")
    op.execute("GRANT SELECT, INSERT ON contacts TO portal_worker")
    own = f"organisation_id = {ORGANISATION} AND {ROLE} = 'liaison'"
    policy("setting_changes", "SELECT", own)
    policy("setting_changes", "INSERT", check=f"{own} AND changed_by = {USER}")
    op.execute("GRANT SELECT, INSERT ON setting_changes TO portal_app")
    written = f"(({_MINE}) OR family_id = {FAMILY}) AND {_KNOWN}"
    policy("contact_wishes", "SELECT", f"({_MINE}) OR {_OWN}")
    policy("contact_wishes", "INSERT", check=f"{written} AND set_by = {USER}")
    op.execute("GRANT SELECT, INSERT ON contact_wishes TO portal_app")
    policy("outreach_plans", "SELECT", f"({_MINE}) OR {_OWN}")
    policy("outreach_plans", "INSERT", check=f"{_MINE} AND {_KNOWN}")
    policy("outreach_plans", "UPDATE", _MINE, check=_MINE)
    # A withdrawal by the family or by the sender ends the receiver's plan.
    ends = (
        f"{_OWN} OR {_WORKS} AND EXISTS (SELECT 1 FROM referrals r"
        f" WHERE r.id = referral_id AND r.sender_id = {ORGANISATION})"
    )
    policy("outreach_plans", "UPDATE", ends, check="ended_at IS NOT NULL", name="stopped")
    policy("outreach_plans", "SELECT", ends, name="stopping")
    policy("outreach_plans", "SELECT", "true", to="portal_worker", name="worker_select")
    op.execute("GRANT SELECT, INSERT, UPDATE ON outreach_plans TO portal_app")
    op.execute("GRANT SELECT ON outreach_plans TO portal_worker")


def downgrade() -> None:
    """Take it all away."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER end_plans ON referrals")
    op.execute("DROP TRIGGER erase_contacts ON families")
    for table in ("setting_changes", "outreach_plans", "contact_wishes", "contacts"):
        op.execute(f"DROP TABLE {table} CASCADE")
    for signature in (
        "end_plans()",
        "erase_contacts()",
        "contact_is_open(uuid)",
        "end_wishes(uuid, timestamptz)",
        "contact_settings_of_family(uuid)",
        "records_of_my_family()",
        "lock_contacts(uuid)",
        "wishes_of_family(uuid)",
        "advances_to_family(uuid, timestamptz)",
        "family_is_known(uuid)",
        "records_of_family(uuid)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
