from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.documents.wording.sentences import help_for, sentence
from portal.kernel.clock import at
from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.decide import booking_window, decide
from portal.policies.document import RulesDocument, load_template, template_names
from portal.policies.exceptions import may_set_aside
from portal.policies.matching import calendar_for
from portal.policies.reasons import OVERRULABLE, REASON_VALUES, BookingRefusal
from tests.rules.policy_cases import (
    ASKED_AT,
    FRIDAY,
    NEVER,
    WEEKDAYS,
    case,
    cases,
    child,
    document,
    documents,
    few_kinds,
    jst,
    moments,
    stay,
)

R = BookingRefusal
BY_DESIGN_OF_OTHERS = {
    R.FULL, R.CLOSED_TO_NEW, R.CHILD_BOOKED_ELSEWHERE, R.ALREADY_CANCELLED,
    R.CANCEL_BY_PHONE_ONLY, R.STAY_HAS_STARTED,
}  # fmt: skip


def codes(wish: Case, now: datetime = ASKED_AT) -> list[str]:
    return [reason.code for reason in decide(wish, now=now).reasons]


def values(wish: Case, now: datetime = ASKED_AT) -> dict[str, object]:
    (reason,) = decide(wish, now=now).reasons
    return dict(reason.values)


def test_a_good_wish_meets_no_reason() -> None:
    decision = decide(case(load_template("hourly-standard")), now=ASKED_AT)
    assert decision.reasons == ()
    assert decision.fee.total_yen == 1500
    # An hour before the stay starts is the last moment.
    assert (decision.opens_at, decision.closes_at) == (jst(2026, 10, 20, 9), jst(2026, 11, 20, 8))


def test_everything_wrong_is_said_at_once_and_the_fee_still_told() -> None:
    sunday = date(2027, 4, 4)
    wish = case(
        load_template("municipal-strict"),
        child(1, registered_until=None),
        child(2, date(2026, 5, 20), registered_until=date(2027, 3, 31)),
        child(3, date(2027, 3, 1), registered_until=date(2028, 3, 31),
              registered_from=date(2027, 4, 1)),
        span=stay("09:15", "10:00", sunday),
    )  # fmt: skip
    decision = decide(wish, now=ASKED_AT)
    found = [(r.code, r.child_id.int if r.child_id else None) for r in decision.reasons]
    assert found == [
        (R.NOT_OPEN_DAY, None),
        (R.NOT_YET_OPEN, None),
        (R.OFF_GRID, None),
        (R.TOO_SHORT, None),
        (R.START_NOT_OFFERED, None),
        (R.NOT_REGISTERED, 1),
        (R.STEP_MISSING, 1),
        (R.REGISTRATION_ENDED, 2),
        (R.STEP_MISSING, 2),
        (R.TOO_YOUNG, 3),
        (R.REGISTRATION_TOO_RECENT, 3),
        (R.STEP_MISSING, 3),
    ]
    assert decision.fee.total_yen > 0
    assert decision.reasons[0].values == {"on": sunday, "next_open_on": date(2027, 4, 5)}
    assert decision.reasons[4].values == {"starts": ("9:00", "10:00", "11:00", "13:00")}


def test_each_moment_of_asking_has_its_own_reason() -> None:
    window = {
        "opens": {"kind": "rolling", "days": 10, "at": "12:00"},
        "closes": {"days": 0, "at": "10:00"},
        "notice_minutes": 60,
    }
    wish = case(document(booking_window=window), span=stay("11:00", "12:00"))
    for now, expected in (
        (jst(2026, 11, 10, 11, 59, 59), [R.NOT_YET_OPEN]),
        (jst(2026, 11, 10, 12), []),
        (jst(2026, 11, 20, 9, 59, 59), []),
        (jst(2026, 11, 20, 10), [R.CLOSED_FOR_BOOKING, R.NOTICE_TOO_SHORT]),
        (jst(2026, 11, 20, 11), [R.CLOSED_FOR_BOOKING, R.ALREADY_STARTED]),
    ):
        assert codes(wish, now) == expected
    only_notice = case(document(booking_window={"notice_minutes": 60}))
    assert codes(only_notice, jst(2026, 11, 20, 7, 59, 59)) == []
    # Half-open, like every other deadline: what is said to close at eight is late at eight.
    assert decide(only_notice, now=ASKED_AT).closes_at == jst(2026, 11, 20, 8)
    late = values(only_notice, jst(2026, 11, 20, 8))
    assert late == {"minutes": 60, "latest_at": jst(2026, 11, 20, 8)}


def test_a_caller_is_judged_by_when_she_called_a_family_by_now() -> None:
    closes = {"booking_window": {"closes": {"days": 1, "at": "17:00"}}}
    called, entered = jst(2026, 11, 19, 16, 59), jst(2026, 11, 19, 17, 5)
    wish = case(document(**closes), received_at=called)
    assert codes(wish, entered) == [R.CLOSED_FOR_BOOKING]
    assert codes(replace(wish, by_staff=True), entered) == []
    # Nobody can have called tomorrow.
    opens = {"booking_window": {"opens": {"kind": "rolling", "days": 1, "at": "09:00"}}}
    early = case(document(**opens), received_at=jst(2026, 11, 19, 9), by_staff=True)
    assert codes(early, jst(2026, 11, 18, 9)) == [R.NOT_YET_OPEN]


def test_staff_set_aside_what_they_name_and_may() -> None:
    wish = case(
        load_template("hourly-standard"), child(registered_until=None), calendar=NEVER,
        overruled=frozenset({R.NOT_REGISTERED, R.NOT_OPEN_DAY, R.TOO_OLD}),
    )  # fmt: skip
    assert codes(wish) == [R.NOT_OPEN_DAY, R.NOT_REGISTERED]
    decision = decide(replace(wish, by_staff=True), now=ASKED_AT)
    assert [reason.code for reason in decision.reasons] == [R.NOT_OPEN_DAY]
    assert [reason.code for reason in decision.overruled] == [R.NOT_REGISTERED]


def test_what_the_database_holds_nobody_overrules() -> None:
    assert not OVERRULABLE & (BY_DESIGN_OF_OTHERS | {R.NOT_OPEN_DAY})


@pytest.mark.parametrize(
    ("facts", "day", "code", "told"),
    [
        ({"registered_until": None}, FRIDAY, R.NOT_REGISTERED, {}),
        ({"registered_until": date(2026, 11, 19)}, FRIDAY, R.REGISTRATION_ENDED,
         {"last_on": date(2026, 11, 19)}),
        ({"registered_from": date(2026, 11, 21)}, FRIDAY, R.REGISTRATION_NOT_YET_VALID,
         {"from_on": date(2026, 11, 21)}),
        ({"registered_from": date(2026, 11, 18)}, FRIDAY, R.REGISTRATION_TOO_RECENT,
         {"lead_days": 3, "from_on": date(2026, 11, 21)}),
    ],
)  # fmt: skip
def test_registration(facts: Any, day: date, code: R, told: dict[str, object]) -> None:
    wish = case(document(registration={"lead_days": 3}), child(**facts), span=stay(day=day))
    assert codes(wish) == [code]
    assert values(wish) == told
    assert codes(case(document(registration={"required": False}), child(**facts))) == []


def test_registration_holds_on_its_first_and_last_day() -> None:
    rules = document(registration={"lead_days": 3})
    facts = child(registered_from=date(2026, 11, 17), registered_until=FRIDAY)
    assert codes(case(rules, facts)) == []
    at_once = document(registration={"lead_days": 0})
    assert codes(case(at_once, child(registered_from=FRIDAY))) == []


@pytest.mark.parametrize(
    ("units", "start", "end", "code"),
    [
        ({"grid_minutes": 30}, "09:00", "10:30", None),
        ({"grid_minutes": 60}, "09:00", "10:30", R.OFF_GRID),
        ({"grid_minutes": 30}, "09:15", "10:30", R.OFF_GRID),
        ({"min_minutes": 60}, "09:00", "10:00", None),  # M10: an hour, then half hours
        ({"min_minutes": 60}, "09:00", "09:30", R.TOO_SHORT),
        ({"max_minutes": 240}, "10:00", "14:00", None),  # M02: 4 h at most
        ({"max_minutes": 240}, "10:00", "14:30", R.TOO_LONG),
        ({"start_cells": [18, 26]}, "13:00", "14:00", None),
        ({"start_cells": [18, 26]}, "09:30", "14:00", R.START_NOT_OFFERED),
        ({"grid_minutes": 15, "start_cells": [18]}, "09:15", "14:00", R.START_NOT_OFFERED),
    ],
)
def test_units(units: dict[str, Any], start: str, end: str, code: R | None) -> None:
    assert codes(case(document(units=units), span=stay(start, end))) == ([code] if code else [])


def test_m04_blocks() -> None:
    rules = load_template("half-day")
    assert codes(case(rules, span=stay("08:30", "12:30"))) == []
    wish = case(rules, span=stay("08:30", "13:00"))
    assert values(wish) == {
        "blocks": (
            ("午前", time(8, 30), time(12, 30)),
            ("午後", time(13), time(17)),
            ("1日", time(8, 30), time(17)),
        )
    }


def test_a_block_may_end_at_midnight_and_not_before_it_starts() -> None:
    night = [{"label": "夜", "starts": "22:00", "ends": "24:00"}]
    assert codes(case(document(units={"blocks": night}), span=stay("22:00", "00:00"))) == []
    assert values(case(document(units={"blocks": night}))) == {
        "blocks": (("夜", time(22), time(0)),)
    }
    with pytest.raises(ValidationError, match="ends after it starts"):
        document(units={"blocks": [{"label": "夜", "starts": "22:00", "ends": "22:00"}]})


@pytest.mark.parametrize(
    "broken",
    [
        {"ages": {}},
        {"age": {"minimum": 3}},
        {"format": 2},
        {"allocation": {"method": "whim"}},
        {"units": {"min_minutes": 60, "max_minutes": 30}},
        {"units": {"start_cells": [48]}},
        {"booking_window": {"closes": {"days": 1, "at": "24:01"}}},
        {"booking_window": {"closes": {"days": -1}}},
        {"cancel": {"free_until": {"days": 1, "at": "9時"}}},
    ],
)
def test_what_is_no_rules_document(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RulesDocument.model_validate(broken)


def test_the_documents_that_come_with_the_portal() -> None:
    assert template_names() == ("half-day", "hourly-standard", "municipal-strict")
    for name in template_names():
        assert load_template(name).title
        assert load_template(name).fee
    with pytest.raises(ValueError, match="no rules template"):
        load_template("../document")


def test_a_case_needs_each_child_once() -> None:
    for children in ((), (child(), child())):
        with pytest.raises(ValueError, match="each child once"):
            Case(RulesDocument(), WEEKDAYS, children, stay(), ASKED_AT)


def test_the_guide_names_every_code_and_value() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert set(REASON_VALUES) == set(BookingRefusal)
    for code, names in REASON_VALUES.items():
        assert all(f"`{word}`" in guide for word in (code.value, *names)), code


@given(documents)
def test_a_document_kept_as_json_is_the_same_document(rules: RulesDocument) -> None:
    assert RulesDocument.model_validate(rules.model_dump(mode="json")) == rules
    assert RulesDocument.model_validate_json(rules.model_dump_json()) == rules


@given(cases(), moments)
def test_any_document_answers_any_case(wish: Case, now: datetime) -> None:
    decision = decide(wish, now=now)
    said = [(r.code, r.child_id, repr(sorted(r.values.items()))) for r in decision.reasons]
    assert len(set(said)) == len(said)
    for reason in decision.reasons:
        assert isinstance(reason.code, BookingRefusal)
        assert set(reason.values) == REASON_VALUES[reason.code]
        assert sentence(reason, today=FRIDAY)  # what rules hand over can be written
        help_for(reason, today=FRIDAY)
        assert reason.code not in BY_DESIGN_OF_OTHERS
    if wish.document.variants:
        return  # a window may go by the child there, and ``booking_window`` knows the day alone
    asked = min(wish.received_at, now) if wish.by_staff else now
    window = booking_window(wish.document, wish.calendar, wish.span.day).at(asked)
    assert decision.opens_at == window.opens_at
    assert decision.closes_at <= window.closes_at


@given(cases(few_kinds), few_kinds, moments)
def test_each_kind_speaks_for_itself(wish: Case, other: RulesDocument, now: datetime) -> None:
    """All reasons at once: a kind's reasons do not depend on the other kinds."""

    def reasons(rules: RulesDocument) -> set[tuple[str, object, str]]:
        found: tuple[Reason, ...] = decide(replace(wish, document=rules), now=now).reasons
        return {(r.code.value, r.child_id, repr(sorted(r.values.items()))) for r in found}

    # Opening days move deadlines, so they are no kind for themselves.
    document = wish.document.model_copy(update={"hours": None})
    whole = reasons(document)
    kinds = ("age", "registration", "booking_window", "units", "steps")
    alone = [reasons(RulesDocument(**{kind: getattr(document, kind)})) for kind in kinds]
    always = reasons(RulesDocument())
    assert whole | always == set().union(*alone) | always
    mixed = document.model_copy(update={"units": other.units})
    assert reasons(mixed) >= {r for r in alone[1] if r[0].startswith("registration")}


@given(cases(), moments, st.frozensets(st.sampled_from(BookingRefusal)))
def test_overruling_moves_reasons_and_loses_none(
    wish: Case, now: datetime, named: frozenset[BookingRefusal]
) -> None:
    plain = decide(wish, now=now)
    answer = decide(replace(wish, overruled=named), now=now)
    set_aside = {reason.code for reason in answer.overruled}
    assert set_aside <= named
    if not wish.document.variants:  # which may change who may
        rule, by_staff, by_head = wish.document.exceptions, wish.by_staff, wish.by_head
        assert set_aside <= may_set_aside(rule, by_staff=by_staff, by_head=by_head)
    assert len(answer.reasons) + len(answer.overruled) == len(plain.reasons)
    assert wish.by_staff or wish.by_head or not answer.overruled
    assert answer.fee == plain.fee


@given(cases(), moments)
def test_a_stay_without_reasons_lies_ahead_on_an_open_day_in_its_window(
    wish: Case, now: datetime
) -> None:
    decision = decide(wish, now=now)
    if not decision.reasons:
        asked = min(wish.received_at, now) if wish.by_staff else now
        assert now < wish.span.starts_at
        assert calendar_for(wish.document, wish.calendar).is_open(wish.span.day)
        assert decision.opens_at is None or decision.opens_at <= asked
        assert asked <= decision.closes_at <= at(wish.span.day, time(0)) + timedelta(days=1)
        assert all(kid.born_on <= wish.span.day for kid in wish.children)
