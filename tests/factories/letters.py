"""A family with a telephone alone, and mails that reached nobody."""

from __future__ import annotations

import uuid
from datetime import timedelta

from psycopg.types.json import Jsonb
from sqlalchemy import insert, text

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import ChildDetails, GuardianDetails
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.channel import Channel
from portal.letters import queries, service
from portal.letters.service import Surroundings
from portal.messages.models import OutboxMessage
from portal.preregistration import service as preregistrations
from tests.factories import days, people
from tests.factories.places import Site

HOME = "みほん市みなと町1-2-3 コーポ𠮷野 205"
WHERE = Surroundings("https://portal.test", is_demo=False)


def phone_family(
    staff: Actor, name: str = "髙﨑 みほ", child: str = "髙﨑 はな", address: str | None = HOME
) -> Actor:
    """Enter a family that called: no account, no mail. Returned as somebody acts in its name."""
    with acting_as(staff), transaction() as session:
        made = families.register_family(
            session,
            GuardianDetails(name=name, relation="母", phone="090-0000-0000", address=address),
            (ChildDetails(name=child, born_on=people.BORN),),
            actor=staff,
            now=clock.now(),
            channel=Channel.PHONE,
            received_at=clock.now(),
        )
    return Actor(role=Role.GUARDIAN, family_id=made.family_id)


def phone_application(site: Site, staff: Actor, family: Actor) -> uuid.UUID:
    """Enter the application of such a family for its one child, whose record holds."""
    (child,) = people.children_of(family)
    days.keep_record(family, child.id, allergies="")
    with acting_as(staff), transaction() as session:
        session.execute(text("UPDATE child_records SET confirmed_on = current_date"))
        (row,) = preregistrations.apply(
            session,
            site.facility_id,
            [child.id],
            actor=staff,
            now=clock.now(),
            family_id=family.family_id,
        )
    return row


def unmailed(
    kind: str,
    *about: uuid.UUID,
    family: Actor,
    organisation_id: uuid.UUID,
    has_failed: bool = False,
    **context: object,
) -> uuid.UUID:
    """Queue a mail as it stands once the delivery has given it up, an hour ago."""
    message_id, then = uuid.uuid4(), clock.now() - timedelta(hours=1)
    end = (
        {"failed_at": then, "last_error": "address"}
        if has_failed
        else {"dropped_at": then, "last_error": "nobody"}
    )
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            insert(OutboxMessage).inline(),
            {
                "id": message_id,
                "message_id": f"<{message_id}@portal>",
                "kind": kind,
                "subject_ids": list(about),
                "context": Jsonb(context).obj,
                "organisation_id": organisation_id,
                "family_id": family.family_id,
                "not_before": then,
                **end,
            },
        )
    return message_id


def written(staff: Actor, family: Actor, group_id: uuid.UUID) -> uuid.UUID:
    """Write a letter about a booking, and return its id: it waits to be passed on."""
    assert staff.organisation_id is not None
    unmailed("bookings/placed", group_id, family=family, organisation_id=staff.organisation_id)
    with acting_as(staff), transaction() as session:
        ids = [line.id for line in queries.waiting(session, actor=staff)]
        return service.write(session, ids, actor=staff, now=clock.now(), where=WHERE).letters[0]
