"""How far the delivery of a mail is, kept in its row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.messages.models import OutboxMessage
from portal.messages.receivers import Receiver

#: Its place in a row's context; features' own words do not begin like this.
PROGRESS = "_delivery"


@dataclass(slots=True)
class Progress:
    """Receivers by what became of them. ``since``: the first failed try; ``code``: why."""

    done: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)
    since: str | None = None
    subject: str | None = None
    code: str | None = None

    @classmethod
    def of(cls, row: OutboxMessage) -> Progress:
        """Read it."""
        return cls(**row.context.get(PROGRESS, {}))

    def keep(self, row: OutboxMessage) -> None:
        """Write it."""
        kept = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name)}
        row.context = {**row.context, PROGRESS: kept}

    def next_of(self, receivers: Sequence[Receiver]) -> Receiver | None:
        """Return who is to be tried now."""
        tried = {*self.done, *self.refused, *self.later}
        return next((one for one in receivers if one.key not in tried), None)
