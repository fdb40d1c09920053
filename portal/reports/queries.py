"""Every number of a report, from one source: what the day boards recorded."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, func, not_, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.attendance.models import Attendance
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.facilities.models import Facility
from portal.facilities.queries import is_claimed
from portal.facilities.rules import ClaimState
from portal.families.models import Child
from portal.kernel.actor import Actor, Role
from portal.reports.rules import CLASSES, ClassLine, Month, MonthReport, Outcomes
from portal.slots.models import Pool, PoolDay
from portal.slots.rules import PoolKind

_COUNTS = text("SELECT * FROM attendance_counts(:first, :until)")
_OUTCOMES = text("SELECT * FROM booking_outcomes(:first, :until)")


def reported_facilities(session: Session, *, actor: Actor) -> Sequence[Facility]:
    """Return the facilities the actor may report on, by name.

    A director's own ones; for a liaison those of her municipality that a provider runs here, and
    that nobody still has to confirm.
    """
    wanted = select(Facility).order_by(Facility.name, Facility.id)
    if actor.role is Role.DIRECTOR:
        wanted = wanted.where(Facility.organisation_id == actor.organisation_id)
    elif actor.role is Role.LIAISON:
        wanted = wanted.where(
            Facility.municipality_id == actor.organisation_id,
            Facility.organisation_id.is_not(None),
            not_(is_claimed(ClaimState.WAITING, ClaimState.REFUSED)),
        )
    else:
        return ()
    return session.scalars(wanted).all()


def month_reports(
    session: Session,
    month: Month,
    *,
    actor: Actor,
    facility_id: uuid.UUID | None = None,
    until: date | None = None,
) -> tuple[MonthReport, ...]:
    """Return a report for each facility the actor may report on, or for one of them.

    Args:
        until: The last day whose opening counts; a month that is running has not had the later.

    Raises:
        sqlalchemy.exc.NoResultFound: ``facility_id`` is none of hers. Shown as a 404.
    """
    facilities = reported_facilities(session, actor=actor)
    if facility_id is not None:
        facilities = [facility for facility in facilities if facility.id == facility_id]
        if not facilities:
            raise NoResultFound(f"no facility {facility_id} to report on")
    span = {"first": month.fiscal_year_start, "until": month.next.first_day}
    counts: dict[uuid.UUID, list[Row[tuple[object, ...]]]] = defaultdict(list)
    for row in session.execute(_COUNTS, span):
        counts[row.facility_id].append(row)
    this_month = {"first": month.first_day, "until": month.next.first_day}
    outcomes = {row.facility_id: row for row in session.execute(_OUTCOMES, this_month)}
    last = min(until or date.max, month.last_day)
    open_days = _open_days(session, [facility.id for facility in facilities], month, last)
    first_days = _first_days(session, [facility.id for facility in facilities])
    return tuple(
        _report(
            facility,
            month,
            counts[facility.id],
            outcomes.get(facility.id),
            open_days.get(facility.id, 0),
            first_days.get(facility.id),
        )
        for facility in facilities
    )


def _report(
    facility: Facility,
    month: Month,
    counts: Sequence[Row[tuple[object, ...]]],
    outcome: Row[tuple[object, ...]] | None,
    open_days: int,
    first_day: date | None,
) -> MonthReport:
    here = {row.class_age: row for row in counts if row.month == month.first_day}
    by_month: dict[date, int] = defaultdict(int)
    for row in counts:
        by_month[row.month] += row.irregular_work + row.emergency + row.respite
    known = [day for day, child_days in by_month.items() if child_days]
    known += [first_day] if first_day else []
    months = [Month.of(month.fiscal_year_start)]
    while months[-1] != month:
        months.append(months[-1].next)
    return MonthReport(
        facility_id=facility.id,
        facility_name=facility.name,
        month=month,
        lines=tuple(
            ClassLine(
                age,
                here[age].children,
                here[age].irregular_work,
                here[age].emergency,
                here[age].respite,
            )
            if age in here
            else ClassLine(age)
            for age in CLASSES
        ),
        outcomes=Outcomes(
            outcome.cancelled_by_family,
            outcome.cancelled_by_facility,
            outcome.excused_absences,
            outcome.no_shows,
            outcome.still_open,
        )
        if outcome is not None
        else Outcomes(),
        up_to_four_hours=sum(row.up_to_four_hours for row in here.values()),
        over_four_hours=sum(row.over_four_hours for row in here.values()),
        first_time=sum(row.first_time for row in here.values()),
        open_days=open_days,
        year_so_far=tuple((each, by_month[each.first_day]) for each in months),
        in_use_from=Month.of(min(known)) if known else None,
    )


def _first_days(session: Session, facility_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, date]:
    """Return the first day each facility has places on, by facility."""
    rows = session.execute(
        select(PoolDay.facility_id, func.min(PoolDay.day))
        .where(PoolDay.facility_id.in_(facility_ids))
        .group_by(PoolDay.facility_id)
    )
    return {row[0]: row[1] for row in rows}


def _open_days(
    session: Session, facility_ids: Sequence[uuid.UUID], month: Month, last: date
) -> dict[uuid.UUID, int]:
    """Count the days with at least one half hour open, by facility."""
    cells = (
        func.unnest(PoolDay.wanted, PoolDay.closed)
        .table_valued("places", "closed")
        .render_derived()
    )
    is_open = (
        select(1).select_from(cells).where(cells.c.places > 0, ~cells.c.closed).correlate(PoolDay)
    )
    rows = session.execute(
        select(PoolDay.facility_id, func.count(func.distinct(PoolDay.day)))
        .join(Pool, Pool.id == PoolDay.pool_id)
        .where(
            PoolDay.facility_id.in_(facility_ids),
            PoolDay.day.between(month.first_day, last),
            Pool.kind == PoolKind.TOTAL,
            is_open.exists(),
        )
        .group_by(PoolDay.facility_id)
    )
    return {row[0]: row[1] for row in rows}


def attended_stays(
    session: Session, month: Month, facility_id: uuid.UUID, *, actor: Actor
) -> Sequence[Row[Booking, Child | None, Attendance | None]]:
    """Return the stays that a facility's month counts, with child and times, by day and time.

    For the provider itself: names are seen. A stay counts also when its family no longer shows its
    record to the provider; its child is ``None`` then.
    """
    return session.execute(
        select(Booking, Child, Attendance)
        .outerjoin(Child, Child.id == Booking.child_id)
        .outerjoin(Attendance, Attendance.booking_id == Booking.id)
        .where(
            Booking.organisation_id == actor.organisation_id,
            Booking.facility_id == facility_id,
            Booking.state == BookingState.ATTENDED,
            Booking.day >= month.first_day,
            Booking.day < month.next.first_day,
        )
        .order_by(Booking.day, Booking.starts_at, Child.search_key)
    ).all()
