"""Files that nobody should have written: each command ends with a sentence, never with a trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from portal.__main__ import main
from portal.rulebooks import files
from portal.rulebooks.reading.mistakes import WrongFile
from portal.rulebooks.trying import read_cases
from portal.rulebooks.trying.case_file import MOST_CASES

RULES = b'[fee.tariff]\nkind = "hourly"\nbands = [{ yen = 500 }]\n'
CASE = '[[cases]]\nname = "x"\n'
CASES = (
    b'[defaults]\nnow = "2026-11-10 09:00"\ndate = "2026-11-20"\nfrom = "09:00"\nto = "12:00"\n'
    b'[defaults.child]\nborn = "2024-05-20"\n'
)
NOT_READ = "きまりのファイルとして読めません。"
TWICE = "同じ名前が2つあります。1つにしてください。"
SIGN = "画面に出ない特別な文字が入っています"


def price(written: str) -> bytes:
    return b'{"fee": {"tariff": {"kind": "hourly", "bands": [{"yen": %s}]}}}' % written.encode()


def announced(moment: str) -> bytes:
    period = f'{{ from = "2026-04-01", opens_at = "{moment}" }}'
    return f'[booking_window.opens]\nkind = "announced"\nperiods = [{period}]\n'.encode()


#: What is in the file, and what is said of it.
HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "何も書かれていません。"),
    "a sign 0": (b'title = "a\0b"\n', SIGN),
    "a sign 0 as TOML writes it": (b'title = "a\\u0000b"\n', SIGN),
    "a sign 0 in a name": (b'{"ti\\u0000tle": 1}', SIGN),
    "half a sign": (b'{"title": "a\\ud800b"}', SIGN),
    "half a sign in a name": (b'{"\\udfff": 1}', SIGN),
    "bytes of half a sign": (b'title = "\xed\xa0\x80"\n', "UTF-8"),
    "another encoding": ('title = "みほん"\n'.encode("cp932"), "UTF-8"),
    "two bytes a sign": ("title = 'x'\n".encode("utf-16"), "UTF-8"),
    "10 MB of blanks": (b'{"title": "x"' + b" " * 10_000_000 + b"}", "ファイルが大きすぎます"),
    "10 MB of remarks": (b"#" * 10_000_000, "ファイルが大きすぎます"),
    "deep lists of JSON": (b'{"caps":' + b"[" * 90_000 + b"]" * 90_000 + b"}", NOT_READ),
    "deep tables of JSON": (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, NOT_READ),
    "deep lists of TOML": (b"caps = " + b"[" * 90_000 + b"]" * 90_000, NOT_READ),
    "deep tables of TOML": (b"age = " + b"{a=" * 20_000 + b"1" + b"}" * 20_000, NOT_READ),
    "a name with ten thousand dots": (b"a." * 10_000 + b"b = 1\n", NOT_READ),
    "one name twice": (b'{"title": "a", "title": "b"}', TWICE),
    "one name twice far inside": (b'{"texts": {"summary": "a", "summary": "b"}}', TWICE),
    "one name twice in TOML": (b'title = "a"\ntitle = "b"\n', TWICE),
    "no number": (price("NaN"), NOT_READ),
    "no number of TOML": (b"[fee.tariff]\nbands = [{ yen = nan }]\n", NOT_READ),
    "infinite": (price("-Infinity"), NOT_READ),
    "infinite in TOML": (b"[fee.tariff]\nbands = [{ yen = inf }]\n", NOT_READ),
    "infinite by its size": (price("1e400"), ""),
    "a number of 400 digits": (price("9" * 400), ""),
    "a number of 5000 digits": (price("9" * 5000), NOT_READ),
    "a day that is none": (b"[age]\nmax = 2026-02-30\n", "暦にない"),
    "the last moment of all": (announced("9999-12-31T23:59:59+00:00"), "何千年"),
    "the first moment of all": (announced("0001-01-01T00:00:00+14:00"), "何千年"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "UTF-8"),
    "no table": (b"[1, 2]", ""),
}


@pytest.mark.proves("P8")
@pytest.mark.parametrize("what", HOSTILE)
def test_each_command_says_what_is_wrong_with_its_line(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, said = HOSTILE[what]
    wrong, cases = tmp_path / "wrong.toml", tmp_path / "cases.toml"
    wrong.write_bytes(data)
    cases.write_bytes(CASES + CASE.encode())
    for words, code in ((["check"], 1), (["explain"], 1), (["try", "--json"], 2), (["try"], 2)):
        files_of = [str(wrong), *([str(cases)] if "try" in words else [])]
        assert main(["rules", *words, *files_of]) == code
        told = capsys.readouterr()
        told.out.encode()
        if "--json" in words:
            problems = json.loads(told.out)["problems"]
            assert all(one["line"] >= 1 and one["words"] for one in problems)
        else:
            assert told.out == ""
            assert f"{wrong}:" in told.err
            assert said in told.err
    assert main(["rules", "try", str(_rules(tmp_path)), str(wrong)]) == 2
    assert f"{wrong}:" in capsys.readouterr().err


def _rules(folder: Path) -> Path:
    path = folder / "rules.toml"
    path.write_bytes(RULES)
    return path


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    "written",
    [
        'now = "9999-12-31 23:59:59+00:00"',
        'now = "0001-01-01 00:00+14:00"',
        'date = "9999-12-31"',
        'children = [{ born = "0001-01-01" }]',
        'history = [{ date = "9999-12-31", hours = 3 }]',
        "trial_part = 99999999999999999999",
    ],
)
def test_a_case_at_the_end_of_all_time_is_told_with_its_line(
    written: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_bytes(CASES + f"{CASE}{written}\n".encode())
    assert main(["rules", "try", str(_rules(tmp_path)), str(cases)]) == 2
    line = (CASES.decode() + CASE).count("\n") + 1
    assert f"{cases}:{line}: cases[1]" in capsys.readouterr().err


@pytest.mark.proves("P8")
def test_a_file_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = _rules(tmp_path)
    for words, name, said in (
        (["check", str(tmp_path / "none.toml")], "none.toml", "ファイルがありません"),
        (["check", str(tmp_path)], "", "フォルダー"),
        (["explain", "/proc/self/mem"], "/proc/self/mem", "読む許可"),
        (["try", str(rules), str(tmp_path / "none.toml")], "none.toml", "ファイルがありません"),
    ):
        assert main(["rules", *words]) == (2 if words[0] == "try" else 1)
        told = capsys.readouterr()
        assert (told.out, said in told.err, name in told.err) == ("", True, True)


@pytest.mark.proves("P8")
def test_a_file_is_read_up_to_its_border() -> None:
    """What is one byte longer is refused unread, in words that name the size."""
    assert (files.LONGEST_FILE, read_cases.LONGEST_FILE) == (200_000, 4_000_000)
    for read, longest, begins in (
        (files.read_document, files.LONGEST_FILE, RULES),
        (read_cases.read_cases, read_cases.LONGEST_FILE, CASES + CASE.encode()),
    ):
        full = begins + b"#" * (longest - len(begins))
        assert read(full)
        with pytest.raises(WrongFile) as wrong:
            read(full + b"#")
        assert "ファイルが大きすぎます" in wrong.value.problems[0].words


@pytest.mark.proves("P8")
def test_a_name_that_goes_too_deep_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def takes_minutes(_written: str) -> None:
        pytest.fail("read")

    monkeypatch.setattr(tomllib, "loads", takes_minutes)
    with pytest.raises(WrongFile) as wrong:
        files.read_document(b"title = 'x'\n" + b"a." * 501 + b"b = 1\n")
    assert [(one.line, one.words) for one in wrong.value.problems] == [(2, NOT_READ)]


def test_lines_may_end_as_windows_ends_them() -> None:
    written = RULES + b'[texts]\nsummary = """\na\nb"""\n'
    read = files.read_document(written)
    assert files.read_document(written.replace(b"\n", b"\r\n")) == read
    assert read.texts.summary == "a\nb"


def test_a_name_that_leads_nowhere_is_refused_with_its_line() -> None:
    cap = b'[[caps]]\nmetric = "days"\namount = 9\nperiod = "month"\npurposes = ["jury"]\n'
    with pytest.raises(WrongFile) as wrong:
        files.read_document(b'[[purposes.types]]\ncode = "juror"\n' + cap)
    assert [(one.line, one.where) for one in wrong.value.problems] == [(7, "caps[1].purposes[1]")]


def test_a_block_that_the_rules_do_not_have_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "cases.toml"
    cases.write_bytes(b'[[cases]]\nname = "x"\nnow = "2026-11-10 09:00"\ndate = "2026-11-20"\n')
    with cases.open("a") as file:
        file.write('unit = "夜"\nchildren = [{ born = "2024-05-20" }]\n')
    assert main(["rules", "try", str(_rules(tmp_path)), str(cases)]) == 2
    said = capsys.readouterr().err
    assert f"{cases}:5: cases[1].unit：ケース「x」：「夜」という枠は" in said
    assert "きまりの units.blocks にありません" in said


def test_whoever_stops_reading_sees_no_mistake() -> None:
    """As with ``portal rules reference | head``: here nobody reads any more from the beginning."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "portal", "rules", "reference"]
    ended = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (ended.stderr, ended.returncode) == (b"", 0)


def test_a_mark_of_the_byte_order_is_no_mistake() -> None:
    assert files.read_document(b"\xef\xbb\xbf" + RULES) == files.read_document(RULES)
    assert files.read_document(b'\xef\xbb\xbf{"title": "x"}').title == "x"


def test_so_many_cases_are_one_file_and_no_more() -> None:
    def cases(number: int) -> bytes:
        return CASES + b"".join(b'[[cases]]\nname = "x"\n' for _each in range(number))

    assert len(read_cases.read_cases(cases(MOST_CASES)).cases) == MOST_CASES
    with pytest.raises(WrongFile) as wrong:
        read_cases.read_cases(cases(MOST_CASES + 1))
    (problem,) = wrong.value.problems
    assert problem.words == f"{MOST_CASES}個までにしてください。"
