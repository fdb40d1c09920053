from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.facilities.own import ProgrammeWords, add_programme
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.document import load_template
from portal.rulebooks.rules import RulebookRefusal
from portal.rulebooks.service import publish
from tests.factories.people import OPERATOR, make_worker
from tests.factories.places import Site
from tests.pages.visit import Visitor

HERE = "/office/facilities/"
TODAY = clock.today(clock.now())


def add_facility(organisation_id: uuid.UUID, *, is_hidden: bool = False) -> uuid.UUID:
    facility_id = uuid.uuid4()
    with acting_as(OPERATOR), transaction() as session:
        session.add(
            Facility(
                id=facility_id,
                organisation_id=organisation_id,
                name="あおぞら分園",
                address="みほん市中央2-1",
                is_hidden=is_hidden,
            )
        )
    return facility_id


def test_a_hidden_facility_offers_no_publishing_and_refuses_it(
    app: Flask, director: Actor, hinata: Site
) -> None:
    facility_id = add_facility(hinata.organisation_id, is_hidden=True)
    visitor, url = Visitor(app, director), f"/office/set-up/{facility_id}/publish"
    assert f"{facility_id}/publish" not in visitor.get(HERE).html
    answer = visitor.submit(url, {}, form_page=f"/office/set-up/{facility_id}/about")
    assert (answer.status, "「非公開」なので、公開できません" in answer.text) == (409, True)
    assert Visitor(app).get(f"/facilities/{facility_id}").status == 404


def test_the_providers_own_words_are_kept_as_typed(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    note = "<b>裏門</b>からどうぞ & 駐車場3台"
    said = {"name": "ひなた保育園", "address": "みほん市中央1-1", "phone": "0"}
    about = f"/office/set-up/{hinata.facility_id}/about"
    assert visitor.submit(about, {**said, "access_note": note}).status == 303
    page = visitor.get(HERE)
    assert note in page.text
    assert "<b>裏門" not in page.html
    programme = f"{HERE}programmes/{hinata.programme_id}"
    assert visitor.submit(programme, {"name": ""}).status == 422
    assert (
        visitor.submit(programme, {"name": "ひよこ", "description": "庭があります"}).status == 303
    )
    assert "庭があります" in visitor.get(HERE).text


def test_holidays_are_laid_out_anew_when_they_become_closed_days(
    app: Flask, director: Actor, hinata: Site
) -> None:
    def closed() -> list[str]:
        with acting_as(director) as session:
            found = session.execute(
                text(
                    "SELECT DISTINCT closed_reason FROM pool_days WHERE facility_id = :id"
                    " AND true = ALL (closed) AND day > :today AND closed_reason IS NOT NULL"
                ),
                {"id": hinata.facility_id, "today": TODAY},
            )
            return list(found.scalars())

    visitor = Visitor(app, director)
    assert closed() == []
    hours = {"from_0": "8:00", "to_0": "18:00", "same": "y", "closed_on_holidays": "y"}
    visitor.submit(f"/office/set-up/{hinata.facility_id}/hours", hours)
    assert closed() != []


def test_the_first_rules_hold_at_once(hinata: Site, director: Actor) -> None:
    with acting_as(director), transaction() as session:
        words = ProgrammeWords("誰でも通園")
        programme_id = add_programme(
            session,
            hinata.facility_id,
            ProgrammeKind.UNIVERSAL_ACCESS_CARE,
            words,
            actor=director,
            now=clock.now(),
        )
        with pytest.raises(Refusal) as caught:
            publish(
                session,
                programme_id,
                load_template("half-day"),
                TODAY + timedelta(days=1),
                actor=director,
                now=clock.now(),
            )
    assert caught.value.codes == (RulebookRefusal.FIRST_STARTS_LATER,)


def test_only_the_own_director_sets_a_facility(
    app: Flask, hinata: Site, midori: Site, sato: Actor, tanaka: Actor
) -> None:
    paths = (
        f"/office/set-up/{hinata.facility_id}/about",
        f"{HERE}{hinata.facility_id}/programmes/new",
        f"{HERE}programmes/{hinata.programme_id}",
        f"/office/programmes/{hinata.programme_id}/rules",
    )
    stranger = Visitor(app, make_worker("よそ 園長", midori.organisation_id, "director"))
    assert "ひなた保育園" not in stranger.get(HERE).text
    for path in paths:
        assert stranger.get(path).status == 404, path
    for button in ("publish", "unpublish"):
        url = f"/office/set-up/{hinata.facility_id}/{button}"
        assert stranger.submit(url, {}, form_page="/office/set-up/new").status == 404
    for actor in (sato, tanaka):
        someone = Visitor(app, actor)
        assert [someone.get(path).status for path in (HERE, *paths)] == [403] * 5
