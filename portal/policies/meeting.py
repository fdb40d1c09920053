"""Part of G20: where and when a tour, an interview or another step is held, and with how many."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.calendar import Weekday
from portal.policies.rule import ClockTime, Rule


class MeetingPlace(StrEnum):
    """Where it is held."""

    SITE = "site"
    CENTRE = "centre"
    CITY_OFFICE = "city_office"
    HOME = "home"
    ONLINE = "online"
    PHONE = "phone"


MEETING_PLACE_WORDS: Mapping[MeetingPlace, str] = MappingProxyType(
    {
        MeetingPlace.SITE: "園",
        MeetingPlace.CENTRE: "子育て支援センター",
        MeetingPlace.CITY_OFFICE: "市区町村の窓口",
        MeetingPlace.HOME: "ご自宅",
        MeetingPlace.ONLINE: "オンライン（ビデオ通話）",
        MeetingPlace.PHONE: "電話",
    }
)


class Meeting(Rule):
    """How a step is held. Several places: each of them in turn (online first, then at the site).

    ``families`` in one slot at most; ``families_from``: it is held from so many on.
    """

    places: tuple[MeetingPlace, ...] = Field(
        default=(),
        description="場所。並べると、その順にどれもする（オンラインのあと園で、など）",
        examples=[["online", "site"]],
    )
    weekdays: tuple[Weekday, ...] = Field(
        default=(), description="曜日（書かなければ決まっていない）", examples=[["tue"]]
    )
    starts: tuple[ClockTime, ...] = Field(
        default=(), description="始まりの時刻（書かなければ決まっていない）", examples=[["10:30"]]
    )
    minutes: int | None = Field(
        default=None, ge=5, le=480, description="長さのめやす（分）", examples=[30]
    )
    families_from: int = Field(default=1, ge=1, le=50, description="何組から行うか", examples=[2])
    families: int = Field(
        default=1,
        ge=1,
        le=50,
        description="1回に何組までか（2以上は、ほかの家庭といっしょ）",
        examples=[4],
    )
    by_appointment: bool = Field(
        default=True, description="予約がいるか。falseなら、予約なしで来られる", examples=[False]
    )
    child_present: bool = Field(
        default=False, description="trueなら、お子さんもいっしょに来る", examples=[True]
    )
    open_to_expecting: bool = Field(
        default=False, description="trueなら、妊娠中の方も参加できる", examples=[True]
    )

    @model_validator(mode="after")
    def _least_before_most(self) -> Meeting:
        if self.families_from > self.families:
            raise ValueError("the least number of families is more than the greatest")
        return self
