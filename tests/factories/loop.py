"""One family in every table of consents, referrals, contacts and cases; and its strangers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import inspect, select

from portal.app import listen_to_families
from portal.consents.models import Consent, ConsentSignature
from portal.contacts import service as contacts
from portal.contacts.models import Contact, ContactWish
from portal.contacts.rules import ContactChannel, Wishes
from portal.db.session import acting_as, transaction
from portal.families.models import SupportAccess
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.noshow import service as cases
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.noshow.rules import CheckResult
from portal.organisations.models import SettingChange
from portal.organisations.service import change_settings
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
from portal.referrals.rules import ReferralEvent
from tests.factories import people, referring, support
from tests.factories.cases import body_of, missing, refer
from tests.factories.outreach import plan
from tests.factories.places import Site

NOW = clock.now()
#: Each table, and who of the world below sees rows of it.
KEPT: dict[type[Any], str] = {
    Interview: "nurse",
    InterviewItem: "nurse",
    Consent: "nurse",
    ConsentSignature: "nurse",
    SupportAccess: "nurse",
    Referral: "nurse",
    ReferralItem: "nurse",
    ReferralEventRow: "nurse",
    LegalBasis: "nurse",
    Provision: "nurse",
    SettingChange: "nurse",
    Contact: "staff",
    ContactWish: "staff",
    OutreachPlan: "staff",
    CareCase: "staff",
    CaseReport: "staff",
    CaseWords: "staff",
    CaseEventRow: "staff",
}


@dataclass(frozen=True)
class World:
    """One family on its way: met by a nurse, referred, called, missed, told of."""

    nurse: Actor
    staff: Actor
    mother: Actor
    site: Site
    referral: Referral
    case_id: uuid.UUID
    #: Of another nursery, another center, another family, and nobody at all.
    strangers: tuple[Actor, ...]


def make_world(nurse: Actor, staff: Actor, yamada: Actor, mother: Actor, site: Site) -> World:
    """Return a family that was met, referred, called, missed and told of, and its strangers."""
    listen_to_families()
    referred = refer(nurse, site, mother)
    referring.moved(staff, referred.referral.id, ReferralEvent.RECEIVE)
    plan(referred.referral, staff, now=NOW)
    case_id = missing(site, mother, referred=referred, now=NOW)
    with acting_as(staff), transaction() as session:
        cases.record_result(
            session,
            case_id,
            CheckResult.NOT_REACHED,
            channel=ContactChannel.PHONE,
            actor=staff,
            now=NOW,
        )
        cases.report(session, case_id, [body_of(nurse)], notes="", actor=staff, now=NOW)
        wish = Wishes(channels=frozenset({ContactChannel.MAIL}))
        contacts.set_wishes(session, referred.referral.family_id, wish, actor=staff, now=NOW)
    support.decided(nurse, referred.referral.family_id, site.organisation_id)
    with acting_as(nurse), transaction() as session:
        limits = {"contact": {"most_in_window": 1}}
        change_settings(session, body_of(nurse), limits, actor=nurse, now=NOW)
    strangers = (
        yamada,
        support.make_center("よそのセンター"),
        people.make_liaison("よその 保健師"),
        people.make_guardian("木村 ゆい"),
        ANONYMOUS,
    )
    return World(nurse, staff, mother, site, referred.referral, case_id, strangers)


def a_row(world: World, model: type[Any]) -> dict[str, Any]:
    """Return the values of one real row, as who may see it sees it."""
    with acting_as(getattr(world, KEPT[model])) as session:
        row = session.scalars(select(model).limit(1)).one()
        return {
            each.key: getattr(row, each.key)
            for each in inspect(model).column_attrs
            if each.key != "number"
        }


def posing(actor: Actor, role: Role = Role.OPERATOR) -> Actor:
    """Return somebody of the same body in a part that has nothing to do with families."""
    return replace(actor, role=role)


def herself(world: World) -> Actor:
    """Return the guardian of the record that the nurse made."""
    return Actor(
        role=Role.GUARDIAN, user_id=world.mother.user_id, family_id=world.referral.family_id
    )
