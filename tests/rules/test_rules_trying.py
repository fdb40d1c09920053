from __future__ import annotations

from typing import Any

import pytest

from portal.policies.document import RulesDocument
from portal.policies.history import UseState
from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile
from portal.rulebooks.trying.build import NoSuchBlock, build, facility_calendar
from portal.rulebooks.trying.case_file import CaseFile
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import try_all
from portal.rulebooks.trying.words import lines_of
from tests.rules.policy_cases import jst

RULES = """
[age]
min = { unit = "months", value = 6 }
[booking_window]
opens = { kind = "monthly", day = 15, at = "09:00", shift = "next" }
closes = { days = 1, at = "17:00" }
[fee.tariff]
kind = "hourly"
bands = [{ yen = 500 }]
[cancel]
free_until = { days = 1, at = "17:00" }
"""
DEFAULTS = """
[defaults]
now = "2026-11-20 10:00"
date = "2026-12-04"
from = "9:00"
to = "12:00"
child = { born = "2024-05-20" }
"""


def rules(written: str = RULES) -> RulesDocument:
    return read_document(written.encode())


def cases(written: str, defaults: str = DEFAULTS) -> CaseFile:
    return read_cases((defaults + written).encode())


def answers(written: str, document: str = RULES) -> list[dict[str, Any]]:
    tried = try_all(cases(written), rules(document))
    return [{"as_expected": one.as_expected, **one.answer} for one in tried]


def problems(written: str, defaults: str = DEFAULTS) -> list[FileProblem]:
    with pytest.raises(WrongFile) as caught:
        cases(written, defaults)
    return caught.value.problems


def test_what_is_expected_is_held_to_what_comes_out() -> None:
    (answer,) = answers(
        """
[[cases]]
name = "x"
[cases.expect]
allowed = true
reasons = []
fee_yen = 1500
opens_at = "2026-11-15 09:00"
closes_at = "2026-12-03 17:00"
cancel_free_until = "2026-12-03T17:00:00+09:00"
"""
    )
    assert answer == {
        "as_expected": True,
        "allowed": True,
        "outcome": "confirmed",
        "reasons": [],
        "fee_yen": 1500,
        "opens_at": "2026-11-15T09:00:00+09:00",
        "closes_at": "2026-12-03T17:00:00+09:00",
        "cancel_free_until": "2026-12-03T17:00:00+09:00",
        "fee_lines": [{"code": "care_hourly", "label": None, "child": 1, "yen": 1500}],
        "notes": [],
    }


@pytest.mark.parametrize(
    ("expected", "what"),
    [
        ("allowed = false", "allowed"),
        ('reasons = ["too_young"]', "reasons"),
        ('outcome = "lottery"', "outcome"),
        ("fee_yen = 1499", "fee_yen"),
        ('opens_at = "2026-11-15 09:01"', "opens_at"),
        ('opens_at = "none"', "opens_at"),
        ('closes_at = "2026-12-03 24:00"', "closes_at"),
        ('cancel_free_until = "none"', "cancel_free_until"),
    ],
)
def test_each_difference_is_told(expected: str, what: str) -> None:
    file = cases(f'[[cases]]\nname = "x"\n[cases.expect]\n{expected}\n')
    (tried,) = try_all(file, rules())
    assert tried.as_expected is False
    assert [one.what for one in tried.differences] == [what]
    assert sum("ちがい：" in line for line in lines_of(tried)) == 1


def test_nothing_is_expected_of_a_case_that_expects_nothing() -> None:
    (answer,) = answers('[[cases]]\nname = "x"\n')
    assert answer["as_expected"] is None


def test_rules_that_say_nothing_let_everybody_in_at_any_time() -> None:
    (answer,) = answers(
        """
[[cases]]
name = "x"
[cases.expect]
opens_at = "none"
cancel_free_until = "none"
closes_at = "2026-12-04 24:00"
fee_yen = 0
""",
        'title = "x"',
    )
    assert answer["as_expected"]
    assert (answer["opens_at"], answer["cancel_free_until"]) == (None, None)
    assert answer["closes_at"] == "2026-12-05T00:00:00+09:00"


def test_a_case_wins_over_the_defaults_and_tables_are_merged() -> None:
    defaults = DEFAULTS + '[defaults.household]\ncity = "A市"\ntax_yen = 3\n'
    file = cases(
        """
[[cases]]
name = "own unit"
unit = "午前"
[[cases]]
name = "own home"
household = { tax_yen = 4 }
[[cases]]
name = "one child"
child = { enrolment = "licensed" }
[[cases]]
name = "two children"
children = [{}, { born = "2022-01-01" }]
""",
        defaults,
    )
    unit, home, one, two = file.cases
    assert (unit.unit, unit.from_, unit.to) == ("午前", None, None)
    assert (home.household.city, home.household.tax_yen) == ("A市", 4)
    assert (one.children[0].born.year, one.children[0].enrolment) == (2024, "licensed")
    assert [child.born.year for child in two.children] == [2024, 2022]


def test_what_is_not_said_is_in_order() -> None:
    document = rules(
        """
[[purposes.types]]
code = "work"
label = "仕事"
proof = { kinds = ["employment_certificate"] }
[residence]
cities = ["A市"]
unknown = "refuse"
[enrolment]
accepts = ["none"]
[registration]
agreement = true
lead_days = 3
[record]
is_required = true
[[gates]]
code = "weaned"
staff_confirm = true
[[gates]]
code = "x"
label = "x"
needed = false
[[steps.steps]]
kind = "interview"
[[steps.steps]]
kind = "trial_care"
trial = { parts = [{ longest_minutes = 60 }] }
"""
    )
    (fine,) = try_all(cases('[[cases]]\nname = "x"\n'), document)
    assert [reason.code for reason in fine.decision.reasons] == []
    against = """
[[cases]]
name = "x"
[cases.household]
resident = false
papers = []
[[cases.children]]
registered = false
enrolment = "licensed"
steps_done = []
record_holds = false
gates = { weaned = false }
[cases.expect]
reasons = [
  "not_registered", "enrolled_elsewhere", "step_missing", "record_to_confirm", "gate_not_met",
  "gate_unanswered", "not_resident", "proof_missing",
]
"""
    (tried,) = try_all(cases(against), document)
    assert tried.differences == ()


def test_a_family_with_a_circumstance_lives_elsewhere_and_has_said_so() -> None:
    document = rules(
        '[residence]\ncities = ["A市"]\n'
        'others = [{ circumstance = "homecoming", statement = true }]'
    )
    written = """
[[cases]]
name = "said"
household = { circumstances = ["homecoming"] }
[[cases]]
name = "not said"
household = { circumstances = ["homecoming"], statements = [] }
"""
    said, silent = try_all(cases(written), document)
    assert said.answer["allowed"]
    assert silent.answer["reasons"] == ["statement_missing"]


def test_the_past_is_told_by_dates_lengths_and_blocks() -> None:
    document = rules('[units]\nblocks = [{ label = "午前", starts = "08:30", ends = "12:30" }]')
    file = cases(
        """
[[cases]]
name = "x"
unit = "午前"
purpose = "respite"
children = [{ name = "姉" }, { name = "弟", born = "2025-01-01" }]
[[cases.history]]
dates = ["2026-11-02", "2026-12-02"]
hours = 2.5
[[cases.history]]
date = "2026-11-03"
unit = "午前"
child = "弟"
here = false
state = "no_show"
[[cases.history]]
date = "2026-11-04"
from = "9:00"
to = "24:00"
reason = "work"
trial = true
"""
    )
    case = build(file.cases[0], file.calendar, document)
    first, later, block, night = case.history.uses
    assert (first.minutes, first.state, later.state) == (150, UseState.ATTENDED, UseState.BOOKED)
    assert first.purpose == "respite"
    assert (block.minutes, block.unit, block.state) == (240, "午前", UseState.NO_SHOW)
    assert block.starts_at == jst(2026, 11, 3, 8, 30)
    assert (block.child_id, first.child_id) == (
        case.children[1].child_id,
        case.children[0].child_id,
    )
    assert (block.is_here, block.is_same_programme, block.is_same_provider) == (False, True, False)
    assert block.is_in_city
    assert (night.minutes, night.purpose, night.is_trial) == (900, None, True)
    assert case.span.minutes == 240


def test_a_block_that_is_not_there_is_named() -> None:
    file = cases('[[cases]]\nname = "x"\nunit = "夜"\n')
    with pytest.raises(NoSuchBlock) as caught:
        build(file.cases[0], file.calendar, rules())
    assert caught.value.label == "夜"
    with pytest.raises(NoSuchBlock) as named:
        try_all(file, rules())
    assert named.value.case == "x"


def test_the_calendar_knows_closures_and_the_national_holidays() -> None:
    written = """
[calendar]
open_weekdays = ["mon", "tue", "wed", "thu", "fri"]
closed = ["2026-11-25", { from = "2026-12-29", until = "2027-01-03" }]
opened = ["2026-11-28"]
holidays = ["2026-11-26"]
[[cases]]
name = "x"
"""
    file = cases(written)
    calendar = facility_calendar(file.calendar, file.cases[0].date)
    shut = [(11, 3), (11, 22), (11, 23), (11, 25), (11, 26), (12, 31)]
    assert [md for md in shut if calendar.is_open(jst(2026, *md).date())] == []
    assert calendar.is_open(jst(2026, 11, 24).date())
    assert calendar.is_open(jst(2026, 11, 28).date())
    assert not calendar.is_open(jst(2027, 1, 1).date())


@pytest.mark.parametrize(
    ("elsewhere", "registered", "is_allowed"), [(0, 1, 1), (1, 1, 0), (1, 0, 1)]
)
def test_a_registration_here_is_one_of_the_registrations(
    elsewhere: int, registered: int, is_allowed: int
) -> None:
    limit = '[[caps]]\nmetric = "registrations"\namount = 1\n'
    here = "true" if registered else "false"
    (answer,) = answers(
        f"""
[[cases]]
name = "x"
registrations = {elsewhere}
child = {{ born = "2024-05-20", registered = {here} }}
""",
        RULES + limit,
    )
    assert answer["allowed"] is bool(is_allowed)


@pytest.mark.parametrize(
    ("rule", "options", "said"),
    [
        ("all_or_none", [], False),
        ("some_may_come", [], True),
        ("family_chooses", [], False),
        ("family_chooses", ["some_are_enough"], True),
    ],
)
def test_a_brother_who_may_come_without_his_sister_is_named(
    rule: str,
    options: list[str],
    said: bool,  # noqa: FBT001 - a case
) -> None:
    written = f"""
[[cases]]
name = "x"
options = {options}
children = [{{ name = "姉", born = "2023-05-20" }}, {{ name = "弟", born = "2026-11-01" }}]
"""
    file = cases(written, DEFAULTS.replace('child = { born = "2024-05-20" }', ""))
    (tried,) = try_all(file, rules(f'{RULES}[siblings]\ntogether = "{rule}"\n'))
    assert ("    姉だけなら、予約できます" in list(lines_of(tried))) is said
