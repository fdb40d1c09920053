"""Kind G7, openings that the facility announces: days of care by dates, and from when to book."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from portal.kernel.clock import JST
from portal.policies.rule import Rule


def _in_japan(written: datetime) -> datetime:
    if written.tzinfo is None:
        return written
    try:
        return written.astimezone(JST).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("a moment lies at the end of all time") from None


#: A day and a clock time in Japan, as people write it: without a zone. Another zone is converted.
LocalMoment = Annotated[datetime, AfterValidator(_in_japan)]


class AnnouncedPeriod(Rule):
    """Days of care, both ends included, and when booking them was announced to open (JST)."""

    from_: date = Field(
        alias="from", description="この利用日から（この日を含む）。", examples=["2026-04-01"]
    )
    until: date | None = Field(
        default=None,
        description="この利用日まで（この日を含む）。書かなければ、あとはずっと。",
        examples=["2026-06-30"],
    )
    opens_at: LocalMoment = Field(
        description="この期間の予約が始まる日時（日本時間）。", examples=["2026-03-16T09:00"]
    )
    closes_at: LocalMoment | None = Field(
        default=None,
        description=(
            "この期間の予約が終わる日時（日本時間）。ちょうどの時刻は、もう過ぎています。"
            "ほかの締め切り（closes）もあれば、早いほうです。"
        ),
        examples=["2026-03-25T17:00"],
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> AnnouncedPeriod:
        if self.until is not None and self.until < self.from_:
            raise ValueError("days end after they begin")
        if self.closes_at is not None and self.closes_at <= self.opens_at:
            raise ValueError("booking closes after it opens")
        return self

    def holds(self, day: date) -> bool:
        """Say whether a local day lies in it."""
        return self.from_ <= day and (self.until is None or day <= self.until)


class AnnouncedOpening(Rule):
    """Days open when the facility says so, by dates; a day in no period is not announced yet."""

    kind: Literal["announced"] = Field(
        default="announced",
        description="お知らせした日時に始める。どの期間にもない日は、まだ予約できません。",
    )
    periods: tuple[AnnouncedPeriod, ...] = Field(
        min_length=1,
        description="利用日の期間と、その予約が始まる日時。期間は重なりません。",
        examples=[[{"from": "2026-04-01", "until": "2026-06-30", "opens_at": "2026-03-16T09:00"}]],
    )

    @model_validator(mode="after")
    def _no_day_twice(self) -> AnnouncedOpening:
        ordered = sorted(self.periods, key=lambda period: period.from_)
        for one, other in pairwise(ordered):
            if one.until is None or other.from_ <= one.until:
                raise ValueError("announced periods overlap")
        return self

    def period_of(self, day: date) -> AnnouncedPeriod | None:
        """Return the period of a day of care, or None where none is announced yet."""
        return next((period for period in self.periods if period.holds(day)), None)
