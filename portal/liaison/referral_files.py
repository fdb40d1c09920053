"""Referrals as files: look at one, send what is in it, hand out what was sent; and on paper."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal.consents.sharing import SHARING_VERSION
from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.csv_files import CsvFile, Encoding, csv_bytes
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.liaison.referral_files_forms import ConfirmForm, UploadForm
from portal.referrals import file_columns
from portal.referrals.file_export import ExportTable, empty_table, sent_table
from portal.referrals.files import LARGEST_FILE, MOST_ROWS, Became, FileResult, take_file
from portal.referrals.outside_receivers import possible_receivers
from portal.referrals.rules import FileRefusal
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import csv_answer
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_referral_files", __name__, url_prefix="/liaison/referral-files")

_PLAIN = "referrals"


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def index() -> ResponseReturnValue:
    """Offer files and paper; an upload is looked at and kept nowhere."""
    form = UploadForm()
    if form.validate_on_submit():
        upload = cast("FileStorage", form.file.data)
        data = cast("BinaryIO", upload.stream).read(LARGEST_FILE + 1)
        with form.explaining(in_full):
            result = _looked_at(data)
            confirm = ConfirmForm(formdata=None)
            confirm.carry(data, result.fingerprint)
            return _preview(confirm, result)
    return _page(form), form.status


@bp.post("/send")
@requires(Permission.REFER_FAMILIES)
def send() -> ResponseReturnValue:
    """Send what was shown; if it would now be something else, show that instead."""
    form, actor, now = ConfirmForm(), current_actor(), clock.now()
    data = form.data_sent()
    if not form.validate_on_submit() or not data:
        upload = UploadForm(formdata=None)
        upload.form_errors.append(_("ファイルが届きませんでした。もう一度えらんでください"))
        return _page(upload), 422
    with form.explaining(in_full), transaction() as session:
        result = take_file(session, data, actor=actor, now=now)
        if result.fingerprint != form.seen.data:
            raise Refusal([FileRefusal.CHANGED_SINCE_PREVIEW])
        sent = len(result.of(Became.NEW))
        flash(_("%(count)s件の紹介を送りました。") % {"count": sent})
        return see_other(session, url_for("liaison_referrals.index"))
    try:
        result = _looked_at(data)
    except Refusal as refusal:
        upload = UploadForm(formdata=None)
        upload.explain(refusal, in_full)
        return _page(upload), 409
    form.carry(data, result.fingerprint)
    return _preview(form, result), form.status


@bp.get("/template.csv")
@requires(Permission.REFER_FAMILIES)
def template() -> ResponseReturnValue:
    """Hand out the columns, to be filled in."""
    return csv_answer(_file(empty_table(), _encoding()), _("紹介のひな形"), "referrals-template")


@bp.get("/sent.csv")
@requires(Permission.REFER_FAMILIES)
def export() -> ResponseReturnValue:
    """Hand out what was sent, in the columns that are read; this leaves a trace of each."""
    encoding = _encoding()
    with leaving_a_trace() as session:
        table = sent_table(session, actor=current_actor())
    return csv_answer(_file(table, encoding), _("紹介の一覧"), _PLAIN)


@bp.get("/cp932")
@requires(Permission.REFER_FAMILIES)
def old_spreadsheets() -> ResponseReturnValue:
    """Say, before the CP932 file is taken, which signs it cannot hold."""
    with leaving_a_trace() as session:
        table = sent_table(session, actor=current_actor())
    at = table.header.index(file_columns.PORTAL_NUMBER)
    numbers = {number: row[at] for number, row in enumerate(table.rows, start=2)}
    lost = _file(table, "cp932").lost
    return render_template("liaison/referral-files/cp932.html", lost=lost, numbers=numbers)


def _encoding() -> Encoding:
    asked = request.args.get("encoding", "utf-8-sig")
    return cast("Encoding", asked) if asked in {"utf-8-sig", "cp932"} else abort(404)


def _file(table: ExportTable, encoding: Encoding) -> CsvFile:
    return csv_bytes(table.header, table.rows, encoding)


def _looked_at(data: bytes) -> FileResult:
    """Do all that taking the file would do, and take it back."""
    session = current_session()
    try:
        return take_file(session, data, actor=current_actor(), now=clock.now())
    finally:
        session.rollback()


def _preview(form: ConfirmForm, result: FileResult) -> str:
    return render_template(
        "liaison/referral-files/preview.html",
        form=form,
        result=result,
        by={each.value: result.of(each) for each in Became},
        why=in_full,
    )


def _page(form: PortalForm) -> str:
    actor, on = current_actor(), clock.today(clock.now())
    return render_template(
        "liaison/referral-files/index.html",
        form=form,
        most_rows=MOST_ROWS,
        largest_kb=LARGEST_FILE // 1024,
        choices=[(column, "、".join(words().values())) for column, words in file_columns.CHOICES],
        receivers=possible_receivers(current_session(), actor=actor, on=on),
        version=SHARING_VERSION,
    )
