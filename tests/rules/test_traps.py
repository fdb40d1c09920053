"""The ten traps that rules of real places set, each with the place where it was met."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal.bookings.queries.vacancies import DayLeft, PoolLeft
from portal.kernel.age import class_age
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.decide import booking_window, cancel_fee, decide
from portal.policies.document import RulesDocument
from portal.policies.fee import Fee
from portal.policies.history import History, PastUse, UseState
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import RegistrationRule
from portal.policies.standing import StepKind, StepStanding
from portal.slots.rules import PoolKind
from portal.slots.staffing import Advice, advice, standard_on
from tests.rules.policy_cases import (
    ASKED_AT,
    FRIDAY,
    WEEKDAYS,
    case,
    child,
    document,
    jst,
    stay,
)

pytestmark = pytest.mark.proves("R21")

R = BookingRefusal
KID = child()
MONDAY = date(2026, 11, 30)


def codes(wish: Case, now: datetime = ASKED_AT) -> list[str]:
    return [reason.code for reason in decide(wish, now=now).reasons]


def used(day: date, hours: float = 8, **more: Any) -> PastUse:
    return PastUse(KID.child_id, day, int(hours * 60), **more)


def after(rules: RulesDocument, *uses: PastUse, **more: Any) -> Case:
    """A wish after these stays."""
    return case(rules, history=History(uses), **more)


# --- 1. closed days move openings and closings differently ---


def test_1_opening_and_closing_move_in_their_own_directions() -> None:
    """Chuo opens on the next open day; Matsudo closes on the one before."""
    rules = document(
        booking_window={
            "opens": {"kind": "monthly", "day": 15, "at": "09:00", "shift": "next"},
            "closes": {"days": 3, "shift": "previous"},
        }
    )
    # 15 November 2026 is a Sunday; three days before Wednesday, 2 December, too.
    window = booking_window(rules, WEEKDAYS, date(2026, 12, 2))
    assert window.opens_at == jst(2026, 11, 16, 9)
    assert window.closes_at == jst(2026, 11, 28)  # the end of Friday, the 27th
    never = document(
        booking_window={
            "opens": {"kind": "monthly", "day": 15, "at": "09:00"},
            "closes": {"days": 3, "shift": "next"},
        }
    )
    window = booking_window(never, WEEKDAYS, date(2026, 12, 2))
    assert (window.opens_at, window.closes_at) == (jst(2026, 11, 15, 9), jst(2026, 12, 1))


# --- 2. what a stay weighs ---


def test_2_half_days_weigh_a_half() -> None:
    """Kasugai: 14 a month, a half day 0.5."""
    cap = {"metric": "half_days", "amount": 1.5, "period": "month", "half_day_minutes": 300}
    rules = document(caps=[cap])
    day = after(rules, used(date(2026, 11, 2), 8), span=stay("09:00", "12:00"))
    assert codes(day) == []
    assert codes(replace(day, span=stay("09:00", "17:00"))) == [R.CAP_REACHED]
    (use,) = decide(day, now=ASKED_AT).caps
    assert (use.used, use.this, use.left) == (Decimal(1), Decimal("0.5"), Decimal(0))


def test_2_less_than_an_hour_counts_an_hour() -> None:
    used_up = (used(date(2026, 11, 2), 2.5),)
    for metric, expected in (("hours", []), ("hours_rounded_up", [R.CAP_REACHED])):
        rules = document(caps=[{"metric": metric, "amount": 3, "period": "month"}])
        assert codes(after(rules, *used_up, span=stay("09:00", "09:30"))) == expected


def test_2_closed_days_count_in_a_run_at_one_place_and_not_at_another() -> None:
    friday, monday = date(2026, 11, 27), MONDAY
    before = [used(friday - timedelta(days=n)) for n in (0, 1)]  # Thursday and Friday
    for counting, expected in (
        ("counted", [R.CAP_REACHED]),  # Thursday to Monday are five
        ("not_counted", []),  # three days of use
        ("end_the_run", []),  # Monday begins anew
    ):
        cap = {"metric": "consecutive_days", "amount": 4, "closed_days": counting}
        assert codes(after(document(caps=[cap]), *before, span=stay(day=monday))) == expected
    tight = document(caps=[{"metric": "consecutive_days", "amount": 2,
                            "closed_days": "not_counted"}])  # fmt: skip
    assert codes(after(tight, *before, span=stay(day=monday))) == [R.CAP_REACHED]


# --- 3. three ages ---


def test_3_price_admission_and_class_go_by_three_reference_days() -> None:
    """Fukuoka fixes prices on 1 April; who may come is seen on the day; staffing by class."""
    rules = document(
        age={"max": {"unit": "years", "value": 3}},  # until the day before the third birthday
        fee={
            "age_basis": "month_start",
            "tariff": {"kind": "hourly", "bands": [{"below_age": 2, "yen": 900}, {"yen": 500}]},
        },
    )
    kid = child(born=date(2024, 11, 10))  # two on 10 November 2026
    wish = case(rules, kid)
    decision = decide(wish, now=ASKED_AT)
    assert decision.reasons == ()  # two years old on the day
    assert decision.fee.total_yen == 3 * 900  # one on the 1st of the month
    assert class_age(kid.born_on, FRIDAY) == 1  # in the 1-year class until March
    assert standard_on(FRIDAY).needed({class_age(kid.born_on, FRIDAY): 15}) == 3
    last = replace(wish, span=stay(day=date(2027, 11, 9)), children=(
        replace(kid, registered_until=date(2028, 3, 31)),))  # fmt: skip
    assert codes(last) == []
    assert codes(replace(last, span=stay(day=date(2027, 11, 10)))) == [R.TOO_OLD]


# --- 4. caps over several facilities ---


def test_4_what_a_family_declares_counts_where_the_portal_sees_nothing() -> None:
    """Kobe: seven a month over all facilities."""
    cap = {"metric": "days", "amount": 2, "period": "month", "scope": "municipality"}
    elsewhere = used(date(2026, 11, 2), is_here=False)
    declared = used(date(2026, 11, 4), is_here=False, is_declared=True)
    rules = document(caps=[cap])
    assert codes(after(rules, elsewhere)) == []
    wish = after(rules, elsewhere, declared)
    assert codes(wish) == [R.CAP_REACHED]
    (reason,) = decide(wish, now=ASKED_AT).reasons
    assert reason.values["scope"] == "municipality"  # and no name of another facility
    assert codes(after(document(caps=[{**cap, "counts_declared": False}]), declared,
                       elsewhere)) == []  # fmt: skip
    assert codes(after(document(caps=[{**cap, "scope": "facility"}]), elsewhere, declared)) == []


# --- 5. three limits at each moment ---


def test_5_total_class_and_staff_limit_each_moment_not_the_day() -> None:
    """Kawasaki: ten, of which under-1s at most two; and who is on duty."""

    def pool(kind: PoolKind, full_from: int) -> PoolLeft:
        free = [int(cell < full_from) for cell in range(48)]
        return PoolLeft(uuid.uuid4(), kind, 0, 0, [5] * 48, free, [False] * 48)

    def against(*pools: PoolLeft, start: str, end: str) -> list[str]:
        left = DayLeft(uuid.uuid4(), FRIDAY, pools, (1,) * len(pools))
        return [reason.code for reason in left.reasons(stay(start, end))]

    total, babies = pool(PoolKind.TOTAL, 32), pool(PoolKind.AGE_BAND, 24)
    assert against(total, babies, start="09:00", end="12:00") == []
    assert against(total, babies, start="09:00", end="12:30") == [R.FULL]  # babies, from noon
    assert against(total, start="12:00", end="16:00") == []
    assert against(total, start="12:00", end="16:30") == [R.FULL]
    assert against(total, babies, start="12:00", end="16:30") == [R.FULL, R.FULL]
    standard = standard_on(FRIDAY)
    by_hour = {"10:00": {0: 2, 1: 6}, "14:00": {0: 2, 1: 12}}
    on_duty = 2
    says = {hour: advice(on_duty, standard.needed(there)) for hour, there in by_hour.items()}
    assert says == {"10:00": Advice.TIGHT, "14:00": Advice.SHORT}


# --- 6. the first day of a week ---


def test_6_the_first_day_of_a_week_has_its_own_deadline_by_the_facilitys_calendar() -> None:
    rules = document(
        cancel={
            "free_until": {
                "days": 1,
                "at": "17:00",
                "counting": "open",
                "first_of_week": {"days": 3, "at": "15:00"},
            },
            "late_fee": {"kind": "flat", "yen": 500},
        }
    )
    tuesday = MONDAY + timedelta(days=1)

    def free_until(day: date, calendar: FacilityCalendar = WEEKDAYS) -> datetime | None:
        found = cancel_fee(rules, calendar, stay(day=day), fee=Fee(), now=ASKED_AT)
        assert found.until == decide(case(rules, span=stay(day=day), calendar=calendar),
                                     now=ASKED_AT).cancel_until  # fmt: skip
        return found.until

    assert free_until(MONDAY) == jst(2026, 11, 27, 15)
    assert free_until(tuesday) == jst(2026, 11, 30, 17)
    shut_monday = replace(WEEKDAYS, closed_days=frozenset({MONDAY}))
    # Tuesday is then the first day; the 28th is no open day, but three calendar days are.
    assert free_until(tuesday, shut_monday) == jst(2026, 11, 28, 15)


# --- 7. a rate that changes with the length ---


@pytest.mark.parametrize(
    ("reading", "end", "yen"),
    [
        ("marginal", "13:00", 4 * 500),
        ("whole_stay", "13:00", 4 * 500),
        ("marginal", "14:00", 4 * 500 + 800),
        ("whole_stay", "14:00", 5 * 800),
    ],
)
def test_7_the_later_rate_is_for_the_rest_or_for_the_whole_stay(
    reading: str, end: str, yen: int
) -> None:
    band = {"yen": 500, "then": [{"after_minutes": 240, "yen": 800}]}
    rules = document(fee={"tariff": {"kind": "hourly", "rate_change": reading, "bands": [band]}})
    fee = decide(case(rules, span=stay("09:00", end)), now=ASKED_AT).fee
    assert fee.total_yen == yen == sum(line.amount_yen for line in fee.lines)


# --- 8. a trial is a gate, and may use up a cap ---


def test_8_a_trial_opens_one_type_of_use_and_counts_as_another() -> None:
    """Nagoya: the trial opens respite; Kobe: it counts as respite."""
    trial = {"kind": "trial_care", "opens": ["irregular_work"], "trial": {
        "parts": [{"longest_minutes": 240}], "counts_toward_caps": True}}  # fmt: skip
    rules = document(
        steps={"steps": [trial]},
        caps=[{"metric": "days", "amount": 1, "period": "month", "purposes": ["respite"]}],
    )
    past = used(date(2026, 11, 2), purpose="respite", is_trial=True)
    assert codes(after(rules, past, purpose="irregular_work")) == [R.STEP_MISSING]
    done = child(steps=StepStanding(done=frozenset({StepKind.TRIAL_CARE})))
    wish = replace(after(rules, past, purpose="irregular_work"), children=(done,))
    assert codes(wish) == []
    assert codes(replace(wish, purpose="respite")) == [R.CAP_REACHED]
    apart = {**trial, "trial": {**trial["trial"], "counts_toward_caps": False}}  # type: ignore[dict-item]
    free = rules.model_copy(update={"steps": document(steps={"steps": [apart]}).steps})
    assert codes(replace(wish, document=free, purpose="respite")) == []


# --- 9. before birth ---


def test_9_a_registration_before_birth_waits_for_the_child() -> None:
    """The record's turn from expected to born, once or as twins, is ``services/test_expected``."""
    rule = RegistrationRule.model_validate({"validity": "school"})
    accepted, born = date(2026, 11, 10), date(2027, 2, 3)
    assert rule.until(accepted, None) == date(2027, 3, 31)  # nobody knows the year yet
    assert rule.until(accepted, born) == date(2033, 3, 31)
    rules = document(
        registration={"validity": "school"},
        age={"min": {"unit": "days", "value": 57}},
        fee={"tariff": {"kind": "hourly", "bands": [{"yen": 500}]}},
    )
    unborn = child(born=born, registered_until=date(2033, 3, 31), registered_from=accepted)
    before = decide(case(rules, unborn), now=ASKED_AT)
    assert [(r.code, r.values["from_on"]) for r in before.reasons] == [
        (R.TOO_YOUNG, born + timedelta(days=57))
    ]
    assert before.fee.lines == ()
    later = stay(day=date(2027, 4, 1))
    assert codes(case(rules, unborn, span=later)) == []
    twin = replace(unborn, child_id=uuid.UUID(int=2))
    fee = decide(case(rules, unborn, twin, span=later), now=ASKED_AT).fee
    assert fee.total_yen == 2 * 1500


# --- 10. promotion from the waiting list ---


def test_10_a_promotion_is_judged_anew_by_all_that_holds_on_its_day() -> None:
    rules = document(
        booking_window={"closes": {"days": 1, "at": "17:00"}},
        age={"max": {"unit": "years", "value": 3}},
        registration={"required": True},
        caps=[{"metric": "days", "amount": 1, "period": "month"}],
        siblings={"most": 1},
    )
    wish = case(rules)
    assert codes(wish) == []
    promoted_at = jst(2026, 11, 19, 16)
    assert codes(wish, promoted_at) == []
    assert codes(wish, jst(2026, 11, 19, 17)) == [R.CLOSED_FOR_BOOKING]
    in_between = History((used(date(2026, 11, 16), state=UseState.ATTENDED),))
    assert codes(replace(wish, history=in_between), promoted_at) == [R.CAP_REACHED]
    ended = replace(KID, registered_until=date(2026, 11, 18))
    assert codes(replace(wish, children=(ended,)), promoted_at) == [R.REGISTRATION_ENDED]
    with_sibling = replace(wish, children=(KID, child(2)))
    assert codes(with_sibling, promoted_at) == [R.TOO_MANY_SIBLINGS]
    grown = replace(KID, born_on=date(2023, 11, 20))
    assert codes(replace(wish, children=(grown,)), promoted_at) == [R.TOO_OLD]
