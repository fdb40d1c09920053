"""Registering, first steps, ways to ask, allocation, exceptions, stops, the day and its signs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.allocation import AllocationRule
from portal.policies.channels import Action, ChannelsRule, DeskHours
from portal.policies.day_of_use import DayOfUseRule
from portal.policies.decide import decide
from portal.policies.decision import Outcome
from portal.policies.discretion import DiscretionRule
from portal.policies.display import DayState, DisplayRule
from portal.policies.exceptions import NEVER_SET_ASIDE, ExceptionsRule, may_set_aside, set_aside
from portal.policies.first_use import first_use_reasons, has_used
from portal.policies.history import History, PastUse, UseState
from portal.policies.meeting import Meeting
from portal.policies.notes import BookingNote
from portal.policies.papers_issued import PapersRule
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.policies.registering import EarlyApplication, Suspension
from portal.policies.registration import RegistrationRule, RenewalRule
from portal.policies.steps import StepsRule
from tests.rules.policy_cases import ASKED_AT, FRIDAY, WEEKDAYS, case, child, document, jst, stay

pytestmark = pytest.mark.proves("G1", "G8", "G9", "G22", "G23", "G24", "G26", "G27", "G28")

R = BookingRefusal


def registration(**parts: object) -> RegistrationRule:
    return RegistrationRule.model_validate(parts)


# --- registering ---


def test_a_lead_time_can_count_open_days_alone() -> None:
    # Registered on Thursday 19 November; the 21st to the 23rd are closed.
    registered = child(registered_from=date(2026, 11, 19))
    rule = registration(lead_days=3, lead_counting="open")
    (soon,) = rule.reasons(registered, date(2026, 11, 24), WEEKDAYS)
    assert soon.values == {"lead_days": 3, "from_on": date(2026, 11, 25)}
    assert rule.reasons(registered, date(2026, 11, 25), WEEKDAYS) == []
    calendar_days = registration(lead_days=3)
    assert calendar_days.reasons(registered, date(2026, 11, 22), WEEKDAYS) == []
    wish = case(document(registration=rule), registered, span=stay(day=date(2026, 11, 24)))
    assert [r.code for r in decide(wish, now=ASKED_AT).reasons] == [R.REGISTRATION_TOO_RECENT]


def test_registration_is_suspended_for_a_class_and_a_time() -> None:
    babies = {"class_ages": [0], "days": {"from": "2026-10-01", "until": "2027-03-31"}}
    rule = registration(suspensions=[babies])
    for day, is_suspended in (
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
    ):
        assert (rule.suspended(0, day) is not None) is is_suspended
        assert rule.suspended(1, day) is None
    assert Suspension().holds(5, FRIDAY)


def test_applying_early() -> None:
    first_day = date(2026, 10, 20)
    assert EarlyApplication(days_before=14).opens_on(first_day) == date(2026, 10, 6)
    assert EarlyApplication(from_pregnancy=True).opens_on(first_day) is None
    for broken in ({}, {"days_before": 14, "from_pregnancy": True}):
        with pytest.raises(ValidationError, match="or from pregnancy"):
            EarlyApplication.model_validate(broken)


@pytest.mark.parametrize("day", ["02-29", "3-20", "04-31", "13-01", "00-10", "03-32"])
def test_a_season_begins_on_a_day_of_every_year(day: str) -> None:
    with pytest.raises(ValidationError):
        RenewalRule(continuing_from=day)
    assert RenewalRule(continuing_from="02-28", new_from="12-31")


# --- steps and the first use ---

FIRST_RESPITE = StepsRule.model_validate({"first_use_purposes": ["respite"]})


def past(**parts: Any) -> History:
    use = {"child_id": child().child_id, "day": date(2026, 11, 1), "minutes": 180}
    return History((PastUse(**{**use, "purpose": "respite", **parts}),))


def first_codes(history: History, purpose: str) -> list[Any]:
    found = first_use_reasons(FIRST_RESPITE, history, child(), stay(), purpose=purpose)
    return [reason.code for reason in found]


def test_a_child_begins_with_one_type_of_use() -> None:
    assert first_codes(History(), "respite") == []
    assert first_codes(History(), "emergency") == [R.FIRST_USE_OTHER_PURPOSE]
    assert first_codes(past(), "emergency") == []
    # It does not begin any more, whatever it came for.
    assert first_codes(past(purpose="emergency"), "emergency") == []
    for other in (
        {"is_here": False},
        {"is_trial": True},
        {"state": UseState.CANCELLED},
        {"state": UseState.NO_SHOW},
        {"day": FRIDAY},
        {"child_id": child(2).child_id},
    ):
        assert first_codes(past(**other), "emergency") == [R.FIRST_USE_OTHER_PURPOSE], other


def test_a_stay_earlier_on_the_day_is_a_use() -> None:
    for hour, is_earlier in ((8, True), (9, False)):
        starts_at = jst(2026, 11, 20, hour)
        history = past(day=FRIDAY, starts_at=starts_at, minutes=60)
        assert has_used(history, child(), stay()) is is_earlier


def test_steps_or_a_first_use() -> None:
    with pytest.raises(ValidationError, match="name a step"):
        StepsRule()
    with pytest.raises(ValidationError, match="number of families"):
        Meeting(families_from=3, families=2)


def test_a_step_can_open_a_type_of_use_of_the_towns_own() -> None:
    rules = document(steps={"steps": [{"kind": "interview", "opens": ["morning_club"]}]})
    club = case(rules, purpose="morning_club")
    assert [r.code for r in decide(club, now=ASKED_AT).reasons] == [R.STEP_MISSING]
    assert decide(case(rules, purpose="respite"), now=ASKED_AT).reasons == ()


# --- ways to ask ---

WAYS = ChannelsRule.model_validate(
    {
        "ways": [
            {"channel": "web"},
            {
                "channel": "phone",
                "actions": ["book", "cancel"],
                "desk": [
                    {"starts": "09:30", "ends": "10:30", "weekdays": ["fri"]},
                    {"starts": "14:00", "ends": "16:00"},
                ],
            },
            {
                "channel": "fax",
                "desk": [{"starts": "09:00", "ends": "10:00"}],
                "on_closed_days": True,
            },
        ]
    }
)


@pytest.mark.parametrize(
    ("channel", "at", "code"),
    [
        ("web", jst(2026, 11, 20, 3), None),
        (None, jst(2026, 11, 20, 3), None),
        ("post", jst(2026, 11, 20, 14), R.CHANNEL_NOT_OFFERED),
        ("phone", jst(2026, 11, 20, 9, 29), R.DESK_CLOSED),
        ("phone", jst(2026, 11, 20, 9, 30), None),
        ("phone", jst(2026, 11, 20, 10, 29), None),
        ("phone", jst(2026, 11, 20, 10, 30), R.DESK_CLOSED),
        ("phone", jst(2026, 11, 19, 9, 30), R.DESK_CLOSED),
        ("phone", jst(2026, 11, 19, 14), None),
        ("phone", jst(2026, 11, 21, 14), R.DESK_CLOSED),
        ("fax", jst(2026, 11, 21, 9), None),
    ],
)
def test_a_wish_comes_by_a_way_that_is_open(channel: str | None, at: Any, code: Any) -> None:
    found = [reason.code for reason in WAYS.reasons(channel, at, WEEKDAYS)]
    assert found == ([code] if code else [])


@pytest.mark.parametrize("ends", ["09:00", "09:30"])
def test_desk_hours_end_after_they_begin(ends: str) -> None:
    with pytest.raises(ValidationError, match="end after they begin"):
        DeskHours(starts="09:30", ends=ends)


def test_a_refusal_names_the_ways_and_the_hours() -> None:
    (other,) = WAYS.reasons("post", ASKED_AT, WEEKDAYS)
    assert other.values == {"channels": ("インターネット", "電話", "FAX")}
    (closed,) = WAYS.reasons("phone", jst(2026, 11, 20, 12), WEEKDAYS)
    assert closed.values == {"hours": ("金 9:30〜10:30", "14:00〜16:00")}
    assert WAYS.offered(Action.REGISTER) == ("web", "fax")


# --- how places are given ---


@pytest.mark.parametrize(
    ("rule", "outcome", "note"),
    [
        ({}, Outcome.CONFIRMED, None),
        (
            {"method": "staff_approval", "answer_days": 3},
            Outcome.AWAITS_APPROVAL,
            (BookingNote.AWAITS_FACILITY, {"answer_days": 3}),
        ),
        ({"method": "lottery"}, Outcome.LOTTERY, (BookingNote.AWAITS_DRAW, {})),
        ({"method": "lottery_of_order"}, Outcome.CONFIRMED, None),
        (
            {"method": "priority", "equalise": True},
            Outcome.LOTTERY,
            (BookingNote.AWAITS_DRAW, {}),
        ),
        (
            {"method": "provisional", "papers": {"kinds": ["申込書"], "within_days": 7}},
            Outcome.PROVISIONAL,
            (BookingNote.AWAITS_PAPERS, {"paper": "申込書", "days": 7, "hours": None}),
        ),
    ],
)
def test_what_becomes_of_a_wish_at_once(rule: dict[str, Any], outcome: Outcome, note: Any) -> None:
    decision = decide(case(document(allocation=rule)), now=ASKED_AT)
    assert decision.outcome is outcome
    assert [(n.code, n.values) for n in decision.notes] == ([note] if note else [])


@pytest.mark.parametrize(
    "broken",
    [
        {"draw": {}},
        {"method": "staff_approval", "papers": {}},
        {"method": "priority"},
        {"method": "provisional", "papers": {"within_days": 1, "within_hours": 1}},
    ],
)
def test_parts_belong_to_their_method(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AllocationRule.model_validate(broken)


# --- exceptions and stops ---


def test_staff_may_set_aside_what_the_document_says() -> None:
    narrow = ExceptionsRule(
        staff_may=(R.TOO_OLD,), head_may=(R.OUTSIDE_HOURS,), never=(R.OFF_GRID,)
    )
    assert may_set_aside(None, by_staff=True) == OVERRULABLE
    assert may_set_aside(narrow, by_staff=False) == frozenset()
    assert may_set_aside(narrow, by_staff=True) == {R.TOO_OLD}
    head = may_set_aside(narrow, by_staff=True, by_head=True)
    assert head == (OVERRULABLE | {R.OUTSIDE_HOURS}) - {R.OFF_GRID}
    wanted = (R.TOO_OLD, R.TOO_YOUNG)
    assert set_aside(narrow, wanted, by_staff=True) == {R.TOO_OLD}
    assert may_set_aside(ExceptionsRule(), by_staff=True) == OVERRULABLE


def test_a_decision_keeps_to_the_exceptions_of_its_document() -> None:
    wish: dict[str, Any] = {"by_staff": True, "overruled": frozenset({R.TOO_OLD})}
    too_old = child(born=date(2018, 4, 2))
    rules: dict[str, Any] = {"age": {"max": {"unit": "school_entry"}}}
    usual = decide(case(document(**rules), too_old, **wish), now=ASKED_AT)
    assert usual.reasons == ()
    strict = decide(
        case(document(**rules, exceptions={"never": ["too_old"]}), too_old, **wish), now=ASKED_AT
    )
    assert [r.code for r in strict.reasons] == [R.TOO_OLD]


@pytest.mark.parametrize("code", sorted(NEVER_SET_ASIDE))
def test_what_places_say_is_nobodys_to_set_aside(code: BookingRefusal) -> None:
    for field in ("staff_may", "head_may"):
        with pytest.raises(ValidationError, match="nobody can set aside"):
            ExceptionsRule.model_validate({field: [code]})


def test_a_stop_holds_for_its_days_classes_and_purposes() -> None:
    span = {"from": "2026-11-19", "until": "2026-11-20"}
    rule = DiscretionRule.model_validate(
        {"stops": [{"days": span, "class_ages": [2], "purposes": ["respite"]}]}
    )
    two, three = child(born=date(2023, 5, 1)), child(born=date(2023, 4, 1))
    (stopped,) = rule.reasons(two, FRIDAY, "respite")
    assert stopped.code is R.STOPPED_BY_FACILITY
    assert stopped.values == {"from_on": date(2026, 11, 19), "until_on": FRIDAY}
    assert list(rule.reasons(three, FRIDAY, "respite")) == []
    assert list(rule.reasons(two, FRIDAY, "emergency")) == []
    assert list(rule.reasons(two, date(2026, 11, 21), "respite")) == []
    everybody = DiscretionRule.model_validate({"stops": [{"days": {"from": "2026-11-20"}}]})
    assert len(list(everybody.reasons(three, date(2030, 1, 1), None))) == 1
    assert list(everybody.reasons(three, date(2026, 11, 19), None)) == []


# --- the day, its papers and its signs ---

DAY = DayOfUseRule.model_validate(
    {
        "belongings": [
            {"name": "おむつ", "below_months": 36},
            {"name": "昼寝の布団", "from_minutes": 240, "at": "12:30"},
            {"name": "お弁当", "at": "12:00", "with_options": ["own_lunch"]},
            {"name": "おしぼり", "without_options": ["nappy_set"], "from_months": 6},
        ]
    }
)


@pytest.mark.parametrize(
    ("months", "minutes", "options", "times", "names"),
    [
        (35, 239, (), ("09:00", "12:59"), ["おむつ", "おしぼり"]),
        (36, 240, (), ("09:00", "13:00"), ["昼寝の布団", "おしぼり"]),
        (5, 60, ("own_lunch",), ("11:30", "12:30"), ["おむつ", "お弁当"]),
        (6, 60, ("own_lunch", "nappy_set"), ("11:00", "12:00"), ["おむつ"]),
    ],
)
def test_what_to_bring(
    months: int, minutes: int, options: tuple[str, ...], times: tuple[str, str], names: list[str]
) -> None:
    found = DAY.to_bring(
        months=months, minutes=minutes, options=options, starts=times[0], ends=times[1]
    )
    assert [each.name for each in found] == names


def test_papers_stand_once_and_a_day_belongs_to_a_month() -> None:
    for issued in (
        [{"kind": "receipt"}, {"kind": "receipt"}],
        [{"kind": "receipt", "day": 10}],
    ):
        with pytest.raises(ValidationError):
            PapersRule.model_validate({"issued": issued})


@pytest.mark.parametrize(
    ("rule", "left", "some_full", "state"),
    [
        ({}, 5, False, DayState.FREE),
        ({}, 5, True, DayState.FEW),
        ({}, 0, True, DayState.FULL),
        ({"few_when": "places_left", "few": 2}, 3, True, DayState.FREE),
        ({"few_when": "places_left", "few": 2}, 2, False, DayState.FEW),
        ({"few_when": "percent_left", "few": 20}, 3, False, DayState.FREE),
        ({"few_when": "percent_left", "few": 20}, 2, False, DayState.FEW),
        ({"few_when": "never"}, 1, True, DayState.FREE),
    ],
)
def test_when_few_places_are_left(
    rule: dict[str, Any],
    left: int,
    some_full: bool,  # noqa: FBT001 - a case
    state: DayState,
) -> None:
    display = DisplayRule.model_validate(rule)
    assert display.state(left=left, total=10, some_time_full=some_full) is state


def test_signs_have_words() -> None:
    own = DisplayRule.model_validate({"signs": [{"state": "free", "sign": "◎", "words": "受付中"}]})
    assert (own.sign(DayState.FREE), own.words(DayState.FREE)) == ("◎", "受付中")
    assert (own.sign(DayState.CLOSED), own.words(DayState.CLOSED)) == ("休", "お休みです")
    for broken in ({"few": 2}, {"few_when": "places_left"}):
        with pytest.raises(ValidationError, match="few is"):
            DisplayRule.model_validate(broken)
