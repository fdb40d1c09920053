"""Kind G12, counting: the points a child has, and what they mean for a wish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from portal.kernel.age import fiscal_year, last_day_of_months, months_later
from portal.kernel.errors import Reason
from portal.policies.cap_count import is_within
from portal.policies.caps import Per
from portal.policies.case import Case
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee
from portal.policies.history import PastUse, UseState
from portal.policies.noshow_rule import (
    Follows,
    NoShowConsequence,
    NoShowRule,
    PointsKept,
    StopBegins,
    StopOf,
)
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal


class Stop(NamedTuple):
    """Days on which care, or asking for it, is stopped; ``last`` is None until staff lift it."""

    first: date
    last: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether a local day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class NoShowStanding:
    """What earlier absences mean for one child's wish."""

    #: The points that count on the day it is asked.
    points: Decimal = Decimal(0)
    reasons: tuple[Reason, ...] = ()
    notes: tuple[Reason, ...] = ()


def no_show_standing(
    rule: NoShowRule | None, case: Case, child: ChildFacts, *, asked_on: date
) -> NoShowStanding:
    """Return what follows for a child's wish from days on which nobody came or told.

    Of several consequences that hold, the strictest one speaks, and the longest stop.

    Args:
        asked_on: The local day of asking; points older than the rule keeps them are forgotten.
    """
    if rule is None:
        return NoShowStanding()
    offences = sorted(_offences(rule, case, child))
    points = sum((p for on, p in offences if _counts(rule, on, asked_on)), Decimal(0))
    holding = [
        (each, stop)
        for each in rule.consequences
        for stop in _stops(rule, each, offences)
        if _concerns(each, stop, case, asked_on)
    ]
    follows = {each.then for each, _ in holding}
    if Follows.REFUSE in follows and is_spared(rule, case, child):
        follows = {Follows.ASK_STAFF}
    if Follows.REFUSE in follows:
        lasts = [stop.last for each, stop in holding if each.then is Follows.REFUSE]
        return NoShowStanding(points, reasons=(_stopped(lasts, child),))
    if Follows.ASK_STAFF in follows:
        return NoShowStanding(points, notes=(_note(BookingNote.NO_SHOW_TALK, child),))
    if Follows.WARNING in follows and not is_spared(rule, case, child):
        return NoShowStanding(points, notes=(_note(BookingNote.NO_SHOW_WARNING, child),))
    return NoShowStanding(points)


def is_spared(rule: NoShowRule, case: Case, child: ChildFacts) -> bool:
    """Say whether support stands beside the family: then nothing is ever refused for absences."""
    marks = (*child.marks, *case.household.marks)
    return case.on_the_spot or any(
        mark.code in rule.spared_marks and mark.holds_on(case.span.day) for mark in marks
    )


def no_show_fee(rule: NoShowRule | None, fee: Fee, children: int) -> int | None:
    """Return the whole yen of a day nobody came, for all children of ``fee``.

    A broken yen goes to the family. None where the rule leaves it to cancelling.
    """
    if rule is None or rule.fee is None:
        return None
    if rule.fee.percent is None:
        return (rule.fee.yen or 0) * children
    return (fee.total_yen if rule.fee.of_total else fee.care_yen) * rule.fee.percent // 100


def _offences(rule: NoShowRule, case: Case, child: ChildFacts) -> Iterator[tuple[date, Decimal]]:
    points = {
        UseState.NO_SHOW: rule.points,
        UseState.CANCELLED_LATE: rule.late_cancel_points,
        UseState.CANCELLED: rule.cancel_points,
    }
    that_count = tuple(state for state, each in points.items() if each)
    for use in case.history.uses:
        if (
            use.state in that_count
            and (rule.per is Per.HOUSEHOLD or use.child_id == child.child_id)
            and (rule.all_programmes or use.is_same_programme)
            and _is_ours(rule, use)
        ):
            yield use.day, points[use.state]


def _is_ours(rule: NoShowRule, use: PastUse) -> bool:
    # What a family tells of itself about other places is never held against it.
    return not use.is_declared and is_within(rule.scope, use)


def _counts(rule: NoShowRule, on: date, later: date) -> bool:
    """Say whether points of ``on`` still count on a later day."""
    if on > later:
        return False
    if rule.points_kept is PointsKept.FISCAL_YEAR:
        return fiscal_year(on) == fiscal_year(later)
    if rule.points_kept is PointsKept.MONTHS:
        return later <= months_later(on, rule.points_months or 0)
    return True


def _stops(
    rule: NoShowRule, each: NoShowConsequence, offences: Sequence[tuple[date, Decimal]]
) -> Iterator[Stop]:
    """Yield the time after every offence with which the points came together."""
    for day, _ in offences:
        together = sum((p for on, p in offences if _counts(rule, on, day)), Decimal(0))
        if together >= each.at_points:
            yield _stop(rule, each, day)


def _stop(rule: NoShowRule, each: NoShowConsequence, day: date) -> Stop:
    first = day + timedelta(days=1)
    if each.begins is StopBegins.NEXT_MONTH:
        first = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    eve = first - timedelta(days=1)
    if each.months is not None:
        whole = each.begins is StopBegins.NEXT_MONTH
        last = (last_day_of_months if whole else months_later)(first if whole else eve, each.months)
        return Stop(first, last)
    if each.days is not None:
        return Stop(first, eve + timedelta(days=each.days))
    if each.until_fiscal_year_end:
        return Stop(first, date(fiscal_year(day) + 1, 3, 31))
    return Stop(first, _forgotten_after(rule, day))


def _forgotten_after(rule: NoShowRule, day: date) -> date | None:
    """Return the last day on which a point of ``day`` counts: so long a consequence lasts."""
    if rule.points_kept is PointsKept.FISCAL_YEAR:
        return date(fiscal_year(day) + 1, 3, 31)
    if rule.points_kept is PointsKept.MONTHS:
        return months_later(day, rule.points_months or 0)
    return None


def _concerns(each: NoShowConsequence, stop: Stop, case: Case, asked_on: date) -> bool:
    by_use, by_asking = stop.holds_on(case.span.day), stop.holds_on(asked_on)
    return {
        StopOf.USE: by_use,
        StopOf.BOOKING: by_asking,
        StopOf.BOTH: by_use or by_asking,
    }[each.stops]


def _stopped(lasts: Sequence[date | None], child: ChildFacts) -> Reason:
    known = [last for last in lasts if last is not None]
    last = max(known) if len(known) == len(lasts) else None
    from_on = last + timedelta(days=1) if last else None
    return Reason(
        BookingRefusal.NO_SHOW_STOP, {"last_on": last, "from_on": from_on}, child.child_id
    )


def _note(code: BookingNote, child: ChildFacts) -> Reason:
    return Reason(code, {}, child.child_id)
