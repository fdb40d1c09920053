"""Staff print letters, say how they came to the family, and take a mark back."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.documents.pdf import PdfUnavailable
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.letters.rules import letter_id
from portal.office import letters as office_letters
from tests.factories import letters, places
from tests.factories.people import children_of
from tests.pages.visit import Page, Visitor
from tests.services.test_letters import booked, waiting

PAGE = "/office/letters/"


@pytest.fixture
def line(hinata: places.Site, sato: Actor) -> uuid.UUID:
    """The letter that waits for the Takasakis."""
    booked(hinata, letters.phone_family(sato))
    return waiting(sato)[0].id


def day(back: int = 0) -> dict[str, str]:
    on = clock.today(clock.now()) - timedelta(days=back)
    return {"on-year": str(on.year), "on-month": str(on.month), "on-day": str(on.day)}


def printed(visitor: Visitor, answer: Page) -> str:
    assert answer.status == 303
    page = visitor.get(answer.location)
    assert (page.status, page.response.mimetype) == (200, "application/pdf")
    assert page.response.headers["Cache-Control"] == "no-store"
    reader = PdfReader(io.BytesIO(page.response.data))
    return "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.proves("J7", "R30")
def test_all_that_waits_is_printed_as_one_pdf_and_waits_on(
    app: Flask, hinata: places.Site, sato: Actor, line: uuid.UUID
) -> None:
    assert line
    other = letters.phone_family(sato, "𠮷野 けん", "𠮷野 そら", None)
    booked(hinata, other)
    letters.unmailed("datarequests/asked", family=other, organisation_id=hinata.organisation_id)
    visitor = Visitor(app, sato)
    page = visitor.get(PAGE)
    assert "髙﨑 みほ 様" in page.text
    assert "𠮷野 けん 様" in page.text
    assert "住所なし" in page.text
    assert "わたすおたより 2通" in page.text  # there is no such request any more
    words = printed(visitor, visitor.submit(PAGE + "print", {"all": "1"}, form_page=PAGE))
    assert "髙﨑 みほ" in words
    assert "コーポ𠮷野" in words
    assert "ひなた保育園" in words
    assert "様" in words
    assert "令和" in words
    assert "1 / 1 ページ" in words
    assert "印刷ずみ" in visitor.get(PAGE).text


@pytest.mark.proves("J7")
def test_a_letter_is_marked_with_day_and_way_and_the_mark_taken_back(
    app: Flask, sato: Actor, line: uuid.UUID
) -> None:
    visitor = Visitor(app, sato)
    sent = {"letters": str(line), "way": "faxed", **day()}
    assert visitor.submit(PAGE + "passed-on", sent, form_page=PAGE).status == 303
    page = visitor.get(PAGE)
    assert "わたすおたより 0通" in page.text
    assert "FAXで送った" in page.text
    assert "記入 佐藤 まり" in page.text
    assert visitor.submit(f"{PAGE}{line}/undo", {}, form_page=PAGE).status == 303
    assert "わたすおたより 1通" in visitor.get(PAGE).text


def test_what_is_missing_is_named_and_what_was_ticked_stays(
    app: Flask, sato: Actor, line: uuid.UUID
) -> None:
    visitor = Visitor(app, sato)
    unsaid = visitor.submit(PAGE + "passed-on", {"letters": str(line), **day()}, form_page=PAGE)
    assert unsaid.status == 422
    assert "どうやってわたしたかを えらんでください" in unsaid.text
    assert f'value="{line}" checked' in unsaid.html
    future = {"letters": str(line), "way": "handed", **day(-1)}
    refused = visitor.submit(PAGE + "passed-on", future, form_page=PAGE)
    assert refused.status == 409
    assert "わたした日が、今日より先です" in refused.text
    for url, data in ((PAGE + "print", {}), (PAGE + "passed-on", {"way": "handed", **day()})):
        none = visitor.submit(url, data, form_page=PAGE)
        assert none.status == 409
        assert "おたよりが えらばれていません" in none.text
    odd = visitor.submit(PAGE + "print", {"letters": "../1"}, form_page=PAGE)
    assert odd.status == 409


@pytest.mark.proves("J7")
def test_nothing_is_lost_when_printing_fails(
    app: Flask, sato: Actor, line: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(office_letters, "letters_pdf", broken)
    visitor = Visitor(app, sato)
    answer = visitor.submit(PAGE + "print", {"letters": str(line)}, form_page=PAGE)
    page = visitor.get(answer.location)
    assert page.status == 503
    assert "予約ずみです。" in page.text  # the page itself can be printed
    assert "わたすおたより 1通" in visitor.get(PAGE).text


@pytest.mark.proves("P13")
def test_the_strangers_and_families_reach_none_of_it(
    app: Flask, sato: Actor, yamada: Actor, tanaka: Actor, line: uuid.UUID
) -> None:
    Visitor(app, sato).submit(PAGE + "print", {"letters": str(line)}, form_page=PAGE)
    visitor = Visitor(app, yamada)
    assert "髙﨑" not in visitor.get(PAGE).text
    assert visitor.get(f"{PAGE}print.pdf?id={line}").status == 404
    assert visitor.post(f"{PAGE}{line}/undo").status == 404
    assert Visitor(app, sato).get(f"{PAGE}print.pdf?id={line}").status == 200
    assert Visitor(app, tanaka).get(PAGE).status == 403
    assert children_of(tanaka)


def test_staff_are_told_on_their_first_page(app: Flask, sato: Actor, line: uuid.UUID) -> None:
    assert letter_id(waiting(sato)[0].message.id, waiting(sato)[0].receiver.guardian_id) == line
    page = Visitor(app, sato).get("/office/")
    assert "わたすおたより（メールのないご家庭）" in page.text
    assert f'href="{PAGE}">おたより</a>' in page.html
