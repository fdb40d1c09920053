"""A database with one hot day: many signed-in families, each with a child known to the facility."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility, Programme
from portal.facilities.rules import ProgrammeKind
from portal.kernel.actor import Actor, Role
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.policies.document import load_template
from portal.rulebooks.models import Rulebook
from portal.slots.models import Pool, PoolPattern
from portal.slots.rules import PoolKind

OPERATOR = Actor(role=Role.OPERATOR, user_id=uuid.UUID(int=0))
#: Two years old: within every rules document that comes with the portal.
AGE = timedelta(days=800)
#: 8:00-18:00 in half-hour cells.
OPEN = range(16, 36)


@dataclass(frozen=True, slots=True)
class Site:
    """The facility everybody wants."""

    organisation_id: uuid.UUID
    facility_id: uuid.UUID
    programme_id: uuid.UUID
    day: date


@dataclass(frozen=True, slots=True)
class Family:
    """A guardian on her phone, signed in."""

    family_id: uuid.UUID
    child_id: uuid.UUID
    token: str


def open_site(places: int, *, now: datetime, today: date) -> Site:
    """Make a published facility with ``places`` places on every day of the coming weeks."""
    site = Site(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), today + timedelta(days=7))
    director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
    ours = {"facility_id": site.facility_id, "organisation_id": site.organisation_id}
    with acting_as(OPERATOR), transaction() as session:
        session.add(
            Organisation(id=site.organisation_id, kind=OrganisationKind.PROVIDER, name="計測の会")
        )
        session.flush()
        session.add(
            Facility(
                id=site.facility_id,
                organisation_id=site.organisation_id,
                name="計測の園",
                address="みほん市中央1-1",
                published_at=now,
                closed_on_holidays=False,
            )
        )
    with acting_as(director), transaction() as session:
        session.add(
            Programme(
                id=site.programme_id,
                **ours,
                kind=ProgrammeKind.TEMPORARY_CARE,
                name="一時預かり",
                published_at=now,
            )
        )
        session.flush()
        session.add(
            Rulebook(
                id=uuid.uuid4(),
                programme_id=site.programme_id,
                **ours,
                version=1,
                in_force_from=today - timedelta(days=365),
                document=load_template("hourly-standard").model_dump(mode="json"),
            )
        )
        _places(session, site, places, today)
    return site


def _places(session: Session, site: Site, places: int, today: date) -> None:
    pools = ((PoolKind.TOTAL, 0, 5), (PoolKind.AGE_BAND, 1, 2), (PoolKind.AGE_BAND, 3, 5))
    for position, (kind, youngest, oldest) in enumerate(pools):
        pool = Pool(
            id=uuid.uuid4(),
            facility_id=site.facility_id,
            organisation_id=site.organisation_id,
            kind=kind,
            label=f"枠{position}",
            youngest_class=youngest,
            oldest_class=oldest,
            position=position,
        )
        session.add(pool)
        session.flush()
        for weekday in range(7):
            session.add(
                PoolPattern(
                    pool_id=pool.id,
                    weekday=weekday,
                    in_force_from=today - timedelta(days=1),
                    facility_id=site.facility_id,
                    organisation_id=site.organisation_id,
                    capacity=[places if cell in OPEN else 0 for cell in range(48)],
                )
            )
    session.flush()
    session.execute(
        text("SELECT count(*) FROM fill_pool_days(:facility, :first, :last)"),
        {"facility": site.facility_id, "first": today, "last": today + timedelta(days=30)},
    )


#: Everything a family needs before the minute of opening, in bulk: the owner has no policy for
#: these tables, so the rows are written by the superuser of this throw-away database.
_PEOPLE = text("""
    WITH wanted AS (SELECT * FROM jsonb_to_recordset(CAST(:families AS jsonb))
         AS f (user_id uuid, family_id uuid, guardian_id uuid, child_id uuid, number text)),
    accounts AS (INSERT INTO users (id, mail, mail_key, name, password_hash, password_changed_at)
        SELECT user_id, user_id || '@example.test', user_id || '@example.test', '計測 さん', '!',
               now() - interval '1 day' FROM wanted),
    homes AS (INSERT INTO families (id, number, basis)
        SELECT family_id, number, 'self' FROM wanted),
    mothers AS (INSERT INTO guardians (id, family_id, user_id, name, search_key, relation,
              is_primary)
        SELECT guardian_id, family_id, user_id, '計測 さん', 'ケイソクサン', '母', true
          FROM wanted),
    born AS (INSERT INTO children (id, family_id, name, search_key, born_on)
        SELECT child_id, family_id, '計測 こども', 'ケイソクコドモ', CAST(:born AS date)
          FROM wanted)
    INSERT INTO family_access (id, family_id, organisation_id, scope, basis)
    SELECT gen_random_uuid(), family_id, :organisation, 'care', 'preregistration' FROM wanted""")
#: On its own: an application looks for its child, and finds none of the same statement.
_KNOWN = text("""
    WITH wanted AS (SELECT * FROM jsonb_to_recordset(CAST(:families AS jsonb))
         AS f (user_id uuid, family_id uuid, child_id uuid, session_id uuid, hash text)),
    known AS (INSERT INTO preregistrations (id, family_id, child_id, facility_id, organisation_id,
              state, channel, received_at, applied_at, decided_at, accepted_until)
        SELECT gen_random_uuid(), family_id, child_id, :facility, :organisation, 'accepted', 'web',
               now() - interval '60 days', now() - interval '60 days', now() - interval '50 days',
               current_date + 300 FROM wanted)
    INSERT INTO sign_in_sessions (id, token_hash, user_id, role, has_second_factor, expires_at)
    SELECT session_id, decode(hash, 'hex'), user_id, 'guardian', false, now() + interval '1 day'
      FROM wanted""")


def make_families(
    admin: Engine, site: Site, count: int, today: date, *, first: int = 0
) -> Sequence[Family]:
    """Make ``count`` families, each signed in, known to the facility, with one child.

    Their numbers begin with ``first``, so that two calls do not meet.
    """
    families, rows = [], []
    for number in range(count):
        token = uuid.uuid4().hex
        family = Family(uuid.uuid4(), uuid.uuid4(), token)
        families.append(family)
        rows.append(
            {
                "user_id": str(uuid.uuid4()),
                "family_id": str(family.family_id),
                "guardian_id": str(uuid.uuid4()),
                "child_id": str(family.child_id),
                "session_id": str(uuid.uuid4()),
                "hash": token_hash(token).hex(),
                "number": f"{first + number:08d}",
            }
        )
    with admin.begin() as connection:
        wanted = {"families": json.dumps(rows), "organisation": site.organisation_id}
        connection.execute(_PEOPLE, {**wanted, "born": today - AGE})
        connection.execute(_KNOWN, {**wanted, "facility": site.facility_id})
        connection.execute(text("ANALYZE"))
    return families
