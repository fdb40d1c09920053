"""Kind G6, counting: what a wish uses of each cap, what is left, and when there is room again."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.kernel.clock import local_date
from portal.kernel.errors import Reason
from portal.policies.cap_periods import ALWAYS, CapPeriod, Days
from portal.policies.cap_sums import Stay, steps_of, weight
from portal.policies.caps import Breach, CapMetric, CapRule, CapScope, Per, TrialCounting
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.history import PastUse, UseState
from portal.policies.notes import BookingNote
from portal.policies.purposes import purpose_of
from portal.policies.reasons import BookingRefusal

#: How many days or periods ahead room is looked for.
_TRIES = 62

_CODES: Mapping[Breach, BookingRefusal | BookingNote] = {
    Breach.REFUSE: BookingRefusal.CAP_REACHED,
    Breach.SURCHARGE: BookingNote.ABOVE_CAP_RATE,
    Breach.ASK_STAFF: BookingNote.CAP_NEEDS_STAFF,
}


@dataclass(frozen=True, slots=True)
class CapUse:
    """What one child, or its whole household, has used of a cap, this stay apart.

    ``first`` and ``last`` are the days the cap counts, None where open. Amounts are in the unit of
    the metric: days, stays, or hours. ``this`` is what the wish adds: nothing for a second stay on
    a day that counts already.
    """

    cap: CapRule
    child_id: uuid.UUID | None
    first: date | None
    last: date | None
    used: Decimal
    this: Decimal
    limit: Decimal
    #: The first later day on which such a stay fits; looked for only where this one does not.
    next_on: date | None = None

    @property
    def label(self) -> str:
        """The provider's name for the cap; may be empty."""
        return self.cap.label

    @property
    def unit(self) -> CapMetric:
        """What the amounts are counted in."""
        return self.cap.metric

    @property
    def period(self) -> tuple[str, date, date] | None:
        """The name of the period with its first and last day; None where it is open."""
        if self.cap.period is None or self.first is None or self.last is None:
            return None
        return self.cap.period.value, self.first, self.last

    @property
    def left(self) -> Decimal:
        """What may still be used besides this stay; never negative."""
        return max(Decimal(0), self.limit - self.used - self.this)

    @property
    def is_breached(self) -> bool:
        """Say whether the stay would go above the cap: exactly the limit is allowed."""
        return self.used + self.this > self.limit

    @property
    def above(self) -> Decimal:
        """How much of this stay lies above the cap."""
        return max(Decimal(0), min(self.this, self.used + self.this - self.limit))


def caps_of(
    case: Case,
    *,
    now: datetime,
    document: RulesDocument | None = None,
    children: Sequence[ChildFacts] | None = None,
) -> tuple[CapUse, ...]:
    """Return what the wish uses of every cap that holds for it, in the order of the document.

    Args:
        now: For caps on stays still to come.
        document: The rules as they stand for ``children``; the case's own where left out.
        children: Whose caps are asked for; all of the wish by default. A household's cap counts
            all children of the wish in any case, and stands once.
    """
    rules = document or case.document
    asked = case.children if children is None else children
    today, wish = local_date(now), Stay.wished(case.span, rules.units, case.cause)
    counts = (
        _Count(cap, case, rules, child, today, wish)
        for cap in rules.caps
        if _is_judged(cap, case, rules)
        for child in ((None,) if cap.per is Per.HOUSEHOLD else asked)
    )
    return tuple(found for count in counts if (found := count.found()) is not None)


def cap_reasons(uses: Iterable[CapUse]) -> Iterator[Reason]:
    """Yield a reason for each breached cap that refuses."""
    return _reasons(uses, {Breach.REFUSE})


def cap_notes(uses: Iterable[CapUse]) -> Iterator[Reason]:
    """Yield what breached caps that do not refuse say: another price, or that staff decide."""
    return _reasons(uses, {Breach.SURCHARGE, Breach.ASK_STAFF})


def minutes_above(uses: Iterable[CapUse], minutes: int) -> dict[uuid.UUID | None, int]:
    """Return by child how many minutes of a stay of ``minutes`` are above caps that cost more.

    Of days and stays the same share of the minutes, rounded up. Under several caps the greatest
    number counts. None stands for a household's cap: every child of the wish.
    """
    found: dict[uuid.UUID | None, int] = {}
    for use in uses:
        if use.cap.on_breach is Breach.SURCHARGE and use.above:
            share = math.ceil(minutes * use.above / use.this)
            found[use.child_id] = max(found.get(use.child_id, 0), share)
    return found


@dataclass(frozen=True, slots=True)
class _Count:
    """One cap, counted for one child of a wish, or for the household (None)."""

    cap: CapRule
    case: Case
    rules: RulesDocument
    child: ChildFacts | None
    today: date
    wish: Stay

    def found(self) -> CapUse | None:
        """Count; None where the cap does not hold on the day, or the stay counts as nothing."""
        cap, day, wish = self.cap, self.case.span.day, self.wish
        days = self._days(day)
        if days is None or not weight(cap, wish):
            return None
        limit, next_on = self._limit(day, days), None
        if cap.metric is CapMetric.REGISTRATIONS:
            used = total = self.case.history.registrations * cap.in_one
        else:
            wishes = (wish,) if self.child else (wish,) * len(self.case.children)
            uses = tuple(self._stays(days))
            used = self._steps(uses, day, days)
            total = self._steps((*uses, *wishes), day, days)
            if total > limit:
                next_on = self._next_on(tuple(self._stays(ALWAYS)), wishes)
        in_one = Decimal(cap.in_one)
        return CapUse(
            cap,
            self.child.child_id if self.child else None,
            days.first,
            days.last,
            used=used / in_one,
            this=(total - used) / in_one,
            limit=limit / in_one,
            next_on=next_on,
        )

    def _days(self, day: date) -> Days | None:
        child = self.child
        held = Days(child.registered_from, child.registered_until) if child else ALWAYS
        return self.cap.days_around(day, held)

    def _limit(self, day: date, days: Days) -> int:
        length = self.cap.running_days or days.length
        extended = 0
        if self.cap.extensions:
            marks = (*(self.child.marks if self.child else ()), *self.case.household.marks)
            extended = sum(m.code == self.cap.extension_mark and m.holds_on(day) for m in marks)
        return self.cap.limit_steps(extended, length)

    def _steps(self, stays: Sequence[Stay], day: date, days: Days) -> int:
        return steps_of(self.cap, stays, day, days, self.case.calendar)

    def _stays(self, days: Days) -> Iterator[Stay]:
        """Yield the past and booked stays on these days that the cap counts."""
        cap, trials = self.cap, _trials(self.cap, self.rules)
        left_out, child_id = _uncounted(cap), self.child.child_id if self.child else None
        first, last = days.first or date.min, days.last or date.max
        is_for_all = cap.counts_all_purposes or not (
            cap.purposes or cap.except_purposes or cap.reasons or cap.except_reasons
        )
        for use in self.case.history.between(child_id, first, last):
            if use.state in left_out:
                continue
            if cap.per_cause and use.cause != self.case.cause:
                continue
            if cap.metric is CapMetric.UPCOMING_VISITS and (
                use.state is not UseState.BOOKED or use.day < self.today
            ):
                continue
            # A usual stay under a limit for every use needs no further question.
            is_usual = use.is_here and use.is_same_programme and not use.is_declared
            if (is_for_all and is_usual and not use.is_trial) or _is_counted(
                cap, use, trials, self.rules
            ):
                yield Stay.used(use)

    def _next_on(self, uses: Sequence[Stay], wishes: Sequence[Stay]) -> date | None:
        """Return the first later open day on which the wish fits; None where none is in reach.

        Never a day on which the child comes already.
        """
        calendar, taken = self.case.calendar, {stay.day for stay in uses}
        after = self._last_of(self.case.span.day)
        for _ in range(_TRIES):
            day = calendar.next_open_day(after) if after else None
            days = self._days(day) if day else None
            if day is None or days is None:
                return None
            moved = [stay._replace(day=day) for stay in wishes]
            limit = self._limit(day, days)
            if self._steps(moved, day, days) > limit:
                return None
            if day in taken:
                after = day
            elif self._steps((*uses, *moved), day, days) <= limit:
                return day
            else:
                after = self._last_of(day)
        return None

    def _last_of(self, day: date) -> date | None:
        """Return the day after which the count is another one."""
        days = self._days(day)
        if self.cap.period is CapPeriod.RUNNING_DAYS or (
            self.cap.metric is CapMetric.CONSECUTIVE_DAYS
        ):
            return day
        return days.last if days else None


def _reasons(uses: Iterable[CapUse], breaches: set[Breach]) -> Iterator[Reason]:
    for use in uses:
        if use.cap.on_breach not in breaches or not use.is_breached:
            continue
        values = {
            "cap": use.label or None,
            "scope": use.cap.scope.value,
            "limit": (_plain(use.limit), use.unit.value),
            "used": (_plain(use.used), use.unit.value),
            "period": use.period,
            "next_on": use.next_on,
        }
        yield Reason(_CODES[use.cap.on_breach], values, use.child_id)


def _plain(number: Decimal) -> int | float:
    return int(number) if number == int(number) else float(number)


def _is_judged(cap: CapRule, case: Case, rules: RulesDocument) -> bool:
    is_trial = case.trial_part is not None
    return _falls_under(cap, case.purpose, case.reason, _trials(cap, rules), is_trial=is_trial)


def _trials(cap: CapRule, rules: RulesDocument) -> TrialCounting:
    if cap.trials is not None:
        return cap.trials
    trial = rules.steps.trial if rules.steps else None
    counts = trial is None or trial.counts_toward_caps
    return TrialCounting.LIKE_OTHERS if counts else TrialCounting.NEVER


def _falls_under(
    cap: CapRule, purpose: str | None, reason: str | None, trials: TrialCounting, *, is_trial: bool
) -> bool:
    if is_trial and trials is not TrialCounting.LIKE_OTHERS:
        return trials is TrialCounting.ALWAYS
    return (
        (not cap.purposes or purpose in cap.purposes)
        and purpose not in cap.except_purposes
        and (not cap.reasons or reason in cap.reasons)
        and reason not in cap.except_reasons
    )


def _uncounted(cap: CapRule) -> tuple[UseState, ...]:
    counts = (
        (UseState.CANCELLED, cap.counts_cancelled),
        (UseState.CANCELLED_LATE, cap.counts_late_cancelled),
        (UseState.NO_SHOW, cap.counts_no_show),
    )
    # A set would ask each stay for its hash, which an enum works out in Python.
    return tuple(state for state, is_counted in counts if not is_counted)


def _is_counted(cap: CapRule, use: PastUse, trials: TrialCounting, rules: RulesDocument) -> bool:
    if use.is_declared and not cap.counts_declared:
        return False
    if not (cap.all_programmes or use.is_same_programme) or not is_within(cap.scope, use):
        return False
    if cap.counts_all_purposes and not use.is_trial:
        return True
    by_purpose = cap.purposes or cap.except_purposes
    purpose = purpose_of(rules.purposes, use.purpose, use.reason) if by_purpose else None
    return _falls_under(cap, purpose, use.reason, trials, is_trial=use.is_trial)


def is_within(scope: CapScope, use: PastUse) -> bool:
    """Say whether a stay lies where a rule counts."""
    if scope is CapScope.EVERYWHERE or use.is_here:
        return True
    if scope is CapScope.PROVIDER:
        return use.is_same_provider
    return scope is CapScope.MUNICIPALITY and use.is_in_city
