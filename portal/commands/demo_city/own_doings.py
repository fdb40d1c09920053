"""What single families did themselves by now, by the portal's own services.

A birth told, an expectation closed quietly, a form left half-filled, photos of who picks up.
"""

from __future__ import annotations

import io
import uuid
from datetime import datetime, time, timedelta
from typing import Final

from PIL import Image, ImageDraw

from portal.app import listen_to_families
from portal.commands.demo_city import names, stories
from portal.commands.demo_city.family_rows import pickup_id
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import ident
from portal.db.session import acting_as, transaction
from portal.drafts import service as drafts
from portal.drafts.rules import Fields
from portal.families import expected
from portal.families import service as families
from portal.families.expected_rules import Newborn
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import at, today
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose

_TWINS: Final = (("滝沢 あさひ", "タキザワ アサヒ"), ("滝沢 ゆうひ", "タキザワ ユウヒ"))
#: Who is drawn, whose families have the photo, and in which colours (skin, hair, clothes).
_DRAWN: Final = (
    ("田中 みほ", ((244, 211, 180), (60, 50, 45), (90, 130, 160))),
    ("石田 まなみ", ((240, 205, 178), (150, 150, 150), (170, 110, 120))),
)
_PAPER: Final = (238, 240, 236)


def happen(city: City, now: datetime) -> None:
    """Let all but the photos happen by ``now``."""
    listen_to_families()
    _birth(city, now)
    _close(city, now)
    _half_filled(city, now)


def _guardian(city: City, number: int) -> Actor:
    return Actor(
        Role.GUARDIAN,
        ident(city.seed, "user", number, 0),
        family_id=ident(city.seed, "family", number),
    )


def _birth(city: City, now: datetime) -> None:
    """Twins were born where one child was expected; their mother told it days after."""
    number = stories.number_of(stories.TWINS)
    born_on, told_at = today(now) - timedelta(days=28), now - timedelta(days=19)
    newborns = [Newborn(name, born_on, kana) for name, kana in _TWINS]
    mother = _guardian(city, number)
    child_id = ident(city.seed, "child", number, 0)
    with acting_as(mother), transaction() as session:
        expected.tell_birth(session, child_id, newborns, actor=mother, now=told_at)


def _close(city: City, now: datetime) -> None:
    number = stories.number_of(stories.CLOSED)
    mother = _guardian(city, number)
    child_id = ident(city.seed, "child", number, 0)
    with acting_as(mother), transaction() as session:
        expected.close(session, child_id, actor=mother, now=now - timedelta(days=6))


def _half_filled(city: City, now: datetime) -> None:
    """The mother on her way has begun an application to a second facility."""
    number = stories.number_of(stories.HALF_WAY)
    mother = _guardian(city, number)
    form = f"application:{city.site('half_days').facility_id}"
    child_id = str(ident(city.seed, "child", number, 0))
    note = "週に1回、午前中だけお願いしたいです。"
    saved_at = min(at(today(now) - timedelta(days=1), time(21, 10)), now)
    saved: tuple[tuple[str, Fields], ...] = (
        ("children", {"child_ids": [child_id]}),
        ("health", {}),
        ("words", {"note": [note]}),
    )
    with acting_as(mother), transaction() as session:
        for part, fields in saved:
            drafts.save(session, form, part, fields, actor=mother, now=saved_at)


def draw_photos(city: City, now: datetime) -> None:
    """Give two families a drawn photo of the person who picks up their child.

    Apart from the rest since photos lie in files: ``PORTAL_UPLOADS`` must name a folder.
    """
    every = [written[0] for written in names.HOUSEHOLDS]
    for name, colours in _DRAWN:
        number = every.index(name)
        guardian = _guardian(city, number)
        _photo(guardian, pickup_id(city.seed, number), _portrait(*colours), now)


def _photo(guardian: Actor, person_id: uuid.UUID, data: bytes, now: datetime) -> None:
    drawn_at = now - timedelta(days=30)
    if guardian.family_id is None:
        return
    with acting_as(guardian), transaction() as session:
        photo = uploads.store_image(
            session,
            data,
            family_id=guardian.family_id,
            child_id=None,
            purpose=UploadPurpose.PICKUP_PHOTO,
            actor=guardian,
            now=drawn_at,
        )
        families.set_pickup_photo(session, person_id, photo.id, actor=guardian, now=drawn_at)


def _portrait(
    skin: tuple[int, int, int], hair: tuple[int, int, int], clothes: tuple[int, int, int]
) -> bytes:
    """Return a plainly drawn face as JPEG: nobody who lives."""
    image = Image.new("RGB", (600, 800), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.ellipse((90, 560, 510, 1100), fill=clothes)
    draw.rectangle((260, 480, 340, 600), fill=skin)
    draw.ellipse((150, 120, 450, 480), fill=hair)
    draw.ellipse((175, 180, 425, 520), fill=skin)
    for left in (235, 335):
        draw.ellipse((left, 320, left + 28, 356), fill=hair)
    draw.arc((250, 380, 350, 450), 20, 160, fill=hair, width=8)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88)
    return written.getvalue()
