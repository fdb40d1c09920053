"""Kind G17, coupons: tickets that pay for a stay, how much of it, and who may spend them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from portal.policies.facts import ChildFacts, Coupon
from portal.policies.fee_lines import Fee, FeeLabel, Yen
from portal.policies.priced import PricedStay
from portal.policies.reductions import Of
from portal.policies.rule import Rule
from portal.policies.variants import VariantWhen

#: The lines of a fee that tickets pay.
PAID_BY_TICKET = frozenset({FeeLabel.COUPON, FeeLabel.ITEM_COUPON})


class CouponRule(Rule):
    """A kind of ticket that is taken here.

    Exactly one of ``pays_all``, ``yen`` and ``minutes`` says what one ticket pays. No change is
    given: what a ticket is worth beyond the fee is lost.
    """

    code: str = Field(
        min_length=1, max_length=40, description="利用券の種類のコード。", examples=["trial_ticket"]
    )
    label: str = Field(
        min_length=1, max_length=40, description="明細に出る名前。", examples=["おためし券"]
    )
    pays_all: bool = Field(
        default=False, description="true：1枚で1回の利用料の全部を払えます。", examples=[True]
    )
    yen: Yen | None = Field(default=None, description="1枚の額（円）。", examples=[800])
    minutes: int | None = Field(
        default=None,
        ge=5,
        le=1440,
        description="1枚で払える時間（分）。残りの時間の料金を払います。",
        examples=[60],
    )
    of: Of = Field(
        default=Of.CARE,
        description="何に使えるか（care 利用料だけ、total 食事なども）。",
        examples=["total"],
    )
    most_per_use: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="1回の利用（お子さん1人）に使える枚数。書かなければ何枚でも。",
        examples=[1],
    )
    with_reductions: bool = Field(
        default=True,
        description="false：減免やきょうだい割引がある利用には使えません。",
        examples=[False],
    )
    when: VariantWhen | None = Field(
        default=None,
        description="だれが、どんな利用に使えるか（variants の when と同じ書き方）。"
        "誕生日までの期限は ages で書きます。書かなければだれでも。",
        examples=[{"ages": {"below_months": 36}}],
    )

    @model_validator(mode="after")
    def _is_one_worth(self) -> Self:
        if self.pays_all + (self.yen is not None) + (self.minutes is not None) != 1:
            raise ValueError("a ticket is one of pays_all, yen and minutes")
        if self.minutes is not None and self.of is Of.TOTAL:
            raise ValueError("minutes pay for care alone")
        return self


class Wallet:
    """The tickets that a family wants to spend on one stay, getting fewer child by child.

    Each code in ``stay.coupons`` is one ticket for each child that may spend it. A ticket in the
    name of one child is spent before one of the whole family.
    """

    def __init__(self, stay: PricedStay) -> None:
        self._stay = stay
        self._left = [coupon.left for coupon in stay.household.coupons]

    def usable(self, rule: CouponRule, child: ChildFacts) -> int:
        """Return how many tickets of a kind this child may spend on the stay."""
        if not self._stay.applies(rule.when, child):
            return 0
        left = sum(self._left[number] for number in self._of(rule, child))
        wanted = Counter(self._stay.coupons)[rule.code]
        return min(left, wanted, wanted if rule.most_per_use is None else rule.most_per_use)

    def spend(self, rule: CouponRule, child: ChildFacts, count: int) -> None:
        """Take ``count`` tickets out; there must be as many."""
        for number in self._of(rule, child):
            taken = min(count, self._left[number])
            self._left[number] -= taken
            count -= taken

    def _of(self, rule: CouponRule, child: ChildFacts) -> list[int]:
        return places_of(
            self._stay.household.coupons, rule.code, child.child_id, self._stay.span.day
        )


def places_of(coupons: Sequence[Coupon], code: str, child_id: uuid.UUID, day: date) -> list[int]:
    """Return the places of the tickets that a child may spend on a day, its own first."""
    mine = [n for n, coupon in enumerate(coupons) if coupon.pays_for(code, child_id, day)]
    return sorted(mine, key=lambda n: coupons[n].child_id is None)


@dataclass(frozen=True, slots=True)
class Spent:
    """How many tickets one child's stay spends of those known by ``key``."""

    code: str
    key: str
    count: int


def spent_by(
    fee: Fee, coupons: Sequence[Coupon], children: Sequence[uuid.UUID], day: date
) -> dict[uuid.UUID, tuple[Spent, ...]]:
    """Return which of the household's tickets the lines of a fee spend, child by child.

    Args:
        fee: As it was charged with ``coupons`` at hand, on this local day.
        children: Those whose lines stand in it.
    """
    left = [coupon.left for coupon in coupons]
    found: dict[uuid.UUID, list[Spent]] = {child_id: [] for child_id in children}
    told: set[tuple[uuid.UUID | None, str]] = set()
    for line in fee.lines:
        kind = (line.child_id, str(line.values.get("code")))
        # What a ticket pays of care and of items stands in two lines.
        if line.label_code not in PAID_BY_TICKET or kind in told or line.child_id is None:
            continue
        told.add(kind)
        count = int(line.values["count"])
        for place in places_of(coupons, kind[1], line.child_id, day):
            taken = min(count, left[place])
            if taken:
                found[line.child_id].append(Spent(kind[1], coupons[place].key, taken))
            left[place] -= taken
            count -= taken
    return {child_id: tuple(spent) for child_id, spent in found.items()}
