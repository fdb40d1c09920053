"""When a child stands out as not arrived, and what may be recorded, as pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.attendance.hours import hours_of_day
from portal.attendance.rules import (
    GRACE,
    AttendanceRefusal,
    Presence,
    StayFacts,
    Step,
    WordKind,
    days_to_remind,
    late_cells,
    presence,
    reasons_against_absence,
    reasons_against_arrival,
    reasons_against_times,
    reasons_against_undo,
    reasons_against_word,
)
from portal.bookings.rules import BookingState
from portal.documents.wording.sentences import known_codes
from portal.families.record_day import allergy_parts, allergy_words
from portal.families.record_sections import FORBIDDEN, YES
from portal.kernel.clock import JST
from portal.slots.staffing import Advice

START = datetime(2026, 11, 25, 9, tzinfo=JST)
END = START + timedelta(hours=3)
NOON = datetime(2026, 11, 25, 12, tzinfo=JST)


def stay(**changes: object) -> StayFacts:
    given_facts = {"state": BookingState.CONFIRMED, "starts_at": START, "ends_at": END} | changes
    return StayFacts(**given_facts)  # type: ignore[arg-type]  # each test names real facts


def codes(reasons: object) -> set[AttendanceRefusal]:
    return {reason.code for reason in reasons}  # type: ignore[attr-defined]  # reasons


@pytest.mark.proves("J2")
@given(st.integers(-600, 600), st.none() | st.integers(1, 170))
def test_a_child_is_missing_exactly_from_its_own_time_plus_grace(
    minutes: int, late_by: int | None
) -> None:
    expected = None if late_by is None else START + timedelta(minutes=late_by)
    facts = stay(expected_at=expected)
    now = (START + timedelta(minutes=minutes)).astimezone(UTC)
    is_missing = presence(facts, now) is Presence.MISSING
    assert is_missing is (now - START >= GRACE + timedelta(minutes=late_by or 0))


@given(st.integers(-600, 6000), st.sampled_from(sorted(BookingState)))
def test_who_came_or_is_known_to_stay_away_never_counts_as_missing(
    minutes: int, state: BookingState
) -> None:
    now = START + timedelta(minutes=minutes)
    came = stay(state=state, arrived_at=START)
    assert presence(came, now) is Presence.HERE
    if state is not BookingState.CONFIRMED and state is not BookingState.ATTENDED:
        assert presence(stay(state=state), now) in {Presence.ABSENT, Presence.CANCELLED}


def test_word_of_an_earlier_time_than_booked_does_not_bring_the_alert_forward() -> None:
    early = stay(expected_at=START - timedelta(hours=1))
    assert presence(early, START + timedelta(minutes=29)) is Presence.EXPECTED


@pytest.mark.proves("B46")
def test_every_reason_against_an_arrival_is_given_at_once() -> None:
    facts = stay(state=BookingState.CANCELLED, is_at_this_facility=False)
    assert codes(reasons_against_arrival(facts, START + timedelta(days=1))) == {
        AttendanceRefusal.CANCELLED,
        AttendanceRefusal.OTHER_FACILITY,
        AttendanceRefusal.OTHER_DAY,
    }
    assert reasons_against_arrival(stay(), START) == ()


def test_a_day_ends_at_midnight_in_japan() -> None:
    last_minute = datetime(2026, 11, 25, 14, 59, tzinfo=UTC)
    assert reasons_against_arrival(stay(), last_minute) == ()
    assert codes(reasons_against_arrival(stay(), last_minute + timedelta(minutes=1))) == {
        AttendanceRefusal.OTHER_DAY
    }


def test_a_no_show_is_said_only_of_a_stay_that_has_begun() -> None:
    early = reasons_against_absence(stay(), BookingState.NO_SHOW, START - timedelta(minutes=1))
    assert codes(early) == {AttendanceRefusal.NOT_STARTED}
    assert reasons_against_absence(stay(), BookingState.NO_SHOW, START) == ()
    here = reasons_against_absence(stay(arrived_at=START), BookingState.NO_SHOW, NOON)
    assert codes(here) == {AttendanceRefusal.ALREADY_ARRIVED}


def test_a_place_that_was_given_back_cannot_be_taken_back_here() -> None:
    away = stay(state=BookingState.EXCUSED_ABSENCE, gave_place_back=True)
    assert codes(reasons_against_arrival(away, START)) == {AttendanceRefusal.PLACE_GIVEN_BACK}
    assert codes(reasons_against_undo(away, Step.ABSENCE, START)) == {
        AttendanceRefusal.PLACE_GIVEN_BACK
    }


def test_the_last_step_is_taken_back_first() -> None:
    gone = stay(state=BookingState.ATTENDED, arrived_at=START, departed_at=NOON)
    assert codes(reasons_against_undo(gone, Step.ARRIVAL, NOON)) == {
        AttendanceRefusal.ALREADY_DEPARTED
    }
    assert reasons_against_undo(gone, Step.DEPARTURE, NOON) == ()


def test_times_must_be_in_order_and_not_to_come() -> None:
    later = NOON + timedelta(hours=1)
    assert codes(reasons_against_times(stay(), NOON, START, NOON)) == {
        AttendanceRefusal.DEPARTED_FIRST
    }
    assert codes(reasons_against_times(stay(), None, NOON, NOON)) == {
        AttendanceRefusal.ARRIVAL_NEEDED
    }
    assert codes(reasons_against_times(stay(), START, later, NOON)) == {
        AttendanceRefusal.TIME_TO_COME
    }
    assert reasons_against_times(stay(), START, NOON, NOON + timedelta(days=3)) == ()


def test_staying_away_in_free_time_is_better_cancelled() -> None:
    facts = stay(cancel_until=START - timedelta(hours=16))
    before, after = START - timedelta(hours=17), START - timedelta(hours=16)
    assert codes(reasons_against_word(facts, WordKind.ABSENT, before)) == {
        AttendanceRefusal.CANCEL_FREE_OF_CHARGE
    }
    assert reasons_against_word(facts, WordKind.ABSENT, after) == ()


@given(st.integers(-2000, 400))
def test_every_late_time_that_is_offered_is_taken(minutes: int) -> None:
    now = START + timedelta(minutes=minutes)
    midnight = START.replace(hour=0)
    for cell in late_cells(stay(), now):
        expected = midnight + cell * timedelta(minutes=30)
        if now < END:
            against = reasons_against_word(stay(), WordKind.LATE, now, expected_at=expected)
            assert against == ()
            assert expected > now or now.date() < START.date()


def test_reminders_are_due_from_six_in_the_evening() -> None:
    evening = datetime(2026, 11, 24, 18, tzinfo=JST)
    assert days_to_remind(evening - timedelta(seconds=1)) == (date(2026, 11, 24),)
    assert days_to_remind(evening) == (date(2026, 11, 24), date(2026, 11, 25))


def test_the_strip_counts_children_by_hour_without_the_absent() -> None:
    stays = [
        (0, stay()),
        (0, stay(starts_at=START + timedelta(minutes=30), ends_at=END + timedelta(minutes=30))),
        (0, stay(state=BookingState.NO_SHOW)),
        *[(0, stay(arrived_at=START, departed_at=START + timedelta(minutes=70)))] * 6,
    ]
    counted = hours_of_day(stays, START.date(), [2] * 48)
    assert [(one.hour, one.children, one.needed, one.advice) for one in counted] == [
        (9, 8, 3, Advice.SHORT),
        (10, 8, 3, Advice.SHORT),
        (11, 2, 2, Advice.TIGHT),
        (12, 1, 2, Advice.TIGHT),
    ]
    assert {one.advice for one in hours_of_day(stays, START.date(), [0] * 48)} == {None}


def test_every_refusal_has_its_sentence() -> None:
    wanted = {f"AttendanceRefusal.{code.value}" for code in AttendanceRefusal}
    assert wanted <= known_codes()


def test_what_a_child_must_not_have_stands_apart_from_what_is_done_then() -> None:
    answers = {
        "has_allergies": YES,
        "allergies": "キウイ、バナナ",
        "foods": [{"food": "くだもの", "state": FORBIDDEN}],
        "what_to_do": "すぐに電話する\n水を飲ませる",
        "kept_medicine": "エピペン",
    }
    words = allergy_words(answers) or ""
    must_not_have, then = allergy_parts(words)
    assert must_not_have == "キウイ、バナナ\n食べてはいけない：くだもの"
    assert "水を飲ませる" in then
    assert "エピペン" in then
    assert f"{must_not_have}\n{then}" == words
    assert allergy_parts("卵・乳") == ("卵・乳", "")
