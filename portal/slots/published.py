"""What anybody may read without sign-in: published facilities and what is free there.

Free places come from ``pool_days.free``; bookings are never counted here.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.policies.in_force import in_force
from portal.policies.looking import document_of_class
from portal.rulebooks.queries import document_of
from portal.slots.availability import Cells, PoolCells, free_cells
from portal.slots.classes import ClassChoice, choices, fits
from portal.slots.rules import PoolKind

_PROGRAMME = """
    LEFT JOIN LATERAL (
        SELECT g.id, g.name, g.description, g.belongings FROM programmes g
         WHERE g.facility_id = f.id AND g.published_at IS NOT NULL
         ORDER BY g.kind <> 'temporary_care', g.created_at LIMIT 1) AS g ON true
    LEFT JOIN LATERAL (
        SELECT r.id FROM rulebooks r
         WHERE r.programme_id = g.id AND r.in_force_from <= %(on)s AND r.withdrawn_at IS NULL
         ORDER BY r.in_force_from DESC, r.version DESC LIMIT 1) AS r ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(n.in_force_from, n.id)
                         ORDER BY n.in_force_from, n.version) AS later
          FROM rulebooks n
         WHERE n.programme_id = g.id AND n.in_force_from > %(on)s AND n.withdrawn_at IS NULL
        ) AS n ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(p.id, p.kind, p.youngest_class, p.oldest_class)
                         ORDER BY p.position, p.id) AS pools
          FROM pools p WHERE p.facility_id = f.id AND p.retired_at IS NULL) AS p ON true"""
_COLUMNS = """
    f.id, f.name, f.kind, f.address, f.building, f.area, f.phone, f.fax, f.url, f.access_note,
    f.closed_on_holidays, f.owner_name, g.id AS programme_id, g.name AS programme_name,
    g.description, g.belongings, r.id AS rulebook_id, p.pools, n.later"""
_IS_PUBLISHED = "f.published_at IS NOT NULL AND NOT f.is_hidden"

#: Row-level security leaves the published ones, and their own to those who run them: so that
#: a director sees the page before everybody does.
_PLACE = Statement(
    f"SELECT {_COLUMNS} FROM facilities f {_PROGRAMME} WHERE f.id = %(id)s AND NOT f.is_hidden"  # noqa: S608 # nosec B608 - constants of this file
)
#: What those who run a facility have prepared, published or not.
_PUBLISHED_OR_NOT = _PROGRAMME.replace("AND g.published_at IS NOT NULL", "")
_PREPARED = Statement(
    f"SELECT {_COLUMNS} FROM facilities f {_PUBLISHED_OR_NOT}"  # noqa: S608 # nosec B608 - constants of this file
    " WHERE f.id = %(id)s AND f.organisation_id = %(organisation)s"
)
#: The town of an address: what stands between the municipality and the first number.
_AREA = """coalesce(f.area, substring(f.address from
    '^(?:[^0-9０-９]{2,3}[都道府県])?(?:[^0-9０-９]{1,6}?[市区町村])?([^0-9０-９一二三四五六七八九十丁字番]+)'))"""
#: All are put in order by what is free; rules and pools are read of those on the page alone.
_SEARCH = Statement(f"""
    WITH free AS (
        SELECT q.facility_id FROM pools q JOIN pool_days d ON d.pool_id = q.id AND d.day = %(on)s
         WHERE q.retired_at IS NULL AND %(age)s BETWEEN q.youngest_class AND q.oldest_class
         GROUP BY q.facility_id HAVING bool_and(0 < ANY (d.free) AND false = ANY (d.closed))),
    shown AS (
        SELECT f.id, count(*) OVER () AS total,
               row_number() OVER (ORDER BY f.id NOT IN (SELECT facility_id FROM free),
                   NOT EXISTS (SELECT 1 FROM programmes h
                                WHERE h.facility_id = f.id AND h.published_at IS NOT NULL),
                   f.name_kana, f.name, f.id) AS place
          FROM facilities f
         WHERE {_IS_PUBLISHED} AND (%(area)s = '' OR {_AREA} = %(area)s)
         ORDER BY place LIMIT %(limit)s OFFSET %(offset)s)
    SELECT {_COLUMNS}, shown.total FROM shown JOIN facilities f ON f.id = shown.id {_PROGRAMME}
     ORDER BY shown.place""")  # noqa: S608 # nosec B608 - constants of this file
_AREAS = text(f"SELECT DISTINCT {_AREA} AS area FROM facilities f WHERE {_IS_PUBLISHED} ORDER BY 1")  # noqa: S608 # nosec B608 - constants of this file
_DAYS = Statement("""
    SELECT pool_id, facility_id, day, wanted, free, closed FROM pool_days
     WHERE pool_id = ANY (%(pools)s) AND day BETWEEN %(first)s AND %(last)s
     ORDER BY day, pool_id""")


@dataclass(frozen=True, slots=True)
class PoolOf:
    """A pool without its days."""

    id: uuid.UUID
    kind: PoolKind
    youngest_class: int
    oldest_class: int


class FacilityShown(NamedTuple):
    """What the public reads of a facility and its programme, in the order of ``_COLUMNS``."""

    id: uuid.UUID
    name: str
    kind: str | None
    address: str
    building: str | None
    area: str | None
    phone: str | None
    fax: str | None
    url: str | None
    access_note: str | None
    closed_on_holidays: bool
    owner_name: str | None
    programme_id: uuid.UUID | None
    programme_name: str | None
    description: str | None
    belongings: str | None
    rulebook_id: uuid.UUID | None
    pools: list[list[Any]] | None
    later: list[list[str]] | None


@dataclass(frozen=True, slots=True)
class Place:
    """A published facility, with the programme, the rules and the pools that the public sees.

    ``document``: the rules of the day that was asked for. ``later``: those that come into force
    after it, each with its first day, in that order.
    """

    facility: FacilityShown
    document: RulesDocument
    pools: tuple[PoolOf, ...]
    later: tuple[tuple[date, RulesDocument], ...] = ()

    @property
    def id(self) -> uuid.UUID:
        """The facility's id."""
        return self.facility.id

    @property
    def takes_bookings(self) -> bool:
        """Whether it offers care through this portal; others can only be called."""
        return self.facility.programme_id is not None and bool(self.pools)

    def document_on(self, day: date) -> RulesDocument:
        """Return the rules of a day; before the day that was asked for, the rules of that day."""
        return in_force(self.document, self.later, day)

    def classes(self, on: date) -> list[ClassChoice]:
        """Return the classes that families choose from."""
        if not self.takes_bookings:
            return []
        document = self.document_on(on)
        return choices(self.pools, lambda age: document_of_class(document, on, age), on)

    def pools_for(self, age: int) -> frozenset[uuid.UUID]:
        """Return the pools a child of class ``age`` takes a place of; empty without a total."""
        found = [pool for pool in self.pools if fits(pool, age)]
        if not any(pool.kind is PoolKind.TOTAL for pool in found):
            return frozenset()
        return frozenset(pool.id for pool in found)


def _place(session: Session, found: Sequence[Any]) -> Place:
    row = FacilityShown(*found)
    pools = tuple(
        PoolOf(uuid.UUID(pool), PoolKind(kind), youngest, oldest)
        for pool, kind, youngest, oldest in row.pools or ()
    )
    document = document_of(session, row.rulebook_id) if row.rulebook_id else RulesDocument()
    later = tuple(
        (date.fromisoformat(first), document_of(session, uuid.UUID(rulebook)))
        for first, rulebook in row.later or ()
    )
    return Place(row, document, pools, later)


def published_place(session: Session, facility_id: uuid.UUID, *, on: date) -> Place:
    """Return a published facility, or the actor's own, with the rules in force on ``on``.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is not to be seen.
    """
    return _place(session, _one(_PLACE.rows(session, {"id": facility_id, "on": on})))


def prepared_place(session: Session, facility_id: uuid.UUID, *, on: date, actor: Actor) -> Place:
    """Return an own facility as it will be seen, with a programme that is not published yet.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    values = {"id": facility_id, "on": on, "organisation": actor.organisation_id}
    return _place(session, _one(_PREPARED.rows(session, values)))


def _one(rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    if not rows:
        raise NoResultFound("no such facility, or not to be seen")
    return rows[0]


def cells_by_day(
    session: Session, place: Place, age: int, first: date, last: date
) -> dict[date, Cells]:
    """Return what is free for a class on each day from ``first`` to ``last`` that is filled."""
    return free_by_day(filled_days(session, [place], age, first, last), place, age)


def cells_of(
    session: Session, places: Sequence[Place], age: int, first: date, last: date
) -> dict[tuple[uuid.UUID, date], Cells]:
    """Return what is free for a class by facility and day; days not filled are missing."""
    return _free(filled_days(session, places, age, first, last), places, age)


#: A pool's day as it is stored: pool, facility, day, and what is wanted, free and closed by cell.
Filled = tuple[uuid.UUID, uuid.UUID, date, list[int], list[int], list[bool]]


def filled_days(
    session: Session, places: Sequence[Place], age: int, first: date, last: date
) -> Sequence[Filled]:
    """Return the stored days of the pools that a class takes places of.

    Two answers that are equal mean the same free places.
    """
    ids = [pool_id for place in places for pool_id in place.pools_for(age)]
    found: Sequence[Any] = _DAYS.rows(session, {"pools": ids, "first": first, "last": last})
    return found


def free_by_day(filled: Iterable[Filled], place: Place, age: int) -> dict[date, Cells]:
    """Return what is free for a class on each filled day of one facility."""
    return {day: cells for (_, day), cells in _free(filled, [place], age).items()}


def _free(
    filled: Iterable[Filled], places: Sequence[Place], age: int
) -> dict[tuple[uuid.UUID, date], Cells]:
    wanted = {place.id: len(place.pools_for(age)) for place in places}
    pools: dict[tuple[uuid.UUID, date], list[PoolCells]] = defaultdict(list)
    for _pool_id, facility_id, day, wished, free, closed in filled:
        pools[facility_id, day].append(PoolCells(wished, free, closed))
    return {key: free_cells(found) for key, found in pools.items() if len(found) == wanted[key[0]]}


def cells_together(
    session: Session,
    place: Place,
    ages: Sequence[int],
    first: date,
    last: date,
    *,
    given_back: Iterable[tuple[date, Collection[uuid.UUID], int, int]] = (),
) -> dict[date, Cells]:
    """Return how often children of these classes have places at the same time, by filled day.

    Args:
        ages: A class for each child; empty where one of them is not cared for.
        given_back: Places that would be free again: day, pools, first cell, cell after the last.
    """
    needed = Counter(pool_id for age in ages for pool_id in place.pools_for(age))
    if not ages or not all(place.pools_for(age) for age in ages):
        return {}
    back = Counter(
        (day, pool_id, cell)
        for day, pool_ids, start, end in given_back
        for pool_id in pool_ids
        for cell in range(start, end)
    )
    rows = _DAYS.rows(session, {"pools": list(needed), "first": first, "last": last})
    pools: dict[date, list[PoolCells]] = defaultdict(list)
    for pool_id, _facility, day, wanted, free, closed in rows:
        units = needed[pool_id]
        groups = [(left + back[day, pool_id, cell]) // units for cell, left in enumerate(free)]
        pools[day].append(PoolCells(wanted, groups, closed))
    return {day: free_cells(found) for day, found in pools.items() if len(found) == len(needed)}


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for in the list of facilities."""

    day: date
    age: int
    area: str = ""


def search_places(
    session: Session, search: Search, *, limit: int, offset: int
) -> tuple[list[Place], int]:
    """Return a page of published facilities and how many there are in all.

    Those with something free for the class on the day come first, then those that only take
    bookings, then the rest; by reading within each.
    """
    rows = _SEARCH.rows(
        session,
        {
            "on": search.day,
            "age": search.age,
            "area": search.area,
            "limit": limit,
            "offset": offset,
        },
    )
    total = rows[0][-1] if rows else 0
    return [_place(session, row) for *row, _total in rows], total


def areas(session: Session) -> list[str]:
    """Return the areas that published facilities lie in, for the filter."""
    return [row.area for row in session.execute(_AREAS) if row.area]
