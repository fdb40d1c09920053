"""What holds for every document that can be written, and every wish that can be asked of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from portal.kernel.errors import Reason
from portal.policies.cancelling import late_steps
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.history import History
from portal.policies.matching import document_for
from portal.policies.notes import NOTE_VALUES, BookingNote
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import BookingRefusal
from tests.rules.any_rule import KINDS, documents
from tests.rules.policy_cases import cases, document, moments, past_uses, windows

pytestmark = pytest.mark.proves("R21")

R = BookingRefusal
#: Documents of every kind take a while to draw, and draw much.
FEWER = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def said(reasons: tuple[Reason, ...]) -> Counter[tuple[str, object, str]]:
    return Counter((r.code.value, r.child_id, repr(sorted(r.values.items()))) for r in reasons)


#: Kinds in which what was used before can only stand against a wish. With steps it can open one: a
#: child begins with one type of use. So can the first use where it has limits of its own, and a
#: variant that holds for it alone.
_COUNTING = tuple(kind for kind in KINDS if kind != "steps")


@st.composite
def counted(draw: st.DrawFn) -> RulesDocument:
    found = draw(documents(only=_COUNTING))
    units = found.units.model_copy(update={"first_visit": None}) if found.units else None
    return found.model_copy(update={"units": units})


@FEWER
@given(cases(counted()), moments, st.data())
def test_more_history_never_makes_more_allowed(
    wish: Case, now: datetime, data: st.DataObject
) -> None:
    more = data.draw(st.lists(past_uses(wish.children, wish.span.day), min_size=1, max_size=3))
    longer = History((*wish.history.uses, *more), wish.history.registrations)
    before, after = (decide(w, now=now) for w in (wish, replace(wish, history=longer)))
    assert {reason.code for reason in before.reasons} <= {reason.code for reason in after.reasons}
    for one, other in zip(before.caps, after.caps, strict=False):
        if one.cap is other.cap and one.child_id == other.child_id:
            assert other.used >= one.used


#: Openings of all ways and several phases; terms of regular use open by themselves, so do
#: calendars that rules lay over the facility's.
windowed = windows.map(lambda window: document(booking_window=window)) | documents(
    only=("booking_window", "hours", "regular", "allocation", "channels")
).filter(lambda rules: rules.booking_window is not None or rules.regular is not None)


@FEWER
@given(cases(windowed), st.booleans())
def test_a_windows_opening_is_itself_allowed(wish: Case, by_staff: bool) -> None:  # noqa: FBT001 - drawn
    wish = replace(wish, by_staff=by_staff)
    window = decide(wish, now=wish.span.starts_at - timedelta(days=900))
    assume(window.opens_at is not None)
    assert window.opens_at
    at_opening = replace(wish, received_at=window.opens_at)
    decision = decide(at_opening, now=window.opens_at)
    codes = {reason.code for reason in decision.reasons}
    assume(decision.opens_at == window.opens_at)  # not another phase by then
    assert R.NOT_YET_OPEN not in codes
    if window.opens_at < decision.closes_at:
        assert R.CLOSED_FOR_BOOKING not in codes
    earlier = window.opens_at - timedelta(microseconds=1)
    before = decide(replace(wish, received_at=earlier), now=earlier)
    assert any(r.code in {R.NOT_YET_OPEN, R.CLOSED_FOR_BOOKING} for r in before.reasons) or (
        before.opens_at != window.opens_at
    )


@FEWER
@given(cases(), moments)
def test_the_sum_of_lines_is_the_fee_and_nobody_is_paid_for_coming(
    wish: Case, now: datetime
) -> None:
    decision = decide(wish, now=now)
    fee = decision.fee
    assert fee.total_yen == sum(line.amount_yen for line in fee.lines) >= 0
    assert 0 <= fee.care_yen <= fee.total_yen
    ids = {child.child_id for child in wish.children if child.born_on <= wish.span.day}
    assert {line.child_id for line in fee.lines} <= ids or wish.trial_part is not None
    for child in wish.children:
        assert fee.for_child(child.child_id).total_yen >= 0
    assert all(step.amount_yen >= 0 for step in late_steps(wish, fee, now=now))


@FEWER
@given(cases(), moments)
def test_any_document_answers_with_reasons_that_name_their_rule(wish: Case, now: datetime) -> None:
    decision = decide(wish, now=now)
    kids = {None, *(child.child_id for child in wish.children)}
    for reason in decision.reasons:
        assert isinstance(reason.code, BookingRefusal)
        assert RULE_OF[reason.code].startswith("G")
        assert reason.child_id in kids
    for note in decision.notes:
        if isinstance(note.code, BookingNote):
            assert set(note.values) == NOTE_VALUES[note.code]
    for use in decision.caps:
        assert use.left >= 0
        assert use.this >= 0
        assert use.cap in document_for_any(wish)
    if decision.cancel_until is not None:
        assert decision.cancel_until <= wish.span.starts_at


def document_for_any(wish: Case) -> list[object]:
    laid = [document_for(wish, child) for child in wish.children]
    return [cap for each in (wish.document, *laid) for cap in each.caps]


@FEWER
@given(cases(), moments)
def test_deciding_twice_says_the_same(wish: Case, now: datetime) -> None:
    first = decide(wish, now=now)
    anew = RulesDocument.model_validate(wish.document.model_dump(mode="json"))
    second = decide(replace(wish, document=anew), now=now)
    assert said(first.reasons) == said(second.reasons)
    assert said(first.notes) == said(second.notes)
    assert (first.fee, first.opens_at, first.closes_at, first.cancel_until, first.outcome) == (
        second.fee, second.opens_at, second.closes_at, second.cancel_until, second.outcome
    )  # fmt: skip


@FEWER
@given(cases(), moments)
def test_brothers_and_sisters_meet_what_each_meets_alone(wish: Case, now: datetime) -> None:
    """What speaks of one child is as true beside another, as long as rules do not go by both."""
    document = wish.document.model_copy(update={"variants": (), "siblings": None, "caps": ()})
    if document.age is not None:
        document = document.model_copy(
            update={"age": document.age.model_copy(update={"with_sibling": None})}
        )
    no_show = document.no_show
    assume(no_show is None or no_show.per.value == "child")
    whole = decide(replace(wish, document=document), now=now)
    for child in wish.children:
        alone = decide(replace(wish, document=document, children=(child,)), now=now)
        mine = [r for r in whole.reasons if r.child_id in {None, child.child_id}]
        assert said(tuple(mine)) == said(alone.reasons)


def test_every_kind_is_drawn() -> None:
    names = set(RulesDocument.model_fields) - {"format", "title", "texts", "variants"}
    assert set(KINDS) == names
    drawn: Counter[str] = Counter()

    @settings(FEWER, max_examples=100, derandomize=True, database=None, phases=[Phase.generate])
    @given(documents())
    def draw(found: RulesDocument) -> None:
        drawn.update(found.model_dump(exclude_defaults=True).keys())

    draw()
    # Each by chance alone; a kind that contradicts itself whenever it is drawn would be missing.
    seldom = {kind: drawn[kind] for kind in (*KINDS, "variants") if drawn[kind] < 5}
    assert not seldom
