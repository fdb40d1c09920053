"""Whatever is killed, the next start serves again, loses nothing, and harms no stranger."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from portal.db import roles
from portal.db.embedded import cluster, processes
from portal.db.embedded.errors import EmbeddedServerError
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import state_dir

STAY = """
import sys, time
from pathlib import Path
from portal.db.embedded.server import EmbeddedServer
EmbeddedServer(Path(sys.argv[1]), fast=True).ensure()
print("up", flush=True)
time.sleep(600)
"""


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with state_dir() as root:
        server = EmbeddedServer(root)
        server.ensure()
        yield server


def connect(server: EmbeddedServer) -> psycopg.Connection:
    return psycopg.connect(
        host=str(server.socket_dir), user=roles.ADMIN, dbname="postgres", autocommit=True
    )


def is_up(server: EmbeddedServer) -> bool:
    return server.postmaster_pid is not None


def kill(server: EmbeddedServer) -> int:
    """Kill the postmaster alone, and wait until the kernel has it off its list."""
    pid = server.postmaster_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not is_up(server))
    return pid


def eventually(holds: Callable[[], bool], *, within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.02)


@pytest.mark.parametrize("children_too", [False, True])
def test_a_killed_server_keeps_what_was_committed(
    server: EmbeddedServer, *, children_too: bool
) -> None:
    keeper = connect(server)
    keeper.execute("CREATE TABLE kept (number int)")
    keeper.execute("INSERT INTO kept VALUES (1)")
    keeper.execute("BEGIN")
    keeper.execute("INSERT INTO kept VALUES (2)")
    everyone = processes.processes_of(server.home / "data")
    assert len(everyone) > 3
    kill(server)
    if children_too:
        for pid in everyone:
            processes._signal(pid, signal.SIGKILL)
    server.ensure()
    keeper.close()
    with connect(server) as again:
        assert again.execute("SELECT array_agg(number) FROM kept").fetchone() == ([1],)


def test_a_killed_backend_takes_nobody_down_for_long(server: EmbeddedServer) -> None:
    pid = server.postmaster_pid
    victim = connect(server)
    os.kill(victim.info.backend_pid, signal.SIGKILL)

    def serves() -> bool:
        try:
            connect(server).close()
        except psycopg.OperationalError:
            return False
        return True

    eventually(lambda: victim.pgconn.socket < 0 or serves())
    victim.close()
    eventually(serves)
    server.ensure()
    assert server.postmaster_pid == pid


def test_the_server_outlives_whoever_started_it_and_is_adopted() -> None:
    with state_dir() as root:
        starter = subprocess.Popen(
            [sys.executable, "-c", STAY, root], stdout=subprocess.PIPE, start_new_session=True
        )
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        server = EmbeddedServer(root, fast=True)
        pid = server.postmaster_pid
        assert pid is not None
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate()
        began = time.monotonic()
        server.ensure()
        assert time.monotonic() - began < 5
        assert server.postmaster_pid == pid


@pytest.mark.proves("F5")
def test_writes_are_back_in_ten_seconds_and_none_acknowledged_is_lost(
    server: EmbeddedServer,
) -> None:
    with connect(server) as setup:
        setup.execute("CREATE TABLE written (number int PRIMARY KEY)")
    kill(server)
    time.sleep(1)
    assert not is_up(server), "without a keeper nobody starts it: the control"
    server.ensure()

    done = threading.Event()
    keeper = threading.Thread(target=server.keep_alive, args=(done,), kwargs={"every": 0.2})
    keeper.start()
    acknowledged: list[int] = []
    gaps: list[float] = []
    try:
        for _ in range(3):
            acknowledged += write(server, len(acknowledged), 200)
            kill(server)
            killed = time.monotonic()
            acknowledged += write(server, len(acknowledged), 1)
            gaps.append(time.monotonic() - killed)
    finally:
        done.set()
        keeper.join()
    with connect(server) as check:
        found = {row[0] for row in check.execute("SELECT number FROM written").fetchall()}
    print(f"kills {len(gaps)}, acknowledged {len(acknowledged)}, gaps {gaps}")  # noqa: T201
    assert len(acknowledged) == 603
    assert set(acknowledged) <= found
    assert max(gaps) < 10


def write(server: EmbeddedServer, first: int, count: int) -> list[int]:
    """Write until ``count`` rows are acknowledged; what fails is tried again under its number."""
    acknowledged: list[int] = []
    deadline = time.monotonic() + 30
    while len(acknowledged) < count and time.monotonic() < deadline:
        try:
            with connect(server) as writer:
                for number in range(first + len(acknowledged), first + count):
                    writer.execute(
                        "INSERT INTO written VALUES (%s) ON CONFLICT DO NOTHING", [number]
                    )
                    acknowledged.append(number)
        except psycopg.OperationalError:
            time.sleep(0.02)
    return acknowledged


def test_a_pid_file_that_names_a_stranger_neither_stops_us_nor_harms_him(
    server: EmbeddedServer,
) -> None:
    pid_file = server.home / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    account = server._cluster.account
    stranger = subprocess.Popen(
        ["sleep", "600"], user=account.uid if account.drops else None, cwd="/"
    )
    try:
        lines[0] = str(stranger.pid)
        socket_lock = server.socket_dir / ".s.PGSQL.5432.lock"
        for file in (pid_file, socket_lock):
            file.write_text("\n".join(lines) + "\n")
            account.give(file)
        assert "lock file" in server._cluster._launch(server._binaries), "the control"
        assert not is_up(server)
        server.stop()
        server.ensure()
        assert server.postmaster_pid not in (None, stranger.pid)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_another_portals_server_is_not_taken_for_ours(server: EmbeddedServer) -> None:
    with state_dir() as root:
        theirs = EmbeddedServer(root, fast=True)
        theirs.ensure()
        their_pid = theirs.postmaster_pid
        server.stop()
        pid_file = server.home / "data" / "postmaster.pid"
        pid_file.write_bytes((root / "postgres" / "data" / "postmaster.pid").read_bytes())
        assert not is_up(server)
        server.stop()
        server.ensure()
        assert server.postmaster_pid not in (None, their_pid)
        assert theirs.postmaster_pid == their_pid


def test_a_shell_standing_in_the_data_directory_is_no_server(server: EmbeddedServer) -> None:
    data = server.home / "data"
    with subprocess.Popen(["sleep", "600"], cwd=data) as shell:
        try:
            assert shell.pid not in processes.processes_of(data)
        finally:
            shell.kill()


def test_a_backend_that_does_not_listen_is_ended_before_the_next_start(
    server: EmbeddedServer,
) -> None:
    deaf = connect(server)
    os.kill(deaf.info.backend_pid, signal.SIGSTOP)
    kill(server)
    (server.home / "data" / "postmaster.pid").unlink()
    assert "shared memory block" in server._cluster._launch(server._binaries), "the control"
    began = time.monotonic()
    server.ensure()
    assert time.monotonic() - began < 30
    assert not processes.is_ours(deaf.info.backend_pid, server.home / "data")
    deaf.close()


def test_processes_that_will_not_go_are_named(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = connect(server)
    pid = deaf.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    kill(server)
    monkeypatch.setattr(cluster, "_ORPHANS_END_WITHIN", 1.0)
    with monkeypatch.context() as powerless:
        powerless.setattr(processes, "_signal", lambda *_: None)
        with pytest.raises(EmbeddedServerError, match=rf"\b{pid}\b"):
            server.ensure()
    os.kill(pid, signal.SIGKILL)
    server.ensure()
    deaf.close()


def test_a_killed_initdb_leaves_only_rubbish_which_is_removed() -> None:
    with state_dir() as root:
        starter = subprocess.Popen([sys.executable, "-c", STAY, root], start_new_session=True)
        eventually(lambda: any(root.glob("postgres.new-*/data/base/*")), within=30)
        os.killpg(starter.pid, signal.SIGKILL)
        starter.communicate()
        assert not (root / "postgres").exists()
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        assert {path.name for path in root.iterdir()} == {"postgres", "postgres.lock"}


def test_what_is_not_a_database_of_ours_is_left_alone() -> None:
    with state_dir() as root:
        (root / "postgres").mkdir()
        kept = Path(root, "postgres", "letter")
        kept.write_text("mine")
        with pytest.raises(EmbeddedServerError, match="データベースではないもの"):
            EmbeddedServer(root, fast=True).ensure()
        assert kept.read_text() == "mine"


def test_a_socket_somebody_cleaned_away_comes_back(server: EmbeddedServer) -> None:
    (server.socket_dir / ".s.PGSQL.5432").unlink()
    server.ensure()
    connect(server).close()
