"""What a family answers by phone or FAX is entered as its own word, with way and time."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask

from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.preregistration import queries, service
from portal.preregistration.rules import PreregistrationState
from tests.factories import days, letters, places
from tests.pages.receipt import receipt
from tests.pages.visit import Page, Visitor


@pytest.fixture
def asked(hinata: places.Site, sato: Actor) -> uuid.UUID:
    """An application by phone, with a question of the nursery that is open."""
    family = letters.phone_family(sato)
    row = letters.phone_application(hinata, sato, family)
    with acting_as(sato), transaction() as session:
        service.ask_back(session, row, "お昼寝は何時ですか", actor=sato, now=clock.now())
    return row


def enter(
    who: Visitor, row: uuid.UUID, what: str, words: str = "", minutes: int = 5, **more: str
) -> Page:
    return who.submit(
        f"/office/preregistrations/{row}/said",
        {"what": what, "words": words, **receipt(minutes, "fax"), **more},
    )


def state(who: Actor, row: uuid.UUID) -> PreregistrationState:
    with acting_as(who) as session:
        found = queries.preregistration(session, row, actor=who).state
        session.rollback()
    return found


@pytest.mark.proves("J7")
def test_an_answer_by_fax_is_the_familys_and_the_nurserys_turn_comes(
    app: Flask, sato: Actor, asked: uuid.UUID
) -> None:
    visitor = Visitor(app, sato)
    assert enter(visitor, asked, "answer", "12時半からです").status == 303
    assert state(sato, asked) is PreregistrationState.APPLIED
    with acting_as(sato) as session:
        last = service.open_messages(session, asked, actor=sato)[-1]
        assert (last.text, last.is_from_family) == ("12時半からです", True)
        session.rollback()
    assert "12時半からです" in visitor.get(f"/office/preregistrations/{asked}").text


def test_what_is_missing_or_cannot_be_is_said_and_what_was_typed_stays(
    app: Flask, sato: Actor, asked: uuid.UUID
) -> None:
    visitor = Visitor(app, sato)
    empty = enter(visitor, asked, "answer")
    assert empty.status == 409
    early = enter(visitor, asked, "answer", "12時半です", minutes=-60)
    assert early.status == 409
    assert "12時半です" in early.html
    assert enter(visitor, asked, "word", "こんにちは").status == 422  # nothing decided yet
    assert enter(visitor, asked, "").status == 422
    assert state(sato, asked) is PreregistrationState.ASKED_BACK


@pytest.mark.proves("J7")
def test_a_withdrawal_by_fax_ends_it_and_then_there_is_nothing_to_enter(
    app: Flask, sato: Actor, asked: uuid.UUID
) -> None:
    visitor = Visitor(app, sato)
    assert enter(visitor, asked, "withdrawal").status == 303
    assert state(sato, asked) is PreregistrationState.WITHDRAWN
    page = visitor.get(f"/office/preregistrations/{asked}/said")
    assert "この申し込みは、もう終わっています" in page.text


@pytest.mark.proves("J7")
@pytest.mark.parametrize(
    ("answer", "becomes", "told"),
    [
        ("cancel", BookingState.CANCELLED, "これからの予約 1件を取り消しました"),
        ("keep", BookingState.CONFIRMED, "これからの予約 1件は、そのままです"),
    ],
)
def test_who_withdraws_says_whether_what_is_booked_is_still_used(
    app: Flask,
    hinata: places.Site,
    sato: Actor,
    asked: uuid.UUID,
    answer: str,
    becomes: BookingState,
    told: str,
) -> None:
    with acting_as(sato) as session:
        family_id = queries.preregistration(session, asked, actor=sato).family_id
    family = Actor(role=Role.GUARDIAN, family_id=family_id)
    (booked,) = days.book(hinata, family, cancel_until=clock.now() + timedelta(days=1))
    visitor = Visitor(app, sato)
    silent = enter(visitor, asked, "withdrawal")
    assert silent.status == 422
    assert "ご家庭に聞いてえらんでください" in silent.text
    assert state(sato, asked) is PreregistrationState.ASKED_BACK
    assert enter(visitor, asked, "withdrawal", bookings=answer).status == 303
    assert state(sato, asked) is PreregistrationState.WITHDRAWN
    page = visitor.get(f"/office/preregistrations/{asked}").text
    assert "事前登録を取り下げました" in page
    assert told in page
    with acting_as(sato) as session:
        assert session.get_one(Booking, booked).state is becomes


@pytest.mark.proves("P13")
def test_the_stranger_enters_nothing_in_a_familys_name(
    app: Flask, sato: Actor, yamada: Actor, asked: uuid.UUID
) -> None:
    visitor = Visitor(app, yamada)
    assert visitor.get(f"/office/preregistrations/{asked}/said").status == 404
    assert (
        visitor.post(f"/office/preregistrations/{asked}/said", {"what": "withdrawal"}).status == 404
    )
    assert state(sato, asked) is PreregistrationState.ASKED_BACK
