"""Where a booking could be moved: a day by half hours, and the days with room for all of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.day_hours import DayHours
from portal.bookings.queries.lists import Group
from portal.bookings.queries.stay_cases import case_of
from portal.documents.dates import jdate, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.kernel.spans import Span, cell_label
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.judging import fee_of
from portal.policies.looking import ANYBODY, DayRules, Onlooker
from portal.policies.steps import TrialFeeKind
from portal.policies.window import WindowState
from portal.slots.availability import runs
from portal.slots.day_signs import bookable_cells
from portal.slots.opening import open_days
from portal.slots.published import Place, cells_together, published_place

#: How far ahead is looked, and how many days are shown.
_AHEAD = timedelta(days=28)
_MOST = 20


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with the hours in which all children of a booking would have a place."""

    day: date
    hours: str


@dataclass(kw_only=True)
class MoveHours(DayHours):
    """A day to which a booking may move; what it holds itself counts as free."""

    #: Makes the address of the same page with another choice: day, start, end.
    link: Callable[[date, str | None, str | None], str]
    children: Sequence[ChildFacts]
    held: Span
    #: The booking with what is known of its family, as it would be on this day.
    case: Case | None = None

    @property
    def next_step(self) -> str:
        """What to choose next; the hours that are held already are no choice yet."""
        if self.span == self.held:
            return _("いまの予約の時間です。ちがう時間をおすと、えらびなおせます。")
        return super().next_step

    @property
    def fee_yen(self) -> int | None:
        """What the chosen time costs all of them, once it is chosen."""
        if self.span is None or all(rules.fee is None for rules in self.rules.at(self.span)):
            return None
        if self.case is None:
            return self.rules.fees(self.span)[0].total_yen
        if self.case.trial_part is not None and not _costs_as_usual(self.place.document):
            return None
        return fee_of(replace(self.case, span=self.span), now=self.now).total_yen

    @property
    def onlooker(self) -> Onlooker:
        """The family of the booking, with what its booking was judged by."""
        return Onlooker(children=tuple(self.children), case=self.case)

    @property
    def title(self) -> str:
        """The day in words."""
        return jdate(self.day, today(self.now))

    @property
    def days_beside(self) -> tuple[dict[str, str] | None, dict[str, str]]:
        """The links to the day before, unless it is over, and to the day after."""
        before, after = self.day - timedelta(days=1), self.day + timedelta(days=1)
        first = today(self.now)
        links = [
            {"label": jdate(day, first), "href": self.link(day, None, None)}
            for day in (before, after)
        ]
        return (links[0] if before >= first else None), links[1]

    def _href(self, start: int | None, end: int | None) -> str:
        times = [None if cell is None else cell_label(cell) for cell in (start, end)]
        return self.link(self.day, times[0], times[1])


def hours_to_move(
    session: Session,
    moving: Group,
    day: date,
    *,
    actor: Actor,
    now: datetime,
    link: Callable[[date, str | None, str | None], str],
    chosen: tuple[int | None, int | None],
    by_staff: bool = False,
) -> MoveHours | None:
    """Return a day for the live children of a group; None where its facility shows no places.

    Args:
        chosen: Start and end as half-hour cells, as far as they are chosen.
        by_staff: The time to book does not count.
    """
    place = _place(session, moving, day)
    if place is None:
        return None
    start, end = (None if cell is None else cell_label(cell) for cell in chosen)
    cells = cells_together(
        session, place, _ages(moving, day), day, day, given_back=_given_back(moving)
    )
    opening = open_days(session, place.id, day)
    return MoveHours(
        place=place,
        day=day,
        opening=opening,
        cells=cells.get(day),
        now=now,
        asked_start=start,
        asked_end=end,
        party=len(moving.live),
        by_staff=by_staff,
        link=link,
        held=moving.span,
        children=[ChildFacts(b.child_id, b.child.born_on) for b in moving.live if b.child.born_on],
        case=case_of(
            session,
            moving.live,
            place.document,
            actor=actor,
            group=moving.bookings,
            calendar=opening.calendar,
            day=day,
        ),
    )


def free_days(
    session: Session,
    moving: Group,
    *,
    now: datetime,
    by_staff: bool = False,
    who: Onlooker = ANYBODY,
) -> list[FreeDay]:
    """Return the next days that can be booked; what the booking itself holds counts as free.

    Empty where the facility shows no places.

    Args:
        who: The family, as ``MoveHours.onlooker`` knows it.
    """
    on = today(now)
    place = _place(session, moving, on)
    if place is None:
        return []
    calendar = open_days(session, place.id, on).calendar
    by_day = cells_together(
        session, place, _ages(moving, on), on, on + _AHEAD, given_back=_given_back(moving)
    )
    found: list[FreeDay] = []
    for day in sorted(by_day):
        rules = DayRules(place.document_on(day), calendar, day, who)
        if rules.state(now) is not WindowState.OPEN and not by_staff:
            continue
        spans = runs(bookable_cells(rules, by_day[day], now=now, by_staff=by_staff))
        if spans:
            hours = [written_span(cell_label(start), cell_label(end)) for start, end in spans]
            found.append(FreeDay(day, listed(hours)))
        if len(found) == _MOST:
            break
    return found


def _place(session: Session, moving: Group, on: date) -> Place | None:
    try:
        place = published_place(session, moving.first.facility_id, on=on)
    except NoResultFound:
        return None
    return place if place.takes_bookings else None


def _costs_as_usual(document: RulesDocument) -> bool:
    trial = document.steps.trial if document.steps else None
    return trial is None or trial.fee is TrialFeeKind.USUAL


def _ages(moving: Group, on: date) -> Sequence[int]:
    born = [booking.child.born_on for booking in moving.live]
    return [class_age(day, on) for day in born if day is not None]


def _given_back(moving: Group) -> Iterable[tuple[date, Collection[uuid.UUID], int, int]]:
    return [(b.day, b.pool_ids, b.from_cell, b.to_cell) for b in moving.live]
