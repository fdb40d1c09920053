"""Of what a form for handwriting is made: rows of boxes, tables, ticks. Pure.

Texts carry the readings of their kanji in the notation of ``documents.readings``: the same form is
printed with and without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Ink(StrEnum):
    """What is to be written into a box."""

    TEXT = "text"
    DATE = "date"  # a day of these years: 令和　年　月　日
    BIRTHDAY = "birthday"  # of a child, who may be of the era before
    CLOCK = "clock"
    SPAN = "span"  # from when until when
    TICKS = "ticks"


@dataclass(frozen=True, slots=True)
class Box:
    """One box with what it is for.

    ``key`` names the fact that is printed into it where the family is known; ``options``, for
    ticks, are code and words.
    """

    label: str
    key: str = ""
    ink: Ink = Ink.TEXT
    options: tuple[tuple[str, str], ...] = ()
    #: Lines of handwriting.
    lines: int = 1
    #: Share of a table's width, in percent; 0: what is left.
    width: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """The same boxes several times, each line for one child, person or day."""

    key: str
    columns: tuple[Box, ...]
    blank: int
    #: Words before each line, in a column of their own.
    heads: tuple[str, ...] = ()
    #: Words that stand in the first column from the start (foods, vaccines).
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form: a title, words, then rows of one or two boxes, or a table."""

    title: str
    rows: tuple[tuple[Box, ...], ...] = ()
    table: Table | None = None
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form. ``number`` and ``version`` stand on each of its pages."""

    kind: str
    number: int
    version: str
    title: str
    parts: tuple[Part, ...]
    #: What the signature says.
    says: str
    #: For one child, not for the family.
    of_child: bool = False
    #: Each consent that an application asks stands on it, with a tick of its own.
    asks_consents: bool = False
    #: What the rules of a facility let families choose stands on it.
    offers_choices: bool = False
