"""In which order a run goes: each process begins with dear tests of its own, cheap ones fill up.

The dear ones share what a process makes once for all of a file: dealt out in the order of their
names they would lie in one process's part, the others would take over half of each file, and each
would make its demo, world or city again. At the end of a run all processes have something small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: What begins a process's part, and roughly how it weighs against the others.
DEAR: Final = {
    "tests/browser/test_": 40,
    "tests/hostile/": 40,
    "tests/browser/journeys/": 30,
    "tests/pages/test_authorization_matrix.py": 20,
    "tests/services/test_demo_city.py": 15,
    "tests/services/test_delivery_kills.py": 5,
    "tests/services/test_embedded_kills.py": 5,
    "tests/services/test_case_races.py": 5,
    "tests/pages/test_papers.py": 3,
}


def dealt(tests: Sequence[tuple[str, T]], processes: int) -> list[T]:
    """Return tests in the order in which xdist gives equal parts of them to its processes.

    Args:
        tests: The name of the file and the test, in the order of their collection.
        processes: How many share them.
    """
    blocks: dict[str, list[T]] = {begins: [] for begins in DEAR}
    cheap: list[T] = []
    for name, test in tests:
        begins = next((each for each in DEAR if name.startswith(each)), None)
        (cheap if begins is None else blocks[begins]).append(test)
    heads: list[list[T]] = [[] for _ in range(processes)]
    weights = [0] * processes
    for begins, block in blocks.items():
        lightest = weights.index(min(weights))
        heads[lightest] += block
        weights[lightest] += DEAR[begins] if block else 0
    ordered: list[T] = []
    for number, head in enumerate(heads):
        part = (len(tests) - len(ordered)) // (processes - number)
        fill = max(part - len(head), 0)
        ordered += [*head, *cheap[:fill]]
        del cheap[:fill]
    return [*ordered, *cheap]
