"""Once a fiscal year a family is asked by mail whether its child's record still holds."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.db.session import acting_as, transaction
from portal.families import queries, record
from portal.families.models import ChildRecord
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.age import fiscal_year
from portal.messages.letters import Letter, Wanted
from portal.policies.record import RecordRule
from portal.preregistration import service as preregistrations
from portal.preregistration.mail import MAILS
from portal.preregistration.models import Preregistration
from portal.preregistration.records import ask_families_of
from tests.factories import places
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_child_record import FULL, child_of, save

TODAY = clock.today(clock.now())
#: In the fiscal year after this one, when what is told today is of an earlier year.
APRIL = clock.at(date(fiscal_year(TODAY) + 1, 4, 2), time(9))
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def row(app: Flask, hinata: places.Site, tanaka: Actor) -> uuid.UUID:
    """A registration without an end, its child's record told today."""
    del app
    save(tanaka, "allergies", FULL)
    places.accept(hinata, tanaka, child_of(tanaka))
    with acting_as(tanaka), transaction() as session:
        found = session.scalars(
            select(Preregistration).where(Preregistration.child_id == child_of(tanaka))
        ).one()
        return found.id


def go_on(site: places.Site, row_id: uuid.UUID, until: date | None) -> None:
    with acting_as(site.owner), transaction() as session:
        session.get_one(Preregistration, row_id).accepted_until = until


def asked(site: places.Site, staff: Actor, now: datetime) -> int:
    with acting_as(staff), transaction() as session:
        return ask_families_of(session, site.facility_id, actor=staff, now=now)


def letter(family: Actor, row_id: uuid.UUID, now: datetime = APRIL) -> Letter | None:
    wanted = Wanted(
        id=uuid.uuid4(),
        kind="preregistration/record",
        subject_ids=(row_id,),
        context={},
        organisation_id=None,
        family_id=family.family_id,
        to_user_id=family.user_id,
        to_mail="m@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=now,
    )
    with acting_as(family) as session:
        return MAILS[wanted.kind](session, wanted)


@pytest.mark.proves("R3")
def test_a_family_is_asked_once_a_year_and_not_where_it_need_not_be(
    hinata: places.Site, sato: Actor, tanaka: Actor, row: uuid.UUID
) -> None:
    go_on(hinata, row, date(fiscal_year(APRIL.date()) + 1, 3, 31))
    assert asked(hinata, sato, clock.now()) == 0, "it was told in this year"
    assert asked(hinata, sato, APRIL) == 1
    with acting_as(tanaka) as session:
        head = session.scalars(select(ChildRecord)).one()
        assert head.asked_on == APRIL.date()
    assert asked(hinata, sato, APRIL + timedelta(days=200)) == 0, "nobody is pressed"
    assert asked(hinata, sato, APRIL + timedelta(days=365)) == 0, "the registration has ended"


def test_rules_without_the_year_and_ended_registrations_ask_nobody(
    hinata: places.Site, sato: Actor, row: uuid.UUID
) -> None:
    go_on(hinata, row, APRIL.date() - timedelta(days=1))
    assert asked(hinata, sato, APRIL) == 0
    go_on(hinata, row, APRIL.date())
    quiet = RecordRule(each_fiscal_year=False).model_dump()
    put_in_force(hinata, rules_with(record=quiet))
    assert asked(hinata, sato, APRIL) == 0
    put_in_force(hinata, rules_with(record=RecordRule().model_dump()))
    assert asked(hinata, sato, APRIL) == 1


def test_of_what_was_withdrawn_or_closed_nobody_is_asked(
    hinata: places.Site, sato: Actor, tanaka: Actor, row: uuid.UUID
) -> None:
    go_on(hinata, row, APRIL.date())
    kept = text("UPDATE children SET ended_at = :at, ended_kind = :kind")
    with acting_as(tanaka), transaction() as session:
        session.execute(kept, {"at": clock.now(), "kind": "birth_undone"})
    assert asked(hinata, sato, APRIL) == 0, "the portal speaks of a closed child no more"
    with acting_as(tanaka), transaction() as session:
        session.execute(kept, {"at": None, "kind": None})
        preregistrations.withdraw(session, row, actor=tanaka, now=clock.now())
    assert asked(hinata, sato, APRIL) == 0, "it was withdrawn"


@pytest.mark.proves("R3", "P10")
def test_the_mail_names_no_child_and_is_dropped_once_the_family_has_answered(
    hinata: places.Site, tanaka: Actor, row: uuid.UUID
) -> None:
    go_on(hinata, row, date(fiscal_year(APRIL.date()) + 1, 3, 31))
    told = letter(tanaka, row)
    assert told is not None
    assert "急ぎません" in told.text
    with acting_as(tanaka) as session:
        names = queries.child(session, child_of(tanaka), actor=tanaka).name or ""
    assert names.split()[-1] not in told.subject + told.text
    go_on(hinata, row, APRIL.date() - timedelta(days=1))
    assert letter(tanaka, row) is None, "the registration has ended meanwhile"
    go_on(hinata, row, APRIL.date())
    assert letter(tanaka, row) is not None
    with acting_as(tanaka), transaction() as session:
        record.confirm(session, child_of(tanaka), actor=tanaka, now=APRIL)
    assert letter(tanaka, row) is None
