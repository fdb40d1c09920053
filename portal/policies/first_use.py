"""Part of G20: with which type of use a child begins."""

from __future__ import annotations

from collections.abc import Iterator

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.facts import ChildFacts
from portal.policies.history import History, UseState
from portal.policies.purposes import PurposesRule
from portal.policies.reasons import BookingRefusal
from portal.policies.steps import StepsRule

#: A booked stay counts, since the next one is mostly booked before it is over.
_TAKEN = (UseState.BOOKED, UseState.ATTENDED)


def has_used(history: History, child: ChildFacts, span: Span) -> bool:
    """Say whether a child was here, or will have been, before a stay; trial care is no use."""
    return any(
        use.is_here
        and not use.is_trial
        and use.state in _TAKEN
        and (use.day < span.day if use.starts_at is None else use.starts_at < span.starts_at)
        for use in history.of(child.child_id)
    )


def first_use_reasons(
    rule: StepsRule | None,
    history: History,
    child: ChildFacts,
    span: Span,
    *,
    purpose: str | None,
    purposes: PurposesRule | None = None,
) -> Iterator[Reason]:
    """Yield that a child begins with another type of use. Not asked of trial care.

    Whoever has been here, for whatever reason, does not begin any more.
    """
    if rule is None or not rule.first_use_purposes or purpose in rule.first_use_purposes:
        return
    if not has_used(history, child, span):
        names = "・".join(
            (purposes or PurposesRule()).name_of(code) for code in rule.first_use_purposes
        )
        yield Reason(BookingRefusal.FIRST_USE_OTHER_PURPOSE, {"purpose": names}, child.child_id)
