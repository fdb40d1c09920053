"""Kind G7, booking window: from when until when care on a day can be booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.allocation import AllocationMethod
from portal.policies.calendar import FacilityCalendar
from portal.policies.channels import CHANNEL_WORDS, ChannelName
from portal.policies.deadlines import Deadline
from portal.policies.openings import (
    AnnouncedOpening,
    HalfMonthOpening,
    MissingDay,
    MonthlyOpening,
    Opening,
    RollingOpening,
    TermOpening,
    WeeklyOpening,
    opening_and_end,
)
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule, moment_on

__all__ = [
    "AnnouncedOpening",
    "BookingWindow",
    "BookingWindowRule",
    "HalfMonthOpening",
    "LateRelease",
    "MissingDay",
    "MonthlyOpening",
    "Opening",
    "RollingOpening",
    "TermOpening",
    "WeeklyOpening",
    "WindowPhase",
    "WindowState",
]


class WindowState(StrEnum):
    """Whether a day can be booked at a moment, places apart."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class BookingWindow:
    """When care on one day can be booked: ``opens_at <= t < closes_at``.

    ``opens_at`` is None where booking has always been open, and where it is not announced yet
    (``is_announced`` is False). ``phase`` is set where the rule knows several; those to come stand
    in ``later``, in their order.
    """

    opens_at: datetime | None
    closes_at: datetime
    is_announced: bool = True
    phase: WindowPhase | None = None
    later: tuple[BookingWindow, ...] = ()

    def state(self, moment: datetime) -> WindowState:
        """Return where ``moment`` lies; a window that closes before it opens is never open.

        Between two phases it is before the next one.
        """
        window = self.at(moment)
        if moment >= window.closes_at:
            return WindowState.AFTER
        if not window.is_announced:
            return WindowState.BEFORE
        if window.opens_at is not None and moment < window.opens_at:
            return WindowState.BEFORE
        return WindowState.OPEN

    def at(self, moment: datetime) -> BookingWindow:
        """Return the phase that is open at ``moment``, or the next one, or the last that was."""
        phases = [self, *self.later]
        return next((one for one in phases if moment < one.closes_at), phases[-1])


class WindowPhase(Rule):
    """One of several rounds of booking for the same day: a collection, then what is left over."""

    name: str = Field(
        min_length=1,
        max_length=40,
        description="この回の名前。保護者が読みます。",
        examples=["一次受付"],
    )
    opens: Opening | None = Field(
        default=None,
        description="この回が始まるとき。書かなければ、はじめから。",
        examples=[{"kind": "monthly", "day": 18, "at": "09:00"}],
    )
    closes: Deadline | None = Field(
        default=None,
        description="この回が終わるとき。書かなければ、利用日の終わり（24:00）。",
        examples=[{"day_of_month": 24, "months_before": 1}],
    )
    allocation: AllocationMethod | None = Field(
        default=None,
        description=(
            "この回の決め方。first_come：先着。staff_approval：園が1件ずつ返事。"
            "provisional：仮予約のあと書類で確定。lottery：抽選。"
            "書かなければ、allocationのとおり。"
        ),
        examples=["lottery"],
    )
    channels: tuple[ChannelName, ...] = Field(
        default=(),
        description=(
            "この回に受ける方法（web・phone・counter・post・faxなど）。書かなければ、どれでも。"
        ),
        examples=[["web"]],
    )

    def reasons(self, channel: str | None) -> Iterator[Reason]:
        """Yield that this round does not take the way; nothing where nobody knows the way."""
        if channel is not None and self.channels and channel not in self.channels:
            names = tuple(CHANNEL_WORDS[name] for name in self.channels)
            yield Reason(BookingRefusal.CHANNEL_NOT_OFFERED, {"channels": names})


class LateRelease(Rule):
    """Places of a day that open later than the others, such as a week before."""

    places: int = Field(ge=1, le=500, description="あとから予約が始まる人数。", examples=[3])
    opens: Opening = Field(
        description="この人数の予約が始まるとき。",
        examples=[{"kind": "rolling", "weeks": 1, "at": "09:00"}],
    )
    name: str = Field(
        default="",
        max_length=40,
        description="この枠の名前。保護者が読みます。",
        examples=["直前枠"],
    )


class BookingWindowRule(Rule):
    """When booking opens and closes for a day of care.

    Without ``opens`` booking is always open; without ``closes`` until the day of care ends.
    ``notice_minutes`` asks for that much time between the request and the start of the stay.
    """

    opens: Opening | None = Field(
        default=None,
        description="予約が始まるとき。書かなければ、いつからでも予約できます。",
        examples=[{"kind": "monthly", "day": 15, "at": "09:00", "shift": "next"}],
    )
    closes: Deadline | None = Field(
        default=None,
        description="予約が終わるとき。書かなければ、利用日の終わり（24:00）まで。",
        examples=[{"days": 1, "at": "17:00", "counting": "open"}],
    )
    notice_minutes: int = Field(
        default=0,
        ge=0,
        le=7 * 24 * 60,
        description=(
            "預かりの始まりの何分前までに申し込むか。ちょうどの時刻は、もう過ぎています"
            "（ほかの締め切りと同じです）。"
            "closesもあれば、早いほうで終わります。"
        ),
        examples=[60],
    )
    phases: tuple[WindowPhase, ...] = Field(
        default=(),
        description=(
            "受付を何回かに分けるとき（一次受付のあと、空きを先着など）。始まる順に書きます。"
            "書いたときは、すぐ下のopensとclosesは書きません。回と回のあいだは予約できません。"
        ),
        examples=[
            [
                {
                    "name": "一次受付",
                    "opens": {"kind": "monthly", "day": 18},
                    "closes": {"day_of_month": 24, "months_before": 1},
                    "allocation": "lottery",
                },
                {
                    "name": "空きの受付",
                    "opens": {"kind": "monthly", "day": 1, "months_before": 0},
                    "closes": {"days": 1, "at": "17:00"},
                },
            ]
        ],
    )
    late_release: tuple[LateRelease, ...] = Field(
        default=(),
        description="定員のうち、あとから予約を始める人数。残りはopensのとおりに始まります。",
        examples=[[{"places": 3, "opens": {"kind": "rolling", "weeks": 1, "at": "09:00"}}]],
    )

    @model_validator(mode="after")
    def _phases_stand_alone(self) -> BookingWindowRule:
        if self.phases and (self.opens is not None or self.closes is not None):
            raise ValueError("phases stand instead of opens and closes")
        return self

    def window(
        self, day: date, calendar: FacilityCalendar, span: Span | None = None
    ) -> BookingWindow:
        """Return the window for care on ``day``: its first phase, with the others in ``later``.

        Phases that are over before they begin, of the day or of a stay that is asked for in time,
        are not among them, unless all are.
        """
        if not self.phases:
            return _window(self.opens, self.closes, day, calendar)
        rounds = [_window(phase.opens, phase.closes, day, calendar, phase) for phase in self.phases]
        real = [each for each in rounds if self._begins(each, span)]
        first, *later = real or rounds
        return BookingWindow(
            first.opens_at, first.closes_at, first.is_announced, first.phase, tuple(later)
        )

    def _begins(self, window: BookingWindow, span: Span | None) -> bool:
        closes_at = window.closes_at if span is None else self.closes_at(window, span)
        return window.opens_at is None or window.opens_at < closes_at

    def closes_at(self, window: BookingWindow, span: Span) -> datetime:
        """Return when booking this stay closes: with its window, or for ``notice_minutes``."""
        return (
            min(window.closes_at, self.latest_at(span))
            if self.notice_minutes
            else (window.closes_at)
        )

    def latest_at(self, span: Span) -> datetime:
        """Return from when it is too late to ask for the stay; that moment is late already."""
        return span.starts_at - timedelta(minutes=self.notice_minutes)

    def places_open(
        self, total: int, day: date, calendar: FacilityCalendar, moment: datetime
    ) -> int:
        """Return how many of ``total`` places of a day are released at an aware ``moment``.

        Those of ``late_release`` whose opening is still to come are held back; never below 0. The
        window itself is not looked at.
        """
        held = sum(release.places for release in self._held_back(day, calendar, moment))
        return max(0, total - held)

    def _held_back(
        self, day: date, calendar: FacilityCalendar, moment: datetime
    ) -> Iterator[LateRelease]:
        for release in self.late_release:
            opening = opening_and_end(release.opens, day, calendar)
            if opening is None or moment < opening[0]:
                yield release


def _window(
    opens: Opening | None,
    closes: Deadline | None,
    day: date,
    calendar: FacilityCalendar,
    phase: WindowPhase | None = None,
) -> BookingWindow:
    limits = [moment_on(day, "24:00")]
    if closes is not None:
        limits.append(closes.before(day, calendar))
    if opens is None:
        return BookingWindow(None, min(limits), phase=phase)
    opening = opening_and_end(opens, day, calendar)
    if opening is None:
        return BookingWindow(None, min(limits), is_announced=False, phase=phase)
    opens_at, closes_at = opening
    if closes_at is not None:
        limits.append(closes_at)
    return BookingWindow(opens_at, min(limits), phase=phase)
