"""The day on paper: made once each morning by the worker, sealed, for its own facility alone."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import NoResultFound

from portal.daysheets import folder, queries, service
from portal.daysheets.models import DaySheet
from portal.db.session import Database, acting_as, make_engine, transaction, use
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.slots import closures
from portal.slots.rules import ClosureWish, Hours
from tests.database import TestServer
from tests.factories import days, people
from tests.factories.places import Site, make_site

MORNING = days.clock_time("6:40")


Round = Callable[[datetime], None]


@pytest.fixture
def make_due(emptied: Engine, server: TestServer) -> Iterator[Round]:
    """Do what the worker does, with no more rights than it has."""
    worker = make_engine(server.url("portal_worker", emptied.url.database or ""))

    def round_at(now: datetime) -> None:
        use(Database(worker, server.secrets))
        try:
            service.make_due(now)
        finally:
            use(Database(emptied, server.secrets))

    yield round_at
    worker.dispose()


@pytest.fixture
def hinata(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


def booked(site: Site) -> Actor:
    family = people.make_guardian("田中 みほ", children=("田中 はな",))
    days.keep_record(family, people.children_of(family)[0].id, allergies="卵")
    days.book(site, family)
    return family


def kept(site: Site) -> list[DaySheet]:
    with acting_as(site.owner) as session:
        return list(session.scalars(select(DaySheet)))


def open_pdf(site: Site, now: datetime = MORNING) -> str:
    with acting_as(site.owner), transaction() as session:
        data = service.open_kept(session, site.facility_id, today(now), actor=site.owner, now=now)
    assert data is not None
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


@pytest.mark.proves("J2")
def test_the_worker_makes_each_mornings_sheet_once(
    make_due: Round,
    hinata: Site,
    emptied: Engine,
    server: TestServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTAL_PRINT_FOLDER", str(tmp_path / "print"))
    family = booked(hinata)
    make_due(MORNING - timedelta(minutes=20))
    assert kept(hinata) == [], "not before its time"
    make_due(MORNING)
    make_due(MORNING + timedelta(minutes=10))
    (sheet,) = kept(hinata)
    assert (sheet.made_at, sheet.children, sheet.in_folder) == (MORNING, 1, True)
    assert "田中 はな" in open_pdf(hinata).replace("\u3000", " ")
    file = tmp_path / "print" / str(hinata.facility_id) / f"day-sheet-{days.DAY}.pdf"
    assert file.read_bytes().startswith(b"%PDF")
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    admin = create_engine(server.url("portal_admin", emptied.url.database or ""))
    with admin.connect() as connection:
        seen = connection.execute(
            text(
                "SELECT count(*) FROM audit_log WHERE family_id = :family"
                " AND action = 'read.child_record' AND detail->>'via' = 'day_sheet'"
            ),
            {"family": family.family_id},
        ).scalar_one()
    admin.dispose()
    assert seen == 2, "the making and the opening left their trace"


def test_a_day_off_and_a_facility_that_wants_none_get_no_paper(
    make_due: Round, hinata: Site
) -> None:
    with acting_as(hinata.owner), transaction() as session:
        closures.close_days(
            session,
            hinata.facility_id,
            ClosureWish(days.DAY, days.DAY, "台風", Hours(0, 48)),
            actor=hinata.owner,
            now=days.clock_time("6:00"),
        )
    make_due(MORNING)
    assert kept(hinata) == []
    with acting_as(hinata.owner), transaction() as session:
        service.set_times(session, hinata.facility_id, is_on=False, minute=390, actor=hinata.owner)
    make_due(MORNING + timedelta(days=1))
    assert kept(hinata) == []


def test_each_facility_has_its_own_time(make_due: Round, hinata: Site) -> None:
    with acting_as(hinata.owner), transaction() as session:
        service.set_times(session, hinata.facility_id, is_on=True, minute=420, actor=hinata.owner)
    make_due(MORNING)
    assert kept(hinata) == []
    make_due(days.clock_time("7:00"))
    assert len(kept(hinata)) == 1


def test_yesterdays_paper_is_gone_the_day_after_tomorrow(make_due: Round, hinata: Site) -> None:
    midori = make_site("みどりこども園")
    make_due(MORNING)
    make_due(MORNING + timedelta(days=1))
    assert len(kept(hinata)) == 2
    make_due(MORNING + timedelta(days=2))
    assert [sheet.day for sheet in sorted(kept(hinata), key=lambda one: one.day)] == [
        days.DAY + timedelta(days=1),
        days.DAY + timedelta(days=2),
    ]
    assert len(kept(midori)) == 2


def test_nobody_else_opens_it_and_the_file_is_unreadable_in_the_database(
    make_due: Round, hinata: Site
) -> None:
    midori = make_site("みどりこども園")
    yamada = people.make_worker("山田 けい", midori.organisation_id, "staff")
    booked(hinata)
    make_due(MORNING)
    with acting_as(yamada), transaction() as session:
        seen = session.scalars(select(DaySheet.facility_id)).all()
        assert seen == [midori.facility_id]
        with pytest.raises(NoResultFound):
            service.open_kept(session, hinata.facility_id, days.DAY, actor=yamada, now=MORNING)
    (sheet,) = kept(hinata)
    assert sheet.pdf_sealed is not None
    assert b"%PDF" not in sheet.pdf_sealed


def test_the_folder_keeps_no_day_that_is_over(tmp_path: Path) -> None:
    facility = uuid.uuid4()
    for day in (days.DAY, days.DAY + timedelta(days=1)):
        folder.put(tmp_path, facility, day, b"%PDF-")
    other = tmp_path / str(facility) / "notes.pdf"
    other.write_bytes(b"")
    half = tmp_path / str(facility) / f"day-sheet-{days.DAY}.pdf.part"
    half.write_bytes(b"")
    assert folder.clear(tmp_path, days.DAY + timedelta(days=1)) == 2
    assert sorted(file.name for file in (tmp_path / str(facility)).iterdir()) == [
        f"day-sheet-{days.DAY + timedelta(days=1)}.pdf",
        "notes.pdf",
    ]


def test_a_folder_that_cannot_be_written_to_costs_nobody_the_paper(
    make_due: Round, hinata: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    monkeypatch.setenv("PORTAL_PRINT_FOLDER", str(blocked))
    make_due(MORNING)
    (sheet,) = kept(hinata)
    assert (sheet.in_folder, sheet.pdf_sealed is None) == (False, False)


def test_the_page_says_when_the_last_one_was_made(make_due: Round, hinata: Site) -> None:
    make_due(MORNING)
    with acting_as(hinata.owner) as session:
        newest = queries.newest(session, hinata.facility_id, actor=hinata.owner)
    assert newest is not None
    assert newest.made_at == MORNING
