"""What can be done with a consent: give it, refuse it, write down one on paper, withdraw it."""

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
from portal.kernel.channel import BY_HERSELF, Channel, Told
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
    return _keep(session, given, _by_herself(session, family_id, actor), actor=actor, now=now)


def refuse(
    session: Session, family_id: uuid.UUID, asked: Given, *, actor: Actor, now: datetime
) -> Consent | None:
    """Keep that the guardian who acts was asked and said no; a consent that held ends with it.

    Raises:
        NoResultFound: not this actor's family.
    """
    said = _by_herself(session, family_id, actor)
    return _keep_refusal(session, asked, said, actor=actor, now=now)


def write_down(
    session: Session,
    family_id: uuid.UUID,
    given: Sequence[Given],
    *,
    refused: Sequence[Given] = (),
    told: Told,
    source_on: date | None,
    paper_reference: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Write down as staff what a family agreed to, or did not, on paper or by word of mouth.

    Args:
        told: By which way and when it came: from then on it holds.
        source_on: The date on the signed paper; ``None``: it was said on the phone or at the desk.
        paper_reference: Where the paper lies: letters, digits, ``-`` and ``/``.

    Raises:
        Refusal: nothing was answered, or the paper is of a day to come.
        NoResultFound: not a family this actor may see.
    """
    families.family(session, family_id, actor=actor)
    reasons = []
    if not given and not refused:
        reasons.append(Reason(ConsentRefusal.NOT_ANSWERED))
    if {each.purpose for each in given} & {each.purpose for each in refused}:
        reasons.append(Reason(ConsentRefusal.BOTH_ANSWERS))
    if source_on is None and told.channel in {Channel.POST, Channel.FAX}:
        reasons.append(Reason(ConsentRefusal.PAPER_DATE_MISSING))
    if source_on is not None and source_on > today(now):
        reasons.append(Reason(ConsentRefusal.PAPER_IN_FUTURE))
    if reasons:
        raise Refusal(reasons)
    source = ConsentSource.SPOKEN if source_on is None else ConsentSource.PAPER_FORM
    said = _Said(family_id, None, source, told, source_on, paper_reference)
    for each in given:
        _keep(session, each, said, actor=actor, now=now)
    for each in refused:
        _keep_refusal(session, each, said, actor=actor, now=now)


def withdraw(
    session: Session,
    consent_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> Consent:
    """End a consent with this transaction's commit; the row stays and says that it held until now.

    Raises:
        Refusal: it was withdrawn before.
        NoResultFound: none that this actor may see.
    """
    row = queries.consent(session, consent_id, actor=actor)
    if row.withdrawn_at is not None:
        raise Refusal([ConsentRefusal.ALREADY_WITHDRAWN])
    _end(session, row, told, actor=actor, now=now)
    return row


@dataclass(frozen=True, slots=True)
class _Said:
    """Whose answer it is, and how it came."""

    family_id: uuid.UUID
    guardian_id: uuid.UUID | None
    source: ConsentSource = ConsentSource.PORTAL
    told: Told = BY_HERSELF
    source_on: date | None = None
    paper_reference: str | None = None


def _by_herself(session: Session, family_id: uuid.UUID, actor: Actor) -> _Said:
    families.family(session, family_id, actor=actor)
    mine = families.guardian_of_account(session, actor=actor)
    return _Said(family_id, None if mine is None else mine.id)


def _keep(
    session: Session, given: Given, said: _Said, *, actor: Actor, now: datetime
) -> Consent | None:
    before = _live(session, given, said, actor=actor)
    if before is not None:
        if _says_the_same(before, given, today(now)):
            return before
        _end(session, before, said.told, actor=actor, now=now)
    return _add(session, given, said, "consent.given", actor=actor, now=now)


def _keep_refusal(
    session: Session, asked: Given, said: _Said, *, actor: Actor, now: datetime
) -> Consent | None:
    before = _live(session, asked, said, actor=actor)
    if before is not None:
        _end(session, before, said.told, actor=actor, now=now)
    for row in queries.of_family(session, said.family_id, actor=actor):
        if _is_about(row, asked):
            if row.is_refusal and row.wording_version == asked.wording_version:
                return row
            break
    return _add(session, asked, said, "consent.refused", actor=actor, now=now)


def _is_about(row: Consent, given: Given) -> bool:
    return row.purpose == given.purpose and row.receiver_id == given.receiver_id


def _live(session: Session, given: Given, said: _Said, *, actor: Actor) -> Consent | None:
    if actor.user_id is None:
        raise PermissionError("a consent is recorded by somebody")
    return next(
        (
            each
            for each in queries.of_family(session, said.family_id, actor=actor)
            if each.withdrawn_at is None and _is_about(each, given)
        ),
        None,
    )


def _add(
    session: Session, given: Given, said: _Said, action: str, *, actor: Actor, now: datetime
) -> Consent | None:
    is_refusal = action == "consent.refused"
    given_at = said.told.received_at or now
    row = Consent(
        id=uuid.uuid4(),
        family_id=said.family_id,
        purpose=given.purpose,
        items=list(given.items),
        wording=given.wording,
        wording_version=given.wording_version,
        receiver_id=given.receiver_id,
        organisation_id=given.organisation_id,
        guardian_id=said.guardian_id,
        recorded_by=actor.user_id,
        channel=said.told.channel,
        source=said.source,
        source_on=said.source_on,
        paper_reference=said.paper_reference,
        given_at=given_at,
        until_on=given.until_on,
        is_refusal=is_refusal,
        # A no never holds; so it ends as it begins.
        withdrawn_at=given_at if is_refusal else None,
        withdrawn_by=actor.user_id if is_refusal else None,
        withdrawn_channel=said.told.channel if is_refusal else None,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # given by somebody whose consents this actor is not shown
        return None
    record(
        session,
        actor,
        action,
        row.id,
        family_id=said.family_id,
        purpose=given.purpose,
        receiver=str(given.receiver_id),
        source=said.source.value,
        **said.told.detail,
    )
    return row


def _says_the_same(row: Consent, given: Given, on: date) -> bool:
    return (
        row.wording_version == given.wording_version
        and tuple(row.items) == given.items
        and row.until_on == given.until_on
        and (row.until_on is None or row.until_on >= on)
    )


def _end(session: Session, row: Consent, told: Told, *, actor: Actor, now: datetime) -> None:
    row.withdrawn_at, row.withdrawn_by = now, actor.user_id
    row.withdrawn_channel = told.channel
    session.flush()
    record(
        session,
        actor,
        "consent.withdrawn",
        row.id,
        family_id=row.family_id,
        purpose=row.purpose,
        receiver=str(row.receiver_id),
        **told.detail,
    )
