-- Writes the days of a facility's pools from its patterns, single days, closures and holidays.
-- Repeatable; staff of the facility alone. Capacity never falls below what is taken: such a pool
-- and day is answered with the number of half hours in which it is short.
CREATE FUNCTION fill_pool_days(p_facility uuid, p_from date, p_to date)
RETURNS TABLE (short_pool uuid, short_day date, short_cells integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.facilities f
                    WHERE f.id = p_facility AND f.organisation_id = who[2]::uuid
                      AND who[4] IN ('director', 'staff')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a facility of the actor';
    END IF;
    IF p_to - p_from > 800 THEN
        RAISE invalid_parameter_value USING MESSAGE = 'more than two years at once';
    END IF;
    INSERT INTO public.pool_days AS d
        (pool_id, day, facility_id, wanted, capacity, free, closed, closed_reason)
    SELECT p.id, days.day, p_facility, w.wanted, w.wanted, w.wanted, days.closed, days.reason
      FROM (SELECT g.day::date AS day,
                   array_agg(h.day IS NOT NULL AND f.closed_on_holidays
                             OR c.cells_closed IS NOT NULL ORDER BY cell) AS closed,
                   coalesce(min(c.cells_closed),
                            min(h.name) FILTER (WHERE f.closed_on_holidays)) AS reason
              FROM generate_series(p_from, p_to, interval '1 day') AS g (day)
             CROSS JOIN generate_series(0, 47) AS cell
              JOIN public.facilities f ON f.id = p_facility
              LEFT JOIN public.holidays h ON h.day = g.day
              LEFT JOIN LATERAL (
                   SELECT min(x.reason) AS cells_closed FROM public.closures x
                    WHERE x.facility_id = p_facility AND x.lifted_at IS NULL
                      AND g.day BETWEEN x.from_day AND x.to_day
                      AND cell >= x.from_cell AND cell < x.to_cell) AS c ON true
             GROUP BY g.day) AS days
      JOIN public.pools p ON p.facility_id = p_facility
     CROSS JOIN LATERAL (
           SELECT coalesce(
                (SELECT o.capacity FROM public.pool_overrides o
                  WHERE o.pool_id = p.id AND o.day = days.day AND p.retired_at IS NULL),
                (SELECT t.capacity FROM public.pool_patterns t
                  WHERE t.pool_id = p.id AND t.weekday = extract(isodow FROM days.day) - 1
                    AND t.in_force_from <= days.day AND p.retired_at IS NULL
                  ORDER BY t.in_force_from DESC LIMIT 1),
                array_fill(0::smallint, ARRAY[48])) AS wanted) AS w
     ORDER BY p.id, days.day
    ON CONFLICT (pool_id, day) DO UPDATE
       SET wanted = excluded.wanted, closed = excluded.closed,
           closed_reason = excluded.closed_reason,
           (capacity, free) = (
               SELECT array_agg(greatest(u.w, u.c - u.f) ORDER BY u.i),
                      array_agg(greatest(u.w, u.c - u.f) - (u.c - u.f) ORDER BY u.i)
                 FROM unnest(excluded.wanted, d.capacity, d.free) WITH ORDINALITY
                      AS u (w, c, f, i));
    RETURN QUERY
    SELECT d.pool_id, d.day, count(*)::integer
      FROM public.pool_days d CROSS JOIN unnest(d.capacity, d.wanted) AS u (c, w)
     WHERE d.facility_id = p_facility AND d.day BETWEEN p_from AND p_to AND u.c > u.w
     GROUP BY d.pool_id, d.day ORDER BY d.day, d.pool_id;
END $$
