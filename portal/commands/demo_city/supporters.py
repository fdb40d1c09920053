"""The bodies that support families: a city's, a neighbouring city's, and who works for them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, text

from portal.commands.demo_city.family_rows import add_account
from portal.commands.demo_city.koriyama import OPERATOR
from portal.commands.demo_city.rows import Rows, ident
from portal.contacts.rules import ContactPolicy
from portal.db.session import acting_as, transaction
from portal.facilities.service import municipality_named
from portal.kernel.actor import Actor, Role
from portal.organisations.limits import CaseLimits
from portal.organisations.rules import OrganisationKind
from portal.organisations.service import Contact, change_settings, open_body

NEXT_CITY: Final = "みほん市（架空）"
#: The city itself, and the city next to it, among the bodies.
CITY, NEXT = "city", "next_city"
#: Key, whose it is, what it is, its name, phone and FAX.
_BODIES: Final = (
    (
        "center",
        CITY,
        OrganisationKind.FAMILY_CENTER,
        "郡山市こども家庭センター（架空）",
        "000-3000-0001",
        "000-3000-0901",
    ),
    (
        "office",
        CITY,
        OrganisationKind.CONSULTATION_OFFICE,
        "子育てそうだん室 つくし（架空）",
        "000-3000-0002",
        "",
    ),
    (
        "support_centre",
        CITY,
        OrganisationKind.SUPPORT_CENTRE,
        "子育てひろば なかよし（架空）",
        "000-3000-0004",
        "",
    ),
    (
        "health_centre",
        CITY,
        OrganisationKind.HEALTH_CENTRE,
        "郡山市保健センター（架空）",
        "000-3000-0005",
        "000-3000-0905",
    ),
    (
        "next_center",
        NEXT,
        OrganisationKind.FAMILY_CENTER,
        "みほん市こども家庭センター（架空）",
        "000-3100-0001",
        "000-3100-0901",
    ),
)
#: Key, body, role, name. Some have a door of the demo, the others are their colleagues.
_PEOPLE: Final = (
    ("liaison", CITY, Role.LIAISON, "鈴木 あき"),
    ("liaison_colleague", CITY, Role.LIAISON, "石川 ひろみ"),
    ("center_worker", "center", Role.CENTER_WORKER, "吉川 まゆ"),
    ("center_colleague", "center", Role.CENTER_WORKER, "富田 しずか"),
    ("office_worker", "office", Role.OFFICE_WORKER, "大場 ふみえ"),
    ("centre_worker", "support_centre", Role.OFFICE_WORKER, "小松 のぶこ"),
    ("health_worker", "health_centre", Role.OFFICE_WORKER, "大谷 なみ"),
    ("other_liaison", NEXT, Role.LIAISON, "本間 さよ"),
    ("next_center_worker", "next_center", Role.CENTER_WORKER, "黒田 えり"),
)
#: Of these the demo has a door.
DOORS: Final = ("liaison", "center_worker", "office_worker", "other_liaison")
_RENAME = text("UPDATE organisations SET id = :new WHERE id = :id")


def body_id(key: str, city_id: uuid.UUID) -> uuid.UUID:
    """Return the id of a body; ``city_id`` is that of the city of the demo."""
    return city_id if key == CITY else ident("body", key)


def worker(key: str, city_id: uuid.UUID) -> Actor:
    """Return somebody who works for one of the bodies."""
    role, body = next((role, body) for known, body, role, _name in _PEOPLE if known == key)
    return Actor(role, ident("worker", key), body_id(body, city_id))


def open_bodies(admin: Engine, city_id: uuid.UUID, now: datetime) -> None:
    """Open them as the operator does. All ids are derived; done before, nothing happens."""
    with acting_as(OPERATOR), transaction() as session:
        made = municipality_named(session, NEXT_CITY, actor=OPERATOR, now=now)
    _rename(admin, made, ident("body", NEXT))
    for key, whose, kind, name, phone, fax in _BODIES:
        with acting_as(OPERATOR), transaction() as session:
            made = open_body(
                session,
                kind,
                body_id(whose, city_id),
                Contact(name, phone, fax, ""),
                actor=OPERATOR,
                now=now,
            )
        _rename(admin, made, ident("body", key))


def _rename(admin: Engine, made: uuid.UUID, derived: uuid.UUID) -> None:
    with admin.begin() as connection:
        connection.execute(_RENAME, {"id": made, "new": derived})


def add_workers(
    rows: Rows, city_id: uuid.UUID, since: datetime
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    """Add who works for them; return those that have a door."""
    for key, body, role, name in _PEOPLE:
        user_id = ident("worker", key)
        add_account(rows, user_id, f"{key}@demo.example", name, since)
        rows.add(
            "memberships",
            id=ident("membership", user_id),
            user_id=user_id,
            organisation_id=body_id(body, city_id),
            role=role.value,
            created_at=since,
        )
    return {key: (ident("worker", key), worker(key, city_id).organisation_id) for key in DOORS}


def decide_settings(city_id: uuid.UUID, now: datetime) -> None:
    """Let both cities say how often families are contacted, and how soon cases are answered."""
    for key, policy, limits in (
        ("liaison", ContactPolicy(), CaseLimits()),
        ("other_liaison", ContactPolicy(most_in_window=1), CaseLimits()),
    ):
        who = worker(key, city_id)
        if who.organisation_id is None:
            continue
        changes = {"contact": policy.as_settings(), "cases": limits.as_settings()}
        with acting_as(who), transaction() as session:
            change_settings(session, who.organisation_id, changes, actor=who, now=now)
