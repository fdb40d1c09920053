"""Kind G14, units and grid: which starts, lengths and blocks can be asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from pydantic import Field, model_validator

from portal.kernel.clock import JST
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, Span
from portal.policies.blocks import Block, Shape, minutes_of, shapes
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import ClockTime, Rule, moment_on

__all__ = ["Block", "FirstVisit", "Stays", "UnitsRule", "stays"]

#: By the half hour in which a stay begins: the cells at which it may end, the earliest first.
Stays = tuple[tuple[int, ...], ...]

_DAY = 1440
_MOST_JOINED_TOLD = 6
_Length = Annotated[int, Field(ge=5, le=_DAY)]


class FirstVisit(Rule):
    """How short a child's very first stay is. Both hold where both are given."""

    max_minutes: int | None = Field(
        default=None,
        ge=5,
        le=_DAY,
        description="はじめての利用の、いちばん長い時間（分）。この長さまでは使えます。",
        examples=[120],
    )
    ends_by: ClockTime | None = Field(
        default=None,
        description="はじめての利用は、この時刻までに終わります。ちょうどこの時刻は使えます。",
        examples=["12:00"],
    )

    @model_validator(mode="after")
    def _says_something(self) -> FirstVisit:
        if self.max_minutes is None and self.ends_by is None:
            raise ValueError("a first visit has a length or an end")
        return self


class UnitsRule(Rule):
    """The shape a stay must have: on a grid, from listed times, of listed lengths, or blocks.

    Whatever is given holds at once. Listed starts or ends need not lie on the grid, and the grid
    is not asked where the length itself is.
    """

    grid_minutes: int = Field(
        default=30,
        ge=5,
        le=_DAY,
        description=(
            "始まりと終わりをえらべるきざみ（分）。grid_from の時刻から数えます。blocks の園や、"
            "starts・ends に書いた時刻には、当てはめません。"
        ),
        examples=[60],
    )
    grid_from: ClockTime = Field(
        default="00:00",
        description="きざみを数え始める時刻。8:30、9:30 …とえらぶ園では 08:30。",
        examples=["08:30"],
    )
    min_minutes: int = Field(
        default=0,
        ge=0,
        le=_DAY,
        description="いちばん短い利用（分）。この長さから使えます。",
        examples=[60],
    )
    max_minutes: int = Field(
        default=_DAY,
        ge=5,
        le=_DAY,
        description="いちばん長い利用（分）。この長さまで使えます。",
        examples=[480],
    )
    lengths: tuple[_Length, ...] = Field(
        default=(),
        max_length=48,
        description="えらべる長さ（分）を並べます。書くと、ほかの長さは使えません。",
        examples=[[120, 240, 480]],
    )
    length_step_minutes: int | None = Field(
        default=None,
        ge=5,
        le=_DAY,
        description=(
            "min_minutes より長いときの、長さのきざみ（分）。「1時間から、30分きざみ」は"
            " min_minutes = 60、length_step_minutes = 30。"
        ),
        examples=[30],
    )
    starts: tuple[ClockTime, ...] = Field(
        default=(),
        max_length=96,
        description="預かりを始められる時刻を並べます。書くと、ほかの時刻には始められません。",
        examples=[["09:00", "09:15", "13:00"]],
    )
    start_cells: frozenset[int] | None = Field(
        default=None,
        description=(
            "starts の古い書き方。0時から数えた30分の番号です（18 は 9:00）。"
            "新しい文書では starts を使います。"
        ),
        examples=[[18, 26]],
    )
    start_every_minutes: int | None = Field(
        default=None,
        ge=5,
        le=_DAY,
        description=(
            "預かりを始められる時刻のきざみ（分）。grid_from の時刻から数えます。"
            "終わりのきざみとちがうときに書きます。"
        ),
        examples=[15],
    )
    ends: tuple[ClockTime, ...] = Field(
        default=(),
        max_length=96,
        description="預かりを終えられる時刻を並べます。書くと、ほかの時刻には終えられません。",
        examples=[["12:00", "15:00", "17:00"]],
    )
    afternoon_only: bool = Field(
        default=True,
        description=(
            "午後だけの利用を受けるなら true。false なら、afternoon_from より前に始まるときだけ。"
        ),
        examples=[False],
    )
    afternoon_from: ClockTime = Field(
        default="12:00",
        description="午後の始まり。ちょうどこの時刻に始まる利用は、午後だけの利用です。",
        examples=["12:30"],
    )
    blocks: tuple[Block, ...] = Field(
        default=(),
        max_length=24,
        description="決まった区分（午前・午後・1日など）。書くと、区分のとおりにだけ使えます。",
        examples=[[{"label": "午前", "starts": "08:30", "ends": "12:30"}]],
    )
    join_up_to: int = Field(
        default=1,
        ge=1,
        le=24,
        description="となりあう区分を、いくつまで続けて使えるか。1 は続けて使えません。",
        examples=[2],
    )
    join_over_gaps: bool = Field(
        default=True,
        description=(
            "区分と区分のあいだ（昼休みなど）があいていても続けて使えるなら true。"
            "そのあいだも預かります。false なら、時刻がつながる区分だけです。"
        ),
        examples=[False],
    )
    also_by_the_hour: bool = Field(
        default=False,
        description="区分のほかに、きざみと長さの決まりに合う時間でも使えるなら true。"
        "そのとき、いちばん短い・長い時間は、区分ではない時間だけの決まりです。",
        examples=[True],
    )
    first_visit: FirstVisit | None = Field(
        default=None,
        description="その子がこの施設をはじめて使うときだけの、短い時間。",
        examples=[{"max_minutes": 120, "ends_by": "12:00"}],
    )

    @model_validator(mode="after")
    def _some_stay_is_possible(self) -> UnitsRule:
        for said, is_wrong in (
            ("the least length is more than the greatest", self.min_minutes > self.max_minutes),
            (f"a start cell lies between 0 and {CELLS - 1}", not self._are_cells),
            ("starts are said in one way", sum(self._ways_to_start) > 1),
            ("lengths are a list or a step", bool(self.lengths and self.length_step_minutes)),
            (
                "a length lies between the least and the greatest",
                any(not self.min_minutes <= each <= self.max_minutes for each in self.lengths),
            ),
            (
                "each block has a name of its own",
                len({block.label for block in self.blocks}) < len(self.blocks),
            ),
            ("joining needs blocks", self.join_up_to > 1 and not self.blocks),
            ("stays beside blocks need blocks", self.also_by_the_hour and not self.blocks),
            ("no stay fits the first visit", self._first_visit_is_too_short),
        ):
            if is_wrong:
                raise ValueError(said)
        return self

    @property
    def _are_cells(self) -> bool:
        return self.start_cells is None or all(0 <= cell < CELLS for cell in self.start_cells)

    @property
    def _ways_to_start(self) -> tuple[bool, bool, bool]:
        return (
            bool(self.starts),
            self.start_cells is not None,
            self.start_every_minutes is not None,
        )

    @property
    def _first_visit_is_too_short(self) -> bool:
        most = self.first_visit.max_minutes if self.first_visit else None
        return most is not None and most < max(self.min_minutes, min(self.lengths, default=0))

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The stays that the blocks offer, each alone and then joined; empty without blocks."""
        return shapes(self.blocks, self.join_up_to, over_gaps=self.join_over_gaps)

    @property
    def listed_starts(self) -> tuple[int, ...] | None:
        """The listed starts in order, minutes from midnight; None where they are not listed."""
        if self.starts:
            return tuple(sorted(map(minutes_of, self.starts)))
        return None if self.start_cells is None else tuple(30 * c for c in sorted(self.start_cells))

    def labels(self, span: Span) -> tuple[str, ...]:
        """Return the labels of the block, or of the joined blocks, that a stay is; else none."""
        if not self.blocks:
            return ()
        start, end = _minutes(span)
        return next((s.labels for s in _shapes(self) if s.starts == start and s.ends == end), ())

    def reasons(self, span: Span) -> list[Reason]:
        """Return what the shape of the stay says against it."""
        return list(self._against(*_minutes(span)))

    def first_visit_reasons(self, child_id: uuid.UUID, span: Span) -> list[Reason]:
        """Return what speaks against the stay as the first one of a child."""
        rule, found = self.first_visit, []
        if rule is not None and rule.max_minutes is not None and span.minutes > rule.max_minutes:
            values: dict[str, object] = {"max_minutes": rule.max_minutes}
            found.append(Reason(BookingRefusal.FIRST_VISIT_TOO_LONG, values, child_id))
        if rule is not None and rule.ends_by is not None:
            ends_at = moment_on(span.day, rule.ends_by)
            if span.ends_at > ends_at:
                values = {"ends_at": ends_at}
                found.append(Reason(BookingRefusal.FIRST_VISIT_ENDS_TOO_LATE, values, child_id))
        return found

    def _against(self, start: float, end: float) -> Iterator[Reason]:
        """Yield what speaks against a stay between two moments, minutes from midnight."""
        offered = _shapes(self) if self.blocks else ()
        is_block = any(start == shape.starts and end == shape.ends for shape in offered)
        is_free = not is_block and (not self.blocks or self.also_by_the_hour)
        length = end - start
        if is_free:
            yield from self._against_grid(start, end)
        # Beside blocks, least and greatest are meant of the stays that are none.
        is_measured = not (is_block and self.also_by_the_hour)
        if is_measured and length < self.min_minutes:
            yield Reason(BookingRefusal.TOO_SHORT, {"min_minutes": self.min_minutes})
        if is_measured and length > self.max_minutes:
            yield Reason(BookingRefusal.TOO_LONG, {"max_minutes": self.max_minutes})
        if is_free:
            yield from self._against_length(length)
            yield from self._against_ends(start, end)
        if not self.afternoon_only and start >= minutes_of(self.afternoon_from):
            yield Reason(BookingRefusal.AFTERNOON_ONLY, {"noon": _clock(self.afternoon_from)})
        if not is_block and not is_free:
            few = len(offered) - len(self.blocks) <= _MOST_JOINED_TOLD
            told = offered if few else offered[: len(self.blocks)]
            yield Reason(BookingRefusal.NOT_A_BLOCK, {"blocks": tuple(s.named for s in told)})

    def _against_grid(self, start: float, end: float) -> Iterator[Reason]:
        origin, length = minutes_of(self.grid_from), end - start
        asks_start = not (self.starts or self.start_every_minutes)
        asks_end = not (self.ends or self.lengths or self.length_step_minutes)
        if (asks_start and (start - origin) % self.grid_minutes) or (
            asks_end
            and (end - origin) % self.grid_minutes
            # From a listed start such as 9:15 whole steps end off the grid as well.
            and (asks_start or length % self.grid_minutes)
        ):
            yield Reason(BookingRefusal.OFF_GRID, {"grid_minutes": self.grid_minutes})

    def _against_length(self, length: float) -> Iterator[Reason]:
        if not self.min_minutes <= length <= self.max_minutes:
            return
        lengths, step = tuple(sorted(self.lengths)), self.length_step_minutes
        values: dict[str, object] = {"lengths": None, "from_minutes": None, "step_minutes": None}
        if lengths and length not in lengths:
            yield Reason(BookingRefusal.LENGTH_NOT_OFFERED, {**values, "lengths": lengths})
        elif step and (length - self.min_minutes) % step:
            values |= {"from_minutes": self.min_minutes, "step_minutes": step}
            yield Reason(BookingRefusal.LENGTH_NOT_OFFERED, values)

    def _against_ends(self, start: float, end: float) -> Iterator[Reason]:
        listed, every = self.listed_starts, self.start_every_minutes
        if listed is not None and start not in listed:
            starts = tuple(f"{each // 60}:{each % 60:02d}" for each in listed)
            yield Reason(BookingRefusal.START_NOT_OFFERED, {"starts": starts})
        if every and (start - minutes_of(self.grid_from)) % every:
            yield Reason(BookingRefusal.START_OFF_STEP, {"every_minutes": every})
        if self.ends and end not in {minutes_of(each) for each in self.ends}:
            ends = tuple(map(_clock, sorted(self.ends)))
            yield Reason(BookingRefusal.END_NOT_OFFERED, {"ends": ends})


@lru_cache(maxsize=512)
def stays(rule: UnitsRule | None) -> Stays:
    """Return all stays of whole half hours against which ``rule`` has no reasons.

    Kept, since pages ask for each day: made once for each rule. What only a first visit is asked
    for is not looked at.
    """
    if rule is None:
        return tuple(tuple(range(start + 1, CELLS + 1)) for start in range(CELLS))
    return tuple(
        tuple(
            end
            for end in range(start + 1, CELLS + 1)
            if not any(True for _ in rule._against(start * 30, end * 30))  # noqa: SLF001 - same file
        )
        for start in range(CELLS)
    )


@lru_cache(maxsize=512)
def _shapes(rule: UnitsRule) -> tuple[Shape, ...]:
    return rule.shapes


def _clock(clock_time: ClockTime) -> str:
    return clock_time.removeprefix("0")


def _minutes(span: Span) -> tuple[float, float]:
    """Start and end as minutes from the midnight before; seconds are parts of them."""
    local = span.starts_at.astimezone(JST)
    since = timedelta(
        hours=local.hour,
        minutes=local.minute,
        seconds=local.second,
        microseconds=local.microsecond,
    )
    start = since.total_seconds() / 60
    return start, start + (span.ends_at - span.starts_at).total_seconds() / 60
