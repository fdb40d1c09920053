"""The demo's city: the same for the same seed and start, believable, and true to its bookings."""

from __future__ import annotations

import csv
import hashlib
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from portal.attendance.rules import Presence
from portal.attendance.service.board import open_board
from portal.commands.demo_city import photographed
from portal.commands.demo_city.city import found_or_go_on
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import is_derived
from portal.commands.scale.city import found_city, sign_in
from portal.commands.scale.years import add_years
from portal.db.session import Database, acting_as, end_session, make_engine, transaction, use
from portal.families.models import Child
from portal.families.record_models import RecordSection
from portal.families.record_rules import compacted, faults, normalised
from portal.families.record_sections import BY_KEY
from portal.families.record_store import unpacked
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.reports import papers, queries
from portal.reports.rules import Month
from portal.slots.checks import compare_places
from tests.database import TestServer
from tests.services.demo_city_sense import ABSURD, SEEN

NOW = clock.now()
TODAY = clock.today(NOW)
FAMILIES = 60
#: When services wrote, by the database's clock, and the photos they keep.
MOMENTS = {"changed_at", "cancelled_at", "updated_at", "until_at", "links_from"}
MOMENTS |= {"photo_id", "photo_on"}
#: What two foundings must agree on; how texts are sealed is drawn anew each time.
CONTENT = (
    *("users", "families", "guardians", "children", "pickup_persons", "child_records"),
    *("record_sections", "record_versions", "record_readings"),
    *(
        "preregistrations",
        "preregistration_messages",
        "consents",
        "family_access",
        "closures",
        "memberships",
    ),
    *("visit_sessions", "visits", "trial_outcomes", "trial_notes"),
    *("bookings", "attendances", "words_from_families", "outbox_messages", "pool_days", "pools"),
)


#: The databases in use, the inner one last: a founding stands beside the module's city.
_in_use: list[Database] = []


def quiet(_words: str) -> None:
    pass


@contextmanager
def own_database(server: TestServer) -> Iterator[Engine]:
    """Give the superuser's engine of a database of its own, in use."""
    name = server.clone()
    app, admin = (
        make_engine(server.url("portal_app", name)),
        create_engine(server.url("portal_admin", name)),
    )
    mine, before = Database(app, server.secrets), list(_in_use)
    _in_use.append(mine)
    use(mine)
    try:
        yield admin
    finally:
        end_session()
        _in_use.remove(mine)
        if before:
            use(before[-1])
        app.dispose()
        admin.dispose()
        server.drop(name)


def founded(admin: Engine, now: datetime, seed: str = "test", families: int = FAMILIES) -> City:
    return found_or_go_on(admin, quiet, seed=seed, now=now, families=families)


def digest(admin: Engine) -> dict[str, str]:
    """Return a number by table for what the demo has written, sealed texts by their presence."""
    found = {}
    with admin.connect() as connection:
        for table in CONTENT:
            rows = connection.execute(text(f"SELECT to_jsonb(t) AS row FROM {table} t"))
            # What the services did at the start has ids and moments of its own.
            lines = sorted(
                str(sorted(plain(row.row).items()))
                for row in rows
                if "id" not in row.row or is_derived(uuid.UUID(row.row["id"]))
            )
            found[table] = f"{len(lines)} {hashlib.sha256(str(lines).encode()).hexdigest()}"
    return found


def plain(row: dict[str, object]) -> dict[str, object]:
    return {
        name: value is not None if name.endswith("_sealed") else value
        for name, value in row.items()
        if name not in MOMENTS
    }


def director_of(city: City, key: str) -> Actor:
    site = city.site(key)
    return Actor(Role.DIRECTOR, site.director_id, site.organisation_id)


@pytest.fixture(scope="module")
def living(
    server: TestServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Engine, City]]:
    """A small city as it is now, with its photos."""
    with own_database(server) as admin, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_UPLOADS", str(tmp_path_factory.mktemp("uploads")))
        city = founded(admin, NOW)
        photographed.draw(admin, city, NOW)
        yield admin, city


def assert_places_are_what_bookings_say(city: City) -> None:
    for site in city.sites:
        with acting_as(director_of(city, site.key)) as session:
            last = TODAY + timedelta(days=130)
            assert not compare_places(session, site.facility_id, city.started_on, last)


def test_the_same_seed_and_start_make_the_same_city(
    server: TestServer, living: tuple[Engine, City]
) -> None:
    first = digest(living[0])
    with own_database(server) as again:
        founded(again, NOW)
        assert digest(again) == first
    with own_database(server) as other:
        founded(other, NOW, seed="another")
        assert digest(other) != first


@pytest.mark.proves("P1")
def test_free_places_are_what_the_bookings_leave(living: tuple[Engine, City]) -> None:
    assert_places_are_what_bookings_say(living[1])


@pytest.mark.parametrize("what", ABSURD)
def test_nothing_is_absurd(living: tuple[Engine, City], what: str) -> None:
    with living[0].connect() as connection:
        assert connection.execute(text(ABSURD[what]), {"now": clock.now()}).all() == []


def test_what_records_say_the_portal_would_have_taken(living: tuple[Engine, City]) -> None:
    admin, _ = living
    with Session(admin) as session:
        rows = session.execute(
            select(RecordSection, Child.born_on).join_from(
                RecordSection, Child, Child.id == RecordSection.child_id
            )
        ).all()
    assert len(rows) > FAMILIES
    for row, born_on in rows:
        section, answers = BY_KEY[row.section], unpacked(row.content)
        assert answers == compacted(section, normalised(section, answers))
        assert not faults(section, answers, born_on=born_on, today=TODAY), (row.section, answers)


@pytest.mark.parametrize("what", SEEN)
def test_no_screen_is_empty(living: tuple[Engine, City], what: str) -> None:
    query, at_least = SEEN[what]
    with living[0].connect() as connection:
        assert len(connection.execute(text(query), {"now": NOW}).all()) >= at_least


@pytest.mark.proves("J6")
@pytest.mark.parametrize("back", [0, 1])
def test_board_report_csv_and_xlsx_agree_to_the_child(
    living: tuple[Engine, City], back: int
) -> None:
    _, city = living
    month = Month.of(TODAY)
    for _ in range(back):
        month = month.previous
    for site in city.sites[:3]:
        actor = director_of(city, site.key)
        with acting_as(actor), transaction() as session:
            (report,) = queries.month_reports(
                session, month, actor=actor, facility_id=site.facility_id
            )
            came = sum(
                children_who_came(session, site.facility_id, day, actor)
                for day in days_of(month)
                if day <= TODAY
            )
        assert came == report.total.child_days > 0
        assert sum_of_csv(papers.report_csv([report]).data) == came
        sheet = load_workbook(io.BytesIO(papers.report_xlsx([report], "報告"))).worksheets[0]
        assert list(sheet.values)[-2][-1] == came


def children_who_came(session: object, facility_id: uuid.UUID, day: date, actor: Actor) -> int:
    board = open_board(session, facility_id, day, actor=actor, now=NOW)  # type: ignore[arg-type]
    return len(
        {c.booking.child_id for c in board.children if c.presence in {Presence.HERE, Presence.GONE}}
    )


def days_of(month: Month) -> list[date]:
    length = (month.last_day - month.first_day).days + 1
    return [month.first_day + timedelta(days=offset) for offset in range(length)]


def sum_of_csv(content: bytes) -> int:
    (line,) = (
        row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) if row[2] == "合計"
    )
    return int(line[-1])


#: A visitor notes an arrival of her own, at an odd minute, and no departure.
_ARRIVES = text("""
    WITH chosen AS (SELECT * FROM bookings WHERE state = 'confirmed' AND day = :day
                     ORDER BY id LIMIT 1),
    arrived AS (INSERT INTO attendances (booking_id, facility_id, organisation_id, family_id,
                                         child_id, day, arrived_at)
                SELECT id, facility_id, organisation_id, family_id, child_id, day,
                       starts_at + interval '17 minutes 17 seconds' FROM chosen)
    UPDATE bookings b SET state = 'attended' FROM chosen WHERE b.id = chosen.id RETURNING b.id""")


def test_a_later_start_goes_on_and_leaves_what_visitors_did(server: TestServer) -> None:
    before = NOW - timedelta(days=6)
    with own_database(server) as admin:
        founded(admin, before)
        with admin.begin() as connection:
            day = TODAY - timedelta(days=3)
            touched = connection.execute(_ARRIVES, {"day": day}).scalar_one()
        city = founded(admin, NOW)
        with admin.connect() as connection:
            rows = connection.execute(
                text("""
                    SELECT b.id, b.day, b.state, b.created_at, a.departed_at
                      FROM bookings b LEFT JOIN attendances a ON a.booking_id = b.id""")
            ).all()
        mine = next(row for row in rows if row.id == touched)
        assert (mine.state, mine.departed_at) == ("attended", None)
        gone = [row for row in rows if row.day == day and row.departed_at is not None]
        assert gone
        assert any(row.created_at > before for row in rows)
        left_open = [row for row in rows if row.state == "confirmed" and row.day < TODAY]
        assert not [row for row in left_open if row.day < TODAY - timedelta(days=1)]
        assert_places_are_what_bookings_say(city)


def test_a_big_city_with_a_year_behind_it_is_true_to_its_bookings(server: TestServer) -> None:
    with own_database(server) as admin:
        big = found_city(admin, now=NOW, tell=quiet, facilities=3, families=80)
        assert big.bookings > 100
        assert len(set(sign_in(admin, big.families[:5], NOW))) == 5
        made = add_years(admin, 1, now=NOW, tell=quiet, bookings_a_year=2_000, families_a_year=120)
        assert made.bookings >= 1_800
        assert made.audit_rows == made.bookings * 10
        for site in big.sites:
            director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
            with acting_as(director) as session:
                last = TODAY + timedelta(days=45)
                assert not compare_places(session, site.facility_id, made.first_day, last)
