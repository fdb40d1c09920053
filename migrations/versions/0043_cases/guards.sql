CREATE FUNCTION case_told_to_me(p_case uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.care_case_reports t
                    WHERE t.case_id = p_case AND t.receiver_id = (public.actor())[2]::uuid)
$$;

-- The right side ends a case: where others were told by somebody, or had to be, one of them that
-- acknowledged and said what comes next; a provider alone only where nothing had to be told. A
-- referral that was recalled, or whose consent ended, binds nobody any more.
CREATE FUNCTION guard_case() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF NEW.state = 'closed' AND OLD.state <> 'closed' THEN
        IF EXISTS (SELECT 1 FROM public.care_case_reports t
                    WHERE t.case_id = NEW.id AND t.sent_by IS NOT NULL)
           OR OLD.kind = 'worry'
           OR public.referral_is_open(OLD.referral_id) AND OLD.state <> 'excused' THEN
            IF NOT EXISTS (SELECT 1 FROM public.care_case_reports t
                            WHERE t.case_id = NEW.id AND t.receiver_id = who[2]::uuid
                              AND t.acknowledged_at IS NOT NULL AND t.next_step IS NOT NULL) THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'somebody must have taken this family over first';
            END IF;
        END IF;
    END IF;
    IF OLD.state = 'closed' AND NEW.state <> 'closed' THEN
        RAISE insufficient_privilege USING MESSAGE = 'a closed case stays closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_case BEFORE UPDATE ON care_cases
FOR EACH ROW EXECUTE FUNCTION guard_case();

-- What is kept: that there was a case, its days and who took it over (ids and codes). What was said
-- goes.
CREATE FUNCTION erase_cases() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    DELETE FROM public.care_case_words WHERE family_id = NEW.id;
    UPDATE public.care_case_reports SET next_words_sealed = NULL
     WHERE family_id = NEW.id;
    UPDATE public.care_case_events SET words_sealed = NULL WHERE family_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_cases AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_cases();

REVOKE ALL ON FUNCTION case_told_to_me(uuid), guard_case(), erase_cases() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_told_to_me(uuid) TO portal_app, portal_worker;
ALTER FUNCTION case_told_to_me(uuid) OWNER TO portal_gate;
ALTER FUNCTION guard_case() OWNER TO portal_gate;
ALTER FUNCTION erase_cases() OWNER TO portal_gate;
