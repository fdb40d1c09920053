"""The way from a referral to the first use, counted: how many, how long, where it stops. Pure.

A family counts once, however often it was referred: with its first sending and the furthest step.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from portal.referrals.rules import WAY, ReferralState


@dataclass(frozen=True, slots=True)
class Sent:
    """One referral as far as it is counted. Days are local."""

    family_id: uuid.UUID
    #: The facility, or the body where none was named.
    place_id: uuid.UUID
    #: When each step was reached; the first, SENT, always stands.
    reached: Mapping[ReferralState, date]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One family's way, over all its referrals that are counted together."""

    month: date
    furthest: ReferralState
    days_to_use: int | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Families by step. ``waiting`` and ``ended`` hold those that have not used it, by step."""

    families: int
    reached: tuple[tuple[ReferralState, int], ...]
    waiting: tuple[tuple[ReferralState, int], ...]
    ended: tuple[tuple[ReferralState, int], ...]
    #: Days from the first sending to the first use; ``None``: nobody has used it.
    median_days: float | None

    @property
    def used(self) -> int:
        """How many came to the first use."""
        return dict(self.reached)[ReferralState.USED]

    @property
    def stops(self) -> tuple[tuple[ReferralState, int], ...]:
        """For each step how many stand there and have not come further, under way or ended."""
        ended = dict(self.ended)
        return tuple((step, count + ended[step]) for step, count in self.waiting)

    @property
    def stops_most(self) -> ReferralState | None:
        """The step after which most go no further; the earlier of two; ``None`` without any."""
        step, count = max(self.stops, key=lambda one: one[1])
        return step if count else None


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def ways(sent: Iterable[Sent]) -> list[Way]:
    """Return each family's way once."""
    by_family: dict[uuid.UUID, list[Sent]] = {}
    for one in sent:
        by_family.setdefault(one.family_id, []).append(one)
    return [_way(some) for some in by_family.values()]


def _way(of: Sequence[Sent]) -> Way:
    first = min(one.reached[ReferralState.SENT] for one in of)
    uses = [day for one in of if (day := one.reached.get(ReferralState.USED)) is not None]
    furthest = max((step for one in of for step in one.reached), key=WAY.index)
    return Way(
        month=month_of(first),
        furthest=furthest,
        days_to_use=max(0, (min(uses) - first).days) if uses else None,
        is_open=any(one.is_open for one in of),
    )


def figures(of: Sequence[Way]) -> Figures:
    """Count families; whoever came to a later step passed the earlier ones."""
    stands = Counter(way.furthest for way in of)
    waits = Counter(way.furthest for way in of if way.is_open)
    before_use = WAY[: WAY.index(ReferralState.USED)]
    days = [way.days_to_use for way in of if way.days_to_use is not None]
    return Figures(
        families=len(of),
        reached=tuple(
            (step, sum(stands[later] for later in WAY[number:])) for number, step in enumerate(WAY)
        ),
        waiting=tuple((step, waits[step]) for step in before_use),
        ended=tuple((step, stands[step] - waits[step]) for step in before_use),
        median_days=float(median(days)) if days else None,
    )


def by_place(sent: Sequence[Sent]) -> dict[uuid.UUID, Figures]:
    """Count at each place the families that were referred there."""
    places = {one.place_id for one in sent}
    return {place: figures(ways(one for one in sent if one.place_id == place)) for place in places}


def by_month(sent: Sequence[Sent]) -> dict[date, Figures]:
    """Count each family in the month of its first sending, the earliest month first."""
    every = ways(sent)
    return {
        month: figures([way for way in every if way.month == month])
        for month in sorted({way.month for way in every})
    }


def by_place_and_month(sent: Sequence[Sent]) -> dict[tuple[uuid.UUID, date], Figures]:
    """Count for each place and month, months in order."""
    return {
        (place, month): found
        for place in {one.place_id for one in sent}
        for month, found in by_month([one for one in sent if one.place_id == place]).items()
    }
