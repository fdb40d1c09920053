"""Web servers under measurement, and what they and the database cost in CPU."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: gunicorn's shape for both apps; the pools are the same too (``make_engine``).
WORKERS, THREADS = 2, 4
_TICKS = os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found + [below for child in list(found) for below in _children(child)]


def cpu_seconds(roots: Iterable[int]) -> float:
    """Return CPU time (user and system) used so far by processes and all below them."""
    total = 0
    for root in roots:
        for pid in {root, *_children(root)}:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            # utime, stime, and those of children that have ended
            total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB in all processes below one: counted in each (RSS), and shared pages once (PSS)."""

    rss: float
    pss: float


def memory(root: int) -> Memory:
    """Return what a process and all below it hold in memory."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in {root, *_children(root)}:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in sums:
                sums[name] += int(rest.split()[0])
    return Memory(round(sums["Rss"] / 1024, 1), round(sums["Pss"] / 1024, 1))


def load_average() -> float:
    """Return the machine's load of the last minute."""
    return round(os.getloadavg()[0], 2)


@contextmanager
def gunicorn(target: str, port: int, environ: Mapping[str, str]) -> Iterator[int]:
    """Run ``target`` under gunicorn on a loopback port; give its process id, stop it at the end."""
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread"),
            *("--workers", str(WORKERS), "--threads", str(THREADS)),
            *("--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--keep-alive", "30"),
            target,
        ],
        cwd=root,
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=40)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the web server under measurement did not start")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()  # nosec B310 - our own loopback
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the web server under measurement does not answer")
