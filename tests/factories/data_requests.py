"""A mother whose child is registered, her requests and the answers, for tests of one's own data."""

from __future__ import annotations

import uuid

from portal.datarequests import queries, service
from portal.datarequests.models import DataRequest
from portal.datarequests.rules import RequestState, RequestTopic
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories import days, people
from tests.factories.places import Site, accept

NOW = clock.now()


def known_at(*sites: Site) -> Actor:
    """A mother whose child is registered at these facilities."""
    mother = people.make_guardian("高橋 あおい", children=("高橋 そら",))
    child = people.children_of(mother)[0].id
    days.keep_record(mother, child, allergies="くるみ")
    for site in sites:
        accept(site, mother, child)
    return mother


def ask(mother: Actor, site: Site, words: str = "降園は15:30でした") -> uuid.UUID:
    with acting_as(mother), transaction() as session:
        return service.ask_correction(
            session,
            family_of(mother),
            site.organisation_id,
            RequestTopic.ATTENDANCE,
            words,
            actor=mother,
            now=NOW,
        )


def erase(mother: Actor, *, is_confirmed: bool = True) -> bool:
    with acting_as(mother), transaction() as session:
        return service.ask_erasure(
            session, family_of(mother), "", is_confirmed=is_confirmed, actor=mother, now=NOW
        )


def answer(who: Actor, request_id: uuid.UUID, into: RequestState, words: str = "はい") -> bool:
    with acting_as(who), transaction() as session:
        return service.answer(session, request_id, into, words, actor=who, now=NOW)


def waiting(who: Actor) -> list[DataRequest]:
    with acting_as(who) as session:
        return [
            row for row in queries.requests(session, actor=who) if row.state is RequestState.OPEN
        ]


def family_of(guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    return guardian.family_id
