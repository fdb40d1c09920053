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
from portal.consents.listeners import tell
from portal.consents.models import Consent, ConsentSignature
from portal.consents.rules import (
    ConsentRefusal,
    ConsentSource,
    SharingPurpose,
    TakenDown,
    reasons_against_form,
    reasons_against_record,
)
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.channel import BY_HERSELF, Channel, Told
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind

#: What a body has to stop at once.
_TOLD_TO_RECEIVER = frozenset({SharingPurpose.SHARING, SharingPurpose.TOLD})


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
        ValueError: it is one of the records that only ``take_down`` takes.
    """
    _not_of_an_interview(given)
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
        ValueError: it is one of the records that only ``take_down`` takes.
    """
    _not_of_an_interview(*given, *refused)
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


def _not_of_an_interview(*records: Given) -> None:
    """Leave one way in for the three records: what is only said is no consent to pass on.

    Raises:
        ValueError: one of them came by another way.
    """
    if {each.purpose for each in records} & set(SharingPurpose):
        raise ValueError("records of an interview are taken down, on a tablet or on a paper")


def take_down(
    session: Session,
    family_id: uuid.UUID,
    given: Sequence[Given],
    *,
    source: ConsentSource,
    source_on: date | None = None,
    paper_reference: str | None = None,
    channel: Channel = Channel.COUNTER,
    guardian_id: uuid.UUID | None = None,
    signed_name: str | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[Consent, ...]:
    """Keep what a family agreed to in an interview: each record on its own, each in its words.

    Args:
        source: The tablet in her own hands, or a signed paper. What is only said is no consent to
            pass anything on.
        source_on: The date on the paper.
        paper_reference: What the body calls the paper it keeps.
        signed_name: What she wrote on the tablet; kept sealed.

    Returns:
        The rows that hold now, in the order of ``given``.

    Raises:
        Refusal: nothing was agreed to, a record says too little, the form is not enough, or another
            body holds the same record.
        NoResultFound: not a family this actor may see.
    """
    families.family(session, family_id, actor=actor)
    on = today(now)
    form = TakenDown(source, source_on, paper_reference, signed_name)
    reasons = list(reasons_against_form(form, on))
    if not given or source not in {ConsentSource.TABLET, ConsentSource.PAPER_FORM}:
        reasons.append(Reason(ConsentRefusal.NOT_ANSWERED))
    for each in given:
        more = reasons_against_record(each.purpose, each.items, each.until_on, on)
        reasons.extend(reason for reason in more if reason not in reasons)
    if reasons:
        raise Refusal(reasons)
    is_paper = source is ConsentSource.PAPER_FORM
    said = _Said(
        family_id,
        guardian_id,
        source,
        Told(channel),
        source_on,
        paper_reference if is_paper else None,
    )
    kept = []
    for each in given:
        row = _keep(session, each, said, actor=actor, now=now)
        if row is None:
            raise Refusal([ConsentRefusal.HELD_BY_ANOTHER])
        if source is ConsentSource.TABLET and row.given_at == now:
            _sign(session, row, signed_name or "", now)
        kept.append(row)
    return tuple(kept)


def _sign(session: Session, row: Consent, name: str, now: datetime) -> None:
    session.flush()
    signature = ConsentSignature(
        id=uuid.uuid4(),
        consent_id=row.id,
        family_id=row.family_id,
        organisation_id=row.organisation_id,
        signed_at=now,
    )
    signature.name = name.strip()
    session.add(signature)


def withdraw(
    session: Session,
    consent_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> Consent:
    """End a consent with this transaction's commit; the row stays and says that it held until now.

    From the commit on its receiver reads nothing that rests on it. Whatever follows happens in the
    same transaction (``listeners``), and a body that received something is told by mail to stop.

    Raises:
        Refusal: it was withdrawn before.
        NoResultFound: none that this actor may see.
    """
    row = queries.consent(session, consent_id, actor=actor)
    if row.withdrawn_at is not None:
        raise Refusal([ConsentRefusal.ALREADY_WITHDRAWN])
    _end(session, row, told, actor=actor, now=now)
    tell(session, row, actor=actor, now=now)
    _tell_receiver(session, row, actor)
    return row


def _tell_receiver(session: Session, row: Consent, actor: Actor) -> None:
    """Tell a supporting body to stop; a nursery is told by the referral that is recalled."""
    if row.purpose not in _TOLD_TO_RECEIVER or row.receiver_id == actor.organisation_id:
        return
    body = session.get_one(Organisation, row.receiver_id)
    if body.mail and body.kind is not OrganisationKind.PROVIDER:
        enqueue(
            session,
            "consents/withdrawn",
            about=[row.id],
            to_mail=body.mail,
            organisation_id=body.id,
        )


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
    row = _add(session, given, said, "consent.given", actor=actor, now=now)
    if before is not None and row is not None:
        tell(session, before, actor=actor, now=now)
    return row


def _keep_refusal(
    session: Session, asked: Given, said: _Said, *, actor: Actor, now: datetime
) -> Consent | None:
    before = _live(session, asked, said, actor=actor)
    if before is not None:
        _end(session, before, said.told, actor=actor, now=now)
        tell(session, before, actor=actor, now=now)
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
