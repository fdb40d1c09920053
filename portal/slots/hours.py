"""Opening hours of the week, and the places they are filled with: a facility's first pattern.

What staff have set by half hour inside the hours stays as it is; only what falls outside them, or
opens anew, is written.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.models import FacilityHours
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.kernel.spans import CELLS
from portal.slots.models import Pool, PoolPattern
from portal.slots.pools import add_pool, retire_pool
from portal.slots.queries import Week, own_facility, pools_of, week_of
from portal.slots.rules import DayHours, PlacesRefusal, PoolKind, horizon_end
from portal.slots.service import lay_out

WEEK = range(7)
#: A band up to this class has no upper end worth naming.
_LAST_CLASS = 5


@dataclass(frozen=True, slots=True)
class PlacesWish:
    """How many children there may be at once, and of some classes at most.

    ``bands`` go from (youngest, oldest) class, both included, to the most of them.
    """

    total: int
    bands: Mapping[tuple[int, int], int]


def hours_of(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> dict[int, DayHours]:
    """Return the opening hours as entered, by weekday (0 is Monday); closed ones are missing."""
    rows = session.scalars(
        select(FacilityHours)
        .where(
            FacilityHours.facility_id == facility_id,
            FacilityHours.organisation_id == actor.organisation_id,
        )
        .execution_options(populate_existing=True)
    ).all()
    return {
        row.weekday: DayHours(row.from_cell, row.to_cell, row.break_from, row.break_to)
        for row in rows
    }


def hours_of_places(
    session: Session, facility_id: uuid.UUID, on: date, *, actor: Actor
) -> dict[int, DayHours]:
    """Return from when to when places are offered, by weekday; gaps count as open."""
    week = week_of(session, facility_id, on, actor)
    totals = [p for p in pools_of(session, facility_id, actor) if p.kind is PoolKind.TOTAL]
    found = {}
    for weekday in WEEK:
        used = [c for pool in totals for c, n in enumerate(week.cells(pool.id, weekday)) if n]
        if used:
            found[weekday] = DayHours(min(used), max(used) + 1)
    return found


def save_hours(
    session: Session,
    facility_id: uuid.UUID,
    wanted: Mapping[int, DayHours],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set the opening hours by weekday; those not named are closed. Places follow from today on.

    Raises:
        Refusal: hours are reversed, the break does not lie inside, or no day is open.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    facility = own_facility(session, facility_id, actor)
    reasons = {reason for hours in wanted.values() for reason in hours.reasons()}
    if not wanted:
        reasons.add(PlacesRefusal.NO_WEEKDAY)
    if reasons:
        raise Refusal(sorted(reasons))
    session.execute(delete(FacilityHours).where(FacilityHours.facility_id == facility_id))
    for weekday, hours in sorted(wanted.items()):
        session.execute(
            insert(FacilityHours).values(
                facility_id=facility_id,
                weekday=weekday,
                organisation_id=facility.organisation_id,
                from_cell=hours.from_cell,
                to_cell=hours.to_cell,
                break_from=hours.break_from,
                break_to=hours.break_to,
            )
        )
    record(session, actor, "places.hours_saved", facility_id, weekdays=sorted(wanted))
    week = week_of(session, facility_id, today(now), actor)
    for pool in pools_of(session, facility_id, actor):
        usual = max((max(week.cells(pool.id, weekday)) for weekday in WEEK), default=0)
        _write(session, pool, _fitted(week, pool, wanted, usual), today(now))
    lay_out(session, facility_id, today(now), horizon_end(today(now)))


def save_places(
    session: Session, facility_id: uuid.UUID, wish: PlacesWish, *, actor: Actor, now: datetime
) -> None:
    """Set how many children there may be during the opening hours, from today on.

    A number that is as before leaves half hours alone that staff have set otherwise.

    Raises:
        Refusal: there are no opening hours yet, nobody may come, or a band is reversed.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    on = today(now)
    own_facility(session, facility_id, actor)
    hours = hours_of(session, facility_id, actor=actor) or hours_of_places(
        session, facility_id, on, actor=actor
    )
    reasons = [] if hours else [PlacesRefusal.NO_WEEKDAY]
    if not wish.total:
        reasons.append(PlacesRefusal.NOTHING_TO_CHANGE)
    if any(oldest < youngest for youngest, oldest in wish.bands):
        reasons.append(PlacesRefusal.BAND_REVERSED)
    if reasons:
        raise Refusal(reasons)
    pools = pools_of(session, facility_id, actor)
    if not any(pool.kind is PoolKind.TOTAL for pool in pools):
        _add(session, facility_id, PoolKind.TOTAL, (0, 5), 0, actor, now)
    known = {(p.youngest_class, p.oldest_class) for p in pools if p.kind is PoolKind.AGE_BAND}
    for band in wish.bands.keys() - known:
        _add(session, facility_id, PoolKind.AGE_BAND, band, wish.bands[band], actor, now)
    for pool in pools:
        band = (pool.youngest_class, pool.oldest_class)
        if pool.kind is PoolKind.AGE_BAND and band not in wish.bands:
            retire_pool(session, pool.id, actor=actor, now=now)
    week = week_of(session, facility_id, on, actor)
    for pool in pools_of(session, facility_id, actor):
        is_total = pool.kind is PoolKind.TOTAL
        places = wish.total if is_total else wish.bands[pool.youngest_class, pool.oldest_class]
        usual = max((max(week.cells(pool.id, weekday)) for weekday in WEEK), default=0)
        if places != usual:
            cells = {weekday: _filled(hours.get(weekday), places) for weekday in WEEK}
            _write(session, pool, cells, on)
    lay_out(session, facility_id, on, horizon_end(on))
    record(
        session,
        actor,
        "places.set_up",
        facility_id,
        total=wish.total,
        bands={f"{a}-{b}": places for (a, b), places in wish.bands.items()},
    )


def _add(
    session: Session,
    facility_id: uuid.UUID,
    kind: PoolKind,
    band: tuple[int, int],
    places: int,
    actor: Actor,
    now: datetime,
) -> None:
    youngest, oldest = band
    if kind is PoolKind.TOTAL:
        label = "全体"
    elif youngest == oldest:
        label = f"{youngest}歳児"
    else:
        label = f"{youngest}〜{oldest}歳児" if oldest < _LAST_CLASS else f"{youngest}歳以上"
    add_pool(
        session,
        facility_id,
        kind=kind,
        label=label,
        youngest_class=youngest,
        oldest_class=oldest,
        places=places,
        actor=actor,
        now=now,
    )


def _filled(hours: DayHours | None, places: int) -> list[int]:
    open_cells = hours.cells() if hours else frozenset()
    return [places if cell in open_cells else 0 for cell in range(CELLS)]


def _fitted(
    before: Week, pool: Pool, wanted: Mapping[int, DayHours], usual: int
) -> dict[int, list[int]]:
    """Return the cells of each weekday inside the new hours, with what was set there kept."""
    found = {}
    for weekday in WEEK:
        old = before.cells(pool.id, weekday)
        most = max(old) or usual
        found[weekday] = [
            (number or most) if is_open else 0
            for number, is_open in zip(old, map(bool, _filled(wanted.get(weekday), 1)), strict=True)
        ]
    return found


def _write(session: Session, pool: Pool, cells: Mapping[int, Sequence[int]], on: date) -> None:
    for weekday, numbers in cells.items():
        ours = {
            "facility_id": pool.facility_id,
            "organisation_id": pool.organisation_id,
            "capacity": list(numbers),
        }
        session.execute(
            insert(PoolPattern)
            .values(pool_id=pool.id, weekday=weekday, in_force_from=on, **ours)
            .on_conflict_do_update(
                index_elements=["pool_id", "weekday", "in_force_from"], set_=ours
            )
        )
