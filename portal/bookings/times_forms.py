"""Shapes of a day and its hours, as typed or as an address says them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Mapping
from datetime import time
from typing import Any

from wtforms.validators import InputRequired, ValidationError

from portal.documents.i18n import gettext as _
from portal.kernel.clock import written_day
from portal.kernel.spans import CELLS, Span, cell_time, span_on
from portal.policies.document import RulesDocument
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

_FIRST_CELL, _LAST_CELL = 14, 44


class DayForm(PortalForm):
    """A day to look at."""

    day = DateParts("日にち", [InputRequired("日にちを入れてください")])


class TimesForm(DayForm):
    """A day and its hours."""

    start = TimeCell("はじまり", [InputRequired("はじまりの時刻をえらんでください")])
    end = TimeCell("おわり", [InputRequired("おわりの時刻をえらんでください")])

    def validate_end(self, field: TimeCell) -> None:
        """Ask for an end after the start.

        Raises:
            ValidationError: with a sentence for the person who chose.
        """
        if field.data is not None and self.start.data is not None and field.data <= self.start.data:
            raise ValidationError(_("おわりは、はじまりより後の時刻をえらんでください"))

    def span(self) -> Span:
        """Return the stay. Only after a successful validation."""
        day, start, end = self.day.data, self.start.data, self.end.data
        if day is None or start is None or end is None:
            raise ValueError("the form has not been validated")
        return span_on(day, cell_time(start), cell_time(end))

    def show_span(self, span: Span) -> None:
        """Show a stay that is already known."""
        self.day.process_data(span.day)
        self.start.data, self.end.data = span.first_cell, span.end_cell

    def show_asked(self, span: Span, address: Mapping[str, str]) -> None:
        """Show a stay that is already known, or what the address says instead of it.

        A start alone waits for its end; a day alone keeps the hours.
        """
        self.show_span(span)
        asked = asked_in_address(*(address.get(name, "") for name in ("day", "start", "end")))
        if "day" in asked:
            self.day.process_data(asked["day"])
        if "start" in asked:
            self.start.data, self.end.data = asked["start"], asked.get("end")

    def offer_times(self, document: RulesDocument | None, open_cells: Collection[int] = ()) -> None:
        """Offer only the half hours that the rules know, of those with care where these are known.

        Args:
            open_cells: The half hours with care; empty where nobody knows.
        """
        units = document.units if document else None
        starts = list(range(_FIRST_CELL, _LAST_CELL))
        ends = list(range(_FIRST_CELL + 1, _LAST_CELL + 1))
        if units and units.blocks:
            starts = sorted({_cell(block.starts) for block in units.blocks})
            ends = sorted({_cell(block.ends) for block in units.blocks})
        elif units and units.start_cells:
            starts = sorted(units.start_cells)
        if open_cells:
            starts = [cell for cell in starts if cell in open_cells]
            ends = [cell for cell in ends if cell - 1 in open_cells]
        self.start.offer(sorted({*starts, *_chosen(self.start)}))
        self.end.offer(sorted({*ends, *_chosen(self.end)}))


def _cell(clock_time: str) -> int:
    return int(clock_time[:2]) * 2 + int(clock_time[3:]) // 30


def _chosen(field: TimeCell) -> set[int]:
    return {field.data} if field.data is not None and 0 <= field.data <= CELLS else set()


def clock_time(written: str | None) -> time | None:
    """Return a time typed as ``9:05``; None where it is none."""
    match = re.fullmatch(r"(\d{1,2})[:：](\d{2})", (written or "").strip())
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:  # noqa: PLR2004 - a clock
        return None
    return time(int(match[1]), int(match[2]))


def asked_in_address(day: str, start: str, end: str) -> dict[str, Any]:
    """Return what an address says of a stay; parts that say nothing sensible are left out."""
    found: dict[str, Any] = {}
    with contextlib.suppress(ValueError):
        found["day"] = written_day(day)
    for name, written in (("start", start), ("end", end)):
        typed = clock_time(written)
        if typed is not None:
            found[name] = typed.hour * 2 + typed.minute // 30
    return found
