"""The clock's part: raise what did not come, tell the sender, remind of steps past their limit.

For the worker, as often as it likes. Mails are only queued: a mail server that is down holds up
no case.
"""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.models import Facility
from portal.kernel.actor import ANONYMOUS
from portal.kernel.clock import today
from portal.noshow.models import CareCase, CaseEventRow, CaseReport, CaseWords
from portal.noshow.rules import (
    ESCALATE_AFTER,
    CaseEvent,
    CaseKind,
    CaseState,
    CheckResult,
)
from portal.noshow.telling import Line
from portal.noshow.words import what_words
from portal.noshow.writing import move, note, tell_body
from portal.organisations.limits import CaseLimits
from portal.organisations.queries import case_limits_of
from portal.referrals.models import Provision
from portal.referrals.provisions import kept_until
from portal.referrals.rules import Item, ProvisionKind, Urgency

_DUE = text("SELECT * FROM no_shows_due(:now)")
_SETTLED = text("SELECT * FROM no_shows_settled()")
_SHARES = text("SELECT * FROM shares_of_family(:family)")


def raise_due(session: Session, now: datetime) -> int:
    """Raise a case for every unit of stays past start and grace without word; return how many.

    Each unit and day once, however many run at the same time: the row itself is the claim. The
    sender of a referred family is alerted in the same transaction, as far as the family agreed.
    """
    raised = 0
    for due in session.execute(_DUE, {"now": now}).all():
        case_id = session.execute(
            insert(CareCase)
            .values(
                id=uuid.uuid4(),
                kind=CaseKind.NO_SHOW,
                family_id=due.family_id,
                child_ids=due.child_ids,
                facility_id=due.facility_id,
                organisation_id=due.organisation_id,
                booking_group_id=due.group_id,
                day=due.day,
                expected_at=due.starts_at,
                referral_id=due.referral_id,
                state=CaseState.SUSPECTED,
                state_at=now,
                urgency=Urgency.NORMAL,
                raised_at=now,
                due_at=now + _limits(session, due).check_within,
            )
            .on_conflict_do_nothing()
            .returning(CareCase.id)
        ).scalar()
        if case_id is None:
            continue
        raised += 1
        of = session.get_one(CareCase, case_id)
        note(session, of, "raised", actor=ANONYMOUS, now=now, organisation_id=of.organisation_id)
        if due.referral_id is not None:
            _alert(session, of, due, now)
    return raised


def _limits(session: Session, due: Row[Any]) -> CaseLimits:
    """Return within what time who answers: as the municipalities of both sides have set."""
    city = select(Facility.municipality_id).where(Facility.id == due.facility_id)
    return case_limits_of(session, [due.sender_id, due.organisation_id, session.scalar(city)])


def _alert(session: Session, of: CareCase, due: Row[Any], now: datetime) -> None:
    """Tell the sender that the child did not come (R16), where the family agreed to that."""
    consent_id = next(
        (
            row.consent_id
            for row in session.execute(_SHARES, {"family": of.family_id})
            if row.receiver_id == due.sender_id and Item.NO_SHOW.value in row.items
        ),
        None,
    )
    if consent_id is None:
        return
    report = CaseReport(
        id=uuid.uuid4(),
        case_id=of.id,
        family_id=of.family_id,
        reporter_id=of.organisation_id,
        receiver_id=due.sender_id,
        consent_id=consent_id,
        urgency=Urgency.NORMAL,
        items=[Item.NO_SHOW.value],
        sent_at=now,
        due_at=now + _limits(session, due).answer_within,
    )
    words = CaseWords(id=uuid.uuid4(), report_id=report.id, family_id=of.family_id)
    words.words = json.dumps(
        {Line.WHAT.value: what_words(due.starts_at, None, [])}, ensure_ascii=False
    )
    session.add(report)
    session.flush()
    session.add_all(
        [
            words,
            Provision(
                id=uuid.uuid4(),
                family_id=of.family_id,
                provider_id=of.organisation_id,
                receiver_id=due.sender_id,
                kind=ProvisionKind.NO_SHOW_REPORT,
                subject_id=of.id,
                items=[Item.NO_SHOW.value],
                consent_id=consent_id,
                provided_at=now,
                keep_until=kept_until(today(now)),
            ),
        ]
    )
    note(session, of, "alerted", actor=ANONYMOUS, now=now, organisation_id=of.organisation_id)
    tell_body(session, due.sender_id, "noshow/alert", of.id, only=due.sent_by)


def settle(session: Session, now: datetime) -> None:
    """Follow what the board and families said without a case in mind, and end what came late.

    A child that came is no case any more once its day is over; until then a tap by mistake can be
    taken back.
    """
    for row in session.execute(_SETTLED).all():
        of = session.get_one(CareCase, row.case_id, with_for_update=True)
        if of.state not in {CaseState.SUSPECTED, CaseState.CHECKED}:
            continue
        event = CaseEvent(row.event)
        if event is CaseEvent.CHILD_ARRIVED:
            of.result = CheckResult.CAME_LATE
        move(session, of, event, now=now)
        note(session, of, event.value, actor=ANONYMOUS, now=now, organisation_id=of.organisation_id)
    came = select(CareCase).where(
        CareCase.state == CaseState.EXCUSED,
        CareCase.result == CheckResult.CAME_LATE,
        CareCase.reported_at.is_(None),
        CareCase.day < today(now),
    )
    for of in session.scalars(came.with_for_update(skip_locked=True)):
        with session.no_autoflush:  # state and day change together
            of.closed_at = now
            move(session, of, CaseEvent.CLOSE, now=now)
        note(session, of, "closed", actor=ANONYMOUS, now=now, organisation_id=of.organisation_id)


def remind_overdue(session: Session, now: datetime) -> int:
    """Remind of each step past its limit once, and once more after a day; return how many."""
    told = 0
    open_ones = session.scalars(select(CareCase).where(CareCase.state != CaseState.CLOSED)).all()
    by_id = {of.id: of for of in open_ones}
    for of in open_ones:
        if of.state is CaseState.SUSPECTED:
            told += _remind(session, of, of.organisation_id, "overdue_check", of.due_at, now)
    for report in session.scalars(select(CaseReport).where(CaseReport.case_id.in_(by_id))):
        of = by_id[report.case_id]
        if report.acknowledged_at is None:
            told += _remind(session, of, report.receiver_id, "overdue_answer", report.due_at, now)
        if report.next_step_on is not None and report.done_at is None:
            told += _remind_of_step(session, of, report, now)
    return told


def _remind_of_step(session: Session, of: CareCase, report: CaseReport, now: datetime) -> int:
    limit: date = report.next_step_on or today(now)
    if limit >= today(now) or not _claim(session, of, report.receiver_id, "overdue_step", now):
        return 0
    tell_body(session, report.receiver_id, "noshow/step_overdue", of.id)
    return 1


def _remind(
    session: Session,
    of: CareCase,
    body: uuid.UUID,
    kind: str,
    due_at: datetime,
    now: datetime,
) -> int:
    told = 0
    if due_at <= now and _claim(session, of, body, kind, now):
        tell_body(session, body, f"noshow/{kind}", of.id)
        told += 1
    if due_at + ESCALATE_AFTER <= now and _claim(session, of, body, f"{kind}_again", now):
        tell_body(session, body, f"noshow/{kind}", of.id, role="director")
        if body != of.organisation_id:  # whoever told hears that nobody answers
            tell_body(session, of.organisation_id, "noshow/no_answer", of.id)
        told += 1
    return told


def _claim(session: Session, of: CareCase, body: uuid.UUID, kind: str, now: datetime) -> bool:
    """Write that the reminder goes out; ``False``: another round has sent it."""
    made = session.execute(
        insert(CaseEventRow)
        .values(
            id=uuid.uuid4(),
            case_id=of.id,
            family_id=of.family_id,
            organisation_id=body,
            kind=kind,
            at=now,
        )
        .on_conflict_do_nothing()
        .returning(CaseEventRow.id)
    ).first()
    if made is not None:
        record(session, ANONYMOUS, f"case.{kind}", of.id, family_id=of.logged_for)
    return made is not None
