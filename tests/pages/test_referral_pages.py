"""The way of a referral over its pages: interview, three records, sending, the nursery's inbox."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask

from portal.consents.queries import holds
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.messages.letters import Letter, Wanted
from portal.referrals import queries, service
from portal.referrals.mail import MAILS
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralState
from tests.factories import people, places, referring, support
from tests.pages.visit import Page, Visitor

NOW = clock.now()
TODAY = clock.today(NOW)
LIST = "/liaison/referrals/"
INBOX = "/office/referrals/"
MET = {
    "name": "高橋 あかり",
    "relation": "母",
    "phone": "090-0000-2468",
    "address": "みほん市中央1-2-3",
    "stage": "eighth_month",
    "held_on-year": str(TODAY.year),
    "held_on-month": str(TODAY.month),
    "held_on-day": str(TODAY.day),
    "is_ticked": "y",
}
AGREED = {
    "items": ["name_and_phone", "children", "fatigue"],
    "shared_for": "180",
    "shares": "y",
    "told_until-year": str((TODAY + timedelta(days=5)).year),
    "told_until-month": str((TODAY + timedelta(days=5)).month),
    "told_until-day": str((TODAY + timedelta(days=5)).day),
    "channels": ["phone"],
    "is_told": "y",
    "booking": "later",
    "source": "tablet",
    "signed_name": "高橋 あかり",
}


def day(name: str, value: object) -> dict[str, str]:
    return {f"{name}-{part}": str(getattr(value, part)) for part in ("year", "month", "day")}


def agree(nurse: Visitor, where: str, said: Mapping[str, object] = AGREED) -> Page:
    """Choose, have the words made anew, read them aloud, tick, send."""
    made = nurse.submit(where, said)
    assert made.status == 422
    return nurse.post(where, {**said, "once": made.field("once"), "shown": made.field("shown")})


def went(page: Page) -> str:
    assert page.status == 303, page.text
    return page.location


@pytest.mark.proves("R7", "R8", "R10", "R11", "R12", "R13", "J4")
def test_an_interview_is_kept_step_by_step_and_sent(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    nurse = Visitor(app, suzuki)
    children = went(nurse.submit("/liaison/interviews/new", MET))
    whole = children.removesuffix("/children")
    due = TODAY + timedelta(days=50)
    twins = {"kind": "expected", "count": "2", **day("day", due)}
    assert went(nurse.submit(children, twins)) == children
    elder = {"kind": "born", "count": "1", "name": "高橋 そら", **day("day", people.BORN)}
    nurse.submit(children, elder)
    learned = {"mark_fatigue": "y", "fatigue": "夜に何度も起きます", "health": "血圧の薬"}
    receivers = went(nurse.submit(f"{whole}/learned", learned))
    assert "夜に何度も起きます" in nurse.get(f"{whole}/learned").text
    page = nurse.get(receivers)
    assert "ひなた保育園" in page.text
    value = f"{hinata.organisation_id}.{hinata.facility_id}"
    meant = re.findall(r'name="children" value="([^"]+)"', page.html)
    wish = {"receivers": [value], "children": meant, "urgency": "soon"}
    consents = went(nurse.submit(receivers, wish))
    assert "あと2つ" in nurse.get(whole).text
    for kept in (LIST, "/liaison/interviews/new"):
        assert whole in nurse.get(kept).html, "to go on with, by a colleague too"
    refused = nurse.submit(f"{whole}/send", {}, form_page=whole)
    assert refused.status == 409
    assert "同意1" in refused.text
    assert "同意2" in refused.text
    assert went(agree(nurse, consents)) == whole
    shown = went(nurse.submit(f"{whole}/send", {}, form_page=whole))
    page = nurse.get(shown)
    assert "受け取り待ち" in page.text
    assert "高橋 あかりさん" in page.text
    assert "血圧" not in page.text, "not agreed to"
    assert page.text.count("生まれる予定のお子さん") == 2
    assert "高橋 あかりさん" in nurse.get(LIST).text

    staff = Visitor(app, sato)
    inbox = staff.get(INBOX)
    assert "高橋" not in inbox.text, "names are opened, not listed"
    where = shown.replace("/liaison/", "/office/")
    assert "夜に" not in staff.get(where).text
    went(staff.submit(f"{where}/step", {"event": "receive"}, form_page=where))
    opened = staff.get(where)
    assert "疲れが強い。夜に何度も起きます" in opened.text
    assert "血圧" not in opened.text
    assert "受け取りました" in nurse.get(shown).text


@pytest.mark.proves("R13")
def test_each_record_is_ticked_on_its_own(app: Flask, suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki)
    referring.drafted(suzuki, of, hinata)
    nurse, where = Visitor(app, suzuki), f"/liaison/interviews/{of.id}/consents"
    page = nurse.get(where)
    for box in ('name="shares"', 'name="is_told"'):
        assert "checked" not in page.html.split(box)[1].split(">")[0]
    without = {name: value for name, value in AGREED.items() if name != "is_told"}
    agree(nurse, where, without)
    assert "あと1つ" in nurse.get(f"/liaison/interviews/{of.id}").text
    odd = {**without, "times": ["?"], "channels": ["?"], "shared_for": "?", "items": ["?"]}
    assert nurse.submit(where, odd).status == 422, "what was not offered counts for nothing"
    nothing = {name: value for name, value in without.items() if name != "shares"}
    assert agree(nurse, where, nothing).status == 422


@pytest.mark.proves("R11", "R13")
def test_the_words_that_are_kept_are_those_that_stood_on_the_page(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    referring.drafted(suzuki, of, hinata)
    nurse, where = Visitor(app, suzuki), f"/liaison/interviews/{of.id}/consents"
    stale = nurse.submit(where, {**AGREED, "shown": nurse.get(where).field("shown")})
    assert stale.status == 422
    assert "ことばを作りました" in stale.text
    assert "疲れていること。伝えるのは" in stale.text
    assert "checked" not in stale.html.split('name="shares"')[1].split(">")[0]
    went(agree(nurse, where))
    with acting_as(suzuki), transaction() as session:
        kept = holds(session, of.family_id, "referral_sharing", hinata.organisation_id, TODAY)
        assert kept is not None
        assert kept.wording in stale.text
        assert kept.items == ["name_and_phone", "children", "fatigue"]


@pytest.mark.proves("R10")
def test_only_places_that_take_the_children_are_offered(
    app: Flask, suzuki: Actor, hinata: places.Site, midori: places.Site
) -> None:
    del hinata, midori
    of = referring.interviewed(suzuki, born_on=TODAY.replace(year=TODAY.year - 9), due_in=None)
    page = Visitor(app, suzuki).get(f"/liaison/interviews/{of.id}/receivers")
    assert "ひなた保育園" not in page.text
    assert "見つかりません" in page.text


@pytest.mark.proves("R15")
def test_what_is_overdue_stands_first(
    app: Flask, suzuki: Actor, hinata: places.Site, midori: places.Site
) -> None:
    late = NOW - timedelta(days=9)
    of = referring.interviewed(suzuki, name="小林 めぐみ", now=late)
    referring.drafted(suzuki, of, midori, now=late)
    referring.agreed(suzuki, of.family_id, midori.organisation_id, now=late)
    with acting_as(suzuki), transaction() as session:
        [row] = queries.drafts_of(session, of, actor=suzuki)
    referring.agreed(suzuki, of.family_id, midori.organisation_id)
    referring.sent(suzuki, row.id, now=late)
    referring.referred(suzuki, hinata)
    nurse = Visitor(app, suzuki)
    text = nurse.get(LIST).text
    assert text.index("小林 めぐみさん") < text.index("高橋 あかりさん")
    assert "期限をすぎました" in text
    assert "高橋" not in nurse.get(f"{LIST}?show=overdue").text


def test_a_family_known_already_is_found_by_its_phone_and_joined(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    staff, where = Visitor(app, sato), f"{INBOX}{row.id}"
    staff.submit(f"{where}/step", {"event": "receive"}, form_page=where)
    page = staff.get(f"{where}/client")
    assert "見つかりません" in page.text
    went(staff.submit(f"{where}/client", {"family": "new"}))
    found = seen(sato, row)
    assert found.client_family_id is not None
    assert "高橋 あかり" in staff.get(f"/office/families/{found.client_family_id}").text
    assert "高橋 あかりさん" in staff.get(INBOX).text
    again = referring.referred(people.make_liaison("別の市の 保健師"), hinata)
    there = f"{INBOX}{again.id}"
    assert staff.get(f"{there}/client").status == 303, "opened by receiving it"
    staff.submit(f"{there}/step", {"event": "receive"}, form_page=there)
    page = staff.get(f"{INBOX}{again.id}/client")
    assert "同じ電話番号のご家庭があります" in page.text
    went(staff.submit(f"{INBOX}{again.id}/client", {"family": str(found.client_family_id)}))
    assert seen(sato, again).client_family_id == found.client_family_id


def test_the_nursery_gives_it_back_with_a_reason_and_the_sender_passes_it_on(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site, midori: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    staff, nurse = Visitor(app, sato), Visitor(app, suzuki)
    where = f"{INBOX}{row.id}/refuse"
    assert staff.submit(where, {"words": " "}).status == 422
    went(staff.submit(where, {"words": "2月まで定員です"}))
    page = nurse.get(f"{LIST}{row.id}")
    assert "2月まで定員です" in page.text
    assert "こちら：ほかの園・支援をさがす" in page.text
    assert "みどりこども園" in nurse.get(f"{LIST}{row.id}/onward").text
    to = f"{midori.organisation_id}.{midori.facility_id}"
    consents = f"{LIST}{row.id}/onward/consents?to={to}"
    shown = went(agree(nurse, consents))
    assert "みどりこども園" in nurse.get(shown).text
    assert seen(suzuki, row).state is ReferralState.PASSED_ON
    assert "内容は、もう見られません" in staff.get(f"{INBOX}{row.id}").text


def test_recalled_and_closed_over_their_pages(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    nurse, staff = Visitor(app, suzuki), Visitor(app, sato)
    page = f"{LIST}{row.id}"
    went(nurse.submit(f"{page}/recall", {}, form_page=page))
    assert nurse.submit(f"{page}/recall", {}, form_page=LIST + f"{row.id}/close").status == 409
    assert "取り下げました" in staff.get(f"{INBOX}?show=ended").text
    other = referring.referred(suzuki, hinata, name="山口 なおみ")
    where = f"{INBOX}{other.id}/close"
    missing = staff.submit(where, {"outcome": "not_wished", "words": ""})
    assert missing.status == 409
    went(staff.submit(where, {"outcome": "not_wished", "words": "祖母が来ます"}))
    assert "祖母が来ます" in nurse.get(f"{LIST}{other.id}").text


@pytest.mark.proves("R28")
def test_strangers_find_nothing(
    app: Flask, suzuki: Actor, yamada: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    assert Visitor(app, yamada).get(f"{INBOX}{row.id}").status == 404
    other = Visitor(app, people.make_liaison("別の市の 保健師"))
    assert other.get(f"{LIST}{row.id}").status == 404
    assert other.get(f"/liaison/interviews/{row.interview_id}").status == 404
    assert Visitor(app, suzuki).get(f"{INBOX}{row.id}").status in {403, 404}


def seen(actor: Actor, row: Referral) -> Referral:
    with acting_as(actor), transaction() as session:
        return queries.referral(session, row.id, actor=actor)


def test_recall_of_a_draft_is_silent(app: Flask, suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    with acting_as(suzuki), transaction() as session:
        service.recall(session, row.id, actor=suzuki, now=NOW)
    assert (
        "紹介先は、まだえらんでいません"
        in Visitor(app, suzuki).get(f"/liaison/interviews/{of.id}").text
    )


@pytest.mark.proves("R15")
def test_both_sides_find_it_among_what_is_to_do_today(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    late = NOW - timedelta(days=9)
    of = referring.interviewed(suzuki, now=late)
    row = referring.drafted(suzuki, of, hinata, now=late)
    referring.agreed(suzuki, of.family_id, hinata.organisation_id)
    referring.sent(suzuki, row.id, now=late)
    nurse, staff = Visitor(app, suzuki), Visitor(app, sato)
    assert "期限をすぎた紹介" in nurse.get("/liaison/").text
    text = staff.get("/office/").text
    assert "受け取りを待っている紹介" in text
    assert "高橋" not in text
    where = f"{INBOX}{row.id}/refuse"
    staff.submit(where, {"words": "定員です"})
    assert "こちらの番の紹介" in nurse.get("/liaison/").text


def test_mails_name_nobody_and_are_asked_again_when_they_leave(
    suzuki: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    sent = letter("referrals/sent", row, hinata.organisation_id, "sent")
    assert sent is not None
    for word in ("高橋", "あかり", "そら", "090", "疲れ"):
        assert word not in sent.subject + sent.text
    assert f"/office/referrals/{row.id}" in sent.text
    assert letter("referrals/recalled", row, hinata.organisation_id, "recalled") is None
    with acting_as(suzuki), transaction() as session:
        service.recall(session, row.id, actor=suzuki, now=NOW)
    assert letter("referrals/sent", row, hinata.organisation_id, "sent") is None
    assert letter("referrals/moved", row, row.sender_id, "received") is None
    stop = letter("referrals/recalled", row, hinata.organisation_id, "recalled")
    assert stop is not None
    assert "やめてください" in stop.text
    assert "高橋" not in stop.text


def letter(kind: str, row: Referral, body: uuid.UUID, state: str) -> Letter | None:
    wanted = Wanted(
        id=uuid.uuid4(),
        kind=kind,
        subject_ids=(row.id,),
        context={"state": state},
        organisation_id=body,
        family_id=None,
        to_user_id=uuid.uuid4(),
        to_mail="somebody@example.test",
        to_name="佐藤 まり",
        base_url="https://portal.test",
        is_demo=False,
        now=NOW,
    )
    role = Role.STAFF if body == row.receiver_id else Role.LIAISON
    with acting_as(Actor(role=role, user_id=uuid.uuid4(), organisation_id=body)) as session:
        written = MAILS[kind](session, wanted)
        session.rollback()
        return written


@pytest.mark.proves("R29")
def test_the_nursery_passes_a_family_it_knows_on_with_a_new_consent(
    app: Flask,
    suzuki: Actor,
    sato: Actor,
    yamada: Actor,
    hinata: places.Site,
    midori: places.Site,
) -> None:
    row = referring.referred(suzuki, hinata)
    staff, where = Visitor(app, sato), f"{INBOX}{row.id}"
    staff.submit(f"{where}/step", {"event": "receive"}, form_page=where)
    assert staff.get(f"{where}/onward").status == 303, "not joined yet"
    went(staff.submit(f"{where}/client", {"family": "new"}))
    assert "みどりこども園" in staff.get(f"{where}/onward").text
    to = f"{midori.organisation_id}.{midori.facility_id}"
    consents = f"{where}/onward/consents?to={to}"
    assert "メールは、連絡先がないので選べません" in staff.get(consents).text
    went(agree(staff, consents))
    assert seen(suzuki, row).state is ReferralState.PASSED_ON
    assert "ほかへつなぎました" in Visitor(app, suzuki).get(f"{LIST}{row.id}").text
    inbox = Visitor(app, yamada).get(INBOX).text
    assert "ひなた保育園の会" in inbox


@pytest.mark.proves("R28", "R29")
def test_a_family_center_opens_and_answers_what_is_referred_to_it(
    app: Flask, suzuki: Actor
) -> None:
    center = support.make_center()
    assert center.organisation_id is not None
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, center.organisation_id)
    referring.agreed(suzuki, of.family_id, center.organisation_id)
    referring.sent(suzuki, row.id)
    worker, where = Visitor(app, center), f"{INBOX}{row.id}"
    assert "受け取りを待っている紹介" in worker.get("/liaison/").text
    went(worker.submit(f"{where}/step", {"event": "receive"}, form_page=where))
    page = worker.get(where)
    assert "夜に何度も起きます" in page.text
    assert "ご家庭をつなぐ" not in page.text
    went(worker.submit(f"{where}/step", {"event": "contact"}, form_page=where))
    assert seen(suzuki, row).state is ReferralState.IN_CONTACT


def test_until_it_is_received_nothing_of_it_is_read(
    app: Flask,
    suzuki: Actor,
    sato: Actor,
    hinata: places.Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = referring.referred(suzuki, hinata)
    read: list[str] = []
    monkeypatch.setattr(queries, "record_read", lambda *args, **_: read.append(args[2]))
    staff, where = Visitor(app, sato), f"{INBOX}{row.id}"
    staff.get(where)
    assert read == []
    staff.submit(f"{where}/step", {"event": "receive"}, form_page=where)
    staff.get(where)
    assert read == ["referral_items"]
