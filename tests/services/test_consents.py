"""Consents: each in its own words, in force until taken back, seen by those it concerns."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.consents import queries, service
from portal.consents.models import Consent
from portal.consents.rules import ConsentRefusal, ConsentSource
from portal.consents.service import Given
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.preregistration import queries as registrations
from portal.preregistration.rules import PreregistrationState
from tests.factories import days
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, accept
from tests.pages.receipt import receipt
from tests.pages.visit import Visitor


def given(site: Site, *, version: str = "1", purpose: str = "emergency_care") -> Given:
    return Given(
        purpose=purpose,
        wording="伝えることに同意します。",
        wording_version=version,
        receiver_id=site.organisation_id,
        organisation_id=site.organisation_id,
    )


def agree(who: Actor, site: Site, **changes: str) -> Consent:
    assert who.family_id is not None
    with acting_as(who), transaction() as session:
        made = service.give(
            session, who.family_id, given(site, **changes), actor=who, now=clock.now()
        )
        assert made is not None
        return made


def holds(who: Actor, family: Actor, site: Site, purpose: str = "emergency_care") -> bool:
    assert family.family_id is not None
    with acting_as(who) as session:
        return (
            queries.in_force(
                session,
                family.family_id,
                purpose,
                site.organisation_id,
                actor=who,
                now=clock.now(),
            )
            is not None
        )


@pytest.mark.proves("R11", "P12")
def test_it_holds_from_then_until_it_is_taken_back(
    tanaka: Actor, hinata: Site, sato: Actor, yamada: Actor, midori: Site
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    assert not holds(sato, tanaka, hinata)
    row = agree(tanaka, hinata)
    assert (row.source, row.wording, row.channel) == (
        ConsentSource.PORTAL,
        "伝えることに同意します。",
        Channel.WEB,
    )
    assert row.guardian_id is not None
    assert holds(sato, tanaka, hinata)
    assert not holds(sato, tanaka, hinata, "another_purpose")
    assert not holds(sato, tanaka, midori)
    assert not holds(yamada, tanaka, hinata)
    with acting_as(tanaka), transaction() as session:
        service.withdraw(session, row.id, actor=tanaka, now=clock.now())
    assert not holds(sato, tanaka, hinata)
    with pytest.raises(Refusal) as refused, acting_as(tanaka), transaction() as session:
        service.withdraw(session, row.id, actor=tanaka, now=clock.now())
    assert refused.value.codes == (ConsentRefusal.ALREADY_WITHDRAWN,)


def test_the_same_words_again_change_nothing_and_new_words_end_the_old(
    tanaka: Actor, hinata: Site
) -> None:
    first = agree(tanaka, hinata)
    assert agree(tanaka, hinata).id == first.id
    second = agree(tanaka, hinata, version="2")
    assert second.id != first.id
    with acting_as(tanaka) as session:
        assert session.get_one(Consent, first.id).withdrawn_at is not None


def test_a_last_day_is_included(tanaka: Actor, hinata: Site) -> None:
    assert tanaka.family_id is not None
    now = clock.now()
    until = Given(
        "emergency_care",
        "文",
        "1",
        hinata.organisation_id,
        hinata.organisation_id,
        until_on=clock.today(now) + timedelta(days=1),
    )
    with acting_as(tanaka), transaction() as session:
        service.give(session, tanaka.family_id, until, actor=tanaka, now=now)
    for later, expected in ((1, True), (2, False)):
        with acting_as(tanaka) as session:
            found = queries.in_force(
                session,
                tanaka.family_id,
                "emergency_care",
                hinata.organisation_id,
                actor=tanaka,
                now=now + timedelta(days=later),
            )
            assert (found is not None) is expected


@pytest.mark.proves("P7", "P12")
def test_the_database_lets_nobody_change_or_give_anothers(
    tanaka: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    row = agree(tanaka, hinata)
    other = make_guardian("遠い だれか")
    for who in (yamada, other):
        with acting_as(who) as session:
            assert session.execute(text("SELECT count(*) FROM consents")).scalar_one() == 0
        with pytest.raises(NoResultFound), acting_as(who), transaction() as session:
            service.withdraw(session, row.id, actor=who, now=clock.now())
    for statement in (
        "UPDATE consents SET wording = 'もっと' WHERE id = :id",
        "UPDATE consents SET until_on = '2099-01-01' WHERE id = :id",
        "DELETE FROM consents WHERE id = :id",
    ):
        with pytest.raises(ProgrammingError), acting_as(tanaka), transaction() as session:
            session.execute(text(statement), {"id": row.id})
    # Staff cannot say that a guardian ticked it herself.
    ticked = Consent(
        id=uuid.uuid4(),
        family_id=tanaka.family_id,
        purpose="photographs",
        items=[],
        wording="文",
        wording_version="1",
        receiver_id=hinata.organisation_id,
        organisation_id=hinata.organisation_id,
        recorded_by=sato.user_id,
        channel=Channel.WEB,
        source=ConsentSource.PORTAL,
        given_at=clock.now(),
    )
    with pytest.raises(ProgrammingError), acting_as(sato), transaction() as session:
        session.add(ticked)
    with acting_as(tanaka), transaction() as session:
        service.withdraw(session, row.id, actor=tanaka, now=clock.now())
    with acting_as(tanaka), transaction() as session:
        undone = session.execute(
            text("UPDATE consents SET withdrawn_at = NULL WHERE id = :id"), {"id": row.id}
        )
        assert undone.rowcount == 0  # type: ignore[attr-defined]  # an UPDATE has one


@pytest.mark.proves("R11", "J7")
def test_staff_write_down_what_was_signed_on_paper(
    app: Flask, tanaka: Actor, hinata: Site, sato: Actor
) -> None:
    preregistration_id = accept(hinata, tanaka, children_of(tanaka)[0].id)
    url = f"/office/preregistrations/{preregistration_id}/papers/"
    staff, day = Visitor(app, sato), clock.today(clock.now())
    paper = {
        "purposes": ["emergency_care"],
        **receipt(channel="post"),
        "paper_reference": "2026-031",
        "source_on-year": day.year,
        "source_on-month": day.month,
        "source_on-day": day.day,
    }
    undated = {name: value for name, value in paper.items() if "source" not in name}
    assert "書類に書かれた日付" in staff.submit(url, undated).text
    future = staff.submit(url, {**paper, "source_on-year": day.year + 1})
    assert future.status == 409
    assert staff.submit(url, receipt(channel="post")).status == 409
    assert staff.submit(url, paper).status == 303
    shown = staff.get(url).text
    for words in ("紙の書類", "郵便", "2026-031"):
        assert words in shown
    assert holds(sato, tanaka, hinata)
    mine = Visitor(app, tanaka).get("/my/consents/")
    assert "紙の書類" in mine.text
    with acting_as(sato) as session:
        assert tanaka.family_id is not None
        (row,) = queries.of_family(session, tanaka.family_id, actor=sato)
        assert row.source is ConsentSource.PAPER_FORM
        consent_id = row.id
        session.rollback()
    assert staff.post(f"{url}{consent_id}/withdraw").status == 422  # not when it was said
    assert staff.submit(f"{url}{consent_id}/withdraw", receipt()).status == 303
    assert not holds(sato, tanaka, hinata)


@pytest.mark.proves("R5", "R11")
def test_taking_back_the_first_consent_ends_the_registration(
    app: Flask, tanaka: Actor, hinata: Site
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    row = agree(tanaka, hinata, purpose="care_information")
    (stay,) = days.book(hinata, tanaka)
    browser = Visitor(app, tanaka)
    refused = browser.post(f"/my/consents/{row.id}/withdraw")
    assert refused.status == 409
    assert "予約が残っています" in refused.text
    assert holds(tanaka, tanaka, hinata, "care_information")
    del stay
    with acting_as(tanaka) as session:
        (registration,) = registrations.of_family(session, actor=tanaka)
        assert registration.state is PreregistrationState.ACCEPTED


@pytest.mark.proves("R5", "R11")
def test_without_bookings_it_ends_at_once(app: Flask, tanaka: Actor, hinata: Site) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    row = agree(tanaka, hinata, purpose="care_information")
    browser = Visitor(app, tanaka)
    assert browser.post(f"/my/consents/{row.id}/withdraw").status == 303
    assert "取りやめました" in browser.get("/my/consents/").text
    with acting_as(tanaka) as session:
        (registration,) = registrations.of_family(session, actor=tanaka)
        assert registration.state is PreregistrationState.WITHDRAWN
