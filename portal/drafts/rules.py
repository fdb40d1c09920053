"""How long an unfinished form is kept, and what happens when two pages save the same part. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

#: Days without saving after which a form goes; its person is told ``TOLD_BEFORE`` days earlier.
KEPT_FOR: Final = timedelta(days=30)
TOLD_BEFORE: Final = timedelta(days=5)
#: What was typed on a page whose sign-in had ended is wanted soon, or not at all.
TYPED_KEPT_FOR: Final = timedelta(days=7)
#: Bytes of all parts together, as JSON.
MOST_BYTES: Final = 150_000
MOST_DRAFTS: Final = 30

#: The values of one part, by field, as a browser sends them.
Fields = Mapping[str, list[str]]


class DraftRefusal(StrEnum):
    """Why a part is not saved; sentences stand in ``documents/wording``."""

    CHANGED_ELSEWHERE = "changed_elsewhere"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form as last saved; ``version`` is that of the draft after the saving."""

    fields: Fields
    version: int

    def one(self, name: str) -> str:
        """Return the first value of a field; empty where there is none."""
        return next(iter(self.fields.get(name, [])), "")


NOTHING: Final = Part({}, 0)


def part_of(content: Mapping[str, Any], name: str) -> Part:
    """Return a part of a draft's content; ``NOTHING`` where it was never saved."""
    found = content.get(name)
    return NOTHING if found is None else Part(found["fields"], found["version"])


def is_conflict(stored: Part, seen: int | None, fields: Fields) -> bool:
    """Say whether saving would write over what the page that saves has never shown.

    The same thing sent twice is none. ``None``: a page that asks for no comparison.
    """
    return seen is not None and stored.version > seen and dict(stored.fields) != dict(fields)


def expires_on(form: str, today: date) -> date:
    """Return the last day of a draft that is saved today."""
    return today + (TYPED_KEPT_FOR if is_typed(form) else KEPT_FOR)


def typed_on(path: str) -> str:
    """Return the key of what was typed on a page."""
    return f"page:{path}"


def is_typed(form: str) -> bool:
    """Say whether a draft holds what was typed on a page whose sign-in had ended."""
    return form.startswith("page:")
