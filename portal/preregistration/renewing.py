"""The renewal season: the family asks to go on, sees what changed, and staff let her go on.

Nothing is lost on the way: a registration that is not renewed ends quietly, and its bookings stay.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.rounds import at_every_facility
from portal.families import queries as families
from portal.families.models import Child, Guardian, PickupPerson
from portal.families.record import confirm
from portal.families.record_models import RecordSection
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel, Told
from portal.kernel.clock import local_date, today
from portal.kernel.errors import Reason, Refusal
from portal.policies.registration import RegistrationRule, RenewalPart
from portal.preregistration import queries
from portal.preregistration.agreeing import agree
from portal.preregistration.models import Preregistration
from portal.preregistration.places import hold, registered
from portal.preregistration.rules import (
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
    has_ended,
)
from portal.preregistration.terms import answer_by, terms_of
from portal.preregistration.writing import change, tell


@dataclass(frozen=True, slots=True)
class Changes:
    """On which local day what a facility knows last changed since it was looked at; else None."""

    child: date | None = None
    record: date | None = None
    guardians: date | None = None
    pickup: date | None = None

    @property
    def any(self) -> bool:
        """Whether something changed."""
        return any((self.child, self.record, self.guardians, self.pickup))


def season_is_open(row: Preregistration, rule: RegistrationRule, on: date) -> bool:
    """Say whether a registration can be renewed on a local day: not before, not after its end."""
    if row.state is not PreregistrationState.ACCEPTED or row.accepted_until is None:
        return False
    opens_on = rule.renewal_opens(row.accepted_until)
    return opens_on is not None and opens_on <= on <= row.accepted_until


def changes_of(
    session: Session, rows: Sequence[Preregistration], *, actor: Actor
) -> dict[uuid.UUID, Changes]:
    """Return for each what changed since the facility last looked: by day, not by content."""
    since = {
        row.id: max(filter(None, (row.decided_at, row.facility_agreed_at)))
        for row in rows
        if row.decided_at or row.facility_agreed_at
    }
    child_ids, family_ids = {row.child_id for row in rows}, {row.family_id for row in rows}
    seen_child = _newest(
        session.execute(
            select(Child.id, Child.updated_at).where(
                Child.id.in_(child_ids), families.visible(Child.family_id, actor)
            )
        )
    )
    seen_record = _newest(
        session.execute(
            select(RecordSection.child_id, RecordSection.written_at).where(
                RecordSection.child_id.in_(child_ids),
                families.visible(RecordSection.family_id, actor),
            )
        )
    )
    seen_guardian = _newest(
        session.execute(
            select(Guardian.family_id, Guardian.updated_at).where(
                Guardian.family_id.in_(family_ids), families.visible(Guardian.family_id, actor)
            )
        )
    )
    pickup: list[tuple[uuid.UUID, datetime]] = []
    for family_id, created_at, removed_at in session.execute(
        select(PickupPerson.family_id, PickupPerson.created_at, PickupPerson.removed_at).where(
            PickupPerson.family_id.in_(family_ids),
            families.visible(PickupPerson.family_id, actor),
        )
    ):
        pickup.append((family_id, max(created_at, removed_at or created_at)))
    seen_pickup = _newest(pickup)
    return {
        row.id: Changes(
            child=_after(seen_child.get(row.child_id), since.get(row.id)),
            record=_after(seen_record.get(row.child_id), since.get(row.id)),
            guardians=_after(seen_guardian.get(row.family_id), since.get(row.id)),
            pickup=_after(seen_pickup.get(row.family_id), since.get(row.id)),
        )
        for row in rows
    }


def ask_renewal(
    session: Session,
    preregistration_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> Preregistration:
    """Ask that a registration goes on; saying so confirms anew what the rules ask.

    The registration holds as before until its end, whatever becomes of the asking.

    Raises:
        Refusal: not accepted, the season is not open, or there is no record to confirm.
        NoResultFound: not one this actor may see.
    """
    received = received_at or now
    row = queries.locked(session, preregistration_id, actor=actor)
    rule = terms_of(session, row.facility_id, today(now)).rule
    reasons = _against_asking(row, rule, today(now))
    if received > now:
        reasons.append(Reason(PreregistrationRefusal.RECEIVED_IN_FUTURE))
    parts = rule.renewal.confirm if rule.renewal else ()
    told = Told(channel, received)
    if not reasons and RenewalPart.RECORD in parts:
        reasons += _confirm_record(session, row, told, actor=actor, now=now)
    if reasons:
        raise Refusal(reasons)
    if RenewalPart.AGREEMENT in parts:
        agree(session, row.id, actor=actor, now=now, channel=channel, received_at=received)
    row.renewal_asked_at, row.renewal_asked_by = received, actor.user_id
    row.renewal_channel = channel
    row.answer_by = answer_by(session, row.facility_id, rule, today(now))
    session.flush()
    record(
        session,
        actor,
        "preregistration.renewal_asked",
        row.id,
        family_id=row.family_id,
        channel=channel.value,
        received_at=received.isoformat(),
    )
    return row


def extend(
    session: Session,
    preregistration_ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Sequence[Preregistration]:
    """Let registrations go on to the end of the next period; each family gets one mail.

    Says too that staff have looked at what changed. One that has ended meanwhile goes on only
    where a registration is free.

    Raises:
        Refusal: nobody asked for it, it is over, or all registrations are taken.
        NoResultFound: not at this actor's provider.
    """
    on = today(now)
    told: dict[uuid.UUID, list[Preregistration]] = defaultdict(list)
    for each in preregistration_ids:
        before = queries.preregistration(session, each, actor=actor)
        rule = terms_of(session, before.facility_id, on).rule
        if has_ended(before.state, before.accepted_until, on):
            _check_room(session, before.facility_id, rule, on)
        row = change(session, each, PreregistrationEvent.EXTEND, actor=actor, now=now, seen=seen)
        if row.renewal_asked_at is None or row.accepted_until is None:
            raise Refusal([PreregistrationRefusal.NOT_POSSIBLE_NOW])
        row.accepted_until = rule.renewed_until(row.accepted_until, on, row.child.born_on)
        row.renewal_asked_at = row.renewal_asked_by = row.renewal_channel = None
        row.answer_by = None
        row.facility_agreed_at, row.facility_agreed_by = now, actor.user_id
        session.flush()
        told[row.family_id].append(row)
    for rows in told.values():
        tell(session, "extended", *rows)
    return [row for rows in told.values() for row in rows]


def tell_season(now: datetime) -> None:
    """Tell families once that they can renew, and by when: the worker's round."""

    def tell_families(session: Session, facility_id: uuid.UUID, actor: Actor) -> None:
        del actor
        tell_season_of(session, facility_id, now=now)

    at_every_facility("telling of renewals", tell_families)


def tell_season_of(session: Session, facility_id: uuid.UUID, *, now: datetime) -> int:
    """Queue ``preregistration/renew`` to each family that was not told yet; return how many."""
    on = today(now)
    rule = terms_of(session, facility_id, on).rule
    if rule.renewal is None:
        return 0
    last = on + timedelta(days=rule.renewal.days_before - 1)
    rows = session.scalars(
        select(Preregistration)
        .where(
            Preregistration.facility_id == facility_id,
            Preregistration.state == PreregistrationState.ACCEPTED,
            Preregistration.accepted_until.between(on, last),
            Preregistration.renewal_asked_at.is_(None),
            or_(
                Preregistration.renewal_told_for.is_(None),
                Preregistration.renewal_told_for != Preregistration.accepted_until,
            ),
        )
        .order_by(Preregistration.id)
        .with_for_update(skip_locked=True)
    ).all()
    families_told: dict[tuple[uuid.UUID, date | None], list[Preregistration]] = defaultdict(list)
    for row in rows:
        row.renewal_told_for = row.accepted_until
        families_told[row.family_id, row.accepted_until].append(row)
    session.flush()
    for some in families_told.values():
        tell(session, "renew", *some)
    return len(families_told)


def _against_asking(row: Preregistration, rule: RegistrationRule, on: date) -> list[Reason]:
    if row.state is not PreregistrationState.ACCEPTED or row.accepted_until is None:
        return [Reason(PreregistrationRefusal.NOT_POSSIBLE_NOW)]
    if season_is_open(row, rule, on):
        return []
    opens_on = rule.renewal_opens(row.accepted_until)
    if opens_on is None or opens_on <= on:
        return [Reason(PreregistrationRefusal.NOT_POSSIBLE_NOW)]
    return [Reason(PreregistrationRefusal.RENEWAL_NOT_OPEN, {"from_on": opens_on})]


def _confirm_record(
    session: Session, row: Preregistration, told: Told, *, actor: Actor, now: datetime
) -> list[Reason]:
    try:
        confirm(session, row.child_id, actor=actor, now=now, told=told)
    except Refusal:  # nobody has said yet what is to be confirmed
        return [Reason(PreregistrationRefusal.RECORD_TO_CONFIRM_AGAIN, {}, row.child_id)]
    return []


def _check_room(session: Session, facility_id: uuid.UUID, rule: RegistrationRule, on: date) -> None:
    if rule.limit is None:
        return
    hold(session, facility_id)
    free = max(0, rule.limit - registered(session, facility_id, on))
    if not free:
        values = {"limit": rule.limit, "free": free}
        raise Refusal([Reason(PreregistrationRefusal.REGISTRATIONS_TAKEN, values)])


def _newest(rows: Iterable[Any]) -> Mapping[uuid.UUID, datetime]:
    found: dict[uuid.UUID, datetime] = {}
    for key, moment in rows:
        found[key] = max(moment, found.get(key, moment))
    return found


def _after(moment: datetime | None, since: datetime | None) -> date | None:
    return local_date(moment) if moment and since and moment > since else None
