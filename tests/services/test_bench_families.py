"""The families of ``portal bench``: as the portal would let them in, or nothing can be measured."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text

from portal.commands.measuring import families
from portal.kernel import clock
from tests.database import TestServer


def test_each_family_is_known_to_the_facility(emptied: Engine, server: TestServer) -> None:
    now = clock.now()
    today = clock.today(now)
    site = families.open_site(3, now=now, today=today)
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    made = families.make_families(admin, site, 3, today, first=7)
    with admin.connect() as connection:
        found = connection.execute(
            text(
                "SELECT f.number FROM families f JOIN preregistrations p ON p.family_id = f.id"
                " JOIN guardians g ON g.family_id = f.id"
                " JOIN sign_in_sessions s ON s.user_id = g.user_id ORDER BY f.number"
            )
        ).scalars()
        assert list(found) == [f"{number:08d}" for number in (7, 8, 9)]
    admin.dispose()
    assert len(made) == 3
