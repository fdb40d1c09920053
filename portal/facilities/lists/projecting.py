"""One list's row in the columns of another: for exports, and to know a facility again.

What the other shape has a column for is written by its rules; the rest follows in columns of its
own, under the names it has. So nothing is lost, and the way back gives the same row.

A row that is of the target's shape already stays as it is, to the letter, but for what says whose
list it is and which facility: code, number, prefecture and municipality are filled in where the
list left them empty. Exports and comparisons both come through here, so that what was handed out
and is taken in again is no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.facilities.lists import ages, values
from portal.facilities.lists.columns import Shape, comparable
from portal.facilities.lists.hours import hours
from portal.facilities.rules import city_of, names_a_ward
from portal.kernel.municipalities import is_code, prefecture_of

_PREFECTURE: Final = re.compile(r"北海道|東京都|(?:京都|大阪)府|\D{2,3}県")
_FROM: Final = re.compile(r"(?:から|より|[~〜～])$")
#: Behind a time: ※1号認定は8：30.
_NOTE: Final = re.compile(r"[※(（].*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Listed:
    """A facility as a list told it: every cell by column name, and the shape of that list."""

    shape: Shape
    raw: Mapping[str, str]
    #: What the portal knows it by; stands in lists of a standard where the list gave no number.
    number: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The municipality whose list it is; empty where the portal does not know."""

    #: Six figures.
    code: str = ""
    #: 郡山市, without its prefecture.
    name: str = ""


NOBODY: Final = Body()


def project(listed: Listed, target: Shape, body: Body = NOBODY) -> dict[str, str]:
    """Return a facility's row as a list of shape ``target`` would write it."""
    raw, source = listed.raw, listed.shape
    cells = dict(raw) if source is target else _in_other_columns(raw, source, target)
    if target.is_national:
        _whose_it_is(cells, target, body)
        number = target.fields["number"]
        if not cells.get(number, "").strip():
            cells[number] = listed.number
    return cells


def _in_other_columns(raw: Mapping[str, str], source: Shape, target: Shape) -> dict[str, str]:
    cells = dict.fromkeys(target.columns, "")
    for name in target.fields.keys() & source.fields.keys():
        cells[target.fields[name]] = raw.get(source.fields[name], "")
    used = {source.fields[name] for name in target.fields.keys() & source.fields.keys()}
    cells[target.fields["address"]], building = values.whole_address(raw, source.fields)
    cells[target.fields["building"]] = building
    used |= {column for name, column in source.fields.items() if name.startswith("age_")}
    _ages(cells, raw, source, target)
    _flags(cells, raw, source, target)
    if target.is_national and not source.is_national:
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


def _whose_it_is(cells: dict[str, str], target: Shape, body: Body) -> None:
    """Say whose list it is, and in which municipality the facility lies, where no cell does.

    Whose list it is, the code of the row tells, then the municipality that keeps the list; the
    address only where neither is known. Where a facility lies, the address tells; what it leaves
    out (many begin with 郡山市, some with 桑野三丁目) only where it names no other municipality.
    """
    written = cells.get(target.fields["municipality_code"], "")
    code = values.municipality_code(written).value or body.code
    if is_code(code) and code != written:
        cells[target.fields["municipality_code"]] = code
    address, _building = values.whole_address(cells, target.fields)
    found = _PREFECTURE.match(address.strip())
    own_prefecture, city = found[0] if found else "", city_of(address) or ""
    is_the_bodys = code == body.code
    prefecture = prefecture_of(code) or own_prefecture
    name = body.name if is_the_bodys and body.name else city
    lies_there = is_the_bodys and _is_named(city, body.name)
    told = {
        "prefecture": prefecture,
        "city": name,
        "body": prefecture + name if name else "",
        "address_code": code if lies_there and not names_a_ward(address) else "",
        "address_prefecture": own_prefecture or (prefecture if lies_there else ""),
        "address_city": city or (name if lies_there else ""),
    }
    for field, text in told.items():
        column = target.fields.get(field)
        if column is not None and not cells.get(column, "").strip():
            cells[column] = text


def _is_named(city: str, name: str) -> bool:
    # Addresses of towns name their county too: 田村郡三春町.
    return name != "" and (city in {"", name} or city.endswith(f"郡{name}"))


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
