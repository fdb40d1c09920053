"""What may stand in a child's record, and when it is asked for again. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from portal.families.record_parts import Kind, Question, Section
from portal.families.record_sections import ALLERGIES, FORBIDDEN, HEALTH, NO, YES
from portal.families.rules import phone_digits
from portal.kernel.age import fiscal_year
from portal.kernel.errors import Reason
from portal.kernel.signs import has_control_character, on_one_line
from portal.kernel.wareki import western_year
from portal.policies.record import RecordRule

#: Answers of a section by question: a text, or rows of texts by column.
Answers = dict[str, Any]
_DAY = re.compile(r"([A-Z]?\d{1,4}|[^\d\s]{2}(?:\d{1,2}|元))[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


#: Degrees that a healthy child's body can have, with room for a thermometer that is off.
LIKELY_DEGREES = (34.0, 39.0)
#: "36.7度", "36.5〜36.8", "36度7分": numbers that say a temperature; others may stand besides.
_DEGREES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:度|°C|℃)|(\d+\.\d+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
#: Three months.
PHOTO_HOLDS = timedelta(days=92)


class RecordRefusal(StrEnum):
    """Why an answer of a record is not taken; sentences stand in ``documents/wording``."""

    SAY_YES_OR_NO = "say_yes_or_no"
    ALLERGY_UNNAMED = "allergy_unnamed"
    ALLERGY_NAMED = "allergy_named"
    FITS_UNTOLD = "fits_untold"
    TEMPERATURE_UNLIKELY = "temperature_unlikely"
    TOO_LONG = "too_long"
    UNSHOWN_SIGN = "unshown_sign"
    DAY_UNREADABLE = "day_unreadable"
    DAY_IN_FUTURE = "day_in_future"
    DAY_BEFORE_BIRTH = "day_before_birth"
    PHONE_UNREADABLE = "phone_unreadable"
    CHOICE_UNKNOWN = "choice_unknown"
    TOO_MANY_ROWS = "too_many_rows"
    ROW_WITHOUT_NAME = "row_without_name"
    COLUMN_MISSING = "column_missing"
    NOT_ASKED_YET = "not_asked_yet"
    RECEIVED_IN_FUTURE = "received_in_future"
    WRITTEN_MEANWHILE = "written_meanwhile"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one answer. ``row`` and ``column`` where it stands in a table."""

    reason: Reason
    key: str
    row: int | None = None
    column: str | None = None


def read_day(text: str) -> date | None:
    """Return the day of ``2026-05-01``, ``2026/5/1``, ``2026年5月1日`` or ``令和8年5月1日``."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).replace(" ", ""))
    if found is None:
        return None
    year = western_year(found[1]) or (int(found[1]) if re.fullmatch(r"\d{4}", found[1]) else 0)
    try:
        return date(year, int(found[2]), int(found[3]))
    except ValueError:
        return None


def normalised(section: Section, typed: Answers) -> Answers:
    """Return answers as they are kept: lines without breaks, days as ISO; no row is dropped."""
    found: Answers = {}
    for question in section.questions:
        answer = typed.get(question.key)
        if question.kind is Kind.TABLE:
            found[question.key] = [
                {each.key: _leaf(each, row.get(each.key) or "") for each in question.columns}
                for row in answer or ()
            ]
        else:
            found[question.key] = _leaf(question, answer or "")
    return found


def _leaf(question: Question, text: str) -> str:
    if question.kind is Kind.DAY:
        day = read_day(text)
        return day.isoformat() if day else text.strip()
    if question.kind is Kind.TEXT:
        return text if text.strip() else ""
    return on_one_line(text)


def compacted(section: Section, answers: Answers) -> Answers:
    """Return answers without what was left empty: ready to be kept."""
    found: Answers = {}
    for question in section.questions:
        answer = answers.get(question.key)
        if question.kind is Kind.TABLE:
            answer = [row for row in answer or () if is_filled(question, row)]
        if answer:
            found[question.key] = answer
    return found


def is_filled(table: Question, row: Mapping[str, str]) -> bool:
    """Say whether a row says something: the name that stands there from the start does not."""
    name, *others = (each.key for each in table.columns)
    return any(row.get(key) for key in others) or (
        bool(row.get(name)) and row.get(name) not in table.rows
    )


def faults(section: Section, answers: Answers, *, born_on: date | None, today: date) -> list[Fault]:
    """Return all that is wrong with normalised answers, in the order of the page."""
    found: list[Fault] = []
    for question in section.questions:
        answer = answers.get(question.key)
        if question.kind is Kind.TABLE:
            found += _in_table(question, answer or [], born_on, today)
            continue
        if question.is_required and not answer:
            found.append(Fault(Reason(RecordRefusal.SAY_YES_OR_NO), question.key))
        for code, values in _against(question, answer or "", born_on, today):
            found.append(Fault(_named(code, question, **values), question.key))
    if section is ALLERGIES:
        found += _about_allergies(answers)
    if section is HEALTH:
        found += _about_health(answers)
    return found


def _in_table(
    table: Question, rows: list[dict[str, str]], born_on: date | None, today: date
) -> Iterator[Fault]:
    filled = [number for number, row in enumerate(rows) if is_filled(table, row)]
    name = table.columns[0]
    if len(filled) > table.most:
        yield Fault(
            _named(RecordRefusal.TOO_MANY_ROWS, table, limit=table.most, count=len(filled)),
            table.key,
            filled[table.most],
            name.key,
        )
    for number in filled:
        row = rows[number]
        if not row.get(name.key):
            yield Fault(_named(RecordRefusal.ROW_WITHOUT_NAME, name), table.key, number, name.key)
        for column in table.columns:
            text = row.get(column.key) or ""
            if column.is_required and not text:
                yield Fault(
                    _named(RecordRefusal.COLUMN_MISSING, column), table.key, number, column.key
                )
            for code, values in _against(column, text, born_on, today):
                yield Fault(_named(code, column, **values), table.key, number, column.key)


def _against(
    question: Question, text: str, born_on: date | None, today: date
) -> Iterator[tuple[RecordRefusal, dict[str, object]]]:
    if not text:
        return
    if len(text) > question.limit:
        yield RecordRefusal.TOO_LONG, {"limit": question.limit, "count": len(text)}
    if has_control_character(text, lines=question.kind is Kind.TEXT):
        yield RecordRefusal.UNSHOWN_SIGN, {}
    elif question.kind is Kind.CHOICE and text not in dict(question.choices):
        yield RecordRefusal.CHOICE_UNKNOWN, {}
    elif question.kind is Kind.PHONE and phone_digits(text) is None:
        yield RecordRefusal.PHONE_UNREADABLE, {}
    elif question.kind is Kind.DAY:
        day = read_day(text)
        if day is None:
            yield RecordRefusal.DAY_UNREADABLE, {}
        elif day > today:
            yield RecordRefusal.DAY_IN_FUTURE, {}
        elif born_on is not None and day < born_on:
            yield RecordRefusal.DAY_BEFORE_BIRTH, {"born_on": born_on}


def _about_allergies(answers: Answers) -> Iterator[Fault]:
    said = answers.get("has_allergies")
    forbidden = any(row.get("state") == FORBIDDEN for row in answers.get("foods") or ())
    named = bool(answers.get("allergies"))
    if said == YES and not (named or forbidden):
        yield Fault(Reason(RecordRefusal.ALLERGY_UNNAMED), "allergies")
    if said == NO and (named or forbidden):
        yield Fault(Reason(RecordRefusal.ALLERGY_NAMED), "has_allergies")


def _about_health(answers: Answers) -> Iterator[Fault]:
    if answers.get("fits") == YES and not answers.get("fits_note"):
        yield Fault(Reason(RecordRefusal.FITS_UNTOLD), "fits_note")
    lowest, highest = LIKELY_DEGREES
    if any(not lowest <= each <= highest for each in _degrees(answers.get("temperature") or "")):
        question = HEALTH.question("temperature")
        yield Fault(_named(RecordRefusal.TEMPERATURE_UNLIKELY, question), question.key)


def _degrees(text: str) -> list[float]:
    """Return the temperatures that a text names; a number alone is one, with or without a sign."""
    plain = unicodedata.normalize("NFKC", text)
    found = [first or second for first, second in _DEGREES.findall(plain)]
    return [float(each) for each in found or _NUMBER.findall(plain)]


def _named(code: RecordRefusal, question: Question, **values: object) -> Reason:
    return Reason(code, {"label": question.label, **values})


class AskAgain(StrEnum):
    """Why a record is asked for once more."""

    NEVER = "never"  # nobody has filled it in, or not since the birth
    NEW_YEAR = "new_year"  # another fiscal year has begun
    OLD = "old"  # older than the rules allow


def ask_again(confirmed_on: date | None, rule: RecordRule, *, on: date) -> AskAgain | None:
    """Return why a record last confirmed on a day is asked for again; ``None``: it still holds."""
    if confirmed_on is None:
        return AskAgain.NEVER
    if rule.each_fiscal_year and fiscal_year(confirmed_on) < fiscal_year(on):
        return AskAgain.NEW_YEAR
    within = rule.confirm_within_days
    if within is not None and (on - confirmed_on).days > within:
        return AskAgain.OLD
    return None


def photo_is_old(photo_on: date | None, *, today: date) -> bool:
    """Say whether a photo of somebody who picks up is asked for anew: faces and hair change."""
    return photo_on is not None and today - photo_on > PHOTO_HOLDS


def masked(number: str) -> str:
    """Return a number with its last four signs alone; a short one shows nothing."""
    plain = unicodedata.normalize("NFKC", number)
    return f"••••{plain[-4:]}" if len(plain) > 4 else "••••"  # noqa: PLR2004 - the last four
