from __future__ import annotations

import ast
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policies.document import load_template, template_names
from portal.rulebooks.differences import differences
from portal.rulebooks.files import read_document, write_document
from portal.rulebooks.problems import sentences
from portal.rulebooks.reading.mistakes import WrongFile

POLICIES = Path(__file__).parents[2] / "portal/policies"
#: Raised at a caller's mistake, never at what somebody wrote.
OF_CALLERS = {"case.py", "document.py"}


@pytest.mark.parametrize("name", template_names())
def test_a_written_document_is_read_as_it_was(name: str) -> None:
    assert read_document(write_document(load_template(name)).encode()) == load_template(name)


def problems(written: str | bytes) -> list[tuple[int, str, str]]:
    data = written if isinstance(written, bytes) else written.encode()
    with pytest.raises(WrongFile) as caught:
        read_document(data)
    return [(one.line, one.where, one.words) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"value": 57', '"value": -3', "age.min.value"),
        ('"yen": 400', '"yen": "ただ"', "fee.tariff.bands[2].yen"),
        ('"late_online"', '"late_onlin"', "cancel.late_onlin"),
        ('"at": "09:00"', '"at": "25:00"', "booking_window.opens.at"),
        ('"kind": "percent"', '"kind": "share"', "cancel.late_fee.kind"),
        ('"day": 15', '"day": 31', "booking_window.opens.day"),
        ('"below_age": 1', '"below_age": 99', "fee.tariff.bands[1].below_age"),
    ],
)
def test_a_mistake_is_named_with_the_line_it_stands_on(old: str, new: str, where: str) -> None:
    written = write_document(load_template("municipal-strict")).replace(old, new)
    line = next(n for n, text in enumerate(written.splitlines(), 1) if new in text)
    assert (line, where) in [(at, place) for at, place, _ in problems(written)]


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ('{\n"format": 1,\n}', 3),
        ('{"title": "x"\n "age": 3}', 2),
        ("[1, 2]", 1),
        (b'{\n"title": "\xff"}', 2),
        ("NaN", 1),
        ("[" * 100_000, 1),
        # A name that goes deep takes minutes to read, by the square of its dots.
        ("title = 'x'\n" + "a." * 2_000 + "b = 1", 2),
        ("", 1),
        ("x" * 300_000, 1),
        ('{"fee": {"tariff": {"kind": "hourly",\n "bands": [{"below_age": 5, "yen": 1}]}}}', 2),
    ],
)
def test_what_is_no_document_is_refused_in_words(written: str | bytes, line: int) -> None:
    found = problems(written)
    assert found[0][0] == line
    assert all(words.endswith("。") or "：" in words for _, _, words in found)


KEYS = ["age", "min", "fee", "tariff", "kind", "bands", "cancel"]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
)


@given(ANYTHING)
def test_any_json_is_a_document_or_is_refused_with_lines(content: object) -> None:
    written = json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    with suppress(WrongFile):
        read_document(written)
        return
    with pytest.raises(WrongFile) as caught:
        read_document(written)
    found = caught.value.problems
    lines = written.count(b"\n") + 1
    assert all(1 <= one.line <= lines and one.words for one in found)


def test_every_objection_of_the_rules_has_its_sentence() -> None:
    raised, written = set(), set()
    for file in POLICIES.glob("*.py"):
        if file.name in OF_CALLERS:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                written.add(_objection(node))
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                of = node.exc.args[0] if node.exc.args else None
                is_said = isinstance(of, ast.Constant | ast.JoinedStr)
                if ast.unparse(node.exc.func) == "ValueError" and is_said and of is not None:
                    raised.add(_objection(of))
    assert raised - set(sentences()) == set()
    assert set(sentences()) - written == set()


def _objection(node: ast.expr) -> str:
    """The text as the sentences know it: a value after a colon is left out."""
    words = ast.unparse(node).replace("{CELLS - 1}", "47").removeprefix("f")
    return words.strip("'\"").partition(": {")[0]


def test_differences_are_told_in_the_words_of_families() -> None:
    before, after = load_template("hourly-standard"), load_template("half-day")
    assert differences(before, before) == []
    by_term = {one.term: one for one in differences(before, after)}
    assert by_term["預かりの時間"].before.startswith("30分きざみ")
    assert by_term["預かりの時間"].after.startswith("午前")
    assert by_term["取り消し"].after.endswith("1人 500円がかかります。")
