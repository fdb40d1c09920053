"""The drill for rules: 300 small mistakes, of which the tests of rules miss fewer than one in 20.

``POLICY_MUTANTS=10`` tries fewer, ``POLICY_SEED`` others. Prints what survived. What nothing can
tell from the rule stands in ``policy_equivalents.toml``, with the reason.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.drills.mutating import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
POLICIES = Path("portal") / "policies"
EQUIVALENTS = Path(__file__).with_name("policy_equivalents.toml")
COUNT = int(os.environ.get("POLICY_MUTANTS", "300"))
SEED = int(os.environ.get("POLICY_SEED", "20261123"))
#: Of all that was tried and can be told from the rule.
MOST_ALIVE = 0.05
_SECONDS = 240
_TESTS = ("test_policy_*.py", "test_traps.py", "test_rules_*.py", "test_registration_rules.py",
          "test_registration_line.py", "test_visit_rules.py", "test_availability.py",
          "test_places*.py")  # fmt: skip

#: It notices any default that changed, whether or not a test says what the default does.
_LEFT_OUT = frozenset({"test_rules_reference.py"})


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
        #: The end of what the last run said.
        self.last_words = ""
        ignored = shutil.ignore_patterns("__pycache__", "browser", "pages", "services")
        for part in ("portal", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        for part in ("docs", "templates", "migrations", "static"):
            (folder / part).symlink_to(ROOT / part)
        # The people and databases of other tests are not asked for here.
        (folder / "tests" / "conftest.py").write_text("", encoding="utf-8")
        shutil.copy(ROOT / "pyproject.toml", folder)

    def passes(self, mutant: Mutant | None) -> bool:
        """Say whether the tests pass with a mutant in place; one that never ends is noticed."""
        if mutant is None:
            return all(self._run(tests) for tests in self._tests(None))
        file = mutant.path
        before = file.read_text(encoding="utf-8")
        file.write_text(mutant.source(), encoding="utf-8")
        try:
            return all(self._run(tests) for tests in self._tests(mutant))
        finally:
            file.write_text(before, encoding="utf-8")

    def _tests(self, mutant: Mutant | None) -> list[list[Path]]:
        """Those that name the broken file first: most mistakes are noticed there."""
        rules = self.folder / "tests" / "rules"
        found = {file for pattern in _TESTS for file in rules.glob(pattern)}
        everything = sorted(file for file in found if file.name not in _LEFT_OUT)
        if mutant is None:
            return [everything]
        word = f"portal.policies.{mutant.path.stem} "
        near = [file for file in everything if word in file.read_text(encoding="utf-8")]
        return [some for some in (near, [f for f in everything if f not in near]) if some]

    def _run(self, tests: Sequence[Path]) -> bool:
        command = [
            sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
            "-p", "tests.drills.quick_properties", *map(str, tests),
        ]  # fmt: skip
        environ = {**os.environ, "PYTHONPATH": str(self.folder)}
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=environ, capture_output=True, timeout=_SECONDS,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        self.last_words = done.stdout.decode(errors="replace")[-2000:]
        return done.returncode == pytest.ExitCode.OK


@pytest.mark.proves("R21")
def test_the_tests_of_rules_notice_mistakes(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "scratch")
    assert scratch.passes(None), f"without a mistake the tests pass: {scratch.last_words}"
    tried = sample(scratch.folder)
    alive = []
    for number, mutant in enumerate(tried, start=1):
        if scratch.passes(mutant):
            alive.append(mutant)
            say(f"alive: line {mutant.line} of {mutant.name}")
        if number % 25 == 0:
            say(f"{number} tried, {len(alive)} alive")
    say(f"seed {SEED}: {len(alive)} of {len(tried)} alive")
    assert len(alive) < MOST_ALIVE * len(tried) or (COUNT < 20 and len(alive) <= 1)


def test_each_equivalent_has_its_reason_and_is_a_mutant_still() -> None:
    names = {mutant.name for mutant in all_mutants(ROOT)}
    for each in _equivalents():
        assert each["reason"].strip()
        assert each["name"] in names, each["name"]
