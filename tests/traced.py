"""Pytest plugin: which requirement is proved by how many test functions that passed.

A test names what it proves with ``@pytest.mark.proves("R13", "B53")``; an id that
``tests/traced_ids.txt`` does not know is an error at collection. With ``--traced=FILE`` the
process that controls the run deletes FILE first and writes it at the end, so a result is never
older than its run. A function counts once, however many cases it has, and only when every case
that was collected passed: none failed, none was skipped, none was lost with a killed worker.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

IDS_FILE: Final = Path(__file__).with_name("traced_ids.txt")
KNOWN: Final = tuple(IDS_FILE.read_text(encoding="utf-8").split())
PROPERTY: Final = "traced"
#: The run came to its end: everything passed, or some tests failed.
ENDED: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def unknown_ids(node: pytest.Item | pytest.Function) -> list[str]:
    """Return what the ``proves`` marks of a test name that is no known id."""
    named = [name for mark in node.iter_markers("proves") for name in (mark.args or ("",))]
    return [str(name) for name in named if name not in KNOWN]


def function_of(item: pytest.Item) -> str:
    """Return the node id of the test function, the same for all its cases."""
    name = getattr(item, "originalname", None) or item.name
    return item.nodeid.removesuffix(item.name) + name


class Ledger:
    """What the run saw, in the process that controls it."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.target.unlink(missing_ok=True)
        self._ids: dict[str, set[str]] = {}
        self._cases: dict[str, int] = {}
        self._passed: dict[str, set[str]] = {}
        self._spoilt: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note one phase of one case; the workers of xdist report here too."""
        for name, value in report.user_properties:
            if name != PROPERTY or not isinstance(value, dict):
                continue
            function = value["function"]
            self._ids.setdefault(function, set()).update(value["ids"])
            self._cases[function] = value["cases"]
            if not report.passed:
                self._spoilt.add(function)
            elif report.when == "call":
                self._passed.setdefault(function, set()).add(report.nodeid)

    def proved(self) -> dict[str, list[str]]:
        """Return, for each function of which every case passed, the ids that it proves."""
        return {
            function: sorted(ids)
            for function, ids in sorted(self._ids.items())
            if function not in self._spoilt
            and len(self._passed.get(function, ())) == self._cases[function]
        }

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """Write the result of a run that came to its end; a broken-off run leaves none."""
        if exitstatus in ENDED:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self.proved(), indent=1, ensure_ascii=False)
            self.target.write_text(text + "\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--traced``."""
    parser.addoption("--traced", metavar="FILE", help="write which ids were proved into FILE")


def pytest_configure(config: pytest.Config) -> None:
    """Start the ledger in the controlling process, where a result is asked for."""
    target = config.getoption("traced")
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Ledger(Path(target)), "traced-ledger")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse unknown ids while the function is collected, where pytest shows the file."""
    unknown = unknown_ids(metafunc.definition)
    if unknown:
        pytest.fail(f"proves: not in {IDS_FILE.name}: {', '.join(unknown)}", pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Write on each case what it proves and how many cases its function has.

    Raises:
        pytest.UsageError: a mark on a single case names an unknown id.
    """
    cases = Counter(map(function_of, items))
    ids: dict[str, set[str]] = {}
    for item in items:
        if unknown := unknown_ids(item):
            raise pytest.UsageError(f"{item.nodeid}: proves: not known: {', '.join(unknown)}")
        for mark in item.iter_markers("proves"):
            ids.setdefault(function_of(item), set()).update(mark.args)
    for item in items:
        function = function_of(item)
        if function in ids:
            value = {"function": function, "ids": sorted(ids[function]), "cases": cases[function]}
            item.user_properties.append((PROPERTY, value))
