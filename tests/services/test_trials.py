"""Trial care as bookings of its own kind, what comes after each part, and the steps of a child."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.bookings.models import Booking
from portal.bookings.service import NotPlaced, cancel_booking, change_booking, place_booking
from portal.db import roles
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.policies.reasons import BookingRefusal
from portal.policies.standing import StepKind
from portal.policies.trials import TrialOutcome
from portal.preregistration import queries, steps
from portal.preregistration.steps import StepRefusal
from portal.preregistration.where import Next
from portal.slots.places import ONE_TRIAL_AHEAD
from portal.trials import service
from portal.trials.models import TrialNote, TrialResult
from portal.trials.queries import free_times, steps_of
from portal.trials.rules import TrialRefusal
from tests.database import TestServer
from tests.factories.data_requests import family_of
from tests.factories.people import children_of, make_guardian, make_worker
from tests.factories.places import Site, accept, make_site
from tests.factories.steps import (
    DAY,
    INTERVIEW,
    TRIAL,
    attend,
    book_trial,
    give_steps,
    trial_wish,
)
from tests.services.test_booking_mail import entry_of, mail
from tests.services.test_place_booking import wish_of

R, K, Said = BookingRefusal, StepKind, TrialOutcome


Actions = Callable[[], list[str]]


@pytest.fixture
def actions(emptied: Engine, server: TestServer) -> Iterator[Actions]:
    """What stands in the log, read past every policy."""
    admin = create_engine(server.url(roles.ADMIN, str(emptied.url.database)))

    def ask() -> list[str]:
        with admin.connect() as connection:
            return list(connection.scalars(text("SELECT action FROM audit_log")))

    yield ask
    admin.dispose()


def committed(*rules: dict[str, Any]) -> tuple[Site, Actor, Actor]:
    site = make_site("ひなた保育園")
    give_steps(site, *rules)
    staff = make_worker("佐藤 けい", site.organisation_id, "staff")
    return site, staff, make_guardian("田中 あや", children=("田中 はな",))


@pytest.fixture
def hana(hinata: Site, tanaka: Actor) -> uuid.UUID:
    """The application of Hana, accepted at ひなた保育園, whose rules have trial care."""
    give_steps(hinata, TRIAL)
    return accept(hinata, tanaka, children_of(tanaka)[0].id)


def refused(guardian: Actor, site: Site, part: int = 1, **more: Any) -> set[object]:
    with pytest.raises(NotPlaced) as caught:
        book_trial(guardian, site, part, **more)
    return set(caught.value.codes)


def say(
    actor: Actor,
    booking: uuid.UUID,
    outcome: TrialOutcome,
    note: str = "",
    seen: TrialOutcome | None = None,
) -> None:
    with acting_as(actor), transaction() as session:
        service.record_outcome(
            session, booking, outcome, note=note, seen=seen, actor=actor, now=clock.now()
        )


def not_said(
    actor: Actor, booking: uuid.UUID, outcome: TrialOutcome, seen: TrialOutcome | None = None
) -> set[object]:
    with pytest.raises(Refusal) as caught:
        say(actor, booking, outcome, seen=seen)
    return set(caught.value.codes)


def next_of(actor: Actor, application: uuid.UUID) -> tuple[Next, int | None]:
    with acting_as(actor) as session:
        row = queries.preregistration(session, application, actor=actor)
        found = steps_of(session, row, actor=actor, now=clock.now()).next
        return found.code, found.part


def done(actor: Actor, application: uuid.UUID) -> list[str]:
    with acting_as(actor) as session:
        return queries.preregistration(session, application, actor=actor).steps_done


def attended(guardian: Actor, site: Site, part: int = 1, **more: Any) -> uuid.UUID:
    (booking,) = book_trial(guardian, site, part, **more).bookings
    attend(site, booking)
    return booking


@pytest.mark.proves("R4", "R5")
def test_a_trial_is_a_booking_of_its_own_kind(hinata: Site, tanaka: Actor, hana: uuid.UUID) -> None:
    assert next_of(tanaka, hana) == (Next.TRIAL, 1)
    (booking_id,) = book_trial(tanaka, hinata).bookings
    with acting_as(tanaka) as session:
        booking = session.get_one(Booking, booking_id)
        kept = (booking.trial_part, booking.guardian_stays, booking.counts_toward_caps)
        assert (kept, booking.fee_yen) == ((1, True, False), 0)
    assert next_of(tanaka, hana) == (Next.TRIAL_BOOKED, 1)
    assert refused(tanaka, hinata, day=DAY + timedelta(days=1)) == {R.TRIAL_AHEAD}


@pytest.mark.proves("R4")
def test_the_confirmation_and_the_calendar_name_the_trial_and_the_subject_does_not(
    hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    del hana
    letter = mail(tanaka, "placed", book_trial(tanaka, hinata))
    assert letter is not None
    assert "ならし預かり（1回目、保護者もいっしょ）" in letter.text
    assert "合計　　0円\n" in letter.text
    assert "当日お支払い" not in letter.text
    assert "ならし" not in letter.subject
    assert "田中 はな" not in letter.text
    _method, entry = entry_of(letter)
    assert entry["summary"] == "ならし預かり ひなた保育園"


@pytest.mark.proves("R5")
def test_a_usual_stay_waits_for_the_trial_to_be_over(
    hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    def usual() -> None:
        with acting_as(tanaka), transaction() as session:
            place_booking(session, wish_of(tanaka, hinata, DAY), actor=tanaka, now=clock.now())

    with pytest.raises(NotPlaced) as caught:
        usual()
    assert caught.value.reasons[0].values == {"step": "trial_care"}
    say(sato, attended(tanaka, hinata, day=DAY - timedelta(days=1)), Said.NEXT)
    assert (done(tanaka, hana), next_of(tanaka, hana)) == ([], (Next.TRIAL, 2))
    second = attended(tanaka, hinata, 2, start=time(13), end=time(15))
    say(sato, second, Said.NEXT)
    assert (done(tanaka, hana), next_of(tanaka, hana)) == (["trial_care"], (Next.BOOK, None))
    usual()
    assert refused(tanaka, hinata, 2, day=DAY + timedelta(days=1)) == {R.TRIAL_OVER}
    say(sato, second, Said.REPEAT, seen=Said.NEXT)
    assert (done(tanaka, hana), next_of(tanaka, hana)) == ([], (Next.TRIAL, 2))


def test_parts_are_booked_in_their_order_and_a_prolonged_one_once_more(
    hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    del hana
    assert refused(tanaka, hinata, 2) == {R.TRIAL_OTHER_PART}
    first = attended(tanaka, hinata, day=DAY - timedelta(days=1))
    assert refused(tanaka, hinata, 2) == {R.TRIAL_AHEAD}
    say(sato, first, Said.REPEAT)
    assert refused(tanaka, hinata, 2) == {R.TRIAL_OTHER_PART}
    again = attended(tanaka, hinata, 1)
    assert not_said(sato, first, Said.NEXT, seen=Said.REPEAT) == {TrialRefusal.NOT_THE_LAST}
    say(sato, again, Said.NOT_YET)
    later = DAY + timedelta(days=1)
    assert refused(tanaka, hinata, 1, day=later) == {R.TRIAL_PAUSED}
    say(sato, again, Said.NEXT, seen=Said.NOT_YET)
    assert book_trial(tanaka, hinata, 2, day=later)


def test_rules_without_it_prolong_nothing(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    rule = {**TRIAL, "trial": {**TRIAL["trial"], "may_be_prolonged": False}}
    give_steps(hinata, rule)
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    first = attended(tanaka, hinata)
    assert not_said(sato, first, Said.REPEAT) == {TrialRefusal.NOT_PROLONGED}


@pytest.mark.proves("R4")
def test_a_trial_takes_a_place_and_is_refused_where_all_are_taken(hinata: Site) -> None:
    give_steps(hinata, TRIAL)
    babies = [
        make_guardian(f"母{n}", children=(f"赤{n}",), born_on=DAY - timedelta(days=300))
        for n in range(3)
    ]
    for baby in babies:
        accept(hinata, baby, children_of(baby)[0].id)
    for baby in babies[:2]:
        book_trial(baby, hinata)
    assert refused(babies[2], hinata) == {R.FULL}


def test_two_trials_at_once_are_the_databases_to_refuse(
    hinata: Site, tanaka: Actor, hana: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    del hana
    book_trial(tanaka, hinata)
    monkeypatch.setattr("portal.bookings.queries.cases.attempts_of", lambda *_a, **_k: [])
    found = refused(tanaka, hinata, day=DAY + timedelta(days=1))
    assert found == {R.TRIAL_AHEAD}, f"{ONE_TRIAL_AHEAD} holds what the rules did not see"


def test_moving_a_trial_is_judged_by_its_part_again(
    hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    del hana
    placed = book_trial(tanaka, hinata)

    def move(start: time, end: time) -> None:
        with acting_as(tanaka), transaction() as session:
            span = span_on(DAY, start, end)
            change_booking(session, placed.group_id, span, actor=tanaka, now=clock.now())

    with pytest.raises(NotPlaced) as caught:
        move(time(11), time(13))
    assert set(caught.value.codes) == {R.TRIAL_TOO_LONG, R.TRIAL_ENDS_TOO_LATE}
    move(time(11), time(12))
    with acting_as(tanaka), transaction() as session:
        booking = session.get_one(Booking, placed.bookings[0])
        assert (booking.trial_part, booking.guardian_stays, booking.fee_yen) == (1, True, 0)
        cancel_booking(session, placed.group_id, actor=tanaka, now=clock.now())
    assert book_trial(tanaka, hinata)


def test_two_staff_who_decide_at_once_do_not_overwrite_each_other(
    hinata: Site, sato: Actor, director: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    first = attended(tanaka, hinata)
    say(sato, first, Said.NEXT)
    assert not_said(director, first, Said.NOT_YET) == {TrialRefusal.DECIDED_MEANWHILE}
    assert next_of(sato, hana) == (Next.TRIAL, 2)


def test_what_was_not_attended_has_no_outcome(
    hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    del hana
    (booking,) = book_trial(tanaka, hinata).bookings
    assert not_said(sato, booking, Said.NEXT) == {TrialRefusal.NOT_ATTENDED}


@pytest.mark.proves("R3")
def test_notes_are_sealed_audited_and_never_the_familys(
    actions: Actions,
) -> None:
    hinata, sato, tanaka = committed(TRIAL)
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    yamada = make_worker("山田 みどり", make_site("みどり保育園").organisation_id, "staff")
    first = attended(tanaka, hinata)
    say(sato, first, Said.NEXT, note="抱っこで落ち着きました")
    with acting_as(sato), transaction() as session:
        notes = service.open_notes(session, [first], family_of(tanaka), actor=sato)
        assert notes[first].note == "抱っこで落ち着きました"
        assert "抱っこ".encode() not in notes[first].note_sealed
    assert actions().count("read.trial_note") == 1
    for other in (tanaka, yamada):
        with acting_as(other) as session:
            assert session.scalars(select(TrialNote)).all() == []
            if other is tanaka:
                assert session.scalars(select(TrialResult.outcome)).one() is Said.NEXT
    with pytest.raises(NoResultFound):
        say(yamada, first, Said.NEXT, seen=Said.NEXT)
    with pytest.raises(NoResultFound):
        say(tanaka, first, Said.NEXT, seen=Said.NEXT)


@pytest.mark.proves("R5")
def test_staff_mark_order_waive_and_undo_steps_each_with_a_trace(
    actions: Actions,
) -> None:
    hinata, sato, tanaka = committed(INTERVIEW, {"kind": "consultation", "demand": "ordered"})
    found = accept(hinata, tanaka, children_of(tanaka)[0].id)
    now = clock.now()

    def act(what: Any, kind: StepKind, **more: Any) -> None:
        with acting_as(sato), transaction() as session:
            what(session, found, kind, actor=sato, now=now, **more)

    def why_not(what: Any, kind: StepKind, **more: Any) -> set[object]:
        with pytest.raises(Refusal) as caught:
            act(what, kind, **more)
        return set(caught.value.codes)

    act(steps.order, K.CONSULTATION)
    assert why_not(steps.order, K.CONSULTATION) == {StepRefusal.ORDERED_ALREADY}
    assert why_not(steps.order, K.TOUR) == {StepRefusal.NOT_A_STEP}
    act(steps.mark_done, K.INTERVIEW)
    act(steps.mark_done, K.INTERVIEW)
    assert why_not(steps.waive, K.INTERVIEW, reason=" ") == {
        StepRefusal.REASON_MISSING,
        StepRefusal.DONE_ALREADY,
    }
    act(steps.waive, K.CONSULTATION, reason="電話で聞いた")
    assert next_of(tanaka, found) == (Next.BOOK, None)
    act(steps.undo_done, K.INTERVIEW)
    assert why_not(steps.undo_done, K.INTERVIEW) == {StepRefusal.NOT_DONE}
    assert next_of(tanaka, found) == (Next.STEP, None)
    for what in ("done", "ordered", "waived", "undone"):
        assert actions().count(f"preregistration.step_{what}") == 1, what


@pytest.mark.proves("R5")
def test_how_far_a_child_is_is_never_the_familys_to_say(tanaka: Actor, hana: uuid.UUID) -> None:
    with pytest.raises(NoResultFound), acting_as(tanaka), transaction() as session:
        steps.mark_done(session, hana, K.TRIAL_CARE, actor=tanaka, now=clock.now())
    for column in ("steps_done", "steps_waived", "steps_ordered"):
        statement = text(
            f"UPDATE preregistrations SET state = 'withdrawn', {column} = '{{tour}}',"
            " accepted_until = NULL WHERE id = :id"
        )
        with (
            pytest.raises(ProgrammingError, match="provider's to record"),
            acting_as(tanaka),
            transaction() as session,
        ):
            session.execute(statement, {"id": hana})


def test_free_times_are_those_that_can_really_be_booked(
    hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    with acting_as(tanaka) as session:
        row = queries.preregistration(session, hana, actor=tanaka)
        found = free_times(session, row, hinata.programme_id, 1, actor=tanaka, now=clock.now())
        lasting = free_times(session, row, hinata.programme_id, 2, actor=tanaka, now=clock.now())
    assert [reason.code for reason in lasting.reasons] == [R.TRIAL_OTHER_PART]
    assert len(found.times) == 6
    for day, spans in found.times:
        assert {span.day for span in spans} == {day}
        assert all(span.minutes <= 60 for span in spans)
    last = found.times[-1][1][-1]
    with acting_as(tanaka), transaction() as session:
        wish = trial_wish(tanaka, hinata, day=last.day)
        taken = place_booking(
            session,
            type(wish)(**{**_fields(wish), "span": last}),
            actor=tanaka,
            now=clock.now(),
        )
    assert taken.fee_yen == 0


def _fields(wish: Any) -> dict[str, Any]:
    return {name: getattr(wish, name) for name in wish.__slots__}
