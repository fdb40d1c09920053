"""Whom a family is known to; what is answered about it, over both its records, to nobody else."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.contacts.models import Contact, ContactWish
from portal.db.session import acting_as, transaction
from portal.families.models import Child, Family, Guardian
from portal.kernel.actor import Actor, Role
from portal.referrals.rules import Item
from tests.factories import people, referring
from tests.factories.cases import body_of
from tests.factories.loop import NOW, World, a_row, herself, posing


def asked(who: Actor, call: str, **values: Any) -> list[Any]:
    with acting_as(who), transaction() as session:
        return list(session.scalars(text(f"SELECT {call}"), values).all())


def added(who: Actor, model: type[Any], row: dict[str, Any], **changes: Any) -> None:
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**(row | {"id": uuid.uuid4()} | changes)))


def taken_back(world: World) -> None:
    referring.withdrawn(world.nurse, world.referral.consent_id or uuid.uuid4())


@pytest.mark.proves("P7", "R6", "R11")
def test_a_family_is_known_to_whom_it_opened_itself_who_met_it_and_who_was_told(
    world: World, other: World
) -> None:
    met, opened = world.referral.family_id, world.mother.family_id

    def knows(who: Actor) -> list[bool]:
        return [asked(who, "family_is_known(:id)", id=each)[0] for each in (met, opened)]

    assert knows(world.nurse) == [True, False]
    assert knows(world.staff) == [True, True]
    assert knows(world.mother) == [False, True]
    assert knows(herself(world)) == [True, False]
    for stranger in (other.nurse, other.staff, other.mother, herself(other), world.strangers[1]):
        assert knows(stranger) == [False, False]
    taken_back(world)
    assert knows(world.staff) == [False, True]


@pytest.mark.proves("R20", "P7")
def test_advances_are_counted_over_both_records_and_no_other_family(
    world: World, other: World
) -> None:
    row = a_row(world, Contact) | {"nature": "advance", "referral_id": None, "case_id": None}
    early = NOW - timedelta(days=2)
    for changes in (
        {"at": NOW},
        {"at": early, "family_id": world.mother.family_id},
        {"at": NOW, "nature": "answer"},
        {"at": NOW, "result": "not_made"},
    ):
        added(world.staff, Contact, row, **changes)
    theirs = a_row(other, Contact) | {"nature": "advance", "at": NOW - timedelta(hours=1)}
    added(other.staff, Contact, theirs)
    call = "advances_to_family(:id, :since)"
    for family_id in (world.referral.family_id, world.mother.family_id):
        assert set(asked(world.staff, call, id=family_id, since=early)) == {NOW, early}
        assert asked(world.staff, call, id=family_id, since=NOW) == [NOW]
        assert asked(other.staff, call, id=family_id, since=early) == []


@pytest.mark.proves("R18", "R19", "R20")
def test_the_last_wish_counts_for_both_records_and_those_before_stay_ended(
    world: World, other: World
) -> None:
    row = a_row(world, ContactWish)
    ended = NOW - timedelta(days=3)
    added(world.staff, ContactWish, row, ended_at=ended)
    seen = "stops FROM wishes_of_family(:id)"
    both = (world.referral.family_id, world.mother.family_id)
    for family_id in both:
        assert asked(world.staff, seen, id=family_id) == [False]
    asked(other.staff, "end_wishes(:id, now())", id=world.referral.family_id)
    assert asked(world.staff, seen, id=both[0]) == [False]
    asked(world.staff, "end_wishes(:id, :at)", id=world.mother.family_id, at=NOW)
    assert asked(world.staff, seen, id=both[0]) == []
    with acting_as(world.staff), transaction() as session:
        ends = select(ContactWish.ended_at).order_by(ContactWish.ended_at)
        assert list(session.scalars(ends).all()) == [ended, NOW]
    assert asked(other.staff, seen, id=other.referral.family_id) == [False]


@pytest.mark.proves("R6", "R20")
@pytest.mark.usefixtures("other")
def test_a_family_keeps_to_what_its_own_city_has_set(world: World) -> None:
    with acting_as(world.strangers[2]), transaction() as session:
        session.execute(
            text("UPDATE organisations SET settings = '{\"contact\": {}}' WHERE id = :id"),
            {"id": world.strangers[2].organisation_id},
        )
    for family_id in (world.referral.family_id, world.mother.family_id):
        (one,) = asked(world.staff, "contact_settings_of_family(:id)", id=family_id)
        assert one["contact"] == {"most_in_window": 1}


@pytest.mark.proves("R6", "R28")
def test_the_settings_of_a_city_are_its_liaisons_to_change(world: World) -> None:
    change = "UPDATE organisations SET settings = '{}'"

    def changed(who: Actor) -> int:
        with acting_as(who), transaction() as session:
            done: Any = session.execute(text(change))
            return int(done.rowcount)

    city = world.nurse.organisation_id
    office = people.make_worker("森 さき", body_of(world.strangers[1]), "liaison")
    for who in (world.strangers[1], office, posing(world.nurse, Role.CENTER_WORKER), world.staff):
        assert changed(who) == 0
    with acting_as(world.nurse), transaction() as session:
        kept = text("SELECT settings ? 'contact' FROM organisations WHERE id = :id")
        assert session.scalar(kept, {"id": city})
    assert changed(world.nurse) == 1


@pytest.mark.proves("R11", "R22", "P7")
def test_what_a_family_lets_be_told_is_answered_to_who_knows_it_or_was_told(
    world: World, other: World
) -> None:
    nurse, met, opened = world.nurse, world.referral.family_id, world.mother.family_id
    call = "consent_id FROM shares_of_family(:id)"
    told = referring.agreed(nurse, met, body_of(nurse), SharingPurpose.TOLD, items=[Item.NO_SHOW])
    with acting_as(nurse), transaction() as session:
        back = session.scalars(
            select(Consent.id).where(
                Consent.receiver_id == nurse.organisation_id,
                Consent.purpose == SharingPurpose.SHARING,
            )
        ).one()
    for who in (world.staff, nurse):
        for family_id in (met, opened):  # the nurse knows the other by the report alone
            assert asked(who, call, id=family_id) == [back]
    for who in (other.staff, other.nurse, other.mother):
        for family_id in (met, opened):
            assert asked(who, call, id=family_id) == []
    for who, known in ((world.staff, True), (other.staff, False)):
        both = set(asked(who, "unnest(records_known(:id))", id=met))
        assert both == ({met, opened} if known else {met})
        assert asked(who, "consent_concerns_me(:id)", id=back) == [known]
        concerns = asked(who, "consent_concerns_me(:id)", id=world.referral.consent_id)
        assert concerns == [False], "what it passes on to a nursery is none of its business"
    assert asked(world.staff, "consent_concerns_me(:id)", id=told[SharingPurpose.TOLD]) == [True]
    referring.withdrawn(nurse, back)
    assert asked(world.staff, call, id=met) == []


@pytest.mark.proves("P7", "R6", "R28")
def test_a_body_sees_and_changes_the_people_of_families_it_has_met(
    world: World, other: World
) -> None:
    nurse, met, unmet = world.nurse, world.referral.family_id, other.referral.family_id
    for model in (Guardian, Child):
        with acting_as(nurse), transaction() as session:
            assert set(session.scalars(select(model.family_id)).all()) == {met}
            mine = session.scalar(select(func.count()).select_from(model))
        statement = f"UPDATE {model.__tablename__} SET search_key = 'x'"
        for who, reached in (
            (nurse, mine),
            (posing(nurse), 0),
            (world.strangers[1], 0),
        ):
            with acting_as(who), transaction() as session:
                done: Any = session.execute(text(statement))
                assert done.rowcount == reached, (model.__name__, who.role)
        with acting_as(posing(nurse)), transaction() as session:
            assert session.scalars(select(model.family_id)).all() == []
    with acting_as(nurse), transaction() as session:
        assert session.scalars(select(Family.id)).all() == [met]
    with acting_as(posing(nurse)), transaction() as session:
        assert session.scalars(select(Family.id)).all() == []
    for who, family_id in (
        (nurse, unmet),
        (posing(nurse), met),
        (world.strangers[1], met),
    ):
        child = {"family_id": family_id, "search_key": "x", "name": "x"}
        guardian = child | {"name": "森", "relation": "父", "is_primary": False}
        with pytest.raises(DBAPIError, match="row-level security"):
            added(who, Child, child)
        with pytest.raises(DBAPIError, match="row-level security"):
            added(who, Guardian, guardian)


@pytest.mark.proves("P7", "R28")
def test_only_a_body_that_supports_families_enters_one_it_has_met(world: World) -> None:
    call = (
        "create_supported_family(:family, :guardian, '森', NULL, '森', '母', '090-0000-0000',"
        " '09000000000', NULL, NULL)"
    )
    nobodys = Actor(role=Role.LIAISON, user_id=world.nurse.user_id)
    for who in (world.staff, world.mother, posing(world.nurse), nobodys):
        with pytest.raises(DBAPIError, match="only a body that supports"):
            asked(who, call, family=uuid.uuid4(), guardian=uuid.uuid4())


@pytest.mark.proves("R14", "R20", "P7")
def test_the_sender_ends_a_plan_and_does_nothing_else_with_it(world: World, other: World) -> None:
    def tried(who: Actor, change: str) -> int:
        with acting_as(who), transaction() as session:
            done: Any = session.execute(text(f"UPDATE outreach_plans SET {change}"))
            return int(done.rowcount)

    for who in (world.nurse, herself(world)):
        with pytest.raises(DBAPIError, match="row-level security"):
            tried(who, "next_on = '2027-01-01'")
    with pytest.raises(DBAPIError, match="row-level security"):
        tried(world.staff, f"organisation_id = '{body_of(other.staff)}'")
    ends = "ended_at = now(), end_reason = 'withdrawn'"
    assert tried(posing(world.nurse), ends) == 0
    assert tried(other.nurse, ends) == 1
    with acting_as(world.staff), transaction() as session:
        open_ones = text("SELECT count(*) FROM outreach_plans WHERE ended_at IS NULL")
        assert session.scalar(open_ones) == 1
    assert tried(world.nurse, ends) == 1
