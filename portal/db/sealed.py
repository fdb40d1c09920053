"""Encrypted columns: AES-256-GCM, bound to table, column, row and family.

A ciphertext moved to another row, column or family does not open: with the wrong allergy on the
wrong child an unreadable field is the better outcome.
"""

from __future__ import annotations

import os
from typing import Any, overload

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import inspect

from portal.db.session import in_use

_NONCE = 12


def seal(text: str, *, bound_to: tuple[str, ...]) -> bytes:
    """Return ``text`` encrypted under the newest field key: key id, nonce, ciphertext with tag."""
    keys = in_use().secrets.field_keys
    key_id = max(keys)
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(keys[key_id]).encrypt(nonce, text.encode(), "|".join(bound_to).encode())
    return bytes([key_id]) + nonce + sealed


def unseal(sealed: bytes, *, bound_to: tuple[str, ...]) -> str:
    """Return the text of ``seal`` with the same binding.

    Raises:
        cryptography.exceptions.InvalidTag: changed, or moved from another row or column.
        KeyError: its key is not in the secrets file.
    """
    key = in_use().secrets.field_keys[sealed[0]]
    nonce, ciphertext = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    return AESGCM(key).decrypt(nonce, ciphertext, "|".join(bound_to).encode()).decode()


class SealedText:
    """A text attribute over the bytes column ``<name>_sealed``.

    The model has ``id`` and ``family_id``, both set before the text is; ``None`` stays NULL.

    Args:
        also: more attributes that the text is bound to, such as whose record it is.
    """

    def __init__(self, also: tuple[str, ...] = ()) -> None:
        self._also = also

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, row: None, owner: type) -> SealedText: ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: Any, owner: type) -> SealedText | str | None:
        if row is None:
            return self
        sealed = getattr(row, f"{self._name}_sealed")
        return None if sealed is None else unseal(sealed, bound_to=self._binding(row))

    def __set__(self, row: Any, text: str | None) -> None:
        sealed = None if text is None else seal(text, bound_to=self._binding(row))
        setattr(row, f"{self._name}_sealed", sealed)

    def _binding(self, row: Any) -> tuple[str, ...]:
        if row.id is None or row.family_id is None:
            raise ValueError("set id and family_id before sealed texts")
        table = inspect(type(row)).local_table.name
        more = (str(getattr(row, name)) for name in self._also)
        return (str(table), self._name, str(row.id), str(row.family_id), *more)
