"""Home pages: each role reads what is to do today, in numbers, and nothing of others."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import ProgrammingError

from portal.attendance.day_counts import DayCounts, counts_of_day
from portal.db.session import acting_as, transaction
from portal.facilities import own
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.liaison.operator import DOCTOR
from portal.messages.models import OutboxMessage
from portal.organisations.rules import OrganisationKind
from portal.preregistration.models import Preregistration
from portal.slots import closures
from portal.slots.rules import ClosureWish, Hours
from tests.factories import days, people
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

EMPTY = "今日することは、ありません"


def test_a_day_without_work_says_so_and_leads_to_the_board(app: Flask, sato: Actor) -> None:
    page = Visitor(app, sato).get("/office/")
    assert EMPTY in page.text
    assert "今日のボードを開く" in page.text


def test_sign_in_of_staff_leads_to_todays_work(app: Flask, sato: Actor) -> None:
    visitor = Visitor(app, sato)
    assert 'href="/office/"' in visitor.get("/").html


@pytest.mark.proves("J2")
def test_the_numbers_of_a_day_follow_the_clock(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    days.book(hinata, tanaka, start="9:00")
    with acting_as(sato) as session:

        def counts(at: str) -> DayCounts:
            found = counts_of_day(
                session, [hinata.facility_id], days.DAY, actor=sato, now=days.clock_time(at)
            )
            return found[hinata.facility_id]

        assert (counts("8:00").planned, counts("8:00").missing) == (1, 0)
        assert (counts("9:31").planned, counts("9:31").missing) == (1, 1)


def test_applications_and_lost_mails_are_counted_since_when_they_wait(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    child = people.children_of(tanaka)[0]
    accept(hinata, tanaka, child.id)
    with acting_as(tanaka), transaction() as session:
        session.execute(
            text("UPDATE preregistrations SET state = 'withdrawn', accepted_until = NULL")
        )
        session.execute(
            text(
                "INSERT INTO preregistrations (id, family_id, child_id, facility_id,"
                " organisation_id, state, channel, received_at, applied_at)"
                " SELECT gen_random_uuid(), family_id, child_id, facility_id, organisation_id,"
                " 'applied', channel, now() - interval '9 days', now() FROM preregistrations"
            )
        )
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            insert(OutboxMessage).inline(),
            {
                "id": child.id,
                "message_id": "<lost@test>",
                "kind": "bookings/placed",
                "to_mail": "gone@example.test",
                "organisation_id": hinata.organisation_id,
                "failed_at": clock.now(),
            },
        )
    page = Visitor(app, sato).get("/office/")
    assert "返事を待っている事前登録 1件" in page.text
    assert "届かなかったメール（電話で伝えます） 1通今日のうちに" in page.text.replace("▲", "")
    assert EMPTY not in page.text
    stranger = Visitor(app, yamada).get("/office/")
    assert EMPTY in stranger.text


def test_registrations_that_end_on_different_days_stand_on_one_line(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    for ahead in (10, 12, 12):
        family = people.make_guardian("ある 母", children=("子",))
        accepted = accept(hinata, family, people.children_of(family)[0].id)
        with acting_as(hinata.owner), transaction() as session:
            row = session.get_one(Preregistration, accepted)
            row.accepted_until = clock.today(clock.now()) + timedelta(days=ahead)
    page = Visitor(app, sato).get("/office/").text
    assert page.count("期限が来る事前登録") == 1
    assert "期限が来る事前登録 3件" in page
    assert " の 1件" in page


def test_a_closure_over_bookings_and_missing_staff_are_told_before_the_day(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    now = clock.now()
    days.book(hinata, tanaka, day=days.DAY)
    with acting_as(sato), transaction() as session:
        closures.close_days(
            session,
            hinata.facility_id,
            ClosureWish(days.DAY, days.DAY, "台風", Hours(0, 48)),
            actor=sato,
            now=now,
        )
        session.execute(
            text(
                "INSERT INTO duty_overrides (facility_id, organisation_id, day, on_duty)"
                " VALUES (:facility, :organisation, :day,"
                " array_fill(1::smallint, ARRAY[48]))"
            ),
            {
                "facility": hinata.facility_id,
                "organisation": hinata.organisation_id,
                "day": days.DAY,
            },
        )
    assert days.DAY - clock.today(now) <= timedelta(days=14)
    page = Visitor(app, sato).get("/office/")
    assert "お休みにした日に、予約が残っています 1日" in page.text
    assert "職員が足りない時間があります 1日" in page.text


def test_a_day_off_and_a_facility_not_yet_public_are_not_taken_for_work_undone(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    visitor, now = Visitor(app, sato), clock.now()
    with acting_as(hinata.owner), transaction() as session:
        wish = ClosureWish(clock.today(now), clock.today(now), "台風", Hours(0, 48))
        closures.close_days(session, hinata.facility_id, wish, actor=hinata.owner, now=now)
    sheets = visitor.get("/office/board/sheet").text
    assert "今日はお休みです" in visitor.get("/office/").text
    assert "今日はお休みです" in sheets
    assert "今日の分は、まだです" not in sheets
    with acting_as(hinata.owner), transaction() as session:
        own.unpublish_facility(session, hinata.facility_id, actor=hinata.owner, now=now)
    home = visitor.get("/office/").text
    assert "お休み" not in home
    assert "今日の予約は" not in home
    assert "公開すると、毎朝できます" in visitor.get("/office/board/sheet").text


def test_a_municipality_reads_imports_reports_and_free_places(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.execute(
            text("UPDATE facilities SET municipality_id = :city WHERE id = :id"),
            {"city": suzuki.organisation_id, "id": hinata.facility_id},
        )
    page = Visitor(app, suzuki).get("/liaison/?class=1")
    assert "施設の一覧が、まだありません" in page.text
    assert "ひなた保育園" in page.text
    assert "空きのある施設は、1 か所です" in page.text
    assert f"/facilities/{hinata.facility_id}/sheet" in page.html


def test_other_cities_facilities_are_not_among_the_own(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    del hinata
    page = Visitor(app, suzuki).get("/liaison/")
    assert "ひなた保育園" not in page.text


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (OrganisationKind.FAMILY_CENTER, "center_worker"),
        (OrganisationKind.CONSULTATION_OFFICE, "office_worker"),
    ],
)
def test_center_and_office_are_told_honestly_that_nothing_comes_to_them_yet(
    app: Flask, database: object, hinata: Site, kind: OrganisationKind, role: str
) -> None:
    del database
    worker = people.make_worker("相談 の人", people.make_organisation("相談の会", kind), role)
    page = Visitor(app, worker).get("/liaison/")
    assert EMPTY in page.text
    assert "ひなた保育園" in page.text, "without a known city, all published ones"
    assert hinata.facility_id


def test_the_operator_reads_counts_and_what_lacks(app: Flask, database: object) -> None:
    del database
    body = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    operator = people.make_worker("運用 の人", body, "operator")
    app.config[DOCTOR] = lambda: [("日本語の書体", "ありません make setup")]
    page = Visitor(app, operator).get("/operator/")
    assert "ワーカーが動いていません" in page.text
    assert "日本語の書体" in page.text
    assert "職員などのアカウント1人" in page.text.replace(" ", "")


def test_the_operator_reads_whose_mails_did_not_arrive(app: Flask, hinata: Site) -> None:
    body = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    operator = people.make_worker("運用 の人", body, "operator")
    gone = {"failed_at": clock.now()}
    mails = [{**gone, "organisation_id": hinata.organisation_id}] * 2 + [gone]
    with acting_as(ANONYMOUS), transaction() as session:
        for mail in [*mails, {**mails[0], "seen_at": clock.now()}]:
            key = uuid.uuid4()
            names = {"id": key, "message_id": f"<{key}@t>", "kind": "x", "to_mail": "a@b.test"}
            session.execute(insert(OutboxMessage).inline(), {**names, **mail})
    page = Visitor(app, operator).get("/operator/").text
    assert re.search(r"ひなた保育園の会 ?ひなた保育園 ?2通", page), page
    assert re.search(r"組織のないメール（登録やパスワード） ?1通", page), page


@pytest.mark.parametrize("function", ["operator_figures", "operator_mails_failed"])
def test_only_the_operator_gets_the_operators_figures(
    database: object, sato: Actor, function: str
) -> None:
    del database
    with (
        acting_as(sato) as session,
        pytest.raises(ProgrammingError, match="figures for the operator alone"),
    ):
        session.execute(select(getattr(func, function)()))


@pytest.mark.proves("R9")
def test_a_family_is_handed_one_paper_with_place_fee_steps_and_phone(
    visitor: Visitor, hinata: Site
) -> None:
    page = visitor.get(f"/facilities/{hinata.facility_id}/sheet")
    for words in ("みほん市中央1-1", "000-0000-0000", "料金", "使うまでの手順", "二次元コード"):
        assert words in page.html
    paper = visitor.client.get(f"/facilities/{hinata.facility_id}/sheet.pdf")
    assert paper.mimetype == "application/pdf"
    pages = [each.extract_text() for each in PdfReader(io.BytesIO(paper.data)).pages]
    assert len(pages) == 1
    assert "ページ" in pages[0], "its foot stands under it"
