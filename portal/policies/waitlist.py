"""Kind G10, waitlist: who waits for what, in which order, and who gets a place that is free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.deadlines import Deadline
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule


class WaitsFor(StrEnum):
    """What there is a list of its own for."""

    DAY = "day"
    BAND = "band"
    AGE_CLASS = "age_class"
    TERM = "term"


WAITS_FOR_WORDS: Mapping[WaitsFor, str] = MappingProxyType(
    {
        WaitsFor.DAY: "日",
        WaitsFor.BAND: "時間の枠",
        WaitsFor.AGE_CLASS: "年齢のクラス",
        WaitsFor.TERM: "定期利用の期間",
    }
)


class Fills(StrEnum):
    """What happens when a place gets free."""

    PROMOTE = "promote"
    OFFER = "offer"
    NOTIFY_ALL = "notify_all"


FILLS_WORDS: Mapping[Fills, str] = MappingProxyType(
    {
        Fills.PROMOTE: "順番が先の方の予約に、自動でする",
        Fills.OFFER: "順番が先の方に知らせて、返事を待つ",
        Fills.NOTIFY_ALL: "待っている方みんなに知らせ、先に予約した方が使う",
    }
)


class Order(StrEnum):
    """Who comes first."""

    RECEIVED = "received"
    PRIORITY = "priority"
    LOTTERY = "lottery"


ORDER_WORDS: Mapping[Order, str] = MappingProxyType(
    {
        Order.RECEIVED: "申し込んだ順",
        Order.PRIORITY: "優先される方が先、同じなら申し込んだ順",
        Order.LOTTERY: "抽選で決めた順",
    }
)


class WaitlistRule(Rule):
    """The rules of waiting. A kind left out: nobody waits, a free place is booked like any.

    Whoever's turn comes is judged anew by all rules of that moment (``promotion``): age, caps,
    registration, window. That is no setting.
    """

    waits_for: tuple[WaitsFor, ...] = Field(
        default=(WaitsFor.DAY,),
        min_length=1,
        description="何ごとに列をつくるか。いくつか並べると、その組み合わせごと",
        examples=[["day", "age_class"]],
    )
    fills: Fills = Field(
        default=Fills.OFFER, description="空きが出たときにどうするか", examples=["promote"]
    )
    answer_minutes: int | None = Field(
        default=None,
        ge=10,
        le=14 * 24 * 60,
        description="fillsがofferのとき、何分以内に返事をするか。過ぎると次の方へ",
        examples=[120],
    )
    order: Order = Field(default=Order.RECEIVED, description="順番の決め方", examples=["priority"])
    siblings_as_one: bool = Field(
        default=True,
        description="true：きょうだいは、全員分の空きが出たときに1組として進む",
        examples=[False],
    )
    most_waiting: int | None = Field(
        default=None, ge=1, le=500, description="1つの列で待てる人数", examples=[5]
    )
    most_per_child: int | None = Field(
        default=None, ge=1, le=100, description="1人が同時に待てる数", examples=[3]
    )
    join_until: Deadline | None = Field(
        default=None,
        description="いつまで待ちに申し込めるか。書かなければ、予約の締め切りまで",
        examples=[{"days": 1, "at": "17:00"}],
    )
    withdraw_until: Deadline | None = Field(
        default=None,
        description="いつまで、待つのをやめられるか（その時刻の前まで）。書かなければ、始まりまで",
        examples=[{"days": 0, "at": "08:00"}],
    )
    fills_until: Deadline | None = Field(
        default=None,
        description="いつまで空きを順番の方に回すか。書かなければ、始まりまで",
        examples=[{"days": 0, "at": "09:00"}],
    )

    @model_validator(mode="after")
    def _offers_have_their_time(self) -> WaitlistRule:
        if self.answer_minutes is not None and self.fills is not Fills.OFFER:
            raise ValueError("only an offer waits for an answer")
        if len(set(self.waits_for)) != len(self.waits_for):
            raise ValueError("each list stands once")
        return self

    def joins_until(self, span: Span, calendar: FacilityCalendar, closes_at: datetime) -> datetime:
        """Return the moment from which nobody can join the list for a stay."""
        own = self.join_until.before(span.day, calendar) if self.join_until else closes_at
        return min(own, span.starts_at)

    def withdraws_until(self, span: Span, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which waiting can no longer be given up by the family."""
        return _until(self.withdraw_until, span, calendar)

    def fills_before(self, span: Span, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which a free place goes to nobody on the list."""
        return _until(self.fills_until, span, calendar)


def reasons_against_joining(
    rule: WaitlistRule | None,
    span: Span,
    calendar: FacilityCalendar,
    *,
    closes_at: datetime,
    now: datetime,
    waiting: int = 0,
    lists_of_child: int = 0,
) -> Iterator[Reason]:
    """Yield why nobody can wait for this stay now.

    Args:
        closes_at: When booking the stay itself closes.
        waiting: How many wait on that list already.
        lists_of_child: On how many lists the child stands already, the most where siblings wait.
    """
    if rule is None:
        yield Reason(BookingRefusal.NO_WAITLIST)
        return
    until_at = rule.joins_until(span, calendar, closes_at)
    if now >= until_at:
        yield Reason(BookingRefusal.WAITLIST_CLOSED, {"until_at": until_at})
    if rule.most_waiting is not None and waiting >= rule.most_waiting:
        yield Reason(BookingRefusal.WAITLIST_FULL, {"most": rule.most_waiting})
    if rule.most_per_child is not None and lists_of_child >= rule.most_per_child:
        yield Reason(BookingRefusal.TOO_MANY_WAITS, {"most": rule.most_per_child})


def reasons_against_withdrawing(
    rule: WaitlistRule, span: Span, calendar: FacilityCalendar, *, now: datetime
) -> Iterator[Reason]:
    """Yield why the family can no longer give up waiting by itself."""
    until_at = rule.withdraws_until(span, calendar)
    if now >= until_at:
        yield Reason(BookingRefusal.WITHDRAWAL_CLOSED, {"until_at": until_at})


def _until(limit: Deadline | None, span: Span, calendar: FacilityCalendar) -> datetime:
    if limit is None:
        return span.starts_at
    return min(limit.before(span.day, calendar), span.starts_at)
