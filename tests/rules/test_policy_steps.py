"""Steps before the first stay: which are open, what a stay needs of them; trial care by part."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.bookings.rules import UsePurpose
from portal.documents.wording.step_names import STEP_NAMES
from portal.policies.decide import Decision, decide
from portal.policies.document import RulesDocument, load_template
from portal.policies.facts import ChildFacts
from portal.policies.fee import FeeLabel
from portal.policies.reasons import BookingRefusal
from portal.policies.standing import StepKind, StepStanding, TrialStanding
from portal.policies.steps import Before, StepsRule, next_step, open_steps
from portal.policies.trials import Attempt, TrialOutcome, ends_trial, trial_standing
from portal.rulebooks.steps_words import steps_words
from tests.rules.policy_cases import ASKED_AT, case, child, document, stay

pytestmark = pytest.mark.proves("G20")

R, K, Said = BookingRefusal, StepKind, TrialOutcome
TRIAL: dict[str, Any] = {
    "kind": "trial_care",
    "trial": {
        "parts": [
            {"longest_minutes": 60, "with_guardian": True, "ends_by": "12:00"},
            {"longest_minutes": 120},
        ],
        "fee": "free",
    },
}
TOUR = {"kind": "tour", "demand": "recommended", "before": "acceptance"}
INTERVIEW = {"kind": "interview", "before": "acceptance"}
TALK = {"kind": "consultation", "demand": "ordered"}


def rule(*steps: dict[str, Any]) -> StepsRule:
    return StepsRule.model_validate({"steps": steps})


def rules(*steps: dict[str, Any], **kinds: Any) -> RulesDocument:
    return document(steps={"steps": steps}, **kinds)


def standing(done: str = "", ordered: str = "", waived: str = "") -> StepStanding:
    return StepStanding(*(frozenset(map(K, kinds.split())) for kinds in (done, ordered, waived)))


def known(steps: StepStanding, trial: TrialStanding | None = None, **facts: Any) -> ChildFacts:
    return replace(child(), steps=steps, trial=trial or TrialStanding(), **facts)


def decided(rules: RulesDocument, one: ChildFacts, **more: Any) -> Decision:
    return decide(case(rules, one, **more), now=ASKED_AT)


def codes(decision: Decision) -> set[BookingRefusal]:
    return {R(reason.code) for reason in decision.reasons}


@pytest.mark.proves("R4", "R5")
def test_open_steps_are_the_required_and_the_ordered_in_their_order() -> None:
    all_of_them = rule(TOUR, INTERVIEW, TRIAL, TALK)
    assert [s.kind for s in open_steps(all_of_them, standing())] == [K.INTERVIEW, K.TRIAL_CARE]
    ordered = standing(ordered="tour consultation")
    assert [s.kind for s in open_steps(all_of_them, ordered)] == [
        K.TOUR,
        K.INTERVIEW,
        K.TRIAL_CARE,
        K.CONSULTATION,
    ]
    after = standing(done="interview", waived="trial_care")
    assert next_step(all_of_them, after) is None
    assert next_step(None, standing()) is None
    before = open_steps(all_of_them, standing(), before=Before.ACCEPTANCE)
    assert [s.kind for s in before] == [K.INTERVIEW]


kinds_of = st.frozensets(st.sampled_from(K))


@given(kinds_of, kinds_of, kinds_of, st.permutations(list(K)))
def test_whatever_is_done_or_waived_is_never_asked_for(
    done: frozenset[StepKind],
    ordered: frozenset[StepKind],
    waived: frozenset[StepKind],
    order: list[StepKind],
) -> None:
    steps = [TRIAL if kind is K.TRIAL_CARE else {"kind": kind.value} for kind in order]
    found = [s.kind for s in open_steps(rule(*steps), StepStanding(done, ordered, waived))]
    assert set(found) == set(K) - done - waived
    assert found == [kind for kind in order if kind in found]


@pytest.mark.proves("R4", "R5")
def test_a_stay_needs_the_steps_before_use_and_says_which_is_next() -> None:
    asked = rules(INTERVIEW, TRIAL)
    (reason,) = decided(asked, known(standing())).reasons
    assert (reason.code, reason.values) == (R.STEP_MISSING, {"step": "trial_care"})
    assert reason.child_id == child().child_id
    assert codes(decided(asked, known(standing(done="trial_care")))) == set()
    assert codes(decided(asked, known(standing(waived="trial_care")))) == set()
    late_order = known(standing(done="trial_care", ordered="interview"))
    assert decided(asked, late_order).reasons[0].values == {"step": "interview"}
    assert codes(decided(rules(TOUR, TALK), known(standing()))) == set()


@pytest.mark.proves("R5")
def test_a_missing_step_stands_beside_every_other_reason_and_staff_may_set_it_aside() -> None:
    asked = rules(TRIAL, units={"max_minutes": 120}, registration={})
    one = replace(known(standing()), registered_until=None)
    assert codes(decided(asked, one)) == {R.STEP_MISSING, R.TOO_LONG, R.NOT_REGISTERED}
    aside = decided(
        rules(TRIAL), known(standing()), by_staff=True, overruled=frozenset({R.STEP_MISSING})
    )
    assert (codes(aside), [r.code for r in aside.overruled]) == (set(), [R.STEP_MISSING])


def test_a_trial_can_be_the_gate_to_another_type_of_use() -> None:
    gate = rules({**TRIAL, "opens": ["irregular_work"]})
    for purpose in UsePurpose:
        found = codes(decided(gate, known(standing()), purpose=purpose.value))
        assert found == ({R.STEP_MISSING} if purpose is UsePurpose.IRREGULAR_WORK else set())


@pytest.mark.parametrize(
    ("part", "start", "end", "code", "values"),
    [
        (1, "09:00", "10:30", R.TRIAL_TOO_LONG, {"part": 1, "max_minutes": 60}),
        (2, "09:00", "11:30", R.TRIAL_TOO_LONG, {"part": 2, "max_minutes": 120}),
        (1, "11:30", "12:30", R.TRIAL_ENDS_TOO_LATE, None),
    ],
)
def test_each_part_has_its_own_limits(
    part: int, start: str, end: str, code: BookingRefusal, values: dict[str, int] | None
) -> None:
    one = known(standing(), TrialStanding(next_part=part))
    span = stay(start, end)
    (reason,) = decided(rules(TRIAL), one, span=span, trial_part=part).reasons
    assert reason.code is code
    assert values is None or reason.values == values


def test_a_part_may_end_at_its_hour_and_needs_none_of_the_usual_shapes() -> None:
    asked = rules(TRIAL, units={"min_minutes": 180, "grid_minutes": 60})
    span = stay("11:00", "12:00")
    assert codes(decided(asked, known(standing()), span=span, trial_part=1)) == set()


@pytest.mark.proves("R4")
def test_a_trial_waits_for_the_steps_that_stand_earlier() -> None:
    asked, span = rules(TOUR, INTERVIEW, TRIAL, {"kind": "consultation"}), stay("09:00", "10:00")
    (reason,) = decided(asked, known(standing()), span=span, trial_part=1).reasons
    assert (reason.code, reason.values) == (R.STEP_MISSING, {"step": "interview"})
    done = known(standing(done="interview"))
    assert codes(decided(asked, done, span=span, trial_part=1)) == set()


@pytest.mark.parametrize(
    ("trial", "done", "code"),
    [
        (TrialStanding(next_part=2), "", R.TRIAL_OTHER_PART),
        (TrialStanding(is_ahead=True), "", R.TRIAL_AHEAD),
        (TrialStanding(is_paused=True), "", R.TRIAL_PAUSED),
        (TrialStanding(), "trial_care", R.TRIAL_OVER),
    ],
)
def test_only_the_part_whose_turn_it_is_can_be_booked(
    trial: TrialStanding, done: str, code: BookingRefusal
) -> None:
    one = known(standing(done), trial)
    assert codes(decided(rules(TRIAL), one, span=stay("09:00", "10:00"), trial_part=1)) == {code}


@pytest.mark.parametrize("part", [0, -1, 3, 10**30])
def test_a_part_that_the_rules_do_not_know_is_not_offered(part: int) -> None:
    asked = decided(rules(TRIAL), known(standing()), trial_part=part)
    assert codes(asked) == {R.TRIAL_NOT_OFFERED}


def test_trial_care_that_staff_order_is_for_those_of_whom_they_ask_it() -> None:
    asked, span = rules({**TRIAL, "demand": "ordered"}), stay("09:00", "10:00")
    assert codes(decided(asked, known(standing()), span=span, trial_part=1)) == {
        R.TRIAL_NOT_OFFERED
    }
    told = known(standing(ordered="trial_care"))
    assert codes(decided(asked, told, span=span, trial_part=1)) == set()
    assert codes(decided(rules(TOUR), known(standing()), trial_part=1)) == {R.TRIAL_NOT_OFFERED}


def test_before_the_acceptance_an_application_is_enough() -> None:
    span, early = stay("09:00", "10:00"), {**TRIAL, "before": "acceptance"}
    applied = replace(known(standing()), registered_until=None, has_application=True)
    stranger = replace(applied, has_application=False)
    asked = rules(early, registration={})
    assert codes(decided(asked, applied, span=span, trial_part=1)) == set()
    assert codes(decided(asked, stranger, span=span, trial_part=1)) == {R.NO_APPLICATION}
    usual = rules(TRIAL, registration={})
    assert codes(decided(usual, applied, span=span, trial_part=1)) == {R.NOT_REGISTERED}


FEE = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}, "per_use": []}


@pytest.mark.parametrize(
    ("fee", "yen", "label"),
    [
        ({"fee": "free"}, 0, FeeLabel.TRIAL_CARE),
        ({"fee": "fixed", "fixed_yen": 300}, 300, FeeLabel.TRIAL_CARE),
        ({"fee": "usual"}, 400, FeeLabel.CARE_HOURLY),
    ],
)
def test_the_fee_of_a_trial_is_the_rules_own(
    fee: dict[str, Any], yen: int, label: FeeLabel
) -> None:
    step = {"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 60}], **fee}}
    told = decided(
        rules(step, fee=FEE), known(standing()), span=stay("09:00", "10:00"), trial_part=1
    ).fee
    assert (told.total_yen, [line.label_code for line in told.lines]) == (yen, [label])


@pytest.mark.parametrize(
    "wrong",
    [
        [{"kind": "tour"}, {"kind": "tour"}],
        [{"kind": "trial_care"}],
        [{"kind": "tour", "trial": TRIAL["trial"]}],
        [{"kind": "tour", "before": "acceptance", "opens": ["respite"]}],
        [{"kind": "trial_care", "trial": {"parts": []}}],
        [{"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 60}] * 11}}],
        [{"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 60}], "fixed_yen": 1}}],
        [{"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 60}], "fee": "fixed"}}],
        [{"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 9, "ends_by": "00:10"}]}}],
        [],
    ],
)
def test_rules_that_contradict_themselves_are_refused(wrong: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        rule(*wrong)


def attempt(written: str) -> Attempt:
    part, _colon, outcome = written.partition(":")
    return Attempt(int(part), Said(outcome) if outcome else None)


@pytest.mark.parametrize(
    ("attempts", "part", "why_not"),
    [
        ("", 1, ""),
        ("1", 1, "ahead"),
        ("1:next", 2, ""),
        ("1:repeat", 1, ""),
        ("1:repeat 1:next", 2, ""),
        ("1:not_yet", 1, "paused"),
        ("1:next 2", 2, "ahead"),
        ("1:next 2:next", 2, ""),  # staff undid the step
    ],
)
def test_whose_turn_it_is_follows_from_what_came_before(
    attempts: str, part: int, why_not: str
) -> None:
    found = trial_standing(rule(TRIAL).trial, standing(), list(map(attempt, attempts.split())))
    assert found == TrialStanding(part, why_not == "ahead", why_not == "paused")


@given(
    st.lists(st.builds(Attempt, st.integers(1, 12), st.none() | st.sampled_from(Said)), max_size=12)
)
def test_the_next_part_is_always_one_that_the_rules_know(attempts: list[Attempt]) -> None:
    trial = rule(TRIAL).trial
    assert trial is not None
    assert trial.part(trial_standing(trial, standing(), attempts).next_part) is not None


def test_trial_care_ends_with_the_last_part_alone() -> None:
    trial = rule(TRIAL).trial
    assert trial is not None
    assert [ends_trial(trial, n, Said.NEXT) for n in (1, 2)] == [False, True]
    assert not ends_trial(trial, 2, Said.REPEAT)


def test_every_step_and_reason_has_a_name_and_families_read_them_in_order() -> None:
    assert set(STEP_NAMES) == {kind.value for kind in K}
    told = steps_words(rule(INTERVIEW, {**TRIAL, "words": "タオルを1枚。"}))
    assert [term for term, _words in told] == [
        "利用の前に 1　面談",
        "利用の前に 2　ならし預かり",
    ]
    assert told[1][1] == (
        "はじめて使う前にします。1回目は1時間まで、12:00までに終わります（保護者もいっしょ）。"
        "2回目は2時間まで。お子さんのようすで、回数がふえることがあります。"
        "ならし預かりは無料です。タオルを1枚。"
    )
    advised = rule({**TRIAL, "demand": "recommended"})
    assert steps_words(advised)[0][1].startswith("おすすめしています。しなくても使えます。")
    asked = steps_words(advised, ordered={K.TRIAL_CARE})[0][1]
    assert asked.startswith("園からのお願いです。")
    assert "しなくても" not in asked


def test_two_of_the_documents_to_start_from_have_steps() -> None:
    with_trial = [
        name
        for name in ("half-day", "municipal-strict")
        if (steps := load_template(name).steps) is not None and steps.trial is not None
    ]
    assert with_trial == ["half-day", "municipal-strict"]


def test_several_children_have_no_trial_in_common() -> None:
    with pytest.raises(ValueError, match="trial"):
        case(rules(TRIAL), child(1), child(uuid.UUID(int=2).int), trial_part=1)
