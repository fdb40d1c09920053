-- Whoever may change a child: her own family, or staff of a provider to which it is open.
CREATE FUNCTION may_change_child(p_child uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor_with('children');
    family uuid := (SELECT c.family_id FROM public.children c WHERE c.id = p_child);
BEGIN
    IF family IS NULL
       OR family::text IS DISTINCT FROM who[3]
          AND NOT (coalesce(who[4] IN ('director', 'staff'), false) AND EXISTS
              (SELECT 1 FROM public.family_access a
                WHERE a.family_id = family AND a.organisation_id = who[2]::uuid
                  AND (a.child_id IS NULL OR a.child_id = p_child)
                  AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not hers to change';
    END IF;
    RETURN family;
END $$;

-- Ends what runs for a closed child at every provider; answers what it was, to bring it back.
CREATE FUNCTION end_applications(p_child uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    was jsonb;
BEGIN
    PERFORM public.may_change_child(p_child);
    IF NOT EXISTS (SELECT 1 FROM public.children WHERE id = p_child AND ended_at IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that was closed';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'state', p.state,
                                                 'accepted_until', p.accepted_until)), '[]')
      INTO was
      FROM (SELECT id, state, accepted_until FROM public.preregistrations
             WHERE child_id = p_child AND state IN ('applied', 'asked_back', 'waiting', 'accepted')
             ORDER BY id FOR UPDATE) AS p;
    UPDATE public.preregistrations SET state = 'withdrawn', accepted_until = NULL
     WHERE id IN (SELECT (one->>'id')::uuid FROM jsonb_array_elements(was) AS one);
    RETURN was;
END $$;

-- Brings back what ended with a child; answers how many could not come back.
CREATE FUNCTION resume_applications(p_child uuid, p_was jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one record;
    left_out integer := 0;
BEGIN
    PERFORM public.may_change_child(p_child);
    FOR one IN SELECT * FROM jsonb_to_recordset(p_was)
                             AS r (id uuid, state text, accepted_until date) LOOP
        BEGIN
            UPDATE public.preregistrations p
               SET state = one.state, accepted_until = one.accepted_until
             WHERE p.id = one.id AND p.child_id = p_child AND p.state = 'withdrawn'
               AND EXISTS (SELECT 1 FROM public.facilities f
                            WHERE f.id = p.facility_id AND f.organisation_id = p.organisation_id);
            IF NOT FOUND THEN
                left_out := left_out + 1;
            END IF;
        EXCEPTION WHEN unique_violation THEN
            left_out := left_out + 1;
        END;
    END LOOP;
    RETURN left_out;
END $$;

-- The other children of a birth begin with the same applications, at the same place in the queue.
CREATE FUNCTION copy_applications(p_from uuid, p_to uuid) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    made uuid[];
BEGIN
    PERFORM public.may_change_child(p_to);
    IF NOT EXISTS (SELECT 1 FROM public.children c JOIN public.children f ON f.id = c.born_with
                    WHERE c.id = p_to AND f.id = p_from AND f.family_id = c.family_id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not born together';
    END IF;
    WITH copied AS (
        INSERT INTO public.preregistrations
        SELECT (jsonb_populate_record(p, jsonb_build_object(
                   'id', gen_random_uuid(), 'child_id', p_to, 'state', 'applied',
                   'decided_at', NULL, 'decided_by', NULL, 'accepted_until', NULL,
                   'has_conditions', false, 'word_waits_for', NULL,
                   'family_agreed_at', NULL, 'family_agreed_by', NULL,
                   'family_agreed_channel', NULL, 'family_agreed_rulebook_id', NULL,
                   'facility_agreed_at', NULL, 'facility_agreed_by', NULL,
                   'renewal_asked_at', NULL, 'renewal_asked_by', NULL,
                   'renewal_channel', NULL, 'renewal_told_for', NULL))).*
          FROM public.preregistrations p
         WHERE p.child_id = p_from AND p.state IN ('applied', 'asked_back', 'waiting', 'accepted')
           AND NOT EXISTS (SELECT 1 FROM public.preregistrations o
                            WHERE o.child_id = p_to AND o.facility_id = p.facility_id)
        RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO made FROM copied;
    RETURN made;
END $$;

-- Waits for a closing that is under way, and then refuses.
CREATE FUNCTION child_goes_on() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM 1 FROM public.children WHERE id = NEW.child_id AND ended_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE check_violation USING MESSAGE = 'the child was closed',
                                    CONSTRAINT = 'ck_preregistrations_child_goes_on';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER child_goes_on_insert BEFORE INSERT ON preregistrations
FOR EACH ROW EXECUTE FUNCTION child_goes_on();

CREATE TRIGGER child_goes_on_update BEFORE UPDATE OF state ON preregistrations
FOR EACH ROW WHEN (OLD.state IN ('declined', 'withdrawn')
                   AND NEW.state NOT IN ('declined', 'withdrawn'))
EXECUTE FUNCTION child_goes_on();

-- What an erased family has closed says nothing any more that could be brought back.
CREATE FUNCTION forget_expected() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.children SET ended_with = NULL, born_told_at = NULL
     WHERE family_id = NEW.id AND (ended_with IS NOT NULL OR born_told_at IS NOT NULL);
    RETURN NULL;
END $$;

CREATE TRIGGER forget_expected AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
EXECUTE FUNCTION forget_expected();

-- Whether a child has stays, at any provider; cancelled ones count for nothing.
CREATE FUNCTION is_child_booked(p_child uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.may_change_child(p_child);
    RETURN EXISTS (SELECT 1 FROM public.bookings
                    WHERE child_id = p_child AND state <> 'cancelled');
END $$;
