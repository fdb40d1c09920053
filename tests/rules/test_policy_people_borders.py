"""Gates, papers, purposes and places to live: what a rule leaves open stays open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.discretion import Stop
from portal.policies.enrolment import EnrolmentRule
from portal.policies.facts import Enrolment, GateAnswer, Household, Paper
from portal.policies.gates import GateRule, gate_notes, gate_reasons
from portal.policies.judging import all_are_approved
from portal.policies.notes import BookingNote
from portal.policies.proofs import ProofRule
from portal.policies.purposes import Approver, PurposesRule, purpose_notes, reported_as
from portal.policies.reasons import BookingRefusal
from portal.policies.residence import HomePlace, OtherHome, ResidenceRule
from tests.rules.policy_cases import FRIDAY, child

R, N = BookingRefusal, BookingNote
THURSDAY = date(2026, 11, 19)


# --- gates ---


def gate(**parts: object) -> GateRule:
    return GateRule.model_validate({"code": "walks_alone", **parts})


@pytest.mark.parametrize(
    ("ages", "born", "is_asked"),
    [
        ({"from_months": 12}, date(2025, 11, 20), True),
        ({"from_months": 12}, date(2025, 11, 21), False),
        ({"below_months": 30}, date(2024, 5, 21), True),
        ({"below_months": 30}, date(2024, 5, 20), False),
        ({}, FRIDAY, True),
        ({}, date(2026, 11, 21), False),
    ],
)
def test_a_gate_may_have_one_end_of_ages(
    ages: dict[str, Any],
    born: date,
    is_asked: bool,  # noqa: FBT001 - a case
) -> None:
    assert gate(**ages).asks(child(born=born), FRIDAY, None) is is_asked


@pytest.mark.parametrize("months", [(12, 12), (12, 11)])
def test_ages_of_a_gate_end_after_they_begin(months: tuple[int, int]) -> None:
    with pytest.raises(ValidationError, match="ages end after they begin"):
        gate(from_months=months[0], below_months=months[1])


def test_gates_that_are_not_asked_say_nothing_and_the_others_do() -> None:
    gates = [gate(purposes=["emergency"], on_failure="ask_staff"), gate(on_failure="ask_staff")]
    crawls = child(gates={"walks_alone": GateAnswer(said=False, on=FRIDAY)})
    assert [n.code for n in gate_notes(gates, crawls, FRIDAY, purpose="respite")] == [
        N.ASK_ABOUT_GATE
    ]
    assert len(list(gate_notes(gates, crawls, FRIDAY, purpose="emergency"))) == 2
    both = [gate(purposes=["emergency"]), gate()]
    assert len(list(gate_reasons(both, child(), FRIDAY, purpose="respite"))) == 1


def test_what_is_looked_at_on_the_morning_is_noted_until_it_was() -> None:
    rule = gate(code="no_fever", asked_at="arrival")

    def noted(**answer: Any) -> list[Any]:
        one = child(gates={"no_fever": GateAnswer(**answer)})
        return [note.code for note in gate_notes([rule], one, FRIDAY)]

    assert noted(said=True, on=THURSDAY) == [N.GATE_AT_ARRIVAL]
    assert noted(said=True, on=FRIDAY) == []
    well = child(gates={"no_fever": GateAnswer(said=True, on=FRIDAY)})
    assert list(gate_reasons([rule], well, FRIDAY)) == []
    # Who asks staff is told of a fever of today, and of one of yesterday nothing but to look.
    asking = gate(code="no_fever", asked_at="arrival", on_failure="ask_staff")
    for on, code in ((FRIDAY, N.ASK_ABOUT_GATE), (THURSDAY, N.GATE_AT_ARRIVAL)):
        feverish = child(gates={"no_fever": GateAnswer(said=False, on=on)})
        assert list(gate_reasons([asking], feverish, FRIDAY)) == []
        assert [note.code for note in gate_notes([asking], feverish, FRIDAY)] == [code]


# --- papers ---


@pytest.mark.parametrize("more", [{"validity": "fiscal_year"}, {"validity": "each_use"},
                                  {"validity": "months", "months": 2}, {}])  # fmt: skip
def test_a_paper_without_a_first_day_holds_as_long_as_it_says(more: dict[str, Any]) -> None:
    rule = ProofRule.model_validate(more)
    assert rule.last_day(Paper("x")) is None
    assert rule.last_day(Paper("x", None, THURSDAY)) == THURSDAY
    assert list(rule.reasons([Paper("x")], FRIDAY)) == []
    (ended,) = rule.reasons([Paper("x", None, THURSDAY)], FRIDAY)
    assert (ended.code, ended.values["last_on"]) == (R.PROOF_ENDED, THURSDAY)
    assert list(rule.reasons([Paper("x", None, FRIDAY)], FRIDAY)) == []


@pytest.mark.parametrize(
    ("begins", "months", "last"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),  # no 31st: its last day
        (date(2026, 11, 15), 1, date(2026, 12, 14)),
        (date(2026, 12, 15), 12, date(2027, 12, 14)),
        (date(2026, 12, 1), 1, date(2026, 12, 31)),
    ],
)
def test_months_of_a_paper_go_over_the_year(begins: date, months: int, last: date) -> None:
    rule = ProofRule.model_validate({"validity": "months", "months": months})
    assert rule.last_day(Paper("x", begins)) == last


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"demand": "none", "due": "day_of_use"}, None),
        ({"demand": "none"}, None),
        ({}, None),  # it has to be there before anybody books
        ({"demand": "may_be_asked"}, N.PROOF_MAY_BE_ASKED),
        ({"due": "after_use"}, None),
    ],
)
def test_a_paper_is_noted_only_where_it_is_still_to_come(rule: dict[str, Any], code: Any) -> None:
    proof = ProofRule.model_validate({"kinds": ["medical_certificate"], **rule})
    assert [note.code for note in proof.notes([], FRIDAY)] == ([code] if code else [])
    assert list(proof.notes([Paper("診断書・受診がわかるもの")], FRIDAY)) == []


def test_of_several_papers_that_have_ended_the_latest_is_told() -> None:
    old, later = Paper("x", None, date(2026, 3, 31)), Paper("x", None, date(2026, 9, 30))
    (ended,) = ProofRule().reasons([later, old], FRIDAY)
    assert ended.values["last_on"] == date(2026, 9, 30)
    # Of one that has not begun it is not said that it has ended.
    (missing,) = ProofRule().reasons([Paper("x", date(2026, 11, 21), date(2027, 3, 1))], FRIDAY)
    assert missing.code is R.PROOF_MISSING


# --- purposes ---

TYPES: list[dict[str, Any]] = [
    {"code": "respite", "label": "ひとやすみ", "approved_by": "facility"},
    {"code": "irregular_work", "reports_as": "emergency"},
]
REASONS: list[dict[str, Any]] = [
    {"code": "errand", "label": "用事", "type": "respite"},
    {"code": "juror", "label": "裁判員", "type": "respite", "approved_by": "city"},
]
BOTH = PurposesRule.model_validate({"types": TYPES, "reasons": REASONS})


def test_who_agrees_is_said_by_the_reason_or_else_by_its_type() -> None:
    agreeing = {
        (None, "errand"): Approver.FACILITY,
        (None, "juror"): Approver.CITY,
        ("respite", None): Approver.FACILITY,
        ("irregular_work", None): Approver.NOBODY,
        ("emergency", None): Approver.NOBODY,
    }
    for (purpose, reason), approver in agreeing.items():
        assert BOTH.approver_of(purpose, reason) is approver
    noted = [n.code for n in purpose_notes(BOTH, None, "errand", (), FRIDAY)]
    assert noted == [N.AWAITS_FACILITY]
    assert list(purpose_notes(BOTH, "irregular_work", None, (), FRIDAY)) == []
    assert list(purpose_notes(None, "respite", None, (), FRIDAY)) == []


def test_types_of_use_have_names_and_places_in_reports() -> None:
    assert (BOTH.name_of("respite"), BOTH.name_of("irregular_work")) == (
        "ひとやすみ",
        "非定型（仕事・学校など）",
    )
    assert (BOTH.name_of("golf"), BOTH.type_of("golf")) == ("golf", None)
    reports = [reported_as(BOTH, code).value for code in ("irregular_work", "respite", "emergency")]
    assert reports == ["emergency", "respite", "emergency"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"types": TYPES, "reasons": [*REASONS, REASONS[0]]}, "stands once"),
        ({"types": [*TYPES, TYPES[0]], "reasons": REASONS}, "stands once"),
        ({"types": TYPES[1:], "reasons": REASONS}, "that is there"),
        ({"ask": False, "reasons": REASONS}, "none is listed"),
        ({"ask": False, "reason_needed": True}, "none is listed"),
        ({"types": TYPES, "reason_needed": True}, "reasons are listed"),
    ],
)
def test_purposes_fit_together(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PurposesRule.model_validate(written)


def test_what_families_say_is_held_to_the_list_where_there_is_one() -> None:
    def said(rule: PurposesRule, purpose: str | None, reason: str | None = None) -> list[Any]:
        return [each.code for each in rule.against(purpose, reason)]

    nothing = PurposesRule()
    assert said(nothing, None) == [R.PURPOSE_MISSING]
    assert said(nothing, "golf", "any") == []
    assert said(BOTH, "irregular_work", "errand") == [R.REASON_OF_OTHER_PURPOSE]
    assert said(BOTH, "respite", "errand") == []
    assert said(BOTH, "irregular_work") == []
    needed = PurposesRule.model_validate({"reasons": REASONS, "reason_needed": True})
    assert said(needed, "respite") == [R.REASON_MISSING]
    assert said(needed, "respite", "juror") == []
    assert said(needed, "respite", "golf") == [R.REASON_NOT_OFFERED]


# --- where families live, where children go ---


def test_a_place_is_named_by_any_of_its_parts_and_each_part_must_be_so() -> None:
    home = Household(city="川崎市", ward="中原区", prefecture="神奈川県")
    for parts in ({"prefecture": "神奈川県"}, {"city": "川崎市"}, {"ward": "中原区"}):
        assert HomePlace.model_validate(parts).holds(home)
    for parts in (
        {"prefecture": "神奈川県", "ward": "高津区"},
        {"city": "横浜市", "ward": "中原区"},
        {"prefecture": "東京都", "city": "川崎市", "ward": "中原区"},
    ):
        assert not HomePlace.model_validate(parts).holds(home)
    with pytest.raises(ValidationError, match="name a place"):
        HomePlace()


@pytest.mark.parametrize(
    ("known", "is_resident"),
    [
        ({"city": "松戸市"}, True),
        ({"ward": "中央区"}, False),
        ({"prefecture": "千葉県"}, False),
        ({}, None),
    ],
)
def test_any_part_of_an_address_tells_whether_a_family_lives_here(
    known: dict[str, Any],
    is_resident: bool | None,  # noqa: FBT001 - a case
) -> None:
    rule = ResidenceRule.model_validate({"cities": ["松戸市"]})
    assert rule.is_resident(Household(**known)) is is_resident


def test_exceptions_may_be_of_a_city_or_of_a_prefecture() -> None:
    other = OtherHome.model_validate(
        {"circumstance": "juror", "cities": ["柏市"], "prefectures": ["埼玉県"]}
    )

    def speaks_of(city: str, prefecture: str, *circumstances: str) -> bool:
        home = Household(city=city, prefecture=prefecture, circumstances=frozenset(circumstances))
        return other.holds(home, "respite")

    assert speaks_of("柏市", "千葉県", "juror")
    assert speaks_of("川口市", "埼玉県", "juror")
    assert not speaks_of("船橋市", "千葉県", "juror")
    assert not speaks_of("柏市", "千葉県")


def test_a_note_waits_for_the_facility_or_for_the_address_never_for_both() -> None:
    agreed = {"circumstance": "juror", "approval": True}
    rule = ResidenceRule.model_validate(
        {"cities": ["松戸市"], "others": [agreed, {"circumstance": "homecoming"}]}
    )

    def noted(home: Household) -> list[Any]:
        return [note.code for note in rule.notes(home, None)]

    assert noted(Household(city="柏市", circumstances=frozenset({"juror"}))) == [N.AWAITS_FACILITY]
    assert noted(Household(city="柏市", circumstances=frozenset({"homecoming"}))) == []
    assert noted(Household(circumstances=frozenset({"homecoming"}))) == []
    assert noted(Household(city="柏市")) == []
    assert noted(Household()) == [N.RESIDENCE_UNKNOWN]
    refused = rule.model_copy(update={"unknown": type(rule.unknown)("refuse")})
    assert list(refused.notes(Household(), None)) == []


def test_one_way_that_needs_nobody_to_agree_is_enough() -> None:
    ways = [
        {"enrolments": ["licensed"], "approval": True},
        {"enrolments": ["licensed"], "own_place_closed": True},
    ]
    rule = EnrolmentRule.model_validate({"also": ways})
    for is_closed, codes in ((False, [N.AWAITS_FACILITY]), (True, [])):
        one = child(enrolment=Enrolment.LICENSED, is_own_place_closed=is_closed)
        assert list(rule.reasons(one, None)) == []
        assert [note.code for note in rule.notes(one, None)] == codes
    assert list(rule.notes(child(enrolment=Enrolment.COMPANY_LED), None)) == []
    assert list(rule.notes(child(enrolment=Enrolment.NONE), None)) == []


@pytest.mark.parametrize(
    ("more", "purpose", "is_stopped"),
    [
        ({}, "respite", True),
        ({"purposes": ["respite"]}, "respite", True),
        ({"purposes": ["respite"]}, "emergency", False),
        ({"class_ages": [2]}, None, False),  # born in May 2024: of the class of one
        ({"class_ages": [1]}, None, True),
    ],
)
def test_a_stop_holds_for_some_or_for_all(
    more: dict[str, Any],
    purpose: str | None,
    is_stopped: bool,  # noqa: FBT001 - a case
) -> None:
    days = {"from": "2026-11-20", "until": "2026-11-20"}
    stop = Stop.model_validate({"days": days, "ground": "outbreak", **more})
    one = child()
    assert stop.holds(one, FRIDAY, purpose) is is_stopped
    assert not stop.holds(one, THURSDAY, purpose)


def test_enrolments_may_be_taken_for_some_uses_alone_but_not_none_at_all() -> None:
    also = [{"enrolments": ["none"], "purposes": ["respite"]}]
    assert EnrolmentRule.model_validate({"accepts": [], "also": also}).also
    with pytest.raises(ValidationError, match="name the enrolments that are taken"):
        EnrolmentRule.model_validate({"accepts": [], "also": []})


@pytest.mark.parametrize(("asked", "is_all"), [("nobody", False), ("city", True), (None, True)])
def test_one_reason_that_nobody_decides_is_enough_to_book(
    asked: str | None,
    is_all: bool,  # noqa: FBT001 - a case
) -> None:
    rule = PurposesRule.model_validate(
        {
            "types": [{"code": "respite", "approved_by": "facility"}],
            "reasons": [
                {"code": "errands", "label": "用事", "type": "respite", "approved_by": asked}
            ],
        }
    )
    assert all_are_approved(rule) is is_all
