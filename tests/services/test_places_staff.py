"""Staff change places; the days follow, nothing taken is lost, strangers change nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.slots import closures, daily, pools, service
from portal.slots.checks import compare_places
from portal.slots.models import PoolDay
from portal.slots.opening import facility_calendar
from portal.slots.places import Full, Taken, release_places
from portal.slots.rules import (
    ClosureWish,
    DayChange,
    Hours,
    PatternChange,
    PlacesRefusal,
    PoolKind,
    Shortage,
    horizon_end,
)
from tests.factories.people import make_guardian
from tests.factories.places import Site, next_open_day
from tests.services.test_take_places import free_at, mine, stay_for, take

NOW = clock.now()
DAYTIME = Hours(18, 34)


def pattern(site: Site, number: int, **changes: object) -> PatternChange:
    values: dict[str, object] = {
        "weekdays": frozenset(range(5)),
        "hours": DAYTIME,
        "places": {site.total_pool_id: number},
        "in_force_from": clock.today(NOW),
        "keeps_other_hours": False,
    }
    return PatternChange(**{**values, **changes})  # type: ignore[arg-type]  # a test's values


def day_change(site: Site, day: date, number: int, hours: Hours = DAYTIME) -> DayChange:
    return DayChange(day, hours, {site.total_pool_id: number}, "行事のため")


def codes(found: pytest.ExceptionInfo[Refusal]) -> set[str]:
    return {str(code) for code in found.value.codes}


def test_a_pattern_replaces_the_week_from_its_day_on(hinata: Site, sato: Actor) -> None:
    day = next_open_day(1)
    later = pattern(hinata, 4, in_force_from=day)
    with acting_as(sato), transaction() as session:
        assert service.save_pattern(session, hinata.facility_id, later, actor=sato, now=NOW) == ()
    assert free_at(hinata, hinata.total_pool_id, day)[16:35] == [0, 0, *[4] * 16, 0]
    assert free_at(hinata, hinata.total_pool_id, day - timedelta(days=7))[18] == 6
    last = horizon_end(clock.today(NOW))
    with acting_as(sato) as session:
        filled = session.scalars(
            select(PoolDay.day).where(PoolDay.facility_id == hinata.facility_id)
        ).all()
    assert max(filled) == last


def test_fewer_places_than_taken_are_previewed_then_answered(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    day = next_open_day(1)
    other = make_guardian("別の母", children=("別の子",))
    for guardian in (tanaka, other):
        take(guardian, stay_for(hinata, *mine(guardian), day, start=time(9), end=time(12)))
    change = pattern(hinata, 1)
    short = Shortage(hinata.total_pool_id, day, 6)
    with acting_as(sato) as session:
        found = service.preview_pattern(session, hinata.facility_id, change, actor=sato, now=NOW)
    assert found == [short]
    assert free_at(hinata, hinata.total_pool_id, day)[18] == 4, "a preview writes nothing"
    with acting_as(sato), transaction() as session:
        saved = service.save_pattern(session, hinata.facility_id, change, actor=sato, now=NOW)
    assert short in saved
    assert free_at(hinata, hinata.total_pool_id, day)[18] == 0, "never below what is taken"


@pytest.mark.proves("B20")
def test_a_single_day_replaces_its_week_and_goes_back(hinata: Site, sato: Actor) -> None:
    day = next_open_day(1)
    with acting_as(sato), transaction() as session:
        change = day_change(hinata, day, 0, Hours(0, 48))
        service.save_day(session, hinata.facility_id, change, actor=sato, now=NOW)
        reopened = day_change(hinata, day, 3, Hours(20, 30))
        service.save_day(session, hinata.facility_id, reopened, actor=sato, now=NOW)
    assert free_at(hinata, hinata.total_pool_id, day)[19:31] == [0, *[3] * 10, 0]
    with acting_as(sato), transaction() as session:
        service.save_pattern(session, hinata.facility_id, pattern(hinata, 5), actor=sato, now=NOW)
    assert free_at(hinata, hinata.total_pool_id, day)[20] == 3, "the week does not reach it"
    with acting_as(sato), transaction() as session:
        service.clear_day(session, hinata.facility_id, day, actor=sato, now=NOW)
    assert free_at(hinata, hinata.total_pool_id, day)[20] == 5


@pytest.mark.proves("B18")
def test_a_closure_takes_no_bookings_on_both_its_days_and_keeps_those_there(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    first, other = next_open_day(1), make_guardian("別の母", children=("別の子",))
    kept = take(tanaka, stay_for(hinata, *mine(tanaka), first))
    wish = ClosureWish(first, first + timedelta(days=1), "研修")
    with acting_as(sato), transaction() as session:
        closure_id = closures.close_days(session, hinata.facility_id, wish, actor=sato, now=NOW)
    answers = {
        offset: take(other, stay_for(hinata, *mine(other), first + timedelta(days=offset)))
        for offset in (-1, 0, 1, 2)
    }
    assert [type(answers[n]) for n in (-1, 0, 1, 2)] == [Taken, Full, Full, Taken]
    with acting_as(sato) as session:
        calendar = facility_calendar(session, hinata.facility_id, first)
        assert [calendar.is_open(first + timedelta(days=n)) for n in (-1, 0, 1, 2)] == [
            True,
            False,
            False,
            True,
        ]
        held = session.execute(
            text("SELECT state FROM bookings WHERE id = :id"),
            {"id": kept.bookings[0] if isinstance(kept, Taken) else None},
        ).scalar_one()
    assert held == "confirmed"
    with acting_as(sato), transaction() as session:
        closures.lift_closure(session, closure_id, actor=sato, now=NOW)
    assert isinstance(take(other, stay_for(hinata, *mine(other), first)), Taken)
    with acting_as(sato), transaction() as session, pytest.raises(Refusal) as again:
        closures.lift_closure(session, closure_id, actor=sato, now=NOW)
    assert codes(again) == {PlacesRefusal.ALREADY_LIFTED}


def test_hours_of_a_day_can_be_closed(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    day = next_open_day(1)
    wish = ClosureWish(day, day, "会議", Hours(26, 28))
    with acting_as(sato), transaction() as session:
        closures.close_days(session, hinata.facility_id, wish, actor=sato, now=NOW)
    inside = stay_for(hinata, *mine(tanaka), day, start=time(12), end=time(14))
    assert isinstance(take(tanaka, inside), Full)
    before = stay_for(hinata, *mine(tanaka), day, start=time(9), end=time(13))
    assert isinstance(take(tanaka, before), Taken)


@pytest.mark.proves("B22")
def test_every_reason_against_a_change_is_told_at_once(hinata: Site, sato: Actor) -> None:
    yesterday = clock.today(NOW) - timedelta(days=1)
    reversed_hours = Hours(16, 14)
    week_change = pattern(
        hinata,
        1,
        weekdays=frozenset(),
        places={},
        hours=reversed_hours,
        in_force_from=yesterday,
    )
    bad_day = DayChange(yesterday, reversed_hours, {}, " ")
    wish = ClosureWish(yesterday, yesterday - timedelta(days=1), "", reversed_hours)
    here = hinata.facility_id
    with acting_as(sato) as session:
        with pytest.raises(Refusal) as week:
            service.save_pattern(session, here, week_change, actor=sato, now=NOW)
        with pytest.raises(Refusal) as single:
            service.save_day(session, here, bad_day, actor=sato, now=NOW)
        with pytest.raises(Refusal) as closing:
            closures.close_days(session, here, wish, actor=sato, now=NOW)
    wrong = {PlacesRefusal.HOURS_REVERSED, PlacesRefusal.IN_THE_PAST}
    assert codes(week) == wrong | {PlacesRefusal.NO_WEEKDAY, PlacesRefusal.NOTHING_TO_CHANGE}
    assert codes(single) == wrong | {
        PlacesRefusal.NOTHING_TO_CHANGE,
        PlacesRefusal.REASON_MISSING,
    }
    assert codes(closing) == wrong | {
        PlacesRefusal.DAYS_REVERSED,
        PlacesRefusal.REASON_MISSING,
    }


def test_a_new_age_band_limits_from_now_on(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    day = next_open_day(1)
    with acting_as(sato), transaction() as session:
        ones = pools.add_pool(
            session,
            hinata.facility_id,
            kind=PoolKind.AGE_BAND,
            label="1歳児",
            youngest_class=1,
            oldest_class=2,
            places=1,
            actor=sato,
            now=NOW,
        )
    assert isinstance(take(tanaka, stay_for(hinata, *mine(tanaka), day)), Taken)
    other = make_guardian("別の母", children=("別の子",))
    assert take(other, stay_for(hinata, *mine(other), day)) == Full(ones, day, 18)
    with acting_as(sato), transaction() as session:
        assert compare_places(session, hinata.facility_id, day, day) == []
        pools.retire_pool(session, ones, actor=sato, now=NOW)
    assert isinstance(take(other, stay_for(hinata, *mine(other), day)), Taken)
    with acting_as(sato), transaction() as session:
        with pytest.raises(Refusal) as refused:
            pools.retire_pool(session, hinata.total_pool_id, actor=sato, now=NOW)
        assert codes(refused) == {PlacesRefusal.TOTAL_STAYS}
        assert compare_places(session, hinata.facility_id, day, day) == []


STRANGE: dict[str, Callable[[Session, Site, Actor], object]] = {
    "pattern": lambda session, site, who: service.save_pattern(
        session, site.facility_id, pattern(site, 1), actor=who, now=NOW
    ),
    "day": lambda session, site, who: service.save_day(
        session, site.facility_id, day_change(site, next_open_day(), 1), actor=who, now=NOW
    ),
    "clear": lambda session, site, who: service.clear_day(
        session, site.facility_id, next_open_day(), actor=who, now=NOW
    ),
    "closure": lambda session, site, who: closures.close_days(
        session,
        site.facility_id,
        ClosureWish(next_open_day(), next_open_day(), "研修"),
        actor=who,
        now=NOW,
    ),
    "horizon": lambda session, site, who: service.extend_horizon(
        session, site.facility_id, actor=who, now=NOW
    ),
    "rename": lambda session, site, who: pools.rename_pool(
        session, site.total_pool_id, "よそ", actor=who
    ),
}


@pytest.mark.parametrize("deed", STRANGE)
def test_a_stranger_changes_nothing(hinata: Site, yamada: Actor, deed: str) -> None:
    with acting_as(yamada) as session, pytest.raises(NoResultFound):
        STRANGE[deed](session, hinata, yamada)


def test_the_database_itself_stops_a_stranger(hinata: Site, yamada: Actor) -> None:
    today = clock.today(NOW)
    with acting_as(yamada) as session, pytest.raises(ProgrammingError, match="not a facility"):
        service.lay_out(session, hinata.facility_id, today, today)
    closure = Closure(
        id=uuid.uuid4(),
        facility_id=hinata.facility_id,
        organisation_id=hinata.organisation_id,
        from_day=today,
        to_day=today,
        from_cell=0,
        to_cell=48,
        reason="よそ",
    )
    with acting_as(yamada) as session:
        session.add(closure)
        with pytest.raises(ProgrammingError, match="row-level"):
            session.flush()


def test_arrays_equal_bookings_until_somebody_tampers(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    day = next_open_day(1)
    taken = take(tanaka, stay_for(hinata, *mine(tanaka), day))
    assert isinstance(taken, Taken)
    with acting_as(sato), transaction() as session:
        service.save_pattern(session, hinata.facility_id, pattern(hinata, 0), actor=sato, now=NOW)
        assert compare_places(session, hinata.facility_id, day, day) == []
        session.execute(
            text("UPDATE bookings SET cancelled_at = now() WHERE id = :id"),
            {"id": taken.bookings[0]},
        )
        found = compare_places(session, hinata.facility_id, day, day)
    assert [(d.cell, d.in_arrays, d.in_bookings) for d in found] == [
        (n, 1, 0) for n in range(18, 24)
    ]


def test_places_given_back_agree_with_bookings(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    day = next_open_day(1)
    taken = take(tanaka, stay_for(hinata, *mine(tanaka), day))
    assert isinstance(taken, Taken)
    with acting_as(tanaka), transaction() as session:
        release_places(session, taken.bookings)
    with acting_as(sato) as session:
        assert compare_places(session, hinata.facility_id, day, day) == []


def test_the_daily_round_lays_out_days_and_reports_what_disagrees(
    hinata: Site, sato: Actor, tanaka: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    last = horizon_end(clock.today(NOW))
    day = next_open_day(1)
    taken = take(tanaka, stay_for(hinata, *mine(tanaka), day))
    assert isinstance(taken, Taken)
    daily.lay_out_days(NOW)
    assert caplog.records == []
    while last.weekday() > 4:
        last -= timedelta(days=1)
    assert free_at(hinata, hinata.total_pool_id, last)[18] == 6
    assert free_at(hinata, hinata.total_pool_id, day)[18] == 5, "what is taken stays taken"
    with acting_as(sato), transaction() as session:
        session.execute(
            text("UPDATE bookings SET cancelled_at = now() WHERE id = :id"),
            {"id": taken.bookings[0]},
        )
    daily.lay_out_days(NOW)
    assert len(caplog.records) == 6
