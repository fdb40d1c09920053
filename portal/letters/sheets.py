"""All forms for handwriting, in the order in which families need them.

The child's record and the consents ask what their own features ask.
"""

from __future__ import annotations

from dataclasses import replace

from portal.families.record_parts import Kind, Question, Section
from portal.families.record_sections import blank_form
from portal.letters.sheet_boxes import CALLER, CHILDREN, VERSION
from portal.letters.sheet_parts import Box, Ink, Part, Sheet, Table
from portal.letters.sheets_days import BOOKING, CHANGE, VISIT
from portal.letters.sheets_family import AGREEMENT, FAMILY
from portal.letters.sheets_register import APPLICATION, PICKUP, RENEWAL, WITHDRAWAL

#: More rows than a table has from the start: for what a family adds by hand.
_BLANK_ROWS = 3
_INK = {Kind.CHOICE: Ink.TICKS, Kind.DAY: Ink.DATE}
_LINES = {Kind.TEXT: 2}
#: Of a column, in percent: by how many options it has, or what is written into it.
_WIDTHS: dict[object, int] = {2: 24, 3: 56, Ink.DATE: 32}


def _box(question: Question, section: str = "") -> Box:
    return Box(
        question.label,
        f"{section}.{question.key}" if section else question.key,
        _INK.get(question.kind, Ink.TEXT),
        question.choices,
        lines=_LINES.get(question.kind, 1),
    )


def _column(question: Question) -> Box:
    box = _box(question)
    width = _WIDTHS.get(len(box.options)) if box.options else _WIDTHS.get(box.ink)
    return replace(box, width=width or 0)


def _parts_of(section: Section) -> list[Part]:
    """Return a section as rows of boxes, then its tables."""
    rows = tuple(
        (_box(each, section.key),) for each in section.questions if each.kind is not Kind.TABLE
    )
    parts = [Part(section.title, rows, lead=section.lead)] if rows else []
    for each in section.questions:
        if each.kind is Kind.TABLE:
            table = Table(
                f"{section.key}.{each.key}",
                tuple(_column(column) for column in each.columns),
                len(each.rows) or _BLANK_ROWS,
                rows=each.rows,
            )
            lead = section.lead if not rows else ""
            parts.append(Part(section.title if not rows else each.label, (), table, lead))
    return parts


RECORD = Sheet(
    "record",
    2,
    VERSION,
    "児童票《じどうひょう》",
    (
        Part(
            "お子《こ》さん",
            (
                (
                    Box("お子《こ》さんの名前《なまえ》", "child.name"),
                    Box("生年月日《せいねんがっぴ》", "child.born", Ink.BIRTHDAY),
                ),
            ),
        ),
        *(part for section in blank_form() for part in _parts_of(section)),
    ),
    "上《うえ》のとおりです。変《か》わったときは、すぐに園《えん》に知《し》らせます。",
    of_child=True,
)

CONSENT = Sheet(
    "consent",
    4,
    VERSION,
    "同意書《どういしょ》",
    (CALLER, CHILDREN),
    "上《うえ》のとおり、一《ひと》つずつ答《こた》えました。"
    "同意《どうい》は、いつでも取《と》りやめられます。",
    asks_consents=True,
)

SHEETS: tuple[Sheet, ...] = (
    *(APPLICATION, RECORD, PICKUP, CONSENT, VISIT, BOOKING, CHANGE),
    *(WITHDRAWAL, FAMILY, RENEWAL, AGREEMENT),
)
BY_KIND = {sheet.kind: sheet for sheet in SHEETS}
