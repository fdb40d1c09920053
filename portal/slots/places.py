"""The one way to take places and to give them back; the database has the last word."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from portal.db.errors import breached_constraint
from portal.db.statements import Statement
from portal.kernel.spans import Span

#: A child is in one place at a time; the name of the exclusion constraint of ``bookings``.
ONE_PLACE_AT_A_TIME = "ex_bookings_one_place_at_a_time"
#: A child has one stay of trial care ahead at a facility; the name of the unique index.
ONE_TRIAL_AHEAD = "uq_bookings_one_trial_ahead"
#: A limit of the child by week, month or year holds; the name that ``hold_caps`` raises.
WITHIN_CAPS = "ck_bookings_caps"
_CHILD_CAN_STAY = "ck_bookings_child_can_stay"

_TAKE = Statement(
    "SELECT booking_ids, full_pool, full_day, full_cell FROM take_places(CAST(%(stays)s AS jsonb))"
)
_RELEASE = text("SELECT release_places(:ids, :state)")


@dataclass(frozen=True, slots=True)
class Stay:
    """One child's stay on one day as it is to be booked.

    ``replaces`` names a live booking of the same child that moves here; its row, id and group stay.
    ``fee_lines`` and ``overruled`` are plain JSON values. A stay that names a referral under
    way, or a priority, may take a place kept for such families, and takes it first.
    """

    id: uuid.UUID
    group_id: uuid.UUID
    programme_id: uuid.UUID
    family_id: uuid.UUID
    child_id: uuid.UUID
    purpose: str
    span: Span
    rulebook_id: uuid.UUID
    fee_yen: int
    fee_lines: list[dict[str, Any]]
    cancel_until: datetime | None
    channel: str
    received_at: datetime
    pickup_person_id: uuid.UUID | None = None
    overruled: dict[str, Any] | None = None
    replaces: uuid.UUID | None = None
    trial_part: int | None = None
    guardian_stays: bool = False
    counts_toward_caps: bool = True
    referral_id: uuid.UUID | None = None
    priority_id: uuid.UUID | None = None
    #: The type and reason of use as the rules name them.
    use_type: str | None = None
    use_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The bookings that now hold their places."""

    bookings: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class Full:
    """The first pool, day and half-hour cell that could not give what was asked.

    ``pool_id`` is ``None`` where the facility has no places at all for the child's class.
    """

    pool_id: uuid.UUID | None
    day: date
    cell: int


_PLAIN_FIELDS = tuple(field.name for field in fields(Stay) if field.name != "span")


def _as_json(stay: Stay) -> dict[str, Any]:
    span = stay.span
    row = {name: getattr(stay, name) for name in _PLAIN_FIELDS}
    return row | {
        "day": span.day,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "from_cell": span.first_cell,
        "to_cell": span.end_cell,
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def take_places(session: Session, stays: Sequence[Stay]) -> Taken | Full:
    """Take every place the stays need, or none, and write their booking rows.

    Part of the caller's transaction; nothing is visible to others before its commit.
    ``stays`` may span children and days of one family; the database locks in one order, so wishes
    never deadlock. Which pools a stay needs is the database's to know.

    Raises:
        sqlalchemy.exc.IntegrityError: ``ONE_PLACE_AT_A_TIME``, the child is booked elsewhere then;
            ``ONE_TRIAL_AHEAD``, it has another stay of trial care ahead; ``WITHIN_CAPS``, a limit
            of it is reached.
        sqlalchemy.exc.NoResultFound: a child was closed, or its birth taken back, meanwhile.
        sqlalchemy.exc.ProgrammingError: the stays are not the signed actor's to book.
    """
    stays_json = json.dumps([_as_json(stay) for stay in stays], default=_plain)
    try:
        [(booking_ids, *full)] = _TAKE.rows(session, {"stays": stays_json})
    except IntegrityError as error:
        if breached_constraint(error) == _CHILD_CAN_STAY:
            raise NoResultFound("a child is not there any more") from error
        raise
    return Full(*full) if booking_ids is None else Taken(tuple(booking_ids))


def release_places(
    session: Session, bookings: Sequence[uuid.UUID], *, state: str = "cancelled"
) -> tuple[uuid.UUID, ...]:
    """Give back the places of confirmed bookings; return those that were released.

    Args:
        state: How they end: ``cancelled`` or ``excused_absence``.
    """
    released = session.execute(_RELEASE, {"ids": list(bookings), "state": state}).scalar_one()
    return tuple(released)
