"""The heart: places are given once, by the database's word."""

from __future__ import annotations

import uuid
from datetime import date, time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from portal.slots.models import PoolDay
from portal.slots.places import Full, Stay, Taken, release_places, take_places
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, make_site, next_open_day


def stay_for(
    site: Site,
    family_id: uuid.UUID,
    child_id: uuid.UUID,
    day: date,
    *,
    start: time = time(9),
    end: time = time(12),
    replaces: uuid.UUID | None = None,
) -> Stay:
    return Stay(
        id=uuid.uuid4(),
        group_id=uuid.uuid4(),
        programme_id=site.programme_id,
        family_id=family_id,
        child_id=child_id,
        purpose="respite",
        span=span_on(day, start, end),
        rulebook_id=site.rulebook_id,
        fee_yen=900,
        fee_lines=[],
        cancel_until=None,
        channel="web",
        received_at=clock.now(),
        replaces=replaces,
    )


def take(actor: Actor, *stays: Stay) -> Taken | Full:
    with acting_as(actor), transaction() as session:
        return take_places(session, stays)


def free_at(site: Site, pool_id: uuid.UUID, day: date) -> list[int]:
    with acting_as(site.owner) as session:
        row = session.scalars(
            select(PoolDay).where(PoolDay.pool_id == pool_id, PoolDay.day == day)
        ).one()
        return list(row.free)


def mine(guardian: Actor) -> tuple[uuid.UUID, uuid.UUID]:
    assert guardian.family_id is not None
    return guardian.family_id, children_of(guardian)[0].id


def test_a_stay_takes_its_cells_and_giving_back_frees_them(hinata: Site, tanaka: Actor) -> None:
    day = next_open_day()
    taken = take(tanaka, stay_for(hinata, *mine(tanaka), day))
    assert isinstance(taken, Taken)
    assert free_at(hinata, hinata.total_pool_id, day)[17:25] == [6, 5, 5, 5, 5, 5, 5, 6]
    with acting_as(tanaka), transaction() as session:
        assert release_places(session, taken.bookings) == taken.bookings
        assert release_places(session, taken.bookings) == ()
    assert free_at(hinata, hinata.total_pool_id, day)[17:25] == [6] * 8


def test_siblings_get_all_places_or_none(tanaka: Actor) -> None:
    site = make_site("せまい園", places=1)
    day = next_open_day()
    sibling = make_child(tanaka, "田中 りく")
    family, child = mine(tanaka)
    answer = take(tanaka, stay_for(site, family, child, day), stay_for(site, family, sibling, day))
    assert answer == Full(site.total_pool_id, day, 18)
    assert free_at(site, site.total_pool_id, day)[18] == 1


def test_the_age_band_and_the_total_are_both_limits(hinata: Site) -> None:
    day = next_open_day()
    babies = [
        make_guardian(f"母{number}", children=(f"赤ちゃん{number}",), born_on=date(2026, 5, 1))
        for number in range(3)
    ]
    answers = [take(baby, stay_for(hinata, *mine(baby), day)) for baby in babies]
    assert [type(answer) for answer in answers] == [Taken, Taken, Full]
    assert answers[2] == Full(hinata.baby_pool_id, day, 18)


@pytest.mark.proves("B33")
def test_moving_a_booking_does_not_count_its_old_self(tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    day = next_open_day()
    family, child = mine(tanaka)
    taken = take(tanaka, stay_for(site, family, child, day))
    assert isinstance(taken, Taken)
    moved = take(
        tanaka,
        stay_for(
            site, family, child, day, start=time(10), end=time(13), replaces=taken.bookings[0]
        ),
    )
    assert moved == taken
    assert free_at(site, site.total_pool_id, day)[17:27] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 1]


def test_a_child_is_never_in_two_places_at_once(hinata: Site, midori: Site, tanaka: Actor) -> None:
    day = next_open_day()
    take(tanaka, stay_for(hinata, *mine(tanaka), day))
    with pytest.raises(IntegrityError, match="one_place_at_a_time"):
        take(tanaka, stay_for(midori, *mine(tanaka), day))


def test_nobody_books_for_a_strange_family(hinata: Site, yamada: Actor, tanaka: Actor) -> None:
    day = next_open_day()
    stay = stay_for(hinata, *mine(tanaka), day)
    for stranger in (yamada, make_guardian("別の母"), hinata.owner):
        with pytest.raises(ProgrammingError, match="not the actor's"):
            take(stranger, stay)


def test_times_that_lie_about_their_cells_are_refused(hinata: Site, tanaka: Actor) -> None:
    day = next_open_day()
    stay = stay_for(hinata, *mine(tanaka), day)
    with acting_as(tanaka) as session, pytest.raises(ProgrammingError, match="not the actor's"):
        session.execute(
            text("SELECT * FROM take_places(jsonb_build_array(CAST(:stay AS jsonb)))"),
            {
                "stay": (
                    f'{{"programme_id": "{stay.programme_id}", "family_id": "{stay.family_id}",'
                    f' "child_id": "{stay.child_id}", "day": "{day}",'
                    f' "starts_at": "{day}T09:00+09:00", "ends_at": "{day}T12:00+09:00",'
                    ' "from_cell": 18, "to_cell": 19}'
                )
            },
        )


def test_the_app_role_cannot_write_places_past_the_functions(hinata: Site) -> None:
    for statement in (
        "UPDATE pool_days SET free = capacity",
        "INSERT INTO pool_days SELECT * FROM pool_days",
        "DELETE FROM pool_days",
        "UPDATE bookings SET state = 'cancelled'",
        "UPDATE bookings SET starts_at = now()",
        "DELETE FROM bookings",
    ):
        with (
            acting_as(hinata.owner) as session,
            pytest.raises(ProgrammingError, match="permission denied"),
        ):
            session.execute(text(statement))
