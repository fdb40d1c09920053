"""Kind G14, units and grid: which starts, lengths and blocks can be asked for."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from pydantic import Field, model_validator

from portal.kernel.clock import JST
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, Span, cell_label
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import ClockTime, Rule, moment_on, time_of

#: By the half hour in which a stay begins: the cells at which it may end, the earliest first.
Stays = tuple[tuple[int, ...], ...]


class Block(Rule):
    """A fixed part of the day, such as the morning; ``label`` is what parents read."""

    label: str = Field(min_length=1, max_length=40)
    starts: ClockTime
    ends: ClockTime

    @model_validator(mode="after")
    def _ends_after_start(self) -> Block:
        if self.ends <= self.starts:
            raise ValueError("a block ends after it starts")
        return self


class UnitsRule(Rule):
    """The shape a stay must have.

    ``grid_minutes``: start and end lie on this grid, counted from midnight. ``start_cells``: the
    half-hour cells at whose beginning a child may come (18 = 9:00); None is any. With ``blocks``
    the stay is exactly one of them.
    """

    grid_minutes: int = Field(default=30, ge=5, le=1440)
    min_minutes: int = Field(default=0, ge=0, le=1440)
    max_minutes: int = Field(default=1440, ge=5, le=1440)
    start_cells: frozenset[int] | None = None
    blocks: tuple[Block, ...] = ()

    @model_validator(mode="after")
    def _some_stay_is_possible(self) -> UnitsRule:
        if self.min_minutes > self.max_minutes:
            raise ValueError("the least length is more than the greatest")
        if self.start_cells is not None and not all(0 <= cell < CELLS for cell in self.start_cells):
            raise ValueError(f"a start cell lies between 0 and {CELLS - 1}")
        return self

    def reasons(self, span: Span) -> list[Reason]:
        """Return what the shape of the stay says against it."""
        found: list[Reason] = []
        start, end = _seconds(span), _seconds(span) + _length(span)
        grid = self.grid_minutes * 60
        if start % grid or end % grid:
            found.append(Reason(BookingRefusal.OFF_GRID, {"grid_minutes": self.grid_minutes}))
        if span.minutes < self.min_minutes:
            found.append(Reason(BookingRefusal.TOO_SHORT, {"min_minutes": self.min_minutes}))
        if span.minutes > self.max_minutes:
            found.append(Reason(BookingRefusal.TOO_LONG, {"max_minutes": self.max_minutes}))
        if self.start_cells is not None and start not in {c * 1800 for c in self.start_cells}:
            starts = tuple(cell_label(cell) for cell in sorted(self.start_cells))
            found.append(Reason(BookingRefusal.START_NOT_OFFERED, {"starts": starts}))
        if self.blocks and not any(_is_block(span, block) for block in self.blocks):
            blocks = tuple(
                (block.label, time_of(block.starts), time_of(block.ends)) for block in self.blocks
            )
            found.append(Reason(BookingRefusal.NOT_A_BLOCK, {"blocks": blocks}))
        return found


@lru_cache(maxsize=512)
def stays(rule: UnitsRule | None) -> Stays:
    """Return all stays of whole half hours against which ``rule`` has no reasons.

    Kept, since pages ask for each day: made once for each rule.
    """
    if rule is None:
        return tuple(tuple(range(start + 1, CELLS + 1)) for start in range(CELLS))
    if rule.blocks:
        shapes = {tuple(map(_minutes, (b.starts, b.ends))) for b in rule.blocks}
    else:
        shapes = None
    return tuple(
        tuple(
            end
            for end in range(start + 1, CELLS + 1)
            if rule.min_minutes <= (end - start) * 30 <= rule.max_minutes
            and not (start * 30 % rule.grid_minutes or end * 30 % rule.grid_minutes)
            and (shapes is None or (start * 30, end * 30) in shapes)
        )
        if rule.start_cells is None or start in rule.start_cells
        else ()
        for start in range(CELLS)
    )


def _minutes(clock_time: ClockTime) -> int:
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


def _seconds(span: Span) -> float:
    local = span.starts_at.astimezone(JST)
    since_midnight = timedelta(
        hours=local.hour,
        minutes=local.minute,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    return since_midnight.total_seconds()


def _length(span: Span) -> float:
    return (span.ends_at - span.starts_at).total_seconds()


def _is_block(span: Span, block: Block) -> bool:
    starts_at, ends_at = (moment_on(span.day, limit) for limit in (block.starts, block.ends))
    return (span.starts_at, span.ends_at) == (starts_at, ends_at)
