"""Kinds G16 and G17 (its first part), fee: what a stay costs, line by line."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from portal.kernel.age import age, class_age
from portal.kernel.spans import Span
from portal.policies.facts import ChildFacts
from portal.policies.rule import ClockTime, Rule, moment_on

Yen = Annotated[int, Field(ge=0, le=1_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]


class FeeLabel(StrEnum):
    """What a line of a fee is for."""

    CARE_HOURLY = "care_hourly"
    CARE_HALF_DAY = "care_half_day"
    CARE_DAY = "care_day"
    SIBLING_REDUCTION = "sibling_reduction"
    PER_USE = "per_use"
    TRIAL_CARE = "trial_care"


#: Lines of the care fee (利用料); the others are 特定費用 such as meals.
CARE_LABELS = frozenset(FeeLabel) - {FeeLabel.PER_USE}


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
        """The care fee after reductions, without meals and other items per use."""
        return sum(line.amount_yen for line in self.lines if line.label_code in CARE_LABELS)

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


class AgeBasis(StrEnum):
    """Which age picks the band."""

    CLASS_AGE = "class_age"  # as on 1 April, all year
    ON_THE_DAY = "on_the_day"  # completed years on the day of care


class _Band(Rule):
    """Children younger than ``below_age``; None is everyone else, and stands last."""

    below_age: int | None = Field(default=None, ge=1, le=12)


B = TypeVar("B", bound=_Band)


class HourlyBand(_Band):
    """Price of a started unit for an age band."""

    yen: Yen


class HalfDayBand(_Band):
    """Prices of half a day and a day for an age band."""

    half_day_yen: Yen
    day_yen: Yen

    @model_validator(mode="after")
    def _day_costs_no_less(self) -> HalfDayBand:
        if self.day_yen < self.half_day_yen:
            raise ValueError("a day costs no less than half a day")
        return self


class HourlyTariff(Rule):
    """So much for each started unit, an hour unless said otherwise."""

    kind: Literal["hourly"] = "hourly"
    unit_minutes: int = Field(default=60, ge=5, le=1440)
    bands: tuple[HourlyBand, ...]

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        _check_bands(self.bands)
        return self

    def line(self, child_id: uuid.UUID, age: int, span: Span) -> FeeLine:
        """Return the care fee of one child."""
        units = -(-span.minutes // self.unit_minutes)
        yen = band_of(self.bands, age).yen
        values = {"unit_yen": yen, "units": units, "unit_minutes": self.unit_minutes}
        return FeeLine(FeeLabel.CARE_HOURLY, values, child_id, yen * units)


class HalfDayTariff(Rule):
    """Half a day up to and including ``half_day_minutes``, a day beyond."""

    kind: Literal["half_day"] = "half_day"
    half_day_minutes: int = Field(ge=30, le=1440)
    bands: tuple[HalfDayBand, ...]

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        _check_bands(self.bands)
        return self

    def line(self, child_id: uuid.UUID, age: int, span: Span) -> FeeLine:
        """Return the care fee of one child."""
        band = band_of(self.bands, age)
        if span.minutes <= self.half_day_minutes:
            return FeeLine(FeeLabel.CARE_HALF_DAY, {}, child_id, band.half_day_yen)
        return FeeLine(FeeLabel.CARE_DAY, {}, child_id, band.day_yen)


Tariff = Annotated[HourlyTariff | HalfDayTariff, Field(discriminator="kind")]


class PerUseItem(Rule):
    """A meal, snack or the like. With ``at`` only for a child who is there at that time.

    Arriving at that minute counts, leaving at it does not.
    """

    label: str = Field(min_length=1, max_length=40)
    yen: Yen
    at: ClockTime | None = None

    def applies_to(self, span: Span) -> bool:
        """Say whether the stay needs the item."""
        if self.at is None:
            return True
        return span.starts_at <= moment_on(span.day, self.at) < span.ends_at


class SiblingReduction(Rule):
    """Percent taken off the care fee of the second child, and of the third and later.

    Children of one booking are ordered by age, the eldest first and at full price.
    """

    second_percent: Percent = 50
    third_percent: Percent = 100

    def percent_for(self, order: int) -> int:
        """Return the percent for the first (1), second (2) … child."""
        return (0, self.second_percent, self.third_percent)[min(order, 3) - 1]


class FeeRule(Rule):
    """What a stay costs."""

    age_basis: AgeBasis = AgeBasis.CLASS_AGE
    tariff: Tariff
    per_use: tuple[PerUseItem, ...] = ()
    siblings: SiblingReduction | None = None

    def fee(self, children: Iterable[ChildFacts], span: Span) -> Fee:
        """Return the fee for all children of one booking.

        A child not yet born on the day has no lines.
        """
        lines: list[FeeLine] = []
        born = [child for child in children if child.born_on <= span.day]
        by_age = sorted(born, key=lambda child: (child.born_on, child.child_id))
        for order, child in enumerate(by_age, start=1):
            care = self.tariff.line(child.child_id, self._age(child.born_on, span.day), span)
            lines.append(care)
            percent = self.siblings.percent_for(order) if self.siblings else 0
            if percent:
                # A broken yen goes to the family.
                off = -(-care.amount_yen * percent // 100)
                values = {"order": order, "percent": percent}
                lines.append(FeeLine(FeeLabel.SIBLING_REDUCTION, values, child.child_id, -off))
            lines += [
                FeeLine(FeeLabel.PER_USE, {"label": item.label}, child.child_id, item.yen)
                for item in self.per_use
                if item.applies_to(span)
            ]
        return Fee(tuple(lines))

    def _age(self, born_on: date, day: date) -> int:
        return (
            class_age(born_on, day) if self.age_basis is AgeBasis.CLASS_AGE else age(born_on, day)
        )


def band_of(bands: Sequence[B], age: int) -> B:
    """Return the band that an age in completed years or of classes falls in."""
    return next(band for band in bands if band.below_age is None or age < band.below_age)


def _check_bands(bands: Sequence[_Band]) -> None:
    limits = [band.below_age for band in bands]
    if not limits or limits[-1] is not None:
        raise ValueError("the last band has no upper age")
    known = [limit for limit in limits[:-1] if limit is not None]
    if len(known) != len(limits) - 1 or known != sorted(set(known)):
        raise ValueError("bands go up by age, and only the last one is open")
