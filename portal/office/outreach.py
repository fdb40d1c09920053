"""Whom to contact today, and the plan of each family that was referred here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, User
from portal.contacts import queries as contacts
from portal.contacts.rules import ContactChannel
from portal.contacts.words import channel_words, time_words
from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason
from portal.office.outreach_forms import AnswerForm, EndForm, PlanForm
from portal.office.outreach_words import (
    about_label,
    end_label,
    nature_label,
    result_label,
    until_label,
)
from portal.outreach import queries, service
from portal.outreach.queries import Line, Person
from portal.outreach.rules import EndReason, OutreachRefusal, Until, is_running
from portal.referrals import queries as referrals
from portal.referrals.rules import ReferralState
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_outreach", __name__, url_prefix="/office/outreach")


@bp.get("/")
@requires(Permission.CONTACT_FAMILIES)
def index() -> ResponseReturnValue:
    """List whom to contact today, who has to wait, and who has no plan yet."""
    return list_page(PortalForm(formdata=None)), 200


def list_page(form: PortalForm) -> str:
    """Return the list, with what stood against something above it."""
    actor, now = current_actor(), clock.now()
    today = clock.today(now)
    with leaving_a_trace() as session:
        running = queries.running(session, actor=actor)
        due = [each for each in running if queries.is_due(each[0], today)]
        lines = [queries.line(session, *each, actor=actor, now=now) for each in due]
        later = [
            (plan, referral, queries.person(session, referral, actor=actor))
            for plan, referral in running
            if not queries.is_due(plan, today)
        ]
        unplanned = [
            (referral, queries.person(session, referral, actor=actor))
            for referral in queries.without_plan(session, actor=actor)
        ]
        callers = queries.names(
            session, [each.open_call.user_id for each in lines if each.open_call]
        )
    return render_template(
        "office/outreach/index.html",
        ready=sorted(
            (each for each in lines if _is_ready(each)), key=lambda each: not each.is_mine
        ),
        waiting=[each for each in lines if not _is_ready(each)],
        later=later,
        unplanned=unplanned,
        callers=callers,
        form=form,
        now=now,
        **page_words(),
    )


def _is_ready(line: Line) -> bool:
    if line.open_call is not None:
        return True
    return line.allowed_from is not None and line.allowed_from <= clock.now()


@bp.route("/referrals/<uuid:referral_id>", methods=["GET", "POST"])
@requires(Permission.CONTACT_FAMILIES)
def new(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Plan contacts with the family of a referral, the usual filled in; else show its plan."""
    actor, now = current_actor(), clock.now()
    form = PlanForm()
    with leaving_a_trace() as session:
        referral = queries.received_referral(session, referral_id, actor=actor)
        if referral.state is ReferralState.SENT:
            return redirect(url_for("office_referrals.show", referral_id=referral_id))
        there_is = queries.live_plan(session, referral_id, actor=actor)
        person = queries.person(session, referral, actor=actor)
        told = referrals.told(session, referral)
        form.offer(_colleagues(session, actor))
        is_over = not queries.may_be_planned(session, referral)
    if there_is is not None and not form.is_submitted():
        return redirect(url_for(".show", plan_id=there_is.id))
    if is_over and not form.is_submitted():  # nobody fills in a form that cannot be kept
        flash(sentence(Reason(OutreachRefusal.REFERRAL_OVER)), "warn")
        return redirect(url_for("office_referrals.show", referral_id=referral_id))
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            made = service.begin(session, referral.id, **_values(form), actor=actor, now=now)
            flash(_("連絡の予定をつくりました。"))
            return see_other(session, url_for(".show", plan_id=made.id))
    elif not form.is_submitted():
        form.next_on.process_data(clock.today(now))
        form.by_user.data = str(actor.user_id)
        form.channel.data = _usual_way(person, told.items if told else ())
    return render_template(
        "office/outreach/new.html", form=form, referral=referral, person=person, **page_words()
    ), form.status


@bp.route("/<uuid:plan_id>", methods=["GET", "POST"])
@requires(Permission.CONTACT_FAMILIES)
def show(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Show a plan with all contacts so far; change it."""
    actor, now, form = current_actor(), clock.now(), PlanForm()
    form.offer(_colleagues(current_session(), actor))
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.change(session, plan_id, **_values(form), actor=actor, now=now)
            flash(_("連絡の予定を変えました。"))
            return see_other(session, url_for(".show", plan_id=plan_id))
    page = plan_page(plan_id, form)
    return page, form.status


@bp.post("/<uuid:plan_id>/answer")
@requires(Permission.CONTACT_FAMILIES)
def answer(plan_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that the family contacted the nursery by itself."""
    form, actor, now = AnswerForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.note_answer(
                session,
                plan_id,
                ContactChannel(form.way.data),
                words=form.words.data or None,
                actor=actor,
                now=now,
            )
            flash(_("ご家庭からの連絡を書きました。"))
            return see_other(session, url_for(".show", plan_id=plan_id))
    return plan_page(plan_id, PlanForm(formdata=None), answer_form=form), form.status


@bp.post("/<uuid:plan_id>/end")
@requires(Permission.CONTACT_FAMILIES)
def end(plan_id: uuid.UUID) -> ResponseReturnValue:
    """End a plan, with the reason."""
    form, actor, now = EndForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.end(session, plan_id, EndReason(form.reason.data), actor=actor, now=now)
            flash(_("連絡の予定をおわりにしました。"))
            return see_other(session, url_for(".index"))
    return plan_page(plan_id, PlanForm(formdata=None), end_form=form), form.status


def plan_page(
    plan_id: uuid.UUID,
    form: PlanForm,
    *,
    answer_form: AnswerForm | None = None,
    end_form: EndForm | None = None,
) -> str:
    """Return the page of a plan; what was typed into one of its forms stays.

    Raises:
        NoResultFound: it is another body's.
    """
    actor, now = current_actor(), clock.now()
    with leaving_a_trace() as session:
        of = queries.plan(session, plan_id, actor=actor)
        referral = queries.received_referral(session, of.referral_id, actor=actor)
        line = queries.line(session, of, referral, actor=actor, now=now)
        past = queries.contacts_about(session, referral.id, actor=actor)
        words = {each.id: each.words for each in past if each.words_sealed is not None}
        names = queries.names(session, [each.user_id for each in past])
        is_open = contacts.is_open(session, referral.id)
        policy = contacts.policy_of(session, of.family_id)
        form.offer(_colleagues(session, actor))
    if not form.is_submitted():
        form.show(of)
    return render_template(
        "office/outreach/plan.html",
        of=of,
        line=line,
        past=past,
        past_words=words,
        names=names,
        policy=policy,
        runs=of.ended_at is None and is_open and is_running(Until(of.until), referral.state),
        form=form,
        answer_form=answer_form or AnswerForm(formdata=None),
        end_form=end_form or EndForm(formdata=None),
        tap=PortalForm(formdata=None),
        now=now,
        **page_words(),
    )


def _usual_way(person: Person, told: Sequence[str]) -> str:
    """Return the way that she was told of and by which she is reached, else one that reaches her.

    The phone where there is none.
    """
    there = {
        ContactChannel.PHONE: person.phone,
        ContactChannel.MAIL: person.mail,
        ContactChannel.LETTER: person.address,
    }
    reached = [way.value for way, address in there.items() if address]
    promised = [way for way in reached if way in told]
    return next(iter([*promised, *reached]), ContactChannel.PHONE.value)


def _values(form: PlanForm) -> dict[str, Any]:
    return dict(form.values())


def _colleagues(session: Session, actor: Actor) -> dict[uuid.UUID, str]:
    """Return who works at the actor's body, by name."""
    rows = session.execute(
        select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == actor.organisation_id, Membership.ended_at.is_(None))
        .order_by(User.name, User.id)
    )
    return {row.id: row.name for row in rows}


def page_words() -> dict[str, object]:
    """Return what the pages of outreach put into words."""
    return {
        "about_label": about_label,
        "until_label": until_label,
        "end_label": end_label,
        "result_label": result_label,
        "nature_label": nature_label,
        "channel_words": channel_words,
        "time_words": time_words,
        "help_for": help_for,
    }
