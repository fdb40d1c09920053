"""The portal's own mails, written under the worker's role: it may read what they speak of."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portal.accounts.addresses import AddressKind, make_address
from portal.bookings.models import Booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.kernel.actor import ANONYMOUS
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.models import OutboxMessage
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from tests.database import TestServer
from tests.factories import days, people, places
from tests.smtp import running_mail_server

CHILD = "はな"


def _queue_all() -> dict[str, uuid.UUID]:
    """Queue one mail of each kind to a family with a stay to come, and to its account."""
    site = places.make_site("ひなた保育園")
    tanaka = people.make_guardian("田中 みほ", children=(f"田中 {CHILD}",))
    (child,) = people.children_of(tanaka)
    accepted = places.accept(site, tanaka, child.id)
    (stay,) = days.book(site, tanaka)
    with acting_as(tanaka), transaction() as session:
        booking = session.get_one(Booking, stay)
        group, starts, ends = booking.group_id, booking.starts_at, booking.ends_at
        address = uuid.uuid4()
        make_address(session, tanaka, AddressKind.BOOKING_WORD, booking_id=stay)
    times = {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
    reminder = {"address": str(address), "day": days.DAY.isoformat()}
    wanted: dict[str, dict[str, Any]] = {
        "bookings/placed": {"about": [group]},
        "bookings/changed": {"about": [group], "context": times},
        "bookings/cancelled": {"about": [group], "context": {"fee_yen": 0, "children": 1}},
        "attendance/reminder": {"about": [stay], "context": reminder},
        "preregistration/accepted": {"about": [accepted]},
        "accounts/told_of_change": {"to_user": tanaka.user_id, "context": {"what": "password"}},
    }
    queued = {}
    with acting_as(ANONYMOUS), transaction() as session:
        for kind, options in wanted.items():
            receiver: dict[str, Any] = (
                {} if "to_user" in options else {"to_family": tanaka.family_id}
            )
            queued[kind] = enqueue(
                session, kind, organisation_id=site.organisation_id, **options, **receiver
            )
    return queued


@pytest.mark.proves("P3")
def test_the_worker_may_read_what_each_mail_speaks_of_and_no_mail_names_a_child(
    emptied: Engine, server: TestServer
) -> None:
    app = in_use()
    queued = _queue_all()
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    with acting_as(ANONYMOUS) as session:
        rows = {row.kind: row for row in session.scalars(select(OutboxMessage))}
    use(app)
    engine.dispose()
    assert {kind for kind, row in rows.items() if row.sent_at} == set(queued)
    assert all(CHILD not in one.text + str(one.message["Subject"]) for one in smtp.taken)
    assert all("田中 みほ 様" in one.text for one in smtp.taken)
