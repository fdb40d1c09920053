-- What became of a booking, as limits count it.
CREATE FUNCTION use_state(p_state text, p_cancelled_at timestamptz, p_cancel_until timestamptz)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_state
               WHEN 'confirmed' THEN 'booked'
               WHEN 'attended' THEN 'attended'
               WHEN 'no_show' THEN 'no_show'
               WHEN 'excused_absence' THEN 'cancelled_late'
               ELSE CASE WHEN p_cancelled_at >= p_cancel_until THEN 'cancelled_late'
                         ELSE 'cancelled' END
           END
$$;

-- Every record of the same child: itself, and in the records of its family that a referral joins the
-- one that was born the same day and is alone in that, or is called the same.
CREATE FUNCTION same_children(p_children uuid[])
RETURNS TABLE (child_id uuid, same_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, c.id FROM public.children c WHERE c.id = ANY (p_children)
    UNION
    SELECT c.id, d.id
      FROM public.children c
      JOIN public.children d ON d.family_id = ANY (public.records_of_family(c.family_id))
     WHERE c.id = ANY (p_children) AND d.family_id <> c.family_id AND d.born_on = c.born_on
       AND (replace(normalize(c.name, NFKC), ' ', '') = replace(normalize(d.name, NFKC), ' ', '')
            OR 1 = ALL (SELECT count(*) FROM public.children e
                         WHERE e.family_id IN (c.family_id, d.family_id) AND e.born_on = c.born_on
                           AND e.ended_at IS NULL
                         GROUP BY e.family_id))
$$;

-- Whether the actor may have counted what these children used: the family itself, a provider that
-- sees the family, and a sender that may book for it on the spot.
CREATE FUNCTION may_count_uses(p_children uuid[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(bool_and(c.id IS NOT NULL AND (
               c.family_id::text = who.who[3]
               OR EXISTS (SELECT 1 FROM public.family_access a
                           WHERE a.family_id = c.family_id AND a.organisation_id::text = who.who[2]
                             AND now() >= a.from_at
                             AND (a.until_at IS NULL OR now() < a.until_at))
               OR EXISTS (SELECT 1 FROM public.referrals r
                           WHERE r.sender_id::text = who.who[2] AND c.id = ANY (r.child_ids)
                             AND public.may_book_on_the_spot(r.id, c.family_id, c.id)))), false)
      FROM public.actor() AS who (who), unnest(p_children) AS asked (id)
      LEFT JOIN public.children c ON c.id = asked.id
$$;

-- All stays of these children between two days, wherever: what limits are counted from. No facility
-- is named; a stay elsewhere says only whether the same provider or municipality runs it.
CREATE FUNCTION uses_of_children(p_children uuid[], p_programme uuid, p_from date, p_until date)
RETURNS TABLE (child_id uuid, booking_id uuid, day date, starts_at timestamptz, minutes integer,
               state text, use_type text, use_reason text, is_trial boolean, counts boolean,
               is_here boolean, is_same_programme boolean, is_same_provider boolean,
               is_in_city boolean, is_declared boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT public.may_count_uses(p_children) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not children of the actor''s';
    END IF;
    RETURN QUERY
    SELECT m.child_id, b.id, b.day, b.starts_at,
           (extract(epoch FROM b.ends_at - b.starts_at) / 60)::integer,
           public.use_state(b.state, b.cancelled_at, b.cancel_until),
           coalesce(b.use_type, b.purpose), b.use_reason, b.trial_part IS NOT NULL,
           b.counts_toward_caps, f.id = here.id, b.programme_id = g.id,
           f.organisation_id = here.organisation_id,
           f.id = here.id OR f.municipality_id = here.municipality_id, false
      FROM public.programmes g JOIN public.facilities here ON here.id = g.facility_id
     CROSS JOIN public.same_children(p_children) m
      JOIN public.bookings b ON b.child_id = m.same_id AND b.day BETWEEN p_from AND p_until
      JOIN public.facilities f ON f.id = b.facility_id
     WHERE g.id = p_programme
    UNION ALL
    SELECT m.child_id, NULL, u.day, NULL, u.minutes, 'attended', u.use_type, NULL, false, true,
           false, false, false, true, true
      FROM public.same_children(p_children) m
      JOIN public.declared_uses u ON u.child_id = m.same_id AND u.day BETWEEN p_from AND p_until
     WHERE u.retracted_at IS NULL
     ORDER BY 3, 4;
END $$;

-- Holds what limits ask of the stays that are being taken: the row of each child is locked, in one
-- order by everybody, and what it has used is counted anew behind that lock; so two wishes at once
-- cannot both pass. A stay brings its limits under "caps" (see portal/slots/places.py).
CREATE FUNCTION hold_caps(p_stays jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    asked record;
    used bigint;
BEGIN
    PERFORM 1 FROM public.children c
      WHERE c.id IN (SELECT m.same_id
                       FROM public.same_children(ARRAY(
                            SELECT s.child_id FROM jsonb_to_recordset(p_stays)
                                   AS s (child_id uuid, caps jsonb)
                             WHERE jsonb_array_length(s.caps) > 0)) m)
      ORDER BY c.id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR asked IN
        SELECT DISTINCT s.child_id, g.id AS programme_id, f.id AS facility_id, f.organisation_id,
               f.municipality_id, c.*
          FROM jsonb_to_recordset(p_stays) AS s (child_id uuid, programme_id uuid, caps jsonb)
          JOIN public.programmes g ON g.id = s.programme_id
          JOIN public.facilities f ON f.id = g.facility_id
         CROSS JOIN jsonb_to_recordset(s.caps) AS c (metric text, half_minutes integer,
               at_most bigint, first_on date, last_on date, scope text, states text[],
               has_trials boolean, has_declared boolean, purposes text[])
    LOOP
        SELECT CASE asked.metric
                   WHEN 'days' THEN count(DISTINCT u.day)
                   WHEN 'visits' THEN count(*)
                   WHEN 'minutes' THEN coalesce(sum(u.minutes), 0)
                   WHEN 'hours' THEN coalesce(sum(ceil(u.minutes / 60.0)), 0)
                   WHEN 'half_days' THEN
                       coalesce(sum(CASE WHEN u.minutes <= asked.half_minutes THEN 1 ELSE 2 END), 0)
               END
          INTO STRICT used
          FROM (SELECT b.day, extract(epoch FROM b.ends_at - b.starts_at) / 60 AS minutes
                  FROM public.same_children(ARRAY[asked.child_id]) m
                  JOIN public.bookings b ON b.child_id = m.same_id
                  JOIN public.facilities f ON f.id = b.facility_id
                 WHERE b.day BETWEEN asked.first_on AND asked.last_on
                   AND public.use_state(b.state, b.cancelled_at, b.cancel_until)
                       = ANY (asked.states)
                   AND (asked.has_trials OR b.counts_toward_caps)
                   AND (asked.purposes IS NULL
                        OR coalesce(b.use_type, b.purpose) = ANY (asked.purposes))
                   AND CASE asked.scope
                           WHEN 'programme' THEN b.programme_id = asked.programme_id
                           WHEN 'facility' THEN b.facility_id = asked.facility_id
                           WHEN 'provider' THEN f.organisation_id = asked.organisation_id
                           WHEN 'municipality' THEN b.facility_id = asked.facility_id
                                OR f.municipality_id = asked.municipality_id
                           ELSE true
                       END
                   AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_stays) AS s (replaces uuid)
                                    WHERE s.replaces = b.id)
                UNION ALL
                SELECT d.day, d.minutes
                  FROM public.same_children(ARRAY[asked.child_id]) m
                  JOIN public.declared_uses d ON d.child_id = m.same_id
                 WHERE asked.has_declared AND d.retracted_at IS NULL
                   AND d.day BETWEEN asked.first_on AND asked.last_on
                   AND (asked.purposes IS NULL OR d.use_type IS NULL
                        OR d.use_type = ANY (asked.purposes))
                UNION ALL
                SELECT s.day, extract(epoch FROM s.ends_at - s.starts_at) / 60
                  FROM jsonb_to_recordset(p_stays) AS s (child_id uuid, day date,
                       starts_at timestamptz, ends_at timestamptz)
                 WHERE s.child_id = asked.child_id
                   AND s.day BETWEEN asked.first_on AND asked.last_on) AS u;
        IF used > asked.at_most THEN
            RAISE check_violation USING CONSTRAINT = 'ck_bookings_caps', TABLE = 'bookings',
                MESSAGE = 'a limit of the child is reached';
        END IF;
    END LOOP;
END $$;
