"""On what a referral, a report, a provision and a case rest: each condition breached alone."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow.models import CaseReport
from portal.referrals import grounds
from portal.referrals.models import (
    Interview,
    LegalBasis,
    Provision,
    Referral,
    ReferralItem,
)
from portal.referrals.rules import Item
from tests.factories import people, referring, support
from tests.factories.cases import agree, body_of
from tests.factories.loop import NOW, World, a_row
from tests.factories.places import make_site

TODAY = clock.today(NOW)
PAST = TODAY - timedelta(days=1)


def answer(who: Actor, call: str, **values: Any) -> Any:
    with acting_as(who), transaction() as session:
        return session.scalar(text(f"SELECT {call}"), values)


def colleague_of(actor: Actor) -> Actor:
    return people.make_worker("伊藤 のぞみ", body_of(actor), str(actor.role))


def added(who: Actor, model: type[Any], row: dict[str, Any], **changes: Any) -> uuid.UUID:
    values = row | {"id": uuid.uuid4()} | changes
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**values))
    of: uuid.UUID = values["id"]
    return of


def changed(who: Actor, model: type[Any], row_id: uuid.UUID, **values: Any) -> None:
    with acting_as(who), transaction() as session:
        session.execute(update(model).where(model.id == row_id).values(**values))


@pytest.mark.proves("R12", "P12")
@pytest.mark.parametrize(
    ("urgent", "due", "later", "holds"),
    [
        (False, None, {}, False),
        (False, TODAY, {}, False),
        (False, None, {"review_agreed": True}, False),
        (False, None, {"released_at": NOW}, True),
        (False, None, {"released_at": NOW, "ended_at": NOW}, False),
        (True, TODAY, {}, True),
        (True, PAST, {}, False),
        (True, PAST, {"review_agreed": True}, True),
        (True, TODAY, {"review_agreed": False}, False),
        (True, TODAY, {"ended_at": NOW}, False),
    ],
)
def test_a_ground_holds_released_or_urgent_until_its_review(
    world: World, *, urgent: bool, due: Any, later: dict[str, Any], holds: bool
) -> None:
    second = colleague_of(world.nurse)
    ground_id = added(
        world.nurse,
        LegalBasis,
        a_row(world, LegalBasis),
        is_urgent=urgent,
        phoned_at=NOW,
        review_due_on=due,
    )
    by: dict[str, dict[str, Any]] = {
        "released_at": {"released_by": second.user_id},
        "review_agreed": {"reviewed_by": second.user_id, "reviewed_at": NOW},
    }
    for name in later:
        later = later | by.get(name, {})
    if later:
        changed(second, LegalBasis, ground_id, **later)
    assert answer(world.nurse, "ground_holds(:id)", id=ground_id) is holds


@pytest.mark.proves("R11", "P12")
@pytest.mark.parametrize(
    ("until", "back", "holds"),
    [(None, None, True), (TODAY, None, True), (PAST, None, False), (TODAY, True, False)],
)
def test_a_consent_holds_until_its_day_is_over_or_it_is_taken_back(
    world: World, *, until: Any, back: bool | None, holds: bool
) -> None:
    row = a_row(world, Consent) | {"purpose": SharingPurpose.BOOKING, "until_on": until}
    of = added(world.nurse, Consent, row)
    if back:
        by = {"withdrawn_at": clock.now(), "withdrawn_by": world.nurse.user_id}
        changed(world.nurse, Consent, of, **by)
    assert answer(world.nurse, "consent_holds(:id)", id=of) is holds


@pytest.mark.proves("R11", "R12", "P12")
@pytest.mark.parametrize("state", ["draft", "recalled", "passed_on", "closed", "refused"])
def test_what_is_not_on_its_way_any_more_is_not_read_on(world: World, state: str) -> None:
    of = world.referral
    if state == "draft":
        with acting_as(world.nurse), transaction() as session:
            interview = session.get_one(Interview, of.interview_id)
        site = make_site("つばめ保育園")
        given = referring.agreed(world.nurse, of.family_id, site.organisation_id)
        of = referring.drafted(world.nurse, interview, site)
        changed(world.nurse, Referral, of.id, consent_id=given[SharingPurpose.SHARING])
    else:
        changed(world.staff, Referral, of.id, state=state)
    is_open = state in {"closed", "refused"}
    assert answer(world.nurse, "referral_is_open(:id)", id=of.id) is is_open
    assert answer(world.nurse, "contact_is_open(:id)", id=of.id) is is_open


@pytest.mark.proves("R11", "R12", "P12")
def test_what_rests_on_nothing_any_more_is_closed_before_anybody_recalls_it(world: World) -> None:
    nurse, of = world.nurse, world.referral
    by = {"withdrawn_at": clock.now(), "withdrawn_by": nurse.user_id}
    changed(nurse, Consent, of.consent_id or uuid.uuid4(), **by)
    assert not answer(nurse, "referral_is_open(:id)", id=of.id)
    to = body_of(world.strangers[1])
    ground_id = support.decided(nurse, of.family_id, to)
    second = colleague_of(nurse)
    with acting_as(second), transaction() as session:
        grounds.release(session, ground_id, actor=second, now=clock.now())
    row = a_row(world, Referral) | {"receiver_id": to, "facility_id": None, "ground_id": ground_id}
    row |= {"outside_number": None, "consent_id": None, "told_id": None}
    by_law = added(nurse, Referral, row)
    assert answer(nurse, "referral_is_open(:id)", id=by_law)
    changed(nurse, LegalBasis, ground_id, ended_at=clock.now())
    assert not answer(nurse, "referral_is_open(:id)", id=by_law)


@pytest.mark.proves("R11", "R14")
def test_who_took_back_that_contact_comes_is_not_contacted(world: World) -> None:
    values = {"id": world.referral.id}
    assert answer(world.staff, "contact_is_open(:id)", **values)
    changed(
        world.nurse,
        Consent,
        world.referral.told_id or uuid.uuid4(),
        withdrawn_at=clock.now(),
        withdrawn_by=world.nurse.user_id,
    )
    assert answer(world.staff, "referral_is_open(:id)", **values)
    assert not answer(world.staff, "contact_is_open(:id)", **values)


@pytest.mark.proves("R11", "R12", "R13", "P12")
@pytest.mark.parametrize(
    ("on", "constraint"),
    [
        ({"consent_id": "told"}, "ck_referrals_consent"),
        ({"consent_id": "to the nurse"}, "ck_referrals_consent"),
        ({"told_id": "sharing"}, "ck_referrals_told"),
        ({"told_id": "another family's"}, "ck_referrals_told"),
        ({"told_id": None}, "ck_referrals_told"),
        ({"consent_id": None, "ground_id": "unreleased"}, "ck_referrals_ground"),
    ],
)
@pytest.mark.parametrize("under_way", [False, True])
def test_a_referral_rests_on_records_made_for_that_also_when_it_is_under_way(
    world: World, on: dict[str, str | None], constraint: str, *, under_way: bool
) -> None:
    nurse, of = world.nurse, world.referral
    if not under_way:
        with acting_as(nurse), transaction() as session:
            interview = session.get_one(Interview, of.interview_id)
        site = make_site("つばめ保育園")
        given = referring.agreed(nurse, of.family_id, site.organisation_id)
        of = referring.drafted(nurse, interview, site)
        right: dict[str, uuid.UUID | None] = {
            "consent_id": given[SharingPurpose.SHARING],
            "told_id": given[SharingPurpose.TOLD],
        }
    else:
        right = {"consent_id": of.consent_id, "told_id": of.told_id}
    strange, _ = support.met(nurse, "小林 めぐみ")
    theirs = referring.agreed(nurse, strange, of.receiver_id)
    with acting_as(nurse), transaction() as session:
        back = session.scalars(
            select(Consent.id).where(Consent.receiver_id == nurse.organisation_id)
        ).first()
    rows = {
        "told": right["told_id"],
        "sharing": right["consent_id"],
        "to the nurse": back,
        "another family's": theirs[SharingPurpose.TOLD],
        "unreleased": support.decided(nurse, of.family_id, of.receiver_id),
        None: None,
    }
    wrong = {name: rows[which] for name, which in on.items()}
    with pytest.raises(IntegrityError) as error:
        changed(nurse, Referral, of.id, **{**right, "state": "sent", **wrong})
    assert breached_constraint(error.value) == constraint
    if under_way:  # what it rests on changes, and nothing else
        with pytest.raises(IntegrityError):
            changed(nurse, Referral, of.id, **wrong)
    else:  # written down while it was a draft, which rests on nothing
        changed(nurse, Referral, of.id, **{**right, **wrong})
        with pytest.raises(IntegrityError) as error:
            changed(nurse, Referral, of.id, state="sent")
        assert breached_constraint(error.value) == constraint


@pytest.mark.proves("R11", "R12", "R13")
def test_a_referral_does_not_come_in_as_sent_already(world: World) -> None:
    row = a_row(world, Referral) | {"receiver_id": body_of(world.strangers[1])}
    none = {"consent_id": None, "told_id": None, "outside_number": None}
    for state in ("sent", "received"):
        with pytest.raises(IntegrityError) as error:
            added(world.nurse, Referral, row, **none, state=state)
        assert breached_constraint(error.value) == "ck_referrals_consent"


@pytest.fixture
def onward(world: World, yamada: Actor) -> dict[str, Any]:
    """Two nurseries know a mother; one of them asked her before it passes something on."""
    for staff in (world.staff, yamada):
        with acting_as(world.mother), transaction() as session:
            session.execute(text("SELECT open_family_to(:org)"), {"org": staff.organisation_id})
    center = world.strangers[1]
    family_id = world.mother.family_id
    assert family_id is not None
    given = referring.agreed(yamada, family_id, body_of(center))
    return a_row(world, Referral) | {
        "family_id": family_id,
        "interview_id": None,
        "client_family_id": None,
        "facility_id": None,
        "source": "onward",
        "outside_number": None,
        "receiver_id": center.organisation_id,
        "consent_id": given[SharingPurpose.SHARING],
        "told_id": given[SharingPurpose.TOLD],
    }


@pytest.mark.proves("R11", "R12")
def test_the_consent_was_asked_for_by_the_body_that_passes_on(
    world: World, yamada: Actor, onward: dict[str, Any]
) -> None:
    staff = world.staff
    ours = {"sender_id": staff.organisation_id, "sent_by": staff.user_id}
    with pytest.raises(IntegrityError) as error:
        added(staff, Referral, onward, **ours)
    assert breached_constraint(error.value) == "ck_referrals_consent"
    added(yamada, Referral, onward, sender_id=yamada.organisation_id, sent_by=yamada.user_id)


@pytest.mark.proves("R12")
def test_and_a_ground_was_decided_by_it(
    world: World, yamada: Actor, onward: dict[str, Any]
) -> None:
    staff = world.staff
    ground_id = support.decided(yamada, onward["family_id"], onward["receiver_id"])
    second = colleague_of(yamada)
    with acting_as(second), transaction() as session:
        grounds.release(session, ground_id, actor=second, now=clock.now())
    by_law = {"consent_id": None, "told_id": None, "ground_id": ground_id}
    ours = {"sender_id": staff.organisation_id, "sent_by": staff.user_id}
    with pytest.raises(IntegrityError) as error:
        added(staff, Referral, onward, **ours, **by_law)
    assert breached_constraint(error.value) == "ck_referrals_ground"
    theirs = {"sender_id": yamada.organisation_id, "sent_by": yamada.user_id}
    of = added(yamada, Referral, onward, **theirs, **by_law)
    unreleased = support.decided(yamada, onward["family_id"], onward["receiver_id"])
    with pytest.raises(IntegrityError) as error:
        changed(yamada, Referral, of, ground_id=unreleased)
    assert breached_constraint(error.value) == "ck_referrals_ground"


@pytest.mark.proves("R12")
@pytest.mark.parametrize(
    "signed", [{"released_by": None, "released_at": NOW}, {"reviewed_by": None}]
)
def test_nobody_signs_a_ground_in_anothers_name(world: World, signed: dict[str, Any]) -> None:
    second, third = colleague_of(world.nurse), colleague_of(world.nurse)
    values = {name: value or third.user_id for name, value in signed.items()}
    ground_id = a_row(world, LegalBasis)["id"]
    with pytest.raises(DBAPIError, match="in another's name"):
        changed(second, LegalBasis, ground_id, **values)
    changed(third, LegalBasis, ground_id, **values)


@pytest.mark.proves("R11", "R12", "R22", "P12")
@pytest.mark.parametrize("model", [Provision, CaseReport], ids=lambda model: model.__name__)
@pytest.mark.parametrize(
    "wrong", ["told", "family", "receiver", "items", "taken back", "ground's family"]
)
def test_what_is_passed_on_and_reported_rests_on_what_names_it(
    world: World, model: type[Any], wrong: str
) -> None:
    nurse, staff = world.nurse, world.staff
    row = a_row(world, model)
    if model is Provision:
        row |= {"provider_id": staff.organisation_id, "provided_by": staff.user_id}
        row |= {"receiver_id": nurse.organisation_id}
    family_id = world.referral.family_id
    with acting_as(nurse), transaction() as session:
        back = session.scalars(
            select(Consent).where(Consent.receiver_id == nurse.organisation_id)
        ).one()
    row |= {"consent_id": back.id, "ground_id": None, "items": [Item.NO_SHOW.value]}
    added(staff, model, row)
    strange, _ = support.met(nurse, "小林 めぐみ")
    if wrong == "told":
        items = [Item.NO_SHOW]
        told = referring.agreed(nurse, family_id, body_of(nurse), SharingPurpose.TOLD, items=items)
        row |= {"consent_id": told[SharingPurpose.TOLD], "items": ["phone"]}
    elif wrong == "family":
        row |= {"consent_id": agree(nurse, strange, body_of(nurse))}
    elif wrong == "receiver":
        row |= {"receiver_id": world.strangers[1].organisation_id}
    elif wrong == "items":
        row |= {"items": [Item.NO_SHOW.value, Item.HEALTH.value]}
    elif wrong == "taken back":
        referring.withdrawn(nurse, back.id)
    else:
        ground_id = support.decided(nurse, strange, body_of(staff), items=[Item.NO_SHOW])
        second = colleague_of(nurse)
        with acting_as(second), transaction() as session:
            grounds.release(session, ground_id, actor=second, now=clock.now())
        row |= {"consent_id": None, "ground_id": ground_id, "receiver_id": staff.organisation_id}
        mine = {"reporter_id": body_of(nurse), "provider_id": body_of(nurse)}
        row |= {name: value for name, value in mine.items() if name in row}
        row |= {name: nurse.user_id for name in ("sent_by", "provided_by") if name in row}
    with pytest.raises(IntegrityError) as error:
        added(nurse if wrong == "ground's family" else staff, model, row)
    assert breached_constraint(error.value) == f"ck_{model.__tablename__}_allowed"


@pytest.mark.proves("R11", "R12")
def test_no_item_goes_that_was_not_agreed_to_before_or_after_it_left(world: World) -> None:
    nurse, of = world.nurse, world.referral
    row = a_row(world, ReferralItem) | {"item": Item.HEALTH.value}
    with pytest.raises(IntegrityError) as error:
        added(nurse, ReferralItem, row)
    assert breached_constraint(error.value) == "ck_referral_items_allowed"
    with acting_as(nurse), transaction() as session:
        interview = session.get_one(Interview, of.interview_id)
    site = make_site("つばめ保育園")
    given = referring.agreed(nurse, of.family_id, site.organisation_id)
    draft = referring.drafted(nurse, interview, site)
    added(nurse, ReferralItem, row, referral_id=draft.id)
    with pytest.raises(IntegrityError) as error:
        changed(
            nurse,
            Referral,
            draft.id,
            state="sent",
            consent_id=given[SharingPurpose.SHARING],
            told_id=given[SharingPurpose.TOLD],
        )
    assert breached_constraint(error.value) == "ck_referral_items_allowed"
