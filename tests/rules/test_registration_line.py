"""The one line of an application says what comes next, and no more than is so."""

from __future__ import annotations

from datetime import date

import pytest

from portal.policies.registration import RegistrationRule
from portal.policies.standing import StepKind
from portal.preregistration.line import Stage, line_of
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.preregistration.where import Next, NextLine

ON = date(2026, 11, 24)


@pytest.mark.proves("R5")
@pytest.mark.parametrize("has_conditions", [True, False])
def test_reading_promises_no_booking_where_a_step_comes_first(*, has_conditions: bool) -> None:
    row = Preregistration(
        state=PreregistrationState.ACCEPTED,
        has_conditions=has_conditions,
        accepted_until=date(2027, 3, 31),
    )
    rule = RegistrationRule(agreement=True)
    before = Stage.CONDITIONS if has_conditions else Stage.AGREE
    free = line_of(row, rule, NextLine(Next.BOOK), on=ON)
    assert free.stage is before
    assert free.text.endswith("「読みました」を押すと、予約できます。")
    trial = line_of(row, rule, NextLine(Next.TRIAL, StepKind.TRIAL_CARE, 1), on=ON)
    assert trial.stage is before
    assert trial.text.endswith("そのあと、予約の前に「ならし預かり」をします。")
