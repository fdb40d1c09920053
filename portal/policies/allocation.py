"""Kind G8, allocation: who gets a place when several ask."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from portal.policies.rule import Rule


class AllocationMethod(StrEnum):
    """How places are given; the names that documents use."""

    FIRST_COME = "first_come"
    STAFF_APPROVAL = "staff_approval"
    PROVISIONAL = "provisional"  # held, confirmed once the papers are in
    LOTTERY = "lottery"


class AllocationRule(Rule):
    """How places are given.

    A document with another method than first come is refused until the portal obeys it: a rule
    that is stored but not kept would mislead parents.
    """

    method: Literal[AllocationMethod.FIRST_COME] = AllocationMethod.FIRST_COME
