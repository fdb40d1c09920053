"""A text in TOML or JSON as plain data, with the line of everything in it. Pure."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from portal.documents.i18n import gettext as _
from portal.rulebooks.reading.json_lines import json_lines
from portal.rulebooks.reading.mistakes import FileProblem, Path, WrongFile, place_words
from portal.rulebooks.reading.syntax_words import json_words, toml_words
from portal.rulebooks.reading.toml_lines import toml_lines

#: No name goes so deep. To read one, ``tomllib`` takes time by the square of its dots: minutes, for
#: a line as long as a file may be.
_MOST_DOTS = 500


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says: plain data without dates or times of its own, and where it stands."""

    content: Any
    lines: dict[Path, int]


def read_written(data: bytes, *, longest: int) -> Written:
    """Return what a file in TOML or JSON says; what begins with ``{`` is JSON.

    Dates and times that TOML knows become the texts a document holds: ``2026-04-01``, ``09:00``.

    Args:
        longest: More bytes than this are refused unread.

    Raises:
        WrongFile: it cannot be read, or says something twice.
    """
    if len(data) > longest:
        raise _wrong(_("ファイルが大きすぎます。きまりのファイルかどうかを確かめてください。"))
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        said = _("文字が読み取れません。UTF-8の形で保存しなおしてください。")
        raise _wrong(said, line) from None
    if not written.strip():
        raise _wrong(_("何も書かれていません。"))
    read = _read_json if written.lstrip().startswith("{") else _read_toml
    found = read(written.replace("\r\n", "\n"))
    if not _is_text(found.content):
        raise _wrong(_("画面に出ない特別な文字が入っています。その文字を消してください"))
    return found


def _is_text(content: Any) -> bool:
    """Say whether there is neither a sign 0, which the database cannot keep, nor half a sign."""
    said = json.dumps(content, ensure_ascii=False)
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return r"\u0000" not in said


def _read_json(written: str) -> Written:
    try:
        content = json.loads(written, parse_constant=_no_constant)
    except json.JSONDecodeError as wrong:
        raise _wrong(json_words(wrong), wrong.lineno) from None
    except (RecursionError, ValueError):
        raise _wrong(_("きまりのファイルとして読めません。")) from None
    return Written(content, _each_once(json_lines(written)))


def _read_toml(written: str) -> Written:
    for number, said_there in enumerate(written.split("\n"), start=1):
        if said_there.count(".") > _MOST_DOTS:
            raise _wrong(_("きまりのファイルとして読めません。"), number)
    try:
        content = _plain(tomllib.loads(written))
    except tomllib.TOMLDecodeError as wrong:
        line, said = toml_words(wrong, written)
        raise _wrong(said, line) from None
    except (RecursionError, ValueError):
        raise _wrong(_("きまりのファイルとして読めません。")) from None
    return Written(content, toml_lines(written))


def _each_once(places: Iterable[tuple[Path, int]]) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    twice = []
    for path, line in places:
        if path in lines:
            said = _("同じ名前が2つあります。1つにしてください。")
            twice.append(FileProblem(line, place_words(path), said))
        lines.setdefault(path, line)
    if twice:
        raise WrongFile(twice)
    return lines


def _plain(value: Any) -> Any:
    """Return a value of TOML as JSON has it.

    Raises:
        ValueError: a number that is none.
    """
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        json.dumps(value, allow_nan=False)
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _wrong(words: str, line: int = 1) -> WrongFile:
    return WrongFile([FileProblem(line, "", words)])
