"""What can be done about one's own data: ask, take back, answer, erase."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.datarequests import queries
from portal.datarequests.models import DataRequest
from portal.datarequests.rules import (
    DataRequestRefusal,
    RequestKind,
    RequestState,
    RequestTopic,
    all_agreed,
    answered,
    due_on,
    reasons_against_answer,
    reasons_against_correction,
)
from portal.families import queries as families
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.organisations.models import Organisation
from portal.uploads.service import forget_family

_ERASE = text("SELECT erase_family(:family, :group)")
_SPREAD = text("SELECT spread_erasure(:family, :group)")
_STATES = text("SELECT erasure_states(:family, :group)")


def ask_correction(
    session: Session,
    family_id: uuid.UUID,
    organisation_id: uuid.UUID,
    topic: RequestTopic,
    words: str,
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> uuid.UUID:
    """Ask a provider to put a record right; for the family, or entered by staff for a caller.

    Raises:
        Refusal: nothing is said, or the provider has nothing to do with the family.
        NoResultFound: not this actor's family.
    """
    families.family(session, family_id, actor=actor)
    reasons = [*reasons_against_correction(words), *reasons_against_text(words)]
    reasons += _reasons_against_receiver(session, organisation_id, actor=actor)
    reasons += _reasons_against_receipt(received_at, now)
    if reasons:
        raise Refusal(reasons)
    request = _new(
        family_id,
        organisation_id,
        RequestKind.CORRECTION,
        topic,
        group_id=uuid.uuid4(),
        actor=actor,
        received_at=received_at or now,
        channel=channel,
    )
    request.text = words
    _keep(session, [request], actor=actor)
    return request.id


def ask_erasure(
    session: Session,
    family_id: uuid.UUID,
    words: str,
    *,
    is_confirmed: bool,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> bool:
    """Ask every provider that may see the family to agree that all is erased.

    A family that no provider may see is erased at once.

    Returns:
        Whether it has been erased already; then the sign-in is over too.

    Raises:
        Refusal: not confirmed, bookings stand, it was asked before, or another guardian decides.
        NoResultFound: not this actor's family.
    """
    families.family(session, family_id, actor=actor)
    holders = _holders(session, actor=actor)
    against = {
        DataRequestRefusal.NOT_CONFIRMED: not is_confirmed,
        DataRequestRefusal.BOOKINGS_STILL_OPEN: (
            queries.still_booked(session, family_id, actor=actor) > 0
        ),
        DataRequestRefusal.NOT_HERS_TO_ERASE: not _decides_for_all(session, family_id, actor=actor),
        DataRequestRefusal.ALREADY_ASKED: any(
            row.kind is RequestKind.ERASURE
            and row.state is RequestState.OPEN
            and row.family_id == family_id
            for row in queries.requests(session, actor=actor)
        ),
    }
    reasons = [Reason(code) for code, applies in against.items() if applies]
    reasons += [*reasons_against_text(words), *_reasons_against_receipt(received_at, now)]
    if reasons:
        raise Refusal(reasons)
    if not holders:
        _erase(session, family_id, uuid.uuid4(), actor=actor)
        return True
    group_id = uuid.uuid4()
    requests = [
        _new(
            family_id,
            organisation_id,
            RequestKind.ERASURE,
            RequestTopic.EVERYTHING,
            group_id=group_id,
            actor=actor,
            received_at=received_at or now,
            channel=channel,
        )
        for organisation_id in holders
    ]
    for request in requests:
        request.text = words
    try:
        _keep(session, requests, actor=actor)
    except IntegrityError as error:
        raise Refusal([DataRequestRefusal.ALREADY_ASKED]) from error
    session.execute(_SPREAD, {"family": family_id, "group": group_id})
    return False


def withdraw(session: Session, request_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Take a request back; of an erasure, with every provider that has not answered yet.

    Raises:
        Refusal: it has been answered.
        NoResultFound: not this actor's.
    """
    found = queries.request(session, request_id, actor=actor)
    answered(found.state, RequestState.WITHDRAWN)
    for request in queries.round_of(session, found.family_id, found.group_id, actor=actor):
        if request.state is RequestState.OPEN:
            _decide(session, request, RequestState.WITHDRAWN, actor=actor, now=now)


def open_request(session: Session, request_id: uuid.UUID, *, actor: Actor) -> DataRequest:
    """Return a request with its text; the reading is written down. Commit before showing it.

    Raises:
        NoResultFound: not at this actor's provider.
    """
    found = queries.request(session, request_id, actor=actor)
    record_read(session, actor, "data_request", found.id, family_id=found.family_id)
    return found


def answer(
    session: Session,
    request_id: uuid.UUID,
    into: RequestState,
    words: str,
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Answer a request as its provider: done, or declined with the reason.

    When the last provider of an erasure agrees, the family is erased.

    Returns:
        Whether the family has been erased now.

    Raises:
        Refusal: answered before, no answer given, or own bookings of the family still stand.
        NoResultFound: not at this actor's provider.
    """
    found = queries.request(session, request_id, actor=actor)
    state = answered(found.state, into)
    reasons = [
        *reasons_against_answer(state, found.kind, words),
        *reasons_against_text(words),
    ]
    erases = found.kind is RequestKind.ERASURE and state is RequestState.DONE
    if erases and queries.still_booked(session, found.family_id, actor=actor):
        reasons.append(Reason(DataRequestRefusal.BOOKINGS_STILL_OPEN))
    if reasons:
        raise Refusal(reasons)
    if words.strip():
        found.answer = words
    _decide(session, found, state, actor=actor, now=now)
    if erases and _everybody_agreed(session, found):
        _erase(session, found.family_id, found.group_id, actor=actor)
        return True
    enqueue(
        session,
        "datarequests/answered",
        about=[found.id],
        to_family=found.family_id,
        organisation_id=found.organisation_id,
    )
    return False


def _everybody_agreed(session: Session, request: DataRequest) -> bool:
    # One provider does not see what another was asked; the database answers for the round.
    this_round = {"family": request.family_id, "group": request.group_id}
    session.execute(_SPREAD, this_round)  # to those the family came to since it asked
    states = session.scalars(_STATES, this_round)
    return all_agreed(tuple(RequestState(state) for state in states))


def _erase(session: Session, family_id: uuid.UUID, group_id: uuid.UUID, *, actor: Actor) -> None:
    record(session, actor, "family.erased", family_id, group_id, family_id=family_id)
    session.flush()
    addresses = session.scalars(_ERASE, {"family": family_id, "group": group_id}).one()
    forget_family(session, family_id)
    session.expire_all()
    for address in addresses:
        enqueue(session, "datarequests/erased", to_mail=address)


def _decide(
    session: Session, request: DataRequest, state: RequestState, *, actor: Actor, now: datetime
) -> None:
    request.state, request.decided_at, request.decided_by = state, now, actor.user_id
    session.flush()
    record(
        session,
        actor,
        f"data_request.{state.value}",
        request.id,
        family_id=request.family_id,
        kind=request.kind.value,
    )


def _new(
    family_id: uuid.UUID,
    organisation_id: uuid.UUID,
    kind: RequestKind,
    topic: RequestTopic,
    *,
    group_id: uuid.UUID,
    actor: Actor,
    received_at: datetime,
    channel: Channel,
) -> DataRequest:
    return DataRequest(
        id=uuid.uuid4(),
        group_id=group_id,
        family_id=family_id,
        organisation_id=organisation_id,
        kind=kind,
        topic=topic,
        state=RequestState.OPEN,
        channel=channel,
        asked_by=actor.user_id,
        received_at=received_at,
        due_on=due_on(today(received_at)),
    )


def _keep(session: Session, requests: Sequence[DataRequest], *, actor: Actor) -> None:
    session.add_all(requests)
    session.flush()
    for request in requests:
        record(
            session,
            actor,
            "data_request.asked",
            request.id,
            family_id=request.family_id,
            kind=request.kind.value,
            channel=request.channel.value,
        )
        organisation = session.get_one(Organisation, request.organisation_id)
        if organisation.mail and actor.organisation_id is None:
            enqueue(
                session,
                "datarequests/waiting",
                about=[request.id],
                to_mail=organisation.mail,
                organisation_id=organisation.id,
            )
    enqueue(
        session,
        "datarequests/asked",
        about=[request.id for request in requests],
        to_family=requests[0].family_id,
        organisation_id=requests[0].organisation_id,
    )


def _holders(session: Session, *, actor: Actor) -> list[uuid.UUID]:
    """Return who must agree: as the family sees it; staff ask for their own provider alone."""
    if actor.organisation_id is not None:
        return [actor.organisation_id]
    return [holder.organisation.id for holder in queries.holders(session, actor=actor)]


def _decides_for_all(session: Session, family_id: uuid.UUID, *, actor: Actor) -> bool:
    if actor.organisation_id is not None:
        return True  # staff write down what the caller asked; the director decides
    return actor.sees_whole_family and any(
        guardian.is_primary and guardian.user_id == actor.user_id
        for guardian in families.guardians(session, family_id, actor=actor)
    )


def _reasons_against_receiver(
    session: Session, organisation_id: uuid.UUID, *, actor: Actor
) -> list[Reason]:
    if organisation_id in _holders(session, actor=actor):
        return []
    return [Reason(DataRequestRefusal.PROVIDER_KNOWS_NOTHING)]


def _reasons_against_receipt(received_at: datetime | None, now: datetime) -> list[Reason]:
    if received_at is not None and received_at > now:
        return [Reason(DataRequestRefusal.RECEIVED_IN_FUTURE)]
    return []
