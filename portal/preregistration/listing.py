"""Staff's list of applications: whose turn it is, what is overdue, who renews, with counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import facilities_of, mine, waiting_first
from portal.preregistration.renewing import changes_of
from portal.preregistration.rules import PreregistrationState, Side
from portal.preregistration.terms import Terms, terms_by_facility

_S = PreregistrationState
_P = Preregistration


class Show(StrEnum):
    """What staff look at; one row may stand in several."""

    ALL = "all"
    FOR_US = "for_us"
    FOR_FAMILY = "for_family"
    OVERDUE = "overdue"
    RENEW = "renew"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Listing:
    """The conditions of each view, by the rules in force at the provider's facilities."""

    terms: dict[uuid.UUID, Terms]
    today: date

    def condition(self, show: Show) -> ColumnElement[bool]:
        """Return which applications a view holds."""
        return {
            Show.ALL: true(),
            Show.FOR_US: self._for_us(),
            Show.FOR_FAMILY: self._for_family(),
            Show.OVERDUE: self._overdue(),
            Show.RENEW: self._renew(),
            Show.WAITING: _P.state == _S.WAITING,
        }[show]

    def counts(self, session: Session, *, actor: Actor) -> dict[Show, int]:
        """Return how many applications each view holds."""
        if not actor.is_provider:
            return dict.fromkeys(Show, 0)
        row = session.execute(
            select(*(func.count().filter(self.condition(show)) for show in Show))
            .select_from(_P)
            .join(_P.child)
            .where(mine(actor))
        ).one()
        return dict(zip(Show, row, strict=True))

    def _for_us(self) -> ColumnElement[bool]:
        return or_(
            _P.state == _S.APPLIED,
            _P.word_waits_for == Side.FACILITY,
            and_(_P.state == _S.ACCEPTED, _P.renewal_asked_at.is_not(None)),
            and_(
                self._holds(),
                _P.facility_agreed_at.is_(None),
                _P.facility_id.in_(self._with_agreement()),
            ),
        )

    def _for_family(self) -> ColumnElement[bool]:
        return or_(
            _P.state == _S.ASKED_BACK,
            _P.word_waits_for == Side.FAMILY,
            and_(
                self._holds(),
                _P.family_agreed_at.is_(None),
                or_(_P.has_conditions, _P.facility_id.in_(self._with_agreement())),
            ),
        )

    def _overdue(self) -> ColumnElement[bool]:
        return and_(_P.state == _S.APPLIED, _P.answer_by < self.today)

    def _renew(self) -> ColumnElement[bool]:
        seasons = [
            and_(
                _P.facility_id == facility_id,
                _P.accepted_until.between(self.today, self.today + timedelta(days=days - 1)),
            )
            for facility_id, days in self._seasons()
        ]
        asked = _P.renewal_asked_at.is_not(None)
        return and_(_P.state == _S.ACCEPTED, or_(asked, *seasons))

    def _holds(self) -> ColumnElement[bool]:
        return and_(_P.state == _S.ACCEPTED, _P.accepted_until >= self.today)

    def _with_agreement(self) -> list[uuid.UUID]:
        return [each for each, terms in self.terms.items() if terms.rule.agreement]

    def _seasons(self) -> list[tuple[uuid.UUID, int]]:
        return [
            (each, terms.rule.renewal.days_before)
            for each, terms in self.terms.items()
            if terms.rule.renewal
        ]


def listing(session: Session, on: date, *, actor: Actor) -> Listing:
    """Return the views of the actor's provider on a local day."""
    ids = [facility.id for facility in facilities_of(session, actor=actor)]
    return Listing(terms_by_facility(session, ids, on), on)


def unchanged_renewals(session: Session, views: Listing, *, actor: Actor) -> list[Preregistration]:
    """Return who asked to go on and of whom nothing changed, the first to end before the rest."""
    asked = and_(views.condition(Show.RENEW), _P.renewal_asked_at.is_not(None))
    rows = waiting_first(session, actor=actor, only=asked, by_end=True)
    changed = changes_of(session, rows, actor=actor)
    return [row for row in rows if not changed[row.id].any]


def overdue(session: Session, on: date, *, actor: Actor) -> Sequence[date]:
    """Return by when the answers were promised that are overdue, the oldest first."""
    return session.scalars(
        select(_P.answer_by)
        .where(
            mine(actor) if actor.is_provider else false(),
            _P.state == _S.APPLIED,
            _P.answer_by < on,
        )
        .order_by(_P.answer_by)
    ).all()  # type: ignore[return-value]  # never NULL here


def words_waiting(session: Session, *, actor: Actor) -> int:
    """Return how many families wrote after the decision and wait for a word."""
    return _count(session, _P.word_waits_for == Side.FACILITY, actor=actor)


def renewals_waiting(session: Session, *, actor: Actor) -> int:
    """Return how many families asked to go on and wait for staff."""
    asked = and_(_P.state == _S.ACCEPTED, _P.renewal_asked_at.is_not(None))
    return _count(session, asked, actor=actor)


def _count(session: Session, condition: ColumnElement[bool], *, actor: Actor) -> int:
    if not actor.is_provider:
        return 0
    wanted = select(func.count()).select_from(_P).where(mine(actor), condition)
    return session.scalar(wanted) or 0
