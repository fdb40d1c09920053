-- Takes a closed child out of the visits to come; where nobody else was meant, they are cancelled,
-- and so is what is for expecting mothers once nobody is expected.
CREATE FUNCTION end_visits(p_child uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    family uuid := public.may_change_child(p_child);
    was jsonb;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.children WHERE id = p_child AND ended_at IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that was closed';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'child_ids', v.child_ids)), '[]')
      INTO was
      FROM (SELECT x.id, x.child_ids FROM public.visits x
              JOIN public.visit_sessions s ON s.id = x.session_id
             WHERE x.family_id = family AND x.state = 'booked' AND s.starts_at > now()
               AND (p_child = ANY (x.child_ids)
                    OR s.kind = 'prenatal' AND NOT EXISTS
                       (SELECT 1 FROM public.children c
                         WHERE c.family_id = family AND c.ended_at IS NULL AND c.born_on IS NULL)
                    OR x.child_ids = '{}' AND NOT EXISTS
                       (SELECT 1 FROM public.children c
                         WHERE c.family_id = family AND c.ended_at IS NULL))
             ORDER BY x.id FOR UPDATE OF x) AS v;
    UPDATE public.visits v
       SET child_ids = array_remove(v.child_ids, p_child),
           state = CASE WHEN s.kind <> 'prenatal' AND array_remove(v.child_ids, p_child) <> '{}'
                        THEN v.state ELSE 'cancelled' END,
           cancelled_at = CASE WHEN s.kind <> 'prenatal'
                                AND array_remove(v.child_ids, p_child) <> '{}' THEN NULL
                               ELSE now() END,
           cancelled_by_family = CASE WHEN s.kind <> 'prenatal'
                                       AND array_remove(v.child_ids, p_child) <> '{}' THEN NULL
                                      ELSE true END,
           changed_at = now(), sequence = v.sequence + 1
      FROM public.visit_sessions s
     WHERE s.id = v.session_id
       AND v.id IN (SELECT (one->>'id')::uuid FROM jsonb_array_elements(was) AS one);
    RETURN was;
END $$;

-- Brings visits back whose session still takes place and has a seat; answers how many could not.
CREATE FUNCTION resume_visits(p_child uuid, p_was jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    family uuid := public.may_change_child(p_child);
    one record;
    left_out integer := 0;
BEGIN
    FOR one IN SELECT r.id, ARRAY(SELECT jsonb_array_elements_text(r.child_ids)::uuid) AS child_ids
                 FROM jsonb_to_recordset(p_was) AS r (id uuid, child_ids jsonb) LOOP
        BEGIN
            UPDATE public.visits v
               SET state = 'booked', cancelled_at = NULL, cancelled_by_family = NULL,
                   child_ids = one.child_ids, changed_at = now(), sequence = v.sequence + 1
              FROM public.visit_sessions s
             WHERE v.id = one.id AND v.family_id = family AND s.id = v.session_id
               AND v.state IN ('booked', 'cancelled') AND s.starts_at > now();
            IF NOT FOUND THEN
                left_out := left_out + 1;
            END IF;
        EXCEPTION WHEN unique_violation OR check_violation THEN
            left_out := left_out + 1;
        END;
    END LOOP;
    RETURN left_out;
END $$;

-- The other children of a birth come along where the expected one was to come.
CREATE FUNCTION copy_visits(p_from uuid, p_to uuid) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    family uuid := public.may_change_child(p_to);
    made uuid[];
BEGIN
    WITH changed AS (
        UPDATE public.visits v
           SET child_ids = v.child_ids || p_to, changed_at = now(), sequence = v.sequence + 1
          FROM public.children c
         WHERE c.id = p_to AND c.born_with = p_from
           AND v.family_id = family AND v.state = 'booked'
           AND p_from = ANY (v.child_ids) AND NOT p_to = ANY (v.child_ids)
        RETURNING v.id)
    SELECT coalesce(array_agg(id), '{}') INTO made FROM changed;
    RETURN made;
END $$;
