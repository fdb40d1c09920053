"""How old what is known of a child's body may be before it is asked for again."""

from __future__ import annotations

from pydantic import Field

from portal.policies.rule import Rule


class RecordRule(Rule):
    """When a child's record (児童票) is confirmed again.

    Asked for softly, before a booking and on the morning; ``is_required``: without it no booking.
    """

    confirm_within_days: int = Field(default=90, ge=1, le=366)
    each_fiscal_year: bool = True
    is_required: bool = False
