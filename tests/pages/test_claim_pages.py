"""What becomes of a claim that the city has answered: on its lists, its reports and its pages."""

from __future__ import annotations

import csv
import io
import uuid

import pytest
from flask import Flask

from portal.db.session import Database, acting_as, transaction
from portal.facilities import claims, queries
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from portal.reports.queries import reported_facilities
from tests.factories import people
from tests.pages.test_setup_pages import claim_id_of, listed
from tests.pages.visit import Visitor

ANSWER = "ほかの会の園です"


@pytest.fixture
def newcomer(database: Database) -> Actor:
    """A director whose provider has nothing yet."""
    del database
    provider = people.make_organisation("新しい会", OrganisationKind.PROVIDER)
    return people.make_worker("新井 園長", provider, "director")


def entered(director: Actor, city: Actor) -> uuid.UUID:
    with acting_as(director), transaction() as session:
        new = claims.NewFacility(
            "一覧にない園", "みほん市大町2-2", "", "", "", city.organisation_id
        )
        return claims.enter_facility(session, new, actor=director)


def decide(city: Actor, facility_id: uuid.UUID, *, is_own: bool) -> uuid.UUID:
    claim_id = claim_id_of(facility_id)
    with acting_as(city), transaction() as session:
        claims.decide(session, claim_id, is_own=is_own, answer=ANSWER, actor=city)
    return claim_id


def exported(app: Flask, city: Actor) -> list[str]:
    page = Visitor(app, city).get("/liaison/exports/facilities.csv?columns=koriyama")
    rows = csv.DictReader(io.StringIO(page.response.data.decode("utf-8-sig"), newline=""))
    return [row["Name"] for row in rows]


def reported(city: Actor) -> list[str]:
    with acting_as(city) as session:
        names = [facility.name for facility in reported_facilities(session, actor=city)]
        session.rollback()
    return names


@pytest.mark.proves("J1", "R30")
def test_what_the_city_refused_is_neither_on_its_list_nor_in_its_report(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    facility_id = listed(suzuki.organisation_id, "東園", list_row={"Name": "東園"})
    with acting_as(newcomer), transaction() as session:
        claims.claim_listed(session, facility_id, actor=newcomer)
    assert (exported(app, suzuki), reported(suzuki)) == (["東園"], [])
    decide(suzuki, facility_id, is_own=False)
    assert (exported(app, suzuki), reported(suzuki)) == (["東園"], [])
    with acting_as(suzuki) as session:
        city = suzuki.organisation_id or uuid.UUID(int=0)
        assert queries.not_of_shape(session, city, "koriyama") == []
        session.rollback()


@pytest.mark.parametrize("is_own", [True, False])
def test_what_a_director_entered_is_the_citys_once_it_is_confirmed(
    app: Flask, newcomer: Actor, suzuki: Actor, *, is_own: bool
) -> None:
    facility_id = entered(newcomer, suzuki)
    assert (exported(app, suzuki), reported(suzuki)) == ([], [])
    decide(suzuki, facility_id, is_own=is_own)
    expected = ["一覧にない園"] if is_own else []
    assert (exported(app, suzuki), reported(suzuki)) == (expected, expected)


def test_the_page_of_an_answered_claim_shows_what_was_judged(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    more = {"kind": "認可外保育所", "owner_name": "みほん会"}
    facility_id = listed(suzuki.organisation_id, "東園", **more)
    with acting_as(newcomer), transaction() as session:
        claims.claim_listed(session, facility_id, actor=newcomer)
    claim_id = decide(suzuki, facility_id, is_own=False)
    page = Visitor(app, suzuki).get(f"/liaison/claims/{claim_id}").text
    for told in ("東園", "認可外保育所", "みほん会", "市区町村の一覧にある"):
        assert told in page
    row = Visitor(app, suzuki).get("/liaison/providers/").text.partition("返事をした園")[2]
    assert "東園" in row
    assert "確認できない" in row
