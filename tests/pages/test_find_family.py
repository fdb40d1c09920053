"""A caller is found by whatever she says of herself, and a new one is booked from one page."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from portal.db.session import acting_as
from portal.families.models import Child, ChildRecord
from portal.families.search import FoundBy, Sought
from portal.kernel.actor import Actor
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from tests.factories import days, people
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

NEW = "/office/families/caller"
CALLER = {
    "name": "髙橋 けいこ",
    "phone": "０９０−１２３４−５６７８",
    "relation": "母",
    "child_name": "髙橋 うみ",
    "born_on-year": 2024,
    "born_on-month": 5,
    "born_on-day": 6,
    "allergies": "some",
    "allergies_text": "卵",
    "is_accepted": "y",
}


def entered(app: Flask, sato: Actor, hinata: Site, **changes: object) -> str:
    visitor = Visitor(app, sato)
    asked = f"{NEW}?day={days.DAY}&start=9:00&end=11:00"
    done = visitor.submit(asked, {**CALLER, "facility": str(hinata.facility_id), **changes})
    assert done.status == 303, done.text
    return done.location


@pytest.mark.proves("J2", "J7")
def test_an_unknown_caller_is_booked_in_two_pages(app: Flask, sato: Actor, hinata: Site) -> None:
    booking_url = entered(app, sato, hinata)
    with acting_as(sato) as session:
        child = session.scalars(select(Child)).one()
        assert session.scalars(select(ChildRecord)).one().allergies == "卵"
        applied = session.scalars(select(Preregistration)).one()
        assert (applied.state, applied.channel) == (PreregistrationState.ACCEPTED, "phone")
    visitor = Visitor(app, sato)
    page = visitor.get(booking_url)
    assert page.field("day-day") == str(days.DAY.day), "the day she asked for is kept"
    booked = visitor.post(
        booking_url,
        {
            "once": page.field("once"),
            "programme": str(hinata.programme_id),
            "children": str(child.id),
            "day-year": days.DAY.year,
            "day-month": days.DAY.month,
            "day-day": days.DAY.day,
            "start": "9:00",
            "end": "11:00",
            "purpose": "respite",
            "together": "all",
            "channel": "phone",
            "received_on-year": page.field("received_on-year"),
            "received_on-month": page.field("received_on-month"),
            "received_on-day": page.field("received_on-day"),
            "received_time": page.field("received_time"),
        },
    )
    assert booked.status == 303, booked.text


def test_nobody_is_applied_for_before_allergies_were_asked(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    url = entered(app, sato, hinata, allergies="unasked", allergies_text="")
    page = Visitor(app, sato).get(url)
    assert "体のことを聞いてから" in page.text
    assert "児童票を見る・書く" in page.text
    booking = url.replace("/office/families/", "/office/bookings/new?family=").partition("?day")[0]
    assert "体のことを聞いてから予約できます" in Visitor(app, sato).get(booking).text
    with acting_as(sato) as session:
        assert session.scalars(select(Preregistration)).all() == []
        assert session.scalars(select(ChildRecord)).all() == []


def test_a_decision_can_wait(app: Flask, sato: Actor, hinata: Site) -> None:
    entered(app, sato, hinata, is_accepted="")
    with acting_as(sato) as session:
        state = session.scalars(select(Preregistration.state)).one()
    assert state is PreregistrationState.APPLIED


def test_a_known_number_is_asked_about_and_what_was_typed_stays(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    entered(app, sato, hinata)
    again = Visitor(app, sato).submit(NEW, {**CALLER, "facility": str(hinata.facility_id)})
    assert again.status == 409
    assert "同じ電話番号のご家庭があります" in again.text
    assert again.field("child_name") == "髙橋 うみ"
    unnamed = Visitor(app, sato).submit(NEW, {**CALLER, "allergies_text": ""})
    assert unnamed.status == 422
    assert "何のアレルギーかを入れてください" in unnamed.text


@pytest.mark.parametrize(
    ("words", "by"),
    [
        ("ﾀｶﾊｼ", "保護者の名前"),
        ("髙橋", "保護者の名前"),
        ("うみ", "お子さんの名前"),
        ("高橋 うみ", "お子さんの名前"),
        ("5678", "電話番号"),
        ("090-1234-5678", "電話番号"),
        ("０９０１２３４５６７８", "電話番号"),
    ],
)
def test_the_list_says_by_what_a_family_was_found(
    app: Flask, sato: Actor, hinata: Site, words: str, by: str
) -> None:
    entered(app, sato, hinata, name="髙橋 タカハシ")
    page = Visitor(app, sato).search("/office/families/", words)
    assert "髙橋 うみ" in page.text
    assert by in page.text.partition("見つけたところ：")[2]


def test_words_stand_in_no_address_and_the_families_number_is_found(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    entered(app, sato, hinata)
    with acting_as(sato) as session:
        number = session.execute(text("SELECT number FROM families")).scalar_one()
    visitor = Visitor(app, sato)
    assert "ご家庭の番号" in visitor.search("/office/families/", number).text
    form = visitor.get("/office/families/").html
    assert 'role="search"' in form
    assert 'method="get"' not in form
    assert visitor.get("/office/families/?q=うみ").text.count("見つけたところ") == 0


def test_other_providers_families_are_not_found(
    app: Flask, sato: Actor, yamada: Actor, hinata: Site, midori: Site, tanaka: Actor
) -> None:
    accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    del midori
    assert "田中 みほ" in Visitor(app, sato).search("/office/families/", "田中").text
    assert "見つかりませんでした" in Visitor(app, yamada).search("/office/families/", "田中").text
    with acting_as(tanaka) as session, pytest.raises(ProgrammingError, match="only staff"):
        session.execute(text("SELECT find_families('{}', NULL, NULL, '髙', '高', 5)"))


def test_signs_of_patterns_are_letters_like_others(app: Flask, sato: Actor, hinata: Site) -> None:
    entered(app, sato, hinata)
    for sign in ("%", "_", "\\"):
        assert "髙橋" not in Visitor(app, sato).search("/office/families/", sign).text


def test_digits_are_one_number_and_words_are_all_looked_for() -> None:
    assert Sought.of("090 1234-5678").digits == "09012345678"
    assert Sought.of("123") == Sought(("123",), None, None)
    assert Sought.of("たなか はな").keys == ("タナカ", "ハナ")
    assert Sought.of(" 　 ").is_nothing
    assert FoundBy.NUMBER not in Sought.of("1234").reasons(None, (), ())  # type: ignore[arg-type]


@pytest.mark.proves("J2")
def test_what_found_nobody_is_carried_to_the_form_by_post(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    del hinata
    visitor = Visitor(app, sato)
    for url in ("/office/bookings/new", "/office/families/"):
        search = visitor.search(url, "090-2222-3333")
        assert 'name="begin"' in search.html
        assert "?q=" not in search.html
    opened = visitor.post(NEW, {"q": "090-2222-3333", "begin": "1"})
    assert (opened.status, opened.field("phone")) == (200, "090-2222-3333")
    assert visitor.post(NEW, {"q": "ほしぞら", "begin": "1"}).field("name_kana") == "ほしぞら"
    assert visitor.post(NEW, {"q": "星空", "begin": "1"}).field("name") == "星空"
    hint = "電話番号は、下4けたから"
    assert hint in visitor.search("/office/bookings/new", "7").text
    assert hint in visitor.search("/office/families/", "7").text


def test_a_caller_is_found_again_by_her_kana(app: Flask, sato: Actor, hinata: Site) -> None:
    entered(app, sato, hinata, name="星空 結子", name_kana="ほしぞら ゆいこ", child_kana="うみ")
    assert "星空 結子" in Visitor(app, sato).search("/office/families/", "ほしぞら").text


@pytest.mark.proves("J2")
@pytest.mark.parametrize("url", ["/office/families/", "/office/bookings/new?start=9%3A00"])
def test_back_shows_the_found_list_again_and_no_address_says_what_was_looked_for(
    app: Flask, sato: Actor, hinata: Site, url: str
) -> None:
    entered(app, sato, hinata)
    office = Visitor(app, sato)
    sent = office.post(url, {"q": "髙橋"})
    assert sent.status == 303
    assert "search=" in sent.location
    assert "%E9%AB%99" not in sent.location
    later = office.post(url, {"q": "誰もいない"})
    assert "髙橋 うみ" in office.get(sent.location).text, "Back, past another search"
    assert 'value="髙橋"' in office.get(sent.location).html, "the words can be changed"
    with office.client.session_transaction() as cookie:
        assert "髙橋" not in str(dict(cookie)), "the words lie sealed"
        searched = cookie["searched"]
    assert "見つけたところ" not in office.get(url).text, "begun anew, nothing was looked for"
    assert later.location != sent.location
    # The same words in another sign-in open nothing.
    other = Visitor(app, sato)
    with other.client.session_transaction() as cookie:
        cookie["searched"] = searched
    assert 'value="髙橋"' not in other.get(sent.location).html


def test_what_was_looked_for_is_bounded_and_ends_with_the_sign_in(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    del hinata
    office = Visitor(app, sato)
    sent = [office.post("/office/families/", {"q": f"{n}" + "😀" * 500}) for n in range(5)]
    cookie = office.client.get_cookie("portal")
    assert cookie is not None
    assert len(cookie.value) < 4000, "a browser keeps no longer cookie"
    with office.client.session_transaction() as kept:
        assert len(kept["searched"]) == 3
    out = office.client.post("/sign-out")
    assert out.status_code == 303, out.status_code
    with office.client.session_transaction() as kept:
        assert "searched" not in kept
    assert office.get(sent[-1].location).status == 303, "sign in first"
