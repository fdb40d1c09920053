"""Who is signed in is the database's word at each request, however often a process saw her."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.accounts import persons
from portal.accounts.addresses import token_hash
from portal.db.session import acting_as, current_actor
from portal.kernel.actor import ANONYMOUS, Actor
from tests.factories import people


def _told(token: str) -> tuple[Actor | None, str]:
    """Ask who has a session, as a request does, and what the database then knows of who acts."""
    with acting_as(ANONYMOUS) as session:
        person = persons.person_of(token)
        told = session.execute(text("SELECT coalesce((actor())[1], '')")).scalar_one()
        assert current_actor() is ANONYMOUS
        session.rollback()
    return (person.actor if person else None), told


def test_the_second_time_the_database_is_told_in_the_same_statement(tanaka: Actor) -> None:
    token = people.session_token(tanaka)
    first, before = _told(token)
    assert (first, before) == (tanaka, "")
    assert _told(token) == (tanaka, str(tanaka.user_id))


def test_a_session_that_ended_tells_nothing(tanaka: Actor) -> None:
    token = people.session_token(tanaka)
    assert _told(token)[0] == _told(token)[0] == tanaka
    with acting_as(tanaka) as session:
        session.execute(text("SELECT end_other_sessions(gen_random_uuid())"))
        session.commit()
    assert _told(token) == (None, "")


def test_what_this_process_remembers_is_never_left_standing(
    sato: Actor, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = people.session_token(tanaka)
    monkeypatch.setitem(persons._known, token_hash(token), (("of before",), sato))
    assert _told(token) == (tanaka, "")
