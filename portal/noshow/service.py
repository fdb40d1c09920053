"""What can be done with a case: by the clock, by the provider, by those who were told.

Each name stands in a module of its own: ``raising`` (the clock), ``checking`` and ``reporting``
(the provider), ``receiving`` (who was told).
"""

from __future__ import annotations

from portal.noshow.checking import came, close, explain, notice, raise_worry, record_result
from portal.noshow.raising import raise_due, remind_overdue, settle
from portal.noshow.receiving import acknowledge, hand_over, name_next_step
from portal.noshow.reporting import pass_on_report, report

__all__ = [
    "acknowledge",
    "came",
    "close",
    "explain",
    "hand_over",
    "name_next_step",
    "notice",
    "pass_on_report",
    "raise_due",
    "raise_worry",
    "record_result",
    "remind_overdue",
    "report",
    "settle",
]
