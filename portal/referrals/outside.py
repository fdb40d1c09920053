"""Taking in a referral that comes from outside: the same steps as on the pages of an interview.

Family, interview, drafts, consents, sending: each by the service that the pages use, so that what
stops there stops here.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.consents import sharing
from portal.consents.queries import holds
from portal.consents.rules import ConsentSource, ContactTime, ToldChannel
from portal.consents.service import Given, take_down
from portal.consents.sharing import SHARING_VERSION, Bodies
from portal.consents.wordings import Asked
from portal.families import queries as families
from portal.families import service as people
from portal.families.models import Guardian
from portal.families.rules import ChildDetails, GuardianDetails, phone_digits
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel, Told
from portal.kernel.clock import local_date, today
from portal.kernel.errors import Reason, Refusal
from portal.organisations.models import Organisation
from portal.referrals import queries, service
from portal.referrals.labels import item_label
from portal.referrals.models import Interview, Referral
from portal.referrals.outside_receivers import Possible, named_receivers
from portal.referrals.rules import ReferralRefusal, ReferralSource
from portal.referrals.sheet import (
    OFFERED,
    PURPOSE,
    Located,
    NotTaken,
    Record,
    ReferralSheet,
    SignedRecord,
    reasons_against_sheet,
)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a sheet: the referrals of it, in the order of its receivers."""

    referrals: tuple[Referral, ...]


def sent_under(session: Session, number: str, *, actor: Actor) -> Sequence[Referral]:
    """Return what the actor's body has sent under a number of its own."""
    return session.scalars(
        select(Referral)
        .where(
            Referral.sender_id == actor.organisation_id,
            Referral.outside_number == number,
            Referral.sent_at.is_not(None),
        )
        .order_by(Referral.number)
    ).all()


def take_in(
    session: Session,
    sheet: ReferralSheet,
    *,
    source: ReferralSource,
    actor: Actor,
    now: datetime,
    possible: Sequence[Possible] | None = None,
    told: Told | None = None,
) -> TakenIn:
    """Send a referral from outside to each of its receivers; nothing is kept where one is refused.

    A family that the body knows by name and phone, or by its own number, stays one family.

    Args:
        possible: To whom the body may refer, where the caller knows it already.
        told: By which way it came; the API and files come by the web.

    Raises:
        NotTaken: with every reason and its field. The caller rolls back.
    """
    on = today(now)
    found = list(reasons_against_sheet(sheet, wording_version=SHARING_VERSION, today=on))
    if possible is None:
        possible = named_receivers(session, sheet.receivers, actor=actor, on=on)
    receivers = _receivers(sheet, possible, found)
    known = sent_under(session, sheet.number, actor=actor) if sheet.number else ()
    there = {row.receiver_id for row in known}
    for at, each in enumerate(receivers):
        if each.organisation_id in there:
            found.append(Located(f"receivers.{at}", Reason(ReferralRefusal.NUMBER_TAKEN)))
    if found:
        raise NotTaken(tuple(found))
    told = told or Told(Channel.WEB)
    with _at("guardian"):
        family_id = known[0].family_id if known else _family(session, sheet, actor=actor, now=now)
    child_ids = _children(session, family_id, sheet.children, actor=actor, now=now)
    guardian = families.guardians(session, family_id, actor=actor)[0]
    with _at("interview"):
        row = _interview(session, sheet, known, family_id, guardian.id, told, actor=actor, now=now)
    sent = []
    for at, towards in enumerate(receivers):
        with _at(f"receivers.{at}"):
            draft = _draft(session, sheet, row, towards, child_ids, source, actor=actor, now=now)
        _keep_records(session, sheet, row, towards, told, actor=actor, now=now)
        with _at("consents"):
            sent.append(service.send(session, draft.id, actor=actor, now=now))
    record(
        session,
        actor,
        "referral.taken_in",
        *(each.id for each in sent),
        family_id=family_id,
        source=source.value,
    )
    return TakenIn(tuple(sent))


def _interview(
    session: Session,
    sheet: ReferralSheet,
    known: Sequence[Referral],
    family_id: uuid.UUID,
    guardian_id: uuid.UUID,
    told: Told,
    *,
    actor: Actor,
    now: datetime,
) -> Interview:
    """Write the interview down; one of the same day, known by the number, is not written twice."""
    for each in known:
        if each.interview_id is None:
            continue
        before = queries.interview(session, each.interview_id, actor=actor)
        if (before.held_on, before.stage) == (sheet.held_on, sheet.stage):
            service.keep_learned(session, before.id, sheet.learned, actor=actor, now=now)
            return before
    return service.enter_interview(
        session,
        family_id,
        stage=sheet.stage,
        held_on=sheet.held_on,
        guide_ticked_on=sheet.guide_ticked_on,
        items=sheet.learned,
        guardian_id=guardian_id,
        told=told,
        actor=actor,
        now=now,
    )


def _receivers(
    sheet: ReferralSheet, possible: Sequence[Possible], found: list[Located]
) -> list[Possible]:
    by_wanted = {each.wanted: each for each in possible}
    receivers: list[Possible] = []
    for at, wanted in enumerate(sheet.receivers):
        one = by_wanted.get(wanted)
        if one is None:
            found.append(Located(f"receivers.{at}", Reason(ReferralRefusal.RECEIVER_UNKNOWN)))
        elif one not in receivers and one.organisation_id in {
            each.organisation_id for each in receivers
        }:
            found.append(Located(f"receivers.{at}", Reason(ReferralRefusal.RECEIVER_OF_TWO)))
        else:
            receivers.append(one)
    return receivers


def _family(session: Session, sheet: ReferralSheet, *, actor: Actor, now: datetime) -> uuid.UUID:
    known = _known(session, sheet.guardian, actor=actor)
    if known is None:
        return service.meet_family(session, sheet.guardian, actor=actor, now=now).family_id
    given = sheet.guardian
    people.change_guardian(
        session,
        known.id,
        GuardianDetails(
            given.name,
            given.relation,
            given.name_kana or known.name_kana,
            given.phone,
            given.mail or known.mail,
            given.address or known.address,
        ),
        actor=actor,
        now=now,
    )
    return known.family_id


def _known(session: Session, guardian: GuardianDetails, *, actor: Actor) -> Guardian | None:
    digits = phone_digits(guardian.phone) if guardian.phone else None
    if digits is None:
        return None
    return session.scalars(
        select(Guardian)
        .where(
            Guardian.phone_digits == digits,
            Guardian.name == guardian.name,
            families.visible(Guardian.family_id, actor),
        )
        .order_by(Guardian.created_at.desc(), Guardian.id)
        .limit(1)
    ).one_or_none()


def _children(
    session: Session,
    family_id: uuid.UUID,
    children: Sequence[ChildDetails],
    *,
    actor: Actor,
    now: datetime,
) -> list[uuid.UUID]:
    known = list(families.children(session, family_id, actor=actor))
    ids = []
    for at, child in enumerate(children):
        same = next(
            (
                each
                for each in known
                if (each.born_on, each.due_on) == (child.born_on, child.due_on)
                and (child.name is None or each.name == child.name)
            ),
            None,
        )
        if same is not None:
            known.remove(same)
            ids.append(same.id)
            continue
        with _at(f"children.{at}"):
            ids.append(people.add_child(session, family_id, child, actor=actor, now=now).id)
    return ids


def _draft(
    session: Session,
    sheet: ReferralSheet,
    row: Interview,
    towards: Possible,
    child_ids: Sequence[uuid.UUID],
    source: ReferralSource,
    *,
    actor: Actor,
    now: datetime,
) -> Referral:
    return service.draft(
        session,
        row.family_id,
        towards.organisation_id,
        child_ids=child_ids,
        interview_id=row.id,
        facility_id=towards.facility_id,
        urgency=sheet.urgency,
        target_on=sheet.target_on,
        source=source,
        outside_number=sheet.number,
        actor=actor,
        now=now,
    )


def _keep_records(
    session: Session,
    sheet: ReferralSheet,
    row: Interview,
    towards: Possible,
    told: Told,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    own = session.get_one(Organisation, row.organisation_id)
    for kind, signed in sheet.records.items():
        if signed.is_kept_here:
            reasons = _against_kept(session, kind, signed, row, towards, on=today(now))
            if reasons:
                raise NotTaken(tuple(Located(f"consents.{kind}.{at}", why) for at, why in reasons))
            continue
        asked = asked_in(kind, signed, own.name, towards.name)
        given = Given(
            PURPOSE[kind].value,
            asked.wording,
            asked.version,
            towards.organisation_id,
            own.id,
            signed.items,
            signed.until_on,
        )
        with _at(f"consents.{kind}"):
            take_down(
                session,
                row.family_id,
                [given],
                source=ConsentSource.PAPER_FORM,
                source_on=signed.agreed_on,
                paper_reference=signed.reference,
                channel=told.channel,
                guardian_id=row.guardian_id,
                actor=actor,
                now=now,
            )


def _against_kept(
    session: Session,
    kind: Record,
    signed: SignedRecord,
    row: Interview,
    towards: Possible,
    *,
    on: date,
) -> list[tuple[str, Reason]]:
    """Return why a record that is named by its number is not the one that holds here."""
    asked_by = row.organisation_id
    found = holds(
        session, row.family_id, PURPOSE[kind], towards.organisation_id, on, asked_by=asked_by
    )
    if found is None or found.number not in signed.numbers or found.family_id != row.family_id:
        return [("reference", Reason(ReferralRefusal.RECORD_UNKNOWN))]
    said = {
        "agreed_on": signed.agreed_on == (found.source_on or local_date(found.given_at)),
        "until_on": signed.until_on == found.until_on,
        ("channels" if kind is Record.TOLD else "items"): set(signed.items) == set(found.items),
    }
    differs = Reason(ReferralRefusal.RECORD_DIFFERS)
    return [(at, differs) for at, is_same in said.items() if not is_same]


def asked_in(kind: Record, signed: SignedRecord, own: str, receiver: str) -> Asked:
    """Return a record in the words of the paper form: those of the pages, filled in alike."""
    if signed.until_on is None or signed.agreed_on is None:
        raise ValueError("only for a record that has been checked")
    bodies = Bodies(own, receiver, signed.person)
    if kind is Record.SHARING:
        labels = [item_label(item.value) for item in OFFERED if item.value in signed.items]
        return sharing.ask_sharing(bodies, labels, signed.until_on, signed.agreed_on)
    if kind is Record.BOOKING:
        return sharing.ask_booking(bodies, signed.until_on, signed.agreed_on)
    times = [each for each in signed.items if each in set(ContactTime)]
    ways = [each for each in signed.items if each in set(ToldChannel)]
    return sharing.ask_told(bodies, times, ways, signed.until_on, signed.agreed_on)


#: Where a reason of a service speaks of another field than the step that was under way.
_FIELD: Mapping[str, str] = {
    "no_guide_tick": "interview.guide_ticked_on",
    "no_consent": "consents.sharing",
    "not_told": "consents.told",
    "needed_item_missing": "consents.sharing.items",
    "target_past": "target_on",
    "no_child": "children",
}


@contextmanager
def _at(field: str) -> Iterator[None]:
    """Say at which field a refusal of a service stands."""
    try:
        yield
    except NotTaken:
        raise
    except Refusal as refusal:
        raise NotTaken(
            tuple(Located(_FIELD.get(each.code.value, field), each) for each in refusal.reasons)
        ) from refusal
