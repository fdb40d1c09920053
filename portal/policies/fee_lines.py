"""A fee as lines: a code with what its words need, and whole yen."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

Yen = Annotated[int, Field(ge=0, le=1_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class FeeLabel(StrEnum):
    """What a line of a fee is for."""

    # the price of care by the tariff
    CARE_HOURLY = "care_hourly"
    CARE_HALF_DAY = "care_half_day"
    CARE_DAY = "care_day"
    CARE_BLOCK = "care_block"
    CARE_STEP = "care_step"
    CARE_PACKAGE = "care_package"
    CARE_MOST = "care_most"
    CARE_LEAST = "care_least"
    TRIAL_CARE = "trial_care"
    # what comes on top of it
    SURCHARGE = "surcharge"
    # what is taken off it
    SIBLING_REDUCTION = "sibling_reduction"
    REDUCTION = "reduction"
    COUPON = "coupon"
    ROUNDING = "rounding"
    # meals, nappies and the like
    PER_USE = "per_use"
    ITEM = "item"
    ITEM_REDUCTION = "item_reduction"
    ITEM_COUPON = "item_coupon"


#: Lines of 特定費用 such as meals, which a receipt tells apart.
ITEM_LABELS = frozenset(
    {FeeLabel.PER_USE, FeeLabel.ITEM, FeeLabel.ITEM_REDUCTION, FeeLabel.ITEM_COUPON}
)

#: Lines of the care fee (利用料).
CARE_LABELS = frozenset(FeeLabel) - ITEM_LABELS

#: Lines that change when a brother or sister no longer comes, or whose order decides.
SIBLING_LABELS = frozenset({FeeLabel.SIBLING_REDUCTION})

FEE_LABEL_WORDS: Mapping[FeeLabel, str] = MappingProxyType(
    {
        FeeLabel.CARE_HOURLY: "時間ごとの利用料",
        FeeLabel.CARE_HALF_DAY: "半日の利用料",
        FeeLabel.CARE_DAY: "1日の利用料",
        FeeLabel.CARE_BLOCK: "区分（午前・午後など）の利用料",
        FeeLabel.CARE_STEP: "長さの段階で決まる利用料",
        FeeLabel.CARE_PACKAGE: "長さの組み合わせで決まる利用料",
        FeeLabel.CARE_MOST: "1回の上限までにする値引き",
        FeeLabel.CARE_LEAST: "1回の最低額までの追加",
        FeeLabel.TRIAL_CARE: "ならし預かりの利用料",
        FeeLabel.SURCHARGE: "利用料への追加（時間外・延長など）",
        FeeLabel.SIBLING_REDUCTION: "きょうだい割引",
        FeeLabel.REDUCTION: "利用料の減免",
        FeeLabel.COUPON: "利用券（利用料の分）",
        FeeLabel.ROUNDING: "端数の調整",
        FeeLabel.PER_USE: "1回ごとの実費（食事など）",
        FeeLabel.ITEM: "実費（月・年ごと、または数で決まるもの）",
        FeeLabel.ITEM_REDUCTION: "実費の減免",
        FeeLabel.ITEM_COUPON: "利用券（実費の分）",
    }
)


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line: a code with what its words need, and whole yen (reductions are negative)."""

    label_code: FeeLabel
    values: Mapping[str, int | str]
    child_id: uuid.UUID
    amount_yen: int


@dataclass(frozen=True, slots=True)
class Fee:
    """What a stay costs, its lines grouped by child, the eldest first."""

    lines: tuple[FeeLine, ...] = ()
    total_yen: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total_yen", sum(line.amount_yen for line in self.lines))

    @property
    def care_yen(self) -> int:
        """The care fee after reductions, without meals and other items (利用料)."""
        return sum(line.amount_yen for line in self.lines if line.label_code in CARE_LABELS)

    @property
    def items_yen(self) -> int:
        """Meals and other items after reductions (特定費用)."""
        return self.total_yen - self.care_yen

    def for_child(self, child_id: uuid.UUID, *, known_as: uuid.UUID | None = None) -> Fee:
        """Return the part of one child; its lines may name the child as another record knows it."""
        its = (line for line in self.lines if line.child_id == child_id)
        return Fee(tuple(replace(line, child_id=known_as or child_id) for line in its))

    def as_json(self) -> list[dict[str, object]]:
        """Return the lines as plain data, for keeping them with a booking."""
        return [
            {
                "label_code": line.label_code.value,
                "values": dict(line.values),
                "child_id": str(line.child_id),
                "amount_yen": line.amount_yen,
            }
            for line in self.lines
        ]

    @classmethod
    def from_json(cls, lines: Iterable[Mapping[str, object]]) -> Fee:
        """Return the fee that ``as_json`` wrote.

        Raises:
            KeyError, ValueError, TypeError: it did not.
        """
        read = []
        for line in lines:
            values, amount = line["values"], line["amount_yen"]
            if not isinstance(values, Mapping) or not isinstance(amount, int):
                raise TypeError(f"not a fee line: {line}")
            label, child = FeeLabel(str(line["label_code"])), uuid.UUID(str(line["child_id"]))
            read.append(FeeLine(label, dict(values), child, amount))
        return cls(tuple(read))


def units_of(minutes: int, unit_minutes: int) -> int:
    """Return how many units of time have been started."""
    return -(-minutes // unit_minutes)
