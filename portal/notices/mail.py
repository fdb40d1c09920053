"""What families read of a notice by mail, and staff before they send it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_for
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.notices import queries
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind, NoticeWish
from portal.notices.words import days_words, kind_words


def sent(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a family; no longer wanted once it has read it, or the notice is taken back."""
    actor = Actor(role=Role.GUARDIAN, user_id=wanted.to_user_id, family_id=wanted.family_id)
    try:
        receipt = queries.receipt_of(session, wanted.subject_ids[0], actor=actor)
    except NoResultFound:
        return None
    notice = receipt.notice
    if receipt.read_at is not None or notice.withdrawn_at is not None:
        return None
    url = wanted.url(f"/n/{token_for(receipt.id)}")
    return letter(wanted, notice, notice.facility, has_cancelled=bool(receipt.group_ids), url=url)


def letter(
    wanted: Wanted, of: Notice | NoticeWish, facility: Facility, *, has_cancelled: bool, url: str
) -> Letter:
    """Write the mail of a notice; for the preview too, so that staff see what families get."""
    days = days_words(of, today(wanted.now))
    about = " ".join(filter(None, (days, facility.name)))
    return write(
        wanted,
        _("【%(what)s】%(about)s") % {"what": kind_words(of.kind), "about": about},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        notice=of,
        days=days,
        is_closed=of.kind is NoticeKind.CLOSURE,
        has_cancelled=has_cancelled,
        lines=_lines(of.body),
        url=url,
    )


def _lines(body: str) -> Sequence[str]:
    return [line.strip() for line in body.splitlines()]


MAILS: dict[str, MailMaker] = {"notices/sent": sent, "notices/again": sent}
