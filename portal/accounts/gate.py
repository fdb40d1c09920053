"""The gate functions of the database, one Python function each. They decide; this only asks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.db.session import in_use
from portal.kernel.actor import Role


@dataclass(frozen=True, slots=True)
class Account:
    """What sign-in needs to know of an account."""

    user_id: uuid.UUID
    name: str
    password_hash: str
    has_totp: bool


@dataclass(frozen=True, slots=True)
class Capacity:
    """In whose name somebody can act: a membership, or as guardian (``membership_id`` none)."""

    membership_id: uuid.UUID | None
    role: Role
    organisation_name: str | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be opened: the token goes to the browser, its hash to the database."""

    id: uuid.UUID
    token: str
    expires_at: datetime

    @staticmethod
    def until(expires_at: datetime) -> NewSession:
        """Return a session with a new random token of 256 bits."""
        return NewSession(uuid.uuid4(), secrets.token_urlsafe(32), expires_at)


@dataclass(frozen=True, slots=True)
class Factor:
    """The state of a second factor, as its own session may see it."""

    user_id: uuid.UUID
    sealed: bytes | None
    next_sealed: bytes | None
    is_confirmed: bool
    was_given: bool


def wait_after_try(session: Session, what: str, value: str, *, most: int, window: timedelta) -> int:
    """Count one try at ``value`` and return the seconds to wait; 0 while tries are left."""
    key = hashlib.sha256(f"{what}:{value}".encode("utf-8", "surrogatepass")).digest()
    found = session.execute(
        text("SELECT count_try(:key, :most, :window)"),
        {"key": key, "most": most, "window": window},
    )
    return int(found.scalar_one())


def account_for_sign_in(session: Session, mail: str) -> Account | None:
    """Return the account of a mail address, or ``None``."""
    row = session.execute(
        text("SELECT * FROM account_for_sign_in(:key)"), {"key": mail_key(mail)}
    ).one_or_none()
    if row is None:
        return None
    return Account(row.user_id, row.name, row.password_hash, row.totp_confirmed_at is not None)


def mail_key(mail: str) -> str:
    """Return the form under which a mail address is found."""
    return mail.strip().lower()


def capacities(session: Session, user_id: uuid.UUID) -> list[Capacity]:
    """Return in whose name a user can act; as guardian where she has no other or a family."""
    rows = session.execute(
        text("SELECT * FROM memberships_for_sign_in(:user)"), {"user": user_id}
    ).all()
    found = [Capacity(row.membership_id, Role(row.role), row.organisation_name) for row in rows]
    is_guardian = session.execute(text("SELECT is_guardian_account(:user)"), {"user": user_id})
    if is_guardian.scalar_one() or not found:
        found.append(Capacity(None, Role.GUARDIAN, None))
    return found


def open_session(
    session: Session, user_id: uuid.UUID, membership_id: uuid.UUID | None, new: NewSession
) -> Role:
    """Open a session without second factor and return its role."""
    role = session.execute(
        text("SELECT open_session(:id, :hash, :user, :membership, false, :expires)"),
        {"user": user_id, "membership": membership_id, **_new(new)},
    )
    return Role(role.scalar_one())


def end_session(session: Session, token: str) -> None:
    """End one session for good."""
    session.execute(text("SELECT end_session(:hash)"), {"hash": token_hash(token)})


def switch_session(
    session: Session, token: str, membership_id: uuid.UUID | None, new: NewSession
) -> Role:
    """End a session and open one of the same person in another name."""
    role = session.execute(
        text("SELECT switch_session(:old, :membership, :id, :hash, :expires)"),
        {"old": token_hash(token), "membership": membership_id, **_new(new)},
    )
    return Role(role.scalar_one())


def factor_of_session(session: Session, token: str) -> Factor:
    """Return the second factor of a session's person.

    Raises:
        NoResultFound: the session has ended meanwhile.
    """
    row = session.execute(
        text("SELECT * FROM second_factor_of_session(:hash)"), {"hash": token_hash(token)}
    ).one()
    return Factor(
        row.user_id,
        row.totp_sealed,
        row.totp_next_sealed,
        row.totp_confirmed_at is not None,
        row.has_second_factor,
    )


def offer_totp(session: Session, token: str, sealed: bytes) -> bool:
    """Keep a secret until its first right code; false where the old factor must come first."""
    found = session.execute(
        text("SELECT offer_totp(:hash, :sealed)"), {"hash": token_hash(token), "sealed": sealed}
    )
    return bool(found.scalar_one())


def confirm_totp(
    session: Session, token: str, step: int, recovery_hashes: list[bytes], new: NewSession
) -> bool:
    """Make the offered secret the second factor, with new recovery codes; others' sessions end."""
    found = session.execute(
        text("SELECT confirm_totp(:old, :step, :ids, :codes, :id, :hash, :expires)"),
        {
            "old": token_hash(token),
            "step": step,
            "ids": [uuid.uuid4() for _ in recovery_hashes],
            "codes": recovery_hashes,
            **_new(new),
        },
    )
    return bool(found.scalar_one())


def pass_totp(session: Session, token: str, step: int, new: NewSession) -> bool:
    """Take one step of the clock, once, and open the session that has the second factor."""
    found = session.execute(
        text("SELECT pass_totp(:old, :step, :id, :hash, :expires)"),
        {"old": token_hash(token), "step": step, **_new(new)},
    )
    return bool(found.scalar_one())


def pass_recovery_code(
    session: Session, token: str, code_hash: bytes, new: NewSession
) -> int | None:
    """Use up a recovery code; return how many are left, or ``None`` if it opens nothing."""
    found = session.execute(
        text("SELECT pass_recovery_code(:old, :code, :id, :hash, :expires)"),
        {"old": token_hash(token), "code": code_hash, **_new(new)},
    )
    left: int | None = found.scalar_one()
    return left


def rehash(session: Session, user_id: uuid.UUID, old: str, new: str) -> None:
    """Keep the same password under new parameters; no session ends."""
    session.execute(
        text("SELECT rehash_password(:user, :old, :new)"),
        {"user": user_id, "old": old, "new": new},
    )


def _new(new: NewSession) -> dict[str, object]:
    return {"id": new.id, "hash": token_hash(new.token), "expires": new.expires_at}


def mail_link_token(token_id: uuid.UUID) -> str:
    """Return the token of a mail's link: made again when the mail is written, stored nowhere."""
    message = b"mail-token" + token_id.bytes
    digest = hmac.new(in_use().secrets.link_key, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
