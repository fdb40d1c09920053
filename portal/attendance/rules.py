"""When a child counts as not arrived, and what may be recorded of a stay, by whom, when. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from portal.bookings.rules import BookingState
from portal.kernel.clock import JST, at, local_date
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS

#: After this time past its start, a child without word stands out on the board; a facility's
#: setting, with this as the usual.
GRACE = timedelta(minutes=30)
#: On the evening before a stay, from this time on (JST), its family is reminded.
REMINDED_FROM = time(18)


class WordKind(StrEnum):
    """What a family tells us about a day."""

    LATE = "late"  # おくれて行く
    ABSENT = "absent"  # 今日は休む


class Step(StrEnum):
    """What can be recorded of a stay, and taken back."""

    ARRIVAL = "arrival"  # 登園
    DEPARTURE = "departure"  # 降園
    ABSENCE = "absence"  # お休み（連絡あり・連絡なし）


class Presence(StrEnum):
    """Where a child of the day is, as the board shows it."""

    EXPECTED = "expected"
    MISSING = "missing"  # past its time and the grace, without word
    HERE = "here"
    GONE = "gone"
    ABSENT = "absent"
    CANCELLED = "cancelled"


class AttendanceRefusal(StrEnum):
    """Why something cannot be recorded of a stay."""

    CANCELLED = "cancelled"
    OTHER_FACILITY = "other_facility"
    OTHER_DAY = "other_day"
    DAY_TO_COME = "day_to_come"
    PLACE_GIVEN_BACK = "place_given_back"
    NOT_ARRIVED = "not_arrived"
    ALREADY_ARRIVED = "already_arrived"
    ALREADY_DEPARTED = "already_departed"
    NOT_STARTED = "not_started"
    CHILD_ELSEWHERE = "child_elsewhere"
    TIME_TO_COME = "time_to_come"
    DEPARTED_FIRST = "departed_first"
    ARRIVAL_NEEDED = "arrival_needed"
    STAY_OVER = "stay_over"
    ABSENCE_RECORDED = "absence_recorded"
    CANCEL_FREE_OF_CHARGE = "cancel_free_of_charge"
    LATE_OUTSIDE_STAY = "late_outside_stay"


@dataclass(frozen=True, slots=True)
class StayFacts:
    """A stay as far as these rules need it.

    ``gave_place_back``: the absence was told in time to free the place, so it cannot be taken back.
    ``expected_at``: when a family that is late said it comes.
    """

    state: BookingState
    starts_at: datetime
    ends_at: datetime
    cancel_until: datetime | None = None
    arrived_at: datetime | None = None
    departed_at: datetime | None = None
    gave_place_back: bool = False
    is_at_this_facility: bool = True
    expected_at: datetime | None = None
    #: How long the facility waits.
    grace: timedelta = GRACE

    @property
    def day(self) -> date:
        """The local day (JST) of the stay."""
        return local_date(self.starts_at)

    @property
    def missing_from(self) -> datetime:
        """From this moment on, a child that has not come counts as not arrived."""
        return max(self.starts_at, self.expected_at or self.starts_at) + self.grace


def presence(stay: StayFacts, now: datetime) -> Presence:
    """Say where the child is at ``now``; times win over the state."""
    if stay.departed_at is not None:
        return Presence.GONE
    if stay.arrived_at is not None:
        return Presence.HERE
    if stay.state is BookingState.CANCELLED:
        return Presence.CANCELLED
    if stay.state in {BookingState.NO_SHOW, BookingState.EXCUSED_ABSENCE}:
        return Presence.ABSENT
    return Presence.MISSING if now >= stay.missing_from else Presence.EXPECTED


def minutes_late(stay: StayFacts, now: datetime) -> int:
    """Return the whole minutes since the booked start, 0 before it."""
    return max(0, int((now - stay.starts_at).total_seconds()) // 60)


def _against_touching(stay: StayFacts) -> Iterable[Reason]:
    if not stay.is_at_this_facility:
        yield Reason(AttendanceRefusal.OTHER_FACILITY)
    if stay.state is BookingState.CANCELLED:
        yield Reason(AttendanceRefusal.CANCELLED)


def _against_today(stay: StayFacts, now: datetime) -> Iterable[Reason]:
    if stay.day != local_date(now):
        yield Reason(AttendanceRefusal.OTHER_DAY, {"day": stay.day})


def reasons_against_arrival(stay: StayFacts, now: datetime) -> tuple[Reason, ...]:
    """Return why an arrival cannot be recorded at ``now``; empty for a second tap."""
    reasons = [*_against_touching(stay), *_against_today(stay, now)]
    if stay.gave_place_back and stay.state is BookingState.EXCUSED_ABSENCE:
        reasons.append(Reason(AttendanceRefusal.PLACE_GIVEN_BACK))
    if stay.departed_at is not None:
        reasons.append(Reason(AttendanceRefusal.ALREADY_DEPARTED, {"at": stay.departed_at}))
    return tuple(reasons)


def reasons_against_departure(stay: StayFacts, now: datetime) -> tuple[Reason, ...]:
    """Return why a departure cannot be recorded at ``now``; empty for a second tap."""
    reasons = [*_against_touching(stay), *_against_today(stay, now)]
    if stay.arrived_at is None:
        reasons.append(Reason(AttendanceRefusal.NOT_ARRIVED))
    return tuple(reasons)


def reasons_against_absence(
    stay: StayFacts, state: BookingState, now: datetime
) -> tuple[Reason, ...]:
    """Return why the stay cannot be marked as not come (``state``); past days may be.

    A no-show can only be said once the stay has begun.
    """
    reasons = list(_against_touching(stay))
    if stay.day > local_date(now):
        reasons.append(Reason(AttendanceRefusal.DAY_TO_COME, {"day": stay.day}))
    elif state is BookingState.NO_SHOW and now < stay.starts_at:
        reasons.append(Reason(AttendanceRefusal.NOT_STARTED, {"starts_at": stay.starts_at}))
    if stay.arrived_at is not None:
        reasons.append(Reason(AttendanceRefusal.ALREADY_ARRIVED, {"at": stay.arrived_at}))
    if stay.gave_place_back and state is not stay.state:
        reasons.append(Reason(AttendanceRefusal.PLACE_GIVEN_BACK))
    return tuple(reasons)


def reasons_against_undo(stay: StayFacts, step: Step, now: datetime) -> tuple[Reason, ...]:
    """Return why ``step`` cannot be taken back at ``now``: only on its day, the last step first."""
    reasons = [*_against_touching(stay), *_against_today(stay, now)]
    if step is Step.ARRIVAL and stay.departed_at is not None:
        reasons.append(Reason(AttendanceRefusal.ALREADY_DEPARTED, {"at": stay.departed_at}))
    if step is Step.ABSENCE and stay.gave_place_back:
        reasons.append(Reason(AttendanceRefusal.PLACE_GIVEN_BACK))
    return tuple(reasons)


def reasons_against_times(
    stay: StayFacts, arrived_at: datetime | None, departed_at: datetime | None, now: datetime
) -> tuple[Reason, ...]:
    """Return why these times cannot be recorded; past days may be put right.

    Both ``None`` means that the child did not come.
    """
    reasons = list(_against_touching(stay))
    if stay.day > local_date(now):
        reasons.append(Reason(AttendanceRefusal.DAY_TO_COME, {"day": stay.day}))
    if stay.gave_place_back and arrived_at is not None:
        reasons.append(Reason(AttendanceRefusal.PLACE_GIVEN_BACK))
    if arrived_at is None and departed_at is not None:
        reasons.append(Reason(AttendanceRefusal.ARRIVAL_NEEDED))
    if arrived_at is not None and departed_at is not None and departed_at < arrived_at:
        reasons.append(Reason(AttendanceRefusal.DEPARTED_FIRST))
    reasons.extend(
        Reason(AttendanceRefusal.TIME_TO_COME, {"at": moment})
        for moment in (arrived_at, departed_at)
        if moment is not None and moment > now and stay.day == local_date(now)
    )
    return tuple(reasons)


def reasons_against_word(
    stay: StayFacts,
    kind: WordKind,
    now: datetime,
    *,
    expected_at: datetime | None = None,
) -> tuple[Reason, ...]:
    """Return why this word cannot be taken at ``now``.

    Before the end of the free time a family that stays away is better served by cancelling, which
    costs nothing.
    """
    reasons = list(_against_touching(stay))
    if stay.state in {BookingState.NO_SHOW, BookingState.EXCUSED_ABSENCE}:
        reasons.append(Reason(AttendanceRefusal.ABSENCE_RECORDED))
    if stay.arrived_at is not None:
        reasons.append(Reason(AttendanceRefusal.ALREADY_ARRIVED, {"at": stay.arrived_at}))
    if now >= stay.ends_at:
        reasons.append(Reason(AttendanceRefusal.STAY_OVER, {"ends_at": stay.ends_at}))
    if kind is WordKind.ABSENT and stay.cancel_until is not None and now < stay.cancel_until:
        reasons.append(
            Reason(AttendanceRefusal.CANCEL_FREE_OF_CHARGE, {"until": stay.cancel_until})
        )
    if kind is WordKind.LATE and not (
        expected_at is not None and stay.starts_at < expected_at < stay.ends_at
    ):
        reasons.append(
            Reason(
                AttendanceRefusal.LATE_OUTSIDE_STAY,
                {"starts_at": stay.starts_at, "ends_at": stay.ends_at},
            )
        )
    return tuple(reasons)


def late_cells(stay: StayFacts, now: datetime) -> range:
    """Return the half-hour cells (JST) at which a late family may say it comes."""
    start, end = stay.starts_at.astimezone(JST), stay.ends_at.astimezone(JST)
    last = CELLS if end.date() > start.date() else -(-(end.hour * 60 + end.minute) // 30)
    first = (start.hour * 60 + start.minute) // 30 + 1
    if now > stay.starts_at and local_date(now) == stay.day:
        local = now.astimezone(JST)
        first = max(first, (local.hour * 60 + local.minute) // 30 + 1)
    return range(first, max(first, last))


def reminder_moment(day: date) -> datetime:
    """Return the moment from which families with a stay on ``day`` are reminded."""
    return at(day - timedelta(days=1), REMINDED_FROM)


def days_to_remind(now: datetime) -> tuple[date, ...]:
    """Return the days whose reminders are due: tomorrow's, and today's if held up."""
    today = local_date(now)
    tomorrow = today + timedelta(days=1)
    return (today, tomorrow) if now >= reminder_moment(tomorrow) else (today,)
