-- Whether a stay of this family at this provider is one of a priority that holds on its day: entered
-- by its own staff, of whom those who need not know cannot name one.
CREATE FUNCTION priority_counts(p_priority uuid, p_family uuid, p_provider uuid, p_day date)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.actor() AS who (who), public.priorities p
         WHERE p.id = p_priority AND p.family_id = p_family AND p.organisation_id = p_provider
           AND p.ended_at IS NULL AND p_day <= p.until_on
           AND who.who[4] IN ('director', 'staff') AND who.who[2]::uuid = p_provider
           AND who.who[6] IS DISTINCT FROM 'plain')
$$;

-- Says whether a member of staff may know why a family is supported; a director always may.
CREATE FUNCTION set_support_knowledge(p_membership uuid, p_knows boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    member public.memberships := public.managed_membership(p_membership);
BEGIN
    IF member.role <> 'staff' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only of staff this is said';
    END IF;
    UPDATE public.memberships SET knows_support = p_knows
     WHERE id = member.id AND knows_support <> p_knows;
    RETURN FOUND;
END $$;

-- Whether the acting guardian herself gave a consent in an interview, under another record of her
-- family that a referral joins with this one: the same telephone says that it is she. Another
-- guardian of the joined record learns nothing.
CREATE FUNCTION consent_is_mine(p_consent uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.actor() AS who (who), public.consents c
          JOIN public.referrals r ON r.family_id = c.family_id
           AND r.client_family_id <> c.family_id
          JOIN public.guardians mine ON mine.family_id = r.client_family_id
          JOIN public.guardians gave ON gave.family_id = c.family_id
           AND gave.phone_digits = mine.phone_digits
         WHERE c.id = p_consent AND who.who[3]::uuid = r.client_family_id
           AND mine.user_id = who.who[1]::uuid
           AND (c.guardian_id IS NULL OR c.guardian_id = gave.id)
           AND c.purpose IN ('referral_sharing', 'contact_told', 'booking_on_the_spot'))
$$;

CREATE FUNCTION erase_priorities() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.priorities SET reason_sealed = NULL, ended_at = coalesce(ended_at, now())
     WHERE family_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_priorities AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_priorities()
