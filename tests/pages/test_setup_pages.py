from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError

from portal.db.session import Database, acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations.rules import OrganisationKind
from tests.factories import people
from tests.factories.places import Site
from tests.pages.test_rules_pages import typed
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())
WEEK = {
    f"{end}_{day}": time for day in range(5) for end, time in (("from", "8:30"), ("to", "17:00"))
}


@pytest.fixture
def newcomer(database: Database) -> Actor:
    """A director whose provider has nothing yet."""
    del database
    provider = people.make_organisation("新しい会", OrganisationKind.PROVIDER)
    return people.make_worker("新井 園長", provider, "director")


def listed(city: uuid.UUID | None, name: str, **more: object) -> uuid.UUID:
    """Put a facility on a city's list."""
    facility = Facility(
        id=uuid.uuid4(),
        municipality_id=city,
        list_shape="koriyama",
        list_key=name,
        name=name,
        name_kana="ミホン ホイクエン",
        address="みほん市大町1-1",
        **{"phone": "024-000-0000", "list_row": {"TEL": "024-000-0000"}, **more},
    )
    with acting_as(people.OPERATOR), transaction() as session:
        session.add(facility)
    return facility.id


def claim_id_of(facility_id: uuid.UUID) -> uuid.UUID:
    with acting_as(people.OPERATOR) as session:
        found = session.execute(
            text("SELECT id FROM facility_claims WHERE facility_id = :id"), {"id": facility_id}
        ).scalar_one()
        session.rollback()
    return uuid.UUID(str(found))


def prepare(visitor: Visitor, facility_id: uuid.UUID) -> None:
    """Go through every step as a director does."""
    here = f"/office/set-up/{facility_id}"
    steps: list[tuple[str, Mapping[str, object]]] = [
        ("about", {"access_note": "裏門からどうぞ", "phone": "024-000-0000"}),
        ("hours", {**WEEK, "break_from": "12:00", "break_to": "13:00", "closed_on_holidays": "y"}),
        ("care", {"kind": "temporary_care", "name": "ひよこ", "description": "庭があります"}),
        ("places", {"total": "１０", "class_0": "2"}),
        ("staff", {"weekdays": ["0", "1"], "from_time": "8:30", "to_time": "17:00", "number": "3"}),
    ]
    for step, data in steps:
        answer = visitor.submit(f"{here}/{step}", data)
        assert answer.status == 303, (step, answer.text)
    with acting_as(people.OPERATOR) as session:
        programme = session.execute(
            text("SELECT id FROM programmes WHERE facility_id = :id"), {"id": facility_id}
        ).scalar_one()
        session.rollback()
    form = f"/office/programmes/{programme}/rules/form"
    saved = visitor.submit(form, {**typed(), "do": "publish"})
    assert saved.status == 303, saved.text


@pytest.mark.proves("J1")
def test_a_director_sets_a_facility_up_while_the_city_has_not_answered_and_publishes_after_its_yes(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    facility_id = listed(suzuki.organisation_id, "みほん保育園")
    visitor, liaison, family = Visitor(app, newcomer), Visitor(app, suzuki), Visitor(app)
    assert visitor.get("/office/set-up/").location == "/office/set-up/choose"
    for words in ("みほん", "ミホン", "0240000000", "０２４-０００-００００", "大町 保育"):
        assert "みほん保育園" in visitor.get(f"/office/set-up/choose?q={words}").text, words
    assert "見つかりませんでした" in visitor.get("/office/set-up/choose?q=ない園").text
    chosen = visitor.submit("/office/set-up/choose?q=みほん", {"facility": str(facility_id)})
    here = f"/office/set-up/{facility_id}"
    assert chosen.location == here
    prepare(visitor, facility_id)
    assert "確認を待っています" in visitor.get(f"{here}/publish").text
    assert visitor.submit(f"{here}/publish", {}, form_page=f"{here}/about").status == 409
    assert family.get(f"/facilities/{facility_id}").status == 404
    claim = f"/liaison/claims/{claim_id_of(facility_id)}"
    assert "みほん保育園" in liaison.get("/liaison/providers/").text
    assert liaison.submit(claim, {"is_own": "no"}).status == 409, "a no needs its reason"
    assert liaison.submit(claim, {"is_own": "yes"}).status == 303
    assert "ぜんぶそろっています" in visitor.get(f"{here}/publish").text
    assert visitor.submit(f"{here}/publish", {}).status == 303
    page = family.get(f"/facilities/{facility_id}").text
    assert "庭があります" in page
    assert "1時間 400円" in page
    days = {row.day.weekday(): row for row in _days(facility_id)}
    assert days[1].wanted[24:26] == [0, 0], "the lunch break"
    assert (days[1].wanted[17], max(days[6].wanted)) == (10, 0)
    assert "これからの予約は、ありません" in visitor.get(f"{here}/unpublish").text
    assert visitor.submit(f"{here}/unpublish", {}).status == 303
    assert family.get(f"/facilities/{facility_id}").status == 404


def _days(facility_id: uuid.UUID) -> list[Row[Any]]:
    with acting_as(people.OPERATOR) as session:
        rows = session.execute(
            text(
                "SELECT d.day, d.wanted FROM pool_days d JOIN pools p ON p.id = d.pool_id"
                " WHERE d.facility_id = :id AND p.kind = 'total' AND d.day > :today"
                " AND NOT EXISTS (SELECT FROM holidays h WHERE h.day = d.day)"
            ),
            {"id": facility_id, "today": TODAY},
        ).all()
        session.rollback()
    return list(rows)


@pytest.mark.proves("J1")
def test_after_a_no_nothing_is_lost_and_another_facility_can_be_chosen(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    wrong, right = (listed(suzuki.organisation_id, name) for name in ("東園", "西園"))
    visitor, liaison = Visitor(app, newcomer), Visitor(app, suzuki)
    visitor.submit("/office/set-up/choose?q=東園", {"facility": str(wrong)})
    prepare(visitor, wrong)
    refused = {"is_own": "no", "answer": "東園は別の会の園です"}
    assert liaison.submit(f"/liaison/claims/{claim_id_of(wrong)}", refused).status == 303
    steps = visitor.get("/office/set-up/").location
    page = visitor.get(steps)
    assert "東園は別の会の園です" in page.text
    copy = uuid.UUID(steps.rpartition("/")[2])
    assert copy != wrong
    again = visitor.submit(
        f"/office/set-up/choose?q=西園&instead_of={copy}",
        {"facility": str(right), "instead_of": str(copy)},
    )
    assert again.location == f"/office/set-up/{right}"
    assert "8つすみました" not in page.text
    shown = visitor.get(f"/office/set-up/{right}/care")
    assert shown.field("name") == "ひよこ"
    assert liaison.submit(f"/liaison/claims/{claim_id_of(right)}", {"is_own": "yes"}).status == 303
    assert visitor.submit(f"/office/set-up/{right}/publish", {}).status == 303
    assert Visitor(app, newcomer).get(f"/office/set-up/{copy}").status == 404


@pytest.mark.proves("J1", "P7")
def test_the_database_itself_keeps_back_what_is_not_confirmed(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    facility_id = listed(suzuki.organisation_id, "みほん保育園")
    Visitor(app, newcomer).submit("/office/set-up/choose?q=みほん", {"facility": str(facility_id)})
    publish = text("UPDATE facilities SET published_at = now() WHERE id = :id")
    with (
        pytest.raises(DBAPIError, match="published_once_confirmed"),
        acting_as(newcomer),
        transaction() as session,
    ):
        session.execute(publish, {"id": facility_id})
    with (
        acting_as(newcomer),
        transaction() as session,
        pytest.raises(DBAPIError),
        session.begin_nested(),
    ):
        session.execute(text("UPDATE facility_claims SET state = 'confirmed'"))


def test_two_providers_cannot_both_have_a_facility(
    app: Flask, newcomer: Actor, director: Actor, suzuki: Actor
) -> None:
    facility_id = listed(suzuki.organisation_id, "みほん保育園")
    url, data = "/office/set-up/choose?q=みほん", {"facility": str(facility_id)}
    assert Visitor(app, newcomer).submit(url, data).status == 303
    second = Visitor(app, director).submit(url, data, form_page="/office/set-up/new")
    assert (second.status, "ほかの事業者が運営しています" in second.text) == (409, True)
    assert "ほかの事業者の園です" in second.text


def test_a_facility_on_no_list_is_entered_and_its_words_are_its_directors(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    visitor = Visitor(app, newcomer)
    missing = visitor.submit("/office/set-up/new", {"name": "<b>森</b>の園"})
    assert missing.status == 422
    assert "<b>森" not in missing.html
    data = {
        "name": "<b>森</b>の園",
        "address": "みほん市森1",
        "phone": "024-1",
        "municipality": str(suzuki.organisation_id),
    }
    entered = visitor.submit("/office/set-up/new", data)
    about = f"{entered.location}/about"
    assert visitor.get(about).field("name") == "<b>森</b>の園"
    changed = {**data, "name": "森の園", "access_note": "バス停の前"}
    assert visitor.submit(about, changed).status == 303
    assert visitor.get(about).field("name") == "森の園"
    assert "一覧にない園" in Visitor(app, suzuki).get("/liaison/providers/").text


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "himawari.example.jp", "ftp://a.example"])
def test_what_is_no_page_is_not_kept_as_one(
    app: Flask, director: Actor, hinata: Site, typed: str
) -> None:
    visitor, about = Visitor(app, director), f"/office/set-up/{hinata.facility_id}/about"
    said = {"name": "ひなた保育園", "address": "みほん市中央1-1", "phone": "0"}
    page = visitor.submit(about, {**said, "url": typed})
    assert (page.status, "https:// から書いてください" in page.text) == (422, True)
    assert page.field("url") == typed
    assert visitor.submit(about, {**said, "url": "https://hinata.example.jp/"}).status == 303


def test_spaces_are_no_name(app: Flask, director: Actor, hinata: Site) -> None:
    page = Visitor(app, director).submit(
        f"/office/set-up/{hinata.facility_id}/care", {"name": "\u3000  "}
    )
    assert (page.status, "名前を入れてください" in page.text) == (422, True)


def test_a_step_counts_as_done_when_its_director_has_seen_to_it(
    app: Flask, newcomer: Actor, suzuki: Actor
) -> None:
    facility_id = listed(suzuki.organisation_id, "みほん保育園")
    visitor, here = Visitor(app, newcomer), f"/office/set-up/{facility_id}"
    visitor.submit("/office/set-up/choose?q=みほん", {"facility": str(facility_id)})
    assert "9つのうち 1つすみました" in visitor.get(here).text
    assert "園の電話がありません" not in visitor.get(f"{here}/publish").text
    assert visitor.submit(f"{here}/hours", WEEK).status == 303
    assert visitor.submit(f"{here}/about", {"phone": "024-000-0000"}).status == 303
    assert "9つのうち 3つすみました" in visitor.get(here).text
    bar = visitor.get(f"{here}/about").text
    assert bar.index("開く時間とお休み") < bar.index("（すみ）", bar.index("開く時間とお休み"))


def test_what_a_list_says_stays_the_lists(app: Flask, newcomer: Actor, suzuki: Actor) -> None:
    facility_id = listed(suzuki.organisation_id, "みほん保育園", list_row={"TEL": ""}, phone=None)
    visitor = Visitor(app, newcomer)
    visitor.submit("/office/set-up/choose?q=みほん", {"facility": str(facility_id)})
    about = f"/office/set-up/{facility_id}/about"
    assert 'name="name"' not in visitor.get(about).html
    assert visitor.submit(about, {"name": "別の名", "phone": "024-9"}).status == 303
    page = visitor.get("/office/facilities/").text
    assert "024-9" in page
    assert "別の名" not in page


def test_hours_and_places_say_what_is_wrong_with_them(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor, here = Visitor(app, director), f"/office/set-up/{hinata.facility_id}"
    for wrong, said, field in (
        ({**WEEK, "from_2": "17:00", "to_2": "9:00"}, "水曜日の終わりの時刻を、始まり", "to_2"),
        ({"from_0": "9:00", "same": "y"}, "月曜日の終わりの時刻をえらんで", "to_0"),
        ({"to_0": "9:00"}, "月曜日の始まりの時刻をえらんで", "from_0"),
    ):
        page = visitor.submit(f"{here}/hours", wrong)
        assert (page.status, page.text.count(said)) == (422, 2), said
        assert f'href="#{field}"' in page.html
    for wrong, said in (
        ({**WEEK, "break_from": "12:00"}, "昼休みの、始まりか終わり"),
        ({**WEEK, "break_from": "13:00", "break_to": "12:00"}, "昼休みが"),
        ({}, "曜日がえらばれていません"),
    ):
        page = visitor.submit(f"{here}/hours", wrong)
        assert (page.status, said in page.text) == (409, True), said
    assert visitor.submit(f"{here}/places", {"total": "たくさん"}).status == 422
    page = visitor.submit(f"{here}/places", {"total": "6", "class_0": "9"})
    assert page.status == 422
    assert "「0歳児」の9人が、「ぜんぶで」の6人より多くなっています" in page.text


def test_hours_that_grow_keep_what_staff_set_inside(
    app: Flask, director: Actor, hinata: Site
) -> None:
    with acting_as(director), transaction() as session:
        session.execute(
            text("UPDATE pool_patterns SET capacity[20] = 1 WHERE pool_id = :pool"),
            {"pool": hinata.total_pool_id},
        )
    data = {f"{end}_0": time for end, time in (("from", "7:00"), ("to", "18:00"))}
    answer = Visitor(app, director).submit(
        f"/office/set-up/{hinata.facility_id}/hours", {**data, "same": "y"}
    )
    assert answer.status == 303
    tuesday = next(r for r in _days(hinata.facility_id) if r.day.weekday() == 1 and r.wanted[20])
    assert (tuesday.wanted[14], tuesday.wanted[19], tuesday.wanted[20]) == (6, 1, 6)


@pytest.mark.proves("J1")
def test_a_municipality_takes_a_provider_in_and_invites_its_first_director_alone(
    app: Flask, suzuki: Actor, midori: Site
) -> None:
    liaison = Visitor(app, suzuki)
    at = "/liaison/providers/new"
    wrong = liaison.submit(at, {"phone": "abc"})
    assert (wrong.status, wrong.field("phone")) == (422, "abc")
    named = [
        "事業者の名前を入れて",
        "市外局番から",
        "園長のお名前を入れて",
        "メールアドレスを入れて",
    ]
    places = [wrong.text.find(words) for words in named]
    assert -1 < places[0] == min(places)
    assert -1 not in places
    assert places == sorted(places), "in the order of the page"
    data = {"provider": "みほん会", "name": "原 園長", "mail": "hara@example.test"}
    data["phone"] = "024-555-0100"
    assert liaison.submit("/liaison/providers/new", data).status == 303
    page = liaison.get("/liaison/providers/")
    assert "園長を招待中" in page.text
    twice = liaison.submit("/liaison/providers/new", data)
    assert (twice.status, "もう登録されています" in twice.text) == (409, True)
    with (
        acting_as(suzuki),
        transaction() as session,
        pytest.raises(DBAPIError),
        session.begin_nested(),
    ):
        session.execute(
            text("SELECT invite_first_director(:id, '\\x00', 'a@b.test', 'x', :org, now())"),
            {"id": uuid.uuid4(), "org": midori.organisation_id},
        )
    with acting_as(suzuki) as session:
        invitation = session.execute(text("SELECT id FROM open_invitations()")).scalar_one()
        session.rollback()
    again = f"/liaison/providers/invitations/{invitation}/send-again"
    assert liaison.submit(again, {}, form_page="/liaison/providers/new").status == 303
    assert liaison.submit(again, {}, form_page="/liaison/providers/new").status == 404
    stranger = people.make_liaison("遠い 市の人")
    assert "みほん会" not in Visitor(app, stranger).get("/liaison/providers/").text


def test_open_invitations_are_seen_sent_again_and_withdrawn(
    app: Flask, director: Actor, midori: Site
) -> None:
    visitor = Visitor(app, director)
    data = {"name": "木村 れん", "mail": "kimura@example.test", "role": "staff"}
    assert visitor.submit("/staff/invitations", data).status == 303
    assert "木村 れん" in visitor.get("/staff").text
    stranger = people.make_worker("よそ 園長", midori.organisation_id, "director")
    assert "木村 れん" not in Visitor(app, stranger).get("/staff").text
    with acting_as(director) as session:
        invitation = session.execute(text("SELECT id FROM open_invitations()")).scalar_one()
        session.rollback()
    path = f"/staff/invitations/{invitation}"
    other = Visitor(app, stranger)
    assert other.submit(f"{path}/withdraw", {}, form_page="/staff/invitations").status == 404
    assert visitor.submit(f"{path}/withdraw", {}, form_page="/staff/invitations").status == 303
    assert "木村 れんさんへの招待を取りやめました" in visitor.get("/staff").text
    assert "木村 れん" not in visitor.get("/staff").text
    with acting_as(Actor(role=Role.STAFF, organisation_id=director.organisation_id)) as session:
        assert session.execute(text("SELECT count(*) FROM open_invitations()")).scalar_one() == 0
        session.rollback()
