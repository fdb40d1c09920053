"""A child registered twice: the second is closed while nothing runs for it, and can come back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from portal.app import listen_to_families
from portal.db.session import acting_as, transaction
from portal.families import queries, twice
from portal.families.expected_rules import UNDO_FOR
from portal.families.twice_rules import TwiceBecause, TwiceRefusal
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.preregistration import service as preregistrations
from tests.factories import days, people, places, visits

NOW = clock.now()


class Two(NamedTuple):
    """A family with one child and two registrations; staff see it by the first."""

    family: Actor
    first: uuid.UUID
    second: uuid.UUID


def registered_twice(site: places.Site) -> Two:
    family = people.make_guardian("森 ゆい", children=("森 はる",))
    (first,) = people.children_of(family)
    places.accept(site, family, first.id)
    return Two(family, first.id, people.make_child(family, "森 はる"))


@pytest.fixture
def two(app: Flask, hinata: places.Site) -> Two:
    del app
    return registered_twice(hinata)


def close(who: Actor, child_id: uuid.UUID, same_as: uuid.UUID) -> None:
    with acting_as(who), transaction() as session:
        because = TwiceBecause.FAMILY_AND_STAFF
        twice.close_second(session, child_id, same_as, because, actor=who, now=NOW)


def refused(who: Actor, child_id: uuid.UUID, same_as: uuid.UUID) -> set[object]:
    with pytest.raises(Refusal) as found:
        close(who, child_id, same_as)
    return set(found.value.codes)


def shown(who: Actor, two: Two) -> list[uuid.UUID]:
    assert two.family.family_id is not None
    with acting_as(who) as session:
        found = [each.id for each in queries.children(session, two.family.family_id, actor=who)]
        session.rollback()
    return found


@pytest.mark.proves("R2", "J7")
def test_the_second_is_shown_no_more_and_comes_back_within_its_days(sato: Actor, two: Two) -> None:
    close(sato, two.second, two.first)
    assert shown(sato, two) == shown(two.family, two) == [two.first]
    with acting_as(sato) as session, pytest.raises(NoResultFound):
        queries.child(session, two.second, actor=sato)
    with acting_as(two.family) as session:
        log = session.execute(text("SELECT * FROM family_log('-infinity', 'infinity')")).all()
        assert "child.closed" in {row.action for row in log}
        session.rollback()
    late = NOW + UNDO_FOR + timedelta(hours=1)
    with acting_as(sato), transaction() as session, pytest.raises(Refusal):
        twice.reopen_second(session, two.second, actor=sato, now=late)
    with acting_as(sato), transaction() as session:
        twice.reopen_second(session, two.second, actor=sato, now=NOW)
    assert set(shown(sato, two)) == {two.first, two.second}


@pytest.mark.proves("R2", "R5")
def test_what_runs_anywhere_is_named_and_nothing_is_closed(
    hinata: places.Site, midori: places.Site, sato: Actor, two: Two
) -> None:
    row = places.accept(midori, two.family, two.second)
    assert refused(sato, two.second, two.first) == {TwiceRefusal.APPLICATIONS_RUN}
    days.book(midori, two.family, children=[two.second])
    visit = visits.open_session(hinata)
    visits.book(two.family, visit, child_ids=(two.second,))
    assert refused(sato, two.second, two.first) == set(TwiceRefusal) - {TwiceRefusal.NO_OTHER}
    with acting_as(two.family), transaction() as session:
        preregistrations.withdraw(session, row, actor=two.family, now=NOW)
        session.execute(text("UPDATE visits SET child_ids = '{}'"))
    assert refused(sato, two.second, two.first) == {TwiceRefusal.BOOKINGS_RUN}
    assert set(shown(sato, two)) == {two.first, two.second}


@pytest.mark.proves("R2")
def test_the_other_is_a_child_of_the_same_family_that_goes_on(
    hinata: places.Site, sato: Actor, yamada: Actor, two: Two
) -> None:
    stranger = registered_twice(hinata)
    for same_as in (two.second, stranger.first, uuid.uuid4()):
        assert refused(sato, two.second, same_as) == {TwiceRefusal.NO_OTHER}
    with pytest.raises(NoResultFound):
        close(yamada, two.second, two.first)
    close(sato, two.second, two.first)
    with pytest.raises(NoResultFound):
        close(sato, two.second, two.first)
    gone = refused(sato, two.first, two.second)
    assert TwiceRefusal.NO_OTHER in gone, "one of two stays, whatever is asked"


@pytest.mark.proves("R2", "P7")
@pytest.mark.parametrize(
    ("same_as", "kind", "said"),
    [
        ("second", "entered_twice", "ck_children_same_as"),
        ("first", "birth_undone", "ck_children_same_as"),
        ("stranger", "entered_twice", "no such child goes on in the family"),
        (None, "entered_twice", "no such child goes on in the family"),
        ("booked", "entered_twice", "something runs for the child"),
    ],
)
def test_the_database_holds_it_too(
    hinata: places.Site, sato: Actor, two: Two, same_as: str | None, kind: str, said: str
) -> None:
    if same_as == "booked":
        days.book(hinata, two.family, children=[two.second])
    known = {"first": two.first, "booked": two.first, "second": two.second, None: None}
    other = registered_twice(hinata).first if same_as == "stranger" else known[same_as]
    values = {"other": other, "kind": kind, "id": two.second}
    with pytest.raises(IntegrityError, match=said), acting_as(sato), transaction() as session:
        session.execute(
            text(
                "UPDATE children SET ended_at = now(), ended_kind = :kind, same_as = :other"
                " WHERE id = :id"
            ),
            values,
        )


@pytest.mark.proves("R2", "P2")
def test_a_booking_made_at_the_same_moment_is_waited_for(
    emptied: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del emptied
    listen_to_families()
    site = places.make_site("ひなた保育園")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    two = registered_twice(site)
    booked = Event()

    @contextmanager
    def slowly() -> Iterator[Session]:
        with transaction() as session:
            yield session
            session.flush()
            booked.set()
            time.sleep(0.8)

    monkeypatch.setattr(days, "transaction", slowly)
    with ThreadPoolExecutor(1) as pool:
        stay = pool.submit(days.book, site, two.family, children=[two.second])
        assert booked.wait(20)
        assert refused(staff, two.second, two.first) == {TwiceRefusal.BOOKINGS_RUN}
        assert stay.result()
