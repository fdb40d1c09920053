"""Who acts, told to the database in a way that it can verify and nobody else can forge."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from portal.config import Secrets
from portal.kernel.actor import Actor

#: A signed value opens nothing after this time; it is made anew for each transaction.
VALID_FOR = timedelta(minutes=5)

_BLOCK = 64


def signed_actor(actor: Actor, secrets: Secrets, *, now: datetime) -> str:
    """Return ``actor`` as the value of the setting ``portal.actor``; empty for nobody.

    Eight fields joined by ``|``: key id, expiry (Unix seconds), user, organisation, family, role,
    rights, and HMAC-SHA256 of the seven. Rights are empty for everyone but a guardian who is not
    shown all of her family, and ``plain`` for staff who need not know of support. The SQL function
    ``actor()`` checks it once per statement.
    """
    if actor.role is None:
        return ""
    expiry = int((now + VALID_FOR).timestamp())
    fields = (
        secrets.actor_key_id,
        str(expiry),
        str(actor.user_id or ""),
        str(actor.organisation_id or ""),
        str(actor.family_id or ""),
        actor.role.value,
        _rights(actor),
    )
    message = "|".join(fields)
    return f"{message}|{hmac.new(secrets.actor_key, message.encode(), hashlib.sha256).hexdigest()}"


def _rights(actor: Actor) -> str:
    if not actor.knows_support:
        return "plain"
    if actor.family_id is None or actor.sees_whole_family:
        return ""
    return ",".join(actor.shown_rights) or "none"


def padded_keys(key: bytes) -> tuple[bytes, bytes]:
    """Return the inner and outer padded key of HMAC-SHA256 (RFC 2104), kept in the key row.

    With them the database computes the HMAC by two calls of its own ``sha256()``; making the pads
    at each call would cost as much again.

    Raises:
        ValueError: the key is longer than a block of SHA-256.
    """
    if len(key) > _BLOCK:
        raise ValueError("the key must not be longer than 64 bytes")
    block = key.ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)
