"""Where loops could end in nothing: asked later, sent on a ground, closed quietly, told by mail."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.consents.models import Consent
from portal.db.session import acting_as, transaction
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.referrals import grounds, queries, writing
from portal.referrals.models import Referral
from portal.referrals.rules import Item, ReferralState
from tests.factories import people, places, referring, support
from tests.factories.keeping import keep, on_the_spot
from tests.pages.test_on_the_spot import first_offer, places_of, sure
from tests.pages.visit import Visitor

Queued = list[tuple[str, uuid.UUID | None, str | None]]
NOW = clock.now()
TODAY = clock.today(NOW)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Queued:
    """The mails of referrals that were queued: kind, person, address."""
    found: Queued = []

    def enqueue(_session: Session, kind: str, **more: Any) -> None:
        found.append((kind, more.get("to_user"), more.get("to_mail")))

    monkeypatch.setattr(writing, "enqueue", enqueue)
    return found


@pytest.mark.proves("R11")
def test_a_draft_leaves_on_a_ground_once_a_colleague_has_released_it(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    nurse, whole = Visitor(app, suzuki), f"/liaison/interviews/{of.id}"
    assert "同意を得られないとき" in nurse.get(whole).text
    send = f"{whole}/send/{row.id}"
    assert nurse.submit(send, {}, form_page=whole).status == 409
    ground = support.decided(
        suzuki, of.family_id, hinata.organisation_id, items=(Item.NAME_AND_PHONE, Item.CHILDREN)
    )
    assert "確認を、ほかの職員に求めています" in nurse.get(whole).text
    assert nurse.submit(send, {}, form_page=whole).status == 409, "not before the release"
    colleague = people.make_worker("林 あきら", body(suzuki), "liaison")
    with acting_as(colleague), transaction() as session:
        grounds.release(session, ground, actor=colleague, now=NOW)
    assert nurse.submit(send, {}, form_page=whole).status == 303
    with acting_as(suzuki), transaction() as session:
        sent = queries.referral(session, row.id, actor=suzuki)
        assert (sent.state, sent.ground_id, sent.consent_id) == (ReferralState.SENT, ground, None)
        assert set(queries.items(session, sent, actor=suzuki)) == {
            Item.NAME_AND_PHONE,
            Item.CHILDREN,
        }


@pytest.mark.proves("R7")
def test_a_nurse_closes_an_expected_child_quietly(
    app: Flask, suzuki: Actor, hinata: places.Site, queued: Queued
) -> None:
    row = referring.referred(suzuki, hinata)
    queued.clear()
    with acting_as(suzuki) as session:
        (unborn,) = (
            c for c in families.children(session, row.family_id, actor=suzuki) if c.born_on is None
        )
    nurse, kids = Visitor(app, suzuki), f"/liaison/interviews/{row.interview_id}/children"
    assert "登録を閉じる" in nurse.get(kids).text
    assert nurse.submit(f"{kids}/{unborn.id}/close", {}).status == 303
    with acting_as(suzuki), transaction() as session:
        now_meant = queries.referral(session, row.id, actor=suzuki)
        assert unborn.id not in now_meant.child_ids
        assert now_meant.state is ReferralState.SENT, "the elder one is still meant"
    assert queued == [], "nobody is told"
    assert "お子さん（1人）" in nurse.get(kids).text
    assert nurse.submit(f"{kids}/closed", {}).status == 303
    assert "お子さん（2人）" in nurse.get(kids).text
    stranger = Visitor(app, people.make_liaison("よその 人"))
    assert stranger.get(f"{kids}/{unborn.id}/close").status == 404


@pytest.mark.proves("R14")
def test_a_booking_on_the_spot_is_told_to_the_nursery_by_mail(
    app: Flask, suzuki: Actor, queued: Queued
) -> None:
    site = places.make_site("ひまわり園", places=2)
    director = people.make_worker("園田 えん", site.organisation_id, "director")
    keep(site, 1)
    nurse, row = Visitor(app, suzuki), on_the_spot(suzuki, site)
    assert sure(nurse, first_offer(nurse.get(places_of(row)))).status == 303
    assert ("referrals/booked", director.user_id, None) in queued


@pytest.mark.proves("R12")
def test_a_receiver_without_any_account_is_told_at_its_address_or_by_phone(
    app: Flask, suzuki: Actor, queued: Queued
) -> None:
    def to(name: str, mail: str | None) -> Referral:
        centre = people.make_organisation(name, OrganisationKind.SUPPORT_CENTRE)
        with acting_as(people.OPERATOR), transaction() as session:
            session.get_one(Organisation, centre).mail = mail
        of = referring.interviewed(suzuki)
        draft = referring.drafted(suzuki, of, centre)
        referring.agreed(suzuki, of.family_id, centre)
        return referring.sent(suzuki, draft.id)

    nurse = Visitor(app, suzuki)
    with_mail, without = to("ひろば", "hiroba@example.test"), to("つどい", None)
    assert queued == [("referrals/sent", None, "hiroba@example.test")]
    assert "アドレスに、メールを送りました" in nurse.get(f"/liaison/referrals/{with_mail.id}").text
    assert "電話かFAXで知らせてください" in nurse.get(f"/liaison/referrals/{without.id}").text


@pytest.mark.proves("R11")
def test_she_who_agreed_sees_and_takes_it_back_from_the_nurserys_record(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    mother = people.make_guardian("高橋 あかり", children=("高橋 そら",))
    other = people.make_guardian("高橋 けん", children=("高橋 うみ",))
    row = referring.referred(suzuki, hinata)
    assert "/consents/" not in Visitor(app, mother).get("/my/support/").html
    same_phone(mother)
    join(row, mother, hinata)
    page = Visitor(app, mother).get("/my/support/")
    (sharing,) = re.findall(r"/my/support/consents/([0-9a-f-]+)/withdraw", page.html)[:1]
    join(row, other, hinata)
    assert "/consents/" not in Visitor(app, other).get("/my/support/").html, "another's phone"
    join(row, mother, hinata)
    taken = Visitor(app, mother).submit(
        f"/my/support/consents/{sharing}/withdraw", {}, form_page="/my/support/"
    )
    assert taken.status == 303
    with acting_as(suzuki) as session:
        assert session.get_one(Consent, uuid.UUID(sharing)).withdrawn_at is not None


def body(actor: Actor) -> uuid.UUID:
    assert actor.organisation_id is not None
    return actor.organisation_id


def same_phone(mother: Actor) -> None:
    with acting_as(mother), transaction() as session:
        (me,) = families.guardians(session, mother.family_id, actor=mother)  # type: ignore[arg-type]
        me.phone, me.phone_digits = "090-0000-2468", "09000002468"


def join(row: Referral, mother: Actor, site: places.Site) -> None:
    with acting_as(site.owner), transaction() as session:
        session.get_one(Referral, row.id).client_family_id = mother.family_id
