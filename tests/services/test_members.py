from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from sqlalchemy import Engine, select

from portal.accounts import links, queries, staff
from portal.accounts.models import Membership
from portal.accounts.rules import KIND_OF, AccountRefusal
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.organisations.rules import OrganisationKind
from tests.factories import people

CONSOLE = Actor(role=Role.OPERATOR)


def end(who: Actor, *, by: Actor) -> list[str]:
    """Return the codes of what is against it; none when it was done."""
    try:
        with acting_as(by), transaction() as session:
            found = session.scalars(
                select(Membership.id).where(
                    Membership.user_id == who.user_id, Membership.ended_at.is_(None)
                )
            ).one()
            staff.end_membership(session, queries.member(session, by, found), actor=by)
    except Refusal as refusal:
        return [str(reason.code) for reason in refusal.reasons]
    return []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.GUARDIAN])
def test_the_last_of_a_role_stays_until_somebody_else_has_it(database: object, role: Role) -> None:
    del database
    body = people.make_organisation("みほんの会", KIND_OF[role])
    first = people.make_worker("ひとり め", body, role.value)
    if role is Role.STAFF:
        assert end(first, by=CONSOLE) == []
        return
    last = AccountRefusal.LAST_DIRECTOR if role is Role.DIRECTOR else AccountRefusal.LAST_OF_ROLE
    assert end(first, by=CONSOLE) == [last]
    second = people.make_worker("ふたり め", body, role.value)
    assert end(first, by=CONSOLE) == []
    assert end(second, by=CONSOLE) == [last]


def test_nobody_ends_herself(database: object) -> None:
    del database
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    one = people.make_worker("運用 たろう", desk, "operator")
    assert end(one, by=one) == [AccountRefusal.ONESELF, AccountRefusal.LAST_OF_ROLE]
    other = people.make_worker("運用 はなこ", desk, "operator")
    assert end(one, by=one) == [AccountRefusal.ONESELF]
    assert end(one, by=other) == []


def test_two_who_end_each_other_at_the_same_moment_take_turns(emptied: Engine) -> None:
    del emptied
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    one, other = (people.make_worker(name, desk, "operator") for name in ("いち", "に"))
    with ThreadPoolExecutor(1) as pool:
        with acting_as(one), transaction() as session:
            found = next(
                each for each in queries.members(session, one) if each.user_id == other.user_id
            )
            staff.end_membership(session, found, actor=one)
            second = pool.submit(end, one, by=other)
            with pytest.raises(TimeoutError):
                second.result(timeout=1)
        assert second.result(timeout=10) == [AccountRefusal.LAST_OF_ROLE]


@pytest.mark.parametrize("kind", OrganisationKind)
def test_nobody_is_invited_into_a_role_of_another_kind_of_body(
    database: object, kind: OrganisationKind
) -> None:
    del database
    body = people.make_organisation("みほんの会", kind)
    for role in Role:
        like_an_office = kind in {OrganisationKind.SUPPORT_CENTRE, OrganisationKind.HEALTH_CENTRE}
        fits = KIND_OF.get(role) is kind or (role is Role.OFFICE_WORKER and like_an_office)
        refused = nullcontext() if fits else pytest.raises(Refusal, match="role_of_another_body")
        with refused, acting_as(CONSOLE), transaction() as session:
            links.invite(
                session, "a@example.test", "木村", role, body, actor=CONSOLE, now=clock.now()
            )
