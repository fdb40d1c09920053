"""What the queries themselves ask, with row-level security taken away behind them."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import NoResultFound

from portal.db import roles
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.letters import queries as letters
from portal.letters import service as letter_service
from portal.letters.rules import Way
from portal.preregistration import queries as registrations
from portal.preregistration.waiting import ending_until
from tests.database import TestServer
from tests.factories import letters as letter_factory
from tests.factories import people, places


@pytest.fixture
def at_two(emptied: Engine, server: TestServer) -> tuple[Actor, Actor, Actor, uuid.UUID]:
    """A family that is open to two providers, their staff, and its registration at the first.

    No policy stands behind the queries of letters, mails, children and registrations.
    """
    first, second = places.make_site("ひなた保育園"), places.make_site("みどり園")
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    (child,) = people.children_of(mother)
    row = places.accept(first, mother, child.id)
    places.accept(second, mother, child.id)
    staff = [people.make_worker("職員", each.organisation_id, "staff") for each in (first, second)]
    admin = create_engine(server.url(roles.ADMIN, str(emptied.url.database)))
    with admin.begin() as connection:
        for table in (
            *("letters", "outbox_messages", "children"),
            *("preregistrations", "preregistration_messages"),
        ):
            connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
            connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    admin.dispose()
    return staff[0], staff[1], mother, row


@pytest.mark.proves("P13")
def test_letters_of_another_provider_are_in_no_list_and_open_nowhere(
    at_two: tuple[Actor, Actor, Actor, uuid.UUID],
) -> None:
    own, other, mother, row = at_two
    assert own.organisation_id is not None
    letter_factory.unmailed(
        "preregistration/accepted", row, family=mother, organisation_id=own.organisation_id
    )
    now = clock.now()
    with acting_as(other) as session:
        assert letters.waiting(session, actor=other) == []
        session.rollback()
    with acting_as(own), transaction() as session:
        (line,) = letters.waiting(session, actor=own)
        letter_service.write(session, [line.id], actor=own, now=now, where=letter_factory.WHERE)
        made = letters.letter(session, line.id, actor=own)
        assert letters.printable(session, [made.id], actor=own)
        made.way, made.passed_on = Way.HANDED, clock.today(now)
        made.closed_at, made.closed_by = now, own.user_id
        session.flush()
        assert letters.passed_on(session, made.made_at, actor=own)
        key, since = made.id, made.made_at
    with acting_as(other) as session:
        assert letters.printable(session, [key], actor=other) == []
        assert letters.passed_on(session, since, actor=other) == []
        with pytest.raises(NoResultFound):
            letters.letter(session, key, actor=other)
        session.rollback()


@pytest.mark.proves("P13")
def test_registrations_of_another_provider_are_in_no_list_and_open_nowhere(
    at_two: tuple[Actor, Actor, Actor, uuid.UUID],
) -> None:
    own, other, mother, row = at_two
    stranger = people.make_guardian("遠い だれか")
    with acting_as(own) as session:
        assert registrations.preregistration(session, row, actor=own).id == row
        session.rollback()
    for who in (other, stranger):
        with acting_as(who) as session:
            found = registrations.of_family(session, actor=who, family_id=mother.family_id)
            assert row not in {each.id for each in found}
            assert registrations.messages(session, row, actor=who) == []
            with pytest.raises(NoResultFound):
                registrations.preregistration(session, row, actor=who)
            session.rollback()
    with acting_as(other) as session:
        until = registrations.of_family(session, actor=other, family_id=mother.family_id)
        day = until[0].accepted_until
        assert day is not None
        assert ending_until(session, day, day, actor=other) == [(day, 1)]
        session.rollback()
