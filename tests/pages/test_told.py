"""What staff enter for a family keeps its way and time, is told to it, and is seen by both."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.consents import queries as consents
from portal.consents import service as consent_service
from portal.consents.service import Given
from portal.db.session import acting_as, transaction
from portal.families import expected
from portal.families import service as families
from portal.families.expected_rules import Newborn
from portal.families.models import Guardian
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.letters import Wanted, collect
from tests.factories import days, people, places
from tests.factories.photos import photo
from tests.pages.receipt import receipt
from tests.pages.visit import Page, Visitor

GRANDMOTHER = {"name": "田中 うめ", "relation": "祖母"}


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, uuid.UUID]]:
    """The mails that are queued, each with what it is about."""
    found: list[tuple[str, uuid.UUID]] = []

    def caught(_session: Session, kind: str, *, about: Sequence[uuid.UUID], **_to: object) -> None:
        found.append((kind, about[0]))

    monkeypatch.setattr("portal.families.service.enqueue", caught)
    monkeypatch.setattr("portal.families.expected.enqueue", caught)
    return found


def as_mail(message: tuple[str, uuid.UUID], who: Actor) -> tuple[str, str] | None:
    """Write a mail as its receiver would get it."""
    kind, about = message
    wanted = Wanted(
        id=uuid.uuid4(),
        kind=kind,
        subject_ids=(about,),
        context={},
        organisation_id=None,
        family_id=who.family_id,
        to_user_id=who.user_id,
        to_mail="mother@example.test",
        to_name="田中 みほ",
        base_url="https://portal.test",
        is_demo=False,
        now=clock.now(),
    )
    with acting_as(who) as session:
        letter = collect()[kind](session, wanted)
        session.rollback()
    return None if letter is None else (letter.subject, letter.text)


@pytest.mark.proves("J7", "R30")
def test_a_second_guardian_by_fax_is_seen_with_its_way_by_staff_and_family(
    app: Flask,
    hinata: places.Site,
    sato: Actor,
    tanaka: Actor,
    queued: list[tuple[str, uuid.UUID]],
) -> None:
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    staff, url = Visitor(app, sato), f"/office/families/{tanaka.family_id}"
    father = {"name": "田中 けん", "relation": "父", "phone": "080-1111-2222", "language": "en"}
    assert staff.submit(f"{url}/guardians/new", father).status == 422
    early = staff.submit(f"{url}/guardians/new", father | receipt(-90, "fax"))
    assert early.status == 422
    assert "まだ来ていない時刻です" in early.text
    assert staff.submit(f"{url}/guardians/new", father | receipt(channel="fax")).status == 303
    shown = staff.get(url).text
    assert "保護者を登録しましたFAX" in shown
    assert "入れた人" in shown
    log = Visitor(app, tanaka).get("/my/data/log").text
    assert "保護者を登録しましたFAX" in log
    assert "受け付け" in log
    (message,) = queued
    assert message[0] == "families/guardian_entered"
    written = as_mail(message, tanaka)
    assert written is not None
    assert "田中 けん" not in "".join(written)
    assert "/my/family/" in written[1]


@pytest.mark.proves("P13")
def test_another_nursery_reads_nothing_of_what_was_entered(
    app: Flask, hinata: places.Site, midori: places.Site, sato: Actor, yamada: Actor, tanaka: Actor
) -> None:
    child = people.children_of(tanaka)[0].id
    places.accept(hinata, tanaka, child)
    places.accept(midori, tanaka, child)
    staff, url = Visitor(app, sato), f"/office/families/{tanaka.family_id}"
    assert (
        staff.submit(f"{url}/pickup-persons", GRANDMOTHER | receipt(), form_page=url).status == 303
    )
    assert "電話や紙で受けたこと" in staff.get(url).text
    assert "電話や紙で受けたこと" not in Visitor(app, yamada).get(url).text


@pytest.mark.proves("J7")
def test_somebody_is_taken_off_the_list_with_the_way_it_was_said(
    app: Flask, hinata: places.Site, sato: Actor, tanaka: Actor
) -> None:
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    staff, url = Visitor(app, sato), f"/office/families/{tanaka.family_id}"
    assert staff.submit(f"{url}/pickup-persons", GRANDMOTHER, form_page=url).status == 422
    staff.submit(f"{url}/pickup-persons", GRANDMOTHER | receipt(), form_page=url)
    with acting_as(sato) as session:
        person = session.execute(text("SELECT id FROM pickup_persons")).scalar_one()
        session.rollback()
    gone = f"{url}/pickup-persons/{person}/remove"
    assert staff.post(gone).status == 422
    assert staff.submit(gone, receipt(channel="counter")).status == 303
    page = staff.get(url).text
    assert "お迎えの人からはずしました窓口" in page
    assert "（祖母）" not in page


@pytest.mark.proves("J7", "R3")
def test_a_photo_handed_in_stands_on_the_familys_page_and_at_the_handing_over(
    app: Flask, hinata: places.Site, sato: Actor, yamada: Actor, tanaka: Actor
) -> None:
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    person = days.name_pickup(tanaka, "佐々木 とめ", "祖母")
    (stay,) = days.book(hinata, tanaka, pickup=person)
    staff, url = Visitor(app, sato), f"/office/families/{tanaka.family_id}"
    face = f"{url}/pickup-persons/{person}/photo"
    assert "写真を入れる" in staff.get(url).text

    def send(data: bytes, **more: str) -> Page:
        sent = receipt() | {"once": str(uuid.uuid4()), "photo": (io.BytesIO(data), "a.jpg")} | more
        return staff.post(face, sent, content_type="multipart/form-data")

    assert send(b"no photo").status == 409
    assert send(photo(), channel="").status == 422
    assert send(photo()).status == 303
    board = f"/office/facilities/{hinata.facility_id}/stays/{stay}"
    for page in (staff.get(url), staff.get(board)):
        (shown,) = re.findall(r"/office/photos/[0-9a-f-]+", page.html)
        assert staff.client.get(shown).status_code == 200
    assert "お迎えの人の写真を登録しました" in staff.get(url).text
    assert Visitor(app, yamada).get(face).status == 404


@pytest.mark.proves("J7", "R7")
def test_a_birth_that_staff_enter_is_told_by_a_mail_that_names_nobody_unless_taken_back(
    hinata: places.Site, sato: Actor, tanaka: Actor, queued: list[tuple[str, uuid.UUID]]
) -> None:

    now = clock.now()
    due = clock.today(now) + timedelta(days=9)
    assert tanaka.family_id is not None
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    with acting_as(tanaka), transaction() as session:
        details = ChildDetails(None, due_on=due)
        child = families.add_child(session, tanaka.family_id, details, actor=tanaka, now=now).id
    newborn = Newborn("田中 そら", clock.today(now))
    with acting_as(sato), transaction() as session:
        expected.tell_birth(session, child, [newborn], actor=sato, now=now)
    (message,) = queued
    assert message[0] == "families/birth_entered"
    written = as_mail(message, tanaka)
    assert written is not None
    assert "そら" not in "".join(written)
    assert "生まれ" not in written[0]
    with acting_as(sato), transaction() as session:
        expected.undo_birth(session, child, actor=sato, now=now)
    assert as_mail(message, tanaka) is None


@pytest.mark.proves("R11", "J7")
def test_a_no_is_kept_as_an_answer_that_never_holds(
    app: Flask, hinata: places.Site, sato: Actor, tanaka: Actor
) -> None:
    row = places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    staff, url = Visitor(app, sato), f"/office/preregistrations/{row}/papers/"
    both = {"purposes": "photographs", "refused": "photographs", **receipt()}
    assert staff.submit(url, both).status == 409
    assert staff.submit(url, {"refused": "photographs", **receipt()}).status == 303
    assert staff.submit(url, {"refused": "photographs", **receipt()}).status == 303
    assert staff.get(url).text.count("同意しないと答えた") == 1 + 1  # the answer; the form's label
    mine = Visitor(app, tanaka).get("/my/consents/").text
    assert "同意していません" in mine
    assert "取りやめた日" not in mine
    assert tanaka.family_id is not None
    asked = ("photographs", hinata.organisation_id)
    with acting_as(sato) as session:
        held = consents.in_force(session, tanaka.family_id, *asked, actor=sato, now=clock.now())
        assert held is None
        session.rollback()
    given = Given("photographs", "文", "1", hinata.organisation_id, hinata.organisation_id)
    with acting_as(tanaka), transaction() as session:
        consent_service.give(session, tanaka.family_id, given, actor=tanaka, now=clock.now())
        consent_service.refuse(session, tanaka.family_id, given, actor=tanaka, now=clock.now())
    with acting_as(sato) as session:
        held = consents.in_force(session, tanaka.family_id, *asked, actor=sato, now=clock.now())
        assert held is None
        session.rollback()


def test_the_database_takes_no_refusal_that_holds(hinata: places.Site, tanaka: Actor) -> None:
    given = Given("photographs", "文", "1", hinata.organisation_id, hinata.organisation_id)
    assert tanaka.family_id is not None
    with acting_as(tanaka), transaction() as session:
        row = consent_service.refuse(
            session, tanaka.family_id, given, actor=tanaka, now=clock.now()
        )
        assert row is not None
        assert row.withdrawn_at == row.given_at
    holding = "UPDATE consents SET withdrawn_at = NULL WHERE id = :id"
    for change in (holding, "UPDATE consents SET is_refusal = false WHERE id = :id"):
        try:
            with acting_as(tanaka), transaction() as session:
                session.execute(text(change), {"id": row.id})
        except DBAPIError:
            continue
    with acting_as(tanaka) as session:
        kept = session.execute(text("SELECT is_refusal, withdrawn_at FROM consents")).one()
        session.rollback()
    assert kept.is_refusal
    assert kept.withdrawn_at is not None


def language_of(who: Actor, name: str) -> str | None:
    with acting_as(who) as session:
        found = session.scalars(select(Guardian.language).where(Guardian.name == name)).one()
        session.rollback()
    return found


def test_her_own_page_keeps_the_language_that_staff_entered(
    app: Flask, hinata: places.Site, sato: Actor, tanaka: Actor
) -> None:
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    url = f"/office/families/{tanaka.family_id}/guardians/new"
    father = {"name": "田中 けん", "relation": "父", "phone": "080-1111-2222", "language": "en"}
    assert Visitor(app, sato).submit(url, father | receipt()).status == 303
    with acting_as(tanaka) as session:
        key: uuid.UUID = session.scalars(
            select(Guardian.id).where(Guardian.name == "田中 けん")
        ).one()
        session.rollback()
    changed = {"name": "田中 けん", "relation": "父", "phone": "080-3333-2222"}
    assert Visitor(app, tanaka).submit(f"/my/family/guardians/{key}", changed).status == 303
    assert language_of(tanaka, "田中 けん") == "en"
