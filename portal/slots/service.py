"""What staff do to places. Each function writes, lays the days out anew and leaves a trace.

``fill_pool_days`` has the last word on every day: capacity never falls below what is taken, and
what is short is answered, so that the families concerned can be called. No booking is touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.slots.models import (
    DutyOverride,
    DutyPattern,
    PoolOverride,
    PoolPattern,
)
from portal.slots.queries import (
    Week,
    own_facility,
    places_on,
    pools_of,
    shortages_if,
    week_of,
)
from portal.slots.rules import (
    DayChange,
    Hours,
    PatternChange,
    PlacesRefusal,
    PoolKind,
    Shortage,
    horizon_end,
    with_hours,
)

_FILL = text("SELECT short_pool, short_day, short_cells FROM fill_pool_days(:facility, :a, :b)")


def lay_out(
    session: Session, facility_id: uuid.UUID, first: date, last: date
) -> tuple[Shortage, ...]:
    """Write the days of the facility's pools from patterns, single days, closures and holidays.

    Repeatable. Returns where more is taken than wanted.

    Raises:
        sqlalchemy.exc.ProgrammingError: the facility is not the signed actor's.
    """
    if last < first:
        return ()
    rows = session.execute(_FILL, {"facility": facility_id, "a": first, "b": last})
    return tuple(Shortage(row.short_pool, row.short_day, row.short_cells) for row in rows)


def extend_horizon(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> tuple[Shortage, ...]:
    """Lay out every day until the end of the 4th month ahead; a job does so daily."""
    own_facility(session, facility_id, actor)
    return lay_out(session, facility_id, today(now), horizon_end(today(now)))


def preview_pattern(
    session: Session, facility_id: uuid.UUID, change: PatternChange, *, actor: Actor, now: datetime
) -> list[Shortage]:
    """Return where the changed pattern would be short, without writing anything.

    Raises:
        Refusal: the change itself makes no sense.
    """
    _check_pattern(change, now=now)
    own_facility(session, facility_id, actor)
    wanted = _changed_week(session, facility_id, change, actor)
    first, last = change.in_force_from, horizon_end(today(now))
    return shortages_if(session, facility_id, wanted, first, last, actor)


def week_after(
    session: Session, facility_id: uuid.UUID, change: PatternChange, *, actor: Actor
) -> Week:
    """Return the week as a change would leave it on its first day, without writing anything."""
    week = week_of(session, facility_id, change.in_force_from, actor)
    on_duty = dict(week.on_duty)
    if change.on_duty is not None:
        for weekday in change.weekdays:
            on_duty[weekday] = with_hours(week.duty(weekday), change.hours, change.on_duty)
    capacity = {**week.capacity, **_changed_week(session, facility_id, change, actor)}
    return Week(capacity, on_duty, week.later_from)


def save_pattern(
    session: Session, facility_id: uuid.UUID, change: PatternChange, *, actor: Actor, now: datetime
) -> tuple[Shortage, ...]:
    """Put a new weekly pattern in force from a day; return where it is short.

    Staff on duty are weekly without a date: they change at once.

    Raises:
        Refusal: the change itself makes no sense.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    _check_pattern(change, now=now)
    facility = own_facility(session, facility_id, actor)
    ours = {"facility_id": facility_id, "organisation_id": facility.organisation_id}
    kept = week_of(session, facility_id, change.in_force_from, actor).kept
    for (pool_id, weekday), cells in _changed_week(session, facility_id, change, actor).items():
        _upsert(
            session,
            PoolPattern,
            {"pool_id": pool_id, "weekday": weekday, "in_force_from": change.in_force_from},
            {**ours, "capacity": list(cells), "kept": kept.get((pool_id, weekday), 0)},
        )
    if change.on_duty is not None:
        week = week_of(session, facility_id, change.in_force_from, actor)
        for weekday in change.weekdays:
            cells = with_hours(week.duty(weekday), change.hours, change.on_duty)
            _upsert(
                session,
                DutyPattern,
                {"facility_id": facility_id, "weekday": weekday},
                {"organisation_id": facility.organisation_id, "on_duty": cells},
            )
    shortages = lay_out(session, facility_id, change.in_force_from, horizon_end(today(now)))
    record(
        session,
        actor,
        "places.pattern_saved",
        facility_id,
        weekdays=sorted(change.weekdays),
        from_cell=change.hours.from_cell,
        to_cell=change.hours.to_cell,
        in_force_from=change.in_force_from.isoformat(),
        places={str(pool): number for pool, number in change.places.items()},
        short_days=len({shortage.day for shortage in shortages}),
    )
    return shortages


def save_day(
    session: Session, facility_id: uuid.UUID, change: DayChange, *, actor: Actor, now: datetime
) -> tuple[Shortage, ...]:
    """Set places and staff of a single day, which from then on ignores the weekly pattern (B20).

    Pools not named stay as they are, and follow the pattern if they did.

    Raises:
        Refusal: the change itself makes no sense.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    _check_day(change, now=now)
    facility = own_facility(session, facility_id, actor)
    ours = {"facility_id": facility_id, "organisation_id": facility.organisation_id}
    on_day = places_on(session, facility_id, change.day, actor)
    week = week_of(session, facility_id, change.day, actor)
    for pool in pools_of(session, facility_id, actor):
        number = change.places.get(pool.id)
        kept = change.kept if pool.kind is PoolKind.TOTAL else None
        if number is None and kept is None:
            continue
        override = on_day.overrides.get(pool.id)
        before = override.capacity if override else week.cells(pool.id, change.day.weekday())
        _upsert(
            session,
            PoolOverride,
            {"pool_id": pool.id, "day": change.day},
            {
                **ours,
                "capacity": list(before)
                if number is None
                else with_hours(before, change.hours, number),
                "reason": change.reason,
                "set_by": actor.user_id,
                "set_at": now,
            }
            | ({} if kept is None else {"kept": kept}),
        )
    if change.on_duty is not None:
        _upsert(
            session,
            DutyOverride,
            {"facility_id": facility_id, "day": change.day},
            {
                "organisation_id": facility.organisation_id,
                "on_duty": with_hours(on_day.on_duty, change.hours, change.on_duty),
            },
        )
    shortages = lay_out(session, facility_id, change.day, change.day)
    record(
        session,
        actor,
        "places.day_saved",
        facility_id,
        day=change.day.isoformat(),
        from_cell=change.hours.from_cell,
        to_cell=change.hours.to_cell,
        places={str(pool): number for pool, number in change.places.items()},
        on_duty=change.on_duty,
        kept=change.kept,
    )
    return shortages


def clear_day(
    session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor, now: datetime
) -> tuple[Shortage, ...]:
    """Let a day follow the weekly pattern again, places and staff."""
    if day < today(now):
        raise Refusal([PlacesRefusal.IN_THE_PAST])
    own_facility(session, facility_id, actor)
    for table in (PoolOverride, DutyOverride):
        session.execute(delete(table).where(table.facility_id == facility_id, table.day == day))
    shortages = lay_out(session, facility_id, day, day)
    record(session, actor, "places.day_cleared", facility_id, day=day.isoformat())
    return shortages


def lay_out_within(
    session: Session, facility_id: uuid.UUID, first: date, last: date, *, now: datetime
) -> None:
    """Lay out anew those of the days that can be; later ones come with their month."""
    start, end = max(first, today(now)), min(last, horizon_end(today(now)))
    lay_out(session, facility_id, start, end)


def _check_pattern(change: PatternChange, *, now: datetime) -> None:
    reasons = _reasons_against_hours(change.hours)
    if not change.weekdays:
        reasons.append(PlacesRefusal.NO_WEEKDAY)
    if not change.places and change.on_duty is None:
        reasons.append(PlacesRefusal.NOTHING_TO_CHANGE)
    if change.in_force_from < today(now):
        reasons.append(PlacesRefusal.IN_THE_PAST)
    if reasons:
        raise Refusal(reasons)


def _check_day(change: DayChange, *, now: datetime) -> None:
    reasons = _reasons_against_hours(change.hours)
    if not change.places and change.on_duty is None and change.kept is None:
        reasons.append(PlacesRefusal.NOTHING_TO_CHANGE)
    if change.day < today(now):
        reasons.append(PlacesRefusal.IN_THE_PAST)
    if not change.reason.strip():
        reasons.append(PlacesRefusal.REASON_MISSING)
    if reasons:
        raise Refusal(reasons)


def _reasons_against_hours(hours: Hours) -> list[PlacesRefusal]:
    return [] if hours.cells() else [PlacesRefusal.HOURS_REVERSED]


def _changed_week(
    session: Session, facility_id: uuid.UUID, change: PatternChange, actor: Actor
) -> Mapping[tuple[uuid.UUID, int], Sequence[int]]:
    week = week_of(session, facility_id, change.in_force_from, actor)
    return {
        (pool.id, weekday): with_hours(
            week.cells(pool.id, weekday),
            change.hours,
            change.places[pool.id],
            keeps_other_hours=change.keeps_other_hours,
        )
        for pool in pools_of(session, facility_id, actor)
        if pool.id in change.places
        for weekday in sorted(change.weekdays)
    }


def _upsert(session: Session, table: Any, key: dict[str, Any], values: dict[str, Any]) -> None:
    statement = insert(table).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
