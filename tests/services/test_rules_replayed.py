"""A month decided again by other rules, on the facts of then where they are known."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from portal.bookings.queries.replay import Again, booked, count_booked, decided_again
from portal.bookings.replaying import Turn
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.policies.reasons import BookingRefusal
from portal.slots.opening import facility_calendar
from tests.database import TestServer
from tests.factories import people
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.rules import rules_with
from tests.services.test_take_places import mine, stay_for, take

FIRST, LAST = next_open_day(1), next_open_day(5)


def booked_family(site: Site, name: str, *weeks: int) -> Actor:
    """A family with a registered child, booked for Wednesdays in this order."""
    mother = people.make_guardian(name, children=(f"{name}の子",))
    accept(site, mother, mine(mother)[1])
    for week in weeks:
        day = next_open_day(week)
        take(mother, stay_for(site, *mine(mother), day, start=time(9), end=time(12)))
    return mother


def again(site: Site, document: RulesDocument) -> list[Again]:
    with acting_as(site.owner) as session:
        groups = booked(session, site.programme_id, FIRST, LAST, actor=site.owner, limit=100)
        calendar = facility_calendar(session, site.facility_id, FIRST)
        return decided_again(session, groups, document, calendar, actor=site.owner)


def refused(found: list[Again]) -> dict[date, set[Any]]:
    return {
        each.group.span.day: {reason.code for reason in each.replayed.against}
        for each in found
        if Turn.REFUSED in each.replayed.turns
    }


def two_days() -> dict[str, Any]:
    return {
        "metric": "days",
        "amount": 2,
        "period": "dates",
        "first_day": f"{FIRST}",
        "last_day": f"{LAST}",
    }


@pytest.mark.usefixtures("emptied")
def test_days_used_count_as_they_stood_when_each_stay_was_booked() -> None:
    site = make_site("ひなた保育園")
    booked_family(site, "秋山 ふみ", 3, 1, 2)
    found = refused(again(site, rules_with(caps=[two_days()])))
    assert found == {next_open_day(2): {BookingRefusal.CAP_REACHED}}, "the one booked last"


@pytest.mark.usefixtures("emptied")
def test_other_rules_change_fee_and_deadline_and_the_same_change_nothing() -> None:
    site = make_site("ひなた保育園")
    booked_family(site, "秋山 ふみ", 1)
    assert [each.replayed.turns for each in again(site, rules_with())] == [()]
    cancel = {"free_until": {"days": 2, "at": "17:00"}}
    [changed] = again(site, rules_with(cancel=cancel, fee=None))
    assert set(changed.replayed.turns) == {Turn.FEE, Turn.DEADLINE, Turn.LATE_FEE}
    assert changed.replayed.after.fee.total_yen == 0
    until = changed.replayed.after.cancel_until
    assert until is not None
    assert until.date() == FIRST - timedelta(days=2)


def test_what_staff_set_aside_is_freed_where_the_draft_no_longer_asks(
    emptied: Engine, server: TestServer
) -> None:
    site = make_site("ひなた保育園")
    mother = people.make_guardian("秋山 ふみ", children=("秋山 りく",))
    with acting_as(mother), transaction() as session:
        session.execute(text("SELECT open_family_to(:of)"), {"of": site.organisation_id})
    take(mother, stay_for(site, *mine(mother), FIRST, start=time(9), end=time(12)))
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        aside = '{"codes": ["not_registered"], "because": "-"}'
        connection.execute(text("UPDATE bookings SET overruled = :aside"), {"aside": aside})
    admin.dispose()
    [freed] = again(site, rules_with(registration=None))
    assert freed.replayed.turns == (Turn.FREED,)
    assert [reason.code for reason in freed.replayed.freed] == [BookingRefusal.NOT_REGISTERED]


def test_families_that_left_are_counted_and_not_read(emptied: Engine, server: TestServer) -> None:
    site = make_site("ひなた保育園")
    booked_family(site, "秋山 ふみ", 1)
    booked_family(site, "冬木 さち", 1)
    left = booked_family(site, "春野 なつ", 1)
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        connection.execute(
            text("UPDATE family_access SET until_at = now() WHERE family_id = :family"),
            {"family": left.family_id},
        )
    admin.dispose()
    found = again(site, rules_with(caps=[two_days()]))
    assert len(found) == 2
    with acting_as(site.owner) as session:
        total = count_booked(session, site.programme_id, FIRST, LAST, actor=site.owner)
    assert total == 3
    stranger = make_site("よその園").owner
    with acting_as(stranger) as session:
        assert count_booked(session, site.programme_id, FIRST, LAST, actor=stranger) == 0


def test_many_bookings_cost_no_more_reads_than_few(emptied: Engine) -> None:
    site = make_site("ひなた保育園", places=30)
    document = rules_with(caps=[two_days()])
    counts = []
    for number in range(2):
        for each in range(1 + 5 * number):
            booked_family(site, f"家庭 {number}{each}", 1, 2)
        again(site, document)  # the documents themselves are read once and kept
        statements: list[str] = []

        def seen(_c: Any, _u: Any, sql: str, *_more: Any, into: list[str] = statements) -> None:
            into.append(sql)

        event.listen(emptied, "before_cursor_execute", seen)
        assert again(site, document)
        event.remove(emptied, "before_cursor_execute", seen)
        counts.append(len(statements))
    assert counts[0] == counts[1]
