"""A consent that is taken back: nothing is read, and no mail leaves, from the commit on."""

from __future__ import annotations

import time
import uuid

import pytest
from sqlalchemy import Engine, select

from portal.app import listen_to_families
from portal.consents import service
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.referrals.models import ReferralItem
from portal.referrals.rules import ReferralState
from tests.database import TestServer
from tests.factories import people, places, referring, support
from tests.factories.people import OPERATOR
from tests.smtp import running_mail_server


def withdraw(who: Actor, consent_id: uuid.UUID) -> None:
    with acting_as(who), transaction() as session:
        service.withdraw(session, consent_id, actor=who, now=clock.now())


def read_by(who: Actor) -> int:
    with acting_as(who), transaction() as session:
        return len(session.scalars(select(ReferralItem)).all())


@pytest.mark.proves("R11", "P12")
def test_the_receiver_reads_nothing_within_a_second_of_the_commit(emptied: Engine) -> None:
    del emptied  # really committed, each with a session of its own
    listen_to_families()
    nurse = people.make_liaison("鈴木 あき")
    site = places.make_site("ひなた保育園")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    sent = referring.referred(nurse, site)
    assert sent.state is ReferralState.SENT
    assert sent.consent_id is not None
    assert read_by(staff) > 0
    withdraw(nurse, sent.consent_id)
    committed = time.monotonic()
    assert read_by(staff) == 0
    assert time.monotonic() - committed < 1
    assert read_by(nurse) > 0


def deliver(emptied: Engine, server: TestServer) -> dict[str, str]:
    """Deliver all that is queued; return the texts by address."""
    app = in_use()
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    use(app)
    engine.dispose()
    return {one.to: one.text for one in smtp.taken}


@pytest.fixture
def center(emptied: Engine) -> Organisation:
    """A family center with a mail address."""
    del emptied
    row = Organisation(
        id=uuid.uuid4(),
        kind=OrganisationKind.FAMILY_CENTER,
        name="こども家庭センター",
        mail="center@example.test",
    )
    with acting_as(OPERATOR), transaction() as session:
        session.add(row)
    return row


@pytest.mark.proves("R11", "R20")
@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_queued_mail_is_asked_again_when_it_leaves(
    emptied: Engine, server: TestServer, center: Organisation, *, is_withdrawn: bool
) -> None:
    nurse = people.make_liaison("鈴木 あき")
    family_id, _ = support.met(nurse)
    row, told = support.agreed(nurse, family_id, center.id)
    with acting_as(nurse), transaction() as session:
        enqueue(
            session,
            "consents/withdrawn",  # any kind that needs nothing looked up
            to_mail="somebody@example.test",
            rests_on=row.id,
        )
    if is_withdrawn:
        withdraw(nurse, row.id)
    assert ("somebody@example.test" in deliver(emptied, server)) is not is_withdrawn
    assert told.withdrawn_at is None


@pytest.mark.proves("R11")
def test_a_supporting_body_is_told_to_stop_and_nobodys_name(
    emptied: Engine, server: TestServer, center: Organisation
) -> None:
    nurse = people.make_liaison("鈴木 あき")
    family_id, _ = support.met(nurse, "高橋 あかり")
    row, _told = support.agreed(nurse, family_id, center.id)
    withdraw(nurse, row.id)
    sent = deliver(emptied, server)
    assert list(sent) == ["center@example.test"]
    assert "高橋" not in sent["center@example.test"]
    assert "連絡を、いま止めてください" in sent["center@example.test"]
