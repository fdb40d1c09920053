"""Kind G16, the price of care itself: by the hour, the half day, the block, steps or packages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from portal.kernel.spans import Span
from portal.policies.blocks import Block
from portal.policies.fee_ages import Band, band_of, check_bands
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen, units_of
from portal.policies.packages import Package, cheapest
from portal.policies.rule import ClockTime, Rule, moment_on

Minutes = Annotated[int, Field(ge=5, le=1440)]


class Charged(NamedTuple):
    """What a tariff is asked about: one child's stay, and how much of it is at the usual price.

    ``months``: the age that picks the row. ``minutes``: those at the usual price; fewer than the
    stay has where others have a rate of their own. ``blocks``: the blocks of the rule of units.
    """

    child_id: uuid.UUID
    months: int
    span: Span
    minutes: int
    blocks: tuple[Block, ...] = ()

    def line(self, label_code: FeeLabel, amount_yen: int, /, **values: int | str) -> FeeLine:
        """Return a line for this child."""
        return FeeLine(label_code, values, self.child_id, amount_yen)


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
            return [(band.rate_of(counted), units)]
        found: dict[int, int] = {}
        for number in range(units):
            yen = band.rate_from(number * self.unit_minutes)
            found[yen] = found.get(yen, 0) + 1
        return list(found.items())


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


class BlockPrice(Rule):
    """Price of one block."""

    label: str = Field(
        min_length=1,
        max_length=40,
        description="区分の名前（units.blocks と同じ）。",
        examples=["午前"],
    )
    yen: Yen = Field(description="その区分の料金（円）。", examples=[1500])


class BlocksBand(Band):
    """Prices of all blocks for an age band."""

    prices: tuple[BlockPrice, ...] = Field(
        min_length=1,
        description="区分ごとの料金。",
        examples=[[{"label": "午前", "yen": 1500}, {"label": "1日", "yen": 3000}]],
    )


class BlocksTariff(Rule):
    """A price for each block of the day, and for joined ones together.

    A stay costs what the cheapest blocks cost that together hold all of it; what lies outside
    every block costs nothing here (see the surcharge ``outside_hours``).
    """

    kind: Literal["blocks"] = Field(
        default="blocks", description="区分（午前・午後・1日など）ごと。"
    )
    blocks: tuple[Block, ...] = Field(
        default=(),
        description="料金の区分の時刻。units.blocks と同じなら書きません。",
        examples=[[{"label": "午前", "starts": "08:30", "ends": "12:30"}]],
    )
    bands: tuple[BlocksBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"prices": [{"label": "午前", "yen": 1500}]}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        labels = [sorted(price.label for price in band.prices) for band in self.bands]
        if any(one != labels[0] or len(set(one)) < len(one) for one in labels):
            raise ValueError("every band prices the same blocks, each once")
        if self.blocks and labels[0] != sorted(block.label for block in self.blocks):
            raise ValueError("every block has a price, and each price a block")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the blocks that have a price."""
        return tuple(price.label for price in self.bands[0].prices)

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child, a line for each block."""
        prices = {p.label: p.yen for p in band_of(self.bands, charged.months).prices}
        offered = [b for b in self.blocks or charged.blocks if b.label in prices]
        for label in _covering(offered, prices, charged.span):
            yield charged.line(FeeLabel.CARE_BLOCK, prices[label], label=label)


def _covering(blocks: Sequence[Block], prices: Mapping[str, int], span: Span) -> tuple[str, ...]:
    """Return the labels of the cheapest blocks that hold what any block holds of the stay."""
    held = []
    for block in blocks:
        starts = max(moment_on(span.day, block.starts), span.starts_at)
        ends = min(moment_on(span.day, block.ends), span.ends_at)
        if starts < ends:
            held.append((starts, ends, block.label))
    borders = sorted({edge for starts, ends, _label in held for edge in (starts, ends)})
    # The best way to hold the stay up to each border: what it costs, how many, and which.
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
    for before, border in pairwise(borders):
        over = [one for one in held if one[0] <= before and border <= one[1]]
        if not over:  # a pause between blocks
            best.append(best[-1])
            continue
        best.append(
            min(
                (yen + prices[label], count + 1, (*labels, label))
                for starts, _ends, label in over
                for yen, count, labels in best[borders.index(starts) : borders.index(before) + 1]
            )
        )
    return best[-1][2]


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
