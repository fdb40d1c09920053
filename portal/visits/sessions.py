"""What staff do with sessions: plan them, make them, change or cancel one or the rest of a plan."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.errors import breached_constraint
from portal.kernel.actor import Actor
from portal.kernel.clock import JST
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.slots.opening import OpenDays, open_days
from portal.slots.queries import own_facility
from portal.visits import queries, service
from portal.visits.models import Visit, VisitSession
from portal.visits.recurrence import MOST_DATES, Repeat, dates_of
from portal.visits.rules import (
    News,
    Place,
    SessionWish,
    VisitRefusal,
    VisitState,
    days_chosen,
    reasons_against_session,
    times_on,
)

#: How far around a day its closures are known; plans are looked at in pieces of it.
_KNOWN_AHEAD = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day of a plan. ``why_off``: the facility is closed then, so it is left out at first.

    ``is_holiday``, ``is_without_care``: what else is to be thought of.
    """

    day: date
    why_off: str | None = None
    is_holiday: bool = False
    is_without_care: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change did: to how many sessions, and how many families are told of it."""

    sessions: int
    families: int


def plan(
    session: Session, facility_id: uuid.UUID, wish: SessionWish, *, actor: Actor, now: datetime
) -> tuple[PlannedDay, ...]:
    """Return the days on which a plan would make sessions, with those the facility is closed on.

    Raises:
        Refusal: all reasons against it, too many days among them.
        NoResultFound: the facility is not the actor's.
    """
    facility = own_facility(session, facility_id, actor)
    reasons = list(reasons_against_session(wish, now=now))
    if reasons:
        raise Refusal(reasons)
    days = dates_of(wish.first, wish.repeat)
    if len(days) > MOST_DATES:
        raise Refusal([Reason(VisitRefusal.TOO_MANY_DATES, {"most": MOST_DATES})])
    planned: list[PlannedDay] = []
    opening: OpenDays | None = None
    known_until = date.min
    for day in days:
        if opening is None or day > known_until:
            opening, known_until = open_days(session, facility.id, day), day + _KNOWN_AHEAD
        planned.append(
            PlannedDay(
                day,
                _why_off(opening, wish, day),
                is_holiday=day in opening.calendar.holidays,
                is_without_care=not opening.calendar.is_open(day),
            )
        )
    return tuple(planned)


def _why_off(opening: OpenDays, wish: SessionWish, day: date) -> str | None:
    if wish.place is not Place.FACILITY:
        return None
    starts_at, ends_at = (each.astimezone(JST) for each in times_on(wish, day))
    first = starts_at.hour * 2 + starts_at.minute // 30
    last = first + -(-(ends_at - starts_at) // timedelta(minutes=30))
    return next(
        (
            off.words
            for off in opening.days_off
            if off.first <= day <= off.last and off.from_cell < last and first < off.to_cell
        ),
        None,
    )


def make_sessions(
    session: Session,
    facility_id: uuid.UUID,
    wish: SessionWish,
    chosen: Sequence[date],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[uuid.UUID, ...]:
    """Make a session on each chosen day of a plan, and return them in order.

    Raises:
        Refusal: all reasons against it, or no day of the plan is chosen.
        NoResultFound: the facility is not the actor's.
    """
    planned = plan(session, facility_id, wish, actor=actor, now=now)
    days = days_chosen([each.day for each in planned], chosen)
    if not days:
        raise Refusal([VisitRefusal.NO_DATES])
    organisation_id = own_facility(session, facility_id, actor).organisation_id
    series_id = uuid.uuid4() if len(days) > 1 else None
    made = [
        VisitSession(
            id=uuid.uuid4(),
            organisation_id=organisation_id,
            facility_id=facility_id,
            series_id=series_id,
            kind=wish.kind,
            created_by=actor.user_id,
            created_at=now,
            changed_at=now,
            **_columns(wish, day),
        )
        for day in days
    ]
    session.add_all(made)
    session.flush()
    ids = tuple(each.id for each in made)
    record(
        session,
        actor,
        "visit_session.made",
        *ids,
        kind=wish.kind.value,
        days=[day.isoformat() for day in days],
    )
    return ids


def _columns(wish: SessionWish, day: date) -> dict[str, object]:
    starts_at, ends_at = times_on(wish, day)
    is_online = wish.place is Place.ONLINE
    return {
        "day": day,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "seats": wish.seats,
        "place": wish.place,
        "place_words": wish.place_words.strip() or None,
        "online_url": (wish.online_url.strip() or None) if is_online else None,
        "children_come": wish.children_come,
        "takes_unregistered": wish.takes_unregistered,
        "takes_expecting": wish.takes_expecting,
        "is_public": wish.is_public,
        "bring": wish.bring.strip(),
        "words": wish.words.strip(),
        "book_by": wish.book_by,
        "cancel_by": wish.cancel_by,
    }


def wish_of(session: Session, of: VisitSession) -> SessionWish:
    """Return a session as the wish it was made from; its link as far as the actor may have it."""
    local = of.starts_at.astimezone(JST)
    return SessionWish(
        kind=of.kind,
        first=of.day,
        start=local.hour * 2 + local.minute // 30,
        length=of.minutes,
        seats=of.seats,
        place=of.place,
        place_words=of.place_words or "",
        online_url=queries.link_of(session, of.id) or "",
        children_come=of.children_come,
        takes_unregistered=of.takes_unregistered,
        takes_expecting=of.takes_expecting,
        is_public=of.is_public,
        bring=of.bring,
        words=of.words,
        book_by=of.book_by,
        cancel_by=of.cancel_by,
    )


def change(
    session: Session,
    session_id: uuid.UUID,
    wish: SessionWish,
    *,
    with_rest: bool,
    actor: Actor,
    now: datetime,
) -> Reach:
    """Change a session, or it and all later ones of its plan; families are told what moved.

    With the rest each session keeps its own day: only a single one changes its day. What a session
    is for never changes; nor does what families need not know (seats, words) reach them by mail.

    Raises:
        Refusal: all reasons against it; fewer seats than are taken in any of them.
        NoResultFound: it is not the actor's.
    """
    of = queries.own_session(session, session_id, actor=actor, is_to_change=True)
    if of.cancelled_at is not None:
        raise Refusal([VisitRefusal.ALREADY_CANCELLED])
    wish = replace(wish, kind=of.kind, repeat=Repeat())
    if with_rest:
        wish = replace(wish, first=of.day)
    reasons = reasons_against_session(wish, now=now)
    if reasons:
        raise Refusal(reasons)
    rest = _meant(session, of, with_rest=with_rest, actor=actor)
    links = {each.id: queries.link_of(session, each.id) for each in rest}
    moved = []
    for each in rest:
        columns = _columns(wish, each.day if with_rest else wish.first)
        if _has_moved(each, links[each.id], columns):
            moved.append(each)
            columns["sequence"] = each.sequence + 1
        _write(session, each, columns, now=now)
    families = _tell_all(session, moved, News.CHANGED, actor=actor, now=now)
    record(session, actor, "visit_session.changed", *(each.id for each in rest), moved=len(moved))
    return Reach(len(rest), families)


def _meant(
    session: Session, of: VisitSession, *, with_rest: bool, actor: Actor
) -> Sequence[VisitSession]:
    if not with_rest:
        return [of]
    return queries.rest_of_series(session, of, actor=actor, is_to_change=True)


def _has_moved(of: VisitSession, link: str | None, columns: dict[str, object]) -> bool:
    """Say whether a family would come at a wrong time, to a wrong place or by a wrong link."""
    before = (of.starts_at, of.ends_at, of.place, of.place_words, link)
    after = ("starts_at", "ends_at", "place", "place_words", "online_url")
    return before != tuple(columns[name] for name in after)


def _write(
    session: Session, of: VisitSession, columns: dict[str, object], *, now: datetime
) -> None:
    try:
        session.execute(
            update(VisitSession)
            .where(VisitSession.id == of.id)
            .values(**columns, changed_at=now)
            .execution_options(synchronize_session=False)
        )
    except IntegrityError as error:
        if breached_constraint(error) == "ck_visit_sessions_taken":
            raise Refusal([Reason(VisitRefusal.SEATS_ARE_TAKEN, {"taken": of.taken})]) from error
        raise
    session.refresh(of)


def cancel_sessions(
    session: Session,
    session_id: uuid.UUID,
    words: str,
    *,
    with_rest: bool,
    actor: Actor,
    now: datetime,
) -> Reach:
    """Cancel a session, or it and all later ones of its plan, and tell the families.

    Raises:
        Refusal: it is cancelled or over.
        NoResultFound: it is not the actor's.
    """
    of = queries.own_session(session, session_id, actor=actor, is_to_change=True)
    if of.cancelled_at is not None:
        raise Refusal([VisitRefusal.ALREADY_CANCELLED])
    if of.ends_at <= now:
        raise Refusal([VisitRefusal.OVER])
    rest = _meant(session, of, with_rest=with_rest, actor=actor)
    for each in rest:
        each.cancelled_at, each.cancelled_by, each.changed_at = now, actor.user_id, now
        each.cancel_words = words.strip() or None
        each.sequence += 1
    session.flush()
    families = _tell_all(session, rest, News.CANCELLED, actor=actor, now=now)
    record(session, actor, "visit_session.cancelled", *(each.id for each in rest))
    return Reach(len(rest), families)


def reopen(session: Session, session_id: uuid.UUID, *, actor: Actor, now: datetime) -> VisitSession:
    """Let a cancelled session take place after all. Visits stay cancelled: families book again.

    Raises:
        Refusal: it is not cancelled, or over.
        NoResultFound: it is not the actor's.
    """
    of = queries.own_session(session, session_id, actor=actor, is_to_change=True)
    if of.cancelled_at is None:
        raise Refusal([VisitRefusal.NOT_CANCELLED])
    if of.starts_at <= now:
        raise Refusal([VisitRefusal.OVER])
    of.cancelled_at = of.cancelled_by = of.cancel_words = None
    of.changed_at = now
    of.sequence += 1
    session.flush()
    record(session, actor, "visit_session.reopened", of.id)
    return of


def _tell_all(
    session: Session,
    sessions: Iterable[VisitSession],
    news: News,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Note with each visit what its family has to be told, and queue the mails."""
    by_id = {each.id: each for each in sessions}
    told: set[uuid.UUID] = set()
    for rows in queries.visits_to(session, by_id, actor=actor).values():
        for visit in rows:
            if visit.state is VisitState.BOOKED:
                _tell(session, visit, by_id[visit.session_id], news, now=now)
                told.add(visit.family_id)
    session.flush()
    return len(told)


def _tell(session: Session, visit: Visit, of: VisitSession, news: News, *, now: datetime) -> None:
    visit.news, visit.news_at, visit.told_at, visit.told_by = news, now, None, None
    visit.changed_at = now
    if news is News.CANCELLED:
        visit.state, visit.cancelled_at = VisitState.CANCELLED, now
        visit.cancelled_by_family = False
        visit.sequence += 1
    session.flush()
    enqueue(
        session,
        f"visits/{news.value}_by_facility",
        about=[visit.id],
        to_family=visit.family_id,
        organisation_id=of.organisation_id,
    )
    if news is News.CHANGED:
        service.remind(session, visit.id, of, visit.family_id, now=now)
