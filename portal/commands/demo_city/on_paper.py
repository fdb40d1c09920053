"""What staff did in their office by now: letters printed and passed on, a registration renewed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from portal.commands.demo_city import stories
from portal.commands.demo_city.record import City, Site
from portal.db.session import acting_as, transaction
from portal.families.models import Guardian
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today
from portal.letters import queries, service
from portal.letters.rules import Way
from portal.letters.service import Surroundings
from portal.preregistration import renewing
from portal.preregistration.models import Preregistration

#: How letters are passed on, in turn; the last of each round waits printed.
_WAYS: Final = (Way.POSTED, Way.HANDED, Way.TOLD, None)
#: Older ones have been printed; the others wait to be.
_PRINTED_AFTER: Final = timedelta(hours=30)


def happen(city: City, now: datetime, base_url: str) -> None:
    """Let staff print what waits since yesterday, and answer who wants to go on, by ``now``."""
    done = set()
    for site in city.sites:
        if site.organisation_id not in done:
            done.add(site.organisation_id)
            _print(site, now, Surroundings(base_url, is_demo=True))
    _extend(city.site("half_days"), now)


def _director(site: Site) -> Actor:
    return Actor(Role.DIRECTOR, site.director_id, site.organisation_id)


def _print(site: Site, now: datetime, where: Surroundings) -> None:
    director = _director(site)
    with acting_as(director), transaction() as session:
        waiting = queries.waiting(session, actor=director)
        old = [line.id for line in waiting if line.since < now - _PRINTED_AFTER]
        since = {line.id: line.since for line in waiting}
        made = service.write(session, old, actor=director, now=now, where=where).letters
        for number, letter_id in enumerate(made):
            way = _WAYS[number % len(_WAYS)]
            if way is not None:
                on = min(today(since[letter_id] + timedelta(days=1)), today(now))
                service.pass_on(session, [letter_id], way, on, actor=director, now=now, where=where)


def _extend(site: Site, now: datetime) -> None:
    """Let one family that asked for it go on; the others wait for an answer."""
    director = _director(site)
    with acting_as(director), transaction() as session:
        asked = session.scalars(
            select(Preregistration)
            .join(Guardian, Guardian.family_id == Preregistration.family_id)
            .where(
                Preregistration.facility_id == site.facility_id,
                Preregistration.renewal_asked_at.is_not(None),
                Guardian.is_primary,
                Guardian.name == stories.WENT_ON,
            )
        ).all()
        renewing.extend(session, [row.id for row in asked], actor=director, now=now)
