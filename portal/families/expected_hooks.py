"""What the birth of an expected child, or the end of expecting it, reaches in higher packages.

Families declares what happens; whoever keeps something about a child listens. ``app`` says who
does, and each works inside the transaction of whoever tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason


def _nothing_ended(session: Session, child: Child, *, actor: Actor, now: datetime) -> None:
    del session, child, actor, now


def _nothing_resumed(
    session: Session, child: Child, was: Any, *, actor: Actor, now: datetime
) -> int:
    del session, child, was, actor, now
    return 0


def _nothing_copied(
    session: Session, first: Child, other: Child, *, actor: Actor, now: datetime
) -> None:
    del session, first, other, actor, now


def _nothing_against(session: Session, child: Child, *, actor: Actor) -> Iterable[Reason]:
    del session, child, actor
    return ()


@dataclass(frozen=True, slots=True)
class Listener:
    """What one package does. None of it may send anything, or ask anybody anything."""

    name: str
    #: Stops what runs for a closed child, at every provider, and returns what it was as JSON.
    ended: Callable[..., Any] = _nothing_ended
    #: Brings back what ``ended`` returned; returns how much of it could not come back.
    resumed: Callable[..., int] = _nothing_resumed
    #: Lets another child of the same birth begin with a copy of what the first one has.
    copied: Callable[..., None] = _nothing_copied
    #: Says why the birth of a child cannot be taken back any more.
    against_undoing: Callable[..., Iterable[Reason]] = _nothing_against


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
    """Return who listens.

    Raises:
        RuntimeError: nobody does. Then nothing may end: mails would go on to a family that said
            the pregnancy is over.
    """
    if not _listeners:
        raise RuntimeError("nobody listens: portal.app.listen_to_families was not called")
    return _listeners
