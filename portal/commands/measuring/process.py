"""The web process itself: how soon it answers after a start, and what it holds in memory."""

from __future__ import annotations

import time

from portal.commands.measuring import booking, clients, families, machine
from portal.commands.measuring.contest import ROUNDS, Server
from portal.commands.measuring.figures import middle
from portal.commands.measuring.instance import Instance
from portal.commands.serving import free_port
from portal.kernel import clock

_LEAST_ASKED = 200


def start(inst: Instance) -> dict[str, object]:
    """Measure the time from starting the web server to its first page."""
    seconds: dict[str, list[float]] = {"portal": [], "bare": []}
    targets = {"portal": "wsgi:app", "bare": "portal.commands.measuring.bare:app"}
    for _ in range(ROUNDS):
        for name, target in targets.items():
            inst.tell(f"{target} を起動しています…")
            begun = time.perf_counter()
            with machine.gunicorn(target, free_port(), inst.environ):
                seconds[name].append(time.perf_counter() - begun)
    own = middle(seconds["portal"], 2)
    return {
        "seconds": own,
        "bare_flask_seconds": middle(seconds["bare"], 2),
        "floor": {"seconds": 2.0},
        "missed": ["seconds"] if own > 2 else [],  # noqa: PLR2004 - its floor
        "errors": 0,
        "load_average": machine.load_average(),
    }


def memory(inst: Instance) -> dict[str, object]:
    """Measure what two workers and their master hold after pages and bookings."""
    today = clock.today(inst.now)
    site = families.open_site(_LEAST_ASKED, now=inst.now, today=today)
    first = booking.next_number(inst)
    known = families.make_families(inst.admin, site, _LEAST_ASKED, today, first=first)
    port = free_port()
    with machine.gunicorn("wsgi:app", port, inst.environ) as pid:
        at_start = machine.memory(pid)
        opened = booking.browsers(inst, Server(port, pid), site, known)
        asked = [booking.wish(site, browser, site.day) for browser in opened]
        clients.exchange(port, asked, clients=16)
        pages = [clients.get("/facilities"), clients.get(f"/facilities/{site.facility_id}")]
        clients.exchange(port, pages * _LEAST_ASKED, clients=16)
        after = machine.memory(pid)
    port = free_port()
    with machine.gunicorn("portal.commands.measuring.bare:app", port, inst.environ) as pid:
        clients.exchange(port, [clients.get("/month?facility=1")] * _LEAST_ASKED, clients=16)
        plain = machine.memory(pid)
    return {
        "rss_mib": after.rss,
        "pss_mib": after.pss,
        "rss_mib_at_start": at_start.rss,
        "bare_flask_rss_mib": plain.rss,
        "bare_flask_pss_mib": plain.pss,
        "floor": {"rss_mib": 250.0},
        "missed": ["rss_mib"] if after.rss > 250 else [],  # noqa: PLR2004 - its floor
        "errors": 0,
    }
