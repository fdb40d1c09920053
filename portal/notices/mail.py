"""What families read of a notice by mail, and staff before they send it.

A closure's mail is also the word, and the calendar's, that bookings of the family were cancelled.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_for
from portal.bookings.mail import calendar_part
from portal.bookings.queries.lists import Group, group
from portal.bookings.rules import BookingState
from portal.documents.dates import day_and_time, jdate, jspan
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.notices import queries
from portal.notices.models import Notice, NoticeReceipt
from portal.notices.rules import NoticeKind, NoticeWish
from portal.notices.words import days_words, kind_words, said
from portal.policies.cancel import WaivedReason


@dataclass(frozen=True, slots=True)
class CancelledThere:
    """Bookings of a family that a notice cancelled: a line for each, and its calendar file."""

    lines: tuple[str, ...] = ()
    files: tuple[bytes, ...] = ()


def sent(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a family; no longer wanted once it has read it, or the notice is taken back.

    That its bookings were cancelled is told, and its calendar cleared, even then: nothing else
    does, and a closure taken back brings no booking back.
    """
    actor = Actor(role=Role.GUARDIAN, user_id=wanted.to_user_id, family_id=wanted.family_id)
    try:
        receipt = queries.receipt_of(session, wanted.subject_ids[0], actor=actor)
    except NoResultFound:
        return None
    notice = receipt.notice
    cancelled = CancelledThere()
    if receipt.group_ids:
        cancelled = _cancelled(session, receipt, wanted, actor)
    is_over = receipt.read_at is not None or notice.withdrawn_at is not None
    if is_over and not (cancelled.lines and wanted.kind == "notices/sent"):
        return None
    url = wanted.url(f"/n/{token_for(receipt.id)}")
    return letter(
        wanted,
        notice,
        notice.facility,
        cancelled=cancelled,
        url=url,
        is_taken_back=notice.withdrawn_at is not None,
    )


def letter(
    wanted: Wanted,
    of: Notice | NoticeWish,
    facility: Facility,
    *,
    cancelled: CancelledThere,
    url: str,
    is_taken_back: bool = False,
) -> Letter:
    """Write the mail of a notice; for the preview too, so that staff see what families get."""
    days = days_words(of, today(wanted.now))
    about = " ".join(filter(None, (days, facility.name)))
    subject = _("【%(what)s】%(about)s") % {"what": kind_words(of.kind), "about": about}
    if cancelled.lines:
        subject = _("【臨時休園・予約の取り消し】%(about)s") % {"about": about}
    if is_taken_back:
        subject = _("【予約の取り消し】%(about)s") % {"about": about}
    first, *further = cancelled.files or (None,)
    return write(
        wanted,
        subject,
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        invitation=first,
        more_invitations=tuple(filter(None, further)),
        said=said(of, today(wanted.now)),
        days=days,
        is_closed=of.kind is NoticeKind.CLOSURE,
        is_taken_back=is_taken_back,
        cancelled=cancelled.lines,
        url=url,
    )


def _cancelled(
    session: Session, receipt: NoticeReceipt, wanted: Wanted, actor: Actor
) -> CancelledThere:
    groups = [_group(session, group_id, actor) for group_id in receipt.group_ids]
    found = [each for each in groups if each is not None]
    return CancelledThere(
        tuple(_line(each, wanted) for each in found),
        tuple(calendar_part(wanted, each) for each in found),
    )


def _group(session: Session, group_id: uuid.UUID, actor: Actor) -> Group | None:
    """Return a booking as the family sees it; none where it is erased or not hers to see."""
    try:
        return group(session, group_id, actor=actor)
    except NoResultFound:
        return None


def _line(of: Group, wanted: Wanted) -> str:
    first = of.first
    day = jdate(first.day, today(wanted.now))
    return _("・%(when)s　お子さん %(count)s人（受付番号 %(number)s）") % {
        "when": day_and_time(day, jspan(first.starts_at, first.ends_at)),
        "count": sum(
            booking.state is BookingState.CANCELLED
            and booking.cancel_reason == WaivedReason.CLOSED_BY_FACILITY
            for booking in of.bookings
        ),
        "number": of.number,
    }


MAILS: dict[str, MailMaker] = {"notices/sent": sent, "notices/again": sent}
