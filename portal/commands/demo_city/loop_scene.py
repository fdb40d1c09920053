"""What happened between families and the bodies that support them: by the services, in the past.

The database writes some moments by its own clock, and asks its own day whether a consent holds.
``set_back`` brings these to the moments at which things are told to have happened.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from portal.commands.demo_city import koriyama, supporters
from portal.commands.demo_city.record import City, Site
from portal.commands.demo_city.rows import ident
from portal.db.roles import WORKER
from portal.db.session import Database, acting_as, in_use, transaction, use
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.clock import at, local_date, today

#: Tables in which the database itself writes when something was.
_DATED: Final = (
    *("audit_log", "outbox_messages", "families", "guardians", "children", "support_access"),
    *("family_access", "consents", "interviews", "referrals", "referral_events", "provisions"),
    *("contacts", "contact_wishes", "outreach_plans", "bookings", "attendances", "legal_grounds"),
    *("care_cases", "care_case_events", "care_case_reports", "guardian_codes"),
)
_COLUMNS = text("""
    SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = ANY (:tables)
       AND data_type = 'timestamp with time zone' ORDER BY 1, 2""")
_NAMES = text("SELECT id, name FROM facilities UNION ALL SELECT id, name FROM organisations")
_UNTIL = text("UPDATE consents SET until_on = :until WHERE id = :id")
_WEEKEND: Final = 5


@dataclass(frozen=True, slots=True)
class Receiver:
    """To whom a family is referred: a nursery's provider, or another body."""

    organisation_id: uuid.UUID
    name: str
    facility_id: uuid.UUID | None = None


class Scene:
    """Where the loop is told: who acts, when, and what has to be set back afterwards."""

    def __init__(self, admin: Engine, city: City, now: datetime) -> None:
        self.admin, self.city, self.now = admin, city, now
        self.city_id = ident("municipality", koriyama.CITY)
        self._spans: list[tuple[datetime, datetime, datetime]] = []
        self._untils: dict[uuid.UUID, date] = {}
        self._last_untils: dict[uuid.UUID, date] = {}
        with admin.connect() as connection:
            self._names: Mapping[uuid.UUID, str] = {
                row.id: row.name for row in connection.execute(_NAMES)
            }
        last = at(today(now), time(18))
        self._last = today(now) if last <= now else today(now) - timedelta(days=1)
        while self._last.weekday() >= _WEEKEND:
            self._last -= timedelta(days=1)

    def dice(self, *about: object) -> random.Random:
        """Return dice for one matter, the same for the same seed."""
        written = "|".join(map(str, (self.city.seed, "loop", *about)))
        return random.Random(written)  # noqa: S311 - invented lives

    def worker(self, key: str) -> Actor:
        """Return somebody of a body that supports families."""
        return supporters.worker(key, self.city_id)

    def staff(self, key: str) -> Actor:
        """Return who works at a facility."""
        site = self.city.site(key)
        return Actor(Role.STAFF, site.staff_id, site.organisation_id)

    def director(self, key: str) -> Actor:
        """Return who leads a facility."""
        site = self.city.site(key)
        return Actor(Role.DIRECTOR, site.director_id, site.organisation_id)

    def nursery(self, key: str) -> Receiver:
        """Return a facility as somebody is referred to it."""
        site: Site = self.city.site(key)
        return Receiver(site.organisation_id, self._names[site.facility_id], site.facility_id)

    def body(self, key: str) -> Receiver:
        """Return another body as somebody is referred to it."""
        found = supporters.body_id(key, self.city_id)
        return Receiver(found, self._names[found])

    def name_of(self, organisation_id: uuid.UUID | None) -> str:
        """Return what a body is called."""
        return self._names[organisation_id] if organisation_id else ""

    def back(self, working_days: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment of the last working day that is over (0), or of one before."""
        day = self._last
        for _number in range(working_days):
            day -= timedelta(days=3 if day.weekday() == 0 else 1)
        return at(day, time(hour, minute))

    @contextmanager
    def moment(self, actor: Actor, when: datetime) -> Iterator[Session]:
        """Let somebody do something at a moment of the past; it is committed at the end."""
        began = clock.now()
        with acting_as(actor), transaction() as session:
            yield session
        self._spans.append((began, clock.now(), when))

    def let_the_clock_run(
        self, moments: Sequence[datetime], work: Callable[[Session, datetime], object]
    ) -> None:
        """Let a round of the worker run at each of some moments of the past."""
        web = in_use()
        engine = create_engine(self.admin.url.set(username=WORKER))
        use(Database(engine, web.secrets))
        try:
            for when in moments:
                with self.moment(ANONYMOUS, when) as session:
                    work(session, when)
        finally:
            use(web)
            engine.dispose()

    def ends(self, consent_id: uuid.UUID, on: date, *, is_used_later: bool = False) -> None:
        """Let a consent have ended on a day that is over; it holds until ``end_consents``.

        Args:
            is_used_later: Something rests on it after that too: it holds until ``set_back``.
        """
        if on < today(self.now):
            (self._last_untils if is_used_later else self._untils)[consent_id] = on

    def holds_until(self, on: date) -> date:
        """Return until when a consent is written down, so that it holds while this is told."""
        return max(on, today(clock.now()))

    def end_consents(self) -> None:
        """Let those end whose last day is over."""
        rows = [{"id": each, "until": until} for each, until in self._untils.items()]
        self._untils.clear()
        if rows:
            with self.admin.begin() as connection:
                connection.execute(_UNTIL, rows)

    def set_back(self) -> None:
        """Write the told moments where the database wrote its own."""
        self._untils |= self._last_untils
        self.end_consents()
        if not self._spans:  # nothing has happened since an earlier start
            return
        began, ended, when = (list(each) for each in zip(*self._spans, strict=True))
        with self.admin.begin() as connection:
            columns = connection.execute(_COLUMNS, {"tables": list(_DATED)}).all()
            driver: Any = connection.connection.driver_connection
            # Nobody does anything here: what rows themselves forbid was asked as they were written.
            driver.execute("SET LOCAL session_replication_role = replica")
            for table, column in columns:
                driver.execute(_set_back(table, column), (began, ended, when, min(began)))
        self._spans.clear()


def _set_back(table: str, column: str) -> sql.Composed:
    names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
    return sql.SQL("""
        UPDATE {table} t SET {column} = m.told
          FROM unnest(%s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
               AS m (began, ended, told)
         WHERE t.{column} >= %s AND t.{column} BETWEEN m.began AND m.ended""").format(**names)


def working_moment(moment: datetime, dice: random.Random) -> datetime:
    """Return the moment itself if an office is open then, else one soon after."""
    day = local_date(moment)
    while day.weekday() >= _WEEKEND:
        day += timedelta(days=1)
    return at(day, time(dice.randint(9, 15), dice.choice((5, 10, 20, 30, 40, 50))))
