"""What a home page asks of whoever opens it: one line a thing, with one way to do it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ToDo:
    """One thing to do. Plain words, written for the screen; counts and days, never names.

    ``since`` says since when it waits or until when it can wait; ``is_urgent``: today, not soon.
    """

    what: str
    count: str
    href: str
    since: str = ""
    is_urgent: bool = False
