"""How old what is known of a child's body may be before it is asked for again."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from portal.policies.rule import Rule


class RecordRule(Rule):
    """When a child's record (児童票) is confirmed again.

    Asked for softly, before a booking and on the morning; ``is_required``: without it no booking.
    ``confirm_within_days`` is ``None`` where no record grows too old within a year.
    """

    confirm_within_days: int | None = Field(default=90, ge=1, le=366)
    each_fiscal_year: bool = True
    is_required: bool = False


def strictest(rules: Iterable[RecordRule]) -> RecordRule:
    """Return the rule that satisfies every one of ``rules``; the usual one where there is none."""
    several = tuple(rules)
    if not several:
        return RecordRule()
    limits = [each.confirm_within_days for each in several if each.confirm_within_days is not None]
    return RecordRule(
        confirm_within_days=min(limits, default=None),
        each_fiscal_year=any(each.each_fiscal_year for each in several),
        is_required=any(each.is_required for each in several),
    )
