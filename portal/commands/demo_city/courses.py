"""What becomes of a stay: changed, cancelled, late, absent, or attended. The same at each start.

A course is laid down when a stay is booked and does not know what time it is; ``state_at`` says how
far it has come.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from portal.attendance.rules import GRACE, WordKind
from portal.bookings.rules import BookingState
from portal.policies.cancel import WaivedReason

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Word:
    """What the family said of its day, and how."""

    kind: WordKind
    at: datetime
    channel: str
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """All that will happen to a unit of bookings, moment by moment; ``None`` does not happen."""

    #: It was booked for other hours first: until when, and how many minutes earlier these began.
    changed_at: datetime | None = None
    moved_minutes: int = 0
    cancelled_at: datetime | None = None
    cancelled_by_staff: bool = False
    #: Of a cancellation or absence.
    because: WaivedReason | None = None
    word: Word | None = None
    #: Marked by staff on the day; the place stays taken.
    absent: tuple[BookingState, datetime] | None = None
    arrived_at: datetime | None = None
    departed_at: datetime | None = None
    collected_by: str | None = None


def state_at(course: Course, now: datetime) -> BookingState:
    """Return the state that has been reached at ``now``."""
    if course.cancelled_at is not None and course.cancelled_at <= now:
        return BookingState.CANCELLED
    if gives_place_back(course, now):
        return BookingState.EXCUSED_ABSENCE
    if course.absent is not None and course.absent[1] <= now:
        return course.absent[0]
    if course.arrived_at is not None and course.arrived_at <= now:
        return BookingState.ATTENDED
    return BookingState.CONFIRMED


def gives_place_back(course: Course, now: datetime) -> bool:
    """Say whether the family has told by ``now`` that nobody comes."""
    word = course.word
    return word is not None and word.kind is WordKind.ABSENT and word.at <= now


def course_of(
    group_id: uuid.UUID,
    booked_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    cancel_until: datetime | None,
    *,
    by_phone: bool = False,
    never_cancels: bool = False,
) -> Course:
    """Return the course of a unit of bookings. By its id alone the dice are thrown."""
    dice = random.Random(f"course|{group_id}")  # noqa: S311 - invented lives
    stay = _Stay(booked_at, starts_at, ends_at, cancel_until or starts_at, by_phone)
    fate = dice.random()
    for share, course in _FATES:
        if fate < share:
            found = course(stay, dice)
            if found is None or (never_cancels and found.cancelled_at is not None):
                return _comes(stay, dice)
            return found
        fate -= share
    return _comes(stay, dice)


def trial_course(starts_at: datetime, ends_at: datetime) -> Course:
    """Return the course of a part of trial care: the child comes, and is taken home in time."""
    return Course(
        arrived_at=starts_at + 2 * _MINUTE,
        departed_at=ends_at - 4 * _MINUTE,
        collected_by=None,
    )


@dataclass(frozen=True, slots=True)
class _Stay:
    booked_at: datetime
    starts_at: datetime
    ends_at: datetime
    free_until: datetime
    by_phone: bool


def _cancels_in_time(stay: _Stay, dice: random.Random) -> Course | None:
    at = _between(dice, stay.booked_at + 30 * _MINUTE, stay.free_until - 10 * _MINUTE)
    return Course(cancelled_at=at, cancelled_by_staff=stay.by_phone) if at else None


def _cancels_late(stay: _Stay, dice: random.Random) -> Course | None:
    first = max(stay.booked_at, stay.free_until) + 20 * _MINUTE
    at = _between(dice, first, stay.starts_at - 25 * _MINUTE)
    because = WaivedReason.ILLNESS if dice.random() < MOSTLY else None
    return Course(cancelled_at=at, cancelled_by_staff=True, because=because) if at else None


def _says_it_stays_away(stay: _Stay, dice: random.Random) -> Course | None:
    first = max(stay.booked_at, stay.free_until, stay.starts_at - 150 * _MINUTE)
    at = _between(dice, first, stay.starts_at + 10 * _MINUTE)
    because = WaivedReason.ILLNESS if dice.random() < MOSTLY else None
    channel = dice.choice(("mail_link", "mail_link", "web", "phone"))
    word = Word(WordKind.ABSENT, at, "phone" if stay.by_phone else channel) if at else None
    return Course(word=word, because=because) if word else None


def _is_asked_by_phone(stay: _Stay, _dice: random.Random) -> Course:
    return Course(absent=(BookingState.EXCUSED_ABSENCE, stay.starts_at + GRACE + 12 * _MINUTE))


def _does_not_come(stay: _Stay, _dice: random.Random) -> Course:
    # Staff call, wait, and give up after a while.
    gives_up_at = min(stay.ends_at, stay.starts_at + 100 * _MINUTE) + 5 * _MINUTE
    return Course(absent=(BookingState.NO_SHOW, gives_up_at))


def _moves(stay: _Stay, dice: random.Random) -> Course | None:
    at = _between(dice, stay.booked_at + 60 * _MINUTE, stay.free_until - 30 * _MINUTE)
    moved = dice.choice((-60, -30, 30, 60))
    return replace(_comes(stay, dice), changed_at=at, moved_minutes=moved) if at else None


def _comes_late(stay: _Stay, dice: random.Random) -> Course:
    return _comes(stay, dice, is_late=True)


MOSTLY = 0.75
#: How often it happens, and what.
_FATES: Final[tuple[tuple[float, Callable[[_Stay, random.Random], Course | None]], ...]] = (
    (0.075, _cancels_in_time),
    (0.03, _cancels_late),
    (0.035, _says_it_stays_away),
    (0.01, _is_asked_by_phone),
    (0.015, _does_not_come),
    (0.05, _moves),
    (0.05, _comes_late),
)


def _comes(stay: _Stay, dice: random.Random, *, is_late: bool = False) -> Course:
    starts_at, ends_at = stay.starts_at, stay.ends_at
    late = dice.randint(20, 50) if is_late else dice.choice((-4, -2, 0, 1, 2, 3, 5, 6, 8, 11))
    arrived_at = starts_at + late * _MINUTE
    early = dice.choice((-25, -10, -5, -3, 0, 1, 2, 4, 9))
    departed_at = max(ends_at + early * _MINUTE, arrived_at + 20 * _MINUTE)
    word = None
    if is_late and dice.random() < MOSTLY:
        expected_at = min(starts_at + 30 * _MINUTE * (1 + late // 31), ends_at - 30 * _MINUTE)
        if expected_at > starts_at:
            said_at = starts_at - dice.randint(10, 70) * _MINUTE
            word = Word(WordKind.LATE, said_at, dice.choice(("mail_link", "phone")), expected_at)
    return Course(
        word=word,
        arrived_at=_seconds(dice, arrived_at),
        departed_at=_seconds(dice, departed_at),
        collected_by=dice.choice((None, None, "母", "母", "父", "祖母")),
    )


def _between(dice: random.Random, first: datetime, last: datetime) -> datetime | None:
    if last <= first:
        return None
    return (first + (last - first) * dice.random()).replace(microsecond=0)


def _seconds(dice: random.Random, moment: datetime) -> datetime:
    return moment + timedelta(seconds=dice.randint(0, 59))
