"""Whose stays count toward a limit, and who may count them: each condition breached alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.slots.places import Taken, take_places
from portal.uses.service import take_back, tell
from tests.database import TestServer
from tests.factories import keeping, people, referring
from tests.factories.places import Site, make_site
from tests.services.test_booking_race import as_admin
from tests.services.test_caps_held import cap, later, limited, tries, uses
from tests.services.test_take_places import stay_for, take

Run = Callable[..., Any]
FIRST, SECOND = later(2)
ONE = cap("days", 1, scope="everywhere")


@dataclass(frozen=True)
class Joined:
    """A family that a body referred to a nursery, where it has a record of its own as well."""

    site: Site
    mother: Actor
    child: uuid.UUID
    #: The same family in the record of the body that referred it.
    referred: uuid.UUID
    referred_child: uuid.UUID


@pytest.fixture
def run(emptied: Engine, server: TestServer) -> Iterator[Run]:
    """Do something past every policy, as no part of the portal can; return the first column."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def write(statement: str, **values: Any) -> list[Any]:
        with admin.begin() as connection:
            done = connection.execute(text(statement), values)
            return list(done.scalars()) if done.returns_rows else []

    yield write
    admin.dispose()


@pytest.fixture
def joined(emptied: Engine) -> Joined:
    del emptied
    site = make_site("ひなた保育園")
    worker = people.make_liaison("鈴木 あき")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    row = referring.referred(worker, site, due_in=None)
    born_on = date(2024, 6, 15)  # as the interview says
    mother = people.make_guardian("高橋 あかり", children=("高橋 そら",), born_on=born_on)
    referring.joined_with(row, mother, staff)
    child = people.children_of(mother)[0].id
    return Joined(site, mother, child, row.family_id, row.child_ids[0])


TWIN = (
    "INSERT INTO children (id, family_id, name, search_key, born_on) SELECT gen_random_uuid(),"
    " family_id, '高橋 うみ', '', born_on FROM children WHERE id = :child"
)
ENDED = "UPDATE children SET ended_at = now(), ended_kind = 'birth_undone' WHERE name = '高橋 うみ'"
RENAMED = "UPDATE children SET name = :name WHERE id = :child"


@pytest.mark.proves("J9")
def test_a_child_is_the_same_in_both_records_of_its_family(joined: Joined, run: Run) -> None:
    def is_the_same() -> bool:
        asked = "SELECT same_id FROM same_children(ARRAY[CAST(:child AS uuid)])"
        return joined.referred_child in run(asked, child=joined.child)

    assert is_the_same()
    run(RENAMED, name="タカハシ べつ", child=joined.referred_child)
    assert is_the_same(), "of one birth, and alone in that in both records"
    run(TWIN, child=joined.child)
    assert not is_the_same(), "one of twins, and called otherwise"
    run(RENAMED, name="高橋　そら", child=joined.referred_child)
    assert is_the_same(), "one of twins, and called the same"
    run(RENAMED, name="タカハシ べつ", child=joined.referred_child)
    run(ENDED)
    assert is_the_same(), "the twin was entered by mistake"
    run(RENAMED, name="高橋 そら", child=joined.referred_child)
    run("UPDATE children SET born_on = born_on - 1 WHERE id = :child", child=joined.referred_child)
    assert not is_the_same(), "of another birth"


@pytest.mark.proves("J9", "P1")
def test_what_stands_in_the_other_record_counts(joined: Joined, run: Run) -> None:
    family = joined.mother.family_id
    assert family is not None
    site = limited(joined.site, ONE)
    there = {"family": joined.referred, "there": joined.referred_child, "child": joined.child}
    move = "UPDATE {} SET family_id = :family, child_id = :there WHERE child_id = :child"
    wish = stay_for(site, family, joined.child, SECOND)
    take(joined.mother, stay_for(joined.site, family, joined.child, FIRST))
    run(move.format("bookings"), **there)
    assert not tries(joined.mother, wish)
    run("UPDATE bookings SET state = 'cancelled', cancelled_at = now()")
    with acting_as(joined.mother), transaction() as session:
        mother, now = joined.mother, clock.now()
        tell(session, family, joined.child, [FIRST], 240, actor=mother, now=now)
    run(move.format("declared_uses"), **there)
    assert not tries(joined.mother, wish)
    run("UPDATE declared_uses SET retracted_at = now()")
    assert tries(joined.mother, wish)


def passes_meanwhile(joined: Joined, run: Run) -> bool:
    """Book in one record while a stay is being booked in the other, which ends after it."""
    family = joined.mother.family_id
    assert family is not None
    site = limited(joined.site, ONE)
    other = people.make_guardian("もう一人", children=("子",))
    # The same family, known by its other record.
    run(
        "UPDATE guardians SET family_id = :family WHERE user_id = :user",
        family=joined.referred,
        user=other.user_id,
    )
    other = replace(other, family_id=joined.referred)
    with ThreadPoolExecutor(1) as pool:
        with acting_as(joined.mother), transaction() as session:
            first = take_places(session, [stay_for(site, family, joined.child, FIRST)])
            assert isinstance(first, Taken)
            second = stay_for(site, joined.referred, joined.referred_child, SECOND)
            meanwhile = pool.submit(tries, other, second)
            session.execute(text("SELECT pg_sleep(1)"))
        return meanwhile.result()


@pytest.mark.proves("J9", "P1")
def test_two_records_of_a_child_wait_for_each_other(joined: Joined, run: Run) -> None:
    assert not passes_meanwhile(joined, run)


def test_without_the_lock_of_both_both_would_pass(
    joined: Joined, run: Run, server: TestServer, emptied: Engine
) -> None:
    as_admin(
        server,
        emptied,
        """DO $do$ DECLARE said text := pg_get_functiondef('public.hold_caps(jsonb)'::regprocedure);
        BEGIN
            EXECUTE replace(said, 'c.id IN (SELECT m.same_id', 'c.id IN (SELECT m.child_id');
        END $do$""",
    )
    assert passes_meanwhile(joined, run)


def counted(actor: Actor, site: Site, *children: uuid.UUID) -> int:
    asked = text("SELECT * FROM uses_of_children(:children, :programme, :day, :day)")
    values = {"children": list(children), "programme": site.programme_id, "day": FIRST}
    with acting_as(actor) as session:
        return len(session.execute(asked, values).all())


@pytest.mark.proves("P7")
def test_who_may_not_see_a_family_counts_nothing_of_it(emptied: Engine) -> None:
    del emptied
    site, worker = make_site("ひなた保育園"), people.make_liaison("鈴木 あき")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    known, strange = (people.make_guardian("母", children=("子",)) for _each in range(2))
    mine, foreign = (people.children_of(each)[0].id for each in (known, strange))
    for actor, child in ((known, mine), (strange, foreign)):
        assert actor.family_id is not None
        take(actor, stay_for(site, actor.family_id, child, FIRST))
    with acting_as(known), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
    for actor in (known, staff):
        assert len(uses(actor, site, mine)) == 1
        for unknown in (foreign, uuid.uuid4()):
            with pytest.raises(ProgrammingError, match="not children of the actor"):
                uses(actor, site, unknown)
        with pytest.raises(ProgrammingError, match="not children of the actor"):
            counted(actor, site, mine, foreign)
    # A body sees what a family used once the family agreed to be booked for, and nothing before.
    spot = keeping.on_the_spot(worker, site)
    with acting_as(worker), transaction() as session:
        take_places(session, [keeping.stay_of(spot, site, FIRST)])
    assert len(uses(worker, site, spot.child_ids[0])) == 1
    assert uses(people.make_liaison("よその 市の人"), site, spot.child_ids[0]) == []
    assert uses(worker, site, mine) == []


def test_a_day_that_was_taken_back_is_no_use(hinata: Site, tanaka: Actor) -> None:
    assert tanaka.family_id is not None
    child, now = people.children_of(tanaka)[0].id, clock.now()
    with acting_as(tanaka), transaction() as session:
        [row] = tell(session, tanaka.family_id, child, [FIRST], 240, actor=tanaka, now=now)
    assert len(uses(tanaka, hinata, child)) == 1
    with acting_as(tanaka), transaction() as session:
        take_back(session, tanaka.family_id, row, actor=tanaka, now=now)
    assert uses(tanaka, hinata, child) == []


def test_siblings_of_one_wish_count_apart(hinata: Site, tanaka: Actor) -> None:
    assert tanaka.family_id is not None
    both = (people.children_of(tanaka)[0].id, people.make_child(tanaka, "田中 りく"))
    site = limited(hinata, cap("visits", 1))
    assert tries(tanaka, *(stay_for(site, tanaka.family_id, each, FIRST) for each in both))


def test_staff_set_a_limit_aside_by_its_name(hinata: Site, tanaka: Actor, sato: Actor) -> None:
    assert tanaka.family_id is not None
    child = people.children_of(tanaka)[0].id
    site = limited(hinata, ONE)
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
    assert tries(tanaka, stay_for(site, tanaka.family_id, child, FIRST))
    wish = stay_for(site, tanaka.family_id, child, SECOND)
    for codes, passes in ((["too_young"], False), (["too_young", "cap_reached"], True)):
        overruled = {"codes": codes, "because": "園長が認めたため"}
        assert tries(sato, replace(wish, overruled=overruled)) is passes


@pytest.mark.parametrize(
    ("more", "constraint"),
    [
        ({"use_type": ""}, "ck_bookings_use_type"),
        ({"use_type": "x" * 41}, "ck_bookings_use_type"),
        ({"use_reason": ""}, "ck_bookings_use_reason"),
        ({"use_reason": "x" * 41}, "ck_bookings_use_reason"),
        ({"tickets": {}}, "ck_bookings_tickets"),
    ],
)
def test_a_stay_names_its_use_and_tickets_in_their_shape(
    hinata: Site, tanaka: Actor, more: dict[str, Any], constraint: str
) -> None:
    assert tanaka.family_id is not None
    child = people.children_of(tanaka)[0].id
    with pytest.raises(IntegrityError) as refused:
        take(tanaka, replace(stay_for(hinata, tanaka.family_id, child, FIRST), **more))
    assert breached_constraint(refused.value) == constraint


@pytest.mark.proves("P7")
@pytest.mark.parametrize(
    "call",
    ["hold_caps('[]')", "may_count_uses('{}')", "same_children('{}')"],
)
def test_what_sees_every_family_is_called_by_the_database_alone(tanaka: Actor, call: str) -> None:
    with acting_as(tanaka) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text(f"SELECT {call}"))
