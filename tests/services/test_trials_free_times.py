"""Free times of trial care, while rules change on the way."""

from __future__ import annotations

import pytest

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.reasons import BookingRefusal
from portal.preregistration import queries
from portal.trials.queries import FreeTimes, free_times
from tests.factories.people import children_of
from tests.factories.places import Site, accept
from tests.factories.rules import put_in_force, rules_with
from tests.factories.steps import TRIAL, give_steps


@pytest.mark.proves("G20", "R1")
def test_free_times_go_by_the_rules_of_each_day(hinata: Site, tanaka: Actor) -> None:
    give_steps(hinata, TRIAL)
    hana = accept(hinata, tanaka, children_of(tanaka)[0].id)

    def found() -> FreeTimes:
        with acting_as(tanaka) as session:
            row = queries.preregistration(session, hana, actor=tanaka)
            return free_times(session, row, hinata.programme_id, 1, actor=tanaka, now=clock.now())

    def lengths(times: FreeTimes) -> list[set[int]]:
        return [{span.minutes for span in spans} for _day, spans in times.times]

    usual = found()
    assert lengths(usual) == [{60}] * 6
    third = usual.times[2][0]
    shorter = {**TRIAL, "trial": {**TRIAL["trial"], "parts": [{"longest_minutes": 30}]}}
    put_in_force(hinata, rules_with(steps={"steps": [shorter]}), since=third)
    then = found()
    assert then.times[:2] == usual.times[:2], "until then as today"
    assert lengths(then) == [{60}] * 2 + [{30}] * 4
    # Rules that have no trial care any more offer no day for it.
    put_in_force(hinata, rules_with(), since=third)
    assert found().times == usual.times[:2]
    # And before they have it there is none, but from then on there is.
    put_in_force(hinata, rules_with())
    assert [reason.code for reason in found().reasons] == [BookingRefusal.TRIAL_NOT_OFFERED]
    put_in_force(hinata, rules_with(steps={"steps": [shorter]}), since=third)
    later = found()
    assert (later.reasons, later.times[0][0]) == ((), third)
    assert later.decision is not None
