"""``portal users``: the first people of a body."""

from __future__ import annotations

import argparse

import pytest
from sqlalchemy import select

from portal.accounts import links
from portal.accounts.rules import MailTokenKind
from portal.commands import users
from portal.db.session import Database, acting_as, transaction
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from tests.factories import people


def run(work: object, **typed: str) -> int:
    with acting_as(Actor(role=Role.OPERATOR)), transaction() as session:
        code: int = work(
            session, argparse.Namespace(**{"code": None, **typed}), "https://portal.test"
        )  # type: ignore[operator]
    return code


@pytest.mark.parametrize("role", ["director", "liaison", "operator"])
def test_an_invitation_is_printed_and_no_password_is_set(
    database: Database, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    del database
    typed = {"mail": "first@example.test", "name": "最初の 人", "role": role}
    assert run(users._add, **typed, organisation="新しい組織") == 0
    token = capsys.readouterr().out.split("/invitations/")[1].strip()
    with acting_as(ANONYMOUS) as session:
        link = links.look_at(session, token, MailTokenKind.INVITATION)
        session.rollback()
    assert link is not None
    assert (link.name, link.organisation_name, link.role) == ("最初の 人", "新しい組織", Role(role))


def test_a_role_does_not_go_into_a_body_of_another_kind(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    del database
    people.make_organisation("みほん市", OrganisationKind.MUNICIPALITY)
    typed = {"mail": "x@example.test", "name": "x", "role": "director"}
    assert run(users._add, **typed, organisation="みほん市") == 2
    assert "組織の名前か役割をたしかめてください" in capsys.readouterr().err


def test_a_municipality_gets_its_code_with_its_first_liaison(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    del database
    typed = {"mail": "city@example.test", "name": "市の 人", "organisation": "郡山市"}
    with pytest.raises(SystemExit):
        run(users._add, **typed | {"role": "director"}, code="072036")
    assert "市区町村の担当者" in capsys.readouterr().err
    assert run(users._add, **typed, role="liaison", code="072036") == 0
    with acting_as(Actor(role=Role.OPERATOR)) as session:
        found = session.scalars(select(Organisation).where(Organisation.name == "郡山市")).all()
        assert [(one.kind, one.municipality_code) for one in found] == [
            (OrganisationKind.MUNICIPALITY, "072036")
        ]
    with pytest.raises(SystemExit):
        run(users._add, **typed | {"organisation": "別の市"}, role="liaison", code="072036")
    assert "ほかの市区町村に使われています" in capsys.readouterr().err


def test_a_lost_phone_of_the_only_operator(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    del database
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    people.make_account("運用", organisation_id=desk, role="operator", mail="Desk@example.test")
    assert run(users._reset, mail="desk@example.test") == 0
    assert run(users._reset, mail="nobody@example.test") == 2
    assert "アドレスをたしかめてください" in capsys.readouterr().err
