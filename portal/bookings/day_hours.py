"""A day of a facility by half hours, and the time that somebody chooses there step by step."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from portal.bookings.sign_words import closed_word, words_for
from portal.documents.dates import jdate, jdatetime, jduration, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import today
from portal.kernel.spans import CELLS, Span, cell_label, cell_time, span_on
from portal.policies.looking import ANYBODY, DayRules, Onlooker
from portal.policies.reasons import BookingRefusal
from portal.policies.window import WindowState
from portal.slots.availability import (
    NOTHING,
    Cells,
    Sign,
    Vacancy,
    fitting,
    last_end,
    places_during,
    vacancy,
)
from portal.slots.day_signs import reachable_on, vacancy_by, within_hours
from portal.slots.opening import OpenDays
from portal.slots.published import Place

#: Minutes of a cell.
_CELL = 30
#: Reasons that already speak against a start, whatever the end.
_OF_START = {
    BookingRefusal.START_NOT_OFFERED,
    BookingRefusal.START_OFF_STEP,
    BookingRefusal.OFF_GRID,
    BookingRefusal.ARRIVAL_OUTSIDE_TIMES,
}


def cell_of(written: str | None) -> int | None:
    """Return the cell of ``9:30``; ``None`` for anything else."""
    match = re.fullmatch(r"(\d{1,2}):([03]0)", written or "")
    cell = int(match[1]) * 2 + int(match[2]) // 30 if match else -1
    return cell if 0 <= cell <= CELLS else None


@dataclass(kw_only=True)
class DayHours(ABC):
    """A day of a facility with what has been chosen so far.

    ``cells`` count places, or with ``party`` above 1 how often so many children have places at the
    same time. ``by_staff``: the time to book does not count, only that the hours are still to come.
    Who shows it says where a choice leads (``_href``).
    """

    place: Place
    day: date
    opening: OpenDays
    cells: Cells | None
    now: datetime
    asked_start: str | None = None
    asked_end: str | None = None
    party: int = 1
    by_staff: bool = False
    booked: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self.cells:
            self.cells = within_hours(self.rules, self.cells)
        if self.booked and self.cells:
            self.cells = tuple(
                0 if free and cell in self.booked else free for cell, free in enumerate(self.cells)
            )

    @property
    def vacancy(self) -> Vacancy:
        """The sign of the day as a whole."""
        return self._seen[0]

    @cached_property
    def _seen(self) -> tuple[Vacancy, WindowState]:
        if self.by_staff and self.day >= today(self.now):
            seen = vacancy(
                self.cells or NOTHING,
                WindowState.OPEN,
                allowed=self.rules.stays,
                first_cell=self._reachable,
            )
            return seen, WindowState.OPEN
        return vacancy_by(self.rules, self.cells, now=self.now)

    @cached_property
    def rules(self) -> DayRules:
        """The rules of the day, as they hold for whom is looked."""
        return DayRules(self.place.document, self.opening.calendar, self.day, self.onlooker)

    @property
    def onlooker(self) -> Onlooker:
        """What is known of those who would come."""
        return ANYBODY

    @cached_property
    def why_not(self) -> str | None:
        """Why nothing can be chosen on this day, as a sentence."""
        seen, state = self._seen
        if seen.sign is Sign.CLOSED:
            off = self.opening.off_on(self.day)
            return _("この日はお休みです（%(why)s）。") % {
                "why": off.words if off else closed_word(self.rules, self.opening)
            }
        if seen.sign is Sign.FULL:
            return self._none_on_the_day
        if seen.sign is Sign.NOT_NOW:
            return self._not_now(seen, state)
        if not self.starts:
            return _("この日に、予約できる時間は残っていません。")
        return None

    def _not_now(self, seen: Vacancy, state: WindowState) -> str:
        if seen.is_for_others:
            return _("この日は、この年齢のお子さんの預かりがありません。")
        if state is not WindowState.BEFORE:
            return _("この日の予約は、もう終わりました。")
        opens_at = self.rules.opens_at(self.now)
        if opens_at is None or opens_at <= self.now:
            return _("この日の予約は、まだ始まっていません。")
        opening = {"at": jdatetime(opens_at, today(self.now))}
        return _("この日の予約は、まだ始まっていません。%(at)s から予約できます。") % opening

    @property
    def _none_on_the_day(self) -> str:
        if self.booked:
            return _("この日は、もう予約してあります。ほかに入れる時間はありません。")
        if self.party > 1:
            said = _("この日は、%(count)s人いっしょに入れる時間がありません。")
            return said % {"count": self.party}
        return _("この日は空きがありません。")

    @cached_property
    def problems(self) -> list[str]:
        """Why the time asked for cannot be had, as sentences; empty where it can, or none was."""
        start, end = cell_of(self.asked_start), cell_of(self.asked_end)
        if self.why_not or start is None or self.span or (end is None and start in self.starts):
            return []
        if end is not None and end <= start:
            return [_("おわりは、はじまりより後の時刻をえらんでください。")]
        last = end if end is not None else CELLS if start == CELLS else start + 1
        span = self._span(start, last) if start < CELLS else None
        found = self.rules.reasons_of_shape(span) if span else []
        if end is None:
            found = [reason for reason in found if reason.code in _OF_START]
        said = [
            _("%(said)s。") % {"said": sentence(reason, today=today(self.now))} for reason in found
        ]
        if start < self._reachable:
            said.append(
                _("%(start)s は、もう過ぎたか、受付が終わっています。")
                % {"start": cell_label(start)}
            )
        elif not self.booked.isdisjoint(range(start, last)):
            said.append(_("えらんだ時間には、お子さんの予約が、もうあります。"))
        elif not places_during(self.cells or NOTHING, start, last):
            said.append(_("えらんだ時間のなかに、空きのない時間か、預かりのない時間があります。"))
        return said or [_("この時刻からは、あとに続く空きが足りません。")]

    @cached_property
    def starts_words(self) -> str | None:
        """Which starts the rules know, where they know only some."""
        units = self.rules.units
        if units is None or not units.listed_starts or self.blocks:
            return None
        cells = [divmod(minutes, _CELL) for minutes in units.listed_starts]
        starts = listed([cell_label(cell) for cell, off in cells if not off], "・")
        return _("はじまりは %(starts)s のどれかです。") % {"starts": starts}

    @cached_property
    def starts(self) -> list[int]:
        """The cells at which a stay can begin."""
        if not self.vacancy.is_bookable:
            return []
        return [cell for cell in range(self._reachable, CELLS) if self._ends(cell, only_first=True)]

    @cached_property
    def start(self) -> int | None:
        """The chosen start, where it can be had."""
        asked = cell_of(self.asked_start)
        return asked if asked in self.starts else None

    @cached_property
    def ends(self) -> list[int]:
        """The ends that go with the chosen start."""
        return [] if self.start is None else self._ends(self.start)

    @cached_property
    def end(self) -> int | None:
        """The chosen end, where it can be had."""
        asked = cell_of(self.asked_end)
        return asked if asked in self.ends else None

    @cached_property
    def span(self) -> Span | None:
        """The chosen time, once start and end are known."""
        if self.start is None or self.end is None:
            return None
        return self._span(self.start, self.end)

    @cached_property
    def places(self) -> int:
        """How many children could come for the chosen time."""
        if self.start is None or self.end is None:
            return 0
        return places_during(self.cells or NOTHING, self.start, self.end)

    @cached_property
    def duration(self) -> str:
        """The length of the chosen time in words."""
        return jduration(self.span.minutes) if self.span else ""

    @property
    def next_step(self) -> str:
        """What to choose next, for the head of the page."""
        if self.blocks:
            return _("決まった時間から、えらびます。")
        if self.start is None:
            return _("はじまり、おわりの順にえらびます。")
        if self.end is None:
            label = cell_label(self.start)
            return _("%(start)s から。つぎに、おわりをえらびます。") % {"start": label}
        return _("時間がきまりました。ちがう時間をおすと、えらびなおせます。")

    @cached_property
    def blocks(self) -> list[dict[str, object]]:
        """The fixed parts of the day, alone and joined, where the rules know only these."""
        units = self.rules.units
        found: list[dict[str, object]] = []
        for shape in units.shapes if units and not units.also_by_the_hour else ():
            start, end = shape.starts // _CELL, -(-shape.ends // _CELL)
            places = places_during(self.cells or NOTHING, start, end)
            is_free = start in self.starts and end in self._ends(start)
            is_booked = not self.booked.isdisjoint(range(start, end))
            booked = _("予約ずみ") if is_booked else ""
            found.append(
                {
                    "label": "＋".join(_(label) for label in shape.labels),
                    "hours": written_span(cell_label(start), cell_label(end)),
                    "sign": _sign(places if is_free else 0).value,
                    "words": self._left(places) if is_free else booked,
                    "href": self._href(start, end) if is_free else None,
                    "current": (self.start, self.end) == (start, end),
                }
            )
        return found

    @cached_property
    def hours(self) -> list[dict[str, object]]:
        """The rows of the table, an hour each, from the first open one to the last."""
        cells = self.cells or NOTHING
        open_cells = [cell for cell, free in enumerate(cells) if free is not None]
        if not open_cells:
            return []
        return [
            {
                "hour": _("%(hour)s時") % {"hour": hour},
                "cells": [self._slot(hour * 2), self._slot(hour * 2 + 1)],
            }
            for hour in range(open_cells[0] // 2, open_cells[-1] // 2 + 1)
        ]

    @cached_property
    def start_labels(self) -> list[str]:
        """The starts to choose from in the list."""
        return [cell_label(cell) for cell in self.starts]

    @cached_property
    def end_labels(self) -> list[str]:
        """The ends to choose from in the list: for the start, else for any."""
        ends = self.ends or sorted({end for start in self.starts for end in self._ends(start)})
        return [cell_label(cell) for cell in ends]

    @cached_property
    def clear_href(self) -> str:
        """The same day without a choice."""
        return self._href(None, None)

    @cached_property
    def caption(self) -> str:
        """What the table of hours is, for those who hear it."""
        day = jdate(self.day, today(self.now))
        if self.start is None or self.end is None:
            return _("%(day)sの空き人数") % {"day": day}
        return _("%(day)sの空き人数。えらんだ時間は %(start)s から %(end)s まで") % {
            "day": day,
            "start": cell_label(self.start),
            "end": cell_label(self.end),
        }

    @cached_property
    def _reachable(self) -> int:
        return reachable_on(self.rules, now=self.now, by_staff=self.by_staff)

    @cached_property
    def _bookable(self) -> Cells:
        return fitting(self.cells or NOTHING, self.rules.stays, self._reachable)

    def _ends(self, start: int, *, only_first: bool = False) -> list[int]:
        """Return the ends to which a stay from ``start`` may go: free all the way, and allowed."""
        allowed = self.rules.stays[start]
        last = last_end(self.cells or NOTHING, start)
        found = [end for end in allowed if end <= last]
        return found[:1] if only_first else found

    def _left(self, places: int) -> str:
        if self.party > 1:
            return _("%(count)s人いっしょ") % {"count": self.party}
        return _("残り%(count)s人") % {"count": places}

    @property
    def _none_left(self) -> str:
        return _("%(count)s人分なし") % {"count": self.party} if self.party > 1 else _("空きなし")

    def _span(self, start: int, end: int) -> Span:
        return span_on(self.day, cell_time(start), cell_time(end))

    def _slot(self, cell: int) -> dict[str, object]:
        free = (self.cells or NOTHING)[cell]
        slot: dict[str, object] = {"start": cell_label(cell)}
        if free is None:
            return slot | {"sign": "−", "word": _("時間外")}
        if cell < self._reachable:
            return slot | {"sign": "−", "word": _("終了")}
        if self._seen[1] is not WindowState.OPEN:
            return slot | {"sign": "−", "word": words_for(Vacancy(Sign.NOT_NOW), self._seen[1])[0]}
        if not free or not (self.blocks or self._bookable[cell]):
            sign, word = self._no_place(cell)
            return slot | {"sign": sign, "word": word}
        slot |= {"sign": _sign(free).value, "word": self._left(free), "href": self._slot_href(cell)}
        if self.start is not None and self.start <= cell < (self.end or self.start + 1):
            slot |= {"chosen": self._chosen(cell), "end": cell_label(self.end or cell + 1)}
        elif slot["href"] is None and not self.blocks:
            slot["note"] = _("途中のみ")
        return slot

    def _no_place(self, cell: int) -> tuple[str, str]:
        if cell in self.booked:
            return "−", _("予約ずみ")
        if not (self.cells or NOTHING)[cell]:
            return "×", self._none_left
        if self._bookable[cell] is None:
            return "−", _("時間外")
        units = self.rules.units
        is_of_starts = units is not None and units.listed_starts is not None
        return "×", _("予約できません") if is_of_starts else _("短くて入れません")

    @property
    def has_middle_only(self) -> bool:
        """Whether some free half hour can only be the middle of a stay."""
        rows = (row["cells"] for row in self.hours)
        return any("note" in slot for cells in rows if isinstance(cells, list) for slot in cells)

    def _chosen(self, cell: int) -> str:
        if self.end is None:
            return "start"
        if cell == self.start:
            return "only" if cell == self.end - 1 else "start"
        return "end" if cell == self.end - 1 else "range"

    def _slot_href(self, cell: int) -> str | None:
        if self.start is not None and self.end is None and cell >= self.start:
            later = [end for end in self.ends if end > cell]
            if later:
                return self._href(self.start, later[0])
        return self._href(cell, None) if cell in self.starts and not self.blocks else None

    @abstractmethod
    def _href(self, start: int | None, end: int | None) -> str:
        """Return where a choice of cells leads, or the page without one."""


def _sign(free: int) -> Sign:
    return Sign.FREE if free else Sign.FULL
