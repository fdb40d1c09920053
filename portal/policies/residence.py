"""Kind G4, its first half, residence: where a family must live, and who may come all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.policies.facts import Household
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule

#: Usual reasons to come from elsewhere. A rule may have others, with a label.
CIRCUMSTANCE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "homecoming": "里帰りなどで、しばらくこちらにいる方",
        "workplace": "こちらで働いている方",
        "school": "こちらの学校に通っている方",
        "building": "この建物を利用する方",
        "juror": "裁判員などになった方",
        "moving_in": "こちらに引っ越すことが決まっている方",
        "evacuation": "災害などで避難している方",
        "agreement": "協定のある市区町村に住んでいる方",
    }
)


_PREFECTURE = re.compile("東京都|北海道|(?:大阪|京都)府|.{2,3}県")
_WITH_WARD = re.compile("(.+?市)(.+区)")


class Unknown(StrEnum):
    """What is done where nobody knows yet."""

    ACCEPT = "accept"
    REFUSE = "refuse"


UNKNOWN_WORDS: Mapping[Unknown, str] = MappingProxyType(
    {
        Unknown.ACCEPT: "予約を受け、園があとで確かめる",
        Unknown.REFUSE: "わかるまで予約を受けない",
    }
)


class HomePlace(Rule):
    """A place to live in: all that is given must be so."""

    prefecture: str | None = Field(default=None, description="都道府県", examples=["神奈川県"])
    city: str | None = Field(default=None, description="市区町村", examples=["川崎市"])
    ward: str | None = Field(
        default=None, description="政令指定都市の区、または東京の特別区", examples=["中原区"]
    )

    @model_validator(mode="after")
    def _names_a_place(self) -> HomePlace:
        if self.prefecture is None and self.city is None and self.ward is None:
            raise ValueError("name a place")
        return self

    def holds(self, home: Household) -> bool:
        """Say whether a home lies in it."""
        return (
            (self.prefecture is None or home.prefecture == self.prefecture)
            and (self.city is None or lies_in(home, self.city))
            and (self.ward is None or lies_in(home, self.ward))
        )

    @property
    def words(self) -> str:
        """The place as written on an envelope."""
        return "".join(filter(None, (self.prefecture, self.city, self.ward)))


class OtherHome(Rule):
    """Who lives elsewhere and may come all the same.

    ``statement``: only once said in writing. ``approval``: only once a person has agreed.
    """

    circumstance: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        description="事情の呼び名（半角の小文字）。よくある事情は、labelを書かなくてよい："
        + "、".join(f"{code}（{words}）" for code, words in CIRCUMSTANCE_WORDS.items()),
        examples=["homecoming"],
    )
    label: str = Field(
        default="", max_length=60, description="家庭が読む言い方", examples=["里帰り出産の方"]
    )
    statement: bool = Field(
        default=False, description="trueなら、事情を書いた紙（申立書）がいる", examples=[True]
    )
    statement_label: str = Field(
        default="",
        max_length=60,
        description="その紙の名前。書かなければ「事情を書いた紙（申立書）」",
        examples=["里帰りの申立書"],
    )
    approval: bool = Field(
        default=False,
        description="trueなら、園や市区町村が認めてから予約が決まる",
        examples=[True],
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="この利用区分のときだけ（書かなければすべて）",
        examples=[["emergency"]],
    )
    cities: tuple[str, ...] = Field(
        default=(),
        description="この市区町村に住む方だけ（書かなければどこでも）",
        examples=[["柏市"]],
    )
    prefectures: tuple[str, ...] = Field(
        default=(),
        description="この都道府県に住む方だけ（書かなければどこでも）",
        examples=[["千葉県"]],
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> OtherHome:
        if not self.label and self.circumstance not in CIRCUMSTANCE_WORDS:
            raise ValueError("a circumstance that is not a usual one has a label")
        return self

    @property
    def words(self) -> str:
        """Who it is, as families read it (Japanese)."""
        return self.label or CIRCUMSTANCE_WORDS[self.circumstance]

    @property
    def paper(self) -> str:
        """What the statement is called (Japanese)."""
        return self.statement_label or "事情を書いた紙（申立書）"

    def holds(self, home: Household, purpose: str | None) -> bool:
        """Say whether it speaks of this home; the statement is not looked at."""
        is_from_there = (not self.cities and not self.prefectures) or (
            any(lies_in(home, city) for city in self.cities) or home.prefecture in self.prefectures
        )
        return (
            self.circumstance in home.circumstances
            and (not self.purposes or purpose in self.purposes)
            and is_from_there
        )


class ResidenceRule(Rule):
    """Where families must live: in one of the cities, prefectures or places.

    With ``cities`` and ``wards`` a home lies in one of the wards of one of the cities.
    ``purposes``: those whose families are asked at all; empty is all. ``discretion``: whoever lives
    elsewhere can come once the head, or the mayor, allows it. Not ``required``: anybody can come,
    and the rule only says who is a resident to those rules that differ by it.
    """

    cities: tuple[str, ...] = Field(
        default=(), description="住んでいる市区町村（どれか1つ）", examples=[["松戸市", "柏市"]]
    )
    wards: tuple[str, ...] = Field(
        default=(),
        description="区（どれか1つ）。citiesも書くと、その市の中の区だけ",
        examples=[["中央区"]],
    )
    prefectures: tuple[str, ...] = Field(
        default=(), description="住んでいる都道府県（どれか1つ）", examples=[["千葉県"]]
    )
    places: tuple[HomePlace, ...] = Field(
        default=(),
        description="市と区の組がちがうときに並べる。どれか1つに当てはまればよい",
        examples=[[{"city": "川崎市", "ward": "中原区"}, {"city": "東京都大田区"}]],
    )
    others: tuple[OtherHome, ...] = Field(
        default=(),
        description="よそに住んでいても利用できる方",
        examples=[[{"circumstance": "homecoming", "statement": True}]],
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="住まいを問う利用区分（書かなければすべて）",
        examples=[["respite"]],
    )
    required: bool = Field(
        default=True,
        description="falseなら、どこに住んでいても使える。料金などを、住む地域で分けるためだけに書く"
        "（variantsのresidence）",
        examples=[False],
    )
    discretion: bool = Field(
        default=False,
        description="trueなら、よそに住む方も、園長や市区町村長が認めれば利用できる",
        examples=[True],
    )
    unknown: Unknown = Field(
        default=Unknown.ACCEPT,
        description="住まいがまだわからないとき：受けてあとで確かめる（accept）、受けない（refuse）",
        examples=["refuse"],
    )

    @model_validator(mode="after")
    def _names_places(self) -> ResidenceRule:
        if not (self.cities or self.wards or self.prefectures or self.places):
            raise ValueError("name where families live")
        return self

    @property
    def place_words(self) -> tuple[str, ...]:
        """The places as families read them (Japanese)."""
        if self.cities and self.wards:
            inside = "・".join(self.cities)
            towns: tuple[str, ...] = tuple(f"{inside}の{ward}" for ward in self.wards)
        else:
            towns = self.cities + self.wards
        return (*towns, *self.prefectures, *(place.words for place in self.places))

    def _is_asked(self, purpose: str | None) -> bool:
        return self.required and (not self.purposes or purpose in self.purposes)

    def is_resident(self, home: Household) -> bool | None:
        """Say whether a home lies there, or None where nobody knows where it lies."""
        if home.city is None and home.ward is None and home.prefecture is None:
            return None
        in_city = any(lies_in(home, city) for city in self.cities)
        in_ward = any(lies_in(home, ward) for ward in self.wards)
        in_town = in_city and in_ward if self.cities and self.wards else in_city or in_ward
        return (
            in_town
            or home.prefecture in self.prefectures
            or any(place.holds(home) for place in self.places)
        )

    def other(self, home: Household, purpose: str | None) -> OtherHome | None:
        """Return by which exception a home elsewhere may come: first one whose papers are in."""
        fitting = [other for other in self.others if other.holds(home, purpose)]
        complete = [
            other
            for other in fitting
            if not other.statement or other.circumstance in home.statements
        ]
        return next(iter(complete or fitting), None)

    def reasons(
        self, home: Household, purpose: str | None, *, by_head: bool = False
    ) -> Iterator[Reason]:
        """Yield what the home says against a stay with this purpose.

        Args:
            by_head: Whether the head or the municipality decides: discretion is theirs.
        """
        if not self._is_asked(purpose):
            return
        resident = self.is_resident(home)
        if resident or (by_head and self.discretion):
            return
        other = self.other(home, purpose)
        if other is not None:
            if other.statement and other.circumstance not in home.statements:
                yield Reason(BookingRefusal.STATEMENT_MISSING, {"paper": other.paper})
        elif resident is False or self.unknown is Unknown.REFUSE:
            yield Reason(BookingRefusal.NOT_RESIDENT, {"places": self.place_words})

    def notes(self, home: Household, purpose: str | None) -> Iterator[Reason]:
        """Yield what is still looked at, and who still has to agree."""
        if not self._is_asked(purpose):
            return
        resident = self.is_resident(home)
        other = None if resident else self.other(home, purpose)
        if other is not None and other.approval:
            yield Reason(BookingNote.AWAITS_FACILITY, {"answer_days": None})
        elif resident is None and other is None and self.unknown is Unknown.ACCEPT:
            yield Reason(BookingNote.RESIDENCE_UNKNOWN)


def lies_in(home: Household, town: str) -> bool:
    """Say whether a home lies in a city or ward, whichever parts of its name are written.

    ``東京都中央区``, ``中央区`` and, of a city with wards, ``川崎市``, ``中原区`` and
    ``川崎市中原区`` are all understood; a prefecture that is written on both sides must agree.
    """
    (of_city, city), (of_ward, ward) = _apart(home.city or ""), _apart(home.ward or "")
    if parts := _WITH_WARD.fullmatch(city):
        city, ward = parts[1], parts[2]
    asked_in, wanted = _apart(town)
    prefecture = of_city or of_ward or home.prefecture
    if asked_in and prefecture and asked_in != prefecture:
        return False
    return wanted in {city, ward, city + ward} - {""}


@lru_cache(maxsize=4096)
def _apart(town: str) -> tuple[str, str]:
    """Return the prefecture, empty where none is written, and the rest of a name."""
    found = _PREFECTURE.match(town)
    return (found[0], town[found.end() :]) if found else ("", town)
