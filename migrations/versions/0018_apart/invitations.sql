-- How a second guardian, or the first one of a family entered by staff, comes to her account: by a
-- code and a child's birth date or due date. The code alone opens nothing.

-- One code at a time for a guardian; a new one ends the last.
CREATE FUNCTION invite_guardian(p_id uuid, p_guardian uuid, p_code_hash bytea, p_expires timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    target public.guardians;
BEGIN
    SELECT * INTO target FROM public.guardians WHERE id = p_guardian AND user_id IS NULL;
    IF NOT FOUND OR (public.family_open_to_staff(target.family_id)
        OR who[4] = 'guardian' AND target.family_id = who[3]::uuid AND EXISTS (
            SELECT 1 FROM public.guardians m
             WHERE m.user_id = who[1]::uuid AND m.family_id = target.family_id
               AND m.is_primary)) IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = 'not hers to invite this guardian';
    END IF;
    UPDATE public.guardian_codes SET ended_at = now()
     WHERE guardian_id = target.id AND ended_at IS NULL;
    INSERT INTO public.guardian_codes
        (id, family_id, guardian_id, code_hash, made_by, organisation_id, expires_at)
    VALUES (p_id, target.family_id, target.id, p_code_hash, who[1]::uuid, who[2]::uuid, p_expires);
END $$;

-- Answers the family that the account now belongs to, or nothing: a wrong code and a wrong date are
-- told apart to nobody. After five wrong dates the code is over.
CREATE FUNCTION claim_guardian(p_code_hash bytea, p_date date)
RETURNS TABLE (family_id uuid, guardian_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    who text[] := public.actor();
    code public.guardian_codes;
BEGIN
    IF who[1] IS NULL OR who[4] IS DISTINCT FROM 'guardian'
       OR EXISTS (SELECT 1 FROM public.guardians WHERE user_id = who[1]::uuid) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a guardian without a family claims one';
    END IF;
    SELECT * INTO code FROM public.guardian_codes
     WHERE code_hash = p_code_hash AND ended_at IS NULL AND expires_at > now() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM public.children c
                    WHERE c.family_id = code.family_id AND p_date IN (c.born_on, c.due_on)) THEN
        UPDATE public.guardian_codes SET wrong_dates = wrong_dates + 1,
               ended_at = CASE WHEN wrong_dates >= 4 THEN now() END
         WHERE id = code.id;
        RETURN;
    END IF;
    UPDATE public.guardians SET user_id = who[1]::uuid, updated_at = now()
     WHERE id = code.guardian_id AND user_id IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE public.guardian_codes SET ended_at = now(), used_by = who[1]::uuid WHERE id = code.id;
    RETURN QUERY SELECT code.family_id, code.guardian_id;
END $$;
