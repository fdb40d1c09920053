"""The demo's city at each start: found it once, then let it live until today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from portal.accounts.addresses import AddressKind, SecretAddress, make_address, token_for
from portal.accounts.models import User
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.commands.demo_city import (
    agreed,
    at_home,
    facts,
    loop,
    loop_stories,
    mails,
    meetings,
    names,
    occasions,
    on_paper,
    own_doings,
    photographed,
    stories,
)
from portal.commands.demo_city.advance import advance
from portal.commands.demo_city.founding import FAMILIES, found, shut_for_the_storm
from portal.commands.demo_city.life import lay_out, live
from portal.commands.demo_city.pages import Persona
from portal.commands.demo_city.record import City, Site
from portal.commands.surroundings import MissingSetting
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.families.models import Guardian
from portal.kernel import clock
from portal.kernel.actor import Actor, Role

SEED = "temporary-care"
BASE_URL = "http://127.0.0.1:8000"
_ANALYZE = text("ANALYZE")
_BEGIN_AGAIN = (
    "途中で止まったか、前の版のデモのデータが残っています。"
    "「portal demo --fresh」で始めなおしてください。"
)
WHAT = {
    "director": "園長・主任",
    "staff": "職員",
    "guardian": "保護者（お子さん2人、予約あり）",
    "expecting": "保護者（これから生まれる）",
    "half_way": "保護者（見学がすみ、面談を予約したところ）",
    "siblings": "保護者（きょうだいで申し込み、1人は質問が来たところ）",
    "trial": "保護者（ならし預かりの途中）",
    "twins": "保護者（先月ふたごが生まれた）",
    "renews": "保護者（登録を続ける時期）",
    "apart": "保護者（住所などを秘密にしている母親）",
    "apart_father": "保護者（子どもと別に暮らす父親。予約は見るだけ）",
    "kept_away": "保護者（もう一人の親の住所などが秘密になっている父親）",
    "new_guardian": "保護者（これから登録する人）",
    loop_stories.DOOR: "保護者（保健師の面談から、園を紹介された）",
    "other_staff": "ほかの園の職員",
    "limiting": "園長（登録の人数を決め、空きを待つ子がいる園）",
    "new_director": "園長（まだ公開していない園）",
    "liaison": "市の保健師",
    "center_worker": "こども家庭センターの職員",
    "office_worker": "地域子育て相談機関の職員",
    "other_liaison": "となりの市の保健師",
    "operator": "ポータルの運用",
}
_ROLES = {
    "director": Role.DIRECTOR,
    "limiting": Role.DIRECTOR,
    "new_director": Role.DIRECTOR,
    "staff": Role.STAFF,
    "other_staff": Role.STAFF,
    "liaison": Role.LIAISON,
    "other_liaison": Role.LIAISON,
    "center_worker": Role.CENTER_WORKER,
    "office_worker": Role.OFFICE_WORKER,
    "operator": Role.OPERATOR,
}


@dataclass(frozen=True, slots=True)
class Living:
    """The city ready to be visited: its people, and pages worth a look (paths)."""

    personas: dict[str, Persona]
    samples: dict[str, str]


def live_until_today(
    admin: Engine,
    tell: Callable[[str], None],
    *,
    seed: str | None = None,
    now: datetime | None = None,
    base_url: str = BASE_URL,
) -> Living:
    """Found the city if it is not there, extend its life to now, and return who is in it.

    Args:
        admin: The superuser of the demo's own server.
        seed: Of the founding; later starts go on with what was founded.
        base_url: Where the portal answers: it stands in letters.
    """
    now = now or clock.now()
    city = found_or_go_on(admin, tell, seed=seed or SEED, now=now, base_url=base_url)
    if facts.is_new(admin, "demo.photos"):
        photographed.draw(admin, city, now)
    mails.leave_some_to_send(admin)
    personas = {key: _persona(city, key) for key in WHAT}
    return Living(personas, _samples(city, personas["director"].actor))


def found_or_go_on(
    admin: Engine,
    tell: Callable[[str], None],
    *,
    seed: str,
    now: datetime,
    families: int = FAMILIES,
    base_url: str = BASE_URL,
) -> City:
    """Return the city as it is at ``now``: founded, or gone on since its last start.

    Raises:
        MissingSetting: what lies there was founded by an earlier version, or not to the end.
    """
    written = facts.read(admin, "demo.city")
    if written is None:
        if not facts.is_new(admin, "demo.began"):
            raise MissingSetting(_BEGIN_AGAIN)
        city = found(admin, seed, now, tell, families=families)
        lay_out(city, clock.today(now))
        live(admin, city, now, tell)
        shut_for_the_storm(admin, city)
        lay_out(city, clock.today(now))
        with admin.begin() as connection:
            meetings.happen(connection, city, now)
            agreed.happen(connection, city, now)
        occasions.happen(city, now)
        own_doings.happen(city, now)
        at_home.happen(admin, city, now)
        tell("面談と紹介をつくっています…")
        loop.happen(admin, city, now)
        mails.send_most(admin)
        mails.let_some_fail(admin, city, now)
        on_paper.happen(city, now, base_url)
        facts.write(admin, "demo.city", city.to_json())
        facts.write(admin, "demo", "yes")
    else:
        lived = facts.read(admin, "demo.lived_until")
        if lived is None:
            raise MissingSetting(_BEGIN_AGAIN)
        city, lived_until = City.from_json(written), datetime.fromisoformat(lived)
        if now <= lived_until:
            return city
        tell("その後のくらしをつくっています…")
        lay_out(city, clock.today(now))
        advance(admin, city, lived_until, now)
        live(admin, city, now, tell, since=lived_until)
        loop.go_on(admin, city, lived_until, now)
    facts.write(admin, "demo.lived_until", now.isoformat())
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(_ANALYZE)
    return city


def _persona(city: City, key: str) -> Persona:
    user_id, organisation_id = city.people[key]
    actor = Actor(_ROLES.get(key, Role.GUARDIAN), user_id, organisation_id)
    with acting_as(actor) as session:
        user = session.get_one(User, user_id)
        where = ""
        if actor.is_provider:
            facilities = session.scalars(
                select(Facility.name)
                .where(Facility.organisation_id == organisation_id)
                .order_by(Facility.name)
            ).all()
            where = "、".join(facilities) + " "
    return Persona(key=key, name=user.name, what=where + WHAT[key], actor=actor)


def _samples(city: City, director: Actor) -> dict[str, str]:
    today = clock.today(clock.now())
    site = city.sites[0]
    with acting_as(director), transaction() as session:
        # The newest day with children: a Sunday's board might have nothing to show.
        board_day = session.scalar(
            select(Booking.day)
            .where(
                Booking.facility_id == site.facility_id,
                Booking.day <= today,
                Booking.state.in_((BookingState.CONFIRMED, BookingState.ATTENDED)),
            )
            .order_by(Booking.day.desc())
            .limit(1)
        )
        token = _feed_token(session, director, site)
        caller = session.scalar(
            select(Guardian.family_id).where(Guardian.name == names.PHONED).limit(1)
        )
        paper = session.scalar(
            select(Guardian.family_id).where(Guardian.name == stories.PAPER).limit(1)
        )
    month = f"{today.year:04d}-{today.month:02d}"
    facility = site.facility_id
    return {
        "public_calendar": f"/facilities/{facility}",
        "full_calendar": f"/facilities/{city.site('opening_day').facility_id}",
        "day_board": f"/office/facilities/{facility}/board/{board_day or today}",
        "month_report": f"/reports/{month}?facility={facility}",
        "month_report_pdf": f"/reports/{month}.pdf?facility={facility}",
        "month_report_csv": f"/reports/{month}.csv?facility={facility}",
        "facility_feed": f"/feeds/{token}.ics",
        "phone_family": f"/office/families/{caller}",
        "paper_family": f"/office/families/{paper}",
    }


def _feed_token(session: Session, director: Actor, site: Site) -> str:
    address = session.scalar(
        select(SecretAddress).where(
            SecretAddress.kind == AddressKind.FACILITY_FEED,
            SecretAddress.facility_id == site.facility_id,
            SecretAddress.ended_at.is_(None),
        )
    )
    if address is not None:
        return token_for(address.id)
    return make_address(session, director, AddressKind.FACILITY_FEED, facility_id=site.facility_id)
