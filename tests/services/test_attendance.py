"""The day on a really committed database: traces, two tablets at once, reminders by the worker."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.accounts.addresses import AddressKind, open_address, token_for
from portal.attendance import queries
from portal.attendance.mail import MAILS
from portal.attendance.models import Attendance, WordFromFamily
from portal.attendance.rules import Step, WordKind
from portal.attendance.service import board, reminders, taps, words
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.db.session import Database, acting_as, make_engine, transaction, use
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.letters import Wanted
from portal.slots.places import release_places
from tests.database import TestServer
from tests.factories.days import DAY, book, clock_time, keep_record
from tests.factories.people import children_of, make_child, make_guardian, make_worker
from tests.factories.places import Site, accept, make_site

NOW = clock_time("9:42")
EVENING = clock_time("18:00", DAY - timedelta(days=1))
Look = Callable[[str], list[Any]]


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


@pytest.fixture
def staff(site: Site) -> Actor:
    return make_worker("佐藤 まり", site.organisation_id, "staff")


@pytest.fixture
def mother(site: Site) -> Actor:
    del site
    return make_guardian("田中 みほ", children=("田中 はな",))


@pytest.fixture
def look(emptied: Engine, server: TestServer) -> Iterator[Look]:
    """Ask the database as its superuser, past every policy."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def ask(sql: str) -> list[Any]:
        with admin.connect() as connection:
            return list(connection.execute(text(sql)))

    yield ask
    admin.dispose()


def test_the_board_leaves_one_trace_a_family_of_the_health_data_it_showed(
    site: Site, staff: Actor, mother: Actor, look: Look
) -> None:
    hana = children_of(mother)[0].id
    keep_record(mother, hana, allergies="卵")
    without_record = make_guardian("森 かおり", children=("森 ゆうと",))
    book(site, mother)
    book(site, without_record)
    with acting_as(staff), transaction() as session:
        shown = board.open_board(session, site.facility_id, DAY, actor=staff, now=NOW)
    assert [child.allergies for child in shown.children if child.has_record] == ["卵"]
    rows = look("SELECT user_id, family_id, subjects, detail::text FROM audit_log"
                " WHERE action = 'read.child_record'")  # fmt: skip
    assert [(row[0], row[1], row[2]) for row in rows] == [(staff.user_id, mother.family_id, [hana])]
    assert "卵" not in str(rows)


@pytest.mark.proves("B46")
def test_two_tablets_at_once_record_one_arrival(
    site: Site, staff: Actor, mother: Actor, look: Look
) -> None:
    (booking,) = book(site, mother)
    start = Barrier(4)

    def arrive(seconds: int) -> None:
        moment = NOW + timedelta(seconds=seconds)
        with acting_as(staff), transaction() as session:
            start.wait(5)
            taps.arrive(session, site.facility_id, booking, actor=staff, now=moment)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(arrive, range(4)))
    assert look("SELECT count(*) FROM attendances")[0][0] == 1
    assert look("SELECT count(*) FROM audit_log WHERE action = 'attendance.arrived'")[0][0] == 1


def test_every_step_leaves_its_trace(site: Site, staff: Actor, mother: Actor, look: Look) -> None:
    (booking,) = book(site, mother)
    with acting_as(staff), transaction() as session:
        at_site = (session, site.facility_id, booking)
        taps.mark_absent(*at_site, BookingState.NO_SHOW, actor=staff, now=NOW)
        taps.arrive(*at_site, actor=staff, now=NOW)
        taps.depart(*at_site, actor=staff, now=NOW)
        taps.undo(*at_site, Step.DEPARTURE, actor=staff, now=NOW)
    rows = look("SELECT action FROM audit_log WHERE action LIKE 'attendance.%' ORDER BY at, id")
    assert {row[0] for row in rows} == {
        "attendance.no_show",
        "attendance.arrived",
        "attendance.departed",
        "attendance.undone",
    }


def test_row_level_security_alone_keeps_strangers_and_families_from_the_day(
    site: Site, staff: Actor, mother: Actor
) -> None:
    (booking,) = book(site, mother)
    with acting_as(staff), transaction() as session:
        taps.arrive(session, site.facility_id, booking, actor=staff, now=NOW)
        row = queries.stay(session, booking, actor=staff)
        words.take_word(
            session, [], WordKind.LATE, channel="phone", actor=staff, now=NOW, expected_at=NOW
        )
    midori = make_site("みどりこども園")
    yamada = make_worker("山田 けい", midori.organisation_id, "staff")
    with acting_as(yamada) as session:
        assert session.scalars(select(Attendance)).all() == []
        assert session.scalars(select(WordFromFamily)).all() == []
        with pytest.raises(NoResultFound):
            queries.stay(session, booking, actor=staff)
        assert not session.scalar(text("SELECT mark_booking(:id, 'no_show')"), {"id": booking})
    with acting_as(mother) as session:
        assert session.get_one(Attendance, booking).arrived_at == NOW
        changed = session.execute(text("UPDATE attendances SET arrived_at = NULL"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]  # an UPDATE's result has it
    with acting_as(mother) as session, pytest.raises(ProgrammingError, match="row-level"):
        session.execute(
            text(
                "INSERT INTO attendances (booking_id, facility_id, organisation_id, family_id,"
                " child_id, day, updated_at) VALUES (:id, :facility, :org, :family, :child, :day,"
                " now())"
            ),
            {
                "id": uuid.uuid4(),
                "facility": site.facility_id,
                "org": site.organisation_id,
                "family": row.family_id,
                "child": row.child_id,
                "day": DAY,
            },
        )


def test_an_absence_taken_back_is_refused_where_the_child_is_elsewhere_by_now(
    site: Site, staff: Actor, mother: Actor
) -> None:
    (booking,) = book(site, mother)
    midori = make_site("みどりこども園")
    with acting_as(staff), transaction() as session:
        taps.mark_absent(
            session, site.facility_id, booking, BookingState.NO_SHOW, actor=staff, now=NOW
        )
    (child,) = children_of(mother)
    accept(midori, mother, child.id)
    book(midori, mother, start="10:00")
    with (
        acting_as(staff),
        pytest.raises(Refusal, match="child_elsewhere"),
        transaction() as session,
    ):
        taps.undo(session, site.facility_id, booking, Step.ABSENCE, actor=staff, now=NOW)


@pytest.fixture
def worker(emptied: Engine, server: TestServer) -> Iterator[Callable[[datetime], int]]:
    """Queue reminders as the worker's role does, and return how many."""
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    database = Database(engine, server.secrets)

    def run(now: datetime) -> int:
        # Threads share the database in use, so both runs of a race speak as the worker.
        use(database)
        with acting_as(ANONYMOUS), transaction() as session:
            return reminders.queue_reminders(session, now)

    yield run
    engine.dispose()


@pytest.fixture
def to_web(emptied: Engine, server: TestServer) -> Callable[[], None]:
    """Speak to the database as the web does again, after the worker."""
    return lambda: use(Database(emptied, server.secrets))


@pytest.mark.proves("F17")
def test_two_schedulers_at_once_remind_each_family_once(
    site: Site, mother: Actor, look: Look, worker: Callable[[datetime], int]
) -> None:
    make_child(mother, "田中 りく")
    bookings = book(site, mother)
    other = make_guardian("森 かおり", children=("森 ゆうと",))
    book(site, other)
    assert worker(EVENING - timedelta(seconds=1)) == 0
    start = Barrier(2)

    def at_once(_number: int) -> int:
        start.wait(5)
        return worker(EVENING)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(at_once, range(2))) == 2
    assert worker(EVENING + timedelta(minutes=10)) == 0
    mails = look("SELECT kind, family_id, subject_ids FROM outbox_messages")
    assert {row[0] for row in mails} == {"attendance/reminder"}
    assert {row[1] for row in mails} == {mother.family_id, other.family_id}
    assert len(mails) == 2
    (about,) = next(row[2] for row in mails if row[1] == mother.family_id)
    assert about in bookings


def test_no_reminder_for_the_cancelled_the_begun_and_those_without_mail(
    site: Site,
    staff: Actor,
    mother: Actor,
    worker: Callable[[datetime], int],
    to_web: Callable[[], None],
) -> None:
    bookings = book(site, mother)
    with acting_as(mother), transaction() as session:
        release_places(session, bookings)
    family_id = uuid.uuid4()
    with acting_as(staff), transaction() as session:
        session.execute(
            text(
                "SELECT create_family(:family, :guardian, 'phone', '森 かおり', NULL, '森かおり',"
                " '母', '090-0000-0000', '09000000000', NULL, NULL)"
            ),
            {"family": family_id, "guardian": uuid.uuid4()},
        )
    by_phone = Actor(role=Role.GUARDIAN, user_id=uuid.uuid4(), family_id=family_id)
    make_child(by_phone, "森 ゆうと")
    book(site, by_phone)
    assert worker(EVENING) == 0
    to_web()
    begun = make_guardian("小川 えり", children=("小川 ひなた",))
    book(site, begun)
    assert worker(clock_time("9:00")) == 0
    assert worker(clock_time("8:50")) == 1


def wanted(mother: Actor, row: Any, now: datetime) -> Wanted:
    return Wanted(
        id=uuid.uuid4(),
        kind="attendance/reminder",
        subject_ids=tuple(row.subject_ids),
        context=row.context,
        organisation_id=row.organisation_id,
        family_id=mother.family_id,
        to_user_id=mother.user_id,
        to_mail="miho@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=now,
    )


@pytest.mark.proves("J2")
def test_the_reminder_names_no_child_opens_the_word_and_is_asked_again_when_it_leaves(
    site: Site,
    mother: Actor,
    look: Look,
    worker: Callable[[datetime], int],
    to_web: Callable[[], None],
) -> None:
    (booking,) = book(site, mother)
    assert worker(EVENING) == 1
    (row,) = look("SELECT subject_ids, context, organisation_id FROM outbox_messages")
    write = MAILS["attendance/reminder"]
    with acting_as(mother) as session:
        letter = write(session, wanted(mother, row, EVENING))
        assert letter is not None
        token = token_for(uuid.UUID(row.context["address"]))
        assert f"https://portal.example/w/{token}" in letter.text
        assert "はな" not in letter.subject + letter.text
        assert write(session, wanted(mother, row, clock_time("9:00"))) is None
    to_web()
    with acting_as(ANONYMOUS) as session:
        opened = open_address(session, token, AddressKind.BOOKING_WORD)
        assert opened is not None
        assert (opened.family_id, opened.booking_id) == (mother.family_id, booking)
    with acting_as(mother), transaction() as session:
        release_places(session, [booking])
    with acting_as(mother) as session:
        assert write(session, wanted(mother, row, EVENING)) is None
        assert session.get_one(Booking, booking).state is BookingState.CANCELLED
