"""The day of a facility as one paper: made the same for the screen and for PDF."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from jinja2 import Environment
from sqlalchemy.orm import Session

from portal.attendance.hours import hours_of_day
from portal.attendance.rules import Presence
from portal.attendance.service.board import Board, open_board
from portal.documents.templating import environment
from portal.kernel.actor import Actor
from portal.kernel.spans import CELLS
from portal.slots.classes import fits
from portal.slots.queries import PlacesOnDay, places_on, pools_of
from portal.slots.rules import PoolKind

#: The trace says on what children's health was seen.
VIA = "day_sheet"
_YOUNGEST, _TODDLER = 0, 1


@dataclass(frozen=True, slots=True)
class HourLine:
    """An hour of the paper: children booked, staff on duty (``None``: not kept), places left."""

    hour: int
    children: int
    on_duty: int | None
    needed: int
    free_toddlers: int
    free_babies: int


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper shows."""

    board: Board
    hours: tuple[HourLine, ...]
    now: datetime

    @property
    def children(self) -> int:
        """How many are expected; who stays away is not among them."""
        return sum(child.presence is not Presence.ABSENT for child in self.board.children)


def open_paper(
    session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor, now: datetime
) -> Paper:
    """Return the paper of a day, and leave the trace that its health data was seen.

    Raises:
        NoResultFound: not a facility of the actor's provider.
    """
    board = open_board(session, facility_id, day, actor=actor, now=now, via=VIA)
    places = places_on(session, facility_id, day, actor)
    babies = _free(session, facility_id, places, _YOUNGEST, actor)
    toddlers = _free(session, facility_id, places, _TODDLER, actor)
    booked = {
        hour.hour: hour
        for hour in hours_of_day(
            ((child.booking.class_age, child.facts) for child in board.children), day, board.on_duty
        )
    }
    open_hours = {cell // 2 for cell in range(CELLS) if toddlers[cell] or babies[cell]}
    lines = []
    for hour in sorted(open_hours | set(booked)):
        both = (hour * 2, hour * 2 + 1)
        of_day = booked.get(hour)
        lines.append(
            HourLine(
                hour,
                of_day.children if of_day else 0,
                min(board.on_duty[cell] for cell in both) if any(board.on_duty) else None,
                of_day.needed if of_day else 0,
                min(toddlers[cell] for cell in both),
                min(babies[cell] for cell in both),
            )
        )
    return Paper(board, tuple(lines), now)


def _free(
    session: Session, facility_id: uuid.UUID, places: PlacesOnDay, age: int, actor: Actor
) -> Sequence[int]:
    """Return the places left for a class by half hour; zero where nobody is taken."""
    pools = [pool for pool in pools_of(session, facility_id, actor) if fits(pool, age)]
    rows = [places.pool_days[pool.id] for pool in pools if pool.id in places.pool_days]
    if not any(pool.kind is PoolKind.TOTAL for pool in pools) or len(rows) != len(pools):
        return (0,) * CELLS
    return [
        0 if any(row.closed[cell] for row in rows) else min(row.free[cell] for row in rows)
        for cell in range(CELLS)
    ]


@cache
def _papers() -> Environment:
    return environment()


def paper_html(paper: Paper, *, is_demo: bool) -> str:
    """Return the paper as the HTML that becomes the PDF."""
    return (
        _papers()
        .get_template("daysheets/sheet.html")
        .render(
            paper=paper,
            board=paper.board,
            on=paper.board.day,
            now=paper.now,
            today=paper.board.day,
            on_screen=False,
            is_demo=is_demo,
        )
    )
