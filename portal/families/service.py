"""What can be done with a family: register, correct, keep the child records, say who picks up."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.session import become
from portal.families import expected, queries
from portal.families.expected_rules import ExpectedRefusal, Newborn, is_same_pregnancy
from portal.families.models import Child, Guardian, PickupPerson
from portal.families.record import open_record, save_record
from portal.families.rules import (
    ChildDetails,
    FamilyRefusal,
    GuardianDetails,
    PickupDetails,
    name_key,
    phone_digits,
    reasons_against_child,
    reasons_against_guardian,
    reasons_against_name,
    reasons_against_phone,
)
from portal.kernel.actor import Actor
from portal.kernel.channel import BY_HERSELF, Channel, Told
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue

__all__ = [
    "NewFamily",
    "add_child",
    "add_guardian",
    "add_pickup",
    "change_child",
    "change_guardian",
    "open_record",
    "register_family",
    "remove_pickup",
    "save_record",
    "set_pickup_photo",
]

_CREATE_FAMILY = text(
    "SELECT create_family(:family, :guardian, :basis, :name, :kana, :search_key, :relation,"
    " :phone, :phone_digits, :mail, :address)"
)


@dataclass(frozen=True, slots=True)
class NewFamily:
    """A family as just registered."""

    family_id: uuid.UUID
    #: Eight digits to say on the phone.
    number: str
    child_ids: tuple[uuid.UUID, ...]


def register_family(
    session: Session,
    guardian: GuardianDetails,
    children: tuple[ChildDetails, ...] = (),
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> NewFamily:
    """Register a family: the guardian her own, or staff one for a caller.

    A guardian acts for her new family from here on; a family entered by staff is open to their
    provider. No mail address is normal.

    Args:
        channel: How the caller reached us; ``WEB`` for the guardian herself.
        received_at: When the call or the paper came in; ``now`` by default.

    Raises:
        Refusal: with every reason. Nothing has been written.
    """
    reasons = [*reasons_against_guardian(guardian)]
    for child in children:
        reasons += reasons_against_child(child, today=today(now))
    if actor.family_id is not None:
        reasons.append(Reason(FamilyRefusal.ALREADY_REGISTERED))
    _refuse(*reasons)
    family_id, guardian_id = uuid.uuid4(), uuid.uuid4()
    columns = _columns_of(guardian)
    language = columns.pop("language", None)
    number = session.execute(
        _CREATE_FAMILY,
        {
            "family": family_id,
            "guardian": guardian_id,
            "basis": "self" if channel is Channel.WEB else channel.value,
            **columns,
            "kana": guardian.name_kana,
        },
    ).scalar_one()
    if channel is Channel.WEB:
        actor = Actor(role=actor.role, user_id=actor.user_id, family_id=family_id)
        become(actor)
    if language is not None:
        queries.guardian(session, guardian_id, actor=actor).language = language
    record(
        session,
        actor,
        "family.registered",
        family_id=family_id,
        channel=channel.value,
        received_at=(received_at or now).isoformat(),
    )
    added = tuple(
        add_child(session, family_id, child, actor=actor, now=now).id for child in children
    )
    return NewFamily(family_id, number, added)


def add_guardian(
    session: Session,
    family_id: uuid.UUID,
    details: GuardianDetails,
    *,
    actor: Actor,
    told: Told = BY_HERSELF,
) -> uuid.UUID:
    """Add one more guardian, without an account of her own, and return the id.

    Where staff enter her, the family gets a mail that somebody was added, not who.

    Raises:
        Refusal: with every reason.
        NoResultFound: the family is not one this actor may see.
    """
    _refuse(*reasons_against_guardian(details))
    queries.family(session, family_id, actor=actor)
    guardian_id = uuid.uuid4()
    # Named columns: the app role may not say whose account a guardian is, not even nobody's.
    session.execute(
        insert(Guardian).inline(),
        {
            "id": guardian_id,
            "family_id": family_id,
            "name_kana": details.name_kana,
            "is_primary": False,
            **_columns_of(details),
        },
    )
    record(session, actor, "guardian.added", guardian_id, family_id=family_id, **told.detail)
    if actor.is_provider:
        enqueue(
            session,
            "families/guardian_entered",
            about=[guardian_id],
            to_family=family_id,
            organisation_id=actor.organisation_id,
        )
    return guardian_id


def change_guardian(
    session: Session,
    guardian_id: uuid.UUID,
    details: GuardianDetails,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> Guardian:
    """Correct what is known of a guardian.

    Raises:
        Refusal: with every reason.
        NoResultFound: not one this actor may see.
    """
    _refuse(*reasons_against_guardian(details))
    found = queries.guardian(session, guardian_id, actor=actor)
    for column, value in _columns_of(details).items():
        setattr(found, column, value)
    found.name_kana = details.name_kana
    found.updated_at = now
    record(
        session,
        actor,
        "guardian.changed",
        guardian_id,
        family_id=found.family_id,
        **told.detail,
    )
    return found


def add_child(
    session: Session,
    family_id: uuid.UUID,
    details: ChildDetails,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> Child:
    """Add a child, born or expected, to a family.

    Raises:
        Refusal: with every reason.
        NoResultFound: the family is not one this actor may see.
    """
    _refuse(*reasons_against_child(details, today=today(now)))
    queries.family(session, family_id, actor=actor)
    if not details.is_another:
        _refuse(*_registered_already(details, queries.children(session, family_id, actor=actor)))
    child = Child(id=uuid.uuid4(), family_id=family_id)
    _write(child, details)
    session.add(child)
    session.flush()
    record(session, actor, "child.added", child.id, family_id=family_id, **told.detail)
    return child


def _registered_already(details: ChildDetails, others: Sequence[Child]) -> Iterator[Reason]:
    """Say that a child, or a pregnancy, looks like one that the family has registered."""
    key = name_key(details.name)
    for other in others:
        if details.born_on is not None:
            if other.born_on == details.born_on and name_key(other.name) == key:
                yield Reason(FamilyRefusal.CHILD_REGISTERED)
        elif (
            other.born_on is None
            and details.due_on
            and other.due_on
            and is_same_pregnancy(details.due_on, other.due_on)
        ):
            yield Reason(ExpectedRefusal.EXPECTED_ALREADY, {"due_on": other.due_on})


def change_child(
    session: Session,
    child_id: uuid.UUID,
    details: ChildDetails,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> Child:
    """Correct a child; with a ``born_on``, an expected one is born: see ``expected.tell_birth``.

    The due date of a born child stays as it was. Without ``born_on``, a born one is expected again,
    as long as its birth can be taken back.

    Raises:
        Refusal: with every reason.
        NoResultFound: not one this actor may see.
    """
    _refuse(*reasons_against_child(details, today=today(now)))
    child = queries.child(session, child_id, actor=actor)
    if child.born_on is None and details.born_on is not None:
        newborn = Newborn(details.name or "", details.born_on, details.name_kana)
        born = expected.tell_birth(session, child_id, [newborn], actor=actor, now=now, told=told)
        return born[0]
    if child.born_on is not None and details.born_on is None:
        child.due_on = child.due_on or details.due_on
        session.flush()
        child = expected.undo_birth(session, child_id, actor=actor, now=now, told=told)
    due_on = child.due_on
    _write(child, details)
    if child.born_on is not None:
        child.due_on = due_on
    child.updated_at = now
    session.flush()
    record(session, actor, "child.changed", child_id, family_id=child.family_id, **told.detail)
    return child


def add_pickup(
    session: Session,
    family_id: uuid.UUID,
    details: PickupDetails,
    *,
    actor: Actor,
    told: Told = BY_HERSELF,
) -> PickupPerson:
    """Add somebody to whom the children may be handed over.

    Raises:
        Refusal: with every reason.
        NoResultFound: the family is not one this actor may see.
    """
    reasons = [*reasons_against_name(details.name)]
    if details.phone:
        reasons += reasons_against_phone(details.phone)
    _refuse(*reasons)
    queries.family(session, family_id, actor=actor)
    person = PickupPerson(
        id=uuid.uuid4(),
        family_id=family_id,
        name=details.name,
        relation=details.relation,
        phone=details.phone,
        removed_at=None,
    )
    session.add(person)
    session.flush()
    record(session, actor, "pickup.added", person.id, family_id=family_id, **told.detail)
    return person


def remove_pickup(
    session: Session,
    person_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> PickupPerson:
    """Take somebody off the list; the row stays, since children were handed to her.

    Raises:
        NoResultFound: not one this actor may see, or taken off already.
    """
    person = queries.pickup_person(session, person_id, actor=actor)
    person.removed_at = now
    session.flush()
    record(session, actor, "pickup.removed", person_id, family_id=person.family_id, **told.detail)
    return person


def set_pickup_photo(
    session: Session,
    person_id: uuid.UUID,
    photo_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> uuid.UUID | None:
    """Say which photo shows somebody who picks up, and return the one it takes the place of.

    Raises:
        NoResultFound: not one this actor may see, or taken off already.
    """
    person = queries.pickup_person(session, person_id, actor=actor)
    before, person.photo_id, person.photo_on = person.photo_id, photo_id, today(now)
    session.flush()
    record(session, actor, "pickup.photo_set", person_id, family_id=person.family_id, **told.detail)
    return before


def _write(child: Child, details: ChildDetails) -> None:
    child.name = details.name or None
    child.name_kana = details.name_kana
    child.search_key = name_key(details.name, details.name_kana)
    child.born_on = details.born_on
    child.due_on = details.due_on


def _columns_of(guardian: GuardianDetails) -> dict[str, str | None]:
    return {
        "name": guardian.name,
        "search_key": name_key(guardian.name, guardian.name_kana),
        "relation": guardian.relation,
        "phone": guardian.phone,
        "phone_digits": phone_digits(guardian.phone) if guardian.phone else None,
        "mail": guardian.mail,
        "address": guardian.address,
        **({"language": guardian.language} if guardian.language else {}),
    }


def _refuse(*reasons: Reason) -> None:
    """Raise all reasons at once, each code one time; say nothing where there is none."""
    if reasons:
        raise Refusal({reason.code: reason for reason in reasons}.values())
