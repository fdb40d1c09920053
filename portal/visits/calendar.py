"""Visits and sessions as calendar entries: in mails, and in the feeds of family and facility."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.documents.i18n import gettext as _
from portal.documents.ics import CalendarEntry, EntryStatus
from portal.visits import queries
from portal.visits.models import Visit, VisitSession
from portal.visits.rules import VisitState
from portal.visits.words import kind_words, place_words


def family_entry(of: Visit, *, base_url: str, link: str | None = None) -> CalendarEntry:
    """Return a visit's entry for the family: what, where and when, and nobody's name.

    Its UID is for life; its SEQUENCE rises with the visit and with its session.
    """
    at = of.session
    facility = at.facility
    url = f"{base_url.rstrip('/')}/my/visits/{of.id}"
    lines = [link] if link else []
    if facility.phone:
        lines.append(_("電話 %s") % facility.phone)
    is_cancelled = of.state is VisitState.CANCELLED
    return CalendarEntry(
        uid=f"visit-{of.id}@portal",
        sequence=of.sequence + at.sequence,
        starts_at=at.starts_at,
        ends_at=at.ends_at,
        summary=f"{kind_words(at.kind)} {facility.name}",
        description="\n".join([*lines, url]),
        location=_where(at),
        status=EntryStatus.CANCELLED if is_cancelled else EntryStatus.CONFIRMED,
        updated_at=max(of.changed_at, at.changed_at),
        url=url,
    )


def facility_entry(of: VisitSession, *, base_url: str) -> CalendarEntry:
    """Return a session's entry for the facility: how many families come, and no name."""
    url = f"{base_url.rstrip('/')}/office/visits/{of.id}"
    is_cancelled = of.cancelled_at is not None
    count = {"kind": kind_words(of.kind), "taken": of.taken, "seats": of.seats}
    return CalendarEntry(
        uid=f"visit-session-{of.id}@portal",
        # How many come changes no time, place or state: the sequence stays the session's own.
        sequence=of.sequence,
        starts_at=of.starts_at,
        ends_at=of.ends_at,
        summary=_("%(kind)s %(taken)s組（%(seats)s組まで）") % count,
        description=url,
        location=_where(of),
        status=EntryStatus.CANCELLED if is_cancelled else EntryStatus.CONFIRMED,
        updated_at=of.changed_at,
        url=url,
    )


def _where(of: VisitSession) -> str:
    facility = of.facility
    is_there = of.place.value == "facility"
    return f"{place_words(of)} {facility.address}" if is_there else place_words(of)


def family_entries(
    session: Session,
    family_id: uuid.UUID | None,
    *,
    since: date,
    cancelled_since: datetime,
    base_url: str,
) -> tuple[CalendarEntry, ...]:
    """Return a family's visits from a day on; those changed to another session are left out."""
    rows = session.scalars(
        select(Visit)
        .join(Visit.session)
        .where(
            Visit.family_id == family_id,
            Visit.moved_to.is_(None),
            VisitSession.day >= since,
            or_(Visit.cancelled_at.is_(None), Visit.cancelled_at >= cancelled_since),
        )
        .options(joinedload(Visit.session).joinedload(VisitSession.facility))
        .order_by(VisitSession.starts_at, Visit.id)
    ).all()
    return tuple(
        family_entry(row, base_url=base_url, link=queries.link_of(session, row.session_id))
        for row in rows
    )


def facility_entries(
    session: Session,
    facility_id: uuid.UUID,
    *,
    since: date,
    cancelled_since: datetime,
    base_url: str,
) -> tuple[CalendarEntry, ...]:
    """Return a facility's sessions from a day on, for those who run it."""
    changed = func.max(Visit.changed_at)
    rows = session.execute(
        select(VisitSession, changed)
        .outerjoin(Visit, Visit.session_id == VisitSession.id)
        .where(
            VisitSession.facility_id == facility_id,
            VisitSession.day >= since,
            or_(VisitSession.cancelled_at.is_(None), VisitSession.cancelled_at >= cancelled_since),
        )
        .options(selectinload(VisitSession.facility))
        .group_by(VisitSession.id)
        .order_by(VisitSession.starts_at, VisitSession.id)
    ).all()
    return tuple(
        replace(
            facility_entry(row[0], base_url=base_url),
            # How many come is part of what the feed shows: it changes with each visit.
            updated_at=max(row[0].changed_at, row[1] or row[0].changed_at),
        )
        for row in rows
    )
