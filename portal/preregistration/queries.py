"""Reads of pre-registrations, each scoped by who acts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, case, false, select, true
from sqlalchemy.orm import Session, contains_eager

from portal.facilities.models import Facility
from portal.families.models import Child
from portal.families.queries import visible
from portal.kernel.actor import Actor
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import LIVE, PreregistrationState, has_ended

#: In this order they stand in staff's list, each by time of receipt.
_IN_TURN = (
    PreregistrationState.APPLIED,
    PreregistrationState.ASKED_BACK,
    PreregistrationState.WAITING,
)


@dataclass(frozen=True, slots=True)
class ChildWithRegistration:
    """A child, and how it stands with one facility; ``None``: it never applied, or it is over."""

    child: Child
    preregistration: Preregistration | None

    def has_live(self, on: date) -> bool:
        """Say whether an application runs or holds there on a local day."""
        found = self.preregistration
        return found is not None and not has_ended(found.state, found.accepted_until, on)

    def may_book(self, on: date) -> bool:
        """Say whether the child is accepted there on a local day."""
        found = self.preregistration
        return (
            found is not None
            and found.state is PreregistrationState.ACCEPTED
            and not has_ended(found.state, found.accepted_until, on)
        )


def children_with_registration(
    session: Session,
    facility_id: uuid.UUID,
    *,
    actor: Actor,
    family_id: uuid.UUID | None = None,
) -> list[ChildWithRegistration]:
    """Return the children of a family, the eldest first, each with its live pre-registration.

    Args:
        family_id: The family a caller belongs to; a guardian's own by default.
    """
    wanted = family_id or actor.family_id
    rows = session.execute(
        select(Child, Preregistration)
        .outerjoin(
            Preregistration,
            (Preregistration.child_id == Child.id)
            & (Preregistration.facility_id == facility_id)
            & Preregistration.state.in_(LIVE),
        )
        .where(Child.family_id == wanted, Child.ended_at.is_(None), visible(Child.family_id, actor))
        .order_by(Child.born_on.nulls_last(), Child.created_at, Child.id)
    )
    return [ChildWithRegistration(row.Child, row.Preregistration) for row in rows]


def facility_to_apply_to(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> Facility:
    """Return a published facility that is run in the portal; for staff, one of their own.

    Raises:
        NoResultFound: there is none, or it is hidden, or another provider's.
    """
    wanted = select(Facility).where(
        Facility.id == facility_id,
        Facility.organisation_id.is_not(None),
        Facility.published_at.is_not(None),
    )
    if actor.is_provider:
        wanted = wanted.where(Facility.organisation_id == actor.organisation_id)
    return session.scalars(wanted).one()


def facilities_of(session: Session, *, actor: Actor) -> Sequence[Facility]:
    """Return the published facilities of the actor's provider, for which staff enter callers."""
    if not actor.is_provider:
        return ()
    return session.scalars(
        select(Facility)
        .where(
            Facility.organisation_id == actor.organisation_id, Facility.published_at.is_not(None)
        )
        .order_by(Facility.name, Facility.id)
    ).all()


def preregistration(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor
) -> Preregistration:
    """Return one, with its child and facility.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        _with_child_and_facility(actor).where(Preregistration.id == preregistration_id)
    ).one()


def locked(session: Session, preregistration_id: uuid.UUID, *, actor: Actor) -> Preregistration:
    """Return one as it is now, held until the transaction ends: two answers must not cross.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        _with_child_and_facility(actor)
        .where(Preregistration.id == preregistration_id)
        .with_for_update(of=Preregistration)
        .execution_options(populate_existing=True)
    ).one()


def of_family(
    session: Session, *, actor: Actor, family_id: uuid.UUID | None = None
) -> Sequence[Preregistration]:
    """Return a family's pre-registrations, the newest first; staff see those at their provider."""
    return session.scalars(
        _with_child_and_facility(actor)
        .where(Preregistration.family_id == (family_id or actor.family_id))
        .order_by(Preregistration.applied_at.desc(), Preregistration.id)
    ).all()


def together(session: Session, row: Preregistration, *, actor: Actor) -> Sequence[Preregistration]:
    """Return the other children of the same application, in the order of their ids."""
    if row.application_id is None:
        return ()
    return session.scalars(
        _with_child_and_facility(actor)
        .where(Preregistration.application_id == row.application_id, Preregistration.id != row.id)
        .order_by(Preregistration.id)
    ).all()


def waiting_first(
    session: Session,
    *,
    actor: Actor,
    only: ColumnElement[bool] | None = None,
    limit: int | None = None,
    offset: int = 0,
    by_end: bool = False,
) -> Sequence[Preregistration]:
    """Return a provider's pre-registrations, those that wait for it first.

    Waiting ones, then asked-back ones, then those who wait for a registration, each by time of
    receipt, whichever way they came in; after them the others, the last decided first.

    Args:
        only: A condition of ``listing``.
        by_end: Those whose registration ends first stand first instead.
    """
    if not actor.is_provider:
        return ()
    turn = case(
        *((Preregistration.state == state, turn) for turn, state in enumerate(_IN_TURN)),
        else_=len(_IN_TURN),
    )
    wanted = _with_child_and_facility(actor)
    if only is not None:
        wanted = wanted.where(only)
    return session.scalars(
        wanted.order_by(
            *((Preregistration.accepted_until,) if by_end else ()),
            turn,
            case((turn < len(_IN_TURN), Preregistration.received_at)),
            Preregistration.decided_at.desc().nulls_last(),
            Preregistration.id,
        )
        .limit(limit)
        .offset(offset)
    ).all()


def live_between(
    session: Session, child_ids: Sequence[uuid.UUID], facility_id: uuid.UUID, *, actor: Actor
) -> dict[uuid.UUID, Preregistration]:
    """Return for each child its live pre-registration at a facility, held until the end."""
    rows = session.scalars(
        select(Preregistration)
        .where(
            Preregistration.child_id.in_(child_ids),
            Preregistration.facility_id == facility_id,
            Preregistration.state.in_(LIVE),
            mine(actor),
        )
        .with_for_update()
    )
    return {row.child_id: row for row in rows}


def messages(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor
) -> Sequence[PreregistrationMessage]:
    """Return what both sides wrote, the oldest first. May speak of health.

    Whoever shows it uses ``service.open_messages``, which leaves the trace.
    """
    return session.scalars(
        select(PreregistrationMessage)
        .join(Preregistration, Preregistration.id == PreregistrationMessage.preregistration_id)
        .where(PreregistrationMessage.preregistration_id == preregistration_id, mine(actor))
        .order_by(PreregistrationMessage.written_at, PreregistrationMessage.id)
    ).all()


def mine(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: of the actor's own family, or at her provider."""
    if actor.family_id is not None:
        return Preregistration.family_id == actor.family_id
    if actor.is_provider:
        return Preregistration.organisation_id == actor.organisation_id
    return false()


def _with_child_and_facility(actor: Actor) -> Select[Preregistration]:
    return (
        select(Preregistration)
        .join(Preregistration.child)
        .join(Preregistration.facility)
        .options(contains_eager(Preregistration.child), contains_eager(Preregistration.facility))
        # Of a child that was closed nothing is shown to its family; staff see that it ended.
        .where(mine(actor), Child.ended_at.is_(None) if actor.family_id else true())
    )
