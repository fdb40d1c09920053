"""The month report as directors and the municipality open it: page, stays, CSV, PDF."""

from __future__ import annotations

import csv
import io
import random
import re
import uuid
from collections import Counter
from dataclasses import replace
from datetime import date, time
from itertools import product
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.attendance import queries as boards
from portal.audit.service import record
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState, UsePurpose
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.reports import papers, queries, routes
from portal.reports.rules import ClassLine, Month, MonthReport, Outcomes
from portal.slots.places import Taken, take_places
from tests.factories import people, places
from tests.pages.visit import Visitor
from tests.services.test_reports import DAYS, attend, family_with
from tests.services.test_take_places import stay_for

MONTH = "/reports/2026-10"


@pytest.fixture
def october(database: object) -> places.Site:
    """Five child-days of a baby, a one-year-old and a four-year-old, who also missed two days."""
    del database
    site = places.make_site("十月の園", from_day=date(2026, 9, 1), days=40)
    born = (date(2026, 5, 1), date(2024, 6, 1), date(2022, 2, 1))
    mother, (baby, second, elder) = family_with(*born)
    for day in DAYS:
        attend(site, mother, baby, day)
    attend(site, mother, second, DAYS[0], end=time(16))
    attend(site, mother, elder, DAYS[1])
    attend(site, mother, elder, DAYS[0], state="no_show")
    attend(site, mother, elder, DAYS[2], state="excused_absence")
    return site


@pytest.fixture
def okada(october: places.Site) -> Actor:
    """Director of the facility of October."""
    return people.make_worker("岡田 園長", october.organisation_id, "director")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the audit log, which the app itself cannot read."""
    written: list[str] = []

    def spy(session: Session, actor: Actor, action: str, *about: uuid.UUID, **more: Any) -> None:
        record(session, actor, action, *about, **more)
        written.append(action)

    monkeypatch.setattr(routes, "record", spy)
    return written


def in_city(site: places.Site, liaison: Actor) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.get_one(Facility, site.facility_id).municipality_id = liaison.organisation_id


def table_rows(html: str) -> list[list[str]]:
    """Return the cells of every table row, as read."""
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    cells = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows)
    return [[re.sub(r"<[^>]+>|\s+", "", cell) for cell in row] for row in cells]


@pytest.mark.proves("J6", "R2")
def test_a_director_reads_the_month_by_class_and_reason(app: Flask, okada: Actor) -> None:
    browser = Visitor(app, okada)
    assert [
        "2026年10月",
        "5",
        "PDF（2026年10月）Excel（2026年10月）CSV（2026年10月）",
    ] in table_rows(browser.get("/reports/").html)
    page = browser.get(MONTH)
    rows = table_rows(page.html)
    assert ["0歳児", "1", "0", "0", "3", "3"] in rows
    assert ["4歳児", "1", "0", "0", "1", "1"] in rows
    assert ["合計", "3", "0", "0", "5", "5"] in rows
    assert "連絡なしのお休み1 件" in page.text
    assert "連絡ありのお休み 1件" in page.text


@pytest.mark.proves("J6")
def test_the_municipality_reads_the_same_counts_but_never_who(
    app: Flask, october: places.Site, midori: places.Site, suzuki: Actor
) -> None:
    in_city(october, suzuki)
    in_city(midori, suzuki)
    browser = Visitor(app, suzuki)
    whole = browser.get(MONTH)
    assert ["十月の園", "3", "0", "0", "5", "5"] in table_rows(whole.html)
    assert ["みどりこども園", "0", "0", "0", "0", "0"] in table_rows(whole.html)
    assert ["合計", "—", "0", "0", "5", "5"] in table_rows(whole.html)
    one = browser.get(f"{MONTH}?facility={october.facility_id}")
    assert ["合計", "3", "0", "0", "5", "5"] in table_rows(one.html)
    assert "/stays" not in one.html
    assert browser.get(f"{MONTH}/stays?facility={october.facility_id}").status == 403
    for page in (whole, one):
        assert "子0" not in page.html


@pytest.mark.proves("P7")
def test_who_has_no_report_to_make_gets_none(
    app: Flask, october: places.Site, midori: places.Site, tanaka: Actor
) -> None:
    staff = people.make_worker("佐藤 まり", october.organisation_id, "staff")
    stranger = people.make_worker("山田 園長", midori.organisation_id, "director")
    query = f"?facility={october.facility_id}"
    for ending in ("", "/stays", ".csv", ".xlsx", ".pdf", "/stays.csv", "/stays.xlsx"):
        for actor, status in ((staff, 403), (tanaka, 403), (stranger, 404)):
            assert Visitor(app, actor).get(f"{MONTH}{ending}{query}").status == status
        signed_out = Visitor(app).get(f"{MONTH}{ending}{query}")
        assert (signed_out.status, "/sign-in" in signed_out.location) == (303, True)
    city = people.make_liaison("よその市の担当")
    assert Visitor(app, city).get(f"{MONTH}{query}").status == 404


def test_months_that_are_none_are_not_found(app: Flask, okada: Actor) -> None:
    browser = Visitor(app, okada)
    for month in (
        *("2026-13", "2026-00", "0000-01", "2026-1", "2026-1０", "2026/10", "x", "-026-10"),
        # Before the fiscal year in which the facility came.
        *("1999-01", "2026-03", "2026-03.csv", "2026-03.pdf"),
    ):
        assert browser.get(f"/reports/{month}").status == 404
    assert browser.get("/reports/2026-04").status == 200
    for query in ("?facility=x", f"?facility={uuid.uuid4()}"):
        assert browser.get(f"{MONTH}{query}").status == 404
    assert browser.get(f"{MONTH}.csv?encoding=utf-7").status == 404


@pytest.mark.proves("J6", "R30")
def test_the_csv_opens_in_new_and_old_spreadsheets(
    app: Flask, okada: Actor, recorded: list[str]
) -> None:
    browser = Visitor(app, okada)
    new = browser.get(f"{MONTH}.csv").response
    assert new.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "一時預かり実施状況_2026-10.csv" in unquote(new.headers["Content-Disposition"])
    assert new.headers["Content-Disposition"].startswith("attachment; ")
    assert new.data.startswith(b"\xef\xbb\xbf")
    old = browser.get(f"{MONTH}.csv?encoding=cp932").response
    assert old.headers["Content-Type"] == "text/csv; charset=Shift_JIS"
    assert new.data.decode("utf-8-sig") == old.data.decode("cp932")
    rows = list(csv.reader(io.StringIO(old.data.decode("cp932"))))
    assert rows[1] == ["2026-10", "十月の園", "0歳児", "1", "0", "0", "3", "3"]
    assert rows[-2] == ["2026-10", "十月の園", "合計", "3", "0", "0", "5", "5"]
    year = ["年度の累計（2026年9月から）", *[""] * 4, "5"]
    assert rows[-1] == ["2026-10", "十月の園", *year]
    assert recorded == ["report.csv", "report.csv"]


def sheet_rows(data: bytes) -> list[list[Any]]:
    """Return the cells of a workbook's one sheet, typed."""
    (page,) = openpyxl.load_workbook(io.BytesIO(data)).worksheets
    return [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.mark.proves("J6", "R30")
def test_page_csv_and_xlsx_tell_the_same_numbers(
    app: Flask,
    october: places.Site,
    midori: places.Site,
    suzuki: Actor,
    okada: Actor,
    recorded: list[str],
) -> None:
    in_city(october, suzuki)
    in_city(midori, suzuki)
    city, director = Visitor(app, suzuki), Visitor(app, okada)
    for browser, query in ((city, ""), (director, f"?facility={october.facility_id}")):
        table = list(csv.reader(io.StringIO(browser.get(f"{MONTH}.csv{query}").html[1:])))
        sheet = sheet_rows(browser.get(f"{MONTH}.xlsx{query}").response.data)
        assert [[str(cell or "") if cell != 0 else "0" for cell in row] for row in sheet] == table
        counted = [row for row in sheet[1:] if not row[2].startswith("年度の累計")]
        assert all(isinstance(cell, int) for row in counted for cell in row[3:])
        page = table_rows(browser.get(f"{MONTH}{query}").html)
        for row in table[1:]:
            if row[2].startswith("年度の累計"):
                assert row[-1] == ("5" if row[1] == "十月の園" else "0")
                since = row[2].removeprefix("年度の累計（").removesuffix("から）")
                shown = [row[2], row[-1]] if query else [row[1], since, row[-1]]
                assert shown in page, shown
            elif query or row[2] == "合計":
                shown = [row[2] if query else row[1], *row[3:]]
                assert shown in page, shown
        totals = [row for row in sheet if row[2] == "合計"]
        days = sum(row[-1] for row in totals)
        assert days == 5
        assert next(row for row in page if row[0] == "合計")[-1] == str(days)
    assert recorded == ["report.csv", "report.xlsx"] * 2


@pytest.mark.proves("J6")
def test_the_stays_can_be_kept_with_days_and_times_as_such(
    app: Flask, october: places.Site, okada: Actor, recorded: list[str]
) -> None:
    browser, query = Visitor(app, okada), f"?facility={october.facility_id}"
    sheet = sheet_rows(browser.get(f"{MONTH}/stays.xlsx{query}").response.data)
    table = list(csv.reader(io.StringIO(browser.get(f"{MONTH}/stays.csv{query}").html[1:])))
    assert len(sheet) == len(table) == 6
    assert (sheet[1][0].date(), sheet[1][4]) == (DAYS[0], time(9))
    assert table[1][0] == f"{DAYS[0]:%Y-%m-%d}"
    assert table[1][1] == "（お名前は見られません）"
    assert "すべての文字を書けます" in browser.get(f"{MONTH}/stays/cp932{query}").text
    assert recorded == ["report.stays_xlsx", "report.stays_csv", "report.stays_seen"]
    assert browser.get(f"{MONTH}/stays.csv").status == 404
    assert browser.get(f"{MONTH}/stays.csv{query}&encoding=utf-7").status == 404


def test_before_the_cp932_file_each_lost_sign_of_a_name_is_told(
    app: Flask, october: places.Site, okada: Actor
) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        session.get_one(Facility, october.facility_id).name = "𠮷田の園"
    page = Visitor(app, okada).get(f"{MONTH}/cp932")
    assert "書けない文字が 8か所あります" in page.text
    assert "2行目 𠮷田の園施設名𠮷〓" in page.text
    assert "encoding=cp932" in page.html


@pytest.mark.proves("J6", "R30")
def test_the_pdf_comes_for_one_facility_and_for_all(
    app: Flask, october: places.Site, midori: places.Site, suzuki: Actor, recorded: list[str]
) -> None:
    in_city(october, suzuki)
    in_city(midori, suzuki)
    names = set()
    for query in ("", f"?facility={october.facility_id}", f"?facility={midori.facility_id}"):
        answer = Visitor(app, suzuki).get(f"{MONTH}.pdf{query}").response
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("inline; ")
        names.add(unquote(answer.headers["Content-Disposition"]))
    assert len(names) == 3, "files of one month lie side by side"
    assert any("報告書_2026-10_十月の園.pdf" in name for name in names)
    assert recorded == ["report.pdf"] * 3


@pytest.mark.proves("J6")
def test_the_stays_behind_the_numbers_are_listed_and_seeing_them_is_on_record(
    app: Flask, october: places.Site, okada: Actor, recorded: list[str]
) -> None:
    mother, (child,) = family_with(date(2024, 6, 1))
    with acting_as(mother), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": october.organisation_id})
    attend(october, mother, child, DAYS[2], end=time(17))
    page = Visitor(app, okada).get(f"{MONTH}/stays?facility={october.facility_id}")
    rows = [row for row in table_rows(page.html) if "〜" in "".join(row)]
    assert ["10月7日（水）", "子0", "1歳児", "私的", "9:00〜17:00", ""] in rows
    # The fixture's family has not opened its record to the facility: counted, but not named.
    assert [row[1] for row in rows].count("（お名前は見られません）") == 5
    assert recorded == ["report.stays_seen"]
    assert Visitor(app, okada).get(f"{MONTH}/stays").status == 404


def worst_month(number: int) -> MonthReport:
    """Return a report with more figures than any facility will have, at the end of its year."""
    march = Month(2026, 3)
    year = [Month(2025, month) for month in range(4, 13)] + [Month(2026, n) for n in (1, 2, 3)]
    return MonthReport(
        uuid.uuid4(),
        f"認定こども園ひまわり第二幼稚園{number}",
        march,
        tuple(ClassLine(age, 123, 1234, 234, 345) for age in range(6)),
        Outcomes(123, 45, 67, 89, 12),
        *(1234, 567, 89, 26),
        tuple((month, 1234) for month in year),
        in_use_from=march,
    )


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_papers_keep_to_their_pages_and_number_each(midori: places.Site) -> None:
    organisation = Organisation(id=midori.organisation_id, name="社会福祉法人みずうみ福祉会")
    facility = Facility(
        id=midori.facility_id,
        name="認定こども園ひまわり第二幼稚園",
        address="みほん県みほん市みなと町大字湖見字浜の前 1234番地の56 みなとビル 3階",
        phone="000-0000-0000",
        fax="000-0000-0001",
    )
    sender = papers.Sender("みほん市", organisation, facility)
    now = clock.now()
    (one,) = pages_of(papers.report_pdf(worst_month(1), sender, now=now, is_demo=True))
    assert "未記録の予約 12件" in one
    reports = [worst_month(number) for number in range(60)]
    several = pages_of(papers.summary_pdf(reports, organisation, now=now, is_demo=True))
    for number, page in enumerate(several, 1):
        assert f"{number}/{len(several)}ページ" in page.replace(" ", "")
        assert "非定型" in page
    assert len(several) == 3
    assert "（　）の中に月がある園は、その月から数える" in several[-1].replace("\n", "")
    since_april = [replace(one, in_use_from=Month(2025, 4)) for one in reports]
    paper = papers.summary_pdf(since_april, organisation, now=now, is_demo=True)
    assert "（　）" not in "".join(pages_of(paper)), "brackets that no line has"


def test_a_month_that_is_running_says_so(app: Flask, okada: Actor) -> None:
    this_month = Month.of(clock.today(clock.now()))
    assert "まだ終わっていません" in Visitor(app, okada).get(f"/reports/{this_month}").text
    for ending in ("", ".csv", ".pdf"):
        assert Visitor(app, okada).get(f"/reports/{this_month.next}{ending}").status == 404
    assert "まだ終わっていません" not in Visitor(app, okada).get(MONTH).text


@pytest.mark.proves("J6")
def test_the_report_is_the_sum_of_the_day_boards_to_the_child(database: object) -> None:
    del database
    site = places.make_site(
        "十月の園", places=30, baby_places=20, from_day=date(2026, 9, 1), days=40
    )
    days = [date(2026, 10, day) for day in range(1, 31) if date(2026, 10, day).weekday() < 5]
    fill_with_visits(site, days)
    came = [booking for day in days for booking in came_on(site, day)]
    counted = Counter((booking.class_age, booking.purpose) for booking in came)
    children = Counter(age for age, _ in {(b.class_age, b.child_id) for b in came})
    assert counted.total() > 20
    with acting_as(site.owner) as session:
        (report,) = queries.month_reports(session, Month(2026, 10), actor=site.owner)
    for line in report.lines:
        for purpose in UsePurpose:
            assert getattr(line, purpose.value) == counted[line.class_age, purpose]
        assert line.children == children[line.class_age]
    assert report.total.child_days == counted.total()


def came_on(site: places.Site, day: date) -> list[Booking]:
    """Return from a day's board the first stay of each child that came."""
    with acting_as(site.owner) as session:
        board = boards.children_of_day(
            session, site.facility_id, day, actor=site.owner, now=clock.now()
        )
    came: dict[uuid.UUID, Booking] = {}
    for child in board:
        if child.booking.state is BookingState.ATTENDED:
            came.setdefault(child.booking.child_id, child.booking)
    return list(came.values())


def fill_with_visits(site: places.Site, days: list[date]) -> None:
    dice = random.Random(2026)  # noqa: S311 - the same month on every run
    for age in range(5):
        mother, children = family_with(date(2026 - age, 5, 1), date(2025 - age, 2, 1))
        for child, day in product(children, dice.sample(days, 5)):
            for start in dice.choice(((9,), (9, 14), (13,))):
                visit(site, mother, child, day, start, dice)


def visit(
    site: places.Site,
    mother: Actor,
    child: uuid.UUID,
    day: date,
    start: int,
    dice: random.Random,
) -> None:
    assert mother.family_id is not None
    stay = replace(
        stay_for(site, mother.family_id, child, day, start=time(start), end=time(start + 3)),
        purpose=dice.choice(list(UsePurpose)).value,
    )
    with acting_as(mother), transaction() as session:
        taken = take_places(session, [stay])
    assert isinstance(taken, Taken)
    state = dice.choice(("attended", "attended", "attended", "no_show", "excused_absence"))
    with acting_as(site.owner), transaction() as session:
        session.execute(
            text("SELECT mark_booking(:id, :state)"), {"id": taken.bookings[0], "state": state}
        )
