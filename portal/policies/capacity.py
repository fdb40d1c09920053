"""Kind G15, capacity: how many children at once, in words and in figures.

The database holds the places themselves (``slots``); here stands what the facility promises, so
that both can be compared and parents can read it. All limits hold together, at each moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from portal.policies.rule import ClockTime, Rule

_Places = Annotated[int, Field(ge=0, le=1000)]
_ClassAge = Annotated[int, Field(ge=0, le=5)]


class CountedPer(StrEnum):
    """What the number of places is counted over."""

    MOMENT = "moment"
    HOUR = "hour"
    BLOCK = "block"
    DAY = "day"


COUNTED_PER_WORDS: Mapping[CountedPer, str] = MappingProxyType(
    {
        CountedPer.MOMENT: "同じ時間に",
        CountedPer.HOUR: "1時間ごとに",
        CountedPer.BLOCK: "区分（午前・午後など）ごとに",
        CountedPer.DAY: "1日に",
    }
)


class PlacesFrom(StrEnum):
    """Where the number of places comes from."""

    OWN = "own"
    UNUSED = "unused"


PLACES_FROM_WORDS: Mapping[PlacesFrom, str] = MappingProxyType(
    {
        PlacesFrom.OWN: "一時預かりのための定員",
        PlacesFrom.UNUSED: "園の定員のうち、空いている人数（余裕活用型）",
    }
)


class SetAnew(StrEnum):
    """How often the number is set anew."""

    DAILY = "daily"
    MONTHLY = "monthly"
    YEARLY = "yearly"


SET_ANEW_WORDS: Mapping[SetAnew, str] = MappingProxyType(
    {
        SetAnew.DAILY: "日ごとに決め直します",
        SetAnew.MONTHLY: "月ごとに決め直します",
        SetAnew.YEARLY: "年度ごとに決め直します",
    }
)


class KeptFor(StrEnum):
    """Whom a part of the places is kept for."""

    WALK_IN = "walk_in"
    EMERGENCY = "emergency"
    REFERRAL = "referral"
    FIRST_USE = "first_use"
    REGULAR = "regular"
    OTHER = "other"


KEPT_FOR_WORDS: Mapping[KeptFor, str] = MappingProxyType(
    {
        KeptFor.WALK_IN: "当日の申し込み",
        KeptFor.EMERGENCY: "緊急のとき",
        KeptFor.REFERRAL: "相談の窓口から紹介された家庭",
        KeptFor.FIRST_USE: "はじめて使う家庭",
        KeptFor.REGULAR: "定期利用",
        KeptFor.OTHER: "そのほか",
    }
)


class PartCap(Rule):
    """A limit on a part of the children, within the total."""

    classes: tuple[_ClassAge, ...] = Field(
        default=(),
        max_length=6,
        description="この上限をかける歳児クラス。空なら、どのクラスにも、クラスごとにかかります。",
        examples=[[0], [0, 1]],
    )
    most: _Places | None = Field(
        default=None, description="いっしょにいられる人数の上限。", examples=[2]
    )
    share_percent: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="全体の人数のうち、何％までか。端数は切り捨てます。most とはどちらか1つ。",
        examples=[50],
    )
    strict: bool = Field(
        default=True,
        description="かならず守るなら true。「原則として」なら false で、園が相談に応じます。",
        examples=[False],
    )

    @model_validator(mode="after")
    def _is_one_figure(self) -> PartCap:
        if (self.most is None) == (self.share_percent is None):
            raise ValueError("a part has a number or a share")
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("each class stands once")
        return self

    def limit(self, total: int | None) -> int | None:
        """Return the limit as a number; None for a share of a total that is not known."""
        if self.most is not None or self.share_percent is None:
            return self.most
        return None if total is None else total * self.share_percent // 100


class BandCap(Rule):
    """Another total for a part of the day: ``from_ <= t < until``."""

    from_: ClockTime = Field(alias="from", description="この人数が始まる時刻。", examples=["08:00"])
    until: ClockTime = Field(description="この人数が終わる時刻。", examples=["09:00"])
    total: _Places = Field(description="この時間の人数の上限。", examples=[3])

    @model_validator(mode="after")
    def _ends_after_start(self) -> BandCap:
        if self.until <= self.from_:
            raise ValueError("a block ends after it starts")
        return self


class KeptPlaces(Rule):
    """A part of the places that is kept for some, perhaps until shortly before the day."""

    places: _Places = Field(description="とっておく人数。", examples=[3])
    kept_for: KeptFor = Field(description="だれのためにとっておくか。", examples=["walk_in"])
    label: str = Field(
        default="",
        max_length=60,
        description='kept_for = "other" のとき、だれのためか。園のことばで書きます。',
        examples=["市の会議に出る人"],
    )
    until_days_before: int | None = Field(
        default=None,
        ge=0,
        le=366,
        description="利用の何日前に、だれでも使えるようになるか。空なら、とっておいたままです。",
        examples=[3],
    )
    until_time: ClockTime = Field(
        default="00:00",
        description="until_days_before の日の、何時に使えるようになるか。",
        examples=["09:00"],
    )


class RatioCap(Rule):
    """How many children one person of staff looks after, by class."""

    classes: tuple[_ClassAge, ...] = Field(
        min_length=1, max_length=6, description="歳児クラス。", examples=[[1, 2]]
    )
    children: int = Field(ge=1, le=40, description="職員1人で見る、子どもの人数。", examples=[6])


class StaffingCap(Rule):
    """The limit that the staff on duty set: it goes with their number, so no figure is fixed."""

    ratios: tuple[RatioCap, ...] = Field(
        default=(),
        max_length=6,
        description="クラスごとの、職員1人あたりの子どもの人数。",
        examples=[[{"classes": [0], "children": 3}, {"classes": [1, 2], "children": 6}]],
    )
    least_staff: int = Field(
        default=2, ge=1, le=20, description="子どもが1人でも、いつもいる職員の人数。", examples=[2]
    )

    @model_validator(mode="after")
    def _each_class_once(self) -> StaffingCap:
        classes = [each for ratio in self.ratios for each in ratio.classes]
        if len(set(classes)) < len(classes):
            raise ValueError("each class stands once")
        return self


class CapacityRule(Rule):
    """How many children at once. Without ``total`` the facility names no number."""

    total: _Places | None = Field(default=None, description="全体の人数の上限。", examples=[10])
    about: bool = Field(
        default=False, description="人数が「約」「おおむね」なら true。", examples=[True]
    )
    per: CountedPer = Field(
        default=CountedPer.MOMENT,
        description=(
            "何ごとに数えるか：moment（同じ時間に）、hour（1時間ごと）、block（区分ごと）、day（1日に）。"
        ),
        examples=["day"],
    )
    parts: tuple[PartCap, ...] = Field(
        default=(),
        max_length=12,
        description="クラスごとの上限。どれも、全体の上限といっしょに守ります。",
        examples=[[{"classes": [0], "most": 2}]],
    )
    bands: tuple[BandCap, ...] = Field(
        default=(),
        max_length=24,
        description="時間によって人数がちがうとき、その時間の上限。",
        examples=[[{"from": "08:00", "until": "09:00", "total": 3}]],
    )
    kept: tuple[KeptPlaces, ...] = Field(
        default=(),
        max_length=6,
        description="全体のうち、だれかのためにとっておく人数。",
        examples=[[{"places": 3, "kept_for": "walk_in"}]],
    )
    places_from: PlacesFrom = Field(
        default=PlacesFrom.OWN,
        description="人数の決め方：own（一時預かりの定員）、unused（園の空き。余裕活用型）。",
        examples=["unused"],
    )
    set_anew: SetAnew | None = Field(
        default=None,
        description="人数を決め直す間隔：daily（日）、monthly（月）、yearly（年度）。",
        examples=["monthly"],
    )
    staffing: StaffingCap | None = Field(
        default=None, description="職員の人数による上限。", examples=[{"least_staff": 2}]
    )
    may_refuse_below: bool = Field(
        default=False,
        description="満員でなくても、お子さんのようすや人数によってことわることがあるなら true。",
        examples=[True],
    )
    shared_with: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        default=(),
        max_length=8,
        description="同じ人数をいっしょに使う、ほかの事業の名前。",
        examples=[["こども誰でも通園"]],
    )

    @model_validator(mode="after")
    def _parts_fit_the_whole(self) -> CapacityRule:
        total = self.total
        for said, is_wrong in (
            ("a share needs a total", total is None and any(p.share_percent for p in self.parts)),
            (
                "a part is no more than the whole",
                total is not None and any((p.limit(total) or 0) > total for p in self.parts),
            ),
            (
                "no more is kept than there is",
                total is not None and sum(each.places for each in self.kept) > total,
            ),
            ("a rough number needs a number", self.about and total is None),
            ("the times do not overlap", self._bands_overlap),
        ):
            if is_wrong:
                raise ValueError(said)
        return self

    @property
    def _bands_overlap(self) -> bool:
        bands = sorted(self.bands, key=lambda band: band.from_)
        return any(one.until > other.from_ for one, other in pairwise(bands))

    def exceeded(
        self, present: Mapping[int, int], *, on_duty: int | None = None
    ) -> tuple[str, ...]:
        """Return which limits children of one moment exceed: ``total``, ``part``, ``staff``.

        All three hold at once; a part is named as ``part:0,1`` by its classes. Bands of the day
        and places kept are not looked at: they go with the clock.

        Args:
            present: Children by class age, with the one who asks.
            on_duty: Persons of staff; None where nobody knows.
        """
        return tuple(self._exceeded(present, on_duty))

    def _exceeded(self, present: Mapping[int, int], on_duty: int | None) -> Iterator[str]:
        if self.total is not None and sum(present.values()) > self.total:
            yield "total"
        for part in self.parts:
            limit = part.limit(self.total)
            together = sum(present.get(age, 0) for age in part.classes)
            counted = [together] if part.classes else list(present.values())
            if limit is not None and any(number > limit for number in counted):
                yield f"part:{','.join(map(str, part.classes))}"
        if self.staffing is not None and on_duty is not None:
            ratios = {age: r.children for r in self.staffing.ratios for age in r.classes}
            shares = {age: n for age, n in present.items() if age in ratios}
            needed = _persons(shares, ratios)
            if any(present.values()) and on_duty < max(needed, self.staffing.least_staff):
                yield "staff"


def _persons(children: Mapping[int, int], ratios: Mapping[int, int]) -> int:
    """The sum of the exact shares, a started person counting whole; in whole numbers throughout."""
    common = 1
    for ratio in ratios.values():
        common *= ratio
    shares = sum(number * common // ratios[age] for age, number in children.items())
    return -(-shares // common)
