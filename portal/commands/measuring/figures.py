"""What one run says, and what several rounds say together."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.commands.measuring.clients import Run


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contender did in one round. CPU in seconds, of web server and database."""

    statuses: dict[int, int]
    errors: int
    latencies: tuple[float, ...]
    seconds: float
    web_cpu: float
    database_cpu: float
    own_cpu: float

    @classmethod
    def of(cls, run: Run, expected: Collection[int], web: float, database: float) -> Figures:
        """Return the figures of a run in which every answer should have an expected status."""
        statuses: dict[int, int] = {}
        for answer in run.answers:
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        errors = sum(count for status, count in statuses.items() if status not in expected)
        times = tuple(sorted(answer.seconds for answer in run.answers))
        return cls(statuses, errors, times, run.seconds, web, database, run.own_cpu)

    @property
    def count(self) -> int:
        """How many answers there were."""
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.count / self.seconds

    def quantile_ms(self, share: float) -> float:
        """Return a quantile of the answers' times, in milliseconds."""
        return self.latencies[min(self.count - 1, int(self.count * share))] * 1000


def middle(values: Sequence[float], digits: int = 1) -> float:
    """Return the median, rounded."""
    return round(statistics.median(values), digits)


def together(rounds: Sequence[Figures]) -> dict[str, object]:
    """Return the medians of several rounds, ready for the result line."""
    return {
        "per_second": middle([each.per_second for each in rounds]),
        "p50_ms": middle([each.quantile_ms(0.5) for each in rounds]),
        "p95_ms": middle([each.quantile_ms(0.95) for each in rounds]),
        "p99_ms": middle([each.quantile_ms(0.99) for each in rounds]),
        "last_ms": middle([each.latencies[-1] * 1000 for each in rounds]),
        "errors": sum(each.errors for each in rounds),
        "cpu_ms_web": middle([each.web_cpu * 1000 / each.count for each in rounds], 2),
        "cpu_ms_database": middle([each.database_cpu * 1000 / each.count for each in rounds], 2),
        "cpu_ms_of_asking": middle([each.own_cpu * 1000 / each.count for each in rounds], 3),
        "rounds_per_second": [round(each.per_second, 1) for each in rounds],
    }
