"""``portal serve``: the web process. Outside of trials it asks for a database of its own."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import replace

from portal.commands.surroundings import (
    MissingSetting,
    bring_up_to_date,
    embedded_addresses,
    environment,
    load_secrets,
    settings_from,
    state_dir,
)
from portal.config import Settings, mail_settings


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``serve``."""
    parser = subparsers.add_parser("serve", help="ポータルのウェブサーバーを動かします")
    parser.add_argument("--host", default="127.0.0.1", help="待ち受けるアドレス")
    parser.add_argument("--port", type=int, default=8000, help="待ち受けるポート")
    parser.add_argument(
        "--embedded", action="store_true", help="組み込みの PostgreSQL を使います（試すときだけ）"
    )
    parser.set_defaults(run=run)


def embedded_settings() -> Settings:
    """Return settings for the embedded server, started and brought up to date, with a warning."""
    print(
        "注意: 組み込みの PostgreSQL で動かします。試すためのもので、"
        "ほんとうの家庭のデータは入れないでください。",
        file=sys.stderr,
    )
    environ = environment()
    secrets = load_secrets(environ)
    where = embedded_addresses(state_dir(environ))
    bring_up_to_date(where, secrets)
    return Settings(
        database_url=where.app,
        worker_url=where.worker,
        secrets=secrets,
        mail=mail_settings(environ),
    )


def run(args: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C; requests in flight are finished."""
    from sqlalchemy import text

    from portal.app import create_app
    from portal.commands import doctor
    from portal.commands.serving import WebServer
    from portal.db.embedded.server import EmbeddedServer
    from portal.db.session import Database, make_engine, use
    from portal.liaison.operator import DOCTOR

    try:
        settings = embedded_settings() if args.embedded else settings_from(environment())
    except MissingSetting as missing:
        print(missing, file=sys.stderr)
        return 2
    if args.embedded:
        settings = replace(settings, base_url=f"http://{args.host}:{args.port}")
    engine = make_engine(settings.database_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM instance_facts LIMIT 1"))
    use(Database(engine, settings.secrets))
    app = create_app(settings)
    app.config[DOCTOR] = doctor.lacking
    web = WebServer(app, host=args.host, port=args.port)
    done = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: done.set())
    web.start()
    print(f"{settings.base_url} で動いています。止めるには Ctrl-C を押してください。")
    done.wait()
    web.stop()
    engine.dispose()
    if args.embedded:
        EmbeddedServer(state_dir(environment())).stop()
    return 0
