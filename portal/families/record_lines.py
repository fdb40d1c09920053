"""A record in lines: for a page, and what became different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.documents.dates import jdate
from portal.documents.i18n import resolved
from portal.families.record_parts import Kind, Question, Section
from portal.families.record_rules import Answers, masked


@dataclass(frozen=True, slots=True)
class Line:
    """One answer to be shown: label and choice as their Japanese keys, texts as typed."""

    key: str
    label: str
    text: str = ""
    #: Whether ``text`` is one of our own words, to be shown in the reader's language.
    is_word: bool = False
    #: Rows of a table: what each is about, and what is said of it.
    rows: tuple[tuple[str, str], ...] = ()
    is_phone: bool = False
    #: The phone of each row, where the table has one.
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """An answer that reads otherwise than before; empty where there was or is none."""

    section: Section
    label: str
    before: str
    after: str


def lines_of(section: Section, answers: Answers, *, bare: bool = False) -> list[Line]:
    """Return what a section says, in the order of its questions; nothing for what is unanswered.

    Args:
        bare: Numbers in full; the caller has written down that they were read.
    """
    return [
        line_of(question, answers[question.key], bare=bare)
        for question in section.questions
        if answers.get(question.key)
    ]


def line_of(question: Question, answer: object, *, bare: bool) -> Line:
    """Return one answer to be shown; ``bare`` as in ``lines_of``."""
    if question.kind is Kind.TABLE and isinstance(answer, list):
        name = question.columns[0].key
        phone = next((each.key for each in question.columns if each.kind is Kind.PHONE), None)
        return Line(
            question.key,
            question.label,
            rows=tuple((row.get(name, ""), _row_words(question, row)) for row in answer),
            phones=tuple(row.get(phone, "") for row in answer) if phone else (),
        )
    text = str(answer)
    if question.kind is Kind.CHOICE:
        return Line(question.key, question.label, question.word(text), is_word=True)
    if question.kind is Kind.DAY:
        text = _day(text)
    if question.kind is Kind.NUMBER and not bare:
        text = masked(text)
    return Line(question.key, question.label, text, is_phone=question.kind is Kind.PHONE)


def _row_words(table: Question, row: Mapping[str, str]) -> str:
    said = []
    for column in table.columns[1:]:
        text = row.get(column.key) or ""
        if column.kind is Kind.CHOICE and text:
            text = resolved(column.word(text))
        elif column.kind is Kind.DAY and text:
            text = _day(text)
        said.append(text)
    return "　".join(filter(None, said))


def _day(iso: str) -> str:
    try:
        return jdate(date.fromisoformat(iso))
    except ValueError:
        return iso


def plain(line: Line) -> str:
    """Return what a line says as one text, for a comparison."""
    if line.rows:
        return "\n".join("　".join(filter(None, row)) for row in line.rows)
    return line.text


def changes(section: Section, before: Answers | None, after: Answers) -> list[Change]:
    """Return what reads otherwise, question by question; rows of a table row by row."""
    found = []
    old = before or {}
    for question in section.questions:
        was, now = old.get(question.key), after.get(question.key)
        if (was or None) == (now or None):
            continue
        if question.kind is Kind.TABLE:
            found += _changed_rows(section, question, was or [], now or [])
        else:
            texts = [plain(line_of(question, one, bare=False)) if one else "" for one in (was, now)]
            found.append(Change(section, question.label, *texts))
    return found


def _changed_rows(
    section: Section, table: Question, was: list[dict[str, str]], now: list[dict[str, str]]
) -> list[Change]:
    name = table.columns[0].key
    before = {row.get(name, ""): _row_words(table, row) for row in was}
    after = {row.get(name, ""): _row_words(table, row) for row in now}
    found = [
        Change(section, about, before.get(about, ""), after.get(about, ""))
        for about in dict.fromkeys([*after, *before])
        if before.get(about) != after.get(about)
    ]
    if not found:  # the same rows in another order: whom to call first
        found.append(Change(section, table.label, "、".join(before), "、".join(after)))
    return found
