"""A worker process for tests: the real one, with mails and jobs of the tests' own.

``python -m tests.mail_worker WORDS`` with the settings of ``portal worker`` in the environment.
``eager``: notes a mail as sent before it sends it, which loses some. ``remind``: queues a mail
every second. ``called``: looks at the outbox only when the database calls.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.commands.surroundings import environment, settings_from
from portal.commands.worker import run_worker, stop_on_signals
from portal.config import MailSettings
from portal.db.session import acting_as, transaction
from portal.jobs.periodic import Periodic
from portal.jobs.worker import Pace
from portal.kernel.actor import ANONYMOUS
from portal.messages.delivery import Delivery
from portal.messages.letters import Letter, MailMaker, Wanted
from portal.messages.outbox import enqueue
from tests.database import HOME, ROOT, TestServer

KIND = "test/plain"
EVERY_SECOND = "* * * * * *"
NEVER = "0 0 1 1 *"  # not while tests run on a day that is not New Year's


def _plain(_session: Session, wanted: Wanted) -> Letter:
    return Letter("お知らせ", f"{wanted.context}\n")


MAILS: dict[str, MailMaker] = {KIND: _plain}


def remind(now: datetime) -> None:
    """A job by the clock: one mail each round."""
    with acting_as(ANONYMOUS), transaction() as session:
        enqueue(
            session, KIND, to_mail=f"{now:%H%M%S}@example.test", context={"at": now.isoformat()}
        )


class EagerDelivery(Delivery):
    """The mistake: notes the mail as sent, commits, and sends it then."""

    def deliver_next(self) -> bool:
        with acting_as(ANONYMOUS), transaction() as session:
            row = session.execute(
                text(
                    "UPDATE outbox_messages SET sent_at = now() WHERE id ="
                    " (SELECT id FROM outbox_messages WHERE sent_at IS NULL"
                    " ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
                    " RETURNING id, message_id, to_mail, created_at"
                )
            ).one_or_none()
        if row is None:
            return False
        from portal.documents.mail_message import build

        self._post.send(
            build(
                message_id=row.message_id,
                sender=("", self._post.settings.sender),
                to_addr=row.to_mail,
                subject="お知らせ",
                text="…",
                date=row.created_at,
            ),
            row.to_mail,
        )
        return True


def queue(count: int) -> set[str]:
    """Queue mails in the database in use and return their Message-IDs."""
    queued = set()
    for _ in range(count):
        with acting_as(ANONYMOUS), transaction() as session:
            mail = enqueue(session, KIND, to_mail=f"{uuid.uuid4().hex}@example.test")
        queued.add(f"<{mail}@portal>")
    return queued


def start(
    server: TestServer, database: str, mail: MailSettings, *words: str
) -> subprocess.Popen[bytes]:
    """Start a worker of its own on a test's database."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mail_worker", *(words or ("honest",))],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": server.url("portal_app", database),
            "DATABASE_WORKER_URL": server.url("portal_worker", database),
            "PORTAL_SECRETS": str(HOME / "secrets.json"),
            "SMTP_HOST": mail.host,
            "SMTP_PORT": str(mail.port),
        },
    )


@contextmanager
def running(
    server: TestServer, database: str, mail: MailSettings, *words: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker; at the end it is killed."""
    process = start(server, database, mail, *words)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def main(words: list[str]) -> None:
    logging.basicConfig(level=logging.ERROR)
    every = EVERY_SECOND if "remind" in words else NEVER
    run_worker(
        settings_from(environment()),
        stop_on_signals(),
        modules=("tests.mail_worker",),
        periodic=[Periodic("remind", every, "tests.mail_worker:remind")],
        delivery=EagerDelivery if "eager" in words else Delivery,
        pace=Pace(
            beat=0.5,
            silence=2,
            deliver=NEVER if "called" in words else EVERY_SECOND,
            rescue=EVERY_SECOND,
        ),
    )


if __name__ == "__main__":
    assert Path.cwd() == ROOT
    main(sys.argv[1:])
