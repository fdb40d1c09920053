from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.policies.age import AgeRule
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import ages

pytestmark = pytest.mark.proves("G2")

ID = uuid.UUID(int=1)


def rule(**parts: object) -> AgeRule:
    return AgeRule.model_validate(parts)


def months(value: int) -> dict[str, object]:
    return {"unit": "months", "value": value}


UNDER_3 = rule(min=months(6), max=months(36), reading="day_before")


@pytest.mark.proves("B67")
@pytest.mark.parametrize(
    ("born", "first", "last"),
    [
        (date(2024, 4, 10), date(2024, 10, 9), date(2027, 4, 8)),
        (date(2024, 4, 3), date(2024, 10, 2), date(2027, 4, 1)),
        (date(2024, 4, 1), date(2024, 9, 30), date(2027, 3, 30)),
        (date(2024, 2, 29), date(2024, 8, 28), date(2027, 2, 27)),
        (date(2024, 8, 31), date(2025, 2, 28), date(2027, 8, 29)),
    ],
)
def test_under_three_as_the_law_counts(born: date, first: date, last: date) -> None:
    assert UNDER_3.first_day(born) == first
    assert UNDER_3.last_day(born) == last


@pytest.mark.parametrize(
    ("born", "first", "last"),
    [
        (date(2024, 4, 10), date(2024, 10, 10), date(2027, 4, 9)),
        (date(2024, 8, 31), date(2025, 2, 28), date(2027, 8, 30)),
        (date(2024, 8, 30), date(2025, 2, 28), date(2027, 8, 29)),
        (date(2024, 2, 29), date(2024, 8, 29), date(2027, 2, 27)),
        (date(2024, 12, 1), date(2025, 6, 1), date(2027, 11, 30)),
    ],
)
def test_under_three_in_daily_talk(born: date, first: date, last: date) -> None:
    daily = rule(min=months(6), max=months(36))
    assert (daily.first_day(born), daily.last_day(born)) == (first, last)


def test_57_days_are_reached_on_the_58th_day_counting_the_birth() -> None:
    born = date(2026, 4, 1)
    infants = rule(min={"unit": "days", "value": 57})
    assert infants.first_day(born) == date(2026, 5, 28)
    assert (infants.first_day(born) - born).days + 1 == 58


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2020, 4, 1), date(2026, 3, 31)),  # 早生まれ: at school on the sixth birthday
        (date(2020, 4, 2), date(2027, 3, 31)),
        (date(2021, 3, 31), date(2027, 3, 31)),
        (date(2020, 2, 29), date(2026, 3, 31)),
    ],
)
def test_school_entry(born: date, last: date) -> None:
    assert rule(max={"unit": "school_entry"}).last_day(born) == last


def test_class_ages_turn_on_1_april() -> None:
    two_year_class = rule(
        min={"unit": "class_age", "value": 2}, max={"unit": "class_age", "value": 2}
    )
    for born in (date(2023, 4, 2), date(2024, 4, 1)):
        assert two_year_class.first_day(born) == date(2026, 4, 1)
        assert two_year_class.last_day(born) == date(2027, 3, 31)


@pytest.mark.parametrize(
    ("reference", "first", "last"),
    [
        ("day_of_use", date(2026, 8, 20), date(2029, 2, 19)),
        ("first_of_month", date(2026, 9, 1), date(2029, 2, 28)),
        ("fiscal_year_start", date(2027, 4, 1), date(2029, 3, 31)),
        ("day_before_fiscal_year", date(2027, 4, 1), date(2029, 3, 31)),
    ],
)
def test_the_day_on_which_ages_are_looked_at(reference: str, first: date, last: date) -> None:
    looked_at = rule(min=months(6), max=months(36), reference=reference)
    assert looked_at.first_day(date(2026, 2, 20)) == first
    assert looked_at.last_day(date(2026, 2, 20)) == last


def test_reached_on_the_2nd_is_seen_on_the_next_1st() -> None:
    monthly = rule(min=months(6), reference="first_of_month")
    assert monthly.first_day(date(2026, 2, 2)) == date(2026, 9, 1)
    assert monthly.first_day(date(2026, 2, 1)) == date(2026, 8, 1)


def test_three_on_the_last_day_before_the_year() -> None:
    # Born on 1 April, a child is three by law on 31 March, the day that is looked at.
    limit = rule(max=months(36), reference="day_before_fiscal_year", reading="day_before")
    assert limit.last_day(date(2024, 4, 1)) == date(2027, 3, 31)
    assert limit.last_day(date(2024, 4, 2)) == date(2028, 3, 31)
    on_the_first = rule(max=months(36), reference="fiscal_year_start")
    assert on_the_first.last_day(date(2024, 4, 1)) == date(2027, 3, 31)
    assert on_the_first.last_day(date(2024, 4, 2)) == date(2028, 3, 31)


def test_reasons_tell_the_day_that_would_do() -> None:
    born = date(2024, 4, 10)
    (young,) = UNDER_3.reasons(ID, born, date(2024, 10, 8))
    assert (young.code, young.child_id) == (BookingRefusal.TOO_YOUNG, ID)
    assert young.values == {"limit": 6, "unit": "months", "from_on": date(2024, 10, 9)}
    (old,) = UNDER_3.reasons(ID, born, date(2027, 4, 9))
    assert old.code is BookingRefusal.TOO_OLD
    assert old.values == {"limit": 36, "unit": "months", "last_on": date(2027, 4, 8)}
    assert UNDER_3.reasons(ID, born, date(2024, 10, 9)) == []
    assert UNDER_3.reasons(ID, born, date(2027, 4, 8)) == []


def test_a_child_must_be_born() -> None:
    (reason,) = rule().reasons(ID, date(2027, 1, 1), date(2026, 12, 31))
    assert reason.code is BookingRefusal.TOO_YOUNG
    assert rule().reasons(ID, date(2027, 1, 1), date(2027, 1, 1)) == []


def test_school_entry_is_no_lower_limit() -> None:
    with pytest.raises(ValidationError, match="upper limit"):
        rule(min={"unit": "school_entry"})


births = st.dates(date(2018, 1, 1), date(2030, 12, 31))


@given(ages.map(AgeRule.model_validate), births, st.integers(-30, 4000))
def test_reasons_and_days_told_agree(some: AgeRule, born: date, after: int) -> None:
    day = born + timedelta(days=after)
    codes = {reason.code for reason in some.reasons(ID, born, day)}
    last = some.last_day(born)
    assert (BookingRefusal.TOO_YOUNG in codes) is (day < some.first_day(born))
    assert (BookingRefusal.TOO_OLD in codes) is (last is not None and day > last)


@given(births, st.integers(1, 80))
def test_the_law_counts_no_later_than_daily_talk(born: date, count: int) -> None:
    daily, law = (
        rule(min=months(count), reading=reading).first_day(born)
        for reading in ("birthday", "day_before")
    )
    assert timedelta(0) <= daily - law <= timedelta(days=1)


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2024, 4, 10), date(2027, 4, 8)),
        (date(2024, 3, 1), date(2027, 2, 27)),
        (date(2024, 2, 29), date(2027, 2, 27)),  # three at the end of 28 February
        (date(2024, 2, 28), date(2027, 2, 26)),
    ],
)
def test_the_eve_of_the_eve_of_a_birthday_is_that_of_the_law(born: date, last: date) -> None:
    by_days = rule(max={"unit": "years", "value": 3, "days_before": 2})
    by_law = rule(max={"unit": "years", "value": 3, "reading": "day_before"})
    assert by_days.last_day(born) == by_law.last_day(born) == last
