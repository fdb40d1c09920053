"""States of the world in which other forms are shown: a child is here today, an answer is awaited.

Each mood shifts the one world by plain SQL, past triggers and row-level security; the try that it
belongs to takes it back with everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from portal.accounts.second_factor import seal_secret
from tests.hostile.forms import TOTP_SECRET
from tests.hostile.mood import Mood
from tests.hostile.moods_loops import LOOPS
from tests.hostile.moods_rules import RULES
from tests.pages.authorization_expectations import HALF_IN

if TYPE_CHECKING:
    from tests.hostile.world import Bench

#: Nothing of today began yesterday, though the tests run soon after midnight.
_MIDNIGHT = "(date_trunc('day', now() AT TIME ZONE 'Asia/Tokyo') AT TIME ZONE 'Asia/Tokyo')"
_TODAY = (
    "UPDATE bookings SET day = (now() AT TIME ZONE 'Asia/Tokyo')::date,"
    f" starts_at = greatest(now() - interval '90 minutes', {_MIDNIGHT}),"
    " ends_at = now() + interval '1 hour' WHERE id = :booking_id"
)
_ARRIVED = (
    "INSERT INTO attendances (booking_id, facility_id, organisation_id, family_id, child_id, day,"
    " arrived_at) SELECT id, facility_id, organisation_id, family_id, child_id, day,"
    " greatest(now() - interval '1 hour', starts_at) FROM bookings WHERE id = :booking_id"
)

_STATE = "UPDATE bookings SET state = '{}' WHERE id = :booking_id"
_APPLICATION = (
    "UPDATE preregistrations SET state = '{}', accepted_until = NULL WHERE id = :preregistration_id"
)


#: The child of the world has another registration, and nothing runs for its own.
OTHER_REGISTRATION = "11111111-0000-4000-8000-000000000002"
_TWICE = (
    (
        "INSERT INTO children (id, family_id, name, search_key, born_on)"
        f" SELECT '{OTHER_REGISTRATION}', family_id, 'また おなじ', 'またおなじ', born_on"
        " FROM children WHERE id = :child_id"
    ),
    "UPDATE bookings SET state = 'cancelled' WHERE child_id = :child_id",
    (
        "UPDATE preregistrations SET state = 'withdrawn', accepted_until = NULL"
        " WHERE child_id = :child_id"
    ),
    "UPDATE visits SET child_ids = array_remove(child_ids, CAST(:child_id AS uuid))",
)


_BOARD = (("staff", "office_board.stay"), ("guardian", "words.own"))
_APPLICATIONS = (
    ("staff", "office_preregistrations.show"),
    ("staff", "office_preregistrations.new"),
    ("guardian", "selfservice_preregistrations.show"),
    *(
        ("guardian", f"selfservice_application.{part}")
        for part in ("children", "health", "words", "documents", "document", "consents", "check")
    ),
)
_REGISTRATIONS = (
    ("staff", "office_preregistrations.show"),
    ("guardian", "selfservice_preregistrations.show"),
)
#: The rules of a mood have one id, each time it is put on: what a page has sealed names them.
_RULES_OF_REGISTRATION = (
    "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
    " in_force_from, document) SELECT '00000000-0000-4000-8000-000000000900', programme_id,"
    " facility_id, organisation_id, 900, in_force_from, jsonb_set(document, '{registration}',"
    """ '{"agreement": true, "limit": 90, "answer_days": 3, "renewal": {"days_before": 60}}')"""
    " FROM rulebooks WHERE id = :rulebook_id"
)
#: Rules whose trial care is a family's to book, though nothing waits for it.
_RULES_OF_TRIALS = (
    "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
    " in_force_from, document) SELECT '00000000-0000-4000-8000-000000000901', programme_id,"
    " facility_id, organisation_id, 901, in_force_from, jsonb_set(document, '{steps}',"
    """ '{"steps": [{"kind": "tour", "demand": "recommended"}, {"kind": "trial_care","""
    """ "demand": "recommended", "trial": {"parts": [{"longest_minutes": 60}]}}]}')"""
    " FROM rulebooks WHERE id = :rulebook_id"
)
_TRIAL = "UPDATE bookings SET state = '{}' WHERE id = :trial_id"
_ENDS_SOON = (
    "UPDATE preregistrations SET accepted_until = now()::date + 20 WHERE id = :preregistration_id"
)
_AGREEMENT = (
    "UPDATE preregistrations SET has_conditions = true, renewal_asked_at = now(),"
    " renewal_channel = 'phone' WHERE id = :preregistration_id"
)
_SESSION_TODAY = (
    "UPDATE visit_sessions SET day = (now() AT TIME ZONE 'Asia/Tokyo')::date,"
    f" starts_at = greatest(now() - interval '40 minutes', {_MIDNIGHT}),"
    f" ends_at = greatest(now() - interval '10 minutes', {_MIDNIGHT} + interval '1 second')"
    " WHERE id = :session_id"
)
_FACILITY = (
    ("director", "office_facility.index"),
    ("director", "office_preview.publish"),
    ("director", "calendars.facility"),
    ("staff", "office_place_days.day"),
)
PLAIN: Final = Mood()
MOODS: Final[dict[str, Mood]] = {
    "plain": PLAIN,
    "child expected today": Mood((_TODAY,), _BOARD),
    "child here": Mood((_TODAY, _ARRIVED, _STATE.format("attended")), _BOARD),
    "child absent": Mood((_TODAY, _STATE.format("no_show")), _BOARD),
    "application waits": Mood((_APPLICATION.format("applied"),), _APPLICATIONS),
    "question waits": Mood((_APPLICATION.format("asked_back"),), _APPLICATIONS),
    "application in line": Mood(
        (_RULES_OF_REGISTRATION, _APPLICATION.format("waiting")),
        (*_REGISTRATIONS, ("staff", "office_preregistrations.index")),
    ),
    "to let wait": Mood((_RULES_OF_REGISTRATION, _APPLICATION.format("applied")), _REGISTRATIONS),
    "conditions to read": Mood(
        (_AGREEMENT,), (*_REGISTRATIONS, ("staff", "office_preregistrations.index?show=renew"))
    ),
    "season of renewal": Mood((_RULES_OF_REGISTRATION, _ENDS_SOON), _REGISTRATIONS),
    "no application yet": Mood((_APPLICATION.format("withdrawn"),), _APPLICATIONS),
    "record not asked": Mood(
        # In this order: past triggers nothing follows of itself.
        tuple(
            f"DELETE FROM {table} WHERE child_id = :child_id"
            for table in ("record_sections", "child_records")
        ),
        (("guardian", "selfservice_children.record"),),
    ),
    "child not born yet": Mood(
        (
            "UPDATE children SET born_on = NULL, due_on = now()::date + 20 WHERE id = :child_id",
            (
                "UPDATE preregistrations SET state = 'applied', accepted_until = NULL"
                " WHERE child_id = :child_id"
            ),
        ),
        (
            ("guardian", "selfservice_expected.born"),
            ("guardian", "selfservice_expected.close"),
            ("staff", "office_families_expected.born"),
            ("staff", "office_families_expected.close"),
        ),
    ),
    "registered twice": Mood(_TWICE, (("staff", "office_families_twice.close"),)),
    "second registration closed": Mood(
        (
            *_TWICE,
            (
                "UPDATE children SET ended_at = now(), ended_kind = 'entered_twice', same_as ="
                " (SELECT id FROM children WHERE name = 'また おなじ') WHERE id = :child_id"
            ),
        ),
        (("staff", "office_families_twice.undo"),),
    ),
    "met child not born yet": Mood(
        (
            (
                "UPDATE children SET born_on = NULL, due_on = now()::date + 20"
                " WHERE family_id IN (SELECT family_id FROM interviews)"
            ),
        ),
        (("liaison", "liaison_expected.close"),),
    ),
    "met child closed": Mood(
        (
            (
                "UPDATE children SET ended_at = now(), ended_kind = 'no_longer'"
                " WHERE born_on IS NULL AND family_id IN (SELECT family_id FROM interviews)"
            ),
        ),
        (("liaison", "liaison_expected.closed"),),
    ),
    "birth told today": Mood(
        (
            (
                "UPDATE children SET born_on = now()::date - 2, due_on = now()::date,"
                " born_told_at = now() WHERE id = :child_id"
            ),
        ),
        (
            ("guardian", "selfservice_expected.told"),
            ("staff", "office_families_expected.undo_birth"),
        ),
    ),
    "no photo yet": Mood(
        (_APPLICATION.format("withdrawn"), "DELETE FROM uploads WHERE id = :upload_id"),
        (("guardian", "selfservice_application.document"),),
    ),
    "trial to book": Mood(
        (_RULES_OF_TRIALS, _TRIAL.format("cancelled")),
        (("guardian", "selfservice_trials.new"), ("staff", "office_steps.show")),
    ),
    "trial attended": Mood((_TRIAL.format("attended"),), (("staff", "office_trials.show"),)),
    "visit today": Mood((_SESSION_TODAY,), (("staff", "office_visits.show"),)),
    "visit attended": Mood(
        (_SESSION_TODAY, "UPDATE visits SET state = 'attended' WHERE id = :visit_id"),
        (("staff", "office_visits.show"), ("staff", "office_visits_people.outcome")),
    ),
    "visit cancelled": Mood(
        (
            (
                "UPDATE visits SET state = 'cancelled', cancelled_at = now(),"
                " cancelled_by_family = true WHERE id = :visit_id"
            ),
        ),
        (("guardian", "selfservice_visits.book"), ("staff", "office_visits_people.enter")),
    ),
    "another session": Mood(
        (
            (
                "INSERT INTO visit_sessions (id, organisation_id, facility_id, kind, day,"
                " starts_at, ends_at, seats, place, children_come, takes_unregistered,"
                " takes_expecting, is_public, book_by, cancel_by, created_at, changed_at)"
                " SELECT gen_random_uuid(), organisation_id, facility_id, kind, day + 1,"
                " starts_at + interval '1 day', ends_at + interval '1 day', seats, place,"
                " children_come, true, true, true, book_by, cancel_by, created_at, changed_at"
                " FROM visit_sessions WHERE id = :session_id"
            ),
        ),
        (("guardian", "selfservice_visits.move"),),
    ),
    "session called off": Mood(
        ("UPDATE visit_sessions SET cancelled_at = now() WHERE id = :session_id",),
        (("staff", "office_visits.show"),),
    ),
    "visit to be told by phone": Mood(
        (
            "UPDATE visits SET news = 'changed', news_at = now() WHERE id = :visit_id",
            "UPDATE guardians SET user_id = NULL WHERE id = :guardian_id",
        ),
        (("staff", "office_visits.index"),),
    ),
    "not published": Mood(
        (
            "UPDATE facilities SET published_at = NULL WHERE id = :facility_id",
            "UPDATE programmes SET published_at = NULL WHERE id = :programme_id",
        ),
        _FACILITY,
    ),
    "programme not published": Mood(
        ("UPDATE programmes SET published_at = NULL WHERE id = :programme_id",), _FACILITY
    ),
    "day changed": Mood(
        (
            (
                "INSERT INTO pool_overrides"
                " (pool_id, day, facility_id, organisation_id, capacity, reason)"
                " SELECT d.pool_id, d.day, d.facility_id, f.organisation_id, d.wanted, ''"
                " FROM pool_days d JOIN facilities f ON f.id = d.facility_id"
                " WHERE d.facility_id = :facility_id ON CONFLICT DO NOTHING"
            ),
        ),
        _FACILITY,
    ),
    "feeds made": Mood(
        (
            (
                "INSERT INTO secret_addresses (id, kind, token_hash, organisation_id, facility_id)"
                " SELECT gen_random_uuid(), 'facility_feed', sha256('x'), organisation_id, id"
                " FROM facilities WHERE id = :facility_id"
            ),
        ),
        _FACILITY,
    ),
    "address protected": Mood(
        (
            (
                "INSERT INTO protections (id, family_id, guardian_id, shown, shown_on, until_on,"
                " organisation_id, set_at, address) SELECT gen_random_uuid(), g.family_id, g.id,"
                " 'notice', current_date, current_date + 100, f.organisation_id, now(), '住所'"
                " FROM guardians g, facilities f WHERE g.id = :guardian_id AND f.id = :facility_id"
            ),
        ),
        (("staff", "office_families_apart.protection"),),
    ),
    "guardian without account": Mood(
        ("UPDATE guardians SET user_id = NULL WHERE id = :guardian_id",),
        (("staff", "office_families_apart.invitation"),),
    ),
    "second guardian without account": Mood(
        (
            (
                "UPDATE guardians SET user_id = NULL WHERE family_id = :family_id"
                " AND id <> :guardian_id"
            ),
        ),
        (("guardian", "selfservice_family_apart.invitation"),),
    ),
    "rules being written": Mood(
        (
            (
                "INSERT INTO rulebook_drafts"
                " (programme_id, facility_id, organisation_id, fields, saved_at)"
                " SELECT id, facility_id, organisation_id, '{}', now() FROM programmes"
                " WHERE id = :programme_id"
            ),
        ),
        (("director", "office_rules.index"),),
    ),
    "rules to come": Mood(
        ("UPDATE rulebooks SET in_force_from = current_date + 30 WHERE id = :rulebook_id",),
        (("director", "office_rules.index"),),
    ),
    "claim refused": Mood(
        (
            (
                "INSERT INTO facility_claims (id, facility_id, organisation_id, state, asked_at)"
                " SELECT gen_random_uuid(), id, organisation_id, 'refused', now() FROM facilities"
                " WHERE id = :facility_id"
                " ON CONFLICT (facility_id) DO UPDATE SET state = 'refused'"
            ),
        ),
        (("director", "office_setup.show"),),
    ),
    "second factor enrolled": Mood(
        (
            (
                "UPDATE users SET totp_sealed = :sealed_staff, totp_confirmed_at = now()"
                " WHERE id = :staff"
            ),
            (
                "UPDATE users SET totp_sealed = :sealed_half, totp_confirmed_at = now()"
                " WHERE id = :half"
            ),
        ),
        (("director", "accounts_staff.member"), (HALF_IN, "accounts.second_factor")),
    ),
    # At night nobody may be called; these tests run at any hour.
    "family may be called": Mood(
        (
            "UPDATE contacts SET at = now() - interval '100 days' WHERE id = :contact_id",
            (
                'UPDATE organisations SET settings = \'{"contact": {"quiet_from": "23:59",'
                ' "quiet_until": "00:00"}}\' WHERE kind = \'municipality\''
            ),
            (
                "UPDATE facilities SET municipality_id = (SELECT id FROM organisations"
                " WHERE kind = 'municipality' ORDER BY id LIMIT 1) WHERE id = :facility_id"
            ),
            (
                "UPDATE guardians SET mail = 'akari@example.test' WHERE family_id ="
                " (SELECT family_id FROM outreach_plans WHERE id = :plan_id)"
            ),
        ),
        (("staff", "office_outreach.index"), ("staff", "office_outreach.show")),
    ),
    "call under way": Mood(
        ("UPDATE contacts SET result = NULL, channel = 'phone' WHERE id = :contact_id",),
        (("staff", "office_outreach_calls.call"),),
    ),
    "letter passed on": Mood(
        (
            (
                "UPDATE letters SET way = 'handed', passed_on = now()::date, closed_at = now()"
                " WHERE id = :letter_id"
            ),
        ),
        (("staff", "office_letters.index"),),
    ),
    **LOOPS,
    **RULES,
}


def put_on(bench: Bench, mood: str) -> None:
    """Shift the world. Call it inside an attempt."""
    staff, half = bench.user_of("staff"), bench.user_of(HALF_IN)
    values = {
        **bench.world.own,
        "staff": staff,
        "half": half,
        "sealed_staff": seal_secret(TOTP_SECRET, staff),
        "sealed_half": seal_secret(TOTP_SECRET, half),
    }
    for statement in MOODS[mood].statements:
        wanted = {name: values[name] for name in text(statement).compile().params}
        assert bench.as_admin(statement, **wanted) > 0, f"{mood}: {statement}"
