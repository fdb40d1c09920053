"""Kind G7 in words: each way to release days."""

from __future__ import annotations

from collections.abc import Mapping

from portal.documents.dates import jdate, jdatetime, jlimit, weekday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.kernel.clock import JST
from portal.policies.announced import AnnouncedOpening, AnnouncedPeriod
from portal.policies.calendar import WEEKDAY_WORDS, Weekday
from portal.policies.deadlines import DayOfMonth, WeekStart
from portal.policies.nth import NthOfMonth
from portal.policies.openings import (
    HalfMonthOpening,
    MissingDay,
    MonthlyOpening,
    Opening,
    RollingOpening,
    TermOpening,
    WeeklyOpening,
)
from portal.policies.rule import ClockTime, Counting, MovesTo, Shift

_YEAR = 12
#: Not every month has it.
_FIFTH = 5


def opening_words(opens: Opening) -> str:
    """Return when booking opens: ``前の月の15日 9:00 から（休みの日なら次の開所日）``."""
    if isinstance(opens, AnnouncedOpening):
        return _announced(opens)
    values = {"at": clock(opens.at), "moved": moved(opens.shift, opens.shift_to)}
    if isinstance(opens, MonthlyOpening):
        return _monthly(opens, values)
    if isinstance(opens, HalfMonthOpening):
        return _half_month(opens, values)
    if isinstance(opens, TermOpening):
        return _term(opens, values)
    if isinstance(opens, WeeklyOpening):
        return _weekly(opens, values)
    return _rolling(opens, values)


def _monthly(opens: MonthlyOpening, values: Mapping[str, str]) -> str:
    if opens.nth is not None and opens.weekday is not None:
        day = nth_words(opens.nth, opens.weekday)
        if opens.nth == _FIFTH:
            last = {"day": day, "last": nth_words("last", opens.weekday)}
            day = _("%(day)s（ない月は、%(last)s）") % last
    elif opens.counting is Counting.CALENDAR:
        day = day_of_month_words(opens.day)
    else:
        kind = _("開所日") if opens.counting is Counting.OPEN else _("平日")
        said = _("最後の%(kind)s") if opens.day == "last" else _("%(count)s番目の%(kind)s")
        day = said % {"count": opens.day, "kind": kind}
    return _("%(months)sの%(day)s %(at)s から%(moved)s") % {
        "months": month_before(opens.months_before),
        "day": day,
        **values,
    }


def _half_month(opens: HalfMonthOpening, values: Mapping[str, str]) -> str:
    said = _(
        "月の%(last)s日までの分は%(first_month)sの%(first_day)s %(at)s から、"
        "%(from)s日からの分は%(second_month)sの%(second_day)s %(at)s から%(moved)s"
    )
    return said % {
        **values,
        "last": opens.second_half_from - 1,
        "from": opens.second_half_from,
        "first_month": month_before(opens.first_half_months_before),
        "first_day": day_of_month_words(opens.first_half_day),
        "second_month": month_before(opens.second_half_months_before),
        "second_day": day_of_month_words(opens.second_half_day),
    }


def _term(opens: TermOpening, values: Mapping[str, str]) -> str:
    starts = sorted(
        (opens.first_month - 1 + past) % _YEAR for past in range(0, _YEAR, opens.months)
    )
    months = listed([_("%(month)s月") % {"month": month + 1} for month in starts], "・")
    before = {0: _("はじめの月"), 1: _("はじめの月の前の月")}.get(
        opens.months_before,
        _("はじめの月の%(months)sか月前の月") % {"months": opens.months_before},
    )
    said = _(
        "%(count)sか月分（%(months)sから）をまとめて、%(before)sの%(day)s %(at)s から%(moved)s"
    )
    return said % {
        "count": opens.months,
        "months": months,
        "before": before,
        "day": day_of_month_words(opens.day),
        **values,
    }


def _weekly(opens: WeeklyOpening, values: Mapping[str, str]) -> str:
    said = _("1週間分（%(week)s）をまとめて、%(before)sの%(day)s曜日 %(at)s から%(moved)s")
    return said % {
        "week": week_starts_words(opens.week_starts),
        "before": week_before(opens.weeks_before),
        "day": weekday(WEEKDAY_WORDS[opens.weekday]),
        **values,
    }


def _rolling(opens: RollingOpening, values: Mapping[str, str]) -> str:
    if opens.weeks is not None:
        said = _("利用の%(weeks)s週間前の同じ曜日の %(at)s から%(moved)s")
        return said % {"weeks": opens.weeks, **values}
    if opens.months is not None:
        said = _("利用の%(months)sか月前の同じ日（ない月は、最後の日）の %(at)s から%(moved)s")
        if opens.when_day_is_missing is MissingDay.FIRST_OF_NEXT_MONTH:
            said = _(
                "利用の%(months)sか月前の同じ日（ない月は、次の月の1日）の %(at)s から%(moved)s"
            )
        return said % {"months": opens.months, **values}
    if not opens.days:
        return _("利用の日の %(at)s から%(moved)s") % values
    said = {
        Counting.CALENDAR: _("利用の%(days)s日前の %(at)s から%(moved)s"),
        Counting.OPEN: _("利用の%(days)s日前（休みの日は数えません）の %(at)s から%(moved)s"),
        Counting.WEEKDAYS: _("利用の%(days)s日前（土日と祝日は数えません）の %(at)s から%(moved)s"),
    }[opens.counting]
    return said % {"days": opens.days, **values}


def _announced(opens: AnnouncedOpening) -> str:
    said = listed([_period(period) for period in opens.periods])
    return _("%(said)s、ほかの日の分はお知らせしてから") % {"said": said}


def _period(period: AnnouncedPeriod) -> str:
    first, last = jdate(period.from_), jdate(period.until) if period.until else None
    of = _("%(first)sからの分") if last is None else _("%(first)s〜%(last)sの分")
    values = {"first": first, "last": last}
    opens_at = jdatetime(period.opens_at.replace(tzinfo=JST))
    if period.closes_at is None:
        return _("%(of)sは%(at)s から") % {"of": of % values, "at": opens_at}
    closes_at = jlimit(period.closes_at.replace(tzinfo=JST))
    return _("%(of)sは%(at)s から%(until)s まで") % {
        "of": of % values,
        "at": opens_at,
        "until": closes_at,
    }


def clock(clock_time: ClockTime) -> str:
    """Return ``9:00`` for ``09:00``."""
    return clock_time.removeprefix("0")


def moved(shift: Shift, to: MovesTo | None = None) -> str:
    """Return where a day goes that is closed, in brackets; nothing where it stays."""
    words = {
        (Shift.NEXT, False): _("（休みの日なら次の開所日）"),
        (Shift.PREVIOUS, False): _("（休みの日なら前の開所日）"),
        (Shift.NEXT, True): _("（土日・祝日なら次の平日）"),
        (Shift.PREVIOUS, True): _("（土日・祝日なら前の平日）"),
    }
    return words.get((shift, to is MovesTo.WEEKDAYS), "")


def month_before(months: int) -> str:
    """Return ``前の月``, seen from the month of care."""
    return {0: _("その月"), 1: _("前の月")}.get(
        months, _("%(months)sか月前の月") % {"months": months}
    )


def week_before(weeks: int) -> str:
    """Return ``前の週``, seen from the week of care."""
    return {0: _("その週"), 1: _("前の週")}.get(weeks, _("%(weeks)s週前の週") % {"weeks": weeks})


def week_starts_words(starts: WeekStart | None) -> str:
    """Return ``月曜日から日曜日まで``."""
    return _("日曜日から土曜日まで") if starts == "sun" else _("月曜日から日曜日まで")


def day_of_month_words(day: DayOfMonth | None) -> str:
    """Return ``15日``, or ``最後の日``."""
    return _("最後の日") if day == "last" else _("%(day)s日") % {"day": day}


def nth_words(nth: NthOfMonth, day: Weekday) -> str:
    """Return ``第2水曜日``, or ``最後の水曜日``."""
    values = {"nth": nth, "day": weekday(WEEKDAY_WORDS[day])}
    if nth == "last":
        return _("最後の%(day)s曜日") % values
    return _("第%(nth)s%(day)s曜日") % values
