"""Constraints that speak: a named breach becomes a refusal with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from psycopg import Error as DriverError
from sqlalchemy.exc import IntegrityError

from portal.kernel.errors import Refusal


def breached_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint that was breached, if the server named one."""
    return error.orig.diag.constraint_name if isinstance(error.orig, DriverError) else None


@contextmanager
def refuse_on(constraint: str, reason: StrEnum) -> Iterator[None]:
    """Turn the breach of one named constraint into a refusal; let any other through."""
    try:
        yield
    except IntegrityError as error:
        if breached_constraint(error) == constraint:
            raise Refusal([reason]) from error
        raise
