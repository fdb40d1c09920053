-- All records of one family, for whom it is no stranger; else the one asked for.
CREATE FUNCTION records_known(p_family uuid) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN public.family_is_known(p_family) OR session_user = 'portal_worker'
                THEN public.records_of_family(p_family) ELSE ARRAY[p_family] END
$$;

-- Before a nursery reports to a body that supports the family, it asks whether that is agreed to.
CREATE FUNCTION consent_concerns_me(p_consent uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.consents c
                     JOIN public.organisations o ON o.id = c.receiver_id AND o.kind <> 'provider'
                     CROSS JOIN unnest(public.records_of_family(c.family_id)) AS record (id)
                    WHERE c.id = p_consent AND public.family_is_known(record.id))
$$;

-- Whether consent or ground let these items through to this receiver at this moment.
CREATE FUNCTION is_allowed(
    p_consent uuid, p_ground uuid, p_family uuid, p_receiver uuid, p_items text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.consents c
                    WHERE c.id = p_consent AND c.purpose = 'referral_sharing'
                      AND c.family_id = ANY (public.records_of_family(p_family))
                      AND c.receiver_id = p_receiver AND p_items <@ c.items
                      AND public.consent_holds(c.id))
        OR EXISTS (SELECT 1 FROM public.legal_grounds g
                    WHERE g.id = p_ground
                      AND g.family_id = ANY (public.records_of_family(p_family))
                      AND g.receiver_id = p_receiver AND p_items <@ g.items
                      AND public.ground_holds(g.id))
$$;

CREATE FUNCTION guard_referral_item() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.referrals r
                    WHERE r.id = NEW.referral_id
                      AND (r.state = 'draft'
                           OR public.is_allowed(r.consent_id, r.ground_id, r.family_id,
                                                r.receiver_id, ARRAY[NEW.item]))) THEN
        RAISE check_violation
            USING MESSAGE = 'not agreed to', CONSTRAINT = 'ck_referral_items_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_referral_item BEFORE INSERT ON referral_items
FOR EACH ROW EXECUTE FUNCTION guard_referral_item();

CREATE FUNCTION guard_referral_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM public.referral_items i
                WHERE i.referral_id = NEW.id
                  AND NOT public.is_allowed(NEW.consent_id, NEW.ground_id, NEW.family_id,
                                            NEW.receiver_id, ARRAY[i.item])) THEN
        RAISE check_violation
            USING MESSAGE = 'not agreed to', CONSTRAINT = 'ck_referral_items_allowed';
    END IF;
    RETURN NULL;
END $$;
-- On leaving, and whenever it comes to rest on something else.
CREATE TRIGGER guard_referral_items AFTER UPDATE OF state, consent_id, ground_id ON referrals
FOR EACH ROW WHEN (NEW.state NOT IN ('draft', 'recalled') AND (OLD.state = 'draft'
                   OR NEW.consent_id IS DISTINCT FROM OLD.consent_id
                   OR NEW.ground_id IS DISTINCT FROM OLD.ground_id))
EXECUTE FUNCTION guard_referral_items();

CREATE FUNCTION guard_provision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT public.is_allowed(NEW.consent_id, NEW.ground_id, NEW.family_id, NEW.receiver_id,
                             NEW.items) THEN
        RAISE check_violation
            USING MESSAGE = 'not agreed to', CONSTRAINT = 'ck_provisions_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_provision BEFORE INSERT ON provisions
FOR EACH ROW EXECUTE FUNCTION guard_provision();

-- How long they are kept stands in each row; the day is asked of the database's own clock.
CREATE FUNCTION clear_provisions(p_on date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM public.provisions
     WHERE keep_until < least(p_on, (now() AT TIME ZONE 'Asia/Tokyo')::date);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

CREATE FUNCTION erase_signatures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.consent_signatures WHERE family_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_signatures AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_signatures();

REVOKE ALL ON FUNCTION is_allowed(uuid, uuid, uuid, uuid, text[]), guard_referral_item(),
    guard_referral_items(), guard_provision(), erase_signatures() FROM PUBLIC;
ALTER FUNCTION is_allowed(uuid, uuid, uuid, uuid, text[]) OWNER TO portal_gate;
ALTER FUNCTION guard_referral_item() OWNER TO portal_gate;
ALTER FUNCTION guard_referral_items() OWNER TO portal_gate;
ALTER FUNCTION guard_provision() OWNER TO portal_gate;
ALTER FUNCTION erase_signatures() OWNER TO portal_gate;
