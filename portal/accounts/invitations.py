"""Invitations after they were sent: again, or withdrawn; the first director of a new provider."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.accounts.gate import mail_link_token
from portal.accounts.links import invite
from portal.accounts.queries import open_invitation
from portal.accounts.rules import VALID_FOR, AccountRefusal, MailTokenKind
from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue


def withdraw(session: Session, invitation_id: uuid.UUID, *, actor: Actor) -> None:
    """Make the link of an invitation useless.

    Raises:
        Refusal: it was used, or withdrawn, meanwhile; or it is another body's.
    """
    done = session.execute(text("SELECT withdraw_invitation(:id)"), {"id": invitation_id})
    if not done.scalar_one():
        raise Refusal([AccountRefusal.LINK_NOT_OPEN])
    record(session, actor, "account.invitation_withdrawn", invitation_id)


def send_again(
    session: Session, invitation_id: uuid.UUID, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Send an invitation once more, with a new link; the old one opens nothing any more.

    Raises:
        Refusal: it was used, or withdrawn, meanwhile.
        sqlalchemy.exc.NoResultFound: there is none such that the actor may see.
    """
    found = open_invitation(session, actor, invitation_id)
    withdraw(session, invitation_id, actor=actor)
    if actor.role is Role.LIAISON:
        return invite_first_director(
            session, found.organisation_id, found.mail, found.name, actor=actor, now=now
        )
    return invite(
        session, found.mail, found.name, found.role, found.organisation_id, actor=actor, now=now
    )


def invite_first_director(
    session: Session,
    provider_id: uuid.UUID,
    mail: str,
    name: str,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Invite who will set a provider up; return the link's id.

    Raises:
        DBAPIError: somebody works there already, or another municipality took it in; shown as 404.
    """
    token_id = uuid.uuid4()
    kind = MailTokenKind.INVITATION
    session.execute(
        text("SELECT invite_first_director(:id, :hash, :mail, :name, :org, :expires)"),
        {
            "id": token_id,
            "hash": token_hash(mail_link_token(token_id)),
            "mail": mail.strip(),
            "name": name,
            "org": provider_id,
            "expires": now + VALID_FOR[kind],
        },
    )
    record(session, actor, "account.invited", token_id, provider_id, role=Role.DIRECTOR.value)
    enqueue(
        session, f"accounts/{kind}", about=[token_id], to_mail=mail, organisation_id=provider_id
    )
    return token_id
