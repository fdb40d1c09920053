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

NOW = clock.now()
TODAY = clock.today(NOW)
FAMILIES = 60
#: When services wrote, by the database's clock.
MOMENTS = {"changed_at", "cancelled_at", "updated_at", "until_at", "links_from"}
#: What two foundings must agree on; how texts are sealed is drawn anew each time.
CONTENT = (
    *("users", "families", "guardians", "children", "pickup_persons", "child_records"),
    *("record_sections", "record_versions", "record_readings"),
    *("preregistrations", "preregistration_messages", "family_access", "closures", "memberships"),
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
def living(server: TestServer) -> Iterator[tuple[Engine, City]]:
    """A small city as it is now."""
    with own_database(server) as admin:
        yield admin, founded(admin, NOW)


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


#: Rows of these would be absurd; each answers the ids it finds.
ABSURD = {
    "a child in two places": """
        SELECT child_id FROM bookings WHERE state IN ('confirmed', 'attended')
         GROUP BY child_id, day HAVING count(*) > 1""",
    "a stay outside the open hours of its day": """
        SELECT b.id FROM bookings b JOIN pool_days d ON d.pool_id = b.pool_ids[1] AND d.day = b.day
         WHERE 0 = ANY (d.capacity[b.from_cell + 1:b.to_cell])""",
    "somebody came on a day that was shut": """
        SELECT b.id FROM bookings b JOIN pool_days d ON d.pool_id = b.pool_ids[1] AND d.day = b.day
         WHERE b.state <> 'cancelled' AND d.closed[b.from_cell + 1]""",
    "a child in a class that is not its own": """
        SELECT b.id FROM bookings b JOIN pools p ON p.id = ANY (b.pool_ids)
         WHERE b.class_age NOT BETWEEN p.youngest_class AND p.oldest_class""",
    "booked before anybody had accepted the child, or far too young": """
        SELECT b.id FROM bookings b JOIN children c ON c.id = b.child_id
          LEFT JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id AND p.state = 'accepted'
         WHERE p.id IS NULL OR p.received_at > b.created_at OR b.day - c.born_on < 57""",
    "booked after it began, or recorded in the time to come": """
        SELECT b.id FROM bookings b LEFT JOIN attendances a ON a.booking_id = b.id
         WHERE b.created_at >= b.starts_at OR greatest(b.created_at, b.cancelled_at,
               a.arrived_at, a.departed_at) > :now""",
    "came, and nobody looked at the record": """
        SELECT a.booking_id FROM attendances a WHERE NOT EXISTS (
            SELECT 1 FROM audit_log l WHERE l.action = 'read.child_record'
               AND a.child_id = ANY (l.subjects) AND l.organisation_id = a.organisation_id
               AND l.at BETWEEN a.arrived_at - interval '1 hour' AND a.arrived_at)""",
    "an outcome before the visit or the trial was over, or of one that never was": """
        SELECT v.id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
         WHERE v.decided_at < s.ends_at
            OR v.state IN ('attended', 'missed') AND s.starts_at > :now
            OR v.state = 'booked' AND s.ends_at < :now
        UNION ALL
        SELECT o.booking_id FROM trial_outcomes o JOIN bookings b ON b.id = o.booking_id
         WHERE o.decided_at < b.ends_at OR b.state <> 'attended' OR b.trial_part <> o.part""",
    "a session outside the open hours of its facility": """
        SELECT s.id FROM visit_sessions s WHERE s.place = 'facility' AND NOT EXISTS (
            SELECT FROM pool_days d JOIN pools p ON p.id = d.pool_id AND p.kind = 'total'
             WHERE d.facility_id = s.facility_id AND d.day = s.day
               AND 0 < ALL (d.capacity[extract(epoch FROM (s.starts_at AT TIME ZONE 'Asia/Tokyo')
                   - s.day)::int / 1800 + 1 : ceil(extract(epoch FROM
                   (s.ends_at AT TIME ZONE 'Asia/Tokyo') - s.day) / 1800)::int])
               AND NOT true = ANY (d.closed[extract(epoch FROM (s.starts_at AT TIME ZONE
                   'Asia/Tokyo') - s.day)::int / 1800 + 1 : ceil(extract(epoch FROM
                   (s.ends_at AT TIME ZONE 'Asia/Tokyo') - s.day) / 1800)::int]))""",
    "more families than seats, or one that comes twice on a day": """
        SELECT s.id FROM visit_sessions s LEFT JOIN visits v
            ON v.session_id = s.id AND v.state <> 'cancelled'
         GROUP BY s.id HAVING count(v.id) > s.seats OR count(v.id) <> s.taken
            OR s.cancelled_at IS NOT NULL AND count(v.id) > 0
        UNION ALL
        SELECT v.family_id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
         WHERE v.state <> 'cancelled' GROUP BY v.family_id, s.day HAVING count(*) > 1""",
    "booked for a session that was closed to it, or before the family was there": """
        SELECT v.id FROM visits v JOIN visit_sessions s ON s.id = v.session_id
          JOIN families f ON f.id = v.family_id
         WHERE v.booked_at >= s.starts_at OR v.booked_at < f.created_at OR v.booked_at > :now""",
    "a trial before the acceptance, out of turn, or after the first real stay": """
        SELECT b.id FROM bookings b JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id AND p.state = 'accepted'
         WHERE b.trial_part IS NOT NULL AND (p.received_at > b.created_at OR b.trial_part > 1
               AND NOT EXISTS (SELECT FROM trial_outcomes o WHERE o.child_id = b.child_id
                   AND o.preregistration_id = p.id AND o.part = b.trial_part - 1
                   AND o.outcome = 'next' AND o.decided_at < b.starts_at)
               OR EXISTS (SELECT FROM bookings u WHERE u.child_id = b.child_id
                   AND u.facility_id = b.facility_id AND u.trial_part IS NULL
                   AND u.state <> 'cancelled' AND u.starts_at < b.starts_at))""",
    "a step done of which the trial says something else": """
        SELECT p.id FROM preregistrations p JOIN LATERAL (
            SELECT o.outcome FROM trial_outcomes o WHERE o.preregistration_id = p.id
             ORDER BY o.decided_at DESC LIMIT 1) AS last ON true
         WHERE 'trial_care' = ANY (p.steps_done) AND last.outcome <> 'next'""",
    "more registered than the rules allow, or somebody waits while there is room": """
        SELECT r.facility_id FROM rulebooks r
          CROSS JOIN LATERAL (SELECT (r.document->'registration'->>'limit')::int AS most) AS l
          LEFT JOIN preregistrations p ON p.facility_id = r.facility_id
         WHERE l.most IS NOT NULL GROUP BY r.facility_id, l.most
        HAVING count(*) FILTER (WHERE p.state = 'accepted'
                   AND p.accepted_until >= CAST(:now AS timestamptz)::date) > l.most
            OR count(*) FILTER (WHERE p.state = 'waiting') > 0
               AND count(*) FILTER (WHERE p.state = 'accepted'
                   AND p.accepted_until >= CAST(:now AS timestamptz)::date) < l.most""",
    "booked before the family had agreed": """
        SELECT b.id FROM bookings b JOIN preregistrations p
            ON p.child_id = b.child_id AND p.facility_id = b.facility_id
         WHERE p.facility_agreed_at IS NOT NULL
           AND (p.family_agreed_at IS NULL OR p.family_agreed_at > b.created_at)""",
    "nobody knows who did it": """
        SELECT b.id FROM bookings b WHERE NOT EXISTS (
            SELECT 1 FROM audit_log l WHERE l.action = 'booking.placed'
               AND b.id = ANY (l.subjects) AND l.family_id = b.family_id)""",
}


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


#: Where somebody looks there is something to see.
SEEN = {
    "every outcome": ("SELECT DISTINCT state FROM bookings", 5),
    "every way in": ("SELECT DISTINCT channel FROM bookings WHERE channel <> 'web'", 2),
    "late and absent": ("SELECT DISTINCT kind FROM words_from_families", 2),
    "cancelled at a price": ("SELECT id FROM bookings WHERE cancel_fee_yen > 0", 1),
    "cancelled for the storm": (
        "SELECT id FROM bookings WHERE cancel_reason = 'closed_by_facility'",
        1,
    ),
    "changed": ("SELECT id FROM audit_log WHERE action = 'booking.changed'", 3),
    "applications of every kind": ("SELECT DISTINCT state FROM preregistrations", 6),
    "an answer that is late": (
        "SELECT id FROM preregistrations WHERE state = 'applied' AND answer_by < :now",
        1,
    ),
    "conditions not agreed to": (
        "SELECT id FROM preregistrations WHERE has_conditions AND family_agreed_at IS NULL",
        1,
    ),
    "brothers and sisters with different answers": (
        "SELECT application_id FROM preregistrations GROUP BY 1 HAVING count(DISTINCT state) > 1",
        1,
    ),
    "renewals": ("SELECT id FROM preregistrations WHERE renewal_asked_at IS NOT NULL", 1),
    "sessions of every kind": ("SELECT DISTINCT kind FROM visit_sessions", 5),
    "what became of visits": ("SELECT DISTINCT state FROM visits", 4),
    "outcomes of visits": ("SELECT DISTINCT outcome FROM visits WHERE outcome IS NOT NULL", 3),
    "a session that is full, one that is off": (
        """SELECT DISTINCT cancelled_at IS NULL FROM visit_sessions
            WHERE starts_at > :now AND (taken = seats OR cancelled_at IS NOT NULL)""",
        2,
    ),
    "outcomes of trials": ("SELECT DISTINCT outcome FROM trial_outcomes", 2),
    "births told, and one closed": (
        """SELECT DISTINCT ended_at IS NULL FROM children WHERE due_on IS NOT NULL
              AND (born_told_at IS NOT NULL OR ended_at IS NOT NULL)""",
        2,
    ),
    "twins of one birth": ("SELECT id FROM children WHERE born_with IS NOT NULL", 1),
    "a birth awaited beyond its day": (
        "SELECT id FROM children WHERE born_on IS NULL AND ended_at IS NULL AND due_on < :now",
        1,
    ),
    "records by sections": ("SELECT DISTINCT section FROM record_sections", 10),
    "records that staff have read, and not since": (
        """SELECT DISTINCT c.changed_at > r.seen_at FROM child_records c
             JOIN record_readings r ON r.record_id = c.id WHERE c.changed_at IS NOT NULL""",
        1,
    ),
    "records to be asked for again": (
        "SELECT id FROM child_records WHERE confirmed_on < CAST(:now AS timestamptz)::date - 90",
        5,
    ),
    "a form left half-filled": ("SELECT id FROM drafts", 1),
    "letters to families without mail": (
        "SELECT id FROM outbox_messages WHERE dropped_at IS NOT NULL AND last_error = 'nobody'",
        2,
    ),
    "trials ahead": (
        "SELECT id FROM bookings WHERE trial_part IS NOT NULL AND state = 'confirmed'",
        2,
    ),
    "questions and answers": (
        "SELECT DISTINCT is_from_family FROM preregistration_messages",
        2,
    ),
    "mails that never arrive": ("SELECT id FROM outbox_messages WHERE failed_at IS NOT NULL", 1),
    "families that phone": ("SELECT id FROM families WHERE basis <> 'self'", 2),
    "expected children": ("SELECT id FROM children WHERE born_on IS NULL", 2),
    "stays booked for weeks to come": (
        "SELECT DISTINCT day FROM bookings WHERE day > CAST(:now AS timestamptz)::date + 30",
        5,
    ),
}


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
