"""Years of life behind a city: bookings, attendance and the audit log as they pile up.

For measurements: whether pages stay quick when there is much. The stays are alike, and each child
of a year knows one facility; what a table or index feels is as in life.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from portal.commands.demo_city.family_rows import add_acceptance, add_family, open_to
from portal.commands.demo_city.people import invented
from portal.commands.demo_city.rows import Rows, copy_rows, settle_places
from portal.commands.scale.progress import Progress
from portal.kernel.clock import at
from portal.kernel.clock import today as local_today
from portal.slots.holidays import sync_holidays

SEED = "years"
#: Of ten facilities: what is in the portal after ten years of a middling city.
FACILITIES, BOOKINGS_A_YEAR, AUDIT_ROWS_A_BOOKING = 10, 20_000, 10
FAMILIES_A_YEAR = 600
#: Families of the years have numbers far from those of the city.
_FIRST_NUMBER = 1_000_000
#: Open weekdays of a year, less holidays: what a day has to bring follows from it.
_OPEN_DAYS = 243

_SITES = text("""
    SELECT f.id, f.organisation_id, t.places FROM facilities f
      JOIN programmes g ON g.facility_id = f.id
      JOIN LATERAL (SELECT max(c.capacity[25]) AS places
                      FROM pools p JOIN pool_patterns c ON c.pool_id = p.id
                     WHERE p.facility_id = f.id AND p.kind = 'total') AS t ON true
     WHERE f.published_at IS NOT NULL
     ORDER BY t.places DESC, f.list_key LIMIT :count""")
_BEGAN = text("SELECT min(day) FROM bookings")
_DAYS = text("""
    INSERT INTO pool_days (pool_id, day, facility_id, wanted, capacity, free, closed, closed_reason)
    SELECT p.id, g.day::date, p.facility_id, t.capacity, t.capacity, t.capacity,
           array_fill(h.day IS NOT NULL AND f.closed_on_holidays, ARRAY[48]), h.name
      FROM pools p
      JOIN facilities f ON f.id = p.facility_id
     CROSS JOIN generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day')
           AS g (day)
      JOIN LATERAL (SELECT capacity FROM pool_patterns
                     WHERE pool_id = p.id AND weekday = extract(isodow FROM g.day) - 1
                     ORDER BY in_force_from LIMIT 1) AS t ON true
      LEFT JOIN holidays h ON h.day = g.day
     WHERE p.facility_id = ANY (:facilities) AND p.retired_at IS NULL
    ON CONFLICT DO NOTHING""")
_COHORT = text("""
    CREATE TEMPORARY TABLE cohort (facility_id uuid, slot integer, child_id uuid, family_id uuid,
        user_id uuid, born_on date) ON COMMIT DROP""")
# Children take turns; whoever finds no place in the class of the day stays at home.
_BOOKINGS = text("""
    WITH sizes AS (SELECT facility_id, count(*) AS size FROM cohort GROUP BY 1),
    asked AS (
        SELECT d.facility_id, d.day, c.slot, c.child_id, c.family_id, c.user_id, c.born_on, n,
               class_age(c.born_on, d.day) AS class_age,
               18 + 2 * (c.slot % 2) AS from_cell,
               24 + 2 * (c.slot % 2) + 2 * (c.slot % 4) AS to_cell
          FROM pool_days d
          JOIN pools p ON p.id = d.pool_id AND p.kind = 'total'
          JOIN sizes s ON s.facility_id = d.facility_id
         CROSS JOIN generate_series(0, 2 * :a_day) AS n
          JOIN cohort c ON c.facility_id = d.facility_id
           AND c.slot = ((d.day - date '2000-01-01') * 7 + n) % s.size
         WHERE d.facility_id = ANY (:facilities) AND d.day BETWEEN :first AND :last
           AND extract(isodow FROM d.day) < 6 AND NOT d.closed[19] AND d.capacity[19] > 0
           AND c.born_on < d.day - 200),
    fitting AS (
        SELECT a.*, pools.ids, pools.places, pools.places_in_all,
               row_number() OVER (PARTITION BY a.facility_id, a.day, pools.ids ORDER BY n)
                   AS in_class
          FROM asked a
         CROSS JOIN LATERAL (
               SELECT array_agg(p.id ORDER BY p.position) AS ids, min(d.capacity[25]) AS places,
                      min(d.capacity[25]) FILTER (WHERE p.kind = 'total') AS places_in_all,
                      bool_or(p.kind = 'total') AS is_offered
                 FROM pools p JOIN pool_days d ON d.pool_id = p.id AND d.day = a.day
                WHERE p.facility_id = a.facility_id AND p.retired_at IS NULL
                  AND a.class_age BETWEEN p.youngest_class AND p.oldest_class) AS pools
         WHERE pools.is_offered AND cardinality(pools.ids) > 1),
    chosen AS (
        SELECT f.*, row_number() OVER (PARTITION BY facility_id, day ORDER BY n) AS in_day
          FROM fitting f WHERE in_class <= places)
    INSERT INTO bookings (id, group_id, facility_id, organisation_id, programme_id, family_id,
           child_id, state, purpose, day, starts_at, ends_at, from_cell, to_cell, pool_ids,
           rulebook_id, class_age, fee_yen, fee_lines, cancel_until, channel, received_at,
           created_by, created_at, changed_at, cancelled_at, sequence)
    SELECT md5('b' || x.key)::uuid, md5('g' || x.key)::uuid, c.facility_id, g.organisation_id, g.id,
           c.family_id, c.child_id, x.state,
           (ARRAY['respite', 'irregular_work', 'emergency'])[1 + x.dice % 3], c.day, x.starts_at,
           x.starts_at + (c.to_cell - c.from_cell) * interval '30 minutes', c.from_cell, c.to_cell,
           c.ids, r.id, c.class_age, x.fee,
           jsonb_build_array(jsonb_build_object('label_code', 'care_hourly', 'values',
               jsonb_build_object('unit_yen', 400, 'units', x.fee / 400, 'unit_minutes', 60),
               'child_id', c.child_id, 'amount_yen', x.fee)),
           x.starts_at - interval '16 hours', 'web', x.booked_at, c.user_id, x.booked_at,
           x.booked_at,
           CASE WHEN x.state = 'cancelled' THEN x.booked_at + interval '5 hours' END,
           (x.state = 'cancelled')::integer
      FROM chosen c
      JOIN programmes g ON g.facility_id = c.facility_id
      JOIN LATERAL (SELECT id FROM rulebooks WHERE programme_id = g.id
                     ORDER BY version LIMIT 1) AS r ON true
     CROSS JOIN LATERAL (
           SELECT c.facility_id::text || c.day || c.child_id AS key,
                  (c.day - date '2000-01-01') * 31 + c.slot * 17 AS dice) AS k
     CROSS JOIN LATERAL (
           SELECT k.key, k.dice, (c.to_cell - c.from_cell) / 2 * 400 AS fee,
                  (c.day + c.from_cell * interval '30 minutes') AT TIME ZONE 'Asia/Tokyo'
                      AS starts_at,
                  (c.day + (k.dice % 600) * interval '1 minute') AT TIME ZONE 'Asia/Tokyo'
                      - (2 + k.dice % 26) * interval '1 day' + interval '9 hours' AS booked_at,
                  CASE WHEN k.dice % 100 < 91 THEN 'attended'
                       WHEN k.dice % 100 < 97 THEN 'cancelled'
                       WHEN k.dice % 100 < 99 THEN 'excused_absence' ELSE 'no_show' END AS state)
           AS x
     WHERE c.in_day <= least(:a_day, c.places_in_all)
    ON CONFLICT DO NOTHING""")
_ATTENDANCES = text("""
    INSERT INTO attendances (booking_id, facility_id, organisation_id, family_id, child_id, day,
                             arrived_at, departed_at, updated_at)
    SELECT id, facility_id, organisation_id, family_id, child_id, day, starts_at, ends_at, ends_at
      FROM bookings
     WHERE facility_id = ANY (:facilities) AND day BETWEEN :first AND :last AND state = 'attended'
    ON CONFLICT DO NOTHING""")
# Placed, and what its day brings; the rest is staff who saw the child's record on the board.
_AUDIT = text("""
    INSERT INTO audit_log (id, at, user_id, organisation_id, family_id, role, action, subjects,
                           detail)
    SELECT md5(n || 'a' || b.id)::uuid,
           CASE WHEN n = 1 THEN b.created_at ELSE b.starts_at + n * interval '7 minutes' END,
           CASE WHEN n = 1 THEN b.created_by END,
           CASE WHEN n > 1 THEN b.organisation_id END, b.family_id,
           CASE WHEN n = 1 THEN 'guardian' ELSE 'staff' END,
           CASE n WHEN 1 THEN 'booking.placed' WHEN 2 THEN 'attendance.arrived'
                  WHEN 3 THEN 'attendance.departed' ELSE 'read.child_record' END,
           ARRAY[CASE WHEN n > 3 THEN b.child_id ELSE b.id END],
           CASE WHEN n > 3 THEN jsonb_build_object('via', 'board') ELSE '{}' END
      FROM bookings b CROSS JOIN generate_series(1, :rows) AS n
     WHERE b.facility_id = ANY (:facilities) AND b.day BETWEEN :first AND :last
    ON CONFLICT DO NOTHING""")


@dataclass(frozen=True, slots=True)
class Years:
    """What was added."""

    first_day: date
    last_day: date
    facility_ids: tuple[uuid.UUID, ...]
    bookings: int
    audit_rows: int


@dataclass(frozen=True, slots=True)
class _Cohort:
    """The families of a year, which begins with ``first_day``."""

    number: int
    families: int
    first_day: date


def add_years(
    admin: Engine,
    years: int,
    *,
    now: datetime,
    tell: Callable[[str], None],
    bookings_a_year: int = BOOKINGS_A_YEAR,
    families_a_year: int = FAMILIES_A_YEAR,
) -> Years:
    """Put ``years`` of life before the first day on which the city has bookings.

    Ten years are some 200,000 bookings and 2,000,000 audit rows, at the ten published facilities
    with most places. A city must be there (``found_city``, or the demo's). Statistics are fresh at
    the end.

    Args:
        admin: The superuser of a server of one's own.
        tell: Called with a line for people, now and then.

    Raises:
        ValueError: there is no published facility with a programme.
    """
    with admin.connect() as connection:
        sites = connection.execute(_SITES, {"count": FACILITIES}).all()
        began = connection.execute(_BEGAN).scalar() or local_today(now)
    if not sites:
        raise ValueError("found a city first: there is no published facility")
    last = began - timedelta(days=1)
    first = last - timedelta(days=365 * years - 1)
    for year in range(first.year, last.year + 1, 3):
        sync_holidays(admin, year)
    progress = Progress(tell, "積み重ねた年", years)
    bookings = audit_rows = 0
    for number, (start, end) in enumerate(_years(first, last)):
        with admin.begin() as connection:
            a_day = _needed_a_day([site.places for site in sites], bookings_a_year)
            cohort = _Cohort(number, families_a_year, start)
            made = _one_year(connection, cohort, start, end, sites, a_day)
        bookings, audit_rows = bookings + made[0], audit_rows + made[1]
        progress(number + 1)
    tell("統計を取っています…")
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return Years(first, last, tuple(site.id for site in sites), bookings, audit_rows)


def _needed_a_day(places: Sequence[int], wanted: int) -> int:
    """Return how many children a day, where there is room, make up the bookings of a year."""
    for a_day in range(1, max(places)):
        if sum(min(a_day, room) for room in places) * _OPEN_DAYS >= wanted:
            return a_day
    return max(places)


def _years(first: date, last: date) -> Iterator[tuple[date, date]]:
    start = first
    while start <= last:
        end = start + timedelta(days=364)
        yield start, end
        start = end + timedelta(days=1)


def _one_year(
    connection: Connection,
    cohort: _Cohort,
    first: date,
    last: date,
    sites: Sequence[Any],
    a_day: int,
) -> tuple[int, int]:
    facility_ids: list[uuid.UUID] = [site.id for site in sites]
    span = {"facilities": facility_ids, "first": first, "last": last}
    connection.execute(_DAYS, span)
    connection.execute(_COHORT)
    copy_rows(connection, "cohort", _children(connection, cohort, sites))
    booked = connection.execute(_BOOKINGS, {**span, "a_day": a_day}).rowcount
    connection.execute(_ATTENDANCES, span)
    audited = connection.execute(_AUDIT, {**span, "rows": AUDIT_ROWS_A_BOOKING}).rowcount
    settle_places(connection, facility_ids, first, last)
    return booked, audited


def _children(
    connection: Connection, wanted: _Cohort, sites: Sequence[Any]
) -> list[dict[str, Any]]:
    """Write the families of a year, and return their children by facility."""
    rows = Rows()
    since = at(wanted.first_day - timedelta(days=20), time(10))
    slots = dict.fromkeys((site.id for site in sites), 0)
    cohort = []
    start = _FIRST_NUMBER + wanted.number * wanted.families
    families = invented(SEED, wanted.families, wanted.first_day, first=start)
    for index, household in enumerate(families):
        site = sites[index % len(sites)]
        family = add_family(rows, household, since, seed=SEED)
        open_to(rows, family, site.organisation_id, since)
        accepted = since + timedelta(days=2)
        client = add_acceptance(
            rows, family, site.id, site.organisation_id, since, accepted, None, accepted
        )
        if client is None:
            continue
        for child in client.children:
            cohort.append(
                {
                    "facility_id": site.id,
                    "slot": slots[site.id],
                    "child_id": child.child_id,
                    "family_id": client.family_id,
                    "user_id": client.user_id,
                    "born_on": child.born_on,
                }
            )
            slots[site.id] += 1
    rows.write(connection)
    return cohort
