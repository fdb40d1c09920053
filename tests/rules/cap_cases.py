"""Wishes under one cap, and what was used before."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.policies.cap_count import CapUse, cap_reasons, caps_of
from portal.policies.case import Case
from portal.policies.history import History, PastUse
from tests.rules.policy_cases import ASKED_AT, case, child, document

ONE = child(1).child_id
TWO = child(2).child_id


def used(*days: date, minutes: int = 180, **facts: Any) -> list[PastUse]:
    facts.setdefault("child_id", ONE)
    return [PastUse(day=day, minutes=minutes, **facts) for day in days]


def plain(*amounts: Decimal) -> list[float]:
    return [float(amount) for amount in amounts]


def november(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


def wish(
    cap: dict[str, Any],
    past: list[PastUse] | None = None,
    *,
    kinds: dict[str, Any] | None = None,
    registrations: int = 0,
    **more: Any,
) -> Case:
    rules = document(caps=[cap], **(kinds or {}))
    children = more.pop("children", (child(),))
    history = History(tuple(past or ()), registrations)
    return case(rules, *children, history=history, **more)


def counted(
    cap: dict[str, Any],
    past: list[PastUse] | None = None,
    *,
    now: datetime = ASKED_AT,
    **more: Any,
) -> CapUse:
    (found,) = caps_of(wish(cap, past, **more), now=now)
    return found


def is_allowed(cap: dict[str, Any], past: list[PastUse] | None = None, **more: Any) -> bool:
    return not list(cap_reasons(caps_of(wish(cap, past, **more), now=ASKED_AT)))


def days_a(period: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"metric": "days", "amount": amount, "period": period, **more}
