"""What a family's sheet shows: the nearest facilities that take these children, one block each.

Made from what is published and from months of birth; nothing of it is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from functools import cached_property

from sqlalchemy.orm import Session

from portal.documents.dates import jmonth, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.money import yen
from portal.documents.qr import QrPath, qr_path
from portal.facilities.points import Away, Point, away, find_point, is_same_town
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.kernel.spans import cell_label
from portal.policies.facts import ChildFacts
from portal.policies.fee import FeeLabel
from portal.policies.looking import DayRules, Onlooker, age_rule_for
from portal.preregistration.places import full_places
from portal.selfservice.family_sheet_words import (
    far_words,
    hours_words,
    steps_before,
    usual_morning,
)
from portal.slots.classes import CLASSES, Fitting, fitting
from portal.slots.day_signs import vacancy_on
from portal.slots.family_sheet import Asked
from portal.slots.near import Listed, hours_by_weekday, listed_facilities, spots_of
from portal.slots.next_free import usual_open_day
from portal.slots.opening import OpenDays, open_days_of
from portal.slots.published import Place, cells_together, published_place

#: Facilities told of in full: what fits on one page.
MOST_SHOWN = 3
#: How many facilities and others to show, from the fullest paper to one that fits any family.
LAYOUTS = ((3, 3), (3, 1), (2, 3), (2, 0), (1, 0))
#: How many are looked at, the nearest first, before the sheet says that there are no more.
MOST_LOOKED_AT = 60
#: Others with temporary care by the city's list, where only a call helps.
MOST_OTHERS = 3
#: A child that can come later than this is not taken, as far as this paper goes.
_WITHIN = timedelta(days=400)
_FREE_WITHIN = 42
_LONGEST_NOTE = 40


class Takes(IntEnum):
    """Whether a facility takes a child."""

    NOW = 0
    LATER = 1
    NO = 2


@dataclass(frozen=True, slots=True)
class AskedChild:
    """A child by the month of its birth, or the month in which it is expected."""

    first: date
    last: date
    is_expected: bool

    @classmethod
    def of(cls, month: date, *, is_expected: bool, today: date) -> AskedChild:
        """Return the child of a month; in April from the 2nd on, where class ages part."""
        first = month.replace(day=2) if month.month == 4 else month  # noqa: PLR2004 - April
        following = (month + timedelta(days=31)).replace(day=1)
        last = following - timedelta(days=1)
        return cls(first, last if is_expected else max(first, min(last, today)), is_expected)

    @property
    def likely(self) -> date:
        """A birthday in the middle."""
        return self.first + (self.last - self.first) // 2

    @property
    def short(self) -> str:
        """How a line about a facility names the child: the month alone."""
        month = jmonth(self.first)
        words = _("%(month)sに生まれる予定") if self.is_expected else _("%(month)s生まれ")
        return words % {"month": month}

    def words(self, on: date) -> str:
        """Return how the sheet names the child: age and class, no name."""
        month = jmonth(self.first)
        if self.is_expected:
            return _("これから生まれるお子さん（予定 %(month)s）") % {"month": month}
        return _("%(month)s生まれ（%(age)s歳児クラス）") % {
            "month": month,
            "age": class_age(self.likely, max(on, self.likely)),
        }


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether and from when a facility takes one child."""

    child: AskedChild
    takes: Takes
    since: date | None = None


def taken(place: Place, child: AskedChild, on: date) -> Taken:
    """Return whether a place takes a child on a local day, or from when."""
    rule = age_rule_for(place.document, child.likely, on)
    if not child.is_expected and child.first <= on:
        fits = fitting(rule, child.first, child.last, on)
        if fits in {Fitting.ALL, Fitting.SOME} and _is_served(place, child, on):
            return Taken(child, Takes.NOW)
        if fits is not Fitting.TOO_YOUNG:
            return Taken(child, Takes.NO)
    since = max(on, rule.first_day(child.likely) if rule else child.likely)
    last = rule.last_day(child.likely) if rule else None
    is_open = last is None or since <= last
    if is_open and since <= on + _WITHIN and _is_served(place, child, since):
        return Taken(child, Takes.LATER, since)
    return Taken(child, Takes.NO)


def _is_served(place: Place, child: AskedChild, on: date) -> bool:
    age = class_age(child.likely, max(on, child.likely))
    return age in CLASSES and bool(place.pools_for(age))


@dataclass(frozen=True, slots=True)
class Shown:
    """One facility on the sheet, ready for its template."""

    place: Place
    children: tuple[Taken, ...]
    distance: str
    hours: str
    fee: str
    steps: tuple[str, ...]
    #: Whether who applies now waits for a registration.
    is_full: bool
    free: date | None
    address: str
    code: QrPath

    @property
    def takes_all(self) -> bool:
        """Whether every child is taken, now or later."""
        return all(one.takes is not Takes.NO for one in self.children)

    @property
    def takes_none_yet(self) -> bool:
        """Whether it takes them later only: which days are free then, nobody can say."""
        return not any(one.takes is Takes.NOW for one in self.children)

    @property
    def note(self) -> str:
        """How to get there, in short."""
        words = " ".join((self.place.facility.access_note or "").split())
        return words if len(words) <= _LONGEST_NOTE else words[:_LONGEST_NOTE] + "…"

    def child_words(self) -> Iterator[str]:
        """Yield whom it takes, from when it takes the others, and whom it does not."""
        now = [one.child.short for one in self.children if one.takes is Takes.NOW]
        if now:
            yield _("%(child)s：預けられます") % {"child": listed(now, "・")}
        for one in self.children:
            if one.takes is Takes.LATER and one.since:
                words = {"child": one.child.short, "month": jmonth(one.since)}
                yield _("%(child)s：%(month)sごろから") % words
        never = [one.child.short for one in self.children if one.takes is Takes.NO]
        if never:
            yield _("%(child)s：この園では預かれません") % {"child": listed(never, "・")}


class FamilySheet:
    """The sheet for the children asked about."""

    def __init__(self, session: Session, asked: Asked, *, now: datetime, base_url: str) -> None:
        self.asked, self.now = asked, now
        self.today = today(now)
        self.on = asked.on or usual_open_day(session, self.today)
        self._session, self._base_url = session, base_url.rstrip("/")
        self.children = tuple(
            AskedChild.of(month, is_expected=is_expected, today=self.today)
            for months, is_expected in ((asked.born, False), (asked.due, True))
            for month in months
        )

    @property
    def is_before_birth(self) -> bool:
        """Whether all children it asks for are still to be born."""
        return all(child.is_expected for child in self.children)

    @cached_property
    def _listed(self) -> list[Listed]:
        return listed_facilities(self._session)

    @cached_property
    def point(self) -> Point | None:
        """Where distances are measured from; ``None``: not said, or not in the list any more."""
        if not self.asked.near:
            return None
        found = find_point(self.asked.near, spots_of(self._listed))
        return found if isinstance(found, Point) else None

    @cached_property
    def rows(self) -> list[Shown]:
        """The facilities told of: those that take all children first, each by distance."""
        looked_at = [one for one in self._in_order() if one.offers][:MOST_LOOKED_AT]
        found: list[tuple[Listed, Place, tuple[Taken, ...]]] = []
        for one in looked_at:
            place = published_place(self._session, one.id, on=self.on)
            if not place.takes_bookings:
                continue
            children = tuple(taken(place, child, self.on) for child in self.children)
            if any(each.takes is not Takes.NO for each in children):
                found.append((one, place, children))
            if sum(_takes_all(row[2]) for row in found) == MOST_SHOWN:
                break
        found.sort(key=lambda row: not _takes_all(row[2]))
        found = found[:MOST_SHOWN]
        ids = [one.id for one, _place, _children in found]
        hours = hours_by_weekday(self._session, ids, self.on)
        opening = open_days_of(self._session, ids, self.on) if ids else {}
        full = full_places(self._session, (place for _one, place, _children in found), self.today)
        return [
            self._shown(
                one,
                place,
                children,
                hours.get(one.id, {}),
                opening[one.id],
                is_full=one.id in full,
            )
            for one, place, children in found
        ]

    @cached_property
    def others(self) -> list[tuple[str, str, str | None]]:
        """Name, distance and phone of others with temporary care by the city's list."""
        found = [one for one in self._in_order() if one.has_temporary_care and not one.offers]
        return [(one.name, self._distance(one), one.phone) for one in found[:MOST_OTHERS]]

    def _in_order(self) -> list[Listed]:
        """Return the facilities, the nearest first; where it is not known, last."""
        return sorted(self._listed, key=self._metres)

    def _metres(self, one: Listed) -> float:
        found = self._away(one)
        return found.metres if found else float("inf")

    def _away(self, one: Listed) -> Away | None:
        if self.point is None or one.latitude is None or one.longitude is None:
            return None
        return away(self.point, one.latitude, one.longitude)

    def _distance(self, one: Listed) -> str:
        if self.point is None:
            return ""
        found = self._away(one)
        if found is None:
            if is_same_town(self.point, one.address):
                return _("同じ町にあります")
            return _("距離はわかりません")
        kilometres = max(0.1, round(found.metres / 1000, 1))
        return far_words(found.direction) % {"km": f"{kilometres:.1f}"}

    def _shown(
        self,
        one: Listed,
        place: Place,
        children: tuple[Taken, ...],
        hours: dict[int, tuple[int, int]],
        opening: OpenDays,
        *,
        is_full: bool,
    ) -> Shown:
        address = f"{self._base_url}/facilities/{one.id}"
        return Shown(
            place=place,
            children=children,
            distance=self._distance(one),
            hours=hours_words(hours),
            fee=self._fee(place, children, hours, opening),
            steps=steps_before(place),
            is_full=is_full,
            free=self._first_free(place, children, opening),
            address=address,
            code=qr_path(address),
        )

    def _fee(
        self,
        place: Place,
        children: Sequence[Taken],
        hours: dict[int, tuple[int, int]],
        opening: OpenDays,
    ) -> str:
        """Return what a usual morning costs for all who can come, after reductions in the rules."""
        here = [one.child for one in children if one.takes is Takes.NOW]
        day = self.on
        if not here:
            later = [one.since for one in children if one.since]
            day = min(later) if later else day
            here = [one.child for one in children if one.since and one.since <= day]
        if not here:
            return _("園にたずねてください")
        births = [
            days
            for days in ([c.first for c in here], [c.last for c in here])
            if all(born <= day for born in days)
        ] or [[c.likely for c in here]]
        rules = [
            DayRules(place.document_on(day), opening.calendar, day, _together(days))
            for days in births
        ]
        span = usual_morning(rules[0], hours)
        if span is None or all(each.fee is None for each in rules[0].at(span)):
            return _("園にたずねてください")
        fees = [fee for each in rules for fee in each.fees(span)]
        totals = sorted({fee.total_yen for fee in fees})
        words = _("%(count)s人で %(span)s に %(yen)s") % {
            "count": len(here),
            "span": written_span(cell_label(span.first_cell), cell_label(span.end_cell)),
            "yen": yen(totals[0])
            if len(totals) == 1
            else written_span(yen(totals[0]), yen(totals[-1])),
        }
        is_reduced = any(
            line.label_code is FeeLabel.SIBLING_REDUCTION for fee in fees for line in fee.lines
        )
        if is_reduced:
            words += _("（きょうだいの割引を引いた額）")
        items = {
            str(line.values["label"]): None
            for fee in fees
            for line in fee.lines
            if line.label_code in {FeeLabel.PER_USE, FeeLabel.ITEM}
        }
        if items:
            named = listed([_(item) for item in items], "・")
            words += _("（%(items)sも入れた額）") % {"items": named}
        return words

    def _first_free(
        self, place: Place, children: Sequence[Taken], opening: OpenDays
    ) -> date | None:
        """Return the first day on which all who can come now have a place that can be booked."""
        here = [one.child for one in children if one.takes is Takes.NOW]
        start = max(self.on, self.today + timedelta(days=1))
        days = [start + timedelta(days=n) for n in range(_FREE_WITHIN)]
        ages = [class_age(child.likely, start) for child in here]
        cells = cells_together(self._session, place, ages, days[0], days[-1]) if ages else {}
        who = _together([child.likely for child in here])
        for day in days:
            seen, _state = vacancy_on(place, opening, cells.get(day), day, now=self.now, who=who)
            if day in cells and seen.is_bookable:
                return day
        return None


def _together(births: Sequence[date]) -> Onlooker:
    return Onlooker(
        children=tuple(ChildFacts(uuid.UUID(int=n), born) for n, born in enumerate(births))
    )


def _takes_all(children: Sequence[Taken]) -> bool:
    return all(one.takes is not Takes.NO for one in children)
