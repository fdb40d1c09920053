"""Bookings under load: the opening minute, all at the same instant, and a steady stream."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from portal.commands.measuring import bare, clients, families
from portal.commands.measuring.contest import (
    ROUNDS,
    Server,
    both_servers,
    measured,
    result,
    sql_per_second,
)
from portal.commands.measuring.figures import Figures
from portal.commands.measuring.instance import Instance
from portal.kernel import clock

TAKEN, FULL = frozenset({201, 303}), frozenset({201, 303, 409})
WARM_UP = 64
#: What a bare app with one function reached where the floors were set (2 cores, same server).
_BARE_RUSH, _BARE_STEADY = 1500.0, 990.0
#: The first family's number; those of a city and its years are lower.
FIRST_NUMBER = 90_000_000
_FIELD = re.compile(r'name="(csrf_token|once)"[^>]*?value="([^"]+)"')
_STEADY_SITES, _STEADY_FAMILIES, _MANY = 8, 60, 2000
_TIMES = (("9:00", "12:00"), ("13:00", "16:00"))


@dataclass(frozen=True, slots=True)
class Browser:
    """A family that has the form open: who, the cookie, and the form's own token."""

    family: families.Family
    cookie: str
    csrf_token: str


def browsers(
    inst: Instance, server: Server, site: families.Site, known: Sequence[families.Family]
) -> list[Browser]:
    """Open every family's form, as people do before the minute of opening.

    Raises:
        RuntimeError: a form did not come.
    """
    address = f"/my/bookings/new?facility={site.facility_id}&day={site.day}&start=9:00&end=12:00"
    signed = [inst.cookie(family.token) for family in known]
    pages = [clients.get(address, each) for each in signed]
    opened = []
    for family, cookie, answer in zip(
        known,
        signed,
        clients.exchange(server.port, pages, clients=8, keep=True).answers,
        strict=True,
    ):
        if answer.status != 200:  # noqa: PLR2004 - HTTP
            raise RuntimeError(f"the form answered {answer.status}")
        fields = dict(_FIELD.findall(answer.body.decode()))
        opened.append(Browser(family, answer.cookie or cookie, fields["csrf_token"]))
    return opened


def wish(
    site: families.Site, browser: Browser, day: date, start: str = "9:00", end: str = "12:00"
) -> bytes:
    """Return the request that books."""
    return clients.post(
        "/my/bookings/",
        browser.cookie,
        {
            "csrf_token": browser.csrf_token,
            "once": str(uuid.uuid4()),
            "programme": str(site.programme_id),
            "children": str(browser.family.child_id),
            "day-year": str(day.year),
            "day-month": str(day.month),
            "day-day": str(day.day),
            "start": start,
            "end": end,
            "together": "all",
            "purpose": "respite",
        },
    )


def rush(inst: Instance, *, tries: int, at_once: int, places: int) -> dict[str, object]:
    """Measure the opening minute: every family wants the same hours of the same day."""
    floor = {"per_second": 300.0, "p95_ms": 300.0}
    return _hot_day(inst, tries, at_once, places, floor, bare_at_floor=_BARE_RUSH)


def burst(inst: Instance, *, tries: int, places: int) -> dict[str, object]:
    """Measure all of them at the same instant, each over a connection of her own."""
    return _hot_day(inst, tries, tries, places, {"last_ms": 2000.0})


def _hot_day(
    inst: Instance,
    tries: int,
    at_once: int,
    places: int,
    floor: dict[str, float],
    *,
    bare_at_floor: float | None = None,
) -> dict[str, object]:
    inst.tell(f"{tries}世帯を用意しています…")
    today = clock.today(inst.now)
    site = families.open_site(places, now=inst.now, today=today)
    known = families.make_families(inst.admin, site, tries, today, first=next_number(inst))
    portal: list[Figures] = []
    plain: list[Figures] = []
    sql: list[float] = []
    with both_servers(inst) as servers:
        inst.tell("フォームを開いています…")
        opened = browsers(inst, servers.portal, site, known)
        days = [site.day + timedelta(days=n) for n in range(ROUNDS + 1)]
        # Another day's small rush first: both contenders begin with their pools open and their
        # code loaded, as servers that have run since yesterday.
        warm = [wish(site, browser, days[ROUNDS]) for browser in opened[:WARM_UP]]
        clients.exchange(servers.portal.port, warm, clients=8)
        clients.exchange(servers.bare.port, _takes(WARM_UP, 0), clients=8)
        for number in range(ROUNDS):
            inst.tell(f"{number + 1}回目を測っています…")
            asked = [wish(site, browser, days[number]) for browser in opened]
            portal.append(
                measured(inst, servers.portal, asked, clients_at_once=at_once, expected=FULL)
            )
            _refill(inst, number, places)
            plain.append(
                measured(
                    inst,
                    servers.bare,
                    _takes(tries, number),
                    clients_at_once=at_once,
                    expected=FULL,
                )
            )
            _refill(inst, number, places)
            sql.append(_sql(inst, number, tries))
        accepted = [each.statuses.get(303, 0) for each in portal]
        booked = [_booked(inst, site, day) for day in days[:ROUNDS]]
    return result(
        portal,
        plain,
        sql,
        floor,
        bare_at_floor=bare_at_floor,
        accepted=accepted,
        refused=[each.statuses.get(409, 0) for each in portal],
        places=places,
        is_exact=accepted == booked == [min(places, tries)] * ROUNDS,
        bare_flask_accepted=[each.statuses.get(201, 0) for each in plain],
    )


def steady(inst: Instance, *, at_once: int) -> dict[str, object]:
    """Measure bookings at several facilities where there are places for everybody."""
    today = clock.today(inst.now)
    inst.tell(f"{_STEADY_SITES * _STEADY_FAMILIES}世帯を用意しています…")
    sites = [families.open_site(_MANY, now=inst.now, today=today) for _ in range(_STEADY_SITES)]
    known = [
        families.make_families(inst.admin, site, _STEADY_FAMILIES, today, first=next_number(inst))
        for site in sites
    ]
    portal: list[Figures] = []
    plain: list[Figures] = []
    sql: list[float] = []
    with both_servers(inst) as servers:
        opened = [
            browsers(inst, servers.portal, site, there)
            for site, there in zip(sites, known, strict=True)
        ]

        def asked(day: date, times: Sequence[tuple[str, str]]) -> list[bytes]:
            return [
                wish(site, opened[which][number], day, *hours)
                for hours in times
                for number in range(_STEADY_FAMILIES)
                for which, site in enumerate(sites)
            ]

        first = sites[0].day
        warm = asked(first + timedelta(days=ROUNDS), _TIMES[:1])
        clients.exchange(servers.portal.port, warm, clients=8)
        _refill(inst, 0, _MANY)
        clients.exchange(servers.bare.port, _takes(WARM_UP, 0), clients=8)
        for number in range(ROUNDS):
            inst.tell(f"{number + 1}回目を測っています…")
            wishes = asked(first + timedelta(days=number), _TIMES)
            portal.append(
                measured(inst, servers.portal, wishes, clients_at_once=at_once, expected=TAKEN)
            )
            _refill(inst, number, _MANY)
            takes = _takes(len(wishes), number)
            plain.append(
                measured(inst, servers.bare, takes, clients_at_once=at_once, expected=TAKEN)
            )
            _refill(inst, number, _MANY)
            sql.append(_sql(inst, number, len(wishes)))
    booked = [
        sum(_booked(inst, site, first + timedelta(days=number)) for site in sites)
        for number in range(ROUNDS)
    ]
    accepted = [each.statuses.get(303, 0) for each in portal]
    floor = {"per_second": 200.0, "p95_ms": 250.0}
    return result(
        portal,
        plain,
        sql,
        floor,
        bare_at_floor=_BARE_STEADY,
        accepted=accepted,
        is_exact=accepted == booked,
    )


def _takes(count: int, day: int) -> list[bytes]:
    return [
        clients.post("/take", "", {"day": str(day), "family": str(uuid.uuid4())})
        for _ in range(count)
    ]


def _sql(inst: Instance, day: int, count: int) -> float:
    def values() -> dict[str, object]:
        return {"day": day, "family": str(uuid.uuid4())}

    return sql_per_second(inst, bare.TAKE, values, count)


def _refill(inst: Instance, day: int, places: int) -> None:
    with inst.admin.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO bare.days"
                " VALUES (:day, array_fill(CAST(:places AS smallint), ARRAY[48]))"
                " ON CONFLICT (id) DO UPDATE SET free = excluded.free"
            ),
            {"day": day, "places": places},
        )


def next_number(inst: Instance) -> int:
    """Return a family number that is still free, far from those of a city."""
    with inst.admin.connect() as connection:
        found = connection.execute(
            text("SELECT max(number::bigint) FROM families WHERE number ~ '^[0-9]{8}$'")
        ).scalar()
    return max(FIRST_NUMBER, (found or 0) + 1)


def _booked(inst: Instance, site: families.Site, day: date) -> int:
    with inst.admin.connect() as connection:
        count = connection.execute(
            text(
                "SELECT count(*) FROM bookings"
                " WHERE facility_id = :id AND day = :day AND state = 'confirmed'"
            ),
            {"id": site.facility_id, "day": day},
        )
        return int(count.scalar_one())
