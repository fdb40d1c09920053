"""Photos that families sent: who picks up, and the documents that facilities ask for.

Apart from what else they did, since photos lie in files: ``PORTAL_UPLOADS`` must name a folder.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, text

from portal.commands.demo_city import names, stories
from portal.commands.demo_city.drawn import handbook_page, insurance_card, portrait
from portal.commands.demo_city.family_rows import pickup_id
from portal.commands.demo_city.own_doings import guardian
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import ident, is_derived
from portal.db.session import acting_as, transaction
from portal.families.pickup_photos import keep_photo
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import local_date
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose

#: Who is drawn, whose families have the photo, and in which colours (skin, hair, clothes).
_DRAWN: Final = (
    ("田中 みほ", ((244, 211, 180), (172, 168, 164), (90, 130, 160))),
    ("石田 まなみ", ((240, 205, 178), (150, 150, 150), (170, 110, 120))),
)
#: So many children came with documents, those of stories first; the others brought paper.
_MOST: Final = 24
#: Doses of a handbook's page, by months after the birth.
_DOSES: Final = (2, 2, 2, 2, 3, 6, 13, 13)
_ASKED = text("""
    SELECT p.id, p.family_id, p.child_id, p.facility_id, p.organisation_id, p.received_at,
           c.name AS child, c.born_on, g.user_id, g.name AS guardian,
           ARRAY(SELECT d->>'name' FROM jsonb_array_elements(r.document->'application'->'documents')
                 WITH ORDINALITY AS x (d, i) ORDER BY i) AS documents
      FROM preregistrations p
      JOIN children c ON c.id = p.child_id
      JOIN guardians g ON g.family_id = p.family_id AND g.is_primary
      JOIN rulebooks r ON r.facility_id = p.facility_id
     WHERE p.facility_id = ANY (:facilities) AND p.channel = 'web' AND c.born_on IS NOT NULL
       AND p.received_at < :now AND r.document->'application' ? 'documents'
       AND p.state IN ('applied', 'asked_back', 'accepted', 'waiting')
     ORDER BY g.name = ANY (:sure) DESC, p.state = 'accepted', p.received_at DESC, p.id
     LIMIT :most""")


def draw(admin: Engine, city: City, now: datetime) -> None:
    """Let photos of people and of documents be there by ``now``."""
    every = [written[0] for written in names.HOUSEHOLDS]
    for name, colours in _DRAWN:
        number = every.index(name)
        _pickup(guardian(city, number), pickup_id(city.seed, number), portrait(*colours), now)
    values = {
        "facilities": [site.facility_id for site in city.sites],
        "now": now,
        "most": _MOST,
        "sure": sorted(stories.ALONE),
    }
    with admin.connect() as connection:
        asked = connection.execute(_ASKED, values).all()
    sent: set[uuid.UUID] = set()
    for row in asked:
        if is_derived(row.family_id) and row.family_id not in sent:
            sent.add(row.family_id)
            _documents(row, now)
    _unsent(city, now)


def _documents(row: Any, now: datetime) -> None:
    """Send what is asked for with an application, some minutes before it."""
    actor = Actor(Role.GUARDIAN, row.user_id, family_id=row.family_id)
    at = min(row.received_at - timedelta(minutes=8), now)
    page = handbook_page(row.child, _doses(row.born_on, local_date(at)))
    pictures = (page, insurance_card(row.guardian))
    with acting_as(actor), transaction() as session:
        rows = [
            uploads.store_image(
                session,
                picture,
                family_id=row.family_id,
                child_id=None if number else row.child_id,
                purpose=UploadPurpose.APPLICATION_DOCUMENT,
                actor=actor,
                now=at,
                facility_id=row.facility_id,
                about=about,
            )
            for number, (about, picture) in enumerate(zip(row.documents, pictures, strict=False))
        ]
        uploads.give(session, rows, row.organisation_id, actor=actor, now=at)


def _unsent(city: City, now: datetime) -> None:
    """The mother on her way has photographed one page for the form that she has not sent yet."""
    number = stories.number_of(stories.HALF_WAY)
    actor = guardian(city, number)
    if actor.family_id is None:
        return
    born_on = local_date(now) - timedelta(days=430)
    with acting_as(actor), transaction() as session:
        uploads.store_image(
            session,
            handbook_page("早川 こはく", _doses(born_on, local_date(now))),
            family_id=actor.family_id,
            child_id=ident(city.seed, "child", number, 0),
            purpose=UploadPurpose.APPLICATION_DOCUMENT,
            actor=actor,
            now=now - timedelta(hours=3),
            facility_id=city.site("half_days").facility_id,
            about="母子健康手帳の予防接種のページ",
        )


def _doses(born_on: date, until: date) -> list[str]:
    days = (born_on + timedelta(days=round(months * 30.44) + 6) for months in _DOSES)
    return [f"{day:%Y.%m.%d}" for day in days if day < until]


def _pickup(actor: Actor, person_id: uuid.UUID, data: bytes, now: datetime) -> None:
    drawn_at = now - timedelta(days=30)
    if actor.family_id is None:
        return
    with acting_as(actor), transaction() as session:
        keep_photo(session, person_id, data, actor=actor, now=drawn_at)
