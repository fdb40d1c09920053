"""Stays before the one that is wished, in a file of cases."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from portal.policies.history import UseState
from portal.policies.rule import Rule
from portal.rulebooks.trying.moments import Clock, Day, refuse


class WrittenUse(Rule):
    """Stays before this one, or booked already. ``dates`` writes several alike at once."""

    date: Day | None = Field(default=None, description="その日", examples=["2026-11-05"])
    dates: tuple[Day, ...] = Field(
        default=(),
        description="同じ利用が何日もあるとき、その日々（date の代わり）",
        examples=[["2026-11-02", "2026-11-04"]],
    )
    from_: Clock | None = Field(
        default=None, alias="from", description="始まり", examples=["09:00"]
    )
    to: Clock | None = Field(default=None, description="終わり", examples=["17:00"])
    hours: float | None = Field(
        default=None, gt=0, le=24, description="時刻の代わりに、長さ（時間）", examples=[2.5]
    )
    minutes: int | None = Field(
        default=None, gt=0, le=1440, description="時刻の代わりに、長さ（分）", examples=[150]
    )
    unit: str | None = Field(
        default=None,
        description="利用の枠（blocks の label）。時刻を書かなければ、その枠の時刻",
        examples=["午前"],
    )
    state: UseState | None = Field(
        default=None,
        description="どうなったか。書かなければ、now より前の日は attended、ほかは booked",
        examples=["cancelled"],
    )
    child: str | None = Field(
        default=None, description="どの子か（name）。書かなければ、1人目", examples=["姉"]
    )
    purpose: str | None = Field(
        default=None,
        description="利用区分。purpose も reason も書かなければ、このケースと同じ",
        examples=["respite"],
    )
    reason: str | None = Field(
        default=None,
        description="利用の理由（purposes.reasons の符号）",
        examples=["part_time_work"],
    )
    cause: str | None = Field(
        default=None,
        description="同じ事情の目じるし。書かなければ、利用区分が同じならこのケースと同じ（1つの事情につき何日、を数えるとき）",
        examples=["入院"],
    )
    options: tuple[str, ...] | None = Field(
        default=None,
        description="その日にえらんだもの（ケースの options と同じ書き方）。月や年度に1度の料金が、"
        "もうかかったかを見ます。書かなければ、えらんだものによる料金は、もうかかったと見ます",
        examples=[["lunch"]],
    )
    trial: bool = Field(default=False, description="ならし預かりだったか", examples=[True])
    here: bool = Field(default=True, description="この施設か", examples=[False])
    same_programme: bool = Field(
        default=True,
        description="この事業（ほかの施設なら、同じ種類の事業）か",
        examples=[False],
    )
    same_provider: bool | None = Field(
        default=None, description="同じ法人の施設か。書かなければ here と同じ", examples=[True]
    )
    in_city: bool = Field(default=True, description="この市区町村の施設か", examples=[False])
    declared: bool = Field(
        default=False, description="家庭が申し出た、ポータルの外での利用か", examples=[True]
    )

    @model_validator(mode="after")
    def _says_when_and_how_long(self) -> Self:
        if (self.date is None) == (not self.dates):
            refuse("date か dates の、どちらか1つを書いてください。")
        if (self.from_ is None) != (self.to is None):
            refuse("from と to は、両方書いてください。")
        if self.from_ is not None and self.to is not None and self.to <= self.from_:
            refuse("to を、from より後にしてください。")
        said = (self.from_, self.hours, self.minutes)
        if sum(one is not None for one in said) > 1:
            refuse("長さは、from と to・hours・minutes のどれか1つで書いてください。")
        if all(one is None for one in (*said, self.unit)):
            refuse("長さを、from と to・hours・minutes・unit のどれかで書いてください。")
        return self
