"""What a family chose beside day and hours: why it comes, and what goes with the stay. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from portal.bookings.rules import UsePurpose
from portal.bookings.use_kinds import UseKind

_RESPITE = UseKind(UsePurpose.RESPITE.value)


@dataclass(frozen=True, slots=True)
class Choices:
    """The kind of use, choices and tickets, as codes of the rules."""

    kind: UseKind = _RESPITE
    options: frozenset[str] = frozenset()
    tickets: tuple[str, ...] = ()
