"""A section of the record as a form, made from its questions, for families and for staff."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import request
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal.documents.i18n import gettext as _
from portal.documents.i18n import resolved
from portal.documents.wording.sentences import sentence
from portal.families.forms import ReceiptFields
from portal.families.record_parts import Kind, Question, Section
from portal.families.record_rules import Answers, Fault, RecordRefusal, faults, masked, normalised
from portal.families.record_store import Part
from portal.kernel.errors import Reason, Refusal
from portal.web.forms import PortalForm

#: Empty rows below what is known, and the fewest that are offered at all.
_MORE_ROWS, _FEWEST_ROWS = 2, 4
#: Rows that are read of what is sent: far above what any table takes.
_MOST_SENT = 200
_FORGET = "_forget"


class SectionForm(PortalForm):
    """One section; ``of`` makes it. Rows of a table are ``<question>-<number>-<column>``."""

    #: When what is shown was written: whoever was slower is told.
    seen = HiddenField()
    section: Section
    row_counts: dict[str, int]
    #: Whether another wrote the section while this one was being typed.
    is_meanwhile = False
    born_on: date | None = None
    today: date

    @classmethod
    def of(cls, part: Part, *, born_on: date | None, today: date) -> Any:
        """Return the form of a section, filled with what is kept or with what was sent.

        What nobody has confirmed is not proposed for a required choice: it must be said anew.
        """
        section, answers, asks = part.section, part.answers, part.confirmed_on is None
        fields: dict[str, Any] = {}
        data: dict[str, Any] = {"seen": part.written_at.isoformat() if part.written_at else ""}
        counts: dict[str, int] = {}
        for question in section.questions:
            kept = answers.get(question.key)
            if question.is_old and not kept and question.key not in request.form:
                continue
            if question.kind is Kind.TABLE:
                rows = _rows(question, kept or [])
                counts[question.key] = max(len(rows), _sent_rows(question))
                for number in range(counts[question.key]):
                    row = rows[number] if number < len(rows) else {}
                    for column in question.columns:
                        name = f"{question.key}-{number}-{column.key}"
                        fields[name] = _field(column, in_table=True)
                        data[name] = row.get(column.key, "")
                continue
            fields[question.key] = _field(question)
            is_shown = question.kind is not Kind.NUMBER and not (asks and question.is_required)
            data[question.key] = kept if is_shown else None
            if question.kind is Kind.NUMBER and kept:
                fields[question.key].kwargs["description"] = masked(kept)
                fields[question.key + _FORGET] = BooleanField(_("登録してある番号を消す"))
        kind = type(cls.__name__, (cls,), fields)
        form = kind(data=data)
        form.section, form.row_counts = section, counts
        form.born_on, form.today = born_on, today
        return form

    def answers(self) -> Answers:
        """Return what was typed, by question."""
        found: Answers = {}
        for question in self.section.questions:
            if question.kind is Kind.TABLE:
                found[question.key] = [
                    {
                        column.key: self._text(f"{question.key}-{number}-{column.key}")
                        for column in question.columns
                    }
                    for number in range(self.row_counts[question.key])
                ]
            elif question.key in self._fields:
                found[question.key] = self._text(question.key)
        return found

    def _text(self, name: str) -> str:
        return str(self._fields[name].data or "")

    @property
    def forget(self) -> frozenset[str]:
        """The questions whose stored number is to go."""
        return frozenset(
            question.key
            for question in self.section.questions
            if question.key + _FORGET in self._fields and self._fields[question.key + _FORGET].data
        )

    @property
    def seen_at(self) -> datetime | None:
        """When what the writer saw was written; ``None`` where nothing was, or it is unreadable."""
        try:
            found = datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None
        return found if found.tzinfo else None

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show every reason above the form, and remember whether somebody else was faster."""
        super().explain(refusal, sentence)
        self.is_meanwhile = RecordRefusal.WRITTEN_MEANWHILE in refusal.codes

    def go_on_from(self, part: Part) -> None:
        """Take what is written now as seen: sent once more, what was typed stands in its place."""
        self.seen.data = part.written_at.isoformat() if part.written_at else ""

    def rows(self, question: Question) -> list[dict[str, Field]]:
        """Return the fields of a table, row by row, by column."""
        return [
            {
                column.key: self._fields[f"{question.key}-{number}-{column.key}"]
                for column in question.columns
            }
            for number in range(self.row_counts[question.key])
        ]

    def is_begun(self, table: Question) -> bool:
        """Say whether a table holds something, or something wrong."""
        return any(
            field.errors or (field.data and key != table.columns[0].key)
            for row in self.rows(table)
            for key, field in row.items()
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape, then every answer by the record's rules; each fault at its field."""
        is_right = super().validate(extra_validators)
        answers = normalised(self.section, self.answers())
        found = faults(self.section, answers, born_on=self.born_on, today=self.today)
        told: set[str] = set()
        for fault in found:
            name = _name_of(fault)
            if name not in told and name in self._fields:
                self._fields[name].errors = [sentence(self._in_words(fault, answers))]
                told.add(name)
        return is_right and not found

    def _in_words(self, fault: Fault, answers: Answers) -> Reason:
        """Return a reason with its labels in the language in use, and which row is meant."""
        label = fault.reason.values.get("label")
        if label is None:
            return fault.reason
        words = resolved(str(label))
        if fault.row is not None:
            table = self.section.question(fault.key)
            about = answers[fault.key][fault.row].get(table.columns[0].key, "")
            row = resolved(about) if about in table.rows else str(fault.row + 1)
            if fault.column != table.columns[0].key or not about:
                words = _("%(row)sの%(label)s") % {"row": row, "label": words}
        return Reason(fault.reason.code, {**fault.reason.values, "label": words})


class StaffSectionForm(SectionForm, ReceiptFields):
    """A section as a guardian tells it on paper, by phone or at the counter."""


def in_words(reason: Reason) -> str:
    """Return a reason's sentence, its label in the language in use."""
    label = reason.values.get("label")
    values = {**reason.values, "label": resolved(str(label))} if label else reason.values
    return sentence(Reason(reason.code, values))


def _field(question: Question, *, in_table: bool = False) -> Any:
    label = question.label
    if question.kind is Kind.CHOICE and in_table:
        options = [SelectChoice("", "−"), *(SelectChoice(*each) for each in question.choices)]
        return SelectField(label, choices=options, validate_choice=False)
    if question.kind is Kind.CHOICE:
        # The sentence is the rules' own; the validator marks the question as needed.
        needed = [InputRequired("えらんでください")] if question.is_required else []
        options = [SelectChoice(*each) for each in question.choices]
        return RadioField(label, needed, choices=options, validate_choice=False)
    if question.kind is Kind.TEXT:
        return TextAreaField(label)
    return StringField(label)


def _rows(table: Question, kept: list[dict[str, str]]) -> list[dict[str, str]]:
    name = table.columns[0].key
    by_name = {row.get(name): row for row in kept}
    named = [dict(by_name.get(about) or {name: about}) for about in table.rows]
    others = [row for row in kept if row.get(name) not in table.rows]
    blank: list[dict[str, str]] = [{} for _each in range(_MORE_ROWS)]
    if not table.rows:
        blank += [{} for _each in range(_FEWEST_ROWS - _MORE_ROWS - len(others))]
    return [*named, *others, *blank]


def _sent_rows(table: Question) -> int:
    pattern = re.compile(rf"{re.escape(table.key)}-(\d{{1,3}})-[a-z_]+")
    numbers = [int(found[1]) for name in request.form if (found := pattern.fullmatch(name))]
    return min(max(numbers, default=-1) + 1, _MOST_SENT)


def _name_of(fault: Fault) -> str:
    if fault.row is None:
        return fault.key
    return f"{fault.key}-{fault.row}-{fault.column}"
