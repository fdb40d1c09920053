"""Warnings about rules that can never admit anybody, found by looking for somebody. Pure.

Nothing is concluded from the fields: days, children, uses and stays are tried until one is allowed,
with everything else in order (``trying.assumed``). What is never found is warned about.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window
from portal.policies.document import RulesDocument
from portal.policies.hours import open_days
from portal.policies.openings import AnnouncedOpening
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.candidates import admitted, any_stay, purposes_of, stays_on, takes
from portal.rulebooks.caution import Caution, every_document
from portal.rulebooks.kinds import KINDS
from portal.rulebooks.reading.mistakes import Path
from portal.rulebooks.trying.build import facility_calendar
from portal.rulebooks.trying.written_calendar import WrittenCalendar

#: So many days ahead are looked at: every season, every fiscal year's end.
_A_YEAR = 366
_CHILD_YEARS = 13
#: Ages are looked at on every twelfth open day.
_EACH = 12
_DAYS_TOLD = 3


def never_admits(document: RulesDocument, *, today: date) -> list[Caution]:
    """Return what nobody can ever use; empty for rules that work.

    Args:
        today: From here a year of days is looked at.
    """
    calendar = open_days(document.hours, facility_calendar(WrittenCalendar(), today))
    days = [today + timedelta(days=n) for n in range(_A_YEAR)]
    opened = [day for day in days if calendar.is_open(day)]
    if not opened:
        said = _("これから1年、開いている日が1日もありません。")
        return [Caution(("hours",), said, nobody=True)]
    found = [*_ages(document, opened), *_windows(document, calendar, opened)]
    found += _stays(document, calendar, opened)
    return found or list(_uses(document, calendar, opened))


def _ages(document: RulesDocument, opened: list[date]) -> Iterator[Caution]:
    rule = document.age
    if rule is not None and not any(_admits_some_age(rule, day) for day in opened[::_EACH]):
        said = _("年齢：どの年齢のお子さんも使えません。何歳からと、何歳までを見てください。")
        yield Caution(("age",), said, nobody=True)


def _admits_some_age(rule: AgeRule, day: date) -> bool:
    births = (day - timedelta(days=n) for n in range(0, 365 * _CHILD_YEARS, 5))
    return any(_is_in(rule, born, day) for born in births)


def _is_in(rule: AgeRule, born: date, day: date) -> bool:
    last = rule.last_day(born)
    return rule.first_day(born) <= day and (last is None or day <= last)


def _windows(
    document: RulesDocument, calendar: FacilityCalendar, opened: list[date]
) -> Iterator[Caution]:
    shut = [day for day in opened if _is_never_open(document, calendar, day)]
    if len(shut) == len(opened):
        said = _("予約できる期間：どの日も、受付が始まる前に終わります。だれも予約できません。")
        yield Caution(("booking_window",), said, nobody=True)
        return
    for path, days in _by_period(document, shut).items():
        said = _(
            "予約できる期間：受付が始まる前に終わる日が、1年に%(count)s日あります（%(days)s）。"
            "受付の始まりと終わりを見てください。"
        )
        shown = listed([f"{day:%Y-%m-%d}" for day in days[:_DAYS_TOLD]])
        if len(days) > _DAYS_TOLD:
            shown = _("%(days)sなど") % {"days": shown}
        yield Caution(path, said % {"count": len(days), "days": shown})


def _by_period(document: RulesDocument, shut: list[date]) -> dict[Path, list[date]]:
    """The days by where their window stands: an announced period has a place of its own."""
    window = document.booking_window
    opens = window.opens if window else None
    periods = opens.periods if isinstance(opens, AnnouncedOpening) else ()
    found: dict[Path, list[date]] = {}
    for day in shut:
        period = opens.period_of(day) if isinstance(opens, AnnouncedOpening) else None
        path: Path = ("booking_window",)
        if period is not None:
            path = (*path, "opens", "periods", periods.index(period))
        found.setdefault(path, []).append(day)
    return found


def _is_never_open(document: RulesDocument, calendar: FacilityCalendar, day: date) -> bool:
    window = booking_window(document, calendar, day)
    return window.opens_at is not None and window.opens_at >= window.closes_at


def _stays(
    document: RulesDocument, calendar: FacilityCalendar, opened: list[date]
) -> Iterator[Caution]:
    """What no open day of the year has room for: any stay at all, or one of the blocks."""
    fitting = {stay for day in opened for stay in stays_on(document, calendar, day)}
    if not fitting and _has_no_stay_at_all(document):
        said = _(
            "預かりの時間：きざみと長さに合う預かりが、1つもありません。"
            "長さ（min_minutes・max_minutes・lengths）を、きざみ（grid_minutes）で"
            "割りきれる数にしてください。"
        )
        yield Caution(("units",), said, nobody=True)
        return
    if not fitting:
        said = _("預かりの時間：開いている時間に入る預かりが、1つもありません。")
        yield Caution(("units",), said, nobody=True)
        return
    laid = [one.units for _inside, one in every_document(document) if one.units is not None]
    for number, block in enumerate(document.units.blocks if document.units else ()):
        stay = (block.starts, block.ends)
        if stay in fitting and not any(takes(units, stay) for units in laid):
            said = _(
                "「%(name)s」（%(from)s〜%(to)s）は、長さや始まりのきまりに合わないので、"
                "だれも予約できません。min_minutes・max_minutes・afternoon_only を見てください。"
            )
            named = {"name": block.label, "from": block.starts, "to": block.ends}
            yield Caution(("units", "blocks", number), said % named, nobody=True)
        if (block.starts, block.ends) not in fitting:
            said = _("「%(name)s」（%(from)s〜%(to)s）は、どの日も開いている時間に入りません。")
            named = {"name": block.label, "from": block.starts, "to": block.ends}
            yield Caution(("units", "blocks", number), said % named, nobody=True)


def _has_no_stay_at_all(document: RulesDocument) -> bool:
    """Whether the units let no stay through, be it open day and night."""
    return document.units is not None and not any_stay(document.units)


def _uses(
    document: RulesDocument, calendar: FacilityCalendar, opened: list[date]
) -> Iterator[Caution]:
    purposes = purposes_of(document)
    kinds = [kind.code for kind in document.purposes.types] if document.purposes else []
    for purpose in purposes:
        against: set[BookingRefusal] = set()
        if admitted(document, calendar, opened, purpose, against) is not None:
            continue
        who = _("このきまりでは、だれも予約できません。")
        path = _place_of(against, document)
        if len(purposes) > 1 and purpose is not None and document.purposes is not None:
            name = document.purposes.name_of(purpose)
            who = _("「%(name)s」では、だれも予約できません。") % {"name": name}
            path = ("purposes", "types", kinds.index(purpose)) if purpose in kinds else path
        said = _("%(who)s合わないもの：%(rules)s")
        words = said % {"who": who, "rules": listed(_rules(against))}
        yield Caution(path, words, nobody=True)


def _place_of(against: set[BookingRefusal], document: RulesDocument) -> Path:
    """The part of the document whose rule stands against everybody, if it is one alone."""
    numbers = {RULE_OF.get(code, "") for code in against}
    fields = [
        field
        for kind in KINDS
        if kind.number in numbers
        for field in kind.fields
        if field in document.model_fields_set
    ]
    if len(fields) != 1:
        return ()
    rules = getattr(document, fields[0])
    return (fields[0], 0) if isinstance(rules, tuple) and len(rules) == 1 else (fields[0],)


def _rules(against: set[BookingRefusal]) -> list[str]:
    """What stood against the wishes that came closest, by the names of the rules."""
    titles = {kind.number: kind.title for kind in KINDS}
    named = [titles.get(RULE_OF.get(code, ""), "") for code in BookingRefusal if code in against]
    return [title for title in dict.fromkeys(named) if title]
