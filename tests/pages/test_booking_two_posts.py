"""The last place, asked for twice at once through the whole portal."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from portal.app import create_app
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories.people import children_of, make_guardian
from tests.factories.places import accept, make_site, next_open_day
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_booking_race import as_admin, children_booked, slow_take_places

DAY = next_open_day()


@pytest.mark.proves("B53", "B56")
def test_one_gets_the_last_place_and_the_other_a_sentence(
    server: TestServer, emptied: Engine
) -> None:
    as_admin(server, emptied, slow_take_places(is_locked=True))
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    site = make_site("ひとりの園", places=1)
    tries = []
    for number in range(2):
        mother = make_guardian(f"母{number}", children=(f"子{number}",))
        accept(site, mother, children_of(mother)[0].id)
        form = {"once": str(uuid.uuid4()), **wished(mother, site, DAY)}
        tries.append((Visitor(app, mother), form))
    start = Barrier(2)

    def send(who: tuple[Visitor, dict[str, object]]) -> Page:
        start.wait()
        return who[0].post("/my/bookings/", who[1])

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, tries), key=lambda page: page.status)
    assert [page.status for page in answers] == [303, 409]
    assert "園全体が 9:00 から満員です" in answers[1].text
    assert children_booked(server, emptied) == 1
