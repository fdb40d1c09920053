"""Where an interview leads: after sending, at a child that seems to be there, at a wrong day."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.referrals.rules import SharingPurpose
from tests.factories import people, places
from tests.factories.referring import agreed, drafted, interviewed, sent
from tests.pages.test_referral_pages import MET, day, went
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())
ALL = tuple(SharingPurpose)


@pytest.mark.proves("R13", "R18", "J4")
def test_who_agreed_to_book_now_is_led_to_the_places(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = interviewed(suzuki)
    row = drafted(suzuki, of, hinata)
    agreed(suzuki, of.family_id, hinata.organisation_id, *ALL)
    whole = f"/liaison/interviews/{of.id}"
    nurse = Visitor(app, suzuki)
    assert went(nurse.submit(f"{whole}/send", {}, form_page=whole)) == (
        f"/liaison/referrals/{row.id}/places"
    )


@pytest.mark.proves("R13", "R18", "J4")
def test_sent_to_two_the_interview_leads_to_the_places_of_each_agreed_to(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    other = places.make_site("つき園")
    of = interviewed(suzuki)
    first, second = drafted(suzuki, of, hinata), drafted(suzuki, of, other)
    agreed(suzuki, of.family_id, hinata.organisation_id, *ALL)
    agreed(suzuki, of.family_id, other.organisation_id)
    whole = f"/liaison/interviews/{of.id}"
    nurse = Visitor(app, suzuki)
    before = nurse.get(whole).html
    assert f"{first.id}/places" not in before, "not before it is sent"
    assert went(nurse.submit(f"{whole}/send", {}, form_page=whole)) == whole
    after = nurse.get(whole).html
    assert f"{first.id}/places" in after
    assert f"{second.id}/places" not in after, "not agreed to there"
    assert str(second.id) in after


@pytest.mark.proves("R7", "R8")
def test_a_child_that_seems_to_be_there_can_be_said_to_be_another(
    app: Flask, suzuki: Actor
) -> None:
    nurse = Visitor(app, suzuki)
    children = went(nurse.submit("/liaison/interviews/new", MET))
    for child in (
        {"kind": "born", "count": "1", "name": "高橋 そら", **day("day", people.BORN)},
        {"kind": "expected", "count": "1", **day("day", TODAY + timedelta(days=50))},
    ):
        assert "べつのお子さんです" not in nurse.get(children).text
        assert went(nurse.submit(children, child)) == children
        refused = nurse.submit(children, child)
        assert refused.status == 409
        assert 'name="is_another"' in refused.html, "what the sentence asks for is on the page"
        assert went(nurse.submit(children, {**child, "is_another": "y"})) == children
    assert "お子さん（4人）" in nurse.get(children).text


@pytest.mark.proves("R9")
def test_a_mark_of_tomorrow_is_not_called_an_interview_of_tomorrow(
    app: Flask, suzuki: Actor
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    page = Visitor(app, suzuki).submit(
        "/liaison/interviews/new", {**MET, **day("ticked_on", tomorrow)}
    )
    assert page.status == 409
    assert "ガイドに印をつけた日が、今日より後です" in page.text
    assert "面談の日が、今日より後です" not in page.text


@pytest.mark.proves("R8")
def test_each_nursery_says_who_runs_it(app: Flask, suzuki: Actor, hinata: places.Site) -> None:
    nurse = Visitor(app, suzuki)
    children = went(nurse.submit("/liaison/interviews/new", MET))
    elder = {"kind": "born", "count": "1", "name": "高橋 そら", **day("day", people.BORN)}
    nurse.submit(children, elder)
    receivers = children.replace("/children", "/receivers")
    assert f"{hinata.organisation_id}." in nurse.get(receivers).html
    assert "の会" in nurse.get(receivers).text


@pytest.mark.proves("R18")
def test_before_booking_nothing_says_that_she_must_register_first(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = interviewed(suzuki)
    row = drafted(suzuki, of, hinata)
    agreed(suzuki, of.family_id, hinata.organisation_id, *ALL)
    sent(suzuki, row.id)
    nurse = Visitor(app, suzuki)
    found = nurse.get(f"/liaison/referrals/{row.id}/places").html
    link = re.search(r'href="(/liaison/referrals/[^"]+/places/book\?[^"]+)"', found)
    assert link
    page = nurse.get(unescape(link.group(1))).text
    assert "事前登録が、まだです" in page
    assert "先に予約できます" in page
    assert "事前登録をすると予約できます" not in page


@pytest.mark.proves("R7", "R22")
def test_an_interview_that_was_not_sent_stands_among_what_is_to_do(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    nurse = Visitor(app, suzuki)
    assert "まだ送っていない面談" not in nurse.get("/liaison/").text
    of = interviewed(suzuki)
    assert "まだ送っていない面談" in nurse.get("/liaison/").text
    row = drafted(suzuki, of, hinata)
    agreed(suzuki, of.family_id, hinata.organisation_id)
    sent(suzuki, row.id)
    assert "まだ送っていない面談" not in nurse.get("/liaison/").text
