"""A letter is in the language of who gets it: her account's, else as staff keep it of her."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.letters import queries, service
from portal.letters.paper import letter_html
from tests.factories import letters, people, places
from tests.pages.visit import without_readings
from tests.services.test_letters import booked, written


@pytest.fixture
def family(sato: Actor) -> Actor:
    return letters.phone_family(sato)


@pytest.mark.proves("J7", "R30")
@pytest.mark.parametrize(
    ("code", "said", "on_the_sheet"),
    [
        ("en", "Your booking is confirmed.", "please call the nursery"),
        ("ja_easy", "予約（よやく）ができました。", "園に電話してください"),
        ("ja", "予約ずみです。", "園に電話してください"),
    ],
)
def test_a_letter_is_in_the_language_that_staff_keep_of_who_has_no_account(
    hinata: places.Site, sato: Actor, family: Actor, code: str, said: str, on_the_sheet: str
) -> None:
    with acting_as(sato), transaction() as session:
        session.execute(
            text("UPDATE guardians SET language = :code WHERE family_id = :family"),
            {"code": code, "family": family.family_id},
        )
    booked(hinata, family)
    (letter,) = written(sato)
    assert said in letter.body
    with acting_as(sato), transaction() as session:
        (sheet,) = service.open_sheets(session, [letter.id], actor=sato)
        page = letter_html(sheet, is_demo=False)
    assert on_the_sheet in without_readings(page)
    assert ('<html lang="en">' in page) is (code == "en")


def test_who_has_an_account_gets_letters_in_the_language_of_it(
    hinata: places.Site, sato: Actor, tanaka: Actor
) -> None:
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    with acting_as(tanaka), transaction() as session:
        session.execute(
            text("UPDATE users SET locale = 'en' WHERE id = :id"), {"id": tanaka.user_id}
        )
    with acting_as(sato), transaction() as session:
        session.execute(text("UPDATE guardians SET language = 'ja_easy'"))
        found = queries.receivers(session, [tanaka.family_id or uuid.uuid4()], actor=sato)
    assert {each.language for family in found.values() for each in family} == {"en"}
