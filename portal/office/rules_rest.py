"""What a rules form has no field for, as text: no kind is lost by opening and saving a document."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.rulebooks.files import LONGEST_FILE
from portal.rulebooks.lean import as_toml, lean_kinds
from portal.rulebooks.problems import words_for
from portal.rulebooks.reading.mistakes import Path, WrongFile, line_of, place_words
from portal.rulebooks.reading.written import Written, read_written

#: Kinds that have fields of their own, as far as these reach, by how their section is called.
FORM_KINDS = {
    "title": "きまりの名前",
    "age": "だれが使えるか",
    "registration": "事前登録",
    "application": "申し込みの書類",
    "steps": "段階",
    "booking_window": "予約の期間",
    "units": "時間",
    "fee": "料金",
    "caps": "使える数の上限",
    "cancel": "取り消し",
    "no_show": "連絡のないお休み",
    "record": "児童票",
    "texts": "園の言葉",
}
_SHAPE = "format"


def usual(kind: str) -> Any:
    """Return what a document that says nothing of a kind holds for it."""
    return RulesDocument.model_fields[kind].get_default(call_default_factory=True)


def without(document: RulesDocument, kinds: Collection[str]) -> RulesDocument:
    """Return a document that says nothing of these kinds."""
    return document.model_copy(update={kind: usual(kind) for kind in kinds})


def said_kinds(document: RulesDocument) -> set[str]:
    """Return the kinds that a document says something of."""
    names = set(RulesDocument.model_fields) - {_SHAPE}
    return {kind for kind in names if getattr(document, kind) != usual(kind)}


def rest_text(document: RulesDocument, kinds: set[str]) -> str:
    """Return these kinds as text, empty for none."""
    return as_toml(lean_kinds(document, kinds)) if kinds else ""


class Rest:
    """The text as typed: what it says, and on which line it goes wrong."""

    def __init__(self, typed: str | None) -> None:
        #: Sentences about mistakes that leave nothing to read.
        self.mistakes: list[str] = []
        self._written = Written({}, {})
        if not (typed or "").strip():
            return
        try:
            self._written = read_written((typed or "").encode(), longest=LONGEST_FILE)
        except WrongFile as wrong:
            self.mistakes = [_line(one.line, one.words) for one in wrong.problems]

    @property
    def content(self) -> dict[str, Any]:
        """The kinds that the text says, as plain data."""
        return {name: part for name, part in self._written.content.items() if name != _SHAPE}

    def has(self, path: Path) -> bool:
        """Say whether a place of the document stands in the text."""
        return bool(path) and path[0] in self.content

    def said(self, path: Path, words: str) -> str:
        """Return what is wrong at a place, with its line in the text, and with what is missing."""
        if words == words_for({"type": "missing"}):
            said = _("%(place)s：%(name)s が書かれていません。書き加えてください。")
            words = said % {"place": place_words(path[:-1]), "name": path[-1]}
        return _line(line_of(path, self._written.lines), words)

    def twice(self, typed: dict[str, Any], blank: dict[str, Any]) -> list[str]:
        """Return a sentence for each kind that stands in its fields too.

        Args:
            typed: What the fields say.
            blank: What empty fields say.
        """
        both = [k for k in self.content if k in FORM_KINDS and typed.get(k) != blank.get(k)]
        words = _("「%(section)s」は、上の欄にも、ここにも書いてあります。どちらかを消してください")
        return [
            _line(line_of((kind,), self._written.lines), words % {"section": FORM_KINDS[kind]})
            for kind in both
        ]


def _line(line: int, words: str) -> str:
    return _("くわしいきまりの%(line)s行目：%(words)s") % {"line": line, "words": words}
