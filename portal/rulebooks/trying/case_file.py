"""The file of cases: what can be written in it. ``docs/rules-reference.md`` is made from here."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from portal.policies.channels import ChannelName
from portal.policies.outcome import Outcome
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule
from portal.rulebooks.trying.moments import Clock, Day, Moment, refuse
from portal.rulebooks.trying.written_calendar import WrittenCalendar
from portal.rulebooks.trying.written_people import WrittenChild, WrittenHousehold
from portal.rulebooks.trying.written_then import WrittenThen
from portal.rulebooks.trying.written_use import WrittenUse

#: More cases than this are a mistake, or a load test.
MOST_CASES = 2000


class Expected(Rule):
    """What should come out. Only what is written is compared."""

    allowed: bool | None = Field(default=None, description="預かれるか", examples=[True])
    reasons: tuple[BookingRefusal, ...] | None = Field(
        default=None,
        description="預かれない理由の符号のすべて（順は問わない）。なければ []",
        examples=[["not_yet_open", "too_young"]],
    )
    fee_yen: int | None = Field(
        default=None, ge=0, description="全員の料金の合計（円）", examples=[1500]
    )
    outcome: Outcome | None = Field(
        default=None,
        description="理由がないとき、申し込みはどうなるか",
        examples=["awaits_approval"],
    )
    opens_at: Moment | Literal["none", "not_announced"] | None = Field(
        default=None,
        description='予約の始まる時。いつからでもよいなら "none"。'
        'まだ知らせていない（announced の期間にない日）なら "not_announced"',
        examples=["2026-11-15 09:00"],
    )
    closes_at: Moment | None = Field(
        default=None,
        description="予約の終わる時（この時からは遅い）",
        examples=["2026-11-17 24:00"],
    )
    cancel_free_until: Moment | Literal["none"] | None = Field(
        default=None,
        description='無料で取り消せる終わりの時（この時からは遅い）。いつでも無料なら "none"',
        examples=["2026-11-19 17:00"],
    )
    then_yen: int | None = Field(
        default=None,
        ge=0,
        description="then のとおりになったとき、全員で払う額（円）",
        examples=[750],
    )


class By(StrEnum):
    """Who decides or enters the wish."""

    FAMILY = "family"
    STAFF = "staff"
    HEAD = "head"


BY_WORDS = {By.FAMILY: "家庭が自分で", By.STAFF: "職員が", By.HEAD: "施設長（または市区町村）が"}


class WrittenCase(Rule):
    """One wish: who, when, what happened before, and what is expected."""

    name: str = Field(
        min_length=1, max_length=200, description="ケースの名前", examples=["初日の朝"]
    )
    now: Moment = Field(
        description="申し込んだ（判断する）時。日本の時刻", examples=["2026-11-10 09:00"]
    )
    received_at: Moment | None = Field(
        default=None,
        description="職員が入力するとき、電話や窓口で受けた時。書かなければ now",
        examples=["2026-11-09 16:30"],
    )
    by: By = Field(default=By.FAMILY, description="だれが申し込む・決めるか", examples=["staff"])
    date: Day = Field(description="利用する日", examples=["2026-11-20"])
    from_: Clock | None = Field(
        default=None, alias="from", description="始まりの時刻", examples=["09:00"]
    )
    to: Clock | None = Field(
        default=None, description='終わりの時刻。夜の12時は "24:00"', examples=["12:00"]
    )
    unit: str | None = Field(
        default=None,
        description="時刻の代わりに、利用の枠（blocks の label）",
        examples=["午前"],
    )
    children: tuple[WrittenChild, ...] = Field(
        min_length=1,
        max_length=20,
        description="いっしょに申し込む子",
        examples=[[{"born": "2024-05-20"}]],
    )
    household: WrittenHousehold = Field(
        default=WrittenHousehold(), description="家庭", examples=[{"resident": False}]
    )
    history: tuple[WrittenUse, ...] = Field(
        default=(),
        description="これまでの利用と、もう入っている予約",
        examples=[[{"date": "2026-11-05", "hours": 4}]],
    )
    registrations: int = Field(
        default=0,
        ge=0,
        description="登録しているほかの施設の数。この施設は、registered なら1つに数えます",
        examples=[1],
    )
    purpose: str | None = Field(
        default=None,
        description="利用区分（purposes の code）。書かなければ、きまりに1つしかないとき、それ",
        examples=["respite"],
    )
    reason: str | None = Field(default=None, description="利用の理由の符号", examples=["work"])
    cause: str | None = Field(default=None, description="同じ事情の目じるし", examples=["入院"])
    channel: ChannelName | None = Field(
        default=None,
        description="申し込みの方法。書かなければ、方法を問わない",
        examples=["phone"],
    )
    options: tuple[str, ...] = Field(
        default=(),
        description="いっしょに選んだこと。数のあるものは nappies:3 のように",
        examples=[["own_lunch"]],
    )
    coupons: tuple[str, ...] = Field(
        default=(), description="使う券の符号（この順に使います）", examples=[["trial"]]
    )
    trial_part: int | None = Field(
        default=None, ge=1, le=10, description="ならし預かりの申し込みなら、その回", examples=[1]
    )
    on_the_spot: bool = Field(
        default=False, description="紹介した機関が、面談の場で予約するか", examples=[True]
    )
    overruled: tuple[BookingRefusal, ...] = Field(
        default=(),
        description="職員（by が staff か head）が、わけを記録して認めた理由の符号",
        examples=[["closed_for_booking"]],
    )
    then: WrittenThen | None = Field(
        default=None,
        description="予約のあとのこと：取り消し、連絡のないお休み、お迎えの時刻。"
        "払う額が then_yen に出ます",
        examples=[{"cancelled_at": "2026-11-19 18:00"}],
    )
    calendar: WrittenCalendar | None = Field(
        default=None,
        description="このケースだけの暦。書かなければ、ファイルの calendar",
        examples=[{"closed": ["2026-11-20"]}],
    )
    expect: Expected = Field(
        default=Expected(), description="期待する結果", examples=[{"allowed": True}]
    )

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if (self.from_ is None) != (self.to is None):
            refuse("from と to は、両方書いてください。")
        if (self.from_ is None) == (self.unit is None):
            refuse("時間は、from と to か、unit の、どちらかで書いてください。")
        if self.from_ is not None and self.to is not None and self.to <= self.from_:
            refuse("to を、from より後にしてください。")
        return self

    @model_validator(mode="after")
    def _says_what_then(self) -> Self:
        if self.then is None and self.expect.then_yen is not None:
            refuse("then_yen は、then を書いたときに比べられます。")
        if self.then is not None and self.then.picked_up is not None:
            came = self.then.came or self.from_
            if came is None:
                refuse("unit で書いたケースでは、picked_up といっしょに came を書いてください。")
            if self.then.picked_up <= came:
                refuse("then の picked_up を、来た時刻より後にしてください。")
        return self

    @model_validator(mode="after")
    def _names_children_it_has(self) -> Self:
        names = [child.name for child in self.children if child.name is not None]
        if len(set(names)) != len(names):
            refuse("同じ name の子が2人います。")
        used = [use.child for use in self.history]
        used += [coupon.child for coupon in self.household.coupons]
        for name in used:
            if name is not None and name not in names:
                refuse(f"「{name}」という name の子が children にいません。")
        if len(self.children) > 1 and self.trial_part is not None:
            refuse("ならし預かりは、1人ずつのケースにしてください。")
        return self


class CaseFile(Rule):
    """Calendar, what all cases share, and the cases."""

    calendar: WrittenCalendar = Field(
        default=WrittenCalendar(), description="施設の暦", examples=[{"closed": ["2026-11-25"]}]
    )
    defaults: dict[str, Any] = Field(
        default={},
        description="どのケースにも書くことを、1度だけ。ケースに書いたことが勝ちます。"
        "child に書いたことは、どの子にも入ります",
        examples=[{"now": "2026-11-10 09:00", "child": {"born": "2024-05-20"}}],
    )
    cases: tuple[WrittenCase, ...] = Field(
        min_length=1, max_length=MOST_CASES, description="ケース", examples=[[]]
    )
