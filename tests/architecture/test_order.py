"""Each process of a run begins with dear tests of its own, and no test is lost or run twice."""

from __future__ import annotations

import pytest

from tests.order import DEAR, dealt

CHEAP = [f"tests/rules/test_{number}.py" for number in range(100)]
NAMES = [*(f"{begins}x{number}" for begins in DEAR for number in range(3)), *CHEAP]


def names_dealt(names: list[str], processes: int) -> list[str]:
    return dealt([(name, name) for name in names], processes)


@pytest.mark.parametrize("processes", [1, 2, 3, 8])
def test_every_test_is_dealt_once(processes: int) -> None:
    assert sorted(names_dealt(NAMES, processes)) == sorted(NAMES)


def test_each_part_begins_with_whole_files_of_dear_tests() -> None:
    ordered = names_dealt(NAMES, 3)
    part = len(NAMES) // 3
    heads = [ordered[number * part : number * part + 3] for number in range(3)]
    begun = [{name.rpartition("x")[0] for name in head} for head in heads]
    assert [len(each) for each in begun] == [1, 1, 1]
    assert set.union(*begun) <= set(DEAR)
    assert ordered[-1] in CHEAP


def test_dear_files_stay_with_one_process() -> None:
    ordered = names_dealt(NAMES, 2)
    for begins in DEAR:
        places = [place for place, name in enumerate(ordered) if name.startswith(f"{begins}x")]
        assert places == list(range(places[0], places[0] + 3)), begins


def test_a_selection_smaller_than_the_processes_is_run_whole() -> None:
    assert names_dealt(["tests/hostile/x"], 3) == ["tests/hostile/x"]
    assert names_dealt([], 3) == []
