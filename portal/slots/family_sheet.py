"""What the address of a family's sheet says: months of birth, a town, a day; not who asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy.orm import Session

from portal.documents import i18n
from portal.facilities.points import LONGEST_TYPED, Point, find_point
from portal.families import queries
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date, written_day
from portal.kernel.errors import Reason, Refusal
from portal.slots.near import listed_facilities, spots_of

#: More are no family for one sheet.
MOST_CHILDREN = 6
#: From birth to school.
YEARS_BACK = 7
MONTHS_AHEAD = 10
DAYS_AHEAD = 366


class SheetRefusal(StrEnum):
    """Why there is no sheet; sentences stand in ``documents/wording``."""

    NO_CHILDREN = "no_children"
    TOO_MANY_CHILDREN = "too_many_children"
    MONTH_OF_BIRTH = "month_of_birth"
    MONTH_DUE = "month_due"
    DAY = "day"


class _Arguments(Protocol):
    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the sheet is for. Months are their first days."""

    born: tuple[date, ...]
    due: tuple[date, ...] = ()
    #: The local day from which care is wanted; ``None``: as soon as may be.
    on: date | None = None
    near: str = ""
    #: The language of the paper; empty: that of whoever opens it.
    words: str = ""

    def query(self) -> dict[str, Any]:
        """Return what stands in the address, for ``url_for``."""
        return {
            "child": [_written(month) for month in self.born],
            "due": [_written(month) for month in self.due],
            "on": self.on.isoformat() if self.on else None,
            "near": self.near or None,
            "words": self.words or None,
        }


def read(arguments: _Arguments, *, today: date) -> Asked:
    """Return what an address asks for.

    Raises:
        Refusal: with every reason.
    """
    reasons: list[Reason] = []
    born = _months(arguments.getlist("child"), SheetRefusal.MONTH_OF_BIRTH, reasons)
    due = _months(arguments.getlist("due"), SheetRefusal.MONTH_DUE, reasons)
    reasons += against(born, due, today=today)
    on, written = None, _first(arguments, "on")
    if written:
        try:
            on = written_day(written)
        except ValueError:
            reasons.append(Reason(SheetRefusal.DAY))
    if on is not None and not today <= on <= today + timedelta(days=DAYS_AHEAD):
        reasons.append(Reason(SheetRefusal.DAY))
    if reasons:
        raise Refusal({reason.code: reason for reason in reasons}.values())
    words = _first(arguments, "words")
    near = _first(arguments, "near")[:LONGEST_TYPED]
    return Asked(born, due, on, near, words if i18n.known(words) else "")


def of_family(
    session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime, with_town: bool
) -> Asked | None:
    """Return what is asked for a family's own children: their months and her town, no more of her.

    Args:
        with_town: Whether the town of her address may stand in the paper's address.

    Returns:
        ``None`` where there is no child for such a paper, or there are too many.
    """
    children = queries.children(session, family_id, actor=actor)
    found: Point | None = None
    if with_town:
        spots = spots_of(listed_facilities(session))
        for guardian in queries.guardians(session, family_id, actor=actor):
            point = find_point(guardian.address, spots) if guardian.address else None
            if found is None and isinstance(point, Point):
                found = point
    today = local_date(now)
    first = months_before(today.replace(day=1), YEARS_BACK * 12)
    born = sorted(each.born_on.replace(day=1) for each in children if each.born_on)
    born = [month for month in born if month >= first]
    due = sorted(c.due_on.replace(day=1) for c in children if c.born_on is None and c.due_on)
    if any(against(born, due, today=today)):
        return None
    return Asked(tuple(born), tuple(due), near=found.label if found else "")


def against(born: Sequence[date], due: Sequence[date], *, today: date) -> Iterable[Reason]:
    """Yield what stands against a sheet for children of these months."""
    first = today.replace(day=1)
    if not born and not due:
        yield Reason(SheetRefusal.NO_CHILDREN)
    if len(born) + len(due) > MOST_CHILDREN:
        yield Reason(SheetRefusal.TOO_MANY_CHILDREN, {"most": MOST_CHILDREN})
    if any(not months_before(first, YEARS_BACK * 12) <= month <= first for month in born):
        yield Reason(SheetRefusal.MONTH_OF_BIRTH)
    latest = months_before(first, -MONTHS_AHEAD)
    if any(not months_before(first, 2) <= month <= latest for month in due):
        yield Reason(SheetRefusal.MONTH_DUE, {"months": MONTHS_AHEAD})


def months_before(month: date, count: int) -> date:
    """Return the first of the month so many months before; after it, for a negative count."""
    year, index = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(year, index + 1, 1)


def _first(arguments: _Arguments, name: str) -> str:
    return next(iter(arguments.getlist(name)), "")


def _months(written: Sequence[str], code: SheetRefusal, reasons: list[Reason]) -> tuple[date, ...]:
    found = []
    for each in written[: MOST_CHILDREN + 1]:
        try:
            found.append(written_day(f"{each}-01"))
        except ValueError:
            reasons.append(Reason(code, {"months": MONTHS_AHEAD}))
    return tuple(sorted(found))


def _written(month: date) -> str:
    return f"{month:%Y-%m}"
