"""The desk of a body that was told: its own cases alone, taken and answered on one page."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow import queries, service
from portal.noshow.models import CaseReport, CaseWords
from portal.noshow.rules import CaseRefusal, CaseState, CheckResult
from portal.organisations.models import Organisation
from portal.referrals.rules import Item, Urgency
from tests.factories import people, support
from tests.factories.cases import Referred, agree, body_of, missing, refer, refusal, withdraw
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

NOW = clock.now()


@pytest.fixture
def referred(hinata: Site, suzuki: Actor, tanaka: Actor) -> Referred:
    return refer(suzuki, hinata, tanaka)


@pytest.fixture
def case_id(
    hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor, referred: Referred
) -> uuid.UUID:
    found = missing(hinata, tanaka, referred=referred, now=NOW)
    told(found, sato, suzuki)
    return found


def told(case_id: uuid.UUID, staff: Actor, *receivers: Actor, **more: object) -> None:
    with acting_as(staff), transaction() as session:
        service.record_result(
            session,
            case_id,
            CheckResult.NOT_REACHED,
            channel=ContactChannel.PHONE,
            actor=staff,
            now=NOW,
        )
        service.report(
            session,
            case_id,
            [body_of(each) for each in receivers],
            notes="",
            actor=staff,
            now=NOW,
            **more,  # type: ignore[arg-type]
        )


def belongs(body: Actor, city: Actor) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == body.organisation_id)
            .values(municipality_id=city.organisation_id)
        )


def state_of(actor: Actor, case_id: uuid.UUID) -> CaseState:
    with acting_as(actor) as session:
        return queries.case(session, case_id, actor=actor).state


def next_step() -> dict[str, str]:
    on = clock.today(NOW) + timedelta(days=2)
    return {
        "step": "visit",
        "by": "保健師 鈴木",
        "on-year": str(on.year),
        "on-month": str(on.month),
        "on-day": str(on.day),
    }


@pytest.mark.proves("R16", "R17", "R22")
def test_it_is_taken_answered_and_closed_by_who_was_told(
    app: Flask, suzuki: Actor, case_id: uuid.UUID
) -> None:
    desk, at = Visitor(app, suzuki), f"/liaison/cases/{case_id}"
    assert "園から届いた来園なし・心配" in desk.get("/liaison/").text
    inbox = desk.get("/liaison/cases/")
    assert "受け取りを待っています（1）" in inbox.text
    assert "田中 はなさん" in inbox.text
    assert "電話：つながらない" in inbox.text
    assert desk.submit(f"{at}/close", {}, form_page=at).status == 409
    assert desk.submit(f"{at}/acknowledge", {}, form_page=at).status == 303
    inbox = desk.get("/liaison/cases/")
    assert "次の支援を待っています（1）" in inbox.text
    assert desk.submit(f"{at}/close", {}, form_page=at).status == 409
    missing_words = desk.submit(f"{at}/step", {"by": "鈴木"}, form_page=at)
    assert missing_words.status == 422
    assert "次の支援をえらんでください" in missing_words.text
    assert desk.submit(f"{at}/step", next_step(), form_page=at).status == 303
    assert "保健師 鈴木" in desk.get("/liaison/cases/?show=watched").text
    assert desk.submit(f"{at}/close", {}, form_page=at).status == 303
    assert state_of(suzuki, case_id) is CaseState.CLOSED
    assert "に閉じました" in desk.get("/liaison/cases/?show=done").text


@pytest.mark.proves("R17")
def test_one_page_takes_it_and_names_the_next_step(
    app: Flask, suzuki: Actor, sato: Actor, case_id: uuid.UUID
) -> None:
    desk, at = Visitor(app, suzuki), f"/liaison/cases/{case_id}"
    assert desk.submit(f"{at}/step", next_step(), form_page=at).status == 303
    assert state_of(suzuki, case_id) is CaseState.TAKEN_OVER
    assert "保健師 鈴木" in Visitor(app, sato).get(f"/office/cases/{case_id}").text


@pytest.mark.proves("R22")
def test_a_body_that_was_not_told_sees_nothing(app: Flask, case_id: uuid.UUID) -> None:
    stranger = Visitor(app, support.make_center())
    assert "受け取りを待っています（0）" in stranger.get("/liaison/cases/").text
    for page in ("", "/pass-on"):
        assert stranger.get(f"/liaison/cases/{case_id}{page}").status == 404
    for act in ("acknowledge", "step", "close"):
        once = {"once": str(uuid.uuid4())}
        sent = stranger.post(f"/liaison/cases/{case_id}/{act}", {**once, **next_step()})
        assert sent.status == 404


@pytest.mark.proves("R16", "R22")
def test_what_was_told_without_a_name_bears_the_one_the_body_knows(
    app: Flask, sato: Actor, hinata: Site, suzuki: Actor, tanaka: Actor
) -> None:
    given = refer(suzuki, hinata, tanaka, back=())
    consent_id = agree(suzuki, given.referral.family_id, body_of(suzuki), (Item.NO_SHOW,))
    case_id = missing(hinata, tanaka, referred=given, now=NOW)
    with acting_as(sato), transaction() as session:
        of = queries.case(session, case_id, actor=sato)
        alert = CaseReport(
            id=uuid.uuid4(),
            case_id=of.id,
            family_id=of.family_id,
            reporter_id=of.organisation_id,
            receiver_id=body_of(suzuki),
            consent_id=consent_id,
            urgency=Urgency.NORMAL,
            items=[Item.NO_SHOW.value],
            sent_by=sato.user_id,
            sent_at=NOW - timedelta(hours=50),
            due_at=NOW,
        )
        session.add(alert)
        session.flush()
        words = CaseWords(id=uuid.uuid4(), report_id=alert.id, family_id=of.family_id)
        words.words = json.dumps({"what": "9:00 の予約に、来園がありませんでした。"})
        session.add(words)
    desk = Visitor(app, suzuki)
    inbox = desk.get("/liaison/cases/").text
    assert "高橋 あかりさん" in inbox
    assert "2日 待っています" in inbox
    withdraw(suzuki, consent_id, clock.now())
    assert "高橋" not in desk.get("/liaison/cases/").text


@pytest.mark.proves("R22")
def test_what_was_taken_back_is_said_and_hidden(
    app: Flask, sato: Actor, hinata: Site, suzuki: Actor, tanaka: Actor
) -> None:
    given = refer(suzuki, hinata, tanaka, back=())
    consent = agree(suzuki, given.referral.family_id, body_of(suzuki))
    case_id = missing(hinata, tanaka, referred=given, now=NOW)
    told(case_id, sato, suzuki)
    desk = Visitor(app, suzuki)
    assert "田中 はなさん" in desk.get("/liaison/cases/").text
    withdraw(suzuki, consent, clock.now())
    for page in ("/liaison/cases/", f"/liaison/cases/{case_id}"):
        seen = desk.get(page)
        assert "同意が、なくなりました" in seen.text
        assert "田中" not in seen.text


@pytest.mark.proves("R22")
def test_it_goes_on_only_within_the_city_and_within_consent(
    app: Flask, suzuki: Actor, case_id: uuid.UUID, referred: Referred
) -> None:
    near, silent, far = (
        support.make_center("近くのセンター", "近 あい"),
        support.make_center("聞いていないセンター", "静 うみ"),
        support.make_center("よその市のセンター", "遠 えみ"),
    )
    belongs(near, suzuki)
    belongs(silent, suzuki)
    belongs(far, people.make_liaison("南 おと"))
    for each in (near, far):
        agree(suzuki, referred.referral.family_id, body_of(each))
    desk, at = Visitor(app, suzuki), f"/liaison/cases/{case_id}/pass-on"
    page = desk.get(at)
    assert f'value="{near.organisation_id}"' in page.html
    assert f'value="{silent.organisation_id}"' not in page.html
    assert "聞いていないセンター" in page.text
    assert "よその市のセンター" not in page.text
    for wrong in (silent, far):
        assert desk.submit(at, {"receiver": str(wrong.organisation_id)}).status == 422
    with refusal(CaseRefusal.RECEIVER_MISSING), acting_as(suzuki), transaction() as session:
        service.hand_over(session, case_id, body_of(far), actor=suzuki, now=NOW)
    assert desk.submit(at, {"receiver": str(near.organisation_id)}).status == 303
    assert "ほかのところに回しました" in desk.get("/liaison/cases/?show=watched").text
    assert "田中 はなさん" in Visitor(app, near).get("/liaison/cases/").text
    assert Visitor(app, far).get(f"/liaison/cases/{case_id}").status == 404


@pytest.mark.proves("R26")
def test_a_worry_opens_once_it_is_taken_and_the_urgent_one_says_call_first(
    app: Flask, hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor, referred: Referred
) -> None:
    del referred
    assert tanaka.family_id is not None
    child = people.children_of(tanaka)[0].id
    accept(hinata, tanaka, child)
    with acting_as(sato), transaction() as session:
        of = service.raise_worry(
            session,
            tanaka.family_id,
            hinata.facility_id,
            [child],
            "冬なのに薄着です",
            is_urgent=True,
            actor=sato,
            now=NOW,
        )
        service.report(
            session,
            of.id,
            [body_of(suzuki)],
            notes="冬なのに薄着です",
            urgency=Urgency.URGENT,
            phoned_at=NOW,
            actor=sato,
            now=NOW,
        )
    desk, at = Visitor(app, suzuki), f"/liaison/cases/{of.id}"
    inbox = desk.get("/liaison/cases/")
    assert "先に、知らせたところへ電話をしてください" in inbox.text
    for page in (inbox, desk.get(at)):
        assert "薄着" not in page.text
        assert "田中" not in page.text
    desk.submit(f"{at}/acknowledge", {}, form_page=at)
    assert "冬なのに薄着です" in desk.get(at).text
