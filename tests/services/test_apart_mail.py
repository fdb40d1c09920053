"""Mails to a family whose guardians live apart, delivered under the worker's own role."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Engine, select

from portal.accounts.addresses import AddressKind, make_address
from portal.bookings.models import Booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.families import rights
from portal.kernel.actor import Actor, Right
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from tests.database import TestServer
from tests.factories import apart, days, people, places
from tests.smtp import running_mail_server

NAMES = {"田中 みほ 様", "田中 けん 様"}


def _queue(site: places.Site, family: Actor, group: uuid.UUID, stay: uuid.UUID) -> None:
    """Queue a confirmation, a reminder and a cancellation, as the features do."""
    with acting_as(family), transaction() as session:
        make_address(session, family, AddressKind.BOOKING_WORD, booking_id=stay)
        about: list[tuple[str, uuid.UUID, dict[str, object]]] = [
            ("bookings/placed", group, {}),
            (
                "attendance/reminder",
                stay,
                {"address": str(uuid.uuid4()), "day": days.DAY.isoformat()},
            ),
        ]
        for kind, subject, context in about:
            enqueue(
                session,
                kind,
                about=[subject],
                to_family=family.family_id,
                organisation_id=site.organisation_id,
                context=context,
            )


@pytest.mark.parametrize("how", ["nothing", "protected", "no_mails", "no_bookings"])
def test_a_mail_to_the_family_goes_to_those_who_may_see_what_it_says(
    emptied: Engine, server: TestServer, how: str
) -> None:
    app = in_use()
    site = places.make_site("ひなた保育園")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    (stay,) = days.book(site, mother)
    father = apart.join(mother)
    with acting_as(mother) as session:
        group = session.scalars(select(Booking.group_id)).one()
        session.rollback()
    # Queued while he could still see everything: who gets it is asked when it leaves.
    _queue(site, mother, group, stay)
    if how == "protected":
        apart.protect(staff, mother)
    elif how != "nothing":
        withheld = [Right.MAILS if how == "no_mails" else Right.BOOKINGS]
        with acting_as(mother), transaction() as session:
            rights.set_rights(session, apart.own_row(father), withheld, actor=mother)
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    use(app)
    engine.dispose()
    expected = NAMES if how == "nothing" else {"田中 みほ 様"}
    told = {"保護者のアカウントがつながりました", "もう一度ログインしてください"}
    sent = [
        one for one in smtp.taken if not any(title in str(one.message["Subject"]) for title in told)
    ]
    assert len(sent) == 2 * len(expected)
    assert {name for name in NAMES for one in sent if name in one.text} == expected
    # He came with a code and was protected against: she alone is told, and no more than needed.
    about = [one for one in smtp.taken if one not in sent]
    assert [
        title for title in sorted(told) for one in about if title in str(one.message["Subject"])
    ] == (sorted(told) if how == "protected" else ["保護者のアカウントがつながりました"])
    assert all("田中 みほ 様" in one.text and "田中 けん" not in one.text for one in about)
    assert not any("非公開" in one.text for one in about)
