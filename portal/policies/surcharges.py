"""Kind G16, what comes on top: outside the usual hours, above a cap, for some uses, and overrun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.kernel.spans import Span
from portal.policies.facts import ChildFacts
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen, units_of
from portal.policies.priced import PricedStay
from portal.policies.rule import Rule, moment_on
from portal.policies.variants import TimeSpan, VariantWhen

_WHEN = Field(
    default=None,
    description="どんなときに加えるか（variants の when と同じ書き方）。書かなければいつも。",
    examples=[{"residence": "non_resident"}],
)
_UNIT = "何分ごとに加えるか。はじまった分は1つと数えます。書かなければ1回の利用に1度。"


def _minutes(length: timedelta) -> int:
    return max(0, -(-int(length.total_seconds()) // 60))


class _Timed(Rule):
    """So much for each started unit of some minutes, or once."""

    yen: Yen = Field(
        description="加える料金（円）。unit_minutes があれば1単位ごと。", examples=[200]
    )
    unit_minutes: int | None = Field(default=None, ge=1, le=1440, description=_UNIT, examples=[30])

    def _line(self, label: str, child: ChildFacts, minutes: int) -> FeeLine:
        values: dict[str, int | str] = {"label": label}
        units = 1
        if self.unit_minutes is not None:
            units = units_of(minutes, self.unit_minutes)
            values |= {"unit_yen": self.yen, "units": units, "unit_minutes": self.unit_minutes}
        return FeeLine(FeeLabel.SURCHARGE, values, child.child_id, units * self.yen)


class OutsideHours(_Timed):
    """More for the time before or after the usual hours, each side counted for itself."""

    kind: Literal["outside_hours"] = Field(
        default="outside_hours", description="ふつうの時間の外（早朝・延長など）の分。"
    )
    label: str = Field(
        default="時間外",
        min_length=1,
        max_length=40,
        description="明細に出る名前。",
        examples=["延長"],
    )
    standard: TimeSpan = Field(
        description="ふつうの料金の時間。from より前と until より後が対象（片方でもよい）。",
        examples=[{"from": "09:00", "until": "17:00"}],
    )
    instead: bool = Field(
        default=False,
        description="true：その分にはこの料金だけ（ふつうの料金はかけない）。半日かどうかは、ふつうの時間の中の"
        "長さだけで決めます。false：ふつうの料金に加える。",
        examples=[True],
    )
    when: VariantWhen | None = _WHEN

    def sides(self, span: Span) -> tuple[int, int]:
        """Return the minutes of the stay before and after the usual hours."""
        before = after = 0
        if self.standard.from_ is not None:
            limit = moment_on(span.day, self.standard.from_)
            before = _minutes(min(limit, span.ends_at) - span.starts_at)
        if self.standard.until is not None:
            limit = moment_on(span.day, self.standard.until)
            after = _minutes(span.ends_at - max(limit, span.starts_at))
        return before, after

    def minutes(self, stay: PricedStay, child: ChildFacts) -> int:  # noqa: ARG002 - as the others
        """Return the minutes outside the usual hours."""
        return sum(self.sides(stay.span))

    def lines(self, stay: PricedStay, child: ChildFacts, base_yen: int) -> Iterator[FeeLine]:  # noqa: ARG002 - as the others
        """Yield a line for each side that the stay reaches."""
        for minutes in self.sides(stay.span):
            if minutes:
                yield self._line(self.label, child, minutes)


class AboveCap(_Timed):
    """Another rate for what lies above a cap whose ``on_breach`` is ``surcharge``."""

    kind: Literal["above_cap"] = Field(
        default="above_cap", description="上限（caps、on_breach = surcharge）をこえた分。"
    )
    label: str = Field(
        default="上限をこえた分",
        min_length=1,
        max_length=40,
        description="明細に出る名前。",
        examples=["月の上限をこえた分"],
    )
    instead: bool = Field(
        default=True,
        description="true：こえた分にはこの料金だけ。false：ふつうの料金に加える。",
        examples=[False],
    )
    when: VariantWhen | None = _WHEN

    def minutes(self, stay: PricedStay, child: ChildFacts) -> int:
        """Return the minutes above the cap, never more than the stay has."""
        return min(stay.above_cap.get(child.child_id, 0), stay.span.minutes)

    def lines(self, stay: PricedStay, child: ChildFacts, base_yen: int) -> Iterator[FeeLine]:  # noqa: ARG002 - as the others
        """Yield a line where some of the stay lies above the cap."""
        if minutes := self.minutes(stay, child):
            yield self._line(self.label, child, minutes)


class Extra(Rule):
    """More for some uses: who lives elsewhere, Saturdays, a child that needs more hands."""

    kind: Literal["extra"] = Field(
        default="extra", description="条件に合う利用に加える額（市外の方・土曜など）。"
    )
    label: str = Field(
        min_length=1, max_length=40, description="明細に出る名前。", examples=["市外の方の加算"]
    )
    yen: Yen | None = Field(
        default=None,
        description="加える額（円）。unit_minutes があれば1単位ごと。yen か percent のどちらか。",
        examples=[500],
    )
    percent: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="加算の前の利用料に対する割合（%）。50なら1.5倍、100なら2倍になります。円未満は切り捨て。",
        examples=[50],
    )
    unit_minutes: int | None = Field(default=None, ge=1, le=1440, description=_UNIT, examples=[60])
    when: VariantWhen | None = _WHEN

    @model_validator(mode="after")
    def _is_one_amount(self) -> Self:
        if (self.yen is None) == (self.percent is None):
            raise ValueError("a surcharge is either yen or percent")
        if self.percent is not None and self.unit_minutes is not None:
            raise ValueError("a percentage is not taken by the unit")
        return self

    def lines(self, stay: PricedStay, child: ChildFacts, base_yen: int) -> Iterator[FeeLine]:
        """Yield the line; nothing where the percentage comes to nothing."""
        values: dict[str, int | str] = {"label": self.label}
        if self.percent is not None:
            amount = base_yen * self.percent // 100
            if amount:
                values["percent"] = self.percent
                yield FeeLine(FeeLabel.SURCHARGE, values, child.child_id, amount)
            return
        yen, units = self.yen or 0, 1
        if self.unit_minutes is not None:
            units = units_of(stay.span.minutes, self.unit_minutes)
            values |= {"unit_yen": yen, "units": units, "unit_minutes": self.unit_minutes}
        yield FeeLine(FeeLabel.SURCHARGE, values, child.child_id, yen * units)


Surcharge = Annotated[OutsideHours | AboveCap | Extra, Field(discriminator="kind")]


class CountedFrom(StrEnum):
    """From when overrun is paid, once the grace is over."""

    BOOKED_END = "booked_end"
    END_OF_GRACE = "end_of_grace"


COUNTED_FROM_WORDS: Mapping[CountedFrom, str] = MappingProxyType(
    {
        CountedFrom.BOOKED_END: "予約の時刻から数えます",
        CountedFrom.END_OF_GRACE: "無料の分が終わってから数えます",
    }
)


class OverrunRule(_Timed):
    """What a pick-up after the booked end costs, and a child brought before the booked start.

    Up to and including ``grace_minutes`` it costs nothing.
    """

    label: str = Field(
        default="お迎えがおくれた分",
        min_length=1,
        max_length=40,
        description="明細に出る名前。",
        examples=["延長"],
    )
    unit_minutes: int | None = Field(
        default=30, ge=1, le=1440, description=_UNIT, examples=[6, 10, 30]
    )
    grace_minutes: int = Field(
        default=0,
        ge=0,
        le=120,
        description="この分までのおくれは無料（ちょうどは無料）。",
        examples=[10],
    )
    counted_from: CountedFrom = Field(
        default=CountedFrom.BOOKED_END,
        description="無料の分をこえたとき、予約の終わりから数える（booked_end）か、"
        "無料の分の終わりから数える（end_of_grace）か。",
        examples=["end_of_grace"],
    )
    early_too: bool = Field(
        default=False,
        description="true：予約より早く来た分も、同じように数えます。",
        examples=[True],
    )
    when: VariantWhen | None = _WHEN

    def lines(self, child: ChildFacts, booked: Span, actual: Span) -> Iterator[FeeLine]:
        """Yield what being there beyond the booked times costs one child."""
        late = self._paid(actual.ends_at, booked.ends_at)
        early = self._paid(booked.starts_at, actual.starts_at) if self.early_too else 0
        for minutes in (early, late):
            if minutes:
                yield self._line(self.label, child, minutes)

    def _paid(self, later: datetime, earlier: datetime) -> int:
        minutes = _minutes(later - earlier)
        if minutes <= self.grace_minutes:
            return 0
        is_after_grace = self.counted_from is CountedFrom.END_OF_GRACE
        return minutes - self.grace_minutes * is_after_grace
