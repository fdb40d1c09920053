"""In the interview: whom the nursery may tell later, words made anew, and who has no mail."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.consents.queries import holds
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.referrals.models import Interview
from portal.referrals.rules import Item
from tests.factories import referring
from tests.factories.cases import body_of
from tests.factories.city import City, make_city
from tests.pages.test_referral_pages import AGREED, TODAY, agree, went
from tests.pages.visit import Visitor

TOLD = {"report_items": ["name_and_phone", "no_show"], "reports": "y"}


@pytest.fixture
def city(app: Flask) -> City:
    del app
    return make_city()


@pytest.fixture
def interview(city: City) -> Interview:
    of = referring.interviewed(city.nurse)
    referring.drafted(city.nurse, of, city.site)
    return of


def agreed_items(city: City, of: Interview, body: Actor) -> list[str] | None:
    with acting_as(city.nurse), transaction() as session:
        row = holds(session, of.family_id, "referral_sharing", body_of(body), TODAY)
        return row.items if row else None


@pytest.mark.proves("R11", "R16", "R22")
def test_whom_a_nursery_may_tell_is_asked_in_the_interview(
    app: Flask, city: City, interview: Interview
) -> None:
    nurse, where = Visitor(app, city.nurse), f"/liaison/interviews/{interview.id}/consents"
    bodies = [str(body_of(each)) for each in (city.nurse, city.center)]
    made = nurse.submit(where, {**AGREED, **TOLD, "reports_to": bodies})
    assert "預かる園が、こども家庭センターに" in made.text
    for box in ("shares", "reports"):
        assert "checked" not in made.html.split(f'name="{box}"')[1].split(">")[0]
    whole = went(agree(nurse, where, {**AGREED, **TOLD, "reports_to": bodies}))
    for body in (city.nurse, city.center):
        assert agreed_items(city, interview, body) == ["name_and_phone", "no_show"]
    assert agreed_items(city, interview, city.office) is None
    assert "知らせてよいところ：みほん市、こども家庭センター" in nurse.get(whole).text
    again = nurse.get(where)
    assert "もう同意があるところ：みほん市、こども家庭センター" in again.text
    assert bodies[1] not in again.html


def test_without_a_body_a_yes_says_too_little(app: Flask, city: City, interview: Interview) -> None:
    nurse, where = Visitor(app, city.nurse), f"/liaison/interviews/{interview.id}/consents"
    refused = agree(nurse, where, {**AGREED, **TOLD})
    assert refused.status == 422
    assert "知らせてよいところをえらんでください" in refused.text
    assert agreed_items(city, interview, city.center) is None


@pytest.mark.proves("R11")
def test_words_of_a_body_that_was_referred_to_are_not_ended_by_asking_for_reports(
    app: Flask, city: City, interview: Interview
) -> None:
    referring.agreed(city.nurse, interview.family_id, body_of(city.center))
    page = Visitor(app, city.nurse).get(f"/liaison/interviews/{interview.id}/consents")
    assert str(body_of(city.center)) not in page.html
    assert str(body_of(city.office)) in page.html
    items = agreed_items(city, interview, city.center)
    assert items is not None
    assert Item.FATIGUE in items


def test_words_that_were_only_asked_for_are_no_error(
    app: Flask, city: City, interview: Interview
) -> None:
    nurse, where = Visitor(app, city.nurse), f"/liaison/interviews/{interview.id}/consents"
    made = nurse.submit(where, {**AGREED, "make": "1"})
    assert made.status == 200
    assert "ことばを作りました" in made.text
    assert "まだ進めません" not in made.text
    same = {**AGREED, "make": "1", "shown": made.field("shown"), "once": made.field("once")}
    assert nurse.post(where, same).status == 200
    assert agreed_items(city, interview, city.director) is None, "the button keeps nothing"
