"""Booking in the interview for a family that the nursery keeps in a record of its own."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from portal.bookings.models import Booking
from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.families import queries as families
from portal.families.rules import ChildDetails
from portal.families.service import add_child
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.referrals.models import Referral
from portal.referrals.on_the_spot import OnTheSpotRefusal, change, children_meant, kept_as
from portal.slots.places import take_places
from tests.factories.keeping import keep, on_the_spot, stay_of
from tests.factories.people import make_guardian, make_liaison, make_worker
from tests.factories.places import Site, make_site, next_open_day
from tests.factories.referring import (
    agreed,
    drafted,
    interviewed,
    joined_with,
    seen,
    sent,
    withdrawn,
)
from tests.pages.test_on_the_spot import DAY, first_offer, places_of, sure
from tests.pages.visit import Visitor
from tests.services.test_kept_places import counts

BORN = date(2024, 6, 15)


def joined(
    nurse: Actor, site: Site, *children: str, born_on: date = BORN
) -> tuple[Referral, Actor]:
    """A referral of a family that came to the nursery by itself, with the same child."""
    row = on_the_spot(nurse, site)
    mother = make_guardian("高橋 あかり", children=children or ("高橋そら",), born_on=born_on)
    carer = make_worker("佐藤 けい", site.organisation_id, "staff")
    joined_with(row, mother, carer)
    return seen(nurse, row.id), mother


def child_of(mother: Actor) -> uuid.UUID:
    assert mother.family_id is not None
    with acting_as(mother) as session:
        return families.children(session, mother.family_id, actor=mother)[0].id


@pytest.mark.proves("R14", "R15", "J4")
def test_the_booking_stands_in_the_record_that_the_nursery_keeps(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    keep(site, 1)
    row, mother = joined(suzuki, site)
    nurse = Visitor(app, suzuki)
    answer = sure(nurse, first_offer(nurse.get(places_of(row))))
    assert answer.status == 303, answer.text
    assert counts(site, DAY) == (2, 1, 0), "a kept place, as for any referred family"
    with acting_as(site.owner) as session:
        booking = session.scalars(select(Booking)).one()
        assert (booking.family_id, booking.child_id) == (mother.family_id, child_of(mother))
    shown = nurse.get(answer.location)
    assert "高橋そらさん" in shown.text
    assert "取り消してから" in shown.text
    assert "日時を変える</a>" not in shown.html
    group = answer.location.rsplit("/", 1)[-1]
    assert Visitor(app, mother).get(f"/my/bookings/{group}").status == 200
    fields = {name: shown.field(name) for name in ("once", "agreed_fee")}
    assert nurse.post(f"{answer.location}/cancel", fields).status == 303
    assert counts(site, DAY) == (2, 1, 1)


@pytest.mark.proves("R14", "R11")
def test_without_the_agreement_not_even_an_id_of_the_other_record_is_told(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    row, mother = joined(suzuki, site)
    with acting_as(suzuki), transaction() as session:
        assert kept_as(session, row, children_meant(session, row, actor=suzuki)) is not None
        [agreement] = session.scalars(
            text("SELECT id FROM consents WHERE purpose = :purpose"),
            {"purpose": SharingPurpose.BOOKING.value},
        )
    stranger = make_liaison("隣の市")
    there = text("SELECT count(*) FROM children_there(:referral)")
    with acting_as(stranger) as session:
        assert session.scalar(there, {"referral": row.id}) == 0
    withdrawn(suzuki, agreement)
    with acting_as(suzuki) as session:
        assert session.scalar(there, {"referral": row.id}) == 0
    stay = stay_of(row, site, DAY)
    assert mother.family_id is not None
    wanted = replace(stay, family_id=mother.family_id, child_id=child_of(mother))
    with pytest.raises(ProgrammingError), acting_as(suzuki), transaction() as session:
        take_places(session, [wanted])


def test_the_senders_own_record_takes_no_second_booking_there(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    row, _mother = joined(suzuki, site)
    with pytest.raises(ProgrammingError), acting_as(suzuki), transaction() as session:
        take_places(session, [stay_of(row, site, DAY)])


@pytest.mark.proves("R14")
def test_a_child_that_is_not_found_there_is_said_with_a_way_on(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    row, _mother = joined(suzuki, site, born_on=date(2024, 6, 16))
    page = Visitor(app, suzuki).get(places_of(row))
    assert "同じお子さんが見つかりません" in page.text
    assert "お子さんの名前と生年月日を直す" in page.text
    assert "/places/book" not in page.html


@pytest.mark.proves("R14")
def test_what_stands_in_the_nurserys_record_is_moved_by_the_nursery(
    app: Flask, suzuki: Actor
) -> None:
    site = make_site("ひまわり園", places=2)
    row, _mother = joined(suzuki, site)
    nurse = Visitor(app, suzuki)
    shown = sure(nurse, first_offer(nurse.get(places_of(row)))).location
    group_id = uuid.UUID(shown.rsplit("/", 1)[-1])
    page = nurse.get(f"{places_of(row)}&group={group_id}")
    assert "ここでは日時を変えられません" in page.text
    assert "/places/book" not in page.html
    with pytest.raises(Refusal) as refused, acting_as(suzuki), transaction() as session:
        change(
            session,
            row.id,
            group_id,
            span_on(next_open_day(weeks=3), time(9), time(12)),
            agreed_fee_yen=None,
            seen=None,
            actor=suzuki,
            now=clock.now(),
        )
    assert [each.code for each in refused.value.reasons] == [OnTheSpotRefusal.MOVED_BY_NURSERY]
    assert counts(site, DAY)[1] == 1, "it stands as it was"


@pytest.mark.proves("R14", "R10")
def test_twins_here_are_not_one_child_there(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    of = interviewed(suzuki, due_in=None)
    with acting_as(suzuki), transaction() as session:
        twin = ChildDetails("高橋 うみ", born_on=BORN)
        add_child(session, of.family_id, twin, actor=suzuki, now=clock.now())
    row = drafted(suzuki, of, site)
    agreed(suzuki, of.family_id, site.organisation_id, *SharingPurpose)
    mother = make_guardian("高橋 あかり", children=("高橋そら",), born_on=BORN)
    carer = make_worker("佐藤 けい", site.organisation_id, "staff")
    joined_with(sent(suzuki, row.id), mother, carer)
    row = seen(suzuki, row.id)
    with acting_as(suzuki), transaction() as session:
        assert kept_as(session, row, children_meant(session, row, actor=suzuki)) is None


def test_of_twins_there_the_one_with_the_name_is_meant(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    row, mother = joined(suzuki, site, "高橋 うみ", "高橋　そら")
    with acting_as(suzuki), transaction() as session:
        found = kept_as(session, row, children_meant(session, row, actor=suzuki))
    assert found is not None
    with acting_as(mother) as session:
        [child] = [
            each.id
            for each in families.children(session, found.family_id, actor=mother)
            if "そら" in (each.name or "")
        ]
    assert [there for _here, there in found.children] == [child]
