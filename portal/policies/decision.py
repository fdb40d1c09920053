"""The answer to a case, as everybody who asks for one reads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.kernel.errors import Reason
from portal.policies.cap_count import CapUse
from portal.policies.fee import Fee
from portal.policies.outcome import Outcome

__all__ = ["Decision", "Outcome"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a case.

    ``reasons`` empty means yes, as far as rules go: whether a place is free is the database's
    word. ``cancel_until`` is None where cancelling is always free, ``opens_at`` where booking has
    always been open.
    """

    reasons: tuple[Reason, ...]
    fee: Fee
    cancel_until: datetime | None
    opens_at: datetime | None
    closes_at: datetime
    #: False where the facility has not said yet when booking opens; ``opens_at`` is None then.
    is_announced: bool
    #: What staff, or a referral, set aside; worth keeping with the booking.
    overruled: tuple[Reason, ...]
    #: What does not forbid: what to bring, what is looked at, who still agrees.
    notes: tuple[Reason, ...]
    #: What the wish uses of each cap that holds for it; for a household's cap once.
    caps: tuple[CapUse, ...]
    #: What it becomes where no reason stands against it.
    outcome: Outcome
    #: Of ``overruled``: what nobody could know at the interview, and the facility asks itself.
    left_to_facility: tuple[Reason, ...] = ()
