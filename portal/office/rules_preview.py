"""A month under the rules being written: which days open, from when they can be booked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.dates import jdatetime, jday, jlimit, jmonth, jspan
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.office.rules_drafted import under_trial
from portal.office.rules_months import Months, month_after
from portal.policies.rule import time_of
from portal.policies.window import WindowState
from portal.rulebooks.preview import PreviewDay, Round, begun_on, preview_days
from portal.slots.opening import OpenDays, open_days
from portal.web.access import Permission, requires

bp = Blueprint(
    "office_rules_preview", __name__, url_prefix="/office/programmes/<uuid:programme_id>/rules"
)

#: The calendar goes so many months ahead: single closures are known no further.
_MONTHS_AHEAD = 4
_WEEKDAYS = "月火水木金土日"
#: What is said of each day.
CARE, OPENS, CLOSES, FREE_UNTIL = "預かり", "予約の始まり", "予約のしめきり", "取り消しの期限"
_AS_PLACES_SAY = "園の予約枠のとおり"
#: The sign of a day in the grid, with its words.
_SIGNS: Mapping[WindowState | None, tuple[str, str]] = MappingProxyType(
    {
        WindowState.OPEN: ("○", "受付中"),
        WindowState.BEFORE: ("−", "受付前"),
        WindowState.AFTER: ("−", "終了"),
        None: ("休", "お休み"),
    }
)
_NEVER = ("−", "受付なし")
_NO_ROUND = "受け付ける期間がありません"


@bp.get("/preview")
@requires(Permission.MANAGE_FACILITY)
def month(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Show each day of a month under the draft, marked where it is another than today's rules."""
    now = clock.now()
    today = clock.today(now)
    tried = under_trial(programme_id, now=now)
    months = Months(today, ahead=_MONTHS_AHEAD)
    first = months.asked(otherwise=month_after(today))
    last = month_after(first) - timedelta(days=1)
    opening = open_days(current_session(), tried.facility.id, first)
    days = preview_days(tried.document, opening.calendar, first, last)
    before = None
    if tried.current is not None:
        before = preview_days(tried.current, opening.calendar, first, last)
    days = begun_on(days, before, max(tried.starts_on or today, today))
    pairs = zip(days, before or [None] * len(days), strict=True)
    rows = [_row(day, old, opening, now) for day, old in pairs]
    here = partial(_here, programme_id)
    return render_template(
        "office/rules/preview.html",
        tried=tried,
        programme=tried.programme,
        facility=tried.facility,
        month=jmonth(first),
        starts_on=tried.starts_on,
        today=today,
        cells=_cells(days, rows, today, now),
        rows=rows,
        terms=[
            term
            for term in (CARE, OPENS, CLOSES, FREE_UNTIL)
            if term != CARE or any(_says_hours(row) for row in rows)
        ],
        changed=sum(1 for row in rows if row["was"]),
        previous=months.turn(first, -1, here),
        following=months.turn(first, 1, here),
        now=now,
    )


def _here(programme_id: uuid.UUID, first: date) -> str:
    return url_for(".month", programme_id=programme_id, month=f"{first:%Y-%m}")


def _cells(
    days: Sequence[PreviewDay], rows: Sequence[Mapping[str, Any]], today: date, now: datetime
) -> list[dict[str, Any] | None]:
    """Return the grid from the first Sunday on; empty cells stand for days of other months."""
    cells: list[dict[str, Any] | None] = [None] * ((days[0].day.weekday() + 1) % 7)
    for day, row in zip(days, rows, strict=True):
        sign, words = _SIGNS[day.state(now)] if day.rounds or not day.is_open else _NEVER
        word = _("変わる") if row["was"] else _(words)
        cells.append(
            {
                "day": day.day.day,
                "sign": sign,
                "word": word,
                # A preview knows no vacancies: a sign is read out as what it stands for here.
                "spoken": _(words),
                "short": None,
                "href": f"#d{day.day.day}",
                "today": day.day == today,
            }
        )
    return cells


def _row(
    day: PreviewDay, before: PreviewDay | None, opening: OpenDays, now: datetime
) -> dict[str, Any]:
    """Return a day's words by term, and those of today's rules where they are others."""
    said = _said(day, opening, now)
    old = _said(before, opening, now) if before is not None else said
    if (before is None) or before.is_open is day.is_open:
        was = {term: old[term] for term in said if old[term] != said[term]}
    else:  # one of them is closed: that is said once
        was = {CARE: old[CARE]}
    return {
        "id": f"d{day.day.day}",
        "label": f"{jday(day.day)}（{_WEEKDAYS[day.day.weekday()]}）",
        "is_open": day.is_open,
        "said": said,
        "was": was,
    }


def _says_hours(row: Mapping[str, Any]) -> bool:
    """Whether the rules themselves say when a child may be there, or said so till now."""
    return row["is_open"] and (row["said"][CARE] != _(_AS_PLACES_SAY) or CARE in row["was"])


def _said(day: PreviewDay, opening: OpenDays, now: datetime) -> dict[str, str]:
    """Return what stands of a day by term, in their order: the same terms for each open day."""
    today = clock.today(now)
    if not day.is_open:
        off = opening.off_on(day.day)
        return {CARE: _("お休み（%(why)s）") % {"why": off.words} if off else _("お休み")}
    hours = [jspan(time_of(one.starts), time_of(one.ends)) for one in day.hours or ()]
    until = _("この日に入る預かりがありません")
    if day.span is not None:
        until = _("いつでも無料")
    if day.cancel_until is not None:
        until = jlimit(day.cancel_until, today)
    return {
        CARE: "、".join(hours) or _(_AS_PLACES_SAY),
        OPENS: "／".join(_opens(each, today) for each in day.rounds) or _(_NO_ROUND),
        CLOSES: "／".join(_closes(each, today) for each in day.rounds) or _(_NO_ROUND),
        FREE_UNTIL: until,
    }


def _opens(one: Round, today: date) -> str:
    if one.opens_at is not None:
        return _named(one, jdatetime(one.opens_at, today))
    return _named(one, _("いつでも") if one.is_announced else _("まだ決まっていません"))


def _closes(one: Round, today: date) -> str:
    if one.opens_at is not None and one.closes_at <= one.opens_at:
        return _named(one, _("この時刻の預かりは、間に合いません"))
    return _named(one, jlimit(one.closes_at, today))


def _named(one: Round, words: str) -> str:
    return f"{one.name} {words}" if one.name else words
