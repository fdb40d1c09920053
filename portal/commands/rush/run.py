"""One run of the rush: the portal, the bare Flask app, the bare function, on one fresh server."""

from __future__ import annotations

import re
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, create_engine, text

from portal.commands.rush import bare, clients, families, machine
from portal.commands.serving import free_port
from portal.commands.surroundings import (
    DATABASE,
    Addresses,
    bring_up_to_date,
    embedded_addresses,
)
from portal.config import Secrets
from portal.db.embedded.server import EmbeddedServer
from portal.db.session import Database, make_engine, use
from portal.kernel import clock

ACCEPTED, REFUSED = frozenset({201, 303}), frozenset({409})
WARM_UP = 64
_FIELD = re.compile(r'name="(csrf_token|once)"[^>]*?value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contender did. Times in seconds."""

    accepted: int
    refused: int
    errors: int
    per_second: float
    latencies: tuple[float, ...]
    cpu_seconds: float

    def quantile_ms(self, share: float) -> float:
        """Return a quantile of the answers' times, in milliseconds."""
        ordered = sorted(self.latencies)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 1)


def _figures(answers: Sequence[clients.Answer], seconds: float, cpu: float) -> Figures:
    accepted = sum(answer.status in ACCEPTED for answer in answers)
    refused = sum(answer.status in REFUSED for answer in answers)
    return Figures(
        accepted,
        refused,
        len(answers) - accepted - refused,
        len(answers) / seconds,
        tuple(answer.seconds for answer in answers),
        cpu,
    )


def _cookie_of(secrets: Secrets) -> Callable[[str], str]:
    """Return what makes a signed-in browser's cookie from a session token."""
    app = Flask("cookies")
    app.secret_key = secrets.session_key
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise RuntimeError("no key to sign cookies with")
    return lambda token: "portal=" + str(signer.dumps({"_user_id": token, "_fresh": True}))


def _wishes(
    port: int, site: families.Site, known: Sequence[families.Family], cookie: Callable[[str], str]
) -> list[clients.Wish]:
    """Open every family's form, as people do before the minute of opening."""
    address = f"/my/bookings/new?facility={site.facility_id}&day={site.day}&start=9:00&end=12:00"
    signed = [cookie(family.token) for family in known]
    pages = clients.open_pages(port, [(address, each) for each in signed])
    wishes = []
    for family, page, browser in zip(known, pages, signed, strict=True):
        fields = dict(_FIELD.findall(page.html))
        wishes.append(
            clients.Wish(
                path="/my/bookings/",
                cookie=page.cookie or browser,
                form={
                    **fields,
                    "programme": str(site.programme_id),
                    "children": str(family.child_id),
                    "day-year": str(site.day.year),
                    "day-month": str(site.day.month),
                    "day-day": str(site.day.day),
                    "start": "9:00",
                    "end": "12:00",
                    "together": "all",
                    "purpose": "respite",
                },
            )
        )
    return wishes


def run(
    *, tries: int, clients_at_once: int, places: int, tell: Callable[[str], None]
) -> dict[str, object]:
    """Measure the three contenders and return the result line.

    Raises:
        RuntimeError: a page before the clock did not come as it should.
    """
    with tempfile.TemporaryDirectory(prefix="portal-rush-", dir="/tmp") as folder:  # nosec B108 - a folder of its own, 0700
        tell("データベースを用意しています…")
        root = Path(folder)
        where = embedded_addresses(root)
        try:
            return _run(where, root, tries, clients_at_once, places, tell)
        finally:
            EmbeddedServer(root).remove()


def _run(
    where: Addresses,
    root: Path,
    tries: int,
    clients_at_once: int,
    places: int,
    tell: Callable[[str], None],
) -> dict[str, object]:
    if where.server is None:
        raise RuntimeError("the rush runs on a server of its own")
    secrets = Secrets.load_or_create(root / "secrets.json")
    bring_up_to_date(where, secrets)
    now = clock.now()
    engine = make_engine(where.app)
    use(Database(engine, secrets))
    tell(f"{tries}世帯を用意しています…")
    site = families.open_site(places, now=now, today=clock.today(now))
    warm_site = families.open_site(4, now=now, today=clock.today(now))
    admin = create_engine(where.server.url("portal_admin", DATABASE))
    known = families.make_families(admin, site, tries, clock.today(now))
    early = families.make_families(admin, warm_site, WARM_UP, clock.today(now), first=tries)
    with admin.begin() as connection:
        connection.execute(text(bare.SCHEMA))
    engine.dispose()
    environ = {"DATABASE_URL": where.app, "PORTAL_SECRETS": str(root / "secrets.json")}
    postmaster = where.server.postmaster_pid or 0
    tell("ポータル全体を測っています…")
    warm_up = (warm_site, early)
    portal = _portal(environ, (site, known), warm_up, secrets, clients_at_once, postmaster)
    tell("関数を呼ぶだけの Flask を測っています…")
    flask = _bare(admin, environ, tries, clients_at_once, places, postmaster)
    tell("SQL だけを測っています…")
    sql = _sql(admin, where.app, tries, places)
    booked = _booked(admin, site)
    admin.dispose()
    if booked != portal.accepted:
        raise RuntimeError(f"{portal.accepted} accepted, but {booked} bookings are in the database")
    return {
        "accepted": portal.accepted,
        "places": places,
        "refused": portal.refused,
        "errors": portal.errors,
        "answers_per_s": round(portal.per_second, 1),
        "p50_ms": round(statistics.median(portal.latencies) * 1000, 1),
        "p95_ms": portal.quantile_ms(0.95),
        "p99_ms": portal.quantile_ms(0.99),
        "ratio_to_sql": round(portal.per_second / sql, 3),
        "ratio_to_bare_flask": round(portal.per_second / flask.per_second, 3),
        "cpu_ms_per_answer": round(portal.cpu_seconds * 1000 / tries, 2),
        "bare_flask_answers_per_s": round(flask.per_second, 1),
        "bare_flask_accepted": flask.accepted,
        "sql_answers_per_s": round(sql, 1),
        "measured_at": datetime.isoformat(now),
    }


def _portal(
    environ: dict[str, str],
    wanted: tuple[families.Site, Sequence[families.Family]],
    warm_up: tuple[families.Site, Sequence[families.Family]],
    secrets: Secrets,
    at_once: int,
    postmaster: int,
) -> Figures:
    port = free_port()
    with machine.gunicorn("wsgi:app", port, environ) as pid:
        cookie = _cookie_of(secrets)
        wishes = _wishes(port, *wanted, cookie)
        # Another facility's small rush first: both contenders begin with their pools open and
        # their code loaded, as servers that have run since yesterday.
        clients.rush(port, _wishes(port, *warm_up, cookie), clients=8)
        before = machine.cpu_seconds((pid, postmaster))
        answers, seconds = clients.rush(port, wishes, clients=at_once)
        return _figures(answers, seconds, machine.cpu_seconds((pid, postmaster)) - before)


def _bare(
    admin: Engine,
    environ: dict[str, str],
    tries: int,
    at_once: int,
    places: int,
    postmaster: int,
) -> Figures:
    _refill(admin, 1000)
    port = free_port()
    with machine.gunicorn("portal.commands.rush.bare:app", port, environ) as pid:
        wishes = [clients.Wish("/take", "", {"family": str(uuid.uuid4())}) for _ in range(tries)]
        warm = [clients.Wish("/take", "", {"family": str(uuid.uuid4())}) for _ in range(WARM_UP)]
        clients.rush(port, warm, clients=8)
        _refill(admin, places)
        before = machine.cpu_seconds((pid, postmaster))
        answers, seconds = clients.rush(port, wishes, clients=at_once)
        return _figures(answers, seconds, machine.cpu_seconds((pid, postmaster)) - before)


def _refill(admin: Engine, places: int) -> None:
    with admin.begin() as connection:
        connection.execute(text("DELETE FROM bare.days"))
        connection.execute(
            text("INSERT INTO bare.days VALUES (1, array_fill(CAST(:n AS smallint), ARRAY[48]))"),
            {"n": places},
        )


def _sql(admin: Engine, url: str, tries: int, places: int) -> float:
    """Return answers per second of the bare function, from four connections."""
    _refill(admin, places)
    engine = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    left = list(range(tries))

    def ask() -> None:
        with engine.connect() as connection:
            while left:
                left.pop()
                connection.execute(bare.TAKE, {"day": 1, "family": str(uuid.uuid4())}).scalar()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    engine.dispose()
    return tries / seconds


def _booked(admin: Engine, site: families.Site) -> int:
    with admin.connect() as connection:
        count = connection.execute(
            text("SELECT count(*) FROM bookings WHERE facility_id = :id AND state = 'confirmed'"),
            {"id": site.facility_id},
        )
        return int(count.scalar_one())
