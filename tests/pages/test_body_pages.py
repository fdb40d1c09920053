"""Bodies of a municipality, its figures, and that nothing of one is seen by another."""

from __future__ import annotations

import uuid
from io import BytesIO

import openpyxl
import pytest
from flask import Flask

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations import queries
from portal.organisations.rules import OrganisationKind
from tests.factories import people, referring, support
from tests.factories.cases import missing, refer
from tests.factories.places import Site
from tests.pages.test_desk_pages import belongs, told
from tests.pages.visit import Visitor

NOW = clock.now()


def typed(city: Actor, **more: str) -> dict[str, str]:
    return {
        "municipality": str(city.organisation_id),
        "kind": "family_center",
        "name": "みほん市こども家庭センター",
        "phone": "0857-00-0200",
        "fax": "0857-00-0201",
        **more,
    }


@pytest.mark.proves("R6")
def test_the_operator_enters_bodies_and_their_city_reads_the_numbers(
    app: Flask, suzuki: Actor
) -> None:
    other = people.make_liaison("南 おと")
    kind = OrganisationKind.OPERATOR
    body_id = people.make_organisation("運用", kind)
    operator = Visitor(app, people.make_worker("運 よう", body_id, "operator"))
    assert operator.submit("/operator/bodies/", typed(suzuki)).status == 303
    twice = operator.submit("/operator/bodies/", typed(suzuki))
    assert twice.status == 409
    assert "もうあります" in twice.text
    assert operator.submit("/operator/bodies/", typed(suzuki, fax="なし")).status == 422
    page = Visitor(app, suzuki).get("/liaison/bodies/")
    assert "みほん市こども家庭センター" in page.text
    assert "0857-00-0201" in page.text
    assert "みほん市こども家庭センター" not in Visitor(app, other).get("/liaison/bodies/").text
    with acting_as(people.OPERATOR) as session:
        assert suzuki.organisation_id is not None
        (body,) = queries.bodies_of(session, suzuki.organisation_id)
    moved = typed(other, fax="0857-00-0299")
    assert operator.submit(f"/operator/bodies/{body.id}", moved).status == 303
    assert "0857-00-0299" in Visitor(app, other).get("/liaison/bodies/").text
    assert operator.get(f"/operator/bodies/{uuid.uuid4()}").status == 404
    assert operator.get(f"/operator/bodies/{suzuki.organisation_id}").status == 404


@pytest.mark.proves("R15")
def test_figures_count_what_this_body_sent_and_come_as_files(
    app: Flask, hinata: Site, suzuki: Actor
) -> None:
    referring.referred(suzuki, hinata)
    city = Visitor(app, suzuki)
    page = city.get("/liaison/figures/")
    assert "ひなた保育園" in page.text
    assert "<svg" in page.html
    sheet = openpyxl.load_workbook(
        BytesIO(city.client.get("/liaison/figures/figures.xlsx").data)
    ).worksheets[0]
    assert [cell.value for cell in sheet[2]][2:4] == [1, 0]
    for encoding in ("utf-8-sig", "cp932"):
        answer = city.client.get(f"/liaison/figures/figures.csv?encoding={encoding}")
        assert "ひなた保育園" in answer.data.decode(encoding)
        assert "高橋" not in answer.data.decode(encoding)
    assert city.client.get("/liaison/figures/figures.csv?encoding=x").status_code == 404


@pytest.mark.proves("R6", "R22", "R28")
def test_nothing_of_one_body_is_seen_by_another_here_or_in_another_city(
    app: Flask, hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor
) -> None:
    given = refer(suzuki, hinata, tanaka)
    case_id = missing(hinata, tanaka, referred=given, now=NOW)
    told(case_id, sato, suzuki)
    other = people.make_liaison("南 おと")
    center = support.make_center("南のセンター", "南 かな")
    belongs(center, other)
    office = support.make_office()
    belongs(office, suzuki)
    row = given.referral
    lists = (
        "/liaison/",
        "/liaison/cases/",
        "/liaison/cases/?show=watched",
        "/liaison/cases/?show=done",
        "/liaison/figures/",
        "/liaison/referrals/",
        "/provisions/",
    )
    assert "田中 はなさん" in Visitor(app, suzuki).get("/liaison/cases/").text
    for stranger in (other, center, office):
        visitor = Visitor(app, stranger)
        for page in lists:
            answer = visitor.client.get(page)
            for secret in ("田中", "高橋", str(case_id), str(row.id), str(row.family_id)):
                assert secret not in answer.text, (page, secret)
        assert "紹介したご家庭が、まだありません" in visitor.get("/liaison/figures/").text
        for page in (
            f"/liaison/cases/{case_id}",
            f"/liaison/cases/{case_id}/pass-on",
            f"/liaison/referrals/{row.id}",
            f"/liaison/interviews/{row.interview_id}",
        ):
            assert visitor.get(page).status == 404, page
