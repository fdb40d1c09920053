-- Gives back the places of confirmed bookings and says how they ended: 'cancelled', or
-- 'excused_absence' where the family told before the end that the child does not come.
-- Answers the ids that were released; a booking that is no longer confirmed is left alone.
-- Where the capacity wanted is below what is taken, the place goes back to nobody.
CREATE FUNCTION release_places(p_bookings uuid[], p_state text) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    released uuid[];
    stay record;
BEGIN
    IF p_state NOT IN ('cancelled', 'excused_absence') THEN
        RAISE invalid_parameter_value USING MESSAGE = 'a released booking is cancelled or excused';
    END IF;
    SELECT array_agg(b.id) INTO released
      FROM (SELECT id FROM public.bookings
             WHERE id = ANY (p_bookings) AND state = 'confirmed'
               AND (family_id = who[3]::uuid
                    OR organisation_id = who[2]::uuid AND who[4] IN ('director', 'staff'))
             ORDER BY id FOR UPDATE) AS b;
    IF released IS NULL THEN
        RETURN '{}';
    END IF;
    PERFORM 1 FROM (
        SELECT 1 FROM public.pool_days d
          JOIN (SELECT DISTINCT p.id AS pool, b.day FROM public.bookings b
                 CROSS JOIN unnest(b.pool_ids) AS p (id) WHERE b.id = ANY (released)) AS k
            ON k.pool = d.pool_id AND k.day = d.day
         ORDER BY d.pool_id, d.day FOR UPDATE OF d) AS locked;
    FOR stay IN
        SELECT p.id AS pool, b.day, b.from_cell, b.to_cell FROM public.bookings b
         CROSS JOIN unnest(b.pool_ids) AS p (id) WHERE b.id = ANY (released)
    LOOP
        UPDATE public.pool_days AS d
           SET (capacity, free) = (
               SELECT array_agg(CASE WHEN inside AND c > w THEN c - 1 ELSE c END ORDER BY i),
                      array_agg(CASE WHEN inside AND c <= w THEN f + 1 ELSE f END ORDER BY i)
                 FROM (SELECT u.c, u.f, u.w, u.i,
                              u.i > stay.from_cell AND u.i <= stay.to_cell AS inside
                         FROM unnest(d.capacity, d.free, d.wanted) WITH ORDINALITY
                              AS u (c, f, w, i)) AS cells)
         WHERE d.pool_id = stay.pool AND d.day = stay.day;
    END LOOP;
    UPDATE public.bookings
       SET state = p_state, sequence = sequence + 1, changed_at = now(), cancelled_at = now(),
           cancelled_by = who[1]::uuid
     WHERE id = ANY (released);
    RETURN released;
END $$
