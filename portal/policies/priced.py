"""A stay as prices look at it: what was asked for, what was used before, which conditions hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from portal.kernel.spans import Span
from portal.policies.blocks import Block
from portal.policies.facts import NOT_ASKED, ChildFacts, Household
from portal.policies.history import NO_HISTORY, History, PastUse, UseState
from portal.policies.rule import moment_on
from portal.policies.variants import VariantWhen

#: Whether conditions hold for one child of the wish.
Holds = Callable[[VariantWhen, ChildFacts], bool]

#: Whether conditions held for another stay of the child, which took place in this time.
Held = Callable[[VariantWhen, ChildFacts, PastUse, Span], bool]

#: What became of a stay for which the family pays as for a stay.
_PAID = (UseState.BOOKED, UseState.ATTENDED)


def holds_never(_when: VariantWhen, _child: ChildFacts) -> bool:
    """Where nobody knows more than the day and the children: no condition holds."""
    return False


def held_always(_when: VariantWhen, _child: ChildFacts, _use: PastUse, _span: Span) -> bool:
    """Where nobody knows more of a stay before: whatever is paid once has been paid with it."""
    return True


@dataclass(frozen=True, slots=True)
class PricedStay:
    """What the price of a stay is made from, beside the children.

    Args:
        blocks: The blocks of the rule of units, for tariffs that go by them.
        above_cap: Minutes of this stay above a cap that costs more, by child.
        coupons: Codes of the tickets to spend, in their order, each once for each ticket.
        options: What the family chose; ``nappies:3`` is three of them.
        trials_pay: Whether trial care pays what any stay does, meals and the like included.
    """

    span: Span
    holds: Holds = holds_never
    household: Household = NOT_ASKED
    history: History = NO_HISTORY
    options: frozenset[str] = frozenset()
    coupons: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    above_cap: Mapping[uuid.UUID, int] = field(default_factory=dict)
    held: Held = held_always
    trials_pay: bool = True

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

    def turn_of(self, code: str) -> int:
        """Return when tickets of a kind are spent: in the order in which they are given."""
        return self.coupons.index(code) if code in self.coupons else len(self.coupons)

    def then(self, use: PastUse) -> PricedStay | None:
        """Return another stay of the child as prices looked at it; None if it paid for none.

        Where only its day and length are known it begins as this one does, or when it must.
        """
        if use.is_trial and not self.trials_pay:
            return None
        length, midnight = timedelta(minutes=max(1, use.minutes)), moment_on(use.day, "24:00")
        usual = self.span.starts_at + (use.day - self.span.day)
        starts_at = use.starts_at or min(usual, midnight - length)
        span = Span(starts_at, min(starts_at + length, midnight))

        def holds(when: VariantWhen, child: ChildFacts) -> bool:
            return self.held(when, child, use, span)

        return replace(self, span=span, holds=holds, options=use.options or frozenset())

    def uses(self, child: ChildFacts) -> list[PastUse]:
        """Return the child's other stays here that are paid for, in the order of their days."""
        mine = [
            use for use in self.history.of(child.child_id) if use.is_here and use.state in _PAID
        ]
        return sorted(mine, key=lambda use: use.day)
