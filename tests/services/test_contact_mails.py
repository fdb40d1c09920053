"""Automatic mails and the limit: held back, counted once, dropped; never where they answer."""

from __future__ import annotations

import importlib
import inspect
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.commands import worker as worker_command
from portal.contacts import service
from portal.contacts.mails import FAMILY_GATE, NATURE_OF_MAIL
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, ContactRefusal, Nature, Wishes
from portal.db.session import (
    Database,
    acting_as,
    end_session,
    in_use,
    make_engine,
    transaction,
    use,
)
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.errors import Refusal
from portal.messages import letters
from portal.messages.delivery import Delivery
from portal.messages.letters import Letter, Wanted
from portal.messages.models import OutboxMessage
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from tests.database import TestServer
from tests.factories.outreach import MORNING, days
from tests.factories.people import make_account, make_guardian, make_worker
from tests.factories.places import make_site
from tests.smtp import MailServer, running_mail_server

ADVANCE, ANSWER, DUTY = "visits/missed", "bookings/placed", "notices/sent"


def _plain(_session: Session, wanted: Wanted) -> Letter:
    return Letter("お知らせ", f"{wanted.to_name} 様\n")


class Office:
    """A worker with the families' gate, and a clock to set."""

    def __init__(self, app: Database, as_worker: Database, smtp: MailServer) -> None:
        self.app, self.worker, self.smtp = app, as_worker, smtp
        self.now = MORNING
        self.delivery = Delivery(
            dict.fromkeys((ADVANCE, ANSWER, DUTY), _plain),
            Post(smtp.settings, patience=2.0),
            base_url="http://portal.test",
            gate=FAMILY_GATE,
            now=lambda: self.now,
        )

    def deliver(self, at: datetime) -> int:
        """Deliver what is due at a moment and return how many mails there are by now."""
        self.now = at
        use(self.worker)
        try:
            self.delivery.drain()
        finally:
            use(self.app)
        return len(self.smtp.taken)

    def read(self, what: Any) -> list[Any]:
        use(self.worker)
        try:
            with acting_as(ANONYMOUS) as session:
                return list(session.scalars(what).all())
        finally:
            use(self.app)

    def row(self, mail: uuid.UUID) -> OutboxMessage:
        [found] = self.read(select(OutboxMessage).where(OutboxMessage.id == mail))
        assert isinstance(found, OutboxMessage)
        return found


@pytest.fixture
def post(emptied: Engine, server: TestServer) -> Iterator[Office]:
    name = emptied.url.database
    assert name is not None
    engine = make_engine(server.url("portal_worker", name))
    with running_mail_server() as smtp:
        yield Office(in_use(), Database(engine, server.secrets), smtp)
    engine.dispose()


def queue(kind: str, family: Actor, **more: Any) -> uuid.UUID:
    with acting_as(ANONYMOUS), transaction() as session:
        # Far before any clock of these tests: due as soon as somebody looks.
        to = more or {"to_family": family.family_id}
        return enqueue(session, kind, not_before=MORNING - days(3000), **to)


@pytest.mark.proves("R20")
def test_every_mail_of_the_portal_is_classed() -> None:
    written = letters.collect().keys()
    assert written - NATURE_OF_MAIL.keys() == set(), "say what each new mail is to a family"
    assert NATURE_OF_MAIL.keys() - written == set(), "classed, but no longer written"


def test_what_she_applied_for_is_answered_and_only_the_calendar_presses() -> None:
    of_applying = {
        kind: nature
        for kind, nature in NATURE_OF_MAIL.items()
        if kind.partition("/")[0] in {"preregistration", "trials", "visits", "bookings"}
    }
    advances = {kind for kind, nature in of_applying.items() if nature is Nature.ADVANCE}
    # Each comes by itself, months after what she did or because she did not come.
    assert advances == {"preregistration/record", "preregistration/renew", "visits/missed"}


def test_the_worker_asks_the_gate() -> None:
    assert "gate=FAMILY_GATE" in inspect.getsource(worker_command.run_worker)
    assert importlib.import_module("portal.contacts.mails").FAMILY_GATE is FAMILY_GATE


@pytest.mark.proves("R20")
def test_advances_are_held_until_allowed_and_counted(post: Office) -> None:
    family = make_guardian("田中 みほ")
    mails = [queue(ADVANCE, family) for _ in range(3)]
    assert post.deliver(MORNING) == 1
    assert [post.row(each).sent_at is not None for each in mails].count(True) == 1
    assert post.deliver(MORNING + timedelta(hours=1)) == 1
    assert post.deliver(MORNING + timedelta(hours=22)) == 2, "the next morning at eight"
    assert post.deliver(MORNING + days(5)) == 2
    assert post.deliver(MORNING + days(7)) == 3
    assert len(post.read(select(Contact))) == 3


@pytest.mark.proves("R20")
def test_a_mail_counts_against_a_call_and_a_call_against_a_mail(post: Office) -> None:
    family = make_guardian("田中 みほ")
    queue(ADVANCE, family)
    post.deliver(MORNING)
    with acting_as(family) as session:
        allowed = service.next_advance(
            session,
            family.family_id or uuid.UUID(int=0),
            ContactChannel.PHONE,
            actor=family,
            now=MORNING + timedelta(hours=1),
        )
    assert allowed == MORNING + timedelta(hours=22)


@pytest.mark.proves("R20")
def test_no_advance_leaves_at_night_and_answers_do(post: Office) -> None:
    family = make_guardian("田中 みほ")
    at_night = MORNING + timedelta(hours=12)
    advance, answer, duty = (queue(kind, family) for kind in (ADVANCE, ANSWER, DUTY))
    assert post.deliver(at_night) == 2
    assert post.row(answer).sent_at is not None
    assert post.row(duty).sent_at is not None
    assert post.row(advance).not_before == MORNING + timedelta(hours=22)


@pytest.mark.proves("R20")
def test_a_family_that_stopped_gets_no_advance_but_its_answers(post: Office) -> None:
    family = make_guardian("田中 みほ")
    advance, answer = queue(ADVANCE, family), queue(ANSWER, family)
    with acting_as(family), transaction() as session:
        assert family.family_id is not None
        service.set_wishes(session, family.family_id, Wishes(stops=True), actor=family, now=MORNING)
    assert post.deliver(MORNING) == 1
    assert post.row(advance).dropped_at is not None
    assert post.row(answer).sent_at is not None
    assert post.read(select(Contact)) == []


@pytest.mark.proves("R20")
def test_a_mail_to_two_guardians_counts_once(post: Office) -> None:
    family = make_guardian("田中 みほ")
    second = make_account("田中 けん")
    with acting_as(family), transaction() as session:
        session.execute(
            text(
                "INSERT INTO guardians (id, family_id, name, search_key, relation, mail)"
                " VALUES (:id, :family, '田中 けん', '田中けん', '父', 'ken@example.test')"
            ),
            {"id": second, "family": family.family_id},
        )
    queue(ADVANCE, family)
    assert post.deliver(MORNING) == 2
    [counted] = post.read(select(Contact))
    assert counted.nature is Nature.ADVANCE
    assert counted.channel is ContactChannel.MAIL


@pytest.mark.proves("R20")
def test_a_mail_to_one_account_counts_for_its_family(post: Office) -> None:
    family = make_guardian("田中 みほ")
    queue(ADVANCE, family)
    queue(ADVANCE, family, to_user=family.user_id)
    assert post.deliver(MORNING) == 1


@pytest.mark.proves("R20")
def test_a_mail_counted_when_staff_sent_it_is_not_counted_again(post: Office) -> None:
    family = make_guardian("田中 みほ")
    mail = queue(ADVANCE, family)
    use(post.worker)
    with acting_as(ANONYMOUS), transaction() as session:
        session.add(
            Contact(
                id=uuid.uuid4(),
                family_id=family.family_id,
                nature=Nature.ADVANCE,
                channel=ContactChannel.MAIL,
                about="tour",
                at=MORNING,
                message_id=mail,
                created_at=MORNING,
            )
        )
    use(post.app)
    assert post.deliver(MORNING) == 1, "its own count does not hold it back"
    assert len(post.read(select(Contact))) == 1


@pytest.mark.proves("R20", "P12")
def test_who_calls_while_a_mail_is_on_its_way_is_told_to_wait(post: Office) -> None:
    """The mail is with the server and not yet counted: whoever asks now waits, and counts it."""
    family = make_guardian("田中 みほ")
    caller = make_worker("佐藤 まり", make_site("ひなた保育園").organisation_id, "staff")
    answers: list[object] = []

    def call() -> None:
        try:
            with acting_as(caller), transaction() as session:
                assert family.family_id is not None
                made = service.record_contact(
                    session,
                    family.family_id,
                    nature=Nature.ADVANCE,
                    channel=ContactChannel.PHONE,
                    about="tour",
                    actor=caller,
                    now=MORNING,
                )
                answers.append(made.id)
        except Refusal as refusal:
            answers.append(refusal.codes)
        finally:
            end_session()

    calling = threading.Thread(target=call)

    def dial() -> None:
        calling.start()
        calling.join(timeout=1.0)

    post.smtp.on_mail = dial
    queue(ADVANCE, family)
    use(post.worker)  # also for the caller's thread, until it has its answer
    post.now = MORNING
    post.delivery.drain()
    calling.join(timeout=10)
    use(post.app)
    assert answers == [(ContactRefusal.TOO_SOON,)]
