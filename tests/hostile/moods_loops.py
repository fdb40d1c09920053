"""States in which referrals and cases show other forms: received, joined, taken over, withdrawn."""

from __future__ import annotations

from typing import Final

from tests.hostile.mood import Mood

#: What nobody has been told of yet.
_UNTOLD = (
    (
        "DELETE FROM care_case_words WHERE report_id IN"
        " (SELECT id FROM care_case_reports WHERE case_id = :case_id)"
    ),
    "DELETE FROM care_case_reports WHERE case_id = :case_id",
)
_NOT_ARRIVED = (
    "UPDATE care_cases c SET kind = 'no_show', state = '{}', reported_at = NULL,"
    " booking_group_id = b.group_id, day = b.day, expected_at = b.starts_at"
    " FROM bookings b WHERE b.id = :booking_id AND c.id = :case_id"
)
_ACKNOWLEDGED = (
    "UPDATE care_case_reports SET seen_at = now(), acknowledged_at = now()"
    " WHERE case_id = :case_id AND receiver_id = :receiver_id"
)
_STEP = (
    "UPDATE care_case_reports SET next_step = 'watch', next_step_by = '担当',"
    " next_step_on = current_date WHERE case_id = :case_id AND receiver_id = :receiver_id"
)
_TAKEN_OVER = (
    "UPDATE care_cases SET state = 'taken_over', taken_over_by = :receiver_id,"
    " taken_over_at = now(), next_step = 'watch', next_step_on = current_date WHERE id = :case_id"
)
_REFERRAL = "UPDATE referrals SET state = '{}', state_at = now() WHERE id = :received_id"
_DRAFT = (
    "UPDATE referrals SET state = 'draft', sent_at = NULL WHERE id = :referral_id",
    "DELETE FROM referral_items WHERE referral_id = :referral_id",
)

#: Rules that ask whether the child walks, whose answer staff look at.
_RULES_OF_GATES = (
    "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
    " in_force_from, document) SELECT '00000000-0000-4000-8000-000000000902', programme_id,"
    " facility_id, organisation_id, 902, in_force_from, jsonb_set(document, '{gates}',"
    """ '[{"code": "walks_alone", "staff_confirm": true}]') FROM rulebooks"""
    " WHERE id = :rulebook_id"
)

LOOPS: Final[dict[str, Mood]] = {
    "decision to review": Mood(
        (
            (
                "UPDATE legal_grounds SET is_urgent = true, phoned_at = now(),"
                " review_due_on = current_date + 1 WHERE id = :ground_id"
            ),
        ),
        (("director", "grounds.index"),),
    ),
    "child not arrived": Mood(
        (*_UNTOLD, _NOT_ARRIVED.format("suspected")), (("staff", "office_cases.show"),)
    ),
    "absence explained": Mood(
        (*_UNTOLD, _NOT_ARRIVED.format("excused")), (("staff", "office_cases.show"),)
    ),
    "case acknowledged": Mood((_ACKNOWLEDGED,), (("liaison", "liaison_cases.show"),)),
    "case taken over": Mood(
        (_ACKNOWLEDGED, _STEP, _TAKEN_OVER), (("liaison", "liaison_cases.show"),)
    ),
    "body of the same city": Mood(
        ("UPDATE organisations SET municipality_id = :receiver_id WHERE id = :body_id",),
        (("liaison", "liaison_cases.pass_on"),),
    ),
    "referral received": Mood(
        (_REFERRAL.format("received"),),
        (
            ("staff", "office_referrals.show"),
            ("staff", "office_referrals.client"),
            ("staff", "office_referrals.refuse"),
            ("staff", "office_referrals.close"),
        ),
    ),
    "referral joined": Mood(
        (
            _REFERRAL.format("received"),
            "UPDATE referrals SET client_family_id = :family_id WHERE id = :received_id",
        ),
        (("staff", "office_referrals_onward.consents"),),
    ),
    "questions about a child": Mood(
        (_RULES_OF_GATES,),
        (("staff", "office_homes.show"), ("guardian", "selfservice_homes.child")),
    ),
    "family that goes first": Mood(
        (
            (
                "INSERT INTO priorities"
                " (id, organisation_id, family_id, kind, until_on, decided_by, decided_at)"
                " SELECT gen_random_uuid(), m.organisation_id, :family_id, 'urgent',"
                " current_date + 30, m.user_id, now() FROM memberships m"
                " WHERE m.id = :membership_id"
            ),
        ),
        (("director", "office_priority.show"),),
    ),
    "referral on a ground": Mood(
        (
            *_DRAFT,
            (
                "UPDATE consents SET withdrawn_at = now() WHERE withdrawn_at IS NULL"
                " AND family_id = (SELECT family_id FROM referrals WHERE id = :referral_id)"
            ),
            (
                "UPDATE legal_grounds g SET organisation_id = r.sender_id, family_id = r.family_id,"
                " receiver_id = r.receiver_id, items = '{name_and_phone,children}',"
                " is_urgent = true, phoned_at = now(), review_due_on = current_date + 2"
                " FROM referrals r WHERE r.id = :referral_id AND g.id = :ground_id"
            ),
        ),
        (("liaison", "liaison_interviews.show"),),
    ),
    "referral not sent yet": Mood(
        _DRAFT,
        (
            ("liaison", "liaison_interviews.show"),
            ("liaison", "liaison_interviews.receivers"),
            ("liaison", "liaison_interviews.consents"),
            ("liaison", "liaison_expected.remove"),
        ),
    ),
}
