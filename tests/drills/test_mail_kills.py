"""The drill for mail: many kills at random moments while mails come in. Prints counts and seed."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests import mail_worker
from tests.database import TestServer
from tests.smtp import MailServer, running_mail_server, wait_until

WORKERS = 2
KILLS = 28
BACKLOG = 200


class Crew:
    """Workers that are started again when they die, as a supervisor does."""

    def __init__(self, server: TestServer, database: str, smtp: MailServer, word: str) -> None:
        self._how = (server, database, smtp.settings, word)
        self.workers = [mail_worker.start(*self._how) for _ in range(WORKERS)]

    def strike(self, chance: random.Random) -> None:
        number = chance.randrange(WORKERS)
        self.workers[number].kill()
        self.workers[number].wait()
        self.workers[number] = mail_worker.start(*self._how)

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()


class Rush:
    """Queues mails without rest, but never more than the server takes within a minute."""

    def __init__(self, smtp: MailServer) -> None:
        self._smtp = smtp
        self.queued: set[str] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(0.03):
            if len(self.queued) - len(self._smtp.taken) < BACKLOG:
                self.queued |= mail_worker.queue(1)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def drill(
    server: TestServer, emptied: Engine, smtp: MailServer, *, word: str, kills: int
) -> tuple[set[str], Counter[str], float]:
    """Return what was queued, how often each came, and the seconds until all had come."""
    seed = int.from_bytes(os.urandom(3))
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not a secret
    # A server as slow as real ones: a kill is as likely in the middle as between two mails.
    smtp.on_taken = lambda: time.sleep(chance.uniform(0.001, 0.008))
    smtp.on_mail = smtp.on_taken
    crew, rush = Crew(server, str(emptied.url.database), smtp, word), Rush(smtp)
    try:
        for number in range(kills):
            # By progress, not by time: on a busy machine a worker takes long to start.
            goal = len(smtp.taken) + chance.randint(1, 40)
            wait_until(lambda: len(smtp.taken) >= goal, seconds=30)  # noqa: B023
            time.sleep(chance.uniform(0, 0.05))
            crew.strike(chance)
            if number == kills // 2:
                smtp.stop()
                time.sleep(5)
                smtp.start()
        rush.stop()
        begin = time.monotonic()
        wait_until(
            lambda: (
                len(smtp.taken) >= len(rush.queued)
                and {one for one, _ in smtp.copies} >= rush.queued
            ),
            seconds=180 if word == "honest" else 10,
        )
        drained = time.monotonic() - begin
    finally:
        rush.stop()
        crew.dismiss()
    came = Counter(message_id for message_id, _ in smtp.copies.elements())
    doubled = sum(came.values()) - len(came)
    print(  # noqa: T201 - the figures of a drill
        f"seed {seed}, {word}, kills {kills}, queued {len(rush.queued)},"
        f" lost {len(rush.queued - set(came))}, doubled {doubled}, drained in {drained:.1f} s,"
        f" load {os.getloadavg()[0]:.1f}"
    )
    return rush.queued, came, drained


@pytest.mark.proves("P3", "F3", "F4")
def test_no_kill_loses_a_mail_and_doubles_bear_the_same_message_id(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    queued, came, drained = drill(server, emptied, smtp, word="honest", kills=KILLS)
    assert len(queued) > 300
    assert set(came) == queued
    assert drained < 60
    assert sum(came.values()) - len(came) <= KILLS * WORKERS


def test_the_same_drill_finds_a_worker_that_notes_too_early(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    queued, came, _ = drill(server, emptied, smtp, word="eager", kills=KILLS // 2)
    assert queued - set(came)
