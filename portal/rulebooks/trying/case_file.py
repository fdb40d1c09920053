"""The file of cases: what can be written in it. ``docs/rules-reference.md`` is made from here."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from portal.policies.calendar import Weekday
from portal.policies.facts import Enrolment
from portal.policies.history import UseState
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule
from portal.policies.standing import StepKind
from portal.rulebooks.trying.moments import Clock, Day, Moment

#: More cases than this are a mistake, or a load test.
MOST_CASES = 2000


class DayRange(Rule):
    """Days from one to another, both included."""

    from_: Day = Field(alias="from", description="この日から", examples=["2026-12-29"])
    until: Day = Field(description="この日まで（この日を含みます）", examples=["2027-01-03"])


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


class WrittenGate(Rule):
    """An answer of the family to a question of the rules about the child."""

    said: bool = Field(description="はい＝true、いいえ＝false", examples=[True])
    on: Day | None = Field(
        default=None, description="答えた日。書かなければ now の日", examples=["2026-11-10"]
    )
    confirmed: bool = Field(default=True, description="職員が確かめたか", examples=[False])


class WrittenMark(Rule):
    """A circumstance of the household or the child, asked for by its code."""

    code: str = Field(description="きまりで使う符号", examples=["welfare"])
    from_: Day | None = Field(
        default=None, alias="from", description="この日から当てはまる", examples=["2026-04-01"]
    )
    until: Day | None = Field(
        default=None, description="この日まで当てはまる（含む）", examples=["2027-03-31"]
    )
    proven: bool = Field(default=True, description="証明するものを見せたか", examples=[False])


class WrittenPaper(Rule):
    """A paper that was shown."""

    kind: str = Field(description="書類の種類（きまりで使う符号）", examples=["employment"])
    from_: Day | None = Field(
        default=None, alias="from", description="この日から有効", examples=["2026-04-01"]
    )
    until: Day | None = Field(
        default=None, description="この日まで有効（含む）", examples=["2027-03-31"]
    )


class WrittenCoupon(Rule):
    """Tickets that the family holds."""

    code: str = Field(description="券の符号（きまりの coupons の code）", examples=["trial"])
    left: int = Field(ge=0, description="残りの枚数・円・分（券の種類による）", examples=[3])
    from_: Day | None = Field(
        default=None, alias="from", description="この日から使える", examples=["2026-04-01"]
    )
    until: Day | None = Field(
        default=None, description="この日まで使える（含む）", examples=["2027-03-31"]
    )
    child: str | None = Field(
        default=None, description="この子だけの券なら、その子の name", examples=["姉"]
    )


def _as_code(written: Any) -> Any:
    return {"code": written} if isinstance(written, str) else written


def _as_kind(written: Any) -> Any:
    return {"kind": written} if isinstance(written, str) else written


def _as_answer(written: Any) -> Any:
    return {"said": written} if isinstance(written, bool) else written


Marks = tuple[Annotated[WrittenMark, BeforeValidator(_as_code)], ...]
Papers = tuple[Annotated[WrittenPaper, BeforeValidator(_as_kind)], ...]
Answer = Annotated[WrittenGate, BeforeValidator(_as_answer)]


class WrittenChild(Rule):
    """A child of the wish. What is not said is in order: registered, every step done."""

    name: str | None = Field(
        default=None,
        description="呼び名。history や coupons からこの子を指すのに使います",
        examples=["姉"],
    )
    born: Day = Field(description="生年月日", examples=["2024-05-20"])
    registered: bool = Field(default=True, description="登録が済んでいるか", examples=[False])
    registered_from: Day | None = Field(
        default=None,
        description="登録の始まる日。書かなければ、ずっと前から",
        examples=["2026-04-01"],
    )
    registered_until: Day | None = Field(
        default=None,
        description="登録の終わる日（含む）。書かなければ、期限なし",
        examples=["2027-03-31"],
    )
    has_application: bool = Field(
        default=True,
        description="登録の申し込みをしているか（ならし預かりで見ます）",
        examples=[False],
    )
    steps_done: tuple[StepKind, ...] | None = Field(
        default=None,
        description="済んだ段階。書かなければ、すべて済んでいる。何もしていなければ []",
        examples=[["tour", "interview"]],
    )
    steps_ordered: tuple[StepKind, ...] = Field(
        default=(), description="職員がこの子に求めた段階", examples=[["trial_care"]]
    )
    steps_waived: tuple[StepKind, ...] = Field(
        default=(), description="職員がこの子には省いた段階", examples=[["tour"]]
    )
    trial_next_part: int = Field(
        default=1, ge=1, le=10, description="ならし預かりの次の回", examples=[2]
    )
    trial_ahead: bool = Field(
        default=False, description="ならし預かりの予約か、結果の記録を待っているか", examples=[True]
    )
    trial_paused: bool = Field(
        default=False, description="職員が「もう少し先に」としたか", examples=[True]
    )
    family_agreed: bool = Field(
        default=True, description="家庭が園の説明を読んだか", examples=[False]
    )
    facility_agreed: bool = Field(
        default=True, description="園がこの子のことを読んだか", examples=[False]
    )
    has_conditions: bool = Field(
        default=False, description="条件つきで登録されたか", examples=[True]
    )
    record_holds: bool = Field(
        default=True, description="児童票が最近確かめられているか", examples=[False]
    )
    enrolment: Enrolment = Field(
        default=Enrolment.NONE, description="ほかに在籍しているところ", examples=["kindergarten"]
    )
    own_place_closed: bool = Field(
        default=False, description="在籍しているところが、その日休みか", examples=[True]
    )
    gates: dict[str, Answer] | None = Field(
        default=None,
        description="きまりの gates の問いへの答え（code = true/false、または表）。"
        "書かなければ、すべて預かれる答え。書いたときは、書いた問いだけに答えたことになります",
        examples=[{"weaned": True, "fever": {"said": False, "on": "2026-11-20"}}],
    )
    marks: Marks = Field(
        default=(), description="この子だけの事情（符号か、表）", examples=[["support_needed"]]
    )


class WrittenHousehold(Rule):
    """The home. What is not said is in order: a resident, with every paper that is asked for."""

    resident: bool | None = Field(
        default=None,
        description="きまりの地域に住むか。city などを書くときは要りません。"
        "どれも書かなければ true（circumstances を書いたときは false）",
        examples=[False],
    )
    city: str | None = Field(default=None, description="住んでいる市区町村", examples=["松戸市"])
    ward: str | None = Field(
        default=None, description="住んでいる区（政令指定都市の区）", examples=["中原区"]
    )
    prefecture: str | None = Field(
        default=None, description="住んでいる都道府県", examples=["千葉県"]
    )
    circumstances: tuple[str, ...] = Field(
        default=(), description="よそに住む家庭の事情の符号", examples=[["homecoming"]]
    )
    statements: tuple[str, ...] | None = Field(
        default=None,
        description="そのうち、申立書などを出したもの。書かなければ、すべて出した。なければ []",
        examples=[["homecoming"]],
    )
    marks: Marks = Field(default=(), description="世帯の事情（符号か、表）", examples=[["welfare"]])
    tax_yen: int | None = Field(
        default=None, ge=0, description="市町村民税所得割の額（円）", examples=[77100]
    )
    papers: Papers | None = Field(
        default=None,
        description="見せた書類（種類か、表）。書かなければ、求められる書類はすべて見せた。"
        "1つも見せていなければ []",
        examples=[["employment"]],
    )
    coupons: tuple[WrittenCoupon, ...] = Field(
        default=(), description="持っている券", examples=[[{"code": "trial", "left": 3}]]
    )
    preschoolers: tuple[Day, ...] = Field(
        default=(),
        description="就学前のきょうだい全員の生年月日（使わない子も）。"
        "書かなければ、申し込んだ子だけ",
        examples=[["2021-06-01", "2024-05-20"]],
    )


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
        description="利用区分。書かなければ、このケースと同じ",
        examples=["respite"],
    )
    reason: str | None = Field(default=None, description="利用の理由", examples=["work"])
    cause: str | None = Field(
        default=None,
        description="同じ事情の目じるし（1つの事情につき何日、を数えるとき）",
        examples=["入院"],
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
            _object("date か dates の、どちらか1つを書いてください。")
        if (self.from_ is None) != (self.to is None):
            _object("from と to は、両方書いてください。")
        said = (self.from_, self.hours, self.minutes)
        if sum(one is not None for one in said) > 1:
            _object("長さは、from と to・hours・minutes のどれか1つで書いてください。")
        if all(one is None for one in (*said, self.unit)):
            _object("長さを、from と to・hours・minutes・unit のどれかで書いてください。")
        return self


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
    opens_at: Moment | Literal["none"] | None = Field(
        default=None,
        description='予約の始まる時。いつからでもよいなら "none"',
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
        default=0, ge=0, description="登録しているほかの施設の数", examples=[1]
    )
    purpose: str | None = Field(
        default=None,
        description="利用区分（purposes の code）。書かなければ、きまりに1つしかないとき、それ",
        examples=["respite"],
    )
    reason: str | None = Field(default=None, description="利用の理由の符号", examples=["work"])
    cause: str | None = Field(default=None, description="同じ事情の目じるし", examples=["入院"])
    channel: str | None = Field(
        default=None,
        description="申し込みの方法。書かなければ、どの方法かを問わない",
        examples=["phone"],
    )
    options: tuple[str, ...] = Field(
        default=(), description="いっしょに選んだこと", examples=[["own_lunch"]]
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
            _object("from と to は、両方書いてください。")
        if (self.from_ is None) == (self.unit is None):
            _object("時間は、from と to か、unit の、どちらかで書いてください。")
        if self.from_ is not None and self.to is not None and self.to <= self.from_:
            _object("to を、from より後にしてください。")
        return self

    @model_validator(mode="after")
    def _names_children_it_has(self) -> Self:
        names = [child.name for child in self.children if child.name is not None]
        if len(set(names)) != len(names):
            _object("同じ name の子が2人います。")
        used = [use.child for use in self.history]
        used += [coupon.child for coupon in self.household.coupons]
        for name in used:
            if name is not None and name not in names:
                _object(f"「{name}」という name の子が children にいません。")
        if len(self.children) > 1 and self.trial_part is not None:
            _object("ならし預かりは、1人ずつのケースにしてください。")
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


def _object(words: str) -> None:
    raise PydanticCustomError("said", "{words}", {"words": words})
