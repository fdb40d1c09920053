"""Invented people: accounts, families, children. Each commits in the database in use."""

from __future__ import annotations

import itertools
import uuid
from datetime import date, timedelta

from sqlalchemy import select, text

from portal.accounts.addresses import token_hash
from portal.db.session import acting_as, transaction
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind

OPERATOR = Actor(role=Role.OPERATOR, user_id=uuid.UUID(int=1))
#: Not a hash of anything: nobody signs in with a password in these tests.
NO_PASSWORD = "!"
#: Old enough for every programme: three years before the fiscal year of the tests.
BORN = date(2024, 6, 15)
_numbers = itertools.count(1)


def make_organisation(name: str, kind: OrganisationKind) -> uuid.UUID:
    organisation = Organisation(id=uuid.uuid4(), kind=kind, name=name, phone="000-0000-0000")
    with acting_as(OPERATOR), transaction() as session:
        session.add(organisation)
    return organisation.id


def make_account(
    name: str,
    *,
    organisation_id: uuid.UUID | None = None,
    role: str | None = None,
    password_hash: str = NO_PASSWORD,
    mail: str | None = None,
) -> uuid.UUID:
    user_id = uuid.uuid4()
    with acting_as(OPERATOR), transaction() as session:
        session.execute(
            text("SELECT add_account(:user, :mail, :name, :hash, :membership, :org, :role)"),
            {
                "user": user_id,
                "mail": mail or f"person{next(_numbers)}-{user_id.hex[:8]}@example.test",
                "name": name,
                "hash": password_hash,
                "membership": uuid.uuid4(),
                "org": organisation_id,
                "role": role,
            },
        )
    return user_id


def make_worker(name: str, organisation_id: uuid.UUID, role: str) -> Actor:
    user_id = make_account(name, organisation_id=organisation_id, role=role)
    return Actor(role=Role(role), user_id=user_id, organisation_id=organisation_id)


def make_liaison(name: str) -> Actor:
    city = make_organisation("みほん市", OrganisationKind.MUNICIPALITY)
    return make_worker(name, city, "liaison")


def make_guardian(name: str, *, children: tuple[str, ...] = (), born_on: date = BORN) -> Actor:
    user_id = make_account(name)
    family_id = uuid.uuid4()
    with acting_as(Actor(role=Role.GUARDIAN, user_id=user_id)), transaction() as session:
        session.execute(
            text(
                "SELECT create_family(:family, :guardian, 'self', :name, NULL, :name, '母',"
                " '090-0000-0000', '09000000000', NULL, NULL)"
            ),
            {"family": family_id, "guardian": uuid.uuid4(), "name": name},
        )
    actor = Actor(role=Role.GUARDIAN, user_id=user_id, family_id=family_id)
    for child in children:
        make_child(actor, child, born_on=born_on)
    return actor


def make_child(guardian: Actor, name: str, *, born_on: date = BORN) -> uuid.UUID:
    child_id = uuid.uuid4()
    with acting_as(guardian), transaction() as session:
        session.add(
            Child(
                id=child_id,
                family_id=guardian.family_id,
                name=name,
                search_key=name.replace(" ", ""),
                born_on=born_on,
            )
        )
    return child_id


def children_of(guardian: Actor) -> list[Child]:
    with acting_as(guardian) as session:
        return list(
            session.scalars(
                select(Child).where(Child.family_id == guardian.family_id).order_by(Child.name)
            )
        )


def session_token(actor: Actor, *, second_factor: bool = True) -> str:
    """Open a sign-in session for ``actor`` and return its token."""
    token = uuid.uuid4().hex
    with acting_as(actor) as session:
        membership = None
        if actor.organisation_id is not None:
            membership = session.execute(
                text("SELECT membership_id FROM memberships_for_sign_in(:user)"),
                {"user": actor.user_id},
            ).scalar_one()
        session.rollback()
        with transaction() as writing:
            writing.execute(
                text("SELECT open_session(:id, :hash, :user, :membership, :second, :expires)"),
                {
                    "id": uuid.uuid4(),
                    "hash": token_hash(token),
                    "user": actor.user_id,
                    "membership": membership,
                    "second": second_factor,
                    "expires": clock.now() + timedelta(days=1),
                },
            )
    return token
