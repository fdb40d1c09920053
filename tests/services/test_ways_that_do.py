"""A refusal names no other time at which the same wish would be refused again."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from portal.kernel.actor import Actor
from portal.kernel.spans import Span, span_on
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.services.test_place_booking import place, refused, wish_of

DAY = next_open_day()
NEXT = DAY + timedelta(days=1)


def baby(site: Site, name: str) -> Actor:
    """A mother with a baby that is accepted."""
    mother = make_guardian(f"母{name}", children=(f"赤{name}",), born_on=date(2026, 4, 20))
    accept(site, mother, children_of(mother)[0].id)
    return mother


@pytest.fixture
def late(hinata: Site) -> Actor:
    """A third mother, where both places for babies are taken from nine until noon."""
    for name in ("1", "2"):
        mother = baby(hinata, name)
        place(mother, wish_of(mother, hinata, DAY))
    return baby(hinata, "3")


def ways(late: Actor, site: Site) -> list[Span]:
    return [way.span for way in refused(late, wish_of(late, site, DAY)).ways]


@pytest.mark.proves("R5", "J9")
def test_not_one_at_which_the_child_is_somewhere_already(hinata: Site, late: Actor) -> None:
    usual = ways(late, hinata)
    afternoon, tomorrow = span_on(DAY, time(12), time(15)), span_on(NEXT, time(9), time(12))
    assert {afternoon, tomorrow} <= set(usual)
    place(late, wish_of(late, hinata, DAY, time(12), time(15)))
    place(late, wish_of(late, hinata, NEXT))
    found = ways(late, hinata)
    assert found
    assert not any(span.overlaps(own) for span in found for own in (afternoon, tomorrow))


@pytest.mark.proves("R5", "G29")
def test_not_one_at_which_other_rules_would_refuse(hinata: Site, late: Actor) -> None:
    assert NEXT in {span.day for span in ways(late, hinata)}
    put_in_force(hinata, rules_with(gates=[{"code": "weaned"}]), since=NEXT)
    assert {span.day for span in ways(late, hinata)} == {DAY}
