"""Days, hours and rounds of booking that mostly are not meant so. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from portal.documents.i18n import gettext as _
from portal.policies.calendar import FacilityCalendar
from portal.policies.channels import Action
from portal.policies.deadlines import Deadline
from portal.policies.document import RulesDocument
from portal.policies.hours import HoursRule
from portal.policies.noshow_rule import Follows, NoShowRule, PointsKept
from portal.policies.open_days import OnHoliday, OpenSpan, SpecialDays, WeeklyHours
from portal.policies.rule import moment_on
from portal.policies.window import BookingWindow, BookingWindowRule
from portal.rulebooks.caution import Caution
from portal.rulebooks.reading.mistakes import Path

#: Days with every weekday, every fifth weekday and both ends of months among them.
SAMPLE = tuple(date(2026, 4, 1) + timedelta(days=n) for n in range(366))
#: Deadlines and openings are looked at for so many of them.
TWO_MONTHS = 62
#: Closed at weekends, so that open days and calendar days differ.
WORKDAYS = FacilityCalendar(frozenset(range(5)))


def days_doubted(document: RulesDocument) -> Iterator[Caution]:
    """Yield what of opening, booking and not coming is mostly not meant so."""
    if document.hours is not None:
        yield from _holidays(document.hours)
        yield from _overlaps(document.hours)
        yield from _days_twice(document.hours.days)
    yield from _windows(document)
    yield from _ways(document)
    if document.no_show is not None:
        yield from _no_shows(document.no_show)


def _holidays(hours: HoursRule) -> Iterator[Caution]:
    if hours.on_holidays == "closed":
        said = _(
            "on_holidays は closed（祝日は休み）ですが、"
            "この曜日が祝日のときは開きます。休むときは、on_holiday を消してください。"
        )
        for number, one in enumerate(hours.closed_weekdays):
            if one.on_holiday is not OnHoliday.CLOSED:
                yield Caution(("hours", "closed_weekdays", number), said)
    for number, special in enumerate(hours.days):
        if not special.closed and not special.hours:
            said = _(
                "closed も hours もないので、%(day)sは、祝日でも"
                "いつもの時間に開きます。休むときは、closed = true を書いてください。"
            ) % {"day": f"{special.from_:%Y-%m-%d}"}
            yield Caution(("hours", "days", number), said)


def _overlaps(hours: HoursRule) -> Iterator[Caution]:
    yield from _weekly_overlaps(hours.weekly, ("hours", "weekly"))
    for number, season in enumerate(hours.seasons):
        yield from _weekly_overlaps(season.weekly, ("hours", "seasons", number, "weekly"))
    for number, special in enumerate(hours.days):
        yield from _spans_overlap(special.hours, ("hours", "days", number, "hours"))
    yield from _spans_overlap(hours.holiday_hours, ("hours", "holiday_hours"))


def _weekly_overlaps(weekly: Sequence[WeeklyHours], path: Path) -> Iterator[Caution]:
    for (_n, one), (number, other) in combinations(enumerate(weekly), 2):
        if _overlap(one, other) and any(one.holds(day) and other.holds(day) for day in SAMPLE):
            yield _overlapping(one, other, (*path, number))


def _spans_overlap(spans: Sequence[OpenSpan], path: Path) -> Iterator[Caution]:
    for (_n, one), (number, other) in combinations(enumerate(spans), 2):
        if _overlap(one, other):
            yield _overlapping(one, other, (*path, number))


def _overlap(one: OpenSpan, other: OpenSpan) -> bool:
    return one.starts < other.ends and other.starts < one.ends


def _overlapping(one: OpenSpan, other: OpenSpan, path: Path) -> Caution:
    said = _(
        "%(one)s と重なっています。預かりは、どちらか1つの時間の中だけになり、"
        "%(both)s の預かりは断られます。続けて開くときは、1つの時間にまとめてください。"
    )
    both = f"{min(one.starts, other.starts)}〜{max(one.ends, other.ends)}"
    return Caution(path, said % {"one": f"{one.starts}〜{one.ends}", "both": both})


def _days_twice(days: Sequence[SpecialDays]) -> Iterator[Caution]:
    """The first that holds wins: a later one whose days all lie in it never does."""
    for (_n, one), (number, other) in combinations(enumerate(days), 2):
        if one.holds(other.from_) and one.holds(other.until or other.from_):
            said = _(
                "%(day)sは、前に書いた行にもあります。先に書いたほうが使われ、この行は使われません。"
                "どちらかを消してください。"
            )
            yield Caution(("hours", "days", number), said % {"day": f"{other.from_:%Y-%m-%d}"})


def _windows(document: RulesDocument) -> Iterator[Caution]:
    rule = document.booking_window
    if rule is None:
        return
    deadlines: list[tuple[Path, Deadline | None]] = [(("closes",), rule.closes)]
    deadlines += [(("phases", n, "closes"), one.closes) for n, one in enumerate(rule.phases)]
    for path, closes in deadlines:
        if closes is not None and _is_after_every_day(closes):
            said = _(
                "いつも利用日より後になるので、受付は利用日の終わり（24:00）まで続きます。"
                "期限の日を見てください。"
            )
            yield Caution(("booking_window", *path), said)
    yield from _phases(rule)


def _is_after_every_day(closes: Deadline) -> bool:
    pairs = [(closes.before(day, WORKDAYS), moment_on(day, "24:00")) for day in SAMPLE]
    return all(end <= limit for limit, end in pairs) and any(end < limit for limit, end in pairs)


def _phases(rule: BookingWindowRule) -> Iterator[Caution]:
    by_day = [_rounds(rule, day) for day in SAMPLE[:TWO_MONTHS]]
    for number, earlier in enumerate(rule.phases[:-1], start=1):
        pairs = [(rounds[number - 1], rounds[number]) for rounds in by_day]
        if all(_opens_after(*pair) for pair in pairs):
            said = _("前の「%(name)s」より先に始まります。回は、始まる順に書いてください。")
        elif all(after.closes_at <= before.closes_at for before, after in pairs):
            said = _(
                "前の「%(name)s」が終わるまでに終わるので、この回は使われません。"
                "前の回を、先に終わるようにしてください。"
            )
        else:
            continue
        yield Caution(("booking_window", "phases", number), said % {"name": earlier.name})


def _rounds(rule: BookingWindowRule, day: date) -> list[BookingWindow]:
    """Each round by itself, in the order written."""
    alone = [rule.model_copy(update={"phases": (phase,)}) for phase in rule.phases]
    return [one.window(day, WORKDAYS) for one in alone]


def _opens_after(before: BookingWindow, after: BookingWindow) -> bool:
    opens = before.opens_at, after.opens_at
    return opens[0] is not None and opens[1] is not None and opens[0] > opens[1]


def _ways(document: RulesDocument) -> Iterator[Caution]:
    rule = document.channels
    if rule is not None and not rule.offered(Action.BOOK):
        said = _(
            "予約を受ける方法が1つもないので、だれも申し込めません。"
            "どれかの方法の actions に book を足してください。"
        )
        yield Caution(("channels", "ways"), said, nobody=True)


def _no_shows(rule: NoShowRule) -> Iterator[Caution]:
    if rule.consequences and not (rule.points or rule.late_cancel_points or rule.cancel_points):
        said = _("点数がどれも0なので、何も起きません。points に1などの点数を書いてください。")
        yield Caution(("no_show", "points"), said)
    for number, each in enumerate(rule.consequences):
        if each.then is not Follows.REFUSE or (
            each.months or each.days or each.until_fiscal_year_end
        ):
            continue
        until = {
            PointsKept.ALWAYS: _("ずっと"),
            PointsKept.FISCAL_YEAR: _("その年度の終わりまで"),
            PointsKept.MONTHS: _("点数が消えるまでの%(months)sか月間"),
        }[rule.points_kept] % {"months": rule.points_months}
        said = _(
            "いつまで断るかがないので、%(until)s断ります。"
            "期間は、months・days・until_fiscal_year_end のどれかで書いてください。"
        )
        yield Caution(("no_show", "consequences", number), said % {"until": until})
