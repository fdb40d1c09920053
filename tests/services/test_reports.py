"""The month report: equal to what the boards recorded, to the child."""

from __future__ import annotations

import io
import subprocess
import uuid
from datetime import date, time
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.reports import papers, queries
from portal.reports.rules import ClassLine, Month, MonthReport
from portal.slots.places import Taken, take_places
from tests.factories import people, places
from tests.services.test_take_places import stay_for

MONTH = Month(2026, 10)
DAYS = (date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7))


@pytest.fixture
def october(database: object) -> places.Site:
    del database
    return places.make_site("十月の園", from_day=date(2026, 9, 1), days=40)


def attend(
    site: places.Site,
    family: Actor,
    child: uuid.UUID,
    day: date,
    *,
    state: str = "attended",
    start: time = time(9),
    end: time = time(12),
) -> None:
    assert family.family_id is not None
    with acting_as(family), transaction() as session:
        stay = stay_for(site, family.family_id, child, day, start=start, end=end)
        taken = take_places(session, [stay])
        assert isinstance(taken, Taken)
    with acting_as(site.owner), transaction() as session:
        marked = session.execute(
            text("SELECT mark_booking(:id, :state)"), {"id": taken.bookings[0], "state": state}
        )
        assert marked.scalar_one()


def report_of(site: places.Site, actor: Actor | None = None) -> MonthReport:
    with acting_as(actor or site.owner) as session:
        reports = queries.month_reports(
            session, MONTH, actor=actor or site.owner, facility_id=site.facility_id
        )
    return reports[0]


def family_with(*born: date) -> tuple[Actor, list[uuid.UUID]]:
    mother = people.make_guardian("母")
    return mother, [people.make_child(mother, f"子{n}", born_on=day) for n, day in enumerate(born)]


@pytest.mark.proves("J6", "R2")
def test_child_days_and_children_are_counted_by_class_and_reason(october: places.Site) -> None:
    mother, (baby, elder) = family_with(date(2026, 5, 1), date(2022, 6, 1))
    for day in DAYS:
        attend(october, mother, baby, day)
    attend(october, mother, elder, DAYS[0], end=time(16))
    report = report_of(october)
    assert report.lines[0] == ClassLine(0, children=1, respite=3)
    assert report.lines[3] == ClassLine(3, children=1, respite=1)
    assert report.total.child_days == 4
    assert report.total.children == 2
    assert (report.up_to_four_hours, report.over_four_hours) == (3, 1)
    assert report.first_time == 2


@pytest.mark.proves("J6")
def test_one_child_twice_a_day_is_one_child_day(october: places.Site) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    attend(october, mother, child, DAYS[0], start=time(9), end=time(11))
    attend(october, mother, child, DAYS[0], start=time(14), end=time(17))
    report = report_of(october)
    assert report.total.child_days == 1
    assert report.over_four_hours == 1


def test_who_did_not_come_is_told_apart_and_not_counted(october: places.Site) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    for day, state in zip(DAYS, ("no_show", "excused_absence", "confirmed"), strict=True):
        attend(october, mother, child, day, state=state)
    report = report_of(october)
    assert report.total.child_days == 0
    outcomes = report.outcomes
    assert (outcomes.no_shows, outcomes.excused_absences, outcomes.still_open) == (1, 1, 1)


@pytest.mark.proves("J6")
def test_the_year_so_far_adds_up_month_by_month(october: places.Site) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    attend(october, mother, child, date(2026, 9, 7))
    attend(october, mother, child, DAYS[0])
    report = report_of(october)
    assert [count for _, count in report.year_so_far] == [0, 0, 0, 0, 0, 1, 1]
    before = [month.number for month, _ in report.year_so_far if report.is_before_use(month)]
    assert before == [4, 5, 6, 7, 8]


def test_open_days_are_those_with_a_place(october: places.Site) -> None:
    assert report_of(october).open_days == 22  # the weekdays of October 2026
    with acting_as(october.owner) as session:
        (begun,) = queries.month_reports(
            session, MONTH, actor=october.owner, until=date(2026, 10, 6)
        )
    assert begun.open_days == 4, "days to come have not been open yet"


def test_a_stranger_has_no_report_of_the_facility(
    october: places.Site, midori: places.Site
) -> None:
    with pytest.raises(NoResultFound):
        report_of(october, midori.owner)
    staff = people.make_worker("職員", october.organisation_id, "staff")
    with pytest.raises(NoResultFound):
        report_of(october, staff)


@pytest.mark.proves("P7")
def test_the_database_counts_nothing_for_strangers(
    october: places.Site, midori: places.Site
) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    attend(october, mother, child, DAYS[0])
    span = {"first": MONTH.first_day, "until": MONTH.next.first_day}
    for stranger in (midori.owner, mother, people.make_liaison("よその市の保健師")):
        with acting_as(stranger) as session:
            for function in ("attendance_counts", "booking_outcomes"):
                rows = session.execute(text(f"SELECT * FROM {function}(:first, :until)"), span)
                assert rows.all() == []


@pytest.mark.proves("J6")
def test_the_municipality_gets_the_same_counts_and_no_names(
    october: places.Site, suzuki: Actor
) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.get_one(Facility, october.facility_id).municipality_id = suzuki.organisation_id
    mother, (child,) = family_with(date(2024, 6, 1))
    attend(october, mother, child, DAYS[0])
    assert report_of(october, suzuki) == report_of(october)
    with acting_as(suzuki) as session:
        stays = queries.attended_stays(session, MONTH, october.facility_id, actor=suzuki)
        assert stays == []


@pytest.mark.proves("J6", "R30")
def test_page_csv_and_pdf_come_from_the_same_numbers(october: places.Site, tmp_path: Path) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    for day in DAYS:
        attend(october, mother, child, day)
    report = report_of(october)
    csv = papers.report_csv([report]).data.decode("utf-8-sig")
    assert "2026-10,十月の園,合計,1,0,0,3,3\r\n" in csv
    sender = papers.Sender(
        "みほん市",
        Organisation(id=october.organisation_id, kind=OrganisationKind.PROVIDER, name="髙﨑の会"),
        Facility(id=october.facility_id, name="十月の園", address="みほん市中央1-1"),
    )
    pdf = papers.report_pdf(report, sender, now=clock.now(), is_demo=False)
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf)
    words = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "合計" in words
    assert "髙﨑の会" in words
    row = next(line for line in words.splitlines() if line.strip().startswith("1歳児"))
    assert row.split() == ["1歳児", "1", "0", "0", "3", "3"]
    reader = PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) == 1
    root = reader.root_object
    assert str(root["/Lang"]) == "ja"
    assert "/StructTreeRoot" in root


def test_months_turn_over_the_year() -> None:
    assert Month(2026, 12).next == Month(2027, 1)
    assert Month(2027, 1).previous == Month(2026, 12)
    assert Month(2027, 1).fiscal_year_start == date(2026, 4, 1)
    assert str(Month(2026, 3)) == "2026-03"
    with pytest.raises(ValueError, match="month"):
        Month(2026, 13)
