"""Variants: what is different for some days, uses or children, laid over the usual rules.

"Saturdays only in the morning", "1-year-olds may book a week earlier", "twice the price for who
lives elsewhere": each is a variant with its conditions and only what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from portal.policies.calendar import Weekday
from portal.policies.facts import Enrolment
from portal.policies.rule import ClockTime, Rule

RESIDENCE_WORDS: Mapping[str, str] = MappingProxyType(
    {"resident": "市内（きまりにある地域）に住む方", "non_resident": "それ以外の地域に住む方"}
)


class DaySpan(Rule):
    """Days from ``from`` until ``until``, both included; an end left out is open."""

    from_: date | None = Field(
        default=None, alias="from", description="この日から", examples=["2026-12-29"]
    )
    until: date | None = Field(
        default=None, description="この日まで（この日を含む）", examples=["2027-01-03"]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> DaySpan:
        if self.from_ is not None and self.until is not None and self.until < self.from_:
            raise ValueError("days end after they begin")
        return self

    def holds(self, day: date) -> bool:
        """Say whether a local day lies in it."""
        return (self.from_ is None or self.from_ <= day) and (
            self.until is None or day <= self.until
        )


class AgeSpan(Rule):
    """Ages in completed months on the day of care: ``from_months <= age < below_months``."""

    from_months: int | None = Field(
        default=None, ge=0, le=200, description="満この月齢から（12か月 = 1歳）", examples=[12]
    )
    below_months: int | None = Field(
        default=None, ge=1, le=200, description="満この月齢になる前の日まで", examples=[36]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> AgeSpan:
        if (
            self.from_months is not None
            and self.below_months is not None
            and self.below_months <= self.from_months
        ):
            raise ValueError("ages end after they begin")
        return self


class TimeSpan(Rule):
    """Clock times: ``from <= t < until``; an end left out is open."""

    from_: ClockTime | None = Field(
        default=None, alias="from", description="この時刻から", examples=["08:00"]
    )
    until: ClockTime | None = Field(
        default=None, description="この時刻の前まで", examples=["09:00"]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> TimeSpan:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError("times end after they begin")
        return self


class LengthSpan(Rule):
    """Lengths of a stay in minutes: ``from_minutes <= length < below_minutes``."""

    from_minutes: int | None = Field(
        default=None, ge=0, le=1440, description="この分数から", examples=[300]
    )
    below_minutes: int | None = Field(
        default=None, ge=1, le=1440, description="この分数より短い", examples=[300]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> LengthSpan:
        if (
            self.from_minutes is not None
            and self.below_minutes is not None
            and self.below_minutes <= self.from_minutes
        ):
            raise ValueError("lengths end after they begin")
        return self


def _several(written: Any) -> Any:
    """A single table may stand where several are possible."""
    return [written] if isinstance(written, Mapping) else written


Days = Annotated[tuple[DaySpan, ...], BeforeValidator(_several)]


class VariantWhen(Rule):
    """When a variant holds: all that is given must be so, within a list any of it.

    What a wish does not tell, such as a child's ages on a calendar that anybody can read, counts
    as not so.
    """

    weekdays: tuple[Weekday, ...] = Field(
        default=(), description="利用日の曜日（mon～sun）", examples=[["sat"]]
    )
    holidays: bool | None = Field(
        default=None, description="true：祝日だけ、false：祝日でない日だけ", examples=[True]
    )
    days: Days = Field(
        default=(),
        description="利用日の期間（1つの表か、表の並び。両端の日を含む）",
        examples=[[{"from": "2026-12-29", "until": "2027-01-03"}]],
    )
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(
        default=(), description="利用日の月（1～12）", examples=[[4, 5]]
    )
    purposes: tuple[str, ...] = Field(
        default=(), description="利用区分（purposesのcode）", examples=[["respite"]]
    )
    reasons: tuple[str, ...] = Field(
        default=(),
        description="利用の理由（purposes.reasons の符号）",
        examples=[["part_time_work"]],
    )
    ages: AgeSpan | None = Field(
        default=None, description="利用日の月齢", examples=[{"from_months": 12, "below_months": 36}]
    )
    class_ages: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(), description="年度年齢（4月1日の年齢、0歳児クラスは0）", examples=[[0, 1]]
    )
    residence: Literal["resident", "non_resident"] | None = Field(
        default=None,
        description="住まい：きまりの地域に住む（resident）、住まない（non_resident）",
        examples=["non_resident"],
    )
    cities: tuple[str, ...] = Field(
        default=(), description="住んでいる市区町村", examples=[["松戸市"]]
    )
    wards: tuple[str, ...] = Field(
        default=(), description="住んでいる区（政令指定都市）", examples=[["中央区"]]
    )
    circumstances: tuple[str, ...] = Field(
        default=(), description="よそに住む家庭の事情", examples=[["homecoming"]]
    )
    enrolments: tuple[Enrolment, ...] = Field(
        default=(), description="ほかに在籍しているところ", examples=[["kindergarten"]]
    )
    marks: tuple[str, ...] = Field(
        default=(),
        description="利用日に当てはまる世帯やお子さんの事情"
        "（marks の符号。よく使う符号か、自分で決めたもの）",
        examples=[["welfare"]],
    )
    channels: tuple[str, ...] = Field(
        default=(), description="申し込みの方法", examples=[["phone"]]
    )
    options: tuple[str, ...] = Field(
        default=(), description="家庭が選んだこと", examples=[["own_lunch"]]
    )
    first_use: bool | None = Field(
        default=None,
        description="true：この施設をはじめて使うお子さんだけ（取り消した予約は数えません）",
        examples=[True],
    )
    units: tuple[str, ...] = Field(
        default=(), description="利用の枠（blocksのlabel）", examples=[["午前"]]
    )
    starts: TimeSpan | None = Field(
        default=None, description="始まりの時刻", examples=[{"from": "08:00", "until": "09:00"}]
    )
    length: LengthSpan | None = Field(
        default=None, description="利用の長さ", examples=[{"from_minutes": 300}]
    )
    trial: bool | None = Field(
        default=None, description="true：ならし預かりだけ、false：それ以外だけ", examples=[True]
    )
    min_children: int | None = Field(
        default=None,
        ge=2,
        le=20,
        description="いっしょに申し込むきょうだいの数（以上）",
        examples=[2],
    )

    @model_validator(mode="before")
    @classmethod
    def _each_condition_has_a_value(cls, written: Any) -> Any:
        # An empty list would hold for nobody, and a reader could take it for everybody.
        if isinstance(written, Mapping) and any(value in ([], {}) for value in written.values()):
            raise ValueError("a condition without any value never holds")
        return written

    @model_validator(mode="after")
    def _says_something(self) -> VariantWhen:
        if not self.given:
            raise ValueError("a variant says when it holds")
        return self

    @model_serializer(mode="wrap")
    def _only_what_is_given(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in dump(self).items() if value not in ([], (), None)}

    @cached_property
    def given(self) -> frozenset[str]:
        """The names of the conditions that are given."""
        return frozenset(
            name for name in type(self).model_fields if getattr(self, name) not in ((), None)
        )


class Variant(Rule):
    """What is different when all of ``when`` is so.

    Everything besides ``name``, ``when`` and ``leaves_out`` is a part of a document: kinds with
    only those of their fields that differ (``laying.lay`` says how they are put together).
    """

    model_config = ConfigDict(extra="allow")

    name: str = Field(
        min_length=1, max_length=60, description="この別のきまりの呼び名", examples=["土曜日"]
    )
    when: VariantWhen = Field(description="どんなときに使うか。書いたことがすべて当てはまるとき")
    leaves_out: tuple[str, ...] = Field(
        default=(),
        description="使わなくなるきまり（capsなど。fee.siblingsのように中の1つでもよい）",
        examples=[["caps"]],
    )

    @property
    def laid(self) -> Mapping[str, Any]:
        """The kinds as they were written: parts of tables, values and lists."""
        return self.model_extra or {}

    @model_validator(mode="before")
    @classmethod
    def _in_plain_values(cls, written: Any) -> Any:
        """Keep what a document of JSON would hold, whatever file it was read from."""
        if not isinstance(written, Mapping):
            return written
        known = cls.model_fields
        return {key: value if key in known else _plain(value) for key, value in written.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value
