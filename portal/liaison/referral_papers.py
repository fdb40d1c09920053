"""Referrals on paper: the form, blank or printed for a family, and entering one that came."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.kernel import clock
from portal.liaison.interviews_view import Step, step_links
from portal.liaison.referral_papers_forms import PaperMeetForm
from portal.organisations.models import Organisation
from portal.referrals import queries, service
from portal.referrals.paper import PaperFacts, facts_of, referral_paper
from portal.referrals.receiver_sheet import print_for_receiver, sheet_pdf
from portal.referrals.rules import ReferralState, Side
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_referral_papers", __name__, url_prefix="/liaison/referral-papers")


@bp.get("/blank.pdf")
@requires(Permission.REFER_FAMILIES)
def blank() -> ResponseReturnValue:
    """Hand out the blank form of the body."""
    return _pdf(None)


@bp.get("/<uuid:referral_id>.pdf")
@requires(Permission.REFER_FAMILIES)
def filled(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the form of a draft, to be signed; what was sent is printed by ``for_receiver``."""
    actor = current_actor()
    with leaving_a_trace() as session:
        row = queries.referral(session, referral_id, actor=actor)
        if queries.side_of(row, actor) is not Side.SENDER:
            abort(404)
        if row.state is not ReferralState.DRAFT:
            return redirect(url_for("liaison_referrals.show", referral_id=referral_id), 303)
        facts = facts_of(session, row, actor=actor)
    return _pdf(facts)


@bp.post("/<uuid:referral_id>/sheet.pdf")
@requires(Permission.REFER_FAMILIES)
def for_receiver(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Print what was agreed to for a receiver that reads no screen; each print is recorded."""
    form, actor = PortalForm(), current_actor()
    back = url_for("liaison_referrals.show", referral_id=referral_id)
    try:
        # Not as a form that counts once: who goes back and prints again passes it on again.
        with form.explaining(in_full), leaving_a_trace() as session:
            facts = print_for_receiver(session, referral_id, actor=actor, now=clock.now())
            data = sheet_pdf(facts, is_demo=current_app.config["PORTAL"].is_demo)
            return pdf_answer(data, _("紹介の連絡票"), "referral")
    except PdfUnavailable as unavailable:  # nothing was passed on, and nothing is written down
        flash(str(unavailable))
        return redirect(back, 303)
    for words in form.form_errors:
        flash(str(words), "warn")
    return redirect(back, 303)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def new() -> ResponseReturnValue:
    """Begin with a paper that came: the same interview, with how and when it came."""
    form, now = PaperMeetForm(), clock.now()
    if form.validate_on_submit() and form.came_by(now):
        with form.explaining(in_full), transaction() as session:
            actor = current_actor()
            mail = (form.mail.data or "").strip() or None
            made = service.meet_family(session, form.details(mail=mail), actor=actor, now=now)
            row = service.enter_interview(
                session,
                made.family_id,
                stage=form.stage_given(),
                held_on=form.held_on.data or clock.today(now),
                guide_ticked_on=form.guide_ticked_on(),
                told=form.told(),
                actor=actor,
                now=now,
            )
            flash(_("用紙を受け付けました。つづけて、用紙のとおりに入れてください。"))
            return see_other(session, url_for("liaison_interviews.children", interview_id=row.id))
    elif not form.is_submitted():
        form.propose_receipt(now)
    page = render_template(
        "liaison/referrals/from_paper.html",
        form=form,
        steps=step_links(None),
        now_at=Step.FAMILY,
    )
    return page, form.status


def _pdf(facts: PaperFacts | None) -> ResponseReturnValue:
    own = current_session().get_one(Organisation, current_actor().organisation_id)
    is_demo = current_app.config["PORTAL"].is_demo
    try:
        data = referral_paper(own, facts, is_demo=is_demo)
    except PdfUnavailable as unavailable:
        flash(str(unavailable))
        return render_template("errors/503.html", is_down=False), 503
    return pdf_answer(data, _("紹介の用紙"), "referral")
