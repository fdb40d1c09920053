"""Form fields that WTForms does not have: a date in three inputs, and a half-hour time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Any, Protocol

from wtforms import Field, SelectField, SelectMultipleField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.fields.choices import Choice
from wtforms.utils import unset_value
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.kernel.clock import FIRST_YEAR, LAST_YEAR
from portal.kernel.spans import CELLS, cell_label
from portal.kernel.wareki import western_year

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：", "0123456789:")
_PARTS = ("year", "month", "day")


class _FormData(Protocol):
    def __contains__(self, name: str) -> bool: ...
    def getlist(self, name: str) -> list[str]: ...


class _OneValue:
    """Form data that holds one value under one name."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def __contains__(self, name: str) -> bool:
        return name == self._name and bool(self._value)

    def getlist(self, name: str) -> list[str]:
        return [self._value] if name in self else []


def _half_width(text: str) -> str:
    return text.strip().translate(_FULL_WIDTH)


class DateParts(Field):
    """A date typed as year, month and day; ``data`` is a ``date`` or ``None``.

    Reads ``<name>-year``, ``-month`` and ``-day``; full-width digits count, and so does a
    year with its era (``令和6``, ``R6``). What was typed stays in
    ``typed`` for the page, right or wrong, and ``wrong`` names the parts to correct. Drawn by the
    macro ``date`` of ``layout/forms.html`` alone. Validators work as usual (``InputRequired`` with
    a sentence, ``Optional``); three empty inputs are ``None``.
    """

    data: date | None

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Callable[[Any, Any], None]] | None = None,
        **kwargs: Any,
    ) -> None:
        self.typed: dict[str, str] = dict.fromkeys(_PARTS, "")
        self.wrong: frozenset[str] = frozenset()
        self._sent: dict[str, str] = {}
        super().__init__(label, validators, **kwargs)

    @property
    def first_id(self) -> str:
        """The id of the input that an error link goes to."""
        part = next((part for part in _PARTS if part in self.wrong), _PARTS[0])
        return f"{self.id}-{part}"

    def process(
        self,
        formdata: _FormData | None,
        data: object = unset_value,
        extra_filters: Iterable[Callable[[Any], Any]] | None = None,
    ) -> None:
        """Take the three inputs as one; the typed text is kept as it came."""
        if formdata is None:
            super().process(None, data, extra_filters)
            return
        names = {part: f"{self.name}-{part}" for part in _PARTS}
        typed = {part: (formdata.getlist(name) or [""])[0].strip() for part, name in names.items()}
        self._sent = typed
        super().process(_OneValue(self.name, "".join(typed.values())), data, extra_filters)
        if any(name in formdata for name in names.values()):
            self.typed = typed

    def process_data(self, value: date | None) -> None:
        """Show a stored date in the three inputs."""
        self.data = value
        if value is not None:
            texts = (str(value.year), str(value.month), str(value.day))
            self.typed = dict(zip(_PARTS, texts, strict=True))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the date, or say which part to correct and how.

        Raises:
            ValueError: a sentence for the person who typed.
        """
        self.data = None
        if not valuelist:
            return
        parts = {part: _half_width(text) for part, text in self._sent.items()}
        era_year = western_year(unicodedata.normalize("NFKC", parts["year"]))
        if era_year is not None:
            parts["year"] = str(era_year)
        name = self.label.text
        self.wrong = frozenset(part for part, text in parts.items() if not text)
        if self.wrong:
            words = {"year": _("年"), "month": _("月"), "day": _("日")}
            missing = listed([words[part] for part in _PARTS if part in self.wrong], "・")
            raise ValueError(
                _("%(name)sの%(missing)sも入れてください") % {"name": name, "missing": missing}
            )
        self.wrong = frozenset(
            part
            for part, text in parts.items()
            if not re.fullmatch(r"[0-9]{4}" if part == "year" else r"[0-9]{1,2}", text)
        )
        if self.wrong:
            raise ValueError(
                _("%(name)sは西暦の数字で入れてください（例：2025年3月10日）") % {"name": name}
            )
        year, month, day = (int(parts[part]) for part in _PARTS)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            self.wrong = frozenset({"year"})
            raise ValueError(
                _("%(name)sは西暦の数字で入れてください（例：2025年3月10日）") % {"name": name}
            )
        try:
            self.data = date(year, month, day)
        except ValueError:
            self.wrong = frozenset({"month"} if not 1 <= month <= 12 else {"day"})  # noqa: PLR2004
            raise ValueError(
                _(
                    "%(year)s年%(month)s月%(day)s日という日はありません。%(name)sをたしかめてください"
                )
                % {"year": year, "month": month, "day": day, "name": name}
            ) from None


def _cell(value: object) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, time):
        return value.hour * 2 + value.minute // 30
    if isinstance(value, int):
        return value
    match = re.fullmatch(r"(\d{1,2}):([03]0)", _half_width(str(value)))
    cell = int(match[1]) * 2 + int(match[2]) // 30 if match else CELLS + 1
    if not 0 <= cell <= CELLS:
        raise ValueError(_("時刻は 9:00 や 9:30 のように、30分きざみで入れてください"))
    return cell


#: Made once: a form with two times would make a hundred of them at every post.
_CHOICES = tuple(SelectChoice(cell_label(cell), cell_label(cell)) for cell in range(CELLS + 1))


class TimeCell(SelectField):
    """A half-hour time to choose; ``data`` is a cell (0 for 0:00 … 48 for 24:00) or ``None``.

    In addresses and forms it reads ``9:00``. A ``time`` or a cell may be given as data.

    Args:
        first: the first cell offered.
        last: the last cell offered.
        blank: words of the empty choice, or ``None`` for no empty choice.
    """

    data: int | None

    def __init__(
        self,
        label: str | None = None,
        validators: Sequence[Callable[[Any, Any], None]] | None = None,
        *,
        first: int = 0,
        last: int = CELLS,
        blank: str | None = "えらんでください",
        **kwargs: Any,
    ) -> None:
        self._blank = blank
        super().__init__(label, validators, coerce=_cell, choices=[], **kwargs)
        self.offer(range(first, last + 1))

    def offer(self, cells: Iterable[int]) -> None:
        """Offer these cells alone."""
        self._offered = frozenset(cells)
        self.choices = [_CHOICES[cell] for cell in sorted(self._offered)]

    def iter_choices(self) -> Iterator[Choice]:
        """Yield the empty choice, then each half hour."""
        if self._blank is not None:
            yield Choice("", _(self._blank), self.data is None, {})
        for option in self.choices or ():
            yield Choice(option.value, option.label, _cell(option.value) == self.data, {})

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the chosen time.

        Raises:
            ValueError: a sentence for the person who chose.
        """
        if valuelist:
            self.data = None
            self.data = _cell(valuelist[0])

    def pre_validate(self, form: Mapping[str, Field]) -> None:  # noqa: ARG002 - WTForms' signature
        """Refuse a time that is not offered.

        Raises:
            ValidationError: with a sentence for the person who chose.
        """
        if self.data is not None and self.data not in self._offered:
            sentence = _("%(name)sを一覧からえらんでください")
            raise ValidationError(sentence % {"name": self.label.text})


class Boxes(SelectMultipleField):
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
