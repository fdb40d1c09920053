"""A referral on one A4 page, for a receiver that reads no screen: by FAX, by post or by hand.

It holds what was agreed to and no more, and each print is a provision of data like any other.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final

from jinja2 import Environment
from sqlalchemy.orm import Session

from portal.consents.rules import ContactTime, ToldChannel, holds
from portal.consents.sharing import time_label, told_channel_label
from portal.documents.i18n import listed
from portal.documents.pdf import pdf_on_one_page
from portal.documents.templating import environment
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.referrals import queries
from portal.referrals.labels import item_label
from portal.referrals.models import Referral
from portal.referrals.passed_on import PassedOn, opened
from portal.referrals.provisions import provide
from portal.referrals.rules import OPEN, ProvisionKind, ReferralRefusal, ReferralState, Side
from portal.referrals.said import child_words
from portal.referrals.words import urgency_words
from portal.referrals.writing import note

#: Classes of the style sheet, the largest type first.
SIZES: Final = ("sheet__large", "sheet__large sheet__large--12", "sheet__large sheet__large--10")


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What stands on it."""

    number: int
    to_name: str
    to_phone: str | None
    to_fax: str | None
    own: Organisation
    passed: PassedOn
    children: tuple[str, ...]
    learned: tuple[tuple[str, str], ...]
    urgency: str
    target_on: date | None
    #: By when an answer is awaited, while that is still to come.
    answer_by: date | None
    #: When contact was promised, in her words; nothing where it was not, or not any more.
    times: str
    ways: str
    contact_by: date | None
    has_consent: bool
    printed_at: datetime


def print_for_receiver(
    session: Session, referral_id: uuid.UUID, *, actor: Actor, now: datetime
) -> SheetFacts:
    """Return what may stand on the page, and write down that it is passed on once more.

    The consent is asked anew at this moment. The caller commits once the page is made.

    Raises:
        Refusal: it has not left, is over, or what it rests on does not hold any more.
        NoResultFound: not one that this actor sent.
    """
    row = queries.locked(session, referral_id, actor=actor)
    if queries.side_of(row, actor) is not Side.SENDER or not may_be_printed(row):
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    values = queries.items(session, row, actor=actor)
    provide(
        session,
        family_id=row.family_id,
        receiver_id=row.receiver_id,
        kind=ProvisionKind.REFERRAL_ON_PAPER,
        subject_id=row.id,
        items=[item.value for item in values],
        consent_id=row.consent_id,
        ground_id=row.ground_id,
        actor=actor,
        now=now,
    )
    note(session, row, "printed", actor=actor, now=now)
    return _facts(session, row, opened(values, row.child_ids), actor=actor, now=now)


def may_be_printed(row: Referral) -> bool:
    """Say whether a referral is with its receiver."""
    return row.state in OPEN | {ReferralState.USED}


def _facts(
    session: Session, row: Referral, passed: PassedOn, *, actor: Actor, now: datetime
) -> SheetFacts:
    body = session.get_one(Organisation, row.receiver_id)
    place = session.get(Facility, row.facility_id) if row.facility_id else None
    on = today(now)
    told = queries.told(session, row)
    if told is not None and not holds(told.withdrawn_at is not None, told.until_on, on):
        told = None
    due = row.next_on if row.next_by == row.receiver_id else None
    said = told.items if told else []
    return SheetFacts(
        row.number,
        place.name if place else body.name,
        (place and place.phone) or body.phone,
        (place and place.fax) or body.fax,
        session.get_one(Organisation, actor.organisation_id),
        passed,
        tuple(child_words(child, on) for child in passed.children),
        tuple((item_label(item), words) for item, words in passed.learned),
        urgency_words(row.urgency),
        row.target_on,
        due if due and due >= on else None,
        _words([time_label(each) for each in said if each in set(ContactTime)]),
        _words([told_channel_label(each) for each in said if each in set(ToldChannel)]),
        told.until_on if told else None,
        row.consent_id is not None,
        now,
    )


def _words(labels: list[str]) -> str:
    return listed(labels) if labels else ""


def sheet_pdf(facts: SheetFacts, *, is_demo: bool = False) -> bytes:
    """Return the page as PDF, in the largest type in which it is one page; takes about 0.3 s.

    Raises:
        PdfUnavailable: this machine makes no PDFs.
    """
    page = _papers().get_template("referrals/receiver_sheet.html")
    return pdf_on_one_page(
        page.render(facts=facts, today=today(facts.printed_at), type=type_size, is_demo=is_demo)
        for type_size in SIZES
    )


@cache
def _papers() -> Environment:
    return environment()
