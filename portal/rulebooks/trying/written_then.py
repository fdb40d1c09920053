"""What becomes of a stay once it is booked, in a file of cases."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from portal.policies.cancel import WaivedReason
from portal.policies.rule import Rule
from portal.rulebooks.trying.moments import Clock, Moment, refuse


class WrittenThen(Rule):
    """One thing that happens to all children of the stay: cancelled, absent, or picked up."""

    cancelled_at: Moment | None = Field(
        default=None,
        description="この時に取り消したら（預かりが始まる前の時）",
        examples=["2026-11-19 18:00"],
    )
    because: WaivedReason | None = Field(
        default=None,
        description="取り消しの理由として、園が認めたこと",
        examples=["illness"],
    )
    absent: bool = Field(default=False, description="連絡なしに来なかったら", examples=[True])
    came: Clock | None = Field(
        default=None, description="来た時刻。書かなければ、予約の始まり", examples=["09:05"]
    )
    picked_up: Clock | None = Field(default=None, description="お迎えの時刻", examples=["12:20"])
    counts: tuple[str, ...] = Field(
        default=(), description="その日に使った数", examples=[["nappies:3"]]
    )

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        ways = (self.cancelled_at is not None, self.absent, self.picked_up is not None)
        if sum(ways) != 1:
            refuse("then には、cancelled_at・absent・picked_up のどれか1つを書いてください。")
        if self.because is not None and self.cancelled_at is None:
            refuse("because は、cancelled_at といっしょに書いてください。")
        if self.picked_up is None and (self.came is not None or self.counts):
            refuse("came と counts は、picked_up といっしょに書いてください。")
        return self
