"""Kind G27, discretion: when a facility may say no though there is a place, and stops of care."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from portal.kernel.age import class_age
from portal.kernel.errors import Reason
from portal.policies.facts import ChildFacts
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule
from portal.policies.variants import DaySpan


class Ground(StrEnum):
    """Why a facility may say no."""

    STAFF_SHORTAGE = "staff_shortage"
    EVENT = "event"
    HEALTH = "health"
    OUTBREAK = "outbreak"
    DISASTER = "disaster"
    CHILDREN_PRESENT = "children_present"
    OTHER = "other"


GROUND_WORDS: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.STAFF_SHORTAGE: "職員が足りないとき",
        Ground.EVENT: "園の行事があるとき",
        Ground.HEALTH: "お子さんの体の調子がよくないとき",
        Ground.OUTBREAK: "園や地域で感染症がはやっているとき",
        Ground.DISASTER: "災害や悪天候のとき",
        Ground.CHILDREN_PRESENT: "ほかのお子さんの人数や年齢により、安全に預かれないとき",
        Ground.OTHER: "そのほか、やむを得ない事情があるとき",
    }
)


class Stop(Rule):
    """Days on which care is stopped for some classes, or for all, and why."""

    days: DaySpan = Field(
        description="止めている期間（両端の日を含む）",
        examples=[{"from": "2026-12-07", "until": "2026-12-11"}],
    )
    ground: Ground = Field(
        default=Ground.OTHER, description="なぜ止めているか", examples=["outbreak"]
    )
    class_ages: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(),
        description="止めているクラス（年度年齢）。書かなければすべて",
        examples=[[0, 1]],
    )
    purposes: tuple[str, ...] = Field(
        default=(), description="止めている利用区分（書かなければすべて）", examples=[["respite"]]
    )
    message: str = Field(
        default="",
        max_length=200,
        description="家庭への説明",
        examples=["感染症のため、5日間お休みします。"],
    )

    def holds(self, child: ChildFacts, day: date, purpose: str | None) -> bool:
        """Say whether care of a child on ``day`` is stopped."""
        if not self.days.holds(day) or (self.purposes and purpose not in self.purposes):
            return False
        return not self.class_ages or class_age(min(child.born_on, day), day) in self.class_ages


class DiscretionRule(Rule):
    """When the facility may say no, before and after a confirmation, and how it makes up for it."""

    grounds: tuple[Ground, ...] = Field(
        default=(),
        description="空きがあっても断ることがある事情",
        examples=[["staff_shortage", "outbreak"]],
    )
    after_confirmation: bool = Field(
        default=True, description="予約が決まったあとでも、断ることがあるか", examples=[False]
    )
    offers_another_day: bool = Field(
        default=True, description="断るとき、ほかの日や園を案内するか", examples=[False]
    )
    stops: tuple[Stop, ...] = Field(
        default=(),
        description="預かりを止めている期間",
        examples=[[{"days": {"from": "2026-12-07", "until": "2026-12-11"}, "ground": "outbreak"}]],
    )
    words: str = Field(
        default="", max_length=400, description="家庭への説明", examples=["電話でお知らせします。"]
    )

    def reasons(self, child: ChildFacts, day: date, purpose: str | None) -> Iterator[Reason]:
        """Yield each stop that holds for a child on ``day``."""
        for stop in self.stops:
            if stop.holds(child, day, purpose):
                values = {"from_on": stop.days.from_, "until_on": stop.days.until}
                yield Reason(BookingRefusal.STOPPED_BY_FACILITY, values, child.child_id)
