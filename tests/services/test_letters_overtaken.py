"""Letters that do not hold any more wait no more; what a refusal on paper says besides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.letters import queries, service
from portal.letters.rules import Way
from portal.preregistration import service as preregistrations
from portal.visits import service as visit_service
from tests.factories import letters, places, visits
from tests.services.test_letters import booked, waiting, written


@pytest.fixture
def family(sato: Actor) -> Actor:
    return letters.phone_family(sato)


def tidy(who: Actor) -> None:
    with acting_as(who), transaction() as session:
        service.close_overtaken(session, actor=who, now=clock.now(), where=letters.WHERE)


@pytest.mark.proves("J7")
def test_a_refusal_on_paper_names_the_other_places_as_the_page_does(
    hinata: places.Site, midori: places.Site, sato: Actor, family: Actor
) -> None:
    row = letters.phone_application(hinata, sato, family)
    now = clock.now()
    with acting_as(sato), transaction() as session:
        preregistrations.decline(session, row, "いまは満員です", actor=sato, now=now)
        name = session.get_one(Facility, midori.facility_id).name
    letters.unmailed(
        "preregistration/declined", row, family=family, organisation_id=hinata.organisation_id
    )
    (letter,) = written(sato)
    assert f"・{name}　みほん市中央1-1　000-0000-0000" in letter.body
    assert "・ひなた保育園" not in letter.body


@pytest.mark.proves("J7")
@pytest.mark.parametrize("before", ["waiting", "printed"])
def test_what_has_changed_since_waits_no_more_printed_or_not(
    hinata: places.Site, sato: Actor, family: Actor, before: str
) -> None:
    visit = visits.book(family, visits.open_session(hinata))
    letters.unmailed("visits/booked", visit, family=family, organisation_id=hinata.organisation_id)
    if before == "printed":
        written(sato)
    tidy(sato)
    assert len(waiting(sato)) == 1
    now = clock.now()
    with acting_as(sato), transaction() as session:
        visit_service.cancel(session, visit, actor=sato, now=now)
    letters.unmailed(
        "visits/cancelled", visit, family=family, organisation_id=hinata.organisation_id
    )
    tidy(sato)
    (line,) = waiting(sato)
    assert line.message.kind == "visits/cancelled"
    with acting_as(sato) as session:
        (gone,) = queries.passed_on(session, now - timedelta(days=1), actor=sato)
        assert (gone.letter.kind, gone.letter.way) == ("visits/booked", Way.NOT_NEEDED)


def test_of_two_words_about_one_change_the_later_one_waits(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    group = booked(hinata, family)
    with acting_as(family) as session:
        stay = session.scalars(select(Booking).where(Booking.group_id == group)).one()
        times: dict[str, Any] = {
            "starts_at": stay.starts_at.isoformat(),
            "ends_at": stay.ends_at.isoformat(),
        }
        session.rollback()
    _first, last = (
        letters.unmailed(
            "bookings/changed",
            group,
            family=family,
            organisation_id=hinata.organisation_id,
            has_failed=False,
            **times,
        )
        for _time in range(2)
    )
    tidy(sato)
    changed = [line for line in waiting(sato) if line.message.kind == "bookings/changed"]
    assert [line.message.id for line in changed] == [last]
