"""What a notice says and to whom it goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS

LONGEST_TITLE = 60
LONGEST_BODY = 1000
#: A notice about days longer ahead than this is no word of the moment.
FARTHEST = timedelta(days=190)
#: A notice without days stands on the family's page for so long unless it is read.
SHOWN_FOR = timedelta(days=30)


class NoticeKind(StrEnum):
    """What a notice does."""

    CLOSURE = "closure"  # 臨時休園
    ANNOUNCEMENT = "announcement"  # closes nothing
    CORRECTION = "correction"  # other words for one sent before
    REOPENING = "reopening"  # 予定どおり開く


class Cause(StrEnum):
    """Why; chooses the words proposed."""

    WEATHER = "weather"
    INFECTION = "infection"
    BUILDING = "building"
    STAFF = "staff"
    OTHER = "other"


class Audience(StrEnum):
    """Who is told."""

    BOOKED = "booked"  # families with a booking then; without days: with any to come
    REGISTERED = "registered"  # every family that is accepted or has a booking to come


class NoticeRefusal(StrEnum):
    """Why a notice is not sent."""

    TITLE_MISSING = "title_missing"
    BODY_MISSING = "body_missing"
    TEXT_TOO_LONG = "text_too_long"
    DAYS_NEEDED = "days_needed"
    DAYS_REVERSED = "days_reversed"
    DAY_OVER = "day_over"
    DAY_TOO_FAR = "day_too_far"
    HOURS_REVERSED = "hours_reversed"
    NOBODY_TO_TELL = "nobody_to_tell"
    ALREADY_REMINDED = "already_reminded"
    WITHDRAWN = "withdrawn"
    EVERYBODY_KNOWS = "everybody_knows"


@dataclass(frozen=True, slots=True)
class NoticeWish:
    """What staff want to tell. Days both included; cells half-open, a whole day by default."""

    kind: NoticeKind
    cause: Cause
    audience: Audience
    title: str
    body: str
    from_day: date | None = None
    to_day: date | None = None
    from_cell: int = 0
    to_cell: int = CELLS
    cancels_bookings: bool = False


def reasons_against(wish: NoticeWish, *, today: date) -> tuple[Reason, ...]:
    """Return every reason against sending this on the local day ``today``."""
    found = list(_about_days(wish, today))
    if not wish.title.strip():
        found.append(NoticeRefusal.TITLE_MISSING)
    if not wish.body.strip():
        found.append(NoticeRefusal.BODY_MISSING)
    if len(wish.title) > LONGEST_TITLE or len(wish.body) > LONGEST_BODY:
        found.append(NoticeRefusal.TEXT_TOO_LONG)
    limits = {"title": LONGEST_TITLE, "body": LONGEST_BODY}
    return tuple(Reason(code, limits) for code in found)


def _about_days(wish: NoticeWish, today: date) -> Iterable[NoticeRefusal]:
    first, last = wish.from_day, wish.to_day or wish.from_day
    if first is None or last is None:
        if wish.kind is NoticeKind.CLOSURE:
            yield NoticeRefusal.DAYS_NEEDED
        return
    if last < first:
        yield NoticeRefusal.DAYS_REVERSED
    elif last < today or (first < today and wish.kind is NoticeKind.CLOSURE):
        yield NoticeRefusal.DAY_OVER
    if last > today + FARTHEST:
        yield NoticeRefusal.DAY_TOO_FAR
    if wish.from_cell >= wish.to_cell:
        yield NoticeRefusal.HOURS_REVERSED


class Reached(StrEnum):
    """How far a notice has come with one family; the later wins."""

    NO_MAIL = "no_mail"
    MAIL_FAILED = "mail_failed"
    MAILED = "mailed"
    TOLD = "told"
    READ = "read"


#: Families that have to be called.
TO_CALL = frozenset({Reached.NO_MAIL, Reached.MAIL_FAILED})
#: Families that know.
KNOWS = frozenset({Reached.TOLD, Reached.READ})


def reached(*, has_mail: bool, mail_failed: bool, was_told: bool, was_read: bool) -> Reached:
    """Return how far a notice has come with a family."""
    if was_read:
        return Reached.READ
    if was_told:
        return Reached.TOLD
    if not has_mail:
        return Reached.NO_MAIL
    return Reached.MAIL_FAILED if mail_failed else Reached.MAILED
