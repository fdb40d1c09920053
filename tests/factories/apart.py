"""A family whose parents live apart: みほ, the first guardian, and けん, her children's father."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import text

from portal.accounts.addresses import token_hash
from portal.db.session import acting_as, transaction
from portal.families import invitations, protections
from portal.families import service as families
from portal.families.protections import ProtectionDetails, Shown
from portal.families.rules import GuardianDetails
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Right, Role
from tests.factories import people

TODAY = clock.today(clock.now())
#: What stands in her row, and must reach him nowhere.
ADDRESS = "みほん市ひみつ町 9-8-7"
#: The first guardian's number in the factory of people.
PHONE = "090-0000-0000"


def signed_in(user_id: uuid.UUID) -> Actor:
    """Return the actor that the portal makes of an account that signs in now."""
    token = people.session_token(Actor(role=Role.GUARDIAN, user_id=user_id))
    with acting_as(ANONYMOUS) as session:
        row = session.execute(
            text("SELECT * FROM session_by_token(:hash)"), {"hash": token_hash(token)}
        ).one()
        session.rollback()
    return Actor(
        role=Role(row.role),
        user_id=row.user_id,
        family_id=row.family_id,
        withheld=frozenset(map(Right, row.withheld)),
    )


def own_row(actor: Actor) -> uuid.UUID:
    """Return the id of the actor's own guardian."""
    with acting_as(actor) as session:
        found: uuid.UUID = session.execute(
            text("SELECT id FROM guardians WHERE user_id = :user"), {"user": actor.user_id}
        ).scalar_one()
        session.rollback()
    return found


def join(first: Actor, name: str = "田中 けん", *, born_on: date = people.BORN) -> Actor:
    """Let a second guardian come into the family of ``first`` by her code."""
    assert first.family_id is not None
    with acting_as(first), transaction() as session:
        details = GuardianDetails(name=name, relation="父", phone="080-1111-2222")
        guardian_id = families.add_guardian(session, first.family_id, details, actor=first)
        invitations.invite(session, guardian_id, actor=first, now=clock.now())
        code = invitations.live_code(session, guardian_id, actor=first, now=clock.now())
        assert code is not None
        written = invitations.code_for(code.id)
    user_id = people.make_account(name)
    second = Actor(role=Role.GUARDIAN, user_id=user_id)
    with acting_as(second), transaction() as session:
        claimed = invitations.claim(session, written.lower(), born_on, actor=second)
    assert claimed == first.family_id
    return signed_in(user_id)


def give_address(guardian: Actor) -> uuid.UUID:
    """Write her address into her row, and return the row's id."""
    guardian_id = own_row(guardian)
    with acting_as(guardian), transaction() as session:
        session.execute(
            text("UPDATE guardians SET address = :address WHERE id = :id"),
            {"address": ADDRESS, "id": guardian_id},
        )
    return guardian_id


def protect(staff: Actor, guardian: Actor, *except_for: uuid.UUID) -> None:
    """Let staff, to whom the family is open, protect her address."""
    details = ProtectionDetails(Shown.NOTICE, TODAY, TODAY + timedelta(days=365), except_for)
    guardian_id = own_row(guardian)
    with acting_as(staff), transaction() as session:
        protections.set_protection(session, guardian_id, details, actor=staff, now=clock.now())
