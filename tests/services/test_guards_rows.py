"""Two families on their way at once: whoever works for one neither sees nor changes the other."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from portal.contacts.models import Contact
from portal.db.session import acting_as, transaction
from portal.families.models import SupportAccess
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.organisations.models import SettingChange
from portal.outreach.models import OutreachPlan
from portal.referrals import grounds
from portal.referrals.models import (
    Interview,
    InterviewItem,
    LegalBasis,
    Provision,
    Referral,
    ReferralEventRow,
    ReferralItem,
)
from tests.factories import people, referring
from tests.factories.cases import body_of
from tests.factories.loop import KEPT, World, a_row, herself, posing

#: Whoever was told of a case, or has met a family, is a body; no other part has one.
BY_BODY = {SupportAccess, CareCase}


def about(model: type[Any]) -> Any:
    return model.organisation_id if model is SettingChange else model.family_id


@pytest.mark.proves("P7", "P12", "R6", "R28")
@pytest.mark.usefixtures("other")
def test_each_sees_rows_of_her_own_family_alone(world: World) -> None:
    known = {world.referral.family_id, world.mother.family_id, world.nurse.organisation_id}
    for model, whose in KEPT.items():
        for who in (world.nurse, world.staff, world.mother, herself(world)):
            with acting_as(who), transaction() as session:
                seen = set(session.scalars(select(about(model))).all())
            assert seen <= known, (model.__name__, who.role)
            assert seen or who is not getattr(world, whose), model.__name__
        for who in (posing(world.nurse), posing(world.staff)):
            with acting_as(who), transaction() as session:
                seen = set(session.scalars(select(about(model))).all())
            assert not seen or model in BY_BODY, (model.__name__, who.organisation_id)


@pytest.mark.proves("R17", "P7")
def test_who_was_told_of_a_case_does_not_see_what_the_nursery_did(world: World) -> None:
    with acting_as(world.staff), transaction() as session:
        assert body_of(world.staff) in session.scalars(select(CaseEventRow.organisation_id)).all()
    with acting_as(world.nurse), transaction() as session:
        seen = set(session.scalars(select(CaseEventRow.organisation_id)).all())
    assert seen <= {body_of(world.nurse)}


@pytest.mark.proves("R12", "R17", "P12")
def test_words_of_a_report_are_read_on_while_what_they_rest_on_holds(world: World) -> None:
    def read(who: Actor, model: type[Any]) -> int:
        with acting_as(who), transaction() as session:
            return len(session.scalars(select(model)).all())

    assert read(world.nurse, CaseWords) == read(world.staff, CaseWords) == 1
    with acting_as(world.nurse), transaction() as session:
        consent_id = session.scalars(select(CaseReport.consent_id)).one()
    referring.withdrawn(world.nurse, consent_id or uuid.uuid4())
    assert read(world.nurse, CaseWords) == 0
    assert read(world.nurse, CaseReport) == 1, "the duty stays"
    assert read(world.staff, CaseWords) == 1
    assert read(world.staff, ReferralItem) > 0
    referring.withdrawn(world.nurse, world.referral.consent_id or uuid.uuid4())
    assert read(world.staff, ReferralItem) == read(world.staff, ReferralEventRow) == 0
    assert read(world.nurse, ReferralItem) > 0


@pytest.mark.proves("R25", "P12")
def test_who_need_not_know_why_reads_and_writes_none_of_it(world: World) -> None:
    plain = replace(world.staff, knows_support=False)
    for model in (ReferralItem, CaseWords):
        with acting_as(plain), transaction() as session:
            assert session.scalars(select(model)).all() == [], model.__name__
    assert _changed(plain, "UPDATE referrals SET next_what = 'call'") == 1
    with acting_as(world.staff), transaction() as session:
        again = {**a_row(world, CaseReport), "id": uuid.uuid4()}
        session.execute(insert(CaseReport).values(**again))
    words = a_row(world, CaseWords) | {"id": uuid.uuid4(), "report_id": again["id"]}
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting_as(plain),
        transaction() as session,
    ):
        session.execute(insert(CaseWords).values(**words))


@pytest.mark.proves("P7", "R11", "R12")
def test_a_draft_and_what_went_out_by_law_are_not_shown_to_the_family_or_the_receiver(
    world: World,
) -> None:
    nurse = world.nurse
    with acting_as(nurse), transaction() as session:
        interview = session.get_one(Interview, world.referral.interview_id)
    draft = referring.drafted(nurse, interview, body_of(world.strangers[1]))
    for who in (world.strangers[1], herself(world)):
        with acting_as(who), transaction() as session:
            assert draft.id not in session.scalars(select(Referral.id)).all()
            assert draft.id not in session.scalars(select(ReferralItem.referral_id)).all() or (
                who.family_id
            ), "her own words she may read"
    with acting_as(nurse), transaction() as session:
        ground_id = session.scalars(select(LegalBasis.id)).one()
        of = session.get_one(LegalBasis, ground_id)
    second = people.make_worker("伊藤 のぞみ", body_of(nurse), "liaison")
    with acting_as(second), transaction() as session:
        grounds.release(session, ground_id, actor=second, now=clock.now())
    values = a_row(world, Provision) | {
        "id": uuid.uuid4(),
        "consent_id": None,
        "ground_id": ground_id,
        "items": of.items,
        "receiver_id": of.receiver_id,
    }
    with acting_as(nurse), transaction() as session:
        session.execute(insert(Provision).values(**values))
    for who, sees in ((nurse, True), (world.staff, True), (herself(world), False)):
        with acting_as(who), transaction() as session:
            assert (values["id"] in session.scalars(select(Provision.id)).all()) is sees


#: A column of each that its own people may write, and how many rows of it who may.
CHANGES: dict[type[Any], tuple[str, dict[str, int]]] = {
    Interview: ("held_on = held_on - 1", {"nurse": 1}),
    InterviewItem: ("value_sealed = ''", {"nurse": 2}),
    Referral: ("next_what = 'call'", {"nurse": 1, "staff": 1}),
    LegalBasis: ("ended_at = now()", {"nurse": 1}),
    Contact: ("result = 'talked'", {"staff": 1}),
    OutreachPlan: ("next_on = '2027-01-01'", {"staff": 1}),
    CareCase: ("urgency = 'urgent'", {"staff": 1, "nurse": 1}),
    CaseReport: ("seen_at = now()", {"nurse": 1}),
}


@pytest.mark.proves("P7", "P12", "R6")
@pytest.mark.usefixtures("other")
def test_each_changes_rows_of_her_own_family_alone(world: World) -> None:
    for model, (change, expected) in CHANGES.items():
        done = {}
        for name, who in {
            "nurse": world.nurse,
            "staff": world.staff,
            "mother": world.mother,
            "herself": herself(world),
            "as operator": posing(world.nurse) if model is not CareCase else world.mother,
            "at the nursery": posing(world.staff),
        }.items():
            done[name] = _changed(who, f"UPDATE {model.__tablename__} SET {change}")
        assert {name: n for name, n in done.items() if n} == expected, model.__name__


def _changed(who: Actor, statement: str, **values: Any) -> int:
    """Return how many rows a statement without a condition reached; a refusal reaches none."""
    try:
        with acting_as(who), transaction() as session:
            result: Any = session.execute(text(statement), values)
            return int(result.rowcount)
    except DBAPIError as error:
        if "row-level security" not in str(error):
            raise
        return 0


@pytest.mark.proves("R11", "R12", "P12")
def test_what_was_passed_on_is_taken_out_by_its_sender_alone(world: World, other: World) -> None:
    for who in (world.staff, world.mother, herself(world), posing(world.nurse)):
        assert _changed(who, "DELETE FROM referral_items") == 0
        assert _changed(who, "DELETE FROM interview_items") == 0
    before = len(referring.items_of(other.nurse, other.referral.id))
    assert _changed(world.nurse, "DELETE FROM referral_items") == len(
        referring.items_of(world.nurse, world.referral.id)
    ) or not referring.items_of(world.nurse, world.referral.id)
    assert _changed(world.nurse, "DELETE FROM interview_items") == 2
    assert len(referring.items_of(other.nurse, other.referral.id)) == before > 0
    with acting_as(other.nurse), transaction() as session:
        assert len(session.scalars(select(InterviewItem)).all()) == 2
