from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from portal.__main__ import main
from portal.policies.document import RulesDocument
from portal.policies.history import UseState
from portal.policies.reductions import Reduction
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
    ("written", "where", "said"),
    [
        ('date = "2026-11-31"', "cases[1].date", "暦にある日"),
        ('now = "きのう"', "cases[1].now", '"2026-11-10 09:00"'),
        ('from = "25:00"', "cases[1].from", '"09:00"'),
        ('to = "08:00"', "cases[1]", "to を、from より後"),
        ("expct = 1", "cases[1].expct", "「expect」"),
        ('by = "me"', "cases[1].by", "family"),
        ('expect = { reasons = ["late"] }', "cases[1].expect.reasons[1]", "not_yet_open"),
        ('history = [{ date = "2026-11-01" }]', "cases[1].history[1]", "hours"),
        ("history = [{ hours = 1 }]", "cases[1].history[1]", "date か dates"),
        ('history = [{ date = "2026-11-01", hours = 1, child = "y" }]', "cases[1]", "「y」"),
        ('unit = "a"\nfrom = "9:00"\nto = "10:00"', "cases[1]", "どちらか"),
        (
            'history = [{ date = "2026-11-01", from = "10:00", to = "9:00" }]',
            "cases[1].history[1]",
            "to を、from より後",
        ),
        (
            'calendar = { closed = [{ from = "2026-11-02", until = "2026-11-01" }] }',
            "cases[1].calendar.closed[1]",
            "より後",
        ),
        ('channel = "pigeon"', "cases[1].channel", "phone"),
        ('born = "2024-01-01"', "cases[1].born", "children"),
    ],
)
def test_a_mistake_in_a_case_is_named_with_line_and_remedy(
    written: str, where: str, said: str
) -> None:
    found = problems(f'[[cases]]\nname = "x"\n{written}\n')
    assert where in {one.where for one in found}
    assert any(said in one.words for one in found)
    assert all(one.line > DEFAULTS.count("\n") for one in found)


def test_a_mistake_in_the_defaults_is_told_once_and_where_it_stands() -> None:
    wrong = DEFAULTS.replace("2024-05-20", "2024-05-32").replace("2026-11-20 10:00", "?")
    found = problems('[[cases]]\nname = "x"\n[[cases]]\nname = "y"\n', wrong)
    assert [(one.line, one.where) for one in found] == [
        (3, "defaults.now"),
        (7, "defaults.child.born"),
    ]


# --- the command ---


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    (tmp_path / "cases.toml").write_text(DEFAULTS + '[[cases]]\nname = "x"\n', encoding="utf-8")
    return tmp_path / "rules.toml", tmp_path / "cases.toml"


def test_the_command_prints_what_programs_read(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "try", *map(str, files), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert list(answer) == [
        "name",
        "allowed",
        "outcome",
        "reasons",
        "fee_yen",
        "opens_at",
        "closes_at",
        "cancel_free_until",
        "as_expected",
    ]


def test_the_command_ends_with_1_on_a_difference(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    written = files[1].read_text(encoding="utf-8")
    files[1].write_text(written + "[cases.expect]\nfee_yen = 1\n", encoding="utf-8")
    assert main(["rules", "try", *map(str, files)]) == 1
    said = capsys.readouterr().out
    assert "ちがい：料金（円） は、期待 1、結果 1500" in said
    assert "期待と違ったのは 1件" in said


def test_files_that_cannot_be_read_end_with_2_and_words(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules_file, cases_file = map(str, files)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[age]\nmin = 3\n", encoding="utf-8")
    for one, other in (
        (str(wrong), cases_file),
        (rules_file, str(wrong)),
        ("/nowhere", cases_file),
    ):
        assert main(["rules", "try", one, other]) == 2
    said = capsys.readouterr().err
    assert f"{wrong}:2: age.min：" in said
    assert "/nowhere:1: ファイルがありません" in said
    assert main(["rules", "try", str(wrong), cases_file, "--json"]) == 2
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert (problem["line"], problem["where"]) == (2, "age.min")


def test_check_ends_with_1_on_a_mistake_and_tells_warnings(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "check", str(files[0])]) == 0
    assert "まちがいはありません" in capsys.readouterr().out
    odd = tmp_path / "odd.toml"
    odd.write_text("[[caps]]\nmetric = 'days'\namount = 0\nperiod = 'month'\n", encoding="utf-8")
    assert main(["rules", "check", str(odd), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert "cap_reached" in told["warnings"][0]
    odd.write_text("[[caps]]\nmetric = 'day'\n", encoding="utf-8")
    assert main(["rules", "check", str(odd)]) == 1


def test_explain_says_the_rules_in_words(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "explain", str(files[0])]) == 0
    assert "0歳6か月" in capsys.readouterr().out


def test_wrong_words_of_the_command_are_answered_in_japanese(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rules", "try", "only-one"])
    assert ended.value.code == 2
    assert "書き方が違います" in capsys.readouterr().err


def test_neither_the_web_nor_a_database_is_needed(files: tuple[Path, Path]) -> None:
    program = (
        "import sys; from portal.__main__ import main; code = main(sys.argv[1:]);"
        "loaded = {'flask', 'sqlalchemy', 'psycopg'} & set(sys.modules);"
        "sys.exit(code or bool(loaded))"
    )
    words = ["rules", "try", *map(str, files)]
    found = subprocess.run([sys.executable, "-c", program, *words], check=False)
    assert found.returncode == 0


def test_the_past_is_of_the_same_use_as_the_wish_unless_it_says_otherwise() -> None:
    document = rules(
        """
[purposes]
types = [{ code = "emergency" }, { code = "respite" }]
reasons = [
  { code = "hospital", label = "通院", type = "emergency" },
  { code = "birth", label = "出産", type = "emergency" },
]
"""
    )
    file = cases(
        """
[[cases]]
name = "x"
reason = "hospital"
cause = "a"
history = [
  { date = "2026-11-02", hours = 1 },
  { date = "2026-11-03", hours = 1, reason = "birth" },
  { date = "2026-11-04", hours = 1, purpose = "respite" },
  { date = "2026-11-05", hours = 1, cause = "b" },
]
"""
    )
    uses = build(file.cases[0], file.calendar, document).history.uses
    assert [(use.purpose, use.reason, use.cause) for use in uses] == [
        ("emergency", "hospital", "a"),
        ("emergency", "birth", "a"),
        ("respite", None, None),
        ("emergency", "hospital", "b"),
    ]


@pytest.mark.parametrize(("papers", "yen"), [("", 0), ("papers = []", 1500)])
def test_papers_of_reductions_were_shown_too_where_a_case_says_nothing(
    papers: str, yen: int
) -> None:
    reduction = '{ marks = ["welfare"], percent = 100, proof = "welfare_certificate" }'
    reduced = RULES.replace(
        '[fee.tariff]\nkind = "hourly"',
        f'[fee]\nreductions = [{reduction}]\n[fee.tariff]\nkind = "hourly"',
    )
    laid = RULES + (
        '[[variants]]\nname = "x"\nwhen = { weekdays = ["fri"] }\n'
        f"[variants.fee]\nreductions = [{reduction}]\n"
        '[variants.fee.tariff]\nkind = "hourly"\nbands = [{ yen = 500 }]\n'
    )
    case = f'[[cases]]\nname = "x"\n[cases.household]\nmarks = ["welfare"]\n{papers}\n'
    for document in (reduced, laid):
        (answer,) = answers(case, document)
        assert answer["fee_yen"] == yen


def test_a_record_is_asked_for_where_the_rules_demand_it_alone() -> None:
    case = '[[cases]]\nname = "x"\nchild = { record_holds = false }\n'
    for document, reasons in (
        ('title = "x"', []),
        ("[record]\nis_required = false", []),
        ("[record]\nis_required = true", ["record_to_confirm"]),
    ):
        (answer,) = answers(case, document)
        assert answer["reasons"] == reasons


ANNOUNCED = """
[booking_window]
opens = { kind = "announced", periods = [{ from = "2027-01-01", opens_at = "2026-12-15 09:00" }] }
"""


def test_a_day_that_is_not_announced_yet_has_not_always_been_open() -> None:
    case = '[[cases]]\nname = "x"\n[cases.expect]\nopens_at = "%s"\n'
    (answer,) = answers(case % "not_announced", ANNOUNCED)
    assert (answer["as_expected"], answer["opens_at"]) == (True, "not_announced")
    (tried,) = try_all(cases(case % "none"), rules(ANNOUNCED))
    assert tried.as_expected is False
    lines = "\n".join(lines_of(tried))
    assert "受付 （始まりは、まだ決まっていません）" in lines
    assert "いつでも から" not in lines
    assert "結果 まだ決まっていない" in lines


@pytest.mark.parametrize(
    ("method", "outcome", "said"),
    [
        ("first_come", "confirmed", "予約できます"),
        ("staff_approval", "awaits_approval", "認めると、決まります"),
        ("lottery", "lottery", "抽選で決まります"),
        ("provisional", "provisional", "仮の予約"),
    ],
)
def test_what_a_wish_becomes_is_told(method: str, outcome: str, said: str) -> None:
    case = f'[[cases]]\nname = "x"\n[cases.expect]\noutcome = "{outcome}"\n'
    (tried,) = try_all(cases(case), rules(f'[allocation]\nmethod = "{method}"\n'))
    assert tried.as_expected
    lines = "\n".join(lines_of(tried))
    assert said in lines
    by_people = outcome != "confirmed"
    assert ("電話や窓口で" in lines) is by_people
    assert ("予約できます\n" in lines) is not by_people


def test_the_command_tells_of_names_that_lead_nowhere(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    written = files[1].read_text(encoding="utf-8")
    files[1].write_text(written + '[cases.household]\nmarks = ["gone"]\n', encoding="utf-8")
    assert main(["rules", "try", *map(str, files)]) == 0
    assert "「gone」は、きまりのどこにもありません" in capsys.readouterr().err


@pytest.mark.parametrize(("proof", "yen"), [("", 0), (', proof = "income_certificate"', 1500)])
def test_a_tax_amount_is_one_that_staff_have_seen(proof: str, yen: int) -> None:
    tariff = "[fee.tariff]"
    reduction = f"{{ tax_below_yen = 77101, percent = 100{proof} }}"
    document = RULES.replace(tariff, f"[fee]\nreductions = [{reduction}]\n{tariff}")
    case = '[[cases]]\nname = "x"\nhousehold = { tax_yen = 0, papers = [] }\n'
    (answer,) = answers(case, document)
    assert answer["fee_yen"] == yen
    assert "職員が書類を見て" in (Reduction.model_fields["needs_proof"].description or "")
