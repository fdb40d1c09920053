"""The report as files: CSV and the official form as PDF, from the same numbers as the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from jinja2 import Environment

from portal.documents.csv_files import CsvFile, Encoding, csv_bytes
from portal.documents.pdf import pdf_bytes
from portal.documents.templating import environment
from portal.facilities.models import Facility
from portal.organisations.models import Organisation
from portal.reports.rules import ClassLine, MonthReport

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


def report_csv(reports: Sequence[MonthReport], encoding: Encoding = "utf-8-sig") -> CsvFile:
    """Return the reports as one table: a line for each facility and class, and their sums."""
    rows: list[tuple[str | int, ...]] = [
        (str(report.month), report.facility_name, label, *_numbers(line))
        for report in reports
        for label, line in (
            *((f"{line.class_age}歳児", line) for line in report.lines),
            ("合計", report.total),
        )
    ]
    return csv_bytes(CSV_HEADER, rows, encoding)


def _numbers(line: ClassLine) -> tuple[int, ...]:
    return (line.children, line.irregular_work, line.emergency, line.respite, line.child_days)


def report_pdf(report: MonthReport, sender: Sender, *, now: datetime, is_demo: bool) -> bytes:
    """Return the form 一時預かり事業 実施状況報告書 of one facility: one tagged A4 page.

    Raises:
        portal.documents.pdf.PdfUnavailable: this machine cannot make PDFs.
    """
    html = _templates().get_template("reports/paper.html")
    return pdf_bytes(html.render(report=report, sender=sender, now=now, is_demo=is_demo))


def summary_pdf(
    reports: Sequence[MonthReport], organisation: Organisation, *, now: datetime, is_demo: bool
) -> bytes:
    """Return one table over all facilities, for a municipality or a provider of several."""
    html = _templates().get_template("reports/summary_paper.html")
    return pdf_bytes(
        html.render(reports=reports, organisation=organisation, now=now, is_demo=is_demo)
    )
