"""Within what time somebody must answer for a child that did not come. Pure.

A municipality's setting (R6): the body that looks after the whole loop says how long it may take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class CaseLimits:
    """The time limits of a case; what no municipality has set is the usual."""

    #: From the moment a child counts as not arrived until the provider has said what it found.
    check_within: timedelta = timedelta(hours=2)
    #: From a report until somebody has acknowledged it and named the next step.
    answer_within: timedelta = timedelta(hours=24)
    answer_urgent_within: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if min(self.check_within, self.answer_within, self.answer_urgent_within) <= timedelta(0):
            raise ValueError(f"unusable limits: {self}")

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> CaseLimits:
        """Return the limits in a municipality's ``settings``."""
        kept, usual = settings.get("cases", {}), cls()
        return cls(
            check_within=_minutes(kept, "check_minutes", usual.check_within),
            answer_within=_minutes(kept, "answer_minutes", usual.answer_within),
            answer_urgent_within=_minutes(
                kept, "answer_urgent_minutes", usual.answer_urgent_within
            ),
        )

    def as_settings(self) -> dict[str, int]:
        """Return what ``of`` reads, to be kept under ``cases``."""
        return {
            "check_minutes": _count(self.check_within),
            "answer_minutes": _count(self.answer_within),
            "answer_urgent_minutes": _count(self.answer_urgent_within),
        }


def shortest(limits: Iterable[CaseLimits]) -> CaseLimits:
    """Return limits that keep to every one given; the usual where none is."""
    every = tuple(limits) or (CaseLimits(),)
    return CaseLimits(
        check_within=min(each.check_within for each in every),
        answer_within=min(each.answer_within for each in every),
        answer_urgent_within=min(each.answer_urgent_within for each in every),
    )


def _minutes(kept: Mapping[str, Any], name: str, usual: timedelta) -> timedelta:
    return timedelta(minutes=kept[name]) if name in kept else usual


def _count(span: timedelta) -> int:
    return int(span / timedelta(minutes=1))
