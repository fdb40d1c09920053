"""More history never makes more allowed: for any caps, any rule of absences, any past."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.policies.cap_count import cap_notes, cap_reasons, caps_of
from portal.policies.caps import Breach, CapMetric, CapPeriod, CapRule
from portal.policies.case import Case
from portal.policies.history import History, PastUse, UseState
from portal.policies.noshow_count import no_show_standing
from portal.policies.noshow_rule import NoShowRule
from tests.rules.policy_cases import (
    ANY_DAY,
    ASKED_AT,
    FRIDAY,
    WEEKDAYS,
    case,
    child,
    document,
    stay,
)

_SUMMED = [CapMetric.DAYS, CapMetric.VISITS, CapMetric.HALF_DAYS, CapMetric.HOURS,
           CapMetric.HOURS_ROUNDED_UP]  # fmt: skip
_LENGTHS: dict[CapPeriod, dict[str, Any]] = {
    CapPeriod.TERM: {"term_months": 3},
    CapPeriod.RUNNING_DAYS: {"running_days": 14},
    CapPeriod.DATES: {"first_day": "2026-11-01", "last_day": "2026-12-15"},
}
_NO_AVERAGE = {
    CapPeriod.DAY,
    CapPeriod.WEEK,
    CapPeriod.REGISTRATION,
    CapPeriod.WHOLE_TIME,
}
_PURPOSES = ["respite", "emergency"]


@st.composite
def caps(draw: st.DrawFn) -> dict[str, Any]:
    metric = draw(st.sampled_from(list(CapMetric)))
    period = draw(st.sampled_from(list(CapPeriod)))
    written: dict[str, Any] = {
        "metric": metric,
        "amount": draw(st.integers(0, 8)) / 2,
        "period": period,
        **_LENGTHS.get(period, {}),
        "scope": draw(st.sampled_from(["facility", "provider", "municipality", "everywhere"])),
        "per": draw(st.sampled_from(["child", "household"])),
        "per_cause": draw(st.booleans()),
        "closed_days": draw(st.sampled_from(["not_counted", "counted", "end_the_run"])),
        "purposes": draw(st.sampled_from([[], ["respite"]])),
        "week_starts": draw(st.sampled_from(["mon", "sun"])),
        "trials": draw(st.sampled_from([None, "always", "never", "like_others"])),
        "on_breach": draw(st.sampled_from(list(Breach))),
    }
    for name in (
        "all_programmes",
        "counts_all_purposes",
        "counts_cancelled",
        "counts_late_cancelled",
        "counts_no_show",
        "counts_declared",
    ):
        written[name] = draw(st.booleans())
    if metric is CapMetric.HALF_DAYS:
        written["half_day_minutes"] = 180
    if metric in _SUMMED and period not in _NO_AVERAGE:
        written["weekly_average"] = draw(st.booleans())
    return written


uses = st.builds(
    PastUse,
    child_id=st.sampled_from([child(1).child_id, child(2).child_id]),
    day=st.integers(-40, 40).map(lambda n: FRIDAY + timedelta(days=n)),
    minutes=st.sampled_from([30, 90, 180, 181, 480]),
    state=st.sampled_from(list(UseState)),
    purpose=st.sampled_from([None, *_PURPOSES]),
    cause=st.sampled_from([None, "a", "b"]),
    is_trial=st.booleans(),
    is_here=st.booleans(),
    is_same_programme=st.booleans(),
    is_in_city=st.booleans(),
    is_declared=st.booleans(),
    is_same_provider=st.booleans(),
)


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Case, Case]:
    """The same wish with a past, and with more of it."""
    rules = document(caps=draw(st.lists(caps(), min_size=1, max_size=3)))
    past = draw(st.lists(uses, max_size=12))
    more = [*past, *draw(st.lists(uses, min_size=1, max_size=4))]
    registrations = draw(st.integers(0, 4))
    children = (child(1),) if draw(st.booleans()) else (child(1), child(2))
    common: dict[str, Any] = {
        "calendar": draw(st.sampled_from([WEEKDAYS, ANY_DAY])),
        "span": stay("09:00", draw(st.sampled_from(["09:30", "12:00", "17:00"]))),
        "purpose": draw(st.sampled_from([None, *_PURPOSES])),
        "cause": draw(st.sampled_from([None, "a"])),
        "trial_part": draw(st.sampled_from([None, 1])) if len(children) == 1 else None,
    }
    first = case(rules, *children, history=History(tuple(past), registrations), **common)
    later = case(rules, *children, history=History(tuple(more), registrations + 1), **common)
    return first, later


def objections(asked: Case) -> set[tuple[object, object]]:
    """Which caps speak, for whom: those that refuse and those that only say something."""
    found = caps_of(asked, now=ASKED_AT)
    said = [use for use in found if use.is_breached]
    assert len(said) == len([*cap_reasons(found), *cap_notes(found)])
    return {(asked.document.caps.index(use.cap), use.child_id) for use in said}


@given(wishes())
@settings(max_examples=300, deadline=None)
def test_more_history_never_makes_more_allowed(pair: tuple[Case, Case]) -> None:
    first, later = pair
    assert objections(first) <= objections(later)


@given(wishes())
@settings(max_examples=150, deadline=None)
def test_what_is_told_of_a_cap_adds_up(pair: tuple[Case, Case]) -> None:
    for use in caps_of(pair[1], now=ASKED_AT):
        assert min(use.used, use.this, use.limit, use.left) >= 0
        assert use.above <= use.this
        assert not (use.is_breached and use.left)
        if use.next_on is not None:
            assert use.is_breached
            assert use.next_on > FRIDAY
            assert pair[1].calendar.is_open(use.next_on)


@given(caps())
@settings(max_examples=100, deadline=None)
def test_a_cap_reads_again_as_it_was_written(written: dict[str, Any]) -> None:
    cap = CapRule.model_validate(written)
    assert CapRule.model_validate_json(cap.model_dump_json()) == cap
    assert CapRule.model_validate_json(cap.model_dump_json(exclude_defaults=True)) == cap


_consequences = st.fixed_dictionaries(
    {
        "at_points": st.integers(1, 6).map(lambda n: n / 2),
        "then": st.just("refuse"),
        "months": st.sampled_from([None, 1, 6]),
        "begins": st.sampled_from(["next_day", "next_month"]),
        "stops": st.sampled_from(["use", "booking", "both"]),
    }
)
_absence_rules = st.fixed_dictionaries(
    {
        "late_cancel_points": st.sampled_from([0, 0.5, 1]),
        "scope": st.sampled_from(["facility", "municipality"]),
        "per": st.sampled_from(["child", "household"]),
        "consequences": st.lists(_consequences, min_size=1, max_size=3),
    }
).flatmap(
    lambda rule: st.sampled_from(
        [
            {**rule, "points_kept": "months", "points_months": 6},
            {**rule, "points_kept": "fiscal_year"},
            {**rule, "points_kept": "always"},
        ]
    )
)


@given(
    _absence_rules,
    st.lists(uses, max_size=10),
    st.lists(uses, min_size=1, max_size=4),
    st.integers(0, 300),
)
@settings(max_examples=200, deadline=None)
def test_more_absences_never_shorten_a_stop(
    written: dict[str, Any], past: list[PastUse], more: list[PastUse], days: int
) -> None:
    rule = NoShowRule.model_validate(written)
    day = FRIDAY + timedelta(days=days)
    ends: list[date | None] = []
    for uses_known in (past, [*past, *more]):
        asked = case(
            document(no_show=written), span=stay(day=day), history=History(tuple(uses_known))
        )
        found = no_show_standing(rule, asked, child(1), asked_on=FRIDAY)
        last = [reason.values["last_on"] for reason in found.reasons]
        ends.append(date.min if not last else _day(last[0]))
    few, many = ends
    assert many is None or (few is not None and few <= many)


def _day(value: object) -> date | None:
    assert value is None or isinstance(value, date)
    return value
