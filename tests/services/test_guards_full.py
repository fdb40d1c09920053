"""Where registrations are full: said of published facilities alone, by rules that are in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.preregistration import service
from tests.database import TestServer
from tests.factories import people
from tests.factories.places import make_site
from tests.factories.registration import apply_for, ask
from tests.pages.test_registrations_full import TODAY, is_full
from tests.services.test_registration_limits import do

#: What takes a full facility off the list, and how it comes back.
OFF = {
    "unpublished": (
        "UPDATE facilities SET published_at = NULL",
        "UPDATE facilities SET published_at = now()",
    ),
    "no programme shown": (
        "UPDATE programmes SET published_at = NULL",
        "UPDATE programmes SET published_at = now()",
    ),
    "rules withdrawn": (
        "UPDATE rulebooks SET withdrawn_at = now()",
        "UPDATE rulebooks SET withdrawn_at = NULL",
    ),
    "registration over": (
        "UPDATE preregistrations SET accepted_until = current_date - 2",
        "UPDATE preregistrations SET accepted_until = current_date + 90",
    ),
}


@pytest.mark.proves("R1", "R5", "R9")
def test_full_is_said_while_everything_it_rests_on_stands(
    emptied: Engine, server: TestServer
) -> None:
    site, elsewhere = make_site("ひなた保育園"), make_site("みどりこども園")
    sato = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    for each, who in (
        (site, sato),
        (elsewhere, people.make_worker("山田 けい", elsewhere.organisation_id, "staff")),
    ):
        (row,) = apply_for(each, people.make_guardian("森 あい", children=("森 りん",)))
        do(who, service.accept, row)
        ask(each, limit=1)
    assert is_full(site), "this one alone is answered of two that are full"
    assert not is_full(site, TODAY - timedelta(days=4000)), "no rules were in force"
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    for what, (off, on) in OFF.items():
        for statement, full in ((off, False), (on, True)):
            with admin.begin() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.execute(text(statement))
            assert is_full(site) is full, what
    admin.dispose()
