"""Kind G11, cancelling: until when it is free, what it costs after that, and who need not pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.deadlines import Deadline
from portal.policies.fee_lines import Fee, FeeLine
from portal.policies.late_fees import LateFee, LateFlat, LatePercent
from portal.policies.rule import Rule

__all__ = [
    "CancelFee",
    "CancelRule",
    "CancelTier",
    "LateFlat",
    "LatePercent",
    "Shortening",
    "WaivedReason",
]


class WaivedReason(StrEnum):
    """Why a late cancellation may cost nothing."""

    ILLNESS = "illness"
    DISASTER = "disaster"
    BEREAVEMENT = "bereavement"
    CLOSED_BY_FACILITY = "closed_by_facility"


WAIVED_WORDS: Mapping[WaivedReason, str] = MappingProxyType(
    {
        WaivedReason.ILLNESS: "お子さんや家族の病気・けが",
        WaivedReason.DISASTER: "災害や警報",
        WaivedReason.BEREAVEMENT: "身内の不幸",
        WaivedReason.CLOSED_BY_FACILITY: "園の都合（休園など）",
    }
)


class Shortening(StrEnum):
    """What making a booked stay shorter costs after the free time."""

    FREE = "free"
    AS_CANCEL = "as_cancel"
    NOT_POSSIBLE = "not_possible"


SHORTENING_WORDS: Mapping[Shortening, str] = MappingProxyType(
    {
        Shortening.FREE: "時間を短くしても、取り消しの料金はかかりません",
        Shortening.AS_CANCEL: "時間を短くすると、短くした分に取り消しの料金がかかります",
        Shortening.NOT_POSSIBLE: "無料の期限のあとは、時間を短くできません",
    }
)


class CancelFee(NamedTuple):
    """What cancelling costs now. ``until`` is the end of the free time, None if always free."""

    amount_yen: int
    is_late: bool
    until: datetime | None


class CancelTier(Rule):
    """What cancelling costs before a moment: one of several that follow on the free time."""

    until: Deadline | None = Field(
        default=None,
        description="この期限より前の取り消し（ちょうどは次の段階）。",
        examples=[{"days": 1, "at": "17:00"}],
    )
    until_minutes_before: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="予約の始まりの何分前までか（24時間前なら1440）。until の代わりに書きます。",
        examples=[1440],
    )
    fee: LateFee = Field(
        description="その間の取り消しの料金。", examples=[{"kind": "percent", "percent": 50}]
    )

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if (self.until is None) == (self.until_minutes_before is None):
            raise ValueError("give either a day or minutes before the start")
        return self

    def ends_at(self, span: Span, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which it no longer holds."""
        return _limit(self.until, self.until_minutes_before, span, calendar)


class CancelRule(Rule):
    """Until when cancelling is free, and what a late one costs.

    ``late_online``: whether a family may still cancel by itself after the free time, or has to
    call. ``waived``: reasons for which a late cancellation costs nothing.
    """

    free_until: Deadline | None = Field(
        default=None,
        description="いつまで無料か。書かなければ、始まるまで無料です。",
        examples=[{"days": 1, "at": "17:00"}],
    )
    free_until_minutes_before: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="予約の始まりの何分前まで無料か（24時間前なら1440）。"
        "free_until もあれば、早いほうまで。",
        examples=[1440],
    )
    tiers: tuple[CancelTier, ...] = Field(
        default=(),
        description="無料の期限のあとの段階。早いほうから順に。最後の段階のあとは late_fee です。",
        examples=[[{"until": {"days": 1}, "fee": {"kind": "percent", "percent": 50}}]],
    )
    late_fee: LateFee | None = Field(
        default=None,
        description="無料の期限（段階があれば最後の段階）のあとの取り消しの料金。書かなければ無料。",
        examples=[{"kind": "percent", "percent": 100, "of": "total"}],
    )
    late_online: bool = Field(
        default=True,
        description="true：無料の期限のあとも画面から取り消せます。false：期限のあとは電話などだけ。",
        examples=[False],
    )
    online_until: Deadline | None = Field(
        default=None,
        description="画面から取り消せる期限（無料の期限と別のとき）。このあとは電話などだけ。",
        examples=[{"days": 5}],
    )
    online_until_minutes_before: int | None = Field(
        default=None,
        ge=0,
        le=100_000,
        description="予約の始まりの何分前まで画面から取り消せるか。",
        examples=[120],
    )
    waived: frozenset[WaivedReason] = Field(
        default=frozenset({WaivedReason.CLOSED_BY_FACILITY}),
        description="おそい取り消しでも料金がかからないわけ：illness 病気／disaster 災害／"
        "bereavement 不幸／closed_by_facility 園の都合。",
        examples=[["illness", "disaster", "closed_by_facility"]],
    )
    waived_with_proof: bool = Field(
        default=False,
        description="true：料金がかからないわけを、書類（診断書など）で示してもらいます。",
        examples=[True],
    )
    shortening: Shortening = Field(
        default=Shortening.FREE,
        description="無料の期限のあとに時間を短くするとき：free 料金なし／"
        "as_cancel 短くした分は取り消しと同じ／not_possible できない。",
        examples=["as_cancel"],
    )
    ends_run: bool = Field(
        default=False,
        description="true：続けて予約した日の1日を取り消すと、そのあとの続く日も取り消しになります。",
        examples=[True],
    )
    written_form: bool = Field(
        default=False,
        description="true：取り消しの届け（書面）をあとで出してもらいます。",
        examples=[True],
    )

    def until(self, span: Span, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which cancelling is late; never after the stay starts."""
        return _limit(self.free_until, self.free_until_minutes_before, span, calendar)

    def online_ends_at(self, span: Span, calendar: FacilityCalendar) -> datetime | None:
        """Return the moment from which a family has to call; None where it never has to.

        Never after the stay starts.
        """
        if self.online_until is not None or self.online_until_minutes_before is not None:
            return _limit(self.online_until, self.online_until_minutes_before, span, calendar)
        return None if self.late_online else self.until(span, calendar)

    @property
    def first_late_fee(self) -> LateFee | None:
        """What cancelling costs as soon as it is late."""
        return self.tiers[0].fee if self.tiers else self.late_fee

    def late_fee_at(self, span: Span, calendar: FacilityCalendar, now: datetime) -> LateFee | None:
        """Return what a late cancellation costs at ``now``; None is nothing."""
        for tier in self.tiers:
            if now < tier.ends_at(span, calendar):
                return tier.fee
        return self.late_fee

    def late_yen(self, fee: Fee, span: Span, *, children: int = 1) -> int:
        """Return what cancelling costs as soon as it is late, for the children of ``fee``."""
        late = self.first_late_fee
        return late.amount(fee, children, span.minutes) if late else 0

    def yen_at(
        self,
        now: datetime,
        fee: Fee,
        span: Span,
        calendar: FacilityCalendar,
        *,
        children: int = 1,
        waived: WaivedReason | None = None,
    ) -> CancelFee:
        """Return what cancelling costs at ``now``, whether that is late, and until when not.

        Args:
            fee: What is cancelled.
            children: How many children that are.
            waived: The family's reason, where the provider accepts it.
        """
        until = self.until(span, calendar)
        is_late = now >= until
        late = self.late_fee_at(span, calendar, now)
        if not is_late or late is None or waived in self.waived:
            return CancelFee(0, is_late, until)
        return CancelFee(late.amount(fee, children, span.minutes), is_late, until)

    def shortening_yen(
        self,
        now: datetime,
        was: Fee,
        becomes: Fee,
        spans: tuple[Span, Span],
        calendar: FacilityCalendar,
    ) -> int:
        """Return what making a stay of one child shorter costs at ``now`` beside its new fee.

        Args:
            was: The fee of the stay as booked; ``becomes``: of the shorter one.
            spans: The stay as booked, and the shorter one.

        Together with the new fee it is never more than the stay would have cost.
        """
        booked, shorter = spans
        less = was.total_yen - becomes.total_yen
        if self.shortening is not Shortening.AS_CANCEL or now < self.until(booked, calendar):
            return 0
        late = self.late_fee_at(booked, calendar, now)
        if late is None:
            return 0
        gone = Fee((*was.lines, *(_taken_back(line) for line in becomes.lines)))
        return max(0, min(less, late.amount(gone, 1, booked.minutes - shorter.minutes)))

    def falls_away(
        self, cancelled: date, booked: Sequence[date], calendar: FacilityCalendar
    ) -> tuple[date, ...]:
        """Return the booked days that go with a cancelled one: those that follow it in a row.

        Days on which the facility is closed do not break the row.
        """
        if not self.ends_run:
            return ()
        found: list[date] = []
        day = calendar.next_open_day(cancelled)
        while day is not None and day in booked:
            found.append(day)
            day = calendar.next_open_day(day)
        return tuple(found)


def _taken_back(line: FeeLine) -> FeeLine:
    return replace(line, amount_yen=-line.amount_yen)


def _limit(
    deadline: Deadline | None, minutes: int | None, span: Span, calendar: FacilityCalendar
) -> datetime:
    """Return the earliest of what is given; never after the stay starts."""
    limits = [span.starts_at]
    if deadline is not None:
        limits.append(deadline.before(span.day, calendar))
    if minutes is not None:
        limits.append(span.starts_at - timedelta(minutes=minutes))
    return min(limits)
