"""Nothing that a document says of people, ways and papers stays unsaid on the facility's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.policies.document import RulesDocument
from portal.rulebooks.describe import facts

#: Each kind at its smallest, and each of its fields with another value. Inner tables are reached by
#: their path; what is left out says nothing by itself or only belongs together with another field.
MONTHS = {"unit": "months", "value": 6}
YEARS = {"unit": "years", "value": 3}
PROOF = {"kinds": ["invitation"]}
KINDS: list[tuple[Mapping[str, Any], list[Mapping[str, Any]]]] = [
    (
        {"programme": {}},
        [
            {"kind": "every_child"},
            {"name": "なかよし"},
            {"room": "own"},
            {"shares_places_with": ["定期利用"]},
            {"reports_as": "every_child"},
        ],
    ),
    (
        {"age": {"min": MONTHS, "max": YEARS}},
        [
            {"min": {"unit": "weeks", "value": 8}},
            {"min": {"unit": "maternity_leave_end"}},
            {"min": {**MONTHS, "reference": "registration_day"}},
            {"min": {**MONTHS, "reading": "day_before"}},
            {"max": {**YEARS, "inclusive": True}},
            {"max": {**YEARS, "days_before": 2}},
            {"max": {**YEARS, "reference": "first_of_month"}},
            {"reference": "fiscal_year_start"},
            {"reading": "day_before"},
            {"born_from": "2023-04-02"},
            {"born_until": "2024-04-01"},
            {"with_sibling": {"min": {"unit": "months", "value": 4}}},
        ],
    ),
    (
        {"residence": {"cities": ["松戸市"]}},
        [
            {"cities": ["柏市"]},
            {"wards": ["中央区"]},
            {"prefectures": ["千葉県"]},
            {"places": [{"city": "川崎市", "ward": "中原区"}]},
            {"others": [{"circumstance": "homecoming"}]},
            {"others": [{"circumstance": "homecoming", "label": "里帰り"}]},
            {"others": [{"circumstance": "homecoming", "statement": True}]},
            {"others": [{"circumstance": "homecoming", "approval": True}]},
            {"others": [{"circumstance": "homecoming", "purposes": ["respite"]}]},
            {"others": [{"circumstance": "homecoming", "cities": ["柏市"]}]},
            {"others": [{"circumstance": "homecoming", "prefectures": ["千葉県"]}]},
            {"purposes": ["respite"]},
            {"discretion": True},
            {"unknown": "refuse"},
            {"required": False},
        ],
    ),
    (
        {"enrolment": {}},
        [
            {"accepts": ["none", "unlicensed"]},
            {"also": [{"enrolments": ["kindergarten"]}]},
            {"also": [{"enrolments": ["kindergarten"], "purposes": ["emergency"]}]},
            {"also": [{"enrolments": ["kindergarten"], "own_place_closed": True}]},
            {"also": [{"enrolments": ["kindergarten"], "approval": True}]},
            {"purposes": ["respite"]},
            {"discretion": True},
            {"unknown": "refuse"},
        ],
    ),
    (
        {"purposes": {"types": [{"code": "respite"}]}},
        [
            {"types": [{"code": "respite", "label": "私的"}]},
            {"types": [{"code": "respite", "words": "休みたいときに。"}]},
            {"types": [{"code": "respite", "approved_by": "city"}]},
            {"types": [{"code": "respite", "approved_by": "facility"}]},
            {"types": [{"code": "respite", "proof": PROOF}]},
            {"types": [{"code": "respite", "proof": {**PROOF, "demand": "may_be_asked"}}]},
            {"types": [{"code": "respite", "proof": {**PROOF, "due": "day_of_use"}}]},
            {"types": [{"code": "respite", "proof": {**PROOF, "due": "after_use"}}]},
            {"types": [{"code": "respite", "proof": {**PROOF, "validity": "fiscal_year"}}]},
            {"types": [{"code": "respite", "proof": {"validity": "months", "months": 6}}]},
            {"types": [{"code": "respite", "proof": {"validity": "months", "months": 7}}]},
            {"types": [{"code": "respite", "proof": {**PROOF, "validity": "each_use"}}]},
            {"reasons": [{"code": "a", "label": "用事", "type": "respite"}]},
            {"reasons": [{"code": "a", "label": "用事", "type": "respite", "proof": PROOF}]},
            {"reasons": [{"code": "a", "label": "用事", "type": "respite", "approved_by": "city"}]},
            {
                "reasons": [{"code": "a", "label": "用事", "type": "respite"}],
                "reason_needed": True,
            },
            {"types": [], "ask": False},
        ],
    ),
    (
        {"registration": {}},
        [
            {"required": False},
            {"lead_days": 3},
            {"lead_days": 3, "lead_counting": "open"},
            {"validity": "school"},
            {"validity": "half_year"},
            {"validity": "none"},
            {"validity": "months", "months": 6},
            {"validity": "months", "months": 7},
            {"next_period_days": 12},
            {"renewal": {}},
            {"renewal": {"days_before": 31}},
            {"renewal": {"confirm": ["contacts"]}},
            {"renewal": {"continuing_from": "03-20"}},
            {"renewal": {"new_from": "03-20"}},
            {"limit": 60},
            {"agreement": True},
            {"answer_days": 3},
            {"accepted_by": "municipality"},
            {"accepted_by": "both"},
            {"scope": "municipality"},
            {"scope": "both"},
            {"early": {"days_before": 14}},
            {"early": {"from_pregnancy": True}},
            {"first_date_needed": True},
            {"suspensions": [{}]},
            {"suspensions": [{"class_ages": [0]}]},
            {"suspensions": [{"days": {"from": "2026-10-01"}}]},
            {"suspensions": [{"days": {"until": "2026-10-01"}}]},
            {"suspensions": [{"message": "いっぱいです。"}]},
            {"child_present": True},
            {"issues": ["card"]},
            {"issues": ["number"]},
        ],
    ),
    (
        {"steps": {"steps": [{"kind": "tour"}]}},
        [
            {"first_use_purposes": ["respite"]},
            *(
                {"steps": [{"kind": "tour", "meeting": meeting}]}
                for meeting in (
                    {"places": ["online", "site"]},
                    {"weekdays": ["tue"]},
                    {"starts": ["10:30"]},
                    {"weekdays": ["tue"], "starts": ["10:30"]},
                    {"minutes": 30},
                    {"families": 4},
                    {"families": 4, "families_from": 2},
                    {"by_appointment": False},
                    {"child_present": True},
                    {"open_to_expecting": True},
                )
            ),
            {"steps": [{"kind": "tour", "opens": ["juror"]}]},
            *(
                {"steps": [{"kind": "trial_care", "trial": {"parts": [part], **trial}}]}
                for part in ({"longest_minutes": 60},)
                for trial in (
                    {},
                    {"counts_toward_caps": False},
                    {"free_tickets": 2},
                )
            ),
        ],
    ),
    (
        {"channels": {"ways": [{"channel": "phone"}]}},
        [
            {"ways": [{"channel": "phone"}, {"channel": "web"}]},
            {"ways": [{"channel": "phone", "actions": ["cancel"]}]},
            {"ways": [{"channel": "phone", "words": "03-0000-0000"}]},
            *(
                {"ways": [{"channel": "phone", "desk": [hours], "on_closed_days": closed}]}
                for closed in (False, True)
                for hours in (
                    {"starts": "13:00", "ends": "15:00"},
                    {"starts": "13:00", "ends": "15:30"},
                    {"starts": "13:00", "ends": "15:00", "weekdays": ["mon"]},
                )
            ),
        ],
    ),
    (
        {"allocation": {"method": "staff_approval"}},
        [
            {"method": "lottery"},
            {"method": "lottery_of_order"},
            {"method": "lottery_of_registrations"},
            {"method": "provisional"},
            {"method": "provisional", "papers": {"kinds": ["申込書"]}},
            {"method": "provisional", "papers": {"within_days": 7}},
            {"method": "provisional", "papers": {"within_hours": 48}},
            {"method": "priority", "priorities": ["first_timers"]},
            {"answer_days": 3},
            {"priorities": ["first_timers"]},
            {"equalise": True},
            {"method": "lottery", "draw": {}},
            {"method": "lottery", "draw": {"days_after_collection": 0}},
            {"method": "lottery", "draw": {"at": "10:00"}},
            {"method": "lottery", "draw": {"told": "winners"}},
            {"method": "lottery", "draw": {"told_within_days": 0}},
            {"method": "lottery", "draw": {"told_within_days": 3}},
        ],
    ),
    (
        {"exceptions": {}},
        [
            {"staff_may": []},
            {"staff_may": ["too_old"]},
            {"head_may": ["not_resident"]},
            {"never": ["too_young"]},
            {"head": "mayor"},
            {"words": "相談してください。"},
        ],
    ),
    (
        {"discretion": {"grounds": ["event"]}},
        [
            {"grounds": ["event", "outbreak"]},
            {"after_confirmation": False},
            {"offers_another_day": False},
            {"words": "電話で知らせます。"},
            *(
                {"stops": [{"days": {"from": "2026-12-07"}, **more}]}
                for more in (
                    {},
                    {"days": {"until": "2026-12-11"}},
                    {"ground": "outbreak"},
                    {"class_ages": [0]},
                    {"purposes": ["respite"]},
                    {"message": "お休みします。"},
                )
            ),
        ],
    ),
    (
        {"child_sheet": {}},
        [
            {"asks": ["sleep"]},
            {"required": ["sleep"]},
            {"questions": [{"label": "呼び方は"}]},
            {"questions": [{"label": "呼び方は", "required": True}]},
            {"questions": [{"label": "呼び方は", "from_months": 12}]},
            {"questions": [{"label": "呼び方は", "below_months": 12}]},
            {"pickup_photo": True},
            {"child_photo": True},
            {"photo_within_months": 3},
            {"insurance_copy": True},
            {"health_check_copy": True},
            {"allergy_each_fiscal_year": False},
            {"allergy_before_each_use": True},
        ],
    ),
    (
        {"day_of_use": {}},
        [
            {"health_sheet": True},
            {"temperature": True},
            {"max_temperature": "37.5"},
            {"stamps": ["qr_code"]},
            {"records_collector": False},
            {"pickup_registered_only": True},
            {"pickup_id": True},
            {"late_notice_by": "09:00"},
            {"waits_until": "10:00"},
            {"meal_order_by": {"days": 1, "at": "15:00"}},
            {"called_when_ill": False},
            {"words": "車は止めないでください。"},
            *(
                {"belongings": [{"name": "おむつ", **more}]}
                for more in (
                    {},
                    {"count": 5},
                    {"note": "名前を書いてください"},
                    {"from_months": 12},
                    {"below_months": 12},
                    {"from_minutes": 240},
                    {"below_minutes": 240},
                    {"at": "11:30"},
                    {"with_options": ["own_lunch"]},
                    {"without_options": ["own_lunch"]},
                )
            ),
        ],
    ),
    (
        {"display": {}},
        [
            {"shows": "numbers"},
            {"signs": [{"state": "free", "sign": "◎"}]},
            {"signs": [{"state": "free", "sign": "○", "words": "受付中"}]},
            {"few_when": "never"},
            {"few_when": "places_left", "few": 2},
            {"few_when": "places_left", "few": 3},
            {"few_when": "percent_left", "few": 2},
            {"by_class": True},
            {"by_hour": False},
            {"before_sign_in": False},
            {"last_updated": False},
        ],
    ),
    (
        {"papers": {"issued": [{"kind": "receipt"}]}},
        [
            {"splits": False},
            *(
                {"issued": [{"kind": "receipt", **more}]}
                for more in (
                    {"kind": "certificate"},
                    {"when": "on_request"},
                    {"when": "monthly"},
                    {"when": "monthly", "day": 10},
                    {"forms": ["pdf"]},
                    {"within_days": 0},
                    {"within_days": 7},
                    {"fee_yen": 300},
                    {"note": "作り直します。"},
                )
            ),
        ],
    ),
]
GATES: list[dict[str, Any]] = [
    {},
    {"code": "weaned"},
    {"label": "歩ける"},
    {"needed": False},
    {"asked_at": "registration"},
    {"asked_at": "arrival"},
    {"staff_confirm": True},
    {"on_failure": "ask_staff"},
    {"valid_days": 0},
    {"valid_days": 90},
    {"each_fiscal_year": True},
    {"from_months": 12},
    {"below_months": 18},
    {"from_months": 12, "below_months": 18},
    {"purposes": ["respite"]},
    {"max_temperature": "37.5"},
]


def said(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = facts(RulesDocument.model_validate(content))
    return [(fact.term, fact.text) for fact in found]
