"""Kind G1, programme: what kind of care the document is of, and with whom it shares its places."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from portal.policies.rule import Rule


class ProgrammeKind(StrEnum):
    """The kinds of programme that one facility can run side by side."""

    GENERAL = "general"
    SPARE_CAPACITY = "spare_capacity"
    KINDERGARTEN = "kindergarten"
    HOME_VISIT = "home_visit"
    EVERY_CHILD = "every_child"
    REGULAR = "regular"
    MEDICAL_CARE = "medical_care"
    TRIAL = "trial"
    TOUR = "tour"
    PRENATAL_VISIT = "prenatal_visit"
    MUNICIPAL = "municipal"
    OTHER = "other"


PROGRAMME_KIND_WORDS: Mapping[ProgrammeKind, str] = MappingProxyType(
    {
        ProgrammeKind.GENERAL: "一時預かり（一般型）",
        ProgrammeKind.SPARE_CAPACITY: "一時預かり（余裕活用型）",
        ProgrammeKind.KINDERGARTEN: "一時預かり（幼稚園型）",
        ProgrammeKind.HOME_VISIT: "一時預かり（居宅訪問型）",
        ProgrammeKind.EVERY_CHILD: "こども誰でも通園制度",
        ProgrammeKind.REGULAR: "定期利用（決まった曜日の預かり）",
        ProgrammeKind.MEDICAL_CARE: "医療的ケアが必要なお子さんの預かり",
        ProgrammeKind.TRIAL: "体験入園・ならし預かり",
        ProgrammeKind.TOUR: "見学",
        ProgrammeKind.PRENATAL_VISIT: "妊娠中の方の体験",
        ProgrammeKind.MUNICIPAL: "市区町村の独自の預かり",
        ProgrammeKind.OTHER: "そのほかの預かり",
    }
)


class Room(StrEnum):
    """Where the children of the programme are cared for."""

    OWN = "own"
    MIXED = "mixed"
    SPARE = "spare"


ROOM_WORDS: Mapping[Room, str] = MappingProxyType(
    {
        Room.OWN: "専用の部屋で過ごします",
        Room.MIXED: "在園のお子さんといっしょのクラスで過ごします",
        Room.SPARE: "在園のお子さんのクラスの、空いている席で過ごします",
    }
)


class ProgrammeRule(Rule):
    """What the programme is. Each programme of a facility has a document of its own.

    ``shares_places_with``: names of programmes that take from the same places.
    """

    kind: ProgrammeKind = Field(
        default=ProgrammeKind.GENERAL, description="事業の種類", examples=["every_child"]
    )
    name: str = Field(
        default="",
        max_length=60,
        description="家庭が読む名前",
        examples=["なかよし広場の一時預かり"],
    )
    room: Room | None = Field(
        default=None, description="どの部屋で過ごすか（書かなければ、言わない）", examples=["own"]
    )
    shares_places_with: tuple[str, ...] = Field(
        default=(),
        description="同じ席を分け合う、ほかの事業の名前",
        examples=[["こども誰でも通園制度"]],
    )
    reports_as: ProgrammeKind | None = Field(
        default=None,
        description="報告で数える種類（書かなければkindと同じ）",
        examples=["general"],
    )

    @property
    def words(self) -> str:
        """What families read (Japanese)."""
        return self.name or PROGRAMME_KIND_WORDS[self.kind]
