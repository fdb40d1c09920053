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

-- Which programmes of several facilities are one to a limit: temporary care of whatever type, and
-- the care that is open to every child.
CREATE FUNCTION programme_sort(p_kind text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_kind WHEN 'universal_access_care' THEN p_kind ELSE 'temporary_care' END
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
               state text, use_type text, use_reason text, unit text, is_trial boolean,
               is_here boolean, is_same_programme boolean, is_same_provider boolean,
               is_in_city boolean, is_declared boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    IF NOT public.may_count_uses(p_children) THEN
        -- A sender may look for places before the family has agreed to be booked for; nothing is
        -- counted for it then, and limits are asked when it books.
        IF (public.actor())[4] IN ('liaison', 'center_worker', 'office_worker') THEN
            RETURN;
        END IF;
        RAISE insufficient_privilege USING MESSAGE = 'not children of the actor''s';
    END IF;
    RETURN QUERY
    SELECT m.child_id, b.id, b.day, b.starts_at,
           (extract(epoch FROM b.ends_at - b.starts_at) / 60)::integer,
           public.use_state(b.state, b.cancelled_at, b.cancel_until),
           coalesce(b.use_type, b.purpose), b.use_reason,
           public.unit_of(rules.document, b.starts_at, b.ends_at), b.trial_part IS NOT NULL,
           f.id = here.id,
           b.programme_id = g.id
               OR f.id <> here.id AND public.programme_sort(theirs.kind)
                                      = public.programme_sort(g.kind),
           f.organisation_id = here.organisation_id,
           f.id = here.id OR f.municipality_id = here.municipality_id, false
      FROM public.programmes g JOIN public.facilities here ON here.id = g.facility_id
     CROSS JOIN public.same_children(p_children) m
      JOIN public.bookings b ON b.child_id = m.same_id AND b.day BETWEEN p_from AND p_until
      JOIN public.facilities f ON f.id = b.facility_id
      JOIN public.programmes theirs ON theirs.id = b.programme_id
      JOIN public.rulebooks rules ON rules.id = b.rulebook_id
     WHERE g.id = p_programme
    UNION ALL
    SELECT m.child_id, NULL, u.day, NULL, u.minutes, 'attended', u.use_type, NULL, NULL, false,
           false, true, false, true, true
      FROM public.same_children(p_children) m
      JOIN public.declared_uses u ON u.child_id = m.same_id AND u.day BETWEEN p_from AND p_until
     WHERE u.retracted_at IS NULL
     ORDER BY 3, 4;
END $$;

-- The days in which a limit counts around one of them; none where it does not hold on that day.
CREATE FUNCTION cap_days(p_cap jsonb, p_day date, OUT first_on date, OUT last_on date)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH april AS (
        SELECT make_date(extract(year FROM p_day)::integer
                         - (extract(month FROM p_day) < 4)::integer, 4, 1) AS on_day,
               (extract(month FROM p_day)::integer + 8) % 12 AS since,
               CASE p_cap ->> 'period' WHEN 'month' THEN 1 WHEN 'half_year' THEN 6
                    WHEN 'fiscal_year' THEN 12 WHEN 'term' THEN (p_cap ->> 'term_months')::integer
               END AS months
    ), week AS (
        SELECT p_day - ((extract(isodow FROM p_day)::integer - 1
                         + (p_cap ->> 'week_starts' IS NOT DISTINCT FROM 'sun')::integer) % 7)
               AS first_on
    ), part AS (
        SELECT (april.on_day + make_interval(months => since - since % months))::date AS first_on,
               (april.on_day + make_interval(months => since - since % months + months))::date - 1
               AS last_on
          FROM april WHERE months IS NOT NULL
    )
    SELECT CASE p_cap ->> 'period'
               WHEN 'day' THEN p_day
               WHEN 'week' THEN (SELECT w.first_on FROM week w)
               WHEN 'calendar_year' THEN date_trunc('year', p_day)::date
               WHEN 'dates' THEN CASE WHEN p_day BETWEEN (p_cap ->> 'first_day')::date
                    AND (p_cap ->> 'last_day')::date THEN (p_cap ->> 'first_day')::date END
               WHEN 'whole_time' THEN '-infinity'::date
               ELSE (SELECT q.first_on FROM part q)
           END,
           CASE p_cap ->> 'period'
               WHEN 'day' THEN p_day
               WHEN 'week' THEN (SELECT w.first_on FROM week w) + 6
               WHEN 'calendar_year' THEN (date_trunc('year', p_day) + interval '1 year')::date - 1
               WHEN 'dates' THEN CASE WHEN p_day BETWEEN (p_cap ->> 'first_day')::date
                    AND (p_cap ->> 'last_day')::date THEN (p_cap ->> 'last_day')::date END
               WHEN 'whole_time' THEN 'infinity'::date
               ELSE (SELECT q.last_on FROM part q)
           END
$$;

-- As how many steps one stay counts: minutes for hours, halves for everything else.
CREATE FUNCTION cap_weight(p_cap jsonb, p_minutes integer, p_unit text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE p_cap ->> 'metric'
        WHEN 'hours' THEN p_minutes
        WHEN 'hours_rounded_up' THEN
            ceil(p_minutes / coalesce((p_cap ->> 'round_up_minutes')::numeric, 60))::integer
            * coalesce((p_cap ->> 'round_up_minutes')::integer, 60)
        WHEN 'days' THEN 2
        ELSE coalesce(
            CASE WHEN p_cap -> 'half_day_units' ? p_unit THEN 1 END,
            (SELECT (w ->> 'counts')::numeric * 2
               FROM jsonb_array_elements(p_cap -> 'weights') WITH ORDINALITY AS x (w, at)
              WHERE w ->> 'unit' = p_unit ORDER BY x.at DESC LIMIT 1),
            CASE WHEN p_minutes <= (p_cap ->> 'half_day_minutes')::integer THEN 1 END,
            (SELECT (w ->> 'counts')::numeric * 2
               FROM jsonb_array_elements(p_cap -> 'weights') WITH ORDINALITY AS x (w, at)
              WHERE p_minutes <= (w ->> 'up_to_minutes')::integer ORDER BY x.at LIMIT 1),
            2)::integer
    END
$$;

-- The label of the block that a stay has the hours of.
CREATE FUNCTION unit_of(p_document jsonb, p_starts_at timestamptz, p_ends_at timestamptz)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT b ->> 'label' FROM jsonb_array_elements(p_document -> 'units' -> 'blocks') AS b
     WHERE b ->> 'starts' = to_char(p_starts_at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI')
       AND b ->> 'ends' = CASE WHEN (p_ends_at AT TIME ZONE 'Asia/Tokyo')::time = '00:00'
                               THEN '24:00'
                               ELSE to_char(p_ends_at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI') END
     LIMIT 1
$$;

-- Whether a limit is for stays of this type and reason.
CREATE FUNCTION cap_is_for(p_cap jsonb, p_type text, p_reason text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (jsonb_array_length(coalesce(p_cap -> 'purposes', '[]')) = 0
            OR coalesce(p_cap -> 'purposes' ? p_type, false))
       AND NOT coalesce(p_cap -> 'except_purposes' ? p_type, false)
       AND (jsonb_array_length(coalesce(p_cap -> 'reasons', '[]')) = 0
            OR coalesce(p_cap -> 'reasons' ? p_reason, false))
       AND NOT coalesce(p_cap -> 'except_reasons' ? p_reason, false)
$$;

-- The limits of a document that the database holds: those of each child that refuse and are a sum
-- within set days. Limits that differ by variant, or go by cause, extension, running days or days
-- in a row, are held by the lock of the family alone.
CREATE FUNCTION caps_held(p_document jsonb) RETURNS SETOF jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT cap FROM jsonb_array_elements(p_document -> 'caps') AS cap
     WHERE cap ->> 'metric' IN ('days', 'visits', 'half_days', 'hours', 'hours_rounded_up')
       AND cap ->> 'period' IN ('day', 'week', 'month', 'term', 'half_year', 'fiscal_year',
                                'calendar_year', 'dates', 'whole_time')
       AND coalesce(cap ->> 'on_breach', 'refuse') = 'refuse'
       AND coalesce(cap ->> 'per', 'child') = 'child'
       AND coalesce(cap ->> 'per_cause', 'false') = 'false'
       AND coalesce((cap ->> 'extensions')::integer, 0) = 0
       AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(p_document -> 'variants') AS v
                        WHERE v ? 'caps' OR v -> 'leaves_out' ? 'caps' OR v ? 'units')
$$;

-- Holds what limits ask of the stays that are being taken: the row of each child is locked, in one
-- order by everybody, and what it has used is counted anew behind that lock; so two wishes at once
-- cannot both pass. The limits are those of the rules that a stay names; staff may set them aside.
CREATE FUNCTION hold_caps(p_stays jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    by_staff boolean := (public.actor())[4] IN ('director', 'staff');
    are_theirs boolean;
    have_caps boolean;
    asked record;
    used bigint;
BEGIN
    SELECT bool_and(r.programme_id IS NOT DISTINCT FROM s.programme_id),
           bool_or(jsonb_array_length(r.document -> 'caps') > 0)
      INTO STRICT are_theirs, have_caps
      FROM jsonb_to_recordset(p_stays) AS s (rulebook_id uuid, programme_id uuid)
      LEFT JOIN public.rulebooks r ON r.id = s.rulebook_id;
    IF NOT are_theirs THEN
        RAISE insufficient_privilege USING MESSAGE = 'not the rules of its programme';
    END IF;
    IF have_caps IS NOT TRUE THEN
        RETURN;
    END IF;
    PERFORM 1 FROM public.children c
      WHERE c.id IN (SELECT m.same_id
                       FROM public.same_children(ARRAY(
                            SELECT s.child_id FROM jsonb_to_recordset(p_stays)
                                   AS s (child_id uuid))) m)
      ORDER BY c.id FOR NO KEY UPDATE;
    FOR asked IN
        SELECT s.child_id, g.id AS programme_id, public.programme_sort(g.kind) AS sort,
               f.id AS facility_id, f.organisation_id,
               f.municipality_id, cap, d.first_on, d.last_on,
               CASE WHEN cap ->> 'metric' IN ('hours', 'hours_rounded_up') THEN 60 ELSE 2 END
               * CASE WHEN coalesce(cap ->> 'weekly_average', 'false') = 'false'
                      THEN (cap ->> 'amount')::numeric
                      ELSE CASE coalesce(cap ->> 'average_rounding', 'down')
                          WHEN 'down' THEN
                              floor((cap ->> 'amount')::numeric * (d.last_on - d.first_on + 1) / 7)
                          WHEN 'up' THEN
                              ceil((cap ->> 'amount')::numeric * (d.last_on - d.first_on + 1) / 7)
                          ELSE
                              round((cap ->> 'amount')::numeric * (d.last_on - d.first_on + 1) / 7)
                      END END AS at_most,
               -- As how much the stays of one day count at most.
               cap ->> 'metric' = 'days'
               OR cap ->> 'metric' = 'half_days'
                  AND jsonb_array_length(coalesce(cap -> 'weights', '[]')) = 0 AS by_day,
               coalesce(cap ->> 'trials', CASE WHEN EXISTS (
                   SELECT 1 FROM jsonb_array_elements(r.document -> 'steps' -> 'steps') AS step
                    WHERE step -> 'trial' ->> 'counts_toward_caps' = 'false')
                   THEN 'never' ELSE 'like_others' END) AS trials,
               r.document
          FROM jsonb_to_recordset(p_stays) AS s (child_id uuid, programme_id uuid, day date,
               starts_at timestamptz, ends_at timestamptz, rulebook_id uuid, purpose text,
               use_type text, use_reason text, trial_part smallint, overruled jsonb)
          JOIN public.programmes g ON g.id = s.programme_id
          JOIN public.facilities f ON f.id = g.facility_id
          JOIN public.rulebooks r ON r.id = s.rulebook_id
         CROSS JOIN public.caps_held(r.document) AS cap
         CROSS JOIN public.cap_days(cap, s.day) AS d
         WHERE d.first_on IS NOT NULL
           AND NOT (by_staff AND coalesce(s.overruled -> 'codes' ? 'cap_reached', false))
           AND CASE WHEN s.trial_part IS NULL OR coalesce(cap ->> 'trials', CASE WHEN EXISTS (
                   SELECT 1 FROM jsonb_array_elements(r.document -> 'steps' -> 'steps') AS step
                    WHERE step -> 'trial' ->> 'counts_toward_caps' = 'false')
                   THEN 'never' ELSE 'like_others' END) = 'like_others'
                    THEN public.cap_is_for(cap, coalesce(s.use_type, s.purpose), s.use_reason)
                    ELSE cap ->> 'trials' = 'always' END
           AND public.cap_weight(cap,
                   (extract(epoch FROM s.ends_at - s.starts_at) / 60)::integer,
                   public.unit_of(r.document, s.starts_at, s.ends_at)) > 0
    LOOP
        SELECT coalesce(sum(CASE WHEN asked.by_day THEN least(2, t.steps) ELSE t.steps END), 0)
          INTO STRICT used
          FROM (SELECT u.day, sum(public.cap_weight(asked.cap, u.minutes::integer, u.unit)) AS steps
                  FROM (
            SELECT b.day, extract(epoch FROM b.ends_at - b.starts_at) / 60 AS minutes,
                   public.unit_of(rules.document, b.starts_at, b.ends_at) AS unit
              FROM public.same_children(ARRAY[asked.child_id]) m
              JOIN public.bookings b ON b.child_id = m.same_id
              JOIN public.facilities f ON f.id = b.facility_id
              JOIN public.rulebooks rules ON rules.id = b.rulebook_id
             WHERE b.day BETWEEN asked.first_on AND asked.last_on
               AND CASE public.use_state(b.state, b.cancelled_at, b.cancel_until)
                       WHEN 'cancelled' THEN asked.cap ->> 'counts_cancelled' = 'true'
                       WHEN 'cancelled_late' THEN asked.cap ->> 'counts_late_cancelled' = 'true'
                       WHEN 'no_show' THEN coalesce(asked.cap ->> 'counts_no_show', 'true') = 'true'
                       ELSE true END
               -- Elsewhere it is the same programme where it is one of its sort.
               AND (asked.cap ->> 'all_programmes' = 'true' OR b.programme_id = asked.programme_id
                    OR b.facility_id <> asked.facility_id
                       AND EXISTS (SELECT 1 FROM public.programmes p
                                    WHERE p.id = b.programme_id AND
                                          public.programme_sort(p.kind) = asked.sort))
               AND CASE coalesce(asked.cap ->> 'scope', 'facility')
                       WHEN 'facility' THEN b.facility_id = asked.facility_id
                       WHEN 'provider' THEN f.organisation_id = asked.organisation_id
                       WHEN 'municipality' THEN b.facility_id = asked.facility_id
                            OR f.municipality_id = asked.municipality_id
                       ELSE true END
               AND CASE WHEN b.trial_part IS NULL THEN
                            asked.cap ->> 'counts_all_purposes' = 'true'
                            OR public.cap_is_for(asked.cap, coalesce(b.use_type, b.purpose),
                                                 b.use_reason)
                        WHEN asked.trials = 'like_others' THEN
                            public.cap_is_for(asked.cap, coalesce(b.use_type, b.purpose),
                                              b.use_reason)
                        ELSE asked.trials = 'always' END
               AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(p_stays) AS s (replaces uuid)
                                WHERE s.replaces = b.id)
            UNION ALL
            SELECT d.day, d.minutes, NULL
              FROM public.same_children(ARRAY[asked.child_id]) m
              JOIN public.declared_uses d ON d.child_id = m.same_id
             WHERE coalesce(asked.cap ->> 'counts_declared', 'true') = 'true'
               AND asked.cap ->> 'scope' IN ('municipality', 'everywhere')
               AND d.retracted_at IS NULL AND d.day BETWEEN asked.first_on AND asked.last_on
               AND (asked.cap ->> 'counts_all_purposes' = 'true'
                    OR public.cap_is_for(asked.cap, d.use_type, NULL))
            UNION ALL
            SELECT s.day, extract(epoch FROM s.ends_at - s.starts_at) / 60,
                   public.unit_of(asked.document, s.starts_at, s.ends_at)
              FROM jsonb_to_recordset(p_stays) AS s (child_id uuid, programme_id uuid, day date,
                   starts_at timestamptz, ends_at timestamptz)
             WHERE s.child_id = asked.child_id
               AND s.day BETWEEN asked.first_on AND asked.last_on) AS u
                 GROUP BY u.day) AS t;
        IF used > asked.at_most THEN
            RAISE check_violation USING CONSTRAINT = 'ck_bookings_caps', TABLE = 'bookings',
                MESSAGE = 'a limit of the child is reached';
        END IF;
    END LOOP;
END $$;
