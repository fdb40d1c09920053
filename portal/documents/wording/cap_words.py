"""Amounts and times that limits of use speak of, as readers of the language in use expect them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from portal.documents.dates import jday, jduration, jmonth, weekday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.kernel.age import fiscal_year

#: How much, by the metric that a limit counts in.
_AMOUNTS: Mapping[str, str] = MappingProxyType(
    {
        "days": "%(count)s日",
        "visits": "%(count)s回",
        "half_days": "%(count)s日分",
        "consecutive_days": "続けて%(count)s日",
        "days_from_first": "はじめの日から%(count)s日",
        "causes": "%(count)sつの事情",
        "upcoming_visits": "これからの予約%(count)s回",
        "registrations": "登録%(count)sか所",
    }
)
_MINUTES = 60
_WEEKDAYS = dict(
    zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "月火水木金土日", strict=True)
)


def cap_amount(amount: tuple[float, str]) -> str:
    """Return ``7日``, ``2.5日分`` or ``10時間30分`` of a number and its metric.

    Half days are told as such: two of them make a day.
    """
    number, metric = amount
    if metric.startswith("hours"):
        return jduration(round(number * _MINUTES))
    # A whole number chooses its plural form; a half day is told as it is.
    return _(_AMOUNTS[metric]) % {"count": int(number) if number == int(number) else number}


def cap_period(period: tuple[str, date, date]) -> str:
    """Return ``11月`` or ``11月16日からの1週間`` of the name of a period and its two ends.

    Without the year: whoever reads it has just asked for a day in it.
    """
    name, first, last = period
    match name:
        case "day":
            said = jday(first)
        case "week":
            said = _("%(day)sからの1週間") % {"day": jday(first)}
        case "month":
            said = jmonth(first, first)
        case "fiscal_year":
            said = _("%(year)s年度") % {"year": fiscal_year(first)}
        case "calendar_year":
            said = _("%(year)s年") % {"year": first.year}
        case "running_days":
            said = _("続く%(days)s日間") % {"days": (last - first).days // 2 + 1}
        case _:
            said = _("%(first)sから%(last)sまで") % {"first": jday(first), "last": jday(last)}
    return said


def cap_scope(scope: str) -> str:
    """Return ``ほかの園も合わせて``, or nothing where one facility alone counts."""
    return "" if scope == "facility" else _("ほかの園も合わせて、")


def cap_of_home() -> str:
    """Return whose a limit is that brothers and sisters share."""
    return _("ご家庭全体")


def weekdays(codes: Iterable[str]) -> str:
    """Return ``月・水`` of ``mon`` and ``wed``."""
    return listed([weekday(_WEEKDAYS[code]) for code in codes], "・")
