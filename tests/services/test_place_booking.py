"""Booking as the service does it: all reasons, whole units, the fee that was told."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound

from portal.bookings.models import Booking
from portal.bookings.queries.lists import group
from portal.bookings.queries.quotes import quote
from portal.bookings.rules import BookingChangeRefusal, UsePurpose, Wish
from portal.bookings.service import NotPlaced, Placed, place_booking
from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import at
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.policies.reasons import REASON_VALUES, BookingRefusal
from portal.slots.models import PoolOverride
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, cells, fill, make_site, next_open_day

R = BookingRefusal


def wish_of(
    guardian: Actor,
    site: Site,
    day: date,
    start: time = time(9),
    end: time = time(12),
    **changes: object,
) -> Wish:
    assert guardian.family_id is not None
    wish = Wish(
        programme_id=site.programme_id,
        family_id=guardian.family_id,
        child_ids=tuple(child.id for child in children_of(guardian)),
        span=span_on(day, start, end),
        purpose=UsePurpose.RESPITE,
    )
    return replace(wish, **changes)  # type: ignore[arg-type]  # fields of a wish, by name


def place(actor: Actor, wish: Wish, *, now: datetime | None = None) -> Placed:
    with acting_as(actor), transaction() as session:
        return place_booking(session, wish, actor=actor, now=now or clock.now())


def refused(actor: Actor, wish: Wish, *, now: datetime | None = None) -> NotPlaced:
    with pytest.raises(NotPlaced) as caught:
        place(actor, wish, now=now)
    return caught.value


def bookings_of(actor: Actor) -> list[Booking]:
    with acting_as(actor) as session:
        return list(session.scalars(select(Booking).order_by(Booking.class_age.desc())))


@pytest.fixture
def registered(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka, whose Hana is accepted at ひなた保育園."""
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


@pytest.fixture
def siblings(hinata: Site) -> Actor:
    """A family with a child of class three and a baby, both accepted at ひなた保育園."""
    guardian = make_guardian("佐藤 みさき", children=("佐藤 はると",), born_on=date(2022, 5, 1))
    make_child(guardian, "佐藤 ゆい", born_on=date(2026, 4, 20))
    for child in children_of(guardian):
        accept(hinata, guardian, child.id)
    return guardian


def test_a_booking_keeps_fee_deadline_rules_and_leaves_mail_and_trace(
    hinata: Site, registered: Actor
) -> None:
    day = next_open_day()
    placed = place(registered, wish_of(registered, hinata, day, note="昼寝が早めです"))
    (booking,) = bookings_of(registered)
    assert (booking.id, booking.group_id) == (placed.bookings[0], placed.group_id)
    assert booking.rulebook_id == hinata.rulebook_id
    assert booking.fee_yen == placed.fee_yen == 3 * 400 + 300
    assert [line["label_code"] for line in booking.fee_lines] == ["care_hourly", "per_use"]
    assert booking.cancel_until == at(day - timedelta(days=1), time(17))
    assert booking.note == "昼寝が早めです"
    assert b"\xe6\x98\xbc" not in (booking.note_sealed or b"")
    with acting_as(registered) as session:
        assert group(session, placed.group_id, actor=registered).fee_yen == placed.fee_yen


@pytest.mark.proves("R5")
def test_all_reasons_stand_together_each_with_its_values(hinata: Site, tanaka: Actor) -> None:
    saturday = next_open_day() + timedelta(days=3)
    with acting_as(hinata.owner), transaction() as session:
        fill(session, hinata.facility_id, saturday, saturday)
    wish = wish_of(tanaka, hinata, saturday, time(9), time(9, 30))
    refusal = refused(tanaka, wish)
    assert set(refusal.codes) == {R.NOT_OPEN_DAY, R.TOO_SHORT, R.NOT_REGISTERED}
    for reason in refusal.reasons:
        assert set(reason.values) == REASON_VALUES[R(reason.code)]
    assert bookings_of(tanaka) == []


def test_a_full_place_names_the_class_and_ways_out(hinata: Site) -> None:
    day = next_open_day()
    for number in range(2):
        baby = make_guardian(f"母{number}", children=(f"赤{number}",), born_on=date(2026, 4, 20))
        accept(hinata, baby, children_of(baby)[0].id)
        place(baby, wish_of(baby, hinata, day))
    late = make_guardian("三人目の母", children=("赤3",), born_on=date(2026, 4, 20))
    accept(hinata, late, children_of(late)[0].id)
    refusal = refused(late, wish_of(late, hinata, day))
    (reason,) = refusal.reasons
    assert reason.code is R.FULL
    assert reason.values == {"pool": "0歳児クラス", "from_at": at(day, time(9)), "count": None}
    spans = [way.span for way in refusal.ways]
    assert span_on(day, time(12), time(15)) in spans
    assert spans[-1] == span_on(day + timedelta(days=1), time(9), time(12))
    for way in refusal.ways:
        with acting_as(late) as session:
            wish = wish_of(late, hinata, day, span=way.span)
            assert quote(session, wish, actor=late, now=clock.now()).reasons == ()


def test_siblings_are_one_unit_with_their_own_fee_lines(hinata: Site, siblings: Actor) -> None:
    day = next_open_day()
    wish = wish_of(siblings, hinata, day)
    with acting_as(siblings) as session:
        told = quote(session, wish, actor=siblings, now=clock.now())
    placed = place(siblings, replace(wish, agreed_fee_yen=told.decision.fee.total_yen))
    older, baby = bookings_of(siblings)
    assert older.group_id == baby.group_id == placed.group_id
    assert (older.fee_yen, baby.fee_yen) == (900 + 300, 1200 - 600 + 300)
    assert {line["child_id"] for line in baby.fee_lines} == {str(baby.child_id)}
    assert told.late_fee_yen == (900 + 600) // 2


def test_siblings_together_or_as_many_as_fit(hinata: Site, siblings: Actor) -> None:
    day = next_open_day()
    for number in range(2):
        other = make_guardian(f"母{number}", children=(f"赤{number}",), born_on=date(2026, 4, 20))
        accept(hinata, other, children_of(other)[0].id)
        place(other, wish_of(other, hinata, day))
    wish = wish_of(siblings, hinata, day)
    assert refused(siblings, wish).codes == (R.FULL,)
    assert bookings_of(siblings) == []
    placed = place(siblings, replace(wish, together=False, agreed_fee_yen=2100))
    (alone,) = bookings_of(siblings)
    assert placed.child_ids == (alone.child_id,)
    assert (alone.class_age, alone.fee_yen) == (3, 1200)


@pytest.mark.proves("B01")
def test_a_child_already_booked_then_is_told_and_touching_hours_are_none(
    hinata: Site, registered: Actor
) -> None:
    day = next_open_day()
    place(registered, wish_of(registered, hinata, day, time(10), time(12)))
    for start, end in ((9, 11), (9, 13), (10, 12), (11, 13)):
        wish = wish_of(registered, hinata, day, time(start), time(end))
        assert R.CHILD_BOOKED_ELSEWHERE in refused(registered, wish).codes
    for start, end in ((9, 10), (12, 13)):
        place(registered, wish_of(registered, hinata, day, time(start), time(end)))


def test_the_other_booking_may_be_at_a_place_staff_cannot_see(
    hinata: Site, midori: Site, registered: Actor, sato: Actor
) -> None:
    day = next_open_day()
    accept(midori, registered, children_of(registered)[0].id)
    place(registered, wish_of(registered, midori, day))
    refusal = refused(sato, wish_of(registered, hinata, day, channel=Channel.PHONE))
    assert refusal.codes == (R.CHILD_BOOKED_ELSEWHERE,)
    assert "midori" not in str(refusal)


@pytest.mark.proves("B18")
def test_closures_shut_their_days_from_first_to_last(hinata: Site, registered: Actor) -> None:
    first = next_open_day(1)  # a Wednesday; Thursday and Friday are closed
    with acting_as(hinata.owner), transaction() as session:
        session.add(
            Closure(
                id=uuid.uuid4(),
                facility_id=hinata.facility_id,
                organisation_id=hinata.organisation_id,
                from_day=first + timedelta(days=1),
                to_day=first + timedelta(days=2),
                reason="園内の工事",
            )
        )
        session.flush()
        fill(session, hinata.facility_id, first, first + timedelta(days=7))
    for offset in (1, 2):
        wish = wish_of(registered, hinata, first + timedelta(days=offset))
        (reason,) = refused(registered, wish).reasons
        assert reason.code is R.NOT_OPEN_DAY
        assert reason.values["next_open_on"] == first + timedelta(days=5)
    for offset in (0, 5):
        place(registered, wish_of(registered, hinata, first + timedelta(days=offset)))


def set_single_day(site: Site, day: date, capacity: list[int]) -> None:
    with acting_as(site.owner), transaction() as session:
        session.add(
            PoolOverride(
                pool_id=site.total_pool_id,
                day=day,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                capacity=capacity,
                reason="行事",
            )
        )
        session.flush()
        fill(session, site.facility_id, day, day)


@pytest.mark.proves("B20")
def test_a_single_day_replaces_the_weekday_and_may_open_or_empty_it(
    hinata: Site, registered: Actor
) -> None:
    day = next_open_day()
    set_single_day(hinata, day, cells(6, range(20, 30)))  # 10:00-15:00 instead of 8:00-18:00
    assert refused(registered, wish_of(registered, hinata, day)).codes == (R.OUTSIDE_HOURS,)
    place(registered, wish_of(registered, hinata, day, time(10), time(15)))
    set_single_day(hinata, day + timedelta(days=1), cells(0))
    closed = refused(registered, wish_of(registered, hinata, day + timedelta(days=1)))
    assert closed.codes == (R.NOT_OPEN_DAY,)
    saturday = day + timedelta(days=3)
    set_single_day(hinata, saturday, cells(6))
    place(registered, wish_of(registered, hinata, saturday))


def test_two_wishes_of_one_family_wait_for_each_other(hinata: Site, registered: Actor) -> None:
    held = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    )
    with acting_as(registered), transaction() as session:
        before = session.execute(held).scalar_one()
        wish = wish_of(registered, hinata, next_open_day())
        quote(session, wish, actor=registered, now=clock.now())
        assert session.execute(held).scalar_one() == before + 1


def test_hours_without_care_and_a_facility_without_the_class(
    hinata: Site, registered: Actor
) -> None:
    day = next_open_day()
    wish = wish_of(registered, hinata, day, time(17), time(19))
    assert refused(registered, wish).codes == (R.OUTSIDE_HOURS,)


@pytest.mark.proves("J7")
def test_staff_book_for_a_caller_at_the_time_of_receipt_and_overrule_with_a_reason(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    day = next_open_day()
    start = at(day, time(9))
    wish = wish_of(
        registered,
        hinata,
        day,
        channel=Channel.FAX,
        received_at=start - timedelta(hours=3),
    )
    place(sato, wish, now=start - timedelta(minutes=5))
    (booking,) = bookings_of(sato)
    assert (booking.channel, booking.received_at) == (Channel.FAX, start - timedelta(hours=3))
    late = wish_of(registered, hinata, day, time(13), time(14), channel=Channel.PHONE)
    now = at(day, time(12, 50))
    assert refused(sato, late, now=now).codes == (R.NOTICE_TOO_SHORT,)
    overruling = replace(
        late, overruled=frozenset({R.NOTICE_TOO_SHORT}), overruled_because="急な通院のため"
    )
    place(sato, overruling, now=now)
    stored = next(b for b in bookings_of(sato) if b.overruled)
    kept = {name: stored.overruled[name] for name in ("codes", "because")}
    assert kept == {"codes": ["notice_too_short"], "because": "急な通院のため"}
    with pytest.raises(ValueError, match="says why"):
        replace(late, overruled=frozenset({R.NOTICE_TOO_SHORT}))
    assert R.NOTICE_TOO_SHORT in refused(registered, overruling, now=now).codes
    backdated = wish_of(registered, hinata, day, time(15), time(16), received_at=start)
    own = place(registered, backdated, now=now)
    assert {b.received_at for b in bookings_of(registered) if b.id in own.bookings} == {now}


def test_a_fee_that_differs_from_what_was_told_is_told_first(
    hinata: Site, registered: Actor
) -> None:
    refusal = refused(registered, wish_of(registered, hinata, next_open_day(), agreed_fee_yen=1))
    assert refusal.codes == (BookingChangeRefusal.FEE_CHANGED,)
    assert refusal.reasons[0].values == {"amount_yen": 1500}


def test_strangers_cannot_wish_for_a_family_or_at_a_strange_programme(
    hinata: Site, midori: Site, registered: Actor, sato: Actor, yamada: Actor
) -> None:
    day = next_open_day()
    wish = wish_of(registered, hinata, day)
    other = make_guardian("別の母", children=("別の子",))
    for actor, wished in (
        (yamada, wish),
        (other, wish),
        (sato, replace(wish, programme_id=midori.programme_id)),
        (registered, replace(wish, pickup_person_id=uuid.uuid4())),
        (registered, replace(wish, child_ids=(children_of(other)[0].id,))),
    ):
        with pytest.raises(NoResultFound):
            place(actor, wished)


def test_a_place_without_pools_is_refused_not_an_error(registered: Actor) -> None:
    site = make_site("枠のない園", weekdays=())
    accept(site, registered, children_of(registered)[0].id)
    with pytest.raises(Refusal):
        place(registered, wish_of(registered, site, next_open_day()))
