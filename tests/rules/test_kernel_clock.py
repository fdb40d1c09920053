from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clock import at, local_date, now, today


def test_now_knows_its_zone() -> None:
    assert now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 19, 14, 59, 59, tzinfo=UTC), date(2026, 11, 19)),
        (datetime(2026, 11, 19, 15, 0, tzinfo=UTC), date(2026, 11, 20)),
    ],
)
def test_a_day_in_japan_begins_at_15_o_clock_utc(moment: datetime, day: date) -> None:
    assert local_date(moment) == today(moment) == day


def test_a_moment_without_zone_has_no_day() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_date(datetime(2026, 11, 20, 9))  # noqa: DTZ001 - that is the mistake


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.times())
def test_a_clock_time_on_a_day_lies_on_that_day(day: date, clock_time: time) -> None:
    assert local_date(at(day, clock_time).astimezone(UTC)) == day
