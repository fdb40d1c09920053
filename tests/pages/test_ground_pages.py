"""Passing on without consent, on pages: with a colleague or after a call; what was passed on."""

from __future__ import annotations

import uuid

import pytest
from flask import Flask

from portal.consents import service
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import JST
from portal.referrals import ground_queries, provisions
from portal.referrals.ground_queries import Decided
from tests.factories import people, support
from tests.factories.places import Site
from tests.pages.visit import Visitor

REASON = "けがのあとがありました。"


def waiting(who: Actor) -> list[Decided]:
    with acting_as(who), transaction() as session:
        return list(ground_queries.waiting(session, actor=who))


def wish(center: Actor, **changes: object) -> dict[str, object]:
    return {
        "receiver": str(center.organisation_id),
        "ground": "child_protection",
        "items": ["name_and_phone", "nursery_notes"],
        "reason": REASON,
        **changes,
    }


@pytest.mark.proves("R12")
def test_a_colleague_sees_that_it_waits_and_lets_it_through(app: Flask, suzuki: Actor) -> None:
    family_id, _ = support.met(suzuki)
    center = support.make_center()
    assert suzuki.organisation_id is not None
    colleague = people.make_worker("井上 とも", suzuki.organisation_id, "liaison")
    first, second = Visitor(app, suzuki), Visitor(app, colleague)
    assert first.submit(f"/grounds/new/{family_id}", wish(center)).status == 303
    [row] = waiting(suzuki)
    own = first.get("/grounds/")
    assert "あなたが決めたものです" in own.text
    refused = first.submit(f"/grounds/{row.row.id}/release", {}, form_page="/grounds/")
    assert refused.status == 409
    assert "決めた本人は確認できません" in refused.text
    assert "同意によらず伝えることの確認" not in first.get("/liaison/").text
    assert "同意によらず伝えることの確認" in second.get("/liaison/").text
    assert REASON in second.get("/grounds/").text
    assert second.submit(f"/grounds/{row.row.id}/release", {}, form_page="/grounds/").status == 303
    assert waiting(suzuki) == []
    assert REASON not in Visitor(app, center).get("/grounds/").text


def test_urgent_means_phoned_before(app: Flask, suzuki: Actor) -> None:
    family_id, _ = support.met(suzuki)
    center = support.make_center()
    visitor, url = Visitor(app, suzuki), f"/grounds/new/{family_id}"
    now = f"{clock.now().astimezone(JST):%H:%M}"
    for phoned, status, sentence in (
        ("", 409, "先に相手へ電話し"),
        ("いま", 422, "9:05 のように"),
        ("25:00", 422, "9:05 のように"),
        (now, 303, ""),
    ):
        answer = visitor.submit(url, wish(center, is_urgent="y", phoned=phoned))
        assert answer.status == status
        if sentence:
            assert sentence in answer.text
            assert REASON in answer.html
    [row] = waiting(suzuki)
    assert row.waits_for_review
    assert row.row.review_due_on is not None


def test_what_went_out_is_listed_on_both_sides_and_printed(
    app: Flask, suzuki: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    family_id, _ = support.met(suzuki)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    with acting_as(suzuki), transaction() as session:
        provisions.provide(
            session,
            family_id=family_id,
            receiver_id=hinata.organisation_id,
            kind="referral",
            subject_id=uuid.uuid4(),
            items=["children"],
            consent_id=row.id,
            actor=suzuki,
            now=clock.now(),
        )
    for who, sees in ((suzuki, True), (sato, True), (yamada, False)):
        page = Visitor(app, who).get("/provisions/")
        assert ("お子さんの名前と年齢" in page.text) is sees
        assert ("高橋 あかりさん" in page.text) is (who is suzuki), "the nursery has no client yet"
    answer = Visitor(app, sato).client.get("/provisions/list.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_receiver_is_shown_what_was_taken_back(
    app: Flask, suzuki: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    family_id, _ = support.met(suzuki)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    with acting_as(suzuki), transaction() as session:
        service.withdraw(session, row.id, actor=suzuki, now=clock.now())
    assert "みほん市が聞いた同意です" in Visitor(app, sato).get("/provisions/withdrawn/").text
    assert "みほん市が聞いた" not in Visitor(app, yamada).get("/provisions/withdrawn/").text


@pytest.mark.proves("R11")
def test_who_received_something_writes_a_withdrawal_down_too(
    app: Flask, suzuki: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    family_id, _ = support.met(suzuki)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    url = f"/provisions/consents/{row.id}/withdraw"
    assert Visitor(app, yamada).get(url).status == 404
    staff = Visitor(app, sato)
    assert staff.submit(url, {"channel": "phone"}).status == 422
    done = staff.submit(url, {"channel": "phone", "sure": "y"})
    assert done.status == 303
    assert "みほん市が聞いた同意です" in staff.get(done.location).text
    assert staff.get(url).status == 404
