"""States in which rules ask for more: types of use, choices, tickets, why somebody comes."""

from __future__ import annotations

from typing import Final

from tests.hostile.mood import Mood

#: Whatever a form can be asked for by rules, in one document.
_ASKS_FOR_MORE = (
    "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
    " in_force_from, document) SELECT '00000000-0000-4000-8000-000000000904', programme_id,"
    " facility_id, organisation_id, 904, in_force_from, document || CAST('{"
    """ "fee": {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]},"""
    """ "per_use": [{"label": "給食", "yen": 200, "without_option": "own_lunch"}],"""
    """ "items": [{"label": "おむつの処分", "yen": 10, "per": "count","""
    """ "with_option": "nappies"}],"""
    """ "coupons": [{"code": "trial", "label": "おためし券", "pays_all": true, "of": "total"}]},"""
    """ "purposes": {"types": [{"code": "respite"}, {"code": "juror"}],"""
    """ "reasons": [{"type": "respite", "code": "errand", "label": "用事"}]},"""
    """ "residence": {"cities": ["みほん市"], "required": false,"""
    """ "others": [{"circumstance": "homecoming", "statement": true}]},"""
    """ "caps": [{"metric": "days", "amount": 200, "period": "month", "scope": "municipality"}]"""
    "}' AS jsonb) FROM rulebooks WHERE id = :rulebook_id"
)
_TIMES = "day={day}&start=9:00&end=12:00"

MORE: Final = "rules that ask for more"
RULES: Final[dict[str, Mood]] = {
    MORE: Mood(
        (_ASKS_FOR_MORE,),
        (
            (
                "guardian",
                f"selfservice_bookings.new?facility={{facility_id}}&child={{child_id}}&{_TIMES}",
            ),
            ("guardian", "selfservice_bookings.change"),
            ("guardian", "selfservice_homes.place"),
            ("guardian", "selfservice_homes.child"),
            ("guardian", "selfservice_uses.index"),
            (
                "staff",
                f"office_bookings.new?family={{family_id}}&facility={{facility_id}}&{_TIMES}",
            ),
            ("staff", "office_bookings.change"),
            ("staff", "office_homes.place"),
            ("liaison", "liaison_booking.places"),
            ("director", "office_rules_trying.page"),
        ),
    ),
    "rules about to be published": Mood(
        (
            (
                "INSERT INTO rulebook_drafts"
                " (programme_id, facility_id, organisation_id, fields, document, saved_at)"
                " SELECT programme_id, facility_id, organisation_id, '{}', document, now()"
                " FROM rulebooks WHERE id = :rulebook_id"
            ),
        ),
        (("director", "office_rules.publish"),),
    ),
    "rules mended": Mood(
        (
            (
                "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
                " in_force_from, document) SELECT gen_random_uuid(), programme_id, facility_id,"
                " organisation_id, 903, in_force_from, document FROM rulebooks"
                " WHERE id = :rulebook_id"
            ),
        ),
        (("director", "office_rules.index"),),
    ),
}
