"""Twenty kills under four writers: nothing acknowledged is lost. Prints its counts and its seed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from portal.db import roles
from portal.db.embedded import processes
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import state_dir

KILLS = 20
WRITERS = 4


@dataclass
class Writer:
    """Writes numbers one by one; an ``eager`` one acknowledges before it has committed."""

    server: EmbeddedServer
    mine: int
    eager: bool
    stopped: threading.Event
    acknowledged: list[int] = field(default_factory=list)
    longest_wait: float = 0

    def run(self) -> None:
        number = self.mine
        since = time.monotonic()
        while not self.stopped.is_set():
            try:
                with connect(self.server) as connection:
                    while not self.stopped.is_set():
                        number += WRITERS
                        self._write(connection, number)
                        self.longest_wait = max(self.longest_wait, time.monotonic() - since)
                        since = time.monotonic()
            except psycopg.Error:
                time.sleep(0.05)

    def _write(self, connection: psycopg.Connection, number: int) -> None:
        with connection.transaction():
            connection.execute("INSERT INTO written VALUES (%s)", [number])
            if self.eager:
                self.acknowledged.append(number)
                time.sleep(0.002)
        if not self.eager:
            self.acknowledged.append(number)


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with state_dir() as root:
        server = EmbeddedServer(root)
        server.ensure()
        with connect(server) as connection:
            connection.execute("CREATE TABLE written (number bigint PRIMARY KEY)")
        yield server


def connect(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server.socket_dir), user=roles.ADMIN, dbname="postgres", autocommit=True
    )


def drill(server: EmbeddedServer, *, eager: bool, kills: int) -> tuple[int, int, float]:
    """Return how many rows were acknowledged, how many of them are lost, and the longest wait."""
    seed = int.from_bytes(os.urandom(3))
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
    stopped = threading.Event()
    writers = [Writer(server, number, eager, stopped) for number in range(WRITERS)]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    threads.append(threading.Thread(target=server.keep_alive, args=(stopped,)))
    for thread in threads:
        thread.start()
    done = 0
    try:
        while done < kills:
            time.sleep(chance.uniform(0.5, 2.5))
            done += strike(server, chance)
        time.sleep(5)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    server.ensure()
    acknowledged = {number for writer in writers for number in writer.acknowledged}
    with connect(server) as connection:
        kept = {row[0] for row in connection.execute("SELECT number FROM written").fetchall()}
    wait = max(writer.longest_wait for writer in writers)
    load = os.getloadavg()[0]
    print(  # noqa: T201 - the figures of a drill
        f"seed {seed}, kills {done}, acknowledged {len(acknowledged)},"
        f" lost {len(acknowledged - kept)}, longest wait {wait:.1f} s, load {load:.1f}"
    )
    return len(acknowledged), len(acknowledged - kept), wait


def strike(server: EmbeddedServer, chance: random.Random) -> int:
    """Kill the postmaster, one of its processes, or all; say whether there was anything to kill."""
    pid = server.postmaster_pid
    if pid is None:
        return 0
    everyone = processes.processes_of(server.home / "data")
    victims = chance.choice([[pid], [chance.choice(everyone)], everyone])
    for victim in victims:
        processes._signal(victim, signal.SIGKILL)
    return 1


@pytest.mark.proves("F5")
def test_twenty_kills_lose_nothing_that_was_acknowledged(server: EmbeddedServer) -> None:
    acknowledged, lost, wait = drill(server, eager=False, kills=KILLS)
    assert acknowledged > 1000
    assert lost == 0
    assert wait < 10


def test_the_same_drill_finds_a_writer_that_speaks_too_early(server: EmbeddedServer) -> None:
    _, lost, _ = drill(server, eager=True, kills=8)
    assert lost > 0
