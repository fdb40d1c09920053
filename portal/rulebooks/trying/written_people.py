"""Children and their homes in a file of cases: what is not said is in order."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from portal.policies.facts import Enrolment
from portal.policies.rule import Rule
from portal.policies.standing import StepKind
from portal.rulebooks.trying.moments import Day


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

    kind: str = Field(
        description="書類の種類（きまりで使う符号）", examples=["employment_certificate"]
    )
    from_: Day | None = Field(
        default=None, alias="from", description="この日から有効", examples=["2026-04-01"]
    )
    until: Day | None = Field(
        default=None, description="この日まで有効（含む）", examples=["2027-03-31"]
    )


class WrittenCoupon(Rule):
    """Tickets that the family holds."""

    code: str = Field(description="券の符号（きまりの coupons の code）", examples=["trial"])
    left: int = Field(ge=0, description="残りの枚数", examples=[3])
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
        examples=[{"weaned": True, "no_fever": {"said": False, "on": "2026-11-20"}}],
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
        default=None,
        ge=0,
        description="市町村民税所得割の額（円）。職員が書類を見て入れたもの。"
        "まだ見ていなければ書きません",
        examples=[77100],
    )
    papers: Papers | None = Field(
        default=None,
        description="見せた書類（種類か、表）。書かなければ、求められる書類はすべて見せた。"
        "1つも見せていなければ []",
        examples=[["employment_certificate"]],
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
