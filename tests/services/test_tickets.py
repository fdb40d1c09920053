"""Tickets of a home and choices beside a stay: spent once, given back in time, kept and charged."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.attendance import queries as attendance
from portal.attendance.rules import WordKind
from portal.attendance.service.words import take_word
from portal.bookings.models import Booking
from portal.bookings.queries.home import tickets_left
from portal.bookings.queries.quotes import quote
from portal.bookings.rules import BookingChangeRefusal, BookingState, Wish
from portal.bookings.service import NotPlaced, cancel_booking, change_booking
from portal.datarequests.own_copy import gather, paper
from portal.db.session import acting_as, transaction
from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.cancel import WaivedReason
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import Site, accept, make_site
from tests.services.test_caps_held import later, limited
from tests.services.test_home_facts import write
from tests.services.test_place_booking import bookings_of, place, wish_of
from tests.services.test_take_places import mine

FREE = {"code": "trial", "label": "おためし券", "pays_all": True}
HOURLY = {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]}}
LATE = {
    "free_until": {"days": 1, "at": "17:00"},
    "late_fee": {"kind": "percent", "percent": 50},
    "waived": ["illness"],
}
HOUR = timedelta(hours=1)


def under(site: Site, *coupons: dict[str, Any], **rules: Any) -> Site:
    fee = {**HOURLY, "coupons": list(coupons or (FREE,)), **rules.pop("fee", {})}
    return limited(site, fee=fee, cancel=LATE, **rules)


def give(staff: Actor, family: uuid.UUID, left: int = 1, code: str = "trial") -> uuid.UUID:
    return write(staff, family, HomeFact(HomeFactKind.COUPON, code, number=left, is_seen=True))


def spending(actor: Actor, site: Site, number: int = 0, **changes: Any) -> Wish:
    wish = wish_of(actor, site, later(number + 1)[number], coupons=("trial",))
    return replace(wish, **changes)


def left(actor: Actor, site: Site) -> int:
    with acting_as(actor) as session:
        held = tickets_left(
            session,
            mine(actor)[0],
            later(1)[0],
            provider=site.organisation_id,
            actor=actor,
        )
    return sum(coupon.left for coupon in held)


@pytest.fixture
def registered(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


def by_day(actor: Actor) -> list[Booking]:
    return sorted(bookings_of(actor), key=lambda booking: booking.day)


def test_a_ticket_pays_once_and_the_next_stay_costs_again(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata)
    fact = give(sato, mine(registered)[0])
    place(registered, spending(registered, site))
    place(registered, spending(registered, site, 1))
    first, second = by_day(registered)
    assert (first.fee_yen, second.fee_yen) == (0, 900)
    assert first.tickets == [{"code": "trial", "fact": str(fact), "count": 1}]
    assert second.tickets == []
    assert left(registered, site) == 0


def test_nobody_spends_a_ticket_that_was_not_asked_for(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    place(registered, spending(registered, site, coupons=()))
    assert by_day(registered)[0].fee_yen == 900
    assert left(registered, site) == 1


def test_staff_spend_it_for_a_caller_and_see_the_same(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    place(sato, spending(registered, site))
    assert by_day(registered)[0].fee_yen == 0
    assert left(registered, site) == 0


def test_another_provider_s_ticket_pays_nothing_here(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    there = make_site("となりの園")
    accept(there, registered, mine(registered)[1])
    give(sato, mine(registered)[0])
    place(registered, spending(registered, under(there)))
    assert by_day(registered)[0].fee_yen == 900
    assert left(registered, hinata) == 1


def test_what_ends_first_is_spent_first(hinata: Site, registered: Actor, sato: Actor) -> None:
    site = under(hinata)
    family, child = mine(registered)
    write(sato, family, HomeFact(HomeFactKind.COUPON, "trial", number=1))
    soon = later(1)[0]
    own = HomeFact(HomeFactKind.COUPON, "trial", number=1, child_id=child, valid_until=soon)
    ends = write(sato, family, own)
    place(registered, spending(registered, site))
    assert [each["fact"] for each in by_day(registered)[0].tickets] == [str(ends)]


def test_a_ticket_told_and_spent_meanwhile_is_told_first(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    place(registered, spending(registered, site))
    with pytest.raises(NotPlaced) as caught:
        place(registered, spending(registered, site, 1, agreed_fee_yen=0))
    assert caught.value.codes == (BookingChangeRefusal.FEE_CHANGED,)


@pytest.mark.proves("P1")
def test_six_wishes_at_once_spend_two_tickets_once_each(emptied: Engine) -> None:
    del emptied
    site = under(make_site("あさの園"))
    mother = make_guardian("母", children=("子",))
    accept(site, mother, mine(mother)[1])
    give(make_worker("職員", site.organisation_id, "staff"), mine(mother)[0], 2)
    start = Barrier(6)

    def one(number: int) -> None:
        start.wait()
        place(mother, spending(mother, site, number))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    assert sorted(booking.fee_yen for booking in bookings_of(mother)) == [0, 0] + [900] * 4
    assert left(mother, site) == 0


def cancelled(actor: Actor, *, late: bool, because: WaivedReason | None = None) -> Booking:
    [booking] = bookings_of(actor)
    now = booking.starts_at - HOUR if late else clock.now()
    with acting_as(actor), transaction() as session:
        done = cancel_booking(session, booking.group_id, actor=actor, now=now, because=because)
    [booking] = bookings_of(actor)
    assert done.tickets_back + done.tickets_spent == 1
    assert done.tickets_back == (not booking.tickets)
    return booking


@pytest.mark.parametrize(
    ("late", "because", "back"),
    [
        (False, None, True),
        (True, None, False),
        (True, WaivedReason.ILLNESS, True),
        (True, WaivedReason.DISASTER, False),
    ],
)
def test_cancelled_in_time_or_for_a_good_reason_it_comes_back(
    hinata: Site,
    registered: Actor,
    sato: Actor,
    late: bool,  # noqa: FBT001 - a case of the test
    because: WaivedReason | None,
    back: bool,  # noqa: FBT001 - a case of the test
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    place(registered, spending(registered, site))
    booking = cancelled(registered, late=late, because=because)
    assert booking.state is BookingState.CANCELLED
    assert left(registered, site) == back


def test_the_facility_s_own_closing_gives_it_back(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    placed = place(registered, spending(registered, site))
    [booking] = bookings_of(registered)
    with acting_as(sato), transaction() as session:
        cancel_booking(
            session,
            placed.group_id,
            actor=sato,
            now=booking.starts_at - HOUR,
            because=WaivedReason.CLOSED_BY_FACILITY,
        )
    assert left(registered, site) == 1


@pytest.mark.parametrize(("is_ill", "back"), [(True, 1), (False, 0)])
def test_who_stays_away_on_the_day_has_it_back_when_ill(
    hinata: Site,
    registered: Actor,
    sato: Actor,
    is_ill: bool,  # noqa: FBT001 - a case of the test
    back: int,
) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    placed = place(registered, spending(registered, site))
    with acting_as(registered), transaction() as session:
        bookings = attendance.family_group(
            session, placed.group_id, actor=registered, is_to_change=True
        )
        take_word(
            session,
            bookings,
            WordKind.ABSENT,
            channel="web",
            actor=registered,
            now=bookings[0].starts_at - HOUR,
            waived=WaivedReason.ILLNESS if is_ill else None,
        )
    assert left(registered, site) == back


def test_a_moved_stay_takes_its_ticket_along(hinata: Site, registered: Actor, sato: Actor) -> None:
    site = under(hinata)
    give(sato, mine(registered)[0])
    placed = place(registered, spending(registered, site))
    with acting_as(registered), transaction() as session:
        change_booking(
            session,
            placed.group_id,
            spending(registered, site, 1).span,
            actor=registered,
            now=clock.now(),
        )
    [booking] = bookings_of(registered)
    assert (booking.day, booking.fee_yen) == (later(2)[1], 0)
    assert sum(each["count"] for each in booking.tickets) == 1
    assert left(registered, site) == 0


def test_a_stay_that_moves_beyond_its_ticket_gives_it_back(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site, days = under(hinata), later(2)
    ends = HomeFact(HomeFactKind.COUPON, "trial", number=1, valid_until=days[0], is_seen=True)
    write(sato, mine(registered)[0], ends)
    placed = place(registered, spending(registered, site))
    there = spending(registered, site, 1).span
    with acting_as(registered), transaction() as session:
        change_booking(session, placed.group_id, there, actor=registered, now=clock.now())
    [booking] = bookings_of(registered)
    assert (booking.day, booking.fee_yen, booking.tickets) == (days[1], 900, [])
    assert left(registered, site) == 1


CHOICES = {
    "per_use": [{"label": "給食", "yen": 200, "without_option": "own_lunch"}],
    "items": [{"label": "おむつの処分", "yen": 10, "per": "count", "with_option": "nappies"}],
}


def test_what_was_chosen_is_kept_and_charged(hinata: Site, registered: Actor) -> None:
    site = under(hinata, fee=CHOICES)
    place(registered, spending(registered, site))
    chosen = frozenset({"own_lunch", "nappies:3"})
    placed = place(registered, spending(registered, site, 1, options=chosen))
    usual, own = by_day(registered)
    assert (usual.fee_yen, own.fee_yen) == (1100, 930)
    assert own.options == ["nappies:3", "own_lunch"]
    with acting_as(registered), transaction() as session:
        change_booking(
            session,
            placed.group_id,
            spending(registered, site, 2).span,
            actor=registered,
            now=clock.now(),
        )
    moved = by_day(registered)[-1]
    assert (moved.fee_yen, moved.options) == (930, ["nappies:3", "own_lunch"])


@pytest.mark.parametrize("chosen", ["made_up", "regular", "nappies:31", "own_lunch:2"])
def test_a_family_chooses_only_what_the_rules_name(
    hinata: Site, registered: Actor, chosen: str
) -> None:
    site = under(hinata, fee=CHOICES)
    with acting_as(registered), transaction() as session:
        told = quote(
            session,
            spending(registered, site, options=frozenset({chosen})),
            actor=registered,
            now=clock.now(),
        )
    assert told.file.wish.options == frozenset()
    assert told.decision.fee.total_yen == 1100


def test_several_hours_of_a_stay_are_paid_with_several_tickets(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    hours = {"code": "trial", "label": "1時間券", "minutes": 60}
    site = under(hinata, hours)
    give(sato, mine(registered)[0], 5)
    wish = wish_of(registered, site, later(1)[0], time(9), time(12))
    place(registered, replace(wish, coupons=("trial", "trial")))
    assert by_day(registered)[0].fee_yen == 300
    assert left(registered, site) == 3


def test_the_family_s_own_copy_says_what_was_chosen_and_spent(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    purposes = {"types": [{"code": "private", "label": "私用", "reports_as": "respite"}]}
    site = under(hinata, fee=CHOICES, purposes=purposes)
    give(sato, mine(registered)[0])
    chosen = frozenset({"own_lunch"})
    place(registered, spending(registered, site, options=chosen, use_type="private"))
    with acting_as(registered), transaction() as session:
        copy = gather(session, mine(registered)[0], actor=registered, now=clock.now())
    [booking] = copy.topics["bookings"]
    assert (booking["options"], booking["tickets"]) == ("お弁当を持ってくる", 1)
    assert booking["use_type"] == "私用"
    assert paper(copy, is_demo=False).startswith(b"%PDF")
