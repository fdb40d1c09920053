"""A family's booking pages: fee before the button, nothing typed is lost, one effect a form."""

from __future__ import annotations

import re
import uuid
from datetime import date, time, timedelta

import pytest
from flask import Flask

from portal.bookings.rules import BookingState
from portal.bookings.service import cancel_booking
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.kernel.clock import at, now
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.pages.visit import Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
SATURDAY = 5


def wished(actor: Actor, site: Site, day: date = DAY, **changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "programme": str(site.programme_id),
        "children": [str(child.id) for child in children_of(actor)],
        "together": "all",
        "day-year": day.year,
        "day-month": day.month,
        "day-day": day.day,
        "start": "9:00",
        "end": "12:00",
        "purpose": "respite",
        "pickup": "",
        "note": "",
    }
    return fields | changes


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana and Riku, both accepted."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return tanaka


def test_another_time_is_chosen_on_the_same_day_for_the_same_child(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother, day = Visitor(app, family), f"/facilities/{hinata.facility_id}/days/{DAY}"
    url = f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}&start=9:00&end=12:00"
    assert f'href="{day}?class=2"' in mother.get(f"{url}&class=2").html
    riku = children_of(family)[1].id
    alone = mother.get(f"{url}&child={riku}").html
    assert f'href="{day}?who={riku}&amp;class=1"' in alone
    undated = mother.get(f"/my/bookings/new?facility={hinata.facility_id}").html
    assert f'href="/facilities/{hinata.facility_id}"' in undated


@pytest.mark.proves("J3")
def test_two_children_from_the_calendar_to_a_booking(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    url = f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}&start=9:00&end=12:00"
    chosen = mother.get(url)
    assert chosen.status == 200
    assert chosen.field("day-day") == str(DAY.day)
    assert chosen.html.count("selected") >= 2
    told = mother.post("/my/bookings/confirm", wished(family, hinata, note="昼寝が早めです"))
    assert told.status == 200
    for words in ("1時間 400円 × 3時間", "半額", "2,400円", "まで無料", "予約を確定する"):
        assert words in told.text
    assert bookings_of(family) == []
    fields = wished(family, hinata, note="昼寝が早めです", agreed_fee=told.field("agreed_fee"))
    done = mother.post("/my/bookings/", {"once": told.field("once"), **fields})
    assert done.status == 303
    shown = mother.get(done.location)
    assert "田中 はなさんと田中 りくさん" in shown.text
    assert "昼寝が早めです" in shown.text
    assert "予約しました" in shown.text
    assert "2,400円" in mother.get("/my/bookings/").text


@pytest.mark.proves("P2")
def test_the_same_form_five_times_books_once_and_another_content_is_told(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    fields = {"once": str(uuid.uuid4()), **wished(family, hinata)}
    answers = [mother.post("/my/bookings/", fields) for _ in range(5)]
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert len(bookings_of(family)) == 2
    assert mother.post("/my/bookings/", {**fields, "start": "13:00", "end": "14:00"}).status == 409
    assert len(bookings_of(family)) == 2


@pytest.mark.proves("B56", "R5")
def test_a_refusal_tells_every_reason_and_the_quickest_way_first(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    for number in range(6):
        other = make_guardian(f"母{number}", children=(f"子{number}",))
        accept(hinata, other, children_of(other)[0].id)
        place(other, wish_of(other, hinata, DAY))
    mother = Visitor(app, tanaka)
    refused = mother.post("/my/bookings/", wished(tanaka, hinata, note="よく泣きます"))
    assert refused.status == 409
    assert "予約できない理由は2つです" in refused.text
    assert "園全体が 9:00 から満員です" in refused.text
    assert "事前登録が、まだです" in refused.text
    assert "いちばん早い方法" not in refused.text
    assert "事前登録をすると" in refused.text
    assert 'value="よく泣きます"' in refused.html
    assert "000-0000-0000" in refused.text
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    refused = mother.post("/my/bookings/", wished(tanaka, hinata, note="よく泣きます"))
    assert "いちばん早い方法" in refused.text
    assert "12:00〜15:00" in refused.text
    assert re.search(
        r'name="start" value="12:00">\s*<input[^>]*name="end" value="15:00"', refused.html
    )
    way = wished(tanaka, hinata, start="12:00", end="15:00")
    assert mother.post("/my/bookings/confirm", way).status == 200


def test_a_wrong_shape_is_told_beside_its_field_and_keeps_what_was_typed(
    app: Flask, hinata: Site, family: Actor
) -> None:
    wrong = wished(family, hinata, end="8:00", children=[], purpose="", note="たまご")
    page = Visitor(app, family).post("/my/bookings/confirm", wrong)
    assert page.status == 422
    for words in (
        "お子さんを1人以上",
        "おわりは、はじまりより後",
        "利用の理由をえらんで",
        "たまご",
    ):
        assert words in page.text
    back = Visitor(app, family).post("/my/bookings/new", wished(family, hinata, note="たまご"))
    assert back.status == 200
    assert "たまご" in back.text


def test_moving_tells_the_new_fee_first(app: Flask, hinata: Site, family: Actor) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}/change"
    times: dict[str, object] = {"day-year": DAY.year, "day-month": DAY.month, "day-day": DAY.day}
    times |= {"start": "9:00", "end": "14:00"}
    assert mother.get(url).field("day-year") == str(DAY.year)
    told = mother.post(url, times)
    assert told.status == 200
    assert "3,600円" in told.text
    assert bookings_of(family)[0].sequence == 0
    sure = {"once": told.field("once"), **times, "agreed_fee": "3600", "sure": "1"}
    assert mother.post(url, sure).status == 303
    assert {b.ends_at for b in bookings_of(family)} == {at(DAY, time(14))}
    assert mother.post(url, {**times, "once": str(uuid.uuid4())}).status == 409


def test_cancelling_tells_the_fee_first_and_one_child_may_stay_away(
    app: Flask, hinata: Site, family: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}/cancel"
    page = mother.get(url)
    assert "料金はかかりません" in page.text
    riku = children_of(family)[1].id
    assert mother.submit(url, {"children": [str(riku)], "told_late": ""}).status == 303
    states = {b.child_id: b.state for b in bookings_of(family)}
    assert states[riku] is BookingState.CANCELLED
    assert list(states.values()).count(BookingState.CONFIRMED) == 1
    assert mother.submit(url, {"told_late": ""}).status == 303
    assert mother.get(url).status == 303
    assert "取り消しました" in mother.get("/my/bookings/").text


@pytest.mark.proves("J3")
def test_the_fee_of_who_stays_is_told_before_and_after_cancelling_a_sibling(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    mother, own = Visitor(app, family), f"/my/bookings/{placed.group_id}"
    staff, theirs = Visitor(app, sato), f"/office/bookings/{placed.group_id}"
    hana = str(children_of(family)[0].id)
    told = "りくさんの料金は、900円から1,500円に変わります"
    for page in (mother.get(f"{own}/cancel"), staff.get(f"{theirs}/cancel")):
        assert told in page.text
        assert "はなさんの料金は、1,500円のままです" in page.text
    untold = mother.post(
        f"{own}/cancel", {"once": str(uuid.uuid4()), "told_late": "", "children": [hana]}
    )
    assert untold.status == 409
    assert "のこる予約の料金は 1,500円 になります" in untold.text
    assert {b.state for b in bookings_of(family)} == {BookingState.CONFIRMED}
    agreed = {"children": [hana], "told_late": "", "rest": f"1500:{hana}"}
    assert f'value="{agreed["rest"]}"' in untold.html
    assert mother.submit(f"{own}/cancel", agreed).status == 303
    shown = mother.get(own).text
    assert "900円から1,500円に変わりました" in shown
    for text in (shown, staff.get(theirs).text):
        assert "ほかのお子さんを取り消す前は、900円でした" in text


def test_a_late_fee_is_told_before_it_is_taken(
    app: Flask, hinata: Site, family: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    late = at(DAY - timedelta(days=1), time(18))
    monkeypatch.setattr("portal.selfservice.bookings_cancel.clock.now", lambda: late)
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}/cancel"
    both = [str(child.id) for child in children_of(family)]
    page = mother.post(url, {"once": str(uuid.uuid4()), "told_late": "", "children": both})
    assert page.status == 409
    assert "いま全員分を取り消すと 900円 かかります" in page.text
    assert {b.state for b in bookings_of(family)} == {BookingState.CONFIRMED}
    assert page.field("told_late") == "1"


def test_what_is_over_is_folded_but_for_the_latest(app: Flask, hinata: Site, family: Actor) -> None:
    days = [d for d in (DAY + timedelta(days=n) for n in range(9)) if d.weekday() < SATURDAY][:5]
    groups = [place(family, wish_of(family, hinata, day)).group_id for day in days]
    for group_id in groups:
        with acting_as(family), transaction() as session:
            cancel_booking(session, group_id, actor=family, now=now())
    mother = Visitor(app, family)
    shown, folded = mother.get("/my/bookings/").html.split("<summary>")
    assert (shown.count("取り消しました"), folded.count("取り消しました")) == (3, 2)
    assert "もっと前の予約を見る（2件）" in folded
    page = mother.get(f"/my/bookings/{groups[0]}").text
    assert "受付番号" in page
    assert "着いたら伝えます" not in page


def test_other_peoples_bookings_are_not_there(
    app: Flask, hinata: Site, family: Actor, yamada: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    stranger = Visitor(app, make_guardian("別の母", children=("別の子",)))
    for page in ("", "/change", "/cancel"):
        assert stranger.get(f"/my/bookings/{placed.group_id}{page}").status == 404
        assert Visitor(app, yamada).get(f"/my/bookings/{placed.group_id}{page}").status == 403
    assert stranger.post("/my/bookings/", wished(family, hinata)).status == 404


@pytest.mark.proves("J9", "B56")
def test_in_a_rush_the_refusal_is_small_and_other_times_stand_behind_its_button(
    app: Flask, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.bookings.queries.rush.monotonic", lambda: 1000.0)
    site = make_site("ひとりの園", places=1)
    other = make_guardian("先の母", children=("先の子",))
    for family in (other, tanaka):
        accept(site, family, children_of(family)[0].id)
    place(other, wish_of(other, site, DAY))
    mother = Visitor(app, tanaka)
    wish = wished(tanaka, site, note="よく泣きます")
    answers = [mother.post("/my/bookings/", wish) for _ in range(7)]
    assert {answer.status for answer in answers} == {409}
    assert "いちばん早い方法" in answers[0].text
    small = answers[-1]
    assert "ちょうど、ほかの方の予約が入りました" in small.text
    assert "園全体が 9:00 から満員です" in small.text
    assert 'value="よく泣きます"' in small.html
    assert len(small.html) < len(answers[0].html) / 1.5
    assert "いちばん早い方法" in mother.post("/my/bookings/confirm", wish).text
