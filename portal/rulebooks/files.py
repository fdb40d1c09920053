"""A rules document as a file: written out to be read, and read with the line of every mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.rulebooks.problems import Path, problems_of

#: Bytes; a document with every text filled to the brim is a tenth of it.
LONGEST_FILE = 200_000


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A mistake: its line from 1, where it is in the document, what is wrong."""

    line: int
    where: str
    words: str


class NotRules(Exception):  # noqa: N818 - an answer, not an error
    """A file that is no rules document. Carries every mistake with its line."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def write_document(document: RulesDocument) -> str:
    """Return a document as text that people can read and change; kinds left out stay out."""
    content = document.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_document(data: bytes) -> RulesDocument:
    """Return the document of a file.

    Raises:
        NotRules: with every mistake that can be found at once.
    """
    if len(data) > LONGEST_FILE:
        raise NotRules(
            [
                FileProblem(
                    1, "", _("ファイルが大きすぎます。きまりのファイルかどうかを確かめてください。")
                )
            ]
        )
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = data[: wrong.start].count(b"\n") + 1
        raise NotRules(
            [FileProblem(line, "", _("文字が読み取れません。UTF-8の形で保存しなおしてください。"))]
        ) from None
    try:
        content = json.loads(written, parse_constant=_no_constant)
    except json.JSONDecodeError as wrong:
        raise NotRules([FileProblem(wrong.lineno, "", _shape_words(wrong))]) from None
    except (RecursionError, ValueError):
        raise NotRules([FileProblem(1, "", _("きまりのファイルとして読めません。"))]) from None
    if r"\u0000" in json.dumps(content):  # the database cannot keep it in a document
        words = _("画面に出ない特別な文字が入っています。その文字を消してください")
        raise NotRules([FileProblem(1, "", words)])
    try:
        return RulesDocument.model_validate_json(json.dumps(content))
    except ValidationError as error:
        lines = dict(_lines(written))
        found = [
            FileProblem(_line_of(problem.path, lines), _where(problem.path), problem.words)
            for problem in problems_of(error)
        ]
        raise NotRules(sorted(found, key=lambda one: one.line)) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _shape_words(wrong: json.JSONDecodeError) -> str:
    said = {
        "Expecting property name enclosed in double quotes": _(
            '名前を " " でかこんでください。最後の行のあとの「,」が余っているかもしれません。'
        ),
        "Expecting ',' delimiter": _(
            "「,」か、閉じるかっこが足りません。前の行の終わりも見てください。"
        ),
        "Expecting ':' delimiter": _("名前のあとに「:」を書いてください。"),
        "Expecting value": _("値がありません。「,」が余っているか、書き忘れがあります。"),
        "Extra data": _("終わりのあとに、余分な文字があります。"),
        "Invalid control character at": _('改行の前で " が閉じていません。'),
        "Unterminated string starting at": _('" が閉じていません。'),
    }
    return said.get(wrong.msg, _("書き方が読み取れません。かっこと「,」を確かめてください。"))


def _line_of(path: Path, lines: dict[Path, int]) -> int:
    """Return the line of a place, or of the nearest thing around it that is written."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _where(path: Path) -> str:
    """Return ``fee.per_use[2].yen``, counted from 1 as people do."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


#: What the text of a document is made of, blanks and colons apart.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+')


def _lines(written: str) -> Iterator[tuple[Path, int]]:
    """Yield where every key and every member of a list stands. The text is known to be JSON."""
    open_ones: list[_Open] = []
    line, seen = 1, 0
    for token in _TOKEN.finditer(written):
        line += written.count("\n", seen, token.start())
        seen = token.start()
        sign, inside = token[0], open_ones[-1] if open_ones else None
        if sign in {"}", "]"}:
            open_ones.pop()
        elif sign == ",":
            if inside:
                inside.next()
        else:
            if inside and inside.takes(sign):
                yield tuple(one.key for one in open_ones), line
            if sign in {"{", "["}:
                open_ones.append(_Open(is_list=sign == "["))


class _Open:
    """A list or an object that is being read, and the member at which it is."""

    def __init__(self, *, is_list: bool) -> None:
        self.is_list = is_list
        self.key: str | int = 0
        self._waits_for_key = not is_list

    def next(self) -> None:
        """Go on to the next member."""
        if self.is_list and isinstance(self.key, int):
            self.key += 1
        self._waits_for_key = not self.is_list

    def takes(self, token: str) -> bool:
        """Say whether a token begins a member: a key, or a value in a list."""
        if self.is_list:
            return True
        if not self._waits_for_key:
            return False
        self.key, self._waits_for_key = json.loads(token), False
        return True
