-- Units of which a child is past start and grace without word. Cancelled and excused ones are none,
-- nor those of a time the facility itself has closed; of the day before too, should the clock have
-- stood still. A referral counts from the booking, else the family's open one to this provider.
CREATE FUNCTION no_shows_due(p_now timestamptz)
RETURNS TABLE (group_id uuid, day date, family_id uuid, child_ids uuid[], facility_id uuid,
               organisation_id uuid, starts_at timestamptz, referral_id uuid, sender_id uuid,
               sent_by uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH missing AS (
        SELECT b.group_id, b.day, b.family_id, b.facility_id, b.organisation_id,
               array_agg(b.child_id ORDER BY b.child_id) AS child_ids,
               (array_agg(b.referral_id) FILTER (WHERE b.referral_id IS NOT NULL))[1] AS origin,
               min(b.starts_at) AS starts_at
          FROM public.bookings b
          JOIN public.facilities f ON f.id = b.facility_id
          LEFT JOIN public.attendances a ON a.booking_id = b.id
          LEFT JOIN LATERAL (
                SELECT w.expected_at FROM public.words_from_families w
                 WHERE w.booking_id = b.id AND w.kind = 'late'
                 ORDER BY w.received_at DESC, w.id DESC LIMIT 1) w ON true
         WHERE b.day BETWEEN (p_now AT TIME ZONE 'Asia/Tokyo')::date - 1
                         AND (p_now AT TIME ZONE 'Asia/Tokyo')::date
           AND b.state IN ('confirmed', 'no_show') AND a.arrived_at IS NULL
           AND b.starts_at <= p_now
           AND (b.state = 'no_show'
                OR greatest(b.starts_at, w.expected_at)
                   + make_interval(mins => f.no_show_minutes) <= p_now)
           AND NOT EXISTS (
                SELECT 1 FROM public.closures c
                 WHERE c.facility_id = b.facility_id AND c.lifted_at IS NULL
                   AND b.day BETWEEN c.from_day AND c.to_day
                   AND c.from_cell < b.to_cell AND b.from_cell < c.to_cell)
           AND NOT EXISTS (
                SELECT 1 FROM public.care_cases k
                 WHERE k.booking_group_id = b.group_id AND k.day = b.day)
         GROUP BY b.group_id, b.day, b.family_id, b.facility_id, b.organisation_id
    )
    SELECT m.group_id, m.day, m.family_id, m.child_ids, m.facility_id, m.organisation_id,
           m.starts_at, r.id, r.sender_id, r.sent_by
      FROM missing m
      LEFT JOIN LATERAL (
            SELECT r.id, r.sender_id, r.sent_by FROM public.referrals r
             WHERE m.family_id IN (r.family_id, r.client_family_id)
               AND r.receiver_id = m.organisation_id
               AND (r.id = m.origin
                    OR r.state IN ('sent', 'received', 'in_contact', 'visited', 'registered', 'used'))
               AND public.referral_is_open(r.id)
             ORDER BY r.id IS NOT DISTINCT FROM m.origin DESC, r.sent_at DESC NULLS LAST, r.id LIMIT 1) r ON true
     ORDER BY m.starts_at, m.group_id
$$;

-- Consents that hold now, by which something of this family may be passed on to a body that supports
-- families, and to which. Providers are told by referrals.
CREATE FUNCTION shares_of_family(p_family uuid)
RETURNS TABLE (consent_id uuid, receiver_id uuid, asked_by uuid, items text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id, c.receiver_id, c.organisation_id, c.items
      FROM public.consents c
      JOIN public.organisations o ON o.id = c.receiver_id AND o.kind <> 'provider'
     WHERE c.family_id = ANY (public.records_of_family(p_family))
       AND c.purpose = 'referral_sharing' AND public.consent_holds(c.id)
       AND (public.family_is_known(p_family) OR session_user = 'portal_worker'
            OR EXISTS (SELECT 1 FROM public.care_case_reports t
                        WHERE t.family_id = p_family
                          AND t.receiver_id = ((SELECT public.actor())[2])::uuid))
     ORDER BY c.given_at, c.id
$$;

-- Who works for a body, so that a mail finds somebody: ids and roles alone.
CREATE FUNCTION workers_of(p_organisation uuid)
RETURNS TABLE (user_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT m.user_id, m.role
      FROM public.memberships m JOIN public.users u ON u.id = m.user_id
     WHERE m.organisation_id = p_organisation AND m.ended_at IS NULL AND u.disabled_at IS NULL
     ORDER BY m.role = 'director' DESC, m.user_id
$$;

-- Open no-shows that settled without the board: everybody of the unit came after all, or the family
-- told after the case was raised that nobody comes. A stay that was cancelled or moved settles none.
CREATE FUNCTION no_shows_settled()
RETURNS TABLE (case_id uuid, family_id uuid, organisation_id uuid, event text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT k.id, k.family_id, k.organisation_id,
           CASE WHEN bool_and(a.arrived_at IS NOT NULL) THEN 'child_arrived'
                ELSE 'family_explained' END
      FROM public.care_cases k
      JOIN public.bookings b ON b.group_id = k.booking_group_id AND b.day = k.day
                            AND b.child_id = ANY (k.child_ids)
      LEFT JOIN public.attendances a ON a.booking_id = b.id
      LEFT JOIN public.words_from_families w
             ON w.booking_id = b.id AND w.kind = 'absent' AND w.received_at >= k.raised_at
     WHERE k.kind = 'no_show' AND k.state IN ('suspected', 'checked')
       AND NOT EXISTS (SELECT 1 FROM public.care_case_events e
                        WHERE e.case_id = k.id AND e.kind = 'family_explained')
     GROUP BY k.id
    HAVING bool_and(a.arrived_at IS NOT NULL OR w.id IS NOT NULL)
     ORDER BY k.number
$$;

-- A report rests on a consent of this family towards this receiver, or a ground, that names its items
-- and holds as it leaves. ``is_allowed`` stands in 0049 and is looked up when a report is written.
CREATE FUNCTION guard_case_report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT public.is_allowed(NEW.consent_id, NEW.ground_id, NEW.family_id, NEW.receiver_id,
                             NEW.items) THEN
        RAISE check_violation
            USING MESSAGE = 'not agreed to', CONSTRAINT = 'ck_care_case_reports_allowed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_case_report BEFORE INSERT ON care_case_reports
FOR EACH ROW EXECUTE FUNCTION guard_case_report();
REVOKE ALL ON FUNCTION guard_case_report() FROM PUBLIC;
ALTER FUNCTION guard_case_report() OWNER TO portal_gate;
