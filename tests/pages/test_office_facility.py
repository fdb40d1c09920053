from __future__ import annotations

import uuid
from datetime import date, timedelta

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
from portal.rulebooks.queries import versions_of
from portal.rulebooks.rules import RulebookRefusal
from portal.rulebooks.service import publish
from tests.factories.people import OPERATOR, make_worker
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

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


def day(moment: date) -> dict[str, object]:
    return {
        "in_force_from-year": moment.year,
        "in_force_from-month": moment.month,
        "in_force_from-day": moment.day,
    }


def press(visitor: Visitor, url: str) -> Page:
    return visitor.submit(url, {}, form_page=HERE)


@pytest.mark.proves("J1")
def test_a_facility_is_opened_from_nothing_to_its_public_page(
    app: Flask, director: Actor, hinata: Site
) -> None:
    facility_id = add_facility(hinata.organisation_id)
    public = f"/facilities/{facility_id}"
    visitor, family = Visitor(app, director), Visitor(app)
    assert "予約を受けるまで" in visitor.get(HERE).text
    added = visitor.submit(
        f"{HERE}{facility_id}/programmes/new",
        {"kind": "temporary_care", "name": "ひよこの一時預かり", "belongings": "着替え"},
    )
    assert added.status == 303
    chosen = visitor.submit(added.location, {"template": "half-day", **day(TODAY)})
    assert (chosen.status, chosen.location) == (303, HERE)
    assert "半日・1日あずかり" in visitor.get(HERE).text
    assert family.get(public).status == 404
    assert "あおぞら分園" in visitor.get(public).text
    assert press(visitor, f"{HERE}{facility_id}/publish").status == 303
    assert "あおぞら分園" in family.get(public).text
    assert press(visitor, f"{HERE}{facility_id}/unpublish").status == 303
    assert family.get(public).status == 404


def test_a_hidden_facility_offers_no_publishing_and_refuses_it(
    app: Flask, director: Actor, hinata: Site
) -> None:
    facility_id = add_facility(hinata.organisation_id, is_hidden=True)
    visitor = Visitor(app, director)
    assert f"{facility_id}/publish" not in visitor.get(HERE).html
    answer = press(visitor, f"{HERE}{facility_id}/publish")
    assert (answer.status, "「非公開」なので、公開できません" in answer.text) == (409, True)
    assert Visitor(app).get(f"/facilities/{facility_id}").status == 404


def test_the_providers_own_words_are_kept_as_typed(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    note = "<b>裏門</b>からどうぞ & 駐車場3台"
    url = f"{HERE}{hinata.facility_id}/edit"
    assert visitor.submit(url, {"access_note": note, "closed_on_holidays": "y"}).status == 303
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
    visitor.submit(f"{HERE}{hinata.facility_id}/edit", {"closed_on_holidays": "y"})
    assert closed() != []


def test_later_rules_leave_the_earlier_version_as_it_was(
    app: Flask, director: Actor, hinata: Site
) -> None:
    url = f"{HERE}programmes/{hinata.programme_id}/rules"
    visitor = Visitor(app, director)
    coming = TODAY + timedelta(days=30)
    assert visitor.submit(url, {"template": "half-day", **day(coming)}).status == 303
    page = visitor.get(HERE).text
    assert "いまの決まり：時間あずかり（標準）" in page
    assert "からの決まり：半日・1日あずかり" in page
    refused = visitor.submit(url, {"template": "half-day", **day(TODAY - timedelta(days=1))})
    assert (refused.status, "これからの日から始めてください" in refused.text) == (409, True)
    assert visitor.submit(url, {**day(coming)}).status == 422
    with acting_as(director) as session:
        versions = {one.version: one for one in versions_of(session, hinata.programme_id)}
    assert sorted(versions) == [1, 2]
    assert versions[1].id == hinata.rulebook_id
    assert versions[1].document["title"] == "時間あずかり（標準）"


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
        f"{HERE}{hinata.facility_id}/edit",
        f"{HERE}{hinata.facility_id}/programmes/new",
        f"{HERE}programmes/{hinata.programme_id}",
        f"{HERE}programmes/{hinata.programme_id}/rules",
    )
    stranger = Visitor(app, make_worker("よそ 園長", midori.organisation_id, "director"))
    assert "ひなた保育園" not in stranger.get(HERE).text
    for path in paths:
        assert stranger.get(path).status == 404, path
    for button in ("publish", "unpublish"):
        assert press(stranger, f"{HERE}{hinata.facility_id}/{button}").status == 404
    for actor in (sato, tanaka):
        someone = Visitor(app, actor)
        assert [someone.get(path).status for path in (HERE, *paths)] == [403] * 5
