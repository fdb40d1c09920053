"""Borders of rules that small mistakes cross unseen: first and last days, ties, nobody left."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

import pytest

from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS
from portal.policies.day_of_use import DayOfUseRule
from portal.policies.decide import booking_window, decide
from portal.policies.enrolment import EnrolmentRule
from portal.policies.facts import Enrolment, Household
from portal.policies.fee_ages import AgeBasis, months_for_price
from portal.policies.history import History, PastUse, UseState
from portal.policies.noshow_count import no_show_standing
from portal.policies.priced import PricedStay
from portal.policies.promotion import Waiting, turns
from portal.policies.purposes import reported_as
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import RegistrationRule
from portal.policies.residence import HomePlace, ResidenceRule
from portal.policies.units import stays
from portal.policies.waitlist import WaitlistRule
from tests.rules.policy_cases import ANY_DAY, ASKED_AT, NEVER, case, child, document, jst, stay

R = BookingRefusal


# --- days ---


@pytest.mark.parametrize(("nth", "opens_on"), [(1, date(2026, 11, 1)), (5, date(2026, 11, 29))])
def test_the_first_and_the_last_day_of_a_month_have_their_weekday(nth: int, opens_on: date) -> None:
    opens = {"kind": "monthly", "nth": nth, "weekday": "sun", "at": "09:00"}
    rules = document(booking_window={"opens": opens})
    window = booking_window(rules, ANY_DAY, date(2026, 12, 5))
    assert window.opens_at == jst(2026, opens_on.month, opens_on.day, 9)


def test_the_age_at_the_beginning_of_the_month_is_that_of_the_first() -> None:
    for born, months in ((date(2024, 11, 1), 24), (date(2024, 11, 2), 23)):
        got = months_for_price(AgeBasis.MONTH_START, child(born=born), date(2026, 11, 20))
        assert got == months


def test_a_lead_time_in_open_days_where_none_is_open_counts_every_day() -> None:
    rule = RegistrationRule.model_validate({"lead_days": 3, "lead_counting": "open"})
    (soon,) = rule.reasons(child(registered_from=date(2026, 11, 1)), date(2026, 11, 3), NEVER)
    assert soon.values["from_on"] == date(2026, 11, 4)


def test_a_lead_time_in_weekdays_counts_neither_weekends_nor_holidays() -> None:
    rule = RegistrationRule.model_validate({"lead_days": 3, "lead_counting": "weekdays"})
    every_day = replace(ANY_DAY, holidays=frozenset({date(2026, 11, 23)}))
    friday = date(2026, 11, 20)
    (soon,) = rule.reasons(child(registered_from=friday), friday, every_day)
    assert soon.values["from_on"] == date(2026, 11, 26)


def test_the_month_after_february_is_march() -> None:
    consequence = {"at_points": 1, "then": "refuse", "months": 1, "begins": "next_month"}
    rules = document(no_show={"consequences": [consequence]})
    absent = PastUse(child().child_id, date(2027, 2, 10), 180, state=UseState.NO_SHOW)

    def is_stopped(day: date) -> bool:
        wish = case(rules, span=stay(day=day), history=History((absent,)))
        found = no_show_standing(rules.no_show, wish, child(), asked_on=date(2027, 2, 11))
        return bool(found.reasons)

    days = (date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 31), date(2027, 4, 1))
    assert [is_stopped(day) for day in days] == [False, True, True, False]


# --- times ---


def test_who_comes_at_lunch_time_is_there_and_who_leaves_then_is_not() -> None:
    rule = DayOfUseRule.model_validate({"belongings": [{"name": "お弁当", "at": "12:00"}]})
    for starts, ends, is_brought in (
        ("12:00", "15:00", True),
        ("09:00", "12:00", False),
        ("09:00", "12:01", True),
        ("12:01", "15:00", False),
    ):
        found = rule.to_bring(months=30, minutes=180, starts=starts, ends=ends)
        assert bool(found) is is_brought, starts


def test_without_a_rule_of_units_every_half_hour_begins_and_ends_a_stay() -> None:
    found = stays(None)
    assert len(found) == CELLS
    assert all(ends == tuple(range(start + 1, CELLS + 1)) for start, ends in enumerate(found))


# --- uses ---


def test_types_of_use_are_reported_under_the_three_of_the_nation() -> None:
    reported = {"irregular_work": "irregular_work", "specific": "irregular_work",
                "emergency": "emergency", "juror": "emergency", "refresh": "respite",
                None: "respite"}  # fmt: skip
    for purpose, report in reported.items():
        assert reported_as(None, purpose).value == report


def test_regular_use_where_rules_say_nothing_of_it_is_asked_nothing() -> None:
    wish = case(document(), options=frozenset({"regular"}))
    assert decide(wish, now=ASKED_AT).reasons == ()


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({"nappies"}, 1),
        ({"nappies:3"}, 3),
        ({"nappies:many"}, 1),
        ({"nappies", "nappies:2"}, 2),
        ({"nappies_at_night:2"}, 0),
        ((), 0),
    ],
)
def test_an_option_without_a_number_is_one(options: Collection[str], count: int) -> None:
    assert PricedStay(stay(), options=frozenset(options)).chosen("nappies") == count


# --- homes ---


def test_a_place_may_be_a_prefecture_alone_or_with_a_city() -> None:
    chiba = Household(city="柏市", prefecture="千葉県")
    fuchu = Household(city="府中市", prefecture="広島県")
    assert HomePlace(prefecture="千葉県").holds(chiba)
    assert not HomePlace(prefecture="東京都").holds(chiba)
    assert HomePlace(prefecture="広島県", city="府中市").holds(fuchu)
    assert not HomePlace(prefecture="東京都", city="府中市").holds(fuchu)


def test_of_two_exceptions_the_one_whose_papers_are_in_holds() -> None:
    others = [
        {"circumstance": "homecoming", "statement": True},
        {"circumstance": "workplace", "statement": True},
        {"circumstance": "juror"},
    ]
    rule = ResidenceRule.model_validate({"cities": ["松戸市"], "others": others})
    both = frozenset({"homecoming", "workplace"})

    def chosen(circumstances: frozenset[str], *statements: str) -> str | None:
        home = Household(city="柏市", circumstances=circumstances, statements=frozenset(statements))
        found = rule.other(home, None)
        return found.circumstance if found else None

    assert chosen(both, "workplace") == "workplace"
    assert chosen(both) == "homecoming"
    assert chosen(both | {"juror"}) == "juror"


def test_enrolment_is_asked_for_some_purposes_and_by_the_head_not_at_all() -> None:
    rule = EnrolmentRule.model_validate(
        {
            "purposes": ["respite"],
            "discretion": True,
            "also": [{"enrolments": ["kindergarten"], "approval": True}],
        }
    )
    licensed, young = child(enrolment=Enrolment.LICENSED), child(enrolment=Enrolment.KINDERGARTEN)
    for purpose, by_head, is_refused in (
        ("respite", False, True),
        ("respite", True, False),
        ("emergency", False, False),
    ):
        assert bool(list(rule.reasons(licensed, purpose, by_head=by_head))) is is_refused
    noted = [len(list(rule.notes(young, purpose))) for purpose in ("respite", "emergency")]
    assert noted == [1, 0]
    asked = rule.model_copy(update={"discretion": False})
    assert len(list(asked.reasons(licensed, "respite", by_head=True))) == 1


# --- turns ---


def test_those_who_are_left_of_a_family_are_asked_anew() -> None:
    one, two, three = (uuid.UUID(int=number) for number in (1, 2, 3))
    family = Waiting(uuid.UUID(int=9), (one, two, three), jst(2026, 11, 10))
    alone = WaitlistRule.model_validate({"siblings_as_one": False})

    def judge(_one: Waiting, children: Sequence[uuid.UUID]) -> Collection[Reason]:
        # The eldest is too old; the others may come only together with it.
        return [Reason(R.TOO_OLD, {}, one) if one in children else Reason(R.TOO_YOUNG, {}, two)]

    (turn,) = turns(alone, [family], 5, judge=judge)
    assert (turn.children, [reason.code for reason in turn.reasons]) == ((), [R.TOO_OLD])


def test_whom_rules_refuse_altogether_are_not_asked_again() -> None:
    asked: list[tuple[uuid.UUID, ...]] = []
    one = uuid.UUID(int=1)
    family = Waiting(uuid.UUID(int=9), (one,), jst(2026, 11, 10))
    alone = WaitlistRule.model_validate({"siblings_as_one": False})

    def judge(_one: Waiting, children: Sequence[uuid.UUID]) -> Collection[Reason]:
        asked.append(tuple(children))
        return [Reason(R.TOO_OLD, {}, one)] if children else []

    (turn,) = turns(alone, [family], 1, judge=judge)
    assert (turn.children, asked) == ((), [(one,)])
