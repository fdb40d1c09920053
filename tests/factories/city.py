"""A city with everybody of the loop: who refers, who takes in, who looks after. Each commits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import update

from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.referrals import service
from portal.referrals.models import Interview, Referral
from portal.referrals.rules import Item
from portal.slots.places import Taken, take_places
from tests.factories.days import DAY
from tests.factories.keeping import keep, stay_of
from tests.factories.people import OPERATOR, make_account, make_organisation
from tests.factories.places import Site, make_site
from tests.factories.referring import agreed, children_of, drafted, interviewed, sent
from tests.factories.rules import put_in_force, rules_with
from tests.factories.support import claims

NURSE_MAIL, CENTER_MAIL, OFFICE_MAIL = (
    f"{name}@mihon.example.test" for name in ("nurse", "center", "office")
)
STAFF_MAIL, DIRECTOR_MAIL = "staff@hinata.example.test", "director@hinata.example.test"


@dataclass(frozen=True)
class City:
    """みほん市 with its family center, a consultation office, and ひなた保育園."""

    #: Public health nurse of the city.
    nurse: Actor
    center: Actor
    office: Actor
    site: Site
    staff: Actor
    director: Actor


def make_city() -> City:
    """Return a city whose nursery keeps two places for referred families."""
    city = make_organisation("みほん市", OrganisationKind.MUNICIPALITY)
    center = make_organisation("こども家庭センター", OrganisationKind.FAMILY_CENTER)
    office = make_organisation("みなと相談室", OrganisationKind.CONSULTATION_OFFICE)
    with acting_as(OPERATOR), transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id.in_([center, office]))
            .values(municipality_id=city)
        )
    site = make_site("ひなた保育園", places=6)
    put_in_force(site, rules_with(), since=DAY - timedelta(days=30))
    keep(site, 2)
    return City(
        _worker("鈴木 あき", city, "liaison", NURSE_MAIL),
        _worker("大西 かな", center, "center_worker", CENTER_MAIL),
        _worker("森 さき", office, "office_worker", OFFICE_MAIL),
        site,
        _worker("佐藤 まり", site.organisation_id, "staff", STAFF_MAIL),
        _worker("岡田 園長", site.organisation_id, "director", DIRECTOR_MAIL),
    )


def _worker(name: str, organisation_id: uuid.UUID, role: str, mail: str) -> Actor:
    user_id = make_account(name, organisation_id=organisation_id, role=role, mail=mail)
    return Actor(role=Role(role), user_id=user_id, organisation_id=organisation_id)


def booked_in_interview(city: City, day: date) -> tuple[Referral, Actor]:
    """Return a referral with a morning booked on the spot, and the mother in her own account.

    The city may be told if she does not come, the center also what the nursery noticed; the office
    nothing.
    """
    of = interviewed(city.nurse, due_in=None)
    row = drafted(city.nurse, of, city.site)
    agreed(city.nurse, of.family_id, city.site.organisation_id, *SharingPurpose)
    for body, items in (
        (city.nurse, (Item.NAME_AND_PHONE, Item.NO_SHOW)),
        (city.center, (Item.NAME_AND_PHONE, Item.NO_SHOW, Item.NURSERY_NOTES)),
    ):
        assert body.organisation_id is not None
        agreed(city.nurse, of.family_id, body.organisation_id, SharingPurpose.SHARING, items=items)
    sent(city.nurse, row.id)
    with acting_as(city.nurse), transaction() as session:
        assert isinstance(take_places(session, [stay_of(row, city.site, day)]), Taken)
    return row, _mother(city, of)


def referred_in_pregnancy(
    city: City, receiver: Actor, *, expected_alone: bool = False
) -> tuple[Referral, Actor]:
    """Return a referral to the body of ``receiver``, and the mother in her own account.

    It is of the child of two and the one expected, or ``expected_alone``.
    """
    of = interviewed(city.nurse)
    kids = children_of(city.nurse, of.family_id)
    return _sent_to(city, of, receiver, kids[1:] if expected_alone else kids), _mother(city, of)


def referred_on(city: City, earlier: Referral, receiver: Actor) -> Referral:
    """Return a referral of the same family, with all its children, to another body."""
    with acting_as(city.nurse) as session:
        of = session.get_one(Interview, earlier.interview_id)
    return _sent_to(city, of, receiver, children_of(city.nurse, of.family_id))


def _sent_to(city: City, of: Interview, receiver: Actor, children: Sequence[uuid.UUID]) -> Referral:
    assert receiver.organisation_id is not None
    is_nursery = receiver.organisation_id == city.site.organisation_id
    with acting_as(city.nurse), transaction() as session:
        row = service.draft(
            session,
            of.family_id,
            receiver.organisation_id,
            child_ids=children,
            interview_id=of.id,
            facility_id=city.site.facility_id if is_nursery else None,
            actor=city.nurse,
            now=clock.now(),
        )
    agreed(city.nurse, of.family_id, receiver.organisation_id)
    return sent(city.nurse, row.id)


def _mother(city: City, of: Interview) -> Actor:
    assert of.guardian_id is not None
    return claims(city.nurse, of.family_id, of.guardian_id, date(2024, 6, 15))
