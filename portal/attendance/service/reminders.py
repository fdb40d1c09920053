"""The evening before: one mail to each family with a stay, with the link for its word."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, exists, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.addresses import AddressKind, SecretAddress, token_for, token_hash
from portal.attendance.rules import days_to_remind, reminder_moment
from portal.db.session import acting_as, become, current_actor, transaction
from portal.families.models import Guardian
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.clock import at
from portal.messages.outbox import enqueue

_DUE = text("SELECT * FROM reminders_due(:day, :booked_before, :starting_after, :expires_at)")


def remind(now: datetime) -> None:
    """Queue the reminders due at ``now``, in a transaction of its own: the worker's round."""
    with acting_as(ANONYMOUS), transaction() as session:
        queue_reminders(session, now)


def queue_reminders(session: Session, now: datetime) -> int:
    """Queue a reminder for every family with a stay soon, each unit once; return how many.

    For the worker, as often as it likes: the row of the link in the mail is the claim, so two
    schedulers at once send one mail (F17). Families without a mail address are left alone, and so
    are stays booked after the evening's hour, whose confirmation has only just arrived.
    """
    before = current_actor()
    queued = 0
    for day in days_to_remind(now):
        expires_at = at(day + timedelta(days=1), time(0))
        due = session.execute(
            _DUE,
            {
                "day": day,
                "booked_before": reminder_moment(day),
                "starting_after": now,
                "expires_at": expires_at,
            },
        ).all()
        for row in due:
            become(Actor(role=Role.GUARDIAN, family_id=row.family_id))
            queued += _remind(session, row, day, expires_at)
    become(before)
    return queued


def _remind(session: Session, due: Row[Any], day: date, expires_at: datetime) -> bool:
    """Queue the mail to one family unless another has claimed it; the session acts for it."""
    has_mail = exists().where(
        Guardian.family_id == due.family_id,
        Guardian.mail.is_not(None) | Guardian.user_id.is_not(None),
    )
    if not session.scalar(select(has_mail)):
        return False
    address_id = uuid.uuid5(due.group_id, f"reminder of {day.isoformat()}")
    claimed = session.execute(
        insert(SecretAddress)
        .values(
            id=address_id,
            kind=AddressKind.BOOKING_WORD,
            token_hash=token_hash(token_for(address_id)),
            family_id=due.family_id,
            booking_id=due.booking_id,
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()  # of its id as of its hash: both are taken at once
        .returning(SecretAddress.id)
    ).first()
    if claimed is None:
        return False
    enqueue(
        session,
        "attendance/reminder",
        about=[due.booking_id],
        to_family=due.family_id,
        organisation_id=due.organisation_id,
        context={"address": str(address_id), "day": day.isoformat()},
    )
    return True
