"""Staff see which mails did not arrive, and whom to phone."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import insert, text

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.messages import queries
from portal.messages.models import OutboxMessage
from portal.messages.progress import PROGRESS
from tests.factories.places import Site
from tests.pages.visit import Visitor


@pytest.fixture
def failed(hinata: Site, tanaka: Actor) -> uuid.UUID:
    """A mail of ひなた保育園 to the Tanakas that came back."""
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT open_family_to(:id)"), {"id": hinata.organisation_id})
    mail = uuid.uuid4()
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            insert(OutboxMessage).inline(),
            {
                "id": mail,
                "message_id": f"<{mail}@portal>",
                "kind": "test/plain",
                "family_id": tanaka.family_id,
                "organisation_id": hinata.organisation_id,
                "failed_at": clock.now(),
                "last_error": "address",
                "context": {PROGRESS: {"subject": "ご予約を受け付けました"}},
            },
        )
    return mail


def test_staff_see_what_did_not_arrive_and_whom_to_phone_until_they_did(
    app: Flask, failed: uuid.UUID, sato: Actor
) -> None:
    visitor = Visitor(app, sato)
    page = visitor.get("/office/mails/")
    assert page.status == 200
    assert "ご予約を受け付けました" in page.text
    assert "田中 みほ" in page.text
    assert 'href="tel:09000000000"' in page.html
    answer = visitor.submit(f"/office/mails/{failed}/seen", {}, form_page="/office/mails/")
    assert answer.status == 303
    assert "届かなかったメールはありません" in visitor.get("/office/mails/").text


def test_the_stranger_neither_sees_it_nor_marks_it(
    app: Flask, failed: uuid.UUID, yamada: Actor
) -> None:
    visitor = Visitor(app, yamada)
    assert "ご予約" not in visitor.get("/office/mails/").text
    assert visitor.post(f"/office/mails/{failed}/seen").status == 404


def test_a_family_does_not_reach_the_list(app: Flask, failed: uuid.UUID, tanaka: Actor) -> None:
    del failed
    assert Visitor(app, tanaka).get("/office/mails/").status == 403


def test_the_board_is_told_how_many(failed: uuid.UUID, sato: Actor, yamada: Actor) -> None:
    del failed
    for actor, count in ((sato, 1), (yamada, 0)):
        with acting_as(actor) as session:
            assert queries.count_failed(session, actor=actor) == count
