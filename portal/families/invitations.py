"""Codes with which a guardian known to the portal comes to an account for her family.

The first guardian or staff make one; it opens the family only together with a child's birth date or
due date. Like other tokens it is derived, not stored; see docs/decisions/0003.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.audit.service import record
from portal.db.session import become, in_use
from portal.families import queries
from portal.families.models import GuardianCode
from portal.families.rights import withheld_in_families
from portal.families.rules import FamilyRefusal
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue

VALID_FOR = timedelta(days=30)
#: No letters or digits that look alike on paper.
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 12

_INVITE = text("SELECT invite_guardian(:id, :guardian, :hash, :expires)")
_CLAIM = text("SELECT * FROM claim_guardian(:hash, :day)")


def code_for(code_id: uuid.UUID) -> str:
    """Return a code as it is read out and typed: ``7KQ2-M9DX-4WTB``."""
    key = in_use().secrets.link_key
    number = int.from_bytes(hmac.new(key, b"guardian" + code_id.bytes, hashlib.sha256).digest())
    signs = []
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_SIGNS))
        signs.append(_SIGNS[rest])
    plain = "".join(signs)
    return "-".join(plain[at : at + 4] for at in range(0, _LENGTH, 4))


def _plain(code: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", code).upper())


def live_code(
    session: Session, guardian_id: uuid.UUID, *, actor: Actor, now: datetime
) -> GuardianCode | None:
    """Return the code that a guardian can use now, to the one who made it and to staff."""
    del actor  # row-level security knows who asks
    return session.scalars(
        select(GuardianCode).where(
            GuardianCode.guardian_id == guardian_id,
            GuardianCode.ended_at.is_(None),
            GuardianCode.expires_at > now,
        )
    ).one_or_none()


def invite(session: Session, guardian_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Make a code for a guardian without account; the one before opens nothing from now on.

    Raises:
        Refusal: she has an account.
        NoResultFound: not one this actor may see.
        sqlalchemy.exc.DBAPIError: not hers to invite; shown as a 404.
    """
    guardian = queries.guardian(session, guardian_id, actor=actor)
    if guardian.user_id is not None:
        raise Refusal([FamilyRefusal.HAS_ACCOUNT])
    code_id = uuid.uuid4()
    session.execute(
        _INVITE,
        {
            "id": code_id,
            "guardian": guardian_id,
            "hash": token_hash(_plain(code_for(code_id))),
            "expires": now + VALID_FOR,
        },
    )
    record(session, actor, "guardian.invited", guardian_id, family_id=guardian.family_id)


def claim(session: Session, code: str, day: date, *, actor: Actor) -> uuid.UUID | None:
    """Make the actor's account that of the invited guardian, and return the family.

    The session acts for the family from here on. A mail tells the other guardians.

    Args:
        day: When one of the children was born or is expected.

    Returns:
        ``None`` where code and day do not fit; the caller commits, since wrong days are counted.

    Raises:
        Refusal: the account belongs to a family already.
    """
    if actor.family_id is not None:
        raise Refusal([FamilyRefusal.ALREADY_REGISTERED])
    row = session.execute(_CLAIM, {"hash": token_hash(_plain(code)), "day": day}).one_or_none()
    if row is None:
        record(session, actor, "guardian.claim_failed")
        return None
    family_id: uuid.UUID = row.family_id
    withheld = withheld_in_families(session, [family_id], actor=actor).get(
        row.guardian_id, frozenset()
    )
    mine = Actor(role=actor.role, user_id=actor.user_id, family_id=family_id, withheld=withheld)
    become(mine)
    enqueue(
        session,
        "families/joined",
        about=[user_id for user_id in (actor.user_id,) if user_id is not None],
        to_family=family_id,
    )
    record(session, mine, "guardian.claimed", row.guardian_id, family_id=family_id)
    return family_id
