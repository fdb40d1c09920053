"""A family booked for in the interview that does not come, from the clock to who takes over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import IntegrityError

from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.facilities.rules import ProgrammeKind
from portal.kernel.actor import Actor
from portal.noshow import queries, receivers, service
from portal.noshow.models import CaseReport
from portal.noshow.rules import CheckResult
from portal.noshow.telling import Line
from portal.referrals.models import Referral
from portal.referrals.rules import Item, Urgency
from portal.slots.places import Taken, take_places
from tests.database import TestServer
from tests.factories import people, referring, support
from tests.factories.cases import DUE, agree, body_of, clockwork, missing, refer
from tests.factories.days import DAY
from tests.factories.keeping import on_the_spot
from tests.factories.places import Site, make_site
from tests.services.test_take_places import stay_for

Look = Callable[[str], list[Any]]
Run = Callable[[datetime], None]


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


@pytest.fixture
def staff(site: Site) -> Actor:
    return people.make_worker("佐藤 まり", site.organisation_id, "staff")


@pytest.fixture
def mother(site: Site) -> Actor:
    del site
    return people.make_guardian("田中 みほ", children=("田中 はな",))


@pytest.fixture
def nurse(site: Site) -> Actor:
    del site
    return people.make_liaison("鈴木 あき")


@pytest.fixture
def run(emptied: Engine, server: TestServer) -> Iterator[Run]:
    with clockwork(emptied, server) as round_of_a_minute:
        yield round_of_a_minute


@pytest.fixture
def look(emptied: Engine, server: TestServer) -> Iterator[Look]:
    """Ask the database as its superuser, past every policy."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def ask(sql: str) -> list[Any]:
        with admin.connect() as connection:
            return list(connection.execute(text(sql)))

    yield ask
    admin.dispose()


def book_on_the_spot(nurse: Actor, site: Site) -> Referral:
    row = on_the_spot(nurse, site)
    agree(nurse, row.family_id, body_of(nurse))
    stay = stay_for(site, row.family_id, row.child_ids[0], DAY)
    with acting_as(nurse), transaction() as session:
        assert isinstance(take_places(session, [replace(stay, referral_id=row.id)]), Taken)
    return row


@pytest.mark.proves("R16", "R21", "R22", "R27")
@pytest.mark.parametrize("kind", ProgrammeKind)
def test_the_loop_of_a_family_booked_in_the_interview(
    emptied: Engine,
    site: Site,
    staff: Actor,
    nurse: Actor,
    run: Run,
    look: Look,
    server: TestServer,
    kind: ProgrammeKind,
) -> None:
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        values = {"kind": kind.value, "id": site.programme_id}
        connection.execute(text("UPDATE programmes SET kind = :kind WHERE id = :id"), values)
    admin.dispose()
    row = book_on_the_spot(nurse, site)
    run(DUE)
    (raised,) = look("SELECT id, referral_id FROM care_cases")
    assert raised.referral_id == row.id
    with acting_as(nurse) as session:
        (waiting,) = queries.inbox(session, nurse, DUE).new
        assert waiting.case.id == raised.id
    with acting_as(staff), transaction() as session:
        of = queries.case(session, raised.id, actor=staff)
        # The nursery has no record of its own of her yet: it calls whom the referral names.
        people_to_call = receivers.to_phone(session, of, actor=staff)
        assert [each.phone for each in people_to_call] == ["090-0000-2468"]
        assert receivers.children_names(session, of, actor=staff) == ["高橋 そら"]
    with acting_as(staff), transaction() as session:
        service.record_result(
            session,
            raised.id,
            CheckResult.NOT_REACHED,
            channel=ContactChannel.PHONE,
            actor=staff,
            now=DUE,
        )
        (report,) = service.report(
            session, raised.id, [body_of(nurse)], notes="", actor=staff, now=DUE
        )
    with acting_as(nurse), transaction() as session:
        said = queries.read_words(session, [report], actor=nurse)[report.id]
        assert "高橋 あかりさん" in said[Line.WHO]
        service.acknowledge(session, raised.id, actor=nurse, now=DUE)


def test_two_referrals_of_one_family_count_by_the_booking(
    site: Site, nurse: Actor, run: Run, look: Look
) -> None:
    row = book_on_the_spot(nurse, site)
    center = support.make_center()
    later = referring.referred(center, site)
    with acting_as(site.owner), transaction() as session:
        session.get_one(Referral, later.id).client_family_id = row.family_id
    run(DUE)
    assert [each.referral_id for each in look("SELECT referral_id FROM care_cases")] == [row.id]


@pytest.mark.proves("R22")
@pytest.mark.parametrize("items", [["no_show"], ["nursery_notes"]])
def test_the_database_takes_no_report_beyond_what_was_agreed_to(
    site: Site, mother: Actor, staff: Actor, nurse: Actor, items: list[str]
) -> None:
    case_id = missing(site, mother, referred=refer(nurse, site, mother, back=()))
    center = support.make_center()
    with acting_as(nurse) as session:
        family_id = session.scalars(select(Referral.family_id)).one()
    # Towards the center and of who she is alone; nothing of it is the city's to hear.
    consent = agree(nurse, family_id, body_of(center), (Item.NAME_AND_PHONE, Item.NO_SHOW))
    receiver = body_of(nurse) if items == ["no_show"] else body_of(center)
    refused = pytest.raises(IntegrityError, match="not agreed to")
    with refused, acting_as(staff), transaction() as session:
        session.add(
            CaseReport(
                id=uuid.uuid4(),
                case_id=case_id,
                family_id=mother.family_id,
                reporter_id=site.organisation_id,
                receiver_id=receiver,
                consent_id=consent,
                urgency=Urgency.NORMAL,
                items=items,
                sent_by=staff.user_id,
                sent_at=DUE,
                due_at=DUE,
            )
        )
