"""A nurse goes to work for another city, and a mother is met whom somebody has met before."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from portal.app import create_app, listen_to_families
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.organisations.rules import OrganisationKind
from portal.referrals.rules import ReferralEvent
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories import people, places, referring
from tests.factories.cases import DUE, body_of, clockwork, refer
from tests.factories.days import book
from tests.pages.test_referral_pages import LIST, MET, went
from tests.pages.visit import Visitor


@pytest.mark.proves("R6", "R16", "R17")
def test_a_nurse_who_moved_sees_nothing_and_her_colleague_goes_on(
    emptied: Engine, server: TestServer
) -> None:
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    nurse, site = people.make_liaison("鈴木 あき"), places.make_site("ひなた保育園")
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    sent = refer(nurse, site, mother).referral
    draft = referring.interviewed(nurse, name="小林 めぐみ")
    hers = Visitor(app, nurse)
    assert "高橋 あかり" in hers.get(LIST).text
    colleague = people.make_worker("田中 りさ", body_of(nurse), "liaison")
    elsewhere = moved(emptied, server, nurse)

    assert hers.client.get(LIST).status_code in {302, 303, 401, 403}, "her session ended with it"
    anew = Visitor(app, elsewhere)
    for list_ in (LIST, "/liaison/", "/liaison/cases/", "/provisions/", "/liaison/interviews/new"):
        page = anew.get(list_)
        assert page.status == 200
        assert "高橋" not in page.text
        assert "小林" not in page.text
    for of_it in (
        f"{LIST}{sent.id}",
        f"/liaison/interviews/{draft.id}",
        f"/liaison/families/{sent.family_id}/consents/",
        f"/liaison/interviews/again/{sent.family_id}",
    ):
        assert anew.get(of_it).status == 404

    book(site, mother)
    with clockwork(emptied, server) as run:
        run(DUE)
    assert told(emptied, server) == {colleague.user_id}, "her colleague hears of the no-show"
    hands = Visitor(app, colleague)
    assert "高橋 あかり" in hands.get(LIST).text
    assert "小林 めぐみ" in hands.get(LIST).text, "and may send what was begun"
    assert "予約の日に来園なし" in hands.get("/liaison/cases/").text
    went(hands.submit(f"{LIST}{sent.id}/recall", {}, form_page=f"{LIST}{sent.id}"))


def moved(emptied: Engine, server: TestServer, nurse: Actor) -> Actor:
    """End her work for one city and begin it for another, as an invitation does."""
    to = people.make_organisation("となり市", OrganisationKind.MUNICIPALITY)
    with acting_as(nurse), transaction() as session:
        membership = session.execute(
            text("SELECT membership_id FROM memberships_for_sign_in(:user)"),
            {"user": nurse.user_id},
        ).scalar_one()
    with acting_as(people.OPERATOR), transaction() as session:
        session.execute(text("SELECT end_membership(:id)"), {"id": membership})
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO memberships (id, user_id, organisation_id, role)"
                " VALUES (:id, :user, :to, 'liaison')"
            ),
            {"id": uuid.uuid4(), "user": nurse.user_id, "to": to},
        )
    admin.dispose()
    return Actor(role=Role.LIAISON, user_id=nurse.user_id, organisation_id=to)


def told(emptied: Engine, server: TestServer) -> set[uuid.UUID]:
    """Return who gets the mail about what did not come."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        wanted = "SELECT to_user_id FROM outbox_messages WHERE kind = 'noshow/alert'"
        found = set(connection.execute(text(wanted)).scalars())
    admin.dispose()
    return found


@pytest.mark.proves("R7")
def test_a_mother_met_before_is_asked_for_before_she_is_met_twice(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    sent = referring.referred(suzuki, hinata)
    nurse = Visitor(app, suzuki)
    page = nurse.submit("/liaison/interviews/new", MET)
    assert page.status == 409
    assert "前に面談しています" in page.text
    assert f"/liaison/interviews/again/{sent.family_id}" in page.html
    assert page.field("name") == MET["name"], "what was typed is kept"
    other = Visitor(app, people.make_liaison("よその 保健師"))
    went(other.submit("/liaison/interviews/new", MET))
    went(nurse.submit("/liaison/interviews/new", {**MET, "is_another": "y"}))


@pytest.mark.proves("R10", "R15")
def test_the_same_family_is_not_sent_to_the_same_nursery_again(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    """Over the pages: the second interview says that she is under way there."""
    sent = referring.referred(suzuki, hinata)
    referring.moved(sato, sent.id, ReferralEvent.RECEIVE)
    nurse = Visitor(app, suzuki)
    again = f"/liaison/interviews/again/{sent.family_id}"
    stage = {key: value for key, value in MET.items() if key.startswith(("stage", "held", "is_"))}
    whole = went(nurse.submit(again, stage)).removesuffix("/children")
    children = [str(each) for each in referring.children_of(suzuki, sent.family_id)]
    value = f"{hinata.organisation_id}.{hinata.facility_id}"
    wish = {"receivers": [value], "children": children, "urgency": "normal"}
    page = nurse.submit(f"{whole}/receivers", wish)
    assert page.status == 409
    assert "紹介" in page.text
    with acting_as(suzuki), transaction() as session:
        counted = session.execute(text("SELECT count(*) FROM referrals")).scalar_one()
    assert counted == 1


@pytest.mark.proves("R7", "R20", "J8")
def test_told_that_no_child_is_expected_any_more_she_closes_it_in_two_taps(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    listen_to_families()
    sent = referring.referred(suzuki, hinata)
    elder, unborn = referring.children_of(suzuki, sent.family_id)
    nurse, whole = Visitor(app, suzuki), f"/liaison/interviews/{sent.interview_id}/children"
    child = nurse.get(f"{whole}/{unborn}")
    assert f"{whole}/{unborn}/close" in child.html
    assert "理由はたずねません" in nurse.get(f"{whole}/{unborn}/close").text
    assert went(nurse.submit(f"{whole}/{unborn}/close", {})) == whole
    assert unborn not in referring.seen(sato, sent.id).child_ids
    page = nurse.get(whole)
    assert "生まれる予定のお子さん 予定日" not in page.text
    assert went(nurse.submit(f"{whole}/closed", {})) == whole
    assert unborn in referring.seen(sato, sent.id).child_ids
    assert "もどせる登録はありません" in nurse.get(f"{whole}/closed").text
    stranger = Visitor(app, people.make_liaison("よその 保健師"))
    assert stranger.get(f"{whole}/{unborn}/close").status == 404
    assert nurse.get(f"{whole}/{elder}/close").status == 303, "a born child is not closed here"
