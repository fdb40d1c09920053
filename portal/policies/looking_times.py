"""Windows that a day alone does not tell: by variants for some hours, or for some families."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import NamedTuple

from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.case import Case
from portal.policies.conditions import (
    OF_THE_BIRTHDAY,
    OF_THE_DAY,
    OF_THE_TIME,
    Asked,
    made_ready,
)
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.laying import touched
from portal.policies.looking import DayRules
from portal.policies.variants import Variant

#: What a public calendar goes by: day, class, the way by which it leads on, the time once chosen.
_SHOWN = OF_THE_DAY | OF_THE_BIRTHDAY | OF_THE_TIME | {"channels", "trial"}


class TimedWindow(NamedTuple):
    """A variant under which some stays of a day open otherwise than its others, and such a stay."""

    variant: Variant
    span: Span


def timed_windows(rules: DayRules) -> Iterator[TimedWindow]:
    """Yield each variant by which stays of some hours or lengths open or close otherwise.

    Nothing is decided: of each variant one stay is looked at, so a month may ask for every day.
    """
    for variant in _of_windows(rules.document):
        if not variant.when.given & OF_THE_TIME:
            continue
        span = _stay_under(variant, rules)
        if span is not None and rules.windows_at(span) != rules.windows:
            yield TimedWindow(variant, span)


def goes_by_family(document: RulesDocument) -> bool:
    """Say whether windows differ by what no calendar knows: home, reason of use, choices."""
    return any(variant.when.given - _SHOWN for variant in _of_windows(document))


def _of_windows(document: RulesDocument) -> list[Variant]:
    return [each for each in document.variants if "booking_window" in touched(each)]


def _stay_under(variant: Variant, rules: DayRules) -> Span | None:
    """Return the first stay of the day that is of the hours and length of a variant."""
    anybody = ChildFacts(uuid.UUID(int=0), rules.day)
    tests = made_ready(variant.when, besides=variant.when.given - OF_THE_TIME)
    for start, ends in enumerate(rules.stays):
        for end in ends:
            span = span_on(rules.day, cell_time(start), cell_time(end))
            case = Case(rules.document, rules.calendar, (anybody,), span, span.starts_at)
            asked = Asked(rules.document, rules.calendar, rules.day, case)
            if all(holds(value, asked) for holds, value in tests):
                return span
    return None
