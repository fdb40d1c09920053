"""Rows about homes and care elsewhere, past every service: each condition breached alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import CursorResult, Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from tests.factories import people
from tests.factories.places import Site, accept, make_site

Run = Callable[..., Any]
REFUSED = "refused"
WHOS = ("mother", "other", "stranger", "staff", "staff_there", "nobody", "liaison")
ENDED = "until_at = now() - interval '1 minute', from_at = now() - interval '1 day'"
NOT_YET = "from_at = now() + interval '1 day', until_at = NULL"
OPEN = "from_at = now() - interval '1 day', until_at = NULL"


def outcome(who: Actor, statement: str, **values: Any) -> int | str:
    """Return how many rows a statement reaches, or which constraint or right refuses it."""
    try:
        with acting_as(who), transaction() as session:
            tried = session.begin_nested()
            done = session.execute(text(statement), values)
            assert isinstance(done, CursorResult)
            tried.rollback()
            return done.rowcount
    except IntegrityError as error:
        return breached_constraint(error) or REFUSED
    except DBAPIError:
        return REFUSED


@dataclass(frozen=True)
class Homes:
    """Two families known to one nursery, of which another nursery knows the first alone."""

    here: Site
    there: Site
    mother: Actor
    child: uuid.UUID
    other: Actor
    other_child: uuid.UUID
    stranger: Actor
    staff: Actor
    staff_there: Actor
    #: Of a body that nobody opened anything to.
    nobody: Actor
    #: The organisation of ``staff``, in a role that reads nothing of homes.
    liaison: Actor


@pytest.fixture
def homes(emptied: Engine) -> Homes:
    del emptied
    here, there, far = (make_site(name) for name in ("ひなた保育園", "みどり園", "遠い園"))
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    other = people.make_guardian("中村 さき", children=("中村 そら",))
    child, other_child = (people.children_of(each)[0].id for each in (mother, other))
    accept(here, mother, child)
    accept(there, mother, child)
    accept(here, other, other_child)
    staff, staff_there, nobody = (
        people.make_worker("職員", site.organisation_id, "staff") for site in (here, there, far)
    )
    return Homes(
        here=here,
        there=there,
        mother=mother,
        child=child,
        other=other,
        other_child=other_child,
        stranger=people.make_guardian("遠い だれか", children=("遠い こども",)),
        staff=staff,
        staff_there=staff_there,
        nobody=nobody,
        liaison=replace(staff, role=Role.LIAISON),
    )


USE = (
    "INSERT INTO declared_uses (id, family_id, child_id, day, minutes, use_type, told_at, told_by)"
    " VALUES (gen_random_uuid(), :family, :child, current_date, :minutes, :type, now(), :user)"
)
FACT = (
    "INSERT INTO home_facts (id, family_id, child_id, organisation_id, kind, valid_from,"
    " valid_until, seen_on, said_at, said_by) VALUES (gen_random_uuid(), :family, :child, :org,"
    " :kind, :first, :last, :seen, now(), :user)"
)


def use(of: Actor, child: uuid.UUID, **more: Any) -> dict[str, Any]:
    row = {"family": of.family_id, "child": child, "minutes": 240, "type": None}
    return {**row, "user": of.user_id, **more}


def fact(of: Actor, child: uuid.UUID | None, org: uuid.UUID | None, **more: Any) -> dict[str, Any]:
    row = {"family": of.family_id, "child": child, "org": org, "kind": "gate", "first": None}
    return {**row, "last": None, "seen": None, "user": of.user_id, **more}


def by_all(homes: Homes, statement: str, **values: Any) -> dict[str, int | str]:
    """Return what comes of a statement for each who may try it."""
    return {who: outcome(getattr(homes, who), statement, **values) for who in WHOS}


@pytest.mark.proves("P7", "R5")
def test_days_elsewhere_are_the_family_s_and_whom_it_is_known_to(homes: Homes, run: Run) -> None:
    run(USE, **use(homes.mother, homes.child))
    run(USE, **use(homes.other, homes.other_child))
    run(USE, **use(homes.stranger, people.children_of(homes.stranger)[0].id))
    look = "SELECT 1 FROM declared_uses WHERE family_id = :family"
    back = "UPDATE declared_uses SET retracted_at = now() WHERE family_id = :family"
    hers = {"mother": 1, "other": 0, "stranger": 0, "staff": 1, "staff_there": 1, "nobody": 0}
    for statement in (look, back):
        found = by_all(homes, statement, family=homes.mother.family_id)
        assert found == {**hers, "liaison": 0}
    of_other = by_all(homes, look, family=homes.other.family_id)
    assert of_other == {**hers, "mother": 0, "other": 1, "staff_there": 0, "liaison": 0}
    told = by_all(homes, USE, **use(homes.mother, homes.child))
    assert told == {who: seen or REFUSED for who, seen in {**hers, "liaison": 0}.items()}
    # A child of another family that the nursery knows as well.
    assert outcome(homes.staff, USE, **use(homes.mother, homes.other_child)) == REFUSED
    # What was taken back stays so; nothing else of a day changes, and none goes.
    run("UPDATE declared_uses SET retracted_at = now()")
    assert outcome(homes.mother, back, family=homes.mother.family_id) == 0
    for statement in ("UPDATE declared_uses SET minutes = 60", "DELETE FROM declared_uses"):
        assert outcome(homes.mother, statement) == REFUSED


@pytest.mark.proves("P7", "R25")
def test_what_is_known_of_a_home_is_each_side_s_own(homes: Homes, run: Run) -> None:
    here, there = homes.here.organisation_id, homes.there.organisation_id
    for org in (None, here, there):
        run(FACT, **fact(homes.mother, homes.child, org))
    run(FACT, **fact(homes.other, homes.other_child, None))
    run(FACT, **fact(homes.stranger, None, None))
    look = "SELECT 1 FROM home_facts WHERE family_id = :family"
    nobody = {"other": 0, "stranger": 0, "nobody": 0, "liaison": 0}
    found = by_all(homes, look, family=homes.mother.family_id)
    assert found == {"mother": 3, "staff": 2, "staff_there": 2, **nobody}
    assert outcome(homes.staff_there, look, family=homes.other.family_id) == 0
    ends = "UPDATE home_facts SET ended_at = now() WHERE family_id = :family"
    found = by_all(homes, ends, family=homes.mother.family_id)
    assert found == {"mother": 1, "staff": 1, "staff_there": 1, **nobody}
    refused = dict.fromkeys(WHOS, REFUSED)
    for org, who in ((None, "mother"), (here, "staff"), (there, "staff_there")):
        told = by_all(homes, FACT, **fact(homes.mother, homes.child, org))
        assert told == {**refused, who: 1}
    assert by_all(homes, FACT, **fact(homes.stranger, None, here)) == refused
    for wrong in (homes.other_child, people.children_of(homes.stranger)[0].id):
        assert outcome(homes.staff, FACT, **fact(homes.mother, wrong, here)) == REFUSED
    run("UPDATE home_facts SET ended_at = now()")
    assert outcome(homes.mother, ends, family=homes.mother.family_id) == 0
    for statement in ("UPDATE home_facts SET kind = 'mark'", "DELETE FROM home_facts"):
        assert outcome(homes.mother, statement) == REFUSED


@pytest.mark.proves("P7", "R6")
def test_a_nursery_knows_a_home_from_its_first_moment_to_its_last(homes: Homes, run: Run) -> None:
    here = homes.here.organisation_id
    run(USE, **use(homes.mother, homes.child))
    run(FACT, **fact(homes.mother, None, here))
    counted = "SELECT * FROM uses_of_children(ARRAY[CAST(:child AS uuid)], :programme, :day, :day)"
    values = {"child": homes.child, "programme": homes.here.programme_id, "day": "2026-01-01"}
    for moment, is_open in ((OPEN, True), (NOT_YET, False), (ENDED, False)):
        run(f"UPDATE family_access SET {moment}")
        for table, column in (("declared_uses", "retracted_at"), ("home_facts", "ended_at")):
            assert outcome(homes.staff, f"SELECT 1 FROM {table}") == int(is_open)
            assert outcome(homes.staff, f"UPDATE {table} SET {column} = now()") == int(is_open)
        written = 1 if is_open else REFUSED
        assert outcome(homes.staff, USE, **use(homes.mother, homes.child)) == written
        assert outcome(homes.staff, FACT, **fact(homes.mother, None, here)) == written
        assert outcome(homes.staff, counted, **values) == (0 if is_open else REFUSED)


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    (USE, {"minutes": 0}, "ck_declared_uses_minutes"),
    (USE, {"minutes": 1441}, "ck_declared_uses_minutes"),
    (USE, {"type": ""}, "ck_declared_uses_use_type"),
    (USE, {"type": "x" * 41}, "ck_declared_uses_use_type"),
    (FACT, {"kind": "income"}, "ck_home_facts_kind"),
    (FACT, {"first": "2026-04-02", "last": "2026-04-01"}, "ck_home_facts_days"),
    (FACT, {"seen": "2026-04-01"}, "ck_home_facts_seen_by_staff"),
)


def test_a_row_is_whole_or_none(tanaka: Actor) -> None:
    child = people.children_of(tanaka)[0].id
    rows = {USE: use(tanaka, child), FACT: fact(tanaka, child, None)}
    for statement, more, constraint in WRONG:
        assert outcome(tanaka, statement, **rows[statement]) == 1
        assert outcome(tanaka, statement, **{**rows[statement], **more}) == constraint
