"""Stays that did not come, families that were referred, and whom they let be told. Each commits."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import Engine, select

from portal.attendance import hooks
from portal.bookings.models import Booking
from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.noshow import jobs, stays
from portal.noshow.models import CareCase
from portal.noshow.rules import CHECK_WITHIN, CaseKind, CaseRefusal, CaseState
from portal.referrals.models import Referral
from portal.referrals.rules import Item, Urgency
from tests.database import TestServer
from tests.factories import referring
from tests.factories.days import book, clock_time
from tests.factories.people import make_guardian
from tests.factories.places import Site

#: 9:30 of the day on which tests book from 9:00: start and grace are over.
DUE = clock_time("9:30")
#: What a mother lets be told when she agrees to everything.
ALL = (Item.NAME_AND_PHONE, Item.CHILDREN, Item.NO_SHOW, Item.NURSERY_NOTES)


@dataclass(frozen=True)
class Referred:
    """A family referred to a nursery that knows her by a record of its own."""

    referral: Referral
    mother: Actor
    sender: Actor


def body_of(actor: Actor) -> uuid.UUID:
    assert actor.organisation_id is not None
    return actor.organisation_id


@contextmanager
def refusal(code: CaseRefusal) -> Iterator[None]:
    """Expect exactly this reason."""
    with pytest.raises(Refusal) as caught:
        yield
    assert set(caught.value.codes) == {code}


def refer(sender: Actor, site: Site, mother: Actor, *, back: Sequence[Item] = ALL) -> Referred:
    """Refer a family; ``back``: what she lets the nursery tell the sender."""
    row = referring.referred(sender, site)
    if back:
        agree(sender, row.family_id, body_of(sender), back)
    with acting_as(site.owner), transaction() as session:
        session.get_one(Referral, row.id).client_family_id = mother.family_id
    return Referred(row, mother, sender)


def agree(
    sender: Actor, family_id: uuid.UUID, receiver_id: uuid.UUID, items: Sequence[Item] = ALL
) -> uuid.UUID:
    """Take down that a family lets these items be passed on to a body."""
    made = referring.agreed(
        sender, family_id, receiver_id, SharingPurpose.SHARING, items=tuple(items)
    )
    return made[SharingPurpose.SHARING]


def withdraw(sender: Actor, consent_id: uuid.UUID, now: datetime) -> None:
    from portal.consents.service import withdraw as end

    with acting_as(sender), transaction() as session:
        assert session.get(Consent, consent_id) is not None
        end(session, consent_id, actor=sender, now=now)


def missing(
    site: Site,
    mother: Actor,
    *,
    referred: Referred | None = None,
    now: datetime = DUE,
    state: CaseState = CaseState.SUSPECTED,
) -> uuid.UUID:
    """Book a stay and open its case as the clock would; return the case."""
    first = book(site, mother)[0]
    with acting_as(site.owner), transaction() as session:
        booking = session.get_one(Booking, first)
        of = CareCase(
            id=uuid.uuid4(),
            kind=CaseKind.NO_SHOW,
            family_id=booking.family_id,
            child_ids=list(
                session.scalars(
                    select(Booking.child_id).where(Booking.group_id == booking.group_id)
                )
            ),
            facility_id=booking.facility_id,
            organisation_id=booking.organisation_id,
            booking_group_id=booking.group_id,
            day=booking.day,
            expected_at=booking.starts_at,
            referral_id=referred.referral.id if referred else None,
            state=state,
            state_at=now,
            urgency=Urgency.NORMAL,
            raised_at=now,
            due_at=now + CHECK_WITHIN,
            created_by=None,
        )
        session.add(of)
    return of.id


def other_mother(name: str = "森 かおり") -> Actor:
    return make_guardian(name, children=("森 ゆうと",))


@contextmanager
def clockwork(emptied: Engine, server: TestServer) -> Iterator[Callable[[datetime], None]]:
    """Give the worker's round; afterwards the web speaks to the database again."""
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    worker = Database(engine, server.secrets)

    def run(now: datetime) -> None:
        before = in_use()
        use(worker)
        try:
            jobs.each_minute(now)
        finally:
            use(before)

    yield run
    engine.dispose()


@contextmanager
def following_stays() -> Iterator[None]:
    """Let cases follow the board, as in the running portal."""
    with hooks.listening([stays.LISTENER]):
        yield
