"""To whom a case may be told at this moment, on what that rests, and which words it would be."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.contacts.rules import ContactChannel
from portal.documents.i18n import gettext as _
from portal.families.models import Child, Guardian
from portal.families.rights import withheld_in_families
from portal.families.rules import phone_digits
from portal.kernel.actor import Actor, Right
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseEventRow
from portal.noshow.rules import CheckResult
from portal.noshow.telling import Line, Told, may_be_told, told
from portal.noshow.words import what_words
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.referrals.models import LegalBasis, Referral
from portal.referrals.passed_on import PassedOn, opened
from portal.referrals.queries import items
from portal.referrals.rules import Item

_SHARES = text("SELECT * FROM shares_of_family(:family)")
#: Bodies to which a worry or a no-show may go at all; providers are told by referrals.
_SUPPORTING = frozenset(OrganisationKind) - {OrganisationKind.PROVIDER, OrganisationKind.OPERATOR}


@dataclass(frozen=True, slots=True)
class Basis:
    """A consent that holds now, or a released legal ground: towards whom, for which items."""

    receiver_id: uuid.UUID
    items: frozenset[Item]
    consent_id: uuid.UUID | None = None
    ground_id: uuid.UUID | None = None
    #: The receiver took the consent itself: it knows the family.
    knows_family: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """A body that might be told, on what that rests (``None``: on nothing) and what it sees."""

    body: Organisation
    basis: Basis | None
    sees: Told | None
    is_sender: bool


def bases(session: Session, of: CareCase, *, actor: Actor) -> dict[uuid.UUID, Basis]:
    """Return what lets this case be told now, by receiver; a consent before a legal ground.

    Read anew at each asking: a withdrawal takes effect with its commit.
    """
    found: dict[uuid.UUID, Basis] = {}
    grounds = session.scalars(
        select(LegalBasis)
        .join(Organisation, Organisation.id == LegalBasis.receiver_id)
        .where(
            Organisation.kind.in_(_SUPPORTING),
            LegalBasis.family_id == of.family_id,
            LegalBasis.organisation_id == actor.organisation_id,
            func.ground_holds(LegalBasis.id),
        )
        .order_by(LegalBasis.decided_at)
    )
    for ground in grounds:
        items = _items(ground.items)
        if may_be_told(of.kind, items):
            found[ground.receiver_id] = Basis(ground.receiver_id, items, ground_id=ground.id)
    for row in session.execute(_SHARES, {"family": of.family_id}):
        items = _items(row.items)
        if row.receiver_id == actor.organisation_id or not may_be_told(of.kind, items):
            continue
        found[row.receiver_id] = Basis(
            row.receiver_id,
            items,
            consent_id=row.consent_id,
            knows_family=row.receiver_id == row.asked_by,
        )
    return found


def _items(stored: Sequence[str]) -> frozenset[Item]:
    known = {item.value: item for item in Item}
    return frozenset(known[each] for each in stored if each in known)


def receivers(session: Session, of: CareCase, notes: str, *, actor: Actor) -> list[Receiver]:
    """Return whom the provider might tell: who may be told first, with what each would see."""
    found = bases(session, of, actor=actor)
    sender_id = sender_of(session, of)
    words = lines(session, of, notes, actor=actor)
    bodies = session.scalars(
        select(Organisation)
        .where(
            or_(Organisation.id.in_([*found, sender_id]), Organisation.kind.in_(_SUPPORTING)),
            Organisation.id != actor.organisation_id,
        )
        .order_by(Organisation.kind, Organisation.name, Organisation.id)
    ).all()
    shown = [
        Receiver(
            body,
            basis := found.get(body.id),
            told(of.kind, basis.items, words, knows_family=basis.knows_family)
            if basis is not None
            else None,
            is_sender=body.id == sender_id,
        )
        for body in bodies
    ]
    return sorted(shown, key=lambda one: (one.basis is None, not one.is_sender))


def to_call(session: Session, *, actor: Actor) -> Sequence[Organisation]:
    """Return the bodies to call about a worry, centers first; their numbers are public."""
    return session.scalars(
        select(Organisation)
        .where(
            Organisation.kind.in_(_SUPPORTING),
            Organisation.phone.is_not(None),
            Organisation.id != actor.organisation_id,
        )
        .order_by(
            Organisation.kind != OrganisationKind.FAMILY_CENTER,
            Organisation.kind,
            Organisation.name,
        )
    ).all()


def digest(shown: Sequence[Receiver]) -> str:
    """Return what stands for everything a preview showed, so that nothing else is sent."""
    seen = [
        (str(one.body.id), sorted(one.sees.words.items()) if one.sees else None) for one in shown
    ]
    return sha256(repr(seen).encode()).hexdigest()


def sender_of(session: Session, of: CareCase) -> uuid.UUID | None:
    """Return the body that referred the family, as far as the actor may see the referral."""
    if of.referral_id is None:
        return None
    return session.scalar(select(Referral.sender_id).where(Referral.id == of.referral_id))


def lines(session: Session, of: CareCase, notes: str, *, actor: Actor) -> Mapping[Line, str]:
    """Return the lines of a report in full; ``telling.told`` leaves out what is not agreed to."""
    people = to_phone(session, of, actor=actor)
    children = children_names(session, of, actor=actor)
    who = "・".join(
        _("%(name)sさん") % {"name": name} for name in [*(p.name for p in people[:1]), *children]
    )
    starts_at, ends_at = stay_of(session, of)
    return {
        Line.WHO: who,
        Line.PHONE: people[0].phone or "" if people else "",
        Line.WHAT: what_words(starts_at, ends_at, attempts(session, of)) if starts_at else "",
        Line.NOTES: notes.strip(),
    }


@dataclass(frozen=True, slots=True)
class ToPhone:
    """Somebody who may be called about the stay."""

    name: str
    relation: str
    phone: str | None

    @property
    def phone_digits(self) -> str | None:
        """The number as a phone dials it, or ``None`` where there is none."""
        return phone_digits(self.phone) if self.phone else None


def to_phone(session: Session, of: CareCase, *, actor: Actor) -> list[ToPhone]:
    """Return who may be called, the first to call first.

    Of a family that the provider knows by a referral alone: whom that names; leaves the trace.
    """
    withheld = withheld_in_families(session, [of.family_id], actor=actor)
    rows = session.scalars(
        select(Guardian)
        .where(Guardian.family_id == of.family_id)
        .order_by(Guardian.is_primary.desc(), Guardian.created_at, Guardian.id)
    )
    found = [
        ToPhone(row.name, row.relation, row.phone)
        for row in rows
        if Right.BOOKINGS not in withheld.get(row.id, frozenset())
    ]
    passed = None if found else _passed_on(session, of, actor)
    if passed is not None and passed.person is not None:
        person = passed.person
        found.append(ToPhone(person.name, person.relation, person.phone))
    return found


def children_names(session: Session, of: CareCase, *, actor: Actor) -> list[str]:
    """Return the names of the children as far as the actor may see them; as ``to_phone``."""
    return children_of_cases(session, [of], actor=actor)[of.id]


def children_of_cases(
    session: Session, cases: Sequence[CareCase], *, actor: Actor
) -> dict[uuid.UUID, list[str]]:
    """Return ``children_names`` of each case, asked once for all."""
    wanted = {child_id for of in cases for child_id in of.child_ids}
    rows = session.execute(
        select(Child.id, Child.name)
        .where(Child.id.in_(wanted), Child.name.is_not(None), Child.ended_at.is_(None))
        .order_by(Child.born_on, Child.name)
    ).all()
    places = {row.id: place for place, row in enumerate(rows)}
    found = {}
    for of in cases:
        known = sorted(places[each] for each in of.child_ids if each in places)
        names = [str(rows[place].name) for place in known if rows[place].name]
        passed = None if names else _passed_on(session, of, actor)
        if passed is not None:
            names.extend(each.name for each in passed.children if each.name)
        found[of.id] = names
    return found


def _passed_on(session: Session, of: CareCase, actor: Actor) -> PassedOn | None:
    """Return what the referral passed on, where it may still be read; leaves the trace."""
    if of.referral_id is None:
        return None
    row = session.scalars(select(Referral).where(Referral.id == of.referral_id)).one_or_none()
    if row is None:
        return None
    return opened(items(session, row, actor=actor), set(of.child_ids))


def stay_of(session: Session, of: CareCase) -> tuple[datetime | None, datetime | None]:
    """Return start and end of the stay; the end is lost where the booking was moved."""
    ends_at = None
    if of.booking_group_id is not None:
        ends_at = session.scalar(
            select(func.max(Booking.ends_at)).where(
                Booking.group_id == of.booking_group_id, Booking.day == of.day
            )
        )
    return of.expected_at, ends_at


def attempts(session: Session, of: CareCase) -> list[tuple[datetime, ContactChannel, CheckResult]]:
    """Return the provider's attempts with their results, the oldest first."""
    rows = session.execute(
        select(CaseEventRow.at, CaseEventRow.kind)
        .where(
            CaseEventRow.case_id == of.id,
            CaseEventRow.organisation_id == of.organisation_id,
            CaseEventRow.kind.like("%.%"),
        )
        .order_by(CaseEventRow.at, CaseEventRow.id)
    )
    found = []
    for at, kind in rows:
        channel, _dot, result = kind.partition(".")
        found.append((at, ContactChannel(channel), CheckResult(result)))
    return found


def bodies_told(session: Session, of: CareCase, *, actor: Actor) -> dict[uuid.UUID, Organisation]:
    """Return the bodies in the reports of a case."""
    rows = queries.reports(session, of.id, actor=actor)
    return queries.bodies(session, [each.receiver_id for each in rows])
