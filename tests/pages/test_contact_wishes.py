"""A family says how it wishes to be contacted; a city sets how often anybody may."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from portal.contacts import queries
from portal.contacts.rules import ContactChannel, ContactPolicy
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.limits import CaseLimits
from portal.organisations.models import Organisation
from portal.organisations.queries import case_limits_of
from portal.organisations.service import change_settings
from tests.factories.people import make_liaison
from tests.factories.support import met
from tests.pages.visit import Visitor

PAGE, SETTINGS = "/my/support/contact/", "/liaison/settings/"
SET = {
    "most_in_window": 1,
    "window_days": 14,
    "least_gap_hours": 48,
    "quiet_from": "19:00",
    "quiet_until": "09:00",
    "check_hours": 3,
    "answer_hours": 48,
    "answer_urgent_hours": 1,
}


@pytest.mark.proves("R20")
def test_a_family_asks_for_mails_alone_and_stops_them_later(app: Flask, tanaka: Actor) -> None:
    family = Visitor(app, tanaka)
    assert family.submit(PAGE, {"channels": "mail", "times": "saturday"}).status == 303
    with acting_as(tanaka) as session:
        assert tanaka.family_id is not None
        kept = queries.wishes(session, tanaka.family_id)
    assert kept.channels == {ContactChannel.MAIL}
    assert not kept.stops
    assert family.submit(PAGE, {"stops": "y"}).status == 303
    assert "いま、案内の連絡は止まっています" in family.get(PAGE).text


@pytest.mark.proves("R20")
def test_not_before_a_day_that_is_past_is_explained(app: Flask, tanaka: Actor) -> None:
    family = Visitor(app, tanaka)
    said = {"not_before-year": "2020", "not_before-month": "1", "not_before-day": "5"}
    refused = family.submit(PAGE, said)
    assert refused.status == 409
    assert "今日かあとの日にしてください" in refused.text
    assert refused.field("not_before-year") == "2020"


@pytest.mark.proves("R20")
@pytest.mark.parametrize(
    ("language", "words"), [("en", "How we may contact you"), ("ja_easy", "れんらくの しかた")]
)
def test_other_languages_read_it_too(app: Flask, tanaka: Actor, language: str, words: str) -> None:
    with acting_as(tanaka), transaction() as session:
        session.execute(
            text("UPDATE users SET locale = :code WHERE id = :id"),
            {"code": language, "id": tanaka.user_id},
        )
    assert words in Visitor(app, tanaka).get(PAGE).text


@pytest.mark.proves("R6", "R20")
def test_a_city_sets_the_limits_and_keeps_their_history(app: Flask, suzuki: Actor) -> None:
    liaison = Visitor(app, suzuki)
    assert "まだ決めていません" in liaison.get(SETTINGS).text
    assert liaison.submit(SETTINGS, SET).status == 303
    with acting_as(suzuki) as session:
        city = session.get_one(Organisation, suzuki.organisation_id)
        policy, limits = ContactPolicy.of(city.settings), case_limits_of(session, [city.id])
        session.rollback()
    assert (policy.most_in_window, policy.window.days) == (1, 14)
    assert limits.answer_within / limits.check_within == 16
    page = liaison.get(SETTINGS)
    assert "案内の連絡の回数：2 → 1" in page.text
    assert "鈴木 あき" in page.text
    assert liaison.submit(SETTINGS, SET).status == 303
    assert liaison.get(SETTINGS).text.count("案内の連絡の回数：") == 1, "nothing changed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("most_in_window", "0"),
        ("window_days", "たくさん"),
        ("least_gap_hours", "-1"),
        ("quiet_from", "03:00"),
        ("answer_hours", "9999999999"),
    ],
)
def test_numbers_that_cannot_be_are_explained_and_kept_as_typed(
    app: Flask, suzuki: Actor, name: str, value: str
) -> None:
    liaison = Visitor(app, suzuki)
    refused = liaison.submit(SETTINGS, {**SET, name: value})
    assert refused.status == 422
    assert name == "quiet_from" or refused.field(name) == value
    assert "まだ決めていません" in liaison.get(SETTINGS).text


@pytest.mark.proves("R20")
def test_who_met_a_family_writes_its_wish_down_for_her(app: Flask, suzuki: Actor) -> None:
    family_id, _guardian = met(suzuki, "高橋 あかり")
    page = f"/liaison/families/{family_id}/contact"
    assert Visitor(app, suzuki).submit(page, {"stops": "y"}).status == 303
    with acting_as(suzuki), transaction() as session:
        assert queries.wishes(session, family_id).stops
    assert Visitor(app, make_liaison("遠い 市の人")).get(page).status == 404


def test_without_settings_the_usual_holds(app: Flask, suzuki: Actor) -> None:
    del app
    with acting_as(suzuki) as session:
        assert case_limits_of(session, [suzuki.organisation_id, None]) == CaseLimits()
        session.rollback()
    assert ContactPolicy.of({}) == ContactPolicy()


@pytest.mark.proves("R6")
def test_nobody_sets_the_limits_of_another_city(suzuki: Actor) -> None:
    far = make_liaison("遠い 市の人")
    assert far.organisation_id is not None
    with pytest.raises(NoResultFound), acting_as(suzuki), transaction() as session:
        change_settings(
            session, far.organisation_id, {"contact": {}}, actor=suzuki, now=clock.now()
        )
