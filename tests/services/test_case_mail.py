"""Mails about cases: a number and a link, no name; dropped once somebody has done it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.letters import Letter, Wanted
from portal.noshow import service
from portal.noshow.mail import MAILS
from portal.noshow.rules import CheckResult, NextStep
from tests.factories.cases import DUE, body_of, missing, refer
from tests.factories.places import Site

BASE = "https://portal.example"
NOTES = "声がかすれていました"


def mail(reader: Actor, kind: str, case_id: uuid.UUID) -> Letter | None:
    wanted = Wanted(
        id=uuid.uuid4(),
        kind=f"noshow/{kind}",
        subject_ids=(case_id,),
        context={},
        organisation_id=reader.organisation_id,
        family_id=None,
        to_user_id=reader.user_id,
        to_mail="reader@example.test",
        to_name="読む 人",
        base_url=BASE,
        is_demo=False,
        now=DUE,
    )
    with acting_as(reader), transaction() as session:
        return MAILS[wanted.kind](session, wanted)


@pytest.fixture
def case_id(hinata: Site, suzuki: Actor, tanaka: Actor) -> uuid.UUID:
    return missing(hinata, tanaka, referred=refer(suzuki, hinata, tanaka))


def told(sato: Actor, suzuki: Actor, case_id: uuid.UUID) -> None:
    with acting_as(sato), transaction() as session:
        service.record_result(
            session,
            case_id,
            CheckResult.ILL,
            channel=ContactChannel.PHONE,
            actor=sato,
            now=DUE,
        )
        service.report(session, case_id, [body_of(suzuki)], notes=NOTES, actor=sato, now=DUE)


@pytest.mark.proves("R16", "R22")
def test_no_mail_names_anybody_or_says_what_was_noticed(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    letters = [mail(sato, "overdue_check", case_id)]
    told(sato, suzuki, case_id)
    letters += [mail(suzuki, kind, case_id) for kind in ("alert", "reported", "overdue_answer")]
    letters += [mail(sato, kind, case_id) for kind in ("answered", "no_answer")]
    with acting_as(suzuki), transaction() as session:
        service.acknowledge(session, case_id, actor=suzuki, now=DUE)
        on = clock.today(DUE) + timedelta(days=1)
        step = NextStep.VISIT
        service.name_next_step(session, case_id, step, by="鈴木", on=on, actor=suzuki, now=DUE)
    letters.append(mail(suzuki, "step_overdue", case_id))
    assert len(letters) == len(MAILS)
    for letter in letters:
        assert letter is not None
        whole = letter.subject + letter.text
        for said in ("田中", "はな", "みほ", "高橋", NOTES, "病気"):
            assert said not in whole
        assert f"/cases/{case_id}" in letter.text


def test_what_somebody_has_done_meanwhile_is_asked_of_nobody(
    sato: Actor, suzuki: Actor, yamada: Actor, case_id: uuid.UUID
) -> None:
    told(sato, suzuki, case_id)
    assert mail(sato, "overdue_check", case_id) is None
    assert mail(suzuki, "step_overdue", case_id) is None
    with acting_as(suzuki), transaction() as session:
        service.acknowledge(session, case_id, actor=suzuki, now=DUE)
    for kind in ("alert", "reported", "overdue_answer"):
        assert mail(suzuki, kind, case_id) is None
        assert mail(yamada, kind, case_id) is None
