"""Cases for the tests of rules: a nursery open on weekdays, its children, and any document."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from portal.kernel.clock import JST, at
from portal.kernel.spans import Span, span_on
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case, ChildFacts
from portal.policies.document import RulesDocument
from portal.policies.facts import Coupon, Enrolment, GateAnswer, Household, Mark, Paper
from portal.policies.history import History, PastUse, UseState
from tests.rules import any_rule

FRIDAY = date(2026, 11, 20)
NEW_YEAR = frozenset({date(2026, 12, 29) + timedelta(days=n) for n in range(6)})
#: Open Monday to Friday; 23 November 2026 is a holiday.
WEEKDAYS = FacilityCalendar(frozenset(range(5)), NEW_YEAR, frozenset({date(2026, 11, 23)}))
NEVER = FacilityCalendar(frozenset())
ANY_DAY = FacilityCalendar(frozenset(range(7)))


def jst(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=JST)


ASKED_AT = jst(2026, 11, 10, 12)


def document(**kinds: Any) -> RulesDocument:
    return RulesDocument.model_validate(kinds)


def child(number: int = 1, born: date = date(2024, 5, 20), **facts: Any) -> ChildFacts:
    facts.setdefault("registered_until", date(2027, 3, 31))
    return ChildFacts(uuid.UUID(int=number), born, **facts)


def stay(start: str = "09:00", end: str = "12:00", day: date = FRIDAY) -> Span:
    return span_on(day, time.fromisoformat(start), time.fromisoformat(end))


def case(
    rules: RulesDocument,
    *children: ChildFacts,
    span: Span | None = None,
    calendar: FacilityCalendar = WEEKDAYS,
    received_at: datetime = ASKED_AT,
    **more: Any,
) -> Case:
    return Case(rules, calendar, children or (child(),), span or stay(), received_at, **more)


# --- anything that a provider may write, and anything that may be asked of it ---

clock_times = st.integers(0, 24 * 12).map(lambda n: f"{n // 12:02d}:{n % 12 * 5:02d}")
_shifts = st.sampled_from(["none", "next", "previous"])
deadlines = st.fixed_dictionaries(
    {
        "days": st.integers(0, 40),
        "at": clock_times,
        "counting": st.sampled_from(["calendar", "open"]),
        "shift": _shifts,
    }
)
_rolling = {"kind": st.just("rolling"), "at": clock_times, "shift": _shifts}
_missing = {"when_day_is_missing": st.sampled_from(["last_day", "first_of_next_month"])}
openings = st.one_of(
    st.fixed_dictionaries({**_rolling, "days": st.integers(0, 120)}),
    st.fixed_dictionaries({**_rolling, **_missing, "months": st.integers(1, 12)}),
    st.fixed_dictionaries({**_rolling, "kind": st.just("half_month")}),
    st.fixed_dictionaries(
        {
            **_rolling,
            "kind": st.just("monthly"),
            "day": st.one_of(st.integers(1, 28), st.just("last")),
            "months_before": st.integers(0, 3),
        }
    ),
)
windows = st.fixed_dictionaries(
    {
        "opens": st.none() | openings,
        "closes": st.none() | deadlines,
        "notice_minutes": st.integers(0, 2000),
    }
)
_limits = st.fixed_dictionaries(
    {"unit": st.sampled_from(["days", "months", "class_age"]), "value": st.integers(0, 90)}
)
ages = st.fixed_dictionaries(
    {
        "min": st.none() | _limits,
        "max": st.none() | _limits | st.just({"unit": "school_entry"}),
        "reference": st.sampled_from(
            ["day_of_use", "first_of_month", "fiscal_year_start", "day_before_fiscal_year"]
        ),
        "reading": st.sampled_from(["birthday", "day_before"]),
    }
)
_yen = st.integers(0, 5000)
_band_ages = st.lists(st.integers(1, 6), unique=True, max_size=3).map(sorted)


@st.composite
def tariffs(draw: st.DrawFn) -> dict[str, Any]:
    limits = [*draw(_band_ages), None]
    if draw(st.booleans()):
        hourly = [{"below_age": limit, "yen": draw(_yen)} for limit in limits]
        unit = draw(st.sampled_from([30, 60, 45]))
        return {"kind": "hourly", "unit_minutes": unit, "bands": hourly}
    bands = []
    for limit in limits:
        half, day = sorted((draw(_yen), draw(_yen)))
        bands.append({"below_age": limit, "half_day_yen": half, "day_yen": day})
    threshold = draw(st.integers(30, 600))
    return {"kind": "half_day", "half_day_minutes": threshold, "bands": bands}


_items = st.fixed_dictionaries(
    {"label": st.just("給食"), "yen": _yen, "at": st.none() | clock_times}
)
_percent = st.integers(0, 100)
fees = st.fixed_dictionaries(
    {
        "age_basis": st.sampled_from(["class_age", "on_the_day"]),
        "tariff": tariffs(),
        "per_use": st.lists(_items, max_size=2),
        "siblings": st.none()
        | st.fixed_dictionaries({"second_percent": _percent, "third_percent": _percent}),
    }
)
cancels = st.fixed_dictionaries(
    {
        "free_until": deadlines,
        "late_fee": st.none()
        | st.fixed_dictionaries({"kind": st.just("flat"), "yen": _yen})
        | st.fixed_dictionaries({"kind": st.just("percent"), "percent": _percent}),
        "late_online": st.booleans(),
    }
)
_blocks = st.just([{"label": "午前", "starts": "08:30", "ends": "12:30"}])
units = st.fixed_dictionaries(
    {
        "grid_minutes": st.sampled_from([15, 30, 60]),
        "min_minutes": st.integers(0, 240),
        "max_minutes": st.integers(240, 660),
        "start_cells": st.none() | st.frozensets(st.integers(0, 47)),
        "blocks": st.just([]) | _blocks,
    }
)
_parts = st.fixed_dictionaries(
    {
        "longest_minutes": st.integers(30, 720),
        "with_guardian": st.booleans(),
        "ends_by": st.none() | clock_times.filter(lambda at: at >= "00:30"),
    }
)
_trials = st.fixed_dictionaries(
    {
        "parts": st.lists(_parts, min_size=1, max_size=4),
        "may_be_prolonged": st.booleans(),
        "counts_toward_caps": st.booleans(),
    }
)
_trial_fees: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"fee": "usual"}, {"fee": "free"}, {"fee": "fixed", "fixed_yen": 300}]
)
_KINDS = ["tour", "interview", "trial_care", "support_centre", "consultation", "prenatal"]


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    kinds = draw(st.lists(st.sampled_from(_KINDS), unique=True, min_size=1))
    found = []
    for kind in kinds:
        opens = draw(st.lists(st.sampled_from(["respite", "emergency"]), unique=True, max_size=2))
        step: dict[str, Any] = {
            "kind": kind,
            "demand": draw(st.sampled_from(["required", "recommended", "ordered"])),
            "before": "use" if opens else draw(st.sampled_from(["use", "acceptance"])),
            "words": draw(st.sampled_from(["", "20分ほどです。"])),
            "opens": opens,
        }
        if kind == "trial_care":
            step["trial"] = {**draw(_trials), **draw(_trial_fees)}
        found.append(step)
    return {"steps": found}


#: Any document at all. Those made of the kinds above alone: ``few_kinds``.
documents = any_rule.documents()
few_kinds = st.fixed_dictionaries(
    {
        "steps": st.none() | steps(),
        "age": st.none() | ages,
        "registration": st.none()
        | st.fixed_dictionaries(
            {
                "required": st.booleans(),
                "lead_days": st.integers(0, 30),
                "agreement": st.booleans(),
                "validity": st.sampled_from(["fiscal_year", "half_year", "school", "none"]),
            }
        ),
        "booking_window": st.none() | windows,
        "units": st.none() | units,
        "fee": st.none() | fees,
        "cancel": st.none() | cancels,
    }
).map(RulesDocument.model_validate)

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))
calendars = st.builds(
    FacilityCalendar,
    open_weekdays=st.frozensets(st.integers(0, 6)),
    closed_days=st.frozensets(days, max_size=20),
    holidays=st.frozensets(days, max_size=20),
    closed_on_holidays=st.booleans(),
    extra_open_days=st.frozensets(days, max_size=3),
)
moments = st.integers(0, 1_800_000).map(lambda n: jst(2025, 6, 1) + timedelta(minutes=n))
_spells = {"valid_from": st.none() | days, "valid_until": st.none() | days}
_marks = st.builds(Mark, st.sampled_from(any_rule.MARKS), is_proven=st.booleans(), **_spells)
_answers = st.builds(GateAnswer, st.booleans(), days, is_confirmed=st.booleans())
_codes = st.sampled_from(any_rule.CODES)
_words = st.none() | st.sampled_from(any_rule.WORDS)
_few_codes = st.frozensets(_codes, max_size=2)
births = st.dates(date(2018, 1, 1), date(2028, 12, 31))
children = st.lists(
    st.builds(
        child,
        st.integers(1, 9),
        births,
        registered_until=st.none() | days,
        registered_from=st.none() | days,
        enrolment=st.none() | st.sampled_from(Enrolment),
        is_own_place_closed=st.booleans(),
        gates=st.dictionaries(_codes, _answers, max_size=2),
        marks=st.lists(_marks, max_size=1).map(tuple),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one.child_id,
).map(tuple)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 24 * 60 - 1))
    end = draw(st.integers(start + 1, 24 * 60))
    midnight = at(draw(days), time(0))
    return Span(midnight + timedelta(minutes=start), midnight + timedelta(minutes=end))


households = st.builds(
    Household,
    city=_words,
    ward=_words,
    prefecture=_words,
    circumstances=_few_codes,
    statements=_few_codes,
    marks=st.lists(_marks, max_size=2).map(tuple),
    tax_yen=st.none() | st.integers(0, 200_000),
    papers=st.lists(st.builds(Paper, _codes, **_spells), max_size=2).map(tuple),
    coupons=st.lists(st.builds(Coupon, _codes, st.integers(0, 5), **_spells), max_size=2).map(
        tuple
    ),
    preschoolers=st.lists(births, max_size=3).map(tuple),
)


@st.composite
def past_uses(draw: st.DrawFn, of: Sequence[ChildFacts], around: date) -> PastUse:
    return PastUse(
        child_id=draw(st.sampled_from(of)).child_id,
        day=around + timedelta(days=draw(st.integers(-40, 20))),
        minutes=draw(st.integers(0, 600)),
        state=draw(st.sampled_from(UseState)),
        purpose=draw(st.none() | st.sampled_from(any_rule.PURPOSES)),
        reason=draw(st.none() | _codes),
        cause=draw(st.none() | st.just("cause")),
        unit=draw(_words),
        is_trial=draw(st.booleans()),
        is_here=draw(st.booleans()),
        is_same_programme=draw(st.booleans()),
        is_declared=draw(st.booleans()),
    )


@st.composite
def cases(draw: st.DrawFn, rules: st.SearchStrategy[RulesDocument] = documents) -> Case:
    kids, span = draw(children), draw(spans())
    uses = draw(st.lists(past_uses(kids, span.day), max_size=6))
    return Case(
        document=draw(rules),
        calendar=draw(calendars),
        children=kids,
        span=span,
        received_at=draw(moments),
        by_staff=draw(st.booleans()),
        purpose=draw(st.none() | st.sampled_from(any_rule.PURPOSES)),
        household=draw(households),
        history=History(tuple(uses), registrations=draw(st.integers(0, 3))),
        reason=draw(st.none() | _codes),
        cause=draw(st.none() | st.just("cause")),
        channel=draw(st.none() | st.sampled_from(["web", "phone"])),
        options=draw(_few_codes),
        coupons=draw(st.lists(_codes, max_size=2).map(tuple)),
        by_head=draw(st.booleans()),
    )
