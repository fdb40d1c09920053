"""Who comes to a session: callers entered, attendance, what came of it, who was told by phone."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.families.rules import phone_digits
from portal.families.service import register_family
from portal.kernel import clock
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.office.families import found_by_words, too_short
from portal.office.visits import page_words, refused_page
from portal.office.visits_forms import NewcomerForm
from portal.visits import afterwards, queries, service
from portal.visits.rules import Outcome, VisitState
from portal.visits.session_forms import CallerVisitForm, OutcomeForm
from portal.visits.words import kind_words
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.last_search import MARK, keep, kept
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_visits_people", __name__, url_prefix="/office/visits")


@bp.route("/<uuid:session_id>/find", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def find(session_id: uuid.UUID) -> ResponseReturnValue:
    """Find the caller's family, or go on to register it."""
    session, actor = current_session(), current_actor()
    of = queries.own_session(session, session_id, actor=actor)
    if request.method == "POST":
        # By POST: names and numbers stand in no address and in no log.
        mark = keep(request.form.get("q", ""))
        return redirect(url_for(".find", session_id=session_id, search=mark), 303)
    typed = kept(request.args.get(MARK, ""))
    return render_template(
        "office/visits/find.html",
        of=of,
        typed=typed,
        found=families.search_families(session, typed, actor=actor) if typed else [],
        form=PortalForm(formdata=None),
        by_words=found_by_words(),
        too_short=too_short(typed),
        **page_words(),
    )


@bp.route("/<uuid:session_id>/newcomer", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def newcomer(session_id: uuid.UUID) -> ResponseReturnValue:
    """Register a caller with name and phone alone: for a tour nobody is asked for more."""
    actor, now = current_actor(), clock.now()
    of = queries.own_session(current_session(), session_id, actor=actor)
    form = NewcomerForm()
    same_phone: list[families.FamilySummary] = []
    if form.validate_on_submit() and not form.is_another.data:
        digits = phone_digits(form.phone.data) or ""
        same_phone = families.families_with_phone(current_session(), digits, actor=actor)
    if same_phone:
        form.form_errors.append(_("この電話番号のご家庭が、もう登録されています"))
        form.is_refused = True
    elif form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            made = register_family(
                session,
                form.guardian(),
                form.expected(),
                actor=actor,
                now=now,
                channel=Channel.PHONE,
                received_at=now,
            )
            flash(_("ご家庭を登録しました。番号は %(number)s です。") % {"number": made.number})
            going = url_for(".enter", session_id=session_id, family_id=made.family_id)
            return see_other(session, going)
    page = render_template(
        "office/visits/newcomer.html", form=form, of=of, same_phone=same_phone, **page_words()
    )
    return page, form.status


@bp.route("/<uuid:session_id>/enter/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def enter(session_id: uuid.UUID, family_id: uuid.UUID) -> ResponseReturnValue:
    """Enter a caller's visit with the way and the time it came in."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    of = queries.own_session(reading, session_id, actor=actor)
    families.family(reading, family_id, actor=actor)
    guardians = families.guardians(reading, family_id, actor=actor)
    form = CallerVisitForm()
    form.offer_children(queries.children_to_bring(reading, of, family_id, actor=actor))
    if form.validate_on_submit() and form.came_by(now):
        with form.explaining(in_full), transaction() as session:
            done = service.book(
                session,
                session_id,
                form.party(),
                actor=actor,
                now=now,
                family_id=family_id,
                channel=form.by_channel(),
                received_at=form.received_at(),
            )
            flash(_("予約を入れました。"))
            if done.advised:
                steps = "、".join(kind_words(step) for step in done.advised)
                words = _("園のきまりでは、先に「%(steps)s」があります。ご家庭に伝えてください。")
                flash(words % {"steps": steps}, "warn")
            return see_other(session, url_for("office_visits.show", session_id=session_id))
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/visits/enter.html",
        form=form,
        of=of,
        guardian=guardians[0] if guardians else None,
        family_id=family_id,
        **page_words(),
    )
    return page, form.status


@bp.post("/visit/<uuid:visit_id>/attendance")
@requires(Permission.RUN_THE_DAY)
def attendance(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Say that a family came or did not come, or take it back."""
    wanted = request.form.get("state", "")
    state = VisitState(wanted) if wanted in {"attended", "missed", "booked"} else None
    session_id = _session_of(visit_id)
    if state is None:
        return redirect(url_for("office_visits.show", session_id=session_id), 303)
    try:
        with transaction() as session:
            afterwards.record_attendance(
                session, visit_id, state, actor=current_actor(), now=clock.now()
            )
            flash(
                {
                    VisitState.ATTENDED: _("「来た」とつけました。結果を書けます。"),
                    VisitState.MISSED: _(
                        "「来なかった」とつけました。30分あとに、ほかの日の案内をメールします。"
                    ),
                    VisitState.BOOKED: _("しるしを消しました。"),
                }[state]
            )
            return see_other(session, _at(session_id, visit_id))
    except Refusal as refusal:
        return refused_page(refusal, session_id)


@bp.route("/visit/<uuid:visit_id>/outcome", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def outcome(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Show the notes, which leaves a trace, and say what came of the visit."""
    actor, now = current_actor(), clock.now()
    form = OutcomeForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            visit = afterwards.record_outcome(
                session,
                visit_id,
                Outcome(form.outcome.data),
                form.outcome_note.data or "",
                actor=actor,
                now=now,
            )
            flash(_("結果を書きました。"))
            return see_other(session, _at(visit.session_id, visit_id))
    # Not the writing transaction: a form that is shown again keeps its key for the next try.
    with reading() as session:
        visit = afterwards.open_notes(session, visit_id, actor=actor)
        note, outcome_note = visit.note, visit.outcome_note
        people = queries.visitors(session, [visit])
        of = visit.session
    if not form.is_submitted():
        form.outcome.data = visit.outcome.value if visit.outcome else None
        form.outcome_note.data = outcome_note
    page = render_template(
        "office/visits/outcome.html",
        form=form,
        visit=visit,
        of=of,
        note=note,
        visitor=people.get(visit_id),
        **page_words(),
    )
    return page, form.status


@bp.post("/visit/<uuid:visit_id>/told")
@requires(Permission.RUN_THE_DAY)
def told(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Record that the family was told by phone."""
    with transaction() as session:
        afterwards.mark_told(session, visit_id, actor=current_actor(), now=clock.now())
        flash(_("「電話で伝えた」とつけました。"))
        return see_other(session, url_for("office_visits.index"))


@bp.post("/visit/<uuid:visit_id>/cancel")
@requires(Permission.RUN_THE_DAY)
def cancel(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel for a family that called."""
    session_id = _session_of(visit_id)
    try:
        with transaction() as session:
            service.cancel(session, visit_id, actor=current_actor(), now=clock.now())
            flash(_("予約を取り消しました。ご家庭には、メールでも知らせます。"))
            return see_other(session, _at(session_id, visit_id))
    except Refusal as refusal:
        return refused_page(refusal, session_id)


def _session_of(visit_id: uuid.UUID) -> uuid.UUID:
    return queries.visit(current_session(), visit_id, actor=current_actor()).session_id


def _at(session_id: uuid.UUID, visit_id: uuid.UUID) -> str:
    return url_for("office_visits.show", session_id=session_id, _anchor=f"visit-{visit_id}")
