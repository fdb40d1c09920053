-- Takes every place the stays need, or none, and writes their booking rows.
--
-- p_stays: array of objects, one for each child and day (see portal/slots/places.py). Which pools a
-- stay takes from follows from its programme's facility and the child's class age: a caller cannot
-- choose them. A stay that names an existing booking under "replaces" moves it: its old places
-- count as free for the new ones.
--
-- Answers one row: the ids of the bookings, or the first pool, day and half hour that is full or
-- closed; then nothing has been written.
CREATE FUNCTION take_places(p_stays jsonb)
RETURNS TABLE (booking_ids uuid[], full_pool uuid, full_day date, full_cell integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who text[] := public.actor();
    asked integer := jsonb_array_length(p_stays);
    rightful integer;
    old_ids uuid[];
    need_pool uuid[];  need_day date[];  need_from smallint[];  need_to smallint[];
    gone_pool uuid[];  gone_day date[];  gone_from smallint[];  gone_to smallint[];
    pools uuid[];  days date[];  free_of smallint[];  closed_of boolean[];
    k integer;
BEGIN
    -- Who may: the family itself at a published facility, or staff of the facility that may see the
    -- family. The times must say what the cells say. Nothing of this is left to the caller.
    SELECT count(*), array_agg(s.replaces) FILTER (WHERE s.replaces IS NOT NULL)
      INTO rightful, old_ids
      FROM jsonb_to_recordset(p_stays) AS s (replaces uuid, programme_id uuid, family_id uuid,
           child_id uuid, day date, starts_at timestamptz, ends_at timestamptz,
           from_cell smallint, to_cell smallint)
      JOIN public.programmes g ON g.id = s.programme_id
      JOIN public.facilities f ON f.id = g.facility_id
      JOIN public.children c ON c.id = s.child_id AND c.family_id = s.family_id
     WHERE c.born_on <= s.day
       AND s.from_cell = floor(extract(epoch FROM s.starts_at AT TIME ZONE 'Asia/Tokyo'
                                                  - s.day::timestamp) / 1800)
       AND s.to_cell = ceil(extract(epoch FROM s.ends_at AT TIME ZONE 'Asia/Tokyo'
                                               - s.day::timestamp) / 1800)
       AND (who[4] = 'guardian' AND s.family_id = who[3]::uuid
                AND f.published_at IS NOT NULL AND NOT f.is_hidden
            OR who[4] IN ('director', 'staff') AND g.organisation_id = who[2]::uuid
                AND EXISTS (SELECT 1 FROM public.family_access a
                             WHERE a.family_id = s.family_id
                               AND a.organisation_id = g.organisation_id
                               AND now() >= a.from_at
                               AND (a.until_at IS NULL OR now() < a.until_at)));
    IF asked = 0 OR rightful IS DISTINCT FROM asked THEN
        RAISE insufficient_privilege USING MESSAGE = 'these stays are not the actor''s to book';
    END IF;

    IF old_ids IS NOT NULL THEN
        PERFORM 1 FROM public.bookings b WHERE b.id = ANY (old_ids) ORDER BY b.id FOR UPDATE;
        SELECT count(DISTINCT b.id), array_agg(p.id), array_agg(b.day),
               array_agg(b.from_cell), array_agg(b.to_cell)
          INTO rightful, gone_pool, gone_day, gone_from, gone_to
          FROM public.bookings b
          JOIN jsonb_to_recordset(p_stays) AS s (replaces uuid, family_id uuid, child_id uuid)
            ON s.replaces = b.id AND s.family_id = b.family_id AND s.child_id = b.child_id
         CROSS JOIN unnest(b.pool_ids) AS p (id)
         WHERE b.state = 'confirmed'
           AND (b.family_id = who[3]::uuid OR b.organisation_id = who[2]::uuid);
        IF rightful IS DISTINCT FROM cardinality(old_ids) THEN
            RAISE insufficient_privilege USING MESSAGE = 'not a live booking of this family';
        END IF;
    END IF;

    SELECT array_agg(p.id ORDER BY s.ord, p.position), array_agg(s.day ORDER BY s.ord, p.position),
           array_agg(s.from_cell ORDER BY s.ord, p.position),
           array_agg(s.to_cell ORDER BY s.ord, p.position),
           count(DISTINCT s.ord) FILTER (WHERE p.kind = 'total')
      INTO need_pool, need_day, need_from, need_to, rightful
      FROM ROWS FROM (jsonb_to_recordset(p_stays) AS (programme_id uuid, child_id uuid, day date,
                      from_cell smallint, to_cell smallint))
           WITH ORDINALITY AS s (programme_id, child_id, day, from_cell, to_cell, ord)
      JOIN public.programmes g ON g.id = s.programme_id
      JOIN public.children c ON c.id = s.child_id
      JOIN public.pools p ON p.facility_id = g.facility_id AND p.retired_at IS NULL
       AND public.class_age(c.born_on, s.day) BETWEEN p.youngest_class AND p.oldest_class;
    IF rightful IS DISTINCT FROM asked THEN
        -- A facility without a total for this class has no places for it at all.
        RETURN QUERY SELECT NULL::uuid[], NULL::uuid,
            (p_stays -> 0 ->> 'day')::date, (p_stays -> 0 ->> 'from_cell')::integer;
        RETURN;
    END IF;

    -- First without a lock: in a rush nine of ten answers are "full", and they need not queue.
    IF old_ids IS NULL THEN
        SELECT n.pool, n.day,
               (SELECT min(cell) FROM generate_series(n.from_cell, n.to_cell - 1) AS cell
                 WHERE coalesce(d.free[cell + 1], 0) < 1 OR coalesce(d.closed[cell + 1], true))
          INTO full_pool, full_day, full_cell
          FROM ROWS FROM (unnest(need_pool, need_day, need_from, need_to))
               WITH ORDINALITY AS n (pool, day, from_cell, to_cell, ord)
          LEFT JOIN public.pool_days d ON d.pool_id = n.pool AND d.day = n.day
         WHERE d.pool_id IS NULL OR 1 > ANY (d.free[n.from_cell + 1:n.to_cell])
            OR true = ANY (d.closed[n.from_cell + 1:n.to_cell])
         ORDER BY n.ord LIMIT 1;
        IF FOUND THEN
            RETURN NEXT;
            RETURN;
        END IF;
    END IF;

    -- Then the rows, locked in one order by everyone, so that wishes never deadlock.
    SELECT array_agg(d.pool_id), array_agg(d.day), array_agg(d.free), array_agg(d.closed)
      INTO pools, days, free_of, closed_of
      FROM (SELECT r.pool_id, r.day, r.free, r.closed FROM public.pool_days r
              JOIN (SELECT DISTINCT k.pool, k.day FROM unnest(need_pool || gone_pool,
                           need_day || gone_day) AS k (pool, day)) AS wanted
                ON wanted.pool = r.pool_id AND wanted.day = r.day
             ORDER BY r.pool_id, r.day FOR UPDATE OF r) AS d;
    FOR n IN 1 .. coalesce(cardinality(gone_pool), 0) LOOP
        k := 1;
        WHILE pools[k] <> gone_pool[n] OR days[k] <> gone_day[n] LOOP k := k + 1; END LOOP;
        FOR cell IN gone_from[n] + 1 .. gone_to[n] LOOP
            free_of[k][cell] := free_of[k][cell] + 1;
        END LOOP;
    END LOOP;
    FOR n IN 1 .. cardinality(need_pool) LOOP
        k := 1;
        WHILE k <= coalesce(cardinality(pools), 0)
              AND (pools[k] <> need_pool[n] OR days[k] <> need_day[n]) LOOP
            k := k + 1;
        END LOOP;
        FOR cell IN need_from[n] + 1 .. need_to[n] LOOP
            IF k > coalesce(cardinality(pools), 0) OR free_of[k][cell] < 1
               OR closed_of[k][cell] THEN
                full_pool := need_pool[n];
                full_day := need_day[n];
                full_cell := cell - 1;
                RETURN NEXT;
                RETURN;
            END IF;
            free_of[k][cell] := free_of[k][cell] - 1;
        END LOOP;
    END LOOP;
    FOR n IN 1 .. cardinality(pools) LOOP
        UPDATE public.pool_days AS d SET free = ARRAY(SELECT unnest(free_of[n:n]))
         WHERE d.pool_id = pools[n] AND d.day = days[n];
    END LOOP;

    UPDATE public.bookings AS b
       SET day = s.day, starts_at = s.starts_at, ends_at = s.ends_at, from_cell = s.from_cell,
           to_cell = s.to_cell, rulebook_id = s.rulebook_id, fee_yen = s.fee_yen,
           fee_lines = s.fee_lines, cancel_until = s.cancel_until, sequence = b.sequence + 1,
           changed_at = now(), overruled = coalesce(s.overruled, '{}'),
           class_age = public.class_age(c.born_on, s.day), programme_id = g.id,
           facility_id = g.facility_id, organisation_id = g.organisation_id,
           pool_ids = ARRAY(SELECT p.id FROM public.pools p WHERE p.facility_id = g.facility_id
                AND p.retired_at IS NULL
                AND public.class_age(c.born_on, s.day) BETWEEN p.youngest_class AND p.oldest_class)
      FROM jsonb_to_recordset(p_stays) AS s (replaces uuid, programme_id uuid, day date,
           starts_at timestamptz, ends_at timestamptz, from_cell smallint, to_cell smallint,
           rulebook_id uuid, fee_yen integer, fee_lines jsonb, cancel_until timestamptz,
           overruled jsonb),
           public.programmes g, public.children c
     WHERE b.id = s.replaces AND g.id = s.programme_id AND c.id = b.child_id;
    INSERT INTO public.bookings
        (id, group_id, facility_id, organisation_id, programme_id, family_id, child_id, state,
         purpose, day, starts_at, ends_at, from_cell, to_cell, pool_ids, rulebook_id, class_age,
         fee_yen, fee_lines, cancel_until, channel, received_at, pickup_person_id, overruled,
         created_by)
    SELECT s.id, s.group_id, g.facility_id, g.organisation_id, g.id, s.family_id, s.child_id,
           'confirmed', s.purpose, s.day, s.starts_at, s.ends_at, s.from_cell, s.to_cell,
           ARRAY(SELECT p.id FROM public.pools p WHERE p.facility_id = g.facility_id
                AND p.retired_at IS NULL
                AND public.class_age(c.born_on, s.day) BETWEEN p.youngest_class AND p.oldest_class),
           s.rulebook_id, public.class_age(c.born_on, s.day), s.fee_yen, s.fee_lines,
           s.cancel_until, s.channel, s.received_at, s.pickup_person_id,
           coalesce(s.overruled, '{}'), who[1]::uuid
      FROM jsonb_to_recordset(p_stays) AS s (id uuid, replaces uuid, group_id uuid,
           programme_id uuid, family_id uuid, child_id uuid, purpose text, day date,
           starts_at timestamptz, ends_at timestamptz, from_cell smallint, to_cell smallint,
           rulebook_id uuid, fee_yen integer, fee_lines jsonb, cancel_until timestamptz,
           channel text, received_at timestamptz, pickup_person_id uuid, overruled jsonb)
      JOIN public.programmes g ON g.id = s.programme_id
      JOIN public.children c ON c.id = s.child_id
     WHERE s.replaces IS NULL;
    RETURN QUERY
    SELECT array_agg(coalesce(s.replaces, s.id)), NULL::uuid, NULL::date, NULL::integer
      FROM jsonb_to_recordset(p_stays) AS s (id uuid, replaces uuid);
END $$
