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
                           OR g.is_urgent AND g.review_agreed IS DISTINCT FROM false))
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
    guard_referral(), guard_ground(), erase_referrals() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION consent_holds(uuid), ground_holds(uuid), referral_is_open(uuid)
    TO portal_app, portal_worker, portal_places;
ALTER FUNCTION consent_holds(uuid) OWNER TO portal_gate;
ALTER FUNCTION ground_holds(uuid) OWNER TO portal_gate;
ALTER FUNCTION referral_is_open(uuid) OWNER TO portal_gate;
ALTER FUNCTION guard_referral() OWNER TO portal_gate;
ALTER FUNCTION guard_ground() OWNER TO portal_gate;
ALTER FUNCTION erase_referrals() OWNER TO portal_gate;
