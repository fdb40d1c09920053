"""Windows of some hours, as calendars tell them, are those by which deciding goes."""

from __future__ import annotations

from typing import Any

import pytest

from portal.policies.decide import decide
from portal.policies.looking import ANYBODY, DayRules, by_web
from portal.policies.looking_times import goes_by_family, timed_windows
from portal.policies.reasons import BookingRefusal
from portal.policies.window import WindowState
from tests.rules.policy_cases import ANY_DAY, FRIDAY, case, document, jst

NOW = jst(2026, 11, 10)
USUAL: dict[str, Any] = {"opens": {"kind": "rolling", "days": 30}}
LATER: dict[str, Any] = {"opens": {"kind": "rolling", "days": 3}}


def rules(when: dict[str, Any], **kinds: Any) -> Any:
    laid = kinds.pop("laid", {"booking_window": LATER})
    return document(booking_window=USUAL, variants=[{"name": "別", "when": when, **laid}], **kinds)


@pytest.mark.proves("G7", "R21")
@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        ({"starts": {"from": "17:00"}}, {}),
        ({"length": {"from_minutes": 300, "below_minutes": 360}}, {}),
        (
            {"units": ["午後"]},
            {
                "units": {
                    "blocks": [
                        {"label": "午前", "starts": "09:00", "ends": "12:00"},
                        {"label": "午後", "starts": "13:00", "ends": "17:00"},
                    ]
                }
            },
        ),
        ({"starts": {"until": "09:00"}, "weekdays": ["fri"]}, {}),
    ],
)
def test_a_stay_of_each_variant_is_found_and_decided_so(
    when: dict[str, Any], kinds: dict[str, Any]
) -> None:
    found = rules(when, **kinds)
    day = DayRules(found, ANY_DAY, FRIDAY, by_web(1))
    [(variant, span)] = timed_windows(day)
    assert variant.name == "別"
    assert (day.state(NOW), day.state(NOW, span)) == (WindowState.OPEN, WindowState.BEFORE)
    assert day.opens_at(NOW, span) == jst(2026, 11, 17)
    against = decide(case(found, span=span, calendar=ANY_DAY, received_at=NOW), now=NOW)
    assert BookingRefusal.NOT_YET_OPEN in {reason.code for reason in against.reasons}


@pytest.mark.proves("G7")
@pytest.mark.parametrize(
    ("when", "kinds"),
    [
        ({"weekdays": ["fri"]}, {}),  # the day says it by itself
        ({"starts": {"from": "17:00"}, "weekdays": ["mon"]}, {}),
        ({"starts": {"from": "17:00"}, "cities": ["となり市"]}, {}),
        ({"starts": {"from": "17:00"}}, {"laid": {"cancel": {}}}),
        ({"starts": {"from": "17:00"}}, {"laid": {"booking_window": USUAL}}),
        ({"length": {"from_minutes": 300}}, {"units": {"max_minutes": 240}}),
    ],
)
def test_what_is_not_so_on_the_day_is_not_said(when: dict[str, Any], kinds: dict[str, Any]) -> None:
    assert not list(timed_windows(DayRules(rules(when, **kinds), ANY_DAY, FRIDAY, ANYBODY)))


@pytest.mark.proves("G7")
@pytest.mark.parametrize(
    ("when", "laid", "says"),
    [
        ({"cities": ["となり市"]}, {"booking_window": LATER}, True),
        ({"cities": ["となり市"]}, {"cancel": {}}, False),
        ({"cities": ["となり市"]}, {"leaves_out": ["booking_window.opens"]}, True),
        ({"starts": {"from": "17:00"}, "weekdays": ["fri"]}, {"booking_window": LATER}, False),
        ({"class_ages": [1]}, {"booking_window": LATER}, False),
    ],
)
def test_homes_and_reasons_are_what_no_calendar_knows(
    when: dict[str, Any],
    laid: dict[str, Any],
    says: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert goes_by_family(rules(when, laid=laid)) is says
