-- Whether the acting body may book for a child on the spot: it sent the referral, it has met the
-- family, the child was named in it, or is the one that the provider's own record has for it, and the family agreed to be booked for at that provider.
CREATE OR REPLACE FUNCTION may_book_on_the_spot(p_referral uuid, p_family uuid, p_child uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.actor() AS who (who), public.referrals r
          JOIN public.consents c ON c.family_id = r.family_id AND c.receiver_id = r.receiver_id
           AND c.organisation_id = r.sender_id AND c.purpose = 'booking_on_the_spot'
          JOIN public.support_access s ON s.family_id = r.family_id
           AND s.organisation_id = r.sender_id
         WHERE r.id = p_referral AND (
               r.family_id = p_family AND p_child = ANY (r.child_ids)
                   AND (r.client_family_id IS NULL OR r.client_family_id = r.family_id)
               OR r.client_family_id = p_family AND r.client_family_id <> r.family_id
                   AND EXISTS (SELECT 1 FROM unnest(r.child_ids) AS meant (id)
                                WHERE public.child_there(r.id, meant.id) = p_child))
           AND who.who[4] IN ('liaison', 'center_worker', 'office_worker')
           AND r.sender_id = who.who[2]::uuid
           AND public.consent_holds(c.id)
           AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))
$$;

-- The provider sees the family whose child it expects: it is on the board like any other.
CREATE OR REPLACE FUNCTION open_family_on_the_spot(p_referrals uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.family_access
           (id, family_id, organisation_id, scope, basis, granted_by)
    SELECT gen_random_uuid(), r.family_id, r.receiver_id, 'care', 'consent',
           (public.actor())[1]::uuid
      FROM public.referrals r WHERE r.id = ANY (p_referrals)
       AND (r.client_family_id IS NULL OR r.client_family_id = r.family_id)
    ON CONFLICT DO NOTHING;
    UPDATE public.referrals SET client_family_id = family_id, updated_at = now()
     WHERE id = ANY (p_referrals) AND client_family_id IS NULL
$$;
