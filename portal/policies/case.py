"""A case: everything a decision is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.document import RulesDocument
from portal.policies.facts import NOT_ASKED, ChildFacts, Household
from portal.policies.history import NO_HISTORY, History
from portal.policies.reasons import BookingRefusal

__all__ = ["Case", "ChildFacts"]


@dataclass(frozen=True, slots=True)
class Case:
    """A wish, with the rules and the calendar it is judged by.

    Args:
        children: At least one, each once.
        received_at: When the wish reached the provider; staff enter it for a caller. For a family
            that books by itself it is the moment of the decision, whatever stands here.
        overruled: Codes that staff set aside; counts only ``by_staff`` and for the codes in
            ``reasons.OVERRULABLE``. The caller keeps staff's words for it.
        purpose: The reason of use; steps that open one reason only are asked for it alone.
        on_the_spot: Whether the body that referred the family books at the interview; what stands
            in ``reasons.OVERRULED_BY_REFERRAL``, or rests on a home that it may not read
            (``interview``), is set aside.
        trial_part: The part of trial care that the stay is; None for every other stay.
        reason: The code of the reason below the purpose, where the rules list reasons.
        cause: What an emergency goes back to, in the caller's own mark; stays of one cause are
            counted together.
        channel: The way the wish came in (``policies.channels``); None where nobody asked.
        options: What the family chose beside the stay (``own_lunch``, ``walk_in``, ``regular`` …).
        coupons: Codes of the tickets to spend, in this order.
        by_head: Whether the head of the facility, or the municipality, decides (G26).

    Raises:
        ValueError: no child, or one twice, or several in one trial. A caller's mistake.
    """

    document: RulesDocument
    calendar: FacilityCalendar
    children: tuple[ChildFacts, ...]
    span: Span
    received_at: datetime
    by_staff: bool = False
    overruled: frozenset[BookingRefusal] = frozenset()
    purpose: str | None = None
    trial_part: int | None = None
    on_the_spot: bool = False
    household: Household = NOT_ASKED
    history: History = NO_HISTORY
    reason: str | None = None
    cause: str | None = None
    channel: str | None = None
    options: frozenset[str] = frozenset()
    coupons: tuple[str, ...] = ()
    by_head: bool = False

    def __post_init__(self) -> None:
        ids = {child.child_id for child in self.children}
        if not ids or len(ids) != len(self.children):
            raise ValueError("a case needs at least one child, and each child once")
        if self.trial_part is not None and len(ids) > 1:
            raise ValueError("each child has a trial of its own")
