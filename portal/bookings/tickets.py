"""Tickets that a booking spends, and the choices beside it, as they are kept with it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from portal.policies.coupons import Spent
from portal.policies.facts import Coupon

#: No more of one thing is chosen for one stay of one child.
MOST_CHOSEN = 30
_FEW = re.compile(r"[0-9]{1,3}")
_NONE = re.compile(r":0+\Z")


class Holds(Protocol):
    """A booking, as far as it holds tickets."""

    @property
    def child_id(self) -> Any:
        """The child it is for."""

    @property
    def tickets(self) -> list[Any]:
        """What ``as_kept`` wrote."""


def as_kept(spent: Iterable[Spent]) -> tuple[dict[str, Any], ...]:
    """Return spent tickets as plain data: the kind, the fact of the home, and how many."""
    return tuple({"code": each.code, "fact": each.key, "count": each.count} for each in spent)


def count_of(tickets: Iterable[Mapping[str, Any]]) -> int:
    """Return how many tickets that is."""
    return sum(int(each["count"]) for each in tickets)


def wanted_again(bookings: Iterable[Holds]) -> tuple[str, ...]:
    """Return the tickets that each child of a wish would spend, so that what is held is enough."""
    most: Counter[str] = Counter()
    for booking in bookings:
        held: Counter[str] = Counter()
        for each in booking.tickets:
            held[each["code"]] += int(each["count"])
        most |= held
    return tuple(most.elements())


def held_by(bookings: Iterable[Holds]) -> tuple[Coupon, ...]:
    """Return what bookings hold as tickets of their children alone, good whenever they are."""
    return tuple(
        Coupon(each["code"], int(each["count"]), child_id=booking.child_id, key=each["fact"])
        for booking in bookings
        for each in booking.tickets
    )


def read_choices(written: Iterable[str]) -> frozenset[str]:
    """Return what a form sent as choices: codes, or a code with a number of at least one."""
    found = {each.strip() for each in written}
    return frozenset(each for each in found if each and not _NONE.search(each))


def read_tickets(written: Iterable[str]) -> tuple[str, ...]:
    """Return what a form sent as tickets, each code as often as tickets of it are to be spent."""
    found: list[str] = []
    for each in written:
        code, _colon, count = each.strip().rpartition(":")
        if code and _FEW.fullmatch(count):
            found += [code] * min(int(count), MOST_CHOSEN)
    return tuple(found)
