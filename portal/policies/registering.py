"""Parts of G19: when an application for registration is taken, and what comes with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from portal.policies.rule import Rule
from portal.policies.variants import DaySpan

#: A day of every year, ``03-20``; 29 February is not among them.
SeasonDay = Annotated[
    str,
    Field(
        pattern=r"^(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])$|^(0[469]|11)-(0[1-9]|[12]\d|30)$|^02-(0[1-9]|1\d|2[0-8])$"
    ),
]


class RegistrationScope(StrEnum):
    """Where something about a registration holds, or who decides it."""

    FACILITY = "facility"
    MUNICIPALITY = "municipality"
    BOTH = "both"


REGISTRATION_SCOPE_WORDS: Mapping[RegistrationScope, str] = MappingProxyType(
    {
        RegistrationScope.FACILITY: "園",
        RegistrationScope.MUNICIPALITY: "市区町村",
        RegistrationScope.BOTH: "園と市区町村の両方",
    }
)


class IssuedWith(StrEnum):
    """What a family gets with its registration."""

    CARD = "card"
    NUMBER = "number"


ISSUED_WITH_WORDS: Mapping[IssuedWith, str] = MappingProxyType(
    {IssuedWith.CARD: "登録カード", IssuedWith.NUMBER: "登録番号"}
)


class EarlyApplication(Rule):
    """From when an application is taken for a child that is too young yet, or not born.

    ``days_before``: so many days before its first possible day; ``from_pregnancy``: before birth.
    """

    days_before: int | None = Field(
        default=None,
        ge=0,
        le=400,
        description="利用できる年齢になる日の何日前から申し込めるか（2週間は14）",
        examples=[14],
    )
    from_pregnancy: bool = Field(
        default=False, description="trueなら、妊娠中から申し込める", examples=[True]
    )

    @model_validator(mode="after")
    def _one_or_the_other(self) -> EarlyApplication:
        if self.from_pregnancy is (self.days_before is not None):
            raise ValueError("give days before, or from pregnancy")
        return self

    def opens_on(self, first_day: date) -> date | None:
        """Return the first local day of applying for care from ``first_day``; None for always."""
        if self.days_before is None:
            return None
        return first_day - timedelta(days=self.days_before)


class Suspension(Rule):
    """A time in which no new child of these classes is registered; no class named: of none."""

    class_ages: tuple[Annotated[int, Field(ge=0, le=6)], ...] = Field(
        default=(),
        description="止めているクラス（年度年齢、0歳児クラスは0）。書かなければすべて",
        examples=[[0, 1]],
    )
    days: DaySpan = Field(
        default=DaySpan(),
        description="止めている期間（両端の日を含む）。書かなければ、当分のあいだ",
        examples=[{"from": "2026-10-01", "until": "2027-03-31"}],
    )
    message: str = Field(
        default="",
        max_length=200,
        description="家庭への説明",
        examples=["0歳児の登録は、いっぱいのため受けていません。"],
    )

    def holds(self, class_age: int, on: date) -> bool:
        """Say whether a child of a class cannot be registered on a local day."""
        return (not self.class_ages or class_age in self.class_ages) and self.days.holds(on)
