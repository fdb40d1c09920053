"""The demo's city at each start: found it once, then let it live until today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import create_engine, select, text

from portal.accounts.addresses import AddressKind, SecretAddress, make_address, token_for
from portal.accounts.models import User
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.commands.demo_city.founding import City, found
from portal.commands.demo_city.life import live_on
from portal.commands.demo_city.pages import Persona
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor, Role

_FACTS = text("SELECT value FROM instance_facts WHERE name = 'demo.city'")
_SET = text("INSERT INTO instance_facts VALUES (:name, :value) ON CONFLICT DO NOTHING")
#: Mails of the past life stay unsent but for the last ones, which give something to read.
_QUIET = text("""
    UPDATE outbox_messages SET dropped_at = now()
     WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL AND id NOT IN (
           SELECT o.id FROM outbox_messages o
            WHERE o.sent_at IS NULL AND o.dropped_at IS NULL
            ORDER BY o.created_at DESC LIMIT 12)""")
WHAT = {
    "director": "園長・主任",
    "staff": "職員",
    "guardian": "保護者（お子さん2人、予約あり）",
    "new_guardian": "保護者（これから登録する人）",
    "liaison": "市の保健師",
    "other_staff": "ほかの園の職員",
}


@dataclass(frozen=True, slots=True)
class Living:
    """The city ready to be visited: its people, and pages worth a look (paths)."""

    personas: dict[str, Persona]
    samples: dict[str, str]


def live_until_today(owner_url: str, worker_url: str, tell: Callable[[str], None]) -> Living:
    """Found the city if it is not there, extend its life to now, and return who is in it."""
    now = clock.now()
    today = clock.today(now)
    owner = create_engine(owner_url)
    with owner.connect() as connection:
        written = connection.execute(_FACTS).scalar()
    if written is None:
        city = found(now, today, tell)
        with owner.begin() as connection:
            connection.execute(_SET, {"name": "demo.city", "value": city.to_json()})
            connection.execute(_SET, {"name": "demo", "value": "yes"})
    else:
        city = City.from_json(written)
    live_on(owner, city, now, today, tell)
    owner.dispose()
    worker = create_engine(worker_url)
    with worker.begin() as connection:
        connection.execute(_QUIET)
    worker.dispose()
    personas = {key: _persona(city, key) for key in WHAT}
    return Living(personas, _samples(city, personas["director"].actor))


def _persona(city: City, key: str) -> Persona:
    user_id, organisation_id = city.people[key]
    role = Role.GUARDIAN
    if organisation_id is not None:
        role = {"director": Role.DIRECTOR, "liaison": Role.LIAISON}.get(key, Role.STAFF)
    actor = Actor(role, user_id, organisation_id)
    with acting_as(actor) as session:
        user = session.get_one(User, user_id)
        where = ""
        if role in {Role.DIRECTOR, Role.STAFF}:
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
        # The newest day with children: a Sunday's board would have nothing to show.
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
        address = session.scalar(
            select(SecretAddress).where(
                SecretAddress.kind == AddressKind.FACILITY_FEED,
                SecretAddress.facility_id == site.facility_id,
                SecretAddress.ended_at.is_(None),
            )
        )
        token = (
            token_for(address.id)
            if address is not None
            else make_address(
                session, director, AddressKind.FACILITY_FEED, facility_id=site.facility_id
            )
        )
    month = f"{today.year:04d}-{today.month:02d}"
    facility = site.facility_id
    return {
        "public_calendar": f"/facilities/{facility}",
        "day_board": f"/office/facilities/{facility}/board/{board_day or today}",
        "month_report": f"/reports/{month}?facility={facility}",
        "month_report_pdf": f"/reports/{month}.pdf?facility={facility}",
        "month_report_csv": f"/reports/{month}.csv?facility={facility}",
        "facility_feed": f"/feeds/{token}.ics",
    }
