"""What rules ask of a home: said by the family, noted by staff, used by the next booking."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.datarequests.queries import log_of
from portal.db.session import acting_as, transaction
from portal.homes import queries
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.service import say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.document import load_template
from tests.factories.homes import noted
from tests.factories.people import children_of, make_worker
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.test_support_needs import let_know
from tests.pages.visit import Visitor
from tests.services.test_caps_held import limited

HOME = "/my/home/"
KINDS = HomeFactKind
DAY = next_open_day()
TODAY = clock.today(clock.now())
ASKING: dict[str, Any] = {
    "residence": {
        "cities": ["みほん市"],
        "others": [
            {"circumstance": "homecoming"},
            {"circumstance": "festival", "label": "祭りの係"},
        ],
        "unknown": "refuse",
    },
    "enrolment": {"accepts": ["none"], "unknown": "refuse"},
    "gates": [
        {"code": "walks_alone"},
        {"code": "sleeps", "label": "ひとりで昼寝できる", "staff_confirm": True, "valid_days": 90},
        {"code": "no_fever", "asked_at": "arrival"},
    ],
}
REDUCING: dict[str, Any] = {
    "fee": load_template("hourly-standard").model_dump(mode="json")["fee"]
    | {
        "reductions": [
            {"label": "減免A", "marks": ["welfare"], "percent": 100, "proof": "town_paper"}
        ],
        "coupons": [{"code": "trial_ticket", "label": "おためし券", "pays_all": True}],
    }
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


@pytest.fixture
def office(family: Actor) -> str:
    return f"/office/families/{family.family_id}/home"


def facts(actor: Actor, family: Actor) -> list[HomeFact]:
    assert family.family_id is not None
    with acting_as(actor) as session:
        return list(queries.facts_of(queries.live(session, family.family_id, actor=actor)))


def child_page(family: Actor) -> str:
    return f"{HOME}children/{children_of(family)[0].id}"


def refused(app: Flask, family: Actor, site: Site) -> str:
    return Visitor(app, family).post("/my/bookings/confirm", wished(family, site)).text


@pytest.mark.proves("R5", "J9")
def test_what_is_missing_is_asked_for_said_and_then_enough(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, **ASKING)
    mother = Visitor(app, family)
    page = mother.post("/my/bookings/confirm", wished(family, site))
    assert page.status == 409
    for words in (
        "お住まいを、まだ聞いていません",
        "ほかの園に通っているかどうかを、まだ聞いていません",
    ):
        assert words in page.text
    assert "「ひとりで歩ける」について、返事がまだです" in page.text
    assert f"{HOME}?facility={site.facility_id}" in page.html
    assert mother.submit(f"{HOME}place", {"city": "みほん市"}).location == HOME
    answers = {"enrolment": "none", "gate_walks_alone": "yes", "gate_sleeps": "yes"}
    assert mother.submit(child_page(family), answers).location == HOME
    assert "園が確かめるのを待っています" in mother.get(HOME).text
    assert "「ひとりで昼寝できる」を、園がまだ確かめていません" in refused(app, family, site)
    staff, home = Visitor(app, sato), f"/office/families/{family.family_id}/home"
    [address] = re.findall(rf'"({home}/[-0-9a-f]+/confirm)"', _row(staff.get(home).html, "昼寝"))
    assert staff.submit(address, {}, form_page=home).location == home
    assert "園が確かめました" in mother.get(HOME).text
    assert mother.post("/my/bookings/confirm", wished(family, site)).status == 200


def _row(html: str, words: str) -> str:
    return next(part for part in html.split("<li") if words in part)


def test_what_is_seen_on_the_morning_is_not_asked_of_the_family(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    limited(hinata, **ASKING)
    assert "熱がない" not in Visitor(app, family).get(child_page(family)).text
    assert "熱がない" in Visitor(app, sato).get(f"/office/families/{family.family_id}/home").text


def test_a_confirmed_answer_stays_confirmed_when_the_page_is_saved_again(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    limited(hinata, **ASKING)
    child = children_of(family)[0].id
    fact = HomeFact(KINDS.GATE, "sleeps", number=1, child_id=child, is_seen=True)
    assert family.family_id is not None
    with acting_as(sato), transaction() as session:
        say(session, family.family_id, fact, actor=sato, now=clock.now())
    same = {"gate_sleeps": "yes", "gate_walks_alone": "yes"}
    Visitor(app, family).submit(child_page(family), same)
    assert [f.is_seen for f in facts(family, family) if f.code == "sleeps"] == [True]
    Visitor(app, family).submit(child_page(family), {**same, "gate_sleeps": "no"})
    assert [f.is_seen for f in facts(family, family) if f.code == "sleeps"] == [True, False]


def test_an_old_answer_is_asked_again_and_becomes_one_of_today(
    app: Flask, hinata: Site, family: Actor
) -> None:
    limited(hinata, **ASKING)
    child = children_of(family)[0].id
    assert family.family_id is not None
    with acting_as(family), transaction() as session:
        fact = HomeFact(KINDS.GATE, "sleeps", number=1, child_id=child)
        past = clock.now() - timedelta(days=91)
        say(session, family.family_id, fact, actor=family, now=past)
    mother = Visitor(app, family)
    assert "もう一度" in mother.get(HOME).text
    mother.submit(child_page(family), {"gate_sleeps": "yes"})
    assert "もう一度" not in mother.get(HOME).text
    assert [f.said_on for f in facts(family, family)] == [TODAY]


def test_places_and_circumstances_are_corrected_and_taken_back(
    app: Flask, hinata: Site, family: Actor
) -> None:
    limited(hinata, **ASKING)
    mother = Visitor(app, family)
    page = mother.get(f"{HOME}place")
    assert "祭りの係" in page.text
    assert "里帰りなどで、しばらくこちらにいる方" in page.text
    said = {"prefecture": "福島県", "city": "郡山市", "ward": "", "circumstances": "festival"}
    mother.submit(f"{HOME}place", said)
    shown = mother.get(HOME).text
    assert "福島県郡山市" in shown
    assert "祭りの係" in shown
    mother.submit(f"{HOME}place", {"prefecture": "", "city": " みほん市 ", "ward": ""})
    assert [(f.kind, f.code) for f in facts(family, family)] == [(KINDS.CITY, "みほん市")]
    mother.submit(f"{HOME}place", {"city": "みほん市"})
    assert len(facts(family, family)) == 1
    long = mother.submit(f"{HOME}place", {"city": "あ" * 61})
    assert long.status == 422
    assert "60文字まで" in long.text


def test_what_another_side_said_is_corrected_not_emptied(
    app: Flask, family: Actor, sato: Actor, office: str
) -> None:
    Visitor(app, family).submit(f"{HOME}place", {"city": "柏市", "ward": "中央区"})
    staff = Visitor(app, sato)
    kept = staff.submit(f"{office}/place", {"city": "柏市", "ward": ""})
    assert kept.status == 422
    assert "ほかの人が入れた内容は、消せません" in kept.text
    assert staff.submit(f"{office}/place", {"city": "松戸市", "ward": "中央区"}).status == 303
    assert "松戸市中央区" in Visitor(app, family).get(HOME).text


@pytest.mark.proves("R25", "P11")
def test_staff_note_what_papers_show_and_each_reading_leaves_a_trace(
    app: Flask, hinata: Site, family: Actor, sato: Actor, office: str
) -> None:
    limited(hinata, **REDUCING)
    staff = Visitor(app, sato)
    until = TODAY + timedelta(days=200)
    days = {
        "valid_until-year": until.year,
        "valid_until-month": until.month,
        "valid_until-day": until.day,
    }
    assert (
        staff.submit(f"{office}/new/mark", {"code": "welfare", "is_seen": "y", **days}).status
        == 303
    )
    assert staff.submit(f"{office}/new/tax", {"number": "48000", "is_seen": "y"}).status == 303
    assert staff.submit(f"{office}/new/paper", {"code": "town_paper", "is_seen": "y"}).status == 303
    assert (
        staff.submit(f"{office}/new/coupon", {"code": "trial_ticket", "number": "2"}).status == 303
    )
    shown = staff.get(office).text
    for words in ("生活保護を受けている世帯", "48,000円", "おためし券 残り2枚", "書類を見ました"):
        assert words in shown, words
    assert "生活保護を受けている世帯" in Visitor(app, family).get(HOME).text
    assert _reads(family) == 1
    staff.get(office)
    assert _reads(family) == 2
    [address] = re.findall(
        rf'"({office}/[-0-9a-f]+/end)"', _row(staff.get(office).html, "48,000円")
    )
    assert staff.submit(address, {}, form_page=office).location == office
    assert "48,000円" not in staff.get(office).text
    again = staff.submit(address, {}, form_page=office)
    assert again.status == 409
    assert "この記録は、もう終わっています" in again.text


@pytest.mark.proves("R25")
def test_what_the_rules_ask_for_stands_before_everything_else_that_can_be_noted(
    app: Flask, hinata: Site, sato: Actor, office: str
) -> None:
    staff = Visitor(app, sato)
    whole = staff.get(f"{office}/new/mark")
    assert "<details" not in _form(whole.html), "rules that ask for none fold nothing away"
    limited(hinata, **REDUCING)
    first, others = _form(staff.get(f"{office}/new/mark").html).split("<details")
    assert "生活保護を受けている世帯" in first
    assert "ひとり親の世帯" not in first
    assert "ひとり親の世帯" in others
    # What was chosen is never folded away.
    assert " open>" not in others.split("</summary>")[0]
    wrong = {"code": "single_parent", "valid_from-year": "2026"}
    again = _form(staff.submit(f"{office}/new/mark", wrong).html).split("<details")[1]
    assert " open>" in again.split("<summary>")[0]
    assert re.search(r'value="single_parent" checked', again)
    assert staff.submit(f"{office}/new/mark", {"code": "single_parent"}).status == 303
    assert "ひとり親の世帯" in staff.get(office).text


def _form(page: str) -> str:
    return page.split('<form class="stack"')[1].split("</form>", maxsplit=1)[0]


def _reads(family: Actor) -> int:
    with acting_as(family) as session:
        lines = log_of(session, TODAY, TODAY, actor=family)
    return sum(line.times for line in lines if line.action == "read.home_facts")


@pytest.mark.proves("R25")
def test_who_need_not_know_sees_neither_marks_nor_what_tells_them(
    app: Flask, hinata: Site, sato: Actor, office: str
) -> None:
    limited(hinata, **REDUCING)
    staff = Visitor(app, sato)
    for about, said in (
        ("mark", {"code": "welfare"}),
        ("tax", {"number": "1"}),
        ("paper", {"code": "town_paper"}),
        ("paper", {"code": "welfare_certificate"}),
        ("paper", {"code": "employment_certificate"}),
    ):
        assert staff.submit(f"{office}/new/{about}", said).status == 303, about
    plain = _unknowing(app, hinata)
    shown = plain.get(office).text
    assert "就労証明書" in shown
    for words in ("生活保護", "所得割", "town_paper"):
        assert words not in shown, words
    for about in ("mark", "tax"):
        assert plain.get(f"{office}/new/{about}").status == 403
    assert "town_paper" not in plain.get(f"{office}/new/paper").html
    telling = plain.submit(f"{office}/new/paper", {"code": "welfare_certificate"})
    assert telling.status in {404, 422}
    assert "生活保護を受けている世帯" in staff.get(office).text


def _unknowing(app: Flask, site: Site) -> Visitor:
    worker = make_worker("知らない 人", site.organisation_id, "staff")
    let_know(make_worker("岡田 園長", site.organisation_id, "director"), worker, knows=False)
    return Visitor(app, worker)


def test_another_provider_reads_nothing_and_a_child_of_another_family_is_no_child_here(
    app: Flask, family: Actor, sato: Actor, yamada: Actor, office: str
) -> None:
    del sato
    assert Visitor(app, yamada).get(office).status == 404
    assert Visitor(app, family).get(f"{HOME}children/{uuid.uuid4()}").status == 404


@pytest.mark.parametrize(
    ("about", "said", "words"),
    [
        ("tax", {"number": "-1"}, "0以上"),
        ("tax", {"number": "たくさん"}, "数字で入れてください"),
        ("gate", {"code": "weaned"}, "「はい」か「いいえ」"),
        ("mark", {}, "何についてかをえらんでください"),
        (
            "mark",
            {
                "code": "welfare",
                **{f"valid_from-{k}": v for k, v in (("year", 2026), ("month", 5), ("day", 2))},
                **{f"valid_until-{k}": v for k, v in (("year", 2026), ("month", 5), ("day", 1))},
            },
            "終わりの日は、始まりの日よりあとに",
        ),
    ],
)
def test_what_cannot_be_is_explained(
    app: Flask,
    sato: Actor,
    office: str,
    about: str,
    said: dict[str, Any],
    words: str,
) -> None:
    page = Visitor(app, sato).submit(f"{office}/new/{about}", said)
    assert page.status in {409, 422}
    assert words in page.text


def test_where_no_ticket_is_taken_none_can_be_noted(app: Flask, sato: Actor, office: str) -> None:
    assert (
        "いまのきまりには、利用券がありません"
        in Visitor(app, sato).get(f"{office}/new/coupon").text
    )
    assert Visitor(app, sato).get(f"{office}/new/city").status == 404


def test_staff_are_led_there_from_a_refusal(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, **ASKING)
    url = f"/office/bookings/new?family={family.family_id}"
    page = Visitor(app, sato).submit(url, wished(family, site, **RECEIPT))
    assert page.status == 409
    assert "住んでいるところを聞いて、記録できます。" in page.text
    assert f"/office/families/{family.family_id}/home" in page.html


def test_a_baby_is_not_asked_what_only_older_children_are(
    app: Flask, hinata: Site, family: Actor
) -> None:
    gates = [{"code": "walks_alone", "from_months": 190}, {"code": "weaned", "below_months": 190}]
    limited(hinata, gates=gates)
    page = Visitor(app, family).get(child_page(family)).text
    assert "離乳が終わっている" in page
    assert "ひとりで歩ける" not in page


def test_where_nothing_is_asked_the_page_says_so(app: Flask, family: Actor) -> None:
    page = Visitor(app, family).get(HOME).text
    assert "いまは、入れなくてだいじょうぶです" in page


@pytest.mark.proves("R25", "G23")
def test_a_paper_that_was_missing_is_seen_later_and_stands_there_once(
    app: Flask, family: Actor, sato: Actor, office: str
) -> None:
    assert family.family_id is not None
    begins = TODAY - timedelta(days=30)
    tax = HomeFact(KINDS.MARK, "tax_exempt", valid_from=begins)
    fact_id = noted(sato, family.family_id, tax)
    staff, address = Visitor(app, sato), f"{office}/{fact_id}/confirm"
    before = staff.get(office)
    assert "書類がまだです" in before.text
    assert f'"{address}"' in before.html
    assert staff.submit(address, {}, form_page=office).status == 303
    after = staff.get(office)
    assert "書類がまだです" not in after.text
    assert "書類を見たことを記録しました" in after.text
    assert f'"{address}"' not in after.html
    [fact] = [each for each in facts(sato, family) if each.kind is KINDS.MARK]
    assert (fact.is_seen, fact.valid_from) == (True, begins)
    # It is not there any more to be seen once more.
    again = staff.submit(address, {}, form_page=office)
    assert (again.status, "この記録は、もう終わっています" in again.text) == (409, True)
