"""Kind G23, the day of use: what is brought, checked and told on the day of care."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.deadlines import Deadline
from portal.policies.rule import ClockTime, Rule


class Stamp(StrEnum):
    """How arrival and departure are recorded."""

    STAFF = "staff"
    QR_CODE = "qr_code"
    CARD = "card"
    PAPER = "paper"


STAMP_WORDS: Mapping[Stamp, str] = MappingProxyType(
    {
        Stamp.STAFF: "職員が記録します",
        Stamp.QR_CODE: "保護者のスマートフォンで、QRコードを読み取ります",
        Stamp.CARD: "登録カードで記録します",
        Stamp.PAPER: "紙に書きます",
    }
)


class Belonging(Rule):
    """Something to bring, by age (completed months), length of stay and what was ordered.

    Both ranges are half-open.
    """

    name: str = Field(min_length=1, max_length=60, description="持ちもの", examples=["紙おむつ"])
    count: int | None = Field(default=None, ge=1, le=50, description="数", examples=[5])
    note: str = Field(
        default="", max_length=120, description="説明", examples=["1枚ずつ名前を書いてください"]
    )
    from_months: int | None = Field(
        default=None, ge=0, le=200, description="満この月齢からの子", examples=[12]
    )
    below_months: int | None = Field(
        default=None, ge=1, le=200, description="満この月齢より下の子", examples=[36]
    )
    from_minutes: int | None = Field(
        default=None, ge=0, le=1440, description="この長さ（分）からの利用", examples=[240]
    )
    below_minutes: int | None = Field(
        default=None, ge=1, le=1440, description="この長さ（分）より短い利用", examples=[240]
    )
    at: ClockTime | None = Field(
        default=None, description="この時刻にいるとき（昼食など）", examples=["11:30"]
    )
    with_options: tuple[str, ...] = Field(
        default=(),
        description="これをえらんだとき（どれか1つ）",
        examples=[["own_lunch"]],
    )
    without_options: tuple[str, ...] = Field(
        default=(),
        description="これをえらんだときは、いらない（どれか1つ）",
        examples=[["nappy_set"]],
    )

    @model_validator(mode="after")
    def _ranges_go_up(self) -> Belonging:
        for first, end in (
            (self.from_months, self.below_months),
            (self.from_minutes, self.below_minutes),
        ):
            if first is not None and end is not None and end <= first:
                raise ValueError("what to bring is for a range that goes up")
        return self

    def is_for(
        self, *, months: int, minutes: int, options: Collection[str], is_there: bool
    ) -> bool:
        """Say whether it is to be brought.

        Args:
            months: The child's completed months on the day.
            minutes: The length of the stay.
            options: What the family chose.
            is_there: Whether the child is there at the time of ``at``.
        """
        return (
            (self.from_months is None or self.from_months <= months)
            and (self.below_months is None or months < self.below_months)
            and (self.from_minutes is None or self.from_minutes <= minutes)
            and (self.below_minutes is None or minutes < self.below_minutes)
            and (self.at is None or is_there)
            and (not self.with_options or not set(options).isdisjoint(self.with_options))
            and set(options).isdisjoint(self.without_options)
        )


class DayOfUseRule(Rule):
    """What happens between the morning and the pick-up."""

    health_sheet: bool = Field(
        default=False,
        description="trueなら、朝に体調の用紙（健康チェック表）を出す",
        examples=[True],
    )
    temperature: bool = Field(
        default=False, description="trueなら、朝に体温を測る", examples=[True]
    )
    max_temperature: Decimal | None = Field(
        default=None,
        ge=35,
        le=42,
        decimal_places=1,
        description="この体温（度）以上のときは預かれない",
        examples=["37.5"],
    )
    stamps: tuple[Stamp, ...] = Field(
        default=(), description="登園と降園の記録のしかた", examples=[["qr_code", "staff"]]
    )
    records_collector: bool = Field(
        default=True, description="だれがお迎えに来たかを記録するか", examples=[False]
    )
    pickup_registered_only: bool = Field(
        default=False, description="trueなら、お迎えは登録した人だけ", examples=[True]
    )
    pickup_id: bool = Field(
        default=False, description="trueなら、お迎えの人の本人確認をする", examples=[True]
    )
    belongings: tuple[Belonging, ...] = Field(
        default=(),
        max_length=40,
        description="持ちもの。年齢・長さ・えらんだことで変えられる",
        examples=[[{"name": "紙おむつ", "count": 5, "below_months": 36}]],
    )
    late_notice_by: ClockTime | None = Field(
        default=None,
        description="遅れるときや休むときに、この時刻までに連絡する",
        examples=["09:00"],
    )
    waits_until: ClockTime | None = Field(
        default=None,
        description="連絡がないとき、この時刻まで待つ",
        examples=["10:00"],
    )
    meal_order_by: Deadline | None = Field(
        default=None,
        description="食事の注文や取りやめの締切（利用の何日前の何時まで）",
        examples=[{"days": 1, "at": "15:00"}],
    )
    called_when_ill: bool = Field(
        default=True,
        description="預かりのあいだに具合が悪くなったとき、お迎えをお願いするか",
        examples=[False],
    )
    words: str = Field(
        default="",
        max_length=400,
        description="家庭への説明",
        examples=["車は園の前にとめないでください。"],
    )

    def to_bring(
        self, *, months: int, minutes: int, options: Collection[str] = (), starts: str, ends: str
    ) -> tuple[Belonging, ...]:
        """Return what to bring for a stay with these clock times, in the order written."""
        return tuple(
            each
            for each in self.belongings
            if each.is_for(
                months=months,
                minutes=minutes,
                options=options,
                is_there=each.at is None or starts <= each.at < ends,
            )
        )
