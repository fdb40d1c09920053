"""Passing on without consent: decide, release as the second person, review on the next day."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound

from portal.audit.service import record_read
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.referrals import ground_queries as queries
from portal.referrals import grounds
from portal.referrals.ground_forms import DecisionForm, ReviewForm
from portal.referrals.ground_words import ground_label
from portal.referrals.labels import item_label
from portal.referrals.rules import GroundRefusal, Item, LegalGround
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("grounds", __name__, url_prefix="/grounds")

_KNOWN = text("SELECT family_is_known(:family)")


@bp.get("/")
@requires(Permission.ACCOUNT_FOR_SHARING)
def index() -> ResponseReturnValue:
    """List what waits for a second person, those to review first, and what is answered."""
    return _page(PortalForm())


def _page(form: PortalForm) -> str:
    actor = current_actor()
    with transaction() as session:
        waiting = queries.waiting(session, actor=actor)
        for each in waiting:
            record_read(session, actor, "ground", each.row.id)
        return render_template(
            "grounds/index.html",
            waiting=waiting,
            answered=queries.answered(session, actor=actor),
            me_id=actor.user_id,
            today=clock.today(clock.now()),
            ground_label=ground_label,
            item_label=item_label,
            form=form,
        )


@bp.route("/new/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_FOR_SHARING)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Decide for a family: with a second person, or alone after a call in urgency."""
    session, actor, now = current_session(), current_actor(), clock.now()
    if not session.scalar(_KNOWN, {"family": family_id}):
        raise NoResultFound
    form = DecisionForm()
    form.receiver.choices = [
        (str(row.id), row.name)
        for row in session.scalars(
            select(Organisation)
            .where(
                Organisation.id != actor.organisation_id,
                Organisation.kind != OrganisationKind.OPERATOR,
            )
            .order_by(Organisation.kind == OrganisationKind.PROVIDER, Organisation.name)
        )
    ]
    if not form.is_submitted():
        form.receiver.data = request.args.get("to", form.receiver.data)
    if not form.validate_on_submit():
        return _form_page(family_id, form), form.status
    what = grounds.Decision(
        family_id,
        uuid.UUID(form.receiver.data),
        LegalGround(form.ground.data),
        [Item(item) for item in form.items.data or ()],
        form.reason.data or "",
    )
    phoned_at = form.phoned_at(now) if form.is_urgent.data else None
    with form.explaining(sentence):
        if form.is_urgent.data and phoned_at is None:
            raise Refusal([GroundRefusal.PHONE_FIRST])
        with transaction() as writing:
            if phoned_at is None:
                grounds.decide(writing, what, actor=actor, now=now)
                flash(_("記録しました。ほかの職員の確認がすむまで、何も伝わりません。"))
            else:
                grounds.urgent(writing, what, phoned_at=phoned_at, actor=actor, now=now)
                flash(_("記録しました。次の開庁日に、ほかの職員が確認します。"))
            return see_other(writing, url_for(".index"))
    return _form_page(family_id, form), form.status


def _form_page(family_id: uuid.UUID, form: DecisionForm) -> str:
    return render_template("grounds/new.html", form=form, family_id=family_id)


@bp.post("/<uuid:ground_id>/release")
@requires(Permission.ACCOUNT_FOR_SHARING)
def release(ground_id: uuid.UUID) -> ResponseReturnValue:
    """Let a colleague's decision through."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with form.explaining(sentence), transaction() as session:
        grounds.release(session, ground_id, actor=current_actor(), now=clock.now())
        flash(_("確認しました。伝えられます。"))
        return see_other(session, url_for(".index"))
    return _page(form), form.status


@bp.post("/<uuid:ground_id>/turn-down")
@requires(Permission.ACCOUNT_FOR_SHARING)
def turn_down(ground_id: uuid.UUID) -> ResponseReturnValue:
    """Say no, or take one's own decision back: nothing goes out on it."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with form.explaining(sentence), transaction() as session:
        grounds.turn_down(session, ground_id, actor=current_actor(), now=clock.now())
        flash(_("取り下げました。何も伝わりません。"))
        return see_other(session, url_for(".index"))
    return _page(form), form.status


@bp.post("/<uuid:ground_id>/review")
@requires(Permission.ACCOUNT_FOR_SHARING)
def review(ground_id: uuid.UUID) -> ResponseReturnValue:
    """Say whether an urgent one was right; a no hides what was passed on."""
    form = ReviewForm()
    if not form.validate_on_submit():
        queries.decision(current_session(), ground_id, actor=current_actor())
        return _page(form), 422
    with form.explaining(sentence), transaction() as session:
        grounds.review(
            session,
            ground_id,
            agreed=form.answer.data == "yes",
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("確認を記録しました。"))
        return see_other(session, url_for(".index"))
    return _page(form), form.status
