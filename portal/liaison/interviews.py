"""An interview from the first name to the sending, in steps that are each kept as they are done."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.consents.rules import ConsentSource
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.families import service as people
from portal.families.expected import closed_lately
from portal.families.rules import phone_digits
from portal.kernel import clock
from portal.kernel.channel import Channel
from portal.liaison.interviews_view import (
    UNFINISHED_FOR,
    Step,
    drafts_by_name,
    next_after_sending,
    overview,
    reports_of,
    step_links,
    towards_of,
)
from portal.liaison.referrals_forms import (
    AgainForm,
    ChildForm,
    LearnedForm,
    MeetForm,
    ReceiversForm,
)
from portal.organisations.models import Organisation
from portal.referrals import queries, service
from portal.referrals.models import Interview
from portal.referrals.offering import offered_for, receiver_names
from portal.referrals.records_forms import ConsentsForm
from portal.referrals.rules import ReferralSource, ReferralState, Urgency
from portal.referrals.said import child_words, in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_interviews", __name__, url_prefix="/liaison/interviews")


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def new() -> ResponseReturnValue:
    """Begin with a family that is met for the first time; asks before one is entered twice."""
    form, actor, now = MeetForm(), current_actor(), clock.now()
    same_phone: list[families.FamilySummary] = []
    if form.validate_on_submit() and not form.is_another.data:
        digits = phone_digits(form.phone.data or "") or ""
        same_phone = families.families_with_phone(current_session(), digits, actor=actor)
    if same_phone:
        form.form_errors.append(_("この電話番号のご家庭とは、前に面談しています"))
        form.is_refused = True
    elif form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            mail = (form.mail.data or "").strip() or None
            made = service.meet_family(session, form.details(mail=mail), actor=actor, now=now)
            row = service.enter_interview(
                session,
                made.family_id,
                stage=form.stage_given(),
                held_on=form.held_on.data or clock.today(now),
                guide_ticked_on=form.guide_ticked_on(),
                actor=actor,
                now=now,
            )
            return see_other(session, url_for(".children", interview_id=row.id))
    elif not form.is_submitted():
        form.propose(clock.today(now))
    page = render_template(
        "liaison/referrals/family.html",
        form=form,
        steps=step_links(None),
        now_at=Step.FAMILY,
        interview=None,
        same_phone=same_phone,
        before=queries.unfinished(
            current_session(), actor=actor, since=clock.today(now) - UNFINISHED_FOR
        ),
    )
    return page, form.status


@bp.route("/again/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def again(family_id: uuid.UUID) -> ResponseReturnValue:
    """Hold another interview with a family that was met before."""
    actor, now = current_actor(), clock.now()
    guardians = families.guardians(current_session(), family_id, actor=actor)
    families.family(current_session(), family_id, actor=actor)
    form = AgainForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            row = service.enter_interview(
                session,
                family_id,
                stage=form.stage_given(),
                held_on=form.held_on.data or clock.today(now),
                guide_ticked_on=form.guide_ticked_on(),
                actor=actor,
                now=now,
            )
            return see_other(session, url_for(".children", interview_id=row.id))
    elif not form.is_submitted():
        form.propose(clock.today(now))
    page = render_template(
        "liaison/referrals/again.html",
        form=form,
        guardian=guardians[0] if guardians else None,
    )
    return page, form.status


@bp.route("/<uuid:interview_id>/family", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def family(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Correct who was met, which interview it was, and the mark in the guide."""
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.interview(session, interview_id, actor=actor)
    guardian = queries.guardian_met(session, row, actor=actor)
    form = MeetForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            mail = (form.mail.data or "").strip() or None
            people.change_guardian(
                writing, guardian.id, form.details(mail=mail), actor=actor, now=now
            )
            service.change_interview(
                writing,
                interview_id,
                stage=form.stage_given(),
                held_on=form.held_on.data or clock.today(now),
                guide_ticked_on=form.guide_ticked_on(),
                actor=actor,
                now=now,
            )
            return see_other(writing, url_for(".show", interview_id=interview_id))
    elif not form.is_submitted():
        form.show(guardian)
        form.mail.data = guardian.mail
        form.stage.data = row.stage.value
        form.held_on.process_data(row.held_on)
        form.is_ticked.data = row.guide_ticked_on is not None
        form.ticked_on.process_data(row.guide_ticked_on or clock.today(now))
    page = render_template(
        "liaison/referrals/family.html",
        form=form,
        steps=step_links(row),
        now_at=Step.FAMILY,
        interview=row,
        same_phone=[],
        before=[],
    )
    return page, form.status


@bp.route("/<uuid:interview_id>/children", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def children(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Add the children one after another, born and expected."""
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.interview(session, interview_id, actor=actor)
    form = ChildForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            for child in form.children():
                people.add_child(writing, row.family_id, child, actor=actor, now=now)
            flash(_("お子さんを足しました。"))
            return see_other(writing, url_for(".children", interview_id=interview_id))
    page = render_template(
        "liaison/referrals/children.html",
        has_closed=bool(closed_lately(session, row.family_id, actor=actor, now=now)),
        form=form,
        interview=row,
        steps=step_links(row),
        now_at=Step.CHILDREN,
        children=families.children(session, row.family_id, actor=actor),
    )
    return page, form.status


@bp.route("/<uuid:interview_id>/children/<uuid:child_id>", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def child(interview_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Correct a child: a mistyped day, or that it is born."""
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.interview(session, interview_id, actor=actor)
    found = families.child(session, child_id, actor=actor)
    if found.family_id != row.family_id:
        abort(404)
    form = ChildForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            people.change_child(writing, child_id, form.children()[0], actor=actor, now=now)
            flash(_("お子さんのことを直しました。"))
            return see_other(writing, url_for(".children", interview_id=interview_id))
    elif not form.is_submitted():
        form.show(found)
    page = render_template("liaison/referrals/child.html", form=form, interview=row, child=found)
    return page, form.status


@bp.route("/<uuid:interview_id>/learned", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def learned(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Write what was learned; to show what is kept leaves a trace."""
    actor = current_actor()
    row = queries.interview(current_session(), interview_id, actor=actor)
    form = LearnedForm()
    if form.validate_on_submit():
        with transaction() as session:
            service.keep_learned(session, interview_id, form.items(), actor=actor, now=clock.now())
            return see_other(session, url_for(".receivers", interview_id=interview_id))
    if not form.is_submitted():
        with reading() as session:
            form.show(queries.learned(session, row, actor=actor))
    page = render_template(
        "liaison/referrals/learned.html",
        form=form,
        interview=row,
        steps=step_links(row),
        now_at=Step.LEARNED,
    )
    return page, form.status


@bp.route("/<uuid:interview_id>/receivers", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def receivers(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Choose who could help: those that take these children, the nearest first."""
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.interview(session, interview_id, actor=actor)
    kids = families.children(session, row.family_id, actor=actor)
    offered = offered_for(session, row.family_id, kids, actor=actor, on=clock.today(now))
    drafts = [
        each
        for each in queries.drafts_of(session, row, actor=actor)
        if each.state is ReferralState.DRAFT
    ]
    form = ReceiversForm()
    form.offer([(each.value, each.receiver.name) for each in offered])
    form.offer_children([(str(child.id), child_words(child, clock.today(now))) for child in kids])
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            chosen = form.chosen()
            for draft in drafts:
                if draft.receiver_id not in {body for body, _facility in chosen}:
                    service.recall(writing, draft.id, actor=actor, now=now)
            for body, facility in chosen:
                service.draft(
                    writing,
                    row.family_id,
                    body,
                    child_ids=form.child_ids(),
                    interview_id=row.id,
                    facility_id=facility,
                    urgency=Urgency(form.urgency.data),
                    target_on=form.target_on.data,
                    source=_source_of(row),
                    actor=actor,
                    now=now,
                )
            return see_other(writing, url_for(".consents", interview_id=interview_id))
    elif not form.is_submitted() and drafts:
        form.receivers.data = [f"{each.receiver_id}.{each.facility_id or ''}" for each in drafts]
        meant = {each for draft in drafts for each in draft.child_ids}
        form.children.data = [str(child.id) for child in kids if child.id in meant]
        form.urgency.data = drafts[0].urgency.value
        form.target_on.process_data(drafts[0].target_on)
    page = render_template(
        "liaison/referrals/receivers.html",
        form=form,
        interview=row,
        steps=step_links(row),
        now_at=Step.RECEIVERS,
        offered=offered,
        children=kids,
    )
    return page, form.status


@bp.route("/<uuid:interview_id>/consents", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def consents(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Take the three records down, each on its own, in the words that stand on the page."""
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.interview(session, interview_id, actor=actor)
    towards = towards_of(session, row, actor=actor)
    if not towards:
        return redirect(url_for(".receivers", interview_id=interview_id), 303)
    own = session.get_one(Organisation, actor.organisation_id)
    on = clock.today(now)
    form = ConsentsForm()
    asked, there = reports_of(session, row, towards, actor=actor, on=on)
    form.offer_reports(asked)
    form.offer_ways(queries.guardian_met(session, row, actor=actor))
    if not form.is_submitted():
        form.propose(on)
        if row.received_at is not None:
            form.source.data = ConsentSource.PAPER_FORM.value
        form.note_words(own.name, towards, on)
    elif form.has_read(own.name, towards, on) and form.validate():
        with form.explaining(in_full), transaction() as writing:
            form.keep(
                writing,
                row.family_id,
                own,
                towards,
                channel=row.channel if row.received_at else Channel.COUNTER,
                guardian_id=row.guardian_id,
                actor=actor,
                now=now,
            )
            flash(_("同意を記録しました。"))
            return see_other(writing, url_for(".show", interview_id=interview_id))
    page = render_template(
        "liaison/referrals/consents.html",
        form=form,
        interview=row,
        steps=step_links(row),
        now_at=Step.CONSENTS,
        towards=towards,
        drafts=drafts_by_name(session, row, actor=actor),
        wordings=[form.wordings(own.name, each, on) for each in towards],
        reports=form.report_wordings(own.name, on),
        may_be_told=there,
    )
    return page, form.page_status


@bp.get("/<uuid:interview_id>")
@requires(Permission.REFER_FAMILIES)
def show(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Show all of it on one page, and what is still missing before it can be sent."""
    return whole_page(interview_id, PortalForm(formdata=None))


@bp.post("/<uuid:interview_id>/send")
@requires(Permission.REFER_FAMILIES)
def send(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Send every draft of the interview, or none where something is missing."""
    actor, now = current_actor(), clock.now()
    row = queries.interview(current_session(), interview_id, actor=actor)
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        drafts = [
            each
            for each in queries.drafts_of(session, row, actor=actor)
            if each.state is ReferralState.DRAFT
        ]
        for draft in drafts:
            service.send(session, draft.id, actor=actor, now=now)
        if drafts:
            names = receiver_names(session, drafts)
            flash(_("%(names)s に紹介を送りました。") % {"names": "、".join(names)})
        return see_other(session, next_after_sending(session, row, drafts, actor=actor, now=now))
    return whole_page(interview_id, form), 409


def _source_of(row: Interview) -> ReferralSource:
    return ReferralSource.INTERVIEW if row.received_at is None else ReferralSource.PAPER


def whole_page(interview_id: uuid.UUID, form: PortalForm) -> str:
    """Return the page with all of an interview, and what its forms say."""
    actor = current_actor()
    with reading() as session:
        row = queries.interview(session, interview_id, actor=actor)
        seen = overview(session, row, actor=actor, now=clock.now())
    return render_template("liaison/referrals/interview.html", form=form, interview=row, seen=seen)
