"""Contact a family: count a call, dial, say what came of it; send the mail, print the letter."""

from __future__ import annotations

import uuid
from types import SimpleNamespace

from flask import Blueprint, abort, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.contacts import queries as contacts
from portal.contacts import service as contacting
from portal.contacts.forms import WishesForm
from portal.contacts.rules import ContactChannel
from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.documents.templating import environment
from portal.documents.wording.sentences import sentence
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.messages.letters import Wanted
from portal.office.outreach import list_page, page_words, plan_page
from portal.office.outreach_forms import PlanForm, ResultForm
from portal.office.outreach_words import RESULTS, result_label
from portal.organisations.models import Organisation
from portal.outreach import queries, service
from portal.outreach.mail import MAILS
from portal.outreach.rules import CallResult, next_day
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_outreach_calls", __name__, url_prefix="/office/outreach")


@bp.post("/<uuid:plan_id>/call")
@requires(Permission.CONTACT_FAMILIES)
def begin(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Count a call before it is made; the number stands on the next page."""
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            made = service.begin_call(session, plan_id, actor=current_actor(), now=clock.now())
            return see_other(session, url_for(".call", contact_id=made.id))
    return list_page(form), form.status


@bp.route("/calls/<uuid:contact_id>", methods=["GET", "POST"])
@requires(Permission.CONTACT_FAMILIES)
def call(contact_id: uuid.UUID) -> ResponseReturnValue:
    """Show the number to dial; take what came of the call with one tap."""
    actor, now, form = current_actor(), clock.now(), ResultForm()
    if form.validate_on_submit():
        result = CallResult(form.result.data)
        with form.explaining(in_full), transaction() as session:
            service.finish_call(
                session,
                contact_id,
                result,
                next_on=form.next_on.data,
                words=form.words.data or None,
                actor=actor,
                now=now,
            )
            flash(_("「%(result)s」と書きました。") % {"result": result_label(result)})
            return see_other(session, url_for("office_outreach.index"))
    with leaving_a_trace() as session:
        made = contacts.contact(session, contact_id, actor=actor)
        if made.referral_id is None:
            abort(404)
        referral = queries.received_referral(session, made.referral_id, actor=actor)
        person = queries.person(session, referral, actor=actor)
        wishes = queries.wishes(session, referral)
        by = queries.names(session, [made.user_id])
        of = queries.live_plan(session, referral.id, actor=actor)
    today = clock.today(now)
    return render_template(
        "office/outreach/call.html",
        made=made,
        person=person,
        wishes=wishes,
        by=by,
        of=of,
        form=form,
        results=[(each, kind, next_day(each, today)) for each, kind in RESULTS],
        CallResult=CallResult,
        **page_words(),
    ), form.status


@bp.post("/<uuid:plan_id>/mail")
@requires(Permission.CONTACT_FAMILIES)
def mail(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Send the mail about what is planned."""
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.send_mail(session, plan_id, actor=current_actor(), now=clock.now())
            flash(_("メールを送ります。届かなかったときは「届かなかったメール」に出ます。"))
            return see_other(session, url_for("office_outreach.show", plan_id=plan_id))
    return _refused(plan_id, form), form.status


@bp.post("/<uuid:plan_id>/letter")
@requires(Permission.CONTACT_FAMILIES)
def letter(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Count a letter; it is printed from the plan's page."""
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.send_letter(session, plan_id, actor=current_actor(), now=clock.now())
            flash(_("手紙を出すことにしました。下の「手紙を印刷する」から印刷してください。"))
            return see_other(session, url_for("office_outreach.show", plan_id=plan_id))
    return _refused(plan_id, form), form.status


def _refused(plan_id: uuid.UUID, form: PortalForm) -> str:
    shown = PlanForm(formdata=None)
    shown.form_errors.extend(form.form_errors)
    return plan_page(plan_id, shown)


@bp.get("/<uuid:plan_id>/letter.pdf")
@requires(Permission.CONTACT_FAMILIES)
def paper(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Return the letter about what is planned, folded for an envelope with a window.

    Only once it was counted: a letter that the limit forbids is not printed either.
    """
    actor, now = current_actor(), clock.now()
    settings = current_app.config["PORTAL"]
    with leaving_a_trace() as session:
        of = queries.plan(session, plan_id, actor=actor)
        referral = queries.received_referral(session, of.referral_id, actor=actor)
        person = queries.person(session, referral, actor=actor)
        sent = next(
            (
                each
                for each in queries.contacts_about(session, referral.id, actor=actor)
                if each.channel is ContactChannel.LETTER
            ),
            None,
        )
        if sent is None:
            abort(404)
        wanted = Wanted(
            id=sent.id,
            kind=f"outreach/{sent.about}",
            subject_ids=(
                of.id,
                referral.id,
                *([referral.facility_id] if referral.facility_id else []),
            ),
            context={},
            organisation_id=of.organisation_id,
            family_id=of.family_id,
            to_user_id=None,
            to_mail="paper@portal.invalid",
            to_name=person.name,
            base_url=settings.base_url,
            is_demo=settings.is_demo,
            now=now,
            is_paper=True,
        )
        said = MAILS[wanted.kind](session, wanted)
        if said is None:
            abort(404)
        facility = session.get(Facility, referral.facility_id) if referral.facility_id else None
        sender = facility or session.get_one(Organisation, of.organisation_id)
        sheet = SimpleNamespace(
            letter=SimpleNamespace(
                subject=said.subject, number=referral.number, made_at=sent.at, body=said.text
            ),
            receiver=person,
            facility=SimpleNamespace(
                name=sender.name,
                address=facility.address if facility else "",
                building=facility.building if facility else None,
                phone=sender.phone,
                fax=sender.fax,
            ),
        )
    html = (
        environment()
        .get_template("letters/letter.html")
        .render(sheet=sheet, is_demo=settings.is_demo)
    )
    try:
        pdf = pdf_bytes(html, base_css="letter.css")
    except PdfUnavailable as missing:
        return render_template("office/outreach/no_pdf.html", words=str(missing)), 503
    return pdf_answer(pdf, _("案内の手紙"), "letter")


@bp.route("/<uuid:plan_id>/wishes", methods=["GET", "POST"])
@requires(Permission.CONTACT_FAMILIES)
def wishes(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Write down for the family how it wishes to be contacted, as it has just said."""
    actor, now, form = current_actor(), clock.now(), WishesForm()
    of = queries.plan(current_session(), plan_id, actor=actor)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            contacting.set_wishes(session, of.family_id, form.wishes(), actor=actor, now=now)
            flash(_("ご家庭の希望を書きました。すべての園と窓口に、今から伝わります。"))
            return see_other(session, url_for("office_outreach.show", plan_id=plan_id))
    elif not form.is_submitted():
        form.show(contacts.wishes(current_session(), of.family_id))
    with leaving_a_trace() as session:
        referral = queries.received_referral(session, of.referral_id, actor=actor)
        person = queries.person(session, referral, actor=actor)
    return render_template(
        "office/outreach/wishes.html", of=of, person=person, form=form
    ), form.status
