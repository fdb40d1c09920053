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

    confirm_within_days: int | None = Field(
        default=90,
        ge=1,
        le=366,
        description="前に確かめてからこの日数を過ぎたら、児童票をもう一度たずねる（日）",
        examples=[30],
    )
    each_fiscal_year: bool = Field(
        default=True, description="新しい年度（4月1日）に、もう一度たずねるか", examples=[False]
    )
    is_required: bool = Field(
        default=False, description="true：確認がすむまで予約できない", examples=[True]
    )


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
