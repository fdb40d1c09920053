"""Counts for reports: one source for provider and municipality, without names.

``attendance_counts`` and ``booking_outcomes`` answer for the facilities of the actor's own
organisation, or, to a liaison, for those of her municipality. They give numbers alone, so that a
municipality sees counts without seeing families. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0013"
down_revision = "0011"

#: Whose facilities are counted. ``f`` is the facility, ``who`` the actor.
_MAY_COUNT = """
    (f.organisation_id = who.is[2]::uuid AND who.is[4] = 'director'
     OR f.municipality_id = who.is[2]::uuid AND who.is[4] = 'liaison')"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(f"""
        CREATE FUNCTION attendance_counts(p_from date, p_until date)
        RETURNS TABLE (facility_id uuid, month date, class_age smallint, children integer,
                       irregular_work integer, emergency integer, respite integer,
                       up_to_four_hours integer, over_four_hours integer, first_time integer)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH who AS (SELECT public.actor() AS is),
            child_days AS (
                -- One child counts once a day and facility, under the reason of its first stay.
                SELECT DISTINCT ON (b.facility_id, b.child_id, b.day)
                       b.facility_id, b.child_id, b.day, b.class_age, b.purpose,
                       sum(b.to_cell - b.from_cell) OVER
                           (PARTITION BY b.facility_id, b.child_id, b.day) AS cells,
                       NOT EXISTS (SELECT 1 FROM public.bookings e
                                    WHERE e.child_id = b.child_id
                                      AND e.facility_id = b.facility_id
                                      AND e.state = 'attended' AND e.day < b.day) AS is_first
                  FROM public.bookings b
                  JOIN public.facilities f ON f.id = b.facility_id
                 CROSS JOIN who
                 WHERE b.state = 'attended' AND b.day >= p_from AND b.day < p_until
                   AND {_MAY_COUNT}
                 ORDER BY b.facility_id, b.child_id, b.day, b.starts_at, b.id)
            SELECT d.facility_id, date_trunc('month', d.day)::date, d.class_age,
                   count(DISTINCT d.child_id)::integer,
                   (count(*) FILTER (WHERE d.purpose = 'irregular_work'))::integer,
                   (count(*) FILTER (WHERE d.purpose = 'emergency'))::integer,
                   (count(*) FILTER (WHERE d.purpose = 'respite'))::integer,
                   (count(*) FILTER (WHERE d.cells <= 8))::integer,
                   (count(*) FILTER (WHERE d.cells > 8))::integer,
                   (count(*) FILTER (WHERE d.is_first))::integer
              FROM child_days d
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$""")
    definer("attendance_counts(date, date)", "portal_places", to="portal_app")
    op.execute(f"""
        CREATE FUNCTION booking_outcomes(p_from date, p_until date)
        RETURNS TABLE (facility_id uuid, cancelled_by_family integer,
                       cancelled_by_facility integer, excused_absences integer, no_shows integer,
                       still_open integer)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT b.facility_id,
                   (count(*) FILTER (WHERE b.state = 'cancelled' AND
                        b.cancel_reason IS DISTINCT FROM 'closed_by_facility'))::integer,
                   (count(*) FILTER (WHERE b.state = 'cancelled' AND
                        b.cancel_reason = 'closed_by_facility'))::integer,
                   (count(*) FILTER (WHERE b.state = 'excused_absence'))::integer,
                   (count(*) FILTER (WHERE b.state = 'no_show'))::integer,
                   (count(*) FILTER (WHERE b.state = 'confirmed'))::integer
              FROM public.bookings b
              JOIN public.facilities f ON f.id = b.facility_id
             CROSS JOIN (SELECT public.actor() AS is) AS who
             WHERE b.day >= p_from AND b.day < p_until AND {_MAY_COUNT}
             GROUP BY 1 $$""")
    definer("booking_outcomes(date, date)", "portal_places", to="portal_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION booking_outcomes(date, date)")
    op.execute("DROP FUNCTION attendance_counts(date, date)")
