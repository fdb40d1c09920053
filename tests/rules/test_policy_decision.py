"""What a decision says when rules differ from child to child, and what it says beside reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.policies.cancelling import (
    cancel_fee,
    fee_of_those_who_stay,
    late_steps,
    reasons_against_cancelling,
)
from portal.policies.case import Case
from portal.policies.decide import booking_window, decide
from portal.policies.document import RulesDocument
from portal.policies.facts import Household, Mark
from portal.policies.history import History, PastUse
from portal.policies.matching import calendar_for, document_for
from portal.policies.notes import BookingNote
from portal.policies.outcome import Outcome
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import ASKED_AT, FRIDAY, WEEKDAYS, case, child, document, jst, stay

pytestmark = pytest.mark.proves("R21")

R = BookingRefusal
BABY, ELDER = child(1, date(2026, 5, 20)), child(2, date(2023, 5, 20))
SATURDAY = date(2026, 11, 21)


def rules(**kinds: Any) -> RulesDocument:
    """Rules with a variant for the 0-year class."""
    usual: dict[str, Any] = {
        "booking_window": {
            "opens": {"kind": "rolling", "days": 10, "at": "09:00"},
            "closes": {"days": 2},
        },
        "fee": {"tariff": {"kind": "hourly", "bands": [{"yen": 500}]},
                "siblings": {"second_percent": 50}},
        "cancel": {"free_until": {"days": 1}, "late_fee": {"kind": "flat", "yen": 300}},
    }  # fmt: skip
    baby = {
        "name": "0歳児クラス",
        "when": {"class_ages": [0]},
        "booking_window": {"opens": {"days": 5}, "closes": {"days": 3}},
        "fee": {"tariff": {"bands": [{"yen": 900}]}},
        "cancel": {"free_until": {"days": 4}, "late_fee": {"yen": 700}},
    }
    return document(**{**usual, "variants": [baby], **kinds})


def said(wish: Case, now: Any = ASKED_AT) -> list[tuple[str, int | None]]:
    found = decide(wish, now=now).reasons
    return [(r.code, r.child_id.int if r.child_id else None) for r in found]


def test_each_child_pays_and_waits_by_its_own_rules() -> None:
    wish, now = case(rules(), BABY, ELDER), jst(2026, 11, 10, 12)
    decision = decide(wish, now=now)
    assert decision.opens_at == jst(2026, 11, 15, 9)  # once it has opened for both
    assert decision.closes_at == jst(2026, 11, 18)  # as long as it is open for both
    assert decision.cancel_until == jst(2026, 11, 17)
    assert late_steps(wish, decision.fee, now=now)[-1].amount_yen == 700 + 300
    # The baby is the second child, at its own price.
    assert decision.fee.for_child(ELDER.child_id).total_yen == 1500
    assert decision.fee.for_child(BABY.child_id).total_yen == 2700 // 2


def test_what_stands_against_some_is_said_of_each_and_what_against_all_once() -> None:
    sunday = stay(day=date(2026, 11, 22))
    wish = case(rules(), ELDER, BABY, span=sunday)
    assert said(wish, jst(2026, 11, 13, 12)) == [(R.NOT_OPEN_DAY, None), (R.NOT_YET_OPEN, 1)]
    both = jst(2026, 11, 11, 12)
    # Both are too early, but until different days.
    assert said(wish, both) == [
        (R.NOT_OPEN_DAY, None), (R.NOT_YET_OPEN, 2), (R.NOT_YET_OPEN, 1)
    ]  # fmt: skip
    alone = replace(wish, children=(BABY,))
    assert said(alone, both) == [(R.NOT_OPEN_DAY, None), (R.NOT_YET_OPEN, None)]


def test_a_households_limit_speaks_once() -> None:
    cap = {"metric": "visits", "amount": 1, "period": "month", "per": "household"}
    decision = decide(case(rules(caps=[cap]), BABY, ELDER), now=jst(2026, 11, 16))
    assert [r.code for r in decision.reasons] == [R.CAP_REACHED]
    assert len(decision.caps) == 1


def test_the_calendar_opens_by_what_goes_by_the_day_alone() -> None:
    by_day = rules(variants=[{"name": "土曜日", "when": {"weekdays": ["sat"]},
                              "booking_window": {"opens": {"days": 3}}}])  # fmt: skip
    assert booking_window(by_day, WEEKDAYS, FRIDAY).opens_at == jst(2026, 11, 10, 9)
    assert booking_window(by_day, WEEKDAYS, SATURDAY).opens_at == jst(2026, 11, 18, 9)
    assert booking_window(rules(), WEEKDAYS, FRIDAY).opens_at == jst(2026, 11, 10, 9)


def test_days_are_open_by_the_hours_that_hold_on_each() -> None:
    weekly = [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "starts": "09:00", "ends": "17:00"}]
    winter = {"name": "年末", "when": {"months": [12]},
              "hours": {"weekly": [{**weekly[0], "weekdays": ["mon"]}]}}  # fmt: skip
    usual = document(hours={"weekly": weekly}, variants=[winter])
    days = calendar_for(usual, WEEKDAYS)
    assert days.is_open(date(2026, 11, 27))
    assert not days.is_open(date(2026, 12, 4))
    assert days.is_open(date(2026, 12, 7))
    gone = document(hours={"weekly": weekly[:0]}, variants=[{**winter, "leaves_out": ["hours"],
                                                             "hours": {}}])  # fmt: skip
    assert calendar_for(gone, WEEKDAYS).is_open(date(2026, 12, 4))
    plain = document(hours={"weekly": weekly})
    assert calendar_for(plain, WEEKDAYS) is calendar_for(plain, WEEKDAYS)
    assert calendar_for(document(), WEEKDAYS) is WEEKDAYS


def test_the_type_of_use_is_that_of_the_reason_wherever_rules_go_by_it() -> None:
    usual = document(
        purposes={
            "types": [{"code": "respite"}, {"code": "irregular_work"}],
            "reasons": [{"code": "work", "label": "仕事", "type": "irregular_work"}],
        },
        caps=[{"metric": "days", "amount": 0, "period": "week", "purposes": ["irregular_work"]}],
        variants=[{"name": "仕事", "when": {"purposes": ["irregular_work"]},
                   "units": {"max_minutes": 60}}],
    )  # fmt: skip
    assert said(case(usual, reason="work")) == [(R.TOO_LONG, None), (R.CAP_REACHED, 1)]
    both = case(usual, reason="work", purpose="respite")
    assert [code for code, _ in said(both)] == [
        R.TOO_LONG, R.REASON_OF_OTHER_PURPOSE, R.CAP_REACHED
    ]  # fmt: skip
    assert said(case(usual, purpose="respite")) == []


@pytest.mark.parametrize(
    ("kinds", "outcome", "notes"),
    [
        ({}, Outcome.CONFIRMED, []),
        ({"allocation": {"method": "staff_approval", "answer_days": 3}},
         Outcome.AWAITS_APPROVAL, [BookingNote.AWAITS_FACILITY]),
        ({"allocation": {"method": "provisional"}},
         Outcome.PROVISIONAL, [BookingNote.AWAITS_PAPERS]),
        ({"allocation": {"method": "lottery"}}, Outcome.LOTTERY, [BookingNote.AWAITS_DRAW]),
        ({"caps": [{"metric": "days", "amount": 0, "period": "week", "on_breach": "ask_staff"}]},
         Outcome.AWAITS_APPROVAL, [BookingNote.CAP_NEEDS_STAFF]),
        ({"booking_window": {"phases": [
            {"name": "一次", "closes": {"days": 20}, "allocation": "lottery"},
            {"name": "二次", "closes": {"days": 1}}]}}, Outcome.CONFIRMED, []),
    ],
)  # fmt: skip
def test_what_a_wish_becomes(kinds: Any, outcome: Outcome, notes: list[BookingNote]) -> None:
    decision = decide(case(document(**kinds)), now=ASKED_AT)
    assert decision.reasons == ()
    assert decision.outcome is outcome
    assert [note.code for note in decision.notes] == notes


def test_in_its_own_phase_a_wish_is_drawn_by_the_ways_of_that_phase() -> None:
    phases = [{"name": "一次", "closes": {"days": 20}, "allocation": "lottery",
               "channels": ["post"]},
              {"name": "二次", "closes": {"days": 1}}]  # fmt: skip
    wish = case(document(booking_window={"phases": phases}), channel="web")
    early = decide(wish, now=jst(2026, 10, 20))
    assert [r.code for r in early.reasons] == [R.CHANNEL_NOT_OFFERED]
    assert early.reasons[0].values == {"channels": ("郵便",)}
    assert early.outcome is Outcome.LOTTERY
    assert decide(replace(wish, channel="post"), now=jst(2026, 10, 20)).reasons == ()
    assert decide(wish, now=ASKED_AT).reasons == ()


def test_above_a_cap_that_costs_more_the_price_knows_it() -> None:
    usual = document(
        caps=[{"metric": "hours", "amount": 4, "period": "month", "on_breach": "surcharge"}],
        fee={"tariff": {"kind": "hourly", "bands": [{"yen": 500}]},
             "surcharges": [{"kind": "above_cap", "yen": 300, "instead": False}]},
    )  # fmt: skip
    past = History((PastUse(child().child_id, date(2026, 11, 2), 120),))
    assert decide(case(usual), now=ASKED_AT).fee.total_yen == 1500
    above = decide(case(usual, history=past), now=ASKED_AT)
    assert above.fee.total_yen == 1500 + 300  # one hour of three
    assert [note.code for note in above.notes] == [BookingNote.ABOVE_CAP_RATE]


def test_only_who_may_sets_aside() -> None:
    usual = document(
        registration={"required": True},
        exceptions={"staff_may": [], "head_may": ["not_registered"]},
    )
    wish = case(usual, child(registered_until=None), overruled=frozenset({R.NOT_REGISTERED}),
                by_staff=True)  # fmt: skip
    assert said(wish) == [(R.NOT_REGISTERED, 1)]
    by_head = decide(replace(wish, by_head=True), now=ASKED_AT)
    assert by_head.reasons == ()
    assert [r.code for r in by_head.overruled] == [R.NOT_REGISTERED]


def test_cancelling_goes_by_the_rules_laid_for_the_child() -> None:
    usual, span = rules(), stay()
    baby = document_for(case(usual, BABY), BABY)
    fee = decide(case(usual, BABY), now=ASKED_AT).fee
    late = jst(2026, 11, 18)

    def costs(laid: RulesDocument | None) -> tuple[int, bool]:
        found = cancel_fee(usual, WEEKDAYS, span, fee=fee, now=late, laid=laid)
        return found.amount_yen, found.is_late

    assert costs(None) == (0, False)
    assert costs(baby) == (700, True)
    phone = document(
        cancel={"free_until": {"days": 1}},
        variants=[{"name": "0歳児", "when": {"class_ages": [0]}, "cancel": {
            "free_until": {"days": 4}, "late_online": False}}],
    )  # fmt: skip
    laid = document_for(case(phone, BABY), BABY)
    assert reasons_against_cancelling(phone, WEEKDAYS, span, now=late) == ()
    (reason,) = reasons_against_cancelling(phone, WEEKDAYS, span, now=late, laid=laid)
    assert reason.code is R.CANCEL_BY_PHONE_ONLY
    by_staff = reasons_against_cancelling(phone, WEEKDAYS, span, now=late, laid=laid, by_staff=True)
    assert by_staff == ()


def test_who_still_comes_pays_by_what_is_known_of_the_family() -> None:
    usual = rules(variants=[{"name": "非課税", "when": {"marks": ["tax_exempt"]},
                             "fee": {"tariff": {"bands": [{"yen": 100}]}}}])  # fmt: skip
    home = Household(marks=(Mark("tax_exempt"),))
    whole = case(usual, ELDER, BABY, household=home)
    told = decide(whole, now=ASKED_AT).fee.for_child(BABY.child_id)
    assert told.total_yen == 150

    def pays(wish: Case | None, now: Any = ASKED_AT) -> int:
        return fee_of_those_who_stay(
            usual, WEEKDAYS, stay(), told=told, staying=[BABY], now=now, case=wish
        ).total_yen

    assert pays(whole) == 300  # no second child any more
    assert pays(None) == 1500  # as far as births alone tell
    assert pays(whole, jst(2026, 11, 20)) == 150  # too late: what was told stands
