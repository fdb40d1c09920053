"""One running demo for all tests of a run: started fresh, stopped, started again, then visited."""

from __future__ import annotations

import fcntl
import http.cookiejar
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "test-demo"
PATIENCE = 300


@dataclass(frozen=True)
class Demo:
    """What the demo said of itself, and how its first stop went."""

    facts: dict[str, Any]
    first_facts: dict[str, Any]
    first_exit: int
    left_behind: str

    @property
    def base(self) -> str:
        return str(self.facts["base_url"])

    def sign_in(self, persona: str) -> str:
        return str(self.facts["personas"][persona]["sign_in"])


class Browser:
    """A person with cookies and without pictures."""

    def __init__(self) -> None:
        jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))

    def open(self, url: str, **headers: str) -> tuple[int, str, bytes]:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - our own loopback
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, "", error.read()


def start(data_dir: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    command = [sys.executable, "-m", "portal", "demo", "--port", "0", "--json"]
    with (data_dir.parent / "log").open("a") as log:
        process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the demo ended with {process.wait()}: {(data_dir.parent / 'log').read_text()}"
    return process, json.loads(line)


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=60)
    if process.stdout is not None:
        process.stdout.close()
    return code


def processes_of(data_dir: Path) -> str:
    listed = subprocess.run(["ps", "axo", "pid,args"], check=True, capture_output=True, text=True)
    mine = [line for line in listed.stdout.splitlines() if str(data_dir) in line]
    return "\n".join(mine)


@contextmanager
def running_demo() -> Iterator[Demo]:
    """Give the run's demo; the last test process to leave stops it."""
    run = FOLDER / os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    run.mkdir(parents=True, exist_ok=True)
    process: subprocess.Popen[str] | None = None
    with (run / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (run / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (run / "told.json").exists():
                process = _start_twice(run)
        yield Demo(**json.loads((run / "told.json").read_text()))
        if process is not None:
            # Whoever started it waits for the others; nobody else can end its process.
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.2)
                else:
                    break
            stop(process)


def _start_twice(run: Path) -> subprocess.Popen[str]:
    data_dir = run / "data"
    first, first_facts = start(data_dir)
    visitor = Browser()
    visitor.open(first_facts["personas"]["guardian"]["sign_in"])
    code = stop(first)
    left_behind = processes_of(data_dir)
    process, facts = start(data_dir)
    told = {
        "facts": facts,
        "first_facts": first_facts,
        "first_exit": code,
        "left_behind": left_behind,
    }
    (run / "told.json").write_text(json.dumps(told))
    return process
