"""The facility's calendar in a file of cases."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from portal.policies.calendar import Weekday
from portal.policies.rule import Rule
from portal.rulebooks.trying.moments import Day, refuse


class DayRange(Rule):
    """Days from one to another, both included."""

    from_: Day = Field(alias="from", description="この日から", examples=["2026-12-29"])
    until: Day = Field(description="この日まで（この日を含みます）", examples=["2027-01-03"])

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.until < self.from_:
            refuse("until を、from と同じ日か、より後にしてください。")
        return self


def _as_range(written: Any) -> Any:
    return {"from": written, "until": written} if isinstance(written, str) else written


Days = tuple[Annotated[DayRange, BeforeValidator(_as_range)], ...]


class WrittenCalendar(Rule):
    """The facility's calendar. Left out: open every day but holidays, unless ``hours`` say more."""

    open_weekdays: tuple[Weekday, ...] | None = Field(
        default=None,
        description="開いている曜日。書かなければ毎日。きまりに hours があれば、そちらが決めます",
        examples=[["mon", "tue", "wed", "thu", "fri"]],
    )
    closed: Days = Field(
        default=(),
        description="休みの日。1日ずつ書くか、from と until の期間で書きます",
        examples=[["2026-11-25", {"from": "2026-12-29", "until": "2027-01-03"}]],
    )
    opened: Days = Field(
        default=(),
        description="曜日や祝日にかかわらず開く日（書き方は closed と同じ）",
        examples=[["2026-11-28"]],
    )
    use_japanese_holidays: bool = Field(
        default=True, description="日本の祝日を使うか", examples=[False]
    )
    holidays: tuple[Day, ...] = Field(
        default=(), description="そのほかに祝日として扱う日", examples=[["2026-11-23"]]
    )
    closed_on_holidays: bool = Field(
        default=True,
        description="祝日は休みか。きまりの hours が祝日のことを書いていれば、そちらが決めます",
        examples=[False],
    )
    first_day: Day | None = Field(
        default=None, description="施設が開いた最初の日。それより前は休み", examples=["2026-04-01"]
    )
