"""What a referral, a report and a case rest on, as the database itself asks it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.families import expected
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.noshow import service as cases
from portal.noshow.models import CaseReport
from portal.noshow.rules import NextStep
from portal.referrals import grounds, service
from portal.referrals.models import (
    Interview,
    Provision,
)
from portal.referrals.rules import Item
from tests.factories import people, referring, support
from tests.factories.cases import agree, body_of
from tests.factories.loop import NOW, World, a_row
from tests.factories.places import make_site

TODAY = clock.today(NOW)
Rests = Callable[[World, uuid.UUID], dict[str, uuid.UUID | None]]


def _of_another_family(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    other, _ = support.met(world.nurse, "小林 めぐみ")
    given = referring.agreed(world.nurse, other, to)
    return {"consent": given[SharingPurpose.SHARING]}


def _to_another_nursery(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    del to
    other = world.strangers[0].organisation_id
    assert other is not None
    given = referring.agreed(world.nurse, world.referral.family_id, other)
    return {"consent": given[SharingPurpose.SHARING]}


def _told_of_another(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    del to
    other = world.strangers[0].organisation_id
    assert other is not None
    given = referring.agreed(world.nurse, world.referral.family_id, other)
    return {"told": given[SharingPurpose.TOLD]}


def _taken_back(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    given = referring.agreed(world.nurse, world.referral.family_id, to)
    with acting_as(world.nurse), transaction() as session:
        row = session.get_one(Consent, given[SharingPurpose.SHARING])
        row.withdrawn_at, row.withdrawn_by = clock.now(), world.nurse.user_id
    return {"consent": row.id}


def _told_taken_back(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    given = referring.agreed(world.nurse, world.referral.family_id, to)
    with acting_as(world.nurse), transaction() as session:
        row = session.get_one(Consent, given[SharingPurpose.TOLD])
        row.withdrawn_at, row.withdrawn_by = clock.now(), world.nurse.user_id
    return {"told": row.id}


def _law_unreleased(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    return {"ground": support.decided(world.nurse, world.referral.family_id, to)}


def _released(world: World, family_id: uuid.UUID, to: uuid.UUID) -> uuid.UUID:
    ground_id = support.decided(world.nurse, family_id, to, items=list(Item))
    colleague = people.make_worker("田中 りさ", body_of(world.nurse), "liaison")
    with acting_as(colleague), transaction() as session:
        grounds.release(session, ground_id, actor=colleague, now=clock.now())
    return ground_id


def _law_to_another(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    del to
    return {"ground": _released(world, world.referral.family_id, body_of(world.strangers[0]))}


def _law_of_another_family(world: World, to: uuid.UUID) -> dict[str, uuid.UUID | None]:
    other, _ = support.met(world.nurse, "小林 めぐみ")
    return {"ground": _released(world, other, to)}


@pytest.mark.proves("R11", "R12", "R13", "P12")
@pytest.mark.parametrize(
    ("rests", "constraint"),
    [
        (_of_another_family, "ck_referrals_consent"),
        (_to_another_nursery, "ck_referrals_consent"),
        (_taken_back, "ck_referrals_consent"),
        (_told_of_another, "ck_referrals_told"),
        (_told_taken_back, "ck_referrals_told"),
        (_law_unreleased, "ck_referrals_ground"),
        (_law_to_another, "ck_referrals_ground"),
        (_law_of_another_family, "ck_referrals_ground"),
    ],
)
def test_a_referral_leaves_on_nothing_but_what_is_its_own(
    world: World, rests: Rests, constraint: str
) -> None:
    """All else is in order: what it rests on belongs to another, or holds no more."""
    site = make_site("つばめ保育園")
    given = referring.agreed(world.nurse, world.referral.family_id, site.organisation_id)
    with acting_as(world.nurse), transaction() as session:
        of = session.get_one(Interview, world.referral.interview_id)
    row = referring.drafted(world.nurse, of, site)
    on = {"consent": given[SharingPurpose.SHARING], "told": given[SharingPurpose.TOLD]}
    changed = rests(world, site.organisation_id)
    if "ground" in changed:
        on = {"consent": None, "told": None}  # type: ignore[dict-item]
    values = {"ground": None, **on, **changed, "id": row.id}
    with acting_as(world.nurse), pytest.raises(IntegrityError) as error, transaction() as session:
        session.execute(
            text(
                "UPDATE referrals SET state = 'sent', consent_id = :consent, told_id = :told,"
                " ground_id = :ground WHERE id = :id"
            ),
            values,
        )
    assert breached_constraint(error.value) == constraint


@pytest.mark.proves("R11")
def test_nobody_stops_a_referral_whose_consent_holds(world: World) -> None:
    for somebody in (*world.strangers[:3], world.staff):
        with acting_as(somebody), transaction() as session:
            values = {"id": world.referral.consent_id}
            assert session.execute(text("SELECT stop_referrals(:id)"), values).all() == []
    assert referring.seen(world.nurse, world.referral.id).state == "received"


@pytest.mark.proves("R7", "P7")
@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("SELECT end_referrals(:child)", "only for a child that was closed"),
        ("SELECT resume_referrals(:closed, '[]')", "only for a child that is expected again"),
    ],
)
def test_the_functions_of_expected_children_ask_how_the_child_stands(
    world: World, call: str, words: str
) -> None:
    elder, unborn = referring.children_of(world.nurse, world.referral.family_id)
    with acting_as(world.nurse), transaction() as session:
        session.execute(
            text("UPDATE children SET ended_at = now(), ended_kind = 'no_longer' WHERE id = :id"),
            {"id": unborn},
        )
    with pytest.raises(DBAPIError, match=words), acting_as(world.nurse), transaction() as session:
        session.execute(text(call), {"child": elder, "closed": unborn})


@pytest.mark.proves("R7")
def test_only_a_child_of_the_same_birth_joins_a_referral(world: World) -> None:
    elder, unborn = referring.children_of(world.nurse, world.referral.family_id)
    with acting_as(world.nurse), transaction() as session:
        row = service.draft(
            session,
            world.referral.family_id,
            body_of(world.strangers[0]),
            child_ids=[unborn],
            interview_id=world.referral.interview_id,
            actor=world.nurse,
            now=NOW,
        )
        values = {"first": unborn, "other": elder}
        session.execute(text("SELECT copy_referrals(:first, :other)"), values)
    assert referring.seen(world.nurse, row.id).child_ids == [unborn]


@pytest.mark.proves("R7", "R11")
def test_a_referral_whose_consent_was_taken_back_meanwhile_does_not_come_back(
    world: World,
) -> None:
    _elder, unborn = referring.children_of(world.nurse, world.referral.family_id)
    site = make_site("つばめ保育園")
    with acting_as(world.nurse), transaction() as session:
        row = service.draft(
            session,
            world.referral.family_id,
            site.organisation_id,
            child_ids=[unborn],
            interview_id=world.referral.interview_id,
            actor=world.nurse,
            now=NOW,
        )
    given = referring.agreed(world.nurse, world.referral.family_id, site.organisation_id)
    referring.sent(world.nurse, row.id)
    with acting_as(world.nurse), transaction() as session:
        expected.close(session, unborn, actor=world.nurse, now=NOW)
    referring.withdrawn(world.nurse, given[SharingPurpose.SHARING])
    with acting_as(world.nurse), transaction() as session:
        expected.reopen(session, unborn, actor=world.nurse, now=NOW)
    assert referring.seen(world.nurse, row.id).state == "recalled"
    assert referring.seen(world.nurse, world.referral.id).state == "received"


@pytest.mark.proves("P7", "R20")
def test_what_answers_about_a_family_answers_no_stranger(world: World) -> None:
    family = {"id": world.referral.family_id}
    for stranger in world.strangers:
        with acting_as(stranger), transaction() as session:
            session.execute(text("SELECT end_wishes(:id, now())"), family)
            assert session.execute(text("SELECT * FROM wishes_of_family(:id)"), family).all() == []
            assert session.execute(text("SELECT * FROM shares_of_family(:id)"), family).all() == []
            known = session.scalar(text("SELECT records_known(:id)"), family)
            assert known == [world.referral.family_id], "no other record of hers"
            every = "SELECT * FROM advances_to_family(:id, '2020-01-01')"
            assert session.execute(text(every), family).all() == []
            if stranger is not ANONYMOUS:
                concerns = text("SELECT consent_concerns_me(:consent)")
                consent = {"consent": world.referral.consent_id}
                assert not session.scalar(concerns, consent)
    with acting_as(world.staff), transaction() as session:
        assert len(session.execute(text("SELECT * FROM wishes_of_family(:id)"), family).all()) == 1


def _forced(actor: Actor, case_id: uuid.UUID, **values: Any) -> None:
    with acting_as(actor), transaction() as session:
        changes = ", ".join(f"{name} = :{name}" for name in values)
        statement = text(f"UPDATE care_cases SET {changes} WHERE id = :id")
        session.execute(statement, {**values, "id": case_id})


@pytest.mark.proves("R17", "R22")
def test_a_case_is_ended_by_who_took_it_over_and_stays_ended(world: World) -> None:
    stopped = pytest.raises(DBAPIError, match="taken this family over")
    closed = {"state": "closed", "closed_at": NOW}
    referring.withdrawn(world.nurse, _consent_of(world))
    with stopped:  # no referral binds any more, but somebody was told
        _forced(world.staff, world.case_id, **closed)
    with acting_as(world.nurse), transaction() as session:
        (report,) = session.scalars(select(CaseReport)).all()
        report.next_step, report.next_step_by, report.next_step_on = NextStep.VISIT, "鈴木", TODAY
    with stopped:  # named, not acknowledged
        _forced(world.nurse, world.case_id, **closed)
    with acting_as(world.nurse), transaction() as session:
        session.get_one(CaseReport, report.id).acknowledged_at = NOW
        session.get_one(CaseReport, report.id).acknowledged_by = world.nurse.user_id
    with stopped:  # another body's answer is not the nursery's
        _forced(world.staff, world.case_id, **closed)
    _forced(world.nurse, world.case_id, **closed)
    with pytest.raises(DBAPIError, match="stays closed"):
        _forced(world.nurse, world.case_id, state="reported", closed_at=None)


def _consent_of(world: World) -> uuid.UUID:
    assert world.referral.consent_id is not None
    return world.referral.consent_id


@pytest.mark.proves("R17", "R26")
def test_a_worry_that_was_told_nobody_is_not_ended_by_the_nursery(world: World) -> None:
    mother = people.make_guardian("森 かおり", children=("森 ゆうと",))
    with acting_as(mother), transaction() as session:
        opened = text("SELECT open_family_to(:org)")
        session.execute(opened, {"org": world.site.organisation_id})
    with acting_as(world.staff), transaction() as session:
        of = cases.raise_worry(
            session,
            mother.family_id or uuid.uuid4(),
            world.site.facility_id,
            [],
            "ようすが心配です。",
            is_urgent=False,
            actor=world.staff,
            now=NOW,
        )
    with pytest.raises(DBAPIError, match="taken this family over"):
        _forced(world.staff, of.id, state="closed", closed_at=NOW)


@pytest.mark.proves("R22", "P12")
@pytest.mark.parametrize("wrong", ["receiver", "family", "items", "withdrawn"])
def test_a_provision_rests_on_a_consent_of_this_family_to_this_body(
    world: World, wrong: str
) -> None:
    center = support.make_center("みなとセンター")
    consent_id = agree(world.nurse, world.referral.family_id, body_of(center))
    values = a_row(world, Provision) | {
        "id": uuid.uuid4(),
        "provided_by": world.nurse.user_id,
        "provider_id": world.nurse.organisation_id,
        "receiver_id": center.organisation_id,
        "consent_id": consent_id,
        "items": [Item.NO_SHOW.value],
    }
    if wrong == "receiver":
        values["receiver_id"] = body_of(world.strangers[1])
    elif wrong == "family":
        values["family_id"] = support.met(world.nurse, "小林 めぐみ")[0]
    elif wrong == "items":
        values["items"] = [Item.HEALTH.value]
    else:
        referring.withdrawn(world.nurse, consent_id)
    with pytest.raises(IntegrityError) as error, acting_as(world.nurse), transaction() as session:
        session.execute(insert(Provision).values(**values))
    assert breached_constraint(error.value) == "ck_provisions_allowed"


@pytest.mark.proves("R22", "P12")
@pytest.mark.parametrize("wrong", ["receiver", "items", "unreleased"])
def test_and_a_ground_lets_through_what_it_names_to_whom_it_names(world: World, wrong: str) -> None:
    to = body_of(world.strangers[1])
    family_id = world.referral.family_id
    released = wrong != "unreleased"
    ground_id = support.decided(world.nurse, family_id, to)
    if released:
        colleague = people.make_worker("田中 りさ", body_of(world.nurse), "liaison")
        with acting_as(colleague), transaction() as session:
            grounds.release(session, ground_id, actor=colleague, now=clock.now())
    other = body_of(world.strangers[2])
    values = a_row(world, Provision) | {
        "id": uuid.uuid4(),
        "family_id": family_id,
        "provided_by": world.nurse.user_id,
        "provider_id": world.nurse.organisation_id,
        "receiver_id": other if wrong == "receiver" else to,
        "consent_id": None,
        "ground_id": ground_id,
        "items": [(Item.HEALTH if wrong == "items" else Item.NURSERY_NOTES).value],
    }
    with pytest.raises(IntegrityError) as error, acting_as(world.nurse), transaction() as session:
        session.execute(insert(Provision).values(**values))
    assert breached_constraint(error.value) == "ck_provisions_allowed"
