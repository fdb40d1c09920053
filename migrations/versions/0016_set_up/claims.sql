-- A provider says which facility it runs; its municipality, or the operator, says whether that is so.
-- Until then the provider prepares everything; a policy of `facilities` keeps it off the public pages.

-- What has been prepared for one facility becomes that of another. Days that are laid out go along.
CREATE FUNCTION move_prepared(p_from uuid, p_to uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.programmes SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.rulebooks SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.rulebook_drafts SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.facility_hours SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.pools SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.pool_patterns SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.pool_overrides SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.pool_days SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.duty_patterns SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.duty_overrides SET facility_id = p_to WHERE facility_id = p_from;
    UPDATE public.closures SET facility_id = p_to WHERE facility_id = p_from;
$$;

-- The facilities of the lists, as open data tells of them, for a director who looks for her own.
-- Nothing a provider has prepared is told; 非公開 ones are left out.
CREATE FUNCTION listed_facilities(p_words text[], p_limit integer)
RETURNS TABLE (facility_id uuid, name text, name_kana text, kind text, address text, phone text,
               municipality_name text, is_own boolean, is_taken boolean, total bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT f.id, f.name, f.name_kana, f.kind, f.address, f.phone, o.name,
           f.organisation_id IS NOT DISTINCT FROM (public.actor())[2]::uuid,
           f.organisation_id IS NOT NULL, count(*) OVER ()
      FROM public.facilities f LEFT JOIN public.organisations o ON o.id = f.municipality_id
     WHERE f.list_key IS NOT NULL AND NOT f.is_hidden AND (public.actor())[4] = 'director'
       AND (SELECT bool_and(strpos(
                lower(normalize(concat_ws(' ', f.name, f.name_kana, f.address, f.owner_name), NFKC))
                || ' ' || translate(coalesce(f.phone, ''), '-() ', ''), word) > 0)
              FROM unnest(p_words) AS word)
     ORDER BY f.name_kana, f.name, f.id LIMIT p_limit
$$;

-- Answers a code when it may not be. `p_from`: another facility of hers that is not confirmed,
-- whose preparations go along and whose claim becomes this one.
CREATE FUNCTION claim_listed_facility(p_claim uuid, p_facility uuid, p_from uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    wanted public.facilities;
    earlier public.facilities;
BEGIN
    IF who[4] IS DISTINCT FROM 'director' OR who[2] IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a director chooses her facility';
    END IF;
    SELECT * INTO STRICT wanted FROM public.facilities
     WHERE id = p_facility AND list_key IS NOT NULL AND NOT is_hidden FOR UPDATE;
    IF wanted.organisation_id = who[2]::uuid THEN
        RETURN 'already_yours';
    ELSIF wanted.organisation_id IS NOT NULL THEN
        RETURN 'run_by_another';
    END IF;
    IF p_from IS NOT NULL THEN
        SELECT f.* INTO STRICT earlier FROM public.facilities f
          JOIN public.facility_claims c ON c.facility_id = f.id AND c.state <> 'confirmed'
         WHERE f.id = p_from AND f.organisation_id = who[2]::uuid FOR UPDATE OF f;
        IF EXISTS (SELECT 1 FROM public.bookings WHERE facility_id = p_from) THEN
            RETURN 'has_bookings';
        END IF;
        PERFORM public.move_prepared(p_from, p_facility);
        UPDATE public.facilities SET access_note = coalesce(earlier.access_note, access_note),
               closed_on_holidays = earlier.closed_on_holidays WHERE id = p_facility;
        DELETE FROM public.facility_claims WHERE facility_id = p_from;
        IF earlier.list_key IS NULL THEN
            DELETE FROM public.facilities WHERE id = p_from;
        ELSE
            UPDATE public.facilities SET organisation_id = NULL WHERE id = p_from;
        END IF;
    END IF;
    UPDATE public.facilities
       SET organisation_id = who[2]::uuid, published_at = NULL, updated_at = now()
     WHERE id = p_facility;
    DELETE FROM public.facility_claims WHERE facility_id = p_facility;
    INSERT INTO public.facility_claims
        (id, facility_id, organisation_id, municipality_id, state, asked_by, asked_at)
    VALUES (p_claim, p_facility, who[2]::uuid, wanted.municipality_id, 'waiting', who[1]::uuid,
            now());
    RETURN NULL;
END $$;

-- A facility that stands on no list, with the claim that asks its municipality to confirm it.
CREATE FUNCTION enter_facility(p_claim uuid, p_facility uuid, p_municipality uuid, p_name text,
                               p_name_kana text, p_address text, p_phone text, p_fax text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF who[4] IS DISTINCT FROM 'director' OR who[2] IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'a director enters her facility';
    END IF;
    PERFORM 1 FROM public.organisations
      WHERE id = p_municipality AND kind = 'municipality';
    IF p_municipality IS NOT NULL AND NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a municipality';
    END IF;
    INSERT INTO public.facilities
        (id, organisation_id, municipality_id, name, name_kana, address, phone, fax)
    VALUES (p_facility, who[2]::uuid, p_municipality, p_name, p_name_kana, p_address, p_phone,
            p_fax);
    INSERT INTO public.facility_claims
        (id, facility_id, organisation_id, municipality_id, state, asked_by, asked_at)
    VALUES (p_claim, p_facility, who[2]::uuid, p_municipality, 'waiting', who[1]::uuid, now());
END $$;

-- Asked once more after a no; false where there is nothing to ask.
CREATE FUNCTION ask_claim_again(p_facility uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    UPDATE public.facility_claims
       SET state = 'waiting', asked_by = who[1]::uuid, asked_at = now(), decided_by = NULL,
           decided_at = NULL
     WHERE facility_id = p_facility AND state = 'refused' AND who[4] = 'director'
       AND organisation_id = who[2]::uuid;
    RETURN FOUND;
END $$;

-- Answers a code when it may not be. After a no for a facility of a list, what was prepared goes on
-- as a facility of its own, so that the provider loses nothing and can choose again.
CREATE FUNCTION decide_claim(p_claim uuid, p_yes boolean, p_answer text, p_copy uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    claim public.facility_claims;
    place public.facilities;
BEGIN
    SELECT * INTO STRICT claim FROM public.facility_claims
     WHERE id = p_claim AND (who[4] = 'operator'
        OR who[4] = 'liaison' AND municipality_id = who[2]::uuid) FOR UPDATE;
    IF claim.state <> 'waiting' THEN
        RETURN 'claim_decided';
    END IF;
    SELECT * INTO STRICT place FROM public.facilities WHERE id = claim.facility_id FOR UPDATE;
    IF NOT p_yes AND EXISTS (SELECT 1 FROM public.bookings WHERE facility_id = place.id) THEN
        RETURN 'has_bookings';
    END IF;
    UPDATE public.facility_claims
       SET state = CASE WHEN p_yes THEN 'confirmed' ELSE 'refused' END, answer = p_answer,
           decided_by = who[1]::uuid, decided_at = now()
     WHERE id = p_claim;
    IF NOT p_yes AND place.list_key IS NOT NULL THEN
        INSERT INTO public.facilities
            (id, organisation_id, municipality_id, name, name_kana, address, building, phone, fax,
             access_note, closed_on_holidays)
        VALUES (p_copy, place.organisation_id, place.municipality_id, place.name, place.name_kana,
                place.address, place.building, place.phone, place.fax, place.access_note,
                place.closed_on_holidays);
        PERFORM public.move_prepared(place.id, p_copy);
        UPDATE public.facility_claims SET facility_id = p_copy WHERE id = p_claim;
        UPDATE public.facilities SET organisation_id = NULL, updated_at = now()
         WHERE id = place.id;
    END IF;
    RETURN NULL;
END $$;

-- Who is told that somebody waits: those who work for the municipality, else the operators.
CREATE FUNCTION claim_deciders(p_claim uuid) RETURNS TABLE (user_id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH claim AS (
        SELECT municipality_id FROM public.facility_claims
         WHERE id = p_claim AND organisation_id = (public.actor())[2]::uuid),
    liaisons AS (
        SELECT m.user_id, m.organisation_id FROM public.memberships m, claim
         WHERE m.organisation_id = claim.municipality_id AND m.role = 'liaison'
           AND m.ended_at IS NULL)
    SELECT * FROM liaisons
     UNION
    SELECT m.user_id, m.organisation_id FROM public.memberships m, claim
     WHERE m.role = 'operator' AND m.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM liaisons)
$$;
