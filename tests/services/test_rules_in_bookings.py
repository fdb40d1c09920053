"""Rules that ask about the past and the home, in real bookings: refused, and passed once known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from portal.bookings.queries.quotes import quote
from portal.bookings.rules import Wish
from portal.bookings.service import change_booking
from portal.db.session import acting_as, transaction
from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.reasons import BookingRefusal
from tests.factories.places import Site, accept, make_site
from tests.services.test_caps_held import later, limited
from tests.services.test_home_facts import write
from tests.services.test_place_booking import bookings_of, place, refused, wish_of
from tests.services.test_take_places import mine

R = BookingRefusal
ONE_A_MONTH = {"metric": "days", "amount": 1, "period": "fiscal_year"}


@pytest.fixture
def registered(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


def under(site: Site, **rules: Any) -> Site:
    return limited(site, *rules.pop("caps", ()), **rules)


def wished(actor: Actor, site: Site, number: int = 0, **changes: Any) -> Wish:
    return wish_of(actor, site, later(number + 1)[number], **changes)


@pytest.mark.proves("J9")
def test_the_stay_above_a_limit_is_refused_and_says_why(hinata: Site, registered: Actor) -> None:
    site = under(hinata, caps=[ONE_A_MONTH])
    place(registered, wished(registered, site))
    against = refused(registered, wished(registered, site, 1))
    assert against.codes == (R.CAP_REACHED,)
    [reason] = against.reasons
    assert (reason.values["limit"], reason.values["used"]) == ((1, "days"), (1, "days"))


def test_a_day_elsewhere_counts_and_is_not_named(hinata: Site, registered: Actor) -> None:
    there = make_site("となりの園")
    accept(there, registered, mine(registered)[1])
    place(registered, wished(registered, there))
    everywhere = {**ONE_A_MONTH, "scope": "everywhere", "all_programmes": True}
    against = refused(registered, wished(registered, under(hinata, caps=[everywhere]), 1))
    assert against.codes == (R.CAP_REACHED,)
    assert "となりの園" not in str(against.reasons)


def test_staff_set_a_limit_aside_with_a_reason(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    site = under(hinata, caps=[ONE_A_MONTH])
    place(registered, wished(registered, site))
    more = wished(registered, site, 1)
    assert refused(sato, more).codes == (R.CAP_REACHED,)
    allowed = wished(
        registered,
        site,
        1,
        overruled=frozenset({R.CAP_REACHED}),
        overruled_because="お母さんの入院のため",
    )
    place(sato, allowed)
    [_first, second] = sorted(bookings_of(registered), key=lambda booking: booking.day)
    assert second.overruled["codes"] == ["cap_reached"]


def test_whoever_moves_a_stay_has_not_used_it_up(hinata: Site, registered: Actor) -> None:
    site = under(hinata, caps=[ONE_A_MONTH])
    placed = place(registered, wished(registered, site))
    with acting_as(registered), transaction() as session:
        change_booking(
            session,
            placed.group_id,
            wished(registered, site, 1).span,
            actor=registered,
            now=clock.now(),
        )
    [booking] = bookings_of(registered)
    assert booking.day == later(2)[1]


def test_where_a_family_lives_is_asked_once_and_then_known(hinata: Site, registered: Actor) -> None:
    site = under(hinata, residence={"cities": ["みほん市"], "unknown": "refuse"})
    family = mine(registered)[0]
    assert refused(registered, wished(registered, site)).codes == (R.NOT_RESIDENT,)
    write(registered, family, HomeFact(HomeFactKind.CITY, "となり市"))
    assert refused(registered, wished(registered, site)).codes == (R.NOT_RESIDENT,)
    write(registered, family, HomeFact(HomeFactKind.CITY, "みほん市"))
    place(registered, wished(registered, site))


def test_a_gate_opens_with_the_family_s_answer(hinata: Site, registered: Actor) -> None:
    site = under(hinata, gates=[{"code": "walks_alone"}])
    family, child = mine(registered)
    assert refused(registered, wished(registered, site)).codes == (R.GATE_UNANSWERED,)
    for number, code in ((0, R.GATE_NOT_MET), (1, None)):
        gate = HomeFact(HomeFactKind.GATE, "walks_alone", number=number, child_id=child)
        write(registered, family, gate)
        if code:
            assert refused(registered, wished(registered, site)).codes == (code,)
    place(registered, wished(registered, site))


def test_who_is_enrolled_elsewhere_is_refused(hinata: Site, registered: Actor) -> None:
    site = under(hinata, enrolment={"accepts": ["none"]})
    family, child = mine(registered)
    write(registered, family, HomeFact(HomeFactKind.ENROLMENT, "licensed", child_id=child))
    assert refused(registered, wished(registered, site)).codes == (R.ENROLLED_ELSEWHERE,)
    write(registered, family, HomeFact(HomeFactKind.ENROLMENT, "none", child_id=child))
    place(registered, wished(registered, site))


def fee_rule(**more: Any) -> dict[str, Any]:
    return {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]}, **more}


def test_a_paper_that_staff_have_seen_lowers_the_fee(
    hinata: Site, registered: Actor, sato: Actor
) -> None:
    fee = fee_rule(reductions=[{"marks": ["welfare"], "percent": 100, "label": "減免"}])
    site = under(hinata, fee=fee)
    family = mine(registered)[0]
    place(registered, wished(registered, site))
    write(sato, family, HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    place(registered, wished(registered, site, 1))
    first, second = sorted(bookings_of(registered), key=lambda booking: booking.day)
    assert (first.fee_yen, second.fee_yen) == (900, 0)
    assert sum(line["amount_yen"] for line in second.fee_lines) == 0
    assert len(second.fee_lines) == 2


def test_another_provider_s_paper_lowers_nothing(
    hinata: Site, registered: Actor, yamada: Actor
) -> None:
    fee = fee_rule(reductions=[{"marks": ["welfare"], "percent": 100, "label": "減免"}])
    site = under(hinata, fee=fee)
    with acting_as(registered), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": yamada.organisation_id})
    write(yamada, mine(registered)[0], HomeFact(HomeFactKind.MARK, "welfare", is_seen=True))
    with acting_as(hinata.owner), transaction() as session:
        told = quote(session, wished(registered, site), actor=hinata.owner, now=clock.now())
    assert told.decision.fee.total_yen == 900


def statements_of(actor: Actor, site: Site) -> list[str]:
    """What a quote reads of homes and of past use."""
    asked: list[str] = []

    def keep(_conn: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        with acting_as(actor), transaction() as session:
            quote(session, wished(actor, site), actor=actor, now=clock.now())
    finally:
        event.remove(Engine, "before_cursor_execute", keep)
    return [each for each in asked if "home_facts" in each or "uses_of_children" in each]


@pytest.mark.proves("P14")
def test_plain_rules_cost_no_further_statement(hinata: Site, registered: Actor) -> None:
    assert statements_of(registered, hinata) == []
    site = under(hinata, residence={"cities": ["みほん市"]}, caps=[ONE_A_MONTH])
    assert len(statements_of(registered, site)) == 2


@pytest.mark.parametrize(
    "rules",
    [
        {"allocation": {"method": "staff_approval"}},
        {"allocation": {"method": "lottery"}},
        {"allocation": {"method": "provisional"}},
        {"purposes": {"types": [{"code": "respite", "approved_by": "city"}]}},
    ],
)
def test_what_people_decide_no_family_confirms_for_itself(
    hinata: Site, registered: Actor, sato: Actor, rules: dict[str, Any]
) -> None:
    site = under(hinata, **rules)
    assert refused(registered, wished(registered, site)).codes == (R.DECIDED_BY_PEOPLE,)
    place(sato, wished(registered, site))
    assert len(bookings_of(registered)) == 1


def test_days_far_away_do_not_count_in_a_week(hinata: Site, registered: Actor) -> None:
    week = {"metric": "days", "amount": 1, "period": "week"}
    site = under(hinata, caps=[week])
    first, second, third = (wished(registered, site, number) for number in range(3))
    place(registered, first)
    assert refused(registered, second).codes == (R.CAP_REACHED,)
    assert third.span.day - first.span.day == timedelta(days=7)
    place(registered, third)
