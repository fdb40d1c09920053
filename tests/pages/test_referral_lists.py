"""Long lists of referrals: twenty on a page, sifted by state and by the other body, with counts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.referrals import listing, queries, service
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralEvent, Urgency
from tests.factories.people import make_liaison, make_worker
from tests.factories.places import make_site
from tests.factories.referring import (
    agreed,
    drafted,
    interviewed,
    joined_with,
    moved,
    referred,
    sent,
)
from tests.pages.visit import Page, Visitor


def rows(page: Page) -> int:
    return page.html.count('<th scope="row">')


def option(page: Page, word: str) -> str:
    found = re.search(rf'<option[^>]*value="([^"]*)"[^>]*>{word}', page.html)
    assert found, page.html
    return found.group(1)


@pytest.mark.proves("R19", "R22")
def test_a_long_list_is_sifted_counted_and_turned(
    app: Flask, suzuki: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ON_A_PAGE", 3)
    sun, moon = make_site("ひまわり園"), make_site("つき園")
    given = [referred(suzuki, sun, name=f"母 {n}") for n in "あいう"]
    given += [referred(suzuki, moon, name=f"母 {n}") for n in "えお"]
    carer = make_worker("佐藤 けい", sun.organisation_id, "staff")
    moved(carer, given[0].id, ReferralEvent.RECEIVE)
    nurse = Visitor(app, suzuki)
    page = nurse.get("/liaison/referrals/")
    assert (rows(page), "5件のうち 1〜3件目" in page.text) == (3, True)
    second = nurse.get("/liaison/referrals/?page=2")
    assert (rows(second), "4〜5件目" in second.text) == (2, True)
    by_body = nurse.get(f"/liaison/referrals/?body={option(page, 'つき園（2）')}")
    assert (rows(by_body), "2件" in by_body.text) == (2, True)
    assert "受け取り待ち（2）" in by_body.text, "the counts of one choice follow the other"
    by_state = nurse.get(f"/liaison/referrals/?state={option(page, '受け取りました（1）')}")
    assert rows(by_state) == 1
    assert "しぼりこみをやめる" in by_state.text
    both = nurse.get(f"/liaison/referrals/?state=received&body={option(page, 'つき園')}")
    assert rows(both) == 0
    assert "しぼりこみをやめる" in both.text, "there is a way back"
    nonsense = nurse.get("/liaison/referrals/?state=x&body=../&page=-7")
    assert rows(nonsense) == 3
    assert nurse.get("/liaison/referrals/?page=99999999999999999999").status == 200


@pytest.mark.proves("R22", "P7")
def test_a_nursery_sifts_by_who_sent_it(app: Flask, suzuki: Actor) -> None:
    site, other = make_site("ひまわり園"), make_liaison("隣の市")
    for nurse in (suzuki, suzuki, other):
        referred(nurse, site, name=f"母 {nurse.organisation_id}"[:20])
    carer = Visitor(app, make_worker("佐藤 けい", site.organisation_id, "staff"))
    page = carer.get("/office/referrals/")
    assert rows(page) == 3
    only = carer.get(f"/office/referrals/?body={other.organisation_id}")
    assert rows(only) == 1
    assert rows(Visitor(app, other).get("/liaison/referrals/")) == 1


@pytest.mark.proves("R19", "R22")
def test_what_must_happen_today_stands_before_what_is_late(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園")
    referred(suzuki, site, name="母 あ")
    of = interviewed(suzuki, name="母 い")
    row = drafted(suzuki, of, site, urgency=Urgency.URGENT)
    agreed(suzuki, of.family_id, site.organisation_id)
    sent(suzuki, row.id)
    page = Visitor(app, suzuki).get("/liaison/referrals/").text
    assert page.index("母 いさん") < page.index("母 あさん")
    assert "急ぎ：今日中に" in page, "and why"


@pytest.mark.proves("R19", "R22", "P2")
def test_a_name_finds_a_referral_in_every_part_and_stands_in_no_address(
    app: Flask, suzuki: Actor
) -> None:
    site = make_site("ひまわり園")
    hers = referred(suzuki, site, name="高橋 あかり")
    other = referred(suzuki, site, name="田中 ゆい")
    with acting_as(suzuki), transaction() as session:
        service.recall(session, other.id, actor=suzuki, now=clock.now())
    nurse = Visitor(app, suzuki)
    answer = nurse.post("/liaison/referrals/", {"q": "田中", "show": "open"})
    assert answer.status == 303
    assert "田中" not in unquote(answer.location)
    page = nurse.get(answer.location)
    assert rows(page) == 0, "hers has ended"
    assert "終わった（1）" in page.text, "the other parts say where it is"
    assert "進んでいるもの（0）" in page.text
    mark = answer.location.rpartition("search=")[2]
    ended = nurse.get(f"/liaison/referrals/?show=ended&search={mark}")
    assert "田中 ゆいさん" in ended.text
    assert f"search={mark}" in ended.html
    for words in ("そら 高橋", "2468", f"{hers.number}番", "タカハシ そら"):
        found = nurse.get(nurse.post("/liaison/referrals/", {"q": words}).location)
        assert ("高橋 あかりさん" in found.text) is (words != "タカハシ そら"), words
    nothing = nurse.post("/liaison/referrals/", {"q": "  ", "show": "overdue"})
    assert nothing.location.endswith("?show=overdue")
    assert rows(Visitor(app, suzuki).get(answer.location)) == 1, "another sign-in has no words"


@pytest.mark.proves("R22", "P2")
def test_a_nursery_finds_by_name_those_whom_it_keeps_in_its_own_record(
    app: Flask, suzuki: Actor, tanaka: Actor
) -> None:
    site = make_site("ひまわり園")
    row = referred(suzuki, site, name="高橋 あかり")
    sato = make_worker("佐藤 けい", site.organisation_id, "staff")
    carer = Visitor(app, sato)

    def found(words: str) -> int:
        return rows(carer.get(carer.post("/office/referrals/", {"q": words}).location))

    assert found("高橋") == 0, "what a referral says is opened, not searched"
    assert found(str(row.number)) == 1
    moved(sato, row.id, ReferralEvent.RECEIVE)
    joined_with(row, tanaka, sato)
    assert found("田中") == 1


@pytest.mark.proves("R19", "R22")
def test_a_family_that_used_care_or_ended_waits_no_more() -> None:
    on = date(2026, 11, 23)
    used, closed = (datetime(2026, 10, day, 3, tzinfo=UTC) for day in (6, 15))
    assert queries.waiting_until(Referral(), on) == on
    assert queries.waiting_until(Referral(closed_at=closed), on) == date(2026, 10, 15)
    assert queries.waiting_until(Referral(used_at=used, closed_at=closed), on) == date(2026, 10, 6)


@pytest.mark.proves("R22")
def test_the_page_of_one_that_ended_counts_no_days_to_today(app: Flask, suzuki: Actor) -> None:
    row = referred(suzuki, make_site("ひまわり園"))
    nurse, page = Visitor(app, suzuki), f"/liaison/referrals/{row.id}"
    assert "送ってから 0日" in nurse.get(page).text
    with acting_as(suzuki), transaction() as session:
        service.recall(session, row.id, actor=suzuki, now=clock.now())
    assert "利用か終わりまで 0日" in nurse.get(page).text
