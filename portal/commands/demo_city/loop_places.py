"""Places kept for referred families, and those booked in the interview."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.bookings.choices import Choices
from portal.bookings.queries.quotes import Quote
from portal.commands.demo_city.loop_families import Met
from portal.commands.demo_city.loop_scene import Receiver, Scene
from portal.commands.demo_city.rows import ident
from portal.kernel.clock import today
from portal.kernel.spans import Span, cell_time, span_on
from portal.referrals import on_the_spot, queries
from portal.referrals.models import Referral
from portal.referrals.offers import Wished, offers
from portal.slots.keeping import save_kept

#: Who keeps a place for referred families, on which weekdays, until how many days before.
_KEPT: Final = (("every_day", range(7), 3), ("by_the_hour", range(5), 5), ("long_hours", (1, 3), 7))
#: Three hours from about nine: the usual first stay.
_STARTS: Final = (18, 19, 20, 21, 22, 24, 26)
_CELLS: Final = 6


def keep(scene: Scene) -> None:
    """Let some facilities keep places for referred families, as their directors do."""
    for key, weekdays, until in _KEPT:
        director, when = scene.director(key), scene.now - timedelta(days=30)
        with scene.moment(director, when) as session:
            save_kept(
                session,
                scene.city.site(key).facility_id,
                dict.fromkeys(weekdays, 1),
                until,
                actor=director,
                now=scene.now,
            )


def book_in_interview(
    scene: Scene, met: Met, referral_id: uuid.UUID, when: datetime, *, in_days: int
) -> uuid.UUID | None:
    """Book the first time offered from some days on, a kept place first; return the unit."""
    with scene.moment(met.worker, when) as session:
        row = queries.referral(session, referral_id, actor=met.worker)
        wished = Wished(today(when) + timedelta(days=in_days), _STARTS[0], _CELLS)
        found = offers(session, row, actor=met.worker, now=when, wished=wished).rows
        if not found:
            return None
        wish = found[0].quote.file.wish
        return _book(session, met, referral_id, wish.programme_id, wish.span, when)


def book_on(
    scene: Scene, met: Met, referral_id: uuid.UUID, when: datetime, to: Receiver, on: date
) -> uuid.UUID | None:
    """Book for one day, if there is a place; return the unit."""
    with scene.moment(met.worker, when) as session:
        row = queries.referral(session, referral_id, actor=met.worker)
        programme_id = ident("programme", to.facility_id)
        for start in _STARTS:
            span = span_on(on, cell_time(start), cell_time(start + _CELLS))
            if _is_free(session, met, row, programme_id, span, when):
                return _book(session, met, referral_id, programme_id, span, when)
    return None


def _is_free(
    session: Session, met: Met, row: Referral, programme_id: uuid.UUID, span: Span, when: datetime
) -> bool:
    answer = on_the_spot.quoted(
        session, row, programme_id, span, Choices(), actor=met.worker, now=when
    )
    return isinstance(answer, Quote) and not answer.reasons


def _book(
    session: Session,
    met: Met,
    referral_id: uuid.UUID,
    programme_id: uuid.UUID,
    span: Span,
    when: datetime,
) -> uuid.UUID:
    return on_the_spot.book(
        session,
        referral_id,
        programme_id,
        span,
        choices=Choices(),
        agreed_fee_yen=None,
        actor=met.worker,
        now=when,
    ).group_id
