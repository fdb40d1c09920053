"""Telling others of a case: what each would see exactly, sending it, and the same on one A4."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask import Blueprint, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.noshow import paper, queries, receivers, service, words
from portal.noshow.models import CareCase
from portal.noshow.receivers import Receiver, digest
from portal.noshow.rules import CaseKind, CaseRefusal, CaseState
from portal.office.cases import in_full
from portal.office.cases_forms import ReportForm
from portal.office.cases_view import title_of
from portal.referrals.rules import Urgency
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.writes import see_other, transaction

bp = Blueprint("office_cases_report", __name__, url_prefix="/office/cases/<uuid:case_id>")


@bp.route("/report", methods=["GET", "POST"])
@requires(Permission.KNOW_SUPPORT)
def report(case_id: uuid.UUID) -> ResponseReturnValue:
    """Show what each receiver would see, and send exactly that to those who are chosen."""
    actor, now = current_actor(), clock.now()
    form = ReportForm()
    with reading() as session:
        of = queries.own(session, case_id, actor=actor)
        _notes, shown = _shown(session, of)
    _offer(form, shown)
    if not form.validate_on_submit():
        return _page(case_id, form)
    with form.explaining(in_full), transaction() as writing:
        of = queries.case(writing, case_id, actor=actor, is_to_change=True)
        notes, shown = _shown(writing, of)
        if form.seen.data != digest(shown):
            raise Refusal([CaseRefusal.CHANGED_MEANWHILE])
        sent = service.report(
            writing,
            case_id,
            [uuid.UUID(each) for each in form.receivers.data or ()],
            notes=notes,
            urgency=Urgency.URGENT if form.is_urgent.data else Urgency.NORMAL,
            phoned_at=form.phoned_at(),
            actor=actor,
            now=now,
        )
        flash(
            _("知らせました。受け取りの返事を待ちます。")
            if sent
            else _("同じ内容を、もう知らせてありました。2回にはなりません。")
        )
        return see_other(writing, url_for("office_cases.show", case_id=case_id))
    return _page(case_id, form)


def _shown(session: Session, of: CareCase) -> tuple[str, list[Receiver]]:
    actor = current_actor()
    notes = queries.read_notes(session, of, actor=actor)
    return notes, receivers.receivers(session, of, notes, actor=actor)


def _offer(form: ReportForm, shown: Sequence[Receiver]) -> None:
    able = [one for one in shown if one.basis is not None]
    form.receivers.choices = [SelectChoice(str(one.body.id), one.body.name) for one in able]
    if not form.is_submitted():
        form.receivers.data = [str(one.body.id) for one in able if one.is_sender]


def _page(case_id: uuid.UUID, form: ReportForm) -> tuple[str, int]:
    actor = current_actor()
    with reading() as session:
        of = queries.own(session, case_id, actor=actor)
        notes, shown = _shown(session, of)
        title = title_of(of, receivers.children_names(session, of, actor=actor))
    # What stands on this page is what its button sends.
    form.seen.data = digest(shown)
    page = render_template(
        "office/cases/report.html",
        case=of,
        case_title=title,
        notes=notes,
        shown=[one for one in shown if one.basis is not None],
        others=[one for one in shown if one.basis is None],
        form=form,
        words=words,
        CaseKind=CaseKind,
        is_urgent=of.urgency is Urgency.URGENT,
        is_closed=of.state is CaseState.CLOSED,
    )
    return page, form.status


@bp.get("/paper/<uuid:receiver_id>.pdf", endpoint="paper")
@requires(Permission.KNOW_SUPPORT)
def paper_page(case_id: uuid.UUID, receiver_id: uuid.UUID) -> ResponseReturnValue:
    """Return what one receiver was last told as one A4 page that a FAX carries legibly.

    Of what was not told there is no paper: it leaves by the same way, or not at all.
    """
    actor, now = current_actor(), clock.now()
    with reading() as session:
        of = queries.own(session, case_id, actor=actor)
        told = [
            each
            for each in queries.reports(session, case_id, actor=actor)
            if each.receiver_id == receiver_id
        ]
        if not told:
            raise NoResultFound
        latest = told[-1]
        said = queries.read_words(session, [latest], actor=actor).get(latest.id, {})
        bodies = queries.bodies(session, [receiver_id, of.organisation_id])
        facility = session.get_one(Facility, of.facility_id)
    try:
        made = paper.pdf(
            of,
            latest,
            said,
            facility=facility,
            receiver=bodies[receiver_id],
            on=clock.today(now),
            is_demo=bool(current_app.config["PORTAL"].is_demo),
        )
    except PdfUnavailable as unavailable:
        return render_template("office/cases/no_pdf.html", why=str(unavailable), case=of), 503
    return pdf_answer(made, _("連絡票 %(number)s") % {"number": of.number}, f"case-{of.number}")
