"""Kind G8, allocation: who gets a place when several ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.policies.notes import BookingNote
from portal.policies.outcome import Outcome
from portal.policies.proofs import PAPER_WORDS
from portal.policies.rule import ClockTime, Rule


class AllocationMethod(StrEnum):
    """How places are given; the names that documents use."""

    FIRST_COME = "first_come"
    STAFF_APPROVAL = "staff_approval"
    PROVISIONAL = "provisional"  # held, confirmed once the papers are in
    LOTTERY = "lottery"
    LOTTERY_OF_ORDER = "lottery_of_order"  # who is served first is drawn
    LOTTERY_OF_REGISTRATIONS = "lottery_of_registrations"  # who may register is drawn
    PRIORITY = "priority"  # by classes, then by receipt


ALLOCATION_WORDS: Mapping[AllocationMethod, str] = MappingProxyType(
    {
        AllocationMethod.FIRST_COME: "申し込みの順に決まります",
        AllocationMethod.STAFF_APPROVAL: "園が1件ずつ確かめて決めます",
        AllocationMethod.PROVISIONAL: "仮の予約を受け、書類が届くと決まります",
        AllocationMethod.LOTTERY: "申し込みを集めて、抽選で決めます",
        AllocationMethod.LOTTERY_OF_ORDER: "受付の順番を抽選で決めます",
        AllocationMethod.LOTTERY_OF_REGISTRATIONS: "登録できる方を抽選で決めます",
        AllocationMethod.PRIORITY: "申し込みを集めて、優先の順に決めます",
    }
)

#: Drawn before anybody books; the bookings themselves are made as ever.
DRAWN_BEFORE = frozenset(
    {AllocationMethod.LOTTERY_OF_ORDER, AllocationMethod.LOTTERY_OF_REGISTRATIONS}
)
_DRAWN = DRAWN_BEFORE | {AllocationMethod.LOTTERY}


class Told(StrEnum):
    """Who hears of a result."""

    EVERYBODY = "everybody"
    WINNERS = "winners"


TOLD_WORDS: Mapping[Told, str] = MappingProxyType(
    {
        Told.EVERYBODY: "結果は、申し込んだ方みなさんに知らせます",
        Told.WINNERS: "結果は、決まった方にだけ知らせます",
    }
)


class PriorityFor(StrEnum):
    """Who can stand before others."""

    FIRST_TIMERS = "first_timers"
    WORK_OR_CARE = "work_or_care"
    REFERRED = "referred"
    NEEDS_SUPPORT = "needs_support"
    RESIDENTS = "residents"
    SINGLE_PARENT = "single_parent"
    SIBLINGS = "siblings"
    FEWEST_USES = "fewest_uses"


PRIORITY_FOR_WORDS: Mapping[PriorityFor, str] = MappingProxyType(
    {
        PriorityFor.FIRST_TIMERS: "はじめて使う方",
        PriorityFor.WORK_OR_CARE: "仕事や介護で使う方",
        PriorityFor.REFERRED: "こども家庭センターなどから案内された方",
        PriorityFor.NEEDS_SUPPORT: "支援が必要なご家庭",
        PriorityFor.RESIDENTS: "市区町村に住む方",
        PriorityFor.SINGLE_PARENT: "ひとり親のご家庭",
        PriorityFor.SIBLINGS: "きょうだいで使う方",
        PriorityFor.FEWEST_USES: "これまでの利用が少ない方",
    }
)


class Draw(Rule):
    """When a draw is held and how its result is told. Seed, wishes and result are kept."""

    days_after_collection: int = Field(
        default=1,
        ge=0,
        le=60,
        description="申し込みを締め切ってから何日目に抽選するか（0は締切の日）",
        examples=[1],
    )
    at: ClockTime | None = Field(default=None, description="抽選の時刻", examples=["10:00"])
    told: Told = Field(
        default=Told.EVERYBODY, description="結果をだれに知らせるか", examples=["winners"]
    )
    told_within_days: int | None = Field(
        default=None, ge=0, le=60, description="抽選から何日以内に知らせるか", examples=[3]
    )


class Papers(Rule):
    """What a provisional booking waits for, and when it lapses by itself."""

    kinds: tuple[str, ...] = Field(
        default=(),
        description="いる書類（どれも）。呼び名か、書類の名前をそのまま書く",
        examples=[["利用申込書"]],
    )
    within_days: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="何日以内に届けるか。過ぎると取り消しになる",
        examples=[7],
    )
    within_hours: int | None = Field(
        default=None,
        ge=1,
        le=240,
        description="何時間以内に届けるか。過ぎると取り消しになる",
        examples=[48],
    )

    @model_validator(mode="after")
    def _one_limit(self) -> Papers:
        if self.within_days is not None and self.within_hours is not None:
            raise ValueError("give either days or hours")
        return self

    @property
    def words(self) -> str | None:
        """What the papers are called (Japanese), or None where none is named."""
        return "」と「".join(PAPER_WORDS.get(kind, kind) for kind in self.kinds) or None


class AllocationRule(Rule):
    """How places are given.

    ``answer_days``: staff answer within so many open days. ``equalise``: among equals, whoever has
    used less comes first. ``priorities``: earlier ones stand before later ones.
    """

    method: AllocationMethod = Field(
        default=AllocationMethod.FIRST_COME, description="決め方", examples=["staff_approval"]
    )
    answer_days: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="何日以内に返事をするか（開いている日で数える）",
        examples=[3],
    )
    priorities: tuple[PriorityFor, ...] = Field(
        default=(),
        description="先に決める方。前に書いたものほど先",
        examples=[["first_timers", "work_or_care"]],
    )
    equalise: bool = Field(
        default=False,
        description="trueなら、多くの家庭が使えるように、利用の少ない方を先にする",
        examples=[True],
    )
    draw: Draw | None = Field(
        default=None,
        description="抽選のきまり（lotteryで始まる決め方のときだけ）",
        examples=[{"days_after_collection": 1, "told": "everybody"}],
    )
    papers: Papers | None = Field(
        default=None,
        description="仮の予約が待つ書類（provisionalのときだけ）",
        examples=[{"kinds": ["利用申込書"], "within_days": 7}],
    )

    @model_validator(mode="after")
    def _fits_its_method(self) -> AllocationRule:
        if self.draw is not None and self.method not in _DRAWN:
            raise ValueError("a draw belongs to a lottery")
        if self.papers is not None and self.method is not AllocationMethod.PROVISIONAL:
            raise ValueError("papers belong to a provisional booking")
        if self.method is AllocationMethod.PRIORITY and not (self.priorities or self.equalise):
            raise ValueError("name who comes first")
        return self

    @property
    def outcome(self) -> Outcome:
        """What a wish without reasons against it becomes at once."""
        if self.method is AllocationMethod.STAFF_APPROVAL:
            return Outcome.AWAITS_APPROVAL
        if self.method is AllocationMethod.PROVISIONAL:
            return Outcome.PROVISIONAL
        if self.method in {AllocationMethod.LOTTERY, AllocationMethod.PRIORITY}:
            return Outcome.LOTTERY
        # The order of serving, or who may register, is drawn before anybody books.
        return Outcome.CONFIRMED

    def notes(self) -> Iterator[Reason]:
        """Yield what a wish waits for."""
        if self.outcome is Outcome.AWAITS_APPROVAL:
            yield Reason(BookingNote.AWAITS_FACILITY, {"answer_days": self.answer_days})
        if self.outcome is Outcome.LOTTERY:
            yield Reason(BookingNote.AWAITS_DRAW)
        if self.outcome is Outcome.PROVISIONAL:
            papers = self.papers or Papers()
            values: dict[str, object] = {
                "paper": papers.words,
                "days": papers.within_days,
                "hours": papers.within_hours,
            }
            yield Reason(BookingNote.AWAITS_PAPERS, values)
