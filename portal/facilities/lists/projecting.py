"""One list's row in the columns of another: for exports, and to know a facility again.

What the other shape has a column for is written by its rules; the rest follows in columns of its
own, under the names it has. So nothing is lost, and the way back gives the same row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from portal.facilities.lists import ages, values
from portal.facilities.lists.columns import Shape, comparable
from portal.facilities.lists.hours import hours
from portal.facilities.rules import city_of

_PREFECTURE: Final = re.compile(r"北海道|東京都|(?:京都|大阪)府|\D{2,3}県")
_FROM: Final = re.compile(r"(?:から|より|[~〜～])$")
#: Behind a time: ※1号認定は8：30.
_NOTE: Final = re.compile(r"[※(（].*", re.DOTALL)


def project(
    raw: Mapping[str, str], source: Shape, target: Shape, *, code: str = ""
) -> dict[str, str]:
    """Return a row of ``source`` as a list of shape ``target`` would write it.

    A row that is of that shape already stays as it is, to the letter.

    Args:
        code: The six figures of the municipality, for lists that do not say it.
    """
    if source is target:
        return dict(raw)
    cells = dict.fromkeys(target.columns, "")
    for name in target.fields.keys() & source.fields.keys():
        cells[target.fields[name]] = raw.get(source.fields[name], "")
    used = {source.fields[name] for name in target.fields.keys() & source.fields.keys()}
    cells[target.fields["address"]], building = values.whole_address(raw, source.fields)
    cells[target.fields["building"]] = building
    used |= {column for name, column in source.fields.items() if name.startswith("age_")}
    _ages(cells, raw, source, target)
    _flags(cells, raw, source, target)
    if target.is_national:
        _bodies(cells, target, code)
        if not source.is_national:
            _by_the_book(cells, raw, source, target)
    _own_columns(cells, raw, used)
    return cells


def _ages(cells: dict[str, str], raw: Mapping[str, str], source: Shape, target: Shape) -> None:
    start, until = (raw.get(source.fields[name], "") for name in ("age_from", "age_until"))
    in_one = [shape.fields["age_from"] == shape.fields["age_until"] for shape in (source, target)]
    if in_one == [True, False]:
        span = ages.age_span(start)
        cells[target.fields["age_from"]] = span.from_text or ""
        cells[target.fields["age_until"]] = span.until_text or ""
    elif in_one == [False, True]:
        cells[target.fields["age_from"]] = _from_until(start, until)


def _from_until(start: str, until: str) -> str:
    if values.is_not_given(start) and values.is_not_given(until):
        return ""
    start = "" if values.is_not_given(start) else _FROM.sub("", start.strip())
    if values.is_not_given(until):
        return f"{start}から"
    return f"{start}から{until.strip()}" if start else f"～{until.strip()}"


def _flags(cells: dict[str, str], raw: Mapping[str, str], source: Shape, target: Shape) -> None:
    written = raw.get(source.fields["has_temporary_care"], "")
    value = values.flag(written).value
    if value is not None:
        written = target.yes_no[0] if value else target.yes_no[1]
    elif target.is_national and values.is_not_given(written):
        written = ""
    cells[target.fields["has_temporary_care"]] = written


def _bodies(cells: dict[str, str], target: Shape, code: str) -> None:
    """Say whose list it is where the address does."""
    address = cells[target.fields["address"]]
    prefecture = _PREFECTURE.match(address.strip())
    told = {"municipality_code": code, "city": city_of(address) or ""}
    told["prefecture"] = prefecture[0] if prefecture else ""
    told["body"] = told["prefecture"] + told["city"]
    told |= {"address_prefecture": told["prefecture"], "address_city": told["city"]}
    for name, text in told.items():
        column = target.fields.get(name)
        if column is not None and not cells[column].strip():
            cells[column] = text


def _by_the_book(
    cells: dict[str, str], raw: Mapping[str, str], source: Shape, target: Shape
) -> None:
    """Write times, numbers and phones as the standard asks; nothing is left out."""
    column = target.fields
    _hours_by_the_book(cells, raw, source, target)
    for name in ("capacity", "kind", "url", "fax"):
        if values.is_not_given(cells[column[name]]):
            cells[column[name]] = ""
    capacity = values.capacity(cells[column["capacity"]]).value
    if capacity is not None:
        cells[column["capacity"]] = str(capacity)
    numbers = values.phones(cells[column["phone"]]).value or ()
    if len(numbers) > 1:
        cells[column["phone"]] = numbers[0]
        note = column.get("phone_note", column["note"])
        cells[note] = _and(cells[note], "電話：" + "、".join(numbers[1:]))


def _hours_by_the_book(
    cells: dict[str, str], raw: Mapping[str, str], source: Shape, target: Shape
) -> None:
    written = {name: raw.get(source.fields[name], "") for name in ("opens", "closes")}
    read = hours(written["opens"], written["closes"])
    note = target.fields["hours_note"]
    for name, label, minutes in (
        ("opens", "開始時間", read.opens.value),
        ("closes", "終了時間", read.closes.value),
    ):
        if values.is_not_given(written[name]):
            cells[target.fields[name]] = ""
        elif minutes is not None:
            cells[target.fields[name]] = f"{minutes // 60:02d}:{minutes % 60:02d}"
            if behind := _NOTE.search(written[name]):
                cells[note] = _and(cells[note], f"{label}{behind[0]}")


def _and(before: str, text: str) -> str:
    return f"{before}。{text}" if before else text


def _own_columns(cells: dict[str, str], raw: Mapping[str, str], used: set[str]) -> None:
    standard = {comparable(column): column for column in cells}
    for column, text in raw.items():
        if column in used or not text:
            continue
        same = standard.get(comparable(column))
        if same is None:
            cells[column] = text
        elif not cells[same]:
            cells[same] = text
        elif cells[same] != text:
            cells[f"{column}（もとの一覧）"] = text
