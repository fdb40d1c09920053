"""Deciding: how many wishes a second one process answers, with every kind and a full history."""

from __future__ import annotations

import statistics
import tomllib
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from importlib import resources
from itertools import product
from time import process_time

from portal.commands.measuring import machine
from portal.kernel.clock import JST
from portal.kernel.spans import span_on
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts, Enrolment, GateAnswer, Household, Mark, Paper
from portal.policies.history import History, PastUse, UseState
from portal.policies.standing import StepKind, StepStanding

#: What one process must answer in a second.
FLOOR = 2_000
ROUNDS = 5
_PAST_STAYS = 60
_ASKED_AT = datetime(2026, 11, 17, 9, 30, tzinfo=JST)
_FIRST_DAY = date(2026, 12, 1)
_DAYS = 28
_BIRTHS = (date(2024, 5, 20), date(2026, 1, 10))


def decisions() -> dict[str, object]:
    """Measure decisions a second, for one child and for two at once by different rules.

    The document is read once, as the portal keeps it; the wishes, of many days, purposes and
    lengths, are made beforehand. Seconds are those that the process computed, so that whatever
    else runs does not count.
    """
    document = every_kind()
    alone, together = _wishes(document, 1), _wishes(document, 2)
    per_second = _rate(alone)
    return {
        "decisions_per_second": round(per_second),
        "microseconds_each": round(1e6 / per_second),
        "two_children_per_second": round(_rate(together)),
        "wishes": len(alone),
        "admitted": sum(not decide(wish, now=_ASKED_AT).reasons for wish in alone),
        "past_stays": _PAST_STAYS,
        "floor": {"decisions_per_second": FLOOR},
        "missed": ["decisions_per_second"] if per_second < FLOOR else [],
        "errors": 0,
        "load_average": machine.load_average(),
    }


def every_kind() -> RulesDocument:
    """Return the document in which every kind that a decision asks has its say."""
    file = resources.files("portal.commands.measuring").joinpath("every_kind.toml")
    return RulesDocument.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def _rate(wishes: Sequence[Case]) -> float:
    return len(wishes) / statistics.median(_round(wishes) for _ in range(ROUNDS))


def _round(wishes: Sequence[Case]) -> float:
    begun = process_time()
    for wish in wishes:
        decide(wish, now=_ASKED_AT)
    return process_time() - begun


def _wishes(document: RulesDocument, together: int) -> list[Case]:
    calendar = FacilityCalendar(frozenset(range(6)), holidays=frozenset({date(2026, 11, 23)}))
    children = [_child(number, born) for number, born in enumerate(_BIRTHS, start=1)]
    home = Household(
        city="松戸市",
        marks=(Mark("tax_exempt"),),
        papers=(Paper("employment_certificate", date(2026, 4, 1)),),
    )
    past = tuple(_past(children[:together]))
    days = [_FIRST_DAY + timedelta(days=offset) for offset in range(_DAYS)]
    purposes = [("respite", None), ("emergency", None), (None, "work")]
    return [
        Case(
            document=document,
            calendar=calendar,
            children=tuple(children[:together]),
            span=span_on(day, time(9), time(9 + hours)),
            received_at=_ASKED_AT,
            purpose=purpose,
            reason=reason,
            channel="web",
            household=home,
            # Read anew for each wish, as it would be.
            history=History(past),
        )
        for day, (purpose, reason), hours in product(days, purposes, (3, 6))
    ]


def _child(number: int, born: date) -> ChildFacts:
    fine = {code: GateAnswer(said=True, on=date(2026, 11, 1)) for code in ("weaned", "walks")}
    return ChildFacts(
        uuid.UUID(int=number),
        born,
        registered_from=date(2026, 4, 1),
        registered_until=date(2027, 3, 31),
        steps=StepStanding(done=frozenset({StepKind.INTERVIEW})),
        enrolment=Enrolment.NONE,
        gates=fine,
    )


def _past(children: Sequence[ChildFacts]) -> list[PastUse]:
    """Every few days since summer, and some in the month asked for; in turn for two children."""
    states = (UseState.ATTENDED, UseState.ATTENDED, UseState.CANCELLED, UseState.ATTENDED)
    return [
        PastUse(
            child_id=children[number % len(children)].child_id,
            day=_FIRST_DAY + timedelta(days=14 - 3 * (number // len(children))),
            minutes=240 if number % 3 else 360,
            state=states[number % len(states)],
            purpose="respite",
            is_here=number % 5 > 0,
        )
        for number in range(_PAST_STAYS)
    ]
