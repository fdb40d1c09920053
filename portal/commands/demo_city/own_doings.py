"""What single families did themselves by now, by the portal's own services.

A birth told, an expectation closed quietly, a form left half-filled.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from portal.app import listen_to_families
from portal.commands.demo_city import stories
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import ident
from portal.db.session import acting_as, transaction
from portal.drafts import service as drafts
from portal.drafts.rules import Fields
from portal.families import expected
from portal.families.expected_rules import Newborn
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import at, today

_TWINS: Final = (("滝沢 あさひ", "タキザワ アサヒ"), ("滝沢 ゆうひ", "タキザワ ユウヒ"))


def happen(city: City, now: datetime) -> None:
    """Let all of it happen by ``now``."""
    listen_to_families()
    _birth(city, now)
    _close(city, now)
    _half_filled(city, now)


def guardian(city: City, number: int) -> Actor:
    """Return the first guardian of a household, acting for it."""
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
    mother = guardian(city, number)
    child_id = ident(city.seed, "child", number, 0)
    with acting_as(mother), transaction() as session:
        expected.tell_birth(session, child_id, newborns, actor=mother, now=told_at)


def _close(city: City, now: datetime) -> None:
    number = stories.number_of(stories.CLOSED)
    mother = guardian(city, number)
    child_id = ident(city.seed, "child", number, 0)
    with acting_as(mother), transaction() as session:
        expected.close(session, child_id, actor=mother, now=now - timedelta(days=6))


def _half_filled(city: City, now: datetime) -> None:
    """The mother on her way has begun an application to a second facility."""
    number = stories.number_of(stories.HALF_WAY)
    mother = guardian(city, number)
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
