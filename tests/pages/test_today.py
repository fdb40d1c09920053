"""Home pages: each role reads what is to do today, in numbers, and nothing of others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, text

from portal.attendance.day_counts import DayCounts, counts_of_day
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.messages.models import OutboxMessage
from portal.slots import closures
from portal.slots.rules import ClosureWish, Hours
from tests.factories import days, people
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

EMPTY = "きょうすることは、ありません"


def test_a_day_without_work_says_so_and_leads_to_the_board(app: Flask, sato: Actor) -> None:
    page = Visitor(app, sato).get("/office/")
    assert EMPTY in page.text
    assert "今日のボードを開く" in page.text


def test_sign_in_of_staff_leads_to_todays_work(app: Flask, sato: Actor) -> None:
    visitor = Visitor(app, sato)
    assert 'href="/office/"' in visitor.get("/").html


@pytest.mark.proves("J2")
def test_the_numbers_of_a_day_follow_the_clock(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    days.book(hinata, tanaka, start="9:00")
    with acting_as(sato) as session:

        def counts(at: str) -> DayCounts:
            found = counts_of_day(
                session, [hinata.facility_id], days.DAY, actor=sato, now=days.clock_time(at)
            )
            return found[hinata.facility_id]

        assert (counts("8:00").planned, counts("8:00").missing) == (1, 0)
        assert (counts("9:31").planned, counts("9:31").missing) == (1, 1)


def test_applications_and_lost_mails_are_counted_since_when_they_wait(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    child = people.children_of(tanaka)[0]
    accept(hinata, tanaka, child.id)
    with acting_as(tanaka), transaction() as session:
        session.execute(
            text("UPDATE preregistrations SET state = 'withdrawn', accepted_until = NULL")
        )
        session.execute(
            text(
                "INSERT INTO preregistrations (id, family_id, child_id, facility_id,"
                " organisation_id, state, channel, received_at, applied_at)"
                " SELECT gen_random_uuid(), family_id, child_id, facility_id, organisation_id,"
                " 'applied', channel, now() - interval '9 days', now() FROM preregistrations"
            )
        )
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            insert(OutboxMessage).inline(),
            {
                "id": child.id,
                "message_id": "<lost@test>",
                "kind": "bookings/placed",
                "to_mail": "gone@example.test",
                "organisation_id": hinata.organisation_id,
                "failed_at": clock.now(),
            },
        )
    page = Visitor(app, sato).get("/office/")
    assert "返事を待っている事前登録 1件" in page.text
    assert "とどかなかったメール（電話で伝えます） 1通今日のうちに" in page.text.replace("▲", "")
    assert EMPTY not in page.text
    stranger = Visitor(app, yamada).get("/office/")
    assert EMPTY in stranger.text


def test_a_closure_over_bookings_and_missing_staff_are_told_before_the_day(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    now = clock.now()
    days.book(hinata, tanaka, day=days.DAY)
    with acting_as(sato), transaction() as session:
        closures.close_days(
            session,
            hinata.facility_id,
            ClosureWish(days.DAY, days.DAY, "台風", Hours(0, 48)),
            actor=sato,
            now=now,
        )
        session.execute(
            text(
                "INSERT INTO duty_overrides (facility_id, organisation_id, day, on_duty)"
                " VALUES (:facility, :organisation, :day,"
                " array_fill(1::smallint, ARRAY[48]))"
            ),
            {
                "facility": hinata.facility_id,
                "organisation": hinata.organisation_id,
                "day": days.DAY,
            },
        )
    assert days.DAY - clock.today(now) <= timedelta(days=14)
    page = Visitor(app, sato).get("/office/")
    assert "お休みにした日に、予約が残っています 1日" in page.text
    assert "職員が足りない時間があります 1日" in page.text
