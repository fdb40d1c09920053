"""What would be absurd in the demo's city, and what must be there to see."""

from __future__ import annotations

#: Rows of these would be absurd; each answers the ids it finds.
ABSURD = {
    "a child in two places": """
        SELECT child_id FROM bookings WHERE state IN ('confirmed', 'attended')
         GROUP BY child_id, day HAVING count(*) > 1""",
    "a stay outside the open hours of its day": """
        SELECT b.id FROM bookings b JOIN pool_days d ON d.pool_id = b.pool_ids[1] AND d.day = b.day
         WHERE 0 = ANY (d.capacity[b.from_cell + 1:b.to_cell])""",
    "somebody came on a day that was shut": """
        SELECT b.id FROM bookings b JOIN pool_days d ON d.pool_id = b.pool_ids[1] AND d.day = b.day
         WHERE b.state <> 'cancelled' AND d.closed[b.from_cell + 1]""",
    "a child in a class that is not its own": """
        SELECT b.id FROM bookings b JOIN pools p ON p.id = ANY (b.pool_ids)
         WHERE b.class_age NOT BETWEEN p.youngest_class AND p.oldest_class""",
    "booked before anybody had accepted the child, or far too young": """
        SELECT b.id FROM bookings b JOIN children c ON c.id = b.child_id
          LEFT JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id AND p.state = 'accepted'
         WHERE b.referral_id IS NULL AND (p.id IS NULL OR p.received_at > b.created_at)
            OR b.day - c.born_on < 57""",
    "booked after it began, or recorded in the time to come": """
        SELECT b.id FROM bookings b LEFT JOIN attendances a ON a.booking_id = b.id
         WHERE b.created_at >= b.starts_at OR greatest(b.created_at, b.cancelled_at,
               a.arrived_at, a.departed_at) > :now""",
    "came, and nobody looked at the record": """
        SELECT a.booking_id FROM attendances a WHERE NOT EXISTS (
            SELECT 1 FROM audit_log l WHERE l.action = 'read.child_record'
               AND a.child_id = ANY (l.subjects) AND l.organisation_id = a.organisation_id
               AND l.at BETWEEN a.arrived_at - interval '1 hour' AND a.arrived_at)""",
    "an outcome before the visit or the trial was over, or of one that never was": """
        SELECT v.id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
         WHERE v.decided_at < s.ends_at
            OR v.state IN ('attended', 'missed') AND s.starts_at > :now
            OR v.state = 'booked' AND s.ends_at < :now
        UNION ALL
        SELECT o.booking_id FROM trial_outcomes o JOIN bookings b ON b.id = o.booking_id
         WHERE o.decided_at < b.ends_at OR b.state <> 'attended' OR b.trial_part <> o.part""",
    "a session outside the open hours of its facility": """
        SELECT s.id FROM visit_sessions s WHERE s.place = 'facility' AND NOT EXISTS (
            SELECT FROM pool_days d JOIN pools p ON p.id = d.pool_id AND p.kind = 'total'
             WHERE d.facility_id = s.facility_id AND d.day = s.day
               AND 0 < ALL (d.capacity[extract(epoch FROM (s.starts_at AT TIME ZONE 'Asia/Tokyo')
                   - s.day)::int / 1800 + 1 : ceil(extract(epoch FROM
                   (s.ends_at AT TIME ZONE 'Asia/Tokyo') - s.day) / 1800)::int])
               AND NOT true = ANY (d.closed[extract(epoch FROM (s.starts_at AT TIME ZONE
                   'Asia/Tokyo') - s.day)::int / 1800 + 1 : ceil(extract(epoch FROM
                   (s.ends_at AT TIME ZONE 'Asia/Tokyo') - s.day) / 1800)::int]))""",
    "more families than seats, or one that comes twice on a day": """
        SELECT s.id FROM visit_sessions s LEFT JOIN visits v
            ON v.session_id = s.id AND v.state <> 'cancelled'
         GROUP BY s.id HAVING count(v.id) > s.seats OR count(v.id) <> s.taken
            OR s.cancelled_at IS NOT NULL AND count(v.id) > 0
        UNION ALL
        SELECT v.family_id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
         WHERE v.state <> 'cancelled' GROUP BY v.family_id, s.day HAVING count(*) > 1""",
    "booked for a session that was closed to it, or before the family was there": """
        SELECT v.id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
          JOIN families f ON f.id = v.family_id
         WHERE v.booked_at >= s.starts_at OR v.booked_at < f.created_at OR v.booked_at > :now""",
    "a trial before the acceptance, out of turn, or after the first real stay": """
        SELECT b.id FROM bookings b JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id AND p.state = 'accepted'
         WHERE b.trial_part IS NOT NULL AND (p.received_at > b.created_at OR b.trial_part > 1
               AND NOT EXISTS (SELECT FROM trial_outcomes o WHERE o.child_id = b.child_id
                   AND o.preregistration_id = p.id AND o.part = b.trial_part - 1
                   AND o.outcome = 'next' AND o.decided_at < b.starts_at)
               OR EXISTS (SELECT FROM bookings u WHERE u.child_id = b.child_id
                   AND u.facility_id = b.facility_id AND u.trial_part IS NULL
                   AND u.state <> 'cancelled' AND u.starts_at < b.starts_at))""",
    "a step done of which the trial says something else": """
        SELECT p.id FROM preregistrations p JOIN LATERAL (
            SELECT o.outcome FROM trial_outcomes o WHERE o.preregistration_id = p.id
             ORDER BY o.decided_at DESC LIMIT 1) AS last ON true
         WHERE 'trial_care' = ANY (p.steps_done) AND last.outcome <> 'next'""",
    "more registered than the rules allow, or somebody waits while there is room": """
        SELECT r.facility_id FROM rulebooks r
          CROSS JOIN LATERAL (SELECT (r.document->'registration'->>'limit')::int AS most) AS l
          LEFT JOIN preregistrations p ON p.facility_id = r.facility_id
         WHERE l.most IS NOT NULL GROUP BY r.facility_id, l.most
        HAVING count(*) FILTER (WHERE p.state = 'accepted'
                   AND p.accepted_until >= CAST(:now AS timestamptz)::date) > l.most
            OR count(*) FILTER (WHERE p.state = 'waiting') > 0
               AND count(*) FILTER (WHERE p.state = 'accepted'
                   AND p.accepted_until >= CAST(:now AS timestamptz)::date) < l.most""",
    "booked before the family had agreed": """
        SELECT b.id FROM bookings b JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id
         WHERE p.facility_agreed_at IS NOT NULL
           AND (p.family_agreed_at IS NULL OR p.family_agreed_at > b.created_at)""",
    "an application over the internet without the consent that it needs": """
        SELECT p.id FROM preregistrations p WHERE p.channel = 'web'
           AND (p.accepted_until IS NULL OR p.accepted_until > :now) AND NOT EXISTS (
            SELECT FROM consents c WHERE c.family_id = p.family_id
               AND c.receiver_id = p.organisation_id AND c.purpose = 'care_information'
               AND c.given_at <= p.received_at AND c.withdrawn_at IS NULL)""",
    "an application that still holds, made before the family was there": """
        SELECT p.id FROM preregistrations p JOIN families f ON f.id = p.family_id
         WHERE p.received_at <= f.created_at AND coalesce(p.accepted_until, :now) >= :now""",
    "a consent that nobody asked for, before the family came, or in the time to come": """
        SELECT c.id FROM consents c WHERE greatest(c.given_at, c.withdrawn_at) > :now
            OR c.purpose IN ('emergency_care', 'photographs') AND NOT EXISTS (
            SELECT FROM preregistrations p JOIN rulebooks r ON r.facility_id = p.facility_id
             WHERE p.family_id = c.family_id AND p.organisation_id = c.receiver_id
               AND r.document->'application' IS NOT NULL)
            OR NOT EXISTS (SELECT FROM families f
                            WHERE f.id = c.family_id AND f.created_at <= c.given_at)
            OR (c.source = 'portal') <> EXISTS (SELECT FROM guardians g
                             WHERE g.id = c.guardian_id AND g.user_id = c.recorded_by)""",
    "a document that the facility does not ask for, or sent after the application": """
        SELECT u.id FROM uploads u LEFT JOIN preregistrations p
            ON p.family_id = u.family_id AND p.facility_id = u.facility_id
          LEFT JOIN rulebooks r ON r.facility_id = u.facility_id
         WHERE u.purpose = 'application_document'
           AND (NOT jsonb_path_exists(r.document, '$.application.documents[*].name ? (@ == $about)',
                                      jsonb_build_object('about', u.about))
                OR (u.organisation_id IS NOT NULL) <> (p.id IS NOT NULL)
                OR u.uploaded_at > p.received_at OR u.uploaded_at > :now)""",
    "a letter of a mail that arrived, or passed on before it could be": """
        SELECT l.id FROM letters l JOIN outbox_messages o ON o.id = l.message_id
         WHERE o.sent_at IS NOT NULL OR l.made_at > :now OR l.passed_on < o.not_before::date""",
    "a referral that left without what must stand before it, or before the family was met": """
        SELECT r.id FROM referrals r JOIN interviews i ON i.id = r.interview_id
          LEFT JOIN consents c ON c.id = r.consent_id LEFT JOIN consents t ON t.id = r.told_id
         WHERE r.sent_at IS NOT NULL AND (i.guide_ticked_on IS NULL OR r.sent_at > :now
            OR i.held_on > r.sent_at::date + 1
            OR r.ground_id IS NULL AND (c.given_at IS NULL OR t.given_at IS NULL
               OR greatest(c.given_at, t.given_at) > r.sent_at))""",
    "a step on the way before the one that it follows, or in the time to come": """
        SELECT id FROM referrals WHERE received_at < sent_at OR contacted_at < received_at
            OR visited_at < contacted_at OR registered_at < visited_at OR used_at < registered_at
            OR greatest(sent_at, received_at, contacted_at, visited_at, registered_at, used_at,
                        closed_at, state_at, created_at) > :now""",
    "a family pressed: two advances within twenty hours, or one in the night": """
        SELECT c.id FROM contacts c
         WHERE c.nature = 'advance'
           AND (extract(hour FROM c.at AT TIME ZONE 'Asia/Tokyo') NOT BETWEEN 8 AND 19
                OR EXISTS (SELECT FROM contacts o WHERE o.family_id = c.family_id AND o.id <> c.id
                      AND o.nature = 'advance'
                      AND o.at BETWEEN c.at - interval '20 hours' AND c.at))""",
    "a case closed by a provider that had told others, or told before it was raised": """
        SELECT k.id FROM care_cases k JOIN care_case_reports t ON t.case_id = k.id
         WHERE t.sent_at < k.raised_at OR t.acknowledged_at < t.sent_at OR t.sent_at > :now
            OR k.state = 'closed' AND t.sent_by IS NOT NULL AND k.taken_over_by IS NULL""",
    "nobody knows who did it": """
        SELECT b.id FROM bookings b WHERE NOT EXISTS (
            SELECT 1 FROM audit_log l WHERE l.action = 'booking.placed'
               AND b.id = ANY (l.subjects) AND l.family_id = b.family_id)""",
}

#: Where somebody looks there is something to see.
SEEN = {
    "every outcome": ("SELECT DISTINCT state FROM bookings", 5),
    "every way in": ("SELECT DISTINCT channel FROM bookings WHERE channel <> 'web'", 2),
    "late and absent": ("SELECT DISTINCT kind FROM words_from_families", 2),
    "cancelled at a price": ("SELECT id FROM bookings WHERE cancel_fee_yen > 0", 1),
    "cancelled for the storm": (
        "SELECT id FROM bookings WHERE cancel_reason = 'closed_by_facility'",
        1,
    ),
    "changed": ("SELECT id FROM audit_log WHERE action = 'booking.changed'", 3),
    "applications of every kind": ("SELECT DISTINCT state FROM preregistrations", 6),
    "an answer that is late": (
        "SELECT id FROM preregistrations WHERE state = 'applied' AND answer_by < :now",
        1,
    ),
    "conditions not agreed to": (
        "SELECT id FROM preregistrations WHERE has_conditions AND family_agreed_at IS NULL",
        1,
    ),
    "brothers and sisters with different answers": (
        "SELECT application_id FROM preregistrations GROUP BY 1 HAVING count(DISTINCT state) > 1",
        1,
    ),
    "renewals": ("SELECT id FROM preregistrations WHERE renewal_asked_at IS NOT NULL", 1),
    "sessions of every kind": ("SELECT DISTINCT kind FROM visit_sessions", 5),
    "what became of visits": ("SELECT DISTINCT state FROM visits", 4),
    "outcomes of visits": ("SELECT DISTINCT outcome FROM visits WHERE outcome IS NOT NULL", 3),
    "a session that is full, one that is off": (
        """SELECT DISTINCT cancelled_at IS NULL FROM visit_sessions
            WHERE starts_at > :now AND (taken = seats OR cancelled_at IS NOT NULL)""",
        2,
    ),
    "outcomes of trials": ("SELECT DISTINCT outcome FROM trial_outcomes", 2),
    "births told, and one closed": (
        """SELECT DISTINCT ended_at IS NULL FROM children WHERE due_on IS NOT NULL
              AND (born_told_at IS NOT NULL OR ended_at IS NOT NULL)""",
        2,
    ),
    "twins of one birth": ("SELECT id FROM children WHERE born_with IS NOT NULL", 1),
    "a birth awaited beyond its day": (
        "SELECT id FROM children WHERE born_on IS NULL AND ended_at IS NULL AND due_on < :now",
        1,
    ),
    "records by sections": ("SELECT DISTINCT section FROM record_sections", 10),
    "records that staff have read, and not since": (
        """SELECT DISTINCT c.changed_at > r.seen_at FROM child_records c
             JOIN record_readings r ON r.record_id = c.id WHERE c.changed_at IS NOT NULL""",
        1,
    ),
    "records to be asked for again": (
        "SELECT id FROM child_records WHERE confirmed_on < CAST(:now AS timestamptz)::date - 90",
        5,
    ),
    "consents given in the portal, on paper, and spoken": (
        "SELECT DISTINCT source FROM consents",
        3,
    ),
    "a consent refused, another taken back": (
        "SELECT DISTINCT is_refusal FROM consents WHERE withdrawn_at IS NOT NULL",
        2,
    ),
    "documents with applications, and one not sent yet": (
        """SELECT DISTINCT organisation_id IS NULL FROM uploads
            WHERE purpose = 'application_document'""",
        2,
    ),
    "photos of who picks up": ("SELECT id FROM pickup_persons WHERE photo_id IS NOT NULL", 2),
    "letters printed, and passed on": ("SELECT DISTINCT way IS NULL FROM letters", 2),
    "a registration that went on": (
        "SELECT id FROM audit_log WHERE action = 'preregistration.extend'",
        1,
    ),
    "a family that waits for a registration": (
        "SELECT id FROM preregistrations WHERE state = 'waiting'",
        1,
    ),
    "a form left half-filled": ("SELECT id FROM drafts", 1),
    "letters to families without mail": (
        "SELECT id FROM outbox_messages WHERE dropped_at IS NOT NULL AND last_error = 'nobody'",
        2,
    ),
    "a trial of which nobody has said yet what comes next": (
        """SELECT b.id FROM bookings b LEFT JOIN trial_outcomes o ON o.booking_id = b.id
            WHERE b.trial_part IS NOT NULL AND b.state = 'attended' AND o.booking_id IS NULL""",
        1,
    ),
    "trials ahead": (
        "SELECT id FROM bookings WHERE trial_part IS NOT NULL AND state = 'confirmed'",
        2,
    ),
    "questions and answers": (
        "SELECT DISTINCT is_from_family FROM preregistration_messages",
        2,
    ),
    "mails that never arrive": ("SELECT id FROM outbox_messages WHERE failed_at IS NOT NULL", 1),
    "families that phone": ("SELECT id FROM families WHERE basis <> 'self'", 2),
    "expected children": ("SELECT id FROM children WHERE born_on IS NULL", 2),
    "bodies of every kind, in two municipalities": (
        "SELECT DISTINCT kind FROM organisations WHERE kind NOT IN ('provider', 'operator')",
        5,
    ),
    "referrals in every state": ("SELECT DISTINCT state FROM referrals", 11),
    "families referred in each of three months": (
        "SELECT DISTINCT date_trunc('month', sent_at) FROM referrals WHERE sent_at IS NOT NULL",
        3,
    ),
    "referred families": ("SELECT DISTINCT family_id FROM referrals", 30),
    "overdue referrals": (
        "SELECT id FROM referrals WHERE next_on < CAST(:now AS timestamptz)::date",
        3,
    ),
    "outcomes with their reasons": (
        "SELECT DISTINCT outcome FROM referrals WHERE outcome_words_sealed IS NOT NULL",
        1,
    ),
    "agreed to on the tablet and on paper": (
        "SELECT DISTINCT source FROM consents WHERE purpose = 'referral_sharing'",
        2,
    ),
    "a consent to pass on withdrawn": (
        "SELECT id FROM referrals WHERE state = 'recalled' AND outcome = 'withdrawn'",
        1,
    ),
    "a referral of a child that is awaited no more": (
        "SELECT id FROM referrals WHERE outcome = 'ended'",
        1,
    ),
    "places booked in the interview": (
        "SELECT DISTINCT state FROM bookings WHERE referral_id IS NOT NULL",
        2,
    ),
    "places kept": ("SELECT pool_id FROM pool_days WHERE 1 = ANY (kept)", 10),
    "plans due today, and later ones": (
        """SELECT DISTINCT next_on <= CAST(:now AS timestamptz)::date + 1 FROM outreach_plans
            WHERE ended_at IS NULL""",
        2,
    ),
    "results of calls": ("SELECT DISTINCT result FROM contacts WHERE nature = 'advance'", 5),
    "wishes of families": (
        "SELECT DISTINCT (channels, not_before IS NULL, stops) FROM contact_wishes",
        4,
    ),
    "no-shows in every state but one": (
        "SELECT DISTINCT state FROM care_cases WHERE kind = 'no_show'",
        5,
    ),
    "worries, urgent ones too": (
        "SELECT DISTINCT urgency FROM care_cases WHERE kind = 'worry'",
        2,
    ),
    "what comes next, named by whom": (
        "SELECT DISTINCT next_step FROM care_case_reports WHERE next_step IS NOT NULL",
        4,
    ),
    "steps and answers that are late": (
        """SELECT id FROM care_case_reports
            WHERE acknowledged_at IS NULL AND due_at < :now
               OR next_step_on < CAST(:now AS timestamptz)::date AND done_at IS NULL""",
        2,
    ),
    "decisions without consent, released and not": (
        "SELECT DISTINCT (is_urgent, released_at IS NULL) FROM legal_grounds",
        3,
    ),
    "stays booked for weeks to come": (
        "SELECT DISTINCT day FROM bookings WHERE day > CAST(:now AS timestamptz)::date + 30",
        5,
    ),
}
