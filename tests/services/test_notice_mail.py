"""The one mail of a closure: the nursery's words, what is cancelled, and the calendar's CANCEL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, select, text

from portal.bookings.models import Booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.families import rights
from portal.kernel import clock
from portal.kernel.actor import Actor, Right
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.smtp import Post
from portal.notices import queries, service
from portal.notices.rules import Audience
from tests.database import TestServer
from tests.factories import apart, days, people, places
from tests.services.test_notices import STORM, progress, receipt_of, send
from tests.smtp import Taken, running_mail_server

Drain = Callable[[], list[Taken]]


@pytest.fixture
def drain(emptied: Engine, server: TestServer) -> Iterator[Drain]:
    """Let the worker, in its own role, deliver what is due; return what was taken so far."""
    app = in_use()
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    with running_mail_server() as smtp:

        def run() -> list[Taken]:
            use(Database(engine, server.secrets))
            Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
            use(app)
            return [one for one in smtp.taken if "休" in one.text or "取り消" in one.text]

        yield run
    engine.dispose()


@pytest.fixture
def site(emptied: Engine) -> places.Site:
    assert emptied.url.database
    return places.make_site("ひなた保育園")


@pytest.fixture
def staff(site: places.Site) -> Actor:
    return people.make_worker("佐藤 まり", site.organisation_id, "director")


@pytest.fixture
def mother(site: places.Site) -> Actor:
    guardian = people.make_guardian("田中 みほ", children=("田中 はな",))
    places.accept(site, guardian, people.children_of(guardian)[0].id)
    return guardian


def entries(mail: Taken) -> list[tuple[str, str, str, str]]:
    """Return method of part and file, UID and status of each calendar file of a mail."""
    found = []
    for part in mail.message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            calendar = Calendar.from_ical(content)
            (event,) = calendar.walk("VEVENT")
            method = str(part.get_param("method"))
            found.append((method, str(calendar["method"]), str(event["uid"]), str(event["status"])))
    return found


def uids(family: Actor) -> set[str]:
    with acting_as(family) as session:
        return {f"booking-{each}@" for each in session.scalars(select(Booking.group_id))}


def test_one_mail_says_all_and_takes_each_booking_out_of_the_calendar(
    site: places.Site, staff: Actor, mother: Actor, drain: Drain
) -> None:
    for start, end in (("9:00", "12:00"), ("13:00", "15:00")):
        days.book(site, mother, start=start, end=end)
    other = people.make_guardian("佐々木 ゆい", children=("佐々木 そら",))
    places.accept(site, other, people.children_of(other)[0].id)
    assert send(site, staff, replace(STORM, audience=Audience.REGISTERED)).cancelled == 2
    hers, others = sorted(drain(), key=lambda one: "田中" not in one.text)
    assert str(hers.message["Subject"]).startswith("【臨時休園・予約の取り消し】")
    assert STORM.title in hers.text
    assert STORM.body in hers.text
    assert "園が次の予約を取り消しました。お金はかかりません。" in hers.text
    for hours in ("9:00〜12:00", "13:00〜15:00"):
        assert f"{hours}　お子さん 1人（受付番号" in hers.text
    assert "http://portal.test/n/" in hers.text
    assert "はな" not in hers.text
    found = entries(hers)
    assert [each[0::3] for each in found] == [("CANCEL", "CANCELLED")] * 2
    assert [each[1] for each in found] == ["CANCEL"] * 2
    assert {each[2].split("@")[0] + "@" for each in found} == uids(mother)
    assert str(others.message["Subject"]).startswith("【臨時休園のお知らせ】")
    assert entries(others) == []
    assert "取り消" not in others.text
    assert len(drain()) == 2


@pytest.mark.parametrize("then", ["read", "taken_back"])
def test_that_a_booking_is_cancelled_is_said_whatever_becomes_of_the_notice(
    site: places.Site, staff: Actor, mother: Actor, drain: Drain, then: str
) -> None:
    days.book(site, mother)
    sent = send(site, staff, STORM)
    if then == "read":
        receipt = receipt_of(mother)
        with acting_as(mother), transaction() as session:
            service.mark_read(session, receipt.id, actor=mother, now=clock.now(), by_link=False)
    else:
        with acting_as(staff), transaction() as session:
            service.reopen(
                session, sent.notice_id, "開園", "あけます", actor=staff, now=clock.now()
            )
    first = drain()[0]
    assert [each[:2] for each in entries(first)] == [("CANCEL", "CANCEL")]
    assert "9:00〜12:00　お子さん 1人" in first.text
    assert (STORM.body in first.text) == (then == "read")
    assert ("もとにもどりません" in first.text) == (then == "taken_back")


def test_a_guardian_who_is_kept_from_bookings_hears_nothing(
    site: places.Site, staff: Actor, mother: Actor, drain: Drain
) -> None:
    days.book(site, mother)
    apart.join(mother)
    apart.protect(staff, mother)
    send(site, staff, STORM)
    assert ["田中 みほ 様" in one.text for one in drain()] == [True]


def test_a_family_that_no_mail_may_reach_is_to_be_called(
    emptied: Engine,
    server: TestServer,
    site: places.Site,
    staff: Actor,
    mother: Actor,
    drain: Drain,
) -> None:
    days.book(site, mother)
    father = apart.join(mother)
    with acting_as(mother), transaction() as session:
        rights.set_rights(session, apart.own_row(father), [Right.MAILS], actor=mother)
    admin = make_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        connection.execute(
            text("UPDATE guardians SET user_id = NULL, mail = NULL WHERE user_id = :user"),
            {"user": mother.user_id},
        )
    admin.dispose()
    with acting_as(staff) as session:
        reach = queries.reach_of(session, site.facility_id, STORM, actor=staff, now=clock.now())
    assert reach.without_mail == 1
    sent = send(site, staff, STORM)
    assert len(progress(staff, sent).to_call) == 1
    assert drain() == []


def test_a_closure_that_comes_to_nothing_sends_nothing(
    site: places.Site, staff: Actor, mother: Actor, drain: Drain
) -> None:
    days.book(site, mother)
    with acting_as(staff) as session:
        service.send_notice(session, site.facility_id, STORM, actor=staff, now=clock.now())
        session.rollback()
    assert drain() == []
    send(site, staff, STORM)
    assert len(drain()) == 1
    assert len(drain()) == 1
