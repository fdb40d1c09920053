"""What a page about care outside the portal shows: one child, one month."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.uses import queries
from portal.uses.models import DeclaredUse
from portal.uses.months import UseDay, UseMonth, month_asked
from portal.uses.rules import EARLIEST, SHOWN_TAKEN_BACK


@dataclass(frozen=True, slots=True)
class UsePage:
    """The days that stand of one child in a month; ``child`` is None where none is born yet.

    ``other_months``: first day and number of days of the child's other months, the latest first.
    ``gone``: what was taken back lately and can be put back.
    """

    children: Sequence[Child]
    child: Child | None
    month: UseMonth
    standing: Sequence[DeclaredUse]
    other_months: Sequence[tuple[date, int]]
    gone: Sequence[DeclaredUse]

    @property
    def weeks(self) -> list[list[UseDay | None]]:
        """The month as a calendar."""
        return self.month.weeks({row.day for row in self.standing})

    @property
    def open_days(self) -> list[date]:
        """The days of the month that can be told."""
        told = {row.day for row in self.standing}
        return [each.day for each in self.month.days(told) if each.is_open and not each.is_told]


def use_page(
    session: Session,
    family_id: uuid.UUID,
    child_id: uuid.UUID | None,
    month: str,
    *,
    actor: Actor,
    now: datetime,
) -> UsePage:
    """Return what stands for one child of a family, the eldest where none is named.

    Args:
        month: As in an address (``2026-11``); this month for anything else.

    Raises:
        sqlalchemy.exc.NoResultFound: not a family of the actor's, or not a born child of it.
    """
    family = families.family(session, family_id, actor=actor)
    on = today(now)
    children = [
        child
        for child in families.children(session, family.id, actor=actor)
        if child.born_on is not None
    ]
    child = next((each for each in children if child_id in {None, each.id}), None)
    if child is None and child_id is not None:
        raise NoResultFound("not a born child of this family")
    shown = month_asked(month, on)
    rows = [
        row
        for row in queries.told(session, family.id, actor=actor, since=on - EARLIEST)
        if child is not None and row.child_id == child.id
    ]
    months = Counter(row.day.replace(day=1) for row in rows)
    months.pop(shown.first, None)
    return UsePage(
        children=children,
        child=child,
        month=shown,
        standing=sorted((row for row in rows if shown.holds(row.day)), key=lambda row: row.day),
        other_months=sorted(months.items(), reverse=True),
        gone=[
            row
            for row in queries.taken_back(
                session, family.id, actor=actor, since=now - SHOWN_TAKEN_BACK
            )
            if child is not None and row.child_id == child.id
        ],
    )
