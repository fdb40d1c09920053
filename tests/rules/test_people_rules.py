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
from portal.policies.enrolment import EnrolmentRule
from portal.policies.facts import Enrolment, GateAnswer, Household, Paper
from portal.policies.gates import GateRule, fine_answers, gate_notes, gate_reasons
from portal.policies.notes import BookingNote
from portal.policies.proofs import ProofRule
from portal.policies.purposes import PurposesRule, purpose_notes, purpose_of, purpose_reasons
from portal.policies.reasons import BookingRefusal
from portal.policies.residence import OtherHome, ResidenceRule
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


def test_a_birthday_that_does_not_come_is_the_end_of_february() -> None:
    rule = age(max={"unit": "years", "value": 3, "days_before": 1})
    assert rule.last_day(date(2024, 2, 29)) == date(2027, 2, 27)


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


def test_fine_answers_open_every_gate() -> None:
    gates = [gate(staff_confirm=True), gate(code="no_medicine", needed=False, valid_days=0)]
    fine = child(gates=fine_answers(gates, FRIDAY))
    assert list(gate_reasons(gates, fine, FRIDAY)) == []


def test_an_unusual_gate_has_a_label() -> None:
    with pytest.raises(ValidationError, match="has a label"):
        gate(code="swims")
    assert gate(code="swims", label="泳げる").words == "泳げる"
    assert gate(label="歩ける").words == "歩ける"


# --- residence ---


def residence_codes(
    rule: dict[str, Any], home: Household, purpose: str | None = None, **by: bool
) -> list[Any]:
    found = ResidenceRule.model_validate(rule).reasons(home, purpose, **by)
    return [reason.code for reason in found]


HERE, THERE = Household(city="松戸市"), Household(city="柏市", prefecture="千葉県")
ONE_TOWN: dict[str, Any] = {"cities": ["松戸市"]}


def test_families_live_in_one_of_the_places() -> None:
    assert residence_codes(ONE_TOWN, HERE) == []
    assert residence_codes(ONE_TOWN, THERE) == [R.NOT_RESIDENT]
    assert residence_codes({"cities": ["松戸市", "柏市"]}, THERE) == []
    assert residence_codes({"prefectures": ["千葉県"]}, THERE) == []
    assert residence_codes({"wards": ["中央区"]}, Household(city="中央区")) == []
    (reason,) = ResidenceRule.model_validate(ONE_TOWN).reasons(THERE, None)
    assert reason.values == {"places": ("松戸市",)}


@pytest.mark.parametrize(
    ("home", "is_in"),
    [
        (Household(city="川崎市", ward="中原区"), True),
        (Household(city="川崎市中原区"), True),
        (Household(city="神奈川県川崎市", ward="中原区"), True),
        (Household(city="川崎市", ward="高津区"), False),
        (Household(city="大田区"), True),
        (Household(city="東京都大田区"), True),
        (Household(city="大田区", prefecture="神奈川県"), False),
    ],
)
def test_a_place_is_understood_however_it_is_written(home: Household, is_in: bool) -> None:  # noqa: FBT001 - a case
    rule = {"places": [{"city": "川崎市", "ward": "中原区"}, {"city": "東京都大田区"}]}
    assert (residence_codes(rule, home) == []) is is_in


def test_cities_with_wards_mean_wards_of_those_cities() -> None:
    rule = {"cities": ["川崎市"], "wards": ["中原区"]}
    assert residence_codes(rule, Household(city="川崎市", ward="中原区")) == []
    assert residence_codes(rule, Household(city="川崎市", ward="高津区")) == [R.NOT_RESIDENT]
    assert residence_codes(rule, Household(city="横浜市", ward="中原区")) == [R.NOT_RESIDENT]


def test_a_homecoming_family_comes_with_its_statement() -> None:
    rule = {**ONE_TOWN, "others": [{"circumstance": "homecoming", "statement": True}]}
    home = Household(city="柏市", circumstances=frozenset({"homecoming"}))
    assert residence_codes(rule, home) == [R.STATEMENT_MISSING]
    with_it = Household(
        city="柏市",
        circumstances=frozenset({"homecoming"}),
        statements=frozenset({"homecoming"}),
    )
    assert residence_codes(rule, with_it) == []
    assert residence_codes(rule, THERE) == [R.NOT_RESIDENT]


def test_an_exception_is_called_as_the_town_calls_it() -> None:
    usual = OtherHome(circumstance="homecoming")
    own = OtherHome(circumstance="homecoming", label="里帰りの方", statement_label="里帰り届")
    assert (usual.words[:3], usual.paper) == ("里帰り", "事情を書いた紙（申立書）")
    assert (own.words, own.paper) == ("里帰りの方", "里帰り届")
    with pytest.raises(ValidationError, match="has a label"):
        OtherHome(circumstance="grandmother")


def test_an_exception_can_be_of_some_places_and_purposes() -> None:
    other = {"circumstance": "juror", "prefectures": ["千葉県"], "purposes": ["juror"]}
    rule = {**ONE_TOWN, "others": [other]}
    juror = frozenset({"juror"})
    near = Household(city="柏市", prefecture="千葉県", circumstances=juror)
    far = Household(city="川口市", prefecture="埼玉県", circumstances=juror)
    assert residence_codes(rule, near, "juror") == []
    assert residence_codes(rule, near, "respite") == [R.NOT_RESIDENT]
    assert residence_codes(rule, far, "juror") == [R.NOT_RESIDENT]


def test_residence_can_be_asked_for_some_purposes_alone() -> None:
    rule = {**ONE_TOWN, "purposes": ["respite"]}
    assert residence_codes(rule, THERE, "respite") == [R.NOT_RESIDENT]
    assert residence_codes(rule, THERE, "emergency") == []


def test_discretion_is_the_heads_alone() -> None:
    rule = {**ONE_TOWN, "discretion": True}
    assert residence_codes(rule, THERE) == [R.NOT_RESIDENT]
    assert residence_codes(rule, THERE, by_head=True) == []
    assert residence_codes(ONE_TOWN, THERE, by_head=True) == [R.NOT_RESIDENT]


def test_where_anybody_can_come_the_rule_only_says_who_is_a_resident() -> None:
    open_to_all = ResidenceRule.model_validate({**ONE_TOWN, "required": False})
    for home in (HERE, THERE, Household()):
        assert list(open_to_all.reasons(home, None)) == []
        assert list(open_to_all.notes(home, None)) == []
    assert (open_to_all.is_resident(HERE), open_to_all.is_resident(THERE)) == (True, False)


def test_where_nobody_knows_the_home_it_is_looked_at_later() -> None:
    usual = ResidenceRule.model_validate(ONE_TOWN)
    assert residence_codes(ONE_TOWN, Household()) == []
    assert [n.code for n in usual.notes(Household(), None)] == [BookingNote.RESIDENCE_UNKNOWN]
    assert list(usual.notes(HERE, None)) == []
    assert residence_codes({**ONE_TOWN, "unknown": "refuse"}, Household()) == [R.NOT_RESIDENT]


# --- enrolment ---


def enrolment_codes(
    rule: dict[str, Any],
    where: Enrolment | None,
    purpose: str | None = None,
    *,
    is_own_place_closed: bool = False,
) -> list[Any]:
    enrolled = child(enrolment=where, is_own_place_closed=is_own_place_closed)
    return [r.code for r in EnrolmentRule.model_validate(rule).reasons(enrolled, purpose)]


def test_where_else_a_child_may_go() -> None:
    rule = {
        "accepts": ["none", "unlicensed"],
        "also": [
            {"enrolments": ["kindergarten"], "purposes": ["emergency"]},
            {"enrolments": ["kindergarten", "company_led"], "own_place_closed": True},
        ],
    }
    assert enrolment_codes(rule, Enrolment.NONE) == []
    assert enrolment_codes(rule, Enrolment.UNLICENSED) == []
    assert enrolment_codes(rule, Enrolment.LICENSED) == [R.ENROLLED_ELSEWHERE]
    assert enrolment_codes(rule, Enrolment.KINDERGARTEN, "emergency") == []
    assert enrolment_codes(rule, Enrolment.KINDERGARTEN, "respite") == [R.OWN_PLACE_OPEN]
    assert enrolment_codes(rule, Enrolment.KINDERGARTEN, "respite", is_own_place_closed=True) == []
    assert enrolment_codes(rule, Enrolment.LICENSED, is_own_place_closed=True) == [
        R.ENROLLED_ELSEWHERE
    ]


def test_enrolment_nobody_knows() -> None:
    rule = EnrolmentRule()
    assert enrolment_codes({}, None) == []
    assert [n.code for n in rule.notes(child(), None)] == [BookingNote.ENROLMENT_UNKNOWN]
    assert enrolment_codes({"unknown": "refuse"}, None) == [R.ENROLLED_ELSEWHERE]


def test_approval_is_a_note() -> None:
    rule = EnrolmentRule.model_validate({"also": [{"enrolments": ["licensed"], "approval": True}]})
    enrolled = child(enrolment=Enrolment.LICENSED)
    assert list(rule.reasons(enrolled, None)) == []
    assert [n.code for n in rule.notes(enrolled, None)] == [BookingNote.AWAITS_FACILITY]


# --- purposes and their papers ---

PURPOSES = PurposesRule.model_validate(
    {
        "types": [
            {
                "code": "irregular_work",
                "proof": {"kinds": ["employment_certificate"], "validity": "fiscal_year"},
            },
            {"code": "respite"},
            {"code": "juror", "approved_by": "city"},
        ],
        "reasons": [
            {"code": "part_time", "label": "パート", "type": "irregular_work"},
            {
                "code": "school",
                "label": "通学",
                "type": "irregular_work",
                "proof": {"demand": "may_be_asked", "kinds": ["school_certificate"]},
            },
            {"code": "errand", "label": "用事", "type": "respite"},
        ],
    }
)


def purpose_codes(
    purpose: str | None, reason: str | None = None, papers: tuple[Paper, ...] = ()
) -> list[Any]:
    return [r.code for r in purpose_reasons(PURPOSES, purpose, reason, papers, FRIDAY)]


def test_the_type_of_use_is_that_of_the_reason() -> None:
    assert purpose_of(PURPOSES, None, "errand") == "respite"
    assert purpose_of(PURPOSES, "irregular_work", "errand") == "respite"
    assert purpose_of(PURPOSES, "irregular_work", None) == "irregular_work"
    assert purpose_of(None, "respite", "errand") == "respite"
    assert purpose_codes(None, "errand") == []
    assert purpose_codes("respite", "errand") == []
    assert purpose_codes("juror", "errand") == [R.REASON_OF_OTHER_PURPOSE]


def test_what_is_not_listed_is_not_taken() -> None:
    assert purpose_codes(None) == [R.PURPOSE_MISSING]
    assert purpose_codes("emergency") == [R.PURPOSE_NOT_OFFERED]
    assert purpose_codes("respite", "golf") == [R.REASON_NOT_OFFERED]
    needed = PURPOSES.model_copy(update={"reason_needed": True})
    assert [r.code for r in needed.against("respite", None)] == [R.REASON_MISSING]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"reason_needed": True}, "reasons are listed"),
        ({"types": [{"code": "respite"}, {"code": "respite"}]}, "stands once"),
        (
            {
                "types": [{"code": "respite"}],
                "reasons": [{"code": "a", "label": "仕事", "type": "irregular_work"}],
            },
            "that is there",
        ),
        ({"types": [{"code": "morning_club"}]}, "has a label"),
    ],
)
def test_purposes_that_contradict_themselves(broken: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PurposesRule.model_validate(broken)


def test_reasons_can_be_needed_and_may_name_any_type() -> None:
    reason = {"code": "a", "label": "仕事", "type": "irregular_work"}
    rule = PurposesRule.model_validate({"reasons": [reason], "reason_needed": True})
    assert list(rule.against(None, "a")) == []
    assert [r.code for r in rule.against("irregular_work", None)] == [R.REASON_MISSING]


def test_where_no_reason_is_asked_everything_is_taken() -> None:
    rule = PurposesRule(ask=False)
    assert list(purpose_reasons(rule, None, None, (), FRIDAY)) == []
    with pytest.raises(ValidationError, match="none is listed"):
        PurposesRule.model_validate({"ask": False, "types": [{"code": "respite"}]})


def test_a_paper_of_the_type_or_of_the_reason() -> None:
    assert purpose_codes("irregular_work") == [R.PROOF_MISSING]
    assert purpose_codes(None, "part_time") == [R.PROOF_MISSING]
    shown = Paper("employment_certificate", date(2026, 4, 1))
    assert purpose_codes(None, "part_time", (shown,)) == []
    assert purpose_codes(None, "part_time", (Paper("就労証明書", date(2026, 4, 1)),)) == []
    assert purpose_codes(None, "part_time", (Paper("invitation"),)) == [R.PROOF_MISSING]
    assert purpose_codes(None, "school") == []
    (note,) = purpose_notes(PURPOSES, None, "school", (), FRIDAY)
    assert note.code is BookingNote.PROOF_MAY_BE_ASKED


def test_the_city_agrees_to_some() -> None:
    (note,) = purpose_notes(PURPOSES, "juror", None, (), FRIDAY)
    assert note.code is BookingNote.AWAITS_CITY


@pytest.mark.parametrize(
    ("rule", "paper", "last"),
    [
        ({}, Paper("x", date(2026, 3, 31)), None),
        ({"validity": "fiscal_year"}, Paper("x", date(2026, 3, 31)), date(2026, 3, 31)),
        ({"validity": "fiscal_year"}, Paper("x", date(2026, 4, 1)), date(2027, 3, 31)),
        ({"validity": "months", "months": 6}, Paper("x", date(2026, 8, 31)), date(2027, 2, 27)),
        ({"validity": "months", "months": 6}, Paper("x", date(2026, 5, 20)), date(2026, 11, 19)),
        ({"validity": "each_use"}, Paper("x", FRIDAY), FRIDAY),
        (
            {"validity": "fiscal_year"},
            Paper("x", date(2026, 4, 1), date(2026, 9, 30)),
            date(2026, 9, 30),
        ),
    ],
)
def test_how_long_a_paper_counts(rule: dict[str, Any], paper: Paper, last: date | None) -> None:
    proof = ProofRule.model_validate(rule)
    assert proof.last_day(paper) == last
    if last is not None:
        assert list(proof.reasons([paper], last)) == []
        (ended,) = proof.reasons([paper], date(2030, 1, 1))
        assert (ended.code, ended.values["last_on"]) == (R.PROOF_ENDED, last)


def test_a_paper_that_begins_later_does_not_count_yet() -> None:
    later = Paper("x", date(2026, 11, 21))
    assert [r.code for r in ProofRule().reasons([later], FRIDAY)] == [R.PROOF_MISSING]


def test_a_paper_for_the_day_is_brought_and_one_for_later_is_not_asked_now() -> None:
    for due, notes in (("day_of_use", [BookingNote.PROOF_TO_BRING]), ("after_use", [])):
        proof = ProofRule.model_validate({"due": due})
        assert list(proof.reasons([], FRIDAY)) == []
        assert [note.code for note in proof.notes([], FRIDAY)] == notes


def test_months_belong_to_months() -> None:
    for broken in ({"validity": "months"}, {"months": 6}):
        with pytest.raises(ValidationError, match="holds for months"):
            ProofRule.model_validate(broken)
