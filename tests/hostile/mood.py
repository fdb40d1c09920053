"""What a mood is; the moods themselves stand in ``moods`` and ``moods_loops``."""

from __future__ import annotations

from typing import NamedTuple


class Mood(NamedTuple):
    """How the world is shifted, and on which pages that shows other forms: route, query."""

    statements: tuple[str, ...] = ()
    pages: tuple[tuple[str, str], ...] = ()
