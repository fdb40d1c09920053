"""How many staff the children of a moment need, by the national ratios. Advice, not law. Pure.

*Source:* 児童福祉施設の設備及び運営に関する基準 33条 2項 (ratios; 15:1 and 25:1 since 2024-04-01,
20:1 and 30:1 before); 児童福祉法施行規則 36条の35 (temporary care: never fewer than two). Cities
set stricter ones, and round in their own way: both are settings, dated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from enum import StrEnum

from portal.slots.classes import CLASSES, Band, fits
from portal.slots.rules import PoolKind


class Rounding(StrEnum):
    """How the shares of the classes become persons."""

    #: Each share to one decimal, the rest cut off; the sum rounded, five upwards.
    SUM_OF_TENTHS = "sum_of_tenths"
    #: The sum of the exact shares, a started person counting whole.
    SUM_UP = "sum_up"


class Advice(StrEnum):
    """Whether the staff on duty are enough."""

    ENOUGH = "enough"  # 足りる
    TIGHT = "tight"  # 余裕なし
    SHORT = "short"  # 足りない


@dataclass(frozen=True, slots=True)
class Standard:
    """Ratios in force from a day: children for one person, by class age from 0."""

    in_force_from: date
    children_per_person: tuple[int, int, int, int, int, int]
    at_least: int = 2
    rounding: Rounding = Rounding.SUM_OF_TENTHS

    def needed(self, children: Mapping[int, int]) -> int:
        """Return how many persons children by class age need; nobody where there are none."""
        if not any(children.values()):
            return 0
        shares = [
            Decimal(number) / self.children_per_person[age] for age, number in children.items()
        ]
        if self.rounding is Rounding.SUM_OF_TENTHS:
            tenths = [share.quantize(Decimal("0.1"), ROUND_DOWN) for share in shares]
            persons = sum(tenths, Decimal(0)).quantize(Decimal(1), ROUND_HALF_UP)
        else:
            # Thirds add up to a hair less or more than a whole: that hair is not a person.
            exact = sum(shares, Decimal(0)).quantize(Decimal("0.000001"))
            persons = exact.quantize(Decimal(1), ROUND_UP)
        return max(self.at_least, int(persons))


#: The national ratios, oldest first.
NATIONAL = (
    Standard(date(1998, 4, 1), (3, 6, 6, 20, 30, 30)),
    Standard(date(2024, 4, 1), (3, 6, 6, 15, 25, 25)),
)


def standard_on(day: date, standards: Sequence[Standard] = NATIONAL) -> Standard:
    """Return the standard in force on ``day``; before the first, the first."""
    in_force = [standard for standard in standards if standard.in_force_from <= day]
    return max(in_force or standards[:1], key=lambda standard: standard.in_force_from)


def advice(on_duty: int, needed: int) -> Advice:
    """Return whether ``on_duty`` persons are enough; exactly enough leaves nobody to spare."""
    if on_duty < needed:
        return Advice.SHORT
    return Advice.TIGHT if needed and on_duty == needed else Advice.ENOUGH


def fullest(places: Iterable[tuple[Band, int]]) -> dict[int, int]:
    """Return the children by class age who need most staff when every place is taken.

    The youngest first, as far as their bands and the totals let them.
    """
    bands, left = [], []
    for band, number in places:
        bands.append(band)
        left.append(number)
    found: dict[int, int] = {}
    for age in CLASSES:
        limits = [n for n, band in enumerate(bands) if fits(band, age)]
        if not any(bands[n].kind is PoolKind.TOTAL for n in limits):
            continue
        found[age] = min(left[n] for n in limits)
        for n in limits:
            left[n] -= found[age]
    return found
