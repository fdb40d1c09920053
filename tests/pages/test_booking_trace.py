"""A booking keeps what became of it, and a page opened before that does not overwrite it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.bookings.rules import BookingChangeRefusal, BookingState
from portal.bookings.service import cancel_booking, change_booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.cancel import WaivedReason
from tests.factories.people import children_of
from tests.factories.places import Site, accept
from tests.pages.test_booking_office import DAY, RECEIPT, family
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

__all__ = ["family"]


def times(days_later: int, start: str, end: str) -> dict[str, object]:
    day = DAY + timedelta(days=days_later)
    parts = {"day-year": day.year, "day-month": day.month, "day-day": day.day}
    return {**parts, "start": start, "end": end, **RECEIPT}


@pytest.mark.proves("J7")
def test_a_page_opened_before_a_change_does_not_overwrite_it(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office, url = Visitor(app, sato), f"/office/bookings/{placed.group_id}"
    old, leaving = office.get(f"{url}/change"), office.get(f"{url}/cancel")
    first = {"once": old.field("once"), "seen": old.field("seen"), **times(1, "13:00", "15:00")}
    assert office.post(f"{url}/change", first).status == 303
    second = {"seen": old.field("seen"), **times(2, "9:00", "11:00")}
    refused = office.post(f"{url}/change", second)
    assert refused.status == 409
    assert "この予約は、画面を開いているあいだに変わりました" in refused.text
    assert {b.day for b in bookings_of(sato)} == {DAY + timedelta(days=1)}
    stale = {"seen": leaving.field("seen"), "because": "", **RECEIPT}
    stale["children"] = str(children_of(family)[0].id)
    assert office.post(f"{url}/cancel", stale).status == 409
    assert len({b.state for b in bookings_of(sato)}) == 1
    # Seen as it is now, the same wish is done.
    again = office.post(f"{url}/change", {**second, "seen": refused.field("seen")})
    assert again.status == 303
    assert "日時を変えました" in office.get(url).text


def test_a_family_is_told_that_its_booking_moved_meanwhile(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    mother, url = Visitor(app, family), f"/my/bookings/{placed.group_id}"
    old = mother.get(f"{url}/change")
    wish = {"seen": old.field("seen"), **times(2, "9:00", "11:00")}
    sure = mother.post(f"{url}/change", wish)
    office = Visitor(app, sato)
    assert office.submit(f"{url.replace('/my', '/office')}/change", times(1, "9:00", "11:00"))
    fee = {"agreed_fee": sure.field("agreed_fee"), "sure": "1"}
    told = mother.post(f"{url}/change", {**wish, **fee, "seen": sure.field("seen")})
    assert told.status == 303
    assert "画面を開いているあいだに変わりました" in mother.get(url).text
    assert {b.day for b in bookings_of(sato)} == {DAY + timedelta(days=1)}


@pytest.mark.proves("J7")
def test_a_family_does_not_cancel_what_moved_meanwhile(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    mother, url = Visitor(app, family), f"/my/bookings/{placed.group_id}"
    old = mother.get(f"{url}/cancel")
    office = Visitor(app, sato)
    assert office.submit(f"/office/bookings/{placed.group_id}/change", times(1, "9:00", "11:00"))
    everybody = [str(child.id) for child in children_of(family)]
    wish = {"children": everybody, "seen": old.field("seen")}
    told = mother.post(f"{url}/cancel", wish)
    assert told.status == 409
    assert "この予約は、画面を開いているあいだに変わりました" in told.text
    assert not any(b.state is BookingState.CANCELLED for b in bookings_of(sato))
    # Seen as it is now, it is cancelled.
    assert mother.post(f"{url}/cancel", {**wish, "seen": told.field("seen")}).status == 303


def test_the_services_refuse_what_was_seen_before(hinata: Site, family: Actor, sato: Actor) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    span, now = wish_of(family, hinata, DAY + timedelta(days=1)).span, clock.now()
    for do in (
        lambda session: change_booking(
            session, placed.group_id, span, actor=sato, now=now, received_at=now, seen=7
        ),
        lambda session: cancel_booking(session, placed.group_id, actor=sato, now=now, seen=7),
    ):
        with acting_as(sato), pytest.raises(Refusal) as refusal, transaction() as session:
            do(session)
        (reason,) = refusal.value.reasons
        assert reason.code is BookingChangeRefusal.MOVED_MEANWHILE


def test_what_is_cancelled_already_is_said(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office, url = Visitor(app, sato), f"/office/bookings/{placed.group_id}"
    old = office.get(f"{url}/cancel")
    with acting_as(family), transaction() as session:
        cancel_booking(session, placed.group_id, actor=family, now=clock.now())
    said = "この予約は、もう取り消してあります"
    for page in ("cancel", "change"):
        sent = office.post(f"{url}/{page}", {"once": old.field("once"), **RECEIPT})
        assert sent.status == 409
        assert said in sent.text
        assert office.get(f"{url}/{page}").status == 303
        assert said in office.get(url).text


@pytest.mark.proves("J7")
def test_a_booking_says_who_was_cancelled_by_whom_when_and_why(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office, url = Visitor(app, sato), f"/office/bookings/{placed.group_id}"
    assert "予約のあとにあったこと" not in office.get(url).text
    hana, riku = children_of(family)
    with acting_as(sato), transaction() as session:
        cancel_booking(
            session,
            placed.group_id,
            actor=sato,
            now=clock.now(),
            child_ids=[riku.id],
            because=WaivedReason.ILLNESS,
        )
    page = office.get(url).text
    assert "まで無料です" in page, "Hana's part can still be cancelled"
    said = page.partition("予約のあとにあったこと")[2]
    for words in (riku.name, "佐藤", "病気・けが"):
        assert str(words) in said
    assert str(hana.name) not in said
    with acting_as(family), transaction() as session:
        cancel_booking(session, placed.group_id, actor=family, now=clock.now())
    gone = office.get(url).text
    assert "保護者が、画面から" in gone
    assert "まで無料です" not in gone, "nothing is left to cancel"


def test_a_refusal_names_the_own_booking_in_the_way_and_leads_to_it(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    refused = office.submit(url, wished(family, hinata, **RECEIPT))
    assert refused.status == 409
    assert f'href="/office/bookings/{placed.group_id}"' in refused.html
    assert "その予約を見る" in refused.text


def test_another_providers_booking_in_the_way_is_not_told(
    app: Flask, hinata: Site, midori: Site, family: Actor, yamada: Actor
) -> None:
    place(family, wish_of(family, hinata, DAY))
    for child in children_of(family):
        accept(midori, family, child.id)
    url = f"/office/bookings/new?family={family.family_id}"
    refused = Visitor(app, yamada).submit(url, wished(family, midori, **RECEIPT))
    assert "同じ時間にほかの予約があります" in refused.text
    assert "その予約を見る" not in refused.text


def test_the_most_frequent_reason_stands_first_and_any_other_is_chosen(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    page = Visitor(app, sato).get(f"/office/bookings/{placed.group_id}/cancel")
    reasons = page.html.partition("取り消しの理由")[2].partition("</fieldset>")[0]
    order = [reasons.index(f'value="{value}"') for value in ("illness", "closed_by_facility", "")]
    assert order == sorted(order)
    assert 'value="" checked' in reasons
