"""What is worked out once for many decisions says the same as what is worked out anew."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policies.calendar import FacilityCalendar
from portal.policies.document import RulesDocument
from portal.policies.history import History, PastUse
from portal.policies.matching import calendar_for, document_on

_DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))
_CHILDREN = st.integers(1, 3)
SATURDAY = date(2026, 11, 21)


@pytest.mark.proves("G6")
@given(st.lists(st.tuples(_CHILDREN, _DAYS), max_size=20), _DAYS, _DAYS)
def test_stays_between_two_days_are_those_that_reading_all_would_find(
    drawn: list[tuple[int, date]], first: date, last: date
) -> None:
    # Each id an object of its own, as a database gives them.
    uses = tuple(PastUse(uuid.UUID(int=child), day, 60) for child, day in drawn)
    history = History(uses)
    for child in (None, *(uuid.UUID(int=number) for number in range(1, 4))):
        theirs = [use for use in uses if child in {None, use.child_id}]
        assert list(history.of(child) if child else history.uses) == theirs
        found = history.between(child, first, last)
        inside = [use for use in theirs if first <= use.day <= last]
        assert sorted(found, key=id) == sorted(inside, key=id)
        assert [use.day for use in found] == sorted(use.day for use in inside)


def test_a_calendar_for_deadlines_is_made_once_and_knows_days_before_the_first() -> None:
    calendar = FacilityCalendar(frozenset(range(5)), first_day=date(2026, 11, 16))
    counted = calendar.for_deadlines
    assert counted is calendar.for_deadlines
    assert not calendar.is_open(date(2026, 11, 13))
    assert counted.is_open(date(2026, 11, 13))
    assert calendar.of_weekdays is calendar.of_weekdays


@pytest.mark.proves("G3")
def test_two_documents_that_change_the_hours_keep_their_own_days_with_one_calendar() -> None:
    def document(name: str, weekday: str) -> RulesDocument:
        closed = {"hours": {"closed_weekdays": [{"weekday": weekday}]}}
        when = {"months": [11]}
        return RulesDocument.model_validate({"variants": [{"name": name, "when": when, **closed}]})

    calendar = FacilityCalendar(frozenset(range(6)))
    friday, saturday = (document(name, name) for name in ("fri", "sat"))
    for _ in range(2):
        assert calendar_for(friday, calendar).is_open(SATURDAY)
        assert not calendar_for(saturday, calendar).is_open(SATURDAY)
    assert calendar_for(saturday, calendar) is calendar_for(saturday, calendar)


def test_rules_laid_are_the_very_same_where_a_variant_changes_nothing() -> None:
    document = RulesDocument.model_validate(
        {
            "hours": {"weekly": [{"weekdays": ["sat"], "starts": "09:00", "ends": "12:00"}]},
            "units": {"max_minutes": 480},
            "variants": [
                {
                    "name": "土曜日",
                    "when": {"weekdays": ["sat"]},
                    "units": {"max_minutes": 180},
                }
            ],
        }
    )
    calendar = FacilityCalendar(frozenset(range(6)))
    laid = document_on(document, calendar, SATURDAY)
    assert laid.units is not None
    assert laid.units.max_minutes == 180
    assert laid.hours is document.hours
    assert document_on(document, calendar, SATURDAY - timedelta(days=1)) is document
