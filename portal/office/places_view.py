"""What pages of places show, made before the templates."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal.documents.i18n import gettext as _
from portal.kernel.spans import CELLS, cell_label
from portal.office.places_forms import WEEKDAYS
from portal.slots.models import Pool, PoolDay
from portal.slots.queries import PlacesOnDay, Week
from portal.slots.rules import PoolKind, Shortage, stretches
from portal.slots.staffing import Advice, Standard, advice, fullest

_CHIPS = {Advice.ENOUGH: "ok", Advice.TIGHT: "warn", Advice.SHORT: "bad"}


def hours_words(cells: Sequence[int], unit: str = "人") -> list[str]:
    """Return ``8:30〜17:00 4人`` for each stretch of a day."""
    return [
        f"{cell_label(first)}〜{cell_label(end)} {number}{unit}"
        for first, end, number in stretches(cells)
    ]


def week_rows(pools: Sequence[Pool], week: Week, standard: Standard) -> list[dict[str, object]]:
    """Return the weekdays with the places of each pool, staff, and whether these are enough."""
    rows = []
    for weekday, name in enumerate(WEEKDAYS):
        cells = {pool.id: week.cells(pool.id, weekday) for pool in pools}
        word, kind = _worst(pools, cells, week.duty(weekday), standard)
        rows.append(
            {
                "name": name,
                "pools": [hours_words(cells[pool.id]) for pool in pools],
                "staff": hours_words(week.duty(weekday)),
                "word": word,
                "kind": kind,
                "is_short": kind == "bad",
            }
        )
    return rows


def _worst(
    pools: Sequence[Pool],
    cells: Mapping[uuid.UUID, Sequence[int]],
    duty: Sequence[int],
    standard: Standard,
) -> tuple[str, str]:
    """Return how the staff fare in the tightest half hour if every place is taken."""
    if not any(any(numbers) for numbers in cells.values()):
        return _("お休み"), "off"
    if not any(duty):
        return _("職員が未入力"), "off"
    gaps = []
    for cell in range(CELLS):
        needed = standard.needed(fullest((pool, cells[pool.id][cell]) for pool in pools))
        if needed:
            gaps.append((duty[cell] - needed, advice(duty[cell], needed)))
    spare, worst = min(gaps, default=(0, Advice.ENOUGH))
    return advice_words(worst, -spare), _CHIPS[worst]


def advice_words(found: Advice, missing: int) -> str:
    """Return the advice in words; ``missing`` persons where they are too few."""
    if found is Advice.SHORT:
        return _("職員があと%(count)s人いります") % {"count": missing}
    return _("余裕なし") if found is Advice.TIGHT else _("足ります")


@dataclass(frozen=True, slots=True)
class Cell:
    """One pool in one half hour."""

    taken: int
    capacity: int
    wanted: int
    #: Of the places left, those kept for referred families.
    kept: int = 0

    @property
    def free(self) -> int:
        """Places left."""
        return self.capacity - self.taken

    @property
    def is_short(self) -> bool:
        """Whether more is taken than is wanted."""
        return self.taken > self.wanted


@dataclass(frozen=True, slots=True)
class HalfHour:
    """A row of the day table."""

    label: str
    cells: tuple[Cell, ...]
    on_duty: int
    needed: int
    word: str
    kind: str
    is_closed: bool

    @property
    def row_class(self) -> str:
        """How the row stands out."""
        return {"bad": "is-alert", "warn": "is-tight"}.get(self.kind, "")


def day_rows(
    pools: Sequence[Pool],
    on_day: PlacesOnDay,
    children: Sequence[Counter[int]],
    standard: Standard,
) -> list[HalfHour]:
    """Return the half hours from the first that is open or taken to the last."""
    days = [on_day.pool_days.get(pool.id) for pool in pools]
    used = [
        cell
        for cell in range(CELLS)
        if any(day and (day.capacity[cell] or day.wanted[cell]) for day in days)
    ]
    rows = []
    for cell in range(used[0], used[-1] + 1) if used else ():
        cells = tuple(_cell(day, cell) if day else Cell(0, 0, 0) for day in days)
        is_closed = any(day is not None and day.closed[cell] for day in days)
        on_duty, needed = on_day.on_duty[cell], standard.needed(children[cell])
        word, kind = _state(pools, cells, on_duty, needed, is_closed=is_closed)
        rows.append(HalfHour(cell_label(cell), cells, on_duty, needed, word, kind, is_closed))
    return rows


def _cell(day: PoolDay, cell: int) -> Cell:
    kept, capacity = day.kept[cell], day.capacity[cell]
    return Cell(capacity - day.free[cell] - kept, capacity, day.wanted[cell], kept)


def _state(
    pools: Sequence[Pool], cells: Sequence[Cell], on_duty: int, needed: int, *, is_closed: bool
) -> tuple[str, str]:
    total = [cell for pool, cell in zip(pools, cells, strict=True) if pool.kind is PoolKind.TOTAL]
    found = advice(on_duty, needed)
    if any(cell.is_short for cell in cells):
        return _("予約が定員より多い"), "bad"
    if found is Advice.SHORT and on_duty:
        return advice_words(found, needed - on_duty), "bad"
    if is_closed:
        return _("受け入れなし"), "off"
    if total and all(cell.free == 0 for cell in total):
        return _("満員"), "warn"
    if found is Advice.TIGHT:
        return _("職員に余裕なし"), "warn"
    return _("余裕あり"), "ok"


def shortage_rows(
    shortages: Sequence[Shortage], pools: Sequence[Pool]
) -> list[tuple[date, str, int]]:
    """Return day, pool and number of half hours of each shortage."""
    names = {pool.id: pool.label for pool in pools}
    return [
        (shortage.day, names.get(shortage.pool_id, ""), shortage.cells) for shortage in shortages
    ]
