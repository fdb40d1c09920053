"""Kind G16: lengths of care with a price each, put together as it is cheapest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import gcd

from pydantic import Field

from portal.policies.fee_lines import Yen, units_of
from portal.policies.rule import Rule


class Package(Rule):
    """A length of care and its price."""

    minutes: int = Field(ge=5, le=1440, description="長さ（分）。", examples=[240])
    yen: Yen = Field(description="その料金（円）。", examples=[1250])


@lru_cache(maxsize=4096)
def cheapest(packages: Sequence[Package], minutes: int) -> tuple[tuple[Package, int], ...]:
    """Return which packages, and how many of each, hold a stay of ``minutes`` at the least price.

    The longest first. Of two ways at one price the one with fewer packages is told. No minutes
    need no package.
    """
    offered = sorted(packages, key=lambda package: (-package.minutes, package.yen))
    step = gcd(*(package.minutes for package in offered))
    best: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    for length in range(1, units_of(minutes, step) + 1):
        best.append(
            min(
                _one_more(best[max(0, length - package.minutes // step)], number, package.yen)
                for number, package in enumerate(offered)
            )
        )
    counts = Counter(best[-1][2])
    return tuple((offered[number], counts[number]) for number in sorted(counts))


def _one_more(
    way: tuple[int, int, tuple[int, ...]], number: int, yen: int
) -> tuple[int, int, tuple[int, ...]]:
    return (way[0] + yen, way[1] + 1, tuple(sorted((*way[2], number))))
