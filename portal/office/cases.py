"""Cases at the office: what is open, one case with its calls, and ending it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.attendance.queries import facilities_of
from portal.contacts.rules import ContactChannel
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.facilities import own
from portal.facilities.queries import own_facility
from portal.kernel import clock
from portal.kernel.errors import Reason
from portal.noshow import queries, receivers, service, words
from portal.noshow.models import CareCase
from portal.noshow.rules import CaseKind, CaseState, CheckResult
from portal.noshow.writing import must_be_taken_over
from portal.office.cases_check import check_page
from portal.office.cases_forms import AttemptForm, WaitForm, WordsForm
from portal.office.cases_view import case_view, title_of
from portal.referrals.rules import Urgency
from portal.web.access import Permission, current_actor, may, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_cases", __name__, url_prefix="/office/cases")

#: How long closed cases stay in the list.
_CLOSED_SHOWN = timedelta(days=30)


@bp.get("/")
@requires(Permission.HANDLE_CASES)
def index() -> ResponseReturnValue:
    """List the open cases, those first where the next step is ours, and those closed lately."""
    now, actor = clock.now(), current_actor()
    with transaction() as session:
        open_ones = queries.open_cases(session, actor=actor)
        closed = queries.closed_cases(session, actor=actor, since=now - _CLOSED_SHOWN)
        if not may(Permission.KNOW_SUPPORT):
            open_ones, closed = [of for of in open_ones if of.is_to_be_checked], []
        shown = [*open_ones, *closed]
        names = receivers.children_of_cases(session, shown, actor=actor)
        titles = {of.id: title_of(of, names[of.id]) for of in shown}
        facilities = facilities_of(session, actor)
    return render_template(
        "office/cases/index.html",
        ours=sorted((of for of in open_ones if _is_ours(of)), key=_in_need),
        waiting=[of for of in open_ones if not _is_ours(of)],
        closed=closed,
        titles=titles,
        facilities={each.id: each for each in facilities},
        now=now,
        words=words,
        CaseState=CaseState,
    )


def _is_ours(of: CareCase) -> bool:
    """Say whether the provider must do the next step: call, tell, or close."""
    return of.state in {CaseState.SUSPECTED, CaseState.CHECKED, CaseState.EXCUSED}


def _in_need(of: CareCase) -> tuple[bool, bool, datetime]:
    """Put urgent ones first, then calls that must be made, the one due soonest before the rest."""
    return of.urgency is not Urgency.URGENT, of.state is not CaseState.SUSPECTED, of.due_at


@bp.get("/<uuid:case_id>")
@requires(Permission.HANDLE_CASES)
def show(case_id: uuid.UUID) -> ResponseReturnValue:
    """Show a case: whom to call, what happened, who was told what, what comes next."""
    return case_page(case_id)


def case_page(
    case_id: uuid.UUID,
    *,
    attempt: AttemptForm | None = None,
    noticed: WordsForm | None = None,
    problem: PortalForm | None = None,
) -> tuple[str, int]:
    """Return the page of a case, with what was wrong with one of its forms.

    Raises:
        NoResultFound: not a case of the actor's provider.
    """
    if not may(Permission.KNOW_SUPPORT):
        return check_page(case_id, attempt=attempt, problem=noticed or problem)
    now, actor = clock.now(), current_actor()
    # Not the transaction of a form: what was refused must not claim the form's key.
    with reading() as session:
        of = queries.own(session, case_id, actor=actor)
        view = case_view(session, case_id, actor=actor, now=now, may_close=_may_close(session, of))
        told = queries.read_words(session, view.reports, actor=actor)
    form = problem or attempt or noticed
    page = render_template(
        "office/cases/show.html",
        view=view,
        told=told,
        attempt=attempt or AttemptForm(formdata=None),
        noticed=noticed or WordsForm(formdata=None, prefix="noticed"),
        problem=form,
        tap=PortalForm(formdata=None),
        words=words,
        CaseState=CaseState,
        CaseKind=CaseKind,
        results=list(CheckResult),
        now=now,
    )
    return page, form.status if form else 200


def _may_close(session: Session, of: CareCase) -> bool:
    if of.state is CaseState.EXCUSED:
        return True
    return of.state is CaseState.CHECKED and not must_be_taken_over(session, of)


@bp.post("/<uuid:case_id>/result")
@requires(Permission.HANDLE_CASES)
def result(case_id: uuid.UUID) -> ResponseReturnValue:
    """Write down an attempt to reach the family and what came of it."""
    form = AttemptForm()
    if not form.validate_on_submit():
        return case_page(case_id, attempt=form)
    with form.explaining(in_full), transaction() as session:
        done = service.record_result(
            session,
            case_id,
            CheckResult(form.result.data),
            channel=ContactChannel(form.channel.data),
            words=form.words.data,
            actor=current_actor(),
            now=clock.now(),
        )
        flash(
            _("記録しました。")
            if done.is_new
            else _("同じ結果を、ほかの職員が先に記録していました。2回にはなりません。")
        )
        return see_other(session, url_for(".show", case_id=case_id))
    return case_page(case_id, attempt=form)


@bp.post("/<uuid:case_id>/noticed")
@requires(Permission.KNOW_SUPPORT)
def noticed(case_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what the nursery noticed."""
    form = WordsForm(prefix="noticed")
    if not form.validate_on_submit():
        return case_page(case_id, noticed=form)
    with form.explaining(in_full), transaction() as session:
        service.notice(
            session, case_id, form.words.data or "", actor=current_actor(), now=clock.now()
        )
        flash(_("書きました。まだ、どこにも知らせていません。"))
        return see_other(session, url_for(".show", case_id=case_id))
    return case_page(case_id, noticed=form)


@bp.post("/<uuid:case_id>/explained")
@requires(Permission.HANDLE_CASES)
def explained(case_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that the family itself told why."""
    return _tap(
        case_id,
        _("ご家庭からの連絡を記録しました。"),
        lambda session: service.explain(session, case_id, actor=current_actor(), now=clock.now()),
    )


@bp.post("/<uuid:case_id>/came")
@requires(Permission.HANDLE_CASES)
def came(case_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that the child came after all."""
    return _tap(
        case_id,
        _("来園したことを記録しました。登園の時刻は、ボードで入れてください。"),
        lambda session: service.came(session, case_id, actor=current_actor(), now=clock.now()),
    )


@bp.post("/<uuid:case_id>/close")
@requires(Permission.KNOW_SUPPORT)
def close(case_id: uuid.UUID) -> ResponseReturnValue:
    """End a case that nobody else has to know of."""
    return _tap(
        case_id,
        _("この件を閉じました。"),
        lambda session: service.close(session, case_id, actor=current_actor(), now=clock.now()),
    )


def _tap(case_id: uuid.UUID, said: str, do: Callable[[Session], object]) -> ResponseReturnValue:
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        queries.own(session, case_id, actor=current_actor())
        do(session)
        flash(said)
        return see_other(session, url_for(".show", case_id=case_id))
    return case_page(case_id, problem=form)


@bp.route("/waiting/<uuid:facility_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def waiting(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Set after how many minutes a child without word counts as not arrived."""
    actor = current_actor()
    with reading() as session:
        facility = own_facility(session, facility_id, actor.organisation_id)
    form = WaitForm(minutes=facility.no_show_minutes)
    if form.validate_on_submit():
        with transaction() as session:
            own.set_no_show_minutes(
                session, facility_id, form.minutes.data, actor=actor, now=clock.now()
            )
            flash(_("変えました。"))
            return see_other(session, url_for(".index"))
    page = render_template("office/cases/waiting.html", form=form, facility=facility)
    return page, form.status


def in_full(reason: Reason) -> str:
    """Return why something cannot be done, and what would help."""
    on = clock.today(clock.now())
    remedy = help_for(reason, today=on)
    said = sentence(reason, today=on)
    return f"{said}。{remedy.text}" if remedy else said
