"""What every long-running command needs first: settings, secrets, and a database that answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, make_url, text

from portal.config import Secrets, Settings, mail_settings
from portal.db import roles
from portal.db.embedded.files import default_state_dir
from portal.kernel.clock import now, today

if TYPE_CHECKING:
    from portal.db.embedded.server import EmbeddedServer

DATABASE = "portal"


class MissingSetting(Exception):  # noqa: N818 - read by people as a sentence
    """A setting is missing; the text says which, and what to do."""


def state_dir(environ: Mapping[str, str]) -> Path:
    """Return the directory of secrets and of the embedded server."""
    given = environ.get("PORTAL_STATE_DIR")
    return Path(given) if given else default_state_dir()


def secrets_file(environ: Mapping[str, str]) -> Path:
    """Return where the secrets lie; ``PORTAL_SECRETS`` wins."""
    given = environ.get("PORTAL_SECRETS")
    return Path(given) if given else state_dir(environ) / "secrets.json"


def load_secrets(environ: Mapping[str, str]) -> Secrets:
    """Return the secrets, making their file (0600, in a directory of its own) at first."""
    file = secrets_file(environ)
    file.parent.mkdir(parents=True, exist_ok=True)
    return Secrets.load_or_create(file)


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Return the settings of a portal on an external database.

    Raises:
        MissingSetting: ``DATABASE_URL`` is not set.
    """
    url = environ.get("DATABASE_URL", "")
    if not url:
        raise MissingSetting(
            "DATABASE_URL がありません。家庭のデータは、ディストリビューションかマネージドの "
            "PostgreSQL 15 以上に置いてください。試すだけなら「portal serve --embedded」か "
            "「portal demo」を使えます。"
        )
    return Settings(
        database_url=url,
        worker_url=environ.get("DATABASE_WORKER_URL", ""),
        secrets=load_secrets(environ),
        base_url=environ.get("PORTAL_BASE_URL", "http://127.0.0.1:8000"),
        mail=mail_settings(environ),
        proxy_hops=int(environ.get("PORTAL_PROXY_HOPS", "0")),
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one database, by role."""

    app: str
    owner: str
    worker: str
    backup: str
    server: EmbeddedServer | None = None

    @property
    def shown(self) -> str:
        """Which database this is, for people; never with a password."""
        if self.server is not None:
            return f"組み込みのサーバー（{self.server.root}。DATABASE_URL がないため）"
        url = make_url(self.app)
        where = url.host or url.query.get("host") or "このコンピューター"
        return f"DATABASE_URL の {url.database}（{where}）"


def embedded_addresses(root: Path) -> Addresses:
    """Start (or adopt) the embedded server below ``root``, with its database, and return both."""
    from portal.db.embedded.server import EmbeddedServer  # a web process starts none

    server = EmbeddedServer(root)
    server.ensure()
    admin = create_engine(server.url("portal_admin", "postgres"))
    with admin.connect() as connection:
        exists = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE}
        ).scalar()
    admin.dispose()
    if not exists:
        server.create_database(DATABASE)
    return Addresses(
        app=server.url(roles.APP, DATABASE),
        owner=server.url(roles.OWNER, DATABASE),
        worker=server.url(roles.WORKER, DATABASE),
        backup=server.url(roles.BACKUP, DATABASE),
        server=server,
    )


def addresses(environ: Mapping[str, str]) -> Addresses:
    """Return the addresses of the environment, else those of the embedded server."""
    if environ.get("DATABASE_URL"):
        return Addresses(
            app=environ["DATABASE_URL"],
            owner=environ.get("DATABASE_OWNER_URL", ""),
            worker=environ.get("DATABASE_WORKER_URL", ""),
            backup=environ.get("DATABASE_BACKUP_URL", ""),
        )
    return embedded_addresses(state_dir(environ))


def bring_up_to_date(where: Addresses, secrets: Secrets) -> None:
    """Migrate to the newest revision, install the actor key, and bring the holidays up to date.

    Raises:
        MissingSetting: the owner's address is not known.
    """
    # A web process never migrates: Alembic and the holidays' calendar would be 15 MiB in each.
    from portal.db import migrate
    from portal.slots.holidays import sync_holidays

    if not where.owner:
        raise MissingSetting(
            "DATABASE_OWNER_URL がありません。表をつくる役割 portal_owner の接続先を"
            "設定してください。役割のつくり方は「portal db roles」で出ます。"
        )
    owner = create_engine(where.owner)
    migrate.migrate(owner)
    migrate.install_actor_key(owner, secrets)
    sync_holidays(owner, today(now()).year)
    owner.dispose()


def environment() -> Mapping[str, str]:
    """Return the process's environment; the one place where commands read it."""
    return os.environ
