-- Which child of the record that the receiver keeps is the one that a referral names: born the same
-- day and alone in that, or called the same. None where that is not certain.
CREATE FUNCTION child_there(p_referral uuid, p_child uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH meant AS (
        SELECT c.born_on, replace(normalize(c.name, NFKC), ' ', '') AS name, r.client_family_id,
               (SELECT count(*) FROM public.children b
                 WHERE b.family_id = c.family_id AND b.born_on = c.born_on AND b.ended_at IS NULL)
                   AS here
          FROM public.referrals r JOIN public.children c ON c.id = p_child
         WHERE r.id = p_referral AND p_child = ANY (r.child_ids)
           AND c.ended_at IS NULL AND c.born_on IS NOT NULL
           AND r.client_family_id <> r.family_id
    ), there AS (
        SELECT d.id, meant.here, count(*) OVER () AS there,
               replace(normalize(d.name, NFKC), ' ', '') = meant.name AS is_called_so
          FROM meant JOIN public.children d ON d.family_id = meant.client_family_id
         WHERE d.born_on = meant.born_on AND d.ended_at IS NULL
    )
    SELECT CASE WHEN count(*) = 1 THEN (array_agg(id))[1] END
      FROM there WHERE is_called_so OR here = 1 AND there = 1
$$;

-- For the sender that may book for the family at this provider: the ids there of the children
-- meant, and of their family. Ids alone; that it may is asked again when it books.
CREATE FUNCTION children_there(p_referral uuid)
RETURNS TABLE (child_id uuid, there_id uuid, family_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT meant.id, public.child_there(r.id, meant.id), r.client_family_id
      FROM public.actor() AS who (who), public.referrals r, unnest(r.child_ids) AS meant (id)
     WHERE r.id = p_referral AND r.sender_id = who.who[2]::uuid
       AND r.client_family_id <> r.family_id
       AND EXISTS (SELECT 1 FROM public.consents c
                    WHERE c.family_id = r.family_id AND c.receiver_id = r.receiver_id
                      AND c.organisation_id = r.sender_id
                      AND c.purpose = 'booking_on_the_spot' AND public.consent_holds(c.id))
       AND public.child_there(r.id, meant.id) IS NOT NULL
$$;

-- A child that is no longer expected is closed in every record that a referral has joined, where it
-- is certain which it is: nobody else is expected here, and no more are expected there than were
-- closed here, to be born about the same day. What runs for them is ended by whoever asks.
CREATE FUNCTION close_joined_children(p_child uuid) RETURNS TABLE (child_id uuid, in_family uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended public.children;
BEGIN
    PERFORM public.may_change_child(p_child);
    SELECT * INTO ended FROM public.children
     WHERE id = p_child AND ended_at IS NOT NULL AND ended_kind = 'no_longer';
    IF ended.id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that was closed';
    END IF;
    IF EXISTS (SELECT 1 FROM public.children c
                WHERE c.family_id = ended.family_id AND c.born_on IS NULL AND c.ended_at IS NULL) THEN
        RETURN;
    END IF;
    RETURN QUERY
    UPDATE public.children d
       SET ended_at = ended.ended_at, ended_kind = 'no_longer', ended_through = ended.id,
           ended_with = NULL, updated_at = now()
     WHERE d.id IN (
           SELECT e.id FROM public.children e
            WHERE e.family_id = ANY (public.records_of_family(ended.family_id))
              AND e.family_id <> ended.family_id
              AND e.born_on IS NULL AND e.ended_at IS NULL
              AND abs(e.due_on - ended.due_on) <= 31
              AND (SELECT count(*) FROM public.children f
                    WHERE f.family_id = e.family_id AND f.born_on IS NULL AND f.ended_at IS NULL)
                  <= (SELECT count(*) FROM public.children g
                       WHERE g.family_id = ended.family_id AND g.ended_kind = 'no_longer'
                         AND abs(g.due_on - ended.due_on) <= 31)
            ORDER BY e.id FOR UPDATE)
    RETURNING d.id, d.family_id;
END $$;

-- What ended with one of them, to bring it back.
CREATE FUNCTION keep_joined_end(p_child uuid, p_joined uuid, p_was jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.children SET ended_with = p_was
     WHERE id = p_joined AND ended_through = p_child AND ended_at IS NOT NULL
       AND public.may_change_child(p_child) IS NOT NULL
$$;

-- The closing was a mistake: they are expected again; answers what ended with each.
CREATE FUNCTION reopen_joined_children(p_child uuid)
RETURNS TABLE (child_id uuid, in_family uuid, was jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.may_change_child(p_child);
    IF EXISTS (SELECT 1 FROM public.children WHERE id = p_child AND ended_at IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that is expected again';
    END IF;
    RETURN QUERY
    WITH back AS (SELECT d.id, d.family_id, d.ended_with FROM public.children d
                   WHERE d.ended_through = p_child AND d.ended_at IS NOT NULL
                   ORDER BY d.id FOR UPDATE)
    UPDATE public.children d
       SET ended_at = NULL, ended_kind = NULL, ended_with = NULL, updated_at = now()
      FROM back WHERE d.id = back.id
    RETURNING d.id, d.family_id, back.ended_with;
END $$;

-- Whoever closed or reopened the child here has nothing more to do with the one there.
CREATE FUNCTION leave_joined_children(p_child uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.children SET ended_through = NULL
     WHERE ended_through = p_child AND ended_at IS NULL
       AND public.may_change_child(p_child) IS NOT NULL
$$;
