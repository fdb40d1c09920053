"""A later start: what has become, since the last one, of stays that the demo made itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from portal.bookings.rules import BookingState
from portal.commands.demo_city.courses import (
    Course,
    course_of,
    gives_place_back,
    state_at,
    trial_course,
)
from portal.commands.demo_city.places import SOUGHT_AFTER
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import Rows, ident, is_derived
from portal.commands.demo_city.stay_rows import BOARD_OPENED_BEFORE
from portal.kernel.channel import Channel
from portal.kernel.spans import Span
from portal.policies.document import RulesDocument
from portal.policies.fee import Fee

_OPEN = text("""
    SELECT b.id, b.group_id, b.facility_id, b.organisation_id, b.family_id, b.child_id, b.day,
           b.state, b.starts_at, b.ends_at, b.created_at, b.cancel_until, b.channel, b.sequence,
           b.fee_lines, b.created_by, b.trial_part, a.arrived_at, a.departed_at, g.user_id,
           r.document
      FROM bookings b
      JOIN rulebooks r ON r.id = b.rulebook_id
      JOIN guardians g ON g.family_id = b.family_id AND g.is_primary
      LEFT JOIN attendances a ON a.booking_id = b.id
     WHERE b.facility_id = ANY (:facilities) AND b.day >= :since
       AND b.state IN ('confirmed', 'attended') AND a.departed_at IS NULL
     ORDER BY b.starts_at, b.id""")
_SET = text("""
    UPDATE bookings SET state = :state, cancelled_at = :told_at, cancelled_by = :teller,
           cancel_reason = :because, cancel_fee_yen = :fee, changed_at = :moment,
           sequence = sequence + :more
     WHERE id = :id""")
_ARRIVE = text("""
    INSERT INTO attendances (booking_id, facility_id, organisation_id, family_id, child_id, day,
           arrived_at, arrived_by, departed_at, departed_by, collected_by, updated_at)
    VALUES (:id, :facility, :organisation, :family, :child, :day, :arrived, :staff, :departed,
            :departer, :collected, :moment)
    ON CONFLICT (booking_id) DO UPDATE
       SET departed_at = excluded.departed_at, departed_by = excluded.departed_by,
           collected_by = excluded.collected_by, updated_at = excluded.updated_at""")


@dataclass(frozen=True, slots=True)
class _Now:
    """Between which moments life goes on, and who records at each facility."""

    since: datetime
    now: datetime
    staff: dict[uuid.UUID, uuid.UUID]
    sought_after: frozenset[uuid.UUID]


def advance(admin: Engine, city: City, since: datetime, now: datetime) -> None:
    """Let what is under way go on from ``since`` to ``now``.

    Whatever a visitor has changed meanwhile is left as it stands.
    """
    staff = {site.facility_id: site.staff_id for site in city.sites}
    sought_after = frozenset(s.facility_id for s in city.sites if s.load[0] >= SOUGHT_AFTER)
    span = _Now(since, now, staff, sought_after)
    rows = Rows()
    with admin.begin() as connection:
        values = {"facilities": list(staff), "since": since.date() - timedelta(days=2)}
        for row in connection.execute(_OPEN, values).all():
            if is_derived(row.id):
                _one(connection, rows, row, span)
        rows.write(connection)


def _one(connection: Connection, rows: Rows, row: Any, span: _Now) -> None:
    course = _course_of(row, span)
    if _has_been_touched(row, course, span.since):
        _settle(connection, rows, row, span)
        return
    state = state_at(course, span.now)
    if state is BookingState.ATTENDED:
        _attend(connection, rows, row, course, span)
    elif state is not BookingState.CONFIRMED and row.state == BookingState.CONFIRMED.value:
        _end(connection, rows, row, course, span)
    word = course.word
    if word is not None and span.since < word.at <= span.now:
        rows.add(
            "words_from_families",
            id=ident("word", row.id),
            booking_id=row.id,
            organisation_id=row.organisation_id,
            family_id=row.family_id,
            kind=word.kind.value,
            expected_at=word.expected_at,
            channel=word.channel,
            received_at=word.at,
            recorded_by=span.staff[row.facility_id] if word.channel == "phone" else None,
        )


def _course_of(row: Any, span: _Now) -> Course:
    if row.trial_part is not None:
        return trial_course(row.starts_at, row.ends_at)
    return course_of(
        row.group_id,
        row.created_at,
        row.starts_at,
        row.ends_at,
        row.cancel_until,
        by_phone=row.channel != Channel.WEB.value,
        never_cancels=row.facility_id in span.sought_after,
    )


def _has_been_touched(row: Any, course: Course, since: datetime) -> bool:
    """Say whether a visitor has moved, recorded or taken back something."""
    before = state_at(course, since)
    changes = int(course.changed_at is not None and course.changed_at <= since)
    arrived_at = course.arrived_at if before is BookingState.ATTENDED else None
    return bool(
        row.state != before.value or row.sequence != changes or row.arrived_at != arrived_at
    )


def _settle(connection: Connection, rows: Rows, row: Any, span: _Now) -> None:
    """Say of a stay of an earlier day that nobody came, where nothing else was recorded."""
    moment = row.ends_at + timedelta(minutes=5)
    if row.state == BookingState.CONFIRMED.value and moment + timedelta(hours=12) < span.now:
        _write_state(connection, row, BookingState.NO_SHOW, moment)
        staff_id = span.staff[row.facility_id]
        _trace(rows, row, "attendance.no_show", moment, [row.id], staff_id)


def _attend(connection: Connection, rows: Rows, row: Any, course: Course, span: _Now) -> None:
    staff_id = span.staff[row.facility_id]
    left = course.departed_at is not None and course.departed_at <= span.now
    if row.arrived_at is not None and not left:
        return
    connection.execute(
        _ARRIVE,
        {
            "id": row.id,
            "facility": row.facility_id,
            "organisation": row.organisation_id,
            "family": row.family_id,
            "child": row.child_id,
            "day": row.day,
            "arrived": course.arrived_at,
            "staff": staff_id,
            "departed": course.departed_at if left else None,
            "departer": staff_id if left else None,
            "collected": course.collected_by if left else None,
            "moment": course.departed_at if left else course.arrived_at,
        },
    )
    if row.state != BookingState.ATTENDED.value:
        _write_state(connection, row, BookingState.ATTENDED, course.arrived_at)
        if course.arrived_at is not None:
            seen_at = course.arrived_at - BOARD_OPENED_BEFORE
            about = {"via": "board", "facility_id": str(row.facility_id)}
            _trace(rows, row, "read.child_record", seen_at, [row.child_id], staff_id, about)
        _trace(rows, row, "attendance.arrived", course.arrived_at, [row.id], staff_id)
    if left:
        _trace(rows, row, "attendance.departed", course.departed_at, [row.id], staff_id)


def _end(connection: Connection, rows: Rows, row: Any, course: Course, span: _Now) -> None:
    state, staff_id = state_at(course, span.now), span.staff[row.facility_id]
    if course.absent is not None:
        _write_state(connection, row, state, course.absent[1])
        _trace(rows, row, f"attendance.{state.value}", course.absent[1], [row.id], staff_id)
        return
    word = course.word if gives_place_back(course, span.now) else None
    told_at = word.at if word is not None else course.cancelled_at
    by_staff = word.channel == "phone" if word is not None else course.cancelled_by_staff
    teller = staff_id if by_staff else row.user_id
    fee = _late_fee_yen(row, course, told_at)
    _write_state(connection, row, state, told_at, told_at, teller, course, fee)
    action = "attendance.word_absent" if word is not None else "booking.cancelled"
    subjects = [row.id] if word is not None else [row.group_id, row.id]
    _trace(rows, row, action, told_at, subjects, staff_id if by_staff else None)


def _write_state(
    connection: Connection,
    row: Any,
    state: BookingState,
    moment: datetime | None,
    told_at: datetime | None = None,
    teller: uuid.UUID | None = None,
    course: Course | None = None,
    fee: int | None = None,
) -> None:
    because = course.because if course is not None else None
    connection.execute(
        _SET,
        {
            "id": row.id,
            "state": state.value,
            "told_at": told_at,
            "teller": teller,
            "because": because.value if because else None,
            "fee": fee,
            "moment": moment,
            "more": int(told_at is not None),
        },
    )


def _late_fee_yen(row: Any, course: Course, moment: datetime | None) -> int:
    rule = RulesDocument.model_validate(row.document).cancel
    if rule is None or course.because in rule.waived:
        return 0
    if moment is None or row.cancel_until is None or moment < row.cancel_until:
        return 0
    return rule.late_yen(Fee.from_json(row.fee_lines), Span(row.starts_at, row.ends_at))


def _trace(
    rows: Rows,
    row: Any,
    action: str,
    moment: datetime | None,
    subjects: Sequence[uuid.UUID],
    staff_id: uuid.UUID | None,
    detail: Mapping[str, str] | None = None,
) -> None:
    rows.add(
        "audit_log",
        id=ident("audit", action, row.id),
        at=moment,
        user_id=staff_id or row.user_id,
        organisation_id=row.organisation_id if staff_id else None,
        family_id=row.family_id,
        role="staff" if staff_id else "guardian",
        action=action,
        subjects=list(subjects),
        detail=dict(detail or {}),
    )
