"""Whether a new registration waits is said to everybody, before anybody applies; never how many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as
from portal.db.statements import Statement
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.preregistration import deciding, places, service
from tests.factories.people import make_guardian
from tests.factories.places import Site
from tests.factories.registration import apply_for, ask
from tests.pages.visit import Visitor
from tests.services.test_registration_limits import do

TODAY = clock.today(clock.now())
FULL = "事前登録は、いま満員です"
#: The family sheet is asked for a child by the month of its birth.
CHILD = f"{TODAY.year - 2}-06"


def is_full(site: Site, on: object = TODAY) -> bool:
    """What anybody can find out without signing in."""
    with acting_as(ANONYMOUS) as session:
        found = session.scalars(
            text("SELECT * FROM registrations_full(:ids, :on)"),
            {"ids": [site.facility_id], "on": on},
        ).all()
    return found == [site.facility_id]


def pages(app: Flask, site: Site) -> list[str]:
    """The page, its paper, and the paper of a family: each says it, or none."""
    return [
        Visitor(app).get(each).text
        for each in (
            f"/facilities/{site.facility_id}",
            f"/facilities/{site.facility_id}/sheet",
            f"/family-sheet/paper?child={CHILD}",
        )
    ]


@pytest.mark.proves("R5", "R9", "R1")
def test_full_is_said_on_every_public_page_and_ends_with_a_withdrawal(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    ask(hinata, limit=2)
    (first,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    (second,) = apply_for(hinata, make_guardian("林 みほ", children=("林 はな",)))
    do(sato, service.accept, first)
    assert not is_full(hinata), "one of two is free, and an application alone takes none"
    assert not any(FULL in page for page in pages(app, hinata))
    do(sato, service.accept, second)
    assert is_full(hinata)
    assert all(FULL in page and "空き待ち" in page for page in pages(app, hinata))
    assert not is_full(hinata, TODAY + timedelta(days=500)), "they end with their year"
    do(sato, service.withdraw, first)
    assert not any(FULL in page for page in pages(app, hinata))


@pytest.mark.proves("R5")
def test_a_place_that_others_wait_for_is_no_free_one(hinata: Site, sato: Actor) -> None:
    ask(hinata, limit=1)
    waiting = apply_for(hinata, make_guardian("森 あい", children=("森 りん", "森 かい")))
    assert not is_full(hinata)
    do(sato, deciding.wait, waiting[0])
    assert is_full(hinata), "two wait for one place: who comes now does not overtake them"


def test_what_is_not_published_or_not_limited_says_nothing(hinata: Site, sato: Actor) -> None:
    (row,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    do(sato, service.accept, row)
    assert not is_full(hinata)
    ask(hinata, limit=1)
    assert is_full(hinata)
    with acting_as(hinata.owner) as session:
        session.execute(text("UPDATE facilities SET published_at = NULL"))
        session.flush()
        found = session.execute(
            text("SELECT * FROM registrations_full(:ids, :on)"),
            {"ids": [hinata.facility_id], "on": TODAY},
        )
        assert found.all() == []
        session.rollback()


def test_one_query_more_where_there_is_a_limit_and_none_elsewhere(
    app: Flask, hinata: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    rows = Statement.rows

    def counted(self: Statement, session: object, values: object) -> object:
        asked.append(values)
        return rows(self, session, values)  # type: ignore[arg-type]  # handed on as it came

    full = places._FULL
    monkeypatch.setattr(
        Statement,
        "rows",
        lambda self, *more: counted(self, *more) if self is full else rows(self, *more),
    )
    Visitor(app).get(f"/facilities/{hinata.facility_id}")
    assert asked == []
    ask(hinata, limit=1)
    Visitor(app).get(f"/facilities/{hinata.facility_id}")
    assert len(asked) == 1
