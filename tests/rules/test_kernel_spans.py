from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.clock import JST, at
from portal.kernel.spans import CELLS, Span, cell_label, cell_time, span_on

DAY = date(2026, 11, 20)


def hours(start: int, end: int) -> Span:
    return span_on(DAY, time(start), time(end))


minutes = st.integers(0, 24 * 60)
spans = (
    st.tuples(minutes, minutes)
    .filter(lambda ends: ends[0] != ends[1])
    .map(lambda ends: Span(*(at(DAY, time(0)) + timedelta(minutes=m) for m in sorted(ends))))
)


@pytest.mark.proves("B01")
@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (0, 1, False),
        (1, 2, False),
        (1, 3, True),
        (1, 5, True),
        (2, 4, True),
        (3, 5, True),
        (4, 5, False),
        (5, 6, False),
    ],
)
def test_overlap_is_half_open(start: int, end: int, *, overlaps: bool) -> None:
    assert hours(2, 4).overlaps(hours(start, end)) is overlaps
    assert hours(start, end).overlaps(hours(2, 4)) is overlaps


@given(spans, spans)
def test_spans_that_overlap_share_a_cell(one: Span, other: Span) -> None:
    if one.overlaps(other):
        assert max(one.first_cell, other.first_cell) < min(one.end_cell, other.end_cell)


@given(spans)
def test_cells_cover_the_span_and_no_cell_is_for_nothing(span: Span) -> None:
    midnight = at(span.day, time(0))
    begins, ends = (midnight + timedelta(minutes=30 * c) for c in (span.first_cell, span.end_cell))
    assert 0 <= span.first_cell < span.end_cell <= CELLS
    assert begins <= span.starts_at < begins + timedelta(minutes=30)
    assert ends - timedelta(minutes=30) < span.ends_at <= ends
    assert span.minutes == (span.ends_at - span.starts_at) / timedelta(minutes=1)


def test_times_off_the_grid_round_outward() -> None:
    span = span_on(DAY, time(9, 29), time(10, 0, 1))
    assert (span.first_cell, span.end_cell, span.minutes) == (18, 21, 32)


@pytest.mark.proves("B22")
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (at(DAY, time(8)), at(DAY, time(7))),
        (at(DAY, time(8)), at(DAY, time(8))),
        (at(DAY, time(23)), at(DAY, time(0)) + timedelta(days=1, seconds=1)),
        (datetime(2026, 11, 20, 8), datetime(2026, 11, 20, 9)),  # noqa: DTZ001 - the mistake
        (at(DAY, time(8)), datetime(2026, 11, 20, 9)),  # noqa: DTZ001 - same
    ],
)
def test_what_is_no_span(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(start, end)


def test_midnight_ends_a_day() -> None:
    span = span_on(DAY, time(22), time(0))
    assert (span.end_cell, span.minutes, span.day) == (CELLS, 120, DAY)


def test_the_day_is_the_one_in_japan() -> None:
    span = Span(datetime(2026, 11, 19, 23, tzinfo=UTC), datetime(2026, 11, 20, 1, tzinfo=UTC))
    assert span.day == DAY
    assert (span.first_cell, span.end_cell) == (16, 20)
    assert span == Span(at(DAY, time(8)), at(DAY, time(10)).astimezone(JST))


def test_cells_as_staff_read_them() -> None:
    assert [cell_label(cell) for cell in (0, 18, 27, 48)] == ["0:00", "9:00", "13:30", "24:00"]
    assert [cell_time(cell) for cell in (0, 27, 48)] == [time(0), time(13, 30), time(0)]
