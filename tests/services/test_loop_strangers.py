"""Strangers look for rows, change all they can, write copies of real ones: past every service."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.consents.models import Consent
from portal.contacts import service as contacts
from portal.contacts.models import Contact, ContactWish
from portal.contacts.rules import ContactChannel, Nature
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.families.models import SupportAccess
from portal.noshow.models import CareCase, CaseReport
from portal.outreach.models import OutreachPlan
from portal.referrals.models import (
    Interview,
    InterviewItem,
    LegalBasis,
    Referral,
    ReferralItem,
)
from tests.factories import people
from tests.factories.cases import body_of
from tests.factories.loop import KEPT, NOW, World, a_row

#: A column of each that its own people may write.
WRITTEN = {
    Interview: "held_on = held_on - 1",
    Consent: "withdrawn_at = now()",
    Referral: "target_on = '2027-01-01'",
    LegalBasis: "ended_at = now()",
    Contact: "result = 'talked'",
    OutreachPlan: "next_on = '2027-01-01'",
    CareCase: "urgency = 'urgent'",
    CaseReport: "seen_at = now()",
}
#: What is never inserted by the role of the web, but by functions alone.
BY_FUNCTION = {SupportAccess}


def counted(session: Session, model: type[Any]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.proves("P7", "P12", "R28")
def test_a_stranger_sees_no_row_of_it(world: World) -> None:
    for model, whose in KEPT.items():
        with acting_as(getattr(world, whose)), transaction() as session:
            assert counted(session, model) > 0, f"nothing to be seen in {model.__name__}"
        for stranger in world.strangers:
            with acting_as(stranger), transaction() as session:
                assert counted(session, model) == 0, (model.__name__, stranger.role)


@pytest.mark.proves("P7", "P12")
def test_a_stranger_changes_and_deletes_no_row_of_it(world: World) -> None:
    for stranger in world.strangers:
        for model, change in WRITTEN.items():
            with acting_as(stranger), transaction() as session:
                done = session.execute(text(f"UPDATE {model.__tablename__} SET {change}"))
                assert done.rowcount == 0, (model.__name__, stranger.role)  # type: ignore[attr-defined]
        for model in (ReferralItem, InterviewItem):
            with acting_as(stranger), transaction() as session:
                done = session.execute(text(f"DELETE FROM {model.__tablename__}"))
                assert done.rowcount == 0, (model.__name__, stranger.role)  # type: ignore[attr-defined]
        with acting_as(stranger), transaction() as session:
            session.execute(text("UPDATE organisations SET settings = '{}'"))
    with acting_as(world.nurse), transaction() as session:
        kept = text("SELECT settings ? 'contact' FROM organisations WHERE id = :id")
        assert session.scalar(kept, {"id": world.nurse.organisation_id})


@pytest.mark.proves("P7", "P12")
@pytest.mark.parametrize(
    "model", [each for each in KEPT if each not in BY_FUNCTION], ids=lambda model: model.__name__
)
def test_a_stranger_writes_no_row_of_it(world: World, model: type[Any]) -> None:
    values = {**a_row(world, model), "id": uuid.uuid4()}
    for stranger in world.strangers[:3]:
        with (
            pytest.raises(DBAPIError, match="row-level security"),
            acting_as(stranger),
            transaction() as session,
        ):
            session.execute(insert(model).values(**values))


@pytest.mark.proves("P7")
@pytest.mark.parametrize("model", [Contact, ContactWish, OutreachPlan, Referral, Interview])
def test_nor_one_of_her_own_body_about_a_family_she_has_nothing_to_do_with(
    world: World, model: type[Any]
) -> None:
    center = world.strangers[1]
    ours = {
        "organisation_id": center.organisation_id,
        "sender_id": center.organisation_id,
        "user_id": center.user_id,
        "set_by": center.user_id,
        "sent_by": center.user_id,
        "worker_id": center.user_id,
        "state": "draft",
        "id": uuid.uuid4(),
    }
    row = a_row(world, model)
    values = {key: ours.get(key, value) for key, value in row.items()}
    with (
        pytest.raises(DBAPIError, match="row-level security"),
        acting_as(center),
        transaction() as session,
    ):
        session.execute(insert(model).values(**values))


@pytest.mark.proves("R19", "R20")
@pytest.mark.parametrize(
    ("model", "constraint"),
    [(ContactWish, "uq_contact_wishes_live"), (OutreachPlan, "uq_outreach_plans_live")],
)
def test_of_wishes_and_plans_one_lives(world: World, model: type[Any], constraint: str) -> None:
    values = {**a_row(world, model), "id": uuid.uuid4()}
    with pytest.raises(IntegrityError) as error, acting_as(world.staff), transaction() as session:
        session.execute(insert(model).values(**values))
    assert breached_constraint(error.value) == constraint


@pytest.mark.proves("R20")
def test_a_mail_is_counted_once(world: World) -> None:
    with acting_as(world.staff), transaction() as session:
        made = contacts.record_contact(
            session,
            world.referral.family_id,
            nature=Nature.ANSWER,
            channel=ContactChannel.MAIL,
            about="tour",
            actor=world.staff,
            now=NOW,
            message_id=uuid.uuid4(),
        )
    with acting_as(world.staff) as session:
        row = session.get_one(Contact, made.id)
        copied = {each.key: getattr(row, each.key) for each in inspect(Contact).column_attrs}
    with pytest.raises(IntegrityError) as error, acting_as(world.staff), transaction() as session:
        session.execute(insert(Contact).values(**{**copied, "id": uuid.uuid4()}))
    assert breached_constraint(error.value) == "uq_contacts_message_id"


@pytest.mark.proves("R12")
@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"released_by": "other"}, "ck_legal_grounds_released"),
        ({"reviewed_by": "me"}, "ck_legal_grounds_reviewer"),
        ({"released_by": "me", "released_at": "now"}, "ck_legal_grounds_second_person"),
        ({"is_urgent": "yes"}, "ck_legal_grounds_urgent"),
    ],
)
def test_a_ground_is_whole_or_none(world: World, values: dict[str, str], constraint: str) -> None:
    colleague = people.make_worker("田中 りさ", body_of(world.nurse), "liaison")
    said: dict[str, Any] = {
        "me": world.nurse.user_id,
        "other": colleague.user_id,
        "now": NOW,
        "yes": True,
    }
    row = a_row(world, LegalBasis) | {"id": uuid.uuid4()}
    who = colleague if "other" in values.values() else world.nurse
    changed = {name: said[value] for name, value in values.items()}
    changes = ", ".join(f"{name} = :{name}" for name in changed)
    statement: Any = text(f"UPDATE legal_grounds SET {changes}")
    if "is_urgent" in values:  # never written later
        statement, changed = insert(LegalBasis), row | changed
    with pytest.raises(IntegrityError) as error, acting_as(who), transaction() as session:
        session.execute(statement, changed)
    assert breached_constraint(error.value) == constraint
