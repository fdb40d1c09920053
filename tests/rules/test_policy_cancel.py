from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelFee, WaivedReason
from portal.policies.cancelling import LateStep, late_steps
from portal.policies.decide import cancel_fee, decide, reasons_against_cancelling
from portal.policies.document import RulesDocument, load_template
from portal.policies.fee import Fee
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import (
    ASKED_AT,
    WEEKDAYS,
    calendars,
    case,
    child,
    children,
    document,
    documents,
    jst,
    moments,
    spans,
    stay,
)

pytestmark = pytest.mark.proves("G11")

HOURLY = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]},
          "per_use": [{"label": "給食", "yen": 300}]}  # fmt: skip


def cancelling(at: datetime, span: Span | None = None, **rule: Any) -> CancelFee:
    rules = document(fee=HOURLY, cancel=rule)
    assert rules.fee is not None
    span = span or stay()
    fee = rules.fee.fee([child()], span)
    return cancel_fee(rules, WEEKDAYS, span, fee=fee, now=at)


def test_free_until_the_very_moment() -> None:
    rule: dict[str, Any] = {
        "free_until": {"days": 1, "at": "17:00"},
        "late_fee": {"kind": "percent", "percent": 50},
    }
    until = jst(2026, 11, 19, 17)
    assert cancelling(until - timedelta(microseconds=1), **rule) == (0, False, until)
    assert cancelling(until, **rule) == (600, True, until)


@pytest.mark.parametrize(
    ("deadline", "day", "until"),
    [
        # M01: the day before, closed days not counted; the holiday 23 November is a Monday.
        ({"days": 1, "counting": "open"}, date(2026, 11, 24), jst(2026, 11, 21)),
        ({"days": 5}, date(2026, 11, 20), jst(2026, 11, 16)),  # M02
        ({"days": 3}, date(2026, 11, 20), jst(2026, 11, 18)),  # M08
        ({"days": 2, "at": "07:30"}, date(2026, 11, 20), jst(2026, 11, 18, 7, 30)),
        ({"days": 0, "at": "08:00"}, date(2026, 11, 20), jst(2026, 11, 20, 8)),
        ({"days": 0, "at": "10:00"}, date(2026, 11, 20), jst(2026, 11, 20, 9)),  # it starts at 9
        ({"days": 2, "counting": "open"}, date(2027, 1, 4), jst(2026, 12, 26)),
    ],
)
@pytest.mark.proves("B63")
def test_deadlines_of_real_places(deadline: dict[str, Any], day: date, until: datetime) -> None:
    assert cancelling(ASKED_AT, stay(day=day), free_until=deadline).until == until


@pytest.mark.parametrize(
    ("late_fee", "yen"),
    [
        (None, 0),
        ({"kind": "flat", "yen": 500}, 500),
        ({"kind": "percent", "percent": 50}, 600),
        ({"kind": "percent", "percent": 100}, 1200),
        ({"kind": "percent", "percent": 100, "of": "total"}, 1500),
        ({"kind": "percent", "percent": 33}, 396),
    ],
)
def test_late_fees(late_fee: dict[str, Any] | None, yen: int) -> None:
    free_until = {"days": 1}
    assert cancelling(jst(2026, 11, 20, 8), free_until=free_until, late_fee=late_fee)[:2] == (
        yen,
        True,
    )


def test_illness_costs_nothing_where_the_document_says_so() -> None:
    rules, span = load_template("half-day"), stay()
    for waived, yen in ((WaivedReason.ILLNESS, 0), (WaivedReason.BEREAVEMENT, 500), (None, 500)):
        late = cancel_fee(rules, WEEKDAYS, span, fee=Fee(), now=span.starts_at, waived=waived)
        assert (late.amount_yen, late.is_late) == (yen, True)
    two = cancel_fee(rules, WEEKDAYS, span, fee=Fee(), now=span.starts_at, children=2)
    assert two.amount_yen == 1000


def test_the_price_of_a_late_cancel_is_told_before_booking() -> None:
    kids = child(2, date(2022, 5, 20)), child(1, date(2025, 5, 20))
    wish = case(load_template("hourly-standard"), *kids)
    decision = decide(wish, now=ASKED_AT)
    until = jst(2026, 11, 19, 17)
    assert decision.cancel_until == until
    assert late_steps(wish, decision.fee, now=ASKED_AT) == (LateStep(until, 750),)


def test_without_rule_cancelling_is_free() -> None:
    answer = cancel_fee(RulesDocument(), WEEKDAYS, stay(), fee=Fee(), now=ASKED_AT)
    assert answer == (0, False, None)
    assert decide(case(RulesDocument()), now=ASKED_AT).cancel_until is None


@pytest.mark.proves("B42")
@pytest.mark.parametrize(
    ("now", "possible"),
    [
        (jst(2026, 11, 20, 8), True),
        (jst(2026, 11, 20, 10, 59), True),
        (jst(2026, 11, 20, 11), False),
        (jst(2026, 11, 20, 13), False),
        (jst(2026, 11, 20, 17), False),
        (jst(2026, 11, 20, 17, 1), False),
    ],
)
def test_a_stay_that_has_started_is_not_cancelled(now: datetime, *, possible: bool) -> None:
    for by_staff in (True, False):
        reasons = reasons_against_cancelling(
            RulesDocument(), WEEKDAYS, stay("11:00", "17:00"), now=now, by_staff=by_staff
        )
        assert (not reasons) is possible
        assert {r.code for r in reasons} <= {BookingRefusal.STAY_HAS_STARTED}


def test_m02_after_the_deadline_by_phone_only() -> None:
    rules = document(cancel={"free_until": {"days": 5}, "late_online": False})
    until = jst(2026, 11, 16)

    def reasons(now: datetime, *, by_staff: bool = False) -> tuple[object, ...]:
        return reasons_against_cancelling(rules, WEEKDAYS, stay(), now=now, by_staff=by_staff)

    assert not reasons(until - timedelta(seconds=1))
    (reason,) = reasons_against_cancelling(rules, WEEKDAYS, stay(), now=until)
    assert reason.code is BookingRefusal.CANCEL_BY_PHONE_ONLY
    assert reason.values == {"until_at": until}
    assert not reasons(until, by_staff=True)


@given(documents, calendars, spans(), children, moments)
def test_cancelling_is_never_late_before_its_deadline_nor_the_deadline_after_the_start(
    rules: RulesDocument, calendar: FacilityCalendar, span: Span, kids: Any, now: datetime
) -> None:
    fee = rules.fee.fee(kids, span) if rules.fee else Fee()
    amount, is_late, until = cancel_fee(rules, calendar, span, fee=fee, now=now, children=len(kids))
    assert until is None or until <= span.starts_at
    assert is_late is (until is not None and now >= until)
    assert amount >= 0
    assert is_late or amount == 0
