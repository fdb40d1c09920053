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

CREATE FUNCTION erase_priorities() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.priorities SET reason_sealed = NULL, ended_at = coalesce(ended_at, now())
     WHERE family_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER erase_priorities AFTER UPDATE OF erased_at ON families
FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_priorities()
