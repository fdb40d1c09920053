"""Kind G16, the price of care itself: by the hour, the half day, the block, steps or packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.policies.charged import Charged, Minutes
from portal.policies.fee_ages import Band, band_of, check_bands
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen, units_of
from portal.policies.packages import Package, cheapest
from portal.policies.rule import ClockTime, Rule, moment_on
from portal.policies.tariff_blocks import BlocksTariff
from portal.policies.tariff_hourly import HourlyTariff

__all__ = [
    "BlocksTariff",
    "DayTariff",
    "HalfDayTariff",
    "HourlyTariff",
    "PackagesTariff",
    "StepsTariff",
    "Tariff",
]


class HalfDayBand(Band):
    """Prices of half a day and a day for an age band."""

    half_day_yen: Yen = Field(description="半日の料金（円）。", examples=[1500])
    day_yen: Yen = Field(description="1日の料金（円）。", examples=[3000])

    @model_validator(mode="after")
    def _day_costs_no_less(self) -> Self:
        if self.day_yen < self.half_day_yen:
            raise ValueError("a day costs no less than half a day")
        return self


class HalfDayTariff(Rule):
    """Half a day up to and including ``half_day_minutes``, a day beyond.

    With ``border`` a half day lies wholly before or wholly after it; with both, both are asked.
    """

    kind: Literal["half_day"] = Field(default="half_day", description="半日と1日。")
    half_day_minutes: int | None = Field(
        default=None,
        ge=30,
        le=1440,
        description="何分までを半日とするか（ちょうどは半日）。",
        examples=[240],
    )
    border: ClockTime | None = Field(
        default=None,
        description="午前と午後のさかいの時刻。これをまたぐ利用は1日です。",
        examples=["12:30"],
    )
    bands: tuple[HalfDayBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"half_day_yen": 1500, "day_yen": 3000}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        if self.half_day_minutes is None and self.border is None:
            raise ValueError("say how long half a day is, or where the day is cut")
        check_bands(self.bands)
        return self

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child."""
        band = band_of(self.bands, charged.months)
        if self._is_half(charged):
            yield charged.line(FeeLabel.CARE_HALF_DAY, band.half_day_yen)
        else:
            yield charged.line(FeeLabel.CARE_DAY, band.day_yen)

    def _is_half(self, charged: Charged) -> bool:
        if self.half_day_minutes is not None and charged.minutes > self.half_day_minutes:
            return False
        if self.border is None:
            return True
        border = moment_on(charged.span.day, self.border)
        return charged.span.ends_at <= border or charged.span.starts_at >= border


class DayBand(Band):
    """Price of a day of care, however long."""

    yen: Yen = Field(description="1回（1日）の料金（円）。", examples=[2400])


class DayTariff(Rule):
    """The same for every stay, however long."""

    kind: Literal["day"] = Field(default="day", description="長さによらず1回（1日）いくら。")
    bands: tuple[DayBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"below_age": 1, "yen": 2900}, {"below_age": 3, "yen": 2500}, {"yen": 1500}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        return self

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child."""
        yield charged.line(FeeLabel.CARE_DAY, band_of(self.bands, charged.months).yen)


class StepPrice(Rule):
    """Price of a stay of up to so many minutes."""

    up_to_minutes: Minutes = Field(
        description="何分までの料金か（ちょうどを含む）。", examples=[120]
    )
    yen: Yen = Field(description="その料金（円）。1単位ではなく全部の額です。", examples=[800])


class MoreTime(Rule):
    """Price of each started unit beyond the last step."""

    unit_minutes: Minutes = Field(
        default=60, description="何分ごとに加えるか。はじまった分は1つと数えます。", examples=[30]
    )
    yen: Yen = Field(description="1単位ごとに加える料金（円）。", examples=[350])


class StepsBand(Band):
    """Prices by length for an age band."""

    steps: tuple[StepPrice, ...] = Field(
        min_length=1,
        description="長さごとの料金。短いほうから順に。",
        examples=[[{"up_to_minutes": 120, "yen": 800}, {"up_to_minutes": 240, "yen": 1400}]],
    )
    then: MoreTime | None = Field(
        default=None,
        description="最後の段階より長いとき、こえた分に加える料金。書かなければ最後の額のままです。",
        examples=[{"unit_minutes": 60, "yen": 350}],
    )

    @model_validator(mode="after")
    def _goes_up(self) -> Self:
        limits = [step.up_to_minutes for step in self.steps]
        if limits != sorted(set(limits)):
            raise ValueError("steps go up by length")
        return self


class StepsTariff(Rule):
    """A table by length: up to 2 h, up to 3 h …, and so much for each started unit beyond it."""

    kind: Literal["steps"] = Field(
        default="steps", description="長さの段階ごと（2時間まで、3時間まで…、その後1時間ごと）。"
    )
    bands: tuple[StepsBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[
            [
                {
                    "steps": [{"up_to_minutes": 60, "yen": 800}],
                    "then": {"unit_minutes": 30, "yen": 300},
                }
            ]
        ],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        return self

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child: its step, and what is beyond the last one."""
        band = band_of(self.bands, charged.months)
        last = band.steps[-1]
        step = next((s for s in band.steps if charged.minutes <= s.up_to_minutes), last)
        yield charged.line(FeeLabel.CARE_STEP, step.yen, up_to_minutes=step.up_to_minutes)
        beyond = charged.minutes - last.up_to_minutes
        if band.then is not None and beyond > 0:
            units = units_of(beyond, band.then.unit_minutes)
            yield charged.line(
                FeeLabel.CARE_HOURLY,
                units * band.then.yen,
                unit_yen=band.then.yen,
                units=units,
                unit_minutes=band.then.unit_minutes,
            )


class PackagesBand(Band):
    """Prices of lengths that can be put together, for an age band."""

    packages: tuple[Package, ...] = Field(
        min_length=1,
        max_length=10,
        description="長さと料金の組。",
        examples=[[{"minutes": 30, "yen": 200}, {"minutes": 240, "yen": 1250}]],
    )


class PackagesTariff(Rule):
    """Lengths with a price that are put together, as it is cheapest for the family.

    30 minutes 200 yen, 4 hours 1,250 yen: 4 hours and a half cost 1,450 yen.
    """

    kind: Literal["packages"] = Field(
        default="packages",
        description="長さの組み合わせ（30分・半日・1日など）。いちばん安い組み合わせになります。",
    )
    bands: tuple[PackagesBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"packages": [{"minutes": 30, "yen": 200}, {"minutes": 480, "yen": 2500}]}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        return self

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child, a line for each length used, the longest first."""
        for package, count in cheapest(
            band_of(self.bands, charged.months).packages, charged.minutes
        ):
            yield charged.line(
                FeeLabel.CARE_PACKAGE,
                package.yen * count,
                minutes=package.minutes,
                unit_yen=package.yen,
                units=count,
            )


Tariff = Annotated[
    HourlyTariff | HalfDayTariff | DayTariff | BlocksTariff | StepsTariff | PackagesTariff,
    Field(discriminator="kind"),
]
