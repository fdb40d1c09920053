"""Dates and times as readers of the language in use expect them; all moments are shown in JST.

The patterns of another language stand in its catalogue under the contexts ``date``, ``weekday``,
``month``, ``day of the month``, ``calendar day``, ``time``, ``duration``, ``each``, ``age``
and ``era``.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from portal.documents.i18n import pgettext
from portal.kernel.clock import JST, local_date
from portal.kernel.spans import Span

_WEEKDAYS = "月火水木金土日"
#: Each era with its first day, newest first. *Source:* 元号を改める政令 and its forerunners.
_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
)


def _day(value: date | datetime) -> date:
    return local_date(value) if isinstance(value, datetime) else value


def _clock(value: datetime | time) -> time:
    if isinstance(value, time):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(JST).time()


def jdate(value: date | datetime, today: date | None = None) -> str:
    """Return ``11月15日（日）``; in another year than ``today``'s, ``2027年1月1日（金）``.

    Without ``today`` the year always stands, since a reader may come to it at any time.
    """
    day = _day(value)
    if today is not None and day.year == today.year:
        return _written("%(month)s月%(day)s日（%(weekday)s）", day)
    return _written("%(year)s年%(month)s月%(day)s日（%(weekday)s）", day)


def jday(value: date | datetime, *, with_year: bool = False) -> str:
    """Return ``11月15日``, or ``2026年11月15日``: a day whose weekday is no matter."""
    pattern = "%(year)s年%(month)s月%(day)s日" if with_year else "%(month)s月%(day)s日"
    return _written(pattern, _day(value))


def weekday(short: str) -> str:
    """Return the short name of a day of the week, given as ``月``."""
    return pgettext("weekday", short)


def jmonth(value: date | datetime, today: date | None = None) -> str:
    """Return ``2026年11月``; ``11月`` in the year of ``today``."""
    day = _day(value)
    if today is not None and day.year == today.year:
        return _written("%(month)s月", day)
    return _written("%(year)s年%(month)s月", day)


def _written(pattern: str, day: date) -> str:
    return pgettext("date", pattern) % {
        "year": day.year,
        "month": day.month,
        "month_name": pgettext("month", f"{day.month}月"),
        "day": day.day,
        "day_name": pgettext("day of the month", f"{day.day}日"),
        "weekday": pgettext("weekday", _WEEKDAYS[day.weekday()]),
    }


def jtime(value: datetime | time) -> str:
    """Return ``9:00``: 24-hour clock, no leading zero."""
    clock = _clock(value)
    return f"{clock.hour}:{clock.minute:02d}"


def jspan(start: Span | datetime | time, end: datetime | time | None = None) -> str:
    """Return ``9:00〜12:00`` for a ``Span`` or two times; an end at midnight reads ``24:00``.

    Raises:
        ValueError: one time without its other. A caller's mistake.
    """
    if isinstance(start, Span):
        return jspan(start.starts_at, start.ends_at)
    if end is None:
        raise ValueError("a span needs its end")
    last = "24:00" if _clock(end) == time(0) else jtime(end)
    return written_span(jtime(start), last)


def written_span(start: str, end: str) -> str:
    """Return two times as a span: ``9:00〜12:00``."""
    return pgettext("time", "%(start)s〜%(end)s") % {"start": start, "end": end}


def jdatetime(value: datetime, today: date | None = None) -> str:
    """Return ``11月15日（日）9:00``, with the year as in ``jdate``."""
    return day_and_time(jdate(value, today), jtime(value))


def day_and_time(day: str, clock: str) -> str:
    """Return a day and a time or span of it, both written already: ``11月15日（日）9:00``."""
    return pgettext("date", "%(date)s%(time)s") % {"date": day, "time": clock}


def jlimit(value: datetime, today: date | None = None) -> str:
    """Return a moment until which something holds: ``jdatetime``, but midnight ends the day before.

    The first moment of 18 December reads ``12月17日（木）24:00``, which nobody takes for the 18th.
    """
    if _clock(value) == time(0):
        return day_and_time(jdate(_day(value) - timedelta(days=1), today), "24:00")
    return jdatetime(value, today)


def _era_year(day: date) -> str:
    for first_day, name in _ERAS:
        if day >= first_day:
            number = day.year - first_day.year + 1
            return pgettext("era", "（%(era)s%(number)s年）") % {
                "era": pgettext("era", name),
                "number": pgettext("era", "元") if number == 1 else number,
            }
    return ""


def wareki(value: date | datetime | int) -> str:
    """Return the year with its era: ``2026年（令和8年）``, for official papers.

    A bare year takes the era in force on its 31 December; a day before 1912 gets no era.
    """
    day = date(value, 12, 31) if isinstance(value, int) else _day(value)
    return pgettext("era", "%(year)s年%(era)s") % {"year": day.year, "era": _era_year(day)}


def wareki_date(value: date | datetime) -> str:
    """Return ``2026年（令和8年）11月4日``."""
    day = _day(value)
    return pgettext("era", "%(year)s%(day)s") % {"year": wareki(day), "day": jday(day)}


def after_day() -> str:
    """Return what is read out after a day's number in a month's calendar: ``日``, or nothing."""
    return (pgettext("calendar day", "%(day)s日") % {"day": ""}).strip()


def jeach(minutes: int) -> str:
    """Return what a price is for: ``1時間``, ``30分``; in English ``hour``, after “¥300 per”."""
    if minutes % 60 and minutes > 60:  # noqa: PLR2004 - minutes of an hour
        return jduration(minutes)
    if minutes % 60:
        return pgettext("each", "%(count)s分") % {"count": minutes}
    return pgettext("each", "%(count)s時間") % {"count": minutes // 60}


def jage(months: int) -> str:
    """Return an age: ``0歳6か月``, ``1歳3か月``; in English ``6 months``."""
    years, rest = divmod(months, 12)
    if not years:
        return pgettext("age", "0歳%(count)sか月") % {"count": rest}
    words = pgettext("age", "%(count)s歳") % {"count": years}
    rest_words = pgettext("age", "%(count)sか月") % {"count": rest}
    return pgettext("age", "%(years)s%(months)s") % {"years": words, "months": rest_words}


def jduration(value: timedelta | int) -> str:
    """Return ``3時間``, ``1時間30分`` or ``45分``; an ``int`` counts minutes."""
    minutes = value if isinstance(value, int) else int(value.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return pgettext("duration", "%(count)s分") % {"count": rest}
    words = pgettext("duration", "%(count)s時間") % {"count": hours}
    if not rest:
        return words
    minutes_words = pgettext("duration", "%(count)s分") % {"count": rest}
    return pgettext("duration", "%(hours)s%(minutes)s") % {"hours": words, "minutes": minutes_words}
