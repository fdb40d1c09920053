"""Whom an interview reaches: without a phone, with a child entered by mistake, of several ages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.db.session import acting_as, transaction
from portal.families.expected_hooks import Listener, listeners, listening
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.referrals import mistaken_child, queries
from portal.referrals.rules import ReferralState
from tests.factories import people, places
from tests.factories.referring import agreed, children_of, drafted, interviewed, sent
from tests.pages.test_referral_pages import AGREED, MET, agree, day, went
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())


def draft_of(nurse: Visitor, met: dict[str, str], hinata: places.Site) -> str:
    """Go as far as the consents; return their address."""
    children = went(nurse.submit("/liaison/interviews/new", met))
    elder = {"kind": "born", "count": "1", "name": "高橋 そら", **day("day", people.BORN)}
    went(nurse.submit(children, elder))
    receivers = children.replace("/children", "/receivers")
    meant = nurse.get(receivers).field("children")
    value = f"{hinata.organisation_id}.{hinata.facility_id}"
    wish = {"receivers": [value], "children": [meant], "urgency": "normal"}
    return went(nurse.submit(receivers, wish))


@pytest.mark.proves("R7", "R11", "R12")
def test_who_has_no_phone_is_told_of_letters_and_of_no_calls(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    nurse = Visitor(app, suzuki)
    unreachable = {**MET, "phone": "", "address": ""}
    refused = nurse.submit("/liaison/interviews/new", unreachable)
    assert refused.status == 422
    assert "電話番号、メールアドレス、住所のどれかを入れてください" in refused.text
    consents = draft_of(nurse, {**MET, "phone": ""}, hinata)
    page = nurse.get(consents)
    assert 'value="phone"' not in page.html
    assert "手紙で連絡があります" in page.text, "the words name the way that there is"
    assert "電話とメールは、連絡先がないので選べません" in page.text
    assert "住所" in page.text.split("読み上げることば")[1], "the words say that it is passed on"
    unknown = {**AGREED, "channels": ["letter"]}
    made = nurse.submit(consents, unknown)
    again = {"once": made.field("once"), "shown": made.field("shown")}
    refused = nurse.post(consents, {**unknown, **again})
    assert refused.status == 422
    assert "住所も伝える同意が要ります" in refused.text
    letter = {**unknown, "items": [*AGREED["items"], "address"]}
    assert went(agree(nurse, consents, letter)) == consents.removesuffix("/consents")
    called = nurse.submit(consents, AGREED)
    assert called.status == 422, "no call can be promised"


@pytest.mark.proves("R12")
def test_who_has_a_phone_is_asked_for_it_first(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    nurse = Visitor(app, suzuki)
    page = nurse.get(draft_of(nurse, MET, hinata))
    assert "電話で連絡があります" in page.text
    assert "メールは、連絡先がないので選べません" in page.text


@pytest.mark.proves("R7", "R10")
def test_a_born_child_entered_by_mistake_goes_with_its_draft(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = interviewed(suzuki)
    elder, unborn = children_of(suzuki, of.family_id)
    row = drafted(suzuki, of, hinata)
    base, nurse = f"/liaison/interviews/{of.id}/children", Visitor(app, suzuki)
    assert f"{base}/{elder}/remove" in nurse.get(base).html
    assert nurse.get(f"{base}/{unborn}/remove").location == f"{base}/{unborn}/close"
    assert "高橋 そらさん" in nurse.get(f"{base}/{elder}/remove").text
    assert went(nurse.submit(f"{base}/{elder}/remove", {})) == base
    after = nurse.get(base).text
    assert "高橋 そら" not in after
    assert "お子さん（1人）" in after
    assert nurse.get(f"{base}/{elder}/remove").status == 404
    with acting_as(suzuki), transaction() as session:
        kept = queries.referral(session, row.id, actor=suzuki)
        assert (kept.child_ids, kept.state) == ([unborn], ReferralState.DRAFT)


@pytest.mark.proves("R7", "R10")
def test_a_child_of_whom_somebody_was_told_stays(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = interviewed(suzuki)
    elder, _unborn = children_of(suzuki, of.family_id)
    row = drafted(suzuki, of, hinata)
    agreed(suzuki, of.family_id, hinata.organisation_id)
    sent(suzuki, row.id)
    where = f"/liaison/interviews/{of.id}/children/{elder}/remove"
    page = Visitor(app, suzuki).submit(where, {})
    assert page.status == 409
    assert "もう紹介先に伝えたか" in page.text
    with acting_as(suzuki), transaction() as session:
        assert session.get_one(Child, elder).ended_at is None
    other = people.make_liaison("となりの市の 保健師")
    assert Visitor(app, other).get(where).status == 404


@pytest.mark.proves("R7")
def test_a_child_for_whom_something_else_runs_stays(app: Flask, suzuki: Actor) -> None:
    del app  # says who listens
    of = interviewed(suzuki)
    elder, _unborn = children_of(suzuki, of.family_id)
    applied = Listener("applications", ended=lambda *_, **__: [{"id": "x"}])
    with (
        listening([*listeners(), applied]),
        pytest.raises(Refusal),
        acting_as(suzuki),
        transaction() as session,
    ):
        mistaken_child.take_child_out(session, of.id, elder, actor=suzuki, now=clock.now())
    with acting_as(suzuki), transaction() as session:
        row = session.scalars(select(Child).where(Child.id == elder)).one()
        assert row.ended_at is None


@pytest.mark.proves("R8")
@pytest.mark.usefixtures("hinata")
def test_a_nursery_says_of_each_child_from_when_it_is_taken(app: Flask, suzuki: Actor) -> None:
    of = interviewed(suzuki, born_on=people.BORN, due_in=40)
    page = Visitor(app, suzuki).get(f"/liaison/interviews/{of.id}/receivers").text
    due = TODAY + timedelta(days=40)
    assert "は、いまから" in page
    assert f"予定日 {due.month}月{due.day}日" in page.replace("2027年", "").replace("2026年", "")
    assert "いちばん小さいお子さんは" not in page


@pytest.mark.proves("R12", "R19")
def test_the_nursery_plans_by_the_way_that_was_told(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    nurse, staff = Visitor(app, suzuki), Visitor(app, sato)
    consents = draft_of(nurse, {**MET, "phone": ""}, hinata)
    letter = {**AGREED, "channels": ["letter"], "items": [*AGREED["items"], "address"]}
    whole = went(agree(nurse, consents, letter))
    shown = went(nurse.submit(f"{whole}/send", {}, form_page=whole))
    where = shown.replace("/liaison/", "/office/")
    went(staff.submit(f"{where}/step", {"event": "receive"}, form_page=where))
    plan = where.replace("/office/referrals/", "/office/outreach/referrals/")
    checked = re.findall(r'name="channel" value="(\w+)"[^>]*checked', staff.get(plan).html)
    assert checked == ["letter"]
    said = {"channel": "letter", "about": "tour", "until": "visited", **day("next_on", TODAY)}
    made = went(staff.submit(plan, {**said, "by_user": str(sato.user_id)}))
    page = staff.get(made)
    assert "手紙を出す" in page.text
    assert "電話をかける" not in page.text, "a call that nobody can make would count"
    assert "電話番号は、紹介には書かれていません" in page.text
