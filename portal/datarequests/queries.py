"""Reads for a family about its own data, and for a provider about what it was asked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, false, func, or_, select, text
from sqlalchemy.orm import Session, joinedload

from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.datarequests.models import DataRequest
from portal.datarequests.rules import RequestState
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.facilities.models import Facility
from portal.families.models import FamilyAccess, Guardian
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import BY_STAFF, Channel
from portal.kernel.clock import at
from portal.organisations.models import Organisation
from portal.preregistration.models import Preregistration

_LOG = text("SELECT * FROM family_log(:first, :until)")
_MAILS = text("SELECT * FROM family_mails(:first, :until)")


@dataclass(frozen=True, slots=True)
class LogLine:
    """The same thing done or seen by the same side on one local day.

    ``who``: ``me``, ``guardian`` (another of the family), ``staff`` or ``portal``.
    """

    day: date
    last_at: datetime
    times: int
    action: str
    who: str
    role: Role | None
    #: The facility with its body; where it cannot be told, those of the body that the family uses.
    body: str | None
    #: By which way it had come, and when, where staff entered it for the family.
    channel: Channel | None = None
    received_at: datetime | None = None

    @property
    def is_read(self) -> bool:
        """Whether something was seen rather than done."""
        return self.action.startswith("read.")

    @property
    def is_by_mail_link(self) -> bool:
        """Whether it may have been done by the link of a mail, by whoever of the family read it."""
        return self.who == "guardian" and self.action.startswith(("notice.", "attendance.word"))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What one side did or saw on one local day, the latest first; at least one line."""

    lines: tuple[LogLine, ...]

    @property
    def first(self) -> LogLine:
        """The latest line; day and side are those of all."""
        return self.lines[0]

    @property
    def of_attendance(self) -> tuple[LogLine, ...]:
        """What was recorded of coming and going: so much of it hides the rest."""
        return tuple(line for line in self.lines if line.action.startswith("attendance."))

    @property
    def others(self) -> tuple[LogLine, ...]:
        """All the rest."""
        return tuple(line for line in self.lines if not line.action.startswith("attendance."))


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail that left for this family or guardian, or could not be delivered."""

    kind: str
    sent_at: datetime | None
    failed_at: datetime | None
    #: As in ``LogLine``.
    body: str | None


@dataclass(frozen=True, slots=True)
class Holder:
    """A provider that may see the family."""

    organisation: Organisation
    #: The body and its facilities, as families know them.
    body: str
    basis: str
    since: datetime


def log_of(session: Session, first: date, last: date, *, actor: Actor) -> list[LogLine]:
    """Return who did and saw what about the actor's family, latest first; local days, inclusive."""
    if actor.family_id is None:
        return []
    rows = session.execute(_LOG, _span(first, last)).all()
    senders = _senders(session, rows, actor=actor)
    return [
        LogLine(
            row.day,
            row.last_at,
            row.times,
            row.action,
            row.who,
            Role(row.role) if row.role else None,
            senders.get((row.organisation_id, row.facility_id)),
            # A word by the link of a mail was entered by nobody else.
            Channel(row.channel) if row.channel in BY_STAFF else None,
            row.received_at,
        )
        for row in rows
    ]


def by_day(lines: Iterable[LogLine]) -> list[LogEntry]:
    """Put the lines of one side and day together, in the order in which they first appear."""
    found: dict[tuple[date, str, str | None, bool], list[LogLine]] = {}
    for line in lines:
        found.setdefault((line.day, line.who, line.body, line.is_by_mail_link), []).append(line)
    return [LogEntry(tuple(entry)) for entry in found.values()]


def mails_to(session: Session, first: date, last: date, *, actor: Actor) -> list[SentMail]:
    """Return the mails that left for the actor's family, latest first; local days, inclusive."""
    if actor.family_id is None:
        return []
    rows = session.execute(_MAILS, _span(first, last)).all()
    senders = _senders(session, rows, actor=actor)
    return [
        SentMail(
            row.kind,
            row.sent_at,
            row.failed_at,
            senders.get((row.organisation_id, row.facility_id), row.organisation_name),
        )
        for row in rows
    ]


def _senders(
    session: Session, rows: Sequence[Row[Any]], *, actor: Actor
) -> dict[tuple[uuid.UUID | None, uuid.UUID | None], str]:
    """Return the words for each body with each facility that rows name."""
    pairs = {(row.organisation_id, row.facility_id) for row in rows}
    bodies = bodies_of(session, {body for body, _facility in pairs}, used_by=actor)
    facilities = {
        row.id: row
        for row in session.execute(
            select(Facility.id, Facility.name, Organisation.name.label("body"))
            .join(Organisation, Facility.organisation_id == Organisation.id)
            .where(Facility.id.in_({facility for _body, facility in pairs if facility}))
        )
    }
    words = {}
    for body, facility in pairs:
        known = facilities.get(facility) if facility is not None else None
        if known is not None:
            words[body, facility] = _named([known.name], known.body)
        elif body in bodies:
            words[body, facility] = bodies[body]
    return words


def _span(first: date, last: date) -> dict[str, datetime]:
    return {"first": at(first, time()), "until": at(last + timedelta(days=1), time())}


def holders(session: Session, *, actor: Actor) -> list[Holder]:
    """Return the providers that may see the actor's family now, the oldest first."""
    rows = session.execute(
        select(FamilyAccess, Organisation)
        .join(Organisation, Organisation.id == FamilyAccess.organisation_id)
        .where(
            FamilyAccess.family_id == actor.family_id,
            or_(FamilyAccess.until_at.is_(None), FamilyAccess.until_at > func.now()),
        )
        .order_by(FamilyAccess.from_at, FamilyAccess.id)
    )
    found = [(access, organisation) for access, organisation in rows]
    bodies = bodies_of(session, {organisation.id for _, organisation in found})
    return [
        Holder(organisation, bodies[organisation.id], access.basis, access.from_at)
        for access, organisation in found
    ]


def bodies_of(
    session: Session, organisation_ids: set[uuid.UUID | None], *, used_by: Actor | None = None
) -> dict[uuid.UUID, str]:
    """Return how families know bodies: a provider by its facilities, with its own name behind.

    Args:
        used_by: A guardian: of a provider where her family is known, its facilities alone.
    """
    wanted = [each for each in organisation_ids if each is not None]
    facilities: dict[uuid.UUID, list[str]] = {}
    hers: dict[uuid.UUID, list[str]] = {}
    used = set() if used_by is None else _facilities_used(session, used_by)
    for owner, facility_id, name in session.execute(
        select(Organisation.id, Facility.id, Facility.name)
        .join(Facility, Facility.organisation_id == Organisation.id)
        .where(Facility.organisation_id.in_(wanted), Facility.published_at.is_not(None))
        .order_by(Facility.name)
    ):
        facilities.setdefault(owner, []).append(name)
        if facility_id in used:
            hers.setdefault(owner, []).append(name)
    facilities |= hers
    names = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {
        body: _named(facilities[body], name) if body in facilities else name for body, name in names
    }


def _named(facilities: list[str], body: str) -> str:
    return _("%(facilities)s（%(body)s）") % {"facilities": listed(facilities), "body": body}


def _facilities_used(session: Session, actor: Actor) -> set[uuid.UUID]:
    """Return where the actor's family ever applied or booked."""
    return set(
        session.scalars(
            select(Preregistration.facility_id)
            .where(Preregistration.family_id == actor.family_id)
            .union(select(Booking.facility_id).where(Booking.family_id == actor.family_id))
        )
    )


def requests(session: Session, *, actor: Actor) -> Sequence[DataRequest]:
    """Return the requests the actor made or was made: what waits first, then the latest."""
    return session.scalars(
        _requests(actor).order_by(
            (DataRequest.state != RequestState.OPEN),
            DataRequest.due_on,
            DataRequest.received_at.desc(),
            DataRequest.id,
        )
    ).all()


def request(session: Session, request_id: uuid.UUID, *, actor: Actor) -> DataRequest:
    """Return one request.

    Raises:
        NoResultFound: none that this actor may see. Shown as a 404.
    """
    return session.scalars(_requests(actor).where(DataRequest.id == request_id)).one()


def round_of(
    session: Session, family_id: uuid.UUID, group_id: uuid.UUID, *, actor: Actor
) -> Sequence[DataRequest]:
    """Return all requests of one erasure that the actor may see."""
    return session.scalars(
        _requests(actor).where(DataRequest.group_id == group_id, DataRequest.family_id == family_id)
    ).all()


def who_asked(
    session: Session, asked: Sequence[DataRequest], *, actor: Actor
) -> dict[uuid.UUID, str]:
    """Return the first guardian's name of each family whose requests the actor may see."""
    if not actor.is_provider:
        return {}
    rows = session.execute(
        select(Guardian.family_id, Guardian.name).where(
            Guardian.family_id.in_({each.family_id for each in asked}), Guardian.is_primary
        )
    )
    return {row.family_id: row.name for row in rows}


def open_count(session: Session, *, actor: Actor) -> tuple[int, date | None]:
    """Return how many requests wait for the actor's provider, and the first day one is due."""
    row = session.execute(
        select(func.count(), func.min(DataRequest.due_on)).where(
            _mine(actor), DataRequest.state == RequestState.OPEN
        )
    ).one()
    return int(row[0]), row[1]


def still_booked(session: Session, family_id: uuid.UUID, *, actor: Actor) -> int:
    """Return how many of the family's bookings visible to the actor have no end recorded.

    What was booked as one unit counts once, as in the family's own list.
    """
    wanted = select(func.count(Booking.group_id.distinct())).where(
        Booking.family_id == family_id, Booking.state == BookingState.CONFIRMED
    )
    if actor.organisation_id is not None:
        wanted = wanted.where(Booking.organisation_id == actor.organisation_id)
    return session.scalar(wanted) or 0


def _requests(actor: Actor) -> Select[DataRequest]:
    return select(DataRequest).options(joinedload(DataRequest.organisation)).where(_mine(actor))


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.family_id is not None:
        return DataRequest.family_id == actor.family_id
    if actor.organisation_id is None or not actor.is_provider:
        return false()
    return DataRequest.organisation_id == actor.organisation_id
