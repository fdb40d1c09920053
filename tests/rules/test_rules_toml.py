from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policies.document import load_template, template_names
from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile
from portal.rulebooks.reading.toml_lines import toml_lines
from portal.rulebooks.reference.words_of_types import toml_value


def problems(written: str) -> list[FileProblem]:
    with pytest.raises(WrongFile) as caught:
        read_document(written.encode())
    return caught.value.problems


WRITTEN = '''# a town
title = """
two lines # no comment, [no table]
"""
[age]
min = { unit = "months", value = 6 }  # six
"max" = { unit = 'school_entry' }

[ fee . tariff ]
kind = "hourly"
bands = [
  { below_age = 3, yen = 500 },  # small
  # between
  { yen = 400 },
]
[[fee.per_use]]
label = "a \\" [b]"
yen = 300
[[fee.per_use]]
label = 'c # d'
at.x.y = 2026-04-01 09:00:00
[[fee.per_use.inner]]
z = [[1, 2], ["3", [4]]]
[fee.per_use.last]
w = \'\'\'
long'x
\'\'\'
'''


def test_lines_of_toml_are_found() -> None:
    lines = toml_lines(WRITTEN)
    assert lines["title",] == 2
    assert lines["age",] == 5
    assert lines["age", "min", "value"] == 6
    assert lines["age", "max", "unit"] == 7
    assert lines["fee", "tariff", "bands"] == 11
    assert lines["fee", "tariff", "bands", 1, "yen"] == 14
    assert lines["fee", "per_use", 0, "label"] == 17
    assert lines["fee", "per_use", 1] == 19
    assert lines["fee", "per_use", 1, "at", "x", "y"] == 21
    assert lines["fee", "per_use", 1, "inner", 0, "z", 1, 1, 0] == 23
    assert lines["fee", "per_use", 1, "last", "w"] == 25


def paths(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(content, dict):
        for name, inner in content.items():
            yield from paths(inner, (*path, name))
    elif isinstance(content, list):
        for number, inner in enumerate(content):
            yield from paths(inner, (*path, number))


def test_nothing_of_a_file_is_without_line() -> None:
    assert set(paths(tomllib.loads(WRITTEN))) == set(toml_lines(WRITTEN))


plain = st.booleans() | st.integers(-9, 9) | st.text("ab\"'#[]{}=,\\\n日", max_size=6)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("klm"), values, max_size=3), st.sampled_from(["", "top"]))
def test_any_toml_is_gone_through_as_tomllib_reads_it(content: dict[str, Any], header: str) -> None:
    top = (header,) if header else ()
    header = f"[{header}]\n" if header else ""
    written = header + "".join(f"{name} = {toml_value(v)} # x\n" for name, v in content.items())
    lines = toml_lines(written)
    assert set(lines) == set(paths(tomllib.loads(written)))
    for number, name in enumerate(content, start=1 + len(top)):
        assert lines[*top, name] == number


@pytest.mark.parametrize("name", template_names())
def test_toml_and_json_say_the_same(name: str) -> None:
    content = load_template(name).model_dump(mode="json", exclude_unset=True)
    written = "".join(f"{key} = {toml_value(value)}\n" for key, value in content.items())
    assert read_document(written.encode()) == load_template(name)


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        ('title = "x"\n[cancel]\nfree_until = { days = 1, at = 17:00 }', 3, '"09:00"'),
        ("title = まち", 1, 'ことばは " " でかこんで'),
        ("[fee.tariff]\nkind = hourly", 2, '" "'),
        ('title = "x\n', 1, "閉じていません"),
        ('title = "x"\ntitle = "y"', 2, "2つ"),
        ("[age]\n[cancel]\n[age]", 3, "[[age]]"),
        ("title＝1", 1, "「＝」"),
        ("title = “x”", 1, "「“」"),
        ('title = "x",', 1, "1行に1つ"),
        ("caps = [1, 2", 1, "]"),
        ("age = { min = 1\n}", 1, "1行"),
        ("[age\nmin = 1", 1, "見出し"),
        ('title = "a\\q"', 1, "「\\\\」"),
        ("title", 1, "「=」"),
        ("", 1, "何も書かれていません"),
        (" \n", 1, "何も書かれていません"),
        ('{"title": "a",\n "title": "b"}', 2, "2つ"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_line_and_remedy(
    written: str, line: int, said: str
) -> None:
    found = problems(written)
    assert found[0].line == line
    assert said in found[0].words


@pytest.mark.parametrize(
    ("written", "line", "where", "said"),
    [
        # the word that was meant
        ("[cancel]\nlate_onlin = true", 2, "cancel.late_onlin", "late_online"),
        # the place where it belongs
        ('[age]\ntitle = "x"', 2, "age.title", "いちばん上"),
        ("[fee]\nbands = []", 2, "fee.bands", "fee.tariff"),
        # nothing like it
        ("[age]\nxyzzy = 1", 2, "age.xyzzy", "ここに書けるのは"),
        # another form
        ("[age]\nmin = 6", 2, "age.min", "{ }"),
        ('[units]\nmax_minutes = "long"', 2, "units.max_minutes", "数字"),
        ("[units]\nmax_minutes = 5000", 2, "units.max_minutes", "1440以下"),
        ('[fee]\ntariff = { kind = "hourly" }', 2, "fee.tariff.bands", "書き加えて"),
        ("[fee]\ntariff = { bands = [] }", 2, "fee.tariff.kind", "kind"),
        # a kind that is also the name of a field
        (
            '[cancel.late_fee]\nkind = "percent"\npercent = 50\nof = "all"',
            4,
            "cancel.late_fee.of",
            "care",
        ),
        (
            '[[variants]]\nname = "x"\nwhen = { holidays = true }\nunits = { max_minute = 3 }',
            4,
            "variants[1].units.max_minute",
            "max_minutes",
        ),
    ],
)
def test_a_field_that_is_wrong_is_named_with_place_and_remedy(
    written: str, line: int, where: str, said: str
) -> None:
    told = {(one.line, one.where): one.words for one in problems(written)}
    assert said in told[line, where]


def test_every_mistake_is_told_at_once_in_the_order_of_the_file() -> None:
    found = problems("[units]\nmax_minutes = 0\n[age]\nmin = 3\n[cancel]\nwrong = 1")
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert {one.where for one in found} >= {"units.max_minutes", "age.min", "cancel.wrong"}


def test_dates_and_times_need_no_quotes() -> None:
    quoted = '[hours]\ndays = [{ from = "2026-10-10", closed = true }]'
    assert read_document(quoted.encode()) == read_document(quoted.replace('"', "").encode())
    written = b"[cancel]\nfree_until = { days = 1, at = 17:00:00 }"
    assert (
        read_document(written).cancel
        == read_document(written.replace(b"17:00:00", b'"17:00"')).cancel
    )


@given(st.text("[]{}=.,\"'#\n a1:-", max_size=30))
def test_no_text_at_all_ends_in_a_trace(written: str) -> None:
    found: list[FileProblem] = []
    try:
        read_document(written.encode())
    except WrongFile as wrong:
        found = wrong.problems
    lines = written.count("\n") + 1
    assert [one for one in found if not 1 <= one.line <= lines or not one.words] == []
