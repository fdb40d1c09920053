"""What became of a booking after it was made: who cancelled what of it when, and that it moved."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.models import User
from portal.bookings.models import Booking
from portal.bookings.queries.lists import Group
from portal.bookings.rules import WAIVED_LABELS, BookingState
from portal.bookings.words import and_all, names_of, page_facts
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel.clock import local_date
from portal.notices.queries import notice_that_cancelled
from portal.policies.cancel import WaivedReason
from portal.web.access import current_actor

_GIVEN_BACK = frozenset({BookingState.CANCELLED, BookingState.EXCUSED_ABSENCE})
_REASONS: Mapping[str, str] = {reason.value: words for reason, words in WAIVED_LABELS.items()}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Children of a booking who left it at one moment; ``because`` where a reason was given."""

    who: str
    state: BookingState
    at: datetime
    by: str | None
    because: str | None
    fee_yen: int
    notice_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Trace:
    """All that left, in order; whether the booking was moved, and when last where that is known."""

    leavings: tuple[Leaving, ...]
    has_moved: bool
    moved_at: datetime | None


def trace_of(found: Group) -> Trace:
    """Return what its own rows still say of a booking's past."""
    first = found.first
    moves = first.sequence - (first.state in _GIVEN_BACK)
    # Arrival and departure are later changes of the same row.
    is_untouched = (
        first.state is BookingState.CONFIRMED and local_date(first.changed_at) < first.day
    )
    return Trace(_leavings(found), moves > 0, first.changed_at if moves and is_untouched else None)


def _leavings(found: Group) -> tuple[Leaving, ...]:
    names = names_of(found)
    together: dict[tuple[datetime, str | None, BookingState], list[Booking]] = {}
    for each in found.bookings:
        if each.cancelled_at is not None and each.state in _GIVEN_BACK:
            key = (each.cancelled_at, each.cancel_reason, each.state)
            together.setdefault(key, []).append(each)
    return tuple(
        Leaving(
            who=and_all([names[each.child_id] for each in some]),
            state=state,
            at=at,
            by=_by(some[0]),
            because=_(_REASONS[because]) if because and because in _REASONS else None,
            fee_yen=sum(each.cancel_fee_yen or 0 for each in some),
            notice_id=_notice(found) if because == WaivedReason.CLOSED_BY_FACILITY else None,
        )
        for (at, because, state), some in sorted(together.items(), key=lambda pair: pair[0][0])
    )


def _by(booking: Booking) -> str | None:
    """Return who cancelled: a colleague by name; whose account staff do not see is a guardian."""
    if booking.cancelled_by is None:
        return None
    colleague = current_session().get(User, booking.cancelled_by)
    if colleague is None:
        return _("保護者が、画面から")
    return _("職員　%(name)s") % {"name": colleague.name}


def _notice(found: Group) -> uuid.UUID | None:
    return notice_that_cancelled(current_session(), found.id, actor=current_actor())


def nothing_live(found: Group) -> ResponseReturnValue:
    """Answer a page that changes or cancels where nothing of the booking is to come any more.

    What was sent from an old page is answered with 409 and words, an address with the booking.
    """
    title = _("この予約は、もう利用の記録があります")
    if found.first.state is BookingState.CANCELLED:
        title = _("この予約は、もう取り消してあります")
    if request.method == "POST":
        page = render_template("office/bookings/gone.html", title=title, **page_facts(found))
        return page, 409
    flash(title, "warn")
    return redirect(url_for(".show", group_id=found.id), 303)
