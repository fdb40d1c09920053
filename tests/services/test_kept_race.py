"""The last place is kept: families and nurses ask at once, and only a referred family gets it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from portal.kernel.actor import Actor
from portal.slots.places import Stay, Taken
from tests.database import TestServer
from tests.factories.keeping import a_day_ahead, keep, on_the_spot
from tests.factories.people import make_guardian, make_liaison
from tests.factories.places import Site, make_site
from tests.services.test_booking_race import as_admin, least_free
from tests.services.test_kept_places import stay_of, take
from tests.services.test_take_places import mine, stay_for

DAY = a_day_ahead()
NURSES, MOTHERS = 4, 8
_WITHOUT_THE_CHECK = """
    DO $do$ DECLARE said text := pg_get_functiondef('public.take_places(jsonb)'::regprocedure);
    BEGIN
        EXECUTE replace(replace(said, 'NOT (need_referred[n] AND kept_of[k][cell] > 0)',
                                'kept_of[k][cell] < 1'),
                        'IF need_referred[n] AND kept_of', 'IF kept_of');
        said := pg_get_functiondef('public.take_places(jsonb)'::regprocedure);
        EXECUTE replace(replace(said, 'NOT n.referred OR EXISTS', 'EXISTS'),
                        'true = ANY (need_referred)', 'true');
    END $do$"""


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    made = make_site("あさの園", places=1)
    keep(made, 1)
    return made


def race(site: Site, *, nurses: int = NURSES) -> Counter[str]:
    asked: list[tuple[str, Actor, Stay]] = []
    nurse = make_liaison("鈴木 あき")
    for n in range(nurses):
        row = on_the_spot(nurse, site, name=f"紹介 {n}")
        asked.append(("referred", nurse, stay_of(row, site, DAY)))
    for n in range(MOTHERS):
        mother = make_guardian(f"母{n}", children=(f"子{n}",))
        asked.append(("public", mother, stay_for(site, *mine(mother), DAY)))
    start = Barrier(len(asked))

    def answer(one: tuple[str, Actor, Stay]) -> str:
        who, actor, stay = one
        start.wait()
        return who if isinstance(take(actor, stay), Taken) else "full"

    with ThreadPoolExecutor(len(asked)) as pool:
        return Counter(pool.map(answer, asked))


@pytest.mark.proves("R15", "P1")
@pytest.mark.parametrize("nurses", [NURSES, 0])
def test_the_last_kept_place_goes_to_one_referred_family(
    server: TestServer, emptied: Engine, site: Site, nurses: int
) -> None:
    answers = race(site, nurses=nurses)
    got = min(nurses, 1)
    assert answers == Counter(referred=got, full=nurses + MOTHERS - got) + Counter()
    assert least_free(server, emptied, site, DAY) == 0


def test_without_the_check_the_public_takes_it(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    as_admin(server, emptied, _WITHOUT_THE_CHECK)
    assert race(site, nurses=0)["public"] == 1
