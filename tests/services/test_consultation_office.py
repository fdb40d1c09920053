"""A 地域子育て相談機関 is a body of its own: it sees the families opened to it, and no others."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import ProgrammingError

from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.families.models import Child, ChildRecord, Family, Guardian
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from tests.database import TestServer
from tests.factories.days import book, keep_record
from tests.factories.people import children_of, make_guardian, make_organisation, make_worker
from tests.factories.places import make_site

OpenTo = Callable[[Actor, Actor], None]


@pytest.fixture
def open_to(emptied: Engine, server: TestServer) -> Iterator[OpenTo]:
    """Open a family to somebody's office, as a referral to it will; nothing else does so yet."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def do_it(family: Actor, worker: Actor) -> None:
        with admin.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO family_access (id, family_id, organisation_id, scope, basis)"
                    " VALUES (:id, :family, :office, 'care', 'counter')"
                ),
                {
                    "id": uuid.uuid4(),
                    "family": family.family_id,
                    "office": worker.organisation_id,
                },
            )

    yield do_it
    admin.dispose()


def office_worker(name: str) -> Actor:
    office = make_organisation(f"{name}の相談室", OrganisationKind.CONSULTATION_OFFICE)
    return make_worker(name, office, "office_worker")


def seen(actor: Actor) -> dict[str, set[uuid.UUID | None]]:
    """Return whose rows the database shows somebody, by table."""
    columns = {
        "families": Family.id,
        "guardians": Guardian.family_id,
        "children": Child.family_id,
        "child_records": ChildRecord.family_id,
        "bookings": Booking.family_id,
    }
    with acting_as(actor) as session:
        return {name: set(session.scalars(select(column))) for name, column in columns.items()}


@pytest.mark.proves("R28", "P7")
def test_an_office_sees_the_families_opened_to_it_and_never_their_records_or_stays(
    open_to: OpenTo,
) -> None:
    hana, midori = office_worker("花 めぐみ"), office_worker("緑 めぐみ")
    site = make_site("ひなた保育園")
    own = make_guardian("森 あい", children=("森 りん",))
    other = make_guardian("林 みほ", children=("林 はな",))
    for family in (own, other):
        keep_record(family, children_of(family)[0].id, allergies="卵")
        book(site, family)
    nothing = {table: set[uuid.UUID | None]() for table in seen(hana)}
    assert seen(hana) == nothing
    open_to(own, hana)
    mine = {own.family_id}
    assert seen(hana) == nothing | {"families": mine, "guardians": mine, "children": mine}
    assert seen(midori) == nothing


@pytest.mark.proves("R28")
def test_a_guardian_cannot_open_her_family_to_an_office_by_applying_there(
    open_to: OpenTo,
) -> None:
    del open_to
    worker, mother = office_worker("花 めぐみ"), make_guardian("森 あい")
    with (
        pytest.raises(ProgrammingError, match="not a provider of care"),
        acting_as(mother),
        transaction() as session,
    ):
        session.execute(text("SELECT open_family_to(:org)"), {"org": worker.organisation_id})
