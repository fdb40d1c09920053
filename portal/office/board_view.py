"""The board as it is drawn: counts, what comes next, columns by class age. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.attendance.hours import HourOfDay, hours_of_day
from portal.attendance.queries import ChildOfDay
from portal.attendance.rules import Presence, minutes_late
from portal.attendance.service.board import Board
from portal.documents.i18n import gettext as _
from portal.kernel.clock import JST, local_date

_LAST = frozenset({Presence.GONE, Presence.ABSENT})
#: Columns by class age, as temporary care is staffed: babies, toddlers, and the others.
_BANDS = ((0, 0), (1, 2), (3, 5))


@dataclass(frozen=True, slots=True)
class Column:
    """The children of a class-age band: those still to come or here first, those gone last."""

    id: str
    label: str
    here: int
    planned: int
    children: tuple[ChildOfDay, ...]


@dataclass(frozen=True, slots=True)
class ComingUp:
    """One thing of the next hours: ``10:00 登園 3人`` with a remark."""

    title: str
    remark: str


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything the board shows, in its order."""

    day: date
    is_today: bool
    is_past: bool
    here: int
    later: int
    absent: int
    next_pickup: datetime | None
    missing: tuple[tuple[ChildOfDay, int], ...]
    coming_up: tuple[ComingUp, ...]
    columns: tuple[Column, ...]
    hours: tuple[HourOfDay, ...]
    current_hour: int | None = field(default=None)


def board_view(board: Board, now: datetime) -> BoardView:
    """Return the board as it stands at ``now``."""
    children, day, today = board.children, board.day, local_date(now)
    here = _in(children, Presence.HERE)
    later = _in(children, Presence.EXPECTED)
    missing = _in(children, Presence.MISSING)
    return BoardView(
        day=day,
        is_today=day == today,
        is_past=day < today,
        here=len(here),
        later=len(later),
        absent=len(_in(children, Presence.ABSENT)),
        next_pickup=min((child.facts.ends_at for child in here), default=None),
        missing=tuple((child, minutes_late(child.facts, now)) for child in missing)
        if day == today
        else (),
        coming_up=_coming_up(children, here, later),
        columns=tuple(_column(children, *band, is_today=day == today) for band in _BANDS),
        hours=hours_of_day(
            ((child.booking.class_age, child.facts) for child in children), day, board.on_duty
        ),
        current_hour=now.astimezone(JST).hour if day == today else None,
    )


def _in(children: Sequence[ChildOfDay], presence: Presence) -> list[ChildOfDay]:
    return [child for child in children if child.presence is presence]


def _column(
    children: Sequence[ChildOfDay], youngest: int, oldest: int, *, is_today: bool
) -> Column:
    own = [child for child in children if youngest <= child.booking.class_age <= oldest]
    label = {
        0: _("0歳児"),
        1: _("1・2歳児"),
        3: _("3歳以上"),
    }[youngest]
    shown = [child for child in own if not is_today or child.presence is not Presence.MISSING]
    shown.sort(key=lambda child: (child.presence in _LAST, child.facts.starts_at))
    return Column(
        id=f"class-{youngest}",
        label=label,
        here=len(_in(own, Presence.HERE)),
        planned=len([child for child in own if child.presence is not Presence.ABSENT]),
        children=tuple(shown),
    )


def _coming_up(
    children: Sequence[ChildOfDay], here: Sequence[ChildOfDay], later: Sequence[ChildOfDay]
) -> tuple[ComingUp, ...]:
    found = []
    if later:
        start = min(_comes_at(child) for child in later)
        arriving = [child for child in later if _comes_at(child) == start]
        first = sum(child.is_first_stay for child in arriving)
        found.append(
            ComingUp(
                _("%(at)s 登園 %(count)s人") % {"at": _clock(start), "count": len(arriving)},
                _("はじめて %(count)s人。玄関で迎えてください") % {"count": first} if first else "",
            )
        )
    careful = [child for child in children if child.allergies and child.presence not in _LAST]
    if careful:
        found.append(
            ComingUp(
                _("アレルギー %(count)s人") % {"count": len(careful)},
                "／".join(
                    _("%(name)sさん %(what)s") % {"name": child.name, "what": child.allergies}
                    for child in careful
                ),
            )
        )
    if here:
        end = min(child.facts.ends_at for child in here)
        leaving = [child for child in here if child.facts.ends_at == end]
        found.append(
            ComingUp(
                _("%(at)s お迎え %(count)s人") % {"at": _clock(end), "count": len(leaving)},
                "／".join(_("%(name)sさん") % {"name": child.name} for child in leaving),
            )
        )
    return tuple(found)


def _comes_at(child: ChildOfDay) -> datetime:
    return max(child.facts.starts_at, child.facts.expected_at or child.facts.starts_at)


def _clock(moment: datetime) -> str:
    local = moment.astimezone(JST)
    return f"{local.hour}:{local.minute:02d}"
