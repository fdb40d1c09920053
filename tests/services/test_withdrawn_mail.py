"""Whoever ends an application, the family reads that it has ended, and no child's name."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.db.session import acting_as, transaction
from portal.documents import i18n
from portal.families import expected
from portal.kernel.actor import Actor
from portal.preregistration import service
from portal.preregistration.mail import MAILS
from tests.database import TestServer
from tests.factories import people, places
from tests.factories.registration import apply_for
from tests.services.test_expected import NOW, applied, expect
from tests.services.test_preregistration import wanted

KIND = "preregistration/withdrawn"


@pytest.mark.proves("R5", "R30", "J7")
@pytest.mark.parametrize("by", ["family", "staff"])
def test_whoever_withdraws_the_family_is_told(emptied: Engine, server: TestServer, by: str) -> None:
    site = places.make_site("ひなた保育園")
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    who = mother if by == "family" else staff
    (row,) = apply_for(site, mother)
    with acting_as(who), transaction() as session:
        service.withdraw(session, row, actor=who, now=NOW)
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        queued = connection.execute(
            text("SELECT family_id, subject_ids FROM outbox_messages WHERE kind = :kind"),
            {"kind": KIND},
        ).all()
    admin.dispose()
    assert queued == [(mother.family_id, [row])]


@pytest.mark.proves("R5", "P3")
@pytest.mark.parametrize("language", ["ja", "ja_easy", "en"])
def test_it_says_what_stays_and_names_no_child(
    hinata: places.Site, tanaka: Actor, language: str
) -> None:
    (row,) = apply_for(hinata, tanaka)
    with acting_as(tanaka), i18n.use_language(language), transaction() as session:
        assert MAILS[KIND](session, wanted(KIND, row, tanaka)) is None, "it runs still"
        service.withdraw(session, row, actor=tanaka, now=NOW)
        letter = MAILS[KIND](session, wanted(KIND, row, tanaka))
    assert letter is not None
    assert "ひなた保育園" in letter.subject
    assert "はな" not in letter.subject + letter.text
    assert f"https://portal.example/my/preregistrations/{row}" in letter.text
    if language == "ja":
        assert "入っている予約があるときは、そのまま残っています。" in letter.text


@pytest.mark.proves("R7", "J8")
@pytest.mark.usefixtures("app")
def test_of_a_child_that_was_closed_since_nothing_is_said(
    hinata: places.Site, tanaka: Actor
) -> None:
    child_id = expect(tanaka, "田中 そら")
    row = applied(hinata, tanaka, child_id)
    with acting_as(tanaka), transaction() as session:
        service.withdraw(session, row, actor=tanaka, now=NOW)
        assert MAILS[KIND](session, wanted(KIND, row, tanaka)) is not None
        expected.close(session, child_id, actor=tanaka, now=NOW)
        assert MAILS[KIND](session, wanted(KIND, row, tanaka)) is None
