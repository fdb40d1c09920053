"""The month report: page, stays behind it, CSV, XLSX, PDF."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.models import Attendance
from portal.audit.service import record
from portal.bookings.models import Booking
from portal.db.session import current_session
from portal.documents.csv_files import Encoding
from portal.documents.dates import jtime
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.facilities.models import Facility
from portal.families.models import Child
from portal.kernel import clock
from portal.organisations.models import Organisation
from portal.reports import papers, queries
from portal.reports.rules import Month, MonthReport
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import csv_answer, xlsx_answer
from portal.web.writes import transaction

bp = Blueprint("reports", __name__, url_prefix="/reports")

#: How many months the list goes back.
MONTHS_BACK = 14
#: How many it shows at least; earlier ones only back to the first with a child in it.
MONTHS_ALWAYS = 2


def _month(written: str) -> Month:
    """Return the month of an address (``2026-11``); answer 404 for none or one not begun yet."""
    year, _, number = written.partition("-")
    if len(written) != len("2026-11") or not (year + number).isascii():
        abort(404)
    try:
        wanted = Month(int(year), int(number))
    except ValueError:
        abort(404)
    if wanted.is_to_come(clock.now()):
        abort(404)
    return wanted


def _refuse_before_all_use(wanted: Month, reports: Sequence[MonthReport]) -> None:
    """Answer 404 for a month of a fiscal year in which none of the facilities was here yet."""
    begun = [each.in_use_from.fiscal_year_start for each in reports if each.in_use_from]
    if wanted in {_this_month(), _this_month().previous}:
        return
    if not any(first <= wanted.fiscal_year_start for first in begun):
        abort(404)


def _facility_id() -> uuid.UUID | None:
    written = request.args.get("facility", "")
    if not written:
        return None
    try:
        return uuid.UUID(written)
    except ValueError:
        abort(404)


def _this_month() -> Month:
    return Month.of(clock.today(clock.now()))


@bp.get("/")
@requires(Permission.READ_REPORTS)
def months() -> ResponseReturnValue:
    """List the months, newest first, with their child-days over all facilities."""
    session, actor = current_session(), current_actor()
    listed = [_this_month()]
    while len(listed) < MONTHS_BACK:
        listed.append(listed[-1].previous)
    totals: dict[Month, int] = {}
    recorded: Counter[Month] = Counter()
    for last in {month.fiscal_year_start: month for month in reversed(listed)}.values():
        for report in queries.month_reports(session, last, actor=actor):
            for month, child_days in report.year_so_far:
                totals[month] = totals.get(month, 0) + child_days
                recorded[month] += not report.is_before_use(month)
    while len(listed) > MONTHS_ALWAYS and not totals.get(listed[-1]):
        listed.pop()
    return render_template(
        "reports/months.html",
        months=[(month, totals.get(month, 0), recorded[month]) for month in listed],
        facilities=queries.reported_facilities(session, actor=actor),
    )


@bp.get("/<month>")
@requires(Permission.READ_REPORTS)
def month(month: str) -> ResponseReturnValue:
    """Show a month: one facility's form, or all facilities in one table."""
    session, actor = current_session(), current_actor()
    wanted, facility_id = _month(month), _facility_id()
    facilities = queries.reported_facilities(session, actor=actor)
    if facility_id is None and len(facilities) == 1:
        facility_id = facilities[0].id
    reports = queries.month_reports(session, wanted, actor=actor, facility_id=facility_id)
    _refuse_before_all_use(wanted, reports)
    return render_template(
        "reports/month.html",
        month=wanted,
        reports=reports,
        one=reports[0] if facility_id is not None else None,
        facilities=facilities,
        facility_id=facility_id,
        is_running=wanted.is_running(clock.now()),
        pdf_problem=None,
        year_words=papers.year_words,
        no_record=papers.NO_RECORD,
    )


@bp.get("/<month>/stays")
@requires(Permission.READ_PROVIDER_REPORTS)
def stays(month: str) -> ResponseReturnValue:
    """List the stays behind the numbers, with names: for the provider alone."""
    wanted, facility_id = _month(month), _facility_id()
    if facility_id is None:
        abort(404)
    actor = current_actor()
    with transaction() as session:
        reports = queries.month_reports(session, wanted, actor=actor, facility_id=facility_id)
        rows = queries.attended_stays(session, wanted, facility_id, actor=actor)
        record(session, actor, "report.stays_seen", facility_id, month=str(wanted))
        return render_template("reports/stays.html", month=wanted, report=reports[0], rows=rows)


@bp.get("/<month>/stays.<any(csv, xlsx):ending>")
@requires(Permission.READ_PROVIDER_REPORTS)
def stays_file(month: str, ending: str) -> ResponseReturnValue:
    """Hand out the list of stays; CSV as UTF-8 with BOM or as CP932 (``?encoding=cp932``)."""
    wanted, encoding = _month(month), _encoding()
    with transaction() as session:
        report, rows = _stays(session, wanted, f"report.stays_{ending}")
    name, plain = _named("登園の一覧", wanted, report)
    if ending == "xlsx":
        return xlsx_answer(papers.stays_xlsx(rows, f"登園の一覧 {wanted}"), name, plain)
    return csv_answer(papers.stays_csv(rows, encoding), name, plain)


@bp.get("/<month>/stays/cp932")
@requires(Permission.READ_PROVIDER_REPORTS)
def stays_cp932(month: str) -> ResponseReturnValue:
    """Say, before the CP932 file is taken, which signs it cannot hold: names have many."""
    wanted = _month(month)
    with transaction() as session:
        report, rows = _stays(session, wanted, "report.stays_seen")
        return render_template(
            "reports/cp932.html",
            lost=papers.stays_csv(rows, "cp932").lost,
            names={number: row.child_name for number, row in enumerate(rows, start=2)},
            href=url_for(
                ".stays_file",
                month=wanted,
                ending="csv",
                facility=report.facility_id,
                encoding="cp932",
            ),
            back=url_for(".stays", month=wanted, facility=report.facility_id),
            month=wanted,
        )


def _stays(
    session: Session, wanted: Month, action: str
) -> tuple[MonthReport, Sequence[papers.Stay]]:
    """Return a facility's stays of a month; that they were handed out is recorded."""
    facility_id, actor = _facility_id(), current_actor()
    if facility_id is None:
        abort(404)
    (report,) = queries.month_reports(session, wanted, actor=actor, facility_id=facility_id)
    rows = queries.attended_stays(session, wanted, facility_id, actor=actor)
    record(session, actor, action, facility_id, month=str(wanted))
    return report, [_stay(*row) for row in rows]


def _stay(booking: Booking, child: Child | None, attendance: Attendance | None) -> papers.Stay:
    came = attendance.arrived_at if attendance else None
    left = attendance.departed_at if attendance else None
    return papers.Stay(
        day=booking.day,
        child_name=(child.name if child else None) or _("（お名前は見られません）"),
        class_age=booking.class_age,
        reason=papers.REASONS[booking.purpose],
        booked=(jtime(booking.starts_at), jtime(booking.ends_at)),
        arrived=jtime(came) if came else "",
        departed=jtime(left) if left else "",
    )


@bp.get("/<month>.<any(csv, xlsx):ending>")
@requires(Permission.READ_REPORTS)
def month_file(month: str, ending: str) -> ResponseReturnValue:
    """Hand out the month; CSV as UTF-8 with BOM or as CP932 (``?encoding=cp932``)."""
    wanted, encoding, facility_id = _month(month), _encoding(), _facility_id()
    actor = current_actor()
    with transaction() as session:
        reports = queries.month_reports(session, wanted, actor=actor, facility_id=facility_id)
        _refuse_before_all_use(wanted, reports)
        record(session, actor, f"report.{ending}", *_ids(reports), month=str(wanted))
    one = reports[0] if facility_id is not None else None
    name, plain = _named("一時預かり実施状況", wanted, one)
    if ending == "xlsx":
        return xlsx_answer(papers.report_xlsx(reports, f"実施状況 {wanted}"), name, plain)
    return csv_answer(papers.report_csv(reports, encoding), name, plain)


@bp.get("/<month>/cp932")
@requires(Permission.READ_REPORTS)
def month_cp932(month: str) -> ResponseReturnValue:
    """Say, before the CP932 file is taken, which signs of facilities' names it cannot hold."""
    wanted, facility_id = _month(month), _facility_id()
    session, actor = current_session(), current_actor()
    reports = queries.month_reports(session, wanted, actor=actor, facility_id=facility_id)
    file = papers.report_csv(reports, "cp932")
    lines = [report.facility_name for report in reports for _line in papers.lines_of(report)]
    return render_template(
        "reports/cp932.html",
        lost=file.lost,
        names=dict(enumerate(lines, start=2)),
        href=url_for(
            ".month_file", month=wanted, ending="csv", facility=facility_id, encoding="cp932"
        ),
        back=url_for(".month", month=wanted, facility=facility_id),
        month=wanted,
    )


def _encoding() -> Encoding:
    encoding = request.args.get("encoding", "utf-8-sig")
    if encoding == "cp932":
        return "cp932"
    return "utf-8-sig" if encoding == "utf-8-sig" else abort(404)


@bp.get("/<month>.pdf")
@requires(Permission.READ_REPORTS)
def month_pdf(month: str) -> ResponseReturnValue:
    """Hand out the month as the official form; without Pango the page says how to print it."""
    wanted, facility_id = _month(month), _facility_id()
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        facilities = queries.reported_facilities(session, actor=actor)
        if facility_id is None and len(facilities) == 1:
            facility_id = facilities[0].id
        reports = queries.month_reports(
            session, wanted, actor=actor, facility_id=facility_id, until=clock.today(now)
        )
        _refuse_before_all_use(wanted, reports)
        own = session.get_one(Organisation, actor.organisation_id)
        sender = _sender(session, reports[0]) if facility_id is not None else None
        record(session, actor, "report.pdf", *_ids(reports), month=str(wanted))
    is_demo = current_app.config["PORTAL"].is_demo
    try:
        data = (
            papers.report_pdf(reports[0], sender, now=now, is_demo=is_demo)
            if sender is not None
            else papers.summary_pdf(reports, own, now=now, is_demo=is_demo)
        )
    except PdfUnavailable as problem:
        return render_template("reports/no_pdf.html", problem=str(problem), month=wanted), 503
    headers = (
        _as_pdf("一時預かり実施状況報告書", wanted, reports[0])
        if sender is not None
        else _as_pdf("一時預かり実施状況一覧", wanted, None)
    )
    return Response(data, content_type="application/pdf", headers=headers)


def _sender(session: Session, report: MonthReport) -> papers.Sender:
    facility = session.get_one(Facility, report.facility_id)
    organisation = session.get_one(Organisation, facility.organisation_id)
    city = session.scalar(
        select(Organisation.name).where(Organisation.id == facility.municipality_id)
    )
    return papers.Sender(city or "", organisation, facility)


def _ids(reports: tuple[MonthReport, ...]) -> list[uuid.UUID]:
    return [report.facility_id for report in reports]


def _named(what: str, month: Month, one: MonthReport | None) -> tuple[str, str]:
    """Name a file after its month and its facility, so that files lie side by side in a folder."""
    whose = f"_{one.facility_name}" if one else ""
    return f"{what}_{month}{whose}", one.number if one else f"R-{month}"


def _as_pdf(what: str, month: Month, one: MonthReport | None) -> dict[str, str]:
    name, plain = _named(what, month, one)
    written = quote(f"{name}.pdf", safe="")
    return {"Content-Disposition": f"inline; filename=\"{plain}.pdf\"; filename*=UTF-8''{written}"}
