"""Photos: sealed to their row and family, seen by whom they were given to, gone with their end."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.audit.models import AuditEntry
from portal.db.session import Database, acting_as, make_engine, transaction, use
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.uploads import folder, service
from portal.uploads.models import Upload
from portal.uploads.rules import MOST_IMAGES, UploadPurpose, UploadRefusal
from portal.uploads.sweeping import sweep
from tests.database import TestServer
from tests.factories.data_requests import erase
from tests.factories.people import children_of, make_guardian
from tests.factories.photos import photo
from tests.factories.places import Site, accept, make_site

DOCUMENT, FACE = UploadPurpose.APPLICATION_DOCUMENT, UploadPurpose.PICKUP_PHOTO
SMALL = photo(size=(64, 48))


def keep(who: Actor, site: Site | None = None, *, purpose: UploadPurpose = DOCUMENT) -> Upload:
    assert who.family_id is not None
    with acting_as(who), transaction() as session:
        return service.store_image(
            session,
            SMALL,
            family_id=who.family_id,
            child_id=None,
            purpose=purpose,
            actor=who,
            now=clock.now(),
            facility_id=site.facility_id if site else None,
        )


def give(who: Actor, row: Upload, site: Site) -> None:
    with acting_as(who), transaction() as session:
        mine = session.get_one(Upload, row.id)
        service.give(session, [mine], site.organisation_id, actor=who, now=clock.now())


def see(who: Actor, upload_id: uuid.UUID) -> bytes:
    with acting_as(who), transaction() as session:
        return service.open_image(session, upload_id, actor=who, now=clock.now())


def file_of(row: Upload) -> Path:
    return folder.path_of(folder.root(os.environ), row.family_id, row.id)


@pytest.mark.proves("P10", "P11")
def test_it_lies_sealed_outside_of_what_is_served_and_each_look_is_written_down(
    tanaka: Actor, hinata: Site, app: object
) -> None:
    row = keep(tanaka, hinata)
    file = file_of(row)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    sealed = file.read_bytes()
    assert b"JFIF" not in sealed
    assert see(tanaka, row.id).startswith(b"\xff\xd8\xff")
    assert not str(file).startswith(str(app.static_folder))  # type: ignore[attr-defined]  # a Flask
    with acting_as(tanaka) as session, pytest.raises(ProgrammingError):
        session.execute(select(AuditEntry.id))


@pytest.mark.proves("P7", "R11")
def test_a_document_is_its_familys_until_it_is_given_and_then_one_providers(
    tanaka: Actor, hinata: Site, sato: Actor, midori: Site, yamada: Actor
) -> None:
    for site in (hinata, midori):
        accept(site, tanaka, children_of(tanaka)[0].id)
    row = keep(tanaka, hinata)
    other = make_guardian("遠い だれか")
    for who in (sato, yamada, other):
        with pytest.raises(NoResultFound):
            see(who, row.id)
    give(tanaka, row, hinata)
    assert see(sato, row.id)
    for who in (yamada, other):
        with pytest.raises(NoResultFound):
            see(who, row.id)
        with acting_as(who) as session:  # the database alone says the same
            assert session.execute(text("SELECT count(*) FROM uploads")).scalar_one() == 0


def test_who_hands_over_the_child_sees_the_face_at_each_nursery(
    tanaka: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    row = keep(tanaka, purpose=FACE)
    assert see(sato, row.id)
    with pytest.raises(NoResultFound):
        see(yamada, row.id)


@pytest.mark.proves("P11")
def test_a_file_of_another_photo_does_not_open(tanaka: Actor, hinata: Site) -> None:
    one, two = keep(tanaka, hinata), keep(tanaka, hinata)
    file_of(one).write_bytes(file_of(two).read_bytes())
    with pytest.raises(InvalidTag):
        see(tanaka, one.id)
    file_of(two).unlink()
    with pytest.raises(NoResultFound):
        see(tanaka, two.id)


@pytest.mark.proves("P8")
def test_a_family_keeps_so_many_and_no_more(
    tanaka: Actor, hinata: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_IMAGES == 60
    monkeypatch.setattr(service, "MOST_IMAGES", 2)
    keep(tanaka, hinata)
    keep(tanaka, hinata)
    with pytest.raises(Refusal) as refused:
        keep(tanaka, hinata)
    assert refused.value.codes == (UploadRefusal.FAMILY_HAS_MANY,)
    monkeypatch.setattr(service, "MOST_IMAGES", 60)
    monkeypatch.setattr(service, "MOST_BYTES_OF_FAMILY", 10)
    with pytest.raises(Refusal):
        keep(tanaka, hinata)


def test_removed_is_gone_with_its_file(tanaka: Actor, hinata: Site) -> None:
    row = keep(tanaka, hinata)
    with acting_as(tanaka), transaction() as session:
        service.remove(session, row.id, actor=tanaka, now=clock.now())
    assert not file_of(row).exists()
    with pytest.raises(NoResultFound):
        see(tanaka, row.id)


@pytest.mark.proves("P13")
def test_the_erasing_of_a_family_takes_its_photos_drafts_and_consents(tanaka: Actor) -> None:
    site = make_site("あおぞら園")
    row = keep(tanaka, site)
    assert erase(tanaka)
    assert not file_of(row).exists()
    with acting_as(tanaka) as session:
        assert session.execute(text("SELECT count(*) FROM uploads")).scalar_one() == 0


@pytest.fixture
def worker(emptied: Engine, server: TestServer) -> Iterator[Database]:
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    yield Database(engine, server.secrets)
    engine.dispose()


@pytest.mark.proves("P13")
def test_the_round_takes_what_has_ended_and_what_no_row_knows(
    emptied: Engine, server: TestServer, worker: Database
) -> None:
    site, now = make_site("ひなた保育園"), clock.now()
    mother = make_guardian("田中 みほ", children=("田中 はな",))
    accept(site, mother, children_of(mother)[0].id)
    unsent, sent = keep(mother, site), keep(mother, site)
    give(mother, sent, site)
    orphan = file_of(sent).with_name(uuid.uuid4().hex)
    orphan.write_bytes(b"x")
    strange = file_of(sent).with_name("half.part")
    strange.write_bytes(b"x")
    for file in (orphan, strange, file_of(sent), file_of(unsent)):
        os.utime(file, (now.timestamp() - 3600,) * 2)
    young = file_of(sent).with_name(uuid.uuid4().hex)
    young.write_bytes(b"x")
    use(worker)
    sweep(now)
    left = [file.exists() for file in (orphan, strange, young, file_of(unsent), file_of(sent))]
    assert left == [False, False, True, True, True]
    sweep(now + timedelta(days=32))
    assert not file_of(unsent).exists()
    assert file_of(sent).exists()
    sweep(now + timedelta(days=800))
    assert not file_of(sent).exists()
    use(Database(emptied, server.secrets))
    with pytest.raises(NoResultFound):
        see(mother, sent.id)
