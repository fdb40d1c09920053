"""Real worker processes, killed at the worst moments: no mail is lost."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from tests import mail_worker
from tests.database import TestServer
from tests.smtp import MailServer, running_mail_server, wait_until

MAILS = 12
KILLS = 3
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = :database AND usename = 'portal_worker'"
)


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def kill_at(smtp: MailServer, moment: str, times: int) -> Callable[[subprocess.Popen[bytes]], None]:
    """Let the server kill the worker it is given, at ``on_mail`` or ``on_taken``."""
    victims: list[subprocess.Popen[bytes]] = []
    left = threading.Semaphore(times)

    def strike() -> None:
        if victims and left.acquire(blocking=False):
            victim = victims.pop()
            victim.kill()
            victim.wait()

    setattr(smtp, moment, strike)
    return victims.append


def survivors(
    server: TestServer, emptied: Engine, smtp: MailServer, moment: str, word: str
) -> tuple[set[str], Counter[str]]:
    """Queue mails, kill some workers at ``moment``, let one finish; return what came."""
    queued = mail_worker.queue(MAILS)
    mark = kill_at(smtp, moment, KILLS)
    for _ in range(KILLS):
        with mail_worker.running(server, str(emptied.url.database), smtp.settings, word) as worker:
            mark(worker)
            assert worker.wait(timeout=60) == -signal.SIGKILL
    with mail_worker.running(server, str(emptied.url.database), smtp.settings, word):
        wait_until(
            lambda: {one for one, _ in smtp.copies} >= queued, seconds=60 if word == "honest" else 5
        )
    came: Counter[str] = Counter()
    for (message_id, _), times in smtp.copies.items():
        came[message_id] += times
    return queued, came


@pytest.mark.proves("P3", "F3")
def test_killed_after_the_server_took_it_a_mail_comes_at_most_twice(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    queued, came = survivors(server, emptied, smtp, "on_taken", "honest")
    assert set(came) == queued
    assert sum(came.values()) - len(queued) <= KILLS
    assert max(came.values()) <= 1 + KILLS


@pytest.mark.proves("P3", "F3")
def test_killed_before_the_server_took_it_a_mail_comes_once(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    queued, came = survivors(server, emptied, smtp, "on_mail", "honest")
    assert set(came) == queued
    assert set(came.values()) == {1}


def test_the_same_kills_find_a_worker_that_notes_too_early(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    queued, came = survivors(server, emptied, smtp, "on_mail", "eager")
    assert len(queued - set(came)) == KILLS


def test_a_mail_leaves_at_once_because_the_database_calls(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    with mail_worker.running(server, str(emptied.url.database), smtp.settings, "called"):
        waits = []
        for number in range(1, 8):
            mail_worker.queue(1)
            begin = time.monotonic()
            assert wait_until(lambda: len(smtp.taken) >= number, seconds=60)  # noqa: B023
            waits.append(time.monotonic() - begin)
    # The first one finds the worker starting.
    assert sorted(waits[1:])[2] < 2, waits


@pytest.mark.proves("F5")
def test_a_worker_whose_connections_are_cut_goes_on(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    database = str(emptied.url.database)
    admin = create_engine(server.url("portal_admin", "postgres"))
    with mail_worker.running(server, database, smtp.settings, "called") as worker:
        for number in range(1, 4):
            mail_worker.queue(1)
            assert wait_until(lambda: len(smtp.taken) >= number, seconds=60)  # noqa: B023
            with admin.connect() as connection:
                connection.execute(CUT, {"database": database})
        assert worker.poll() is None
    admin.dispose()


def test_told_to_stop_the_worker_stops_within_a_second(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    with mail_worker.running(server, str(emptied.url.database), smtp.settings) as worker:
        mail_worker.queue(1)
        assert wait_until(lambda: bool(smtp.taken), seconds=60)
        begin = time.monotonic()
        worker.terminate()
        assert worker.wait(timeout=5) == 0
        assert time.monotonic() - begin < 2, "a second, and one more on a busy machine"


@pytest.mark.proves("F17")
def test_two_schedulers_at_once_do_each_round_once(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    database = str(emptied.url.database)
    with (
        mail_worker.running(server, database, smtp.settings, "remind"),
        mail_worker.running(server, database, smtp.settings, "remind"),
    ):
        begun = time.monotonic()
        assert wait_until(lambda: len(smtp.taken) >= 9, seconds=60)
        # One round a second: nine of them take eight seconds, twice as fast were twice each.
        assert time.monotonic() - begun > 7
    assert set(smtp.copies.values()) == {1}


def test_what_a_killed_worker_had_begun_is_run_again(
    server: TestServer, emptied: Engine, smtp: MailServer
) -> None:
    with emptied.begin() as connection:
        connection.execute(text("SET LOCAL search_path TO jobs, public"))
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, attempts)"
                " VALUES ('default', 'remind', '{\"timestamp\": 1}', 'doing', 1)"
            )
        )
    with mail_worker.running(server, str(emptied.url.database), smtp.settings, "rescue"):
        assert wait_until(lambda: bool(smtp.taken), seconds=60)
