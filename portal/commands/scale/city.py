"""A city of a hundred facilities and thousands of families, booked for weeks: in minutes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, text

from portal.accounts.addresses import token_hash
from portal.commands.demo_city.family_rows import add_acceptance, add_family, open_to
from portal.commands.demo_city.koriyama import import_list
from portal.commands.demo_city.people import invented
from portal.commands.demo_city.places import load_places
from portal.commands.demo_city.planning import Client, plan_day
from portal.commands.demo_city.rows import Rows, copy_rows, ident, settle_places
from portal.commands.demo_city.site_rows import SiteShape, add_site
from portal.commands.demo_city.stay_rows import add_stay, course_of_stay, holds_place
from portal.commands.scale.progress import Progress
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today as local_today
from portal.organisations.rules import OrganisationKind

SEED = "scale"
FACILITIES, FAMILIES = 100, 3000
#: So far back and ahead days are booked; places are laid out this far.
BEFORE, AHEAD, LAID_OUT = timedelta(days=28), timedelta(days=45), timedelta(days=120)
#: Families have numbers far from those of the demo's own.
_FIRST_NUMBER = 100_000
#: How many facilities a family is known to.
KNOWN_TO = 3
#: Facilities of one provider.
OF_ONE_PROVIDER = 4
_OPEN_SOONER = {"booking_window": {"opens": {"kind": "rolling", "months": 2, "at": "09:00"}}}
SHAPES = (
    SiteShape(
        "hourly-standard",
        20,
        (("0歳児クラス", 0, 0, 4), ("1・2歳児クラス", 1, 2, 9), ("3歳以上クラス", 3, 5, 12)),
        weekday=(16, 37),
        rules=_OPEN_SOONER,
    ),
    SiteShape(
        "half-day",
        12,
        (("1歳児クラス", 0, 1, 4), ("2歳児クラス", 2, 2, 6), ("3歳以上クラス", 3, 5, 8)),
        rules=_OPEN_SOONER,
    ),
    SiteShape(
        "municipal-strict",
        10,
        (("0歳児クラス", 0, 0, 3), ("1歳児クラス", 1, 1, 5), ("2歳児クラス", 2, 2, 6)),
        load=(0.6, 1.0),
        rules=_OPEN_SOONER,
    ),
)
_CHOOSE = text("""
    SELECT id FROM facilities WHERE NOT is_hidden AND organisation_id IS NULL
     ORDER BY has_temporary_care DESC, list_key LIMIT :count""")
_CLAIM = text("""
    UPDATE facilities SET organisation_id = :organisation, published_at = :now WHERE id = :id""")
_FILL = text("SELECT count(*) FROM fill_pool_days(:facility, :first, :last)")


@dataclass(frozen=True, slots=True)
class BigSite:
    """A facility that can be booked. ``template`` names the rules it goes by."""

    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    programme_id: uuid.UUID
    template: str


@dataclass(frozen=True, slots=True)
class BigFamily:
    """A family with an account, and the facilities (by number of site) that know its children.

    ``children``: id and day of birth.
    """

    family_id: uuid.UUID
    user_id: uuid.UUID
    children: tuple[tuple[uuid.UUID, date], ...]
    sites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BigCity:
    """What was founded."""

    municipality_id: uuid.UUID
    sites: tuple[BigSite, ...]
    families: tuple[BigFamily, ...]
    bookings: int


def found_city(
    admin: Engine,
    *,
    now: datetime,
    tell: Callable[[str], None],
    facilities: int = FACILITIES,
    families: int = FAMILIES,
) -> BigCity:
    """Make the city in a migrated database, and return its ids: the same at each founding.

    The database is empty, or a demo's, whose facilities are left alone.

    Families can be signed in with ``sign_in``. Needs ``portal.db.session.use`` for the app's side
    (the list and the days of pools go through the portal's own functions). Statistics are fresh at
    the end.

    Args:
        admin: The superuser of a server of one's own: nothing else may write these tables in bulk.
        tell: Called with a line for people, now and then.
    """
    today = local_today(now)
    tell("施設の一覧を取り込んでいます…")
    municipality_id = import_list(admin, now)
    with admin.begin() as connection:
        sites = _sites(connection, facilities, today, now)
    _lay_out(sites, today, tell)
    with admin.begin() as connection:
        made, clients = _families(connection, sites, families, now, tell)
    booked = _bookings(admin, sites, clients, now, tell)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return BigCity(municipality_id, tuple(sites), tuple(made), booked)


def sign_in(admin: Engine, families: Sequence[BigFamily], now: datetime) -> list[str]:
    """Open a session for each family and return its token, in their order."""
    tokens = [uuid.uuid4().hex for _ in families]
    rows = (
        {
            "id": uuid.uuid4(),
            "token_hash": token_hash(token),
            "user_id": family.user_id,
            "role": Role.GUARDIAN.value,
            "has_second_factor": False,
            "created_at": now,
            "expires_at": now + timedelta(days=1),
        }
        for token, family in zip(tokens, families, strict=True)
    )
    with admin.begin() as connection:
        copy_rows(connection, "sign_in_sessions", rows)
    return tokens


def _sites(connection: Connection, count: int, today: date, now: datetime) -> list[BigSite]:
    rows = Rows()
    chosen = connection.execute(_CHOOSE, {"count": count}).scalars().all()
    sites = []
    for number, facility_id in enumerate(chosen):
        organisation_id = ident(SEED, "provider", number // OF_ONE_PROVIDER)
        if number % OF_ONE_PROVIDER == 0:
            name = f"計測の会 第{number // OF_ONE_PROVIDER + 1}法人（架空）"
            rows.add(
                "organisations",
                id=organisation_id,
                kind=OrganisationKind.PROVIDER.value,
                name=name,
                phone="000-2000-0000",
            )
        shape = SHAPES[number % len(SHAPES)]
        since = today - BEFORE - timedelta(days=30)
        programme_id = add_site(rows, facility_id, organisation_id, shape, since, now)
        sites.append(BigSite(facility_id, organisation_id, programme_id, shape.template))
    rows.write(connection)
    for site in sites:
        values = {"organisation": site.organisation_id, "id": site.facility_id, "now": now}
        connection.execute(_CLAIM, values)
    return sites


def _lay_out(sites: Sequence[BigSite], today: date, tell: Callable[[str], None]) -> None:
    progress = Progress(tell, "枠の日々", len(sites))
    span = {"first": today - BEFORE, "last": today + LAID_OUT}
    for number, site in enumerate(sites, start=1):
        director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
        with acting_as(director), transaction() as session:
            session.execute(_FILL, {"facility": site.facility_id, **span})
        progress(number)


def _families(
    connection: Connection,
    sites: Sequence[BigSite],
    count: int,
    now: datetime,
    tell: Callable[[str], None],
) -> tuple[list[BigFamily], dict[uuid.UUID, list[Client]]]:
    progress = Progress(tell, "家庭", count)
    rows, made = Rows(), []
    clients: dict[uuid.UUID, list[Client]] = {site.facility_id: [] for site in sites}
    since = now - BEFORE - timedelta(days=30)
    households = invented(SEED, count, local_today(now), first=_FIRST_NUMBER)
    for number, household in enumerate(households, start=1):
        family = add_family(rows, household, since, seed=SEED)
        dice = random.Random(f"{SEED}|known|{number}")  # noqa: S311 - invented lives
        near = dice.randrange(len(sites))
        known_to = tuple((near + step) % len(sites) for step in range(min(KNOWN_TO, len(sites))))
        for organisation_id in dict.fromkeys(sites[site].organisation_id for site in known_to):
            open_to(rows, family, organisation_id, since)
        for index in known_to:
            site = sites[index]
            client = add_acceptance(
                rows,
                family,
                site.facility_id,
                site.organisation_id,
                since,
                since + timedelta(days=1),
                None,
                now,
            )
            if client is not None:
                clients[site.facility_id].append(client)
        if family.user_id is not None:
            children = tuple(
                (child_id, kid.born_on)
                for child_id, kid in zip(family.child_ids, household.kids, strict=True)
                if kid.born_on is not None
            )
            made.append(BigFamily(family.family_id, family.user_id, children, known_to))
        progress(number)
    rows.write(connection)
    return made, clients


def _bookings(
    admin: Engine,
    sites: Sequence[BigSite],
    clients: dict[uuid.UUID, list[Client]],
    now: datetime,
    tell: Callable[[str], None],
) -> int:
    today = local_today(now)
    first, last = today - BEFORE, today + AHEAD
    ids = [site.facility_id for site in sites]
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    progress = Progress(tell, "予約の日々", len(days))
    busy: set[tuple[uuid.UUID, date]] = set()
    booked = 0
    with admin.begin() as connection:
        places = load_places(connection, ids, first, last, today)
        for place, site in zip(places, sites, strict=True):
            place.load = next(s.load for s in SHAPES if s.template == site.template)
        for number, day in enumerate(days, start=1):
            rows = Rows()
            for place in places:
                known = clients[place.facility_id]
                for stay in plan_day(place, known, day, busy=busy, seed=SEED, now=now):
                    course = course_of_stay(stay)
                    if not holds_place(course, now):
                        for child in stay.children:
                            pools = place.pools_of(child.born_on, day)
                            place.take(pools, day, stay.cells, by=-1)
                    add_stay(rows, stay, course, now, None)
            booked += len(rows.of("bookings"))
            rows.write(connection)
            progress(number)
        tell("空きを数えています…")
        settle_places(connection, ids, first, last)
    return booked
