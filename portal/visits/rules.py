"""What a session is, who may book it, and until when. Pure.

*Source:* 令和8年度 一時預かり事業の通知 – 事前の見学・面談、地域子育て支援拠点、相談.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from portal.kernel.clock import at, local_date
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, cell_time
from portal.visits.recurrence import LONGEST, Repeat, Unit

MOST_SEATS = 30
MOST_ADULTS = 4
LONGEST_WORDS = 600
LONGEST_PLACE = 120
LONGEST_NOTE = 400
LONGEST_LINK = 500
#: Lengths of a session that are offered, in minutes.
LENGTHS = (20, 30, 45, 60, 90, 120, 180, 240)
#: Families per session that are offered.
SEATS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30)
#: A session further ahead than this is none that anybody can plan.
FARTHEST = timedelta(days=400)
#: A caller's visit is entered until so long after it: people come without a booking too.
ENTERED_UNTIL = timedelta(days=7)


class VisitKind(StrEnum):
    """What a session is for: the steps of knowing each other, without trial care."""

    TOUR = "tour"  # 見学
    INTERVIEW = "interview"  # 面談
    SUPPORT_CENTRE = "support_centre"  # 地域子育て支援拠点
    CONSULTATION = "consultation"  # 相談
    PRENATAL = "prenatal"  # 出産前の体験


class Place(StrEnum):
    """Where a session is held."""

    FACILITY = "facility"
    ELSEWHERE = "elsewhere"
    ONLINE = "online"


class ChildrenCome(StrEnum):
    """Whether children come along."""

    TOGETHER = "together"
    EITHER = "either"
    ADULTS = "adults"


class Until(StrEnum):
    """Until when something may still be done, reckoned from a session's start."""

    START = "start"
    HOUR = "hour"
    DAY_BEFORE = "day_before"
    TWO_DAYS = "two_days"
    WEEK = "week"


#: The evening hour at which a day before ends.
_EVENING = time(17)
_DAYS_BEFORE = {Until.DAY_BEFORE: 1, Until.TWO_DAYS: 2, Until.WEEK: 7}


class VisitState(StrEnum):
    """What became of a visit."""

    BOOKED = "booked"
    ATTENDED = "attended"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What staff say after a visit."""

    NEXT = "next"  # on to the next step
    REPEAT = "repeat"  # once more
    NOT_YET = "not_yet"  # later


class News(StrEnum):
    """What a family has to be told of its visit."""

    CHANGED = "changed"
    CANCELLED = "cancelled"


class VisitRefusal(StrEnum):
    """Why a session is not made or not booked."""

    IN_THE_PAST = "in_the_past"
    TOO_FAR = "too_far"
    PAST_MIDNIGHT = "past_midnight"
    LENGTH = "length"
    SEATS = "seats"
    UNTIL_MISSING = "until_missing"
    UNTIL_BEFORE_FIRST = "until_before_first"
    PLAN_TOO_LONG = "plan_too_long"
    TOO_MANY_DATES = "too_many_dates"
    EVERY = "every"
    NO_DATES = "no_dates"
    PLACE_MISSING = "place_missing"
    LINK_WRONG = "link_wrong"
    TEXT_TOO_LONG = "text_too_long"
    TOUR_IS_OPEN = "tour_is_open"
    SEATS_ARE_TAKEN = "seats_are_taken"
    ALREADY_CANCELLED = "already_cancelled"
    NOT_CANCELLED = "not_cancelled"
    OVER = "over"
    STANDS_NOT = "stands_not"
    BOOKING_CLOSED = "booking_closed"
    FULL = "full"
    ALREADY_BOOKED = "already_booked"
    REGISTRATION_NEEDED = "registration_needed"
    EXPECTING_NOT_TAKEN = "expecting_not_taken"
    CHILDREN_STAY_HOME = "children_stay_home"
    CHILD_NEEDED = "child_needed"
    ADULTS = "adults"
    NOTE_TOO_LONG = "note_too_long"
    STEP_FIRST = "step_first"
    CANCEL_TOO_LATE = "cancel_too_late"
    NOT_BOOKED = "not_booked"
    NOT_YET_BEGUN = "not_yet_begun"
    OUTCOME_NEEDS_ATTENDANCE = "outcome_needs_attendance"
    RECEIVED_IN_FUTURE = "received_in_future"
    SAME_SESSION = "same_session"


@dataclass(frozen=True, slots=True)
class SessionWish:
    """A session as staff want it; ``first`` is its day, or the first of a plan.

    ``length`` in minutes; ``start`` is a half hour of the day.
    """

    kind: VisitKind
    first: date
    start: int
    length: int
    seats: int
    place: Place = Place.FACILITY
    place_words: str = ""
    online_url: str = ""
    children_come: ChildrenCome = ChildrenCome.EITHER
    takes_unregistered: bool = True
    takes_expecting: bool = True
    is_public: bool = True
    bring: str = ""
    words: str = ""
    book_by: Until = Until.DAY_BEFORE
    cancel_by: Until = Until.START
    repeat: Repeat = field(default_factory=Repeat)


def times_on(wish: SessionWish, day: date) -> tuple[datetime, datetime]:
    """Return start and end of a session on ``day``, aware."""
    starts_at = at(day, cell_time(wish.start))
    return starts_at, starts_at + timedelta(minutes=wish.length)


def moment_until(until: Until, starts_at: datetime) -> datetime:
    """Return the aware moment from which on something may no longer be done."""
    if until is Until.START:
        return starts_at
    if until is Until.HOUR:
        return starts_at - timedelta(hours=1)
    return at(local_date(starts_at) - timedelta(days=_DAYS_BEFORE[until]), _EVENING)


def reasons_against_session(wish: SessionWish, *, now: datetime) -> tuple[Reason, ...]:
    """Return every reason against making or changing a session so."""
    return tuple(
        Reason(
            code,
            {
                "seats": MOST_SEATS,
                "words": LONGEST_WORDS,
                "place": LONGEST_PLACE,
                "months": 13,
            },
        )
        for code in (*_against_times(wish, now), *_against_plan(wish), *_against_words(wish))
    )


def _against_times(wish: SessionWish, now: datetime) -> Iterator[VisitRefusal]:
    if not 0 <= wish.start < CELLS or wish.length not in LENGTHS:
        yield VisitRefusal.LENGTH
    elif wish.start * 30 + wish.length > CELLS * 30:
        yield VisitRefusal.PAST_MIDNIGHT
    elif times_on(wish, wish.first)[0] <= now:
        yield VisitRefusal.IN_THE_PAST
    if wish.first > local_date(now) + FARTHEST:
        yield VisitRefusal.TOO_FAR
    if not 1 <= wish.seats <= MOST_SEATS:
        yield VisitRefusal.SEATS


def _against_plan(wish: SessionWish) -> Iterator[VisitRefusal]:
    repeat = wish.repeat
    if repeat.unit is Unit.ONCE:
        return
    if not 1 <= repeat.every <= 12:  # noqa: PLR2004 - a year of months
        yield VisitRefusal.EVERY
    if repeat.until is None:
        yield VisitRefusal.UNTIL_MISSING
    elif repeat.until < wish.first:
        yield VisitRefusal.UNTIL_BEFORE_FIRST
    elif repeat.until > wish.first + LONGEST:
        yield VisitRefusal.PLAN_TOO_LONG


def _against_words(wish: SessionWish) -> Iterator[VisitRefusal]:
    if wish.place is Place.ELSEWHERE and not wish.place_words.strip():
        yield VisitRefusal.PLACE_MISSING
    if wish.place is Place.ONLINE and not is_link(wish.online_url):
        yield VisitRefusal.LINK_WRONG
    too_long = len(wish.place_words) > LONGEST_PLACE
    if too_long or max(len(wish.bring), len(wish.words)) > LONGEST_WORDS:
        yield VisitRefusal.TEXT_TOO_LONG
    if wish.kind is VisitKind.TOUR and not (wish.takes_unregistered and wish.takes_expecting):
        yield VisitRefusal.TOUR_IS_OPEN


def is_link(text: str) -> bool:
    """Say whether a text is an address that a browser opens: nothing, or http(s) with a host."""
    text = text.strip()
    if not text:
        return True
    if len(text) > LONGEST_LINK or any(sign.isspace() for sign in text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"https", "http"} and bool(parts.hostname)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a booking is judged by."""

    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    is_cancelled: bool
    children_come: ChildrenCome
    takes_unregistered: bool
    takes_expecting: bool
    book_by: Until
    cancel_by: Until

    @property
    def free(self) -> int:
        """Seats that are free, in families."""
        return max(0, self.seats - self.taken)


@dataclass(frozen=True, slots=True)
class FamilyFacts:
    """What a booking needs to know of a family."""

    born: int
    is_registered: bool
    has_booked_this: bool = False

    @property
    def is_expecting(self) -> bool:
        """Whether no child is born yet: expecting, or nothing said of any child."""
        return self.born == 0


@dataclass(frozen=True, slots=True)
class Party:
    """Who comes."""

    child_ids: tuple[uuid.UUID, ...] = ()
    adults: int = 1
    note: str = ""


def reasons_against_visit(
    session: SessionFacts,
    family: FamilyFacts,
    party: Party,
    *,
    now: datetime,
    is_by_staff: bool = False,
) -> tuple[Reason, ...]:
    """Return every reason against booking; staff may enter one after the hour for booking."""
    found: list[Reason] = []
    if session.is_cancelled:
        found.append(Reason(VisitRefusal.STANDS_NOT))
    until = session.ends_at + ENTERED_UNTIL if is_by_staff else session.starts_at
    closes_at = moment_until(session.book_by, session.starts_at)
    if now >= until:
        found.append(Reason(VisitRefusal.OVER))
    elif not is_by_staff and now >= closes_at:
        found.append(Reason(VisitRefusal.BOOKING_CLOSED, {"until": closes_at}))
    if family.has_booked_this:
        found.append(Reason(VisitRefusal.ALREADY_BOOKED))
    elif session.free == 0:
        found.append(Reason(VisitRefusal.FULL))
    if not session.takes_unregistered and not family.is_registered:
        found.append(Reason(VisitRefusal.REGISTRATION_NEEDED))
    if not session.takes_expecting and family.is_expecting:
        found.append(Reason(VisitRefusal.EXPECTING_NOT_TAKEN))
    found += reasons_against_party(session.children_come, party, has_born=family.born > 0)
    return tuple(found)


def reasons_against_party(
    children_come: ChildrenCome, party: Party, *, has_born: bool
) -> tuple[Reason, ...]:
    """Return what is wrong with who comes."""
    found: list[Reason] = []
    if children_come is ChildrenCome.ADULTS and party.child_ids:
        found.append(Reason(VisitRefusal.CHILDREN_STAY_HOME))
    if children_come is ChildrenCome.TOGETHER and has_born and not party.child_ids:
        found.append(Reason(VisitRefusal.CHILD_NEEDED))
    if not 1 <= party.adults <= MOST_ADULTS:
        found.append(Reason(VisitRefusal.ADULTS, {"most": MOST_ADULTS}))
    if len(party.note) > LONGEST_NOTE:
        found.append(Reason(VisitRefusal.NOTE_TOO_LONG, {"most": LONGEST_NOTE}))
    return tuple(found)


def reasons_against_cancelling(
    state: VisitState, session: SessionFacts, *, now: datetime, is_by_staff: bool = False
) -> tuple[Reason, ...]:
    """Return every reason against cancelling a visit."""
    if state is not VisitState.BOOKED:
        return (Reason(VisitRefusal.NOT_BOOKED),)
    until = moment_until(session.cancel_by, session.starts_at)
    if not is_by_staff and now >= until:
        return (Reason(VisitRefusal.CANCEL_TOO_LATE, {"until": until}),)
    return ()


def reminder_at(starts_at: datetime) -> datetime:
    """Return when a family is reminded: the evening before, at six."""
    return at(local_date(starts_at) - timedelta(days=1), time(18))


def days_chosen(dates: Sequence[date], chosen: Sequence[date]) -> tuple[date, ...]:
    """Return the days of a plan that were chosen, in order; others than the plan's do not count."""
    wanted = set(chosen)
    return tuple(day for day in dates if day in wanted)
