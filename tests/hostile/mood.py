"""What a mood is; the moods themselves stand in ``moods`` and ``moods_loops``."""

from __future__ import annotations

from typing import NamedTuple


class Mood(NamedTuple):
    """How the world is shifted, and on which pages that shows other forms: who looks, and where.

    Where is a route, with a query if one is needed, in which ``{child_id}`` is one's own child.
    """

    statements: tuple[str, ...] = ()
    pages: tuple[tuple[str, str], ...] = ()
