"""Who may come: ages in every spelling, gates, homes, other places, purposes and their papers."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.documents.wording.sentences import sentence
from portal.kernel.age import class_age
from portal.policies.age import AgeRule
from portal.policies.decide import decide
from portal.policies.facts import GateAnswer
from portal.policies.gates import GateRule, gate_notes, gate_reasons
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import ASKED_AT, FRIDAY, case, child, document, stay

pytestmark = pytest.mark.proves("G2", "G3", "G4", "G5", "G19", "G20")

R = BookingRefusal
ID = uuid.UUID(int=1)


def age(**parts: object) -> AgeRule:
    return AgeRule.model_validate(parts)


# --- ages ---


@pytest.mark.proves("B67")
@pytest.mark.parametrize(
    "limit",
    [
        {"max": {"unit": "years", "value": 3, "days_before": 2}},
        {"max": {"unit": "months", "value": 36}, "reading": "day_before"},
        {"max": {"unit": "years", "value": 3, "reading": "day_before"}},
    ],
)
def test_the_last_usable_day_is_two_days_before_the_third_birthday(limit: dict[str, Any]) -> None:
    born = date(2024, 4, 10)
    rule = age(**limit)
    assert rule.last_day(born) == date(2027, 4, 8)
    assert rule.reasons(ID, born, date(2027, 4, 8)) == []
    (old,) = rule.reasons(ID, born, date(2027, 4, 9))
    assert (old.code, old.values["last_on"]) == (R.TOO_OLD, date(2027, 4, 8))


@pytest.mark.parametrize(
    ("days_before", "last"),
    [(0, date(2027, 4, 10)), (1, date(2027, 4, 9)), (2, date(2027, 4, 8)), (30, date(2027, 3, 11))],
)
def test_days_before_a_birthday(days_before: int, last: date) -> None:
    limit = {"unit": "years", "value": 3, "days_before": days_before}
    assert age(max=limit, reading="day_before").last_day(date(2024, 4, 10)) == last


def test_a_birthday_that_does_not_come_is_the_first_of_march() -> None:
    for days_before, last in ((0, date(2027, 3, 1)), (1, date(2027, 2, 28))):
        rule = age(max={"unit": "years", "value": 3, "days_before": days_before})
        assert rule.last_day(date(2024, 2, 29)) == last


@pytest.mark.parametrize(
    ("unit", "value", "first"),
    [
        ("days", 57, date(2026, 5, 28)),
        ("weeks", 8, date(2026, 5, 27)),
        ("maternity_leave_end", 0, date(2026, 5, 28)),
        ("years", 1, date(2027, 4, 1)),
        ("months", 12, date(2027, 4, 1)),
    ],
)
def test_the_units_of_the_young_end(unit: str, value: int, first: date) -> None:
    rule = age(min={"unit": unit, "value": value})
    assert rule.first_day(date(2026, 4, 1)) == first


def test_inclusive_is_until_the_next_birthday() -> None:
    born = date(2022, 6, 15)
    assert age(max={"unit": "years", "value": 3}).last_day(born) == date(2025, 6, 14)
    rule = age(max={"unit": "years", "value": 3, "inclusive": True})
    assert rule.last_day(born) == date(2026, 6, 14)


def test_each_end_can_be_looked_at_on_a_day_of_its_own() -> None:
    born = date(2024, 10, 20)
    rule = age(
        min={"unit": "months", "value": 6},
        max={"unit": "years", "value": 2, "reference": "fiscal_year_start"},
    )
    assert rule.first_day(born) == date(2025, 4, 20)
    assert rule.last_day(born) == date(2027, 3, 31)


def test_the_age_on_the_day_of_registration() -> None:
    born = date(2024, 4, 10)
    rule = age(
        min={"unit": "months", "value": 6},
        max={"unit": "years", "value": 2},
        reference="registration_day",
    )
    in_time, late = date(2026, 4, 9), date(2026, 4, 10)
    far = date(2028, 1, 10)
    assert rule.reasons(ID, born, far, registered_on=in_time) == []
    (old,) = rule.reasons(ID, born, far, registered_on=late)
    assert old.values["last_on"] == in_time
    assert rule.first_day(born) == date(2024, 10, 10)
    assert rule.first_day(born, date(2025, 1, 1)) == date(2025, 1, 1)
    # Nobody knows of a registration: the day of use is looked at.
    assert rule.last_day(born) == in_time


def test_a_child_registered_too_young_has_to_register_again() -> None:
    born = date(2024, 4, 10)
    far = date(2028, 1, 10)
    limit = {"unit": "months", "value": 18}
    for rule in (
        age(min=limit, reference="registration_day"),
        age(min={**limit, "reference": "registration_day"}),
    ):
        (young,) = rule.reasons(ID, born, far, registered_on=date(2025, 10, 9))
        assert (young.code, young.values["from_on"]) == (R.TOO_YOUNG, None)
        assert rule.reasons(ID, born, far, registered_on=date(2025, 10, 10)) == []
        assert rule.reasons(ID, born, far) == []
    # Another day of reference for this end alone: the registration does not count.
    by_use = age(min={**limit, "reference": "day_of_use"}, reference="registration_day")
    assert by_use.reasons(ID, born, far, registered_on=date(2025, 10, 9)) == []


def test_one_child_has_three_ages_on_one_day() -> None:
    # Who may come goes by the day, the class by 1 April, and a yearly limit by the day before it.
    born, day = date(2024, 4, 10), date(2027, 4, 9)
    by_law = age(max={"unit": "years", "value": 3}, reading="day_before")
    by_class = age(max={"unit": "class_age", "value": 2})
    by_year = age(max={"unit": "years", "value": 3, "reference": "day_before_fiscal_year"})
    assert [r.code for r in by_law.reasons(ID, born, day)] == [R.TOO_OLD]
    assert by_class.reasons(ID, born, day) == []
    assert by_year.reasons(ID, born, day) == []
    assert class_age(born, day) == 2
    last = [rule.last_day(born) for rule in (by_law, by_class, by_year)]
    assert last == [date(2027, 4, 8), date(2028, 3, 31), date(2028, 3, 31)]


def test_a_registration_can_be_older_than_the_child() -> None:
    rules = document(
        age={"min": {"unit": "days", "value": 57}},
        registration={"early": {"from_pregnancy": True}, "validity": "fiscal_year"},
    )
    registration = rules.registration
    assert registration is not None
    accepted = date(2026, 7, 1)
    until = registration.until(accepted, None)
    assert until == date(2027, 3, 31)
    twins = [
        child(n, date(2026, 9, 24), registered_from=accepted, registered_until=until)
        for n in (1, 2)
    ]
    # On the day before the 58th, then on it.
    early, on_time = stay(day=date(2026, 11, 19)), stay(day=date(2026, 11, 20))
    too_young = decide(case(rules, *twins, span=early), now=ASKED_AT).reasons
    assert [(r.code, r.child_id) for r in too_young] == [
        (R.TOO_YOUNG, twin.child_id) for twin in twins
    ]
    assert decide(case(rules, *twins, span=on_time), now=ASKED_AT).reasons == ()


def test_dates_of_birth_include_both_ends() -> None:
    rule = age(born_from="2023-04-02", born_until="2024-04-01")
    day = date(2026, 11, 20)
    for born in (date(2023, 4, 2), date(2024, 4, 1)):
        assert rule.reasons(ID, born, day) == []
        assert rule.last_day(born) is None
    (old,) = rule.reasons(ID, date(2023, 4, 1), day)
    (young,) = rule.reasons(ID, date(2024, 4, 2), day)
    assert (old.code, young.code) == (R.TOO_OLD, R.TOO_YOUNG)
    assert (old.values["last_on"], young.values["from_on"]) == (None, None)
    assert rule.last_day(date(2024, 4, 2)) == date(2024, 4, 1)


def test_a_brother_or_sister_opens_another_range() -> None:
    rules = document(
        age={
            "min": {"unit": "years", "value": 1},
            "max": {"unit": "school_entry"},
            "with_sibling": {"min": {"unit": "months", "value": 6}},
        }
    )
    baby, elder = child(1, date(2026, 5, 1)), child(2, date(2023, 5, 1))
    alone = decide(case(rules, baby), now=ASKED_AT)
    assert [reason.code for reason in alone.reasons] == [R.TOO_YOUNG]
    assert decide(case(rules, baby, elder), now=ASKED_AT).reasons == ()
    # The end that is not given stays.
    grown = child(3, date(2018, 5, 1))
    both = decide(case(rules, baby, grown), now=ASKED_AT)
    assert [reason.code for reason in both.reasons] == [R.TOO_OLD]


@pytest.mark.parametrize(
    "broken",
    [
        {"max": {"unit": "days", "value": 57, "days_before": 1}},
        {"max": {"unit": "years", "value": 3, "days_before": 1, "inclusive": True}},
        {"max": {"unit": "school_entry", "inclusive": True}},
        {"min": {"unit": "years", "value": 3, "inclusive": True}},
        {"min": {"unit": "years", "value": 3, "days_before": 1}},
        {"max": {"unit": "maternity_leave_end"}},
        {"born_from": "2024-04-02", "born_until": "2024-04-01"},
        {"with_sibling": {"min": {"unit": "school_entry"}}},
    ],
)
def test_ages_that_contradict_themselves(broken: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        age(**broken)


# --- gates ---


def gate(**parts: object) -> GateRule:
    return GateRule.model_validate({"code": "walks_alone", **parts})


def answered(said: bool = True, on: date = FRIDAY, *, confirmed: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - reads as a sentence
    return {"gates": {"walks_alone": GateAnswer(said, on, confirmed)}}


YES, NO = answered(said=True), answered(said=False)


def gate_codes(rule: GateRule, /, **of: Any) -> list[Any]:
    purpose = of.pop("purpose", None)
    return [r.code for r in gate_reasons([rule], child(**of), FRIDAY, purpose=purpose)]


def test_a_gate_opens_with_the_answer_it_needs() -> None:
    assert gate_codes(gate()) == [R.GATE_UNANSWERED]
    assert gate_codes(gate(), **YES) == []
    assert gate_codes(gate(), **NO) == [R.GATE_NOT_MET]
    assert gate_codes(gate(needed=False), **NO) == []
    assert gate_codes(gate(needed=False), **YES) == [R.GATE_NOT_MET]


def test_a_family_is_told_what_it_answered() -> None:
    (no,) = gate_reasons([gate()], child(**NO), FRIDAY)
    (yes,) = gate_reasons([gate(needed=False)], child(**YES), FRIDAY)
    assert sentence(no) == "お子さんは、「ひとりで歩ける」に当てはまらないとのことでした"
    assert sentence(yes) == "お子さんは、「ひとりで歩ける」が「はい」とのことでした"


def test_a_refusal_names_the_question_and_the_child() -> None:
    (reason,) = gate_reasons([gate()], child(7), FRIDAY)
    assert reason.values == {"gate": "ひとりで歩ける"}
    assert reason.child_id == uuid.UUID(int=7)


def test_staff_confirm_where_they_are_asked_to() -> None:
    assert gate_codes(gate(staff_confirm=True), **answered()) == [R.GATE_UNCONFIRMED]
    assert gate_codes(gate(staff_confirm=True), **answered(confirmed=True)) == []


@pytest.mark.parametrize(("on", "is_old"), [(date(2026, 11, 10), False), (date(2026, 11, 9), True)])
def test_an_answer_counts_for_so_many_days(on: date, is_old: bool) -> None:  # noqa: FBT001 - a case
    rule = gate(valid_days=10)
    assert (gate_codes(rule, **answered(on=on)) == [R.GATE_OUTDATED]) is is_old


def test_an_answer_of_another_fiscal_year_is_old() -> None:
    rule = gate(each_fiscal_year=True)
    assert gate_codes(rule, **answered(on=date(2026, 3, 31))) == [R.GATE_OUTDATED]
    assert gate_codes(rule, **answered(on=date(2026, 4, 1))) == []


def test_a_gate_is_asked_of_some_ages_and_purposes_alone() -> None:
    rule = gate(from_months=12, below_months=30, purposes=["respite"])
    twelve, thirty = date(2025, 11, 20), date(2024, 5, 20)
    assert gate_codes(rule, purpose="respite", born=twelve) == [R.GATE_UNANSWERED]
    assert gate_codes(rule, purpose="respite", born=date(2025, 11, 21)) == []
    assert gate_codes(rule, purpose="respite", born=thirty) == []
    assert gate_codes(rule, purpose="respite", born=date(2024, 5, 21)) == [R.GATE_UNANSWERED]
    assert gate_codes(rule, purpose="emergency", born=twelve) == []


def test_what_is_looked_at_on_the_morning_does_not_forbid_a_booking() -> None:
    rule = gate(code="no_fever", asked_at="arrival", max_temperature="37.5")
    assert gate_codes(rule) == []
    (note,) = gate_notes([rule], child(), FRIDAY)
    assert (note.code, note.values) == (BookingNote.GATE_AT_ARRIVAL, {"gate": "熱がない"})
    fever = {"gates": {"no_fever": GateAnswer(said=False, on=FRIDAY)}}
    assert gate_codes(rule, **fever) == [R.GATE_NOT_MET]
    yesterday = {"gates": {"no_fever": GateAnswer(said=False, on=date(2026, 11, 19))}}
    assert gate_codes(rule, **yesterday) == []


def test_staff_can_be_asked_instead() -> None:
    rule = gate(on_failure="ask_staff")
    assert gate_codes(rule, **NO) == []
    (note,) = gate_notes([rule], child(**NO), FRIDAY)
    assert note.code is BookingNote.ASK_ABOUT_GATE
    assert list(gate_notes([rule], child(**YES), FRIDAY)) == []
