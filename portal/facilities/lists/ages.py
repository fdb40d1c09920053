"""Ages as lists write them: ``57日``, ``産休あけ``, ``1歳10か月``, ``就学前``, ``2歳未満``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.facilities.lists.values import Understood, half_width, is_not_given

_MONTHS = r"(?P<months>\d{1,2})\s*[かカヶケヵ箇]?月"
_FROM = re.compile(
    r"(?:生後|満)?\s*(?:"
    r"(?P<days>\d{1,3})日|"
    rf"(?P<years>\d{{1,2}})[歳才](?:(?P<half>半)|{_MONTHS})?(?P<by_class>児(?:クラス)?)?|"
    rf"{_MONTHS.replace('months', 'only_months')}"
    r")\s*(?:から|より|以上|以降|~|〜)?",
    re.ASCII,
)
_AFTER_LEAVE = re.compile(r"産(?:前産後)?休(?:業|暇)?(?:明け?|あけ)(?:から|より|~|〜)?")
_UNTIL = re.compile(
    r"満?(?P<years>\d{1,2})[歳才](?:11[かカヶケヵ箇]?月)?(?P<by_class>児(?:クラス)?)?"
    r"(?P<under>未満)?(?:まで)?",
    re.ASCII,
)
_BEFORE_SCHOOL = re.compile(r"(?:小学校)?就学(?:始期)?前?(?:まで)?|未就学児?(?:まで)?")
_BORDER = re.compile(r"から|より|以上|[~〜～－−ー-]")


@dataclass(frozen=True, slots=True)
class StartingAge:
    """Youngest age taken: in days or in completed months, never both.

    ``by_class`` marks 3歳児, the class age on 1 April rather than the age on the day.
    """

    days: int | None = None
    months: int | None = None
    by_class: bool = False


@dataclass(frozen=True, slots=True)
class AgeSpan:
    """Both ends of the ages taken; ``until_years`` is the last age taken, in whole years."""

    from_text: str | None
    start: Understood[StartingAge]
    until_text: str | None
    until_years: Understood[int]


def starting_age(text: str) -> Understood[StartingAge]:
    """Return the youngest age taken."""
    if is_not_given(text):
        return Understood()
    plain = half_width(text)
    if _AFTER_LEAVE.fullmatch(plain):
        # Leave after a birth lasts eight weeks. Source: Labour Standards Act (労働基準法) Art. 65.
        return Understood(
            StartingAge(days=57), "産休あけを「生後57日から」と読みました。確かめてください。"
        )
    match = _FROM.fullmatch(plain)
    if not match:
        return Understood(
            doubt="始めの年齢が読み取れません。「6か月」「1歳」のように書いてください。"
        )
    age = _age_in(match)
    if age.by_class:
        return Understood(age, "4月1日の年齢（クラス年齢）と読みました。確かめてください。")
    return Understood(age)


def _age_in(match: re.Match[str]) -> StartingAge:
    if match["days"]:
        return StartingAge(days=int(match["days"]))
    if match["only_months"]:
        return StartingAge(months=int(match["only_months"]))
    extra = 6 if match["half"] else int(match["months"] or 0)
    return StartingAge(months=int(match["years"]) * 12 + extra, by_class=bool(match["by_class"]))


def last_age(text: str) -> Understood[int]:
    """Return the last age taken, in whole years: ``2歳未満`` is 1, ``就学前`` is 5 (class age)."""
    if is_not_given(text):
        return Understood()
    plain = half_width(text)
    if _BEFORE_SCHOOL.fullmatch(plain):
        return Understood(5)
    match = _UNTIL.fullmatch(plain)
    years = int(match["years"]) - bool(match["under"]) if match else -1
    if years < 0:
        return Understood(doubt="終わりの年齢を数にできません。書かれたとおりに表示します。")
    return Understood(years)


def age_span(text: str) -> AgeSpan:
    """Return both ends from the one cell of the national standard, ``1歳から`` or ``0歳～5歳``."""
    if is_not_given(text):
        return AgeSpan(None, Understood(), None, Understood())
    pieces = _BORDER.split(text.strip(), maxsplit=1)
    if len(pieces) == 1:
        doubt = "何歳から何歳までかが読み取れません。「1歳から5歳」のように書いてください。"
        return AgeSpan(text, Understood(doubt=doubt), None, Understood())
    start, until = pieces
    return AgeSpan(start, starting_age(start), until or None, last_age(until))
