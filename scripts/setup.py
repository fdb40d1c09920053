"""Make this checkout ready to run: Debian packages, ``.venv``, the locked Python packages.

Run by ``make`` with the system's python3 and nothing but the standard library, so it must start on
a Python older than the portal itself needs, to say so. A second run changes nothing and needs no
network. Exit code 1, with one message that names the remedy, when something cannot be had.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
OLDEST_PYTHON = (3, 11)
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}

#: What to look for, and the Debian package that brings it. ``dev`` needs both tables.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
PROGRAMS = {
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "java": "default-jre-headless",
}
#: Does the same as a program above with half the work; whoever may not install it does without.
LIGHTER = {"chromium-headless-shell": "chromium-headless-shell"}

#: The command ``.venv/bin/portal``. It asks for its own place, so a path with spaces does no harm.
LAUNCHER = """#!/bin/sh
# Runs the portal of this checkout, from whatever directory. Written by scripts/setup.py.
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -P -m portal "$@"
"""


class SetupError(Exception):
    """The set-up cannot go on; the text says what is wrong and what helps."""


def say(text: str) -> None:
    """Print a line at once: the caller may be waiting behind a pipe."""
    print(text, flush=True)


def missing_packages(kind: str) -> list[str]:
    """Return the Debian packages whose library or program this machine lacks."""
    missing = []
    if not VENV.exists() and importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if kind == "dev":
        programs = dict(PROGRAMS)
        if os.environ.get("CHROMIUM"):
            del programs["chromium"]
        missing += [package for name, package in programs.items() if shutil.which(name) is None]
    return missing


def administrator() -> list[str] | None:
    """Return the words before ``apt-get``: none for root, ``sudo`` when it asks no password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(
            ["sudo", "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


def install_packages(packages: list[str]) -> None:
    """Install Debian packages, or raise ``SetupError`` with the line that would."""
    line = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    remedy = f"  sudo apt-get update && sudo {' '.join(line)}"
    words = ", ".join(packages)
    before = administrator() if shutil.which("apt-get") else None
    if before is None:
        raise SetupError(
            f"This machine lacks {words}, and the set-up may not install them itself.\n"
            f"On Debian or Ubuntu this does it; then run make again:\n\n{remedy}\n"
        )
    say(f"Installing Debian packages: {words}")
    for step in (["apt-get", "update", "-q"], line):
        command = [*before, "env", "DEBIAN_FRONTEND=noninteractive", *step]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join(done.stdout.splitlines()[-15:])
            raise SetupError(f"{tail}\n\n{shlex.join(step)} failed. By hand:\n\n{remedy}\n")


def install_lighter() -> None:
    """Install what makes tests quicker and is not needed, where nobody must be asked for it."""
    missing = [package for name, package in LIGHTER.items() if shutil.which(name) is None]
    if not missing or os.environ.get("CHROMIUM"):
        return
    try:
        install_packages(missing)
    except SetupError:
        say(f"Without {', '.join(missing)} the tests of the browser take longer")


def digest(kind: str) -> str:
    """Return what the stamp must say: it changes with the lock, the launcher and the place."""
    content = (ROOT / LOCKS[kind]).read_bytes() + LAUNCHER.encode()
    return f"{kind} {hashlib.sha256(content).hexdigest()} {ROOT}"


def make_environment(stamp: str) -> None:
    """Create ``.venv`` unless a working one is there that was not moved with the checkout."""
    # The scripts of a virtual environment name its place, so a moved one is made again.
    moved = bool(stamp) and not stamp.endswith(f" {ROOT}")
    if not moved and PYTHON.exists():
        asked = [str(PYTHON), "-m", "pip", "--version"]
        if subprocess.run(asked, capture_output=True, check=False).returncode == 0:
            return
    say(f"Creating {VENV.name} with Python {sys.version.split()[0]}")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SetupError(f"{done.stdout}{done.stderr}\nThe virtual environment cannot be made.")


def install_lock(kind: str) -> None:
    """Install one lock with pip, every file checked against its hash; show how far it is."""
    lock = ROOT / LOCKS[kind]
    total = sum(line[:1].isalnum() for line in lock.read_text(encoding="utf-8").splitlines())
    say(f"Installing {total} Python packages from {lock.name}")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off", "--require-hashes", "-r", str(lock)]
    pip = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    seen = 0
    lines: list[str] = []
    for line in pip.stdout or ():
        lines.append(line)
        if line.startswith(("Collecting", "Requirement already satisfied", "Ignoring")):
            seen += 1
            if sys.stdout.isatty():
                print(f"\r  {seen} of {total}", end="", flush=True)
            elif seen % 25 == 0:
                say(f"  {seen} of {total}")
    if sys.stdout.isatty():
        print("\r", end="")
    if pip.wait() != 0:
        raise SetupError(f"{''.join(lines[-15:])}\npip could not install {lock.name}.")


def write_launcher() -> None:
    """Make the checkout importable from the environment, and write ``.venv/bin/portal``."""
    site = next(VENV.glob("lib/python*/site-packages"))
    (site / "checkout.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    launcher = VENV / "bin" / "portal"
    launcher.write_text(LAUNCHER, encoding="utf-8")
    launcher.chmod(0o755)


def set_up(kind: str) -> None:
    """Bring machine and environment to what ``kind`` needs; ``dev`` is never taken back."""
    packages = missing_packages(kind)
    if packages:
        install_packages(packages)
    stamp = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if stamp.startswith("dev "):
        kind = "dev"
    if stamp == digest(kind) and PYTHON.exists():
        return
    if kind == "dev":
        install_lighter()
    make_environment(stamp)
    STAMP.unlink(missing_ok=True)
    install_lock(kind)
    write_launcher()
    STAMP.write_text(digest(kind), encoding="utf-8")
    say("Ready: .venv/bin/portal")


def main() -> int:
    """Run the set-up named on the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(LOCKS), help="what the environment is for")
    kind = parser.parse_args().kind
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        found = sys.version.split()[0]
        print(
            f"The portal needs Python {wanted} or newer; {sys.executable} is {found}.\n"
            "Name another one: make setup PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    try:
        set_up(kind)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
