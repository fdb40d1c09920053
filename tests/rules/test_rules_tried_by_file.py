from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from portal.__main__ import main
from portal.policies.reductions import Reduction
from portal.rulebooks.trying.build import build
from portal.rulebooks.trying.results import try_all
from portal.rulebooks.trying.words import lines_of
from tests.rules.test_rules_trying import DEFAULTS, RULES, answers, cases, problems, rules


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
        "fee_lines",
        "notes",
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
    (warning,) = told["warnings"]
    assert "利用の上限" in warning["words"]
    assert (warning["file"], warning["line"], warning["where"]) == (str(odd), 1, "caps[1]")
    assert warning["nobody"]
    assert main(["rules", "check", str(odd)]) == 0
    said = capsys.readouterr().out
    assert f"注意：{odd}:1: caps[1]：" in said
    assert "まちがいはありません" not in said
    assert "だれも予約できないところが1か所" in said
    assert main(["rules", "check", str(odd), "--strict"]) == 1
    odd.write_text("[waitlist]\n", encoding="utf-8")
    assert main(["rules", "check", str(odd), "--strict"]) == 0
    assert "まちがいはありません。注意が1件" in capsys.readouterr().out
    odd.write_text("[[caps]]\nmetric = 'day'\n", encoding="utf-8")
    assert main(["rules", "check", str(odd)]) == 1


def test_explain_says_the_rules_in_words(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "explain", str(files[0])]) == 0
    assert "生後6か月" in capsys.readouterr().out


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
    told = capsys.readouterr().err
    assert "「gone」は、きまりのどこにもありません" in told
    line = written.count("\n") + 2
    assert f"注意：{files[1]} {line}行目：" in told


@pytest.mark.parametrize(("proof", "yen"), [("", 0), (', proof = "income_certificate"', 1500)])
def test_a_tax_amount_is_one_that_staff_have_seen(proof: str, yen: int) -> None:
    tariff = "[fee.tariff]"
    reduction = f"{{ tax_below_yen = 77101, percent = 100{proof} }}"
    document = RULES.replace(tariff, f"[fee]\nreductions = [{reduction}]\n{tariff}")
    case = '[[cases]]\nname = "x"\nhousehold = { tax_yen = 0, papers = [] }\n'
    (answer,) = answers(case, document)
    assert answer["fee_yen"] == yen
    assert "職員が書類を見て" in (Reduction.model_fields["needs_proof"].description or "")
