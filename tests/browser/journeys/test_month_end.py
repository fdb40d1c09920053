"""J6: what the board recorded is what page, PDF and CSV report, to the child-day."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.reports.rules import Month
from tests.browser.journeys.live import DESK, TABLET, Live, Watch, picture
from tests.browser.journeys.screens import Board, MonthReport
from tests.factories.days import DAY, book, clock_time
from tests.factories.people import OPERATOR, make_child, make_guardian, make_liaison, make_worker
from tests.factories.places import Site, make_site

MONTH = Month.of(DAY)
#: Two open days of one month.
SECOND = DAY + timedelta(days=1)
if SECOND.month != DAY.month:
    SECOND = DAY - timedelta(days=1)
#: Class ages on DAY; the fiscal year begins in April.
YEAR = MONTH.fiscal_year_start.year
YUI, HARUTO, SORA = "佐藤 ゆい", "佐藤 はると", "高橋 そら"
BORN = {YUI: date(YEAR - 2, 6, 15), HARUTO: date(YEAR - 5, 6, 15), SORA: date(YEAR - 2, 8, 1)}
#: Class, children, irregular, emergency, respite, all: three came on DAY, one came again.
EXPECTED = [
    ["0歳児", "0", "0", "0", "0", "0"],
    ["1歳児", "2", "0", "0", "3", "3"],
    ["2歳児", "0", "0", "0", "0", "0"],
    ["3歳児", "0", "0", "0", "0", "0"],
    ["4歳児", "1", "0", "0", "1", "1"],
    ["5歳児", "0", "0", "0", "0", "0"],
    ["合計", "3", "0", "0", "4", "4"],
]


@pytest.mark.proves("J6", "R2")
def test_page_pdf_and_csv_say_what_the_board_recorded(
    live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site, city = make_site("ひなた保育園", places=6), make_liaison("鈴木 あき")
    in_city(site, city)
    two_days_are_booked(site)
    watch = Watch(monkeypatch, clock_time("9:05"))
    board = Board(live.window(TABLET, of=make_worker("佐藤 まり", site.organisation_id, "staff")))
    came = [*a_day(board, watch, DAY, YUI, HARUTO, SORA), *a_day(board, watch, SECOND, YUI)]
    sora_does_not_come(board)
    assert len(came) == 4

    watch.moment = clock_time("9:00", MONTH.next.first_day)
    office = MonthReport(
        live.window(DESK, of=make_worker("岡田", site.organisation_id, "director"))
    )
    office.page.goto("/office/board")
    office.menu("月の報告")
    office.follow(f"{MONTH.year}年{MONTH.number}月")
    picture(office.page, "j6-1-report")
    assert office.rows == EXPECTED
    assert from_csv(office.csv) == EXPECTED
    assert from_pdf(office.pdf, tmp_path) == EXPECTED
    assert "連絡なしのお休み\n1" in office.text
    office.follow("数のもとになった 4人日を見る")
    assert sorted(office.names) == sorted(f"{day.day}日 {name}" for day, name in came)
    picture(office.page, "j6-2-stays")

    nurse = MonthReport(live.window(DESK, of=city))
    nurse.page.goto("/reports/")
    nurse.follow(f"{MONTH.year}年{MONTH.number}月")
    picture(nurse.page, "j6-3-liaison")
    assert nurse.rows == EXPECTED
    assert from_csv(nurse.csv) == EXPECTED
    assert not any(name in nurse.page.content() for name in BORN)
    assert nurse.page.request.get(f"{nurse.address}/stays").status == 403
    assert nurse.page.request.get("/office/board").status == 403


def in_city(site: Site, liaison: Actor) -> None:
    with acting_as(OPERATOR), transaction() as session:
        session.get_one(Facility, site.facility_id).municipality_id = liaison.organisation_id


def two_days_are_booked(site: Site) -> None:
    sato, takahashi = make_guardian("佐藤 あや"), make_guardian("高橋 りさ")
    yui, _haruto = (make_child(sato, name, born_on=BORN[name]) for name in (YUI, HARUTO))
    make_child(takahashi, SORA, born_on=BORN[SORA])
    book(site, sato)
    book(site, takahashi)
    book(site, sato, day=SECOND, children=[yui])
    book(site, takahashi, day=SECOND)


def a_day(board: Board, watch: Watch, day: date, *names: str) -> list[tuple[date, str]]:
    """Let these children come and go, by taps."""
    watch.moment = clock_time("9:05", day)
    board.page.goto("/office/board")
    for name in names:
        board.arrive(name)
    watch.moment = clock_time("11:55", day)
    for name in names:
        board.depart(name)
    return [(day, name) for name in names]


def sora_does_not_come(board: Board) -> None:
    board.page.reload()
    board.follow("電話の結果を書く")
    board.press("連絡なしのお休み")
    picture(board.page, "j6-0-board")


def from_csv(data: bytes) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]
    assert {(row[0], row[1]) for row in rows} == {(str(MONTH), "ひなた保育園")}
    *rows, year = (row[2:] for row in rows)
    # The month is the first with records, so the year's line says the same of all children.
    assert year[0].startswith("年度の累計（")
    assert year[-1] == rows[-1][-1]
    return rows


def from_pdf(data: bytes, folder: Path) -> list[list[str]]:
    (folder / "report.pdf").write_bytes(data)
    words = subprocess.run(
        ["pdftotext", "-layout", str(folder / "report.pdf"), "-"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.findall(r"^\s*(\d歳児|合計)" + r"\s+(\d+)" * 5 + r"\s*$", words, re.MULTILINE)
    return [list(row) for row in found]
