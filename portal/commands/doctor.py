"""``portal doctor``: one screen that says what this machine lacks, and what helps.

Imports nothing of the portal before it is needed: it must start where everything else is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib
import importlib.metadata
import os
import shutil
import socket
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

_ROOT = Path(__file__).resolve().parents[2]
_OLDEST_PYTHON = (3, 11)
_OLDEST_POSTGRESQL = 15
_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
_FONTS = ("noto-cjk-sans-jp-regular", "noto-cjk-sans-jp-bold")
_TEST_PROGRAMS = {
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "java": "default-jre-headless",
}


class State(StrEnum):
    """How a check came out, as it is printed."""

    GOOD = "よし"
    NOTE = "注意"
    MISSING = "不足"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the screen; ``remedy`` is empty when nothing needs doing."""

    label: str
    state: State
    text: str
    remedy: str = ""


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``doctor`` to the words of the ``portal`` command."""
    parser = subparsers.add_parser("doctor", help="このコンピューターに足りないものを調べます")
    parser.add_argument("--port", type=int, default=8000, help="空いているかを調べるポート")
    parser.add_argument("--data-dir", type=Path, help="データを置くフォルダー")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the screen.

    Returns:
        0 when the portal can run here, 1 when something it needs is missing. What only tests
        need is a note.
    """
    findings = list(examine(port=args.port, data_dir=args.data_dir))
    for finding in findings:
        print(line(finding))
    missing = sum(finding.state is State.MISSING for finding in findings)
    print()
    print(f"足りないものが{missing}件あります。" if missing else "ポータルを動かせます。")
    return 1 if missing else 0


def examine(*, port: int, data_dir: Path | None) -> Iterator[Finding]:
    """Yield one finding per thing the portal or its tests need."""
    yield _python()
    yield _packages()
    yield _libraries()
    yield _fonts()
    yield _database()
    yield _state_directory(data_dir)
    yield _port(port)
    yield _test_programs()


def lacking() -> list[tuple[str, str]]:
    """Return what a running portal lacks here, as label and sentence; for the operator's page."""
    found = (_python(), _packages(), _libraries(), _fonts(), _state_directory(None))
    return [
        (each.label, f"{each.text} {each.remedy}".strip())
        for each in found
        if each.state is State.MISSING
    ]


def line(finding: Finding) -> str:
    """Return a finding as one line, columns aligned for full-width letters."""
    parts = [finding.state, _padded(finding.label, 22), finding.text]
    return "  ".join(parts) + (f" → {finding.remedy}" if finding.remedy else "")


def _padded(text: str, width: int) -> str:
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(0, width - taken)


def _python() -> Finding:
    found = sys.version.split()[0]
    if sys.version_info[:2] < _OLDEST_PYTHON:
        return Finding("Python", State.MISSING, found, "Python 3.11以降を入れてください")
    if sys.prefix == sys.base_prefix:
        remedy = "make setup のあと .venv/bin/portal を使ってください"
        return Finding("Python", State.NOTE, f"{found}(仮想環境ではありません)", remedy)
    return Finding("Python", State.GOOD, f"{found}({sys.prefix})")


def _packages() -> Finding:
    """Compare what is installed with the lock; lines for other platforms carry a marker."""
    label = "Pythonのパッケージ"
    lock = _ROOT / "requirements.lock"
    if not lock.exists():
        return Finding(label, State.NOTE, "requirements.lock がないため比べられません")
    wanted = [
        requirement.removesuffix("\\").strip().split("==")
        for requirement in lock.read_text(encoding="utf-8").splitlines()
        if requirement[:1].isalnum() and ";" not in requirement
    ]
    wrong = [name for name, version in wanted if _installed(name) != version]
    if not wrong:
        return Finding(label, State.GOOD, f"{len(wanted)}個がそろっています")
    text = f"{len(wrong)}個がないか、版が違います: {'、'.join(wrong[:4])}"
    return Finding(label, State.MISSING, text, "make setup")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _libraries() -> Finding:
    label = "PDFの部品(Pango など)"
    missing = [package for library, package in _LIBRARIES.items() if not _loads(library)]
    if not missing:
        return Finding(label, State.GOOD, "読み込めます")
    remedy = f"apt-get install {' '.join(missing)}"
    return Finding(label, State.MISSING, "、".join(missing), remedy)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _fonts() -> Finding:
    label = "日本語の書体"
    missing = [name for name in _FONTS if _installed(name) is None]
    if missing:
        return Finding(label, State.MISSING, "、".join(missing), "make setup")
    return Finding(label, State.GOOD, "Noto Sans JP(標準・太字)")


def _database() -> Finding:
    address = os.environ.get("DATABASE_URL")
    return _server_at(address) if address else _embedded()


def _embedded() -> Finding:
    label = "PostgreSQL(同梱)"
    binaries = _module("portal.db.embedded.binaries")
    account = _module("portal.db.embedded.account")
    errors = _module("portal.db.embedded.errors")
    if binaries is None or account is None or errors is None:
        return Finding(label, State.MISSING, "調べられません", "make setup")
    # As ourselves, not as the server's account: nothing is copied for a mere question.
    ourselves = account.Account("", os.geteuid(), os.getegid(), drops=False)
    try:
        found = binaries.find_binaries(ourselves, major=None, copies=_ROOT)
    except errors.EmbeddedServerError as error:
        return Finding(label, State.MISSING, str(error))
    return Finding(label, State.GOOD, f"版 {found.major}({found.directory})")


def _server_at(address: str) -> Finding:
    label = "DATABASE_URL"
    place = urlsplit(address)
    name = f"{place.hostname or 'このコンピューター'}{place.path}"  # never with the password
    psycopg = _module("psycopg")
    if psycopg is None:
        return Finding(label, State.MISSING, f"{name}: 調べられません", "make setup")
    try:
        plain = address.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(plain, connect_timeout=3) as connection:
            major = connection.info.server_version // 10000
    except psycopg.Error:
        return Finding(label, State.MISSING, f"{name}: つながりません", "接続先を確かめてください")
    if major < _OLDEST_POSTGRESQL:
        remedy = f"PostgreSQL {_OLDEST_POSTGRESQL}以降が要ります"
        return Finding(label, State.MISSING, f"{name}: 版 {major}", remedy)
    return Finding(label, State.GOOD, f"{name}: 版 {major}")


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _state_directory(data_dir: Path | None) -> Finding:
    label = "データを置くフォルダー"
    if data_dir is None:
        files = _module("portal.db.embedded.files")
        given = os.environ.get("PORTAL_STATE_DIR")
        default = files.default_state_dir() if files else Path("var").resolve()
        data_dir = Path(given) if given else default
    existing = next(place for place in (data_dir, *data_dir.resolve().parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        remedy = "--data-dir で書き込める場所を指定してください"
        return Finding(label, State.MISSING, f"{data_dir} に書き込めません", remedy)
    free = shutil.disk_usage(existing).free // 2**20
    if free < 500:  # noqa: PLR2004 - MB: an empty cluster takes 40, a demo with its log 200
        return Finding(label, State.NOTE, f"{data_dir}(空きは{free}MBだけです)")
    return Finding(label, State.GOOD, str(data_dir))


def _port(port: int) -> Finding:
    label = f"ポート {port}"
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            remedy = "make demo PORT=8001 のように別の番号にしてください"
            return Finding(label, State.NOTE, "ほかのプログラムが使っています", remedy)
    return Finding(label, State.GOOD, "空いています")


def _test_programs() -> Finding:
    have = {name for name in _TEST_PROGRAMS if shutil.which(name)}
    if os.environ.get("CHROMIUM"):
        have.add("chromium")
    missing = [package for name, package in _TEST_PROGRAMS.items() if name not in have]
    label = "テストの道具"
    if missing:
        remedy = f"make test に要ります: apt-get install {' '.join(missing)}"
        return Finding(label, State.NOTE, f"{'、'.join(missing)} がありません", remedy)
    return Finding(label, State.GOOD, "、".join(_TEST_PROGRAMS))
