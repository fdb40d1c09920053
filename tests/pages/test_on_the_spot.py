"""Booking in the interview over its pages, and what the nursery and other families see of it."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta
from html import unescape

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.bookings.models import Booking
from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.referrals import offers as offering
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.offers import Offer, offers
from portal.referrals.receivers import Receiver
from tests.factories.cases import body_of
from tests.factories.keeping import keep, on_the_spot
from tests.factories.people import make_guardian, make_liaison, make_worker
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.referring import agreed, drafted, interviewed, sent
from tests.factories.support import make_center
from tests.pages.visit import Page, Visitor
from tests.services.test_kept_places import counts, take
from tests.services.test_take_places import mine, stay_for

DAY = next_open_day(weeks=2)


def places_of(row: Referral, day: date = DAY) -> str:
    asked = "&".join(f"from_on-{part}={getattr(day, part)}" for part in ("year", "month", "day"))
    look = f"look=1&{asked}&start=9:00&end=12:00&purpose=respite"
    return f"/liaison/referrals/{row.id}/places?{look}"


def first_offer(page: Page) -> str:
    found = re.search(r'href="(/liaison/referrals/[^"]+/places/book[^"]+)"', page.html)
    assert found, page.text
    return unescape(found.group(1))


def sure(nurse: Visitor, link: str) -> Page:
    shown = nurse.get(link)
    assert shown.status == 200, shown.text
    fields = {name: shown.field(name) for name in ("once", "agreed_fee", "seen")}
    return nurse.post(link, fields)


@pytest.mark.proves("R14", "R15", "J4")
def test_a_nurse_books_for_the_family_beside_her(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    keep(site, 1)
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    page = nurse.get(places_of(row))
    assert "紹介のご家庭のために残した枠" in page.text
    assert re.search("料金 [0-9,]+円.*無料", page.text), "told before any button"
    answer = sure(nurse, first_offer(page))
    assert answer.status == 303
    booked = nurse.get(answer.location)
    assert "面談の場で予約" in booked.text
    assert counts(site, DAY) == (2, 1, 0)
    with acting_as(site.owner) as session:
        booking = session.scalars(select(Booking)).one()
        assert booking.overruled["codes"] == ["not_registered"]
    carer = make_worker("佐藤 けい", site.organisation_id, "staff")
    staff = Visitor(app, carer).get(f"/office/bookings/{booking.group_id}")
    assert "面談の場で予約" in staff.text
    assert "もとの紹介を見る" in staff.text
    assert "面談の場で予約しました" in nurse.get(f"/liaison/referrals/{row.id}").text


@pytest.mark.proves("R14", "J4")
def test_who_gets_no_mail_takes_the_booking_home_on_paper(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    keep(site, 1)
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    shown = sure(nurse, first_offer(nurse.get(places_of(row)))).location
    page = nurse.get(shown)
    assert "印刷して、わたしてください" in page.text
    paper = f"{shown}/sheet.pdf"
    assert paper in page.html
    answer = nurse.get(paper).response
    assert answer.data.startswith(b"%PDF")
    (leaf,) = PdfReader(io.BytesIO(answer.data)).pages
    said = leaf.extract_text()
    for words in (
        "ひまわり園",
        "9:00",
        "高橋 そら",
        "高橋 あかり",
        "まで無料です",
    ):
        assert words in said, said
    other = make_liaison("となりの市")
    assert Visitor(app, other).get(paper).status == 404
    fields = {name: page.field(name) for name in ("once", "agreed_fee")}
    nurse.post(f"{shown}/cancel", fields)
    assert nurse.get(paper).location == shown, "nothing stands to be printed"
    assert "sheet.pdf" not in nurse.get(shown).html


@pytest.mark.proves("R14")
def test_moving_and_cancelling_in_the_interview(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=1)
    keep(site, 1)
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    shown = sure(nurse, first_offer(nurse.get(places_of(row)))).location
    group = shown.rsplit("/", 1)[-1]
    later = next_open_day(weeks=3)
    moved = sure(nurse, first_offer(nurse.get(f"{places_of(row, later)}&group={group}")))
    assert moved.status == 303
    assert counts(site, DAY) == (1, 0, 1)
    assert counts(site, later) == (1, 0, 0)
    page = nurse.get(moved.location)
    fields = {name: page.field(name) for name in ("once", "agreed_fee")}
    gone = nurse.post(f"{shown}/cancel", fields)
    assert gone.status == 303
    assert counts(site, later) == (1, 0, 1)


@pytest.mark.parametrize("hours", [(18, 18), (20, 18), (-1, 6), (18, 99), (18, 10**9)])
def test_hours_that_no_day_has_lead_back_to_the_times(
    app: Flask, suzuki: Actor, hours: tuple[int, int]
) -> None:
    site = make_site("ひまわり園")
    row = on_the_spot(suzuki, site)
    start, end = hours
    asked = f"programme={site.programme_id}&day={DAY}&start={start}&end={end}&purpose=respite"
    answer = Visitor(app, suzuki).get(f"/liaison/referrals/{row.id}/places/book?{asked}")
    assert answer.status == 303
    assert answer.location.endswith("/places")


@pytest.mark.proves("R14")
def test_what_was_cancelled_is_not_moved(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=1)
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    shown = sure(nurse, first_offer(nurse.get(places_of(row)))).location
    moving = f"{places_of(row)}&group={shown.rsplit('/', 1)[-1]}"
    assert nurse.get(moving).status == 200
    page = nurse.get(shown)
    nurse.post(f"{shown}/cancel", {name: page.field(name) for name in ("once", "agreed_fee")})
    assert nurse.get(moving).status == 404


@pytest.mark.proves("R14", "P7")
def test_the_body_that_received_a_referral_books_nothing_for_it(app: Flask, suzuki: Actor) -> None:
    center = make_center("みほんセンター")
    of = interviewed(suzuki, due_in=None)
    row = drafted(suzuki, of, body_of(center))
    agreed(suzuki, of.family_id, body_of(center))
    sent(suzuki, row.id)
    visitor = Visitor(app, center)
    with acting_as(center) as session:
        assert queries.referral(session, row.id, actor=center).id == row.id, "it reads that it came"
    assert visitor.get(places_of(row)).status == 404
    assert visitor.get(places_of(row).replace("/places?", "/places/book?")).status == 404


@pytest.mark.proves("R14", "P1")
def test_who_comes_too_late_is_told_the_truth_and_shown_the_next_times(
    app: Flask, suzuki: Actor
) -> None:
    site = make_site("ひまわり園", places=1)
    keep(site, 1)
    row, quicker = on_the_spot(suzuki, site), on_the_spot(suzuki, site, name="森 ゆき")
    nurse = Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    shown = nurse.get(link)
    assert sure(nurse, first_offer(nurse.get(places_of(quicker)))).status == 303
    late = nurse.post(link, {name: shown.field(name) for name in ("once", "agreed_fee", "seen")})
    assert late.status == 409
    assert "予約できませんでした" in late.text
    assert "満員です" in late.text
    assert sure(nurse, first_offer(late)).status == 303


@pytest.mark.proves("R14", "R11")
def test_without_the_third_agreement_the_page_says_so(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    of = interviewed(suzuki, due_in=None)
    row = drafted(suzuki, of, hinata)
    agreed(suzuki, of.family_id, hinata.organisation_id)
    sent(suzuki, row.id)
    page = Visitor(app, suzuki).get(places_of(row))
    assert "同意3" in page.text
    assert "/places/book" not in page.html


def test_brothers_and_sisters_go_as_one_unit(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=3)
    of = interviewed(suzuki, due_in=None)
    with acting_as(suzuki), transaction() as session:
        families.add_child(
            session,
            of.family_id,
            ChildDetails("高橋 りん", born_on=date(2022, 5, 1)),
            actor=suzuki,
            now=clock.now(),
        )
    row = drafted(suzuki, of, site)
    agreed(suzuki, of.family_id, site.organisation_id, *SharingPurpose)
    sent(suzuki, row.id)
    first = offers_of(suzuki, row.id)[0]
    assert len(first.quote.file.children) == 2
    for n in range(2):  # one place is left on that day
        mother = make_guardian(f"母{n}", children=(f"子{n}",))
        take(mother, stay_for(site, *mine(mother), first.span.day))
    left = {each.span for each in offers_of(suzuki, row.id)}
    assert left
    assert not any(each.overlaps(first.span) for each in left), "one place is not enough for two"


@pytest.mark.proves("R14")
def test_where_a_child_is_too_young_a_kept_place_is_not_asked_first(
    suzuki: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, beside = make_site("ひまわり園"), make_site("つき園")
    keep(beside, 1)
    row = on_the_spot(suzuki, named)
    (child,) = row.child_ids
    far = clock.today(clock.now()) + timedelta(days=300)

    def two_of_one_provider(*_: object, **__: object) -> list[Receiver]:
        ours, takes = named.organisation_id, (child,)
        return [
            Receiver(ours, "ひまわり園", named.facility_id, takes=takes),
            Receiver(ours, "つき園", beside.facility_id, takes=takes, from_days=((child, far),)),
        ]

    monkeypatch.setattr(offering, "facilities_for", two_of_one_provider)
    monkeypatch.setattr(offering, "_MOST_ASKED", 1)
    assert [each.facility_id for each in offers_of(suzuki, row.id)] == [named.facility_id]


def offers_of(actor: Actor, referral_id: uuid.UUID) -> tuple[Offer, ...]:
    with acting_as(actor), transaction() as session:
        row = session.get_one(Referral, referral_id)
        return offers(session, row, actor=actor, now=clock.now()).rows


@pytest.mark.proves("R14")
def test_ages_and_closed_days_are_never_overruled(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園")
    row, nurse = on_the_spot(suzuki, site), Visitor(app, suzuki)
    link = first_offer(nurse.get(places_of(row)))
    sunday = DAY + timedelta(days=6 - DAY.weekday())
    closed = nurse.get(re.sub(r"day=[-0-9]+", f"day={sunday}", link))
    assert closed.status == 409
    baby = interviewed(suzuki, due_in=None, born_on=clock.today(clock.now()) - timedelta(days=20))
    young = drafted(suzuki, baby, site)
    agreed(suzuki, baby.family_id, site.organisation_id, *SharingPurpose)
    sent(suzuki, young.id)
    early = nurse.get(link.replace(str(row.id), str(young.id)))
    assert early.status == 409
    assert "受け入れは" in early.text or "から" in early.text


@pytest.mark.proves("P7")
def test_other_bodies_and_families_see_nothing_of_it(
    app: Flask, suzuki: Actor, tanaka: Actor, hinata: Site
) -> None:
    row, nurse = on_the_spot(suzuki, hinata), Visitor(app, suzuki)
    accept(hinata, tanaka, mine(tanaka)[1])
    shown = sure(nurse, first_offer(nurse.get(places_of(row)))).location
    stranger = Visitor(app, make_liaison("隣の市"))
    assert stranger.get(places_of(row)).status == 404
    assert stranger.get(shown).status == 404
    group = shown.rsplit("/", 1)[-1]
    assert Visitor(app, tanaka).get(f"/my/bookings/{group}").status == 404
