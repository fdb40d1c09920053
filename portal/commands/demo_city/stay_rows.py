"""A planned stay as rows: bookings, attendance, words, audit, mails, as services leave them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.bookings.rules import BookingState
from portal.commands.demo_city.courses import (
    Course,
    course_of,
    gives_place_back,
    state_at,
    trial_course,
)
from portal.commands.demo_city.planning import PlannedStay
from portal.commands.demo_city.rows import Rows, ident, json_array
from portal.db.sealed import seal
from portal.kernel.age import class_age
from portal.kernel.channel import Channel
from portal.policies.fee import Fee

#: How long before an arrival somebody looks at the board.
BOARD_OPENED_BEFORE = timedelta(minutes=2)
#: How long a letter to a family without mail lies about.
LETTERS_WAIT = timedelta(days=3)


def course_of_stay(stay: PlannedStay) -> Course:
    """Return what becomes of a planned stay."""
    if stay.trial_part is not None:
        return trial_course(stay.span.starts_at, stay.span.ends_at)
    return course_of(
        stay.group_id,
        stay.booked_at,
        stay.span.starts_at,
        stay.span.ends_at,
        stay.decision.cancel_until,
        by_phone=stay.channel is not Channel.WEB,
        never_cancels=stay.place.is_sought_after,
    )


def holds_place(course: Course, now: datetime) -> bool:
    """Say whether the places of a stay are still taken at ``now``."""
    return state_at(course, now) is not BookingState.CANCELLED and not gives_place_back(course, now)


def late_fee_yen(stay: PlannedStay, child_id: uuid.UUID, course: Course, moment: datetime) -> int:
    """Return what a child's staying away costs when it is told at ``moment``."""
    rule = stay.place.document.cancel
    until = stay.decision.cancel_until
    if rule is None or course.because in rule.waived:
        return 0
    if until is None or moment < until:
        return 0
    return rule.late_yen(stay.decision.fee.for_child(child_id), stay.span)


def add_stay(
    rows: Rows, stay: PlannedStay, course: Course, now: datetime, staff_id: uuid.UUID | None
) -> None:
    """Add all that a stay has left behind until ``now``."""
    by_staff = stay.channel is not Channel.WEB
    state = state_at(course, now)
    told_at = None
    if state is BookingState.CANCELLED:
        told_at = course.cancelled_at
    elif gives_place_back(course, now) and course.word is not None:
        told_at = course.word.at
    changed = course.changed_at is not None and course.changed_at <= now
    teller = staff_id if course.cancelled_by_staff or by_staff else stay.client.user_id
    for child in stay.children:
        booking_id = ident("booking", stay.key, child.child_id)
        fee: Fee = stay.decision.fee.for_child(child.child_id)
        pools = stay.place.pools_of(child.born_on, stay.span.day)
        rows.add(
            "bookings",
            id=booking_id,
            group_id=stay.group_id,
            facility_id=stay.place.facility_id,
            organisation_id=stay.place.organisation_id,
            programme_id=stay.place.programme_id,
            family_id=stay.client.family_id,
            child_id=child.child_id,
            state=state.value,
            purpose=stay.purpose.value,
            day=stay.span.day,
            starts_at=stay.span.starts_at,
            ends_at=stay.span.ends_at,
            from_cell=stay.cells.start,
            to_cell=stay.cells.stop,
            pool_ids=[pool.pool_id for pool in pools],
            rulebook_id=stay.place.rulebook_id,
            class_age=class_age(child.born_on, stay.span.day),
            fee_yen=fee.total_yen,
            fee_lines=json_array(fee.as_json()),
            cancel_until=stay.decision.cancel_until,
            channel=stay.channel.value,
            received_at=stay.booked_at,
            pickup_person_id=stay.client.pickup_id,
            note_sealed=_note(stay, booking_id),
            overruled=_overruled(stay),
            sequence=int(changed) + int(told_at is not None),
            trial_part=stay.trial_part,
            guardian_stays=stay.guardian_stays,
            counts_toward_caps=stay.counts_toward_caps,
            created_by=staff_id if by_staff else stay.client.user_id,
            created_at=stay.booked_at,
            changed_at=_changed_at(stay, course, now, told_at),
            cancelled_at=told_at,
            cancelled_by=teller if told_at else None,
            cancel_reason=course.because.value if told_at and course.because else None,
            cancel_fee_yen=told_at and late_fee_yen(stay, child.child_id, course, told_at),
        )
        _add_day(rows, stay, course, booking_id, child.child_id, now, staff_id)
    _add_traces(rows, stay, course, now, staff_id)


def _note(stay: PlannedStay, booking_id: uuid.UUID) -> bytes | None:
    if not stay.note:
        return None
    binding = ("bookings", "note", str(booking_id), str(stay.client.family_id))
    return seal(stay.note, bound_to=binding)


def _overruled(stay: PlannedStay) -> dict[str, object]:
    if not stay.decision.overruled:
        return {}
    codes = [reason.code.value for reason in stay.decision.overruled]
    return {"codes": codes, "because": stay.overruled_because}


def _changed_at(
    stay: PlannedStay, course: Course, now: datetime, told_at: datetime | None
) -> datetime:
    moments = (stay.booked_at, course.changed_at, told_at, course.arrived_at)
    return max(moment for moment in moments if moment is not None and moment <= now)


def _add_day(
    rows: Rows,
    stay: PlannedStay,
    course: Course,
    booking_id: uuid.UUID,
    child_id: uuid.UUID,
    now: datetime,
    staff_id: uuid.UUID | None,
) -> None:
    ours = {
        "booking_id": booking_id,
        "organisation_id": stay.place.organisation_id,
        "family_id": stay.client.family_id,
    }
    if state_at(course, now) is BookingState.ATTENDED and course.arrived_at is not None:
        left = course.departed_at is not None and course.departed_at <= now
        rows.add(
            "attendances",
            **ours,
            facility_id=stay.place.facility_id,
            child_id=child_id,
            day=stay.span.day,
            arrived_at=course.arrived_at,
            arrived_by=staff_id,
            departed_at=course.departed_at if left else None,
            departed_by=staff_id if left else None,
            collected_by=course.collected_by if left else None,
            updated_at=course.departed_at if left else course.arrived_at,
        )
    word = course.word
    if word is not None and word.at <= now:
        rows.add(
            "words_from_families",
            id=ident("word", booking_id),
            **ours,
            kind=word.kind.value,
            expected_at=word.expected_at,
            channel=word.channel,
            received_at=word.at,
            recorded_by=staff_id if word.channel == "phone" else None,
        )


def _add_traces(
    rows: Rows, stay: PlannedStay, course: Course, now: datetime, staff_id: uuid.UUID | None
) -> None:
    by_staff = stay.channel is not Channel.WEB
    bookings = [ident("booking", stay.key, child.child_id) for child in stay.children]
    everything = [stay.group_id, *bookings]
    _audit(
        rows,
        stay,
        "booking.placed",
        stay.booked_at,
        everything,
        staff_id if by_staff else None,
        {
            "channel": stay.channel.value,
            "overruled": [reason.code.value for reason in stay.decision.overruled],
        },
    )
    _mail(rows, stay, "bookings/placed", stay.booked_at, {}, now)
    if course.changed_at is not None and course.changed_at <= now:
        before = {
            name: (moment + timedelta(minutes=course.moved_minutes)).isoformat()
            for name, moment in (("starts_at", stay.span.starts_at), ("ends_at", stay.span.ends_at))
        }
        who = staff_id if by_staff else None
        _audit(rows, stay, "booking.changed", course.changed_at, everything, who, {"overruled": []})
        _mail(rows, stay, "bookings/changed", course.changed_at, before, now)
    if course.cancelled_at is not None and course.cancelled_at <= now:
        who = staff_id if course.cancelled_by_staff else None
        fees = [late_fee_yen(stay, c.child_id, course, course.cancelled_at) for c in stay.children]
        received = {"received_at": course.cancelled_at.isoformat()}
        _audit(rows, stay, "booking.cancelled", course.cancelled_at, everything, who, received)
        told = {"fee_yen": sum(fees), "children": len(fees)}
        _mail(rows, stay, "bookings/cancelled", course.cancelled_at, told, now)
        return
    _audit_board(rows, stay, course, bookings, now, staff_id)
    for booking_id in bookings:
        _audit_day(rows, stay, course, booking_id, now, staff_id)


def _audit_board(
    rows: Rows,
    stay: PlannedStay,
    course: Course,
    bookings: list[uuid.UUID],
    now: datetime,
    staff_id: uuid.UUID | None,
) -> None:
    """Whoever lets a child in has looked at the board, and so at its record."""
    if staff_id is None or course.arrived_at is None or course.arrived_at > now:
        return
    seen = {"read.child_record": [child.child_id for child in stay.children]}
    if stay.note:
        seen["read.booking_note"] = bookings
    for action, subjects in seen.items():
        rows.add(
            "audit_log",
            id=ident("audit", action, stay.key, stay.group_id),
            at=course.arrived_at - BOARD_OPENED_BEFORE,
            user_id=staff_id,
            organisation_id=stay.place.organisation_id,
            family_id=stay.client.family_id,
            role="staff",
            action=action,
            subjects=subjects,
            detail={"via": "board", "facility_id": str(stay.place.facility_id)},
        )


def _audit_day(
    rows: Rows,
    stay: PlannedStay,
    course: Course,
    booking_id: uuid.UUID,
    now: datetime,
    staff_id: uuid.UUID | None,
) -> None:
    word = course.word
    if word is not None and word.at <= now:
        who = staff_id if word.channel == "phone" else None
        told = {"channel": word.channel}
        _audit(rows, stay, f"attendance.word_{word.kind.value}", word.at, [booking_id], who, told)
    if gives_place_back(course, now):
        return
    if course.absent is not None and course.absent[1] <= now:
        state, at = course.absent
        _audit(rows, stay, f"attendance.{state.value}", at, [booking_id], staff_id, {})
        return
    for what, moment in (("arrived", course.arrived_at), ("departed", course.departed_at)):
        if moment is not None and moment <= now:
            _audit(rows, stay, f"attendance.{what}", moment, [booking_id], staff_id, {})


def _audit(
    rows: Rows,
    stay: PlannedStay,
    action: str,
    moment: datetime,
    subjects: list[uuid.UUID],
    staff_id: uuid.UUID | None,
    detail: Mapping[str, object],
) -> None:
    rows.add(
        "audit_log",
        id=ident("audit", action, *subjects),
        at=moment,
        user_id=staff_id or stay.client.user_id,
        organisation_id=stay.place.organisation_id if staff_id else None,
        family_id=stay.client.family_id,
        role="staff" if staff_id else "guardian",
        action=action,
        subjects=subjects,
        detail=dict(detail),
    )


def _mail(
    rows: Rows,
    stay: PlannedStay,
    kind: str,
    moment: datetime,
    context: Mapping[str, object],
    now: datetime,
) -> None:
    message_id = ident("mail", kind, stay.group_id)
    # Whoever has no address gets none: the delivery drops it.
    sent_at = moment + timedelta(seconds=4)
    rows.add(
        "outbox_messages",
        id=message_id,
        message_id=f"<{message_id}@portal>",
        kind=kind,
        subject_ids=[stay.group_id],
        context=dict(context),
        organisation_id=stay.place.organisation_id,
        family_id=stay.client.family_id,
        created_at=moment,
        not_before=moment,
        attempts=1,
        sent_at=sent_at if stay.client.user_id else None,
        dropped_at=None if stay.client.user_id else sent_at,
        # Of the last days it waits as a letter; older ones were told by phone long ago.
        last_error=None if stay.client.user_id or moment < now - LETTERS_WAIT else "nobody",
    )
