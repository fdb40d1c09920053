"""What is known of homes: where families live, answers about children, papers, days elsewhere.

By the portal's own services, for the one facility whose rules ask (``site_terms.ASKS_HOMES``).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.commands.demo_city import stories
from portal.commands.demo_city.own_doings import guardian
from portal.commands.demo_city.record import City
from portal.db.session import acting_as, transaction
from portal.families import queries as families
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.service import say
from portal.kernel.actor import Actor, Role
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.uses.service import tell

SITE: Final = "half_days"
_KINDS = HomeFactKind
_ACCEPTED = text("""
    SELECT p.family_id, p.child_id, c.born_on, coalesce(p.decided_at, p.received_at) AS at
      FROM preregistrations p JOIN children c ON c.id = p.child_id
     WHERE p.facility_id = :facility AND p.state = 'accepted' AND c.born_on IS NOT NULL
       AND c.ended_at IS NULL
       AND EXISTS (SELECT 1 FROM family_access a
                    WHERE a.family_id = p.family_id AND a.organisation_id = p.organisation_id
                      AND a.child_id IS NULL AND a.from_at <= now()
                      AND (a.until_at IS NULL OR now() < a.until_at))
     ORDER BY at, p.id""")
_KINDERGARTEN_FROM: Final = 4
#: Each so many-th family, by what staff have seen of it.
_EXEMPT, _HOMECOMING, _TICKETS = 9, 11, 4


class _Known(NamedTuple):
    family_id: uuid.UUID
    child_id: uuid.UUID


def happen(admin: Engine, city: City, now: datetime) -> None:
    """Let it be known by ``now``: by staff as they accepted each child, by one family itself."""
    site = city.site(SITE)
    staff = Actor(Role.STAFF, site.staff_id, site.organisation_id)
    with admin.connect() as connection:
        rows = connection.execute(_ACCEPTED, {"facility": site.facility_id}).all()
    with acting_as(staff), transaction() as session:
        for number, row in enumerate(rows):
            about = _Known(row.family_id, row.child_id)
            age = class_age(row.born_on, today(now))
            _accepted(session, about, age, staff, row.at)
            _seen(session, about, number, staff, now)
    _renewing(city, now)


def _accepted(session: Session, about: _Known, age: int, staff: Actor, at: datetime) -> None:
    """What staff asked when they accepted the child."""
    enrolment = "kindergarten" if age >= _KINDERGARTEN_FROM else "none"
    for fact in (
        HomeFact(_KINDS.GATE, "no_medical_care", 1, about.child_id, is_seen=True),
        HomeFact(_KINDS.ENROLMENT, enrolment, child_id=about.child_id),
        HomeFact(_KINDS.CITY, "郡山市"),
    ):
        say(session, about.family_id, fact, actor=staff, now=at)


def _seen(session: Session, about: _Known, number: int, staff: Actor, now: datetime) -> None:
    """What papers showed, from today on: what is booked keeps its price."""
    since, until = today(now), today(now) + timedelta(days=210)
    facts: list[HomeFact] = []
    if number % _EXEMPT == 1:
        facts += [
            HomeFact(_KINDS.MARK, "tax_exempt", None, None, since, until, is_seen=True),
            HomeFact(_KINDS.PAPER, "income_certificate", None, None, since, until, is_seen=True),
            HomeFact(_KINDS.TAX, number=0, valid_from=since, valid_until=until, is_seen=True),
        ]
    if number % _HOMECOMING == 2:  # noqa: PLR2004 - beside those who are exempt
        facts += [
            HomeFact(_KINDS.CITY, "宮城県仙台市"),
            HomeFact(_KINDS.CIRCUMSTANCE, "homecoming", valid_until=until),
            HomeFact(_KINDS.STATEMENT, "homecoming", valid_until=until, is_seen=True),
        ]
    if number % _TICKETS == 0:
        facts.append(HomeFact(_KINDS.COUPON, "trial_ticket", 2, valid_until=until))
    for fact in facts:
        say(session, about.family_id, fact, actor=staff, now=now)


def _renewing(city: City, now: datetime) -> None:
    """The mother whose registration can be renewed says where she lives, and tells of two days."""
    mother = guardian(city, stories.number_of(stories.MAY_RENEW))
    family_id = mother.family_id
    if family_id is None:
        raise ValueError("every household of the list has a family")
    with acting_as(mother), transaction() as session:
        for kind, said in ((_KINDS.PREFECTURE, "福島県"), (_KINDS.CITY, "郡山市")):
            say(session, family_id, HomeFact(kind, said), actor=mother, now=now)
        child = next(
            each for each in families.children(session, family_id, actor=mother) if each.born_on
        )
        days = [today(now) - timedelta(days=days) for days in (6, 13)]
        tell(session, family_id, child.id, days, 240, actor=mother, now=now)
