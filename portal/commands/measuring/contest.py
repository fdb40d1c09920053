"""The portal, the bare Flask app and the bare statement, one after the other, round by round."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause

from portal.commands.measuring import clients, machine
from portal.commands.measuring.figures import Figures, middle, together
from portal.commands.measuring.instance import Instance
from portal.commands.serving import free_port
from portal.db.session import make_engine

ROUNDS = 3
_SQL_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Server:
    """A web server under measurement."""

    port: int
    pid: int


@dataclass(frozen=True, slots=True)
class Servers:
    """Both contenders on the same kind of server; who is not asked costs nothing."""

    portal: Server
    bare: Server


@contextmanager
def both_servers(inst: Instance) -> Iterator[Servers]:
    """Run the portal and the bare app until the end of the block."""
    portal, bare = free_port(), 0
    with machine.gunicorn("wsgi:app", portal, inst.environ) as portal_pid:
        bare = free_port()
        with machine.gunicorn("portal.commands.measuring.bare:app", bare, inst.environ) as pid:
            yield Servers(Server(portal, portal_pid), Server(bare, pid))


def measured(
    inst: Instance,
    server: Server,
    requests: Sequence[bytes],
    *,
    clients_at_once: int,
    expected: Collection[int],
) -> Figures:
    """Send the requests and return the figures of this run."""
    web, database = (machine.cpu_seconds((pid,)) for pid in (server.pid, inst.postmaster))
    run = clients.exchange(server.port, requests, clients=clients_at_once)
    return Figures.of(
        run,
        expected,
        machine.cpu_seconds((server.pid,)) - web,
        machine.cpu_seconds((inst.postmaster,)) - database,
    )


def sql_per_second(
    inst: Instance, statement: TextClause, values: Callable[[], Mapping[str, Any]], count: int
) -> float:
    """Return answers per second of a statement alone, from four connections."""
    engine = make_engine(inst.app_url).execution_options(isolation_level="AUTOCOMMIT")
    each, more = divmod(count, _SQL_CONNECTIONS)

    def ask(times: int) -> None:
        with engine.connect() as connection:
            for _ in range(times):
                connection.execute(statement, values()).all()

    threads = [
        threading.Thread(target=ask, args=(each + (number < more),))
        for number in range(_SQL_CONNECTIONS)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    engine.dispose()
    return count / seconds


def result(
    portal: Sequence[Figures],
    bare: Sequence[Figures],
    sql: Sequence[float],
    floor: Mapping[str, float],
    *,
    bare_at_floor: float | None = None,
    **more: object,
) -> dict[str, object]:
    """Return the result line of a contest: the portal's figures, the others' and the ratios.

    Args:
        floor: What must be reached, by name of a figure; times are highest, others least values.
        bare_at_floor: Answers per second of such a bare app on the machine the floor was set on,
            where that is known. The floor as a share of it holds on faster and slower ones too.
        more: Further figures.
    """
    ratio = middle(
        [one.per_second / other.per_second for one, other in zip(portal, bare, strict=True)], 3
    )
    if bare_at_floor is not None:
        wanted_ratio = round(floor["per_second"] / bare_at_floor, 3)
        more |= {"floor_as_ratio": wanted_ratio, "is_reached_by_ratio": ratio >= wanted_ratio}
    others = together(bare)
    own = together(portal) | more
    missed = [
        name
        for name, wanted in floor.items()
        if not (
            float(str(own[name])) <= wanted
            if name.endswith("_ms")
            else float(str(own[name])) >= wanted
        )
    ]
    return {
        **own,
        "bare_flask_per_second": others["per_second"],
        "bare_flask_cpu_ms_web": others["cpu_ms_web"],
        "bare_flask_cpu_ms_database": others["cpu_ms_database"],
        "sql_per_second": middle(sql),
        "ratio_to_bare_flask": ratio,
        "ratio_to_sql": middle(
            [one.per_second / other for one, other in zip(portal, sql, strict=True)], 4
        ),
        "floor": dict(floor),
        "missed": missed,
        "load_average": machine.load_average(),
    }
