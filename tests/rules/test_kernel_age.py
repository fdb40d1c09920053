from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.age import age, age_in_months, class_age, fiscal_year, last_day_of_months

births = st.dates(date(2000, 1, 1), date(2040, 12, 31))
later = st.integers(0, 3000).map(lambda days: timedelta(days=days))


def test_the_fiscal_year_turns_on_1_april() -> None:
    assert fiscal_year(date(2026, 3, 31)) == 2025
    assert fiscal_year(date(2026, 4, 1)) == 2026
    assert fiscal_year(date(2026, 12, 31)) == 2026


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2024, 4, 1), date(2026, 4, 1), 2),  # 早生まれ: with the older year
        (date(2024, 4, 2), date(2026, 4, 1), 1),
        (date(2024, 4, 2), date(2027, 3, 31), 1),
        (date(2024, 4, 2), date(2027, 4, 1), 2),
        (date(2024, 4, 1), date(2025, 3, 31), 0),
        (date(2024, 4, 1), date(2024, 4, 1), 0),
        (date(2024, 3, 31), date(2024, 3, 31), 0),
        (date(2024, 3, 31), date(2024, 4, 1), 0),
        (date(2024, 2, 29), date(2025, 4, 1), 1),
        (date(2023, 12, 31), date(2026, 11, 20), 2),
    ],
)
def test_class_ages(born: date, on: date, years: int) -> None:
    assert class_age(born, on) == years


@given(births, later)
def test_class_age_is_fixed_for_the_fiscal_year(born: date, after: timedelta) -> None:
    on = born + after
    last = date(fiscal_year(on) + 1, 3, 31)
    assert class_age(born, last) == class_age(born, on)
    assert 0 <= age(born, on) - class_age(born, on) <= 1


@pytest.mark.parametrize(
    ("born", "on", "months"),
    [
        (date(2026, 8, 31), date(2027, 2, 27), 5),
        (date(2026, 8, 31), date(2027, 2, 28), 6),  # no 31 February: the month's last day
        (date(2026, 5, 20), date(2026, 11, 19), 5),
        (date(2026, 5, 20), date(2026, 11, 20), 6),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 2, 29), date(2028, 2, 28), 47),
        (date(2024, 2, 29), date(2028, 2, 29), 48),
        (date(2026, 5, 20), date(2026, 5, 20), 0),
    ],
)
def test_months_of_life(born: date, on: date, months: int) -> None:
    assert age_in_months(born, on) == months
    assert age(born, on) == months // 12


@given(births, later, st.integers(0, 60))
def test_nobody_grows_younger(born: date, after: timedelta, more: int) -> None:
    on = born + after
    assert age_in_months(born, on) <= age_in_months(born, on + timedelta(days=more))


def test_before_birth_there_is_no_age() -> None:
    for count in (class_age, age, age_in_months):
        with pytest.raises(ValueError, match="before the child's birth"):
            count(date(2026, 5, 20), date(2026, 5, 19))


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2026, 8, 30), 6, date(2027, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 8, 28), 6, date(2027, 2, 27)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
        (date(2026, 12, 15), 13, date(2028, 1, 14)),
    ],
)
def test_months_end_before_their_day_or_with_a_month_that_lacks_it(
    first: date, months: int, last: date
) -> None:
    assert last_day_of_months(first, months) == last
