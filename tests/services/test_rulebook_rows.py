"""Rows of rules, past every service: whose they are, and that none that has begun changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.rulebooks.drafts import save_draft
from tests.factories.places import Site
from tests.services.test_home_rows import REFUSED, outcome

ADD = (
    "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version, in_force_from,"
    " document) VALUES (gen_random_uuid(), :programme, :facility, :organisation, :version,"
    " current_date + 30, '{}')"
)
WITHDRAW = "UPDATE rulebooks SET withdrawn_at = now() WHERE programme_id = :programme"
DRAFT = (
    "INSERT INTO rulebook_drafts (programme_id, facility_id, organisation_id, fields, saved_at)"
    " VALUES (:programme, :facility, :organisation, '{}', now())"
)


@pytest.fixture
def ours(hinata: Site) -> dict[str, object]:
    return {
        "programme": hinata.programme_id,
        "facility": hinata.facility_id,
        "organisation": hinata.organisation_id,
    }


def whos(site: Site, stranger: Actor, mother: Actor) -> dict[str, Actor]:
    """Who may try it: the owner first."""
    liaison = replace(site.owner, role=Role.LIAISON)
    return {"owner": site.owner, "stranger": stranger, "mother": mother, "liaison": liaison}


@pytest.mark.proves("P7")
def test_rules_are_written_by_whose_they_are(
    hinata: Site, ours: dict[str, object], yamada: Actor, tanaka: Actor
) -> None:
    all_of_them = whos(hinata, yamada, tanaka)
    refused = {"stranger": REFUSED, "mother": REFUSED, "liaison": REFUSED}
    for statement, more in ((ADD, {"version": 9}), (DRAFT, {})):
        found = {who: outcome(each, statement, **ours, **more) for who, each in all_of_them.items()}
        assert found == {"owner": 1, **refused}
    assert outcome(hinata.owner, ADD, **ours, version=1) == "uq_rulebooks_version"
    assert outcome(hinata.owner, ADD, **ours, version=0) == "ck_rulebooks_version"


@pytest.mark.proves("P7")
def test_rules_to_come_are_withdrawn_by_whose_they_are_and_nothing_else_changes(
    hinata: Site, ours: dict[str, object], yamada: Actor, tanaka: Actor
) -> None:
    programme = hinata.programme_id
    # What has begun stays.
    assert outcome(hinata.owner, WITHDRAW, programme=programme) == 0
    with acting_as(hinata.owner), transaction() as session:
        session.execute(text(ADD), {**ours, "version": 2})
        save_draft(session, programme, {}, None, actor=hinata.owner, now=clock.now())
    nothing = {"stranger": 0, "mother": 0, "liaison": 0}
    for statement in (
        WITHDRAW,
        "SELECT 1 FROM rulebook_drafts WHERE programme_id = :programme",
        "DELETE FROM rulebook_drafts WHERE programme_id = :programme",
    ):
        found = {
            who: outcome(each, statement, programme=programme)
            for who, each in whos(hinata, yamada, tanaka).items()
        }
        assert found == {"owner": 1, **nothing}
    for changed in ("document = '{}'", "in_force_from = current_date", "version = 7"):
        assert outcome(hinata.owner, f"UPDATE rulebooks SET {changed}") == REFUSED
