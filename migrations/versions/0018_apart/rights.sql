-- What each guardian is kept from, and by what protection.

CREATE FUNCTION family_open_to_staff(p_family uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((public.actor())[4] IN ('director', 'staff'), false) AND EXISTS (
        SELECT 1 FROM public.family_access a
         WHERE a.family_id = p_family AND a.organisation_id = (public.actor())[2]::uuid
           AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))
$$;

-- All rights where a protected address stands against her; else what was set for her. A protection
-- holds until somebody ends it, not until its date: it must not lapse unseen.
CREATE FUNCTION withheld_from(p_guardian uuid) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN EXISTS (
               SELECT 1 FROM public.protections p
                WHERE p.family_id = g.family_id AND p.set_at IS NOT NULL AND p.ended_at IS NULL
                  AND p.guardian_id <> g.id AND NOT g.id = ANY (p.except_for))
           THEN ARRAY['bookings', 'book', 'children', 'contacts', 'mails', 'pickup']
           ELSE g.withheld END
      FROM public.guardians g WHERE g.id = p_guardian
$$;

-- For those to whom a family is open in full: from whom in it something is withheld, and what.
CREATE FUNCTION rights_in_families(p_families uuid[])
RETURNS TABLE (family_id uuid, guardian_id uuid, withheld text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT g.family_id, g.id, CASE WHEN p.id IS NULL THEN g.withheld ELSE
               ARRAY['bookings', 'book', 'children', 'contacts', 'mails', 'pickup'] END
      FROM public.guardians g
     CROSS JOIN (SELECT public.actor() AS is) AS who
      LEFT JOIN public.protections p
        ON p.family_id = g.family_id AND p.set_at IS NOT NULL AND p.ended_at IS NULL
       AND p.guardian_id <> g.id AND NOT g.id = ANY (p.except_for)
     WHERE g.family_id = ANY (p_families) AND (p.id IS NOT NULL OR cardinality(g.withheld) > 0)
       AND (g.family_id = who.is[3]::uuid OR g.user_id = who.is[1]::uuid
            OR who.is[4] IN ('director', 'staff') AND EXISTS (
                SELECT 1 FROM public.family_access a
                 WHERE a.family_id = g.family_id AND a.organisation_id = who.is[2]::uuid
                   AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at)))
$$;

-- Addresses that open without sign-in may have been passed on before: none of them goes on.
CREATE FUNCTION end_family_addresses(p_family uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.families SET links_from = now() WHERE id = p_family;
    UPDATE public.secret_addresses SET ended_at = now()
     WHERE family_id = p_family AND ended_at IS NULL
$$;

-- The first guardian for the others, or staff to whom the family is open. Somebody keeps every right.
CREATE FUNCTION set_guardian_rights(p_guardian uuid, p_withheld text[]) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    target public.guardians;
BEGIN
    SELECT * INTO target FROM public.guardians WHERE id = p_guardian;
    IF NOT FOUND OR (public.family_open_to_staff(target.family_id)
        OR who[4] = 'guardian' AND target.family_id = who[3]::uuid AND EXISTS (
            SELECT 1 FROM public.guardians m
             WHERE m.user_id = who[1]::uuid AND m.family_id = target.family_id
               AND m.is_primary AND m.id <> target.id)) IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = 'not hers to say what this guardian may do';
    END IF;
    -- Two at once must not take the last one's rights away between them.
    PERFORM 1 FROM public.guardians WHERE family_id = target.family_id ORDER BY id FOR UPDATE;
    IF cardinality(p_withheld) > 0 AND NOT EXISTS (
        SELECT 1 FROM public.guardians g
         WHERE g.family_id = target.family_id AND g.id <> target.id
           AND cardinality(public.withheld_from(g.id)) = 0) THEN
        RETURN false;
    END IF;
    UPDATE public.guardians SET withheld = p_withheld, updated_at = now() WHERE id = target.id;
    IF 'bookings' = ANY (p_withheld) THEN
        PERFORM public.end_family_addresses(target.family_id);
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION request_protection(p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    me public.guardians;
BEGIN
    SELECT * INTO me FROM public.guardians
     WHERE user_id = who[1]::uuid AND who[4] = 'guardian'
       AND family_id = coalesce(who[3], who[5])::uuid;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'a guardian asks for herself';
    END IF;
    INSERT INTO public.protections (id, family_id, guardian_id, requested_at)
    VALUES (p_id, me.family_id, me.id, now())
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

-- Staff set it, on what was shown to them; a request that stands becomes the protection. False where
-- another guardian of the family is protected already.
CREATE FUNCTION set_protection(p_id uuid, p_guardian uuid, p_except_for uuid[], p_shown text,
                               p_shown_on date, p_until_on date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    target public.guardians;
BEGIN
    SELECT * INTO target FROM public.guardians WHERE id = p_guardian;
    IF NOT FOUND OR NOT public.family_open_to_staff(target.family_id) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this family is not open to the provider';
    END IF;
    PERFORM 1 FROM public.guardians WHERE family_id = target.family_id ORDER BY id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM public.protections
                WHERE family_id = target.family_id AND set_at IS NOT NULL AND ended_at IS NULL) THEN
        RETURN false;
    END IF;
    UPDATE public.protections SET ended_at = now(), ended_by = who[1]::uuid, end_reason = 'set'
     WHERE guardian_id = target.id AND set_at IS NULL AND ended_at IS NULL;
    INSERT INTO public.protections
        (id, family_id, guardian_id, except_for, shown, shown_on, until_on, organisation_id,
         set_by, set_at, address)
    VALUES (p_id, target.family_id, target.id, p_except_for, p_shown, p_shown_on, p_until_on,
            who[2]::uuid, who[1]::uuid, now(), target.address);
    -- She is the first to call now, and her address is seen by asking for it alone.
    UPDATE public.guardians SET is_primary = id = target.id, updated_at = now(),
           address = CASE WHEN id = target.id THEN NULL ELSE address END,
           withheld = CASE WHEN id = target.id THEN '{}' ELSE withheld END
     WHERE family_id = target.family_id;
    PERFORM public.end_family_addresses(target.family_id);
    -- Nobody comes in with a code she gave away, or goes on in her name on a device left behind.
    UPDATE public.guardian_codes SET ended_at = now()
     WHERE family_id = target.family_id AND ended_at IS NULL;
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE user_id = target.user_id AND ended_at IS NULL AND membership_id IS NULL;
    RETURN true;
END $$;

-- A new notice was shown, or another person may see after all.
CREATE FUNCTION renew_protection(p_id uuid, p_except_for uuid[], p_shown text, p_shown_on date,
                                 p_until_on date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.protections
       SET except_for = p_except_for, shown = p_shown, shown_on = p_shown_on,
           until_on = p_until_on, organisation_id = (public.actor())[2]::uuid,
           set_by = (public.actor())[1]::uuid
     WHERE id = p_id AND set_at IS NOT NULL AND ended_at IS NULL
       AND public.family_open_to_staff(family_id);
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'no protection of a family open to the actor';
    END IF;
END $$;

-- The address goes back to where it stood. A request that is not taken up ends here too.
CREATE FUNCTION end_protection(p_id uuid, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended public.protections;
BEGIN
    UPDATE public.protections SET ended_at = now(), ended_by = (public.actor())[1]::uuid,
           end_reason = p_reason
     WHERE id = p_id AND ended_at IS NULL AND public.family_open_to_staff(family_id)
    RETURNING * INTO ended;
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'no protection of a family open to the actor';
    END IF;
    IF ended.address IS NOT NULL THEN
        UPDATE public.guardians SET address = ended.address WHERE id = ended.guardian_id;
        UPDATE public.protections SET address = NULL WHERE id = ended.id;
    END IF;
END $$;

-- Answers the protected address; the trace is left here, so that no caller can forget it. Her own
-- address a guardian may always see.
CREATE FUNCTION reveal_protected_address(p_entry uuid, p_guardian uuid, p_reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    held public.protections;
BEGIN
    SELECT p.* INTO held FROM public.protections p JOIN public.guardians g ON g.id = p.guardian_id
     WHERE p.guardian_id = p_guardian AND p.set_at IS NOT NULL AND p.ended_at IS NULL
       AND (g.user_id = who[1]::uuid AND who[4] = 'guardian'
            OR public.family_open_to_staff(p.family_id));
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'not an address this actor may ask for';
    END IF;
    IF who[4] <> 'guardian' THEN
        IF btrim(coalesce(p_reason, '')) = '' THEN
            RAISE insufficient_privilege USING MESSAGE = 'say what the address is needed for';
        END IF;
        INSERT INTO public.audit_log
            (id, user_id, organisation_id, family_id, role, action, subjects, detail)
        VALUES (p_entry, who[1]::uuid, who[2]::uuid, held.family_id, who[4],
                'read.protected_address', ARRAY[p_guardian],
                jsonb_build_object('reason', p_reason));
    END IF;
    RETURN held.address;
END $$;

-- Whoever writes a protected guardian's address, it goes where the others are not.
CREATE FUNCTION keep_protected_address() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.protections SET address = NEW.address
     WHERE guardian_id = NEW.id AND set_at IS NOT NULL AND ended_at IS NULL;
    IF FOUND THEN
        NEW.address := NULL;
    END IF;
    RETURN NEW;
END $$;
