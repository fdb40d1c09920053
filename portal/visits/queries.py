"""Reads of sessions and visits, each scoped by who acts."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select, text
from sqlalchemy.orm import Session, joinedload

from portal.facilities.models import Facility
from portal.families import expected
from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.messages.models import OutboxMessage
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import LIVE, has_ended
from portal.visits.expected import LISTENER
from portal.visits.models import Visit, VisitSession
from portal.visits.rules import ChildrenCome, FamilyFacts, VisitState

_LINK = text("SELECT visit_link(:session)")
_VISITORS = text("SELECT * FROM visitors_of(:visits)")
_CHILDREN = text("SELECT * FROM visiting_children(:visits)")
#: How many past visits a family is shown.
MOST_PAST = 20
#: Visits older than this are not asked about any more.
_RECORDED_WITHIN = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class ComingChild:
    """A child that comes along, as the provider may know it; no name where it is not born."""

    id: uuid.UUID
    name: str | None
    born_on: date | None
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who comes, as the provider may know it. ``is_open``: the family's page is open to it."""

    guardian: str | None
    phone: str | None
    has_mail: bool
    family_number: str
    is_open: bool
    children: tuple[ComingChild, ...] = ()
    #: Of a family whose page is open: a child is to be born into it.
    is_expecting: bool = False

    @property
    def comes_before_birth(self) -> bool:
        """Whether a child of the family is still to be born, as far as the provider may know."""
        return self.is_expecting or any(child.born_on is None for child in self.children)


def _with_facility() -> Select[VisitSession]:
    return (
        select(VisitSession)
        .options(joinedload(VisitSession.facility))
        .execution_options(populate_existing=True)
    )


def bookable(
    session: Session, facility_id: uuid.UUID, *, now: datetime, most: int | None = None
) -> Sequence[VisitSession]:
    """Return the sessions of a facility that everybody is shown and that lie ahead, soonest first.

    Full ones are among them: that there is one every month is worth knowing.
    """
    return session.scalars(
        _with_facility()
        .where(
            VisitSession.facility_id == facility_id,
            VisitSession.is_public,
            VisitSession.cancelled_at.is_(None),
            VisitSession.starts_at > now,
        )
        .order_by(VisitSession.starts_at, VisitSession.id)
        .limit(most)
    ).all()


def shown_session(session: Session, session_id: uuid.UUID) -> VisitSession:
    """Return a session that whoever acts may see: one shown to all, booked, or her provider's.

    Raises:
        NoResultFound: there is none.
    """
    return session.scalars(_with_facility().where(VisitSession.id == session_id)).one()


def own_session(
    session: Session, session_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> VisitSession:
    """Return a session of the actor's provider.

    Raises:
        NoResultFound: it is another's.
    """
    query = _with_facility().where(
        VisitSession.id == session_id, VisitSession.organisation_id == actor.organisation_id
    )
    if is_to_change:
        query = query.with_for_update(of=VisitSession)
    return session.scalars(query).one()


def rest_of_series(
    session: Session, of: VisitSession, *, actor: Actor, is_to_change: bool = False
) -> Sequence[VisitSession]:
    """Return a session with all later ones of its plan that stand, the soonest first."""
    if of.series_id is None:
        return (of,)
    query = (
        _with_facility()
        .where(
            VisitSession.series_id == of.series_id,
            VisitSession.organisation_id == actor.organisation_id,
            VisitSession.starts_at >= of.starts_at,
            VisitSession.cancelled_at.is_(None),
        )
        .order_by(VisitSession.starts_at, VisitSession.id)
    )
    if is_to_change:
        query = query.with_for_update(of=VisitSession)
    return session.scalars(query).all()


def sessions_between(
    session: Session,
    first: date,
    last: date,
    *,
    actor: Actor,
    facility_id: uuid.UUID | None = None,
) -> Sequence[VisitSession]:
    """Return the sessions of the actor's provider from one day to another, both included."""
    query = _with_facility().where(
        VisitSession.organisation_id == actor.organisation_id,
        VisitSession.day.between(first, last),
    )
    if facility_id is not None:
        query = query.where(VisitSession.facility_id == facility_id)
    return session.scalars(
        query.order_by(VisitSession.starts_at, VisitSession.facility_id, VisitSession.id)
    ).all()


def link_of(session: Session, session_id: uuid.UUID) -> str | None:
    """Return the link of an online session; ``None`` where the actor may not have it."""
    link: str | None = session.execute(_LINK, {"session": session_id}).scalar_one()
    return link


def visit(
    session: Session, visit_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> Visit:
    """Return a visit of the actor's family or provider, with its session and facility.

    Raises:
        NoResultFound: none that is hers.
    """
    query = _visits(actor).where(Visit.id == visit_id)
    if is_to_change:
        query = query.with_for_update(of=Visit)
    return session.scalars(query).one()


def visits_to(
    session: Session, session_ids: Iterable[uuid.UUID], *, actor: Actor
) -> Mapping[uuid.UUID, Sequence[Visit]]:
    """Return the visits to sessions, in the order in which they were received."""
    found: defaultdict[uuid.UUID, list[Visit]] = defaultdict(list)
    for row in session.scalars(
        _visits(actor)
        .where(Visit.session_id.in_(list(session_ids)))
        .order_by(Visit.received_at, Visit.id)
    ):
        found[row.session_id].append(row)
    return found


def visitors(session: Session, visits: Iterable[Visit]) -> Mapping[uuid.UUID, Visitor]:
    """Return who comes, by visit: what the actor's provider needs to receive them.

    Of a child that was closed nothing is said, of past visits neither.
    """
    those = list(visits)
    asked = {"visits": [each.id for each in those]}
    if not asked["visits"]:
        return {}
    children: defaultdict[uuid.UUID, list[ComingChild]] = defaultdict(list)
    for row in session.execute(_CHILDREN, asked):
        children[row.visit_id].append(ComingChild(row.child_id, row.name, row.born_on, row.due_on))
    families_of = {each.id: each.family_id for each in those}
    expecting = set(
        session.scalars(
            select(Child.family_id).where(
                Child.family_id.in_(set(families_of.values())),
                Child.born_on.is_(None),
                Child.ended_at.is_(None),
            )
        )
    )
    return {
        row.visit_id: Visitor(
            row.guardian,
            row.phone,
            row.has_mail,
            row.family_number,
            row.is_open,
            tuple(children[row.visit_id]),
            is_expecting=families_of[row.visit_id] in expecting,
        )
        for row in session.execute(_VISITORS, asked)
    }


def family_visits(
    session: Session, *, actor: Actor, now: datetime
) -> tuple[Sequence[Visit], Sequence[Visit]]:
    """Return a family's visits to come, the soonest first, and its last ones, the newest first."""
    mine = _visits(actor).join(Visit.session).where(Visit.family_id == actor.family_id)
    coming = session.scalars(
        mine.where(Visit.state == VisitState.BOOKED, VisitSession.ends_at > now).order_by(
            VisitSession.starts_at, Visit.id
        )
    ).all()
    ids = [each.id for each in coming]
    # Nobody cancelled them: they ended quietly with a child that is expected no more.
    quiet = expected.ended_with(session, LISTENER.name, actor=actor)
    past = session.scalars(
        mine.where(
            Visit.id.not_in(ids),
            Visit.moved_to.is_(None),
            or_(Visit.id.not_in(quiet), Visit.state != VisitState.CANCELLED),
        )
        .order_by(VisitSession.starts_at.desc(), Visit.id)
        .limit(MOST_PAST)
    ).all()
    return coming, past


def live_visit(
    session: Session, session_id: uuid.UUID, family_id: uuid.UUID | None, *, actor: Actor
) -> Visit | None:
    """Return the one visit of a family to a session that is not cancelled."""
    return session.scalars(
        _live(family_id, actor).where(Visit.session_id == session_id)
    ).one_or_none()


def visits_at(
    session: Session, facility_id: uuid.UUID, family_id: uuid.UUID | None, *, actor: Actor
) -> Sequence[Visit]:
    """Return the visits of a family at a facility that were not cancelled."""
    return session.scalars(_live(family_id, actor).where(Visit.facility_id == facility_id)).all()


def children_to_bring(
    session: Session, of: VisitSession, family_id: uuid.UUID | None, *, actor: Actor
) -> Sequence[Child]:
    """Return the children whom a family may bring to a session: those who are born, if any may."""
    if family_id is None or of.children_come is ChildrenCome.ADULTS:
        return ()
    found = families.children(session, family_id, actor=actor)
    return [child for child in found if child.born_on is not None]


def registrations(
    session: Session, facility_id: uuid.UUID, family_id: uuid.UUID | None, *, on: date
) -> Sequence[Preregistration]:
    """Return the live applications and acceptances of a family at a facility on a day."""
    rows = session.scalars(
        select(Preregistration)
        .where(
            Preregistration.facility_id == facility_id,
            Preregistration.family_id == family_id,
            Preregistration.state.in_(LIVE),
        )
        .order_by(Preregistration.applied_at, Preregistration.id)
    )
    return [row for row in rows if not has_ended(row.state, row.accepted_until, on)]


def family_facts(
    session: Session,
    of: VisitSession,
    family_id: uuid.UUID | None,
    *,
    actor: Actor,
    now: datetime,
) -> FamilyFacts:
    """Return what a booking of a session needs to know of a family."""
    born = session.scalar(
        select(func.count())
        .select_from(Child)
        .where(Child.family_id == family_id, Child.born_on.is_not(None))
    )
    there = registrations(session, of.facility_id, family_id, on=today(now))
    booked = live_visit(session, of.id, family_id, actor=actor)
    return FamilyFacts(born or 0, bool(there), booked is not None)


def to_tell(session: Session, *, actor: Actor, now: datetime) -> Sequence[Visit]:
    """Return visits of the actor's provider of whose change or cancelling nobody is told yet.

    Whom a mail reaches is told by it; so those remain that have no address, or whose mail failed.
    """
    rows = session.scalars(
        _visits(actor)
        .join(Visit.session)
        .where(
            Visit.organisation_id == actor.organisation_id,
            Visit.news_at.is_not(None),
            Visit.told_at.is_(None),
            VisitSession.ends_at > now,
        )
        .order_by(VisitSession.starts_at, Visit.received_at, Visit.id)
    ).all()
    people = visitors(session, rows)
    lost = _with_failed_mail(session, rows, actor=actor)
    return [row for row in rows if row.id in lost or not people[row.id].has_mail]


def without_end(session: Session, *, actor: Actor, now: datetime) -> Sequence[Visit]:
    """Return visits of the last weeks of which nobody said whether the family came."""
    return session.scalars(
        _visits(actor)
        .join(Visit.session)
        .where(
            Visit.organisation_id == actor.organisation_id,
            Visit.state == VisitState.BOOKED,
            VisitSession.ends_at <= now,
            VisitSession.ends_at > now - _RECORDED_WITHIN,
        )
        .order_by(VisitSession.starts_at, Visit.id)
    ).all()


def _with_failed_mail(
    session: Session, visits: Sequence[Visit], *, actor: Actor
) -> frozenset[uuid.UUID]:
    wanted = {each.id for each in visits}
    if not wanted:
        return frozenset()
    rows = session.scalars(
        select(OutboxMessage.subject_ids).where(
            OutboxMessage.organisation_id == actor.organisation_id,
            OutboxMessage.failed_at.is_not(None),
            OutboxMessage.kind.startswith("visits/"),
        )
    )
    return frozenset(each for ids in rows for each in ids if each in wanted)


def facilities_with_sessions(session: Session, *, actor: Actor) -> Sequence[Facility]:
    """Return the facilities that the actor's provider runs."""
    return session.scalars(
        select(Facility)
        .where(Facility.organisation_id == actor.organisation_id)
        .order_by(Facility.name, Facility.id)
    ).all()


def _visits(actor: Actor) -> Select[Visit]:
    return (
        select(Visit)
        .where(_mine(actor))
        .options(joinedload(Visit.session).joinedload(VisitSession.facility))
        .execution_options(populate_existing=True)
    )


def _live(family_id: uuid.UUID | None, actor: Actor) -> Select[Visit]:
    return _visits(actor).where(Visit.family_id == family_id, Visit.state != VisitState.CANCELLED)


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.family_id is not None:
        return Visit.family_id == actor.family_id
    return Visit.organisation_id == actor.organisation_id
