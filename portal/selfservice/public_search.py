"""What the list across facilities shows: a filter, and one cell a facility."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.kernel.clock import today
from portal.rulebooks.describe import summary
from portal.selfservice.public_month import closed_word, run_words, vacancy_on, words_for
from portal.slots.availability import NOTHING, Sign
from portal.slots.classes import CLASSES, ClassChoice, class_of_birth_month
from portal.slots.opening import open_days_of
from portal.slots.published import Search, areas, cells_of, search_places

#: Facilities on one page.
PAGE_SIZE = 20
#: How far ahead a day can be chosen.
DAYS_AHEAD = 92
#: Months of birth offered: from now back to the eldest before school.
MONTHS_OF_BIRTH = 84
#: The class most asked for, until somebody chooses.
USUAL_CLASS = 1


@dataclass
class SearchPage:
    """One page of the list, ready for its template."""

    search: Search
    today: date
    number: int
    total: int
    rows: list[dict[str, object]]
    areas: list[str]
    born: str

    @classmethod
    def read(cls, session: Session, asked: Mapping[str, str], *, now: datetime) -> SearchPage:
        """Read what is asked for in the address; anything unreadable counts as not asked."""
        this_day = today(now)
        day = _day(asked.get("day", ""), this_day)
        born = asked.get("born", "")
        age = _class(asked.get("class", ""), born, day)
        search = Search(day, age, asked.get("area", "")[:60])
        number = max(1, min(_number(asked.get("page", "")) or 1, 500))
        found, total = search_places(
            session, search, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
        )
        cells = cells_of(session, found, age, day, day)
        opening = open_days_of(session, [place.id for place in found], day)
        rows = []
        for place in found:
            row: dict[str, object] = {
                "name": place.facility.name,
                "address": place.facility.address,
                "phone": place.facility.phone,
                "summary": summary(place.document),
                "href": url_for(
                    "public.facility",
                    facility_id=place.id,
                    **_query({"class": age, "month": f"{day:%Y-%m}"}),
                ),
            }
            if not place.takes_bookings:
                rows.append(row | {"sign": None})
                continue
            if not place.pools_for(age):
                rows.append(row | {"sign": "−", "words": _("このクラスの預かりはありません")})
                continue
            mine = cells.get((place.id, day))
            seen, state = vacancy_on(place, opening[place.id], mine, day, now=now)
            closed = seen.sign is Sign.CLOSED
            words = closed_word(opening[place.id], day) if closed else words_for(seen, state)[0]
            row |= {"sign": seen.sign.value, "words": words}
            if seen.is_bookable:
                row |= {
                    "hours": run_words(mine or NOTHING),
                    "href": url_for(
                        "public.day", facility_id=place.id, day=day, **_query({"class": age})
                    ),
                }
            rows.append(row)
        known = areas(session)
        return cls(search, this_day, number, total, rows, known, born)

    @cached_property
    def day_options(self) -> list[tuple[str, str]]:
        """The days to choose from, value and words."""
        days = (self.today + timedelta(days=n) for n in range(DAYS_AHEAD))
        return [(day.isoformat(), jdate(day, self.today)) for day in days]

    @cached_property
    def class_options(self) -> list[tuple[int, str]]:
        """The classes with the birthdays of their children, value and words."""
        found = []
        for age in CLASSES:
            choice = ClassChoice(age, age)
            first, last = choice.born_between(self.search.day)
            span = f"{_short(first)}〜{_short(last)}"
            found.append(
                (age, _("%(age)s（%(span)s生まれ）") % {"age": choice.label, "span": span})
            )
        return found

    @cached_property
    def born_options(self) -> list[tuple[str, str]]:
        """The months of birth from which the class can be found, the latest first."""
        newest = self.today.year * 12 + self.today.month - 1
        months = (divmod(newest - n, 12) for n in range(MONTHS_OF_BIRTH))
        return [
            (f"{year}-{month + 1:02d}", _("%(y)s年%(m)s月") % {"y": year, "m": month + 1})
            for year, month in months
        ]

    @cached_property
    def pages(self) -> list[dict[str, object]]:
        """The links to all pages."""
        count = -(-self.total // PAGE_SIZE)
        return [
            {"label": str(n), "href": self._href(self.search, n), "current": n == self.number}
            for n in range(1, count + 1)
        ]

    @cached_property
    def without_area_href(self) -> str:
        """The same search everywhere."""
        return self._href(replace(self.search, area=""), 1)

    @cached_property
    def heading(self) -> str:
        """What the rows below are about."""
        day = jdate(self.search.day, self.today)
        return _("%(day)s・%(age)s歳児クラス") % {"day": day, "age": self.search.age}

    @staticmethod
    def _href(search: Search, number: int) -> str:
        values: dict[str, Any] = {
            "day": search.day.isoformat(),
            "class": search.age,
            "area": search.area or None,
            "page": number if number > 1 else None,
        }
        return url_for("public.facilities", **values)


def _day(written: str, this_day: date) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = _next_weekday(this_day)
    inside = this_day <= day < this_day + timedelta(days=DAYS_AHEAD)
    return day if inside else _next_weekday(this_day)


def _next_weekday(this_day: date) -> date:
    day = this_day + timedelta(days=1)
    while day.weekday() > 4:  # noqa: PLR2004 - Saturday and Sunday
        day += timedelta(days=1)
    return day


def _class(written: str, born: str, day: date) -> int:
    """Return the class asked for: by birth month where one is given, else by its number."""
    year, _sep, month = born.partition("-")
    if (number := _number(month)) and 1 <= number <= 12 and _number(year):  # noqa: PLR2004 - months
        age = class_of_birth_month(int(year), number, day)
        if age is not None:
            return age
    chosen = _number(written)
    return chosen if chosen is not None and chosen in CLASSES else USUAL_CLASS


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 5 else None  # noqa: PLR2004 - four digits are a year


def _query(values: dict[str, Any]) -> dict[str, Any]:
    """Return names that Python keeps for itself, as ``url_for`` takes them."""
    return values


def _short(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"
