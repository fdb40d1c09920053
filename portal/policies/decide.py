"""Where everybody asks: may this stay be booked, what does it cost, until when is cancelling free.

Calendar, booking, staff and "try it" all get the same answer from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelFee, WaivedReason
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.policies.reasons import OVERRULABLE, OVERRULED_BY_REFERRAL, BookingRefusal
from portal.policies.steps import (
    Before,
    StepKind,
    TrialFeeKind,
    reasons_against_trial,
    steps_against_use,
)
from portal.policies.window import BookingWindow, BookingWindowRule, WindowState


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a case.

    ``reasons`` empty means yes, as far as rules go: whether a place is free is the database's
    word. ``cancel_until`` is None where cancelling is always free, ``opens_at`` where booking has
    always been open.
    """

    reasons: tuple[Reason, ...]
    fee: Fee
    cancel_until: datetime | None
    opens_at: datetime | None
    closes_at: datetime
    #: What cancelling costs once ``cancel_until`` has come, unless waived.
    late_cancel_yen: int = 0
    #: What staff, or a referral, set aside; worth keeping with the booking.
    overruled: tuple[Reason, ...] = ()


def decide(case: Case, *, now: datetime) -> Decision:
    """Return every reason against the case at once, its fee, and its deadlines.

    The fee is told even where reasons stand against the booking.
    """
    document, day = case.document, case.span.day
    window = booking_window(document, case.calendar, day)
    found = tuple(_reasons(case, window, now=now))
    set_aside = case.overruled & OVERRULABLE if case.by_staff else frozenset()
    if case.on_the_spot:
        set_aside |= OVERRULED_BY_REFERRAL
    fee = _fee(case)
    late = document.cancel.late_fee if document.cancel else None
    return Decision(
        reasons=tuple(reason for reason in found if reason.code not in set_aside),
        fee=fee,
        cancel_until=document.cancel.until(case.span, case.calendar) if document.cancel else None,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        late_cancel_yen=late.amount(fee, len(case.children)) if late else 0,
        overruled=tuple(reason for reason in found if reason.code in set_aside),
    )


def booking_window(document: RulesDocument, calendar: FacilityCalendar, day: date) -> BookingWindow:
    """Return when care on ``day`` can be booked: ``opens_at <= t < closes_at``.

    Its ``state(now)`` says before, open or after. Closed days are not looked at.
    """
    return (document.booking_window or BookingWindowRule()).window(day, calendar)


def cancel_fee(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    fee: Fee,
    now: datetime,
    children: int = 1,
    waived: WaivedReason | None = None,
) -> CancelFee:
    """Return what cancelling costs at ``now``, whether that is late, and until when it was free.

    Args:
        document: The document under which the booking was made.
        fee: What is cancelled; ``Fee.for_child`` when one of several children stays away.
        children: How many children that are.
        waived: The family's reason, where the provider accepts it.
    """
    rule = document.cancel
    if rule is None:
        return CancelFee(0, is_late=False, until=None)
    until = rule.until(span, calendar)
    is_late = now >= until
    if not is_late or rule.late_fee is None or waived in rule.waived:
        return CancelFee(0, is_late, until)
    return CancelFee(rule.late_fee.amount(fee, children), is_late, until)


def fee_of_those_who_stay(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    told: Fee,
    staying: Sequence[ChildFacts],
    now: datetime,
    by_facility: bool = False,
) -> Fee:
    """Return what the children of a booking cost who still come once others are cancelled.

    Brothers and sisters are counted anew, as if only those who stay had been booked. Once the free
    time is over, or where the facility itself cancels, the fee that was told stands: nobody pays
    more because a child fell ill on the morning, or because a door stays shut.

    Args:
        document: The document under which the booking was made.
        told: The fee of those who stay until now.
    """
    if by_facility or document.fee is None:
        return told
    if document.cancel is not None and now >= document.cancel.until(span, calendar):
        return told
    return document.fee.fee(staying, span)


def reasons_against_cancelling(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    now: datetime,
    by_staff: bool = False,
) -> tuple[Reason, ...]:
    """Return why the booking cannot be cancelled now by the one who asks.

    A stay that has started is ended by its departure, not cancelled. Staff may enter a caller's
    cancellation until then.
    """
    if now >= span.starts_at:
        return (Reason(BookingRefusal.STAY_HAS_STARTED, {"starts_at": span.starts_at}),)
    rule = document.cancel
    if rule is not None and not rule.late_online and not by_staff:
        until = rule.until(span, calendar)
        if now >= until:
            return (Reason(BookingRefusal.CANCEL_BY_PHONE_ONLY, {"until_at": until}),)
    return ()


def _fee(case: Case) -> Fee:
    document = case.document
    usual = document.fee.fee(case.children, case.span) if document.fee else Fee()
    trial = document.steps.trial if document.steps else None
    if case.trial_part is None or trial is None or trial.fee is TrialFeeKind.USUAL:
        return usual
    values = {"part": case.trial_part}
    yen = trial.fixed_yen or 0
    return Fee(tuple(FeeLine(FeeLabel.TRIAL_CARE, values, c.child_id, yen) for c in case.children))


def _reasons(case: Case, window: BookingWindow, *, now: datetime) -> Iterator[Reason]:
    document, day = case.document, case.span.day
    # Only staff can say that a wish came in earlier than now, and nobody that it will come later.
    asked_at = min(case.received_at, now) if case.by_staff else now
    if not case.calendar.is_open(day):
        next_open_on = case.calendar.next_open_day(day)
        yield Reason(BookingRefusal.NOT_OPEN_DAY, {"on": day, "next_open_on": next_open_on})
    yield from _reasons_of_time(case, window, asked_at=asked_at, now=now)
    if document.units and case.trial_part is None:
        yield from document.units.reasons(case.span)
    for child in case.children:
        # Without a rule of age a child must still be born.
        yield from (document.age or AgeRule()).reasons(child.child_id, child.born_on, day)
        yield from _reasons_of_registration(case, child)
        for reason in _reasons_of_steps(case, child):
            yield replace(reason, child_id=child.child_id)


def _reasons_of_registration(case: Case, child: ChildFacts) -> Iterator[Reason]:
    document = case.document
    trial = document.steps.step(StepKind.TRIAL_CARE) if document.steps else None
    is_before_acceptance = trial is not None and trial.before is Before.ACCEPTANCE
    if case.trial_part is not None and is_before_acceptance:
        if not child.has_application:
            yield Reason(BookingRefusal.NO_APPLICATION, {}, child.child_id)
    elif document.registration:
        yield from document.registration.reasons(child, case.span.day)


def _reasons_of_steps(case: Case, child: ChildFacts) -> Iterator[Reason]:
    rule = case.document.steps
    if not child.record_holds:
        yield Reason(BookingRefusal.RECORD_TO_CONFIRM)
    if case.trial_part is not None:
        yield from reasons_against_trial(rule, child.steps, child.trial, case.trial_part, case.span)
        return
    for step in steps_against_use(rule, child.steps, case.purpose)[:1]:
        yield Reason(BookingRefusal.STEP_MISSING, {"step": step.kind.value})


def _reasons_of_time(
    case: Case, window: BookingWindow, *, asked_at: datetime, now: datetime
) -> Iterator[Reason]:
    day, starts_at = case.span.day, case.span.starts_at
    state = window.state(asked_at)
    if state is WindowState.BEFORE:
        yield Reason(BookingRefusal.NOT_YET_OPEN, {"on": day, "opens_at": window.opens_at})
    if state is WindowState.AFTER:
        yield Reason(BookingRefusal.CLOSED_FOR_BOOKING, {"on": day, "closed_at": window.closes_at})
    if now >= starts_at:
        yield Reason(BookingRefusal.ALREADY_STARTED, {"starts_at": starts_at})
        return
    minutes = case.document.booking_window.notice_minutes if case.document.booking_window else 0
    latest_at = starts_at - timedelta(minutes=minutes)
    if asked_at > latest_at:
        values = {"minutes": minutes, "latest_at": latest_at}
        yield Reason(BookingRefusal.NOTICE_TOO_SHORT, values)
