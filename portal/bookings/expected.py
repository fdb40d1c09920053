"""A birth that was told by mistake cannot be taken back once the child has been booked."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.families.expected_hooks import Listener
from portal.families.expected_rules import ExpectedRefusal
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason

_IS_BOOKED = text("SELECT is_child_booked(:child)")


def _against_undoing(session: Session, child: Child, *, actor: Actor) -> Iterable[Reason]:
    """Ask at every provider, also where this actor sees no bookings."""
    del actor
    if session.execute(_IS_BOOKED, {"child": child.id}).scalar_one():
        yield Reason(ExpectedRefusal.STAYS_BOOKED)


LISTENER = Listener("bookings", against_undoing=_against_undoing)
