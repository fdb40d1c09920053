"""Kind G10, promotion: who on a waitlist gets the places that are free now.

Whoever's turn comes is asked the rules of this moment again: since the family began to wait, the
window may have closed, a cap been reached, a birthday passed or a registration ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.kernel.errors import Reason
from portal.policies.waitlist import Fills, Order, WaitlistRule


@dataclass(frozen=True, slots=True)
class Waiting:
    """A family that waits: children of one wish, since when, and what its turn goes by.

    ``rank``: the class of priority, 0 first. ``drawn``: the place in the draw; None where there was
    none, or the family came later: behind all who were drawn.
    """

    entry_id: uuid.UUID
    children: tuple[uuid.UUID, ...]
    received_at: datetime
    rank: int = 0
    drawn: int | None = None


class Turn(NamedTuple):
    """What becomes of one that waits.

    ``children``: those who get a place; empty where none does. ``reasons``: why not, by the rules;
    without them there were not enough places for it.
    """

    waiting: Waiting
    children: tuple[uuid.UUID, ...]
    reasons: tuple[Reason, ...] = ()


#: Asks the rules of this moment, as any new wish of these children would be asked.
Judge = Callable[[Waiting, Sequence[uuid.UUID]], Collection[Reason]]


def in_order(rule: WaitlistRule, waiting: Iterable[Waiting]) -> list[Waiting]:
    """Return those who wait in the order of their turns; equal ones by their time of receipt."""

    def place(one: Waiting) -> tuple[int, int, datetime, uuid.UUID]:
        rank = one.rank if rule.order is Order.PRIORITY else 0
        is_drawn = rule.order is Order.LOTTERY and one.drawn is not None
        drawn = one.drawn if is_drawn and one.drawn is not None else 0
        late = 0 if is_drawn or rule.order is not Order.LOTTERY else 1
        return rank + late, drawn, one.received_at, one.entry_id

    return sorted(waiting, key=place)


def turns(rule: WaitlistRule, waiting: Iterable[Waiting], free: int, *, judge: Judge) -> list[Turn]:
    """Return whose turn it is with so many places free, in order, and whom rules passed over.

    Brothers and sisters go as one where the rule says so: a family of two that meets one place
    keeps its turn, and the place goes on to whom it fits. Whom the rules refuse now is passed over
    and told why; it is the caller's to leave the entry or end it. Where all are told at once
    (``notify_all``), everybody whom the rules allow has a turn.
    """
    found: list[Turn] = []
    for one in in_order(rule, waiting):
        if free <= 0 and rule.fills is not Fills.NOTIFY_ALL:
            break
        turn = _turn(rule, one, free, judge)
        found.append(turn)
        if rule.fills is not Fills.NOTIFY_ALL:
            free -= len(turn.children)
    return found


def answer_until(
    rule: WaitlistRule, *, offered_at: datetime, fills_before: datetime
) -> datetime | None:
    """Return until when an offered place is kept; None where nothing has to be answered.

    Never longer than places are given at all (``WaitlistRule.fills_before``).
    """
    if rule.fills is not Fills.OFFER:
        return None
    if rule.answer_minutes is None:
        return fills_before
    return min(offered_at + timedelta(minutes=rule.answer_minutes), fills_before)


def _turn(rule: WaitlistRule, one: Waiting, free: int, judge: Judge) -> Turn:
    reasons = tuple(judge(one, one.children))
    if not reasons:
        if len(one.children) <= free:
            return Turn(one, one.children)
        if rule.siblings_as_one:
            return Turn(one, ())
    elif rule.siblings_as_one:
        return Turn(one, (), reasons)
    against = {reason.child_id for reason in reasons}
    if None in against:
        return Turn(one, (), reasons)
    allowed = tuple(child for child in one.children if child not in against)[: max(free, 0)]
    # Those who are left are asked anew: what holds for three may not hold for two.
    if allowed and not tuple(judge(one, allowed)):
        return Turn(one, allowed, reasons)
    return Turn(one, (), reasons)
