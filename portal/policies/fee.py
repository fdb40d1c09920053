"""Kinds G16 and G17, fee: what a stay costs, line by line.

For each child: the price of care by the tariff, what comes on top, what is taken off, tickets,
rounding; then meals and the like. ``charging`` asks this for a whole case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from portal.kernel.spans import Span
from portal.policies.age import AgeReading
from portal.policies.charged import Charged
from portal.policies.coupons import CouponRule, Wallet
from portal.policies.facts import ChildFacts
from portal.policies.fee_ages import AgeBasis, band_of, months_for_price
from portal.policies.fee_items import FeeItem, PerUseItem
from portal.policies.fee_lines import (
    CARE_LABELS,
    FEE_LABEL_WORDS,
    ITEM_LABELS,
    Fee,
    FeeLabel,
    FeeLine,
    Percent,
    Yen,
)
from portal.policies.priced import PricedStay
from portal.policies.reductions import REDUCED, Combining, Of, Reduction, SiblingReduction
from portal.policies.rule import Rule
from portal.policies.surcharges import AboveCap, OutsideHours, OverrunRule, Surcharge
from portal.policies.tariffs import HalfDayTariff, HourlyTariff, Tariff

__all__ = [
    "CARE_LABELS",
    "FEE_LABEL_WORDS",
    "ITEM_LABELS",
    "AgeBasis",
    "Fee",
    "FeeLabel",
    "FeeLine",
    "FeeRule",
    "HalfDayTariff",
    "HourlyTariff",
    "PerUseItem",
    "Percent",
    "Rounding",
    "RoundingMode",
    "SiblingReduction",
    "Yen",
    "band_of",
]


class RoundingMode(StrEnum):
    """Which way a broken amount goes."""

    DOWN = "down"
    UP = "up"
    NEAREST = "nearest"


ROUNDING_WORDS: Mapping[RoundingMode, str] = MappingProxyType(
    {
        RoundingMode.DOWN: "切り捨て",
        RoundingMode.UP: "切り上げ",
        RoundingMode.NEAREST: "四捨五入",
    }
)


class Rounding(Rule):
    """Whole tens or hundreds, of one child's care fee after everything that is taken off."""

    to_yen: Literal[10, 50, 100, 500, 1000] = Field(
        default=10, description="何円単位にするか。", examples=[10]
    )
    mode: RoundingMode = Field(
        default=RoundingMode.DOWN,
        description="端数をどうするか：down 切り捨て／up 切り上げ／nearest 四捨五入。",
        examples=["up"],
    )

    def rounded(self, amount_yen: int) -> int:
        """Return the rounded amount, for an amount of 0 or more."""
        if self.mode is RoundingMode.DOWN:
            return amount_yen // self.to_yen * self.to_yen
        if self.mode is RoundingMode.UP:
            return -(-amount_yen // self.to_yen) * self.to_yen
        return (amount_yen + self.to_yen // 2) // self.to_yen * self.to_yen


class _Off(NamedTuple):
    """What one reduction takes off care and off items, with the label and values of its lines."""

    care_yen: int
    items_yen: int
    label: FeeLabel
    values: Mapping[str, int | str]
    of: Of


class FeeRule(Rule):
    """What a stay costs."""

    age_basis: AgeBasis = Field(
        default=AgeBasis.CLASS_AGE,
        description="料金の行を決める年齢：class_age 年度の4月1日（1年同じ）／on_the_day 利用日／"
        "month_start 利用月の1日／fiscal_year_start 利用年度の4月1日／registration_day 登録の日。",
        examples=["on_the_day"],
    )
    age_reading: AgeReading = Field(
        default=AgeReading.BIRTHDAY,
        description="年齢が上がる日：birthday 誕生日／day_before 誕生日の前の日（法律の数え方）。",
        examples=["day_before"],
    )
    tariff: Tariff = Field(
        description="利用料の表。形（kind）：hourly・half_day・day・blocks・steps・packages。",
        examples=[{"kind": "hourly", "unit_minutes": 60, "bands": [{"yen": 500}]}],
    )
    surcharges: tuple[Surcharge, ...] = Field(
        default=(),
        description="利用料に加えるもの：outside_hours・above_cap・extra。",
        examples=[[{"kind": "extra", "label": "市外の方", "yen": 500}]],
    )
    overrun: OverrunRule | None = Field(
        default=None,
        description="お迎えがおくれたときの料金（実際の時刻で、あとから決まります）。",
        examples=[{"yen": 200, "unit_minutes": 10, "grace_minutes": 5}],
    )
    per_use: tuple[PerUseItem, ...] = Field(
        default=(),
        description="利用1回ごとの食事など（特定費用）。",
        examples=[[{"label": "給食", "yen": 300, "at": "11:30", "without_option": "own_lunch"}]],
    )
    items: tuple[FeeItem, ...] = Field(
        default=(),
        description="そのほかの実費（特定費用）：月・年度ごと、登録のとき、数で決まるものなど。",
        examples=[[{"label": "おむつの処分", "yen": 10, "per": "count", "with_option": "nappies"}]],
    )
    siblings: SiblingReduction | None = Field(
        default=None,
        description="きょうだいの割引。",
        examples=[{"second_percent": 50, "third_percent": 100}],
    )
    reductions: tuple[Reduction, ...] = Field(
        default=(),
        description="減免。combining のとおりに、書いた順で見ます。",
        examples=[[{"marks": ["welfare"], "percent": 100}]],
    )
    combining: Combining = Field(
        default=Combining.BEST,
        description="きょうだい割引と減免がいくつか当てはまるとき：best いちばん安くなる1つ／"
        "stack 順に全部引く／first 先の1つ。",
        examples=["stack"],
    )
    siblings_last: bool = Field(
        default=False,
        description="true：きょうだい割引を減免のあとに見ます。false：先に見ます。",
        examples=[True],
    )
    coupons: tuple[CouponRule, ...] = Field(
        default=(),
        description="使える利用券。割引や減免のあとの額に使います。",
        examples=[[{"code": "ticket", "label": "利用券", "yen": 800}]],
    )
    rounding: Rounding | None = Field(
        default=None,
        description="お子さんごとの利用料（割引のあと）の端数。書かなければ1円まで。",
        examples=[{"to_yen": 10, "mode": "down"}],
    )

    @model_validator(mode="after")
    def _names_each_ticket_once(self) -> Self:
        codes = [coupon.code for coupon in self.coupons]
        if len(set(codes)) < len(codes):
            raise ValueError("each kind of ticket stands once")
        return self

    def fee(self, children: Iterable[ChildFacts], span: Span) -> Fee:
        """Return the fee for all children of one booking, from their births and the times alone.

        A child not yet born on the day has no lines. What hangs on more than that (who asks,
        what was used before) does not count here: ``charging.charge`` knows all of it.
        """
        return self.fee_of(children, PricedStay(span))

    def fee_of(self, children: Iterable[ChildFacts], stay: PricedStay) -> Fee:
        """Return the fee for all children of one booking, from all that is known of the stay."""
        everybody = tuple(children)
        wallet = Wallet(stay)
        return Fee(
            tuple(
                line
                for child in eldest_first(everybody, stay.span)
                for line in self.lines(child, everybody, stay, wallet)
            )
        )

    def lines(
        self, child: ChildFacts, together: Sequence[ChildFacts], stay: PricedStay, wallet: Wallet
    ) -> tuple[FeeLine, ...]:
        """Return the lines of one child who is born.

        Args:
            together: All children of the booking, for the order among brothers and sisters.
            wallet: What tickets are left once the children before this one have paid.
        """
        care = [*self._base(child, stay)]
        base_yen = sum(line.amount_yen for line in care)
        for surcharge in self.surcharges:
            if stay.applies(surcharge.when, child):
                care += surcharge.lines(stay, child, base_yen)
        items = [line for item in (*self.per_use, *self.items) if (line := item.line(stay, child))]
        paid = _Paid(child, base_yen, care, items)
        for off in self._taken_off(child, together, stay, paid):
            paid.take(off)
        for coupon in sorted(self.coupons, key=lambda rule: stay.turn_of(rule.code)):
            self._spend(coupon, stay, wallet, paid)
        if self.rounding is not None:
            paid.round(self.rounding)
        return tuple(paid.lines())

    def _base(
        self, child: ChildFacts, stay: PricedStay, *, fewer_minutes: int = 0
    ) -> Iterator[FeeLine]:
        """Yield the price by the tariff, without the minutes that have a rate of their own."""
        elsewhere = sum(
            surcharge.minutes(stay, child)
            for surcharge in self.surcharges
            if isinstance(surcharge, OutsideHours | AboveCap)
            and surcharge.instead
            and stay.applies(surcharge.when, child)
        )
        minutes = stay.span.minutes - elsewhere - fewer_minutes
        if minutes > 0:
            months = months_for_price(self.age_basis, child, stay.span.day, self.age_reading)
            charged = Charged(child.child_id, months, stay.span, minutes, stay.blocks)
            yield from self.tariff.lines(charged)

    def _taken_off(
        self, child: ChildFacts, together: Sequence[ChildFacts], stay: PricedStay, paid: _Paid
    ) -> Iterator[_Off]:
        """Yield what is taken off, one after the other; each sees what the one before left."""
        rules: list[SiblingReduction | Reduction] = list(self.reductions)
        if self.siblings is not None:
            rules.insert(len(rules) if self.siblings_last else 0, self.siblings)
        if self.combining is Combining.BEST:
            offs = [off for rule in rules if (off := _off(rule, child, together, stay, paid))]
            if offs:
                yield max(offs, key=lambda off: off.care_yen + off.items_yen)
            return
        for rule in rules:
            if off := _off(rule, child, together, stay, paid):
                yield off
                if self.combining is Combining.FIRST:
                    return

    def _spend(self, rule: CouponRule, stay: PricedStay, wallet: Wallet, paid: _Paid) -> None:
        """Pay with as many tickets of a kind as are wanted, left and of use."""
        if paid.is_reduced and not rule.with_reductions:
            return
        usable = wallet.usable(rule, paid.child)
        count = care = items = 0
        # Minutes are worth what care costs, not what comes on top of it.
        of = rule.of if rule.minutes is None else Of.BASE
        while count < usable and (care, items) != (due := paid.due(of)):
            count += 1
            care, items = due
            if rule.yen is not None:
                care = min(due[0], rule.yen * count)
                items = min(due[1], rule.yen * count - care)
            if rule.minutes is not None:
                care = self._worth_of(rule.minutes * count, stay, paid)
        if care or items:
            wallet.spend(rule, paid.child, count)
            values: dict[str, int | str] = {
                "label": rule.label,
                "count": count,
                "code": rule.code,
            }
            paid.take(_Off(care, items, FeeLabel.COUPON, values, of))

    def _worth_of(self, minutes: int, stay: PricedStay, paid: _Paid) -> int:
        """Return what ``minutes`` of the stay cost: the price, less that of the time that is left.

        A price that was reduced is worth the same share of it.
        """
        rest = sum(line.amount_yen for line in self._base(paid.child, stay, fewer_minutes=minutes))
        worth = max(0, paid.base_yen - rest)
        due, _items = paid.due(Of.BASE)
        return -(-due * worth // paid.base_yen) if paid.base_yen else 0


class _Paid:
    """What one child pays, as it is put together. No part of it falls below nothing."""

    def __init__(
        self, child: ChildFacts, base_yen: int, care: list[FeeLine], items: list[FeeLine]
    ) -> None:
        self.child = child
        self.base_yen = base_yen
        self.is_reduced = False
        self._care = care
        self._items = items
        self._taken_yen = 0

    def due(self, of: Of) -> tuple[int, int]:
        """Return what is still to pay of care and of items, as far as ``of`` means them."""
        care = sum(line.amount_yen for line in self._care)
        if of is Of.BASE:
            return min(care, max(0, self.base_yen - self._taken_yen)), 0
        items = sum(line.amount_yen for line in self._items) if of is Of.TOTAL else 0
        return care, items

    def take(self, off: _Off) -> None:
        """Take something off, as lines."""
        is_coupon = off.label is FeeLabel.COUPON
        self.is_reduced = self.is_reduced or not is_coupon
        self._taken_yen += self._of_base(off)
        if off.care_yen:
            self._care.append(FeeLine(off.label, off.values, self.child.child_id, -off.care_yen))
        if off.items_yen:
            label = FeeLabel.ITEM_COUPON if is_coupon else REDUCED[1]
            line = FeeLine(label, off.values, self.child.child_id, -off.items_yen)
            self._items.append(line)

    def _of_base(self, off: _Off) -> int:
        """Return how much is taken off the price without surcharges: its share of the care fee."""
        care, _items = self.due(Of.CARE)
        base, _items = self.due(Of.BASE)
        return off.care_yen if off.of is Of.BASE or not care else off.care_yen * base // care

    def round(self, rounding: Rounding) -> None:
        """Bring the care fee to whole tens or hundreds."""
        care, _items = self.due(Of.CARE)
        if more := rounding.rounded(care) - care:
            values = {"to_yen": rounding.to_yen, "mode": rounding.mode.value}
            self._care.append(FeeLine(FeeLabel.ROUNDING, values, self.child.child_id, more))

    def lines(self) -> Iterator[FeeLine]:
        """Yield the lines of care, then those of items."""
        yield from self._care
        yield from self._items


def _off(
    rule: SiblingReduction | Reduction,
    child: ChildFacts,
    together: Sequence[ChildFacts],
    stay: PricedStay,
    paid: _Paid,
) -> _Off | None:
    """Return what a reduction takes off what is due now; None where it takes nothing."""
    care, items = paid.due(rule.of)
    if isinstance(rule, SiblingReduction):
        if not stay.applies(rule.when, child):
            return None
        born = [one for one in together if one.born_on <= stay.span.day]
        order = rule.order_of(child, born, stay.household.preschoolers, stay.span.day)
        percent = rule.percent_for(order)
        if not percent:
            return None
        label, values = FeeLabel.SIBLING_REDUCTION, {"order": order, "percent": percent}
        # A broken yen goes to the family.
        return _Off(-(-care * percent // 100), -(-items * percent // 100), label, values, rule.of)
    if not rule.applies(stay, child):
        return None
    both = rule.off(care + items, stay.span.minutes)
    of_care = min(care, rule.off(care, stay.span.minutes) if rule.percent else both)
    named: dict[str, int | str] = {"label": rule.label, **_how(rule)}
    return _Off(of_care, both - of_care, REDUCED[0], named, rule.of)


def _how(rule: Reduction) -> dict[str, int | str]:
    return {"percent": rule.percent} if rule.percent is not None else {}


def eldest_first(children: Iterable[ChildFacts], span: Span) -> list[ChildFacts]:
    """Return the children who are born on the day of the stay, the eldest first."""
    born = [child for child in children if child.born_on <= span.day]
    return sorted(born, key=lambda child: (child.born_on, child.child_id))
