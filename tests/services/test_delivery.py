"""The delivery against a real SMTP server: what leaves, what is tried again, what staff hear of."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.messages.delivery import Delivery
from portal.messages.letters import Letter, MailMaker, Wanted
from portal.messages.models import OutboxMessage
from portal.messages.outbox import enqueue
from portal.messages.receivers import mail_reaches
from portal.messages.rules import POISON_TRIES
from portal.messages.smtp import Post, Unreachable
from tests.database import TestServer
from tests.factories import people
from tests.smtp import MailServer, running_mail_server

HINATA = uuid.UUID(int=7)


def _plain(_session: Session, wanted: Wanted) -> Letter:
    return Letter("ご予約を受け付けました", f"{wanted.to_name} 様 {wanted.context.get('n', '')}\n")


def _broken(_session: Session, _wanted: Wanted) -> Letter:
    raise RuntimeError("田中 はな")


def _broken_query(session: Session, _wanted: Wanted) -> Letter | None:
    session.execute(text("SELECT 1/0"))
    return None


def _guardians_seen(session: Session, wanted: Wanted) -> Letter:
    seen = session.execute(text("SELECT count(*) FROM guardians")).scalar_one()
    return Letter("見えるもの", f"{seen} {wanted.family_id}\n")


MAKERS: dict[str, MailMaker] = {
    "test/plain": _plain,
    "test/broken": _broken,
    "test/broken_query": _broken_query,
    "test/unwanted": lambda _session, _wanted: None,
    "test/seen": _guardians_seen,
}


class World:
    """A committed database with its worker, and a clock to set."""

    def __init__(self, app: Database, worker: Database, smtp: MailServer) -> None:
        self.app = app
        self.smtp = smtp
        self.later = timedelta(0)
        self._worker = worker
        self.delivery = Delivery(
            MAKERS,
            Post(smtp.settings, patience=2.0),
            base_url="http://portal.test",
            now=lambda: clock.now() + self.later,
        )

    def as_worker(self, action: Callable[[], Any]) -> Any:
        use(self._worker)
        try:
            return action()
        finally:
            use(self.app)

    def deliver(self, *, later: timedelta | None = None) -> None:
        if later is not None:
            self.later += later
        self.as_worker(self.delivery.drain)

    def row(self, mail: uuid.UUID) -> OutboxMessage:
        def read() -> OutboxMessage:
            with acting_as(ANONYMOUS) as session:
                return session.scalars(select(OutboxMessage).filter_by(id=mail)).one()

        found = self.as_worker(read)
        assert isinstance(found, OutboxMessage)
        return found


@pytest.fixture
def world(emptied: Engine, server: TestServer) -> Iterator[World]:
    name = emptied.url.database
    assert name is not None
    engine = make_engine(server.url("portal_worker", name))
    with running_mail_server() as smtp:
        yield World(in_use(), Database(engine, server.secrets), smtp)
    engine.dispose()


def queue(kind: str = "test/plain", **options: Any) -> uuid.UUID:
    if not {"to_family", "to_user"} & options.keys():
        options.setdefault("to_mail", "someone@example.test")
    with acting_as(ANONYMOUS), transaction() as session:
        return enqueue(session, kind, organisation_id=HINATA, **options)


def address_of(actor: Actor) -> str:
    with acting_as(actor) as session:
        found = session.execute(
            text("SELECT mail FROM users WHERE id = :id"), {"id": actor.user_id}
        )
        return str(found.scalar_one())


def test_mails_leave_in_the_order_in_which_they_were_queued(world: World) -> None:
    mails = [queue(context={"n": number}) for number in range(5)]
    world.deliver()
    assert [one.text.split()[-1] for one in world.smtp.taken] == ["0", "1", "2", "3", "4"]
    assert [one.message_id for one in world.smtp.taken] == [f"<{mail}@portal>" for mail in mails]
    assert all(world.row(mail).sent_at for mail in mails)


def test_what_was_rolled_back_never_leaves(world: World) -> None:
    with acting_as(ANONYMOUS) as session:
        enqueue(session, "test/plain", to_mail="someone@example.test")
        session.rollback()
    world.deliver()
    assert world.smtp.taken == []


def test_before_its_time_a_mail_stays_here(world: World) -> None:
    queue(not_before=clock.now() + timedelta(hours=1))
    world.deliver()
    assert world.smtp.taken == []
    world.deliver(later=timedelta(hours=2))
    assert len(world.smtp.taken) == 1


def test_what_is_no_longer_wanted_does_not_leave(world: World) -> None:
    mail = queue("test/unwanted")
    world.deliver()
    assert world.smtp.taken == []
    assert world.row(mail).dropped_at


def test_a_family_gets_it_at_the_account_and_its_letter_sees_its_family_only(world: World) -> None:
    tanaka = people.make_guardian("田中 みほ")
    people.make_guardian("鈴木 さえ")
    queue("test/seen", to_family=tanaka.family_id)
    world.deliver()
    (taken,) = world.smtp.taken
    assert taken.to == address_of(tanaka)
    assert taken.text.split() == ["1", str(tanaka.family_id)]


def test_a_family_without_any_address_gets_no_mail_and_blocks_nothing(world: World) -> None:
    mail = queue(to_family=uuid.uuid4())
    queue(context={"n": 2})
    world.deliver()
    assert world.row(mail).dropped_at
    assert len(world.smtp.taken) == 1


@pytest.mark.proves("F4")
def test_a_mail_not_taken_now_is_taken_later(world: World) -> None:
    mail = queue()
    world.smtp.after_data = "451 later"
    world.deliver()
    assert world.row(mail).sent_at is None
    world.smtp.after_data = "250 taken"
    world.deliver()
    assert world.smtp.taken == [], "not before its wait is over"
    world.deliver(later=timedelta(seconds=6))
    assert len(world.smtp.taken) == 1
    assert world.row(mail).sent_at


@pytest.mark.proves("F4")
def test_an_outage_of_a_minute_is_made_up_for_within_a_minute(world: World) -> None:
    mails = [queue() for _ in range(3)]
    world.smtp.answers["*"] = "451 later"
    for _ in range(12):
        world.deliver(later=timedelta(seconds=5))
    world.smtp.answers.clear()
    for _ in range(12):
        world.deliver(later=timedelta(seconds=5))
    assert all(world.row(mail).sent_at for mail in mails)


@pytest.mark.proves("F4")
def test_while_the_server_is_down_no_mail_loses_a_try_and_then_all_leave(world: World) -> None:
    mails = [queue() for _ in range(20)]
    world.smtp.stop()
    for _ in range(5):
        world.deliver()
    assert {world.row(mail).attempts for mail in mails} == {0}
    world.smtp.start()
    world.deliver()
    assert len(world.smtp.copies) == 20


@pytest.mark.proves("F4")
def test_a_server_that_falls_silent_is_left_alone_for_a_while(world: World) -> None:
    mails = [queue() for _ in range(3)]
    world.smtp.silent = True
    world.deliver()
    assert [world.row(mail).attempts for mail in mails] == [1, 0, 0]
    world.smtp.silent = False
    world.deliver(later=timedelta(seconds=6))
    assert len(world.smtp.copies) == 3


@pytest.mark.proves("F4")
def test_after_three_days_a_mail_is_given_up(world: World) -> None:
    mail = queue()
    world.smtp.after_data = "451 later"
    for _ in range(4):
        world.deliver(later=timedelta(days=1))
    row = world.row(mail)
    assert row.failed_at
    assert row.last_error == "smtp 451"


@pytest.mark.proves("F4")
def test_an_address_where_nobody_lives_is_remembered_until_it_changes(world: World) -> None:
    tanaka = people.make_guardian("田中 みほ")
    world.smtp.answers[address_of(tanaka)] = "550 no such user"
    assert reaches(tanaka)
    first = queue(to_family=tanaka.family_id)
    world.deliver()
    assert world.row(first).failed_at
    assert world.row(first).last_error == "address"
    assert not reaches(tanaka), "no mail is offered that would not arrive"
    world.smtp.answers.clear()
    second = queue(to_family=tanaka.family_id)
    world.deliver()
    assert world.row(second).failed_at, "not tried again"
    queue(to_user=tanaka.user_id)
    world.deliver()
    assert len(world.smtp.taken) == 1, "what goes to the account itself is always tried"
    queue(to_family=tanaka.family_id)
    world.deliver()
    assert len(world.smtp.taken) == 2, "it was taken, so the address works again"
    assert reaches(tanaka)


def reaches(guardian: Actor) -> bool:
    assert guardian.family_id is not None
    with acting_as(guardian) as session:
        return mail_reaches(session, guardian.family_id)


def test_a_letter_refused_for_its_content_leaves_the_address_in_peace(world: World) -> None:
    tanaka = people.make_guardian("田中 みほ")
    mail = queue(to_family=tanaka.family_id)
    world.smtp.after_data = "554 looks like spam"
    world.deliver()
    assert world.row(mail).last_error == "smtp 554"
    world.smtp.after_data = "250 taken"
    queue(to_family=tanaka.family_id)
    world.deliver()
    assert len(world.smtp.taken) == 1


@pytest.mark.proves("P3")
@pytest.mark.parametrize("kind", ["test/broken", "test/broken_query", "test/unknown"])
def test_a_mail_that_cannot_be_written_is_parked_and_holds_up_nobody(
    world: World, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    poison = queue(kind)
    queue()
    world.deliver()
    assert len(world.smtp.taken) == 1
    for _ in range(POISON_TRIES):
        world.deliver(later=timedelta(minutes=2))
    row = world.row(poison)
    assert (row.attempts, row.last_error) == (POISON_TRIES, "unwritable")
    assert row.failed_at
    assert "はな" not in caplog.text, "what an error says may hold names"


def _second_guardian(first: Actor, mail: str) -> None:
    columns = "id, family_id, name, search_key, relation, mail"
    with acting_as(first), transaction() as session:
        session.execute(
            text(f"INSERT INTO guardians ({columns}) VALUES (:id, :family, :n, :n, '父', :mail)"),
            {"id": uuid.uuid4(), "family": first.family_id, "n": "田中 けん", "mail": mail},
        )


@pytest.mark.proves("F4")
def test_each_guardian_gets_it_once_although_one_has_to_wait(world: World) -> None:
    tanaka = people.make_guardian("田中 みほ")
    _second_guardian(tanaka, "ken@example.test")
    mail = queue(to_family=tanaka.family_id)
    world.smtp.answers[address_of(tanaka)] = "451 later"
    world.deliver()
    assert [one.to for one in world.smtp.taken] == ["ken@example.test"]
    world.smtp.answers.clear()
    world.deliver(later=timedelta(seconds=6))
    assert [one.to for one in world.smtp.taken] == ["ken@example.test", address_of(tanaka)]
    assert world.row(mail).sent_at


def test_a_family_that_one_guardian_can_be_reached_in_is_reached(world: World) -> None:
    tanaka = people.make_guardian("田中 みほ")
    _second_guardian(tanaka, "ken@example.test")
    world.smtp.answers["ken@example.test"] = "550 no such user"
    mail = queue(to_family=tanaka.family_id)
    world.deliver()
    assert [one.to for one in world.smtp.taken] == [address_of(tanaka)]
    assert world.row(mail).sent_at


def test_two_workers_at_once_send_each_mail_once(world: World) -> None:
    for _ in range(40):
        queue()

    def both() -> None:
        posts = [Post(world.smtp.settings) for _ in range(2)]
        workers = [Delivery(MAKERS, post, base_url="http://portal.test") for post in posts]
        threads = [threading.Thread(target=worker.drain) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    world.as_worker(both)
    assert len(world.smtp.copies) == 40
    assert set(world.smtp.copies.values()) == {1}


def test_a_server_that_refuses_us_as_sender_costs_no_mail(world: World) -> None:
    mail = queue()

    async def refuse(*_arguments: object) -> str:
        return "550 sender unknown"

    world.smtp.handle_MAIL = refuse  # type: ignore[method-assign,assignment]
    with pytest.raises(Unreachable):
        world.as_worker(world.delivery.deliver_next)
    assert world.row(mail).attempts == 0


def test_only_the_worker_looks_up_receivers(world: World) -> None:
    del world
    with acting_as(Actor(role=Role.OPERATOR)) as session, pytest.raises(Exception, match="denied"):
        session.execute(text("SELECT * FROM mail_receivers(NULL, NULL, NULL)"))


def test_the_day_of_a_mail_is_that_of_its_queueing(world: World) -> None:
    before = datetime.now(UTC)  # noqa: TID251 - compared with the database's clock
    queue()
    world.later = timedelta(days=2)
    world.deliver()
    sent = world.smtp.taken[0].message["Date"].datetime
    assert abs(sent - before) < timedelta(minutes=1)
