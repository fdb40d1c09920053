"""The difficult values that `make test` leaves out, through every field: P8."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.database import TestServer
from tests.hostile.feeder import feed
from tests.hostile.test_fields import GROUPS, HERE, PARTS
from tests.hostile.world import Bench, running_bench

_CASES = [(kind, part) for kind, parts in PARTS.items() for part in range(HERE[kind], parts)]


@pytest.fixture(scope="module")
def bench_of_all(server: TestServer) -> Iterator[Bench]:
    with running_bench(server) as running:
        yield running


@pytest.mark.proves("P8")
@pytest.mark.parametrize(("kind", "part"), _CASES, ids=[f"{kind}-{part}" for kind, part in _CASES])
def test_no_other_value_breaks_a_field(bench_of_all: Bench, kind: str, part: int) -> None:
    findings = feed(bench_of_all, frozenset(GROUPS.get(kind, (kind,))), part, PARTS[kind])
    assert findings.tries.total() > 100
    assert not findings.breaks, "\n".join(findings.breaks[:60])
