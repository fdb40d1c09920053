"""A signed-in guardian looks at a day for her own children: all of them together, or one.

What they are booked for already is no time to choose.

Never for visitors: their pages are kept by address and the same for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from sqlalchemy.orm import Session

from portal.bookings.queries.vacancies import booked_cells
from portal.bookings.words import and_all, with_san
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor, Right
from portal.kernel.age import class_age
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.facts import ChildFacts
from portal.policies.looking import DayRules, Onlooker
from portal.preregistration.queries import children_with_registration
from portal.slots.availability import Cells
from portal.slots.classes import ClassChoice
from portal.slots.published import Place, cells_together

_ALL = "all"
#: Fewer children of one family have nothing to choose between.
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Siblings:
    """The children a guardian looks for on a day, of those she may book there."""

    who: str
    names: str
    children: tuple[ChildFacts, ...]
    links: tuple[dict[str, Any], ...]
    chosen: ClassChoice
    cells: Cells | None
    booked: frozenset[int]

    @property
    def as_seen(self) -> dict[str, Any]:
        """What the page of a day takes from here."""
        return {
            "who": self.who,
            "children": self.children,
            "party": len(self.children),
            "booked": self.booked,
        }


@dataclass(frozen=True, slots=True)
class OnlyChild:
    """The half hours for which the one child that a guardian may book is booked already."""

    booked: frozenset[int]


def siblings_on(
    session: Session,
    place: Place,
    calendar: FacilityCalendar,
    day: date,
    classes: Sequence[ClassChoice],
    shown: ClassChoice,
    *,
    actor: Actor,
) -> Siblings | OnlyChild | None:
    """Return whom a guardian looks for; None for others.

    All together unless the address names one (``who``). An only child counts where the class
    ``shown`` is its own.
    """
    known = _bookable(session, place, calendar, day, actor)
    if len(known) < _SEVERAL:
        own = [f.child_id for f, _name in known if shown.holds(class_age(f.born_on, day))]
        return OnlyChild(booked_cells(session, own, day, actor=actor)) if own else None
    asked = request.args.get("who", "")
    one = [each for each in known if str(each[0].child_id) == asked]
    children = tuple(facts for facts, _name in one or known)
    who = asked if one else _ALL
    ages = [class_age(facts.born_on, day) for facts in children]
    chosen = next((each for each in classes if each.holds(ages[0])), None)
    if chosen is None:
        return None
    together = _("%(count)s人いっしょ") % {"count": len(known)}
    offered = [(_ALL, together), *((str(facts.child_id), name) for facts, name in known)]
    return Siblings(
        who=who,
        names=and_all([name for _facts, name in one or known]),
        children=children,
        links=tuple(
            {
                "label": label,
                "href": url_for(
                    "public.day", facility_id=place.id, day=day, **(_times() | {"who": each})
                ),
                "current": each == who,
            }
            for each, label in offered
        ),
        chosen=chosen,
        cells=cells_together(session, place, ages, day, day).get(day),
        booked=booked_cells(session, [f.child_id for f in children], day, actor=actor),
    )


def _times() -> dict[str, Any]:
    return {name: request.args[name] for name in ("start", "end") if name in request.args}


def _bookable(
    session: Session, place: Place, calendar: FacilityCalendar, day: date, actor: Actor
) -> list[tuple[ChildFacts, str]]:
    """Return the guardian's children whom the rules let come on the day, with their names."""
    if actor.family_id is None or not actor.has(Right.BOOK):
        return []
    found = []
    for row in children_with_registration(session, place.id, actor=actor):
        born_on, child_id = row.child.born_on, row.child.id
        if born_on is None or born_on > day:
            continue
        facts = ChildFacts(child_id, born_on)
        [laid] = DayRules(place.document, calendar, day, Onlooker(children=(facts,))).documents
        rule, registration = laid.age or AgeRule(), laid.registration
        if rule.reasons(child_id, born_on, day):
            continue
        is_accepted = row.may_book(day) or not (registration and registration.required)
        if is_accepted and place.pools_for(class_age(born_on, day)):
            found.append((facts, with_san(row.child.name)))
    return found
