"""Care elsewhere as a family tells it: every reason against, and a trace of each change."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from portal.datarequests.queries import log_of
from portal.db.session import acting_as, transaction
from portal.homes.queries import stored
from portal.homes.rules import HomeFact, HomeFactKind, HomeFactRefusal
from portal.homes.service import end, keep, say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.uses.rules import EARLIEST, LATEST, LONGEST_MINUTES, UseRefusal, reasons_against
from portal.uses.service import restore, take_back, tell
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept
from tests.services.test_take_places import mine

TODAY = date(2026, 11, 23)
DAYS = [TODAY - timedelta(days=n) for n in range(40)]


@pytest.mark.parametrize(
    ("days", "minutes", "codes"),
    [
        (DAYS[:31], LONGEST_MINUTES, []),
        ([TODAY - EARLIEST, TODAY + LATEST], 1, []),
        ([], 60, [UseRefusal.NO_DAY]),
        (DAYS[:32], 60, [UseRefusal.TOO_MANY_DAYS]),
        ([TODAY - EARLIEST - timedelta(days=1)], 60, [UseRefusal.DAY_TOO_FAR_BACK]),
        ([TODAY + LATEST + timedelta(days=1)], 60, [UseRefusal.DAY_TOO_FAR_AHEAD]),
        ([TODAY], 0, [UseRefusal.LENGTH_IMPOSSIBLE]),
        ([TODAY], LONGEST_MINUTES + 1, [UseRefusal.LENGTH_IMPOSSIBLE]),
        ([DAYS[35]], 60, [UseRefusal.TOLD_ALREADY]),
        ([], 0, [UseRefusal.NO_DAY, UseRefusal.LENGTH_IMPOSSIBLE]),
    ],
)
def test_each_reason_against_has_its_border(
    days: Sequence[date], minutes: int, codes: list[UseRefusal]
) -> None:
    found = reasons_against(days, minutes, told=[DAYS[35]], on=TODAY)
    assert [reason.code for reason in found] == codes


def told(actor: Actor, child: uuid.UUID, *days: date) -> tuple[uuid.UUID, ...]:
    assert actor.family_id is not None
    with acting_as(actor), transaction() as session:
        now = clock.now()
        return tell(session, actor.family_id, child, days, 240, actor=actor, now=now)


def test_a_day_stands_once_for_each_child(tanaka: Actor) -> None:
    family, child = mine(tanaka)
    sibling, now = make_child(tanaka, "田中 りく"), clock.now()
    today = clock.today(now)
    [row] = told(tanaka, child, today)
    told(tanaka, sibling, today)
    with pytest.raises(Refusal) as twice:
        told(tanaka, child, today)
    assert twice.value.codes == (UseRefusal.TOLD_ALREADY,)
    with pytest.raises(Refusal) as standing, acting_as(tanaka), transaction() as session:
        restore(session, family, row, actor=tanaka, now=now)
    assert standing.value.codes == (UseRefusal.NOT_TAKEN_BACK,)
    with acting_as(tanaka), transaction() as session:
        take_back(session, family, row, actor=tanaka, now=now)
    with pytest.raises(Refusal) as gone, acting_as(tanaka), transaction() as session:
        take_back(session, family, row, actor=tanaka, now=now)
    assert gone.value.codes == (UseRefusal.NOT_TOLD,)


def actions(actor: Actor) -> set[str]:
    today = clock.today(clock.now())
    with acting_as(actor) as session:
        return {line.action for line in log_of(session, today, today, actor=actor)}


@pytest.mark.proves("P10")
def test_each_change_leaves_its_trace(tanaka: Actor) -> None:
    family, child = mine(tanaka)
    now = clock.now()
    [row] = told(tanaka, child, clock.today(now))
    assert "use.told" in actions(tanaka)
    with acting_as(tanaka), transaction() as session:
        take_back(session, family, row, actor=tanaka, now=now)
    assert "use.taken_back" in actions(tanaka)
    gate = HomeFact(HomeFactKind.GATE, "walks_alone", 1, child)
    with acting_as(tanaka), transaction() as session:
        said = say(session, family, gate, actor=tanaka, now=now)
    assert "home.said" in actions(tanaka)
    with acting_as(tanaka), transaction() as session:
        end(session, family, said.id, actor=tanaka, now=now)
    assert "home.ended" in actions(tanaka)


def test_staff_tell_of_no_child_of_another_family(hinata: Site, tanaka: Actor, sato: Actor) -> None:
    """Staff who know both families write down each thing where it belongs."""
    family, child = mine(tanaka)
    other = make_guardian("中村 さき", children=("中村 そら",))
    strange = children_of(other)[0].id
    accept(hinata, tanaka, child)
    accept(hinata, other, strange)
    now = clock.now()
    with pytest.raises(NoResultFound), acting_as(sato), transaction() as session:
        tell(session, family, strange, [clock.today(now)], 240, actor=sato, now=now)
    gate = HomeFact(HomeFactKind.GATE, "walks_alone", 1, strange)
    with pytest.raises(NoResultFound), acting_as(sato), transaction() as session:
        say(session, family, gate, actor=sato, now=now)


def test_a_family_s_own_word_is_never_seen_by_staff(tanaka: Actor) -> None:
    family, child = mine(tanaka)
    gate = HomeFact(HomeFactKind.GATE, "walks_alone", 1, child, is_seen=True)
    with acting_as(tanaka), transaction() as session:
        assert say(session, family, gate, actor=tanaka, now=clock.now()).seen_on is None


def test_all_that_is_wrong_with_a_home_is_said_at_once(tanaka: Actor) -> None:
    family, _child = mine(tanaka)
    facts = [HomeFact(HomeFactKind.CITY, "市" * 61), HomeFact(HomeFactKind.GATE, "walks_alone", 1)]
    said = {fact.slot: fact for fact in facts}
    with pytest.raises(Refusal) as refused, acting_as(tanaka), transaction() as session:
        keep(session, family, said, actor=tanaka, now=clock.now())
    codes = {HomeFactRefusal.CODE_TOO_LONG, HomeFactRefusal.CHILD_MISSING}
    assert set(refused.value.codes) == codes


def test_staff_write_down_what_they_saw_though_the_family_said_it(
    hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    family, child = mine(tanaka)
    accept(hinata, tanaka, child)
    now, city = clock.now(), HomeFact(HomeFactKind.CITY, "みほん市")
    for actor in (tanaka, sato):
        with acting_as(actor), transaction() as session:
            assert keep(session, family, {city.slot: city}, actor=actor, now=now) == 1
    # And take back their own word alone.
    with acting_as(sato), transaction() as session:
        assert keep(session, family, {city.slot: None}, actor=sato, now=now) == 1
        assert keep(session, family, {city.slot: None}, actor=sato, now=now) == 0


@pytest.mark.proves("R25")
def test_who_need_not_know_finds_no_mark_by_its_id(
    hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    family, child = mine(tanaka)
    accept(hinata, tanaka, child)
    mark = HomeFact(HomeFactKind.MARK, "welfare", is_seen=True)
    with acting_as(sato), transaction() as session:
        said = say(session, family, mark, actor=sato, now=clock.now())
    plain = replace(sato, knows_support=False)
    with acting_as(plain) as session, pytest.raises(NoResultFound):
        stored(session, family, said.id, actor=plain)
