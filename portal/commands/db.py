"""``portal db``: migrate, backup, restore, shell, roles."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from portal.commands.surroundings import (
    DATABASE,
    MissingSetting,
    addresses,
    bring_up_to_date,
    environment,
    load_secrets,
    state_dir,
)


def add_to(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the word ``db`` and its own words."""
    parser = subparsers.add_parser(
        "db", help="データベース: migrate, backup, restore, shell, roles, stop"
    )
    words = parser.add_subparsers(title="すること", metavar="すること", required=True)
    words.add_parser("migrate", help="表を新しい形にします").set_defaults(run=_migrate)
    backup = words.add_parser(
        "backup", help="バックアップを、ファイルとその目録（.json）に書きます"
    )
    backup.add_argument("file", type=Path, help="新しいファイルの名前")
    backup.set_defaults(run=_backup)
    restore = words.add_parser("restore", help="バックアップを新しいデータベースに戻します")
    restore.add_argument("file", type=Path, help="backup が書いたファイル")
    restore.add_argument("--into", default="portal_restored", help="新しいデータベースの名前")
    restore.set_defaults(run=_restore)
    words.add_parser("stop", help="組み込みの PostgreSQL を止めます").set_defaults(run=_stop)
    words.add_parser("shell", help="psql を開きます").set_defaults(run=_shell)
    words.add_parser(
        "roles", help="外の PostgreSQL で最初に1回実行する SQL を出します"
    ).set_defaults(run=_roles)


def _migrate(_args: argparse.Namespace) -> int:
    environ = environment()
    try:
        print("表を新しい形にしています…", flush=True)
        bring_up_to_date(addresses(environ), load_secrets(environ))
    except MissingSetting as missing:
        print(missing, file=sys.stderr)
        return 2
    print("すみました。")
    return 0


def _backup(args: argparse.Namespace) -> int:
    from portal.db import backup

    where = addresses(environment())
    if not args.file.absolute().parent.is_dir():
        print(f"フォルダー {args.file.absolute().parent} がありません。", file=sys.stderr)
        return 2
    print(f"{args.file} に書いています…", flush=True)
    try:
        contents = backup.dump(where.server or where.backup or where.app, args.file)
    except (backup.BackupError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"目録は {args.file}.json です。戻すときは、2つとも要ります。")
    print(f"すみました。{len(contents.tables)}個の表、{contents.rows}行。")
    print("暗号の鍵は入っていません。secrets.json を別の場所に保管してください。")
    return 0


def _restore(args: argparse.Namespace) -> int:
    from portal.db import backup

    if re.fullmatch(r"[a-z][a-z0-9_]{0,62}", args.into) is None:
        print("--into は、英小文字ではじまる英数字と _ で入れてください。", file=sys.stderr)
        return 2
    where = addresses(environment())
    print(f"データベース {args.into} に戻しています…", flush=True)
    try:
        contents = backup.restore(
            args.file, where.server or where.owner, database=args.into, reader=where.backup
        )
    except (backup.BackupError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"すみました。{contents.rows}行を戻し、もとと同じことを確かめました。")
    print(
        f"使うには、DATABASE_URL などの接続先のデータベース名を {args.into} にして、"
        "ポータルとワーカーを始めなおします。"
    )
    return 0


def _stop(_args: argparse.Namespace) -> int:
    from portal.db.embedded.server import EmbeddedServer

    EmbeddedServer(state_dir(environment())).stop()
    print("組み込みの PostgreSQL は止まっています。")
    return 0


def _shell(_args: argparse.Namespace) -> int:
    where = addresses(environment())
    psql = str(where.server.binary("psql")) if where.server else "psql"
    url = where.owner or where.app
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    print(f"{DATABASE} を開きます。portal_owner には、行は方針のあるものしか見えません。")
    os.execvp(psql, [psql, plain])  # noqa: S606 - replaces this process, no shell


def _roles(_args: argparse.Namespace) -> int:
    from portal.db import roles

    print(roles.ROLES_SQL)
    print(f"CREATE DATABASE {DATABASE} OWNER portal_owner TEMPLATE template0 ENCODING 'UTF8';")
    print(f"\\connect {DATABASE}")
    print(roles.database_sql(DATABASE))
    return 0
