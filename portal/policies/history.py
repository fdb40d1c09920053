"""What a family used before: the past that caps, prices and consequences are counted from."""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType

_DAY = attrgetter("day")


class UseState(StrEnum):
    """What became of a stay that was booked."""

    BOOKED = "booked"
    ATTENDED = "attended"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled_late"
    NO_SHOW = "no_show"


USE_STATE_WORDS: Mapping[UseState, str] = MappingProxyType(
    {
        UseState.BOOKED: "予約が入っている",
        UseState.ATTENDED: "利用した",
        UseState.CANCELLED: "期限までに取り消した",
        UseState.CANCELLED_LATE: "期限のあとに取り消した",
        UseState.NO_SHOW: "連絡なしに来なかった",
    }
)


@dataclass(frozen=True, slots=True)
class PastUse:
    """One stay of one child, here or elsewhere, past or to come.

    ``minutes`` is its length, as booked or, once over, as used; ``starts_at`` is None where only
    the day is known. ``unit`` is the label of the block it was booked as, if any. ``is_here``: at
    this facility; ``is_same_programme``: under the programme the document is of, or elsewhere
    under one of its sort; ``is_in_city``: in the municipality; ``is_same_provider``: at another
    place of the same provider; ``is_declared``: told by the family, not booked through the portal.
    ``options`` is what the family chose beside it, as a case's; None where nobody knows.
    """

    child_id: uuid.UUID
    day: date
    minutes: int
    starts_at: datetime | None = None
    state: UseState = UseState.BOOKED
    purpose: str | None = None
    reason: str | None = None
    cause: str | None = None
    unit: str | None = None
    is_trial: bool = False
    is_here: bool = True
    is_same_programme: bool = True
    is_in_city: bool = True
    is_declared: bool = False
    is_same_provider: bool = False
    options: frozenset[str] | None = None


@dataclass(frozen=True)
class History:
    """Everything that counts; ``registrations``: how many facilities each child is registered at.

    The stay that is being moved is never among ``uses``.
    """

    uses: tuple[PastUse, ...] = ()
    registrations: int = 0

    def of(self, child_id: uuid.UUID) -> Sequence[PastUse]:
        """Return the uses of one child, in their order here."""
        return self._by_child.get(child_id, ())

    def between(self, child_id: uuid.UUID | None, first: date, last: date) -> Sequence[PastUse]:
        """Return the uses on some local days, both included, by day: of a child, or of all (None).

        Each limit asks for its own days; what lies outside costs nothing.
        """
        known = self._by_day.get(child_id)
        if known is None:
            uses = sorted(self.uses if child_id is None else self.of(child_id), key=_DAY)
            known = self._by_day[child_id] = (uses, [use.day for use in uses])
        uses, days = known
        return uses[bisect_left(days, first) : bisect_right(days, last)]

    @cached_property
    def _by_day(self) -> dict[uuid.UUID | None, tuple[list[PastUse], list[date]]]:
        return {}

    @cached_property
    def _by_child(self) -> Mapping[uuid.UUID, Sequence[PastUse]]:
        # Each rule of a document asks for them anew. Stays of one child mostly follow each other
        # and name it by one object; to look each id up would take longer than all the rest.
        found: dict[uuid.UUID, list[PastUse]] = {}
        child_id, mine = None, []
        for use in self.uses:
            if use.child_id is not child_id:
                child_id = use.child_id
                mine = found.setdefault(child_id, [])
            mine.append(use)
        return found


NO_HISTORY = History()
