"""Once a fiscal year a family is asked by mail whether what is known of its child still holds."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.rounds import at_every_facility
from portal.families.models import Child, ChildRecord
from portal.kernel.actor import Actor
from portal.kernel.age import fiscal_year
from portal.kernel.clock import today
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.preregistration.terms import terms_of
from portal.preregistration.writing import tell


def ask_yearly(now: datetime) -> None:
    """Ask the families of every facility whose rules say so: the worker's round."""

    def ask(session: Session, facility_id: uuid.UUID, actor: Actor) -> None:
        ask_families_of(session, facility_id, actor=actor, now=now)

    at_every_facility("asking about records", ask)


def ask_families_of(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> int:
    """Queue a mail about records of an earlier fiscal year; return to how many families.

    Once a year for a child, by whichever facility comes first, and never again in that year: nobody
    is pressed. Not asked: who never wrote a record, and whose registration
    has ended.
    """
    on = today(now)
    if not terms_of(session, facility_id, on).document.record.each_fiscal_year:
        return 0
    rows = session.execute(
        select(Preregistration, ChildRecord)
        .join(ChildRecord, ChildRecord.child_id == Preregistration.child_id)
        .join(Child, Child.id == Preregistration.child_id)
        .where(
            Preregistration.facility_id == facility_id,
            Preregistration.state == PreregistrationState.ACCEPTED,
            or_(Preregistration.accepted_until.is_(None), Preregistration.accepted_until >= on),
            Child.ended_at.is_(None),
            is_of_earlier_year(on),
            or_(ChildRecord.asked_on.is_(None), ChildRecord.asked_on < _year_began(on)),
        )
        .order_by(Preregistration.id)
        .with_for_update(of=ChildRecord, skip_locked=True)
    ).all()
    families: defaultdict[uuid.UUID, list[Preregistration]] = defaultdict(list)
    for row, head in rows:
        head.asked_on = on
        families[row.family_id].append(row)
        record(session, actor, "child_record.asked", row.child_id, family_id=row.family_id)
    session.flush()
    for some in families.values():
        tell(session, "record", *some)
    return len(families)


def is_of_earlier_year(on: date) -> ColumnElement[bool]:
    """Return the condition: a record that was confirmed, but not in the fiscal year of ``on``."""
    return and_(ChildRecord.confirmed_on.is_not(None), ChildRecord.confirmed_on < _year_began(on))


def _year_began(on: date) -> date:
    return date(fiscal_year(on), 4, 1)
