"""A family's own pre-registrations: apply, see where they stand, answer, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families.models import Child
from portal.families.queries import children as of_family
from portal.families.queries import confirmed_days, to_confirm_again
from portal.kernel import clock
from portal.kernel.age import class_age
from portal.kernel.errors import Reason, Refusal
from portal.policies.age import AgeUnit
from portal.policies.document import RulesDocument
from portal.preregistration import queries, service
from portal.preregistration.forms import AnswerForm, ApplyForm, PlainForm
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import ChildWithRegistration
from portal.preregistration.rules import (
    LIVE,
    PreregistrationRefusal,
    PreregistrationState,
    has_ended,
)
from portal.slots.classes import CLASSES
from portal.slots.published import published_place
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_preregistrations", __name__, url_prefix="/my/preregistrations")


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """List the applications, each with its next step."""
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    rows = sorted(queries.of_family(session, actor=actor), key=lambda row: _turn(row, today))
    children = (
        [] if rows or actor.family_id is None else of_family(session, actor.family_id, actor=actor)
    )
    return render_template(
        "selfservice/preregistrations/index.html",
        rows=rows,
        may_apply=not children or any(child.born_on for child in children),
        calendar_url=calendar_url,
        first_days=first_days(session, rows, on=today),
    )


def _turn(row: Preregistration, today: date) -> int:
    """Order what waits for the family first, then what runs, then what is over."""
    if row.state not in LIVE or has_ended(row.state, row.accepted_until, today):
        return 3
    return [
        PreregistrationState.ASKED_BACK,
        PreregistrationState.APPLIED,
        PreregistrationState.ACCEPTED,
    ].index(row.state)


@bp.route("/apply/<uuid:facility_id>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def apply(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Apply to a facility for one child or several; opens the family to its provider."""
    actor, now = current_actor(), clock.now()
    session = current_session()
    facility = queries.facility_to_apply_to(session, facility_id, actor=actor)
    found = queries.children_with_registration(session, facility_id, actor=actor)
    ids = [each.child.id for each in found]
    confirmed = confirmed_days(session, ids, actor=actor)
    why_not = {each.child.id: _why_not(each, confirmed, clock.today(now)) for each in found}
    names: dict[uuid.UUID | None, str] = {each.child.id: _spoken_of(each.child) for each in found}
    too_young = _too_young(session, facility_id, found, clock.today(now))
    form = ApplyForm()
    form.offer((each.child, names[each.child.id]) for each in found)
    status = 200
    if form.validate_on_submit():
        try:
            with transaction() as writing:
                made = service.apply(
                    writing,
                    facility_id,
                    form.child_ids.data,
                    actor=actor,
                    now=now,
                    note=form.note.data or "",
                )
                flash(_("申し込みました。園の返事をお待ちください。"))
                one = url_for(".show", preregistration_id=made[0])
                answer_at = one if len(made) == 1 else url_for(".index")
                answer = see_other(writing, answer_at)
        except Refusal as refusal:
            form.explain(refusal, lambda reason: sentence(reason, child=names.get(reason.child_id)))
            status = 409
        else:
            return answer
    elif form.is_submitted():
        status = 422
    page = render_template(
        "selfservice/preregistrations/apply.html",
        form=form,
        facility=facility,
        found=found,
        too_young=too_young,
        may_send=not all(why_not.values()),
        applied=any(each.has_live(clock.today(now)) for each in found),
        why_not={str(child_id): why for child_id, why in why_not.items() if why},
        unwritten=[
            each.child for each in found if each.child.born_on and each.child.id not in confirmed
        ],
        again=to_confirm_again(session, ids, actor=actor),
    )
    return page, status


@bp.get("/<uuid:preregistration_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show where an application stands and what both sides wrote."""
    return _page(preregistration_id, AnswerForm())


@bp.post("/<uuid:preregistration_id>/answer")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def answer(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Answer the facility's question."""
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(preregistration_id, form), 422
    try:
        with transaction() as session:
            service.answer(
                session,
                preregistration_id,
                form.words.data,
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("園に答えを送りました。"))
            return see_other(session, url_for(".show", preregistration_id=preregistration_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(preregistration_id, form), 409


@bp.post("/<uuid:preregistration_id>/withdraw")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def withdraw(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """End the application."""
    form = AnswerForm()
    try:
        with transaction() as session:
            service.withdraw(session, preregistration_id, actor=current_actor(), now=clock.now())
            flash(_("申し込みを取り下げました。"))
            return see_other(session, url_for(".index"))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(preregistration_id, form), 409


def _page(preregistration_id: uuid.UUID, form: AnswerForm) -> str:
    actor = current_actor()
    with reading() as session:
        row = queries.preregistration(session, preregistration_id, actor=actor)
        messages = service.open_messages(session, preregistration_id, actor=actor)
        from_day = first_days(session, [row], on=clock.today(clock.now()))[row.id]
    return render_template(
        "selfservice/preregistrations/show.html",
        row=row,
        calendar_url=calendar_url,
        from_day=from_day,
        messages=messages,
        form=form,
        plain=PlainForm(formdata=None),
    )


def calendar_url(row: Preregistration, on: date) -> str:
    """Return the address of the facility's calendar, opened at the child's class."""
    born_on = row.child.born_on
    age = None if born_on is None else max(0, class_age(born_on, max(born_on, on)))
    values: dict[str, Any] = {"facility_id": row.facility_id}
    if age is not None and age in CLASSES:
        values["class"] = age
    return url_for("public.facility", **values)


def first_days(
    session: Session, rows: Sequence[Preregistration], *, on: date
) -> dict[uuid.UUID, date | None]:
    """Return for each row the day from which the child is old enough; ``None`` where it is."""
    return {
        row.id: _first_day(_document(session, row.facility_id, on), row.child, on)
        if row.state in LIVE
        else None
        for row in rows
    }


def _document(session: Session, facility_id: uuid.UUID, on: date) -> RulesDocument:
    try:
        return published_place(session, facility_id, on=on).document
    except NoResultFound:  # no longer published: nothing is known against its age
        return RulesDocument()


def _first_day(document: RulesDocument, child: Child, on: date) -> date | None:
    if document.age is None or child.born_on is None:
        return None
    first = document.age.first_day(child.born_on)
    return first if first > on else None


def _too_young(
    session: Session, facility_id: uuid.UUID, found: Sequence[ChildWithRegistration], on: date
) -> dict[str, str]:
    document = _document(session, facility_id, on)
    words = {}
    for child in (each.child for each in found):
        first = _first_day(document, child, on)
        if first is None or document.age is None or child.born_on is None:
            continue
        limit = document.age.min
        is_months = limit is not None and limit.unit is AgeUnit.MONTHS
        said = (
            _("%(months)sか月になる %(day)s の利用から予約できます。申し込みは、いまできます")
            if is_months
            else _("%(day)s の利用から予約できます。申し込みは、いまできます")
        )
        months = limit.value if limit is not None else 0
        words[str(child.id)] = said % {"months": months, "day": jdate(first, on)}
    return words


def _why_not(
    each: ChildWithRegistration, confirmed: dict[uuid.UUID, date], today: date
) -> str | None:
    there = each.preregistration
    if each.child.born_on is None:
        code = PreregistrationRefusal.NOT_BORN_YET
    elif there is not None and not has_ended(there.state, there.accepted_until, today):
        code = PreregistrationRefusal.ALREADY_APPLIED
    elif each.child.id not in confirmed:
        code = PreregistrationRefusal.RECORD_NOT_CONFIRMED
    else:
        return None
    return sentence(Reason(code), child=_spoken_of(each.child))


def _spoken_of(child: Child) -> str:
    return _("%(name)sさん") % {"name": child.name} if child.name else _("これから生まれるお子さん")
