"""What is written down is not moved by a change: to another family, another body, another's name.

And by whom the few rows are read and written that belong to two sides. Statements here read
no row that they change, so that no other policy stands before the one meant.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from portal.consents.models import Consent
from portal.db.session import acting_as, transaction
from portal.facilities import claims
from portal.kernel.actor import Actor, Right, Role
from portal.organisations.models import Organisation
from portal.referrals.models import ReferralItem
from tests.factories import people
from tests.factories.cases import body_of
from tests.factories.loop import World, a_row, herself, posing


def changed(who: Actor, statement: str, **values: Any) -> int:
    with acting_as(who), transaction() as session:
        done: Any = session.execute(text(f"UPDATE {statement}"), values)
        return int(done.rowcount)


def refused(who: Actor, statement: str, **values: Any) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):  # noqa: PT012 - says what passed
        changed(who, statement, **values)
        pytest.fail(f"{who.role}: {statement}")


@pytest.mark.proves("P7", "P12", "R6")
def test_an_interview_stays_with_its_family_and_its_body(world: World, other: World) -> None:
    unmet, elsewhere = other.referral.family_id, body_of(other.nurse)
    for table in ("interviews", "interview_items"):
        refused(world.nurse, f"{table} SET family_id = :to", to=unmet)
        refused(world.nurse, f"{table} SET organisation_id = :to", to=elsewhere)
    assert changed(world.nurse, "interviews SET held_on = '2026-11-02'") == 1
    assert changed(world.nurse, "interview_items SET value_sealed = ''") > 0
    for who in (world.staff, world.mother, herself(world), posing(world.nurse)):
        assert changed(who, "interviews SET held_on = '2026-11-03'") == 0, who.role
        assert changed(who, "interview_items SET value_sealed = ''") == 0, who.role


@pytest.mark.proves("P7", "R7")
def test_who_got_a_referral_does_not_make_a_draft_of_it(world: World) -> None:
    refused(world.staff, "referrals SET state = 'draft'")
    assert changed(world.staff, "referrals SET state = 'visited'") == 1


@pytest.mark.proves("P7", "R6")
def test_bodies_are_opened_by_the_operator_and_providers_by_a_liaison(world: World) -> None:
    nurse = world.nurse
    row = {"name": "はじめの園", "kind": "provider", "opened_by": nurse.organisation_id}
    for who, changes in (
        (world.staff, {}),
        (posing(world.staff, Role.DIRECTOR), {"opened_by": world.staff.organisation_id}),
        (world.mother, {}),
        (world.strangers[1], {"opened_by": world.strangers[1].organisation_id}),
        (nurse, {"kind": "family_center"}),
        (nurse, {"opened_by": world.strangers[2].organisation_id}),
        (nurse, {"opened_by": None}),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):  # noqa: PT012 - see above
            opened(who, row | changes)
            pytest.fail(f"{who.role}: {changes}")
    opened(nurse, row)
    opened(posing(nurse), row | {"kind": "family_center", "opened_by": None})


@pytest.mark.proves("P7", "R30")
def test_a_claim_is_read_by_who_made_it_who_answers_it_and_the_operator(world: World) -> None:
    director = posing(world.staff, Role.DIRECTOR)
    with acting_as(director), transaction() as session:
        new = claims.NewFacility("一覧にない園", "大町2-2", "", "", "", body_of(world.nurse))
        claims.enter_facility(session, new, actor=director)
    for who, sees in (
        (world.staff, 1),
        (world.nurse, 1),
        (Actor(role=Role.OPERATOR, user_id=world.nurse.user_id), 1),
        (posing(world.staff, Role.LIAISON), 0),
        (posing(world.nurse, Role.CENTER_WORKER), 0),
        (posing(world.nurse, Role.STAFF), 0),
        *((stranger, 0) for stranger in world.strangers),
    ):
        with acting_as(who), transaction() as session:
            assert session.scalar(text("SELECT count(*) FROM facility_claims")) == sees, who.role


@pytest.mark.proves("R25", "P12")
def test_who_need_not_know_why_passes_nothing_of_it_on(world: World) -> None:
    row = a_row(world, ReferralItem) | {"id": uuid.uuid4()}
    with acting_as(world.nurse), transaction() as session:
        session.execute(text("DELETE FROM referral_items"))
    with pytest.raises(DBAPIError, match="row-level security"):
        added(replace(world.nurse, knows_support=False), ReferralItem, row)
    added(world.nurse, ReferralItem, row)


@pytest.mark.proves("P7", "R11")
def test_to_whom_a_family_is_open_is_read_by_herself_and_them(world: World, other: World) -> None:
    some = replace(world.mother, withheld=frozenset({Right.CHILDREN}))
    less = replace(world.mother, withheld=frozenset({Right.BOOKINGS, Right.BOOK}))
    with acting_as(world.mother), transaction() as session:
        mine = session.scalars(text("SELECT id FROM family_access")).all()
    assert mine
    for who in (some, world.staff):
        with acting_as(who), transaction() as session:
            assert session.scalars(text("SELECT id FROM family_access")).all() == mine, who.role
    for who in (less, other.mother, other.staff, world.nurse, herself(world), *world.strangers[1:]):
        with acting_as(who), transaction() as session:
            seen = session.scalars(text("SELECT id FROM family_access")).all()
            assert not set(seen) & set(mine), who.role


def opened(who: Actor, row: dict[str, Any]) -> None:
    added(who, Organisation, row | {"id": uuid.uuid4()})


def added(who: Actor, model: type[Any], row: dict[str, Any]) -> None:
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**row))


@pytest.mark.proves("R11", "R12", "P12")
def test_nobody_takes_a_consent_back_in_anothers_name(world: World) -> None:
    back = "consents SET withdrawn_at = clock_timestamp(), withdrawn_by = :name"
    another = people.make_worker("伊藤 のぞみ", body_of(world.nurse), "liaison").user_id
    # Her own record and the one that the nurse made are joined by her number.
    assert changed(world.nurse, "guardians SET phone_digits = '09000000000'") == 1
    for who in (world.nurse, world.staff, herself(world), world.mother):
        refused(who, back, name=another)
        refused(who, back, name=None)
    _one_of_her_own(world)
    some = replace(world.mother, withheld=frozenset({Right.CHILDREN}))
    refused(some, back, name=another)
    assert changed(some, back, name=some.user_id) == 1
    assert changed(world.mother, back, name=world.mother.user_id) > 1


def _one_of_her_own(world: World) -> None:
    """Let the mother give a consent by herself in the portal."""
    row = a_row(world, Consent) | {
        "id": uuid.uuid4(),
        "family_id": world.mother.family_id,
        "guardian_id": None,
        "recorded_by": world.mother.user_id,
        "source": "portal",
        "source_on": None,
        "paper_reference": None,
    }
    added(world.mother, Consent, row)
