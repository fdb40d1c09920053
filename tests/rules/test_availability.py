"""Signs, free stretches, classes: what the calendar says, from numbers alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.age import class_age
from portal.kernel.clock import at
from portal.kernel.spans import cell_time, span_on
from portal.policies.age import AgeLimit, AgeRule, AgeUnit
from portal.policies.document import RulesDocument
from portal.policies.units import Block, UnitsRule, stays
from portal.policies.window import WindowState
from portal.slots.availability import (
    NOTHING,
    PoolCells,
    Sign,
    Vacancy,
    first_reachable_cell,
    fitting,
    free_cells,
    last_end,
    places_during,
    runs,
    vacancy,
)
from portal.slots.classes import ClassChoice, choices, class_of_birth_month, is_served
from portal.slots.opening import DayOff
from portal.slots.rules import (
    Hours,
    PoolKind,
    horizon_end,
    short_cells,
    stretches,
    with_hours,
)

OPEN = WindowState.OPEN


def pool(free: dict[int, int], *, wanted: int = 2, closed: tuple[int, ...] = ()) -> PoolCells:
    """A pool open 9:00-11:00 (cells 18-21)."""
    return PoolCells(
        wanted=[wanted if 18 <= cell < 22 else 0 for cell in range(48)],
        free=[free.get(cell, wanted) if 18 <= cell < 22 else 0 for cell in range(48)],
        closed=[cell in closed for cell in range(48)],
    )


@dataclass(frozen=True)
class Pool:
    kind: PoolKind
    youngest_class: int
    oldest_class: int


ANYTHING = RulesDocument()


def anything(_age: int) -> RulesDocument:
    return ANYTHING


TOTAL = Pool(PoolKind.TOTAL, 0, 5)
BABIES = Pool(PoolKind.AGE_BAND, 0, 0)


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        ({}, Vacancy(Sign.FREE, 2)),
        ({19: 1}, Vacancy(Sign.FREE, 1)),
        ({19: 0}, Vacancy(Sign.FEW)),
        ({18: 0, 19: 0, 20: 0, 21: 1}, Vacancy(Sign.FEW)),
        ({18: 0, 19: 0, 20: 0, 21: 0}, Vacancy(Sign.FULL)),
    ],
)
def test_the_sign_follows_how_many_half_hours_are_full(
    free: dict[int, int], expected: Vacancy
) -> None:
    assert vacancy(free_cells([pool(free)]), OPEN) == expected


def test_outside_the_time_to_book_and_on_closed_days_nothing_is_counted() -> None:
    cells = free_cells([pool({})])
    assert vacancy(cells, WindowState.BEFORE).sign is Sign.NOT_NOW
    assert vacancy(cells, WindowState.AFTER).sign is Sign.NOT_NOW
    assert vacancy(cells, OPEN, first_cell=22).sign is Sign.NOT_NOW, "the day is over"
    assert vacancy(NOTHING, WindowState.AFTER).sign is Sign.CLOSED, "closed says more than late"


def test_a_class_has_the_least_of_its_pools_and_none_where_one_is_shut() -> None:
    both = free_cells([pool({18: 5}, wanted=5), pool({19: 0})])
    assert both[18:22] == (2, 0, 2, 2)
    shut = free_cells([pool({}), pool({}, closed=(18, 19))])
    assert shut[18:22] == (None, None, 2, 2)
    assert free_cells([]) == NOTHING


def test_hours_that_are_over_do_not_make_today_look_free() -> None:
    cells = free_cells([pool({20: 0, 21: 0})])
    assert vacancy(cells, OPEN).sign is Sign.FEW
    assert vacancy(cells, OPEN, first_cell=20).sign is Sign.FULL


@pytest.mark.parametrize(
    ("moment", "notice", "expected"),
    [
        (time(9, 0), 0, 18),
        (time(9, 1), 0, 19),
        (time(8, 0), 60, 18),
        (time(8, 1), 60, 19),
        (time(23, 45), 0, 48),
        (time(23, 0), 90, 48),
    ],
)
def test_the_first_half_hour_that_can_still_be_reached(
    moment: time, notice: int, expected: int
) -> None:
    assert first_reachable_cell(at(date(2026, 11, 24), moment), notice) == expected


@pytest.mark.proves("B16")
def test_hours_of_weekdays_join_into_stretches() -> None:
    daily = with_hours([0] * 48, Hours(22, 24), 1)
    longer = with_hours(daily, Hours(24, 28), 1)
    monday, tuesday = (
        free_cells([PoolCells(cells, cells, [False] * 48)]) for cells in (daily, longer)
    )
    assert places_during(monday, 20, 22) == 0, "Monday 10-11"
    assert places_during(monday, 23, 24) == 1, "Monday within 11-12"
    assert places_during(monday, 24, 28) == 0, "Monday 12-14"
    assert places_during(tuesday, 22, 28) == 1, "joined 11-14"
    assert runs(tuesday) == [(22, 28)]


@pytest.mark.proves("B18")
def test_a_closure_includes_both_its_days() -> None:
    off = DayOff(date(2026, 11, 5), date(2026, 11, 7), "研修", 0, 48, is_holiday=False)
    closed = [day for day in range(3, 10) if off.covers(date(2026, 11, day), (16, 36))]
    assert closed == [5, 6, 7]


@pytest.mark.proves("B22")
def test_hours_that_end_before_they_start_hold_nobody() -> None:
    assert with_hours([0] * 48, Hours(16, 14), 3) == [0] * 48
    assert stretches(with_hours([0] * 48, Hours(16, 16), 3)) == []


def test_a_full_half_hour_parts_the_stretches() -> None:
    cells = free_cells([pool({20: 0})])
    assert runs(cells) == [(18, 20), (21, 22)]
    assert last_end(cells, 18) == 20
    assert last_end(cells, 20) == 20, "nothing starts in a full half hour"
    assert places_during(cells, 18, 22) == 0


#: Starts at 9, 10, 11 and 13 o'clock, two hours at least.
STRICT = UnitsRule(start_cells=frozenset({18, 20, 22, 26}), min_minutes=120)
HALF_DAYS = UnitsRule(
    blocks=(
        Block(label="午前", starts="09:00", ends="12:00"),
        Block(label="午後", starts="13:00", ends="17:00"),
    )
)


def day_of(open_cells: range, full: set[int]) -> tuple[int | None, ...]:
    return tuple(None if cell not in open_cells else 0 if cell in full else 2 for cell in range(48))


@pytest.mark.parametrize(
    ("rule", "full", "sign", "hours"),
    [
        (STRICT, set(), Vacancy(Sign.FREE, 2), [(18, 34)]),
        # Free 8:30-10:00, 12:00-13:00 and 14:00-17:00: two hours from no start.
        (STRICT, {20, 21, 22, 23, 26, 27}, Vacancy(Sign.FULL), []),
        # Free 9:00-11:00 and 14:00-17:00: only the first can be begun.
        (STRICT, set(range(22, 28)), Vacancy(Sign.FEW), [(18, 22)]),
        (UnitsRule(min_minutes=60), {20, 22}, Vacancy(Sign.FEW), [(17, 20), (23, 34)]),
        (UnitsRule(min_minutes=60), set(range(17, 34)) - {21}, Vacancy(Sign.FULL), []),
        # Noon is between the blocks: it never stands in the way of a free day.
        (HALF_DAYS, {24}, Vacancy(Sign.FREE, 2), [(18, 24), (26, 34)]),
        (HALF_DAYS, {20}, Vacancy(Sign.FEW), [(26, 34)]),
        (HALF_DAYS, {20, 33}, Vacancy(Sign.FULL), []),
        (UnitsRule(min_minutes=600), set(), Vacancy(Sign.FULL), []),
    ],
)
def test_only_what_a_booking_fits_into_counts_as_free(
    rule: UnitsRule, full: set[int], sign: Vacancy, hours: list[tuple[int, int]]
) -> None:
    cells = day_of(range(17, 34), full)
    assert vacancy(cells, OPEN, allowed=stays(rule)) == sign
    assert runs(fitting(cells, stays(rule))) == hours


@pytest.mark.parametrize(
    "rule",
    [
        STRICT,
        HALF_DAYS,
        UnitsRule(),
        UnitsRule(grid_minutes=60, max_minutes=240),
        UnitsRule(grid_minutes=45),
        UnitsRule(blocks=(Block(label="夜", starts="18:15", ends="21:00"),)),
        UnitsRule(blocks=(Block(label="夜", starts="18:00", ends="24:00"),), min_minutes=60),
    ],
)
def test_the_stays_are_those_that_the_rule_has_no_reason_against(rule: UnitsRule) -> None:
    for start in range(48):
        spans = {
            end: span_on(date(2026, 12, 2), cell_time(start), cell_time(end))
            for end in range(start + 1, 49)
        }
        allowed = tuple(end for end, span in spans.items() if not rule.reasons(span))
        assert stays(rule)[start] == allowed


def test_a_start_that_is_over_takes_its_hours_along() -> None:
    cells = day_of(range(17, 34), set())
    assert runs(fitting(cells, stays(STRICT), first_cell=23)) == [(26, 34)], "from 13:00 on"
    assert vacancy(cells, OPEN, allowed=stays(STRICT), first_cell=23) == Vacancy(Sign.FREE, 2)
    assert vacancy(cells, OPEN, allowed=stays(STRICT), first_cell=27) == Vacancy(Sign.NOT_NOW)


@given(
    st.lists(st.sampled_from([None, 0, 1, 2]), min_size=48, max_size=48),
    st.sampled_from([STRICT, HALF_DAYS, UnitsRule(min_minutes=90, max_minutes=180), UnitsRule()]),
    st.integers(0, 48),
)
def test_a_half_hour_counts_exactly_where_some_stay_fits(
    free: list[int | None], rule: UnitsRule, first_cell: int
) -> None:
    cells = tuple(free)
    all_stays = [
        range(start, end)
        for start, ends in enumerate(stays(rule))
        for end in ends
        if start >= first_cell
    ]
    possible = [stay for stay in all_stays if all(cells[cell] is not None for cell in stay)]
    fits = {cell for stay in possible if all(cells[cell] for cell in stay) for cell in stay}
    offered = {cell for stay in possible for cell in stay}
    expected = tuple(
        cells[cell] if cell in fits else 0 if cell in offered else None for cell in range(48)
    )
    assert fitting(cells, stays(rule), first_cell) == expected


@given(st.lists(st.integers(0, 3), min_size=48, max_size=48), st.integers(0, 47))
def test_every_stay_up_to_the_last_end_fits(free: list[int], start: int) -> None:
    cells = free_cells([PoolCells([3] * 48, free, [False] * 48)])
    end = last_end(cells, start)
    assert (end > start) == (free[start] > 0)
    assert end == start or places_during(cells, start, end) > 0
    assert end in {48, start} or places_during(cells, start, end + 1) == 0


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 5))
def test_the_birthdays_of_a_class_are_exactly_its_own(on: date, age: int) -> None:
    first, last = ClassChoice(age, age).born_between(on)
    assert class_age(first, max(on, first)) == age or first > on
    if last <= on:
        assert class_age(last, on) == age
    assert class_age(first - timedelta(days=1), on) == age + 1


def test_classes_from_three_on_are_one_choice_where_nothing_parts_them() -> None:
    on = date(2026, 11, 1)
    labels = [choice.label for choice in choices([TOTAL, BABIES], anything, on)]
    assert labels == ["0歳児", "1歳児", "2歳児", "3歳以上"]
    parted = [TOTAL, Pool(PoolKind.AGE_BAND, 3, 3)]
    assert [choice.label for choice in choices(parted, anything, on)][3:] == [
        "3歳児",
        "4歳児",
        "5歳児",
    ]
    assert choices([BABIES], anything, on) == [], "without a total nobody can be taken"


def test_only_classes_that_the_rules_know_are_shown() -> None:
    on = date(2026, 11, 1)
    under_three = AgeRule(max=AgeLimit(unit=AgeUnit.CLASS_AGE, value=2))
    assert [age for age in range(6) if is_served([TOTAL], under_three, age, on)] == [0, 1, 2]
    from_one = AgeRule(min=AgeLimit(unit=AgeUnit.MONTHS, value=12))
    assert is_served([TOTAL], from_one, 0, on), "the eldest of the class are one by now"
    assert not is_served([TOTAL], from_one, 0, date(2026, 4, 1))


def test_a_birth_month_gives_its_class() -> None:
    on = date(2026, 11, 1)
    assert class_of_birth_month(2025, 3, on) == 1
    assert class_of_birth_month(2025, 4, on) == 0
    assert class_of_birth_month(2027, 1, on) is None
    assert class_of_birth_month(2015, 1, on) is None


def test_places_are_laid_out_until_the_end_of_the_fourth_month() -> None:
    assert horizon_end(date(2026, 11, 22)) == date(2027, 3, 31)
    assert horizon_end(date(2026, 8, 31)) == date(2026, 12, 31)


def test_short_is_where_more_is_taken_than_wanted() -> None:
    assert short_cells([2, 1, 0], [1, 1, 1]) == 1
