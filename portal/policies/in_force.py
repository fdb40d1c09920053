"""Which of several versions of the rules holds on a day: the day of care decides, never today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.policies.document import RulesDocument

#: Versions that come into force later, each with its first day, in that order.
LaterRules = Sequence[tuple[date, RulesDocument]]


def in_force(document: RulesDocument, later: LaterRules, day: date) -> RulesDocument:
    """Return the rules of a local day: ``document``, or the last of those that began by then."""
    found = document
    for first, version in later:
        if first > day:
            break
        found = version
    return found
