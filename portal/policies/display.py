"""Kind G24, display: how free places are shown to whoever looks, before and after sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.rule import Rule


class DayState(StrEnum):
    """What a day can be told to be."""

    FREE = "free"
    FEW = "few"
    FULL = "full"
    NOT_OPEN = "not_open"
    CLOSED = "closed"


DAY_STATE_WORDS: Mapping[DayState, str] = MappingProxyType(
    {
        DayState.FREE: "空きがあります",
        DayState.FEW: "残りわずかです",
        DayState.FULL: "いっぱいです",
        DayState.NOT_OPEN: "受付の期間ではありません",
        DayState.CLOSED: "お休みです",
    }
)
_SIGNS: Mapping[DayState, str] = MappingProxyType(
    {
        DayState.FREE: "○",
        DayState.FEW: "△",
        DayState.FULL: "×",
        DayState.NOT_OPEN: "−",
        DayState.CLOSED: "休",
    }
)


class FewWhen(StrEnum):
    """When a day is told to have few places left."""

    SOME_TIME_FULL = "some_time_full"
    PLACES_LEFT = "places_left"
    PERCENT_LEFT = "percent_left"
    NEVER = "never"


FEW_WHEN_WORDS: Mapping[FewWhen, str] = MappingProxyType(
    {
        FewWhen.SOME_TIME_FULL: "いっぱいの時間帯があるとき",
        FewWhen.PLACES_LEFT: "残りがfewの人数以下のとき",
        FewWhen.PERCENT_LEFT: "残りが全体のfew％以下のとき",
        FewWhen.NEVER: "使わない",
    }
)


class ShownAs(StrEnum):
    """What is shown for each day or hour."""

    SIGNS = "signs"
    NUMBERS = "numbers"
    BOTH = "both"


SHOWN_AS_WORDS: Mapping[ShownAs, str] = MappingProxyType(
    {
        ShownAs.SIGNS: "しるしとことば",
        ShownAs.NUMBERS: "空きの人数",
        ShownAs.BOTH: "しるしとことばと、空きの人数",
    }
)


class Sign(Rule):
    """A sign of the facility's own. Words stand beside it, for those who do not see it."""

    state: DayState = Field(description="どの状態のしるしか", examples=["few"])
    sign: str = Field(min_length=1, max_length=10, description="しるし", examples=["△"])
    words: str = Field(
        default="",
        max_length=40,
        description="ことば（書かなければ、ふだんのことば）",
        examples=["残りわずか"],
    )


class DisplayRule(Rule):
    """What is shown. ``few`` is a number of places, or a percentage, as ``few_when`` says."""

    shows: ShownAs = Field(
        default=ShownAs.SIGNS, description="日ごと・時間ごとに何を見せるか", examples=["numbers"]
    )
    signs: tuple[Sign, ...] = Field(
        default=(),
        description="しるしとことば。書かなければ ○ △ × − 休",
        examples=[[{"state": "free", "sign": "◎", "words": "受付中"}]],
    )
    few_when: FewWhen = Field(
        default=FewWhen.SOME_TIME_FULL,
        description="どんなときに「残りわずか」か",
        examples=["places_left"],
    )
    few: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="few_whenがplaces_leftなら人数、percent_leftなら％",
        examples=[2],
    )
    by_class: bool = Field(
        default=False, description="trueなら、クラス（年齢）ごとに見せる", examples=[True]
    )
    by_hour: bool = Field(default=True, description="時間ごとにも見せるか", examples=[False])
    before_sign_in: bool = Field(
        default=True, description="だれにでも見せるか。falseなら、登録した方だけ", examples=[False]
    )
    last_updated: bool = Field(default=True, description="いつの空きかを書くか", examples=[False])

    @model_validator(mode="after")
    def _few_is_said(self) -> DisplayRule:
        counts = self.few_when in {FewWhen.PLACES_LEFT, FewWhen.PERCENT_LEFT}
        if counts is (self.few is None):
            raise ValueError("few is a number of places or a percentage")
        if len({sign.state for sign in self.signs}) != len(self.signs):
            raise ValueError("each state has one sign")
        return self

    def sign(self, state: DayState) -> str:
        """Return the sign of a state."""
        own = next((sign.sign for sign in self.signs if sign.state is state), None)
        return own or _SIGNS[state]

    def words(self, state: DayState) -> str:
        """Return the words that stand beside the sign (Japanese)."""
        own = next((sign.words for sign in self.signs if sign.state is state), "")
        return own or DAY_STATE_WORDS[state]

    def state(self, *, left: int, total: int, some_time_full: bool) -> DayState:
        """Return what an open day with so many places left is told to be.

        Args:
            left: Places left at the best time of the day.
            total: All places there are.
            some_time_full: Whether there is a time of the day without any place left.
        """
        if left <= 0:
            return DayState.FULL
        is_few = {
            FewWhen.SOME_TIME_FULL: some_time_full,
            FewWhen.PLACES_LEFT: left <= (self.few or 0),
            FewWhen.PERCENT_LEFT: left * 100 <= (self.few or 0) * total,
            FewWhen.NEVER: False,
        }[self.few_when]
        return DayState.FEW if is_few else DayState.FREE
