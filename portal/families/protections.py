"""Protected addresses: asked for, set, renewed, ended; the address seen by asking alone.

While one holds, the family's other guardians are shown nothing of it; see docs/apart.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import queries
from portal.families.models import Guardian, Protection
from portal.families.rules import FamilyRefusal, reasons_against_protection
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue

_REQUEST = text("SELECT request_protection(:id)")
_SET = text("SELECT set_protection(:id, :guardian, :except_for, :shown, :shown_on, :until_on)")
_RENEW = text("SELECT renew_protection(:id, :except_for, :shown, :shown_on, :until_on)")
_END = text("SELECT end_protection(:id, :reason)")
_REVEAL = text("SELECT reveal_protected_address(:entry, :guardian, :reason)")


class Shown(StrEnum):
    """What staff were shown, or told."""

    NOTICE = "notice"  # 支援措置の通知
    COURT = "court"  # 裁判所の命令
    CONSULTATION = "consultation"  # 相談機関・警察の書類
    SPOKEN = "spoken"  # 本人の申し出


@dataclass(frozen=True, slots=True)
class ProtectionDetails:
    """What staff put down; ``until_on`` is the last day of what was shown, a local date."""

    shown: Shown
    shown_on: date
    until_on: date
    #: Guardians from whom nothing is hidden all the same.
    except_for: tuple[uuid.UUID, ...] = ()


def protection_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Protection | None:
    """Return the protection that holds in a family, for staff and for the protected guardian."""
    return session.scalars(
        select(Protection).where(
            Protection.family_id == family_id,
            queries.visible(Protection.family_id, actor),
            Protection.set_at.is_not(None),
            Protection.ended_at.is_(None),
        )
    ).one_or_none()


def protected_families(
    session: Session, family_ids: Sequence[uuid.UUID], *, actor: Actor
) -> frozenset[uuid.UUID]:
    """Return which of the families hold a protected address: for flags on lists and sheets."""
    if not family_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            select(Protection.family_id).where(
                Protection.family_id.in_(family_ids),
                queries.visible(Protection.family_id, actor),
                Protection.set_at.is_not(None),
                Protection.ended_at.is_(None),
            )
        )
    )


def all_protected(session: Session, *, actor: Actor) -> frozenset[uuid.UUID]:
    """Return every family open to the provider that holds a protected address: they are few."""
    return frozenset(
        session.scalars(
            select(Protection.family_id).where(
                queries.visible(Protection.family_id, actor),
                Protection.set_at.is_not(None),
                Protection.ended_at.is_(None),
            )
        )
    )


def request_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Protection]:
    """Return the requests that wait in a family: all to staff, her own to a guardian."""
    return session.scalars(
        select(Protection)
        .where(
            Protection.family_id == family_id,
            queries.visible(Protection.family_id, actor),
            Protection.set_at.is_(None),
            Protection.ended_at.is_(None),
        )
        .order_by(Protection.requested_at)
    ).all()


def of_provider(session: Session, *, actor: Actor) -> Sequence[tuple[Protection, Guardian]]:
    """Return what holds or waits in the families open to the provider, each with its guardian.

    Requests first, then by the last day of what was shown.
    """
    found = session.execute(
        select(Protection, Guardian)
        .join(Guardian, Guardian.id == Protection.guardian_id)
        .where(queries.visible(Protection.family_id, actor), Protection.ended_at.is_(None))
        .order_by(Protection.until_on.nulls_first(), Protection.requested_at, Protection.id)
    )
    return [(row.Protection, row.Guardian) for row in found]


def count_to_see_to(session: Session, *, actor: Actor, by: date) -> int:
    """Return how many requests wait and how many papers run out by a local day; for a notice."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Protection)
            .where(
                queries.visible(Protection.family_id, actor),
                Protection.ended_at.is_(None),
                Protection.set_at.is_(None) | (Protection.until_on <= by),
            )
        )
        or 0
    )


def request(session: Session, *, actor: Actor) -> None:
    """Ask, as a guardian, for one's own protection; staff see it. Asking again changes nothing.

    Raises:
        sqlalchemy.exc.DBAPIError: no guardian with a family; shown as a 404.
    """
    protection_id = uuid.uuid4()
    if session.execute(_REQUEST, {"id": protection_id}).scalar_one():
        record(session, actor, "protection.requested", protection_id)


def set_protection(
    session: Session,
    guardian_id: uuid.UUID,
    details: ProtectionDetails,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set or renew a guardian's protection, on what was shown to staff.

    When set: she becomes the first to call; her address leaves her row; calendar addresses, links
    of mails sent before, open codes and her own sign-ins end. A mail tells her to sign in
    again, and not why.

    Raises:
        Refusal: with every reason; one of them: another guardian of the family is protected.
        NoResultFound: not a family open to the provider.
    """
    guardian = queries.guardian(session, guardian_id, actor=actor)
    reasons = reasons_against_protection(details.shown_on, details.until_on, today=today(now))
    holds = protection_of(session, guardian.family_id, actor=actor)
    if holds is not None and holds.guardian_id != guardian_id:
        reasons = (*reasons, Reason(FamilyRefusal.ANOTHER_IS_PROTECTED))
    if reasons:
        raise Refusal(reasons)
    values = {
        "id": uuid.uuid4() if holds is None else holds.id,
        "except_for": [each for each in details.except_for if each != guardian_id],
        "shown": details.shown.value,
        "shown_on": details.shown_on,
        "until_on": details.until_on,
    }
    if holds is not None:
        session.execute(_RENEW, values)
    elif not session.execute(_SET, {**values, "guardian": guardian_id}).scalar_one():
        raise Refusal([FamilyRefusal.ANOTHER_IS_PROTECTED])
    session.expire_all()
    if holds is None and guardian.user_id is not None:
        enqueue(session, "families/signed_out", to_user=guardian.user_id)
    record(
        session,
        actor,
        "protection.set" if holds is None else "protection.renewed",
        guardian_id,
        family_id=guardian.family_id,
        shown=details.shown.value,
        until_on=details.until_on.isoformat(),
        except_for=[str(each) for each in details.except_for],
    )


def end(
    session: Session, family_id: uuid.UUID, protection_id: uuid.UUID, reason: str, *, actor: Actor
) -> None:
    """End a protection, or a request that is not taken up; staff say why.

    Raises:
        Refusal: no reason was given.
        sqlalchemy.exc.DBAPIError: not one of a family open to the provider; shown as a 404.
    """
    if not reason.strip():
        raise Refusal([FamilyRefusal.REASON_MISSING])
    session.execute(_END, {"id": protection_id, "reason": reason.strip()})
    session.expire_all()
    record(
        session,
        actor,
        "protection.ended",
        protection_id,
        family_id=family_id,
        reason=reason.strip(),
    )


def reveal_address(
    session: Session, guardian_id: uuid.UUID, *, actor: Actor, reason: str = ""
) -> str | None:
    """Return a protected guardian's address; the database leaves the trace with the reason.

    The guardian herself needs no reason and leaves no trace.

    Raises:
        Refusal: staff gave no reason.
        sqlalchemy.exc.DBAPIError: not hers to see; shown as a 404.
    """
    if actor.is_provider and not reason.strip():
        raise Refusal([FamilyRefusal.REASON_MISSING])
    found: str | None = session.execute(
        _REVEAL, {"entry": uuid.uuid4(), "guardian": guardian_id, "reason": reason.strip()}
    ).scalar_one()
    return found
