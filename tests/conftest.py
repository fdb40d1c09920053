"""Fixtures: a real PostgreSQL, the app on it, and the people of ひなた保育園 and みどりこども園."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from portal import all_models  # noqa: F401 - tables point at each other; a test may need one alone
from portal.app import create_app
from portal.config import Settings
from portal.db.session import Database, end_session, make_engine, use
from portal.kernel.actor import Actor
from tests.database import TestServer, running_server
from tests.factories import people, places
from tests.order import dealt
from tests.pages.visit import Visitor


class _Compiled(BytecodeCache):
    """Templates compiled once for all apps of this process: each test makes an app of its own."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}


def pytest_xdist_auto_num_workers() -> int | None:
    """Run one process more than there are processors: some wait for a mail, a browser, a server."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    ours = getattr(os, "sched_getaffinity", None)
    return (len(ours(0)) if ours else os.cpu_count() or 1) + 1


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage in what tests make alone: modules and 7,000 tests stay to the end.

    Otherwise a third of collecting, and a tenth of each test, goes into walking through them.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000, 10, 10)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end, all other workers would wait for it."""
    items.sort(key=lambda item: "test_every_page" not in item.nodeid)
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes > 1:
        items[:] = dealt([(item.nodeid, item) for item in items], processes)


@pytest.fixture(scope="session", autouse=True)
def uploads_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where photos of these tests lie."""
    folder = tmp_path_factory.mktemp("uploads")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PORTAL_UPLOADS", str(folder))
        yield folder


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def app_engine(server: TestServer) -> Iterator[Engine]:
    """The app role's engine on this process's own database."""
    name = server.clone()
    engine = make_engine(server.url("portal_app", name))
    yield engine
    engine.dispose()
    server.drop(name)


@pytest.fixture
def database(app_engine: Engine, server: TestServer) -> Iterator[Database]:
    """A database in use for one test; everything in it is rolled back at the end."""
    with app_engine.connect() as connection:
        outer = connection.begin()
        inside = Database(connection, server.secrets, join_transaction_mode="create_savepoint")
        use(inside)
        yield inside
        end_session()
        outer.rollback()


@pytest.fixture
def emptied(server: TestServer) -> Iterator[Engine]:
    """A database of its own, really committed to: for races, browsers and workers."""
    name = server.clone()
    engine = make_engine(server.url("portal_app", name), pool_size=20)
    use(Database(engine, server.secrets))
    yield engine
    end_session()
    engine.dispose()
    server.drop(name)


def settings_for_tests(server: TestServer, **changes: object) -> Settings:
    return Settings(
        database_url="unused: the tests hand in their own engine",
        secrets=server.secrets,
        **changes,  # type: ignore[arg-type]  # each caller names real settings
    )


@pytest.fixture(scope="session")
def made_once(server: TestServer) -> Flask:
    """The portal of this process: to make it anew takes longer than most tests do."""
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


@pytest.fixture
def app(database: Database, made_once: Flask) -> Iterator[Flask]:
    """The portal on the rolled-back database; what a test sets or lets it keep ends with it."""
    del database
    config, extensions = dict(made_once.config), dict(made_once.extensions)
    yield made_once
    for now, before in ((made_once.config, config), (made_once.extensions, extensions)):
        now.clear()
        now.update(before)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody without sign-in."""
    return Visitor(app)


@pytest.fixture
def hinata(database: Database) -> places.Site:
    """ひなた保育園: open on weekdays 8:00-18:00, 6 places, of which 2 for 0-year-olds."""
    del database
    return places.make_site("ひなた保育園")


@pytest.fixture
def midori(database: Database) -> places.Site:
    """みどりこども園, the stranger: every access test asks what its people get."""
    del database
    return places.make_site("みどりこども園")


@pytest.fixture
def sato(hinata: places.Site) -> Actor:
    """Staff of ひなた保育園."""
    return people.make_worker("佐藤 まり", hinata.organisation_id, "staff")


@pytest.fixture
def director(hinata: places.Site) -> Actor:
    """Director of ひなた保育園."""
    return people.make_worker("岡田 園長", hinata.organisation_id, "director")


@pytest.fixture
def yamada(midori: places.Site) -> Actor:
    """Staff of みどりこども園, a stranger to ひなた保育園."""
    return people.make_worker("山田 けい", midori.organisation_id, "staff")


@pytest.fixture
def tanaka(database: Database) -> Actor:
    """Mother with a registered family, Hana in it."""
    del database
    return people.make_guardian("田中 みほ", children=("田中 はな",))


@pytest.fixture
def suzuki(database: Database) -> Actor:
    """Public health nurse of the city."""
    del database
    return people.make_liaison("鈴木 あき")


@pytest.fixture
def build_folder() -> Path:
    folder = Path(__file__).resolve().parents[1] / "build"
    folder.mkdir(exist_ok=True)
    return folder
