"""What a mail says: the contract between the delivery and each feature's ``mail.py``.

A feature's ``mail.py`` has ``MAILS: dict[str, MailMaker]``, from kind (``bookings/placed``) to the
function that writes it, and its module stands in ``MODULES``::

    def placed(session: Session, wanted: Wanted) -> Letter | None:
        booking = find(session, wanted.subject_ids[0])
        if booking.status is not BookingStatus.BOOKED:
            return None
        return write(wanted, "ご予約を受け付けました", booking=booking)
"""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, TemplateNotFound
from sqlalchemy.orm import Session

from portal.documents.templating import environment
from portal.kernel.clock import today

#: Every module with ``MAILS``; a mail whose module is not listed here is parked, never sent.
MODULES: tuple[str, ...] = (
    "portal.accounts.mail",
    "portal.families.mail",
    "portal.facilities.mail",
    "portal.preregistration.mail",
    "portal.bookings.mail",
    "portal.trials.mail",
    "portal.attendance.mail",
    "portal.notices.mail",
    "portal.datarequests.mail",
    "portal.drafts.mail",
    "portal.visits.mail",
    "portal.noshow.mail",
    "portal.outreach.mail",
    "portal.referrals.mail",
    "portal.consents.mail",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mail whose time has come, for one receiver.

    ``to_name`` is the receiver's name (``None``: an address without an account yet). ``now`` is
    aware. The session acts for the receiver: her family, or her organisation.
    """

    id: uuid.UUID
    kind: str
    subject_ids: tuple[uuid.UUID, ...]
    context: Mapping[str, Any]
    organisation_id: uuid.UUID | None
    family_id: uuid.UUID | None
    to_user_id: uuid.UUID | None
    to_mail: str
    to_name: str | None
    base_url: str
    is_demo: bool
    now: datetime
    #: The address mails come from; also who organises the calendar entries in them.
    sender_mail: str = "no-reply@portal.example"
    #: A letter to print for a family that no mail reaches: closed in an envelope, it names children
    #: and says what the portal would only show behind the sign-in; it leads to no page.
    is_paper: bool = False

    def url(self, path: str) -> str:
        """Return the full address of a page: ``path`` begins with a slash."""
        return self.base_url.rstrip("/") + path


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's content. ``text`` carries everything; ``invitation`` is of ``documents.ics``.

    Names no child, in subject or body, unless it is for paper.
    """

    subject: str
    text: str
    html: str | None = None
    invitation: bytes | None = None
    reply_to: str | None = None
    #: Calendar files of further entries, each one's own: a mail may speak of several bookings.
    more_invitations: tuple[bytes, ...] = ()
    #: Whose paper it is, when it is printed.
    facility_id: uuid.UUID | None = None


#: Writes a mail when its time has come; ``None``: no longer wanted. It may be asked several times
#: for one mail (each receiver, each new try), so it only reads.
MailMaker = Callable[[Session, Wanted], Letter | None]


def collect(modules: Iterable[str] = MODULES) -> dict[str, MailMaker]:
    """Load the modules and return every kind with its maker. For entry points.

    Raises:
        ModuleNotFoundError, AttributeError: a module is missing or has no ``MAILS``.
        ValueError: two modules write the same kind.
    """
    makers: dict[str, MailMaker] = {}
    for name in modules:
        mails: dict[str, MailMaker] = importlib.import_module(name).MAILS
        twice = makers.keys() & mails.keys()
        if twice:
            raise ValueError(f"{name} writes mails that another module writes: {sorted(twice)}")
        makers.update(mails)
    return makers


@cache
def _environment() -> Environment:
    return environment()


def write(
    wanted: Wanted,
    subject: str,
    *,
    contact_line: str | None = None,
    invitation: bytes | None = None,
    reply_to: str | None = None,
    more_invitations: tuple[bytes, ...] = (),
    facility_id: uuid.UUID | None = None,
    **values: Any,
) -> Letter:
    """Return the letter of ``templates/<feature>/mail/<name>.txt``, and ``.html`` where it exists.

    The templates extend ``layout/mail.txt`` and ``layout/mail.html`` and are given ``wanted``,
    ``subject``, ``today`` (the day in Japan), ``is_paper`` and ``values``. On paper the layout
    gives the body alone, since the sheet has its own greeting and sender; what leads to a page,
    or speaks of the mail itself, stands in ``{% if not is_paper %}``.

    Args:
        contact_line: The facility, or the body that answers questions, with its phone number.
        facility_id: The facility in whose name a printed letter is.

    Raises:
        TemplateNotFound: there is no text. UndefinedError: a template uses an unknown name.
    """
    feature, _, name = wanted.kind.partition("/")
    given = {
        "wanted": wanted,
        "subject": subject,
        "to_name": wanted.to_name,
        "portal_url": wanted.base_url,
        "contact_line": contact_line,
        "is_demo": wanted.is_demo,
        "is_paper": wanted.is_paper,
        "today": today(wanted.now),
        **values,
    }
    text = _environment().get_template(f"{feature}/mail/{name}.txt").render(given)
    try:
        html = _environment().get_template(f"{feature}/mail/{name}.html").render(given)
    except TemplateNotFound as missing:
        if missing.name != f"{feature}/mail/{name}.html":
            raise
        html = None
    return Letter(
        subject, text.strip() + "\n", html, invitation, reply_to, more_invitations, facility_id
    )
