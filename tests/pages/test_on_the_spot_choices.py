"""What a facility's rules let a family choose, and what they ask of its home, at an interview."""

from __future__ import annotations

import io
import re
import uuid
from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.bookings.models import Booking
from portal.bookings.queries.quotes import quote
from portal.bookings.rules import UsePurpose, Wish
from portal.db.session import acting_as, transaction
from portal.documents.wording.sentences import sentence
from portal.homes import queries as homes
from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Reason
from portal.kernel.spans import span_on
from portal.policies.notes import BookingNote
from portal.referrals.models import Referral
from tests.factories.keeping import on_the_spot
from tests.factories.people import make_worker
from tests.factories.places import Site, make_site
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_on_the_spot import DAY, first_offer, places_of, sure
from tests.pages.visit import Page, Visitor
from tests.services.test_home_facts import write
from tests.services.test_kept_places import counts

USES: dict[str, Any] = {
    "types": [{"code": "respite", "label": "ゆったり"}, {"code": "work", "label": "しごと"}],
    "reasons": [
        {"code": "rest", "label": "休みたい", "type": "respite"},
        {"code": "errand", "label": "用事", "type": "respite"},
        {"code": "job", "label": "短い仕事", "type": "work"},
    ],
    "reason_needed": True,
}
FEE: dict[str, Any] = {
    "tariff": {"kind": "hourly", "bands": [{"yen": 300}]},
    "per_use": [{"label": "給食", "yen": 200, "without_option": "own_lunch"}],
    "items": [{"label": "おむつの処分", "yen": 10, "per": "count", "with_option": "nappies"}],
    "coupons": [{"code": "trial", "label": "おためし券", "pays_all": True, "of": "total"}],
}
ASKS: dict[str, Any] = {
    "residence": {"cities": ["松戸市"], "unknown": "refuse"},
    "enrolment": {"accepts": ["none"], "unknown": "refuse"},
    "gates": [{"code": "walks", "label": "ひとりで歩けますか"}],
    "purposes": {
        "types": [
            {
                "code": "respite",
                "label": "ゆったり",
                "proof": {"kinds": ["employment_certificate"]},
            }
        ]
    },
    "fee": {
        **FEE,
        "reductions": [{"label": "免除", "marks": ["welfare"], "percent": 100}],
        "per_use": [],
        "items": [],
    },
}


@pytest.fixture
def site() -> Site:
    return make_site("ひまわり園", places=3)


def booked(site: Site) -> Booking:
    with acting_as(site.owner) as session:
        return session.scalars(select(Booking).order_by(Booking.created_at.desc())).first()  # type: ignore[return-value]  # one stands


def herself(row: Referral, mother: Actor) -> Actor:
    """Return the guardian of the record that the nurse made."""
    return Actor(role=Role.GUARDIAN, user_id=mother.user_id, family_id=row.family_id)


def sent_on(page: Page, **chosen: Any) -> dict[str, Any]:
    return {"once": page.field("once"), **chosen}


@pytest.mark.proves("R14", "J4", "G5")
def test_a_nurse_chooses_as_the_rules_name_it_and_books(
    app: Flask, suzuki: Actor, site: Site
) -> None:
    put_in_force(site, rules_with(purposes=USES, fee=FEE))
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    look = nurse.get(places_of(row))
    assert "しごと" in look.text
    assert "料金は、理由をえらぶと出ます" in look.text
    link = first_offer(look)
    assert "休みたい" not in link
    page = nurse.get(link)
    for words in ("ゆったり：用事", "しごと：短い仕事", "お弁当を持ってくる", "おむつの処分の数"):
        assert words in page.text, page.text
    assert 'name="tickets"' not in page.html
    assert "利用券は、ここでは使えません" in page.text
    chosen = {"purpose": "work/job", "options": ["own_lunch", "nappies:3"]}
    told = nurse.post(link, sent_on(page, **chosen))
    assert told.status == 200
    for words in ("しごと：短い仕事", "お弁当を持ってくる", "930円"):
        assert words in told.text, told.text
    assert counts(site, DAY)[1] == 3, "nothing is taken yet"
    again = nurse.post(link, sent_on(told, **chosen, again="1"))
    assert re.search(r'value="work/job"[^>]* checked', again.html)
    assert re.search(r'value="own_lunch"[^>]* checked', again.html)
    assert re.search(r'value="nappies:3"[^>]* selected', again.html)
    done = nurse.post(link, sent_on(told, **chosen, agreed_fee=told.field("agreed_fee")))
    assert done.status == 303, done.text
    one = booked(site)
    assert (one.use_type, one.use_reason, one.fee_yen) == ("work", "job", 930)
    assert sorted(one.options) == ["nappies:3", "own_lunch"]
    shown = nurse.get(done.location).text
    [leaf] = PdfReader(io.BytesIO(nurse.get(f"{done.location}/sheet.pdf").response.data)).pages
    assert "しごと：短い仕事" in shown
    for words in (shown, leaf.extract_text()):
        assert "お弁当を持ってくる" in words


@pytest.mark.proves("R14", "G5")
def test_what_is_missing_is_said_beside_what_was_chosen(
    app: Flask, suzuki: Actor, site: Site
) -> None:
    put_in_force(site, rules_with(purposes=USES, fee=FEE))
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    page = nurse.get(link)
    blank = nurse.post(link, sent_on(page, options=["own_lunch", "nappies:2"]))
    assert blank.status == 422
    assert "利用の理由をえらんでください" in blank.text
    # A reason that stood there when the page was opened, and is gone.
    less = {**USES, "reasons": USES["reasons"][:2], "types": USES["types"][:1]}
    put_in_force(site, rules_with(purposes=less, fee=FEE))
    gone = nurse.post(link, sent_on(page, purpose="work/job", options=["own_lunch", "nappies:2"]))
    for refused in (blank, gone):
        assert refused.status == 422
        assert re.search(r'value="own_lunch"[^>]* checked', refused.html)
        assert re.search(r'value="nappies:2"[^>]* selected', refused.html)
    assert counts(site, DAY)[1] == 3


@pytest.mark.proves("R14", "G20")
def test_a_first_use_that_another_reason_allows_is_said_beside_the_reasons(
    app: Flask, suzuki: Actor, site: Site
) -> None:
    first = {"steps": [], "first_use_purposes": ["respite"]}
    put_in_force(site, rules_with(purposes=USES, fee=FEE, steps=first))
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    chosen = {"purpose": "work/job", "options": ["nappies:2"]}
    refused = nurse.post(link, sent_on(nurse.get(link), **chosen))
    assert refused.status == 409
    assert "はじめ" in refused.text
    assert "（きまり：" in refused.text
    assert re.search(r'value="work/job"[^>]* checked', refused.html)
    assert re.search(r'value="nappies:2"[^>]* selected', refused.html)
    other = nurse.post(link, sent_on(refused, **{**chosen, "purpose": "respite/rest"}))
    assert other.status == 200


@pytest.mark.proves("R14", "P1")
def test_what_was_chosen_goes_along_to_another_time(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=1)
    put_in_force(site, rules_with(purposes=USES, fee=FEE))
    row, quicker = on_the_spot(suzuki, site), on_the_spot(suzuki, site, name="森 ゆき")
    nurse, chosen = Visitor(app, suzuki), {"purpose": "work/job", "options": ["own_lunch"]}
    link = first_offer(nurse.get(places_of(row)))
    told = nurse.post(link, sent_on(nurse.get(link), **chosen))
    fee = {"agreed_fee": told.field("agreed_fee")}
    other = first_offer(nurse.get(places_of(quicker)))
    assert nurse.post(other, sent_on(nurse.get(other), **chosen, **fee)).status == 303
    late = nurse.post(link, sent_on(told, **chosen, **fee))
    assert late.status == 409
    assert "満員です" in late.text
    again = re.search(
        r'<form class="post" method="post" action="([^"]+)".*?</form>', late.html, re.DOTALL
    )
    assert again
    assert 'name="purpose" value="work/job"' in again.group(0)
    assert re.search(r'value="work"[^>]* checked', late.html), "looked for as it was said"
    assert 'name="options" value="own_lunch"' in again.group(0)
    next_time = nurse.post(again.group(1).replace("&amp;", "&"), sent_on(late, **chosen))
    assert next_time.status == 200
    assert "お弁当を持ってくる" in next_time.text


@pytest.mark.proves("R14", "R5", "P7", "G4")
def test_what_a_family_told_of_its_home_is_neither_read_nor_refused_by(
    app: Flask, suzuki: Actor, site: Site, tanaka: Actor
) -> None:
    put_in_force(site, rules_with(**ASKS))
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    before = nurse.get(link)
    for words in (
        "利用の前に、園がご家庭に聞くこと",
        "松戸市に住んでいる方です",
        "ほかの園などに通っているか",
        "高橋 そらさんのようす：ひとりで歩けますか",
        "書類：「就労証明書」",
        "世帯やお子さんの事情（生活保護",
        "利用券は、ここでは使えません",
    ):
        assert words in before.text, before.text
    assert "返事がまだです" not in before.text, "nobody here can know"
    tells(row, herself(row, tanaka))
    with acting_as(suzuki) as session:
        assert homes.live(session, row.family_id, actor=suzuki) == []
    after = nurse.get(link)
    assert said(after) == said(before), "nothing of it shows"
    assert sure(nurse, link).status == 303
    kept = booked(site).overruled
    left = ["not_resident", "proof_missing", "gate_unanswered", "enrolled_elsewhere"]
    assert kept["asked_later"] == left
    carer = make_worker("佐藤 けい", site.organisation_id, "staff")
    shown = Visitor(app, carer).get(f"/office/bookings/{booked(site).group_id}").text
    assert "お住まい、理由の書類、お子さんのようす、ほかの園などに通っているか" in shown
    assert "利用できません" not in shown


@pytest.mark.proves("R14", "G4")
def test_what_a_nursery_looks_at_afterwards_is_said_once(
    app: Flask, suzuki: Actor, site: Site
) -> None:
    put_in_force(
        site, rules_with(residence={"cities": ["松戸市"]}, enrolment={"accepts": ["none"]})
    )
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    page = nurse.get(first_offer(nurse.get(places_of(row)))).text
    assert "お住まい" in page
    assert "ほかの園などに通っているか" in page
    for note in (BookingNote.RESIDENCE_UNKNOWN, BookingNote.ENROLMENT_UNKNOWN):
        assert sentence(Reason(note), child="高橋 そらさん") not in page


def said(page: Page) -> str:
    return page.text.replace(page.field("once"), "")


@pytest.mark.proves("G4", "G3")
def test_the_same_stands_against_the_family_that_books_by_itself(
    suzuki: Actor, site: Site, tanaka: Actor
) -> None:
    put_in_force(site, rules_with(**ASKS))
    row = on_the_spot(suzuki, site)
    mother = herself(row, tanaka)
    unsaid = {"not_resident", "enrolled_elsewhere", "gate_unanswered", "proof_missing"}
    assert unsaid <= against(row, site, mother)
    tells(row, mother)
    assert unsaid - {"gate_unanswered"} | {"gate_not_met"} <= against(row, site, mother)


def against(row: Referral, site: Site, actor: Actor) -> set[str]:
    span = span_on(DAY, time(9), time(12))
    wish = Wish(site.programme_id, row.family_id, tuple(row.child_ids), span, UsePurpose.RESPITE)
    with acting_as(actor), transaction() as session:
        told = quote(session, wish, actor=actor, now=clock.now())
    return {reason.code.value for reason in told.reasons}


def tells(row: Referral, mother: Actor) -> None:
    """The mother says by herself what speaks against the stay."""
    child, kinds = row.child_ids[0], HomeFactKind
    write(mother, row.family_id, HomeFact(kinds.CITY, "柏市"))
    write(mother, row.family_id, HomeFact(kinds.ENROLMENT, "licensed", child_id=child))
    write(mother, row.family_id, HomeFact(kinds.GATE, "walks", number=0, child_id=child))


@pytest.mark.proves("R14", "P7")
def test_another_providers_programme_is_not_there(
    app: Flask, suzuki: Actor, site: Site, midori: Site
) -> None:
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    told = nurse.get(link)
    for strange in (str(midori.programme_id), str(uuid.uuid4())):
        other = link.replace(str(site.programme_id), strange)
        assert nurse.get(other).status == 404
        fields = {name: told.field(name) for name in ("once", "agreed_fee")}
        assert nurse.post(other, fields).status == 404


@pytest.mark.proves("R14")
def test_why_the_closest_time_cannot_be_had_names_the_rule(
    app: Flask, suzuki: Actor, site: Site
) -> None:
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    assert sure(nurse, first_offer(nurse.get(places_of(row)))).status == 303
    once = {"metric": "days", "amount": 1, "period": "fiscal_year"}
    put_in_force(site, rules_with(caps=[once]))
    page = nurse.get(places_of(row, DAY + timedelta(days=1)))
    assert "いま予約できる時間が、見つかりません" in page.text
    assert "予約できないのは、次の理由からです" in page.text
    assert "（きまり：" in page.text
    assert "高橋 そらさん" in page.text
