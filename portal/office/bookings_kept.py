"""A place that was kept, for a family that goes first; offered to those who may know why."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from wtforms import BooleanField

from portal.bookings.forms import CallerBookingForm
from portal.bookings.rules import Wish
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.priorities import queries
from portal.priorities.models import Priority
from portal.web.access import Permission, current_actor, may


class KeptBookingForm(CallerBookingForm):
    """A caller's booking, with the word to take a kept place where the family goes first."""

    with_kept = BooleanField(_("優先するご家庭のために残してある枠も使う"), default=True)


def priority_of(family_id: uuid.UUID, *, day: date | None) -> Priority | None:
    """Return the family's priority on a day, today where none is said, as far as one may know."""
    if not may(Permission.KNOW_SUPPORT):
        return None
    on = day or clock.today(clock.now())
    return queries.in_force(current_session(), family_id, on, actor=current_actor())


def wish_of(form: KeptBookingForm, family_id: uuid.UUID) -> Wish:
    """Return what was filled in; only after a successful validation."""
    wish = form.wish(family_id)
    first = priority_of(family_id, day=wish.span.day) if form.with_kept.data else None
    return replace(wish, priority_id=first.id) if first else wish
