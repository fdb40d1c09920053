"""Many at once: schedulers, two staff at one call, five hundred children and no mail server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text

from portal.app import create_app
from portal.bookings.models import Booking
from portal.config import MailSettings
from portal.contacts.rules import ContactChannel
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.spans import span_on
from portal.messages import letters
from portal.messages.delivery import Delivery
from portal.messages.smtp import Post
from portal.noshow import checking, queries, raising, service, writing
from portal.noshow.rules import CheckResult
from portal.slots.places import Stay, Taken, take_places
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories import people
from tests.factories.cases import DUE, clockwork, missing, refer
from tests.factories.days import DAY, book, clock_time
from tests.factories.places import Site, make_site
from tests.pages.visit import Visitor
from tests.smtp import running_mail_server

Look = Callable[[str], list[Any]]
Run = Callable[[datetime], None]


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


@pytest.fixture
def staff(site: Site) -> Actor:
    return people.make_worker("佐藤 まり", site.organisation_id, "staff")


@pytest.fixture
def mother(site: Site) -> Actor:
    del site
    return people.make_guardian("田中 みほ", children=("田中 はな",))


@pytest.fixture
def nurse(site: Site) -> Actor:
    del site
    return people.make_liaison("鈴木 あき")


@pytest.fixture
def run(emptied: Engine, server: TestServer) -> Iterator[Run]:
    with clockwork(emptied, server) as round_of_a_minute:
        yield round_of_a_minute


@pytest.fixture
def look(emptied: Engine, server: TestServer) -> Iterator[Look]:
    """Ask the database as its superuser, past every policy."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def ask(sql: str) -> list[Any]:
        with admin.connect() as connection:
            return list(connection.execute(text(sql)))

    yield ask
    admin.dispose()


WAITING = (
    "SELECT 1 FROM outbox_messages WHERE kind = 'noshow/alert'"
    " AND sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL"
)


def delivering(emptied: Engine, server: TestServer, post: Post) -> None:
    """Deliver what is due as the worker would, whatever was waited for meanwhile."""
    before = in_use()
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    late = Delivery(
        letters.collect(),
        post,
        base_url="http://portal.example",
        now=lambda: clock.now() + timedelta(hours=1),
    )
    late.drain()
    use(before)
    engine.dispose()


def states(look: Look) -> list[str]:
    return [row.state for row in look("SELECT state FROM care_cases ORDER BY number")]


@pytest.mark.proves("R16")
def test_two_schedulers_at_once_raise_each_case_once(
    site: Site, mother: Actor, nurse: Actor, look: Look, emptied: Engine, server: TestServer
) -> None:
    refer(nurse, site, mother)
    book(site, mother)
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)), pool_size=4)
    use(Database(engine, server.secrets))

    def one_round(_number: int) -> int:
        with acting_as(ANONYMOUS), transaction() as session:
            return raising.raise_due(session, DUE)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_round, range(4))) == 1
    engine.dispose()
    assert len(look("SELECT 1 FROM care_case_reports")) == 1
    assert len(look("SELECT 1 FROM outbox_messages WHERE kind = 'noshow/alert'")) == 1


def both_press(site: Site, mother: Actor, staff: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two staff write the same result, each once both have looked, where they can."""
    case_id = missing(site, mother)
    colleague = people.make_worker("田村 ゆき", site.organisation_id, "staff")
    start, meet = Barrier(2), Barrier(2)
    move = writing.move

    def looked(*given: Any, **more: Any) -> Any:
        with suppress(BrokenBarrierError):  # where the other waits for the row, nobody meets
            meet.wait(timeout=1)
        return move(*given, **more)

    monkeypatch.setattr(checking, "move", looked)

    def press(actor: Actor) -> None:
        with acting_as(actor), transaction() as session:
            start.wait()
            service.record_result(
                session,
                case_id,
                CheckResult.NOT_REACHED,
                channel=ContactChannel.PHONE,
                actor=actor,
                now=DUE,
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, (staff, colleague)))


@pytest.mark.proves("R21")
def test_two_staff_at_the_same_moment_write_one_call(
    site: Site, mother: Actor, staff: Actor, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_press(site, mother, staff, monkeypatch)
    assert len(look("SELECT 1 FROM care_case_events WHERE kind = 'phone.not_reached'")) == 1
    assert len(look("SELECT 1 FROM contacts")) == 1


def test_without_the_lock_the_call_would_stand_twice(
    site: Site, mother: Actor, staff: Actor, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race doubles the call as soon as nobody waits for the row."""
    read = queries.case

    def unlocked(*given: Any, is_to_change: bool = False, **more: Any) -> Any:
        del is_to_change
        return read(*given, **more)

    monkeypatch.setattr(queries, "case", unlocked)
    both_press(site, mother, staff, monkeypatch)
    assert len(look("SELECT 1 FROM contacts")) == 2


def booked(site: Site, mother: Actor, count: int) -> None:
    """Book ``count`` children of one family, each for itself, in one transaction."""
    book(site, mother)
    ids = [uuid.uuid4() for _ in range(count - 1)]
    assert mother.family_id is not None
    with acting_as(mother), transaction() as session:
        session.execute(
            insert(Child),
            [
                {
                    "id": each,
                    "family_id": mother.family_id,
                    "name": f"田中 {number}",
                    "search_key": f"田中{number}",
                    "born_on": people.BORN,
                }
                for number, each in enumerate(ids)
            ],
        )
        stays = [
            Stay(
                id=uuid.uuid4(),
                group_id=uuid.uuid4(),
                programme_id=site.programme_id,
                family_id=mother.family_id,
                child_id=each,
                purpose="respite",
                span=span_on(DAY, clock_time("9:00").time(), clock_time("12:00").time()),
                rulebook_id=site.rulebook_id,
                fee_yen=0,
                fee_lines=[],
                cancel_until=None,
                channel="web",
                received_at=clock_time("8:00"),
                pickup_person_id=None,
                trial_part=None,
            )
            for each in ids
        ]
        assert isinstance(take_places(session, stays), Taken)


@pytest.mark.proves("R16", "F4")
def test_five_hundred_in_a_minute_with_the_mail_server_down(
    nurse: Actor, look: Look, run: Run, emptied: Engine, server: TestServer
) -> None:
    many = make_site("おおぞら保育園", places=600, baby_places=600)
    for number in range(20):
        family = people.make_guardian(f"田中 みほ{number}", children=("田中 はな",))
        refer(nurse, many, family)
        booked(many, family, 25)
    run(DUE)
    assert len(states(look)) == 500
    staff = people.make_worker("佐藤 まり", many.organisation_id, "staff")
    outage = Post(MailSettings(host="127.0.0.1", port=9))
    delivering(emptied, server, outage)
    assert len(look(WAITING)) == 500
    run(DUE + timedelta(minutes=1))
    assert len(states(look)) == 500, "raised once"
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    for who, url in (
        (staff, "/office/cases/"),
        (staff, f"/office/facilities/{many.facility_id}/board/{DAY}"),
        (nurse, "/liaison/"),
        (nurse, "/liaison/cases/"),
    ):
        browser = Visitor(app, who)
        assert browser.client.get(url, follow_redirects=True).status_code == 200, url
    with running_mail_server() as smtp:
        delivering(emptied, server, Post(smtp.settings))
        assert len(smtp.copies) == len(smtp.taken) == 500
    assert look(WAITING) == []
    with acting_as(nurse) as session:
        assert session.scalars(select(Booking.id)).all() == []  # the sender sees no bookings
