"""The stay a caller asks for, carried through addresses until the booking form."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from flask import request

from portal.bookings.times_forms import asked_in_address
from portal.kernel.spans import cell_label


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known before the family is found; times are half-hour cells."""

    day: date | None = None
    start: int | None = None
    end: int | None = None
    facility_id: uuid.UUID | None = None

    @property
    def query(self) -> dict[str, str]:
        """The same as parts of an address, only what is known."""
        parts = {
            "day": self.day and self.day.isoformat(),
            "start": None if self.start is None else cell_label(self.start),
            "end": None if self.end is None else cell_label(self.end),
            "facility": self.facility_id and str(self.facility_id),
        }
        return {name: part for name, part in parts.items() if part}


def asked_for() -> Asked:
    """Return what the address of this request says of a stay; nonsense is left out."""
    args = request.args
    known = asked_in_address(*(args.get(name, "") for name in ("day", "start", "end")))
    return Asked(**known, facility_id=args.get("facility", type=uuid.UUID))
