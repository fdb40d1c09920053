"""``portal doctor`` starts anywhere, names what is missing, and tells no secret."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from portal.__main__ import main
from portal.commands import doctor

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_content_with_the_machine_that_runs_the_tests(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["doctor", "--data-dir", str(tmp_path)]) == 0
    screen = capsys.readouterr().out
    assert "ポータルを動かせます。" in screen
    assert len(screen.splitlines()) < 24


def test_it_starts_where_no_package_is_installed() -> None:
    """``-S`` leaves out site-packages: Flask, psycopg and the portal's own needs are away."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "portal", "doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "make setup" in done.stdout


def test_a_missing_library_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_LIBRARIES", {"libnowhere.so.9": "libnowhere9"})
    assert main(["doctor"]) == 1
    assert "apt-get install libnowhere9" in capsys.readouterr().out


def test_a_database_that_does_not_answer_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://portal:geheim@127.0.0.1:1/kosodate")
    assert main(["doctor"]) == 1
    screen = capsys.readouterr()
    assert "127.0.0.1/kosodate: つながりません" in screen.out
    assert "geheim" not in screen.out + screen.err


def test_what_only_tests_need_is_a_note(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "_TEST_PROGRAMS", {"no-such-program": "libfree"})
    assert main(["doctor"]) == 0
    assert "注意  テストの道具" in capsys.readouterr().out


def test_a_taken_port_is_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert main(["doctor", "--port", str(port)]) == 0
    assert f"注意  ポート {port}" in capsys.readouterr().out
