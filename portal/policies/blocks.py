"""Kind G14, its blocks: fixed parts of the day, and which of them may be joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time
from typing import NamedTuple

from pydantic import Field, model_validator

from portal.policies.rule import ClockTime, Rule


class Block(Rule):
    """A fixed part of the day, such as the morning; ``label`` is what parents read."""

    label: str = Field(
        min_length=1,
        max_length=40,
        description="区分の名前。保護者が読みます。ほかの決まり（回数・料金）からは、この名前で指します。",
        examples=["午前"],
    )
    starts: ClockTime = Field(description="始まりの時刻。", examples=["08:30"])
    ends: ClockTime = Field(
        description="終わりの時刻。その日の終わりは 24:00。", examples=["12:30"]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> Block:
        if self.ends <= self.starts:
            raise ValueError("a block ends after it starts")
        return self


class Shape(NamedTuple):
    """A stay that blocks offer: their labels in order, start and end as minutes from midnight."""

    labels: tuple[str, ...]
    starts: int
    ends: int

    @property
    def named(self) -> tuple[str, time, time]:
        """The label, start and end as reasons bring them; joined labels with a plus."""
        ends = time(self.ends // 60 % 24, self.ends % 60)
        return "＋".join(self.labels), time(self.starts // 60, self.starts % 60), ends


def minutes_of(clock_time: ClockTime) -> int:
    """Return a rule's clock time as minutes from midnight; 1440 for ``24:00``."""
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


def shapes(blocks: Sequence[Block], join_up_to: int, *, over_gaps: bool) -> tuple[Shape, ...]:
    """Return every stay that is one block, or neighbours joined, as listed and then by start.

    Blocks are neighbours where no third one fits between them. With ``over_gaps`` a pause between
    them, such as noon, belongs to the stay; without it they must touch.
    """
    found = {
        (shape.starts, shape.ends): shape
        for block in blocks
        for shape in _from(block, blocks, join_up_to, over_gaps=over_gaps)
        if len(shape.labels) > 1
    }
    # A block of its own goes before the same hours joined: "the day" is the day.
    found |= {(shape.starts, shape.ends): shape for shape in reversed([_alone(b) for b in blocks])}
    alone = [found[key] for key in dict.fromkeys(_hours(b) for b in blocks)]
    return (*alone, *sorted((s for s in found.values() if len(s.labels) > 1), key=_order))


def _from(first: Block, blocks: Sequence[Block], most: int, *, over_gaps: bool) -> Iterator[Shape]:
    """Yield what begins with ``first``: alone, then joined with one more each time."""
    yield _alone(first)
    if most == 1:
        return
    for following in _neighbours(first, blocks, over_gaps=over_gaps):
        for rest in _from(following, blocks, most - 1, over_gaps=over_gaps):
            yield Shape((first.label, *rest.labels), minutes_of(first.starts), rest.ends)


def _neighbours(block: Block, blocks: Sequence[Block], *, over_gaps: bool) -> list[Block]:
    later = [other for other in blocks if other.starts >= block.ends]
    return [
        other
        for other in later
        if (over_gaps or other.starts == block.ends)
        and not any(between.ends <= other.starts for between in later if between is not other)
    ]


def _alone(block: Block) -> Shape:
    return Shape((block.label,), *_hours(block))


def _hours(block: Block) -> tuple[int, int]:
    return minutes_of(block.starts), minutes_of(block.ends)


def _order(shape: Shape) -> tuple[int, int]:
    return shape.starts, shape.ends
