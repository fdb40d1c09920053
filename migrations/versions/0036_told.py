"""What came by phone or on paper: shown with its way and time, answered in the family's language.

The log of a family and the page of staff say by which way and when something reached the facility;
a guardian has a language for what is printed for her; consents know where their paper lies, and a
no that was said is kept as an answer. Safe while the app runs: new columns with defaults, functions
that answer as before with columns more.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    USER,
    definer,
    family_is_mine,
    policy,
)

revision = "0036"
down_revision = "0035"

LOG = "family_log(timestamptz, timestamptz)"
AHEAD = "waiting_ahead(uuid[])"
ENTERED = "entered_for_family(uuid)"
RECEIVERS = "letter_receivers(uuid)"
#: By which way, and when, where staff entered it for a caller.
_CHANNEL = "CASE WHEN l.detail ->> 'channel' <> 'web' THEN l.detail ->> 'channel' END"
_RECEIVED = (
    "CASE WHEN l.detail ->> 'channel' <> 'web' THEN (l.detail ->> 'received_at')::timestamptz END"
)
#: What the erasing of a family empties of its guardians.
_KEPT = "mail = NULL, address = NULL"
_EMPTIED = "mail = NULL, language = NULL, address = NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _log(
        more=", channel text, received_at timestamptz",
        told=f", {_CHANNEL}, {_RECEIVED}",
        grouped=", 9, 10",
    )
    _entered()
    op.execute("""
        ALTER TABLE guardians ADD COLUMN language text
            CONSTRAINT ck_guardians_language CHECK (language ~ '^[a-z_]{2,20}$')""")
    op.execute("GRANT INSERT (language), UPDATE (language) ON guardians TO portal_app")
    # Her account's language, where she has one.
    _receivers(
        more=", language text",
        language=", coalesce((SELECT u.locale FROM public.users u WHERE u.id = g.user_id),"
        " g.language)",
    )
    _consents()
    _ahead()
    rewrite("portal_gate", "erase_family(uuid, uuid)", (_KEPT, _EMPTIED))


def _log(*, more: str = "", told: str = "", grouped: str = "") -> None:
    op.execute(f"DROP FUNCTION {LOG}")
    # The texts put in stand above in this file.
    op.execute(f"""
        CREATE FUNCTION family_log(p_from timestamptz, p_until timestamptz)
        RETURNS TABLE (day date, last_at timestamptz, times integer, action text, who text,
                       role text, organisation_id uuid, facility_id uuid{more})
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        #variable_conflict use_column
        DECLARE
            me text[] := public.actor();
            -- A guardian with fewer rights reads what she did herself, and nothing of the others.
            hers uuid := coalesce(me[3], me[5])::uuid;
            -- Her row and the protections of it: what is done about these is hers alone to know.
            about_her uuid[] := ARRAY
                (SELECT unnest(ARRAY[g.id, p.id]) FROM public.guardians g
                   LEFT JOIN public.protections p ON p.guardian_id = g.id
                  WHERE g.family_id = hers AND g.user_id = me[1]::uuid);
        BEGIN
            IF hers IS NULL THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT (l.at AT TIME ZONE 'Asia/Tokyo')::date, max(l.at), count(*)::integer, l.action,
                   CASE WHEN l.user_id = me[1]::uuid THEN 'me'
                        WHEN l.role = 'guardian' THEN 'guardian'
                        WHEN l.user_id IS NULL THEN 'portal'
                        ELSE 'staff' END,
                   l.role, l.organisation_id, public.facility_told(l.subjects, l.detail){told}
              FROM public.audit_log l
             WHERE l.family_id = hers AND l.at >= p_from AND l.at < p_until
               AND (l.user_id = me[1]::uuid
                    OR me[3] IS NOT NULL
                       AND (l.action NOT LIKE '%protect%' OR l.subjects && about_her))
             GROUP BY 1, 4, 5, 6, 7, 8{grouped}
             ORDER BY 2 DESC;
        END $$""")
    definer(LOG, "portal_gate", to="portal_app")


def _entered() -> None:
    # A body's own entries alone: what others were told is between them and the family.
    op.execute(f"""
        CREATE FUNCTION {ENTERED.replace("uuid", "p_family uuid")}
        RETURNS TABLE (at timestamptz, action text, by_name text, channel text,
                       received_at timestamptz)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT l.at, l.action, u.name, {_CHANNEL}, {_RECEIVED}
              FROM public.audit_log l LEFT JOIN public.users u ON u.id = l.user_id
             WHERE l.family_id = p_family AND public.family_open_to_staff(p_family)
               AND l.organisation_id = (public.actor())[2]::uuid
               AND l.role <> 'guardian' AND l.detail ->> 'channel' <> 'web'
               AND l.detail ? 'received_at'
             ORDER BY l.at DESC, l.id LIMIT 20
        $$""")
    definer(ENTERED, "portal_gate", to="portal_app")


def _ahead() -> None:
    # A number, and nothing else of anybody; brothers and sisters who wait together count once.
    op.execute("""
        CREATE FUNCTION waiting_ahead(p_ids uuid[])
        RETURNS TABLE (preregistration_id uuid, ahead integer)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH mine AS (
                SELECT p.id, p.facility_id, coalesce(p.application_id, p.id) AS unit
                  FROM public.preregistrations p
                 WHERE p.id = ANY (p_ids) AND p.state = 'waiting'
                   AND p.family_id = (public.actor())[3]::uuid),
            units AS (
                SELECT p.facility_id, coalesce(p.application_id, p.id) AS unit,
                       min(p.received_at) AS since,
                       (array_agg(p.id ORDER BY p.received_at, p.id))[1] AS first
                  FROM public.preregistrations p
                 WHERE p.state = 'waiting'
                   AND p.facility_id IN (SELECT m.facility_id FROM mine m)
                 GROUP BY 1, 2)
            SELECT m.id, (SELECT count(*)::integer FROM units u
                           WHERE u.facility_id = m.facility_id
                             AND (u.since, u.first) < (own.since, own.first))
              FROM mine m
              JOIN units own ON own.facility_id = m.facility_id AND own.unit = m.unit
        $$""")
    definer(AHEAD, "portal_gate")


def _receivers(*, more: str = "", language: str = "") -> None:
    op.execute(f"DROP FUNCTION {RECEIVERS}")
    op.execute(f"""
        CREATE FUNCTION letter_receivers(p_family uuid)
        RETURNS TABLE (guardian_id uuid, user_id uuid, name text, address text,
                       withheld text[]{more})
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT g.id, g.user_id, g.name, g.address, w.withheld{language}
              FROM public.guardians g
             CROSS JOIN LATERAL (SELECT public.withheld_from(g.id) AS withheld) AS w
             WHERE g.family_id = p_family AND public.family_open_to_staff(p_family)
               AND NOT w.withheld && ARRAY['mails', 'bookings']
             ORDER BY g.is_primary DESC, g.created_at, g.id
        $$""")
    definer(RECEIVERS, "portal_gate", to="portal_app")


def _consents() -> None:
    # Numbers and letters alone: where the paper lies names nobody, and may stay with the row.
    op.execute("""
        ALTER TABLE consents
            ADD COLUMN paper_reference text CONSTRAINT ck_consents_paper_reference
                CHECK (paper_reference ~ '^[0-9A-Za-z/-]{1,30}$'),
            ADD COLUMN is_refusal boolean NOT NULL DEFAULT false,
            ADD CONSTRAINT ck_consents_refusal_never_holds
                CHECK (NOT is_refusal OR withdrawn_at = given_at AND withdrawn_at IS NOT NULL)""")
    _inserting("(withdrawn_at IS NOT NULL) = is_refusal")


def _inserting(begins: str) -> None:
    mine = (
        f"family_id = {FAMILY} OR {IS_PROVIDER} AND {family_is_mine('consents.family_id')}"
        f" AND {ORGANISATION} IN (organisation_id, receiver_id)"
    )
    op.execute("DROP POLICY public_insert ON consents")
    policy(
        "consents",
        "INSERT",
        check=f"({mine}) AND recorded_by = {USER} AND {begins}"
        f" AND (source = 'portal') = coalesce(family_id = {FAMILY}, false)",
    )


def downgrade() -> None:
    """Put the functions back as they were; refusals go, since no column can say that they are."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _inserting("withdrawn_at IS NULL")
    op.execute("GRANT SELECT (is_refusal), DELETE ON consents TO portal_gate")
    op.execute("SET LOCAL ROLE portal_gate")
    op.execute("DELETE FROM consents WHERE is_refusal")
    op.execute("RESET ROLE")
    op.execute("REVOKE DELETE ON consents FROM portal_gate")
    op.execute("""
        ALTER TABLE consents DROP CONSTRAINT ck_consents_refusal_never_holds,
            DROP COLUMN is_refusal, DROP COLUMN paper_reference""")
    _receivers()
    write_back("portal_gate", "erase_family(uuid, uuid)", (_KEPT, _EMPTIED))
    op.execute("ALTER TABLE guardians DROP COLUMN language")
    op.execute(f"DROP FUNCTION {AHEAD}")
    op.execute(f"DROP FUNCTION {ENTERED}")
    _log()
