"""What is booked is cancelled, moved and charged by the rules laid for its own case."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from portal.attendance import queries as attendance
from portal.attendance.service.words import family_day
from portal.bookings.queries.leaving import cancel_fees, late_fee_now, movable_until, rest_of
from portal.bookings.queries.lists import group
from portal.bookings.queries.quotes import quote
from portal.bookings.service import cancel_booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import at
from portal.kernel.errors import Refusal
from portal.policies.reasons import BookingRefusal
from tests.database import TestServer
from tests.factories.people import children_of, make_child, make_guardian, make_worker
from tests.factories.places import Site, accept, make_site
from tests.services.test_booking_mail import mail
from tests.services.test_caps_held import later, limited
from tests.services.test_home_facts import write
from tests.services.test_place_booking import bookings_of, place, wish_of
from tests.services.test_take_places import mine

HOUR = timedelta(hours=1)
FEE = {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]}}
HALF = {
    "free_until": {"days": 1, "at": "17:00"},
    "late_fee": {"kind": "percent", "percent": 50},
}


@pytest.fixture
def registered(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


def varied(site: Site, when: dict[str, Any], **over: Any) -> Site:
    variant = {"name": "ちがうきまり", "when": when, **over}
    return limited(site, fee=FEE, cancel=HALF, variants=[variant])


def costs(actor: Actor, *, late_by: timedelta = HOUR) -> int:
    [booking] = bookings_of(actor)
    now = booking.starts_at - late_by
    with acting_as(actor), transaction() as session:
        found = group(session, booking.group_id, actor=actor)
        fees = cancel_fees(session, found, found.live, actor=actor, now=now)
        told = late_fee_now(session, found, actor=actor, now=now)
    [fee] = fees.values()
    assert told in (None, fee.amount_yen)
    return fee.amount_yen


@pytest.mark.parametrize(("use", "yen"), [("emergency", 0), ("private", 450)])
def test_the_type_of_use_says_what_leaving_costs(
    hinata: Site, registered: Actor, use: str, yen: int
) -> None:
    free = {"late_fee": {"kind": "none"}}
    site = varied(hinata, {"purposes": ["emergency"]}, cancel=free)
    place(registered, wish_of(registered, site, later(1)[0], use_type=use))
    assert costs(registered) == yen


def test_a_home_s_mark_says_what_leaving_costs(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    free = {"late_fee": {"kind": "none"}}
    site = varied(hinata, {"marks": ["welfare"]}, cancel=free)
    place(registered, wish_of(registered, site, later(1)[0]))
    assert costs(registered) == 450
    write(sato, mine(registered)[0], HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    assert costs(registered) == 0


def test_a_first_stay_stays_the_first(emptied: Engine) -> None:
    """What was booked later makes no second of it."""
    del emptied
    free = {"late_fee": {"kind": "none"}}
    site = varied(make_site("あさの園"), {"first_use": True}, cancel=free)
    mother = make_guardian("母", children=("子",))
    accept(site, mother, mine(mother)[1])
    days = later(2)
    first = place(mother, wish_of(mother, site, days[1]))
    place(mother, wish_of(mother, site, days[0]))
    with acting_as(mother), transaction() as session:
        found = group(session, first.group_id, actor=mother)
        now = found.span.starts_at - HOUR
        fees = cancel_fees(session, found, found.live, actor=mother, now=now)
    assert [fee.amount_yen for fee in fees.values()] == [0]


def test_who_may_cancel_by_itself_goes_by_its_own_rules(hinata: Site, registered: Actor) -> None:
    by_phone = {"late_online": False}
    site = varied(hinata, {"channels": ["web"]}, cancel=by_phone)
    placed = place(registered, wish_of(registered, site, later(1)[0]))
    [booking] = bookings_of(registered)
    with (
        acting_as(registered),
        pytest.raises(Refusal) as caught,
        transaction() as session,
    ):
        cancel_booking(session, placed.group_id, actor=registered, now=booking.starts_at - HOUR)
    assert caught.value.codes == (BookingRefusal.CANCEL_BY_PHONE_ONLY,)


def test_until_when_it_can_be_moved_goes_by_its_own_rules(hinata: Site, registered: Actor) -> None:
    site = varied(
        hinata,
        {"purposes": ["emergency"]},
        cancel={"free_until": {"days": 0, "at": "00:00"}},
        booking_window={"notice_minutes": 24 * 60},
    )
    place(registered, wish_of(registered, site, later(1)[0], use_type="emergency"))
    [booking] = bookings_of(registered)
    with acting_as(registered) as session:
        found = group(session, booking.group_id, actor=registered)
        until = movable_until(session, found, actor=registered)
    assert booking.cancel_until == at(booking.day, time(0))
    assert until == booking.starts_at - timedelta(days=1)


def test_the_late_fee_is_told_by_the_rules_of_each_child(hinata: Site) -> None:
    mother = two_of(hinata)
    site = varied(hinata, {"class_ages": [0]}, cancel={"late_fee": {"kind": "flat", "yen": 100}})
    with acting_as(mother), transaction() as session:
        told = quote(session, wish_of(mother, site, later(1)[0]), actor=mother, now=clock.now())
    assert told.late_fee_yen == 450 + 100


def two_of(site: Site) -> Actor:
    mother = make_guardian("佐藤 みさき", children=("佐藤 はると",), born_on=date(2022, 5, 1))
    make_child(mother, "佐藤 ゆい", born_on=date(2026, 4, 20))
    for child in children_of(mother):
        accept(site, mother, child.id)
    return mother


def test_who_stays_keeps_what_its_home_and_choices_make_of_the_fee(emptied: Engine) -> None:
    del emptied
    home = make_site("あさの園")
    mother, sato = two_of(home), make_worker("職員", home.organisation_id, "director")
    fee = {
        **FEE,
        "siblings": {"second_percent": 50},
        "reductions": [{"marks": ["welfare"], "percent": 20, "label": "減免"}],
        "per_use": [{"label": "給食", "yen": 200, "without_option": "own_lunch"}],
        "items": [{"label": "連絡帳", "yen": 100, "per": "month"}],
    }
    site = limited(home, fee=fee, cancel=HALF)
    write(sato, mine(mother)[0], HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    wish = wish_of(mother, site, later(1)[0], options=frozenset({"own_lunch"}))
    placed = place(mother, wish)
    # Booked later, on another day of the month: it makes nothing cheaper for those who stay.
    place(mother, wish_of(mother, site, later(2)[1], options=frozenset({"own_lunch"})))
    with acting_as(mother), transaction() as session:
        found = group(session, placed.group_id, actor=mother)
        elder, baby = found.live
        rest = rest_of(session, found, [elder], actor=mother, now=clock.now())
        assert rest.was_yen == baby.fee_yen
        assert rest.fee.total_yen == 900 * 80 // 100 + 100
        done = cancel_booking(
            session,
            placed.group_id,
            actor=mother,
            now=clock.now(),
            child_ids=[elder.child_id],
        )
    assert done.rest_yen == 820


def statements(actor: Actor, site: Site) -> list[str]:
    """What cancelling reads of homes and of other stays."""
    [booking] = bookings_of(actor)
    asked: list[str] = []

    def keep(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        with acting_as(actor), transaction() as session:
            found = group(session, booking.group_id, actor=actor)
            now = booking.starts_at - HOUR
            cancel_fees(session, found, found.live, actor=actor, now=now)
            late_fee_now(session, found, actor=actor, now=now)
            movable_until(session, found, actor=actor)
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    del site
    return [each for each in asked if "home_facts" in each or "uses_of_children" in each]


@pytest.mark.proves("P14")
def test_plain_rules_cost_no_further_statement(hinata: Site, registered: Actor) -> None:
    place(registered, wish_of(registered, hinata, later(1)[0]))
    assert statements(registered, hinata) == []


def test_the_mail_tells_what_leaving_costs_this_family(emptied: Engine, server: TestServer) -> None:
    """The worker that writes mails may read what it needs for that."""
    home = make_site("あさの園")
    mother, sato = two_of(home), make_worker("職員", home.organisation_id, "director")
    flat = {"late_fee": {"kind": "flat", "yen": 130}}
    site = varied(home, {"marks": ["welfare"]}, cancel=flat)
    write(sato, mine(mother)[0], HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    placed = place(mother, wish_of(mother, site, later(1)[0]))
    [booking, _other] = bookings_of(mother)
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    before = in_use()
    use(Database(engine, server.secrets))
    try:
        letter = mail(mother, "placed", placed, now=booking.starts_at - HOUR)
    finally:
        use(before)
        engine.dispose()
    assert letter is not None
    assert "いま取り消すと 260円 かかります" in letter.text


def test_who_stays_away_on_the_day_pays_by_its_own_rules(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    flat = {"late_fee": {"kind": "flat", "yen": 130}, "waived": ["illness"]}
    site = varied(hinata, {"marks": ["welfare"]}, cancel=flat)
    write(sato, mine(registered)[0], HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    placed = place(registered, wish_of(registered, site, later(1)[0]))
    with acting_as(registered) as session:
        bookings = attendance.family_group(session, placed.group_id, actor=registered)
        now = bookings[0].starts_at - HOUR
        told = family_day(session, bookings, actor=registered, now=now)
    assert told.fee_yen == 130
    assert told.is_free_for_illness
