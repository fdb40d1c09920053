"""A stay as prices look at it: what was asked for, what was used before, which conditions hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.kernel.spans import Span
from portal.policies.blocks import Block
from portal.policies.facts import NOT_ASKED, ChildFacts, Household
from portal.policies.history import NO_HISTORY, History, PastUse, UseState
from portal.policies.variants import VariantWhen

#: Whether conditions hold for one child of the wish.
Holds = Callable[[VariantWhen, ChildFacts], bool]

#: What became of a stay for which the family pays as for a stay.
_PAID = (UseState.BOOKED, UseState.ATTENDED)


def holds_never(_when: VariantWhen, _child: ChildFacts) -> bool:
    """Where nobody knows more than the day and the children: no condition holds."""
    return False


@dataclass(frozen=True, slots=True)
class PricedStay:
    """What the price of a stay is made from, beside the children.

    Args:
        blocks: The blocks of the rule of units, for tariffs that go by them.
        above_cap: Minutes of this stay above a cap that costs more, by child.
        coupons: Codes of the tickets to spend, each standing once for each ticket.
        options: What the family chose; ``nappies:3`` is three of them.
    """

    span: Span
    holds: Holds = holds_never
    household: Household = NOT_ASKED
    history: History = NO_HISTORY
    options: frozenset[str] = frozenset()
    coupons: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    above_cap: Mapping[uuid.UUID, int] = field(default_factory=dict)

    def applies(self, when: VariantWhen | None, child: ChildFacts) -> bool:
        """Say whether conditions hold; none always do."""
        return when is None or self.holds(when, child)

    def chosen(self, option: str) -> int:
        """Return how many of an option the family chose."""
        counts = [0]
        for written in self.options:
            code, _colon, count = written.partition(":")
            if code == option:
                counts.append(int(count) if count.isdecimal() else 1)
        return max(counts)

    def uses(self, child: ChildFacts) -> list[PastUse]:
        """Return the child's other stays here that are paid for, in the order of their days."""
        mine = [
            use for use in self.history.of(child.child_id) if use.is_here and use.state in _PAID
        ]
        return sorted(mine, key=lambda use: use.day)
