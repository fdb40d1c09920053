"""Rows that are whole or none: what may stand once, and what must stand together."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from portal.consents.models import Consent, ConsentSignature
from portal.contacts.models import Contact
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.outreach.models import OutreachPlan
from portal.referrals.models import (
    InterviewItem,
    LegalBasis,
    Provision,
    Referral,
    ReferralEventRow,
    ReferralItem,
)
from tests.factories import support
from tests.factories.cases import body_of
from tests.factories.loop import KEPT, NOW, World, a_row

#: A word longer than any that the code writes.
LONG = "x" * 61
AGAIN: list[tuple[type[Any], dict[str, Any], str]] = [
    (InterviewItem, {}, "uq_interview_items_interview_id"),
    (ReferralItem, {}, "uq_referral_items_referral_id"),
    (Referral, {}, "uq_referrals_open"),
    (ConsentSignature, {}, "uq_consent_signatures_consent_id"),
    (CareCase, {}, "uq_care_cases_booking_group_id"),
    (CaseWords, {}, "uq_care_case_words_report_id"),
    (Referral, {"receiver_id": "self"}, "ck_referrals_other_body"),
    (Referral, {"state": "draft", "ground_id": "a ground"}, "ck_referrals_one_basis"),
    (Referral, {"outside_number": "1" * 61}, "ck_referrals_outside_number"),
    (LegalBasis, {"is_urgent": True, "phoned_at": NOW}, "ck_legal_grounds_urgent"),
    (Provision, {"items": []}, "ck_provisions_items"),
    (Provision, {"ground_id": "a ground"}, "ck_provisions_one_basis"),
    (CareCase, {"state": "closed", "closed_at": None}, "ck_care_cases_closed"),
    (CareCase, {"closed_at": NOW}, "ck_care_cases_closed"),
    (CareCase, {"booking_group_id": None}, "ck_care_cases_of_booking"),
    (CareCase, {"expected_at": None}, "ck_care_cases_of_booking"),
    (CaseReport, {"ground_id": "a ground"}, "ck_care_case_reports_one_basis"),
    (CaseReport, {"receiver_id": "self"}, "ck_care_case_reports_other_body"),
    (OutreachPlan, {"ended_at": NOW}, "ck_outreach_plans_ended"),
    (Contact, {"nature": "pressing"}, "ck_contacts_nature"),
    (Contact, {"about": LONG}, "ck_contacts_about"),
    (Contact, {"result": LONG}, "ck_contacts_result"),
    (Consent, {}, "uq_consents_live"),
    (Consent, {"source": "paper_form", "source_on": None}, "ck_consents_paper_has_date"),
    (Consent, {"paper_reference": ""}, "ck_consents_paper_reference"),
    (Consent, {"is_refusal": True}, "ck_consents_refusal_never_holds"),
    (Consent, {"purpose": LONG}, "ck_consents_purpose"),
    (Provision, {"kind": "gossip"}, "ck_provisions_kind"),
    (CareCase, {"urgency": "soon"}, "ck_care_cases_urgency"),
    (CaseReport, {"urgency": "soon"}, "ck_care_case_reports_urgency"),
    (CaseReport, {"next_step_by": LONG * 2}, "ck_care_case_reports_next_step_by"),
    (CaseEventRow, {"kind": LONG}, "ck_care_case_events_kind"),
    (ReferralEventRow, {"kind": LONG}, "ck_referral_events_kind"),
    (Referral, {"state": "draft", "next_what": LONG}, "ck_referrals_next_what"),
    (Referral, {"state": "draft", "outcome": LONG}, "ck_referrals_outcome"),
]


@pytest.mark.proves("R6", "R7", "R12", "R17", "R20")
@pytest.mark.parametrize(
    ("model", "changes", "constraint"), AGAIN, ids=[f"{row[2]} {list(row[1])}" for row in AGAIN]
)
def test_a_row_stands_once_and_whole(
    world: World, model: type[Any], changes: dict[str, Any], constraint: str
) -> None:
    who: Actor = getattr(world, KEPT[model])
    values = a_row(world, model) | {"id": uuid.uuid4()} | changes
    if changes.get("receiver_id") == "self":
        # Consent to this very body, so that nothing else is in the way.
        to = body_of(who)
        items = values.get("items") or ["name_and_phone", "address", "children", "fatigue"]
        family_id = world.referral.family_id
        if model is Referral:
            values |= {"receiver_id": to, "state": "draft"}
        else:
            given = support.agreed(world.nurse, family_id, to, items=items)
            values |= {"receiver_id": to, "consent_id": given[0].id}
    if changes.get("ground_id") == "a ground":
        values["ground_id"] = a_row(world, LegalBasis)["id"]
        if model is Referral:
            values["receiver_id"] = body_of(world.strangers[1])
        else:
            values["consent_id"] = values["consent_id"] or _consent(world)
    with pytest.raises(IntegrityError) as error, acting_as(who), transaction() as session:
        session.execute(insert(model).values(**values))
    assert breached_constraint(error.value) == constraint


def _consent(world: World) -> uuid.UUID:
    assert world.referral.consent_id is not None
    return world.referral.consent_id


@pytest.mark.proves("R7")
def test_a_paper_that_came_twice_is_one_referral_also_when_the_first_is_over(world: World) -> None:
    nurse, row = world.nurse, a_row(world, Referral)
    to = body_of(world.strangers[1])
    of = row | {"receiver_id": to, "state": "draft", "outside_number": "R8-1"}
    over = of | {"id": uuid.uuid4(), "state": "recalled"}
    with acting_as(nurse), transaction() as session:
        session.execute(insert(Referral).values(**over))
    with pytest.raises(IntegrityError) as error, acting_as(nurse), transaction() as session:
        session.execute(insert(Referral).values(**(of | {"id": uuid.uuid4()})))
    assert breached_constraint(error.value) == "uq_referrals_outside_number"
    with acting_as(nurse), transaction() as session:
        session.execute(
            insert(Referral).values(**(of | {"id": uuid.uuid4(), "outside_number": None}))
        )


@pytest.mark.proves("R12")
def test_nothing_is_taken_back_before_it_was_given(world: World) -> None:
    early = text(
        "UPDATE consents SET withdrawn_at = given_at - interval '1 day', withdrawn_by = :me"
    )
    nurse = world.nurse
    with pytest.raises(IntegrityError) as error, acting_as(nurse), transaction() as session:
        session.execute(early, {"me": nurse.user_id})
    assert breached_constraint(error.value) == "ck_consents_withdrawn_later"
