"""The suite's own guards: what counts as proved, and that no test leaves this machine."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.loopback import BeyondLoopbackError

pytest_plugins = ("pytester",)

SUITE = """
    import pytest

    @pytest.mark.proves("R1", "J2")
    def test_one(): pass

    @pytest.mark.proves("R1")
    @pytest.mark.parametrize("case", [1, 2])
    def test_all_cases_pass(case): pass

    @pytest.mark.proves("R2")
    @pytest.mark.parametrize("case", [1, 2])
    def test_one_case_fails(case): assert case == 1

    @pytest.mark.proves("R3")
    @pytest.mark.parametrize("case", [1, pytest.param(2, marks=pytest.mark.skip)])
    def test_one_case_is_skipped(case): pass

    @pytest.fixture
    def broken():
        yield
        raise RuntimeError

    @pytest.mark.proves("R4")
    def test_end_fails(broken): pass

    @pytest.mark.proves("R5")
    @pytest.mark.xfail
    def test_expected_to_fail(): assert False
"""
INI = "[pytest]\nmarkers = proves(*ids): -\n"
WITH_LEDGER = ("-p", "tests.traced", "--traced=out.json", "-p", "no:cacheprovider")


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_function_counts_once_and_only_when_all_its_cases_passed(
    pytester: pytest.Pytester, workers: tuple[str, ...]
) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(test_suite=SUITE)
    pytester.runpytest_subprocess(*WITH_LEDGER, *workers)
    assert json.loads(Path("out.json").read_text(encoding="utf-8")) == {
        "test_suite.py::test_all_cases_pass": ["R1"],
        "test_suite.py::test_one": ["J2", "R1"],
    }


@pytest.mark.parametrize(
    "mark", ['@pytest.mark.proves("R99")', "@pytest.mark.proves()", "@pytest.mark.proves(13)"]
)
def test_an_unknown_id_is_an_error_and_leaves_no_old_result(
    pytester: pytest.Pytester, mark: str
) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(test_suite=f"import pytest\n{mark}\ndef test_it(): pass\n")
    Path("out.json").write_text('{"old": ["R1"]}', encoding="utf-8")
    result = pytester.runpytest_subprocess(*WITH_LEDGER)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*proves: not in traced_ids.txt*"])
    assert not Path("out.json").exists()


@pytest.mark.parametrize("host", ["192.0.2.1", "8.8.8.8", "example.com", "2001:db8::1"])
def test_no_test_reaches_another_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as outgoing:
        outgoing.settimeout(0)
        with pytest.raises(BeyondLoopbackError):
            outgoing.connect((host, 9))
        with pytest.raises(BeyondLoopbackError):
            outgoing.connect_ex((host, 9))


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
