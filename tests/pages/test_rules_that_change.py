"""Rules that change within a month: each day is shown by its own, and what is to come is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.kernel import clock
from portal.policies.document import RulesDocument
from portal.policies.in_force import in_force
from tests.factories.places import Site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_public_calendar import cell, day_url, month_url
from tests.pages.visit import Visitor

#: Nobody below three is cared for any more.
_FROM_THREE = {"min": {"value": 36, "unit": "months"}, "max": {"unit": "school_entry"}}


def two_days_of_a_month() -> tuple[date, date]:
    """Return open days that follow each other, both of one month and soon to be booked."""
    for weeks in (1, 2):
        first = next_open_day(weeks)
        second = first + timedelta(days=1)
        if first.month == second.month and second.weekday() < 5:
            return first, second
    first = next_open_day(1)
    return first, first + timedelta(days=7)


@pytest.mark.proves("R1", "R2")
def test_each_day_of_a_month_is_shown_by_its_own_rules(visitor: Visitor, hinata: Site) -> None:
    before, after = two_days_of_a_month()
    assert cell(visitor.get(month_url(hinata, after)), after)[2]
    put_in_force(hinata, rules_with(age=_FROM_THREE), since=after)
    page = visitor.get(month_url(hinata, before))
    assert cell(page, before)[2], "the day before goes by the rules of today"
    if before.month == after.month:
        assert not cell(page, after)[2]
    assert "対象" in visitor.get(day_url(hinata, after)).text


@pytest.mark.proves("R3")
def test_what_changes_is_told_before_it_does(visitor: Visitor, hinata: Site) -> None:
    today = clock.today(clock.now())
    begins = today + timedelta(days=1)
    page = visitor.get(f"/facilities/{hinata.facility_id}").text
    assert "次のように変わります" not in page
    put_in_force(hinata, rules_with(age=_FROM_THREE), since=begins)
    page = visitor.get(f"/facilities/{hinata.facility_id}").text
    assert "次のように変わります。もう入れた予約は、いまのきまりのままです" in page
    assert "3歳から小学校に入る前まで" in page


@pytest.mark.proves("R2")
def test_the_last_version_that_has_begun_holds() -> None:
    now, soon, late = (RulesDocument() for _ in range(3))
    first, second = date(2027, 4, 1), date(2027, 4, 15)
    later = ((first, soon), (second, late))
    for day, holds in (
        (date(2027, 3, 31), now),
        (first, soon),
        (date(2027, 4, 14), soon),
        (second, late),
        (date(2028, 1, 1), late),
    ):
        assert in_force(now, later, day) is holds
    same_day = ((first, soon), (first, late))
    assert in_force(now, same_day, first) is late, "of two of one day the later version"
