"""Found the demo's city: a real list of facilities, invented providers, people and families."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text

from portal.commands.demo_city import names
from portal.commands.demo_city.applications import Taker, add_expired, apply_to
from portal.commands.demo_city.family_rows import StoredFamily, add_account, add_family, open_to
from portal.commands.demo_city.koriyama import import_list
from portal.commands.demo_city.people import invented
from portal.commands.demo_city.rows import Rows, ident
from portal.commands.demo_city.site_rows import add_site
from portal.commands.demo_city.sites import SiteOf, sites
from portal.kernel.clock import JST, at
from portal.kernel.clock import today as local_today
from portal.organisations.rules import OrganisationKind
from portal.slots.holidays import sync_holidays

#: Families of the city, with those of ``names``.
FAMILIES = 400
#: Families that phone have no account; numbers of invented ones begin here.
_FIRST_INVENTED = 100
_CHOOSE = text("""
    SELECT id, area, name FROM facilities
     WHERE has_temporary_care AND NOT is_hidden ORDER BY list_key""")
_CLAIM = text("""
    UPDATE facilities SET organisation_id = :organisation, published_at = :published,
           access_note = :note, closed_on_holidays = :rests WHERE id = :id""")


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
    """What the founding leaves for later starts; plain values, kept as JSON."""

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
    tell("園と職員をつくっています…")
    wanted = sites(today)
    with admin.begin() as connection:
        rows = Rows()
        founded = _sites(connection, rows, wanted, started_on)
        people = _people(rows, municipality_id, founded, at(started_on, time(9)))
        storm_on = _storm_day(today)
        _closures(rows, wanted, founded, today)
        _claim_waits(rows, founded, municipality_id, now)
        rows.write(connection)
        _claim(connection, wanted, founded, at(started_on - timedelta(days=14), time(11)))
        tell("ご家庭をつくっています…")
        made = _families(rows, seed, families, wanted, founded, now)
        rows.write(connection)
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


def _sites(
    connection: Connection, rows: Rows, wanted: Sequence[SiteOf], started_on: date
) -> tuple[Site, ...]:
    chosen = _of_different_areas(connection.execute(_CHOOSE).all(), len(wanted))
    opened_at = at(started_on - timedelta(days=14), time(10))
    found_sites = []
    providers: set[str] = set()
    for facility, site in zip(chosen, wanted, strict=True):
        organisation_id = ident("provider", site.provider)
        if site.provider not in providers:
            providers.add(site.provider)
            _add_provider(rows, site.provider, organisation_id, len(providers), opened_at)
        add_site(
            rows,
            facility.id,
            organisation_id,
            site.shape,
            started_on,
            opened_at,
            published=site.is_published,
        )
        found_sites.append(
            Site(
                site.key,
                facility.id,
                organisation_id,
                ident("director", site.provider),
                ident("staff", site.provider),
                site.shape.load,
            )
        )
    return tuple(found_sites)


def _of_different_areas(candidates: Sequence[Any], wanted: int) -> list[Any]:
    by_area: dict[str | None, Any] = {}
    for facility in candidates:
        by_area.setdefault(facility.area, facility)
    first = list(by_area.values())
    return (first + [facility for facility in candidates if facility not in first])[:wanted]


#: Of each provider in turn: director and staff.
_STAFF = (
    ("岡田 ゆみこ", "佐藤 まり"),
    ("三浦 かずえ", "山田 けい"),
    ("永井 たつや", "原 ともみ"),
    ("相馬 ひろし", "相馬 ひろし"),
    ("西山 れいこ", "上田 しょう"),
    ("青木 なおこ", "工藤 はるか"),
)


def _add_provider(
    rows: Rows, name: str, organisation_id: uuid.UUID, number: int, since: datetime
) -> None:
    legal = name if name.startswith("NPO") else f"社会福祉法人{name}"
    add_organisation(
        rows,
        organisation_id,
        OrganisationKind.PROVIDER,
        f"{legal}（架空）",
        f"000-2000-{number:04d}",
    )
    for role, person in zip(("director", "staff"), _STAFF[number - 1], strict=True):
        _add_worker(
            rows, ident(role, name), person, f"{role}{number}", organisation_id, role, since
        )


def add_organisation(
    rows: Rows, organisation_id: uuid.UUID, kind: OrganisationKind, name: str, phone: str
) -> None:
    """Add a body."""
    rows.add("organisations", id=organisation_id, kind=kind.value, name=name, phone=phone)


def _add_worker(
    rows: Rows,
    user_id: uuid.UUID,
    name: str,
    mail: str,
    organisation_id: uuid.UUID,
    role: str,
    since: datetime,
) -> None:
    add_account(rows, user_id, f"{mail}@demo.example", name, since)
    rows.add(
        "memberships",
        id=ident("membership", user_id),
        user_id=user_id,
        organisation_id=organisation_id,
        role=role,
        created_at=since,
    )


def _people(
    rows: Rows, municipality_id: uuid.UUID, founded: Sequence[Site], since: datetime
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    """Add those who work elsewhere; return the personas that are not guardians of the city."""
    ours = founded[0]
    theirs = next(site for site in founded if site.key == "municipal")
    hidden = next(site for site in founded if site.key == "unpublished")
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]] = {
        "director": (ours.director_id, ours.organisation_id),
        "staff": (ours.staff_id, ours.organisation_id),
        "other_staff": (theirs.staff_id, theirs.organisation_id),
        "new_director": (hidden.director_id, hidden.organisation_id),
    }
    center, office, operator = (ident("body", key) for key in ("center", "office", "operator"))
    add_organisation(
        rows,
        center,
        OrganisationKind.FAMILY_CENTER,
        "郡山市こども家庭センター（架空）",
        "000-3000-0001",
    )
    add_organisation(
        rows,
        office,
        OrganisationKind.CONSULTATION_OFFICE,
        "子育てそうだん室 つくし（架空）",
        "000-3000-0002",
    )
    add_organisation(
        rows, operator, OrganisationKind.OPERATOR, "ポータルの運用（架空）", "000-3000-0003"
    )
    for key, name, organisation_id in (
        ("liaison", "鈴木 あき", municipality_id),
        ("center_worker", "吉川 まゆ", center),
        ("office_worker", "大場 ふみえ", office),
        ("operator", "運用 たろう", operator),
    ):
        user_id = ident("worker", key)
        _add_worker(rows, user_id, name, key, organisation_id, key, since)
        people[key] = (user_id, organisation_id)
    newcomer = ident("worker", "new_guardian")
    add_account(rows, newcomer, "kobayashi@demo.example", "小林 あや", since)
    people["new_guardian"] = (newcomer, None)
    return people


def _closures(rows: Rows, wanted: Sequence[SiteOf], founded: Sequence[Site], today: date) -> None:
    for site, there in zip(wanted, founded, strict=True):
        spans = [
            (today + timedelta(days=a), today + timedelta(days=b), why, 0, 48)
            for a, b, why in site.shut
        ]
        if site.key == "half_days":
            training = _next_weekday(today + timedelta(days=8), 3)
            spans.append((training, training, "職員の研修のため、午後はお休みです", 25, 48))
        for first, last, why, from_cell, to_cell in spans:
            rows.add(
                "closures",
                id=ident("closure", there.facility_id, first),
                facility_id=there.facility_id,
                organisation_id=there.organisation_id,
                from_day=first,
                to_day=last,
                from_cell=from_cell,
                to_cell=to_cell,
                reason=why,
                created_by=there.director_id,
                created_at=at(first - timedelta(days=60), time(15)),
            )
            _trace(rows, "places.closed", there, at(first - timedelta(days=60), time(15)))


def _claim_waits(
    rows: Rows, founded: Sequence[Site], municipality_id: uuid.UUID, now: datetime
) -> None:
    """Let the newest provider wait for the city's word that its facility is its own."""
    site = next(site for site in founded if site.key == "unpublished")
    rows.add(
        "facility_claims",
        id=ident("claim", site.facility_id),
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        municipality_id=municipality_id,
        state="waiting",
        asked_by=site.director_id,
        asked_at=now - timedelta(days=1, hours=3),
    )


def _next_weekday(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _trace(rows: Rows, action: str, site: Site, moment: datetime) -> None:
    rows.add(
        "audit_log",
        id=ident("audit", action, site.facility_id, moment),
        at=moment,
        user_id=site.director_id,
        organisation_id=site.organisation_id,
        family_id=None,
        role="director",
        action=action,
        subjects=[site.facility_id],
        detail={},
    )


def _claim(
    connection: Connection,
    wanted: Sequence[SiteOf],
    founded: Sequence[Site],
    published_at: datetime,
) -> None:
    for site, there in zip(wanted, founded, strict=True):
        connection.execute(
            _CLAIM,
            {
                "organisation": there.organisation_id,
                "published": published_at if site.is_published else None,
                "note": site.access_note,
                "rests": site.rests_on_holidays,
                "id": there.facility_id,
            },
        )


def _families(
    rows: Rows,
    seed: str,
    count: int,
    wanted: Sequence[SiteOf],
    founded: Sequence[Site],
    now: datetime,
) -> list[StoredFamily]:
    known = list(names.households(local_today(now)))
    rest = invented(seed, max(0, count - len(known)), local_today(now), first=_FIRST_INVENTED)
    takers = [_taker(site, there) for site, there in zip(wanted, founded, strict=True)]
    popularity = [site.popularity for site in wanted]
    made = []
    for household in (*known, *rest):
        dice = random.Random(f"{seed}|applies|{household.number}")  # noqa: S311 - invented lives
        is_known = household.number < _FIRST_INVENTED
        # Most were there before the portal's first day here, some have come since, a few just now.
        share = dice.random()
        days = dice.uniform(95, 170) if is_known or share < 0.62 else dice.uniform(5, 95)  # noqa: PLR2004
        if not is_known and share > 0.95:  # noqa: PLR2004
            days = dice.uniform(0.3, 4)
        registered_at = _awake(now - timedelta(days=days), now)
        family = add_family(rows, household, registered_at, seed=seed)
        made.append(family)
        _apply(rows, family, takers, popularity, now, dice, is_known=is_known)
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
    moment = family.registered_at + timedelta(minutes=25)
    for position, index in enumerate(dict.fromkeys(wanted)):
        if position and dice.random() < 0.15:  # noqa: PLR2004 - a second thought of these days
            moment = max(moment, now - timedelta(days=dice.uniform(0.3, 5)))
        moment = _awake(moment, now)
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


def _doors(
    made: Sequence[StoredFamily], seed: str
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    """Return the personas that are guardians of the city."""
    by_name = {family.household.adults[0].name: family for family in made[:_FIRST_INVENTED]}
    doors: dict[str, tuple[uuid.UUID, uuid.UUID | None]] = {}
    for key, name in names.DOORS.items():
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
        _trace(rows, "places.closed", site, moment)
    with admin.begin() as connection:
        rows.write(connection)
