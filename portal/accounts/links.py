"""Links by mail: issued with a random id, opened by the token made from it, used once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.accounts.gate import mail_link_token
from portal.accounts.rules import VALID_FOR, AccountRefusal, MailTokenKind, reasons_against_role
from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue
from portal.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Link:
    """What an open link is good for."""

    id: uuid.UUID
    mail: str
    name: str | None
    organisation_name: str | None
    role: Role | None
    #: Issued by somebody else than whose account it is.
    by_another: bool
    has_account: bool


def look_at(session: Session, token: str, kind: MailTokenKind) -> Link | None:
    """Return an open link, or ``None`` when it is unknown, used or too old. Uses nothing up."""
    row = session.execute(
        text("SELECT * FROM mail_token(:hash, :kind)"),
        {"hash": token_hash(token), "kind": kind.value},
    ).one_or_none()
    if row is None:
        return None
    role = None if row.role is None else Role(row.role)
    return Link(
        row.id, row.mail, row.name, row.organisation_name, role, row.by_another, row.has_account
    )


def ask(
    session: Session, kind: MailTokenKind, mail: str, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Queue the mail of a sign-up or a lost password and return the link's id.

    The same work whoever is asked about.

    What the mail says depends on the account; that is seen by its receiver alone.
    """
    token_id = uuid.uuid4()
    session.execute(
        text("SELECT issue_open_token(:id, :kind, :hash, :mail, :expires)"),
        {"kind": kind.value, **_issued(token_id, kind, mail, now)},
    )
    record(session, actor, f"account.{kind}_asked", token_id)
    enqueue(session, f"accounts/{kind}", about=[token_id], to_mail=mail)
    return token_id


def invite(
    session: Session,
    mail: str,
    name: str,
    role: Role,
    organisation_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Invite somebody by mail into an organisation and return the link's id.

    Raises:
        Refusal: the role is not one of such a body.
        DBAPIError: the actor may not invite there; shown as 404.
        sqlalchemy.exc.NoResultFound: there is no such body.
    """
    if reasons := reasons_against_role(role, session.get_one(Organisation, organisation_id).kind):
        raise Refusal(reasons)
    token_id = uuid.uuid4()
    kind = MailTokenKind.INVITATION
    session.execute(
        text("SELECT issue_invitation(:id, :hash, :mail, :name, :org, :role, :expires)"),
        {
            "name": name,
            "org": organisation_id,
            "role": role.value,
            **_issued(token_id, kind, mail, now),
        },
    )
    record(session, actor, "account.invited", token_id, organisation_id, role=role.value)
    enqueue(
        session,
        f"accounts/{kind}",
        about=[token_id],
        to_mail=mail,
        organisation_id=organisation_id,
    )
    return token_id


def issue_mail_change(session: Session, mail: str, *, now: datetime) -> uuid.UUID:
    """Issue the link that confirms a new address of the actor's own account."""
    token_id = uuid.uuid4()
    session.execute(
        text("SELECT issue_mail_change(:id, :hash, :mail, :expires)"),
        _issued(token_id, MailTokenKind.MAIL_CHANGE, mail, now),
    )
    return token_id


def sign_up(
    session: Session, token: str, name: str, password_hash: str, *, actor: Actor
) -> uuid.UUID:
    """Make a guardian's account of an open link and return its id.

    Raises:
        Refusal: the link was used or is too old, or the address has an account by now.
    """
    user_id = uuid.uuid4()
    made = session.execute(
        text("SELECT use_sign_up(:hash, :user, :name, :password)"),
        {"hash": token_hash(token), "user": user_id, "name": name, "password": password_hash},
    )
    if not made.scalar_one():
        raise Refusal([AccountRefusal.LINK_NOT_OPEN])
    record(session, actor, "account.signed_up", user_id)
    return user_id


def accept_invitation(
    session: Session, token: str, name: str, password_hash: str, *, actor: Actor
) -> uuid.UUID:
    """Make the membership of an open invitation; return whose it is.

    An account that exists keeps its name and password; the route has asked for that password.

    Raises:
        Refusal: the link was used or is too old.
    """
    row = session.execute(
        text("SELECT * FROM use_invitation(:hash, :user, :name, :password, :membership)"),
        {
            "hash": token_hash(token),
            "user": uuid.uuid4(),
            "name": name,
            "password": password_hash,
            "membership": uuid.uuid4(),
        },
    ).one_or_none()
    if row is None:
        raise Refusal([AccountRefusal.LINK_NOT_OPEN])
    user_id: uuid.UUID = row.user_id
    record(session, actor, "account.invitation_accepted", user_id, role=row.role)
    return user_id


def reset_password(session: Session, token: str, password_hash: str, *, actor: Actor) -> None:
    """Set a new password by an open link; every session of the account ends.

    Raises:
        Refusal: the link was used or is too old.
    """
    user_id = session.execute(
        text("SELECT use_password_reset(:hash, :password)"),
        {"hash": token_hash(token), "password": password_hash},
    ).scalar_one()
    if user_id is None:
        raise Refusal([AccountRefusal.LINK_NOT_OPEN])
    record(session, actor, "account.password_reset", user_id)
    enqueue(session, "accounts/told_of_change", to_user=user_id, context={"what": "password"})


def change_mail(session: Session, token: str, password_hash: str | None, *, actor: Actor) -> None:
    """Make the confirmed address the account's; the old address is told.

    Args:
        password_hash: A new password, which a link issued by staff asks for.

    Raises:
        Refusal: the link was used or is too old, or the address belongs to another account.
    """
    row = session.execute(
        text("SELECT * FROM use_mail_change(:hash, :password)"),
        {"hash": token_hash(token), "password": password_hash},
    ).one_or_none()
    if row is None:
        raise Refusal([AccountRefusal.LINK_NOT_OPEN])
    record(session, actor, "account.mail_changed", row.user_id)
    enqueue(session, "accounts/told_of_change", to_mail=row.old_mail, context={"what": "mail"})


def _issued(
    token_id: uuid.UUID, kind: MailTokenKind, mail: str, now: datetime
) -> dict[str, object]:
    return {
        "id": token_id,
        "hash": token_hash(mail_link_token(token_id)),
        "mail": mail.strip(),
        "expires": now + VALID_FOR[kind],
    }
