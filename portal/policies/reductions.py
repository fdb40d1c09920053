"""Kind G17, reduction: who pays less, how much, and which of several reductions counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from portal.kernel.age import class_age, fiscal_year
from portal.policies.facts import ChildFacts, Mark
from portal.policies.fee_lines import FeeLabel, Percent, Yen, units_of
from portal.policies.priced import PricedStay
from portal.policies.rule import Rule
from portal.policies.variants import DaySpan, VariantWhen

#: Class age from which a child goes to school.
_SCHOOL = 6


class Of(StrEnum):
    """What is reduced."""

    BASE = "base"
    CARE = "care"
    TOTAL = "total"


OF_WORDS: Mapping[Of, str] = MappingProxyType(
    {
        Of.BASE: "利用料（時間外などの加算は除く）",
        Of.CARE: "利用料（加算も含む。食事などは除く）",
        Of.TOTAL: "利用料と食事などの全部",
    }
)


class Combining(StrEnum):
    """Which reductions count where several could."""

    BEST = "best"
    STACK = "stack"
    FIRST = "first"


COMBINING_WORDS: Mapping[Combining, str] = MappingProxyType(
    {
        Combining.BEST: "いくつか当てはまるときは、いちばん安くなる1つだけを使います",
        Combining.STACK: "いくつか当てはまるときは、書いた順に、残りの額から引きます",
        Combining.FIRST: "いくつか当てはまるときは、書いた順で先の1つだけを使います",
    }
)


class Retroactive(StrEnum):
    """From when a circumstance that was shown lowers the price."""

    NONE = "none"
    MONTH = "month"
    FISCAL_YEAR = "fiscal_year"


RETROACTIVE_WORDS: Mapping[Retroactive, str] = MappingProxyType(
    {
        Retroactive.NONE: "確かめた日（有効期間のはじめ）から。さかのぼりません",
        Retroactive.MONTH: "確かめた月の1日にさかのぼって",
        Retroactive.FISCAL_YEAR: "確かめた年度の4月1日にさかのぼって",
    }
)


class SiblingOrder(StrEnum):
    """Among whom brothers and sisters are counted."""

    BOOKING = "booking"
    PRESCHOOLERS = "preschoolers"


SIBLING_ORDER_WORDS: Mapping[SiblingOrder, str] = MappingProxyType(
    {
        SiblingOrder.BOOKING: "いっしょに預けるお子さんのなかで数える",
        SiblingOrder.PRESCHOOLERS: "小学校に入る前のお子さん全員で数える（預けないお子さんも）",
    }
)


class SiblingReduction(Rule):
    """Percent taken off the care fee of the second child, and of the third and later.

    Children are ordered by age, the eldest first and at full price. Twins are ordered by their
    ids, so that the same one is first each time.
    """

    second_percent: Percent = Field(
        default=50, description="2人目の割引（%）。100は無料。", examples=[50]
    )
    third_percent: Percent = Field(
        default=100, description="3人目からの割引（%）。100は無料。", examples=[100]
    )
    order_by: SiblingOrder = Field(
        default=SiblingOrder.BOOKING,
        description="何人目かを、いっしょに預けるお子さんで数える（booking）か、"
        "小学校に入る前のお子さん全員で数える（preschoolers）か。",
        examples=["preschoolers"],
    )
    youngest_first: bool = Field(
        default=False,
        description="true：いちばん小さい子を1人目と数えます。false：いちばん大きい子から。",
        examples=[True],
    )
    of: Of = Field(
        default=Of.CARE, description="何から引くか（base・care・total）。", examples=["base"]
    )
    when: VariantWhen | None = Field(
        default=None,
        description="どんな利用だけか（variants の when と同じ書き方）。書かなければいつも。",
        examples=[{"purposes": ["irregular"]}],
    )

    def percent_for(self, order: int) -> int:
        """Return the percent for the first (1), second (2) … child."""
        return (0, self.second_percent, self.third_percent)[min(order, 3) - 1]

    def order_of(
        self, child: ChildFacts, together: Sequence[ChildFacts], known: Sequence[date], day: date
    ) -> int:
        """Return which child it is: 1 for the first.

        Args:
            together: The children of the booking who are born.
            known: Birth dates of all children before school, those of the booking or not.
        """
        mine = (child.born_on, child.child_id)
        booked = [(other.born_on, other.child_id) for other in together]
        before = sum(one > mine if self.youngest_first else one < mine for one in booked)
        if self.order_by is SiblingOrder.PRESCHOOLERS:
            # A twin who stays at home stands behind the one who comes.
            others = _others(known, together, day)
            before += sum(
                born_on > child.born_on if self.youngest_first else born_on < child.born_on
                for born_on in others
            )
        return before + 1


def _others(known: Sequence[date], together: Sequence[ChildFacts], day: date) -> list[date]:
    """Return the births of children before school who are not in the booking."""
    rest = [born_on for born_on in known if born_on <= day and class_age(born_on, day) < _SCHOOL]
    for child in together:
        if child.born_on in rest:
            rest.remove(child.born_on)
    return rest


class Within(StrEnum):
    """The time in which the first uses are counted."""

    EVER = "ever"
    MONTH = "month"
    FISCAL_YEAR = "fiscal_year"


WITHIN_WORDS: Mapping[Within, str] = MappingProxyType(
    {
        Within.EVER: "これまでの全部",
        Within.MONTH: "その月",
        Within.FISCAL_YEAR: "その年度",
    }
)


class Reduction(Rule):
    """Less to pay for whom it is meant: all that is given must be so.

    Exactly one of ``percent``, ``off_yen`` and ``pays_yen`` says how much. A price never falls
    below nothing. A broken yen goes to the family.
    """

    label: str = Field(
        default="減免",
        min_length=1,
        max_length=40,
        description="明細と説明に出る名前。家庭の事情が人に知れない言い方にします。",
        examples=["減免A"],
    )
    marks: tuple[str, ...] = Field(
        default=(),
        description="対象になる事情のコード。どれか1つでよい（welfare 生活保護、tax_exempt 非課税、"
        "multiple_birth 多胎、juror 裁判員 など。コードは自由に決められます）。",
        examples=[["welfare"]],
    )
    tax_below_yen: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="世帯の市町村民税所得割額がこの額より少ないとき（円。ちょうどは対象外）。",
        examples=[77101],
    )
    when: VariantWhen | None = Field(
        default=None,
        description="どんな利用だけか（variants の when と同じ書き方）。書かなければいつも。",
        examples=[{"purposes": ["irregular", "emergency"]}],
    )
    first_uses: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="はじめの何回までか（within のあいだに）。when に合わない利用も数えます。"
        "書かなければ何回でも。",
        examples=[2],
    )
    within: Within = Field(
        default=Within.EVER,
        description="first_uses を数えるあいだ：ever これまで全部／month 月／fiscal_year 年度。",
        examples=["fiscal_year"],
    )
    percent: int | None = Field(
        default=None, ge=1, le=100, description="引く割合（%）。100は無料。", examples=[50]
    )
    off_yen: Yen | None = Field(
        default=None,
        description="引く額（円）。unit_minutes があれば1単位ごと。",
        examples=[500],
    )
    pays_yen: Yen | None = Field(
        default=None,
        description="払う額（円）。ふつうの料金の代わりにこの額。unit_minutes があれば1単位ごと。",
        examples=[60],
    )
    unit_minutes: int | None = Field(
        default=None,
        ge=5,
        le=1440,
        description="off_yen・pays_yen が何分ごとの額か。書かなければ1回の利用の額。",
        examples=[60],
    )
    of: Of = Field(
        default=Of.CARE, description="何から引くか（base・care・total）。", examples=["total"]
    )
    needs_proof: bool = Field(
        default=True,
        description="marks の事情について、true：証明を見せた（確かめた）ときだけ引きます。"
        "false：申し出だけで引きます。所得割の額（tax_below_yen）は、職員が書類を見て入れた"
        "ものだけを使うので、いつも確かめたものです。",
        examples=[False],
    )
    proof: str | None = Field(
        default=None,
        max_length=40,
        description="見せる証明の種類のコード。書くと、その証明の有効期間の日だけ引きます。",
        examples=["income_certificate"],
    )
    retroactive: Retroactive = Field(
        default=Retroactive.NONE,
        description="確かめる前の利用にさかのぼるか：none／month その月のはじめから／"
        "fiscal_year その年度のはじめから。",
        examples=["month"],
    )
    days: DaySpan | None = Field(
        default=None,
        description="この減免を行う期間（利用日で見ます。両端の日を含む）。",
        examples=[{"from": "2026-04-01", "until": "2027-03-31"}],
    )

    @model_validator(mode="after")
    def _is_one_amount(self) -> Self:
        given = [self.percent, self.off_yen, self.pays_yen]
        if sum(amount is not None for amount in given) != 1:
            raise ValueError("a reduction is one of percent, off_yen and pays_yen")
        if self.percent is not None and self.unit_minutes is not None:
            raise ValueError("a percentage is not taken by the unit")
        return self

    def applies(self, stay: PricedStay, child: ChildFacts) -> bool:
        """Say whether the child pays less on the day of its stay."""
        day = stay.span.day
        return (
            (self.days is None or self.days.holds(day))
            and (not self.marks or self._is_marked(stay, child, proven=self.needs_proof))
            and self._is_below_line(stay)
            and self._is_shown(stay)
            and self._is_early_enough(stay, child)
            and stay.applies(self.when, child)
        )

    def waits_for_proof(self, stay: PricedStay, child: ChildFacts) -> bool:
        """Say whether nothing but a proof is missing for this child to pay less."""
        shown = self.model_copy(update={"needs_proof": False, "proof": None})
        return shown.applies(stay, child) and not self.applies(stay, child)

    def off(self, amount_yen: int, minutes: int) -> int:
        """Return what is taken off an amount: 0 to all of it."""
        if self.percent is not None:
            return -(-amount_yen * self.percent // 100)
        units = 1 if self.unit_minutes is None else units_of(minutes, self.unit_minutes)
        if self.off_yen is not None:
            return min(amount_yen, self.off_yen * units)
        return max(0, amount_yen - (self.pays_yen or 0) * units)

    def _is_marked(self, stay: PricedStay, child: ChildFacts, *, proven: bool) -> bool:
        return any(
            mark.code in self.marks
            and self._holds(mark, stay.span.day)
            and (mark.is_proven or not proven)
            for mark in (*child.marks, *stay.household.marks)
        )

    def _holds(self, mark: Mark, day: date) -> bool:
        since = self._since(mark.valid_from)
        return (since is None or since <= day) and (
            mark.valid_until is None or day <= mark.valid_until
        )

    def _since(self, valid_from: date | None) -> date | None:
        if valid_from is None or self.retroactive is Retroactive.NONE:
            return valid_from
        if self.retroactive is Retroactive.MONTH:
            return valid_from.replace(day=1)
        return date(fiscal_year(valid_from), 4, 1)

    def _is_below_line(self, stay: PricedStay) -> bool:
        if self.tax_below_yen is None:
            return True
        tax = stay.household.tax_yen
        return tax is not None and tax < self.tax_below_yen

    def _is_shown(self, stay: PricedStay) -> bool:
        if self.proof is None:
            return True
        return any(
            paper.kind == self.proof
            and (self._since(paper.valid_from) or stay.span.day) <= stay.span.day
            and (paper.valid_until is None or stay.span.day <= paper.valid_until)
            for paper in stay.household.papers
        )

    def _is_early_enough(self, stay: PricedStay, child: ChildFacts) -> bool:
        if self.first_uses is None:
            return True
        day = stay.span.day
        counted = [use.day for use in stay.uses(child)]
        if self.within is Within.MONTH:
            counted = [one for one in counted if (one.year, one.month) == (day.year, day.month)]
        if self.within is Within.FISCAL_YEAR:
            counted = [one for one in counted if fiscal_year(one) == fiscal_year(day)]
        return len(counted) < self.first_uses


#: The line of a reduction of care, and of the same reduction of meals and the like.
REDUCED = (FeeLabel.REDUCTION, FeeLabel.ITEM_REDUCTION)
