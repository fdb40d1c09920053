"""Tokens of other programs, and families that go first: each condition breached alone."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal.accounts.addresses import token_hash
from portal.accounts.api_tokens import ApiAnswer, ApiToken
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.priorities.models import Priority
from tests.factories import outside, people
from tests.factories.cases import body_of
from tests.factories.loop import posing
from tests.factories.places import Site
from tests.factories.support import make_center

NOW = clock.now()
TODAY = clock.today(NOW)


def values_of(who: Actor, model: type[Any]) -> dict[str, Any]:
    with acting_as(who), transaction() as session:
        row = session.scalars(select(model)).one()
        return {each.key: getattr(row, each.key) for each in model.__mapper__.column_attrs}


def added(who: Actor, model: type[Any], row: dict[str, Any]) -> None:
    with acting_as(who), transaction() as session:
        session.execute(insert(model).values(**row))


def changed(who: Actor, statement: str, **values: Any) -> int:
    with acting_as(who), transaction() as session:
        done: Any = session.execute(text(statement), values)
        return int(done.rowcount)


def seen(who: Actor, model: type[Any]) -> int:
    with acting_as(who), transaction() as session:
        return len(session.scalars(select(model)).all())


@pytest.mark.proves("R6", "R30", "P7")
def test_a_token_is_issued_seen_and_revoked_by_those_of_the_body_who_may(suzuki: Actor) -> None:
    outside.token(suzuki)
    center = make_center()
    colleague = people.make_worker("伊藤 のぞみ", body_of(suzuki), "liaison")
    office = posing(suzuki, Role.OFFICE_WORKER)
    for who in (center, office):
        assert seen(who, ApiToken) == 0
        mine = "UPDATE api_tokens SET revoked_at = now(), revoked_by = :by"
        assert changed(who, mine, by=who.user_id) == 0
    row = values_of(suzuki, ApiToken)

    def fresh(**changes: Any) -> dict[str, Any]:
        return row | {"id": uuid.uuid4(), "token_hash": uuid.uuid4().bytes * 2, **changes}

    for who, changes in (
        (office, {}),
        (suzuki, {"organisation_id": center.organisation_id}),
        (suzuki, {"issued_by": colleague.user_id}),
        (suzuki, {"revoked_at": NOW, "revoked_by": suzuki.user_id}),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            added(who, ApiToken, fresh(**changes))
    revokes = "UPDATE api_tokens SET revoked_at = now(), revoked_by = :by"
    with pytest.raises(DBAPIError, match="row-level security"):
        changed(suzuki, revokes, by=colleague.user_id)
    assert changed(colleague, revokes, by=colleague.user_id) == 1
    assert changed(suzuki, revokes, by=suzuki.user_id) == 0, "who revoked it stands"


@pytest.mark.proves("R30")
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"name": ""}, "ck_api_tokens_name"),
        ({"token_hash": b"short"}, "ck_api_tokens_token_hash"),
        ({"scopes": []}, "ck_api_tokens_scopes"),
        ({"scopes": ["everything"]}, "ck_api_tokens_scopes"),
        ({"expires_at": NOW - timedelta(days=900)}, "ck_api_tokens_term"),
        ({"revoked_by": "me"}, "ck_api_tokens_revoked"),
        ({"same": True}, "uq_api_tokens_token_hash"),
    ],
)
def test_a_token_is_whole_or_none(suzuki: Actor, changes: dict[str, Any], constraint: str) -> None:
    outside.token(suzuki)
    row = values_of(suzuki, ApiToken)
    of: dict[str, Any] = (
        {"id": uuid.uuid4()} if "same" in changes else {"id": uuid.uuid4(), **changes}
    )
    if "same" not in changes and "token_hash" not in changes:
        of["token_hash"] = uuid.uuid4().bytes * 2
    with pytest.raises(IntegrityError) as error:  # noqa: PT012 - one of two
        if "revoked_by" in of:  # never written with the row
            changed(suzuki, "UPDATE api_tokens SET revoked_by = :me", me=suzuki.user_id)
        else:
            added(suzuki, ApiToken, row | of)
    assert breached_constraint(error.value) == constraint


@pytest.mark.proves("R30", "P7")
@pytest.mark.parametrize("how", ["revoked", "over", "left", "other role", ""])
def test_a_token_opens_for_its_issuer_while_she_works_there(suzuki: Actor, how: str) -> None:
    worker = suzuki
    if how == "other role":  # issued as a liaison; she keeps a part that issues none
        worker = people.make_worker("伊藤 のぞみ", body_of(suzuki), "office_worker")
        worker = replace(worker, role=Role.LIAISON)
    long_ago = NOW - timedelta(days=400)
    token = outside.token(worker, now=long_ago if how == "over" else NOW)
    people.make_worker("岡 かな", body_of(suzuki), "liaison")  # a colleague's part is not hers
    if how == "revoked":
        changed(worker, "UPDATE api_tokens SET revoked_at = now(), revoked_by = issued_by")
    elif how == "left":
        with acting_as(worker), transaction() as session:
            membership = text("SELECT id FROM memberships WHERE user_id = :id")
            of = session.scalar(membership, {"id": worker.user_id})
        with acting_as(people.OPERATOR), transaction() as session:
            session.execute(text("SELECT end_membership(:id)"), {"id": of})
    found = text("SELECT user_id FROM use_api_token(:hash)")
    with acting_as(Actor(role=None)), transaction() as session:
        opened = session.scalars(found, {"hash": token_hash(token)}).all()
    assert opened == ([] if how else [worker.user_id])


@pytest.mark.proves("R30", "P7")
def test_answers_by_key_are_the_bodys_own(suzuki: Actor) -> None:
    token_id = outside.issued(suzuki)
    center = make_center()
    row = {
        "token_id": token_id,
        "organisation_id": suzuki.organisation_id,
        "key_hash": b"k" * 32,
        "body_hash": b"b" * 32,
    }
    for who, changes in (
        (posing(suzuki), {}),
        (center, {}),
        (suzuki, {"organisation_id": center.organisation_id}),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            added(who, ApiAnswer, row | changes)
    added(suzuki, ApiAnswer, row)
    for who in (center, posing(suzuki)):
        assert seen(who, ApiAnswer) == 0
        assert changed(who, "UPDATE api_answers SET status = 201") == 0
    assert changed(suzuki, "UPDATE api_answers SET status = 201") == 1
    with pytest.raises(IntegrityError) as error:
        added(suzuki, ApiAnswer, row)
    assert breached_constraint(error.value) == "pk_api_answers"


@pytest.mark.proves("R25", "P7", "P12")
def test_a_priority_is_given_and_read_by_those_of_the_nursery_who_know(
    sato: Actor, yamada: Actor, tanaka: Actor, hinata: Site
) -> None:
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": hinata.organisation_id})
    row = {
        "id": uuid.uuid4(),
        "organisation_id": sato.organisation_id,
        "family_id": tanaka.family_id,
        "kind": "disability",
        "until_on": TODAY + timedelta(days=30),
        "decided_by": sato.user_id,
        "decided_at": NOW,
    }
    unknown = people.make_guardian("森 りえ").family_id
    plain = replace(sato, knows_support=False)
    for who, changes in (
        (posing(sato), {}),
        (plain, {}),
        (yamada, {}),
        (yamada, {"organisation_id": yamada.organisation_id}),
        (sato, {"organisation_id": yamada.organisation_id}),
        (sato, {"family_id": unknown}),
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            added(who, Priority, row | changes)
    added(sato, Priority, row)
    with pytest.raises(IntegrityError) as error:
        added(sato, Priority, row | {"id": uuid.uuid4()})
    assert breached_constraint(error.value) == "uq_priorities_live"
    counts = text("SELECT count(*) FROM priorities")
    for who in (plain, yamada, posing(sato), tanaka):
        with acting_as(who), transaction() as session:
            assert session.scalar(counts) == 0
        assert changed(who, "UPDATE priorities SET ended_at = now()") == 0
    assert changed(sato, "UPDATE priorities SET ended_at = now()") == 1
