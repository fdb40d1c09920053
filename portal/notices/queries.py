"""Reads of notices: whom one would reach, how far it has come, what a family has received."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import Session, joinedload

from portal.accounts.addresses import token_hash
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.families.models import Guardian
from portal.families.rights import withheld_in_families
from portal.families.rules import phone_digits
from portal.kernel.actor import Actor, Right
from portal.kernel.clock import today
from portal.messages.models import OutboxMessage
from portal.notices.models import Notice, NoticeReceipt
from portal.notices.rules import (
    KNOWS,
    SHOWN_FOR,
    TO_CALL,
    Audience,
    NoticeWish,
    Reached,
    reached,
)
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState

_BY_TOKEN = text("SELECT * FROM notice_by_token(:hash)")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a notice would reach: families, with the bookings of theirs that it speaks of."""

    families: Mapping[uuid.UUID, Sequence[uuid.UUID]]
    without_mail: int
    #: Children of those bookings.
    children: int

    @property
    def groups(self) -> list[uuid.UUID]:
        """All bookings it speaks of, as units."""
        return [group for groups in self.families.values() for group in groups]


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """A family of a notice as staff read it when they call."""

    receipt: NoticeReceipt
    guardian: str
    phone: str | None
    reached: Reached

    @property
    def phone_digits(self) -> str | None:
        """The number as a telephone takes it."""
        return phone_digits(self.phone) if self.phone else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a notice has come, the families to call first."""

    lines: tuple[FamilyLine, ...]

    def of(self, *kinds: Reached) -> list[FamilyLine]:
        """Return the families that are so far."""
        return [line for line in self.lines if line.reached in kinds]

    @property
    def to_call(self) -> list[FamilyLine]:
        """The families that no mail reaches and nobody has told yet."""
        return self.of(*TO_CALL)

    @property
    def knowing(self) -> int:
        """How many families have read it or were told."""
        return len(self.of(*KNOWS))

    @property
    def counts(self) -> Counter[Reached]:
        """How many families are how far."""
        return Counter(line.reached for line in self.lines)


def reach_of(
    session: Session, facility_id: uuid.UUID, wish: NoticeWish, *, actor: Actor, now: datetime
) -> Reach:
    """Return whom a notice of the actor's facility would reach."""
    ours = (
        Booking.facility_id == facility_id,
        Booking.organisation_id == actor.organisation_id,
        Booking.state == BookingState.CONFIRMED,
    )
    found: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    children = 0
    for row in session.execute(
        select(Booking.family_id, Booking.group_id, func.count().label("children"))
        .where(*ours, *_then(wish, now))
        .group_by(Booking.family_id, Booking.group_id)
        .order_by(func.min(Booking.starts_at), Booking.group_id)
    ):
        found[row.family_id].append(row.group_id)
        children += row.children
    if wish.audience is Audience.REGISTERED:
        for family_id in session.scalars(
            select(Preregistration.family_id)
            .where(
                Preregistration.facility_id == facility_id,
                Preregistration.organisation_id == actor.organisation_id,
                Preregistration.state == PreregistrationState.ACCEPTED,
                Preregistration.accepted_until >= today(now),
            )
            .distinct()
        ):
            found.setdefault(family_id, [])
        for family_id in session.scalars(
            select(Booking.family_id).where(*ours, Booking.ends_at > now).distinct()
        ):
            found.setdefault(family_id, [])
    with_mail = families_with_mail(session, list(found), actor=actor)
    return Reach(dict(found), len(found) - len(with_mail), children)


def _then(wish: NoticeWish, now: datetime) -> list[ColumnElement[bool]]:
    """Return the condition on bookings: in the days and hours, else all to come."""
    to_come = [Booking.ends_at > now]
    if wish.from_day is None:
        return to_come
    return [
        *to_come,
        Booking.day.between(wish.from_day, wish.to_day or wish.from_day),
        Booking.from_cell < wish.to_cell,
        Booking.to_cell > wish.from_cell,
    ]


def families_with_mail(
    session: Session, family_ids: Sequence[uuid.UUID], *, actor: Actor
) -> set[uuid.UUID]:
    """Return those of the families that a mail about bookings can be sent to.

    As the delivery asks when it leaves: a guardian who is kept from them gets none, so a family in
    which only such a one has an address has to be called.
    """
    withheld = withheld_in_families(session, family_ids, actor=actor)
    rows = session.execute(
        select(Guardian.family_id, Guardian.id).where(
            Guardian.family_id.in_(family_ids),
            or_(Guardian.mail.is_not(None), Guardian.user_id.is_not(None)),
        )
    )
    return {
        row.family_id
        for row in rows
        if not withheld.get(row.id, frozenset()) & {Right.MAILS, Right.BOOKINGS}
    }


def notices_of(session: Session, *, actor: Actor, most: int = 50) -> Sequence[Notice]:
    """Return the notices of the actor's provider, the newest first."""
    return session.scalars(
        select(Notice)
        .where(Notice.organisation_id == actor.organisation_id)
        .options(joinedload(Notice.facility))
        .order_by(Notice.sent_at.desc(), Notice.id)
        .limit(most)
    ).all()


def notice(
    session: Session, notice_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> Notice:
    """Return a notice of the actor's provider.

    Args:
        is_to_change: Lock it, so that two people who send at once do it one by one.

    Raises:
        NoResultFound: none that is the provider's own.
    """
    query = (
        select(Notice)
        .where(Notice.id == notice_id, Notice.organisation_id == actor.organisation_id)
        .options(joinedload(Notice.facility))
        .execution_options(populate_existing=True)
    )
    if is_to_change:
        query = query.with_for_update(of=Notice)
    return session.scalars(query).one()


def progress(session: Session, of: Notice, *, actor: Actor) -> Progress:
    """Return how far a notice has come with each family, those to call first."""
    receipts = session.scalars(
        select(NoticeReceipt)
        .where(
            NoticeReceipt.notice_id == of.id,
            NoticeReceipt.organisation_id == actor.organisation_id,
        )
        .execution_options(populate_existing=True)
    ).all()
    families = [receipt.family_id for receipt in receipts]
    guardians: dict[uuid.UUID, Guardian] = {}
    for guardian in session.scalars(
        select(Guardian)
        .where(Guardian.family_id.in_(families))
        .order_by(Guardian.is_primary.desc(), Guardian.created_at, Guardian.id)
    ):
        guardians.setdefault(guardian.family_id, guardian)
    failed = _failed(session, [receipt.id for receipt in receipts], actor)
    lines = []
    for receipt in receipts:
        found = guardians.get(receipt.family_id)
        lines.append(
            FamilyLine(
                receipt,
                found.name if found else "",
                found.phone if found else None,
                reached(
                    has_mail=receipt.mails > 0,
                    mail_failed=receipt.id in failed,
                    was_told=receipt.told_at is not None,
                    was_read=receipt.read_at is not None,
                ),
            )
        )
    order = list(Reached)
    lines.sort(key=lambda line: (order.index(line.reached), line.guardian, str(line.receipt.id)))
    return Progress(tuple(lines))


def _failed(
    session: Session, receipt_ids: Sequence[uuid.UUID], actor: Actor
) -> frozenset[uuid.UUID]:
    rows = session.scalars(
        select(OutboxMessage.subject_ids).where(
            OutboxMessage.organisation_id == actor.organisation_id,
            OutboxMessage.failed_at.is_not(None),
            OutboxMessage.kind.startswith("notices/"),
        )
    )
    wanted = set(receipt_ids)
    return frozenset(each for ids in rows for each in ids if each in wanted)


def receipt_of(
    session: Session, receipt_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> NoticeReceipt:
    """Return a receipt of the actor's family or provider, with its notice and facility.

    Raises:
        NoResultFound: none that is hers.
    """
    query = (
        select(NoticeReceipt)
        .where(NoticeReceipt.id == receipt_id, _mine(actor))
        .options(joinedload(NoticeReceipt.notice).joinedload(Notice.facility))
        .execution_options(populate_existing=True)
    )
    if is_to_change:
        query = query.with_for_update(of=NoticeReceipt)
    return session.scalars(query).one()


def received(session: Session, *, actor: Actor, now: datetime) -> Sequence[NoticeReceipt]:
    """Return what the actor's family was told lately, unread first, then the newest."""
    return session.scalars(
        select(NoticeReceipt)
        .join(NoticeReceipt.notice)
        .where(NoticeReceipt.family_id == actor.family_id, _is_of_use(now))
        .options(joinedload(NoticeReceipt.notice).joinedload(Notice.facility))
        .order_by(NoticeReceipt.read_at.is_not(None), Notice.sent_at.desc(), NoticeReceipt.id)
    ).all()


def notice_that_cancelled(
    session: Session, group_id: uuid.UUID, *, actor: Actor
) -> uuid.UUID | None:
    """Return the notice of the actor's provider that cancelled a booking, if one did."""
    return session.scalars(
        select(NoticeReceipt.notice_id)
        .where(NoticeReceipt.group_ids.contains([group_id]), _mine(actor))
        .limit(1)
    ).first()


def _is_of_use(now: datetime) -> ColumnElement[bool]:
    return or_(Notice.to_day >= today(now), Notice.sent_at > now - SHOWN_FOR)


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.family_id is not None:
        return NoticeReceipt.family_id == actor.family_id
    return NoticeReceipt.organisation_id == actor.organisation_id


def by_token(session: Session, token: str) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Return receipt and family of a mail's link, or ``None`` when it opens nothing."""
    row = session.execute(_BY_TOKEN, {"hash": token_hash(token)}).one_or_none()
    return None if row is None else (row.receipt_id, row.family_id)


def unread_before(
    session: Session, day_ends: datetime, *, actor: Actor, now: datetime
) -> Sequence[tuple[Notice, int]]:
    """Return notices about days until ``day_ends`` that families have neither read nor heard."""
    rows = session.execute(
        select(Notice, func.count())
        .join(NoticeReceipt, NoticeReceipt.notice_id == Notice.id)
        .where(
            Notice.organisation_id == actor.organisation_id,
            Notice.withdrawn_at.is_(None),
            NoticeReceipt.read_at.is_(None),
            NoticeReceipt.told_at.is_(None),
            Notice.to_day >= today(now),
            Notice.from_day <= today(day_ends),
        )
        .group_by(Notice.id)
        .order_by(Notice.from_day, Notice.sent_at)
    )
    return [(row[0], row[1]) for row in rows]
