"""Jobs by the clock, and the registries that a worker is started with."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.jobs.clearing_out import clear_out
from portal.jobs.periodic import PERIODIC, load
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS
from portal.messages import letters
from tests.database import HOME, ROOT, TestServer
from tests.factories import people

OLD = timedelta(days=40)
CRON_FIELDS = 5


def test_every_job_by_the_clock_has_its_function_and_its_hour() -> None:
    assert len({entry.name for entry in PERIODIC}) == len(PERIODIC)
    for entry in PERIODIC:
        assert callable(load(entry))
        assert len(entry.cron.split()) == CRON_FIELDS, entry


def _kinds_queued() -> Iterator[tuple[Path, str]]:
    """Every kind of mail that the portal's own code queues; of a composed one, its beginning."""
    for file in sorted((ROOT / "portal").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            kind = node.args[1]
            if isinstance(kind, ast.JoinedStr):
                kind = kind.values[0]
            if name == "enqueue" and isinstance(kind, ast.Constant):
                yield file, str(kind.value)


def test_every_kind_that_is_queued_is_written_by_a_module_of_the_registry() -> None:
    makers = letters.collect()
    written = set(makers) | {kind.partition("/")[0] + "/" for kind in makers}
    unwritten = {
        f"{kind} ({file.relative_to(ROOT)})"
        for file, kind in _kinds_queued()
        if kind not in written
    }
    assert len(list(_kinds_queued())) > 5
    assert unwritten == set()


def test_every_feature_with_mails_stands_in_the_registry() -> None:
    found = {f"portal.{file.parent.name}.mail" for file in (ROOT / "portal").glob("*/mail.py")}
    assert found == set(letters.MODULES)


def test_the_same_kind_twice_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="another module writes"):
        letters.collect(["tests.mail_worker", "tests.mail_worker"])


def test_clearing_out_takes_what_is_old_and_nothing_else(
    emptied: Engine, server: TestServer
) -> None:
    app = in_use()
    name = str(emptied.url.database)
    person = people.make_guardian("田中 みほ")
    people.session_token(person)
    with acting_as(ANONYMOUS), transaction() as session:
        for age in (timedelta(0), OLD):
            session.execute(
                text(
                    "INSERT INTO given_answers (actor_key, route, key, body_hash, created_at)"
                    " VALUES ('someone', '/', :key, '', now() - :age)"
                ),
                {"key": uuid.uuid4(), "age": age},
            )
        session.execute(text("SELECT count_try('x', 1, interval '1 hour')"))
    worker = make_engine(server.url("portal_worker", name))
    use(Database(worker, server.secrets))
    admin = create_engine(server.url("portal_admin", name))

    def left() -> tuple[int, ...]:
        with admin.connect() as connection:
            return tuple(
                connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                for table in ("given_answers", "tries", "sign_in_sessions")
            )

    clear_out(clock.now())
    assert left() == (1, 1, 1)
    clear_out(clock.now() + OLD)
    assert left() == (0, 0, 0)
    use(app)
    worker.dispose()
    admin.dispose()


@pytest.mark.parametrize("missing", ["DATABASE_URL", "DATABASE_WORKER_URL"])
def test_a_worker_without_its_database_says_what_is_missing(missing: str) -> None:
    known = {"DATABASE_URL": "postgresql://", "DATABASE_WORKER_URL": "postgresql://"}
    known.pop(missing)
    outer = {name: os.environ[name] for name in os.environ if not name.startswith("DATABASE_")}
    answer = subprocess.run(
        [sys.executable, "-m", "portal", "worker"],
        cwd=ROOT,
        env={**outer, **known, "PORTAL_SECRETS": str(HOME / "secrets.json")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 2
    assert answer.stderr.startswith(f"{missing} がありません。")
