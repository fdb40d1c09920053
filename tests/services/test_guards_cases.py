"""A case ends by who took the family over; alone by a nursery only where nothing had to be told."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.rules import CaseState, NextStep
from tests.factories import people, referring
from tests.factories.cases import missing
from tests.factories.loop import NOW, World, a_row

TODAY = clock.today(NOW)


def _ends(who: Actor, case_id: uuid.UUID) -> None:
    with acting_as(who), transaction() as session:
        statement = text("UPDATE care_cases SET state = 'closed', closed_at = :now WHERE id = :id")
        session.execute(statement, {"id": case_id, "now": NOW})


@pytest.mark.proves("R17", "R22")
def test_one_case_is_not_ended_by_what_was_answered_in_another(world: World) -> None:
    nurse, staff = world.nurse, world.staff
    with acting_as(nurse), transaction() as session:
        (first,) = session.scalars(select(CaseReport)).all()
        first.next_step, first.next_step_by, first.next_step_on = NextStep.VISIT, "鈴木", TODAY
        first.acknowledged_at, first.acknowledged_by = NOW, nurse.user_id
    alone = missing(world.site, people.make_guardian("森 りえ", children=("森 めい",)))
    told = missing(world.site, people.make_guardian("原 みき", children=("原 けん",)))
    again = {"case_id": told, "acknowledged_at": None, "next_step": None}
    with acting_as(staff), transaction() as session:
        row = a_row(world, CaseReport) | {"id": uuid.uuid4()} | again
        session.execute(insert(CaseReport).values(**row))
    for who in (nurse, staff):
        with pytest.raises(DBAPIError, match="taken this family over"):
            _ends(who, told)
    _ends(staff, alone)  # nobody was told, nobody had to be


@pytest.mark.proves("R17", "R22")
def test_who_read_of_it_has_taken_over_once_it_is_said_what_comes_next(world: World) -> None:
    nurse = world.nurse

    def answered(step: NextStep | None, *, is_read: bool) -> None:
        with acting_as(nurse), transaction() as session:
            (told,) = session.scalars(select(CaseReport)).all()
            told.next_step, told.acknowledged_at = step, NOW if is_read else None

    for step, is_read in ((None, True), (NextStep.VISIT, False)):
        answered(step, is_read=is_read)
        with pytest.raises(DBAPIError, match="taken this family over"):
            _ends(nurse, world.case_id)
    answered(NextStep.VISIT, is_read=True)
    with pytest.raises(DBAPIError, match="taken this family over"):
        _ends(world.staff, world.case_id)
    _ends(nurse, world.case_id)


@pytest.mark.proves("R17", "R22")
def test_who_is_bound_by_a_referral_ends_no_case_alone_but_for_a_word_in_time(
    world: World,
) -> None:
    staff = world.staff
    mothers = [
        people.make_guardian(name, children=(name,)) for name in ("森 りえ", "原 みき", "岡 ゆう")
    ]
    case_ids = [missing(world.site, mother) for mother in mothers]
    bound, excused, recalled = (_bound(world, case_id) for case_id in case_ids)
    with pytest.raises(DBAPIError, match="taken this family over"):
        _ends(staff, bound)
    with acting_as(staff), transaction() as session:
        session.execute(
            text("UPDATE care_cases SET state = :state WHERE id = :id"),
            {"state": CaseState.EXCUSED, "id": excused},
        )
    _ends(staff, excused)
    referring.withdrawn(world.nurse, world.referral.consent_id or uuid.uuid4())
    _ends(staff, recalled)


def _bound(world: World, case_id: uuid.UUID) -> uuid.UUID:
    """Return a case like this one, of the referral, that nobody was told of yet."""
    with acting_as(world.staff), transaction() as session:
        row = session.get_one(CareCase, case_id)
        values = {
            each.key: getattr(row, each.key)
            for each in CareCase.__mapper__.column_attrs
            if each.key != "number"
        }
        new = {"id": uuid.uuid4(), "booking_group_id": uuid.uuid4()}
        values |= {**new, "referral_id": world.referral.id}
        session.execute(insert(CareCase).values(**values))
    return new["id"]
