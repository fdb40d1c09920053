"""Place, change and cancel bookings: for a family and for staff who speak for a caller."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.bookings.models import Booking
from portal.bookings.queries.cases import CaseFile
from portal.bookings.queries.leaving import Rest, cancel_fees, reasons_against_moving, rest_of
from portal.bookings.queries.lists import Group, live_group
from portal.bookings.queries.quotes import (
    Way,
    fewer,
    open_file,
    reasons_and_ways,
    rules_against,
    ways_besides,
    wish_to_move,
)
from portal.bookings.rules import BookingChangeRefusal, Wish
from portal.bookings.stays import stays_of
from portal.db.errors import breached_constraint
from portal.db.sealed import seal
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span
from portal.messages.outbox import enqueue
from portal.policies.cancel import WaivedReason
from portal.policies.decide import Decision, decide
from portal.policies.reasons import BookingRefusal
from portal.slots.places import (
    ONE_PLACE_AT_A_TIME,
    ONE_TRIAL_AHEAD,
    WITHIN_CAPS,
    Full,
    Taken,
    release_places,
    take_places,
)

#: What the database alone can say, once two wishes have come at the same time.
_BREACHED = {
    ONE_PLACE_AT_A_TIME: BookingRefusal.CHILD_BOOKED_ELSEWHERE,
    ONE_TRIAL_AHEAD: BookingRefusal.TRIAL_AHEAD,
    WITHIN_CAPS: BookingRefusal.CAP_REACHED_MEANWHILE,
}


class NotPlaced(Refusal):
    """A booking was refused: all reasons, with what its page needs to show the way on."""

    def __init__(
        self,
        reasons: Iterable[Reason],
        file: CaseFile,
        ways: Sequence[Way] = (),
        *,
        in_a_rush: bool = False,
    ) -> None:
        super().__init__(reasons)
        self.file = file
        self.ways = tuple(ways)
        #: Ways out were not looked for: the page offers to, so that the answer comes at once.
        self.in_a_rush = in_a_rush


@dataclass(frozen=True, slots=True)
class Placed:
    """A booking that now holds its places. With ``together`` off some children may be missing."""

    group_id: uuid.UUID
    bookings: tuple[uuid.UUID, ...]
    child_ids: tuple[uuid.UUID, ...]
    fee_yen: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What was cancelled and what it costs; ``remaining`` bookings of the group still stand.

    ``rest_yen`` is what those cost from now on, ``rest_was_yen`` what they cost before.
    """

    bookings: tuple[uuid.UUID, ...]
    fee_yen: int
    remaining: int
    rest_yen: int = 0
    rest_was_yen: int = 0


def place_booking(session: Session, wish: Wish, *, actor: Actor, now: datetime) -> Placed:
    """Book what ``wish`` asks for, queue the confirmation mail, and leave a trace.

    Every child gets its place or, if so asked, as many as possible. A refusal has written nothing.

    Raises:
        NotPlaced: every reason at once, with other times that would do.
        sqlalchemy.exc.NoResultFound: something of the wish is not the actor's to see.
    """
    file = open_file(session, wish, actor=actor, now=now)
    answer = _try(session, file, actor=actor, now=now)
    if isinstance(answer, Placed):
        return answer
    for some in fewer(file):
        part = _try(session, file.only(some), actor=actor, now=now)
        if isinstance(part, Placed):
            return part
    decision, full = answer
    against = reasons_and_ways(session, file, decision, actor=actor, now=now, full=full)
    raise NotPlaced(against.reasons, file, against.ways, in_a_rush=against.in_a_rush)


def change_booking(
    session: Session,
    group_id: uuid.UUID,
    span: Span,
    *,
    actor: Actor,
    now: datetime,
    received_at: datetime | None = None,
    agreed_fee_yen: int | None = None,
    overruled: frozenset[BookingRefusal] = frozenset(),
    overruled_because: str = "",
    seen: int | None = None,
) -> Placed:
    """Move a booking, with all its children, to another day or other hours.

    It keeps its ids; nothing of its old places stands in its way. It is judged by the rules in
    force on its new day.

    Args:
        seen: The ``sequence`` of the group when it was looked at; a later one is refused.

    Raises:
        NotPlaced: reasons against leaving the old time and against the new one, all at once.
        Refusal: nothing of it is live any more, or it changed since it was seen.
        sqlalchemy.exc.NoResultFound: it is not the actor's to see.
    """
    moving = _as_seen(live_group(session, group_id, actor=actor), seen)
    wish = wish_to_move(
        moving,
        span,
        received_at=received_at,
        agreed_fee_yen=agreed_fee_yen,
        overruled=overruled,
        overruled_because=overruled_because,
    )
    file = open_file(session, wish, actor=actor, now=now, moving=moving)
    leaving = reasons_against_moving(session, moving, file, actor=actor)
    decision = decide(file.case(), now=now)
    taken: Taken | Full | None = None
    if not leaving and not rules_against(file, decision):
        taken = _take(session, file, decision, group_id=group_id, moving=moving)
    if not isinstance(taken, Taken):
        against = reasons_and_ways(
            session, file, decision, actor=actor, now=now, full=taken, moving=moving
        )
        ways = ways_besides(leaving, against.ways)
        raise NotPlaced((*leaving, *against.reasons), file, ways)
    before = {"starts_at": moving.first.starts_at, "ends_at": moving.first.ends_at}
    _leave_trace(
        session,
        actor,
        "changed",
        group_id,
        taken.bookings,
        wish.family_id,
        file.organisation_id,
        context={name: moment.isoformat() for name, moment in before.items()}
        | {"was_yen": moving.fee_yen},
        overruled=[reason.code.value for reason in decision.overruled],
    )
    return Placed(group_id, taken.bookings, wish.child_ids, decision.fee.total_yen)


def cancel_booking(
    session: Session,
    group_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    child_ids: Sequence[uuid.UUID] | None = None,
    because: WaivedReason | None = None,
    received_at: datetime | None = None,
    agreed_fee_yen: int | None = None,
    agreed_rest_yen: int | None = None,
    is_told_by_caller: bool = False,
    seen: int | None = None,
) -> Cancelled:
    """Cancel a booking, or some children of it, and give the places back.

    Free until the moment told at booking; afterwards the late fee of the rules the booking was made
    under, unless they waive it for the reason given. What a brother or sister who still comes
    costs from then on, ``policies.fee_of_those_who_stay`` says.

    Args:
        child_ids: Who does not come; everybody of the group by default.
        received_at: When a caller said so; counts for staff alone.
        agreed_fee_yen: What was told before; another amount is refused and told first.
        agreed_rest_yen: What those who still come were said to cost; the same holds.
        is_told_by_caller: The caller's own mail says it, with the calendar entry: none is queued.
        seen: The ``sequence`` of the group when it was looked at; a later one is refused.

    Raises:
        Refusal: nothing is left to cancel, it is too late, or it changed since it was seen.
        sqlalchemy.exc.NoResultFound: the booking or a child of it is not the actor's to see.
    """
    group = _as_seen(live_group(session, group_id, actor=actor), seen)
    going = [b for b in group.live if child_ids is None or b.child_id in child_ids]
    if child_ids is not None and not set(child_ids) <= {b.child_id for b in group.bookings}:
        raise NoResultFound("no such child in this booking")
    if not going:
        raise Refusal([BookingRefusal.ALREADY_CANCELLED])
    asked_at = min(received_at or now, now) if actor.is_provider else now
    fees = cancel_fees(session, group, going, actor=actor, now=asked_at, because=because)
    total_yen = sum(fees.values())
    if agreed_fee_yen is not None and agreed_fee_yen != total_yen:
        raise Refusal([Reason(BookingChangeRefusal.FEE_CHANGED, {"amount_yen": total_yen})])
    rest = rest_of(session, group, going, actor=actor, now=asked_at, because=because)
    rest_yen = rest.fee.total_yen
    if agreed_rest_yen not in (None, rest_yen):
        raise Refusal([Reason(BookingChangeRefusal.REST_FEE_CHANGED, {"amount_yen": rest_yen})])
    released = release_places(session, list(fees))
    for booking_id, fee_yen in fees.items():
        session.execute(
            update(Booking)
            .where(Booking.id == booking_id)
            .values(cancel_fee_yen=fee_yen, cancel_reason=because.value if because else None)
            .execution_options(synchronize_session=False)
        )
    if rest.is_changed:
        _charge(session, rest)
    _leave_trace(
        session,
        actor,
        "cancelled",
        group_id,
        released,
        group.first.family_id,
        group.first.organisation_id,
        context={
            "fee_yen": total_yen,
            "children": len(released),
            "by_facility": because is WaivedReason.CLOSED_BY_FACILITY,
            "rest_was_yen": rest.was_yen,
            "rest_yen": rest_yen,
        },
        has_mail=not is_told_by_caller,
        received_at=asked_at.isoformat(),
    )
    return Cancelled(released, total_yen, len(rest.staying), rest_yen, rest.was_yen)


def _as_seen(group: Group, seen: int | None) -> Group:
    if seen is not None and seen != group.sequence:
        raise Refusal([BookingChangeRefusal.MOVED_MEANWHILE])
    return group


def _charge(session: Session, rest: Rest) -> None:
    for booking in rest.staying:
        fee = rest.fee.for_child(booking.child_id)
        session.execute(
            update(Booking)
            .where(Booking.id == booking.id)
            .values(fee_yen=fee.total_yen, fee_lines=fee.as_json())
            .execution_options(synchronize_session=False)
        )


def _try(
    session: Session, file: CaseFile, *, actor: Actor, now: datetime
) -> Placed | tuple[Decision, Full | None]:
    decision = decide(file.case(), now=now)
    if rules_against(file, decision):
        return decision, None
    group_id = uuid.uuid4()
    taken = _take(session, file, decision, group_id=group_id)
    if isinstance(taken, Taken):
        return _placed(session, file, decision, taken, group_id, actor)
    return decision, taken


def _take(
    session: Session,
    file: CaseFile,
    decision: Decision,
    *,
    group_id: uuid.UUID,
    moving: Group | None = None,
) -> Taken | Full:
    stays = stays_of(file, decision, group_id=group_id, moving=moving)
    try:
        return take_places(session, stays)
    except IntegrityError as error:
        code = _BREACHED.get(breached_constraint(error) or "")
        if code is None:
            raise
        # The transaction is over; which child it was, nobody can ask any more.
        raise NotPlaced([Reason(code)], file) from error


def _placed(
    session: Session,
    file: CaseFile,
    decision: Decision,
    taken: Taken,
    group_id: uuid.UUID,
    actor: Actor,
) -> Placed:
    wish = file.wish
    if wish.note:
        for booking_id in taken.bookings:
            binding = ("bookings", "note", str(booking_id), str(wish.stands_under))
            session.execute(
                update(Booking)
                .where(Booking.id == booking_id)
                .values(note_sealed=seal(wish.note, bound_to=binding))
                .execution_options(synchronize_session=False)
            )
    _leave_trace(
        session,
        actor,
        "placed",
        group_id,
        taken.bookings,
        wish.stands_under,
        file.organisation_id,
        channel=wish.channel.value,
        overruled=[reason.code.value for reason in decision.overruled],
    )
    ids = tuple(child.id for child in file.children)
    return Placed(group_id, taken.bookings, ids, decision.fee.total_yen)


def _leave_trace(
    session: Session,
    actor: Actor,
    what: str,
    group_id: uuid.UUID,
    bookings: Sequence[uuid.UUID],
    family_id: uuid.UUID,
    organisation_id: uuid.UUID,
    *,
    context: dict[str, Any] | None = None,
    has_mail: bool = True,
    **detail: Any,
) -> None:
    """Write the audit row and queue the mail of the same name; both leave with the commit."""
    record(session, actor, f"booking.{what}", group_id, *bookings, family_id=family_id, **detail)
    if not has_mail:
        return
    enqueue(
        session,
        f"bookings/{what}",
        about=[group_id],
        to_family=family_id,
        organisation_id=organisation_id,
        context=context,
    )
