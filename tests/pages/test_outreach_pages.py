"""Today's list and a plan as staff use them: two taps from the list to a recorded call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.contacts import service as contacting
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, Wishes
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.outreach.models import OutreachPlan
from portal.referrals.models import Referral
from tests.factories.outreach import MORNING, PERSON, gives_mail, plan, refer
from tests.factories.referring import withdrawn
from tests.factories.support import make_center
from tests.pages.visit import Visitor

LIST = "/office/outreach/"


@pytest.fixture(autouse=True)
def in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask for the time themselves; at night nobody may be called."""
    monkeypatch.setattr(clock, "now", lambda: MORNING)


@pytest.fixture
def center(database: object) -> Actor:
    del database
    return make_center()


@pytest.fixture
def referral(center: Actor, sato: Actor) -> Referral:
    return refer(center, sato)


@pytest.fixture
def of(referral: Referral, sato: Actor) -> OutreachPlan:
    return plan(referral, sato, now=MORNING)


def made(actor: Actor) -> list[Contact]:
    with acting_as(actor), transaction() as session:
        return list(session.scalars(select(Contact).order_by(Contact.at)))


@pytest.mark.proves("R12", "R19")
def test_no_plan_is_asked_for_where_contact_was_withdrawn(
    app: Flask, center: Actor, referral: Referral, sato: Actor
) -> None:
    where, staff = f"{LIST}referrals/{referral.id}", Visitor(app, sato)
    assert staff.get(where).status == 200
    assert referral.consent_id is not None
    withdrawn(center, referral.consent_id)
    answer = staff.get(where)
    assert answer.status == 302
    page = staff.get(answer.location)
    assert "この紹介は、もう連絡するところではありません" in page.text
    assert "連絡はやめてください" in page.text


@pytest.mark.proves("R18", "R19")
def test_two_taps_from_the_list_to_a_recorded_call(
    app: Flask, of: OutreachPlan, sato: Actor
) -> None:
    staff = Visitor(app, sato)
    today = staff.get(LIST)
    assert "高橋 あかりさん" in today.text
    begun = staff.submit(f"{LIST}{of.id}/call", {}, form_page=LIST)
    assert begun.status == 303
    page = staff.get(begun.location)
    assert 'href="tel:090-1111-2222"' in page.html
    done = staff.submit(begun.location, {"result": "not_reached"})
    assert done.status == 303
    [contact] = made(sato)
    assert contact.result == "not_reached"
    after = staff.get(LIST)
    assert "今日、連絡する方はいません" in after.text
    assert "これからの予定（1）" in after.text


@pytest.mark.proves("R20")
def test_a_call_too_soon_is_refused_with_the_moment(
    app: Flask, of: OutreachPlan, center: Actor, sato: Actor, yamada: Actor
) -> None:
    elsewhere = plan(refer(center, yamada, of.family_id), yamada, now=MORNING)
    staff = Visitor(app, yamada)
    opened = staff.get(LIST)
    Visitor(app, sato).submit(f"{LIST}{of.id}/call", {}, form_page=LIST)
    late = staff.post(f"{LIST}{elsewhere.id}/call", {"once": opened.field("once")})
    assert late.status == 409
    assert "から連絡できます" in late.text
    assert "8:00" in late.text
    assert "ひなた" not in late.text, "who else called is nobody's business"


@pytest.mark.proves("R19")
def test_a_colleague_sees_the_call_that_runs_and_cannot_record_it_twice(
    app: Flask, of: OutreachPlan, sato: Actor, director: Actor
) -> None:
    begun = Visitor(app, sato).submit(f"{LIST}{of.id}/call", {}, form_page=LIST)
    second = Visitor(app, director)
    assert "佐藤 まりさんが" in second.get(LIST).text
    opened = second.get(begun.location)
    assert "btn--primary" in opened.html
    Visitor(app, sato).submit(begun.location, {"result": "talked"})
    said = {"once": opened.field("once"), "result": "not_reached", "words": "また来週に"}
    late = second.post(begun.location, said)
    assert late.status == 409
    assert "の結果は、先に書かれています" in late.text
    assert "結果：話せた" in late.text
    assert "また来週に" in late.text, "what she wrote is there to be copied"
    assert "電話する" not in late.text, "nobody is led to dial again"
    assert made(sato)[0].result == "talked"


@pytest.mark.proves("R20")
def test_the_wish_of_the_family_is_written_by_staff_for_her(
    app: Flask, of: OutreachPlan, sato: Actor
) -> None:
    staff = Visitor(app, sato)
    written = staff.submit(f"{LIST}{of.id}/wishes", {"channels": "mail", "times": "saturday"})
    assert written.status == 303
    page = staff.get(LIST)
    assert "この方法は、ご家庭が希望していません" in page.text
    assert "土曜日" in page.text
    assert staff.post(f"{LIST}{of.id}/call").status == 409


@pytest.mark.proves("R18", "R19")
def test_the_list_offers_only_a_way_that_reaches_her(
    app: Flask, center: Actor, referral: Referral, sato: Actor
) -> None:
    of = plan(referral, sato, now=MORNING, channel=ContactChannel.MAIL)
    staff = Visitor(app, sato)
    for where in (LIST, f"{LIST}{of.id}"):
        page = staff.get(where)
        assert f"{LIST}{of.id}/mail" not in page.html
        assert "このご家庭には、メールがとどきません" in page.text
    gives_mail(center, of.family_id)
    for where in (LIST, f"{LIST}{of.id}"):
        page = staff.get(where)
        assert f"{LIST}{of.id}/mail" in page.html
        assert "akari@example.test" not in page.html, "nobody consented to tell it"
    assert staff.submit(f"{LIST}{of.id}/mail", {}, form_page=LIST).status == 303


@pytest.mark.proves("R18", "R19")
def test_the_list_offers_no_call_without_a_number(app: Flask, center: Actor, sato: Actor) -> None:
    no_number = PERSON.replace('"090-1111-2222"', "null")
    of = plan(refer(center, sato, person=no_number), sato, now=MORNING)
    for where in (LIST, f"{LIST}{of.id}"):
        page = Visitor(app, sato).get(where)
        assert f"{LIST}{of.id}/call" not in page.html
        assert "電話番号は、紹介には書かれていません" in page.text


@pytest.mark.proves("R18")
def test_a_letter_is_counted_and_then_printed(app: Flask, of: OutreachPlan, sato: Actor) -> None:
    staff = Visitor(app, sato)
    assert staff.get(f"{LIST}{of.id}/letter.pdf").status == 404, "not before it was counted"
    page = f"{LIST}{of.id}"
    assert staff.submit(f"{page}/letter", {}, form_page=page).status == 303
    paper = staff.get(f"{page}/letter.pdf")
    assert paper.status == 200
    assert paper.response.data.startswith(b"%PDF")
    assert staff.submit(f"{page}/mail", {}, form_page=page).status == 409, "both would be too much"


@pytest.mark.proves("R19")
def test_a_plan_is_made_changed_and_ended_with_a_reason(
    app: Flask, referral: Referral, sato: Actor
) -> None:
    staff = Visitor(app, sato)
    assert "連絡の予定がない紹介（1）" in staff.get(LIST).text
    day = clock.today(MORNING) + timedelta(days=3)
    said = {
        "next_on-year": day.year,
        "next_on-month": day.month,
        "next_on-day": day.day,
        "channel": "phone",
        "about": "procedure",
        "until": "registered",
        "by_user": "",
    }
    planned = staff.submit(f"{LIST}referrals/{referral.id}", said)
    assert planned.status == 303
    page = planned.location
    past = {**said, "next_on-year": day.year - 1}
    refused = staff.submit(page, past)
    assert refused.status == 409
    assert "今日かあとの日" in refused.text
    assert staff.submit(page, {**said, "about": "tour"}).status == 303
    assert staff.submit(f"{page}/end", {}, form_page=page).status == 422
    ended = staff.submit(f"{page}/end", {"reason": "reached"}, form_page=page)
    assert ended.status == 303
    assert "この予定は、おわっています" in staff.get(page).text


def test_a_call_without_result_is_asked_for_one(app: Flask, of: OutreachPlan, sato: Actor) -> None:
    staff = Visitor(app, sato)
    begun = staff.submit(f"{LIST}{of.id}/call", {}, form_page=LIST)
    asked = staff.submit(begun.location, {"result": "", "words": "メモ"})
    assert asked.status == 422
    assert "結果のボタンを、1つおしてください" in asked.text
    assert "メモ" in asked.html


def test_what_the_family_said_by_itself_is_kept(app: Flask, of: OutreachPlan, sato: Actor) -> None:
    staff = Visitor(app, sato)
    page = f"{LIST}{of.id}"
    staff.submit(f"{page}/answer", {"way": "phone", "words": "質問でした"}, form_page=page)
    assert "ご家庭から" in staff.get(page).text
    assert "質問でした" in staff.get(page).text


def test_a_stopped_family_stands_apart_and_has_no_button(
    app: Flask, of: OutreachPlan, sato: Actor
) -> None:
    with acting_as(sato), transaction() as session:
        contacting.set_wishes(
            session,
            of.family_id,
            Wishes(channels=frozenset({ContactChannel.MAIL}), stops=True),
            actor=sato,
            now=MORNING,
        )
    page = Visitor(app, sato).get(LIST)
    assert "まだ連絡しない方（1）" in page.text
    assert "電話をかける" not in page.text
