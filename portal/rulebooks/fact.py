"""One line of a rules document in words."""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """One line of the rules: what it is about, and what holds."""

    term: str
    text: str
