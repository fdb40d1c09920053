"""What a command says when something outside it is not as it should be: one sentence, no trace."""

from __future__ import annotations

import errno

import psycopg
from psycopg import errors as driver_errors
from sqlalchemy.exc import ArgumentError, DBAPIError

from portal.commands.surroundings import MissingSetting
from portal.db.backup import BackupError
from portal.db.embedded.errors import EmbeddedServerError

_UNREACHABLE = (
    "データベースにつながりません。DATABASE_URL などの接続先と、"
    "PostgreSQL が動いているかをたしかめてください。"
)
_NO_TABLES = "表がまだありません。先に「portal db migrate」を実行してください。"
_NOT_AN_ADDRESS = (
    "DATABASE_URL が読めません。例：postgresql+psycopg://portal_app@/portal?host=/run/postgresql"
)


def sentence_for(error: Exception) -> str | None:
    """Return what to tell the operator, or ``None`` for what only a trace explains."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, MissingSetting | BackupError | EmbeddedServerError):
        return str(error)
    if isinstance(error, ArgumentError):
        return _NOT_AN_ADDRESS
    if isinstance(cause, driver_errors.UndefinedTable | driver_errors.UndefinedFunction):
        return _NO_TABLES
    if isinstance(cause, psycopg.OperationalError):
        return _UNREACHABLE
    if isinstance(error, OSError):
        return _of_the_machine(error)
    return None


def _of_the_machine(error: OSError) -> str | None:
    if error.errno == errno.EADDRINUSE:
        return "そのポートは、ほかのプログラムが使っています。--port で別の番号を指定してください。"
    if error.filename is None:
        return None
    what = {
        errno.ENOENT: "がありません",
        errno.EEXIST: "は、もうあります",
        errno.EACCES: "を読み書きできません",
        errno.ENOSPC: "に書く場所が足りません",
    }.get(error.errno or 0)
    return f"{error.filename} {what}。名前と場所をたしかめてください。" if what else None
