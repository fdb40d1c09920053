"""The erasing of a family takes along what was said of it at the city and at the nursery."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.priorities import service as priorities
from portal.priorities.rules import PriorityKind
from tests.database import TestServer
from tests.factories import people, places
from tests.factories.loop import NOW, make_world

#: Where words about a family stand, and what is left of each: nothing, or an empty word.
WORDS = {
    ("care_case_reports", "next_words_sealed"): None,
    ("care_case_events", "words_sealed"): None,
    ("contacts", "words_sealed"): None,
    ("priorities", "reason_sealed"): None,
    ("referral_events", "words_sealed"): None,
    ("legal_grounds", "reason_sealed"): b"",
    ("referrals", "outcome_words_sealed"): None,
}
#: What goes whole.
GONE = (
    "care_case_words",
    "contact_wishes",
    "referral_items",
    "interview_items",
    "consent_signatures",
)


def written_everywhere(owner: Connection, families: list[uuid.UUID]) -> None:
    """Put words wherever there may be some, and make sure that each table has a row."""
    for table, column in WORDS:
        done = owner.execute(
            text(f"UPDATE {table} SET {column} = '\\x01' WHERE family_id = ANY (:of)"),
            {"of": families},
        )
        assert done.rowcount > 0, table
    for table in GONE:
        assert counted(owner, table, families) > 0, table


def counted(owner: Connection, table: str, families: list[uuid.UUID]) -> int:
    found = text(f"SELECT count(*) FROM {table} WHERE family_id = ANY (:of)")
    number: int = owner.execute(found, {"of": families}).scalar_one()
    return number


@pytest.mark.proves("P13", "R12", "R25")
def test_what_was_said_of_a_family_goes_with_it(emptied: Engine, server: TestServer) -> None:
    site = places.make_site("ひなた保育園")
    nurse = people.make_liaison("鈴木 あき")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    stranger = people.make_worker("山田 けい", site.organisation_id, "staff")
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    world = make_world(nurse, staff, stranger, mother, site)
    assert mother.family_id
    until = clock.today(NOW) + timedelta(days=30)
    with acting_as(staff), transaction() as session:
        priorities.give(
            session, mother.family_id, PriorityKind.OTHER, "理由", until, actor=staff, now=NOW
        )
    families = [mother.family_id, world.referral.family_id]
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as owner:
        written_everywhere(owner, families)
        owner.execute(
            text("UPDATE families SET erased_at = now() WHERE id = ANY (:of)"), {"of": families}
        )
        for (table, column), left in WORDS.items():
            found = owner.execute(
                text(f"SELECT DISTINCT {column} FROM {table} WHERE family_id = ANY (:of)"),
                {"of": families},
            ).scalars()
            assert [each if each is None else bytes(each) for each in found] == [left], table
        for table in GONE:
            assert counted(owner, table, families) == 0, table
        going_on = "SELECT count(*) FROM {} WHERE family_id = ANY (:of) AND ended_at IS NULL"
        for table in ("outreach_plans", "priorities"):
            asked = text(going_on.format(table))
            assert owner.execute(asked, {"of": families}).scalar_one() == 0, table
        states = text("SELECT DISTINCT state FROM referrals WHERE family_id = ANY (:of)")
        assert owner.execute(states, {"of": families}).scalars().all() == ["recalled"]
    admin.dispose()
