"""On which days sessions fall, until when they are booked, and who may come."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from portal.kernel.clock import JST
from portal.policies.steps import Demand, StepKind, StepRule, StepsRule, StepStanding
from portal.visits.order import Turn, turn_of
from portal.visits.recurrence import LONGEST, MOST_DATES, Repeat, Unit, dates_of
from portal.visits.rules import (
    ChildrenCome,
    FamilyFacts,
    Party,
    Place,
    SessionFacts,
    SessionWish,
    Until,
    VisitKind,
    VisitRefusal,
    VisitState,
    days_chosen,
    moment_until,
    reasons_against_cancelling,
    reasons_against_session,
    reasons_against_visit,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=JST)
STARTS = datetime(2026, 12, 1, 10, 0, tzinfo=JST)
HANA = uuid.uuid4()


def plan(first: date, unit: Unit, every: int, until: date) -> tuple[date, ...]:
    return dates_of(first, Repeat(unit, every, until))


@pytest.mark.proves("B35")
def test_the_last_day_of_a_plan_belongs_to_it() -> None:
    days = plan(date(2026, 2, 12), Unit.DAY, 1, date(2026, 2, 14))
    assert days == (date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 14))


@pytest.mark.proves("B37")
@pytest.mark.parametrize(
    ("every", "days", "count"), [(2, 42, 4), (2, 41, 3), (4, 27, 1), (4, 28, 2), (1, 0, 1)]
)
def test_every_so_many_weeks(every: int, days: int, count: int) -> None:
    first = date(2026, 9, 1)
    found = plan(first, Unit.WEEK, every, first + timedelta(days=days))
    assert len(found) == count
    assert {day.weekday() for day in found} == {first.weekday()}


@pytest.mark.proves("B37")
@pytest.mark.parametrize("every", [0, -1])
def test_no_plan_without_a_distance_or_without_an_end(every: int) -> None:
    with pytest.raises(ValueError, match="not a plan"):
        plan(date(2026, 9, 1), Unit.WEEK, every, date(2026, 10, 1))
    with pytest.raises(ValueError, match="not a plan"):
        dates_of(date(2026, 9, 1), Repeat(Unit.MONTH, 1, None))


@pytest.mark.proves("B39")
def test_a_plan_begun_on_the_fifth_monday_takes_the_last_of_each_month() -> None:
    found = plan(date(2025, 9, 29), Unit.MONTH, 1, date(2025, 12, 31))
    assert found == (date(2025, 9, 29), date(2025, 10, 27), date(2025, 11, 24), date(2025, 12, 29))


def test_a_plan_by_month_keeps_its_weekday_of_the_month_over_the_year() -> None:
    found = plan(date(2026, 11, 10), Unit.MONTH, 2, date(2027, 3, 31))
    assert found == (date(2026, 11, 10), date(2027, 1, 12), date(2027, 3, 9))
    fourth = plan(date(2027, 1, 26), Unit.MONTH, 1, date(2027, 3, 31))
    assert fourth == (date(2027, 1, 26), date(2027, 2, 23), date(2027, 3, 23)), "not the last"


@pytest.mark.parametrize("unit", [Unit.DAY, Unit.WEEK, Unit.MONTH])
def test_a_plan_ends_somewhere_even_at_the_end_of_time(unit: Unit) -> None:
    assert len(plan(date(9999, 12, 1), unit, 1, date.max)) <= MOST_DATES + 1
    assert len(plan(date(2026, 1, 1), Unit.DAY, 1, date(2199, 1, 1))) == MOST_DATES + 1


def test_days_that_are_left_out_and_days_of_no_plan_make_no_session() -> None:
    week = [date(2026, 12, day) for day in (1, 8, 15)]
    assert days_chosen(week, [week[2], date(2026, 12, 9), week[0]]) == (week[0], week[2])


WISH = SessionWish(
    kind=VisitKind.TOUR, first=STARTS.date(), start=20, length=30, seats=4, place=Place.FACILITY
)


def refused(wish: SessionWish) -> set[str]:
    return {reason.code.value for reason in reasons_against_session(wish, now=NOW)}


@pytest.mark.proves("R24")
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"first": date(2026, 11, 21)}, VisitRefusal.IN_THE_PAST),
        ({"first": date(2026, 11, 22), "start": 19}, VisitRefusal.IN_THE_PAST),
        ({"first": date(2028, 1, 1)}, VisitRefusal.TOO_FAR),
        ({"length": 0}, VisitRefusal.LENGTH),
        ({"length": -30}, VisitRefusal.LENGTH),
        ({"start": 47, "length": 60}, VisitRefusal.PAST_MIDNIGHT),
        ({"seats": 0}, VisitRefusal.SEATS),
        ({"seats": 1000}, VisitRefusal.SEATS),
        ({"repeat": Repeat(Unit.WEEK, 1, None)}, VisitRefusal.UNTIL_MISSING),
        ({"repeat": Repeat(Unit.WEEK, 0, date(2026, 12, 31))}, VisitRefusal.EVERY),
        ({"repeat": Repeat(Unit.DAY, 1, date(2026, 11, 30))}, VisitRefusal.UNTIL_BEFORE_FIRST),
        (
            {"repeat": Repeat(Unit.DAY, 1, STARTS.date() + LONGEST + timedelta(days=1))},
            VisitRefusal.PLAN_TOO_LONG,
        ),
        ({"place": Place.ELSEWHERE, "place_words": " "}, VisitRefusal.PLACE_MISSING),
        ({"place": Place.ONLINE, "online_url": "javascript:alert(1)"}, VisitRefusal.LINK_WRONG),
        ({"place": Place.ONLINE, "online_url": "https://"}, VisitRefusal.LINK_WRONG),
        ({"place": Place.ONLINE, "online_url": "https://[x"}, VisitRefusal.LINK_WRONG),
        ({"words": "あ" * 601}, VisitRefusal.TEXT_TOO_LONG),
        ({"takes_expecting": False}, VisitRefusal.TOUR_IS_OPEN),
        ({"takes_unregistered": False}, VisitRefusal.TOUR_IS_OPEN),
    ],
)
def test_a_session_that_makes_no_sense_is_refused_with_its_reason(
    changed: dict[str, object], code: VisitRefusal
) -> None:
    assert refused(WISH) == set()
    assert code.value in refused(replace(WISH, **changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (Until.START, STARTS),
        (Until.HOUR, STARTS - timedelta(hours=1)),
        (Until.DAY_BEFORE, datetime(2026, 11, 30, 17, tzinfo=JST)),
        (Until.WEEK, datetime(2026, 11, 24, 17, tzinfo=JST)),
    ],
)
def test_until_when(until: Until, expected: datetime) -> None:
    assert moment_until(until, STARTS) == expected


SESSION = SessionFacts(
    STARTS,
    STARTS + timedelta(minutes=30),
    seats=2,
    taken=1,
    is_cancelled=False,
    children_come=ChildrenCome.EITHER,
    takes_unregistered=True,
    takes_expecting=True,
    book_by=Until.DAY_BEFORE,
    cancel_by=Until.HOUR,
)
EXPECTING = FamilyFacts(born=0, is_registered=False)
KNOWN = FamilyFacts(born=1, is_registered=True)
LATE = datetime(2026, 11, 30, 17, tzinfo=JST)


def codes(
    session: SessionFacts, family: FamilyFacts, party: Party, now: datetime = NOW
) -> set[str]:
    return {reason.code.value for reason in reasons_against_visit(session, family, party, now=now)}


@pytest.mark.proves("R24")
def test_who_expects_a_child_and_has_applied_nowhere_may_come() -> None:
    assert codes(SESSION, EXPECTING, Party()) == set()
    closed = replace(SESSION, takes_unregistered=False, takes_expecting=False)
    assert codes(closed, EXPECTING, Party()) == {"registration_needed", "expecting_not_taken"}
    assert codes(closed, KNOWN, Party()) == set()


@pytest.mark.parametrize(
    ("session", "family", "party", "now", "expected"),
    [
        (replace(SESSION, taken=2), KNOWN, Party(), NOW, {"full"}),
        (replace(SESSION, is_cancelled=True), KNOWN, Party(), NOW, {"stands_not"}),
        (SESSION, replace(KNOWN, has_booked_this=True), Party(), NOW, {"already_booked"}),
        (SESSION, KNOWN, Party(), LATE, {"booking_closed"}),
        (SESSION, KNOWN, Party(), LATE - timedelta(seconds=1), set()),
        (SESSION, KNOWN, Party(), STARTS, {"over"}),
        (SESSION, KNOWN, Party(adults=0), NOW, {"adults"}),
        (SESSION, KNOWN, Party(note="あ" * 401), NOW, {"note_too_long"}),
        (
            replace(SESSION, children_come=ChildrenCome.ADULTS),
            KNOWN,
            Party((HANA,)),
            NOW,
            {"children_stay_home"},
        ),
        (
            replace(SESSION, children_come=ChildrenCome.TOGETHER),
            KNOWN,
            Party(),
            NOW,
            {"child_needed"},
        ),
        (replace(SESSION, children_come=ChildrenCome.TOGETHER), EXPECTING, Party(), NOW, set()),
    ],
)
def test_each_thing_against_a_visit_is_said(
    session: SessionFacts, family: FamilyFacts, party: Party, now: datetime, expected: set[str]
) -> None:
    assert codes(session, family, party, now) == expected


def test_staff_enter_who_called_late_and_cancel_for_her() -> None:
    assert not reasons_against_visit(SESSION, KNOWN, Party(), now=STARTS, is_by_staff=True)
    booked = VisitState.BOOKED
    assert not reasons_against_cancelling(booked, SESSION, now=STARTS, is_by_staff=True)
    late = reasons_against_cancelling(booked, SESSION, now=STARTS - timedelta(hours=1))
    assert [reason.code for reason in late] == [VisitRefusal.CANCEL_TOO_LATE]
    assert reasons_against_cancelling(VisitState.ATTENDED, SESSION, now=NOW)


STEPS = StepsRule(
    steps=(
        StepRule(kind=StepKind.SUPPORT_CENTRE, demand=Demand.RECOMMENDED),
        StepRule(kind=StepKind.INTERVIEW),
        StepRule(kind=StepKind.CONSULTATION, demand=Demand.ORDERED),
        StepRule(kind=StepKind.TOUR),
    )
)


@pytest.mark.proves("R4")
@pytest.mark.parametrize(
    ("standings", "done", "expected"),
    [
        ([], (), Turn((StepKind.INTERVIEW,), (StepKind.SUPPORT_CENTRE,))),
        ([], (StepKind.INTERVIEW,), Turn((), (StepKind.SUPPORT_CENTRE,))),
        ([StepStanding(done=frozenset({StepKind.INTERVIEW, StepKind.SUPPORT_CENTRE}))], (), Turn()),
        (
            [
                StepStanding(),
                StepStanding(waived=frozenset({StepKind.INTERVIEW, StepKind.SUPPORT_CENTRE})),
            ],
            (),
            Turn(),
        ),
        (
            [StepStanding(ordered=frozenset({StepKind.CONSULTATION}))],
            (StepKind.INTERVIEW, StepKind.SUPPORT_CENTRE),
            Turn((StepKind.CONSULTATION,)),
        ),
    ],
)
def test_what_comes_before_a_tour(
    standings: list[StepStanding], done: tuple[StepKind, ...], expected: Turn
) -> None:
    assert turn_of(VisitKind.TOUR, STEPS, standings, done=frozenset(done)) == expected


def test_what_is_no_step_of_the_programme_comes_at_any_time() -> None:
    assert turn_of(VisitKind.PRENATAL, STEPS, []) == Turn()
    assert turn_of(VisitKind.TOUR, None, []) == Turn()
