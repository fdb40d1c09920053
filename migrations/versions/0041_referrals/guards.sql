CREATE FUNCTION consent_holds(p_consent uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.consents c
                    WHERE c.id = p_consent AND c.withdrawn_at IS NULL
                      AND (c.until_on IS NULL
                           OR c.until_on >= (now() AT TIME ZONE 'Asia/Tokyo')::date))
$$;

-- Released by a second person; in urgency one person's word, until the review is overdue or says no.
CREATE FUNCTION ground_holds(p_ground uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.legal_grounds g
                    WHERE g.id = p_ground AND g.ended_at IS NULL
                      AND (g.released_at IS NOT NULL
                           OR g.is_urgent
                              AND (g.review_agreed
                                   OR g.review_agreed IS NULL AND g.review_due_on
                                      >= (now() AT TIME ZONE 'Asia/Tokyo')::date)))
$$;

-- What the receiver may read of a referral at this moment.
CREATE FUNCTION referral_is_open(p_referral uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.referrals r
                    WHERE r.id = p_referral AND r.state NOT IN ('draft', 'recalled', 'passed_on')
                      AND (public.consent_holds(r.consent_id) OR public.ground_holds(r.ground_id)))
$$;

-- A referral leaves only with what the notice demands before it (annex 1(2), 1(3)).
CREATE FUNCTION guard_referral() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.state IN ('draft', 'recalled') THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND NEW.consent_id IS NOT DISTINCT FROM OLD.consent_id
       AND NEW.ground_id IS NOT DISTINCT FROM OLD.ground_id
       AND NEW.told_id IS NOT DISTINCT FROM OLD.told_id THEN
        RETURN NEW;
    END IF;
    IF NEW.ground_id IS NOT NULL THEN
        IF NOT EXISTS (SELECT 1 FROM public.legal_grounds g
                        WHERE g.id = NEW.ground_id AND g.family_id = NEW.family_id
                          AND g.organisation_id = NEW.sender_id
                          AND g.receiver_id = NEW.receiver_id)
           OR NOT public.ground_holds(NEW.ground_id) THEN
            RAISE check_violation
                USING MESSAGE = 'no released legal ground', CONSTRAINT = 'ck_referrals_ground';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM public.consents c
                    WHERE c.id = NEW.consent_id AND c.family_id = NEW.family_id
                      AND c.purpose = 'referral_sharing' AND c.receiver_id = NEW.receiver_id
                      AND c.organisation_id = NEW.sender_id AND public.consent_holds(c.id)) THEN
        RAISE check_violation
            USING MESSAGE = 'no consent to pass on', CONSTRAINT = 'ck_referrals_consent';
    END IF;
    -- The day by which contact would come may be over when the consent to pass on is renewed.
    IF TG_OP = 'UPDATE' AND OLD.state <> 'draft' AND NEW.told_id IS NOT DISTINCT FROM OLD.told_id THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM public.consents c
                    WHERE c.id = NEW.told_id AND c.family_id = NEW.family_id
                      AND c.purpose = 'contact_told' AND c.receiver_id = NEW.receiver_id
                      AND public.consent_holds(c.id)) THEN
        RAISE check_violation
            USING MESSAGE = 'not told that contact will come', CONSTRAINT = 'ck_referrals_told';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_referral BEFORE INSERT OR UPDATE ON referrals
FOR EACH ROW EXECUTE FUNCTION guard_referral();

-- The second person is another one, and a colleague; nobody signs in another's name.
CREATE FUNCTION guard_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF NEW.released_by IS DISTINCT FROM OLD.released_by AND NEW.released_by IS DISTINCT FROM who[1]::uuid
       OR NEW.reviewed_by IS DISTINCT FROM OLD.reviewed_by
          AND NEW.reviewed_by IS DISTINCT FROM who[1]::uuid THEN
        RAISE insufficient_privilege USING MESSAGE = 'signed in another''s name';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_ground BEFORE UPDATE ON legal_grounds
FOR EACH ROW EXECUTE FUNCTION guard_ground();

-- Who is told by mail: the worker who sent it while she works there, else all who work for the body.
CREATE FUNCTION referral_readers(p_referral uuid, p_body uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH one AS (SELECT r.sent_by, r.sender_id FROM public.referrals r
                  WHERE r.id = p_referral AND p_body IN (r.sender_id, r.receiver_id)),
    them AS (SELECT m.user_id FROM public.memberships m, one
              WHERE m.organisation_id = p_body AND m.ended_at IS NULL),
    sender AS (SELECT them.user_id FROM them, one
                WHERE one.sender_id = p_body AND them.user_id = one.sent_by)
    SELECT user_id FROM sender
     UNION
    SELECT user_id FROM them WHERE NOT EXISTS (SELECT 1 FROM sender)
$$;

-- Who at the receiver is told that a referral is over, whoever ended it.
CREATE FUNCTION referral_receivers(p_referral uuid)
RETURNS TABLE (user_id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.user_id, m.organisation_id
      FROM public.memberships m JOIN public.referrals r ON r.receiver_id = m.organisation_id
     WHERE r.id = p_referral AND r.state = 'recalled' AND m.ended_at IS NULL
$$;

-- A consent is withdrawn: what rests on it is recalled, whoever withdrew it. Answers what stopped.
CREATE FUNCTION stop_referrals(p_consent uuid) RETURNS SETOF uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    one public.referrals;
    anew public.consents;
BEGIN
    IF public.consent_holds(p_consent) THEN
        RETURN;
    END IF;
    -- Taken down anew, in other words or for other things: what goes on rests on that.
    SELECT n.* INTO anew FROM public.consents n JOIN public.consents o ON o.id = p_consent
     WHERE (n.family_id, n.purpose, n.receiver_id, n.organisation_id)
           = (o.family_id, o.purpose, o.receiver_id, o.organisation_id)
       AND public.consent_holds(n.id);
    IF anew.id IS NOT NULL THEN
        DELETE FROM public.referral_items i USING public.referrals r
         WHERE r.id = i.referral_id AND r.consent_id = p_consent AND i.item <> ALL (anew.items);
        UPDATE public.referrals
           SET consent_id = CASE WHEN consent_id = p_consent THEN anew.id ELSE consent_id END,
               told_id = CASE WHEN told_id = p_consent THEN anew.id ELSE told_id END,
               updated_at = now()
         WHERE p_consent IN (consent_id, told_id)
           AND state IN ('sent', 'received', 'in_contact', 'visited', 'registered', 'used');
        RETURN;
    END IF;
    FOR one IN SELECT * FROM public.referrals
                WHERE p_consent IN (consent_id, told_id)
                  AND state IN ('sent', 'received', 'in_contact', 'visited', 'registered')
                ORDER BY id FOR UPDATE LOOP
        -- She may be helped, but wants no calls: whoever met her speaks with her.
        IF one.consent_id IS DISTINCT FROM p_consent THEN
            UPDATE public.referrals
               SET next_by = one.sender_id, next_what = 'decide', updated_at = now(),
                   next_on = (now() AT TIME ZONE 'Asia/Tokyo')::date
             WHERE id = one.id;
        ELSE
            UPDATE public.referrals
               SET state = 'recalled', state_at = now(), closed_at = now(), outcome = 'withdrawn',
                   next_on = NULL, next_by = NULL, next_what = NULL, updated_at = now()
             WHERE id = one.id;
            RETURN NEXT one.id;
        END IF;
        INSERT INTO public.referral_events (id, referral_id, family_id, organisation_id, kind, at)
        VALUES (gen_random_uuid(), one.id, one.family_id, one.sender_id,
                CASE WHEN one.consent_id = p_consent THEN 'withdrawn' ELSE 'no_contact' END, now());
    END LOOP;
END $$;

-- A child is no longer expected: it leaves every referral, and one without children ends, quietly.
-- Whoever was told may know the same child by a record of its own: all records that referrals have
-- joined count, so that nobody goes on calling. Answers what was, to bring it back.
CREATE FUNCTION end_referrals(p_child uuid) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended public.children;
    one record;
    was jsonb := '[]';
BEGIN
    SELECT * INTO ended FROM public.children WHERE id = p_child AND ended_at IS NOT NULL;
    IF ended.id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that was closed';
    END IF;
    FOR one IN
        SELECT r.id, r.family_id, r.sender_id, r.state, r.next_on, r.next_by, r.next_what,
               array_agg(c.id ORDER BY c.id) AS gone
          FROM public.referrals r JOIN public.children c ON c.id = ANY (r.child_ids)
         WHERE r.state IN ('draft', 'sent', 'received', 'in_contact', 'visited', 'registered')
           AND (c.id = ended.id
                OR r.family_id = ANY (public.records_of_family(ended.family_id))
                   AND c.born_on IS NULL
                   AND abs(c.due_on - ended.due_on) < 200
                   AND NOT EXISTS (SELECT 1 FROM public.children d
                                    WHERE d.family_id = ended.family_id AND d.born_on IS NULL
                                      AND d.ended_at IS NULL))
         GROUP BY r.id ORDER BY r.id
    LOOP
        was := was || jsonb_build_object('id', one.id, 'gone', one.gone, 'state', one.state,
            'next_on', one.next_on, 'next_by', one.next_by, 'next_what', one.next_what);
        UPDATE public.referrals
           SET child_ids = ARRAY(SELECT each FROM unnest(child_ids) AS each
                                  WHERE each <> ALL (one.gone)),
               updated_at = now()
         WHERE id = one.id;
        UPDATE public.referrals
           SET state = 'recalled', state_at = now(), closed_at = now(), outcome = 'ended',
               next_on = NULL, next_by = NULL, next_what = NULL
         WHERE id = one.id AND child_ids = '{}';
        IF FOUND THEN
            INSERT INTO public.referral_events
                   (id, referral_id, family_id, organisation_id, kind, at)
            VALUES (gen_random_uuid(), one.id, one.family_id, one.sender_id, 'ended', now());
        END IF;
    END LOOP;
    RETURN was;
END $$;

-- The closing was a mistake: the child, and the referral it was for. Answers how many could not.
CREATE FUNCTION resume_referrals(p_child uuid, p_was jsonb) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before jsonb;
    left_out integer := 0;
BEGIN
    IF EXISTS (SELECT 1 FROM public.children WHERE id = p_child AND ended_at IS NOT NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only for a child that is expected again';
    END IF;
    FOR before IN SELECT * FROM jsonb_array_elements(p_was) LOOP
        BEGIN
            UPDATE public.referrals
               SET child_ids = child_ids || ARRAY(SELECT jsonb_array_elements_text(before->'gone')::uuid),
                   state = CASE WHEN outcome = 'ended' THEN before->>'state' ELSE state END,
                   next_on = (before->>'next_on')::date, next_by = (before->>'next_by')::uuid,
                   next_what = before->>'next_what', closed_at = NULL, outcome = NULL,
                   state_at = now(), updated_at = now()
             WHERE id = (before->>'id')::uuid
               AND (outcome = 'ended' OR state = before->>'state')
               AND (before->>'state' = 'draft' OR public.consent_holds(consent_id)
                    OR public.ground_holds(ground_id));
            IF NOT FOUND THEN
                left_out := left_out + 1;
            END IF;
        EXCEPTION WHEN unique_violation THEN  -- referred anew meanwhile
            left_out := left_out + 1;
        END;
    END LOOP;
    RETURN left_out;
END $$;

-- One more child of a birth goes where the one goes that was expected.
CREATE FUNCTION copy_referrals(p_first uuid, p_other uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.referrals SET child_ids = child_ids || p_other, updated_at = now()
     WHERE p_first = ANY (child_ids) AND p_other <> ALL (child_ids)
       AND EXISTS (SELECT 1 FROM public.children c WHERE c.id = p_other AND c.born_with = p_first)
$$;

CREATE FUNCTION erase_referrals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.referral_items WHERE family_id = NEW.id;
    DELETE FROM public.interview_items WHERE family_id = NEW.id;
    UPDATE public.referral_events SET words_sealed = NULL WHERE family_id = NEW.id;
    UPDATE public.legal_grounds SET reason_sealed = '' WHERE family_id = NEW.id;
    UPDATE public.referrals
       SET outcome_words_sealed = NULL, updated_at = now(),
           state = CASE WHEN state IN ('closed', 'refused', 'passed_on') THEN state
                        ELSE 'recalled' END
     WHERE family_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_referrals AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_referrals();

REVOKE ALL ON FUNCTION consent_holds(uuid), ground_holds(uuid), referral_is_open(uuid),
    guard_referral(), guard_ground(), erase_referrals(), referral_readers(uuid, uuid),
    referral_receivers(uuid), stop_referrals(uuid), end_referrals(uuid),
    resume_referrals(uuid, jsonb), copy_referrals(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION consent_holds(uuid), ground_holds(uuid), referral_is_open(uuid)
    TO portal_app, portal_worker, portal_places;
GRANT EXECUTE ON FUNCTION referral_readers(uuid, uuid), referral_receivers(uuid),
    stop_referrals(uuid), end_referrals(uuid), resume_referrals(uuid, jsonb),
    copy_referrals(uuid, uuid) TO portal_app, portal_worker;
ALTER FUNCTION consent_holds(uuid) OWNER TO portal_gate;
ALTER FUNCTION ground_holds(uuid) OWNER TO portal_gate;
ALTER FUNCTION referral_is_open(uuid) OWNER TO portal_gate;
ALTER FUNCTION guard_referral() OWNER TO portal_gate;
ALTER FUNCTION guard_ground() OWNER TO portal_gate;
ALTER FUNCTION erase_referrals() OWNER TO portal_gate;
ALTER FUNCTION referral_readers(uuid, uuid) OWNER TO portal_gate;
ALTER FUNCTION stop_referrals(uuid) OWNER TO portal_gate;
ALTER FUNCTION end_referrals(uuid) OWNER TO portal_gate;
ALTER FUNCTION resume_referrals(uuid, jsonb) OWNER TO portal_gate;
ALTER FUNCTION copy_referrals(uuid, uuid) OWNER TO portal_gate;
ALTER FUNCTION referral_receivers(uuid) OWNER TO portal_gate;
