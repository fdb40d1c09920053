"""Families that go first: a kept place, and nobody who need not know sees why (R25)."""

from __future__ import annotations

import re
import uuid
from collections import Counter, deque
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import ProgrammingError

from portal.accounts import staff
from portal.accounts.queries import members
from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from portal.priorities import queries, service
from portal.priorities.models import Priority
from portal.priorities.rules import PriorityKind
from portal.referrals import queries as referrals
from portal.referrals.models import Referral, ReferralItem
from portal.slots.keeping import give_to_everybody
from portal.slots.places import Taken, release_places
from tests.factories import cases
from tests.factories.keeping import keep, on_the_spot
from tests.factories.people import make_guardian, make_organisation, make_worker
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.test_on_the_spot import first_offer, places_of, sure
from tests.pages.visit import Page, Visitor
from tests.services.test_kept_places import counts, take
from tests.services.test_take_places import mine, stay_for

DAY = next_open_day(weeks=2)
SENDER = "ことぶき市こども家庭課"
WHY = "在宅酸素を使っています"
#: What would tell why a family came, or that it came otherwise than any other.
ORIGIN = (SENDER, "面談の場", "紹介", WHY, "支援が必要", "優先", "残してある", "見守り")


@dataclass(frozen=True)
class World:
    """A nursery with three bookings of one morning: referred, first by its own word, any other."""

    site: Site
    director: Actor
    plain: Actor
    nurse: Actor
    row: Referral
    first: Actor
    other: Actor


def let_know(director: Actor, worker: Actor, *, knows: bool) -> None:
    with acting_as(director), transaction() as session:
        (of,) = (m for m in members(session, director) if m.user_id == worker.user_id)
        staff.let_know(session, of, knows=knows, actor=director)


def goes_first(director: Actor, family: Actor, *, until: date | None = None) -> uuid.UUID:
    assert family.family_id is not None
    now = clock.now()
    with acting_as(director), transaction() as session:
        return service.give(
            session,
            family.family_id,
            PriorityKind.DISABILITY,
            WHY,
            until or clock.today(now) + timedelta(days=90),
            actor=director,
            now=now,
        ).id


def call(visitor: Visitor, site: Site, family: Actor, day: date = DAY, **more: str) -> Page:
    url = f"/office/bookings/new?family={family.family_id}"
    return visitor.submit(url, {**wished(family, site, day=day, **RECEIPT), **more})


@pytest.fixture
def world(app: Flask) -> World:
    city = make_organisation(SENDER, OrganisationKind.MUNICIPALITY)
    nurse = make_worker("鈴木 ゆう", city, "liaison")
    site = make_site("ひまわり園", places=3)
    director = make_worker("園田 えん", site.organisation_id, "director")
    plain = make_worker("新田 ひら", site.organisation_id, "staff")
    let_know(director, plain, knows=False)
    keep(site, 2)
    row = on_the_spot(nurse, site)
    at_desk = Visitor(app, nurse)
    assert sure(at_desk, first_offer(at_desk.get(places_of(row)))).status == 303
    other = make_guardian("ほかの 母", children=("ほか 子",))
    take(other, stay_for(site, *mine(other), DAY))
    first = make_guardian("先の 母", children=("先の 子",))
    for family in (first, other):
        accept(site, family, mine(family)[1])
    return World(site, director, plain, nurse, row, first, other)


#: Ids and days in addresses: pages that differ by these alone are of one kind.
_NAMED = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_OF_A_KIND = 3


def reached(
    visitor: Visitor, starts: list[str], *, within: tuple[str, ...], most: int = 90
) -> dict[str, str]:
    """Open every page that a person comes to by links; calendars by some of their days."""
    found: dict[str, str] = {}
    alike: Counter[str] = Counter()
    waiting = deque(starts)
    while waiting and len(found) < most:
        url = waiting.popleft()
        path = urlsplit(url).path
        kind = _NAMED.sub("_", path)
        if url in found or alike[kind] >= _OF_A_KIND or not path.startswith(within):
            continue
        alike[kind] += 1
        answer = visitor.client.get(url)
        if answer.status_code in {301, 302, 303}:
            waiting.append(answer.headers["Location"])
            continue
        is_text = answer.mimetype in {"text/html", "text/csv", "text/calendar"}
        found[url] = answer.get_data(as_text=True) if is_text else ""
        if answer.mimetype == "text/html":
            links = re.findall(r'href="([^"#]+)', found[url])
            waiting.extend(unescape(link) for link in links if link.startswith("/"))
    return found


def told_in(pages: dict[str, str], words: tuple[str, ...] = ORIGIN) -> dict[str, list[str]]:
    return {url: said for url, html in pages.items() if (said := [w for w in words if w in html])}


@pytest.mark.proves("R25")
def test_a_family_that_goes_first_gets_the_place_that_was_kept(app: Flask, world: World) -> None:
    site, office = world.site, Visitor(app, world.director)
    assert counts(site, DAY) == (3, 0, 1)
    assert call(office, site, world.first).status == 409, "only a kept one is left"
    goes_first(world.director, world.first)
    new = office.get(f"/office/bookings/new?family={world.first.family_id}")
    assert "残してある枠も使う" in new.text
    plain = Visitor(app, world.plain)
    assert (
        "残してある枠" not in plain.get(f"/office/bookings/new?family={world.first.family_id}").text
    )
    assert call(plain, site, world.first, with_kept="y").status == 409, (
        "her tick counts for nothing"
    )
    done = call(office, site, world.first, with_kept="y")
    assert done.status == 303, done.text
    assert counts(site, DAY) == (3, 0, 0)
    assert "優先するわけを見る" in office.get(done.location).text
    with acting_as(site.owner) as session:
        kept = session.scalars(select(Booking).where(Booking.family_id == world.first.family_id))
        (booking,) = kept
        assert (booking.priority_id is not None, booking.overruled) == (True, {})
    with acting_as(world.first), transaction() as session:
        assert release_places(session, [booking.id]) == (booking.id,)
    assert counts(site, DAY) == (3, 0, 1), "given back to such families, not to everybody"


@pytest.mark.proves("R25")
def test_only_its_own_staff_name_a_priority_that_holds(world: World) -> None:
    site, first = world.site, world.first
    until = clock.today(clock.now()) + timedelta(days=20)
    priority_id = goes_first(world.director, first, until=until)
    stay = replace(stay_for(site, *mine(first), DAY), priority_id=priority_id)
    for actor in (first, replace(world.plain, knows_support=False)):
        with pytest.raises(ProgrammingError):
            take(actor, stay)
    with pytest.raises(ProgrammingError):
        take(
            world.director,
            replace(stay, family_id=mine(world.other)[0], child_id=mine(world.other)[1]),
        )
    late = next_open_day(weeks=4)
    with pytest.raises(ProgrammingError):
        take(world.director, replace(stay_for(site, *mine(first), late), priority_id=priority_id))
    taken = take(world.director, stay)
    assert isinstance(taken, Taken)
    with acting_as(world.director), transaction() as session:
        assert first.family_id is not None
        service.end(session, first.family_id, actor=world.director, now=clock.now())
    later = next_open_day(weeks=3)
    again = replace(
        stay_for(site, *mine(first), later, replaces=taken.bookings[0]), priority_id=priority_id
    )
    assert isinstance(take(first, again), Taken), "what she has she may move herself"
    assert counts(site, later)[2] == 1


@pytest.mark.proves("R25")
def test_why_is_read_by_few_and_each_reading_leaves_a_trace(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    priority_id = goes_first(world.director, world.first)
    url = f"/office/families/{world.first.family_id}/priority"
    assert Visitor(app, world.plain).get(url).status == 403
    with acting_as(replace(world.plain, knows_support=False)) as session:
        assert session.scalars(select(Priority)).all() == [], "nor by any other way"
        assert session.scalars(select(ReferralItem)).all() == []
    traces: list[tuple[object, ...]] = []
    monkeypatch.setattr(queries, "record_read", lambda _session, *what: traces.append(what))
    assert WHY in Visitor(app, world.director).get(url).text
    ((actor, what, subject),) = traces
    assert (actor, what, subject) == (world.director, "priority", priority_id)
    stranger = make_worker("よその 長", make_site("よその園").organisation_id, "director")
    assert Visitor(app, stranger).get(url).status == 404


@pytest.mark.proves("R25")
def test_no_page_of_plain_staff_or_parents_tells_it(app: Flask, world: World) -> None:
    goes_first(world.director, world.first)
    office = Visitor(app, world.director)
    assert call(office, world.site, world.first, with_kept="y").status == 303
    with acting_as(world.site.owner) as session:
        groups = session.scalars(select(Booking.group_id)).all()
        families = set(session.scalars(select(Booking.family_id)))
    starts = [
        "/office/",
        f"/office/facilities/{world.site.facility_id}/board?day={DAY}",
        f"/office/bookings/?day={DAY}",
        *(f"/office/bookings/{group}" for group in groups),
        *(f"/office/families/{family}" for family in families),
    ]
    staffs = ("/office", "/notices", "/day-sheets", "/calendars", "/grounds", "/provisions", "/my")
    seen = reached(Visitor(app, world.plain), starts, within=staffs)
    assert len(seen) > 60
    told = told_in(seen)
    # Whom to call about a worry is the same public list beside every family.
    lists = {tuple(told.pop(url)) for url in [*told] if url.endswith("/worry")}
    assert (told, lists) == ({}, {(SENDER,)})
    starts.insert(0, f"/office/families/{world.first.family_id}/priority")
    control = told_in(reached(office, starts, within=staffs, most=20), (SENDER, WHY))
    assert {word for words in control.values() for word in words} == {SENDER, WHY}
    for parent in (world.other, None):
        pages = reached(
            Visitor(app, parent) if parent else Visitor(app),
            ["/my/", "/facilities", f"/facilities/{world.site.facility_id}"],
            within=("/my", "/facilities", "/calendars"),
            most=25,
        )
        assert len(pages) > 5
        assert told_in(pages) == {}


@pytest.mark.proves("R25")
def test_kept_places_are_given_to_everybody_at_the_hour_set(app: Flask, world: World) -> None:
    site, now = world.site, clock.now()
    ahead = (DAY - clock.today(now)).days
    url = f"/office/facilities/{site.facility_id}/places/kept"
    assert Visitor(app, world.plain).get(url).status == 403
    week = {f"day_{n}": "2" for n in range(7)}
    fields = {**week, "until_days": str(ahead), "until_cell": "23:30"}
    assert Visitor(app, world.director).submit(url, fields).status == 303
    last = clock.at(clock.today(now), time(23, 30))
    expected = (3, 0, 1) if now < last else (3, 1, 0)
    assert counts(site, DAY) == expected
    with acting_as(site.owner), transaction() as session:
        facility = session.get_one(Facility, site.facility_id)
        facility.kept_until_cell = 1
    give_to_everybody(clock.at(clock.today(now), time(0, 10)))
    assert counts(site, DAY) == expected, "before its moment nothing is given"
    give_to_everybody(max(now, clock.at(clock.today(now), time(0, 31))))
    assert counts(site, DAY) == (3, 1, 0)


@pytest.mark.proves("R25")
def test_who_need_not_know_calls_a_family_that_did_not_come(
    app: Flask, hinata: Site, tanaka: Actor, suzuki: Actor
) -> None:
    referred = cases.refer(suzuki, hinata, tanaka)
    case_id = cases.missing(hinata, tanaka, referred=referred)
    director = make_worker("園田 えん", hinata.organisation_id, "director")
    plain = make_worker("新田 ひら", hinata.organisation_id, "staff")
    let_know(director, plain, knows=False)
    visitor, where = Visitor(app, plain), f"/office/cases/{case_id}"
    page = visitor.get(where)
    assert "電話して、結果を押す" in page.text
    for words in ("みほん市", "紹介", "知らせ"):
        assert words not in page.text.replace("お知らせ", "")
    told = {"result": "reached_well", "channel": "phone"}
    assert visitor.submit(f"{where}/result", told, form_page=where).status == 303
    assert "園長か担当の職員が続けます" in visitor.get(where).text
    assert visitor.get(f"{where}/report").status == 403
    whole = Visitor(app, director).get(where).text
    assert "から紹介されたご家庭です" in whole
    assert "への自動の知らせは、送っていません" in whole, "no consent names it"


@pytest.mark.proves("R25")
def test_mails_about_referrals_go_to_those_who_need_to_know(world: World) -> None:
    with acting_as(world.nurse) as session:
        readers = set(referrals.readers(session, world.row, world.site.organisation_id))
    assert world.director.user_id in readers
    assert world.plain.user_id not in readers
