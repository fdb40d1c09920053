"""Booking for a referral past the pages: at which programmes, for whom, and in what state."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.choices import Choices
from portal.bookings.queries.lists import group
from portal.bookings.service import Placed
from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.facilities.models import Programme
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.referrals import on_the_spot, service
from portal.referrals.models import Referral
from portal.referrals.offers import MOST_OFFERED, Offers, offers
from portal.referrals.on_the_spot import OnTheSpotRefusal
from portal.slots.models import PoolPattern
from portal.slots.service import lay_out
from tests.factories import keeping
from tests.factories.places import Site, make_site, next_open_day
from tests.factories.referring import agreed, drafted, interviewed, sent

DAY = next_open_day(weeks=2)
SPAN = span_on(DAY, time(9), time(12))
Ask = Callable[[Session, Referral, uuid.UUID, Actor], Any]


def rules(session: Session, row: Referral, programme: uuid.UUID, actor: Actor) -> Any:
    del actor
    return on_the_spot.rules_at(session, row, programme, DAY)


def price(session: Session, row: Referral, programme: uuid.UUID, actor: Actor) -> Any:
    now = clock.now()
    return on_the_spot.quoted(session, row, programme, SPAN, Choices(), actor=actor, now=now)


def booking(session: Session, row: Referral, programme: uuid.UUID, actor: Actor) -> Placed:
    return on_the_spot.book(
        session,
        row.id,
        programme,
        SPAN,
        choices=Choices(),
        agreed_fee_yen=None,
        actor=actor,
        now=clock.now(),
    )


def booked(row: Referral, site: Site, actor: Actor) -> Placed:
    with acting_as(actor), transaction() as session:
        return booking(session, row, site.programme_id, actor)


@pytest.mark.proves("R14", "P7")
@pytest.mark.parametrize("ask", [rules, price, booking])
def test_at_programmes_of_the_provider_alone_that_it_was_sent_to(
    suzuki: Actor, hinata: Site, midori: Site, ask: Ask
) -> None:
    row = keeping.on_the_spot(suzuki, hinata)
    with pytest.raises(NoResultFound), acting_as(suzuki), transaction() as session:
        ask(session, row, midori.programme_id, suzuki)
    with acting_as(suzuki), transaction() as session:
        assert ask(session, row, hinata.programme_id, suzuki)
    with acting_as(hinata.owner), transaction() as session:
        session.execute(
            update(Programme)
            .where(Programme.id == hinata.programme_id)
            .values(published_at=None)
            .execution_options(synchronize_session=False)
        )
    with pytest.raises(NoResultFound), acting_as(suzuki), transaction() as session:
        ask(session, row, hinata.programme_id, suzuki)


@pytest.mark.proves("R14", "P7")
def test_a_booking_of_one_referral_is_not_the_others(suzuki: Actor, hinata: Site) -> None:
    one, two = (keeping.on_the_spot(suzuki, hinata, name=name) for name in ("林 あき", "森 ゆき"))
    placed = booked(one, hinata, suzuki)
    with acting_as(suzuki), transaction() as session:
        assert on_the_spot.booked(session, one, placed.group_id, actor=suzuki).live
        with pytest.raises(NoResultFound):
            on_the_spot.booked(session, two, placed.group_id, actor=suzuki)
        with pytest.raises(NoResultFound):
            on_the_spot.cancel(
                session,
                two.id,
                placed.group_id,
                agreed_fee_yen=0,
                actor=suzuki,
                now=clock.now(),
            )
    with acting_as(suzuki) as session:
        assert group(session, placed.group_id, actor=suzuki).live, "nothing was cancelled"


def codes(row: Referral, actor: Actor) -> set[object]:
    with acting_as(actor) as session:
        row = session.get_one(Referral, row.id)
        found = on_the_spot.reasons_against(session, row, actor=actor, now=clock.now())
        return {reason.code for reason in found}


@pytest.mark.proves("R14", "R11")
def test_what_stands_against_booking_at_all(suzuki: Actor, hinata: Site, sato: Actor) -> None:
    row = keeping.on_the_spot(suzuki, hinata)
    assert codes(row, suzuki) == set()
    assert OnTheSpotRefusal.NOT_UNDER_WAY in codes(row, sato), (
        "the receiver books as it always does"
    )
    with acting_as(suzuki), transaction() as session:
        service.recall(session, row.id, actor=suzuki, now=clock.now())
    assert codes(row, suzuki) == {OnTheSpotRefusal.NOT_UNDER_WAY}
    expected = interviewed(suzuki, name="谷 みき", born_on=DAY.replace(year=DAY.year - 2))
    unborn = drafted(suzuki, expected, hinata)
    agreed(suzuki, expected.family_id, hinata.organisation_id, *SharingPurpose)
    with acting_as(suzuki), transaction() as session:
        draft = session.get_one(Referral, unborn.id)
        draft.child_ids = [
            child.id
            for child in families.children(session, draft.family_id, actor=suzuki)
            if child.born_on is None
        ]
    sent(suzuki, unborn.id)
    assert codes(unborn, suzuki) == {OnTheSpotRefusal.NOT_BORN_YET}
    with pytest.raises(Refusal), acting_as(suzuki), transaction() as session:
        booking(session, unborn, hinata.programme_id, suzuki)


@pytest.mark.proves("R14", "R15")
def test_times_are_those_of_the_provider_that_it_was_sent_to(suzuki: Actor, midori: Site) -> None:
    full = make_site("まんいん園", places=1)
    row, other = (keeping.on_the_spot(suzuki, full, name=name) for name in ("林 あき", "森 ゆき"))
    there = {each.facility_id for each in offered(row, suzuki).rows}
    assert there == {full.facility_id}
    with acting_as(full.owner), transaction() as session:
        session.execute(
            update(PoolPattern)
            .where(PoolPattern.pool_id == full.total_pool_id)
            .values(capacity=[0] * 48)
        )
        today = clock.today(clock.now())
        lay_out(session, full.facility_id, today, today + timedelta(days=60))
    assert offered(other, suzuki).rows == (), "though there are places at " + str(
        midori.facility_id
    )


@pytest.mark.proves("R15")
def test_places_kept_for_them_stand_first_though_others_come_sooner(suzuki: Actor) -> None:
    site = make_site("のこす園")
    today = clock.today(clock.now())
    with acting_as(site.owner), transaction() as session:
        session.execute(
            update(PoolPattern)
            .where(PoolPattern.pool_id == site.total_pool_id, PoolPattern.weekday == 3)
            .values(kept=1)
        )
        lay_out(session, site.facility_id, today, today + timedelta(days=60))
    row = keeping.on_the_spot(suzuki, site)
    found = offered(row, suzuki).rows
    assert len(found) == MOST_OFFERED
    assert all(each.is_kept and each.span.day.weekday() == 3 for each in found[:3])


def offered(row: Referral, actor: Actor) -> Offers:
    with acting_as(actor), transaction() as session:
        row = session.get_one(Referral, row.id)
        return offers(session, row, actor=actor, now=clock.now())
