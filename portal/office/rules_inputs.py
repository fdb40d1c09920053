"""How the fields of a rules form are made: their kinds, and rows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

#: Rows of most things: steps, blocks, age bands, items. A document with more stands as text.
ROWS = 6
#: Values as the document writes them, with the words of a director.
Choices = Sequence[tuple[str, str]]

SHIFTS: Choices = (
    ("none", "そのまま"),
    ("next", "次の開いている日にする"),
    ("previous", "前の開いている日にする"),
)
COUNTINGS: Choices = (("calendar", "お休みの日も数える"), ("open", "お休みの日は数えない"))


def offered(choices: Choices) -> list[SelectChoice]:
    """Return the choices as a field takes them."""
    return [SelectChoice(value, words) for value, words in choices]


def pick(label: str, choices: Choices, default: str = "") -> SelectField:
    """Return a list to choose one from."""
    return SelectField(label, choices=offered(choices), default=default)


def radio(label: str, choices: Choices, default: str) -> RadioField:
    """Return choices that all stand there, one of which holds."""
    return RadioField(label, choices=offered(choices), default=default)


def ticks(label: str, choices: Choices, default: Sequence[str] = ()) -> SelectMultipleField:
    """Return choices of which any number holds."""
    return SelectMultipleField(
        label,
        choices=offered(choices),
        default=list(default),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


def line(label: str) -> StringField:
    """Return a field for a name, a time or a few words."""
    return StringField(label, render_kw={"autocomplete": "off"})


def number(label: str, mode: str = "numeric") -> StringField:
    """Return a field for a number, as text; ``mode`` is the keyboard, ``decimal`` for halves."""
    return StringField(label, render_kw={"inputmode": mode, "autocomplete": "off"})


def in_rows(row: Callable[[int], Mapping[str, Any]], count: int = ROWS) -> dict[str, Any]:
    """Return the fields of all rows, from those of one by its number from 0."""
    return {name: field for n in range(count) for name, field in row(n).items()}


def row_fields(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, str],
    count: int = ROWS,
) -> dict[str, Any]:
    """Return what the fields of rows hold, from their plain data.

    Args:
        columns: Key by the column of a field.
        count: How many rows there are; what is beyond them is left out.
    """
    return {
        f"{name}_{n}_{column}": row[key]
        for n, row in enumerate(rows[:count])
        for column, key in columns.items()
        if key in row
    }


def names_of_rows(name: str, columns: Iterable[str], count: int = ROWS) -> list[str]:
    """Return the names of these columns' fields, row after row."""
    return [f"{name}_{n}_{column}" for n in range(count) for column in columns]
