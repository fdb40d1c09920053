"""Of what a section of the child's record is made: questions of few kinds, tables of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: A line fits on paper; a text may have several; what was written earlier had this much room.
LINE, TEXT, OLD_TEXT = 200, 1000, 4000


class Kind(StrEnum):
    """How a question is asked and read."""

    LINE = "line"
    TEXT = "text"
    CHOICE = "choice"
    DAY = "day"  # ISO date; may not lie in the future
    PHONE = "phone"
    NUMBER = "number"  # shown with its last four signs alone
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Answers are texts; those of a table a list of rows."""

    key: str
    label: str
    kind: Kind = Kind.LINE
    hint: str = ""
    #: Stored value and words, for ``CHOICE``.
    choices: tuple[tuple[str, str], ...] = ()
    #: Columns of a ``TABLE``; the first says what the row is about.
    columns: tuple[Question, ...] = ()
    #: Rows that are there from the start, by their first column.
    rows: tuple[str, ...] = ()
    #: How many rows a ``TABLE`` takes.
    most: int = 0
    is_required: bool = False
    #: Unfolded where something stands in it: a long table in a short section.
    is_folded: bool = False
    #: Asked no more, but shown and kept where it was answered.
    is_old: bool = False

    @property
    def limit(self) -> int:
        """How many signs an answer may have."""
        if self.key in _EARLIER:
            return OLD_TEXT
        return TEXT if self.kind is Kind.TEXT else LINE

    def word(self, value: str) -> str:
        """Return the words of a stored choice; anything else stays as it is."""
        return dict(self.choices).get(value, value)


#: Texts of records from before there were sections: whatever was written then still fits.
_EARLIER = frozenset({"allergies", "conditions", "habits", "notes"})


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the record that is filled in, saved and confirmed by itself."""

    key: str
    title: str
    questions: tuple[Question, ...]
    lead: str = ""
    #: Among staff for those who may see support data alone; never on the day's papers.
    is_closed: bool = False

    def question(self, key: str) -> Question:
        """Return one of its questions.

        Raises:
            KeyError: it has none of that key.
        """
        for each in self.questions:
            if each.key == key:
                return each
        raise KeyError(key)
