"""``portal worker``: deliver mails and do what comes round, until told to stop."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace

from portal.commands.serve import embedded_settings
from portal.commands.surroundings import MissingSetting, environment, settings_from
from portal.config import Settings
from portal.contacts.mails import FAMILY_GATE
from portal.db.session import Database, make_engine, use
from portal.jobs.periodic import PERIODIC, Periodic
from portal.jobs.worker import Pace, run_jobs
from portal.messages import letters
from portal.messages.delivery import Delivery
from portal.messages.smtp import Post

#: A mail in flight may be finished; after that the process ends, as it may at any time.
_GRACE_SECONDS = 0.8


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``worker``."""
    parser = subparsers.add_parser(
        "worker", help="メールなどの仕事をするワーカーを動かします（止めるには Ctrl-C）"
    )
    parser.add_argument(
        "--embedded", action="store_true", help="組み込みの PostgreSQL を使います（試すときだけ）"
    )
    parser.epilog = (
        "メールを送るサーバーは、環境変数 SMTP_HOST、SMTP_PORT、SMTP_USER、SMTP_PASSWORD、"
        "SMTP_STARTTLS=1、MAIL_FROM で決めます。"
    )
    parser.set_defaults(run=run)


def run_worker(
    settings: Settings,
    stop: threading.Event,
    *,
    modules: Iterable[str] = letters.MODULES,
    periodic: Sequence[Periodic] = PERIODIC,
    delivery: type[Delivery] = Delivery,
    pace: Pace | None = None,
) -> None:
    """Work until ``stop`` is set. Needs a process of its own: it speaks as the worker's role."""
    engine = make_engine(settings.worker_url, pool_size=6)
    use(Database(engine, settings.secrets))
    post = delivery(
        letters.collect(modules),
        Post(settings.mail),
        base_url=settings.base_url,
        is_demo=settings.is_demo,
        gate=FAMILY_GATE,
    )
    run_jobs(settings.worker_url, lambda: post.drain(stop), periodic, stop, pace=pace)
    engine.dispose()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and Ctrl-C set; a second later the process ends regardless."""
    stop = threading.Event()

    def told(*_: object) -> None:
        stop.set()
        last = threading.Timer(_GRACE_SECONDS, os._exit, (0,))
        last.daemon = True
        last.start()

    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, told)
    return stop


def run(args: argparse.Namespace) -> int:
    """Work in the foreground until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    environ = environment()
    try:
        settings = embedded_settings() if args.embedded else settings_from(environ)
    except MissingSetting as missing:
        print(missing, file=sys.stderr)
        return 2
    if not settings.worker_url:
        print(
            "DATABASE_WORKER_URL がありません。役割 portal_worker の接続先を設定してください。"
            "役割のつくり方は「portal db roles」で出ます。",
            file=sys.stderr,
        )
        return 2
    settings = replace(settings, is_demo=environ.get("PORTAL_IS_DEMO") == "1")
    run_worker(settings, stop_on_signals())
    return 0
