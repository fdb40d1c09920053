"""The report as files: CSV, XLSX and the official form, from the same numbers as the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from jinja2 import Environment

from portal.bookings.rules import UsePurpose
from portal.documents.csv_files import CsvFile, Encoding, csv_bytes
from portal.documents.pdf import pdf_bytes
from portal.documents.templating import environment
from portal.documents.xlsx_files import Kind, xlsx_bytes
from portal.facilities.models import Facility
from portal.organisations.models import Organisation
from portal.reports.rules import ClassLine, MonthReport

#: Reasons of use by the names of the official form.
REASONS = {
    UsePurpose.IRREGULAR_WORK: "非定型",
    UsePurpose.EMERGENCY: "緊急",
    UsePurpose.RESPITE: "私的",
}
#: What stands in place of a number where the portal kept no records yet: 0 would be a count.
NO_RECORD = "記録なし"
CSV_HEADER = (
    "年月",
    "施設名",
    "クラス年齢",
    "実人数（人）",
    "非定型（人日）",
    "緊急（人日）",
    "私的（人日）",
    "合計（人日）",
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands the paper in, and to whom."""

    receiver_name: str
    organisation: Organisation
    facility: Facility


@cache
def _templates() -> Environment:
    return environment()


def year_words(report: MonthReport) -> str:
    """Return what the sum of the fiscal year is called: with the month it really counts from."""
    since = report.counts_from
    return f"年度の累計（{f'{since.year}年{since.number}月から' if since else NO_RECORD}）"


def report_csv(reports: Sequence[MonthReport], encoding: Encoding = "utf-8-sig") -> CsvFile:
    """Return the reports as one table: a line for each facility and class, and their sums.

    The last line of a facility is the fiscal year's sum. The columns are those of the national
    report, always the same.
    """
    return csv_bytes(CSV_HEADER, _table(reports), encoding)


def report_xlsx(reports: Sequence[MonthReport], title: str) -> bytes:
    """Return the very table of ``report_csv`` as a workbook, its numbers as numbers.

    The sums are values, not formulas: they are the portal's, to the child-day.
    """
    return xlsx_bytes(title, CSV_HEADER, _table(reports), bold_where=("クラス年齢", "合計"))


def _table(reports: Sequence[MonthReport]) -> list[tuple[str | int, ...]]:
    return [
        (str(report.month), report.facility_name, *cells)
        for report in reports
        for cells in lines_of(report)
    ]


def lines_of(report: MonthReport) -> list[tuple[str | int, ...]]:
    """Return a facility's lines as its table has them: a label and five cells."""
    found: list[tuple[str | int, ...]] = [
        (label, *(_numbers(line) if report.has_record else [NO_RECORD] * 5))
        for label, line in (
            *((f"{line.class_age}歳児", line) for line in report.lines),
            ("合計", report.total),
        )
    ]
    year = report.year_total if report.counts_from else NO_RECORD
    return [*found, (year_words(report), *[""] * 4, year)]


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay behind the numbers, as the list of stays shows it; times as ``9:00``."""

    day: date
    child_name: str
    class_age: int
    reason: str
    booked: tuple[str, str]
    arrived: str
    departed: str


STAYS_HEADER = (
    *("日", "児童", "クラス年齢", "理由", "予約の始まり", "予約の終わり", "登園", "降園"),
)
_STAYS_KINDS = (Kind.DATE, *([Kind.TEXT] * 3), *([Kind.TIME] * 4))


def stays_csv(stays: Sequence[Stay], encoding: Encoding = "utf-8-sig") -> CsvFile:
    """Return the stays as a table, a line for each."""
    return csv_bytes(STAYS_HEADER, map(_stay_line, stays), encoding)


def stays_xlsx(stays: Sequence[Stay], title: str) -> bytes:
    """Return the same table as a workbook, days and times as such."""
    return xlsx_bytes(title, STAYS_HEADER, map(_stay_line, stays), _STAYS_KINDS)


def _stay_line(stay: Stay) -> tuple[str, ...]:
    return (
        stay.day.isoformat(),
        stay.child_name,
        f"{stay.class_age}歳児",
        stay.reason,
        *stay.booked,
        stay.arrived,
        stay.departed,
    )


def _numbers(line: ClassLine) -> tuple[int, ...]:
    return (line.children, line.irregular_work, line.emergency, line.respite, line.child_days)


def report_pdf(report: MonthReport, sender: Sender, *, now: datetime, is_demo: bool) -> bytes:
    """Return the form 一時預かり事業 実施状況報告書 of one facility: one tagged A4 page.

    Raises:
        portal.documents.pdf.PdfUnavailable: this machine cannot make PDFs.
    """
    html = _templates().get_template("reports/paper.html")
    return pdf_bytes(
        html.render(
            report=report,
            sender=sender,
            now=now,
            is_demo=is_demo,
            year_words=year_words,
            no_record=NO_RECORD,
        )
    )


def summary_pdf(
    reports: Sequence[MonthReport], organisation: Organisation, *, now: datetime, is_demo: bool
) -> bytes:
    """Return one table over all facilities, for a municipality or a provider of several."""
    html = _templates().get_template("reports/summary_paper.html")
    return pdf_bytes(
        html.render(
            reports=reports,
            organisation=organisation,
            now=now,
            is_demo=is_demo,
            year_words=year_words,
            no_record=NO_RECORD,
        )
    )
