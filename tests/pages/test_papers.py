"""Forms for handwriting: for everybody blank, for staff filled; one page, our font, every name."""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import replace
from typing import cast

import pytest
from flask import Flask
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from portal.kernel.actor import Actor
from portal.letters.sheet_choices import Choices, choices_of
from portal.letters.sheet_paper import Desk, lines_of, plain_title, sheet_html, sheet_pdf
from portal.letters.sheet_parts import Sheet
from portal.letters.sheets import SHEETS
from portal.letters.sheets_days import BOOKING
from portal.rulebooks.places import load_place, place_names
from tests.factories import apart, days, letters, people, places
from tests.factories.rules import put_in_force, rules_with
from tests.pages.visit import Page, Visitor

DESK = Desk("髙橋こども園", "みほん市みなと町 2-3-4", None, "0857-00-0123", "0857-00-0124")
#: The record asks four pages of questions; every other form is one sheet through the FAX.
MOST_PAGES = {"record": 5}
#: From data/inputs: beyond 16 bits, with variation selectors, compatibility signs, foreign.
NAMES = "髙橋 山﨑 𠮷野 葛󠄀城 神田 渡邉󠄁 草彅 Nguyễn Thị Bích"


COUPON = {"code": "trial_ticket", "label": "おためし券《2枚》", "pays_all": True}


def read(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def words_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(data).pages)


def fonts_of(data: bytes) -> set[str]:
    found = set()
    for page in read(data).pages:
        fonts = cast("DictionaryObject", cast("DictionaryObject", page["/Resources"])["/Font"])
        for font in fonts.values():
            name = cast("DictionaryObject", font.get_object())["/BaseFont"]
            found.add(re.sub(r"^/[A-Z]{6}\+", "", str(name)))
    return found


@pytest.mark.proves("J7", "R30")
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.kind)
@pytest.mark.parametrize("how", ["plain", "with_readings"])
def test_every_form_fits_and_says_who_gets_it_and_which_it_is(sheet: Sheet, how: str) -> None:
    data = sheet_pdf(sheet, DESK, with_readings=how == "with_readings")
    pages = [page.extract_text() for page in read(data).pages]
    assert len(pages) <= MOST_PAGES.get(sheet.kind, 1)
    for said in pages:
        assert f"様式第{sheet.number}号" in said
        assert ("お子さんの名前" in said) or not sheet.of_child
    words = "\n".join(pages)
    for part in (
        sheet.version,
        "0857-00-0123",
        "FAX 0857-00-0124",
        "みほん市みなと町 2-3-4",
        "令和",
    ):
        assert part in words
    assert fonts_of(data) <= {"PortalPDF", "PortalPDF-Bold"}
    assert "《" not in words


def test_a_booking_on_paper_has_room_for_choices_and_tickets() -> None:
    sheet = next(each for each in SHEETS if each.kind == "booking")
    assert "えらぶもの・券" in words_of(sheet_pdf(sheet, DESK))


#: What the ten places let families choose, each set once.
CHOICES = {choices_of([load_place(name)]): name for name in place_names()}


@pytest.mark.parametrize("choices", CHOICES, ids=CHOICES.values())
def test_a_booking_on_paper_fits_with_what_any_place_lets_families_choose(
    choices: Choices,
) -> None:
    # Readings take the most room.
    desk = replace(DESK, choices=choices)
    assert len(read(sheet_pdf(BOOKING, desk, with_readings=True)).pages) == 1


@pytest.mark.proves("J7")
def test_a_booking_on_paper_offers_what_the_rules_of_the_place_do(
    app: Flask, hinata: places.Site
) -> None:
    meal = {"label": "給食《A》", "yen": 250, "with_option": "lunch"}
    nappies = {"label": "おむつの処分", "yen": 10, "per": "count"}
    fee = rules_with().model_dump(mode="json")["fee"]
    fee |= {"per_use": [meal], "items": [nappies], "coupons": [COUPON]}
    purposes = {"types": [{"code": "respite", "label": "ひと息《いき》つきたい"}]}
    put_in_force(hinata, rules_with(fee=fee, purposes=purposes))
    staff = people.make_worker("佐藤 まり", hinata.organisation_id, "staff")
    public = Visitor(app).get(f"/facilities/{hinata.facility_id}/papers/booking.pdf")
    own = Visitor(app, staff).get(f"/office/paper/{hinata.facility_id}/booking.pdf")
    for page in (public, own):
        words = words_of(page.response.data)
        assert "□ ひと息《いき》つきたい" in words
        assert "仕事・学校" not in words
        assert "□ 給食をたのむ" in words
        assert "□ おむつの処分の数（" in words
        assert "□ おためし券《2枚》（" in words, "no reading, but the name of a ticket"
        assert "昼食" not in words, "asked once"
    anywhere = words_of(Visitor(app).get("/papers/booking.pdf").response.data)
    assert "仕事・学校" in anywhere
    assert "えらぶもの・券" in anywhere


def test_readings_stand_on_the_form_with_furigana_alone() -> None:
    sheet = next(each for each in SHEETS if each.kind == "application")
    assert "じぜんとうろく" in words_of(sheet_pdf(sheet, DESK, with_readings=True))
    assert "じぜんとうろく" not in words_of(sheet_pdf(sheet, DESK))
    assert plain_title(sheet) == "事前登録 申込書"


@pytest.mark.proves("J7")
def test_anybody_prints_a_blank_form_without_signing_in(
    app: Flask, visitor: Visitor, hinata: places.Site
) -> None:
    del app
    listed = visitor.get("/papers/")
    own = visitor.get(f"/facilities/{hinata.facility_id}/papers/")
    for page, start in ((listed, "/papers"), (own, f"/facilities/{hinata.facility_id}/papers")):
        assert page.status == 200
        assert page.html.count(f'href="{start}/') >= 2 * len(SHEETS)
    answer = visitor.get(f"/facilities/{hinata.facility_id}/papers/furigana/booking.pdf")
    assert answer.response.mimetype == "application/pdf"
    assert "ひなた保育園" in words_of(answer.response.data)
    assert "園の名前" in words_of(visitor.get("/papers/booking.pdf").response.data)
    assert visitor.get("/papers/none.pdf").status == 404
    assert visitor.get(f"/facilities/{uuid.uuid4()}/papers/").status == 404
    assert 'href="/papers/"' in visitor.get("/phone-fax").html


def filled(visitor: Visitor, family: Actor, kind: str, more: str = "") -> Page:
    return visitor.get(f"/office/families/{family.family_id}/paper/{kind}.pdf{more}")


@pytest.mark.proves("J7", "R30")
def test_what_is_known_is_printed_so_that_a_caller_only_signs(
    app: Flask, hinata: places.Site, sato: Actor
) -> None:
    family = letters.phone_family(sato, NAMES, "𠮷野 そら")
    days.name_pickup(family, "葛󠄀城 みよ", "祖母")
    visitor = Visitor(app, sato)
    listed = visitor.get(f"/office/families/{family.family_id}/paper/")
    assert listed.status == 200
    assert "申し込みを入れる" in listed.text
    data = filled(visitor, family, "application").response.data
    words = words_of(data)
    for part in (
        "𠮷野 そら",
        letters.HOME,
        "090-0000-0000",
        "2024年（令和6年）6月15日",
        "ひなた保育園",
    ):
        assert part in words, part
    assert fonts_of(data) <= {"PortalPDF", "PortalPDF-Bold"}
    assert len(read(data).pages) == 1
    assert "葛󠄀城 みよ" in words_of(filled(visitor, family, "pickup").response.data)
    assert hinata.facility_id


def test_every_sign_of_a_difficult_name_has_its_shape() -> None:
    """A missing sign would be drawn as a box: glyph 0 of the font."""
    sheet = next(each for each in SHEETS if each.kind == "application")
    desk = Desk(NAMES, NAMES, None, None, None)
    words = words_of(sheet_pdf(sheet, desk))
    for name in NAMES.split():
        assert name.replace("󠄀", "").replace("󠄁", "") in words.replace("󠄀", "").replace("󠄁", "")


@pytest.mark.proves("P13")
def test_a_protected_address_is_on_no_form(app: Flask, hinata: places.Site, sato: Actor) -> None:
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    days.book(hinata, mother)
    apart.give_address(mother)
    visitor = Visitor(app, sato)
    assert apart.ADDRESS in words_of(filled(visitor, mother, "application").response.data)
    apart.protect(sato, mother)
    for sheet in SHEETS:
        child = people.children_of(mother)[0].id
        page = filled(visitor, mother, sheet.kind, f"?child={child}")
        assert page.status == 200
        assert apart.ADDRESS not in words_of(page.response.data)


@pytest.mark.proves("P13")
def test_the_stranger_prints_nothing_of_the_family_or_of_the_facility(
    app: Flask, hinata: places.Site, sato: Actor, yamada: Actor
) -> None:
    family = letters.phone_family(sato)
    other = people.make_guardian("鈴木 さえ", children=("鈴木 りく",))
    visitor = Visitor(app, yamada)
    assert filled(visitor, family, "application").status == 404
    assert visitor.get(f"/office/families/{family.family_id}/paper/").status == 404
    assert visitor.get(f"/office/paper/{hinata.facility_id}/booking.pdf").status == 404
    own = Visitor(app, sato)
    assert own.get(f"/office/paper/{hinata.facility_id}/booking.pdf").status == 200
    strange = people.children_of(other)[0].id
    assert filled(own, family, "record", f"?child={strange}").status == 404
    assert filled(own, family, "none").status == 404


def test_words_in_a_fact_are_no_markup_and_no_reading() -> None:
    sheet = next(each for each in SHEETS if each.kind == "application")
    desk = Desk("<b>園</b>《えん》", "a", None, None, None)
    html = sheet_html(sheet, desk, None, with_readings=True, is_demo=False)
    assert "&lt;b&gt;園&lt;/b&gt;《えん》" in html


def test_a_table_shows_what_is_known_at_its_words_and_blank_lines_after() -> None:
    record = next(each for each in SHEETS if each.kind == "record")
    foods = next(
        part.table for part in record.parts if part.table and part.table.key == "allergies.foods"
    )
    lines = lines_of(foods, [{"food": foods.rows[1], "state": "eaten"}, {"food": "もち"}])
    assert lines[1] == {"food": foods.rows[1], "state": "eaten"}
    assert lines[0] == {"food": foods.rows[0]}
    assert {"food": "もち"} in lines
