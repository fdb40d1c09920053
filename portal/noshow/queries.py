"""Reads of cases, each scoped by who acts; row-level security asks again behind it.

Words of events and reports are sealed: whoever shows them goes through ``read_events`` and
``read_words``, which leave the trace.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.noshow.rules import CaseState
from portal.noshow.telling import Line
from portal.organisations.models import Organisation

#: What opens a case; whatever else was written at that moment follows from it.
_BEGINNINGS = frozenset({"raised", "worry"})
_OF_CHECKING = ("raised", "child_arrived", "arrival_undone", "family_explained")


def _told_to(actor: Actor) -> ColumnElement[bool]:
    return CareCase.id.in_(
        select(CaseReport.case_id).where(CaseReport.receiver_id == actor.organisation_id)
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: the actor's own provider's, or told to her body."""
    if actor.organisation_id is None:
        return false()
    return or_(CareCase.organisation_id == actor.organisation_id, _told_to(actor))


def case(
    session: Session, case_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> CareCase:
    """Return a case that the actor's body raised or was told of.

    Args:
        is_to_change: Lock it until the end of the transaction: of two staff, the second waits and
            then sees what the first has done.

    Raises:
        NoResultFound: none that is the actor's.
    """
    query = select(CareCase).where(CareCase.id == case_id, visible(actor))
    if is_to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def own(session: Session, case_id: uuid.UUID, *, actor: Actor) -> CareCase:
    """Return a case that the actor's own provider raised.

    Raises:
        NoResultFound: another's, also where the actor's body was told of it.
    """
    return session.scalars(
        select(CareCase).where(
            CareCase.id == case_id, CareCase.organisation_id == actor.organisation_id
        )
    ).one()


def open_cases(session: Session, *, actor: Actor) -> Sequence[CareCase]:
    """Return the open cases of the actor's provider, the most urgent and then the oldest first."""
    return session.scalars(
        select(CareCase)
        .where(
            CareCase.organisation_id == actor.organisation_id,
            CareCase.state != CaseState.CLOSED,
        )
        .order_by(CareCase.urgency != "urgent", CareCase.raised_at, CareCase.number)
    ).all()


def closed_cases(session: Session, *, actor: Actor, since: datetime) -> Sequence[CareCase]:
    """Return the cases of the actor's provider closed since then, the latest first."""
    return session.scalars(
        select(CareCase)
        .where(
            CareCase.organisation_id == actor.organisation_id,
            CareCase.closed_at >= since,
        )
        .order_by(CareCase.closed_at.desc(), CareCase.number)
    ).all()


def without_answer(session: Session, *, actor: Actor, now: datetime) -> Sequence[CareCase]:
    """Return the open cases of the actor's provider with a report past its limit, unread."""
    return session.scalars(
        select(CareCase)
        .where(
            CareCase.organisation_id == actor.organisation_id,
            CareCase.state != CaseState.CLOSED,
            CareCase.id.in_(
                select(CaseReport.case_id).where(
                    CaseReport.reporter_id == actor.organisation_id,
                    CaseReport.acknowledged_at.is_(None),
                    CaseReport.due_at < now,
                )
            ),
        )
        .order_by(CareCase.raised_at, CareCase.number)
    ).all()


def of_family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[CareCase]:
    """Return a family's cases that the actor may see, the latest first."""
    return session.scalars(
        select(CareCase)
        .where(CareCase.family_id == family_id, visible(actor))
        .order_by(CareCase.raised_at.desc(), CareCase.number)
    ).all()


def of_units(
    session: Session, group_ids: Sequence[uuid.UUID], day: date, *, actor: Actor
) -> dict[uuid.UUID, CareCase]:
    """Return the cases of stays on a day, open or not, by the unit they were booked in."""
    rows = session.scalars(
        select(CareCase).where(
            CareCase.organisation_id == actor.organisation_id,
            CareCase.booking_group_id.in_(group_ids),
            CareCase.day == day,
        )
    )
    return {row.booking_group_id: row for row in rows if row.booking_group_id is not None}


def reports(session: Session, case_id: uuid.UUID, *, actor: Actor) -> Sequence[CaseReport]:
    """Return the reports of a case that the actor's body sent or was sent, the oldest first."""
    return session.scalars(
        select(CaseReport)
        .where(
            CaseReport.case_id == case_id,
            or_(
                CaseReport.reporter_id == actor.organisation_id,
                CaseReport.receiver_id == actor.organisation_id,
            ),
        )
        .order_by(CaseReport.sent_at, CaseReport.id)
    ).all()


def read_events(
    session: Session, of: CareCase, *, actor: Actor
) -> list[tuple[CaseEventRow, str | None]]:
    """Return what happened, the oldest first, with its words; leaves the trace that they were read.

    The caller commits before the page leaves.
    """
    found = session.scalars(select(CaseEventRow).where(CaseEventRow.case_id == of.id))
    rows = sorted(found, key=_in_order)
    read = [row.id for row in rows if row.words_sealed is not None]
    if read:
        record_read(session, actor, "case_words", *read, family_id=of.logged_for)
    return [(row, row.words) for row in rows]


def _in_order(row: CaseEventRow) -> tuple[datetime, bool, bool, uuid.UUID]:
    """Of one moment, what began it stands first, and a second reminder after the first."""
    return row.at, row.kind not in _BEGINNINGS, row.kind.endswith("_again"), row.id


def events_of_checking(session: Session, of: CareCase) -> Sequence[CaseEventRow]:
    """Return what the provider did to find out what happened; neither words nor who was told."""
    return session.scalars(
        select(CaseEventRow)
        .where(
            CaseEventRow.case_id == of.id,
            or_(CaseEventRow.kind.contains("."), CaseEventRow.kind.in_(_OF_CHECKING)),
        )
        .order_by(CaseEventRow.at, CaseEventRow.id)
    ).all()


def read_notes(session: Session, of: CareCase, *, actor: Actor) -> str:
    """Return what the nursery noticed last, for a report; leaves the trace that it was read."""
    row = session.scalars(
        select(CaseEventRow)
        .where(
            CaseEventRow.case_id == of.id,
            CaseEventRow.kind.in_(("noticed", "worry")),
            CaseEventRow.words_sealed.is_not(None),
        )
        .order_by(CaseEventRow.at.desc(), CaseEventRow.id)
        .limit(1)
    ).one_or_none()
    if row is None:
        return ""
    record_read(session, actor, "case_words", row.id, family_id=of.logged_for)
    return row.words or ""


Sealed = Mapping[uuid.UUID, CaseWords]


def sealed_words(session: Session, of: Sequence[CaseReport]) -> Sealed:
    """Return by report what its receiver may still open, read anew and not opened yet."""
    rows = session.scalars(
        select(CaseWords)
        .where(CaseWords.report_id.in_([each.id for each in of]))
        .execution_options(populate_existing=True)
    )
    return {row.report_id: row for row in rows}


def read_words(
    session: Session, of: Sequence[CaseReport], *, actor: Actor, sealed: Sealed | None = None
) -> dict[uuid.UUID, dict[Line, str]]:
    """Return for each report what it says; nothing where what it rests on holds no more.

    Leaves the trace that it was read; the caller commits before the page leaves.

    Args:
        sealed: What ``sealed_words`` returned just now, of these and others.
    """
    found = sealed_words(session, of) if sealed is None else sealed
    rows = [found[each.id] for each in of if each.id in found]
    if rows:
        record_read(
            session,
            actor,
            "case_report",
            *(row.report_id for row in rows),
            # What went out by law stands in no family's own log: decision 15.
            family_id=None if any(each.ground_id for each in of) else rows[0].family_id,
        )
    return {
        row.report_id: {Line(line): said for line, said in json.loads(row.words or "{}").items()}
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case at a receiver: its reports to this body, the latest last, and what it waits for."""

    case: CareCase
    reports: tuple[CaseReport, ...]

    @property
    def latest(self) -> CaseReport:
        """The last report."""
        return self.reports[-1]

    @property
    def is_acknowledged(self) -> bool:
        """Whether the body has said that it read every report."""
        return all(each.acknowledged_at is not None for each in self.reports)

    @property
    def has_step(self) -> bool:
        """Whether the body has said what comes next."""
        return any(each.next_step is not None for each in self.reports)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits at a receiver. ``overdue`` holds of the other two what is past its limit."""

    new: tuple[Waiting, ...]
    waiting_for_step: tuple[Waiting, ...]
    overdue: tuple[Waiting, ...]
    #: Taken over, to be closed once the step is done.
    under_way: tuple[Waiting, ...]


def inbox(session: Session, actor: Actor, now: datetime) -> Inbox:
    """Return what the actor's body was told of and has not closed, the most urgent first."""
    rows = session.execute(
        select(CareCase, CaseReport)
        .join(CaseReport, CaseReport.case_id == CareCase.id)
        .where(
            CaseReport.receiver_id == actor.organisation_id,
            CareCase.state != CaseState.CLOSED,
        )
        .order_by(CareCase.urgency != "urgent", CaseReport.sent_at, CaseReport.id)
    )
    found: dict[uuid.UUID, tuple[CareCase, list[CaseReport]]] = {}
    for of, report in rows:
        found.setdefault(of.id, (of, []))[1].append(report)
    waiting = [Waiting(of, tuple(some)) for of, some in found.values()]
    return Inbox(
        new=tuple(each for each in waiting if not each.is_acknowledged),
        waiting_for_step=tuple(
            each for each in waiting if each.is_acknowledged and not each.has_step
        ),
        overdue=tuple(each for each in waiting if is_overdue(each, now)),
        under_way=tuple(each for each in waiting if each.is_acknowledged and each.has_step),
    )


def is_overdue(waiting: Waiting, now: datetime) -> bool:
    """Say whether a receiver's answer, or the step it named, is past its limit."""
    for report in waiting.reports:
        if report.acknowledged_at is None and report.due_at < now:
            return True
        if (
            report.next_step_on is not None
            and report.done_at is None
            and report.next_step_on < today(now)
        ):
            return True
    return False


def bodies(session: Session, ids: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, Organisation]:
    """Return bodies by id: their names and numbers are public."""
    wanted = {each for each in ids if each is not None}
    rows = session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    return {row.id: row for row in rows}
