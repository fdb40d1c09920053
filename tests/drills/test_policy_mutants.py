"""The drill for rules: 300 small mistakes, of which the tests of rules miss fewer than one in 20.

``POLICY_MUTANTS=10`` tries fewer, ``POLICY_SEED`` others; ``POLICY_VERDICTS=FILE`` keeps what was
found, so that a run that was broken off goes on. Prints what survived. What nothing can tell from
the rule stands in ``policy_equivalents.toml``, with the reason.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.drills.mutants_in_forks import ALIVE, ELSEWHERE, NOTICED
from tests.drills.mutating import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
POLICIES = Path("portal") / "policies"
EQUIVALENTS = Path(__file__).with_name("policy_equivalents.toml")
COUNT = int(os.environ.get("POLICY_MUTANTS", "300"))
SEED = int(os.environ.get("POLICY_SEED", "20261123"))
KEPT = os.environ.get("POLICY_VERDICTS")
#: Of all that was tried and can be told from the rule.
MOST_ALIVE = 0.05
#: Of work, not of the clock: a busy machine notices no mistake. All tests need about 70.
_SECONDS = 400
#: A test of rules names them, or the cases that are made for them.
_OF_RULES = re.compile(r"portal\.(policies|rulebooks)|policy_cases")
#: Promises the defaults, those of kinds in words too: most mistakes outside functions meet it.
_REFERENCE = "test_rules_reference.py"


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def all_mutants(folder: Path) -> list[Mutant]:
    """Return every mutant of the rules below a folder."""
    files = sorted((folder / POLICIES).glob("*.py"))
    return [mutant for file in files for mutant in mutants_of(file)]


def sample(folder: Path) -> list[Mutant]:
    """Return the mutants to try: the same for the same code and seed."""
    known = {each["name"] for each in _equivalents()}
    told = [mutant for mutant in all_mutants(folder) if mutant.name not in known]
    return random.Random(SEED).sample(told, min(COUNT, len(told)))  # noqa: S311 - no secret


def _equivalents() -> Sequence[dict[str, str]]:
    found: Sequence[dict[str, str]] = tomllib.loads(EQUIVALENTS.read_text(encoding="utf-8")).get(
        "equivalent", []
    )
    return found


class Scratch:
    """A copy of what the tests of rules need, in which files can be broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ignored = shutil.ignore_patterns("__pycache__", "browser", "pages", "services")
        for part in ("portal", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        for part in ("docs", "templates", "migrations", "static"):
            (folder / part).symlink_to(ROOT / part)
        # The people and databases of other tests are not asked for here.
        (folder / "tests" / "conftest.py").write_text("", encoding="utf-8")
        shutil.copy(ROOT / "pyproject.toml", folder)

    def verdicts(self, tried: Sequence[Mutant], file: Path) -> Mapping[str, str]:
        """Return what became of each mutant by its key; those that a file holds are not tried.

        Raises:
            AssertionError: The tests fail without any mistake, or the run was broken off.
        """
        known = _known(file)
        asked = [mutant for mutant in tried if mutant.key not in known]
        if asked:
            said = self._try_in_forks(asked, file)
            known = _known(file)
            assert all(mutant.key in known for mutant in asked), said
        for mutant in tried:
            if known[mutant.key] == ELSEWHERE:
                known[mutant.key] = ALIVE if self._passes(mutant) else NOTICED
                _keep(file, mutant, known[mutant.key])
        return known

    def _try_in_forks(self, asked: Sequence[Mutant], file: Path) -> str:
        written = [
            {**asdict(mutant), "path": str(mutant.path.relative_to(self.folder))}
            for mutant in asked
        ]
        listed = self.folder / "mutants.json"
        listed.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
        _, said = self._pytest(
            [
                "-s", "-p", "tests.drills.mutants_in_forks",
                f"--mutants={listed}", f"--verdicts={file}", *map(str, self._tests()),
            ],
            seconds=None,
        )  # fmt: skip
        return said[-2000:]

    def _passes(self, mutant: Mutant) -> bool:
        """Say whether the tests pass, run anew on a broken file; one that never ends is noticed."""
        file = mutant.path
        before = file.read_text(encoding="utf-8")
        word = f"portal.policies.{file.stem} "
        everything = self._tests()
        near = [
            test
            for test in everything
            if test.name == _REFERENCE or word in test.read_text(encoding="utf-8")
        ]
        file.write_text(mutant.source(), encoding="utf-8")
        try:
            return all(
                self._pytest(["-x", *map(str, tests)], seconds=_SECONDS)[0] == pytest.ExitCode.OK
                for tests in (near, [test for test in everything if test not in near])
            )
        finally:
            file.write_text(before, encoding="utf-8")

    def _tests(self) -> list[Path]:
        files = sorted((self.folder / "tests" / "rules").glob("test_*.py"))
        return [file for file in files if _OF_RULES.search(file.read_text(encoding="utf-8"))]

    def _pytest(self, words: Sequence[str], *, seconds: int | None) -> tuple[int, str]:
        """Return how a run of pytest ended and what it said; killed after so much work."""
        command = [
            sys.executable, "-B", "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider",
            "-p", "tests.drills.quick_properties", f"--basetemp={self.folder / 'kept'}", *words,
        ]  # fmt: skip
        environ = {**os.environ, "PYTHONPATH": str(self.folder)}
        with subprocess.Popen(
            command, cwd=self.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as running:
            if seconds is not None:
                resource.prlimit(running.pid, resource.RLIMIT_CPU, (seconds, seconds))
            said, _ = running.communicate()
        return running.returncode, said.decode(errors="replace")


def _known(file: Path) -> dict[str, str]:
    """Return what a file of verdicts holds; a later line of a mutant wins."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {found["key"]: found["verdict"] for found in map(json.loads, lines)}


def _keep(file: Path, mutant: Mutant, verdict: str) -> None:
    with file.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps({"key": mutant.key, "verdict": verdict, "by": ""}) + "\n")


def _code() -> str:
    """Return what tells one state of the rules and of their tests from another."""
    files = [*(ROOT / POLICIES).glob("*.py"), *(ROOT / "tests" / "rules").glob("*.py")]
    read = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(files)))
    return read.hexdigest()[:12]


@pytest.mark.proves("R21")
def test_the_tests_of_rules_notice_mistakes(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch")
    tried = sample(scratch.folder)
    # Verdicts hold for the code that they were found on.
    kept = Path(f"{KEPT}.{_code()}").absolute() if KEPT else tmp_path / "verdicts.jsonl"
    verdicts = scratch.verdicts(tried, kept)
    alive = [mutant for mutant in tried if verdicts[mutant.key] == ALIVE]
    for mutant in alive:
        say(f"alive: line {mutant.line} of {mutant.name}")
    say(f"seed {SEED}: {len(alive)} of {len(tried)} alive")
    assert len(alive) < MOST_ALIVE * len(tried) or (COUNT < 20 and len(alive) <= 1)


def test_each_equivalent_has_its_reason_and_is_a_mutant_still() -> None:
    names = {mutant.name for mutant in all_mutants(ROOT)}
    for each in _equivalents():
        assert each["reason"].strip()
        assert each["name"] in names, each["name"]
