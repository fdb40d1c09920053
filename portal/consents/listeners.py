"""What higher packages do when a consent ends: in the same transaction, so that nothing lags.

A referral that rests on it is recalled, a plan of contacts ends. Each is called after the row has
ended and, where new words took its place, after the new row stands.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.consents.models import Consent
from portal.kernel.actor import Actor

OnWithdrawn = Callable[[Session, Consent, Actor, datetime], None]

#: Filled when the application starts; see ``portal.app``.
ON_WITHDRAWN: Final[list[OnWithdrawn]] = []


def tell(session: Session, ended: Consent, *, actor: Actor, now: datetime) -> None:
    """Let everybody follow who rests something on ``ended``."""
    for follow in ON_WITHDRAWN:
        follow(session, ended, actor, now)
