"""In the opening minute hundreds ask for the same: what all of them read alike is read once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds for which an answer is given again, and for which askings are counted.
_FRESH = 1.0
#: So many askings within that time before anything is given again; below, everything is read anew.
_RUSH = 5
_MOST_KEPT = 300


@dataclass(slots=True)
class _Known(Generic[T]):
    value: T
    read_at: float
    counted_from: float
    askings: int


@dataclass
class ReadOnceInARush(Generic[T]):
    """Answers by key, kept for a second in this process once many ask for the same.

    Never for what decides who gets a place: the database alone does that.
    """

    _known: dict[object, _Known[T]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def is_rush(self, key: object) -> bool:
        """Say whether many ask for ``key`` right now; more than one answer may wait then."""
        with self._lock:
            known = self._known.get(key)
            return (
                known is not None
                and known.askings > _RUSH
                and monotonic() - known.counted_from < 2 * _FRESH
            )

    def __call__(self, key: object, read: Callable[[], T]) -> T:
        """Return what ``read`` gives, or what it gave for ``key`` less than a second ago."""
        now = monotonic()
        with self._lock:
            known = self._known.get(key)
            if known is not None and now - known.counted_from < _FRESH:
                known.askings += 1
                if known.askings > _RUSH and now - known.read_at < _FRESH:
                    return known.value
        value = read()
        with self._lock:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            if known is None or now - known.counted_from >= _FRESH:
                self._known[key] = _Known(value, now, now, 1)
            else:
                self._known[key] = _Known(value, now, known.counted_from, known.askings)
        return value
