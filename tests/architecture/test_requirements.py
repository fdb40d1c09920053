"""Every clause of the notice is in the table of demands, and every demand of it is proved."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLAUSES = (
    *("1(1)", "1(1)※", "1(2)", "1(3)", "1(3)なお", "1(4)", "1(5)"),
    *("2(1)", "2(1)なお", "2(2)"),
)
#: From the interview to the case that is closed, and what goes the same way.
FILES = re.compile(r"`((?:families|liaison|office|selfservice|slots|referrals)/[a-z_/]+\.py)`")
LOOP = (*range(6, 23), *range(25, 30))


@lru_cache(maxsize=1)
def rows() -> dict[str, list[str]]:
    """Return the cells of each row of docs/requirements.md by its first."""
    found = {}
    for line in (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[cells[0]] = cells
    return found


@lru_cache(maxsize=1)
def proved() -> frozenset[str]:
    """Return the ids that tests say they prove."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        for marks in re.findall(r"mark\.proves\(([^)]*)\)", file.read_text(encoding="utf-8")):
            found |= set(re.findall(r'"([^"]+)"', marks))
    return frozenset(found)


def test_every_clause_of_the_annex_has_its_demands_and_each_is_proved() -> None:
    for clause in CLAUSES:
        demands = rows()[clause][2].split(", ")
        assert demands, clause
        for demand in demands:
            assert demand in rows(), f"{clause}: {demand} is no demand"
            assert demand in proved(), f"{clause}: nothing proves {demand}"
    clauses_of = {demand for clause in CLAUSES for demand in rows()[clause][2].split(", ")}
    assert clauses_of == {f"R{number}" for number in range(7, 23)}


def test_nothing_of_the_loop_is_said_to_come_later() -> None:
    for number in LOOP:
        row = rows()[f"R{number}"]
        assert f"R{number}" in proved()
        assert "later" not in row[-1], row[0]
        for named in FILES.findall(row[-1]):
            assert (ROOT / "portal" / named).exists(), f"{row[0]}: {named}"
