"""Kind G16, what is paid beside care: meals, nappies, a contact book (特定費用)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from portal.kernel.age import fiscal_year
from portal.kernel.spans import Span
from portal.policies.facts import ChildFacts
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen, units_of
from portal.policies.history import PastUse
from portal.policies.priced import PricedStay
from portal.policies.rule import ClockTime, Rule, moment_on
from portal.policies.variants import VariantWhen


class ItemPer(StrEnum):
    """How often an item is paid."""

    USE = "use"
    DAY = "day"
    MONTH = "month"
    FISCAL_YEAR = "fiscal_year"
    FIRST_USE = "first_use"
    REGISTRATION = "registration"
    COUNT = "count"
    TIME = "time"


#: Paid with the first of several stays.
ONCE = frozenset({ItemPer.DAY, ItemPer.MONTH, ItemPer.FISCAL_YEAR, ItemPer.FIRST_USE})

ITEM_PER_WORDS: Mapping[ItemPer, str] = MappingProxyType(
    {
        ItemPer.USE: "利用1回ごと",
        ItemPer.DAY: "1日に1度。同じ日の2回目の利用ではかかりません",
        ItemPer.MONTH: "月に1度、その月にはじめてかかる予約のとき",
        ItemPer.FISCAL_YEAR: "年度に1度、その年度にはじめてかかる予約のとき",
        ItemPer.FIRST_USE: "はじめての利用のときに1度",
        ItemPer.REGISTRATION: "登録のときに1度。預かりの料金には入りません",
        ItemPer.COUNT: "使った数だけ",
        ItemPer.TIME: "決まった分ごと",
    }
)


class PerUseItem(Rule):
    """A meal, snack or the like. With ``at`` only for a child who is there at that time.

    Arriving at that minute counts, leaving at it does not.
    """

    label: str = Field(
        min_length=1, max_length=40, description="明細に出る名前。", examples=["給食"]
    )
    yen: Yen = Field(description="料金（円）。", examples=[300])
    at: ClockTime | None = Field(
        default=None,
        description="この時刻にいるお子さんだけ（その時刻に来れば必要、その時刻に帰れば不要）。",
        examples=["11:30"],
    )
    min_minutes: int | None = Field(
        default=None, ge=1, le=1440, description="この分以上の利用だけ。", examples=[240]
    )
    with_option: str | None = Field(
        default=None,
        max_length=40,
        description="家庭がこれを選んだときだけ（options のコード）。",
        examples=["lunch"],
    )
    without_option: str | None = Field(
        default=None,
        max_length=40,
        description="家庭がこれを選んだときはかからない（お弁当持参など）。",
        examples=["own_lunch"],
    )
    when: VariantWhen | None = Field(
        default=None,
        description="どんなときにかかるか（variants の when と同じ書き方）。書かなければいつも。",
        examples=[{"units": ["午前", "1日"]}],
    )

    def applies_to(self, span: Span) -> bool:
        """Say whether a stay of these times needs the item."""
        if self.min_minutes is not None and span.minutes < self.min_minutes:
            return False
        if self.at is None:
            return True
        return span.starts_at <= moment_on(span.day, self.at) < span.ends_at

    def is_needed(self, stay: PricedStay, child: ChildFacts) -> bool:
        """Say whether this child's stay needs the item."""
        return (
            self.is_wanted(stay) and self.applies_to(stay.span) and stay.applies(self.when, child)
        )

    def is_wanted(self, stay: PricedStay) -> bool:
        """Say whether what the family chose lets the item be paid."""
        if self.with_option is not None and not stay.chosen(self.with_option):
            return False
        return self.without_option is None or not stay.chosen(self.without_option)

    def line(self, stay: PricedStay, child: ChildFacts) -> FeeLine | None:
        """Return the line of this child, or None where it does not need the item."""
        if not self.is_needed(stay, child):
            return None
        return FeeLine(FeeLabel.PER_USE, {"label": self.label}, child.child_id, self.yen)


class FeeItem(PerUseItem):
    """An item that is paid once in a while, or by its number.

    Once in a month, a fiscal year or at all: with the first stay of it that is booked and needs
    it; other stays of that time, before or after, pay no more.
    """

    per: ItemPer = Field(
        default=ItemPer.USE,
        description="いつかかるか：use 1回ごと／day 日に1度／month 月に1度／fiscal_year 年度に1度／"
        "first_use はじめての利用／registration 登録のとき／count 使った数／time 決まった分ごと。",
        examples=["month"],
    )
    unit_minutes: int = Field(
        default=60,
        ge=5,
        le=1440,
        description="per = time のとき、何分ごとか。はじまった分は1つと数えます。",
        examples=[60],
    )

    def line(self, stay: PricedStay, child: ChildFacts) -> FeeLine | None:
        """Return the line of this child, or None where it pays nothing for it now."""
        if not self.is_needed(stay, child) or self._is_paid(stay, child):
            return None
        values: dict[str, int | str] = {"label": self.label, "per": self.per.value}
        count = 1
        if self.per is ItemPer.TIME:
            count = units_of(stay.span.minutes, self.unit_minutes)
            values["unit_minutes"] = self.unit_minutes
        if self.per is ItemPer.COUNT:
            count = stay.chosen(self.with_option or self.label)
        if self.per in {ItemPer.TIME, ItemPer.COUNT}:
            values |= {"unit_yen": self.yen, "units": count}
        return FeeLine(FeeLabel.ITEM, values, child.child_id, count * self.yen) if count else None

    def _is_paid(self, stay: PricedStay, child: ChildFacts) -> bool:
        """Say whether another stay, or the registration, pays it."""
        if self.per is ItemPer.REGISTRATION:
            return True
        if self.per not in ONCE:
            return False
        day = stay.span.day
        return any(
            self._same_time(use.day, day) and self._was_paid(use, stay, child)
            for use in stay.uses(child)
        )

    def _was_paid(self, use: PastUse, stay: PricedStay, child: ChildFacts) -> bool:
        """Say whether another stay paid it; yes, where nobody knows what was chosen beside it."""
        then = stay.then(use)
        if then is None or (use.options is not None and not self.is_wanted(then)):
            return False
        is_long = self.min_minutes is None or use.minutes >= self.min_minutes
        there = is_long if use.starts_at is None else self.applies_to(then.span)
        return there and then.applies(self.when, child)

    def _same_time(self, one: date, other: date) -> bool:
        if self.per is ItemPer.FIRST_USE:
            return True
        if self.per is ItemPer.DAY:
            return one == other
        if self.per is ItemPer.MONTH:
            return (one.year, one.month) == (other.year, other.month)
        return fiscal_year(one) == fiscal_year(other)
