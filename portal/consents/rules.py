"""What a consent is about, and where it comes from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Reason


class ConsentSource(StrEnum):
    """In which form it was given."""

    PORTAL = "portal"  # ticked by a guardian who had signed in
    PAPER_FORM = "paper_form"  # a signed paper; its date is kept
    SPOKEN = "spoken"  # said on the phone or at the counter
    TABLET = "tablet"  # confirmed by her own hand on the interviewer's tablet


class SharingPurpose(StrEnum):
    """The three records that a supporting body takes down, each on its own (R11, R13, R14)."""

    SHARING = "referral_sharing"  # named items to a named receiver
    TOLD = "contact_told"  # contact will come, by whom, until when, how
    BOOKING = "booking_on_the_spot"


class ContactTime(StrEnum):
    """When a call suits the family."""

    WEEKDAY_MORNING = "weekday_morning"
    WEEKDAY_AFTERNOON = "weekday_afternoon"
    EVENING = "evening"
    SATURDAY = "saturday"


class ToldChannel(StrEnum):
    """By which way contact may come."""

    PHONE = "phone"
    MAIL = "mail"
    LETTER = "letter"


class ConsentRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    NOT_ANSWERED = "not_answered"
    BOTH_ANSWERS = "both_answers"
    NEEDED_TO_APPLY = "needed_to_apply"
    ALREADY_WITHDRAWN = "already_withdrawn"
    PAPER_DATE_MISSING = "paper_date_missing"
    PAPER_IN_FUTURE = "paper_in_future"
    BOOKINGS_STAND = "bookings_stand"
    REFERENCE_MISSING = "reference_missing"
    SIGNATURE_MISSING = "signature_missing"
    ITEMS_MISSING = "items_missing"
    LAST_DAY_MISSING = "last_day_missing"
    LAST_DAY_OVER = "last_day_over"
    HELD_BY_ANOTHER = "held_by_another"


def holds(withdrawn: bool, until_on: date | None, today: date) -> bool:  # noqa: FBT001 - a fact of the row
    """Say whether a consent holds on a local day; its last day is included."""
    return not withdrawn and (until_on is None or today <= until_on)


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What is known of the form in which consents were taken down."""

    source: ConsentSource
    source_on: date | None
    reference: str | None
    signed_name: str | None


def reasons_against_form(form: TakenDown, today: date) -> tuple[Reason, ...]:
    """Return why a form is not enough: a paper has date and reference, a tablet her own name."""
    reasons = []
    if form.source is ConsentSource.PAPER_FORM:
        if form.source_on is None:
            reasons.append(Reason(ConsentRefusal.PAPER_DATE_MISSING))
        elif form.source_on > today:
            reasons.append(Reason(ConsentRefusal.PAPER_IN_FUTURE))
        if not (form.reference or "").strip():
            reasons.append(Reason(ConsentRefusal.REFERENCE_MISSING))
    if form.source is ConsentSource.TABLET and not (form.signed_name or "").strip():
        reasons.append(Reason(ConsentRefusal.SIGNATURE_MISSING))
    return tuple(reasons)


def reasons_against_record(
    purpose: str, items: tuple[str, ...], until_on: date | None, today: date
) -> tuple[Reason, ...]:
    """Return why one of the three records says too little to rest anything on."""
    reasons = []
    if purpose != SharingPurpose.BOOKING and not items:
        reasons.append(Reason(ConsentRefusal.ITEMS_MISSING))
    if purpose != SharingPurpose.BOOKING and until_on is None:
        reasons.append(Reason(ConsentRefusal.LAST_DAY_MISSING))
    if until_on is not None and until_on < today:
        reasons.append(Reason(ConsentRefusal.LAST_DAY_OVER))
    return tuple(reasons)
