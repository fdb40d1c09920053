"""Found the demo's city: a real list of facilities, invented providers, people and families."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.commands.demo_city import names
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility, Programme
from portal.facilities.rules import ProgrammeKind
from portal.facilities.service import claim_facility, import_file, municipality_named
from portal.families import service as families
from portal.families.rules import ChildDetails, GuardianDetails, PickupDetails, RecordDetails
from portal.kernel.actor import Actor, Role
from portal.kernel.age import fiscal_year
from portal.kernel.channel import Channel
from portal.kernel.clock import at
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.policies.document import load_template
from portal.preregistration import service as preregistration
from portal.rulebooks.models import Rulebook
from portal.slots.models import DutyPattern, Pool, PoolPattern
from portal.slots.rules import PoolKind

OPERATOR = Actor(role=Role.OPERATOR, user_id=uuid.UUID(int=0))
LIST = "koriyama_nurseryData.cp932.csv"
CITY = "郡山市"
#: Facilities of the list that take part, each with provider, rules and places of a class band.
SITES = (
    ("あさひ会（架空）", "hourly-standard", (10, 2, 5, 6)),
    ("あさひ会（架空）", "half-day", (8, 2, 4, 5)),
    ("みどり学園（架空）", "municipal-strict", (6, 2, 3, 4)),
)
#: 8:30-17:00, and on Saturdays until 12:00, in half-hour cells.
WEEKDAY_CELLS, SATURDAY_CELLS = range(17, 34), range(17, 24)
#: Nobody signs in to the demo with a password; the doors of the demo open the sessions.
NO_PASSWORD = "!"  # noqa: S105 - matches no password at all


@dataclass(frozen=True, slots=True)
class Site:
    """A facility of the demo that can be booked."""

    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    programme_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Home:
    """A family of the demo; ``user_id`` is missing for those that phone."""

    family_id: uuid.UUID
    user_id: uuid.UUID | None
    child_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class City:
    """What the founding leaves for later starts; plain values, kept as JSON."""

    started_on: date
    sites: tuple[Site, ...]
    homes: tuple[Home, ...]
    #: Persona to user and organisation.
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]]

    def to_json(self) -> str:
        """Return the city as JSON text."""
        return json.dumps(asdict(self), default=str)

    @staticmethod
    def from_json(written: str) -> City:
        """Return the city that ``to_json`` wrote."""
        data: dict[str, Any] = json.loads(written)
        ident = uuid.UUID
        return City(
            started_on=date.fromisoformat(data["started_on"]),
            sites=tuple(
                Site(
                    *(
                        ident(site[key])
                        for key in ("facility_id", "organisation_id", "programme_id")
                    )
                )
                for site in data["sites"]
            ),
            homes=tuple(
                Home(
                    ident(home["family_id"]),
                    ident(home["user_id"]) if home["user_id"] else None,
                    tuple(ident(child) for child in home["child_ids"]),
                )
                for home in data["homes"]
            ),
            people={
                key: (ident(user), ident(organisation) if organisation else None)
                for key, (user, organisation) in data["people"].items()
            },
        )


def list_without_real_numbers() -> bytes:
    """Return the city's list with every phone and FAX number replaced by an invented one."""
    file = resources.files("portal.facilities").joinpath("data", LIST)
    table = list(csv.reader(io.StringIO(file.read_bytes().decode("cp932"), newline="")))
    columns = [table[0].index(name) for name in ("TEL", "FAX")]
    for number, row in enumerate(table[1:], start=1):
        for column in columns:
            if row[column]:
                row[column] = f"000-{column:03d}-{number:04d}"
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(table)
    return written.getvalue().encode("cp932")


def found(now: datetime, today: date, tell: Callable[[str], None]) -> City:
    """Make the city. Everything but the list itself is invented."""
    tell(f"{CITY}の施設の一覧を取り込んでいます…")
    with acting_as(OPERATOR), transaction() as session:
        city_id = municipality_named(session, CITY, actor=OPERATOR, now=now)
        import_file(session, list_without_real_numbers(), LIST, city_id, actor=OPERATOR, now=now)
    tell("園と職員をつくっています…")
    started_on = _first_of_month(today, back=2)
    sites = _sites(city_id, started_on, now)
    people = _people(city_id, sites)
    tell("ご家庭をつくっています…")
    # An acceptance holds for its fiscal year: none of last year's would be of use today.
    april = at(date(fiscal_year(today), 4, 1), time(9))
    homes = tuple(
        _home(household, number, sites, people, max(now - timedelta(days=100), april), today)
        for number, household in enumerate((*names.HOUSEHOLDS, *names.CALLERS))
    )
    people["guardian"] = (_user_of(homes[0]), None)
    return City(started_on, sites, homes, people)


def _user_of(home: Home) -> uuid.UUID:
    if home.user_id is None:
        raise ValueError("this family has no account")
    return home.user_id


def _first_of_month(day: date, *, back: int) -> date:
    first = day.replace(day=1)
    for _ in range(back):
        first = (first - timedelta(days=1)).replace(day=1)
    return first


def _sites(city_id: uuid.UUID, start: date, now: datetime) -> tuple[Site, ...]:
    providers: dict[str, uuid.UUID] = {}
    sites = []
    with acting_as(OPERATOR) as session:
        candidates = session.scalars(
            select(Facility)
            .where(
                Facility.municipality_id == city_id,
                Facility.has_temporary_care.is_(True),
                Facility.is_hidden.is_(False),
                Facility.kind.contains("認可保育所"),
            )
            .order_by(Facility.list_key)
        ).all()
        chosen = _of_different_areas(candidates, len(SITES))
    for facility, (provider, template, places) in zip(chosen, SITES, strict=True):
        with acting_as(OPERATOR), transaction() as session:
            if provider not in providers:
                organisation = Organisation(
                    id=uuid.uuid4(),
                    kind=OrganisationKind.PROVIDER,
                    name=f"社会福祉法人{provider}",
                    phone="000-2000-0000",
                )
                session.add(organisation)
                session.flush()
                providers[provider] = organisation.id
            claim_facility(session, facility.id, providers[provider], actor=OPERATOR, now=now)
        director = Actor(Role.DIRECTOR, uuid.UUID(int=0), providers[provider])
        with acting_as(director), transaction() as session:
            sites.append(_open_site(session, facility.id, template, places, start, now))
    return tuple(sites)


def _of_different_areas(candidates: Any, wanted: int) -> list[Facility]:
    by_area: dict[str | None, Facility] = {}
    for facility in candidates:
        by_area.setdefault(facility.area, facility)
    return list(by_area.values())[:wanted]


def _open_site(
    session: Session,
    facility_id: uuid.UUID,
    template: str,
    places: tuple[int, int, int, int],
    start: date,
    now: datetime,
) -> Site:
    facility = session.get_one(Facility, facility_id)
    facility.published_at = now
    facility.access_note = "バス停から歩いて5分です。駐車場は3台分あります。"
    organisation_id = facility.organisation_id
    if organisation_id is None:
        raise ValueError("no provider has claimed the facility")
    ours: dict[str, Any] = {"facility_id": facility_id, "organisation_id": organisation_id}
    programme = Programme(
        id=uuid.uuid4(),
        **ours,
        kind=ProgrammeKind.TEMPORARY_CARE,
        name="一時預かり",
        description="休みたいとき、用事のあるとき、仕事のときに、お子さんをあずかります。",
        belongings="着替え2組、タオル、名前を書いた水筒。おむつの子は、おむつ5枚とおしりふき。",
        published_at=now,
    )
    session.add(programme)
    session.flush()
    session.add(
        Rulebook(
            id=uuid.uuid4(),
            programme_id=programme.id,
            **ours,
            version=1,
            in_force_from=start,
            document=load_template(template).model_dump(mode="json"),
        )
    )
    total, babies, toddlers, older = places
    for position, (kind, label, youngest, oldest, count) in enumerate(
        (
            (PoolKind.TOTAL, "園全体", 0, 5, total),
            (PoolKind.AGE_BAND, "0歳児クラス", 0, 0, babies),
            (PoolKind.AGE_BAND, "1・2歳児クラス", 1, 2, toddlers),
            (PoolKind.AGE_BAND, "3歳以上クラス", 3, 5, older),
        )
    ):
        pool = Pool(
            id=uuid.uuid4(),
            **ours,
            kind=kind,
            label=label,
            youngest_class=youngest,
            oldest_class=oldest,
            position=position,
        )
        session.add(pool)
        session.flush()
        for weekday in range(6):
            during = SATURDAY_CELLS if weekday == 5 else WEEKDAY_CELLS  # noqa: PLR2004 - Saturday
            capacity = [count if cell in during else 0 for cell in range(48)]
            session.add(
                PoolPattern(
                    pool_id=pool.id, weekday=weekday, in_force_from=start, **ours, capacity=capacity
                )
            )
    for weekday in range(6):
        session.add(
            DutyPattern(
                **ours,
                weekday=weekday,
                on_duty=[3 if cell in range(16, 35) else 0 for cell in range(48)],
            )
        )
    session.flush()
    return Site(facility_id, organisation_id, programme.id)


def _account(
    name: str, mail: str, organisation_id: uuid.UUID | None, role: str | None
) -> uuid.UUID:
    user_id = uuid.uuid4()
    with acting_as(OPERATOR), transaction() as session:
        session.execute(
            text("SELECT add_account(:user, :mail, :name, :hash, :membership, :org, :role)"),
            {
                "user": user_id,
                "mail": mail,
                "name": name,
                "hash": NO_PASSWORD,
                "membership": uuid.uuid4(),
                "org": organisation_id,
                "role": role,
            },
        )
    return user_id


def _people(
    city_id: uuid.UUID, sites: tuple[Site, ...]
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    ours, theirs = sites[0].organisation_id, sites[-1].organisation_id
    workers = (
        ("director", "岡田 ゆみこ", ours, "director"),
        ("staff", "佐藤 まり", ours, "staff"),
        ("liaison", "鈴木 あき", city_id, "liaison"),
        ("other_staff", "山田 けい", theirs, "staff"),
    )
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]] = {
        key: (_account(name, f"{key}@demo.example", organisation, role), organisation)
        for key, name, organisation, role in workers
    }
    people["new_guardian"] = (_account("小林 あや", "kobayashi@demo.example", None, None), None)
    return people


def _home(
    household: names.Household,
    number: int,
    sites: tuple[Site, ...],
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]],
    registered_at: datetime,
    today: date,
) -> Home:
    name, kana, relation, phone, children = household
    calls = household in names.CALLERS
    user_id = None if calls else _account(name, f"family{number}@demo.example", None, None)
    if user_id is not None:
        actor = Actor(Role.GUARDIAN, user_id)
    else:
        staff, organisation = people["staff"]
        actor = Actor(Role.STAFF, staff, organisation)
    details = GuardianDetails(
        name=name,
        name_kana=kana,
        relation=relation,
        phone=phone,
        address=f"{CITY}架空町{number + 1}-1",
    )
    born = tuple(
        ChildDetails(child, child_kana, born_on=today - timedelta(days=round(months * 30.44)))
        for child, child_kana, months in children
    )
    with acting_as(actor), transaction() as session:
        made = families.register_family(
            session,
            details,
            born,
            actor=actor,
            now=registered_at,
            channel=Channel.PHONE if calls else Channel.WEB,
            received_at=registered_at if calls else None,
        )
    if user_id is not None:
        actor = Actor(Role.GUARDIAN, user_id, family_id=made.family_id)
    with acting_as(actor), transaction() as session:
        for child_id, (child, _kana, _months) in zip(made.child_ids, children, strict=True):
            record = RecordDetails(
                allergies=names.ALLERGIES.get(child, ""), habits=names.HABITS.get(child, "")
            )
            families.save_record(session, child_id, record, actor=actor, now=registered_at)
        if name in names.PICKUPS:
            pickup = PickupDetails(*names.PICKUPS[name])
            families.add_pickup(session, made.family_id, pickup, actor=actor)
    home = Home(made.family_id, user_id, made.child_ids)
    _register(home, number, actor, sites, registered_at)
    return home


def _register(
    home: Home, number: int, actor: Actor, sites: tuple[Site, ...], now: datetime
) -> None:
    """Apply to one or two facilities; most are accepted, the last ones wait for an answer."""
    wanted = [sites[number % len(sites)], sites[0]] if number % 2 else [sites[0]]
    if home.user_id is None:
        wanted = [sites[0]]
    waits = number == len(names.HOUSEHOLDS) - 1
    for site in dict.fromkeys(wanted):
        with acting_as(actor), transaction() as session:
            applied = preregistration.apply(
                session,
                site.facility_id,
                home.child_ids,
                actor=actor,
                now=now,
                channel=Channel.WEB if home.user_id else Channel.PHONE,
                received_at=None if home.user_id else now,
                family_id=None if home.user_id else home.family_id,
            )
        if waits:
            continue
        director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
        with acting_as(director), transaction() as session:
            for preregistration_id in applied:
                preregistration.accept(
                    session, preregistration_id, actor=director, now=now + timedelta(days=2)
                )
