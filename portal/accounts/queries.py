"""Own account and own sessions; the members of one's organisation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, User
from portal.kernel.actor import Actor, Role
from portal.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A place where somebody is signed in. Moments are aware (UTC)."""

    id: uuid.UUID
    role: Role
    organisation_name: str | None
    created_at: datetime
    last_seen_at: datetime


def own_sessions(session: Session, actor: Actor) -> list[OwnSession]:
    """Return the open sessions of ``actor``, the last used first."""
    del actor  # the database takes her from the signed value
    rows = session.execute(text("SELECT * FROM sessions_of_actor()")).all()
    return [
        OwnSession(
            row.session_id, Role(row.role), row.organisation_name, row.created_at, row.last_seen_at
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works for a body, as those who look after its accounts see her."""

    membership_id: uuid.UUID
    user_id: uuid.UUID
    organisation_id: uuid.UUID
    organisation_name: str
    name: str
    mail: str
    role: Role
    has_second_factor: bool
    knows_support: bool = True


def members(session: Session, actor: Actor) -> list[Member]:
    """Return the members of the actor's organisation; for the operator, those of all bodies."""
    rows = session.execute(_members(actor).order_by(Organisation.name, User.name)).all()
    return [_member(row) for row in rows]


def member(session: Session, actor: Actor, membership_id: uuid.UUID) -> Member:
    """Return one member.

    Raises:
        NoResultFound: there is none, she has left, or she works elsewhere.
    """
    return _member(session.execute(_members(actor).where(Membership.id == membership_id)).one())


def _members(actor: Actor) -> Select[Membership, User, str]:
    found = (
        select(Membership, User, Organisation.name)
        .join(User, Membership.user_id == User.id)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(Membership.ended_at.is_(None))
    )
    if actor.role is Role.OPERATOR:
        return found
    return found.where(Membership.organisation_id == actor.organisation_id)


def _member(row: Row[Membership, User, str]) -> Member:
    membership, user, organisation_name = row
    return Member(
        membership.id,
        user.id,
        membership.organisation_id,
        organisation_name,
        user.name,
        user.mail,
        membership.role,
        user.totp_confirmed_at is not None,
        membership.knows_support,
    )


def organisations(session: Session, actor: Actor) -> list[Organisation]:
    """Return the bodies the actor may invite into: her own, or all for the operator."""
    found = select(Organisation).order_by(Organisation.name)
    if actor.role is not Role.OPERATOR:
        found = found.where(Organisation.id == actor.organisation_id)
    return list(session.scalars(found))


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has used yet. Moments are aware (UTC)."""

    id: uuid.UUID
    mail: str
    name: str
    organisation_id: uuid.UUID
    organisation_name: str
    role: Role
    created_at: datetime
    expires_at: datetime


def open_invitations(session: Session, actor: Actor) -> list[Invitation]:
    """Return the invitations the actor may send again or withdraw, the newest first.

    Those whose link has run out are among them; those of people who have joined are not.
    """
    del actor  # the database takes her from the signed value
    return [
        Invitation(
            row.id,
            row.mail,
            row.name or "",
            row.organisation_id,
            row.organisation_name,
            Role(row.role),
            row.created_at,
            row.expires_at,
        )
        for row in session.execute(text("SELECT * FROM open_invitations()"))
    ]


def open_invitation(session: Session, actor: Actor, invitation_id: uuid.UUID) -> Invitation:
    """Return one of them.

    Raises:
        NoResultFound: it was used or withdrawn, or is another body's.
    """
    for found in open_invitations(session, actor):
        if found.id == invitation_id:
            return found
    raise NoResultFound


@dataclass(frozen=True, slots=True)
class GuardianAccount:
    """A guardian's account, as staff see it who may see her family."""

    user_id: uuid.UUID
    name: str
    mail: str
    family_id: uuid.UUID


def guardian_account(session: Session, actor: Actor, guardian_id: uuid.UUID) -> GuardianAccount:
    """Return the account of a guardian whose family is open to the actor's provider.

    Raises:
        NoResultFound: it is not open, she has no account, or she works somewhere herself.
    """
    del actor  # the database takes her from the signed value
    row = session.execute(
        text("SELECT * FROM guardian_account(:guardian)"), {"guardian": guardian_id}
    ).one()
    return GuardianAccount(row.user_id, row.guardian_name, row.mail, row.family_id)
