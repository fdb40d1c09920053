"""Facts of a home, one at a time, and what they come to for the rules of a day. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Reason
from portal.policies.facts import (
    ChildFacts,
    Coupon,
    Enrolment,
    GateAnswer,
    Household,
    Mark,
    Paper,
)

LONGEST_CODE = 60
MOST_TICKETS = 1000
MOST_TAX_YEN = 100_000_000


class HomeFactKind(StrEnum):
    """What a fact speaks of; ``code`` and ``number`` mean something else in each."""

    PREFECTURE = "prefecture"  # code: its name, as the next two
    CITY = "city"
    WARD = "ward"
    CIRCUMSTANCE = "circumstance"  # code: why a family from elsewhere may come
    STATEMENT = "statement"  # code: the circumstance that was put in writing
    MARK = "mark"  # code: welfare, tax_exempt …; of the home, or of one child
    TAX = "tax"  # number: the municipal income levy in yen
    PAPER = "paper"  # code: the kind of proof
    COUPON = "coupon"  # code: the ticket; number: how many are left
    ENROLMENT = "enrolment"  # code: ``policies.facts.Enrolment``; of one child
    GATE = "gate"  # code: the question; number: 1 for yes, 0 for no; of one child


class HomeFactRefusal(StrEnum):
    """Why a fact is not written down; sentences stand in the wording."""

    CODE_MISSING = "home_fact_code_missing"
    CODE_TOO_LONG = "home_fact_code_too_long"
    NUMBER_MISSING = "home_fact_number_missing"
    NUMBER_TOO_LARGE = "home_fact_number_too_large"
    CHILD_MISSING = "home_fact_child_missing"
    ENDS_BEFORE_START = "home_fact_ends_before_start"
    NOT_THERE = "home_fact_not_there"


#: Facts of which one stands at a time; a newer one takes the place of the older.
ONE_AT_A_TIME = frozenset(
    {
        HomeFactKind.PREFECTURE,
        HomeFactKind.CITY,
        HomeFactKind.WARD,
        HomeFactKind.TAX,
        HomeFactKind.ENROLMENT,
    }
)
#: Facts that speak of one child.
OF_A_CHILD = frozenset({HomeFactKind.ENROLMENT, HomeFactKind.GATE})
NUMBERED = frozenset({HomeFactKind.TAX, HomeFactKind.COUPON, HomeFactKind.GATE})
#: What a family says of itself; the others are written down by who has seen a paper.
SAID_BY_FAMILY = frozenset(
    {
        HomeFactKind.PREFECTURE,
        HomeFactKind.CITY,
        HomeFactKind.WARD,
        HomeFactKind.CIRCUMSTANCE,
        HomeFactKind.ENROLMENT,
        HomeFactKind.GATE,
    }
)
#: What a paper proves, which may be seen later than it was written down.
BY_PAPER = frozenset(
    {HomeFactKind.MARK, HomeFactKind.PAPER, HomeFactKind.STATEMENT, HomeFactKind.TAX}
)
#: What tells how a family lives: for those staff alone who need to know.
NEED_TO_KNOW = frozenset({HomeFactKind.MARK, HomeFactKind.TAX})
#: Papers whose name alone tells it too.
TELLING_PAPERS = frozenset({"welfare_certificate", "income_certificate", "disability_handbook"})
#: What a fact speaks of, so that a newer word takes its place: kind, child, code where several of
#: the kind can stand.
Slot = tuple[HomeFactKind, uuid.UUID | None, str]


@dataclass(frozen=True, slots=True)
class HomeFact:
    """One fact. Both days are included, None is open.

    ``is_seen``: staff saw the paper or the child. ``said_on``: the local day on which it was said.
    """

    kind: HomeFactKind
    code: str = ""
    number: int | None = None
    child_id: uuid.UUID | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    is_seen: bool = False
    said_on: date = date.min

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a local day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    @property
    def slot(self) -> Slot:
        """What it speaks of."""
        return self.kind, self.child_id, "" if self.kind in ONE_AT_A_TIME else self.code

    @property
    def is_telling(self) -> bool:
        """Whether it tells how the family lives."""
        is_paper = self.kind is HomeFactKind.PAPER and self.code in TELLING_PAPERS
        return self.kind in NEED_TO_KNOW or is_paper


def reasons_against(fact: HomeFact) -> list[Reason]:
    """Return everything that is missing or impossible in a fact, before it is written down."""
    most = MOST_TAX_YEN if fact.kind is HomeFactKind.TAX else MOST_TICKETS
    has_number = fact.kind in NUMBERED
    number = fact.number if has_number else 0
    found = {
        HomeFactRefusal.CODE_MISSING: fact.kind is not HomeFactKind.TAX and not fact.code.strip(),
        HomeFactRefusal.CODE_TOO_LONG: len(fact.code) > LONGEST_CODE,
        HomeFactRefusal.NUMBER_MISSING: number is None or number < 0,
        HomeFactRefusal.NUMBER_TOO_LARGE: number is not None and number > most,
        HomeFactRefusal.CHILD_MISSING: fact.kind in OF_A_CHILD and fact.child_id is None,
        HomeFactRefusal.ENDS_BEFORE_START: fact.valid_from is not None
        and fact.valid_until is not None
        and fact.valid_until < fact.valid_from,
    }
    values = {"most": most}
    return [Reason(code, values) for code, applies in found.items() if applies]


def household(
    facts: Sequence[HomeFact], day: date, *, preschoolers: Iterable[date] = ()
) -> Household:
    """Return the home as rules see it on the local day of care; ``facts`` with the oldest first.

    Args:
        preschoolers: Birth dates of all children of the home before school.
    """
    held = [fact for fact in facts if fact.holds_on(day)]
    kinds = HomeFactKind
    return Household(
        city=_last(held, kinds.CITY),
        ward=_last(held, kinds.WARD),
        prefecture=_last(held, kinds.PREFECTURE),
        circumstances=frozenset(f.code for f in held if f.kind is kinds.CIRCUMSTANCE),
        statements=frozenset(f.code for f in held if f.kind is kinds.STATEMENT),
        # Rules read the days of a mark themselves: some look at another day than that of care.
        marks=tuple(_mark(f) for f in facts if f.kind is kinds.MARK and f.child_id is None),
        tax_yen=next((f.number for f in reversed(held) if f.kind is kinds.TAX), None),
        papers=tuple(
            Paper(f.code, f.valid_from, f.valid_until) for f in facts if f.kind is kinds.PAPER
        ),
        coupons=tuple(
            Coupon(f.code, f.number or 0, f.valid_from, f.valid_until, f.child_id)
            for f in facts
            if f.kind is kinds.COUPON
        ),
        preschoolers=tuple(sorted(preschoolers)),
    )


def with_facts(child: ChildFacts, facts: Sequence[HomeFact], day: date) -> ChildFacts:
    """Return a child with what is known of it alone on the local day of care."""
    its = [fact for fact in facts if fact.child_id == child.child_id]
    held = [fact for fact in its if fact.holds_on(day)]
    enrolment = _last(held, HomeFactKind.ENROLMENT)
    return replace(
        child,
        enrolment=Enrolment(enrolment) if enrolment in set(Enrolment) else None,
        gates={
            f.code: GateAnswer(bool(f.number), f.said_on, is_confirmed=f.is_seen)
            for f in held
            if f.kind is HomeFactKind.GATE
        },
        marks=tuple(_mark(f) for f in its if f.kind is HomeFactKind.MARK),
    )


def _mark(fact: HomeFact) -> Mark:
    return Mark(fact.code, fact.valid_from, fact.valid_until, is_proven=fact.is_seen)


def _last(facts: Sequence[HomeFact], kind: HomeFactKind) -> str | None:
    return next((fact.code for fact in reversed(facts) if fact.kind is kind), None)
