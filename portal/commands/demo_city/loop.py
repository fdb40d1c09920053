"""From interview to first stay, and what becomes of those who do not come: told at the founding.

Later starts let more families be referred; what has been told goes on as visitors leave it.
"""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import Engine

from portal.app import listen_to_families
from portal.commands.demo_city import (
    loop_cases,
    loop_grounds,
    loop_outside,
    loop_places,
    loop_stories,
    loop_ways,
    loop_worries,
    supporters,
)
from portal.commands.demo_city.loop_scene import Scene
from portal.commands.demo_city.record import City
from portal.kernel.clock import at


def happen(admin: Engine, city: City, now: datetime) -> None:
    """Let all of it happen by ``now``."""
    listen_to_families()
    scene = Scene(admin, city, now)
    supporters.decide_settings(scene.city_id, at(city.started_on, time(11)))
    loop_places.keep(scene)
    loop_ways.happen(scene, at(city.started_on, time(0)), now)
    loop_stories.happen(scene)
    loop_outside.happen(scene)
    loop_grounds.happen(scene)
    loop_cases.happen(scene)
    loop_worries.happen(scene)
    loop_cases.remind(scene)
    scene.set_back()


def go_on(admin: Engine, city: City, since: datetime, now: datetime) -> None:
    """Let interviews be held since an earlier start, and referrals come of them."""
    listen_to_families()
    scene = Scene(admin, city, now)
    loop_ways.happen(scene, since, now)
    scene.set_back()
