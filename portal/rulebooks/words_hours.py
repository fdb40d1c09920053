"""Kind G13 in words: on which days a facility is open, and from when to when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from portal.documents.dates import jdate, jday, weekday, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.calendar import WEEKDAY_WORDS, WEEKDAYS, Weekday
from portal.policies.hours import HoursRule
from portal.policies.nth import NthOfMonth
from portal.policies.open_days import (
    ON_HOLIDAY_WORDS,
    ClosedWeekday,
    DoorTimes,
    NeedsChildren,
    OnHoliday,
    OpenSpan,
    Season,
    SpecialDays,
    Suspension,
    WeeklyHours,
    YearlyClosure,
)
from portal.rulebooks.fact import Fact, ended
from portal.rulebooks.words_dates import deadline_words, first_day_words
from portal.rulebooks.words_openings import clock, nth_words


def hours_facts(rule: HoursRule) -> list[Fact]:
    """Return everything the rule says, what holds first at the top."""
    lines = (
        (_("お休みしている期間"), map(_suspension, rule.suspended)),
        (_("開いている時間"), [_weekly(rule.weekly)] if rule.weekly else []),
        (_("祝日"), _holidays(rule)),
        (_("時間の変わる時期"), map(_season, rule.seasons)),
        (_("休みの曜日"), _closed_weekdays(rule.closed_weekdays)),
        (_("毎年の休み"), map(_each_year, rule.closed_each_year)),
        (_("いつもと違う日"), map(_special, rule.days)),
        (_("登園できる時刻"), _doors(rule.arrivals)),
        (_("お迎えできる時刻"), _doors(rule.pick_ups)),
        (_("人数がそろうと開く日"), map(_needs, rule.needs_children)),
    )
    told = ((term, _in_a_row(list(said))) for term, said in lines)
    return [Fact(term, text) for term, text in told if text]


def _in_a_row(said: list[str]) -> str:
    """Few words stand in a list, sentences and what has lists of its own one behind the other."""
    is_long = any(ended(each) != each or "、" in each or "：" in each for each in said)
    return listed(said, "。" if is_long else "、")


def _weekly(weekly: Sequence[WeeklyHours]) -> str:
    """Return ``月・火・水・木・金 8:30〜17:00、第1・第3土曜日 8:30〜12:30``; a split day as one."""
    by_days: dict[tuple[tuple[Weekday, ...], tuple[NthOfMonth, ...]], list[OpenSpan]] = {}
    for hours in weekly:
        by_days.setdefault((hours.weekdays, hours.nth), []).append(hours)
    said = [
        _("%(days)s %(hours)s") % {"days": _days(days, nth), "hours": spans_words(spans)}
        for (days, nth), spans in by_days.items()
    ]
    named = {day for hours in weekly for day in hours.weekdays}
    closed = [day for day in WEEKDAYS if day not in named]
    if closed:
        said.append(_("%(days)sは休み") % {"days": _days(closed, ())})
    return listed(said)


def _days(days: Sequence[Weekday], nth: Sequence[NthOfMonth]) -> str:
    if nth:
        return listed([nth_words(one, day) for day in days for one in nth], "・")
    if len(days) == 1:
        return _("%(day)s曜日") % {"day": weekday(WEEKDAY_WORDS[days[0]])}
    if len(days) == len(WEEKDAYS):
        return _("毎日")
    return listed([weekday(WEEKDAY_WORDS[day]) for day in WEEKDAYS if day in days], "・")


def spans_words(spans: Sequence[OpenSpan | DoorTimes]) -> str:
    """Return ``8:30〜12:30と15:00〜17:00``."""
    return listed([written_span(clock(span.starts), clock(span.ends)) for span in spans], "と")


def _holidays(rule: HoursRule) -> Iterator[str]:
    if rule.holiday_hours:
        yield _("どの曜日でも、%(hours)sに開きます") % {"hours": spans_words(rule.holiday_hours)}
    elif rule.on_holidays is not None:
        yield _("その曜日の時間に開きます") if rule.on_holidays == "open" else _("休みです")


def _closed_weekdays(closed: Sequence[ClosedWeekday]) -> Iterator[str]:
    for one in closed:
        if one.nth:
            day = listed([nth_words(nth, one.weekday) for nth in one.nth], "・")
        else:
            day = _("毎週%(day)s曜日") % {"day": weekday(WEEKDAY_WORDS[one.weekday])}
        if one.on_holiday is OnHoliday.CLOSED:
            yield day
        else:
            holiday = _(ON_HOLIDAY_WORDS[one.on_holiday])
            yield _("%(day)s（%(holiday)s）") % {"day": day, "holiday": holiday}


def _month_day(written: str) -> str:
    month, day = map(int, written.split("-"))
    # A leap year, which has every day.
    return jday(date(2000, month, day))


def _each_year(of: YearlyClosure | Season) -> str:
    first, last = _month_day(of.from_), _month_day(of.until)
    days = first if first == last else written_span(first, last)
    return (
        _("%(name)s（毎年 %(days)s）") % {"name": of.name, "days": days}
        if of.name
        else (_("毎年 %(days)s") % {"days": days})
    )


def _season(season: Season) -> str:
    return _("%(when)sは、%(hours)s") % {
        "when": _each_year(season),
        "hours": _weekly(season.weekly),
    }


def _special(special: SpecialDays) -> str:
    days = jdate(special.from_)
    if special.until is not None and special.until != special.from_:
        days = written_span(days, jdate(special.until))
    if special.closed:
        held = _("休み")
    elif special.hours:
        held = spans_words(special.hours)
    else:
        held = _("いつもの時間に開きます")
    words = _("%(days)s（%(name)s）：%(held)s") if special.name else _("%(days)s：%(held)s")
    return words % {"days": days, "name": special.name, "held": held}


def _suspension(pause: Suspension) -> str:
    first = jdate(pause.from_)
    if pause.until is None:
        days = _("%(first)sから、決まるまで") % {"first": first}
    else:
        days = written_span(first, jdate(pause.until))
    if not pause.message:
        return _("%(days)sは、預かりを休みます") % {"days": days}
    return _("%(days)sは、預かりを休みます（%(message)s）") % {
        "days": days,
        "message": pause.message,
    }


def _doors(doors: Sequence[DoorTimes]) -> Iterator[str]:
    for door in doors:
        times = spans_words([door])
        if door.weekdays:
            days = _days(door.weekdays, ())
            yield _("%(days)s %(hours)s") % {"days": days, "hours": times}
        else:
            yield times


def _needs(needed: NeedsChildren) -> str:
    said = _("予約が%(count)s人以上の日だけ開きます") % {"count": needed.at_least}
    if needed.weekdays:
        said = _("%(days)sは、%(said)s") % {"days": _days(needed.weekdays, ()), "said": said}
    if needed.decided is None:
        return said
    when = _("%(limit)sまでに決めます") % {"limit": deadline_words(needed.decided)}
    return listed([said, when, *filter(None, [first_day_words(needed.decided)])], "。")
