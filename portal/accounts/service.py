"""Sign in and out, give a second factor, act in another name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import gate, passwords, second_factor
from portal.accounts.gate import Account, NewSession
from portal.accounts.rules import (
    ACCOUNT_WINDOW,
    ADDRESS_WINDOW,
    MAIL_WINDOW,
    MAILS_TO_ADDRESS,
    TRIES_AT_ACCOUNT,
    TRIES_FROM_ADDRESS,
    AccountRefusal,
    session_length,
)
from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue


@dataclass(frozen=True, slots=True)
class Entered:
    """A session just opened: its token for the browser, and whether a name is to be chosen."""

    token: str
    role: Role
    must_choose: bool = False


def seconds_to_wait(session: Session, account: str, address: str) -> int:
    """Count one try at an account from an address; return the seconds to wait, mostly 0.

    Known and unknown accounts are counted alike. The windows end by themselves: nobody is locked
    out for longer than one. The caller commits, whatever becomes of the try.
    """
    return max(
        gate.wait_after_try(
            session, "account", account, most=TRIES_AT_ACCOUNT, window=ACCOUNT_WINDOW
        ),
        gate.wait_after_try(
            session, "address", address, most=TRIES_FROM_ADDRESS, window=ADDRESS_WINDOW
        ),
    )


def seconds_to_wait_for_mail(session: Session, mail: str, address: str) -> int:
    """Count one mail asked for; return the seconds to wait before the next, mostly 0."""
    return max(
        gate.wait_after_try(
            session, "mail", gate.mail_key(mail), most=MAILS_TO_ADDRESS, window=MAIL_WINDOW
        ),
        gate.wait_after_try(
            session, "address", address, most=TRIES_FROM_ADDRESS, window=ADDRESS_WINDOW
        ),
    )


def check_password(
    account: Account | None,
    password: str,
    otherwise: AccountRefusal = AccountRefusal.PASSWORD_DOES_NOT_MATCH,
) -> Account:
    """Return the account if the password is its own. Slow on purpose: no transaction is open.

    Raises:
        Refusal: ``otherwise``, alike and after the same work, for a wrong password and no account.
    """
    if not passwords.matches(password, account.password_hash if account else None):
        raise Refusal([otherwise])
    if account is None:  # unreachable: nobody's password never matches
        raise Refusal([otherwise])
    return account


def enter(
    session: Session, account: Account, *, password: str, actor: Actor, now: datetime
) -> Entered:
    """Open a session for somebody whose password was right, in her first name.

    Args:
        password: As typed; hashed anew when the parameters have changed since.
    """
    if passwords.is_outdated(account.password_hash):
        gate.rehash(session, account.user_id, account.password_hash, passwords.hashed(password))
    return enter_without_password(session, account.user_id, actor=actor, now=now)


def enter_without_password(
    session: Session, user_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Entered:
    """Open a session for somebody who has just set her password by a link of her own mail."""
    names = gate.capacities(session, user_id)
    new = NewSession.until(now + session_length(names[0].role))
    role = gate.open_session(session, user_id, names[0].membership_id, new)
    # Whoever acts is nobody yet, mostly: who entered stands among the subjects.
    record(session, actor, "account.password_given", user_id, role=role.value)
    return Entered(new.token, role, must_choose=len(names) > 1)


def act_as(
    session: Session,
    token: str,
    user_id: uuid.UUID,
    membership_id: uuid.UUID | None,
    *,
    now: datetime,
) -> Entered:
    """Go on in another name; the session of before ends.

    Raises:
        NoResultFound: the membership is another's, or has ended.
    """
    chosen = next(
        (one for one in gate.capacities(session, user_id) if one.membership_id == membership_id),
        None,
    )
    role = chosen.role if chosen is not None else Role.GUARDIAN
    new = NewSession.until(now + session_length(role))
    return Entered(new.token, gate.switch_session(session, token, membership_id, new))


def give_code(
    session: Session, token: str, typed: str, *, role: Role, actor: Actor, now: datetime
) -> Entered:
    """Take a code of the app or a recovery code and open the session that has both factors.

    Raises:
        Refusal: the code is wrong, or was used before.
    """
    factor = gate.factor_of_session(session, token)
    new = NewSession.until(now + session_length(role))
    code = "".join(typed.split())
    if factor.sealed is not None and len(code) == 6 and code.isdecimal():  # noqa: PLR2004 - digits
        secret = second_factor.unseal_secret(factor.sealed, factor.user_id)
        step = second_factor.step_of(code, secret, now=now)
        if step is not None and gate.pass_totp(session, token, step, new):
            return Entered(new.token, role)
        raise Refusal([AccountRefusal.CODE_DOES_NOT_MATCH])
    left = gate.pass_recovery_code(session, token, second_factor.recovery_hash(code), new)
    if left is None:
        raise Refusal([AccountRefusal.CODE_DOES_NOT_MATCH])
    record(session, actor, "account.recovery_code_used", factor.user_id, left=left)
    enqueue(
        session,
        "accounts/told_of_change",
        to_user=factor.user_id,
        context={"what": "recovery_code_used", "left": left},
    )
    return Entered(new.token, role)


def secret_to_enrol(session: Session, token: str) -> str:
    """Return the secret that waits for its first code; a new one unless one waits already.

    Raises:
        Refusal: another factor is in use and was not given in this session.
    """
    factor = gate.factor_of_session(session, token)
    if factor.is_confirmed and not factor.was_given:
        raise Refusal([AccountRefusal.CODE_DOES_NOT_MATCH])
    if factor.next_sealed is not None:
        return second_factor.unseal_secret(factor.next_sealed, factor.user_id)
    secret = second_factor.new_secret()
    gate.offer_totp(session, token, second_factor.seal_secret(secret, factor.user_id))
    return secret


def enrol(
    session: Session, token: str, typed: str, *, role: Role, actor: Actor, now: datetime
) -> tuple[Entered, list[str]]:
    """Take the first code of a new secret; return the new session and ten recovery codes.

    All other sessions of this person end.

    Raises:
        Refusal: the code is not one of the waiting secret.
    """
    factor = gate.factor_of_session(session, token)
    code = "".join(typed.split())
    secret = factor.next_sealed and second_factor.unseal_secret(factor.next_sealed, factor.user_id)
    step = second_factor.step_of(code, secret, now=now) if secret else None
    codes = second_factor.new_recovery_codes()
    new = NewSession.until(now + session_length(role))
    hashes = [second_factor.recovery_hash(code) for code in codes]
    if step is None or not gate.confirm_totp(session, token, step, hashes, new):
        raise Refusal([AccountRefusal.CODE_DOES_NOT_MATCH])
    record(session, actor, "account.second_factor_enrolled", factor.user_id)
    enqueue(
        session,
        "accounts/told_of_change",
        to_user=factor.user_id,
        context={"what": "second_factor"},
    )
    return Entered(new.token, role), codes
