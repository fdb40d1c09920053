"""What an arrival, or a word from a family, reaches in higher packages.

Attendance declares what happens; whoever follows stays (cases of children that did not come,
referrals) listens. ``app`` says who does, and each works inside the transaction of whoever tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.kernel.actor import Actor


def _nothing(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    del session, booking, actor, now


@dataclass(frozen=True, slots=True)
class Listener:
    """What one package does of a stay: each is given session, booking, ``actor`` and ``now``."""

    name: str
    arrived: Callable[..., None] = _nothing
    #: The arrival was tapped by mistake.
    arrival_undone: Callable[..., None] = _nothing
    #: The family told that the child stays away, or staff wrote so down.
    excused: Callable[..., None] = _nothing


_listeners: tuple[Listener, ...] = ()


def listen(listeners: Sequence[Listener]) -> None:
    """Say who listens in this process; replaces whoever did before."""
    global _listeners  # noqa: PLW0603 - set once at the start, like the settings
    _listeners = tuple(listeners)


@contextmanager
def listening(listeners: Sequence[Listener]) -> Iterator[None]:
    """Let others listen for a while, for tests."""
    before = _listeners
    listen(listeners)
    try:
        yield
    finally:
        listen(before)


def listeners() -> tuple[Listener, ...]:
    """Return who listens; nobody does in a process that only reads."""
    return _listeners
