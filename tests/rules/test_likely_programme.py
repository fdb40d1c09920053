"""Which facility a caller's booking is for, before anybody has said so."""

from __future__ import annotations

import uuid
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from portal.office.bookings_before import likely_programme
from portal.preregistration.rules import PreregistrationState as State

FIRST, SECOND, THIRD = ALL = [
    cast("Any", SimpleNamespace(id=uuid.UUID(int=n), facility_id=uuid.UUID(int=100 + n)))
    for n in (1, 2, 3)
]
ON = date(2026, 11, 20)


def row(at: Any, state: State, until: date | None = None) -> Any:
    return SimpleNamespace(facility_id=at.facility_id, state=state, accepted_until=until)


@pytest.mark.proves("J7")
@pytest.mark.parametrize(
    ("applications", "asked", "meant"),
    [
        ([], None, FIRST),
        ([], THIRD, THIRD),
        ([row(SECOND, State.ACCEPTED, ON)], None, SECOND),
        ([row(SECOND, State.ACCEPTED, ON)], THIRD, THIRD),
        ([row(SECOND, State.ACCEPTED, date(2026, 11, 19))], None, FIRST),
        ([row(THIRD, State.APPLIED), row(SECOND, State.ACCEPTED, ON)], None, SECOND),
        ([row(THIRD, State.WAITING)], None, THIRD),
        ([row(THIRD, State.DECLINED), row(SECOND, State.WITHDRAWN)], None, FIRST),
    ],
)
def test_where_the_family_is_registered_unless_another_is_asked_for(
    applications: list[Any], asked: Any, meant: Any
) -> None:
    wanted = asked.facility_id if asked else None
    assert likely_programme(ALL, applications, on=ON, asked=wanted) is meant


@pytest.mark.proves("J7")
def test_a_facility_of_others_is_none_of_ours() -> None:
    elsewhere = SimpleNamespace(id=uuid.UUID(int=9), facility_id=uuid.UUID(int=109))
    found = [row(elsewhere, State.ACCEPTED, ON)]
    asked = elsewhere.facility_id
    assert likely_programme(ALL, found, on=ON, asked=asked) is FIRST
    assert likely_programme([], found, on=ON) is None
