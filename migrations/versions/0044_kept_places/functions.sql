-- How many places of a pool are kept for referred families in each half hour of a day: the day's own
-- number, else the weekday's, less those that referred families have taken; none once the day is so
-- near that they are given to everybody.
CREATE FUNCTION kept_cells(p_pool uuid, p_day date, p_wanted smallint[]) RETURNS smallint[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wish smallint;
BEGIN
    SELECT coalesce(
               (SELECT o.kept FROM public.pool_overrides o
                 WHERE o.pool_id = p_pool AND o.day = p_day),
               (SELECT t.kept FROM public.pool_patterns t
                 WHERE t.pool_id = p_pool AND t.weekday = extract(isodow FROM p_day) - 1
                   AND t.in_force_from <= p_day
                 ORDER BY t.in_force_from DESC LIMIT 1))
      INTO wish
      FROM public.pools p JOIN public.facilities f ON f.id = p.facility_id
     WHERE p.id = p_pool
       AND p_day > (now() AT TIME ZONE 'Asia/Tokyo')::date + f.kept_until_days;
    IF coalesce(wish, 0) = 0 THEN
        RETURN array_fill(0::smallint, ARRAY[48]);
    END IF;
    RETURN (
        SELECT array_agg(greatest(0, least(wish, w.wanted)
                   - (SELECT count(*) FROM public.pools p
                        JOIN public.bookings b ON b.facility_id = p.facility_id AND b.day = p_day
                       WHERE p.id = p_pool AND p_pool = ANY (b.pool_ids)
                         AND b.referral_id IS NOT NULL AND b.cancelled_at IS NULL
                         AND b.state <> 'cancelled'
                         AND w.cell > b.from_cell AND w.cell <= b.to_cell))::smallint
                   ORDER BY w.cell)
          FROM unnest(p_wanted) WITH ORDINALITY AS w (wanted, cell));
END $$;

-- Lays out anew what is kept of some pools' days, whose rows the caller holds. What is taken stays.
CREATE FUNCTION lay_kept(p_pools uuid[], p_days date[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.pool_days AS d
       SET (free, kept) = (
           SELECT array_agg(u.f + u.k - least(u.f + u.k, u.t) ORDER BY u.i),
                  array_agg(least(u.f + u.k, u.t) ORDER BY u.i)
             FROM unnest(d.free, d.kept, n.target) WITH ORDINALITY AS u (f, k, t, i))
      FROM (SELECT e.pool_id, e.day, public.kept_cells(e.pool_id, e.day, e.wanted) AS target
              FROM public.pool_days e
              JOIN (SELECT DISTINCT k.pool, k.day FROM unnest(p_pools, p_days) AS k (pool, day)) AS k
                ON k.pool = e.pool_id AND k.day = e.day) AS n
     WHERE d.pool_id = n.pool_id AND d.day = n.day AND d.kept <> n.target
$$;

-- Whether a stay of this family at this provider is one of a referral that is under way.
CREATE FUNCTION referral_counts(p_referral uuid, p_family uuid, p_provider uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.referrals r
                    WHERE r.id = p_referral AND r.receiver_id = p_provider
                      AND p_family IN (r.family_id, r.client_family_id)
                      AND r.state IN ('sent', 'received', 'in_contact', 'visited', 'registered')
                      AND public.referral_is_open(r.id))
$$;

-- Whether the acting body may book for a child on the spot: it sent the referral, it has met the
-- family, the child was named in it, and the family agreed to be booked for at that provider.
CREATE FUNCTION may_book_on_the_spot(p_referral uuid, p_family uuid, p_child uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (
        SELECT 1 FROM public.actor() AS who (who), public.referrals r
          JOIN public.consents c ON c.family_id = r.family_id AND c.receiver_id = r.receiver_id
           AND c.organisation_id = r.sender_id AND c.purpose = 'booking_on_the_spot'
          JOIN public.support_access s ON s.family_id = r.family_id
           AND s.organisation_id = r.sender_id
         WHERE r.id = p_referral AND r.family_id = p_family AND p_child = ANY (r.child_ids)
           AND who.who[4] IN ('liaison', 'center_worker', 'office_worker')
           AND r.sender_id = who.who[2]::uuid
           AND (r.client_family_id IS NULL OR r.client_family_id = r.family_id)
           AND public.consent_holds(c.id)
           AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))
$$;

-- The provider sees the family whose child it expects: it is on the board like any other.
CREATE FUNCTION open_family_on_the_spot(p_referrals uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.family_access
           (id, family_id, organisation_id, scope, basis, granted_by)
    SELECT gen_random_uuid(), r.family_id, r.receiver_id, 'care', 'consent',
           (public.actor())[1]::uuid
      FROM public.referrals r WHERE r.id = ANY (p_referrals)
    ON CONFLICT DO NOTHING;
    UPDATE public.referrals SET client_family_id = family_id, updated_at = now()
     WHERE id = ANY (p_referrals) AND client_family_id IS NULL
$$;

-- Whether a family has a stay at a provider that it holds, or has been there.
CREATE FUNCTION has_stays(p_family uuid, p_provider uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.bookings b
                    WHERE b.family_id = p_family AND b.organisation_id = p_provider
                      AND b.state <> 'cancelled' AND b.cancelled_at IS NULL)
$$;

-- What was opened by a booking on the spot closes again once the referral is over for the provider
-- and no stay is held: nobody keeps on reading what was passed on by a consent that has ended.
CREATE FUNCTION end_access_by_consent(p_families uuid[], p_provider uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.family_access a SET until_at = now()
     WHERE a.family_id = ANY (p_families) AND a.organisation_id = p_provider
       AND a.basis = 'consent' AND a.until_at IS NULL
       AND NOT public.has_stays(a.family_id, p_provider)
       AND NOT EXISTS (SELECT 1 FROM public.referrals r
                        WHERE r.family_id = a.family_id AND r.receiver_id = p_provider
                          AND public.referral_is_open(r.id))
$$;

CREATE FUNCTION end_access_of_recalled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.end_access_by_consent(ARRAY[NEW.family_id], NEW.receiver_id);
    RETURN NULL;
END $$;
CREATE TRIGGER end_access_of_recalled AFTER UPDATE OF state ON referrals
FOR EACH ROW WHEN (NEW.state = 'recalled') EXECUTE FUNCTION end_access_of_recalled()
