"""A desk closed on a holiday is told so: else a Monday reads as one of its own hours."""

from __future__ import annotations

from datetime import date

import pytest

from portal.documents.wording.sentences import help_for
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal


@pytest.mark.proves("G9")
def test_closed_days_are_told_beside_the_hours() -> None:
    reason = Reason(BookingRefusal.DESK_CLOSED, {"hours": ("月・火 10:00〜16:00",)})
    found = help_for(reason, child=None, today=date(2026, 11, 23))
    assert found is not None
    assert "園が休みの日は、受け付けない" in found.text
