"""Tell families, remind them once, note who was told, correct and take back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_for, token_hash
from portal.audit.service import record
from portal.bookings.service import cancel_booking
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.kernel.spans import CELLS
from portal.messages.outbox import enqueue
from portal.notices import queries, words
from portal.notices.models import Notice, NoticeReceipt
from portal.notices.rules import (
    Audience,
    NoticeKind,
    NoticeRefusal,
    NoticeWish,
    Reached,
    reasons_against,
)
from portal.policies.cancel import WaivedReason
from portal.slots.closures import close_days, lift_closure
from portal.slots.queries import closure_of, own_facility
from portal.slots.rules import ClosureWish, Hours


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice as it left."""

    notice_id: uuid.UUID
    families: int
    cancelled: int


def send_notice(
    session: Session, facility_id: uuid.UUID, wish: NoticeWish, *, actor: Actor, now: datetime
) -> Sent:
    """Tell the families; for a closure shut the days first, and cancel what lies there if asked.

    Bookings are cancelled by the facility: they cost nothing, whatever the rules say of late ones.
    A stay that has begun is not cancelled.

    Raises:
        Refusal: all reasons against it.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    facility = own_facility(session, facility_id, actor)
    reasons = reasons_against(wish, today=today(now))
    if reasons:
        raise Refusal(reasons)
    reach = queries.reach_of(session, facility_id, wish, actor=actor, now=now)
    if wish.kind is NoticeKind.ANNOUNCEMENT and not reach.families:
        raise Refusal([NoticeRefusal.NOBODY_TO_TELL])
    closure_id, cancelled = None, frozenset[uuid.UUID]()
    if wish.kind is NoticeKind.CLOSURE and wish.from_day is not None:
        closure_id = close_days(
            session,
            facility_id,
            ClosureWish(
                wish.from_day,
                wish.to_day or wish.from_day,
                words.closure_words(wish.cause),
                Hours(wish.from_cell, wish.to_cell),
            ),
            actor=actor,
            now=now,
        )
        if wish.cancels_bookings:
            cancelled = _cancel(session, reach.groups, actor=actor, now=now)
    notice = _notice(wish, facility.id, facility.organisation_id, closure_id, actor, now)
    told = {
        family: [group for group in groups if group in cancelled]
        for family, groups in reach.families.items()
    }
    _deliver(session, notice, told, actor=actor)
    return Sent(notice.id, len(told), len(cancelled))


def _cancel(
    session: Session, groups: Sequence[uuid.UUID], *, actor: Actor, now: datetime
) -> frozenset[uuid.UUID]:
    """Cancel what can still be cancelled, for the facility's own reason; return it.

    The notice's own mail tells the family and its calendar: of two at once, one is overlooked.
    """
    cancelled = set()
    for group_id in groups:
        try:
            cancel_booking(
                session,
                group_id,
                actor=actor,
                now=now,
                because=WaivedReason.CLOSED_BY_FACILITY,
                is_told_by_caller=True,
            )
        except Refusal:
            continue  # begun, or cancelled by the family a moment ago: staff see it on the day
        cancelled.add(group_id)
    return frozenset(cancelled)


def _notice(
    wish: NoticeWish,
    facility_id: uuid.UUID,
    organisation_id: uuid.UUID | None,
    closure_id: uuid.UUID | None,
    actor: Actor,
    now: datetime,
    *,
    corrects_id: uuid.UUID | None = None,
) -> Notice:
    return Notice(
        id=uuid.uuid4(),
        organisation_id=organisation_id,
        facility_id=facility_id,
        kind=wish.kind,
        cause=wish.cause,
        audience=wish.audience,
        from_day=wish.from_day,
        to_day=wish.to_day or wish.from_day,
        from_cell=wish.from_cell,
        to_cell=wish.to_cell,
        closure_id=closure_id,
        cancels_bookings=wish.cancels_bookings,
        title=wish.title.strip(),
        body=wish.body.strip(),
        corrects_id=corrects_id,
        sent_by=actor.user_id,
        sent_at=now,
        reminded_at=None,
        withdrawn_at=None,
    )


def _deliver(
    session: Session,
    notice: Notice,
    told: Mapping[uuid.UUID, Sequence[uuid.UUID]],
    *,
    actor: Actor,
) -> None:
    """Write the notice, a receipt for each family, and the mails of those that have an address."""
    session.add(notice)
    session.flush()
    with_mail = queries.families_with_mail(session, list(told), actor=actor)
    for family_id, groups in told.items():
        receipt_id = uuid.uuid4()
        session.execute(
            insert(NoticeReceipt)
            .values(
                id=receipt_id,
                notice_id=notice.id,
                organisation_id=notice.organisation_id,
                family_id=family_id,
                token_hash=token_hash(token_for(receipt_id)),
                group_ids=list(groups),
                mails=int(family_id in with_mail),
            )
            .inline()
        )
        if family_id in with_mail:
            enqueue(
                session,
                "notices/sent",
                about=[receipt_id],
                to_family=family_id,
                organisation_id=notice.organisation_id,
            )
        record(session, actor, "notice.sent", notice.id, receipt_id, family_id=family_id)
    record(
        session,
        actor,
        "notice.made",
        notice.id,
        notice.facility_id,
        kind=notice.kind.value,
        families=len(told),
    )


def remind_unread(session: Session, notice_id: uuid.UUID, *, actor: Actor, now: datetime) -> int:
    """Write once more to those who got the mail and have not read it; return how many.

    Raises:
        Refusal: it was done before, the notice is taken back, or nobody is left to write to.
        NoResultFound: it is not the actor's.
    """
    notice = queries.notice(session, notice_id, actor=actor, is_to_change=True)
    if notice.withdrawn_at is not None:
        raise Refusal([NoticeRefusal.WITHDRAWN])
    if notice.reminded_at is not None:
        raise Refusal([NoticeRefusal.ALREADY_REMINDED])
    unread = queries.progress(session, notice, actor=actor).of(Reached.MAILED)
    if not unread:
        raise Refusal([NoticeRefusal.EVERYBODY_KNOWS])
    notice.reminded_at = now
    for line in unread:
        line.receipt.mails += 1
        enqueue(
            session,
            "notices/again",
            about=[line.receipt.id],
            to_family=line.receipt.family_id,
            organisation_id=notice.organisation_id,
        )
    session.flush()
    record(session, actor, "notice.reminded", notice.id, families=len(unread))
    return len(unread)


def mark_told(session: Session, receipt_id: uuid.UUID, *, actor: Actor, now: datetime) -> Notice:
    """Record that the actor told a family by phone; a second tap changes nothing.

    Raises:
        NoResultFound: it is not the actor's.
    """
    receipt = queries.receipt_of(session, receipt_id, actor=actor, is_to_change=True)
    if receipt.told_at is None and receipt.read_at is None:
        receipt.told_at, receipt.told_by = now, actor.user_id
        session.flush()
        record(
            session,
            actor,
            "notice.told",
            receipt.notice_id,
            receipt.id,
            family_id=receipt.family_id,
        )
    return receipt.notice


def mark_read(
    session: Session, receipt_id: uuid.UUID, *, actor: Actor, now: datetime, by_link: bool
) -> None:
    """Record that the actor's family has read it; the first time counts.

    Raises:
        NoResultFound: it is not the family's.
    """
    receipt = queries.receipt_of(session, receipt_id, actor=actor, is_to_change=True)
    if receipt.read_at is not None:
        return
    receipt.read_at, receipt.read_by_link = now, by_link
    session.flush()
    record(session, actor, "notice.read", receipt.notice_id, receipt.id, by_link=by_link)


def correct(
    session: Session, notice_id: uuid.UUID, title: str, body: str, *, actor: Actor, now: datetime
) -> Sent:
    """Send other words to all whom a notice went to; days and bookings stay as they are.

    Raises:
        Refusal: the words are missing or too long.
        NoResultFound: it is not the actor's.
    """
    return _follow(session, notice_id, NoticeKind.CORRECTION, title, body, actor=actor, now=now)


def reopen(
    session: Session, notice_id: uuid.UUID, title: str, body: str, *, actor: Actor, now: datetime
) -> Sent:
    """Take a notice back: open the days again, and tell all whom it went to.

    Cancelled bookings stay cancelled, since their places may be taken by now.

    Raises:
        Refusal: it is taken back already, or the words are missing or too long.
        NoResultFound: it is not the actor's.
    """
    notice = queries.notice(session, notice_id, actor=actor, is_to_change=True)
    if notice.withdrawn_at is not None:
        raise Refusal([NoticeRefusal.WITHDRAWN])
    if notice.closure_id is not None:
        closure = closure_of(session, notice.closure_id, actor)
        if closure.lifted_at is None:
            lift_closure(session, closure.id, actor=actor, now=now)
    sent = _follow(session, notice_id, NoticeKind.REOPENING, title, body, actor=actor, now=now)
    notice.withdrawn_at = now
    session.flush()
    record(session, actor, "notice.withdrawn", notice.id)
    return sent


def _follow(
    session: Session,
    notice_id: uuid.UUID,
    kind: NoticeKind,
    title: str,
    body: str,
    *,
    actor: Actor,
    now: datetime,
) -> Sent:
    before = queries.notice(session, notice_id, actor=actor)
    wish = replace(wish_of(before), kind=kind, title=title, body=body, cancels_bookings=False)
    # The days are those of the notice before, which may have passed: only the words are judged.
    reasons = reasons_against(
        replace(wish, from_day=None, to_day=None, from_cell=0, to_cell=CELLS), today=today(now)
    )
    if reasons:
        raise Refusal(reasons)
    receipts = queries.progress(session, before, actor=actor).lines
    notice = _notice(
        wish,
        before.facility_id,
        before.organisation_id,
        None,
        actor,
        now,
        corrects_id=before.id,
    )
    told: dict[uuid.UUID, list[uuid.UUID]] = {line.receipt.family_id: [] for line in receipts}
    _deliver(session, notice, told, actor=actor)
    return Sent(notice.id, len(told), 0)


def wish_of(notice: Notice) -> NoticeWish:
    """Return a notice as the wish it was sent from."""
    return NoticeWish(
        kind=notice.kind,
        cause=notice.cause,
        audience=Audience(notice.audience),
        title=notice.title,
        body=notice.body,
        from_day=notice.from_day,
        to_day=notice.to_day,
        from_cell=notice.from_cell,
        to_cell=notice.to_cell,
        cancels_bookings=notice.cancels_bookings,
    )
