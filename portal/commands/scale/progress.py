"""Telling how far a long piece of work is, and how long it still takes."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Lines come at most this often (seconds), besides the first and the last.
_EVERY = 2.0


class Progress:
    """Tells what is being made, how much of it is done, and how many seconds are left."""

    def __init__(self, tell: Callable[[str], None], what: str, whole: int) -> None:
        self._tell, self._what, self._whole = tell, what, max(1, whole)
        self._began = self._told = time.monotonic()

    def __call__(self, done: int) -> None:
        """Say that ``done`` of the whole is there."""
        now = time.monotonic()
        if now - self._told < _EVERY and done < self._whole:
            return
        self._told = now
        spent = now - self._began
        left = spent / max(done, 1) * (self._whole - done)
        words = f"{self._what}: {done:,} / {self._whole:,}（{done * 100 // self._whole}％）"
        if done < self._whole:
            self._tell(f"{words} あと約{left:.0f}秒")
        else:
            self._tell(f"{words} {spent:.1f}秒")
