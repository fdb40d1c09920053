"""Kind G16, the price by the hour: started units, rates that change with length, limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, Self

from pydantic import Field, model_validator

from portal.policies.charged import Charged, Minutes
from portal.policies.fee_ages import Band, band_of, check_bands
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen, units_of
from portal.policies.rule import Rule


class RateChange(StrEnum):
    """What a rate that changes with the length of a stay is paid for."""

    MARGINAL = "marginal"  # the part beyond the limit
    WHOLE_STAY = "whole_stay"  # all of the stay, once it is longer


RATE_CHANGE_WORDS: Mapping[RateChange, str] = MappingProxyType(
    {
        RateChange.MARGINAL: "こえた分だけ、新しい単価になる",
        RateChange.WHOLE_STAY: "こえたら、はじめからの全部が新しい単価になる",
    }
)


class LaterRate(Rule):
    """The rate of a longer stay."""

    after_minutes: int = Field(
        ge=5, le=1440, description="この分をこえたら（ちょうどは前の単価）。", examples=[240]
    )
    yen: Yen = Field(description="そのときの1単位の料金（円）。", examples=[800])


class HourlyBand(Band):
    """Price of a started unit for an age band."""

    yen: Yen = Field(description="1単位（unit_minutes）の料金（円）。", examples=[500])
    then: tuple[LaterRate, ...] = Field(
        default=(),
        description="長くなると変わる単価。短いほうから並べます。",
        examples=[[{"after_minutes": 240, "yen": 800}]],
    )
    min_yen: Yen | None = Field(
        default=None, description="1回の利用料の最低額（円）。", examples=[500]
    )
    max_yen: Yen | None = Field(
        default=None, description="1回の利用料の上限（円）。", examples=[3000]
    )

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        limits = [rate.after_minutes for rate in self.then]
        if limits != sorted(set(limits)):
            raise ValueError("rates go up by length")
        if self.min_yen is not None and self.max_yen is not None and self.max_yen < self.min_yen:
            raise ValueError("the least price is more than the greatest")
        return self

    def rate_from(self, minutes: int) -> int:
        """Return the price of a unit that begins ``minutes`` into the stay."""
        passed = [rate.yen for rate in self.then if minutes >= rate.after_minutes]
        return passed[-1] if passed else self.yen

    def rate_of(self, minutes: int) -> int:
        """Return the price of every unit of a stay that long."""
        passed = [rate.yen for rate in self.then if minutes > rate.after_minutes]
        return passed[-1] if passed else self.yen


class HourlyTariff(Rule):
    """So much for each started unit, an hour unless said otherwise."""

    kind: Literal["hourly"] = Field(default="hourly", description="時間ごと。")
    unit_minutes: Minutes = Field(
        default=60, description="何分ごとの料金か。はじまった分は1つと数えます。", examples=[30]
    )
    min_minutes: int = Field(
        default=0,
        ge=0,
        le=1440,
        description="短くても、この分だけ利用したものとして数えます。",
        examples=[60],
    )
    grace_minutes: int = Field(
        default=0,
        ge=0,
        le=720,
        description="最後の1単位は、この分以下なら数えません（はじめの1単位は必ず数えます）。",
        examples=[10],
    )
    rate_change: RateChange = Field(
        default=RateChange.MARGINAL,
        description="then で単価が変わるとき、こえた分だけか（marginal）、全部か（whole_stay）。",
        examples=["whole_stay"],
    )
    bands: tuple[HourlyBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"below_age": 3, "yen": 500}, {"yen": 400}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        if self.grace_minutes >= self.unit_minutes:
            raise ValueError("the grace is shorter than the unit")
        return self

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child, a line for each rate."""
        band = band_of(self.bands, charged.months)
        total = 0
        for yen, units in self._rates(band, charged.minutes):
            total += yen * units
            yield charged.line(
                FeeLabel.CARE_HOURLY,
                yen * units,
                unit_yen=yen,
                units=units,
                unit_minutes=self.unit_minutes,
            )
        if band.max_yen is not None and total > band.max_yen:
            yield charged.line(FeeLabel.CARE_MOST, band.max_yen - total, yen=band.max_yen)
        if band.min_yen is not None and total < band.min_yen:
            yield charged.line(FeeLabel.CARE_LEAST, band.min_yen - total, yen=band.min_yen)

    def _rates(self, band: HourlyBand, minutes: int) -> list[tuple[int, int]]:
        """Return each rate with its number of units, in the order of the stay."""
        counted = max(minutes, self.min_minutes)
        units = max(1, units_of(counted - self.grace_minutes, self.unit_minutes))
        if self.rate_change is RateChange.WHOLE_STAY:
            # Minutes that are not counted make the others no dearer.
            return [(band.rate_of(min(counted, units * self.unit_minutes)), units)]
        found: dict[int, int] = {}
        for number in range(units):
            yen = band.rate_from(number * self.unit_minutes)
            found[yen] = found.get(yen, 0) + 1
        return list(found.items())
