"""Settings: from the environment, and secrets from one file that only its owner may read."""

from __future__ import annotations

import json
import os
import secrets as randomness
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys of this instance. Kept in one 0600 file, apart from the database and its backups.

    ``actor_key`` signs who acts, for row-level security; ``field_keys`` encrypt columns, newest
    last, by one-byte key id; ``link_key`` makes secret addresses; ``session_key`` signs cookies.
    """

    actor_key_id: str
    actor_key: bytes
    field_keys: Mapping[int, bytes]
    link_key: bytes
    session_key: bytes

    @staticmethod
    def fresh() -> Secrets:
        """Return new random keys."""
        return Secrets(
            actor_key_id="k" + randomness.token_hex(4),
            actor_key=randomness.token_bytes(32),
            field_keys={1: randomness.token_bytes(32)},
            link_key=randomness.token_bytes(32),
            session_key=randomness.token_bytes(32),
        )

    @staticmethod
    def load_or_create(path: Path) -> Secrets:
        """Return the keys in ``path``, making the file (0600) at the first start.

        Raises:
            PermissionError: others may read the file. Its keys must count as known then.
        """
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                raise PermissionError(f"{path} must be readable by its owner alone") from None
            return Secrets._from_json(json.loads(path.read_text(encoding="ascii")))
        fresh = Secrets.fresh()
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(fresh._to_json(), file)  # noqa: SLF001 - of its own class
        return fresh

    def _to_json(self) -> dict[str, object]:
        return {
            "actor_key_id": self.actor_key_id,
            "actor_key": self.actor_key.hex(),
            "field_keys": {str(number): key.hex() for number, key in self.field_keys.items()},
            "link_key": self.link_key.hex(),
            "session_key": self.session_key.hex(),
        }

    @staticmethod
    def _from_json(data: dict[str, object]) -> Secrets:
        keys = data["field_keys"]
        if not isinstance(keys, dict):
            raise TypeError("field_keys must be a table")
        return Secrets(
            actor_key_id=str(data["actor_key_id"]),
            actor_key=bytes.fromhex(str(data["actor_key"])),
            field_keys={int(number): bytes.fromhex(key) for number, key in keys.items()},
            link_key=bytes.fromhex(str(data["link_key"])),
            session_key=bytes.fromhex(str(data["session_key"])),
        )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where mail leaves: an SMTP server and the address it comes from."""

    host: str = "127.0.0.1"
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = False
    sender: str = "no-reply@portal.example"
    sender_name: str = "一時預かりポータル"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a running portal; made once by the entry point and handed down."""

    database_url: str
    secrets: Secrets = field(repr=False)
    base_url: str = "http://127.0.0.1:8000"
    mail: MailSettings = field(default_factory=MailSettings)
    worker_url: str = ""
    #: Set by the demo alone: opens the demo's sign-in and mail pages, and the banner.
    is_demo: bool = False
    #: Hops of trusted reverse proxies that set X-Forwarded-* (0: none, the headers are ignored).
    proxy_hops: int = 0

    @property
    def is_https(self) -> bool:
        """Whether people reach the portal by https; then cookies are ``__Host-`` and Secure."""
        return self.base_url.startswith("https://")


def mail_settings(environ: Mapping[str, str]) -> MailSettings:
    """Return the mail settings of the environment (``SMTP_*``, ``MAIL_FROM``)."""
    plain = MailSettings()
    return MailSettings(
        host=environ.get("SMTP_HOST", plain.host),
        port=int(environ.get("SMTP_PORT", plain.port)),
        user=environ.get("SMTP_USER", ""),
        password=environ.get("SMTP_PASSWORD", ""),
        starttls=environ.get("SMTP_STARTTLS", "") == "1",
        sender=environ.get("MAIL_FROM", plain.sender),
        sender_name=environ.get("MAIL_FROM_NAME", plain.sender_name),
    )


def print_folder(environ: Mapping[str, str]) -> Path | None:
    """Return where day sheets are put for the print service, or ``None`` where it has no folder."""
    given = environ.get("PORTAL_PRINT_FOLDER", "").strip()
    return Path(given) if given else None
