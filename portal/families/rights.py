"""What each guardian of a family may do: read it, and say otherwise. See docs/apart.md."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import queries
from portal.families.models import Guardian
from portal.families.rules import FamilyRefusal, with_what_follows
from portal.kernel.actor import Actor, Right
from portal.kernel.errors import Refusal

_RIGHTS = text("SELECT * FROM rights_in_families(:families)")
_SET = text("SELECT set_guardian_rights(:guardian, :withheld)")

Withheld = frozenset[Right]


def withheld_in_families(
    session: Session, family_ids: Iterable[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, Withheld]:
    """Return what is withheld now, by setting or protection, by guardian from whom anything is.

    A guardian who is not shown the whole family is answered for herself alone.
    """
    del actor  # the function of the database knows who asks
    rows = session.execute(_RIGHTS, {"families": list(family_ids)})
    return {row.guardian_id: frozenset(map(Right, row.withheld)) for row in rows}


def withheld_from(session: Session, guardian: Guardian, *, actor: Actor) -> Withheld:
    """Return what is withheld from one guardian now."""
    known = withheld_in_families(session, [guardian.family_id], actor=actor)
    return known.get(guardian.id, frozenset())


def may_set(actor: Actor, own: Guardian | None, other: Guardian) -> bool:
    """Say whether ``actor`` may say what ``other`` may do.

    Staff may, of a family that is open to them; the first guardian may, for the others.

    Args:
        own: The actor's own row, where she is a guardian.
    """
    if actor.is_provider:
        return True
    return (
        own is not None
        and own.is_primary
        and actor.sees_whole_family
        and own.id != other.id
        and own.family_id == other.family_id
    )


def set_rights(
    session: Session,
    guardian_id: uuid.UUID,
    withheld: Iterable[Right],
    *,
    actor: Actor,
    reason: str = "",
) -> None:
    """Say what a guardian may not do; nothing is the way everybody begins.

    Who may not see bookings neither books nor gets mails. Where that is newly so, the family's
    calendar addresses and the links in mails of before open nothing any more.

    Args:
        reason: Why; asked of staff, and kept in the audit.

    Raises:
        Refusal: nobody would be left who may do everything; staff gave no reason.
        NoResultFound: not one this actor may see.
        sqlalchemy.exc.DBAPIError: not hers to say; shown as a 404.
    """
    found = queries.guardian(session, guardian_id, actor=actor)
    if actor.is_provider and not reason.strip():
        raise Refusal([FamilyRefusal.REASON_MISSING])
    wanted = sorted(right.value for right in with_what_follows(withheld))
    if not session.execute(_SET, {"guardian": guardian_id, "withheld": wanted}).scalar_one():
        raise Refusal([FamilyRefusal.SOMEBODY_DOES_ALL])
    session.expire(found)
    detail = {"reason": reason.strip()} if actor.is_provider else {}
    record(
        session,
        actor,
        "guardian.rights_set",
        guardian_id,
        family_id=found.family_id,
        withheld=wanted,
        **detail,
    )
