"""Rules that each make sense and together do not: one takes the other's effect away. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from portal.documents.i18n import gettext as _
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelRule
from portal.policies.cap_periods import CapPeriod, WeekStart
from portal.policies.document import RulesDocument
from portal.policies.open_days import OnHoliday
from portal.policies.rule import moment_on
from portal.rulebooks.problems import Problem
from portal.rulebooks.reading.mistakes import Path

#: Which times lie whole within which: a week can lie in two months.
_WITHIN: Mapping[CapPeriod | None, frozenset[CapPeriod | None]] = MappingProxyType(
    {
        CapPeriod.DAY: frozenset(
            {
                *(CapPeriod.WEEK, CapPeriod.MONTH, CapPeriod.HALF_YEAR, CapPeriod.FISCAL_YEAR),
                *(CapPeriod.CALENDAR_YEAR, CapPeriod.WHOLE_TIME),
            }
        ),
        CapPeriod.MONTH: frozenset(
            {
                *(CapPeriod.HALF_YEAR, CapPeriod.FISCAL_YEAR, CapPeriod.CALENDAR_YEAR),
                CapPeriod.WHOLE_TIME,
            }
        ),
        CapPeriod.WEEK: frozenset({CapPeriod.WHOLE_TIME}),
        CapPeriod.HALF_YEAR: frozenset({CapPeriod.FISCAL_YEAR, CapPeriod.WHOLE_TIME}),
    }
)
#: What two limits may differ in, and still count the same stays.
_OF_EACH_CAP: Final = {"amount", "period", "label", "week_starts"}
#: Deadlines are compared for stays of so many days, with closed weekends between them.
_SAMPLE_DAYS = 62
_FIRST_DAY = date(2026, 4, 1)
_WEEKDAYS = FacilityCalendar(frozenset(range(5)))
_SIDES = frozenset({"resident", "non_resident"})


def senseless(document: RulesDocument) -> list[Problem]:
    """Return what can never have an effect because another rule stands beside it."""
    found = [*_tiers(document.cancel), *_exceptions(document)]
    found += [*_week_starts(document), *_caps_above_others(document)]
    for path, name, value, beside in _fields(document):
        if name == "without_option" and value is not None and value == beside.get("with_option"):
            said = _("with_option と同じです。だれにもかかりません。どちらかを消してください。")
            found.append(Problem(path, said))
        if name == "residence" and value in _SIDES and not _knows_homes(document):
            said = _(
                "どこに住む方が使えるか（residence）のきまりがないので、この条件は"
                "当てはまりません。[residence] を書いてください。"
            )
            found.append(Problem(path, said))
    return found


def doubtful(document: RulesDocument) -> list[str]:
    """Return a sentence for what may be meant, and mostly is not: whoever publishes looks again."""
    found: list[str] = []
    hours = document.hours
    if hours is None:
        return found
    if hours.on_holidays == "closed":
        found += [
            _(
                "hours.closed_weekdays[%(number)s]：on_holidays は closed（祝日は休み）ですが、"
                "この曜日が祝日のときは開きます。休むときは、on_holiday を消してください。"
            )
            % {"number": number}
            for number, one in enumerate(hours.closed_weekdays, 1)
            if one.on_holiday is not OnHoliday.CLOSED
        ]
    found += [
        _(
            "hours.days[%(number)s]：closed も hours もないので、%(day)sは、祝日でも"
            "いつもの時間に開きます。休むときは、closed = true を書いてください。"
        )
        % {"number": number, "day": f"{special.from_:%Y-%m-%d}"}
        for number, special in enumerate(hours.days, 1)
        if not special.closed and not special.hours
    ]
    return found


def _tiers(cancel: CancelRule | None) -> Iterator[Problem]:
    """A step of the late fee that ends before it begins, on whatever day."""
    if cancel is None:
        return
    spans = [
        Span(moment_on(day, "09:00"), moment_on(day, "10:00"))
        for day in (_FIRST_DAY + timedelta(days=n) for n in range(_SAMPLE_DAYS))
    ]
    before = [cancel.until(span, _WEEKDAYS) for span in spans]
    for number, tier in enumerate(cancel.tiers):
        ends = [tier.ends_at(span, _WEEKDAYS) for span in spans]
        if all(end <= start for start, end in zip(before, ends, strict=True)):
            field = "until" if tier.until is not None else "until_minutes_before"
            said = _(
                "この段階は、無料の期限か前の段階より先に終わるので、使われません。"
                "期限を、早いほうから順に書いてください。"
            )
            yield Problem(("cancel", "tiers", number, field), said)
        else:
            before = list(ends)


def _exceptions(document: RulesDocument) -> Iterator[Problem]:
    rule = document.exceptions
    if rule is None:
        return
    for field, named in (("staff_may", rule.staff_may or ()), ("head_may", rule.head_may)):
        for number, code in enumerate(named):
            if code in rule.never:
                said = _("never にもあるので、だれも認められません。どちらかを消してください。")
                yield Problem(("exceptions", field, number), said)


def _week_starts(document: RulesDocument) -> Iterator[Problem]:
    for number, cap in enumerate(document.caps):
        # Monday is what stands there where nothing is written.
        if (
            cap.week_starts is not WeekStart.MON
            and cap.period is not CapPeriod.WEEK
            and not cap.weekly_average
        ):
            said = _("week_starts は、period が week のときだけ使います。消してください。")
            yield Problem(("caps", number, "week_starts"), said)


def _caps_above_others(document: RulesDocument) -> Iterator[Problem]:
    """A limit of a day that lets more be than that of its month is never reached."""
    for number, cap in enumerate(document.caps):
        wider = _WITHIN.get(cap.period, frozenset())
        for other in document.caps:
            if (
                other.period in wider
                and cap.amount > other.amount
                and not (other.weekly_average or other.extensions)
                and cap.on_breach is other.on_breach
                and cap.model_dump(exclude=_OF_EACH_CAP) == other.model_dump(exclude=_OF_EACH_CAP)
            ):
                said = _(
                    "もっと長い期間の上限（%(amount)s）より多いので、この上限には届きません。"
                    "数を%(amount)s以下にするか、どちらかを消してください。"
                ) % {"amount": f"{other.amount.normalize():f}"}
                yield Problem(("caps", number, "amount"), said)
                break


def _knows_homes(document: RulesDocument) -> bool:
    return document.residence is not None or any(
        "residence" in variant.laid for variant in document.variants
    )


def _fields(
    part: object, path: Path = ()
) -> Iterator[tuple[Path, str, object, Mapping[str, object]]]:
    """Every field of a document with its place, its name, its value and what stands beside it."""
    if isinstance(part, BaseModel):
        content: Mapping[str, object] = {
            (info.alias or name): getattr(part, name)
            for name, info in type(part).model_fields.items()
        }
        yield from _fields({**content, **(part.model_extra or {})}, path)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield (*path, str(name)), str(name), value, part
            yield from _fields(value, (*path, str(name)))
    elif isinstance(part, list | tuple):
        for number, inner in enumerate(part):
            yield from _fields(inner, (*path, number))
