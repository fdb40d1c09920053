"""The nursery in a family's log: which facility each line and each mail is about, where known.

A provider may run several facilities, and a family knows the one it goes to. Safe while the app
runs: one index-backed look-up in functions that answer as before, with one column or two more.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0024"
down_revision = "0023"

TOLD = "facility_told(uuid[], jsonb)"
LOG = "family_log(timestamptz, timestamptz)"
MAILS = "family_mails(timestamptz, timestamptz)"


def upgrade() -> None:
    """Replace the two functions, with the one that both ask."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    # A line about two facilities is about none in particular.
    op.execute("""
        CREATE FUNCTION facility_told(p_subjects uuid[], p_detail jsonb) RETURNS uuid
        LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT coalesce(
                (p_detail ->> 'facility_id')::uuid,
                (SELECT CASE WHEN count(DISTINCT f.id) = 1 THEN min(f.id::text)::uuid END
                   FROM (SELECT facility_id AS id FROM public.bookings
                          WHERE id = ANY (p_subjects) OR group_id = ANY (p_subjects)
                         UNION ALL
                         SELECT facility_id FROM public.preregistrations
                          WHERE id = ANY (p_subjects)
                         UNION ALL
                         SELECT facility_id FROM public.notices WHERE id = ANY (p_subjects)
                         UNION ALL
                         SELECT n.facility_id FROM public.notice_receipts r
                           JOIN public.notices n ON n.id = r.notice_id
                          WHERE r.id = ANY (p_subjects)) f))
        $$""")
    op.execute(f"REVOKE ALL ON FUNCTION {TOLD} FROM PUBLIC")
    op.execute(f"ALTER FUNCTION {TOLD} OWNER TO portal_gate")
    _log(
        more=", facility_id uuid",
        facility=", public.facility_told(l.subjects, l.detail)",
        grouped=", 8",
    )
    _mails(
        more=", organisation_id uuid, facility_id uuid",
        facility=", m.organisation_id, public.facility_told(m.subject_ids, '{}')",
    )


def _log(*, more: str = "", facility: str = "", grouped: str = "") -> None:
    op.execute(f"DROP FUNCTION {LOG}")
    # The texts put in stand above in this file.
    op.execute(f"""
        CREATE FUNCTION family_log(p_from timestamptz, p_until timestamptz)
        RETURNS TABLE (day date, last_at timestamptz, times integer, action text, who text,
                       role text, organisation_id uuid{more})
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
                   l.role, l.organisation_id{facility}
              FROM public.audit_log l
             WHERE l.family_id = hers AND l.at >= p_from AND l.at < p_until
               AND (l.user_id = me[1]::uuid
                    OR me[3] IS NOT NULL
                       AND (l.action NOT LIKE '%protect%' OR l.subjects && about_her))
             GROUP BY 1, 4, 5, 6, 7{grouped}
             ORDER BY 2 DESC;
        END $$""")
    definer(LOG, "portal_gate", to="portal_app")


def _mails(*, more: str = "", facility: str = "") -> None:
    op.execute(f"DROP FUNCTION {MAILS}")
    op.execute(f"""
        CREATE FUNCTION family_mails(p_from timestamptz, p_until timestamptz)
        RETURNS TABLE (kind text, sent_at timestamptz, failed_at timestamptz,
                       organisation_name text{more})
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        DECLARE
            me text[] := public.actor();
        BEGIN
            IF me[1] IS NULL OR me[4] IS DISTINCT FROM 'guardian' THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT m.kind, m.sent_at, m.failed_at, o.name{facility}
              FROM public.outbox_messages m
              LEFT JOIN public.organisations o ON o.id = m.organisation_id
             WHERE (m.family_id = me[3]::uuid OR m.to_user_id = me[1]::uuid)
               AND coalesce(m.sent_at, m.failed_at) >= p_from
               AND coalesce(m.sent_at, m.failed_at) < p_until
             ORDER BY coalesce(m.sent_at, m.failed_at) DESC;
        END $$""")
    definer(MAILS, "portal_gate", to="portal_app")


def downgrade() -> None:
    """Put the two functions back as they were."""
    _log()
    _mails()
    op.execute(f"DROP FUNCTION {TOLD}")
