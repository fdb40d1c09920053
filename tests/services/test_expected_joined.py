"""A child that is no longer expected: told in one record, it ends in each joined with it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.db.session import acting_as, transaction
from portal.families import expected
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.referrals.models import Referral
from portal.referrals.todo import received_to_do
from tests.factories.people import make_guardian, make_liaison, make_worker
from tests.factories.places import Site, accept
from tests.factories.referring import interviewed, joined_with, referred

NOW = clock.now()
DUE = clock.today(NOW) + timedelta(days=40)
pytestmark = pytest.mark.usefixtures("app")


def expecting(guardian: Actor, due_in: int = 43) -> uuid.UUID:
    """The same child as the nurse knows it, the day told a little differently."""
    assert guardian.family_id is not None
    details = ChildDetails(None, due_on=clock.today(NOW) + timedelta(days=due_in), is_another=True)
    with acting_as(guardian), transaction() as session:
        return families.add_child(session, guardian.family_id, details, actor=guardian, now=NOW).id


def of_nurse(nurse: Actor, row: Referral) -> uuid.UUID:
    with acting_as(nurse) as session:
        found: uuid.UUID = session.scalars(
            text("SELECT id FROM children WHERE family_id = :f AND born_on IS NULL"),
            {"f": row.family_id},
        ).one()
        return found


def close(nurse: Actor, child_id: uuid.UUID) -> None:
    with acting_as(nurse), transaction() as session:
        expected.close(session, child_id, actor=nurse, now=NOW)


def reopen(actor: Actor, child_id: uuid.UUID) -> int:
    with acting_as(actor), transaction() as session:
        return expected.reopen(session, child_id, actor=actor, now=NOW).left_out


def state(site: Site, application: uuid.UUID) -> PreregistrationState:
    with acting_as(site.owner) as session:
        return session.get_one(Preregistration, application).state


def is_expected(guardian: Actor, child_id: uuid.UUID) -> bool:
    with acting_as(guardian) as session:
        ended = text("SELECT ended_at IS NULL FROM children WHERE id = :id")
        return bool(session.scalar(ended, {"id": child_id}))


def staff_of(site: Site) -> Actor:
    return make_worker("佐藤 けい", site.organisation_id, "staff")


def waits(app: Flask, site: Site) -> list[str]:
    staff = staff_of(site)
    with app.test_request_context(), acting_as(staff) as session:
        return [each.what for each in received_to_do(session, actor=staff, now=NOW)]


@pytest.fixture
def mother() -> Actor:
    """The same family, as it came to the nursery."""
    return make_guardian("高橋 あかり")


@pytest.mark.proves("R7", "R13", "J4")
def test_the_application_in_the_nurserys_record_ends_too_and_comes_back(
    app: Flask, suzuki: Actor, hinata: Site, mother: Actor
) -> None:
    row, there = referred(suzuki, hinata), expecting(mother)
    application = accept(hinata, mother, there)
    joined_with(row, mother, staff_of(hinata))
    here = of_nurse(suzuki, row)
    close(suzuki, here)
    assert state(hinata, application) is PreregistrationState.WITHDRAWN
    assert not is_expected(mother, there)
    assert not any("たしかめ" in each for each in waits(app, hinata)), "nothing is left to do"
    assert reopen(suzuki, here) == 0
    assert state(hinata, application) is PreregistrationState.ACCEPTED
    assert is_expected(mother, there)


@pytest.mark.proves("R7")
def test_the_family_itself_can_bring_back_what_was_closed_for_it(
    suzuki: Actor, hinata: Site, mother: Actor
) -> None:
    row, there = referred(suzuki, hinata), expecting(mother)
    application = accept(hinata, mother, there)
    joined_with(row, mother, staff_of(hinata))
    close(suzuki, of_nurse(suzuki, row))
    assert reopen(mother, there) == 0
    assert state(hinata, application) is PreregistrationState.ACCEPTED


@pytest.mark.proves("R7", "R13")
def test_told_at_the_nursery_the_nurse_goes_on_with_no_pregnancy(
    suzuki: Actor, hinata: Site, mother: Actor
) -> None:
    row, there = referred(suzuki, hinata), expecting(mother)
    staff = staff_of(hinata)
    joined_with(row, mother, staff)
    close(staff, there)
    with acting_as(suzuki) as session:
        open_ones = text(
            "SELECT count(*) FROM children WHERE family_id = :f AND born_on IS NULL"
            " AND ended_at IS NULL"
        )
        assert session.scalar(open_ones, {"f": row.family_id}) == 0


@pytest.mark.parametrize("what", ["two expected there", "another time", "not joined"])
@pytest.mark.proves("R7")
def test_what_is_not_certain_stays_and_the_nursery_is_told(
    what: str, app: Flask, suzuki: Actor, hinata: Site, mother: Actor
) -> None:
    row = referred(suzuki, hinata, born_on=clock.today(NOW) - timedelta(days=700))
    there = expecting(mother, 150 if what == "another time" else 43)
    if what == "two expected there":
        expecting(mother, 43)
    application = accept(hinata, mother, there)
    if what != "not joined":
        joined_with(row, mother, staff_of(hinata))
    with acting_as(suzuki), transaction() as session:  # it was for the expected child alone
        session.execute(
            text("UPDATE referrals SET child_ids = :ids WHERE id = :id"),
            {"ids": [of_nurse(suzuki, row)], "id": row.id},
        )
    close(suzuki, of_nurse(suzuki, row))
    assert state(hinata, application) is PreregistrationState.ACCEPTED
    assert is_expected(mother, there)
    assert any("たしかめ" in each for each in waits(app, hinata))


@pytest.mark.proves("P7")
def test_nobody_ends_a_joined_child_without_having_closed_her_own(
    suzuki: Actor, hinata: Site, mother: Actor
) -> None:
    row, there = referred(suzuki, hinata), expecting(mother)
    joined_with(row, mother, staff_of(hinata))
    here = of_nurse(suzuki, row)
    for sql, child in (
        ("SELECT close_joined_children(:child)", here),
        ("SELECT close_joined_children(:child)", there),
        ("SELECT end_applications(:child)", there),
        ("SELECT resume_applications(:child, '[]')", there),
    ):
        with pytest.raises(ProgrammingError), acting_as(suzuki), transaction() as session:
            session.execute(text(sql), {"child": child})
    close(suzuki, here)
    stranger = make_liaison("隣の市")
    with pytest.raises(ProgrammingError), acting_as(stranger), transaction() as session:
        session.execute(text("SELECT close_joined_children(:child)"), {"child": here})


def test_a_family_that_was_never_joined_is_left_alone(suzuki: Actor, mother: Actor) -> None:
    there = expecting(mother)
    of = interviewed(suzuki)
    with acting_as(suzuki) as session:
        here = session.scalars(
            text("SELECT id FROM children WHERE family_id = :f AND born_on IS NULL"),
            {"f": of.family_id},
        ).one()
    close(suzuki, here)
    assert is_expected(mother, there)
