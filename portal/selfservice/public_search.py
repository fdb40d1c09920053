"""What the list across facilities shows: a filter, and one cell a facility."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.bookings.sign_words import closed_word, words_for
from portal.documents.dates import jdate, jmonth, written_span
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import today, written_day
from portal.policies.age import AgeRule
from portal.policies.looking import DayRules, by_web
from portal.policies.window import WindowState
from portal.rulebooks.describe import eldest_words, summary, youngest_words
from portal.selfservice.public_month import run_words
from portal.slots.availability import Cells, Sign
from portal.slots.classes import CLASSES, ClassChoice, Fitting, class_of_birth_month, fitting
from portal.slots.day_signs import bookable_cells, vacancy_by
from portal.slots.next_free import days_with_places, usual_open_day
from portal.slots.opening import OpenDays, open_days_of
from portal.slots.published import Place, Search, areas, cells_of, search_places

#: Facilities on one page.
PAGE_SIZE = 20
#: How far ahead a day can be chosen.
DAYS_AHEAD = 92
#: Months of birth offered: from now back to the eldest before school.
MONTHS_OF_BIRTH = 84
#: The class most asked for, until somebody chooses.
USUAL_CLASS = 1
#: How many days after the chosen one the next free one is looked for.
NEXT_WITHIN = 42


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
    why_not: str | None = None

    @classmethod
    def read(cls, session: Session, asked: Mapping[str, str], *, now: datetime) -> SearchPage:
        """Read what is asked for in the address; anything unreadable counts as not asked."""
        this_day = today(now)
        day = _day(asked.get("day", ""), this_day) or usual_open_day(session, this_day)
        born = _month(asked.get("born", ""))
        of_birth = class_of_birth_month(born.year, born.month, day) if born else None
        age = of_birth if of_birth is not None else _class(asked.get("class", ""))
        search = Search(day, age, asked.get("area", "")[:60])
        number = max(1, min(_number(asked.get("page", "")) or 1, 500))
        known = areas(session)
        written = f"{born:%Y-%m}" if born else ""
        if born and of_birth is None:
            return cls(search, this_day, 1, 0, [], known, written, _of_no_class(born, day))
        found, total = search_places(
            session, search, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
        )
        rows = _Rows(session, search, born, found, now).made()
        return cls(search, this_day, number, total, rows, known, written)

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
            span = written_span(_short(first), _short(last))
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
            (f"{year}-{month + 1:02d}", jmonth(date(year, month + 1, 1))) for year, month in months
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

    def _href(self, search: Search, number: int) -> str:
        values: dict[str, Any] = {
            "day": search.day.isoformat(),
            "class": search.age,
            "born": self.born or None,
            "area": search.area or None,
            "page": number if number > 1 else None,
        }
        return url_for("public.facilities", **values)


@dataclass
class _Rows:
    """The rows of the facilities found, those that can take the child first."""

    session: Session
    search: Search
    born: date | None
    places: list[Place]
    now: datetime

    def made(self) -> list[dict[str, object]]:
        day, age = self.search.day, self.search.age
        cells = cells_of(self.session, self.places, age, day, day)
        opening = open_days_of(self.session, [place.id for place in self.places], day)
        rows = [
            (place, self._row(place, cells.get((place.id, day)), opening[place.id]))
            for place in self.places
        ]
        following = self._next_days([place for place, row in rows if row.get("may_later")], opening)
        for place, row in rows:
            if place.id in following:
                later = following[place.id]
                row["next"] = jdate(later, today(self.now))
                row["href"] = self._day_href(place, later)
        # Found first for a free half hour that no stay fits into: behind those that have one.
        rows.sort(key=lambda pair: ("not_for" in pair[1], "hours" not in pair[1]))
        return [row for _place, row in rows]

    def _row(self, place: Place, mine: Cells | None, opening: OpenDays) -> dict[str, object]:
        day, age = self.search.day, self.search.age
        row: dict[str, object] = {
            "name": place.facility.name,
            "address": place.facility.address,
            "phone": place.facility.phone,
            "summary": summary(place.document, [age]),
            "href": url_for(
                "public.facility",
                facility_id=place.id,
                **_query({"class": age, "month": f"{day:%Y-%m}"}),
            ),
        }
        if not place.takes_bookings:
            return row | {"sign": None}
        rules = self._rules(place, opening, day)
        rule = rules.documents[0].age
        fits = fitting(rule, *self._born_between(), day)
        if not place.pools_for(age) or fits in {Fitting.TOO_YOUNG, Fitting.TOO_OLD}:
            return row | {"sign": "−", "words": _not_for(rule, fits), "not_for": True}
        seen, state = vacancy_by(rules, mine, now=self.now)
        closed = seen.sign is Sign.CLOSED
        words = closed_word(rules, opening) if closed else words_for(seen, state)[0]
        if seen.sign in {Sign.FEW, Sign.FULL} or words == _("休園"):
            words = ""  # the sign's own word says as much
        if seen.sign is Sign.NOT_NOW and state is not WindowState.BEFORE:
            words = _("受付終了")
        row |= {"sign": seen.sign.value, "words": words}
        if fits is Fitting.SOME and rule:
            row["only"] = youngest_words(rule) + eldest_words(rule)
        if reason := rules.against_booking(self.now):
            row["not_by_web"] = sentence(reason)
        if not seen.is_bookable:
            return row | {"may_later": True}
        hours = run_words(bookable_cells(rules, mine, now=self.now))
        return row | {"hours": hours, "href": self._day_href(place, day)}

    def _born_between(self) -> tuple[date, date]:
        """Return the birthdays asked about; the youngest class has newborns too."""
        day, age = self.search.day, self.search.age
        if self.born:
            following = (self.born + timedelta(days=31)).replace(day=1)
            return self.born, min(day, following - timedelta(days=1))
        first, last = ClassChoice(age, age).born_between(day)
        return first, last if age else day

    def _next_days(
        self, places: list[Place], opening: Mapping[uuid.UUID, OpenDays]
    ) -> dict[uuid.UUID, date]:
        """Return the next day with a place that can be booked now, where there is one."""
        day, age = self.search.day, self.search.age
        free = days_with_places(self.session, places, age, day, day + timedelta(days=NEXT_WITHIN))
        # Asked day by day: mostly the first will do, and each costs the rules a look.
        open_to = {
            place.id: self._days_open_to(place, free.get(place.id, ()), opening) for place in places
        }
        wanted: dict[date, list[Place]] = defaultdict(list)
        for place in places:
            for first in open_to[place.id]:
                wanted[first].append(place)
                break
        found: dict[uuid.UUID, date] = {}
        for later, there in wanted.items():
            cells = cells_of(self.session, there, age, later, later)
            found |= {p.id: later for p in there if self._has(p, opening, cells, later)}
        # Where the first has free half hours but no stay fits, the others are looked through.
        rest = [(place, list(open_to[place.id])) for place in places if place.id not in found]
        others = [later for _place, days in rest for later in days]
        if others:
            there = [place for place, days in rest if days]
            cells = cells_of(self.session, there, age, min(others), max(others))
            for place, days in rest:
                for later in days:
                    if self._has(place, opening, cells, later):
                        found[place.id] = later
                        break
        return found

    def _days_open_to(
        self, place: Place, days: Iterable[date], opening: Mapping[uuid.UUID, OpenDays]
    ) -> Iterator[date]:
        return (day for day in days if self._may_be(place, day, opening))

    def _may_be(self, place: Place, day: date, opening: Mapping[uuid.UUID, OpenDays]) -> bool:
        rules = self._rules(place, opening[place.id], day)
        fits = fitting(rules.documents[0].age, *self._born_between(), day)
        return rules.state(self.now) is WindowState.OPEN and fits is not Fitting.TOO_OLD

    def _has(
        self,
        place: Place,
        opening: Mapping[uuid.UUID, OpenDays],
        cells: Mapping[tuple[uuid.UUID, date], Cells],
        day: date,
    ) -> bool:
        rules, mine = self._rules(place, opening[place.id], day), cells.get((place.id, day))
        return vacancy_by(rules, mine, now=self.now)[0].is_bookable

    def _rules(self, place: Place, opening: OpenDays, day: date) -> DayRules:
        return DayRules(place.document_on(day), opening.calendar, day, by_web(self.search.age))

    def _day_href(self, place: Place, day: date) -> str:
        return url_for(
            "public.day", facility_id=place.id, day=day, **_query({"class": self.search.age})
        )


def _not_for(rule: AgeRule | None, fits: Fitting) -> str:
    if rule and fits is Fitting.TOO_YOUNG:
        return _("対象外（%(age)s）") % {"age": youngest_words(rule)}
    if rule and fits is Fitting.TOO_OLD:
        return _("対象外（%(age)s）") % {"age": eldest_words(rule)}
    return _("対象外（このクラスの預かりはありません）")


def _of_no_class(born: date, day: date) -> str:
    """Say why a month of birth belongs to no class on a day."""
    if born > day:
        return _(
            "利用する日には、まだ生まれていません。生まれた月か、利用する日をえらびなおしてください。"
        )
    return _("利用する日には、小学生の年です。一時預かりは、小学校に入る前のお子さんが対象です。")


def _day(written: str, this_day: date) -> date | None:
    try:
        day = written_day(written)
    except ValueError:
        return None
    return day if this_day <= day < this_day + timedelta(days=DAYS_AHEAD) else None


def _month(written: str) -> date | None:
    try:
        return written_day(f"{written}-01")
    except ValueError:
        return None


def _class(written: str) -> int:
    chosen = _number(written)
    return chosen if chosen is not None and chosen in CLASSES else USUAL_CLASS


def _number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 5 else None  # noqa: PLR2004 - four digits are a year


def _query(values: dict[str, Any]) -> dict[str, Any]:
    """Return names that Python keeps for itself, as ``url_for`` takes them."""
    return values


def _short(day: date) -> str:
    return f"{day.year}/{day.month}/{day.day}"
