"""Found the demo's city: a real list of facilities, invented providers, people and families."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine

from portal.commands.demo_city import bodies, names, records, standings, stories, supporters
from portal.commands.demo_city.applications import Taker, add_expired, apply_to
from portal.commands.demo_city.family_rows import StoredFamily, add_family, open_to
from portal.commands.demo_city.koriyama import import_list
from portal.commands.demo_city.people import invented
from portal.commands.demo_city.record import City, Site
from portal.commands.demo_city.rows import Rows, ident
from portal.commands.demo_city.sites import SiteOf, sites
from portal.commands.demo_city.standings import Terms
from portal.kernel.clock import JST, at
from portal.kernel.clock import today as local_today
from portal.slots.holidays import sync_holidays

#: Families of the city, with those of ``names``.
FAMILIES = 400
#: Families that phone have no account; numbers of invented ones begin here.
_FIRST_INVENTED = 100
#: From a family's registration to its first application, at least.
_FILLS_IN = timedelta(minutes=25)


def found(
    admin: Engine,
    seed: str,
    now: datetime,
    tell: Callable[[str], None],
    *,
    families: int = FAMILIES,
) -> City:
    """Make the city up to the eve of its first booking. All but the list is invented."""
    today = local_today(now)
    tell("郡山市の施設の一覧を取り込んでいます…")
    municipality_id = import_list(admin, now)
    # The first of a month, about three months ago: month reports begin whole.
    started_on = (today - timedelta(days=75)).replace(day=1)
    sync_holidays(admin, started_on.year)
    supporters.open_bodies(admin, municipality_id, at(started_on, time(9)))
    tell("園と職員をつくっています…")
    wanted = sites(today, families)
    with admin.begin() as connection:
        rows = Rows()
        founded = bodies.add_sites(connection, rows, wanted, started_on)
        people = bodies.add_people(rows, municipality_id, founded, at(started_on, time(9)))
        storm_on = _storm_day(today)
        bodies.add_closures(rows, wanted, founded, today)
        bodies.add_waiting_claim(rows, founded, municipality_id, now)
        tell("ご家庭をつくっています…")
        made = _families(rows, seed, families, wanted, founded, now)
        rows.write(connection)
        bodies.claim(connection, wanted, founded, at(started_on - timedelta(days=14), time(11)))
    people |= _doors(made, seed)
    featured = tuple(family.family_id for family in made[:_FIRST_INVENTED] if _is_known(family))
    return City(seed, started_on, storm_on, founded, featured, people)


def _is_known(family: StoredFamily) -> bool:
    return family.household.number < _FIRST_INVENTED


def _storm_day(today: date) -> date:
    """Return a Tuesday or later weekday about three weeks ago."""
    day = today - timedelta(days=20)
    while day.weekday() not in {1, 2, 3}:
        day -= timedelta(days=1)
    return day


def _families(
    rows: Rows,
    seed: str,
    count: int,
    wanted: Sequence[SiteOf],
    founded: Sequence[Site],
    now: datetime,
) -> list[StoredFamily]:
    known = [*names.households(local_today(now)), *stories.households(local_today(now))]
    rest = invented(seed, max(0, count - len(known)), local_today(now), first=_FIRST_INVENTED)
    takers = [_taker(site, there) for site, there in zip(wanted, founded, strict=True)]
    popularity = [site.popularity for site in wanted]
    by_key = {site.key: taker for site, taker in zip(wanted, takers, strict=True)}
    terms = {site.key: _terms(site, there) for site, there in zip(wanted, founded, strict=True)}
    made: list[StoredFamily] = []
    told: frozenset[uuid.UUID] = frozenset()
    for household in (*known, *rest):
        dice = random.Random(f"{seed}|applies|{household.number}")  # noqa: S311 - invented lives
        is_known = household.number < _FIRST_INVENTED
        # Most were there before the portal's first day here, some have come since, a few just now.
        share = dice.random()
        days = dice.uniform(95, 170) if is_known or share < 0.62 else dice.uniform(5, 95)  # noqa: PLR2004
        if not is_known and share > 0.95:  # noqa: PLR2004
            days = dice.uniform(0.3, 4)
        if household.adults[0].name in stories.LONG_KNOWN:
            days = 190
        registered_at = _awake(now - timedelta(days=days), now)
        family = add_family(rows, household, registered_at, seed=seed)
        made.append(family)
        if stories.is_story(family):
            told |= stories.tell(rows, family, by_key, terms, now)
            continue
        _apply(rows, family, takers, popularity, now, dice, is_known=is_known)
    standings.settle(rows, list(terms.values()), now, told)
    records.fill(rows, made, now, seed)
    return made


def _apply(
    rows: Rows,
    family: StoredFamily,
    takers: Sequence[Taker],
    popularity: Sequence[int],
    now: datetime,
    dice: random.Random,
    *,
    is_known: bool,
) -> None:
    home = dice.choices(range(len(takers)), popularity)[0]
    wanted = [0, home] if is_known else [home]
    wanted += dice.choices(range(len(takers)), popularity, k=dice.choice((0, 1, 1, 2)))
    opened: set[uuid.UUID] = set()
    moment = family.registered_at
    for position, index in enumerate(dict.fromkeys(wanted)):
        if position and dice.random() < 0.15:  # noqa: PLR2004 - a second thought of these days
            moment = max(moment, now - timedelta(days=dice.uniform(0.3, 5)))
        moment = max(_awake(moment, now), family.registered_at + _FILLS_IN)
        taker = takers[index]
        if position == 0 and not is_known and dice.random() < 0.03:  # noqa: PLR2004
            add_expired(rows, family, taker, now, opened)
            return
        apply_to(rows, family, taker, moment, now, dice, opened)
        moment += timedelta(days=dice.uniform(0.5, 20))
        if moment >= now:
            break
    if family.user_id is None and not opened:
        open_to(rows, family, takers[home].organisation_id, family.registered_at)


def _awake(moment: datetime, now: datetime) -> datetime:
    """Return a moment of the same day at which people are up, before ``now``."""
    local = moment.astimezone(JST)
    awake = local.replace(hour=7 + local.hour * 14 // 24, microsecond=0)
    return min(awake, now - timedelta(minutes=30))


def _taker(site: SiteOf, there: Site) -> Taker:
    bands = site.shape.bands
    return Taker(
        there.facility_id,
        there.organisation_id,
        there.director_id,
        min(band[1] for band in bands),
        max(band[2] for band in bands),
    )


def _terms(site: SiteOf, there: Site) -> Terms:
    return Terms(there.facility_id, site.shape.document(), there.director_id)


def _doors(
    made: Sequence[StoredFamily], seed: str
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    """Return the personas that are guardians of the city."""
    by_name = {family.household.adults[0].name: family for family in made[:_FIRST_INVENTED]}
    doors: dict[str, tuple[uuid.UUID, uuid.UUID | None]] = {}
    for key, name in {**names.DOORS, **stories.DOORS}.items():
        user_id = by_name[name].user_id
        if user_id is not None:
            doors[key] = (user_id, None)
    for key, name in names.SECOND_DOORS.items():
        doors[key] = (ident(seed, "user", by_name[name].household.number, 1), None)
    return doors


def shut_for_the_storm(admin: Engine, city: City) -> None:
    """Shut all facilities on the day of the typhoon; its bookings have been cancelled before."""
    rows = Rows()
    moment = at(city.storm_on - timedelta(days=1), time(16, 30))
    for site in city.sites:
        rows.add(
            "closures",
            id=ident("closure", site.facility_id, city.storm_on),
            facility_id=site.facility_id,
            organisation_id=site.organisation_id,
            from_day=city.storm_on,
            to_day=city.storm_on,
            from_cell=0,
            to_cell=48,
            reason="台風のため、臨時にお休みしました",
            created_by=site.director_id,
            created_at=moment,
        )
        bodies.trace(rows, "places.closed", site, moment)
    with admin.begin() as connection:
        rows.write(connection)
