"""What may be written down about a family, and all that is refused: each condition breached alone.

Past every service: the right body in another part, the right worker in another's name, a family
that nobody of the body has met, what belongs to another family's way.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from portal.consents.models import Consent, ConsentSignature
from portal.consents.rules import SharingPurpose
from portal.contacts.models import Contact, ContactWish
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.organisations.models import SettingChange
from portal.outreach.models import OutreachPlan
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
from tests.factories.loop import NOW, World, a_row, herself, posing


@dataclass(frozen=True)
class Wrong:
    """One thing that is not as it has to be: who writes, or what she writes."""

    what: str
    actor: Actor | None = None
    changes: dict[str, Any] | None = None


#: Who may write a row, the row as it may be written, and what would be wrong.
Write = tuple[Actor, dict[str, Any], list[Wrong]]


def _elsewhere(other: World) -> dict[str, Any]:
    return {"organisation_id": body_of(other.nurse)}


def _unmet(other: World) -> dict[str, Any]:
    return {"family_id": other.referral.family_id}


def _colleague(world: World) -> uuid.UUID | None:
    return people.make_worker("伊藤 のぞみ", body_of(world.nurse), "liaison").user_id


def refused(who: Actor, model: type[Any], values: dict[str, Any], what: str) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):  # noqa: PT012 - says what passed
        written(who, model, values)
        pytest.fail(what)


def written(who: Actor, model: type[Any], values: dict[str, Any]) -> None:
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**values))


def _interview(world: World, other: World) -> Write:
    row = a_row(world, Interview) | {"id": uuid.uuid4()}
    return (
        world.nurse,
        row,
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("not met", changes=_unmet(other)),
        ],
    )


def _interview_item(world: World, other: World) -> Write:
    row = a_row(world, InterviewItem) | {"id": uuid.uuid4()}
    return (
        world.nurse,
        row | {"item": "wishes"},
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("not met", changes=_unmet(other)),
        ],
    )


def _referral(world: World, other: World) -> Write:
    row = a_row(world, Referral) | {"id": uuid.uuid4()}
    to = body_of(other.staff)
    row |= {"state": "draft", "receiver_id": to, "outside_number": None}
    return (
        world.nurse,
        row,
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("in another body's name", changes={"sender_id": body_of(other.nurse)}),
            Wrong("in another's name", changes={"sent_by": _colleague(world)}),
            Wrong("not met", changes=_unmet(other)),
        ],
    )


def _referral_item(world: World, other: World) -> Write:
    with acting_as(other.nurse), transaction() as session:
        interview = session.get_one(Interview, other.referral.interview_id)
    row = a_row(world, ReferralItem) | {"id": uuid.uuid4()}
    theirs = referring.drafted(other.nurse, interview, world.site)
    with acting_as(world.nurse), transaction() as session:
        session.execute(text("DELETE FROM referral_items WHERE item = 'address'"))
    return (
        world.nurse,
        row | {"item": "address"},
        [
            Wrong("the receiver", world.staff),
            Wrong("another part", posing(world.nurse)),
            Wrong("another's referral", changes={"referral_id": theirs.id, **_unmet(other)}),
        ],
    )


def _referral_event_row(world: World, other: World) -> Write:
    row = a_row(world, ReferralEventRow) | {"id": uuid.uuid4()}
    row |= {"organisation_id": body_of(world.nurse), "by_user": world.nurse.user_id}
    return (
        world.nurse,
        row,
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"by_user": _colleague(world)}),
            Wrong("of nobody", changes={"by_user": None}),
            Wrong("another's referral", changes={"referral_id": other.referral.id}),
        ],
    )


def _legal_basis(world: World, other: World) -> Write:
    row = a_row(world, LegalBasis) | {"id": uuid.uuid4()}
    return (
        world.nurse,
        row,
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"decided_by": _colleague(world)}),
            Wrong("ended", changes={"ended_at": NOW}),
            Wrong("released", changes={"released_by": _colleague(world), "released_at": NOW}),
            Wrong("reviewed", changes={"review_agreed": True}),
        ],
    )


def _provision(world: World, other: World) -> Write:
    del other
    row = a_row(world, Provision) | {"id": uuid.uuid4()}
    return (
        world.nurse,
        row | {"provided_by": world.nurse.user_id, "provider_id": body_of(world.nurse)},
        [
            Wrong("another part", posing(world.nurse)),
            Wrong("in another body's name", changes={"provider_id": body_of(world.staff)}),
            Wrong("in another's name", changes={"provided_by": _colleague(world)}),
            Wrong("of nobody", changes={"provided_by": None}),
        ],
    )


def _setting_change(world: World, other: World) -> Write:
    row = a_row(world, SettingChange) | {"id": uuid.uuid4()}
    return (
        world.nurse,
        row,
        [
            Wrong("another part", posing(world.nurse, Role.CENTER_WORKER)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"changed_by": _colleague(world)}),
        ],
    )


def _contact(world: World, other: World) -> Write:
    row = a_row(world, Contact) | {"id": uuid.uuid4()}
    mine = {"organisation_id": None, "user_id": None, "nature": "answer"}
    return (
        world.staff,
        row,
        [
            Wrong("another part", posing(world.staff)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"user_id": world.nurse.user_id}),
            Wrong("of nobody", changes={"user_id": None}),
            Wrong("not known", changes=_unmet(other)),
            Wrong("she calls herself", herself(world), mine | {"nature": "advance"}),
            Wrong("of another family", other.mother, mine),
            Wrong("nobody's", changes={"organisation_id": None}),
        ],
    )


def _contact_wish(world: World, other: World) -> Write:
    row = a_row(world, ContactWish) | {"id": uuid.uuid4()}
    row["ended_at"] = NOW
    return (
        world.staff,
        row,
        [
            Wrong("another part", posing(world.staff)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"set_by": world.nurse.user_id}),
            Wrong("not known", changes=_unmet(other)),
            Wrong("of another family", other.mother, {"set_by": other.mother.user_id}),
        ],
    )


def _outreach_plan(world: World, other: World) -> Write:
    row = a_row(world, OutreachPlan) | {"id": uuid.uuid4()}
    row |= {"ended_at": NOW, "end_reason": "reached"}
    return (
        world.staff,
        row,
        [
            Wrong("another part", posing(world.staff)),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("not known", changes=_unmet(other)),
        ],
    )


def _care_case(world: World, other: World) -> Write:
    row = a_row(world, CareCase) | {"id": uuid.uuid4()}
    row |= {"day": row["day"].replace(year=2020)}
    return (
        world.staff,
        row,
        [
            Wrong("another part", posing(world.staff)),
            Wrong("no nursery", world.nurse, {"organisation_id": body_of(world.nurse)}),
            Wrong("another body's", changes=_elsewhere(other)),
        ],
    )


def _case_report(world: World, other: World) -> Write:
    row = a_row(world, CaseReport) | {"id": uuid.uuid4()}
    return (
        world.staff,
        row,
        [
            Wrong("another part", posing(world.staff)),
            Wrong("another body's", changes={"reporter_id": body_of(other.staff)}),
            Wrong("in another's name", changes={"sent_by": world.nurse.user_id}),
            Wrong("of nobody", changes={"sent_by": None}),
        ],
    )


def _case_words(world: World, other: World) -> Write:
    row = a_row(world, CaseWords) | {"id": uuid.uuid4()}
    with acting_as(world.staff), transaction() as session:
        again = {**a_row(world, CaseReport), "id": uuid.uuid4()}
        session.execute(insert(CaseReport).values(**again))
    theirs = {**a_row(other, CaseReport), "id": uuid.uuid4()}
    with acting_as(other.staff), transaction() as session:
        session.execute(insert(CaseReport).values(**theirs))
    return (
        world.staff,
        row | {"report_id": again["id"]},
        [
            Wrong("another part", posing(world.staff)),
            Wrong("who was told", world.nurse),
            Wrong("another's report", changes={"report_id": theirs["id"], **_unmet(other)}),
        ],
    )


def _case_event_row(world: World, other: World) -> Write:
    row = a_row(world, CaseEventRow) | {"id": uuid.uuid4()}
    return (
        world.staff,
        row | {"organisation_id": body_of(world.staff), "by_user": world.staff.user_id},
        [
            Wrong(
                "told, in another part",
                posing(world.nurse),
                {"organisation_id": body_of(world.nurse), "by_user": world.nurse.user_id},
            ),
            Wrong("another body's", changes=_elsewhere(other)),
            Wrong("in another's name", changes={"by_user": world.nurse.user_id}),
            Wrong("of nobody", changes={"by_user": None}),
            Wrong("another's case", changes={"case_id": other.case_id}),
        ],
    )


WRITES: dict[type[Any], Callable[[World, World], Write]] = {
    Interview: _interview,
    InterviewItem: _interview_item,
    Referral: _referral,
    ReferralItem: _referral_item,
    ReferralEventRow: _referral_event_row,
    LegalBasis: _legal_basis,
    Provision: _provision,
    SettingChange: _setting_change,
    Contact: _contact,
    ContactWish: _contact_wish,
    OutreachPlan: _outreach_plan,
    CareCase: _care_case,
    CaseReport: _case_report,
    CaseWords: _case_words,
    CaseEventRow: _case_event_row,
}


@pytest.mark.proves("P7", "P12", "R6", "R17", "R20")
@pytest.mark.parametrize("model", WRITES, ids=lambda model: model.__name__)
def test_a_row_is_written_by_whom_it_concerns_as_it_has_to_be(
    world: World, other: World, model: type[Any]
) -> None:
    who, values, wrongs = WRITES[model](world, other)
    for wrong in wrongs:
        refused(wrong.actor or who, model, {**values, **(wrong.changes or {})}, wrong.what)
    written(who, model, values)


@pytest.mark.proves("R11", "R12", "P12")
def test_a_consent_is_taken_down_by_who_met_the_family_in_her_own_name(
    world: World, other: World
) -> None:
    nurse = world.nurse
    row = a_row(world, Consent) | {"id": uuid.uuid4(), "purpose": SharingPurpose.BOOKING.value}
    for what, who, changes in (
        ("another part", posing(nurse), {}),
        ("not met", nurse, _unmet(other)),
        ("another body's", nurse, _elsewhere(other)),
        ("in another's name", nurse, {"recorded_by": _colleague(world)}),
        ("taken back", nurse, {"withdrawn_at": NOW, "withdrawn_by": nurse.user_id}),
        ("as if from her portal", nurse, {"source": "portal"}),
        ("the receiver", world.staff, {"recorded_by": world.staff.user_id}),
    ):
        refused(who, Consent, {**row, **changes}, what)
    written(nurse, Consent, row)


@pytest.mark.proves("R11")
def test_a_name_is_signed_under_a_consent_of_the_tablet_that_she_took_down(
    world: World, other: World
) -> None:
    nurse = world.nurse
    consent = a_row(world, Consent) | {"id": uuid.uuid4(), "purpose": SharingPurpose.BOOKING.value}
    written(nurse, Consent, consent)
    spoken = consent | {"id": uuid.uuid4(), "source": "spoken"}
    written(nurse, Consent, spoken | {"receiver_id": body_of(other.staff)})
    row = a_row(world, ConsentSignature) | {"id": uuid.uuid4(), "consent_id": consent["id"]}
    colleague = people.make_worker("田中 りさ", body_of(nurse), "liaison")
    for what, who, changes in (
        ("another part", posing(nurse), {}),
        ("another body's", nurse, _elsewhere(other)),
        ("another family's", nurse, _unmet(other)),
        ("another's consent", colleague, {}),
        ("not on a tablet", nurse, {"consent_id": spoken["id"]}),
        ("of another body", nurse, {"consent_id": a_row(other, Consent)["id"]}),
    ):
        refused(who, ConsentSignature, {**row, **changes}, what)
    written(nurse, ConsentSignature, row)
