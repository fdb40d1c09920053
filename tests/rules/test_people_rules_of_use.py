"""Kinds G3 to G5, G19 and G20 at their edges: the second half of ``test_people_rules``."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.enrolment import EnrolmentRule
from portal.policies.facts import Enrolment, Household, Paper
from portal.policies.gates import fine_answers, gate_reasons
from portal.policies.notes import BookingNote
from portal.policies.proofs import ProofRule
from portal.policies.purposes import PurposesRule, purpose_notes, purpose_of, purpose_reasons
from portal.policies.residence import OtherHome, ResidenceRule
from tests.rules.policy_cases import FRIDAY, child
from tests.rules.test_people_rules import R, gate

pytestmark = pytest.mark.proves("G2", "G3", "G4", "G5", "G19", "G20")


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
        ({"validity": "months", "months": 6}, Paper("x", date(2026, 8, 31)), date(2027, 2, 28)),
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
