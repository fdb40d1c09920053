"""A record in lines: for a page, for the day's papers, and what became different. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.documents.dates import jdate
from portal.documents.i18n import resolved
from portal.families.record_parts import Kind, Question, Section
from portal.families.record_rules import Answers, masked
from portal.families.record_sections import (
    ALLERGIES,
    BY_KEY,
    DONE,
    FEEDING,
    FORBIDDEN,
    HABITS,
    HEALTH,
    NO,
    NOT_YET,
    OTHER,
    SLEEP,
    TOILET,
    YES,
)


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


@dataclass(frozen=True, slots=True)
class DayLines:
    """What the board and the day's paper show; ``allergies`` is ``None`` while nobody asked."""

    allergies: str | None
    conditions: str
    habits: str
    notes: str


def lines_of(section: Section, answers: Answers, *, bare: bool = False) -> list[Line]:
    """Return what a section says, in the order of its questions; nothing for what is unanswered.

    Args:
        bare: Numbers in full; the caller has written down that they were read.
    """
    return [
        _line(question, answers[question.key], bare=bare)
        for question in section.questions
        if answers.get(question.key)
    ]


def _line(question: Question, answer: object, *, bare: bool) -> Line:
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
            texts = [plain(_line(question, one, bare=False)) if one else "" for one in (was, now)]
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


#: What a line of the board calls an answer: it has less room than a page.
_SHORT = {
    "illnesses": "病歴",
    "fits": "けいれん",
    "fits_note": "さいごのけいれん",
    "medicine": "薬",
    "milk": "ミルク",
    "milk_amount": "量・時刻",
    "weaning": "離乳食",
    "nap_times": "昼ね",
    "stage": "トイレ",
    "calm": "泣いたら",
}


@dataclass(slots=True)
class _Words:
    """Gathers 「label：text」 of some questions of a section."""

    answers: Mapping[str, Answers]
    said: list[str] = field(default_factory=list)

    def take(self, section: Section, *keys: str, bare: bool = False) -> _Words:
        answers = self.answers.get(section.key, {})
        for key in keys:
            if answers.get(key):
                question = section.question(key)
                text = plain(_line(question, answers[key], bare=False))
                self.said.append(text if bare else f"{_SHORT.get(key, question.label)}：{text}")
        return self


def day_lines(answers: Mapping[str, Answers]) -> DayLines:
    """Return what the day needs of a record, from the answers by section. Closed ones are not."""
    health = _Words(answers).take(HEALTH, "conditions", bare=True)
    if answers.get(HEALTH.key, {}).get("fits") == YES:
        health.take(HEALTH, "fits", "fits_note")
    health.take(HEALTH, "medicine", "illnesses")
    life = _Words(answers).take(HABITS, "habits", bare=True)
    life.take(FEEDING, "milk", "milk_amount", "weaning").take(SLEEP, "nap_times", "nap_how")
    life.take(TOILET, "stage").take(HABITS, "calm")
    return DayLines(
        allergies=allergy_words(answers.get(ALLERGIES.key, {})),
        conditions="\n".join(health.said),
        habits="\n".join(life.said),
        notes="\n".join(_Words(answers).take(OTHER, "notes", bare=True).said),
    )


def allergy_words(answers: Answers) -> str | None:
    """Return the allergies in lines; empty: asked, and there are none; ``None``: not asked."""
    said = answers.get("has_allergies")
    if said not in {YES, NO}:
        return None
    foods = answers.get("foods") or []
    table = ALLERGIES.question("foods")
    lines = [str(answers.get("allergies") or "")]
    forbidden = [
        row["food"] + (f"（{row['reaction']}）" if row.get("reaction") else "")
        for row in foods
        if row.get("state") == FORBIDDEN
    ]
    if forbidden:
        lines.append(f"{table.columns[1].word(FORBIDDEN)}：{'、'.join(forbidden)}")
    if answers.get("other_allergies"):
        lines.append(f"食べもののほか：{answers['other_allergies']}")
    if said == YES:
        lines += [
            f"{ALLERGIES.question(key).label}：{answers[key]}"
            for key in ("what_to_do", "kept_medicine")
            if answers.get(key)
        ]
    return "\n".join(filter(None, lines))


def not_yet_eaten(answers: Answers) -> tuple[str, ...]:
    """Return foods that the child has not eaten yet: none of them is served for the first time."""
    rows = answers.get("foods") or ()
    return tuple(row["food"] for row in rows if row.get("state") == NOT_YET)


def doses_done(answers: Answers) -> tuple[int, int]:
    """Return how many vaccinations are done, and how many are asked for."""
    rows = answers.get("doses") or ()
    asked = BY_KEY["vaccinations"].question("doses").rows
    return sum(row.get("state") == DONE for row in rows), len(asked)
