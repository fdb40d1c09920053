"""Places kept for referred families: nobody else takes them, and giving back restores them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from portal.bookings.models import Booking
from portal.consents.rules import SharingPurpose
from portal.consents.service import withdraw
from portal.db.session import acting_as, transaction
from portal.families.models import Family, FamilyAccess
from portal.families.rules import ChildDetails
from portal.families.service import add_child
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from portal.referrals import service
from portal.referrals.models import Referral
from portal.slots.checks import compare_places
from portal.slots.models import PoolDay, PoolOverride
from portal.slots.places import Full, Stay, Taken, release_places, take_places
from portal.slots.published import cells_by_day, published_place
from portal.slots.service import lay_out
from tests.factories import keeping
from tests.factories.keeping import a_day_ahead, keep, on_the_spot
from tests.factories.people import make_guardian, make_liaison
from tests.factories.places import Site, make_site
from tests.factories.referring import agreed, drafted, interviewed, sent
from tests.services.test_take_places import mine, stay_for

NINE = 18


def counts(site: Site, day: date, cell: int = NINE) -> tuple[int, int, int]:
    """Capacity, free and kept of the total at one half hour."""
    with acting_as(site.owner) as session:
        row = session.get_one(PoolDay, (site.total_pool_id, day))
        session.refresh(row)
        return row.capacity[cell], row.free[cell], row.kept[cell]


def stay_of(row: Referral, site: Site, day: date, **changes: object) -> Stay:
    return replace(keeping.stay_of(row, site, day), **changes)  # type: ignore[arg-type]  # by name


def take(actor: Actor, *stays: Stay) -> Taken | Full:
    with acting_as(actor), transaction() as session:
        return take_places(session, stays)


def release(actor: Actor, taken: Taken | Full) -> Sequence[uuid.UUID]:
    assert isinstance(taken, Taken)
    with acting_as(actor), transaction() as session:
        return release_places(session, taken.bookings)


@pytest.mark.proves("R15")
def test_the_public_never_gets_a_kept_place_and_the_referred_family_does(suzuki: Actor) -> None:
    site, day = make_site("のこす園", places=2), a_day_ahead()
    keep(site, 1)
    assert counts(site, day) == (2, 1, 1)
    first, second = make_guardian("母1", children=("子1",)), make_guardian("母2", children=("子2",))
    row = on_the_spot(suzuki, site)
    assert isinstance(take(first, stay_for(site, *mine(first), day)), Taken)
    answer = take(second, stay_for(site, *mine(second), day))
    assert answer == Full(site.total_pool_id, day, NINE)
    taken = take(suzuki, stay_of(row, site, day))
    assert isinstance(taken, Taken)
    assert counts(site, day) == (2, 0, 0)
    assert release(suzuki, taken) == taken.bookings
    assert counts(site, day) == (2, 0, 1), "given back to referred families, not to everybody"
    with acting_as(site.owner), transaction() as session:
        assert compare_places(session, site.facility_id, day, day) == []


@pytest.mark.proves("R15", "R25")
def test_the_calendar_says_what_anybody_may_take(suzuki: Actor) -> None:
    site, day = make_site("かず園", places=3), a_day_ahead()
    keep(site, 2)
    with acting_as(suzuki) as session:
        place = published_place(session, site.facility_id, on=day)
        assert cells_by_day(session, place, 2, day, day)[day][NINE] == 1
    take(suzuki, stay_of(on_the_spot(suzuki, site), site, day))
    with acting_as(suzuki) as session:
        assert cells_by_day(session, place, 2, day, day)[day][NINE] == 1, "it took a kept one"


@pytest.mark.proves("R15", "B12")
def test_days_that_have_come_near_are_given_to_everybody(suzuki: Actor) -> None:
    site, day = make_site("ちかい園", places=2), a_day_ahead()
    keep(site, 1, until_days=3)
    assert counts(site, day) == (2, 1, 1)
    taken = take(suzuki, stay_of(on_the_spot(suzuki, site), site, day))
    ahead = (day - clock.today(clock.now())).days
    keep(site, 1, until_days=ahead)
    assert counts(site, day) == (2, 1, 0)
    release(suzuki, taken)
    assert counts(site, day) == (2, 2, 0), "after that day nothing is kept any more"


def test_a_single_day_keeps_another_number_and_never_more_than_its_places(suzuki: Actor) -> None:
    del suzuki
    site, day = make_site("ひとひ園", places=4), a_day_ahead()
    keep(site, 1)
    with acting_as(site.owner), transaction() as session:
        session.add(
            PoolOverride(
                pool_id=site.total_pool_id,
                day=day,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                capacity=[0] * NINE + [2] * 6 + [0] * 24,
                kept=3,
                reason="遠足",
            )
        )
        session.flush()
        lay_out(session, site.facility_id, day, day)
    assert counts(site, day) == (2, 0, 2)
    assert counts(site, day, 30) == (0, 0, 0)


@pytest.mark.proves("R15", "P1")
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_kept_and_free_are_what_the_bookings_say(  # noqa: C901
    suzuki: Actor, seed: int
) -> None:
    """Random takes, moves, releases and layings out; after each the arrays follow from bookings."""
    dice = random.Random(seed)  # noqa: S311 - a test
    places, kept = 4, 2
    site, day = make_site("でたらめ園", places=places), a_day_ahead()
    keep(site, kept)
    mothers = [make_guardian(f"母{n}", children=(f"子{n}",)) for n in range(4)]
    referred = [on_the_spot(suzuki, site, name=f"紹介 {n}") for n in range(3)]
    live: list[tuple[Actor, Stay]] = []
    for _ in range(30):
        what = dice.choice(["public", "public", "referred", "referred", "release", "fill", "move"])
        start = dice.randrange(9, 14)
        hours = (time(start), time(start + dice.randrange(1, 4)))
        if what in {"public", "referred"}:
            if what == "public":
                actor = dice.choice(mothers)
                stay = stay_for(site, *mine(actor), day, start=hours[0], end=hours[1])
            else:
                actor = suzuki
                stay = stay_of(dice.choice(referred), site, day, span=span_on(day, *hours))
            if any(old.child_id == stay.child_id for _who, old in live):
                continue
            before = [counts(site, day, c) for c in range(stay.span.first_cell, stay.span.end_cell)]
            answer = take(actor, stay)
            least = min(f + (k if stay.referral_id else 0) for _c, f, k in before)
            assert isinstance(answer, Taken) is (least > 0)
            if isinstance(answer, Taken):
                live.append((actor, stay))
        elif what == "fill":
            with acting_as(site.owner), transaction() as session:
                lay_out(session, site.facility_id, day, day)
        elif live:
            nth = dice.randrange(len(live))
            actor, old = live[nth]
            if what == "release":
                release(actor, Taken((old.id,)))
                del live[nth]
            else:
                moved = replace(old, span=span_on(day, *hours), replaces=old.id)
                if isinstance(take(actor, moved), Taken):
                    live[nth] = (actor, replace(moved, replaces=None))
        for cell in range(NINE, 36, 3):
            here = [s for _a, s in live if s.span.first_cell <= cell < s.span.end_cell]
            of_referred = sum(stay.referral_id is not None for stay in here)
            room = places - len(here)
            keeps = min(room, max(0, kept - of_referred))
            assert counts(site, day, cell) == (places, room - keeps, keeps), (what, cell)


@pytest.mark.proves("R14")
def test_the_nursery_sees_the_family_from_the_booking_on(suzuki: Actor, hinata: Site) -> None:
    row = on_the_spot(suzuki, hinata)
    take(suzuki, stay_of(row, hinata, a_day_ahead()))
    with acting_as(hinata.owner) as session:
        (access,) = session.scalars(
            select(FamilyAccess).where(FamilyAccess.family_id == row.family_id)
        )
        assert (access.basis, access.organisation_id) == ("consent", hinata.organisation_id)
        booking = session.scalars(select(Booking)).one()
        assert booking.referral_id == row.id
        assert session.get_one(Referral, row.id).client_family_id == row.family_id


@pytest.mark.proves("R14", "R11")
def test_the_nursery_sees_the_family_no_more_once_it_is_taken_back(
    suzuki: Actor, hinata: Site
) -> None:
    def seen(family_id: uuid.UUID) -> bool:
        with acting_as(hinata.owner) as session:
            return session.get(Family, family_id) is not None

    row, other = on_the_spot(suzuki, hinata), on_the_spot(suzuki, hinata, name="森 ゆき")
    taken = take(suzuki, stay_of(row, hinata, a_day_ahead()))
    late = take(suzuki, stay_of(other, hinata, a_day_ahead()))
    release(suzuki, taken)
    assert seen(row.family_id), "the referral goes on"
    for each in (row, other):
        with acting_as(suzuki), transaction() as session:
            service.recall(session, each.id, actor=suzuki, now=clock.now())
    assert not seen(row.family_id)
    assert seen(other.family_id), "a child that is expected can be received"
    release(suzuki, late)
    assert not seen(other.family_id)


def refused(actor: Actor, *stays: Stay) -> None:
    with pytest.raises(ProgrammingError) as caught:
        take(actor, *stays)
    assert getattr(caught.value.orig, "sqlstate", None) == "42501"


@pytest.mark.proves("R14", "P7")
class TestTheDatabaseRefuses:
    def test_a_body_that_did_not_send_it(self, suzuki: Actor, hinata: Site) -> None:
        row = on_the_spot(suzuki, hinata)
        refused(make_liaison("隣の市"), stay_of(row, hinata, a_day_ahead()))

    def test_without_the_agreement_to_be_booked_for(self, suzuki: Actor, hinata: Site) -> None:
        of = interviewed(suzuki, due_in=None)
        row = drafted(suzuki, of, hinata)
        agreed(suzuki, of.family_id, hinata.organisation_id)
        sent(suzuki, row.id)
        refused(suzuki, stay_of(row, hinata, a_day_ahead()))

    def test_once_the_agreement_was_withdrawn(self, suzuki: Actor, hinata: Site) -> None:
        of = interviewed(suzuki, due_in=None)
        row = drafted(suzuki, of, hinata)
        given = agreed(suzuki, of.family_id, hinata.organisation_id, *SharingPurpose)
        sent(suzuki, row.id)
        with acting_as(suzuki), transaction() as session:
            withdraw(session, given[SharingPurpose.BOOKING], actor=suzuki, now=clock.now())
        refused(suzuki, stay_of(row, hinata, a_day_ahead()))

    def test_another_nursery_than_the_one_referred_to(
        self, suzuki: Actor, hinata: Site, midori: Site
    ) -> None:
        row = on_the_spot(suzuki, hinata)
        refused(suzuki, stay_of(row, midori, a_day_ahead()))

    def test_another_family_or_a_child_that_was_not_named(
        self, suzuki: Actor, hinata: Site, tanaka: Actor
    ) -> None:
        row = on_the_spot(suzuki, hinata)
        family_id, child_id = mine(tanaka)
        day = a_day_ahead()
        refused(suzuki, stay_of(row, hinata, day, family_id=family_id, child_id=child_id))
        other = on_the_spot(suzuki, hinata, name="森 ゆき")
        refused(suzuki, stay_of(row, hinata, day, child_id=other.child_ids[0]))
        own = stay_for(hinata, family_id, child_id, day)
        refused(tanaka, replace(own, referral_id=row.id))

    def test_a_sister_whom_the_referral_does_not_name(self, suzuki: Actor, hinata: Site) -> None:
        row = on_the_spot(suzuki, hinata)
        with acting_as(suzuki), transaction() as session:
            sister = add_child(
                session,
                row.family_id,
                ChildDetails("高橋 りん", born_on=date(2022, 5, 1)),
                actor=suzuki,
                now=clock.now(),
            )
            sister_id = sister.id
        refused(suzuki, stay_of(row, hinata, a_day_ahead(), child_id=sister_id))

    def test_a_referral_that_was_recalled(self, suzuki: Actor, hinata: Site) -> None:
        row = on_the_spot(suzuki, hinata)
        with acting_as(suzuki), transaction() as session:
            service.recall(session, row.id, actor=suzuki, now=clock.now())
        refused(suzuki, stay_of(row, hinata, a_day_ahead()))

    def test_giving_back_what_another_body_booked(self, suzuki: Actor, hinata: Site) -> None:
        taken = take(suzuki, stay_of(on_the_spot(suzuki, hinata), hinata, a_day_ahead()))
        stranger = make_liaison("隣の市")
        assert release(stranger, taken) == ()
        with acting_as(stranger) as session:
            assert session.scalars(select(Booking)).all() == []
            assert session.execute(text("SELECT count(*) FROM bookings")).scalar_one() == 0
