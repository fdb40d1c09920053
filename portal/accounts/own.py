"""What somebody changes about her own account. She is the actor."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, text, update
from sqlalchemy.orm import Session

from portal.accounts import links, passwords
from portal.accounts.addresses import token_hash
from portal.accounts.gate import NewSession
from portal.accounts.models import User
from portal.accounts.rules import (
    MailTokenKind,
    reasons_against_password,
    session_length,
)
from portal.accounts.service import Entered
from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue


def change_name(session: Session, name: str, *, actor: Actor) -> None:
    """Change the actor's own name."""
    session.execute(update(User).where(User.id == actor.user_id).values(name=name))
    record(session, actor, "account.renamed", *_own(actor))


def change_language(session: Session, code: str, *, actor: Actor) -> None:
    """Write to the actor in a language from now on, on pages and in mails."""
    changed = session.execute(
        update(User).where(User.id == actor.user_id, User.locale != code).values(locale=code)
    )
    if cast("CursorResult[Any]", changed).rowcount:
        record(session, actor, "account.language_changed", *_own(actor), language=code)


def new_password_hash(password: str, *, own: tuple[str, ...]) -> str:
    """Return the hash of a new password. Slow on purpose: no transaction is open.

    Args:
        own: Name and mail address, which a password must not consist of.

    Raises:
        Refusal: everything that is wrong with it.
    """
    reasons = reasons_against_password(password, own=own)
    if reasons:
        raise Refusal(reasons)
    return passwords.hashed(password)


def change_password(
    session: Session,
    password_hash: str,
    token: str,
    *,
    actor: Actor,
    now: datetime,
) -> Entered:
    """Set a new password; every session ends, and one is opened anew for this browser."""
    role = actor.role or Role.GUARDIAN
    record(session, actor, "account.password_changed", *_own(actor))
    tell(session, actor, "password")
    new = NewSession.until(now + session_length(role))
    session.execute(
        text("SELECT change_own_password(:password, :old, :id, :hash, :expires)"),
        {
            "password": password_hash,
            "old": token_hash(token),
            "id": new.id,
            "hash": token_hash(new.token),
            "expires": new.expires_at,
        },
    )
    return Entered(new.token, role)


def ask_mail_change(session: Session, mail: str, *, actor: Actor, now: datetime) -> None:
    """Send a link to a new address; nothing changes until it is opened and confirmed."""
    token_id = links.issue_mail_change(session, mail, now=now)
    record(session, actor, "account.mail_change_asked", *_own(actor))
    enqueue(session, f"accounts/{MailTokenKind.MAIL_CHANGE}", about=[token_id], to_mail=mail)


def end_other_sessions(session: Session, keep: uuid.UUID, *, actor: Actor) -> int:
    """End the actor's sessions on all other devices; return how many there were."""
    found = session.execute(text("SELECT end_other_sessions(:keep)"), {"keep": keep})
    ended = int(found.scalar_one())
    record(session, actor, "account.other_sessions_ended", *_own(actor), ended=ended)
    return ended


def tell(session: Session, actor: Actor, what: str) -> None:
    """Tell the actor by mail that something of her account has changed."""
    enqueue(session, "accounts/told_of_change", to_user=actor.user_id, context={"what": what})


def _own(actor: Actor) -> tuple[uuid.UUID, ...]:
    return () if actor.user_id is None else (actor.user_id,)
