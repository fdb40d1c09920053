"""What lies on the desk of a body that was told: what waits, what it watches, what was taken back.

Reading what stands in a report leaves its trace; the caller commits before the page leaves.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.queries import Waiting, is_overdue
from portal.noshow.receivers import bases
from portal.noshow.rules import CaseKind, CaseState
from portal.noshow.telling import Line
from portal.organisations.models import Organisation
from portal.organisations.queries import neighbours
from portal.referrals.models import Referral
from portal.referrals.queries import first_guardians

#: How long what is closed stays in the list.
CLOSED_SHOWN = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Card:
    """A case as its receiver sees it; ``said`` is what it was told, empty if it may not be read."""

    case: CareCase
    reports: tuple[CaseReport, ...]
    said: Mapping[Line, str]
    reporter: Organisation
    facility: Facility | None
    now: datetime
    #: What it was told rested on a consent or ground that holds no more: nothing may be read.
    is_withdrawn: bool
    #: The body's own referral that it is about.
    referral_id: uuid.UUID | None
    #: Of a family that this body met itself: what its own record calls her.
    own_name: str | None

    @property
    def who(self) -> str:
        """Whom it is about: as it was told, else as this body knows her; empty: neither."""
        if self.is_sealed or self.is_withdrawn:
            return ""
        own = _("%(name)sさん") % {"name": self.own_name} if self.own_name else ""
        return self.said.get(Line.WHO) or own

    @property
    def latest(self) -> CaseReport:
        """The last report."""
        return self.reports[-1]

    @property
    def is_acknowledged(self) -> bool:
        """Whether the body has said that it read every report."""
        return all(each.acknowledged_at is not None for each in self.reports)

    @property
    def step(self) -> CaseReport | None:
        """The report that holds what comes next, if the body has said it."""
        return next((each for each in reversed(self.reports) if each.next_step), None)

    @property
    def is_gone_on_with(self) -> bool:
        """Whether another body has said what comes next, and this one has not."""
        return self.step is None and self.case.state is CaseState.TAKEN_OVER

    @property
    def is_passed_on(self) -> bool:
        """Whether the body has given it to another."""
        return self.step is None and all(each.done_at is not None for each in self.reports)

    @property
    def is_overdue(self) -> bool:
        """Whether an answer or a step is past its limit."""
        return is_overdue(Waiting(self.case, self.reports), self.now)

    @property
    def waits_hours(self) -> int:
        """For how many full hours the last report has waited."""
        return max(0, int((self.now - self.latest.sent_at) / timedelta(hours=1)))

    @property
    def is_sealed(self) -> bool:
        """Whether it opens only once it is taken: a worry that nobody has acknowledged yet."""
        return self.case.kind is CaseKind.WORRY and not self.is_acknowledged

    @property
    def may_step(self) -> bool:
        """Whether the nursery has come so far that the next step can be named."""
        return self.case.state in {CaseState.CHECKED, CaseState.REPORTED, CaseState.TAKEN_OVER}

    @property
    def may_close(self) -> bool:
        """Whether this body can end it."""
        return (
            self.case.state is CaseState.TAKEN_OVER
            and self.is_acknowledged
            and self.step is not None
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """The cards by what they wait for; urgent first, then those that wait longest."""

    new: tuple[Card, ...]
    waiting_for_step: tuple[Card, ...]
    watched: tuple[Card, ...]
    withdrawn: tuple[Card, ...]


def desk(session: Session, *, actor: Actor, now: datetime) -> Desk:
    """Return what the actor's body was told of and nobody has closed."""
    found = queries.inbox(session, actor, now)
    waiting = {
        each.case.id: each for each in (*found.new, *found.waiting_for_step, *found.under_way)
    }
    cards = _cards(session, list(waiting.values()), actor=actor, now=now)
    standing = [card for card in cards if not card.is_withdrawn]
    return Desk(
        new=tuple(card for card in standing if not card.is_acknowledged),
        waiting_for_step=tuple(
            card
            for card in standing
            if card.is_acknowledged and card.step is None and not card.is_passed_on
        ),
        watched=tuple(
            card
            for card in standing
            if card.is_acknowledged and (card.step is not None or card.is_passed_on)
        ),
        withdrawn=tuple(card for card in cards if card.is_withdrawn),
    )


def card(session: Session, case_id: uuid.UUID, *, actor: Actor, now: datetime) -> Card:
    """Return one case that the actor's body was told of.

    Raises:
        NoResultFound: it was not told of it.
    """
    of = queries.case(session, case_id, actor=actor)
    mine = received(session, of, actor=actor)
    if not mine:
        raise NoResultFound
    return _cards(session, [Waiting(of, tuple(mine))], actor=actor, now=now)[0]


def own_words(session: Session, of: Card, *, actor: Actor) -> str | None:
    """Return what the actor's body noted with its step; leaves the trace that it was read."""
    row = of.step or of.latest
    if of.is_withdrawn or row.next_words_sealed is None:
        return None
    record_read(session, actor, "case_words", row.id, family_id=of.case.family_id)
    return row.next_words


def received(session: Session, of: CareCase, *, actor: Actor) -> list[CaseReport]:
    """Return the reports that came to the actor's body, the oldest first."""
    return [
        each
        for each in queries.reports(session, of.id, actor=actor)
        if each.receiver_id == actor.organisation_id
    ]


def closed(session: Session, *, actor: Actor, now: datetime) -> Sequence[CareCase]:
    """Return what the actor's body was told of and was closed lately, the latest first."""
    return session.scalars(
        select(CareCase)
        .where(
            CareCase.id.in_(
                select(CaseReport.case_id).where(CaseReport.receiver_id == actor.organisation_id)
            ),
            CareCase.closed_at >= now - CLOSED_SHOWN,
        )
        .order_by(CareCase.closed_at.desc(), CareCase.number)
    ).all()


@dataclass(frozen=True, slots=True)
class Others:
    """Whom a case can be given to: bodies of the same municipality, and those that may not know."""

    able: tuple[Organisation, ...]
    unable: tuple[Organisation, ...]


def others(session: Session, of: CareCase, *, actor: Actor) -> Others:
    """Return to which bodies of the same municipality the actor may pass a case on, and which not.

    A consent or a released legal ground has to hold at this moment.
    """
    able: list[Organisation] = []
    unable: list[Organisation] = []
    found = bases(session, of, actor=actor)
    for body in neighbours(session, actor):
        (able if body.id in found else unable).append(body)
    return Others(tuple(able), tuple(unable))


def _cards(
    session: Session, waiting: Sequence[Waiting], *, actor: Actor, now: datetime
) -> list[Card]:
    """Return the cards; what is read for all is asked once, so that hundreds are one page."""
    sealed = queries.sealed_words(session, [one for each in waiting for one in each.reports])
    bodies = queries.bodies(session, [each.case.organisation_id for each in waiting])
    wanted = {each.case.facility_id for each in waiting}
    found = session.scalars(select(Facility).where(Facility.id.in_(wanted)))
    facilities = {row.id: row for row in found}
    own = _own_referrals(session, waiting, actor)
    known = {each.case.family_id for each in waiting} | {row.family_id for row in own.values()}
    people = first_guardians(session, known, actor=actor)
    cards = []
    for each in waiting:
        is_readable = any(one.id in sealed for one in each.reports)
        is_open = each.case.kind is not CaseKind.WORRY or each.is_acknowledged
        sent = own.get(each.case.referral_id) if each.case.referral_id else None
        person = people.get(each.case.family_id) or (people.get(sent.family_id) if sent else None)
        said: dict[Line, str] = {}
        if is_open:
            read = queries.read_words(session, each.reports, actor=actor, sealed=sealed)
            for lines in read.values():
                said.update(lines)
        cards.append(
            Card(
                case=each.case,
                reports=each.reports,
                said=said,
                reporter=bodies[each.case.organisation_id],
                facility=facilities.get(each.case.facility_id),
                now=now,
                is_withdrawn=not is_readable,
                referral_id=sent.id if sent and is_readable and is_open else None,
                own_name=person.name if person else None,
            )
        )
    return cards


def _own_referrals(
    session: Session, waiting: Sequence[Waiting], actor: Actor
) -> dict[uuid.UUID, Referral]:
    wanted = {each.case.referral_id for each in waiting} - {None}
    rows = session.scalars(
        select(Referral).where(Referral.id.in_(wanted), Referral.sender_id == actor.organisation_id)
    )
    return {row.id: row for row in rows}
