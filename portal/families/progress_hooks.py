"""How far a family has come with a body: told by whoever notices it, for whoever was waiting.

Visits, applications and the board tell; a referral of the family goes on (``portal.referrals``,
which none of them may know). Each listener works inside the transaction of whoever tells it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy.orm import Session

from portal.kernel.actor import Actor


class Progress(StrEnum):
    """A step of a family with a provider."""

    CONTACTED = "contacted"
    VISITED = "visited"  # came to a tour, an interview, a trial
    REGISTERED = "registered"  # accepted: may book
    USED = "used"  # a child was there


class OnProgress(Protocol):
    """What a listener does; it refuses nothing."""

    def __call__(  # noqa: D102 - see the class
        self,
        session: Session,
        family_id: uuid.UUID,
        organisation_id: uuid.UUID,
        progress: Progress,
        *,
        actor: Actor,
        now: datetime,
    ) -> None: ...


_listeners: tuple[OnProgress, ...] = ()


def listen(listeners: Sequence[OnProgress]) -> None:
    """Say who listens in this process; replaces whoever did before."""
    global _listeners  # noqa: PLW0603 - set once at the start, like the settings
    _listeners = tuple(listeners)


@contextmanager
def listening(listeners: Sequence[OnProgress]) -> Iterator[None]:
    """Let others listen for a while, for tests."""
    before = _listeners
    listen(listeners)
    try:
        yield
    finally:
        listen(before)


def tell(
    session: Session,
    family_id: uuid.UUID,
    organisation_id: uuid.UUID,
    progress: Progress,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell whoever waits for it that a family has come so far with a body."""
    for listener in _listeners:
        listener(session, family_id, organisation_id, progress, actor=actor, now=now)
