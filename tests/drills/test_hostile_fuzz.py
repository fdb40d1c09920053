"""Thousands of made-up values through every field: slow, for `make drills`. P8."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database import TestServer
from tests.hostile.crawl import every_form, fields_of
from tests.hostile.feeder import Findings, try_value
from tests.hostile.inputs import WORST, texts
from tests.hostile.world import Bench, running_bench, tell

EXAMPLES = 5_000
KINDS = frozenset(WORST)
#: Text of any sign, bits of what is known to be nasty, and both glued together.
PIECES = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60),
    st.sampled_from(texts()),
    st.sampled_from(["\r\n", "\x00", "\u202e", "'", '"', "<", "{{", "%s", "\\", "=", "１", "۱"]),
)
VALUES = st.lists(PIECES, min_size=1, max_size=4).map("".join)


@pytest.fixture(scope="module")
def fuzzed(server: TestServer) -> Iterator[Bench]:
    with running_bench(server) as running:
        yield running


@pytest.mark.proves("P8")
def test_made_up_values_break_no_field(fuzzed: Bench) -> None:
    targets = list(fields_of(every_form(fuzzed), KINDS))
    findings = Findings()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(targets), VALUES)
    def feed(at: object, value: str) -> None:
        assert isinstance(at, tuple)
        found, target = at
        findings.tries[target.kind] += 1
        # All are gathered: the first break must not hide the others, nor be shrunk for minutes.
        findings.add(
            f"{found.name} {target.name}={value!r}", try_value(fuzzed, found, target, value)
        )

    feed()
    tell(f"{dict(findings.tries)}, {len(findings.breaks)} breaks")
    assert not findings.breaks, "\n".join(sorted(findings.breaks, key=len)[:60])
    assert findings.tries.total() >= EXAMPLES
