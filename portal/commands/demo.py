"""``portal demo``: everything at once, with invented families, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets as randomness
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine

from portal.commands.surroundings import (
    DATABASE,
    Addresses,
    bring_up_to_date,
    embedded_addresses,
    environment,
    state_dir,
)
from portal.config import MailSettings, Secrets, Settings
from portal.db.roles import ADMIN

if TYPE_CHECKING:
    from portal.commands.demo_city.city import Living

PORT = 8000
#: Where the demo's own database, mails and secrets lie below the state directory.
FOLDER = "demo"


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``demo``."""
    parser = subparsers.add_parser("demo", help="架空のデータで、すべてを一度に動かします")
    parser.add_argument("--port", type=int, help="ポート（0 は空いているもの）。ふつうは 8000")
    parser.add_argument("--data-dir", type=Path, help="データの場所")
    parser.add_argument("--fresh", action="store_true", help="前のデータを消して始めます")
    parser.add_argument("--json", action="store_true", help="入り口を JSON で1行に書きます")
    parser.add_argument("--seed", help="くらしの種。同じ種と同じ開始日なら、同じ市になります")
    parser.add_argument(
        "--scale", choices=("city",), help="city: 施設を100か所あまり、家庭を数千にします"
    )
    parser.add_argument("--years", type=int, default=0, help="過去の年数分のデータを加えます")
    parser.set_defaults(run=run)


@dataclass
class _Told:
    """Tells progress: on stderr with --json, so that stdout's first line is the JSON."""

    to_stderr: bool

    def __call__(self, words: str) -> None:
        print(words, file=sys.stderr if self.to_stderr else sys.stdout, flush=True)


def _port(asked: int | None, tell: Callable[[str], None]) -> int:
    from portal.commands.serving import free_port, is_free

    if asked == 0:
        return free_port()
    if asked is not None or is_free(PORT):
        return asked or PORT
    other = free_port()
    tell(f"ポート {PORT} は使われているので、{other} を使います。")
    return other


def _clear(root: Path) -> None:
    from portal.db.embedded.server import EmbeddedServer

    if (root / "postgres").exists():
        EmbeddedServer(root).remove()
    shutil.rmtree(root, ignore_errors=True)


def _start_worker(settings: Settings, root: Path) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "portal", "worker"]
    return subprocess.Popen(
        words,
        cwd=Path(__file__).resolve().parents[2],
        env={
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "DATABASE_WORKER_URL": settings.worker_url,
            "PORTAL_SECRETS": str(root / "secrets.json"),
            "PORTAL_BASE_URL": settings.base_url,
            "SMTP_HOST": settings.mail.host,
            "SMTP_PORT": str(settings.mail.port),
            "PORTAL_IS_DEMO": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _wait_until(answers: Callable[[], bool], what: str, *, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answers():
            return
        time.sleep(0.05)
    raise TimeoutError(f"{what} が {seconds:.0f} 秒待っても答えません。")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 # nosec B310 - our own loopback
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
    except OSError:
        return False


def run(args: argparse.Namespace) -> int:
    """Run the demo in the foreground until SIGTERM or Ctrl-C."""
    tell = _Told(to_stderr=args.json)
    root = (args.data_dir or state_dir(environment()) / FOLDER).absolute()
    if args.fresh:
        tell("前のデータを消しています…")
        _clear(root)
    root.mkdir(parents=True, exist_ok=True)
    os.environ["PORTAL_UPLOADS"] = str(root / "uploads")
    done = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: done.set())
    with contextlib.ExitStack() as at_the_end:
        tell("データベースを用意しています…")
        where = embedded_addresses(root)
        if where.server is not None:
            at_the_end.callback(where.server.stop)
        settings = Settings(
            database_url=where.app,
            worker_url=where.worker,
            secrets=Secrets.load_or_create(root / "secrets.json"),
            base_url=f"http://127.0.0.1:{_port(args.port, tell)}",
            mail=_mail_settings(),
            is_demo=True,
        )
        bring_up_to_date(where, settings.secrets)
        outcome = _run_city(settings, where, root, args, tell, at_the_end)
        if done.is_set():
            return 0
        _print_doors(outcome, as_json=args.json)
        done.wait()
        tell("止めています…")
    return 0


def _mail_settings() -> MailSettings:
    from portal.commands.serving import free_port

    return MailSettings(port=free_port(), sender="no-reply@portal.example")


def _run_city(
    settings: Settings,
    where: Addresses,
    root: Path,
    args: argparse.Namespace,
    tell: Callable[[str], None],
    at_the_end: contextlib.ExitStack,
) -> dict[str, Any]:
    from portal.app import create_app
    from portal.commands.demo_city import pages
    from portal.commands.demo_city.mailbox import Mailbox, start_mail_server
    from portal.commands.serving import WebServer
    from portal.db.session import Database, make_engine, use

    engine = make_engine(settings.database_url)
    at_the_end.callback(engine.dispose)
    use(Database(engine, settings.secrets))
    living = _living(where, args, tell, settings.base_url)
    mailbox = Mailbox(root / "mails")
    mail_server = start_mail_server(mailbox, settings.mail.port)
    at_the_end.callback(mail_server.stop)
    worker = _start_worker(settings, root)
    at_the_end.callback(_end, worker)
    secret = randomness.token_urlsafe(16)
    app = create_app(settings)
    app.register_blueprint(pages.blueprint(living.personas, mailbox, secret))
    web = WebServer(app, host="127.0.0.1", port=int(settings.base_url.rsplit(":", 1)[1]))
    web.start()
    at_the_end.callback(web.stop)
    if where.server is not None:
        alive = threading.Event()
        threading.Thread(target=where.server.keep_alive, args=(alive,), daemon=True).start()
        at_the_end.callback(alive.set)
    _wait_until(lambda: _answers(settings.base_url + "/"), "ウェブサーバー")
    _wait_until(lambda: bool(mailbox.newest(1)), "メールの配達")
    base = settings.base_url
    return {
        "base_url": base,
        "personas": {
            key: {"name": persona.name, "sign_in": f"{base}/demo/sign-in/{secret}/{key}"}
            for key, persona in living.personas.items()
        },
        "samples": {
            **{name: base + path for name, path in living.samples.items()},
            "mail": f"{base}/demo/mails/{mailbox.newest(1)[0].number}",
        },
    }


def _living(
    where: Addresses, args: argparse.Namespace, tell: Callable[[str], None], base_url: str
) -> Living:
    """Bring the city up to now, and add what was asked for beyond its own life, each once."""
    from portal.commands.demo_city.city import live_until_today
    from portal.commands.demo_city.facts import is_new
    from portal.commands.scale.city import found_city
    from portal.commands.scale.years import add_years
    from portal.kernel import clock

    if where.server is None:
        raise RuntimeError("the demo runs on a server of its own")
    admin = create_engine(where.server.url(ADMIN, DATABASE))
    living = live_until_today(admin, tell, seed=args.seed, base_url=base_url)
    if args.scale == "city" and is_new(admin, "demo.scale"):
        found_city(admin, now=clock.now(), tell=tell)
    if args.years > 0 and is_new(admin, "demo.years"):
        add_years(admin, args.years, now=clock.now(), tell=tell)
    admin.dispose()
    return living


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _print_doors(outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(outcome, ensure_ascii=False), flush=True)
        return
    lines = [
        "",
        f"  ポータル            {outcome['base_url']}/",
        f"  だれかになって使う  {outcome['base_url']}/demo/",
        f"  送られたメール      {outcome['base_url']}/demo/mails",
        "",
    ]
    lines += [
        f"  {person['name']}\n    {person['sign_in']}" for person in outcome["personas"].values()
    ]
    lines += ["", "  見どころ"]
    lines += [f"    {name:<18}{address}" for name, address in outcome["samples"].items()]
    lines += ["", "架空のデータです。止めるには Ctrl-C を押してください。"]
    print("\n".join(lines), flush=True)
