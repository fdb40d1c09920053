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
from portal.documents.dates import jdate, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.kernel.spans import Span, cell_label
from portal.policies.charging import usual_fee
from portal.policies.decide import booking_window
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
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

    @property
    def next_step(self) -> str:
        """What to choose next; the hours that are held already are no choice yet."""
        if self.span == self.held:
            return _("いまの予約の時間です。ちがう時間をおすと、えらびなおせます。")
        return super().next_step

    @property
    def fee_yen(self) -> int | None:
        """What the chosen time costs all of them, once it is chosen."""
        document = self.place.document
        if document.fee is None or self.span is None:
            return None
        return usual_fee(document, self.children, self.span).total_yen

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
    return MoveHours(
        place=place,
        day=day,
        opening=open_days(session, place.id, day),
        cells=cells.get(day),
        now=now,
        asked_start=start,
        asked_end=end,
        party=len(moving.live),
        by_staff=by_staff,
        link=link,
        held=moving.span,
        children=[ChildFacts(b.child_id, b.child.born_on) for b in moving.live if b.child.born_on],
    )


def free_days(
    session: Session, moving: Group, *, now: datetime, by_staff: bool = False
) -> list[FreeDay]:
    """Return the next days that can be booked; what the booking itself holds counts as free.

    Empty where the facility shows no places.
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
        is_open = booking_window(place.document, calendar, day).state(now) is WindowState.OPEN
        if not is_open and not by_staff:
            continue
        cells = bookable_cells(
            place, by_day[day], day, now=now, by_staff=by_staff, calendar=calendar
        )
        spans = runs(cells)
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
    if not place.takes_bookings:
        return None
    part = moving.first.trial_part
    return place if part is None else replace(place, document=_of_trial(place.document, part))


def _of_trial(document: RulesDocument, part: int) -> RulesDocument:
    """Return the rules as a stay of trial care is offered by them."""
    trial = document.steps.trial if document.steps else None
    limits = trial.part(part) if trial else None
    if trial is None or limits is None:
        return document
    changes: dict[str, object] = {"units": limits.as_units()}
    if trial.fee is not TrialFeeKind.USUAL:
        changes["fee"] = None
    return document.model_copy(update=changes)


def _ages(moving: Group, on: date) -> Sequence[int]:
    born = [booking.child.born_on for booking in moving.live]
    return [class_age(day, on) for day in born if day is not None]


def _given_back(moving: Group) -> Iterable[tuple[date, Collection[uuid.UUID], int, int]]:
    return [(b.day, b.pool_ids, b.from_cell, b.to_cell) for b in moving.live]
