"""The words beside the sign of a day."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.documents.i18n import pgettext
from portal.policies.looking import DayRules
from portal.policies.window import WindowState
from portal.slots.availability import Sign, Vacancy
from portal.slots.opening import OpenDays

_WEEKDAYS = "月火水木金土日"
#: A closure's reason as short as this stands in its cell.
_SHORT_WORD = 4


def closed_word(rules: DayRules, opening: OpenDays) -> str:
    """Return why a day is closed, short enough for a cell: closure, holiday or weekday."""
    day, off = rules.day, opening.off_on(rules.day)
    if off is not None and not off.is_holiday:
        return _short(off.words)
    hours = rules.documents[0].hours
    named = hours.closure_on(day) if hours else None
    if named is not None:
        return _short(named)
    if off is not None or (day in rules.calendar.holidays and hours is not None):
        return _("祝日")
    return pgettext("closed weekday", f"{_WEEKDAYS[day.weekday()]}曜")


def _short(words: str) -> str:
    return words if 0 < len(words) <= _SHORT_WORD else _("休園")


def words_for(seen: Vacancy, state: WindowState) -> tuple[str, str | None]:
    """Return the words beside a sign, whole and for phones."""
    if seen.is_for_others:
        return _("対象外"), None
    if seen.places is not None:
        count = {"count": seen.places}
        return _("残り%(count)s人") % count, _("残%(count)s") % count
    if seen.sign is Sign.FEW:
        return _("一部空き"), _("一部")
    if seen.sign is Sign.FULL:
        return _("空きなし"), _("満")
    return (_("受付前") if state is WindowState.BEFORE else _("終了")), None
