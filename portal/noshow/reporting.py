"""Tell others of a case: each exactly what its preview showed, on a consent or ground that holds.

What it rests on is asked again at this moment, and each passing on is a row that is kept (R22).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseReport, CaseWords
from portal.noshow.receivers import Basis, bases, lines
from portal.noshow.rules import (
    CaseEvent,
    CaseKind,
    CaseRefusal,
)
from portal.noshow.telling import NEEDED, Line, told
from portal.noshow.writing import move, note, tell_body
from portal.organisations.queries import case_limits_of
from portal.referrals.provisions import provide
from portal.referrals.rules import ProvisionKind, Urgency


def report(
    session: Session,
    case_id: uuid.UUID,
    receivers: Sequence[uuid.UUID],
    *,
    notes: str,
    actor: Actor,
    now: datetime,
    urgency: Urgency = Urgency.NORMAL,
    phoned_at: datetime | None = None,
) -> Sequence[CaseReport]:
    """Tell the receivers of a case of the actor's provider, and return the reports.

    The same words to the same receiver a second time (two staff at once) change nothing.

    Args:
        notes: What the nursery noticed; told to those alone for whom that was agreed to.
        phoned_at: When the receiver was called; an urgent one goes by phone first.

    Raises:
        Refusal: nobody chosen, no call in urgency, or nothing lets it be told to a receiver.
        NoResultFound: not a case of the actor's provider.
    """
    of = queries.case(session, case_id, actor=actor, is_to_change=True)
    if of.organisation_id != actor.organisation_id:
        raise NoResultFound  # a receiver passes on; the provider reports
    _refuse_on_shape(of, receivers, notes, urgency, phoned_at, now)
    found = bases(session, of, actor=actor)
    missing = [each for each in receivers if each not in found]
    if missing:
        names = queries.bodies(session, missing)
        raise Refusal(
            Reason(CaseRefusal.NOT_AGREED_WITH, {"name": names[each].name}) for each in missing
        )
    words = lines(session, of, notes, actor=actor)
    sent = []
    for receiver_id in receivers:
        row = _send(
            session,
            of,
            found[receiver_id],
            words,
            urgency=urgency,
            phoned_at=phoned_at,
            actor=actor,
            now=now,
        )
        if row is not None:
            sent.append(row)
    if not sent:
        return []
    move(session, of, CaseEvent.REPORT, now=now, may_share=True)
    of.reported_at = of.reported_at or now
    if urgency is Urgency.URGENT:
        of.urgency = urgency
    note(session, of, "reported", actor=actor, now=now)
    return sent


def pass_on_report(
    session: Session,
    case_id: uuid.UUID,
    receiver_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> CaseReport:
    """Tell one more body what the actor's own was told, as far as that was agreed to.

    Raises:
        Refusal: nothing lets it be told to this receiver, or it was told the same before.
        NoResultFound: not a case that the actor's body was told of.
    """
    of = queries.case(session, case_id, actor=actor, is_to_change=True)
    mine = [
        each
        for each in queries.reports(session, of.id, actor=actor)
        if each.receiver_id == actor.organisation_id
    ]
    said: dict[Line, str] = {}
    for lines_read in queries.read_words(session, mine, actor=actor).values():
        said.update(lines_read)
    basis = bases(session, of, actor=actor).get(receiver_id)
    if basis is None:
        name = queries.bodies(session, [receiver_id])[receiver_id].name
        raise Refusal([Reason(CaseRefusal.NOT_AGREED_WITH, {"name": name})])
    row = _send(
        session,
        of,
        basis,
        said,
        urgency=mine[-1].urgency if mine else Urgency.NORMAL,
        phoned_at=None,
        actor=actor,
        now=now,
    )
    if row is None:
        raise Refusal([CaseRefusal.NOT_POSSIBLE_NOW])
    note(session, of, "passed_on", actor=actor, now=now)
    return row


def _refuse_on_shape(
    of: CareCase,
    receivers: Sequence[uuid.UUID],
    notes: str,
    urgency: Urgency,
    phoned_at: datetime | None,
    now: datetime,
) -> None:
    reasons = []
    if not receivers:
        reasons.append(CaseRefusal.RECEIVER_MISSING)
    if of.kind is CaseKind.WORRY and not notes.strip():
        reasons.append(CaseRefusal.WORDS_MISSING)
    if urgency is Urgency.URGENT and phoned_at is None:
        reasons.append(CaseRefusal.PHONE_FIRST)
    if phoned_at is not None and phoned_at > now:
        reasons.append(CaseRefusal.PHONE_IN_FUTURE)
    if reasons:
        raise Refusal(reasons)


def _send(
    session: Session,
    of: CareCase,
    basis: Basis,
    words: Mapping[Line, str],
    *,
    urgency: Urgency,
    phoned_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> CaseReport | None:
    sees = told(of.kind, basis.items, words, knows_family=basis.knows_family)
    if _is_said(session, of, basis.receiver_id, sees.words, actor):
        return None
    items = sorted(
        {NEEDED[Line(line)].value for line in sees.words} & {one.value for one in basis.items}
    )
    limits = case_limits_of(session, [basis.receiver_id, actor.organisation_id])
    is_urgent = urgency is Urgency.URGENT
    row = CaseReport(
        id=uuid.uuid4(),
        case_id=of.id,
        family_id=of.family_id,
        reporter_id=actor.organisation_id,
        receiver_id=basis.receiver_id,
        consent_id=basis.consent_id,
        ground_id=basis.ground_id,
        urgency=urgency,
        phoned_at=phoned_at,
        items=items,
        sent_by=actor.user_id,
        sent_at=now,
        due_at=now + (limits.answer_urgent_within if is_urgent else limits.answer_within),
    )
    session.add(row)
    session.flush()
    sealed = CaseWords(id=uuid.uuid4(), report_id=row.id, family_id=of.family_id)
    sealed.words = json.dumps(sees.words, ensure_ascii=False)
    session.add(sealed)
    provide(
        session,
        family_id=of.family_id,
        receiver_id=basis.receiver_id,
        kind=ProvisionKind.WORRY_REPORT
        if of.kind is CaseKind.WORRY
        else ProvisionKind.NO_SHOW_REPORT,
        subject_id=of.id,
        items=items,
        consent_id=basis.consent_id,
        ground_id=basis.ground_id,
        actor=actor,
        now=now,
    )
    tell_body(session, basis.receiver_id, "noshow/reported", of.id)
    return row


def _is_said(
    session: Session, of: CareCase, receiver_id: uuid.UUID, words: dict[str, str], actor: Actor
) -> bool:
    """Say whether this body has told this receiver the same already."""
    before = [
        each
        for each in queries.reports(session, of.id, actor=actor)
        if each.receiver_id == receiver_id
        and each.reporter_id == actor.organisation_id
        and each.sent_by is not None
    ]
    if not before:
        return False
    said = queries.read_words(session, before[-1:], actor=actor).get(before[-1].id, {})
    return {line.value: each for line, each in said.items()} == words
