"""The provider's side: what it found out, what it noticed, and when it may end a case itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.attendance import queries as stays
from portal.contacts.rules import ContactChannel, Nature
from portal.contacts.service import record_contact
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseEventRow
from portal.noshow.rules import (
    SAME_CALL,
    CaseEvent,
    CaseKind,
    CaseRefusal,
    CaseState,
    CheckResult,
)
from portal.noshow.words import attempt_kind
from portal.noshow.writing import move, note
from portal.referrals.models import Referral
from portal.referrals.queries import open_referral_of
from portal.referrals.rules import Urgency

#: What staff noticed; a worry begins with it.
NOTICED = "noticed"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An attempt; ``is_new`` is false where a colleague has just written the same one down."""

    event: CaseEventRow
    is_new: bool


def record_result(
    session: Session,
    case_id: uuid.UUID,
    result: CheckResult,
    *,
    channel: ContactChannel,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> Recorded:
    """Write down an attempt to reach the family and what was found (R21).

    A duty call: it is counted nowhere and refused by no limit, but kept with the family's contacts.

    Raises:
        Refusal: the case is closed, or settled.
        NoResultFound: not a case of the actor's provider.
    """
    of = _own(session, case_id, actor)
    kind = attempt_kind(channel, result)
    same = session.scalars(
        select(CaseEventRow)
        .where(
            CaseEventRow.case_id == of.id,
            CaseEventRow.kind == kind,
            CaseEventRow.by_user != actor.user_id,
            CaseEventRow.at > now - SAME_CALL,
        )
        .limit(1)
    ).first()
    if same is not None:
        return Recorded(same, is_new=False)
    move(session, of, CaseEvent.RESULT, now=now)
    of.result = result
    if result is CheckResult.REACHED_WORRIED:
        of.urgency = Urgency.URGENT
    record_contact(
        session,
        of.family_id,
        nature=Nature.DUTY,
        channel=channel,
        about=of.kind.value,
        actor=actor,
        now=now,
        result=result.value,
        referral_id=_referral(session, of),
        case_id=of.id,
    )
    return Recorded(note(session, of, kind, actor=actor, now=now, words=words), is_new=True)


def explain(
    session: Session,
    case_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> CaseState:
    """Write down that the family itself told why, or that it comes later; return the state.

    Where others have to be told, the reason is a result to pass on like any other.

    Raises:
        Refusal: not possible in this state.
        NoResultFound: not a case of the actor's provider.
    """
    of = _own(session, case_id, actor)
    after = move(session, of, CaseEvent.FAMILY_EXPLAINED, now=now)
    note(session, of, CaseEvent.FAMILY_EXPLAINED.value, actor=actor, now=now, words=words)
    return after


def came(session: Session, case_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Write down that the child came after all, where the board did not say so.

    Raises:
        Refusal: not possible in this state.
        NoResultFound: not a case of the actor's provider.
    """
    of = _own(session, case_id, actor)
    move(session, of, CaseEvent.CHILD_ARRIVED, now=now)
    of.result = CheckResult.CAME_LATE
    note(session, of, CaseEvent.CHILD_ARRIVED.value, actor=actor, now=now)


def raise_worry(
    session: Session,
    family_id: uuid.UUID,
    facility_id: uuid.UUID,
    child_ids: Sequence[uuid.UUID],
    words: str,
    *,
    is_urgent: bool,
    actor: Actor,
    now: datetime,
) -> CareCase:
    """Open a case about what staff noticed of care at home (R26); telling others comes next.

    Args:
        words: What was seen and heard. Kept sealed.

    Raises:
        Refusal: nothing was written.
        NoResultFound: not a family, facility or child of the actor's provider.
    """
    if not words.strip():
        raise Refusal([CaseRefusal.WORDS_MISSING])
    stays.facility(session, facility_id, actor=actor)
    families.family(session, family_id, actor=actor)
    referral = open_referral_of(session, family_id, _body(actor))
    own = {child.id for child in families.children(session, family_id, actor=actor)}
    of = CareCase(
        id=uuid.uuid4(),
        kind=CaseKind.WORRY,
        family_id=family_id,
        child_ids=[each for each in child_ids if each in own],
        facility_id=facility_id,
        organisation_id=_body(actor),
        booking_group_id=None,
        day=today(now),
        expected_at=None,
        referral_id=referral.id if referral else None,
        state=CaseState.CHECKED,
        state_at=now,
        urgency=Urgency.URGENT if is_urgent else Urgency.NORMAL,
        raised_at=now,
        due_at=now,
        created_by=actor.user_id,
    )
    session.add(of)
    session.flush()
    note(session, of, "worry", actor=actor, now=now, words=words.strip())
    return of


def notice(
    session: Session, case_id: uuid.UUID, words: str, *, actor: Actor, now: datetime
) -> None:
    """Write down what the nursery noticed; the latest is what a report tells.

    Raises:
        Refusal: nothing was written, or the case is closed.
        NoResultFound: not a case of the actor's provider.
    """
    of = _own(session, case_id, actor)
    if of.state is CaseState.CLOSED:
        raise Refusal([CaseRefusal.NOT_POSSIBLE_NOW])
    if not words.strip():
        raise Refusal([CaseRefusal.WORDS_MISSING])
    note(session, of, NOTICED, actor=actor, now=now, words=words.strip())


def close(
    session: Session,
    case_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> None:
    """End a case: its provider where nobody had to be told, else a receiver that took over (R17).

    The trigger asks the same again, whatever is believed here.

    Raises:
        Refusal: somebody has to take over first; or the actor's body has not said what comes next.
        NoResultFound: not a case that the actor's body raised or was told of.
    """
    of = queries.case(session, case_id, actor=actor, is_to_change=True)
    told = [
        each
        for each in queries.reports(session, of.id, actor=actor)
        if each.receiver_id == actor.organisation_id
    ]
    has_taken_over = any(each.acknowledged_at and each.next_step for each in told)
    if told and not has_taken_over:
        raise Refusal(
            [
                CaseRefusal.STEP_MISSING
                if all(each.acknowledged_at for each in told)
                else CaseRefusal.NOT_ACKNOWLEDGED
            ]
        )
    if not told and of.state is CaseState.TAKEN_OVER:
        raise Refusal([CaseRefusal.SOMEBODY_MUST_TAKE_OVER])
    with session.no_autoflush:  # state and moment change together
        of.closed_at, of.closed_by = now, actor.user_id
        move(session, of, CaseEvent.CLOSE, now=now)
    for each in told:
        each.done_at = each.done_at or now
    note(session, of, "closed", actor=actor, now=now, words=words)


def _own(session: Session, case_id: uuid.UUID, actor: Actor) -> CareCase:
    of = queries.case(session, case_id, actor=actor, is_to_change=True)
    if of.organisation_id != actor.organisation_id:
        raise NoResultFound  # what happened is found out by the provider that waited
    return of


def _referral(session: Session, of: CareCase) -> uuid.UUID | None:
    """Return the referral as far as it may still be pointed at from the family's contacts."""
    if of.referral_id is None:
        return None
    return session.scalar(select(Referral.id).where(Referral.id == of.referral_id))


def _body(actor: Actor) -> uuid.UUID:
    if actor.organisation_id is None:
        raise PermissionError("cases are raised by somebody who works for a provider")
    return actor.organisation_id
