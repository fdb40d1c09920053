"""Moving and cancelling: the same booking all along, nobody surprised by a fee."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.bookings.queries.lists import group
from portal.bookings.queries.quotes import quote, wish_to_move
from portal.bookings.rules import BookingChangeRefusal, BookingState, calendar_sequence
from portal.bookings.service import Cancelled, Placed, cancel_booking, change_booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import at
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.policies.cancel import WaivedReason
from portal.policies.reasons import BookingRefusal
from portal.slots.models import PoolDay
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
HOUR = timedelta(hours=1)


@pytest.fixture
def booked(hinata: Site, tanaka: Actor) -> Placed:
    """Hana's stay from 11 to 17 next week, made a week before."""
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return place(tanaka, wish_of(tanaka, hinata, DAY, time(11), time(17)))


def change(actor: Actor, placed: Placed, start: int, end: int, **more: object) -> Placed:
    day = more.pop("day", DAY)
    now = more.pop("now", None) or clock.now()
    assert isinstance(day, date)
    assert isinstance(now, datetime)
    span = span_on(day, time(start), time(end))
    with acting_as(actor), transaction() as session:
        return change_booking(
            session,
            placed.group_id,
            span,
            actor=actor,
            now=now,
            **more,  # type: ignore[arg-type]  # named by the caller
        )


def cancel(
    actor: Actor, placed: Placed, *, now: datetime | None = None, **more: object
) -> Cancelled:
    with acting_as(actor), transaction() as session:
        return cancel_booking(
            session,
            placed.group_id,
            actor=actor,
            now=now or clock.now(),
            **more,  # type: ignore[arg-type]  # named by the caller
        )


def free_at(site: Site, day: date, cell: int) -> int:
    with acting_as(site.owner) as session:
        row = session.scalars(
            select(PoolDay).where(PoolDay.pool_id == site.total_pool_id, PoolDay.day == day)
        ).one()
        return row.free[cell]


@pytest.mark.proves("B33")
def test_moving_keeps_the_booking_and_raises_its_sequence(tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    accept(site, tanaka, children_of(tanaka)[0].id)
    placed = place(tanaka, wish_of(tanaka, site, DAY, time(9), time(12)))
    with acting_as(tanaka) as session:
        found = group(session, placed.group_id, actor=tanaka)
        wish = wish_to_move(found, span_on(DAY, time(10), time(13)))
        told = quote(session, wish, actor=tanaka, now=clock.now(), moving=found)
    assert told.reasons == ()
    moved = change(tanaka, placed, 10, 13)
    assert (moved.group_id, moved.bookings) == (placed.group_id, placed.bookings)
    (booking,) = bookings_of(tanaka)
    assert booking.starts_at == at(DAY, time(10))
    assert booking.sequence == 1
    next_day = DAY + timedelta(days=1)
    change(tanaka, placed, 10, 14, day=next_day)
    assert [free_at(site, DAY, 20), free_at(site, next_day, 20)] == [1, 0]
    (booking,) = bookings_of(tanaka)
    assert (booking.sequence, booking.fee_yen) == (2, 4 * 400 + 300)


@pytest.mark.proves("B27")
def test_old_and_new_start_are_both_held_to_the_deadlines(tanaka: Actor, booked: Placed) -> None:
    free_until = at(DAY - timedelta(days=1), time(17))
    later = DAY + timedelta(days=1)
    with pytest.raises(Refusal) as against_old:
        change(tanaka, booked, 11, 17, day=later, now=free_until)
    assert against_old.value.codes == (BookingChangeRefusal.TOO_LATE_TO_CHANGE,)
    today = clock.local_date(clock.now())
    with pytest.raises(Refusal) as against_new:
        change(tanaka, booked, 8, 9, day=today, now=at(today, time(7, 30)))
    assert BookingRefusal.NOTICE_TOO_SHORT in against_new.value.codes
    change(tanaka, booked, 11, 17, day=later, now=free_until - timedelta(seconds=1))


def test_staff_move_for_a_caller_until_the_stay_begins(
    tanaka: Actor, sato: Actor, booked: Placed
) -> None:
    change(sato, booked, 13, 17, now=at(DAY, time(10, 30)))
    with pytest.raises(Refusal) as refused:
        change(sato, booked, 15, 17, now=at(DAY, time(13)))
    assert BookingRefusal.STAY_HAS_STARTED in refused.value.codes
    assert bookings_of(tanaka)[0].starts_at == at(DAY, time(13))


def test_the_same_time_is_no_change(tanaka: Actor, booked: Placed) -> None:
    with pytest.raises(Refusal) as refused:
        change(tanaka, booked, 11, 17)
    assert refused.value.codes == (BookingChangeRefusal.NOTHING_TO_CHANGE,)


@pytest.mark.proves("B42")
@pytest.mark.parametrize(
    ("hour", "minute", "may"), [(8, 0, True), (13, 0, False), (17, 0, False), (17, 1, False)]
)
def test_a_stay_can_be_cancelled_until_it_begins(
    tanaka: Actor, booked: Placed, hour: int, minute: int, *, may: bool
) -> None:
    now = at(DAY, time(hour, minute))
    if may:
        assert cancel(tanaka, booked, now=now).remaining == 0
        assert bookings_of(tanaka)[0].state is BookingState.CANCELLED
    else:
        with pytest.raises(Refusal) as refused:
            cancel(tanaka, booked, now=now)
        assert refused.value.codes == (BookingRefusal.STAY_HAS_STARTED,)


def test_cancelling_is_free_until_the_limit_then_half_the_care_fee(
    hinata: Site, tanaka: Actor, sato: Actor, booked: Placed
) -> None:
    limit = at(DAY - timedelta(days=1), time(17))
    with pytest.raises(Refusal) as refused:
        cancel(tanaka, booked, now=limit, agreed_fee_yen=0)
    assert refused.value.reasons[0].values == {"amount_yen": 1200}
    cancel(tanaka, booked, now=limit, agreed_fee_yen=1200)
    (booking,) = bookings_of(tanaka)
    assert (booking.cancel_fee_yen, booking.cancelled_by) == (1200, tanaka.user_id)
    assert free_at(hinata, DAY, 22) == 6
    again = place(tanaka, wish_of(tanaka, hinata, DAY, time(11), time(17)))
    called = cancel(sato, again, now=limit + HOUR, received_at=limit - HOUR)
    assert called.fee_yen == 0
    with pytest.raises(Refusal) as twice:
        cancel(tanaka, again)
    assert twice.value.codes == (BookingRefusal.ALREADY_CANCELLED,)


def test_illness_is_waived_but_nobody_speaks_for_the_facility(
    tanaka: Actor, booked: Placed
) -> None:
    now = at(DAY, time(8))
    with pytest.raises(Refusal):
        cancel(tanaka, booked, now=now, because=WaivedReason.CLOSED_BY_FACILITY, agreed_fee_yen=0)
    cancel(tanaka, booked, now=now, because=WaivedReason.ILLNESS, agreed_fee_yen=0)
    assert bookings_of(tanaka)[0].cancel_reason == "illness"


def test_one_of_two_children_stays_away(hinata: Site, tanaka: Actor) -> None:
    sibling = make_child(tanaka, "田中 りく", born_on=date(2023, 1, 10))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    placed = place(tanaka, wish_of(tanaka, hinata, DAY))
    assert cancel(tanaka, placed, child_ids=[sibling]).remaining == 1
    assert free_at(hinata, DAY, 18) == 5
    with acting_as(tanaka) as session:
        found = group(session, placed.group_id, actor=tanaka)
    assert [booking.child_id == sibling for booking in found.live] == [False]
    assert found.sequence == calendar_sequence([1, 0])
    cancel(tanaka, placed)
    assert free_at(hinata, DAY, 18) == 6


def test_nobody_touches_a_strange_booking(
    hinata: Site, yamada: Actor, tanaka: Actor, booked: Placed
) -> None:
    other = make_guardian("別の母", children=("別の子",))
    for stranger in (yamada, other):
        with pytest.raises(NoResultFound):
            change(stranger, booked, 9, 12)
        with pytest.raises(NoResultFound):
            cancel(stranger, booked)
    with pytest.raises(NoResultFound):
        cancel(tanaka, booked, child_ids=[uuid.uuid4()])
    assert free_at(hinata, DAY, 22) == 5


@pytest.fixture
def siblings(hinata: Site, tanaka: Actor) -> Placed:
    """Hana, the elder, and Riku with half his care fee off: 1,500 and 900 yen."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return place(tanaka, wish_of(tanaka, hinata, DAY))


@pytest.mark.proves("J3")
def test_who_stays_costs_what_the_rules_say_and_nothing_untold_is_taken(
    tanaka: Actor, siblings: Placed
) -> None:
    hana, riku = (child.id for child in children_of(tanaka))
    elder, younger = (
        b.fee_yen for b in sorted(bookings_of(tanaka), key=lambda b: b.child_id != hana)
    )
    assert (elder, younger) == (1500, 900)
    with pytest.raises(Refusal) as untold:
        cancel(tanaka, siblings, child_ids=[hana], agreed_rest_yen=900)
    assert untold.value.codes == (BookingChangeRefusal.REST_FEE_CHANGED,)
    gone = cancel(tanaka, siblings, child_ids=[hana], agreed_rest_yen=1500)
    assert (gone.rest_was_yen, gone.rest_yen) == (900, 1500)
    (stays,) = [b for b in bookings_of(tanaka) if b.child_id == riku]
    assert stays.fee_yen == 1500
    assert [line["label_code"] for line in stays.fee_lines] == ["care_hourly", "per_use"]


def test_the_elder_keeps_her_price_when_the_younger_goes(tanaka: Actor, siblings: Placed) -> None:
    gone = cancel(tanaka, siblings, child_ids=[children_of(tanaka)[1].id])
    assert (gone.rest_was_yen, gone.rest_yen) == (1500, 1500)


@pytest.mark.parametrize("late", [True, False])
def test_after_the_free_time_or_for_the_facility_the_price_told_stands(
    tanaka: Actor, sato: Actor, siblings: Placed, *, late: bool
) -> None:
    ill, shut = WaivedReason.ILLNESS, WaivedReason.CLOSED_BY_FACILITY
    gone = cancel(
        tanaka if late else sato,
        siblings,
        child_ids=[children_of(tanaka)[0].id],
        because=ill if late else shut,
        now=at(DAY, time(8)) if late else None,
    )
    assert (gone.fee_yen, gone.rest_was_yen, gone.rest_yen) == (0, 900, 900)
