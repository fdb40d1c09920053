"""What the founding of the city leaves for later starts; plain values, kept as JSON."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Site:
    """A facility of the demo that can be booked, and who works there."""

    key: str
    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    director_id: uuid.UUID
    staff_id: uuid.UUID
    load: tuple[float, float]


@dataclass(frozen=True, slots=True)
class City:
    """The city as later starts need it."""

    seed: str
    started_on: date
    #: The day on which a typhoon shut everything.
    storm_on: date
    sites: tuple[Site, ...]
    #: Families that come every week: those one may want to meet.
    featured: tuple[uuid.UUID, ...]
    #: Persona to user and organisation.
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]]

    def site(self, key: str) -> Site:
        """Return the facility called ``key`` in ``sites``."""
        return next(site for site in self.sites if site.key == key)

    def to_json(self) -> str:
        """Return the city as JSON text."""
        return json.dumps(asdict(self), default=str)

    @staticmethod
    def from_json(written: str) -> City:
        """Return the city that ``to_json`` wrote."""
        data: dict[str, Any] = json.loads(written)
        ident_of = uuid.UUID
        return City(
            seed=data["seed"],
            started_on=date.fromisoformat(data["started_on"]),
            storm_on=date.fromisoformat(data["storm_on"]),
            sites=tuple(
                Site(
                    site["key"],
                    ident_of(site["facility_id"]),
                    ident_of(site["organisation_id"]),
                    ident_of(site["director_id"]),
                    ident_of(site["staff_id"]),
                    (site["load"][0], site["load"][1]),
                )
                for site in data["sites"]
            ),
            featured=tuple(map(ident_of, data["featured"])),
            people={
                key: (ident_of(user), ident_of(organisation) if organisation else None)
                for key, (user, organisation) in data["people"].items()
            },
        )
