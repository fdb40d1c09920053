"""What a body was given ends: by a moment, by leaving, by an account that is closed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.accounts.addresses import token_hash
from portal.consents.models import Consent
from portal.db.errors import breached_constraint
from portal.db.session import Database, acting_as, make_engine, transaction, use
from portal.families.models import Child, Family, Guardian
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.noshow.models import CaseReport
from portal.referrals.models import Interview, InterviewItem, Provision
from tests.database import TestServer
from tests.factories import outside, people
from tests.factories.cases import body_of
from tests.factories.loop import World, a_row, make_world
from tests.factories.places import make_site

Run = Callable[..., Any]


@pytest.fixture
def world(emptied: Engine) -> World:
    del emptied
    site = make_site("ひなた保育園")
    return make_world(
        people.make_liaison("鈴木 あき"),
        people.make_worker("佐藤 まり", site.organisation_id, "staff"),
        people.make_worker("山田 けい", make_site("みどりこども園").organisation_id, "staff"),
        people.make_guardian("田中 みほ", children=("田中 はな",)),
        site,
    )


def asked(who: Actor, call: str, **values: Any) -> list[Any]:
    with acting_as(who), transaction() as session:
        return list(session.scalars(text(f"SELECT {call}"), values).all())


def seen(who: Actor, model: type[Any]) -> int:
    with acting_as(who), transaction() as session:
        return len(session.scalars(select(model)).all())


ENDED = "until_at = now() - interval '1 minute', from_at = now() - interval '1 day'"
NOT_YET = "from_at = now() + interval '1 day', until_at = NULL"


@pytest.mark.proves("P7", "R6", "R28")
def test_a_body_knows_a_family_from_its_first_moment_to_its_last(world: World, run: Run) -> None:
    nurse, met = world.nurse, world.referral.family_id
    rows = (Family, Guardian, Child, Interview, InterviewItem)
    before = {model: a_row(world, model) for model in (Interview, InterviewItem, Consent)}
    (child,) = asked(nurse, "id FROM children WHERE due_on IS NOT NULL")
    (guardian,) = asked(nurse, "id FROM guardians WHERE family_id = :id", id=met)
    assert all(seen(nurse, model) for model in rows)
    for moment in (ENDED, NOT_YET):
        run(f"UPDATE support_access SET {moment}")
        assert [model.__name__ for model in rows if seen(nurse, model)] == []
        assert asked(nurse, "family_is_known(:id)", id=met) == [False]
        mine = "count(*) FROM consents WHERE organisation_id <> receiver_id"
        assert asked(nurse, mine) == [0]
        for model, row in before.items():
            values = row | {"id": uuid.uuid4()}
            with pytest.raises(DBAPIError, match="row-level security"):
                _added(nurse, model, values)
        with pytest.raises(DBAPIError, match="row-level security"):
            _added(nurse, Child, {"id": uuid.uuid4(), "family_id": met, "search_key": "x"})
        for statement in (
            "UPDATE guardians SET search_key = 'x'",
            "UPDATE children SET search_key = 'x'",
            "UPDATE interviews SET held_on = held_on - 1",
            "DELETE FROM interview_items",
        ):
            with acting_as(nurse), transaction() as session:
                done: Any = session.execute(text(statement))
                assert done.rowcount == 0, statement
        with pytest.raises(DBAPIError, match="not hers"):
            asked(nurse, "may_change_child(:id)", id=child)
        with pytest.raises(DBAPIError):
            asked(
                nurse,
                "invite_guardian(:new, :id, :hash, now() + interval '1 day')",
                new=uuid.uuid4(),
                id=guardian,
                hash=b"h" * 32,
            )
        opened = world.mother.family_id
        run(f"UPDATE family_access SET {moment}")
        assert asked(world.staff, "family_is_known(:id)", id=opened) == [False]
        run("UPDATE family_access SET from_at = '2020-01-01', until_at = NULL")
        assert asked(world.staff, "family_is_known(:id)", id=opened) == [True]


def _added(who: Actor, model: type[Any], values: dict[str, Any]) -> None:
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**values))


@pytest.mark.proves("R6", "R30", "P7")
@pytest.mark.parametrize("how", ["moved", "disabled"])
def test_who_works_there_no_more_is_told_nothing_and_her_token_opens_nothing(
    world: World, run: Run, how: str
) -> None:
    nurse = world.nurse
    token = outside.token(nurse)
    call = "user_id FROM use_api_token(:hash)"
    mails = "user_id FROM workers_of(:body)"
    assert asked(ANONYMOUS, call, hash=token_hash(token)) == [nurse.user_id]
    assert asked(world.staff, mails, body=body_of(nurse)) == [nurse.user_id]
    if how == "disabled":
        run("UPDATE users SET disabled_at = now() WHERE id = :id", id=nurse.user_id)
    else:
        run("UPDATE memberships SET ended_at = now() WHERE user_id = :id", id=nurse.user_id)
        run(
            "INSERT INTO memberships (id, user_id, organisation_id, role)"
            " VALUES (gen_random_uuid(), :id, :to, 'liaison')",
            id=nurse.user_id,
            to=world.strangers[2].organisation_id,
        )
    assert asked(ANONYMOUS, call, hash=token_hash(token)) == []
    assert asked(world.staff, mails, body=body_of(nurse)) == []


@pytest.mark.proves("R16", "R22", "P12")
def test_the_clock_tells_nobody_in_a_persons_name_or_without_consent(
    world: World, emptied: Engine, server: TestServer
) -> None:
    report = a_row(world, CaseReport) | {"sent_by": None}
    provision = a_row(world, Provision) | {"provided_by": None}
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    nobody = Actor(role=None)
    for model, row, name in (
        (CaseReport, report, "sent_by"),
        (Provision, provision, "provided_by"),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            _added(nobody, model, row | {"id": uuid.uuid4(), name: world.staff.user_id})
        _added(nobody, model, row | {"id": uuid.uuid4()})
    with pytest.raises(IntegrityError) as error:
        _added(nobody, CaseReport, report | {"id": uuid.uuid4()})
    assert breached_constraint(error.value) == "uq_care_case_reports_alert"
    use(Database(emptied, server.secrets))
    engine.dispose()


@pytest.mark.proves("R6")
def test_a_part_that_issues_no_tokens_opens_nothing_with_one(world: World, run: Run) -> None:
    token = outside.token(world.nurse)
    run(
        "UPDATE memberships SET role = :role WHERE user_id = :id",
        role=Role.OFFICE_WORKER,
        id=world.nurse.user_id,
    )
    assert asked(ANONYMOUS, "user_id FROM use_api_token(:hash)", hash=token_hash(token)) == []
