"""How long a registration holds, when it is renewed, and what both sides must have said."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import NO_END, RegistrationRule

pytestmark = pytest.mark.proves("G19")

BORN = date(2024, 4, 2)


@pytest.mark.parametrize(
    ("rule", "on", "until"),
    [
        ({}, date(2026, 4, 1), date(2027, 3, 31)),
        ({}, date(2027, 3, 31), date(2027, 3, 31)),
        ({"next_period_days": 12}, date(2027, 3, 19), date(2027, 3, 31)),
        ({"next_period_days": 12}, date(2027, 3, 20), date(2028, 3, 31)),
        ({"validity": "half_year"}, date(2026, 9, 30), date(2026, 9, 30)),
        ({"validity": "half_year"}, date(2026, 10, 1), date(2027, 3, 31)),
        ({"validity": "half_year"}, date(2027, 1, 5), date(2027, 3, 31)),
        ({"validity": "months", "months": 6}, date(2026, 8, 31), date(2027, 2, 28)),
        ({"validity": "months", "months": 1}, date(2026, 12, 1), date(2026, 12, 31)),
        ({"validity": "school"}, date(2026, 5, 1), date(2031, 3, 31)),
        ({"validity": "none"}, date(2026, 5, 1), NO_END),
    ],
)
@pytest.mark.proves("R5")
def test_an_acceptance_holds_until_the_day_of_its_rule(
    rule: dict[str, Any], on: date, until: date
) -> None:
    assert RegistrationRule(**rule).until(on, BORN) == until


def test_who_is_born_on_the_first_of_april_goes_to_school_a_year_earlier() -> None:
    rule = RegistrationRule(validity="school")  # type: ignore[arg-type]  # as in a file
    assert rule.until(date(2026, 5, 1), date(2024, 4, 1)) == date(2030, 3, 31)


def test_a_renewal_goes_on_from_the_end_and_never_backwards() -> None:
    rule = RegistrationRule(renewal={"days_before": 12})  # type: ignore[arg-type]
    assert rule.renewal_opens(date(2027, 3, 31)) == date(2027, 3, 20)
    assert rule.renewed_until(date(2027, 3, 31), date(2027, 3, 20), BORN) == date(2028, 3, 31)
    assert rule.renewed_until(date(2027, 3, 31), date(2027, 4, 2), BORN) == date(2028, 3, 31)
    months = RegistrationRule(validity="months", months=6)  # type: ignore[arg-type]
    assert months.renewed_until(date(2027, 3, 31), date(2027, 3, 1), BORN) == date(2027, 9, 30)
    assert months.renewal_opens(date(2027, 3, 31)) is None
    assert RegistrationRule(validity="none").renewed_until(NO_END, date(2027, 1, 1), BORN) == NO_END  # type: ignore[arg-type]


def test_months_want_their_number_and_old_documents_stay_readable() -> None:
    with pytest.raises(ValidationError, match="give the number of months"):
        RegistrationRule.model_validate({"validity": "months"})
    old = RulesDocument.model_validate({"registration": {"required": True, "lead_days": 3}})
    assert old.registration == RegistrationRule(lead_days=3)


@pytest.mark.parametrize(
    ("rule", "facts", "codes"),
    [
        ({}, {}, set()),
        (
            {"agreement": True},
            {},
            {BookingRefusal.FAMILY_HAS_NOT_AGREED, BookingRefusal.FACILITY_HAS_NOT_AGREED},
        ),
        ({"agreement": True}, {"family_agreed": True}, {BookingRefusal.FACILITY_HAS_NOT_AGREED}),
        ({"agreement": True}, {"family_agreed": True, "facility_agreed": True}, set()),
        ({}, {"has_conditions": True}, {BookingRefusal.FAMILY_HAS_NOT_AGREED}),
        ({"required": False}, {"has_conditions": True}, {BookingRefusal.FAMILY_HAS_NOT_AGREED}),
        ({"required": False, "agreement": True}, {}, set()),
    ],
)
@pytest.mark.proves("R5")
def test_both_sides_must_have_said_so_where_the_rule_asks(
    rule: dict[str, Any], facts: dict[str, bool], codes: set[BookingRefusal]
) -> None:
    child = ChildFacts(uuid.uuid4(), BORN, date(2027, 3, 31), date(2026, 4, 1), **facts)  # type: ignore[arg-type]
    reasons = RegistrationRule(**rule).reasons(child, date(2026, 12, 1))
    assert {reason.code for reason in reasons} == codes
