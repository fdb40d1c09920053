"""The clock raises what did not come: once, whatever happens to the mail server or the booking."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.attendance import queries as stays_read
from portal.attendance.rules import Step, WordKind
from portal.attendance.service import taps, words
from portal.bookings.rules import BookingState
from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure, Facility
from portal.kernel.actor import Actor
from portal.organisations.limits import CaseLimits
from portal.organisations.service import change_settings
from portal.referrals.rules import Item
from portal.slots.places import release_places
from tests.database import TestServer
from tests.factories import people
from tests.factories.cases import DUE, clockwork, following_stays, other_mother, refer
from tests.factories.days import DAY, book, clock_time
from tests.factories.places import Site, make_site

Look = Callable[[str], list[Any]]
Run = Callable[[datetime], None]


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


@pytest.fixture
def staff(site: Site) -> Actor:
    return people.make_worker("佐藤 まり", site.organisation_id, "staff")


@pytest.fixture
def mother(site: Site) -> Actor:
    del site
    return people.make_guardian("田中 みほ", children=("田中 はな",))


@pytest.fixture
def nurse(site: Site) -> Actor:
    del site
    return people.make_liaison("鈴木 あき")


@pytest.fixture
def run(emptied: Engine, server: TestServer) -> Iterator[Run]:
    with clockwork(emptied, server) as round_of_a_minute:
        yield round_of_a_minute


@pytest.fixture
def look(emptied: Engine, server: TestServer) -> Iterator[Look]:
    """Ask the database as its superuser, past every policy."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def ask(sql: str) -> list[Any]:
        with admin.connect() as connection:
            return list(connection.execute(text(sql)))

    yield ask
    admin.dispose()


def states(look: Look) -> list[str]:
    return [row.state for row in look("SELECT state FROM care_cases ORDER BY number")]


@pytest.mark.proves("R16", "R21")
def test_a_child_without_word_is_a_case_at_start_and_grace_once(
    site: Site, mother: Actor, look: Look, run: Run
) -> None:
    book(site, mother)
    run(DUE - timedelta(seconds=1))
    assert states(look) == []
    run(DUE)
    run(DUE + timedelta(minutes=1))
    (case,) = look("SELECT state, due_at, raised_at FROM care_cases")
    assert (case.state, case.due_at - case.raised_at) == ("suspected", timedelta(hours=2))
    assert look("SELECT kind FROM outbox_messages WHERE kind LIKE 'noshow/%'") == []


def test_a_facility_sets_how_long_it_waits(site: Site, mother: Actor, look: Look, run: Run) -> None:
    with acting_as(site.owner), transaction() as session:
        session.get_one(Facility, site.facility_id).no_show_minutes = 60
    book(site, mother)
    run(DUE)
    assert states(look) == []
    run(clock_time("10:00"))
    assert states(look) == ["suspected"]


@pytest.mark.proves("R6", "R21")
def test_a_city_sets_how_long_the_provider_may_take(
    site: Site, mother: Actor, nurse: Actor, look: Look, run: Run
) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.get_one(Facility, site.facility_id).municipality_id = nurse.organisation_id
    with acting_as(nurse), transaction() as session:
        assert nurse.organisation_id is not None
        limits = {"cases": CaseLimits(check_within=timedelta(minutes=45)).as_settings()}
        change_settings(session, nurse.organisation_id, limits, actor=nurse, now=DUE)
    book(site, mother)
    run(DUE)
    (case,) = look("SELECT due_at - raised_at AS within FROM care_cases")
    assert case.within == timedelta(minutes=45)


def _say(
    staff: Actor, booking_id: uuid.UUID, kind: WordKind, now: datetime, at: str | None
) -> None:
    with acting_as(staff), transaction() as session:
        words.take_word(
            session,
            [stays_read.stay(session, booking_id, actor=staff, is_to_change=True)],
            kind,
            channel="phone",
            actor=staff,
            now=now,
            expected_at=clock_time(at) if at else None,
        )


def test_late_or_not_coming_told_in_time_makes_no_case(
    site: Site, staff: Actor, mother: Actor, look: Look, run: Run
) -> None:
    late, absent = book(site, mother)[0], book(site, other_mother())[0]
    _say(staff, late, WordKind.LATE, clock_time("8:50"), "10:00")
    _say(staff, absent, WordKind.ABSENT, clock_time("8:50"), None)
    run(clock_time("10:29"))
    assert states(look) == []
    run(clock_time("10:30"))  # she did not come when she said she would
    assert states(look) == ["suspected"]


def test_cancelled_moved_away_and_closed_by_the_facility_are_no_cases(
    site: Site, mother: Actor, look: Look, run: Run
) -> None:
    cancelled = book(site, mother)
    with acting_as(mother), transaction() as session:
        release_places(session, cancelled, state=BookingState.CANCELLED.value)
    book(site, other_mother())
    with acting_as(site.owner), transaction() as session:
        session.add(
            Closure(
                id=uuid.uuid4(),
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                from_day=DAY,
                to_day=DAY,
                reason="雪のため",
                created_by=None,
            )
        )
    run(DUE)
    assert states(look) == []


@pytest.mark.proves("R17")
def test_cancelling_the_booking_afterwards_leaves_the_case_alive(
    site: Site, mother: Actor, staff: Actor, look: Look, run: Run
) -> None:
    booked = book(site, mother)
    run(DUE)
    with acting_as(staff), transaction() as session:
        release_places(session, booked, state=BookingState.CANCELLED.value)
    run(DUE + timedelta(hours=1))
    run(DUE + timedelta(days=1))
    assert states(look) == ["suspected"]


def test_what_came_late_is_settled_and_a_tap_by_mistake_opens_it_again(
    site: Site, mother: Actor, staff: Actor, look: Look, run: Run
) -> None:
    booking = book(site, mother)[0]
    run(DUE)
    at = site.facility_id, booking
    with following_stays():
        with acting_as(staff), transaction() as session:
            taps.arrive(session, *at, actor=staff, now=clock_time("9:40"))
        assert states(look) == ["excused"]
        with acting_as(staff), transaction() as session:
            taps.undo(session, *at, Step.ARRIVAL, actor=staff, now=clock_time("9:41"))
        assert states(look) == ["suspected"]
        with acting_as(staff), transaction() as session:
            taps.arrive(session, *at, actor=staff, now=clock_time("9:50"))
    run(clock_time("23:59"))
    assert states(look) == ["excused"]
    run(clock_time("0:00", DAY + timedelta(days=1)))
    assert states(look) == ["closed"]


def test_a_family_that_says_why_afterwards_is_followed_by_the_clock(
    site: Site, mother: Actor, nurse: Actor, look: Look, run: Run
) -> None:
    plain = other_mother()
    refer(nurse, site, mother)
    units = [book(site, mother), book(site, plain)]
    run(DUE)
    for who, (booking,) in zip((mother, plain), units, strict=True):
        with acting_as(who), transaction() as session:
            stay = stays_read.stay(session, booking, actor=who, is_to_change=True)
            words.take_word(
                session,
                [stay],
                WordKind.ABSENT,
                channel="web",
                actor=who,
                now=DUE + timedelta(minutes=5),
            )
    for minute in (6, 7):
        run(DUE + timedelta(minutes=minute))
    found = look("SELECT state, referral_id IS NOT NULL AS referred FROM care_cases")
    # Of a referred family the sender still hears why: that is a result, and no end.
    assert {(row.referred, row.state) for row in found} == {(True, "checked"), (False, "excused")}
    assert len(look("SELECT 1 FROM care_case_events WHERE kind = 'family_explained'")) == 2


@pytest.mark.proves("R16", "R22")
def test_the_sender_of_a_referred_family_is_alerted_at_once(
    site: Site, mother: Actor, nurse: Actor, look: Look, run: Run
) -> None:
    refer(nurse, site, mother)
    book(site, mother)
    run(DUE)
    run(DUE + timedelta(minutes=1))
    (alert,) = look("SELECT receiver_id, items, sent_by, consent_id FROM care_case_reports")
    assert (alert.receiver_id, alert.items, alert.sent_by) == (
        nurse.organisation_id,
        ["no_show"],
        None,
    )
    (mail,) = look("SELECT kind, to_user_id FROM outbox_messages WHERE kind LIKE 'noshow/%'")
    assert (mail.kind, mail.to_user_id) == ("noshow/alert", nurse.user_id)
    (kept,) = look("SELECT items, consent_id FROM provisions WHERE kind = 'no_show_report'")
    assert (kept.items, kept.consent_id) == (["no_show"], alert.consent_id)


@pytest.mark.proves("R16", "R22")
def test_without_agreement_to_tell_no_shows_the_sender_hears_nothing(
    site: Site, mother: Actor, nurse: Actor, look: Look, run: Run
) -> None:
    refer(nurse, site, mother, back=(Item.NAME_AND_PHONE, Item.CHILDREN))
    book(site, mother)
    run(DUE)
    assert states(look) == ["suspected"]
    assert look("SELECT 1 FROM care_case_reports") == []


@pytest.mark.proves("R21")
def test_steps_past_their_limit_are_reminded_of_once_and_then_escalated(
    site: Site, mother: Actor, staff: Actor, nurse: Actor, look: Look, run: Run
) -> None:
    del staff
    head = people.make_worker("岡田 園長", site.organisation_id, "director")
    refer(nurse, site, mother)
    book(site, mother)
    run(DUE)

    def mails() -> dict[str, int]:
        found = look(
            "SELECT kind, count(*) AS many FROM outbox_messages"
            " WHERE kind LIKE 'noshow/%' GROUP BY 1"
        )
        return {row.kind.partition("/")[2]: row.many for row in found}

    for minute in (119, 120, 121):
        run(DUE + timedelta(minutes=minute))
    assert mails() == {"alert": 1, "overdue_check": 2}  # both who work there
    run(DUE + timedelta(hours=24))
    assert mails()["overdue_answer"] == 1
    for hour in (26, 27):
        run(DUE + timedelta(hours=hour))
    assert mails()["overdue_check"] == 3
    (last,) = look(
        "SELECT to_user_id FROM outbox_messages WHERE kind = 'noshow/overdue_check'"
        " ORDER BY created_at DESC LIMIT 1"
    )
    assert last.to_user_id == head.user_id
