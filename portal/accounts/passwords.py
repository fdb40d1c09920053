"""Hashes of passwords: Argon2id, few at once, the same work for unknown accounts."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.accounts.rules import normalised

#: 19 MiB, two passes, one lane (OWASP's second choice): 200 sign-ins at 9:00 must not take minutes.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: More at once would only share the same cores and take more memory.
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Return the hash of a new password, salt and parameters in it."""
    with _AT_ONCE:
        return _HASHER.hash(normalised(password))


#: Checked when there is no such account, so that the answer takes as long: of a password that
#: nobody knows, under today's parameters. Made once, since making it takes a tenth of a start.
_NOBODYS = (
    "$argon2id$v=19$m=19456,t=2,p=1$8oduzyg/QM7BeCxZ/mpIlQ$JbGXVJ"
    "cH2hnRxBndJArlQ3vQQlx5FxyyWNU9vPZusls"
)


def matches(password: str, stored: str | None) -> bool:
    """Say whether ``password`` belongs to ``stored``; ``None`` (no account) costs the same.

    An account whose stored value is no hash (a demo's person) never matches, at the same cost.
    """
    text = normalised(password)
    with _AT_ONCE:
        try:
            _HASHER.verify(stored or _NOBODYS, text)
        except InvalidHashError:
            _HASHER.hash(text)
            return False
        except VerificationError:
            return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Say whether ``stored`` was made under other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)
