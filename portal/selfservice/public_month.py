"""What the page of a month shows, made before the template: one value a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from flask import url_for

from portal.bookings.sign_words import closed_word, words_for
from portal.bookings.time_words import variant_words
from portal.bookings.words import Explained, explain
from portal.documents.dates import jdate, jdatetime, jday, jmonth, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, pgettext, sentences
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import today
from portal.kernel.spans import Span, cell_label
from portal.policies.allocation import ALLOCATION_WORDS, DRAWN_BEFORE
from portal.policies.looking import ANYBODY, DayRules, by_web
from portal.policies.looking_times import goes_by_family, timed_windows
from portal.policies.window import WindowState
from portal.slots.availability import Cells, Sign, Vacancy, runs
from portal.slots.classes import ClassChoice
from portal.slots.day_signs import bookable_cells, vacancy_by
from portal.slots.opening import DayOff, OpenDays
from portal.slots.published import Place

#: A closure's reason longer than this is wider than a day's cell on a phone.
_NARROW = 3


class _Months:
    """The days that public pages go back and forth to: last month until a year from now."""

    def __init__(self, today: date) -> None:
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        self.first, self.last = first, first.replace(year=first.year + 1, day=28)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last


def months_shown(today: date) -> _Months:
    """Return the span of days that public pages show."""
    return _Months(today)


def run_words(cells: Cells) -> str:
    """Return the hours with a place: ``8:30〜12:00、13:30〜17:00``."""
    spans = runs(cells)
    return listed([written_span(cell_label(start), cell_label(end)) for start, end in spans])


#: From when on something can be asked for, and how it is decided where nobody books it by herself.
Opening = tuple[datetime | None, str | None]
_T = TypeVar("_T")


def _in_a_row(days: Iterable[tuple[date, _T | None]]) -> list[tuple[date, date, _T]]:
    """Put neighbours of which the same is so into one: first and last day.

    A day of which nothing is said (None) parts them; one that is left out, being closed, does not.
    """
    found: list[tuple[date, date, _T | None]] = []
    for day, said in days:
        if found and found[-1][2] == said:
            found[-1] = (found[-1][0], day, said)
        else:
            found.append((day, day, said))
    return [(first, last, said) for first, last, said in found if said is not None]


@dataclass
class MonthPage:
    """A month of a facility, seen for one class."""

    place: Place
    month: date
    chosen: ClassChoice | None
    opening: OpenDays
    cells: Mapping[date, Cells]
    now: datetime

    @cached_property
    def title(self) -> str:
        """The month's name: ``2026年11月``."""
        return jmonth(self.month)

    @cached_property
    def class_links(self) -> list[dict[str, object]]:
        """The classes to choose from, as links."""
        return [
            {
                "label": choice.label,
                "href": self._href(self.month, choice),
                "current": choice == self.chosen,
            }
            for choice in self.place.classes(self.month)
        ]

    @cached_property
    def born_words(self) -> list[str]:
        """Whose children the chosen class is for, in pieces that stay on one line."""
        if self.chosen is None:
            return []
        first, last = (jday(d, with_year=True) for d in self.chosen.born_between(self.month))
        return [
            _("%(label)sクラス：") % {"label": self.chosen.label},
            pgettext("time", "%(first)s〜") % {"first": first},
            _("%(last)sに生まれた子") % {"last": last},
        ]

    @cached_property
    def previous(self) -> dict[str, str] | None:
        """The link to the month before, where it is shown."""
        return self._turn((self.month - timedelta(days=1)).replace(day=1))

    @cached_property
    def following(self) -> dict[str, str] | None:
        """The link to the month after, where it is shown."""
        return self._turn((self.month + timedelta(days=31)).replace(day=1))

    @cached_property
    def days(self) -> list[dict[str, object] | None]:
        """The cells of the calendar from the first Sunday on."""
        empty: list[dict[str, object] | None] = [None] * ((self.month.weekday() + 1) % 7)
        return empty + [self._cell(day) for day in self._all_days]

    @cached_property
    def free_days(self) -> list[dict[str, str]]:
        """The days that can be booked, for the list below the calendar."""
        found = []
        for day in self._all_days:
            seen, state = self._seen[day]
            if not seen.is_bookable:
                continue
            cells = bookable_cells(self._rules[day], self.cells[day], now=self.now)
            found.append(
                {
                    "href": self._day_href(day),
                    "title": jdate(day, today(self.now)),
                    "sign": seen.sign.value,
                    "words": words_for(seen, state)[0] if seen.places is not None else "",
                    "note": run_words(cells),
                }
            )
        return found

    @cached_property
    def days_off(self) -> list[DayOff]:
        """Closures that touch this month, for the words below the calendar."""
        last = self._all_days[-1]
        return [
            off
            for off in self.opening.days_off
            if not off.is_holiday and off.first <= last and off.last >= self.month
        ]

    #: Days of which each opens at its own time are told so many at once; the rest on demand.
    most_openings = 5

    @cached_property
    def openings(self) -> list[str]:
        """From when the days that are not open yet can be booked; days that open together once."""
        found = [
            (day, self._opening(day) if state is WindowState.BEFORE else None)
            for day, (seen, state) in self._seen.items()
            if seen.sign is not Sign.CLOSED
        ]
        return [self._opening_words(*each) for each in _in_a_row(found)]

    @cached_property
    def decided_by_people(self) -> list[str]:
        """How the days are decided that can be asked for now and that no family books by itself."""
        found = [
            (day, self._decided(day) if state is WindowState.OPEN else None)
            for day, (seen, state) in self._seen.items()
            if seen.is_bookable or state is not WindowState.OPEN
        ]
        said = _("%(days)s：%(said)s。")
        return [
            said % {"days": self._days_words(first, last), "said": decided}
            for first, last, decided in _in_a_row(found)
        ]

    @cached_property
    def drawn_before(self) -> str | None:
        """What is drawn before anybody books: the order of asking, or who may register."""
        document = self._rules[max(self.month, min(self._all_days[-1], today(self.now)))].document
        method = document.allocation.method
        return _(ALLOCATION_WORDS[method]) if method in DRAWN_BEFORE else None

    def _opening(self, day: date, span: Span | None = None) -> Opening:
        return self._rules[day].opens_at(self.now, span), self._decided(day)

    def _decided(self, day: date) -> str | None:
        decided = self._rules[day].by_people(self.now)
        return sentence(decided) if decided else None

    @cached_property
    def openings_by_time(self) -> list[tuple[str, list[str]]]:
        """The same for stays of hours that open otherwise than their day, by the rules' names."""
        found = {
            day: {
                variant_words(variant): self._opening(day, span)
                for variant, span in timed_windows(self._rules[day])
                if self._rules[day].state(self.now, span) is WindowState.BEFORE
            }
            for day, (seen, _state) in self._seen.items()
            if seen.sign is not Sign.CLOSED and day >= today(self.now)
        }
        names = dict.fromkeys(name for of_day in found.values() for name in of_day)
        return [
            (name, [self._opening_words(*each) for each in _in_a_row(days)])
            for name in names
            for days in [[(day, of_day.get(name)) for day, of_day in found.items()]]
        ]

    @cached_property
    def goes_by_family(self) -> bool:
        """Whether other families may book other days: by home, or by why they come."""
        return goes_by_family(self.place.document_on(self._all_days[-1]))

    def _opening_words(self, first: date, last: date, opening: Opening) -> str:
        days, (opens_at, decided) = self._days_words(first, last), opening
        if opens_at is None:
            return _("%(days)sの予約は、まだ始まりません。") % {"days": days}
        values = {"days": days, "at": jdatetime(opens_at, today(self.now))}
        if decided is None:
            return _("%(days)sは、%(at)s から予約できます。") % values
        asked = _("%(days)sは、%(at)s から申し込めます。") % values
        return sentences(asked, _("%(said)s。") % {"said": decided})

    @staticmethod
    def _days_words(first: date, last: date) -> str:
        return jday(first) if first == last else f"{jday(first)}〜{jday(last)}"

    @cached_property
    def next_month_href(self) -> str | None:
        """Where to look when nothing is free."""
        return self.following["href"] if self.following else None

    @cached_property
    def _all_days(self) -> list[date]:
        following = (self.month + timedelta(days=31)).replace(day=1)
        return [self.month + timedelta(days=n) for n in range((following - self.month).days)]

    @cached_property
    def _seen(self) -> dict[date, tuple[Vacancy, WindowState]]:
        return {
            day: vacancy_by(rules, self.cells.get(day), now=self.now)
            for day, rules in self._rules.items()
        }

    @cached_property
    def _rules(self) -> dict[date, DayRules]:
        """The rules of each day for the class, laid once for the sign, the hours and the words."""
        place, calendar = self.place, self.opening.calendar
        who = by_web(*self.chosen.ages) if self.chosen else ANYBODY
        return {day: DayRules(place.document_on(day), calendar, day, who) for day in self._all_days}

    @cached_property
    def not_by_web(self) -> Explained | None:
        """Why none of the days to come can be booked by the web itself, and what to do instead."""
        ahead = [rules for day, rules in self._rules.items() if day >= today(self.now)]
        found = [rules.against_booking(self.now) for rules in ahead]
        reasons = [reason for reason in found if reason is not None]
        if not reasons or len(reasons) < len(found):
            return None
        return explain(reasons[:1], {}, today=today(self.now))[0]

    def _cell(self, day: date) -> dict[str, object]:
        seen, state = self._seen[day]
        if seen.sign is Sign.CLOSED:
            word = closed_word(self._rules[day], self.opening)
            off = self.opening.off_on(day)
            own = off.words if off and not off.is_holiday else ""
            short = _("休園") if len(own) > _NARROW and word == own else None
        else:
            word, short = words_for(seen, state)
        return {
            "day": day.day,
            "sign": seen.sign.value,
            "word": word,
            "short": short,
            "href": self._day_href(day) if seen.is_bookable else None,
            "today": day == today(self.now),
        }

    def _day_href(self, day: date) -> str:
        # One address a page is built, not one a day: they differ in the day alone.
        return self._first_href.replace(self.month.isoformat(), day.isoformat(), 1)

    @cached_property
    def _first_href(self) -> str:
        age = self.chosen.youngest if self.chosen else None
        values: dict[str, Any] = {"class": age}
        return url_for("public.day", facility_id=self.place.id, day=self.month, **values)

    def _href(self, month: date, choice: ClassChoice | None) -> str:
        values: dict[str, Any] = {
            "class": choice.youngest if choice else None,
            "month": f"{month:%Y-%m}",
        }
        return url_for("public.facility", facility_id=self.place.id, **values)

    def _turn(self, month: date) -> dict[str, str] | None:
        if month not in months_shown(today(self.now)):
            return None
        label = jmonth(month, month)
        return {"href": self._href(month, self.chosen), "label": label}
