from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from portal.documents.dates import (
    jdate,
    jdatetime,
    jduration,
    jlimit,
    jmonth,
    jspan,
    jtime,
    wareki,
    wareki_date,
)
from portal.documents.templating import environment
from portal.kernel.clock import at
from portal.kernel.spans import span_on

TODAY = date(2026, 11, 10)
SUNDAY = date(2026, 11, 15)


def test_a_date_has_its_weekday_and_its_year_only_when_that_is_not_todays() -> None:
    assert jdate(SUNDAY, TODAY) == "11月15日（日）"
    assert jdate(date(2027, 1, 1), TODAY) == "2027年1月1日（金）"
    assert jdate(SUNDAY) == "2026年11月15日（日）"
    assert jmonth(SUNDAY) == "2026年11月"


def test_a_moment_is_shown_as_the_clocks_in_japan_show_it() -> None:
    late_evening_in_utc = datetime(2026, 11, 14, 15, 30, tzinfo=UTC)
    assert jdatetime(late_evening_in_utc, TODAY) == "11月15日（日）0:30"
    assert jtime(time(9)) == "9:00"
    with pytest.raises(ValueError, match="time zone"):
        jtime(datetime(2026, 11, 15))  # noqa: DTZ001 - the mistake in question


def test_a_span_ends_at_24_when_it_ends_at_midnight() -> None:
    assert jspan(span_on(SUNDAY, time(9), time(12))) == "9:00〜12:00"
    assert jspan(time(18), time(0)) == "18:00〜24:00"
    assert jspan(at(SUNDAY, time(13)), at(SUNDAY, time(16, 30))) == "13:00〜16:30"
    with pytest.raises(ValueError, match="end"):
        jspan(time(9))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2019, 4, 30), "2019年（平成31年）"),
        (date(2019, 5, 1), "2019年（令和元年）"),
        (date(1989, 1, 7), "1989年（昭和64年）"),
        (date(1989, 1, 8), "1989年（平成元年）"),
        (date(1926, 12, 24), "1926年（大正15年）"),
        (2026, "2026年（令和8年）"),
    ],
)
def test_a_year_has_its_era(day: date | int, year: str) -> None:
    assert wareki(day) == year


def test_an_official_date_has_its_era() -> None:
    assert wareki_date(at(date(2026, 11, 4), time(16))) == "2026年（令和8年）11月4日"


def test_a_length_is_said_in_hours_and_minutes() -> None:
    assert [jduration(minutes) for minutes in (45, 60, 90)] == ["45分", "1時間", "1時間30分"]


def test_templates_take_the_day_of_the_page_as_today() -> None:
    template = environment().from_string("{{ day|jdate }} {{ fee|yen }}")
    assert template.render(day=SUNDAY, fee=-600, today=TODAY) == "11月15日（日） −600円"
    assert template.render(day=SUNDAY, fee=2100) == "2026年11月15日（日） 2,100円"


def test_a_limit_at_midnight_is_the_end_of_the_day_before() -> None:
    assert jlimit(at(date(2026, 12, 18), time(0)), TODAY) == "12月17日（木）24:00"
    assert jlimit(at(date(2026, 12, 18), time(17)), TODAY) == "12月18日（金）17:00"
