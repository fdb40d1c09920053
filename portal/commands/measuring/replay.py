"""A month decided again under rules being written: what a director waits for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text

from portal.accounts.addresses import token_hash
from portal.commands.measuring import booking, clients, families, machine
from portal.commands.measuring.contest import Server
from portal.commands.measuring.families import Family, Site
from portal.commands.measuring.figures import middle
from portal.commands.measuring.instance import Instance
from portal.commands.measuring.rules import every_kind
from portal.commands.serving import free_port
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.policies.document import RulesDocument
from portal.rulebooks.drafts import save_draft
from portal.rulebooks.models import Rulebook

ROUNDS = 5
#: What a director waits at most for the answer about a month of some 900 bookings.
FLOOR_SECONDS = 2.0
#: Each child comes every fourth weekday: 41 on a day, some 900 in a month, 60 each in a year.
CHILDREN, _EVERY = 164, 4
_DAYS_BACK, _DAYS_AHEAD = 330, 30

_BOOKINGS = text("""
    WITH days AS (
        SELECT d::date AS day, row_number() OVER (ORDER BY d) AS at
          FROM generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d
         WHERE extract(isodow FROM d) < 6),
    known AS (
        SELECT c.id, c.family_id, row_number() OVER (ORDER BY c.id) AS number
          FROM children c WHERE c.id = ANY (:children))
    INSERT INTO bookings (id, group_id, facility_id, organisation_id, programme_id, family_id,
           child_id, state, purpose, use_type, day, starts_at, ends_at, from_cell, to_cell,
           pool_ids, rulebook_id, class_age, fee_yen, cancel_until, channel, received_at,
           created_at, changed_at, cancelled_at)
    SELECT gen_random_uuid(), gen_random_uuid(), :facility, :organisation, :programme, k.family_id,
           k.id, CASE WHEN x.dice = 0 THEN 'cancelled' WHEN day < :today THEN 'attended'
                      ELSE 'confirmed' END,
           'respite', 'respite', day, x.starts_at, x.starts_at + x.cells * interval '30 minutes',
           18, 18 + x.cells, '{}', :rulebook, 2, 1500, x.starts_at - interval '16 hours', 'web',
           x.made_at, x.made_at, x.made_at,
           CASE WHEN x.dice = 0 THEN x.made_at + interval '1 hour' END
      FROM days JOIN known k ON (days.at + k.number) % :every = 0
     CROSS JOIN LATERAL (
           SELECT (day + time '9:00') AT TIME ZONE 'Asia/Tokyo' AS starts_at,
                  6 + 2 * (k.number % 3)::integer AS cells,
                  (days.at * 7 + k.number) % 13 AS dice,
                  (day + time '9:00') AT TIME ZONE 'Asia/Tokyo' - (3 + k.number % 12)
                      * interval '1 day' + k.number * interval '1 minute' AS made_at) AS x""")
_OPEN_SINCE = text("""
    UPDATE pool_patterns SET in_force_from = :since WHERE facility_id = :facility""")
_DIRECTOR = text("""
    WITH account AS (
        INSERT INTO users (id, mail, mail_key, name, password_hash, password_changed_at)
        VALUES (:user, :mail, :mail, '計測 園長', '!', now() - interval '1 day')),
    member AS (
        INSERT INTO memberships (id, user_id, organisation_id, role)
        VALUES (:membership, :user, :organisation, 'director'))
    INSERT INTO sign_in_sessions (id, token_hash, user_id, membership_id, role, has_second_factor,
                                  expires_at)
    VALUES (gen_random_uuid(), :hash, :user, :membership, 'director', true,
           now() + interval '1 day')""")


def replay(inst: Instance) -> dict[str, object]:
    """Measure the page of last month's bookings under a draft, every kind of rule in both."""
    site, path = booked_month(inst)
    cookie = inst.cookie(_director(inst, site))
    port = free_port()
    with machine.gunicorn("wsgi:app", port, inst.environ) as pid:
        server = Server(port, pid)
        answers = [_asked(inst, server, path, cookie) for _ in range(ROUNDS)]
    seconds = middle([each["seconds"] for each in answers], 2)
    return {
        "first_seconds": round(answers[0]["seconds"], 2),
        "seconds": seconds,
        "cpu_ms_web": middle([each["web"] * 1000 for each in answers], 0),
        "cpu_ms_database": middle([each["database"] * 1000 for each in answers], 0),
        "errors": sum(each["status"] != 200 for each in answers),  # noqa: PLR2004 - as answered
        "floor": {"seconds": FLOOR_SECONDS},
        "missed": ["seconds"] if seconds > FLOOR_SECONDS else [],
        "load_average": machine.load_average(),
    }


def booked_month(inst: Instance) -> tuple[Site, str]:
    """Make a facility with a year of bookings and a draft; return the address of its replay."""
    today = clock.today(inst.now)
    site = families.open_site(CHILDREN, now=inst.now, today=today)
    known = families.make_families(
        inst.admin, site, CHILDREN, today, first=booking.next_number(inst)
    )
    director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
    with acting_as(director), transaction() as session:
        book = Rulebook(
            id=uuid.uuid4(),
            programme_id=site.programme_id,
            facility_id=site.facility_id,
            organisation_id=site.organisation_id,
            version=2,
            in_force_from=today - timedelta(days=364),
            document=every_kind().model_dump(mode="json"),
        )
        session.add(book)
        session.flush()
        save_draft(session, site.programme_id, {}, drafted(), actor=director, now=inst.now)
        rulebook = book.id
    _book(inst, site, known, rulebook, today)
    last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return site, f"/office/programmes/{site.programme_id}/rules/replay?month={last_month:%Y-%m}"


def drafted() -> RulesDocument:
    """Return what a director may come to: another limit a month, and a higher fee."""
    written: dict[str, Any] = every_kind().model_dump(mode="json")
    written["caps"][1]["amount"] = 5
    written["fee"]["tariff"]["bands"][0]["yen"] = 550
    return RulesDocument.model_validate(written)


def _book(
    inst: Instance, site: Site, known: Sequence[Family], rulebook: uuid.UUID, today: date
) -> None:
    since = today - timedelta(days=_DAYS_BACK)
    with inst.admin.begin() as connection:
        connection.execute(_OPEN_SINCE, {"facility": site.facility_id, "since": since})
        connection.execute(
            _BOOKINGS,
            {
                "first": since,
                "last": today + timedelta(days=_DAYS_AHEAD),
                "today": today,
                "children": [family.child_id for family in known],
                "facility": site.facility_id,
                "organisation": site.organisation_id,
                "programme": site.programme_id,
                "rulebook": rulebook,
                "every": _EVERY,
            },
        )
        connection.execute(text("ANALYZE"))


def _director(inst: Instance, site: Site) -> str:
    token, person = uuid.uuid4().hex, uuid.uuid4()
    with inst.admin.begin() as connection:
        connection.execute(
            _DIRECTOR,
            {
                "organisation": site.organisation_id,
                "user": person,
                "membership": uuid.uuid4(),
                "mail": f"{person}@example.test",
                "hash": token_hash(token),
            },
        )
    return token


def _asked(inst: Instance, server: Server, path: str, cookie: str) -> dict[str, Any]:
    web, database = (machine.cpu_seconds((pid,)) for pid in (server.pid, inst.postmaster))
    answer = clients.exchange(server.port, [clients.get(path, cookie)], clients=1).answers[0]
    return {
        "seconds": answer.seconds,
        "status": answer.status,
        "web": machine.cpu_seconds((server.pid,)) - web,
        "database": machine.cpu_seconds((inst.postmaster,)) - database,
    }
