"""What can be done with a consent: give it, write down one given on paper, withdraw it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.consents import queries
from portal.consents.models import Consent
from portal.consents.rules import ConsentRefusal, ConsentSource
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody agreed to: what for, to whom, in which words."""

    purpose: str
    wording: str
    wording_version: str
    receiver_id: uuid.UUID
    #: The body that asked for it.
    organisation_id: uuid.UUID
    items: tuple[str, ...] = ()
    until_on: date | None = None


def give(
    session: Session, family_id: uuid.UUID, given: Given, *, actor: Actor, now: datetime
) -> Consent | None:
    """Keep the consent of the guardian who acts. One in the same words that holds stays as it is.

    Returns:
        The consent; ``None`` where another guardian gave it, whose consents this one is not shown.

    Raises:
        NoResultFound: not this actor's family.
    """
    families.family(session, family_id, actor=actor)
    mine = families.guardian_of_account(session, actor=actor)
    return _keep(
        session,
        family_id,
        given,
        guardian_id=None if mine is None else mine.id,
        channel=Channel.WEB,
        source=ConsentSource.PORTAL,
        source_on=None,
        actor=actor,
        now=now,
    )


def write_down(
    session: Session,
    family_id: uuid.UUID,
    given: Sequence[Given],
    *,
    channel: Channel,
    source_on: date | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down as staff what a family agreed to on paper, or said.

    Args:
        source_on: The date on the signed paper; ``None``: it was said on the phone or at the desk.

    Raises:
        Refusal: nothing was agreed to, or the paper is of a day to come.
        NoResultFound: not a family this actor may see.
    """
    families.family(session, family_id, actor=actor)
    reasons = []
    if not given:
        reasons.append(Reason(ConsentRefusal.NOT_ANSWERED))
    if source_on is None and channel in {Channel.POST, Channel.FAX}:
        reasons.append(Reason(ConsentRefusal.PAPER_DATE_MISSING))
    if source_on is not None and source_on > today(now):
        reasons.append(Reason(ConsentRefusal.PAPER_IN_FUTURE))
    if reasons:
        raise Refusal(reasons)
    for each in given:
        _keep(
            session,
            family_id,
            each,
            guardian_id=None,
            channel=channel,
            source=ConsentSource.SPOKEN if source_on is None else ConsentSource.PAPER_FORM,
            source_on=source_on,
            actor=actor,
            now=now,
        )


def withdraw(
    session: Session,
    consent_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
) -> Consent:
    """End a consent with this transaction's commit; the row stays and says that it held until now.

    Raises:
        Refusal: it was withdrawn before.
        NoResultFound: none that this actor may see.
    """
    row = queries.consent(session, consent_id, actor=actor)
    if row.withdrawn_at is not None:
        raise Refusal([ConsentRefusal.ALREADY_WITHDRAWN])
    _end(session, row, channel=channel, actor=actor, now=now)
    return row


def _keep(
    session: Session,
    family_id: uuid.UUID,
    given: Given,
    *,
    guardian_id: uuid.UUID | None,
    channel: Channel,
    source: ConsentSource,
    source_on: date | None,
    actor: Actor,
    now: datetime,
) -> Consent | None:
    if actor.user_id is None:
        raise PermissionError("a consent is recorded by somebody")
    before = next(
        (
            each
            for each in queries.of_family(session, family_id, actor=actor)
            if each.withdrawn_at is None
            and each.purpose == given.purpose
            and each.receiver_id == given.receiver_id
        ),
        None,
    )
    if before is not None:
        if _says_the_same(before, given, today(now)):
            return before
        _end(session, before, channel=channel, actor=actor, now=now)
    row = Consent(
        id=uuid.uuid4(),
        family_id=family_id,
        purpose=given.purpose,
        items=list(given.items),
        wording=given.wording,
        wording_version=given.wording_version,
        receiver_id=given.receiver_id,
        organisation_id=given.organisation_id,
        guardian_id=guardian_id,
        recorded_by=actor.user_id,
        channel=channel,
        source=source,
        source_on=source_on,
        given_at=now,
        until_on=given.until_on,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # given by somebody whose consents this actor is not shown
        return None
    record(
        session,
        actor,
        "consent.given",
        row.id,
        family_id=family_id,
        purpose=given.purpose,
        receiver=str(given.receiver_id),
        channel=channel.value,
        source=source.value,
    )
    return row


def _says_the_same(row: Consent, given: Given, on: date) -> bool:
    return (
        row.wording_version == given.wording_version
        and tuple(row.items) == given.items
        and row.until_on == given.until_on
        and (row.until_on is None or row.until_on >= on)
    )


def _end(session: Session, row: Consent, *, channel: Channel, actor: Actor, now: datetime) -> None:
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_channel = now, actor.user_id, channel
    session.flush()
    record(
        session,
        actor,
        "consent.withdrawn",
        row.id,
        family_id=row.family_id,
        purpose=row.purpose,
        receiver=str(row.receiver_id),
        channel=channel.value,
    )
