"""What staff do with an application: decide, let wait, write, record what a caller said."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.office.preregistrations import has_mail, page_of
from portal.office.preregistrations_forms import AcceptForm, ToldForm, WordForm
from portal.preregistration import agreeing, listing, queries, renewing, service
from portal.preregistration.forms import (
    DeclineForm,
    PlainForm,
    QuestionForm,
)
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_preregistrations_decide", __name__, url_prefix="/office/preregistrations")


@bp.post("/<uuid:preregistration_id>/accept")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def accept(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Accept the application, with conditions where some are written."""
    form = AcceptForm()

    def act(session: Session) -> None:
        service.accept(
            session,
            preregistration_id,
            actor=current_actor(),
            now=clock.now(),
            conditions=form.conditions.data or "",
            has_read=bool(form.has_read.data),
            seen=form.mark(),
        )

    return _decide(
        preregistration_id, form, act, _("承諾しました。ご家庭に知らせます。"), _("承諾しました。")
    )


@bp.post("/<uuid:preregistration_id>/wait")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def wait(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Let the application wait for a registration, with its brothers and sisters."""
    form = PlainForm()

    def act(session: Session) -> None:
        service.wait(
            session, preregistration_id, actor=current_actor(), now=clock.now(), seen=form.mark()
        )

    return _decide(
        preregistration_id,
        form,
        act,
        _("空きを待つ人にしました。ご家庭に知らせます。"),
        _("空きを待つ人にしました。"),
    )


@bp.post("/<uuid:preregistration_id>/ask-back")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def ask_back(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the family something first."""
    form = QuestionForm()

    def act(session: Session) -> None:
        service.ask_back(
            session,
            preregistration_id,
            form.question.data,
            actor=current_actor(),
            now=clock.now(),
            seen=form.mark(),
        )

    return _decide(
        preregistration_id, form, act, _("質問を送りました。"), _("質問を記録しました。")
    )


@bp.post("/<uuid:preregistration_id>/decline")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def decline(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Decline, with the reason that the family reads."""
    form = DeclineForm()

    def act(session: Session) -> None:
        service.decline(
            session,
            preregistration_id,
            form.reason.data,
            actor=current_actor(),
            now=clock.now(),
            seen=form.mark(),
        )

    return _decide(
        preregistration_id, form, act, _("お断りの返事を送りました。"), _("お断りを記録しました。")
    )


@bp.post("/<uuid:preregistration_id>/say")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def say(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Write to the family after the decision."""
    form = WordForm()

    def act(session: Session) -> None:
        service.say(
            session, preregistration_id, form.words.data, actor=current_actor(), now=clock.now()
        )

    return _decide(
        preregistration_id,
        form,
        act,
        _("ことばを送りました。ご家庭に知らせます。"),
        _("ことばを記録しました。"),
    )


@bp.post("/<uuid:preregistration_id>/acknowledge")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def acknowledge(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Say that the record has been read."""

    def act(session: Session) -> None:
        agreeing.acknowledge(session, preregistration_id, actor=current_actor(), now=clock.now())

    return _decide(preregistration_id, PlainForm(), act, _("読んだことを記録しました。"))


@bp.post("/<uuid:preregistration_id>/told")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def told(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Record what a family said by phone, FAX, post or at the counter, with the time."""
    form = ToldForm()

    def act(session: Session) -> None:
        said = agreeing.agree if form.said.data == "agrees" else renewing.ask_renewal
        said(
            session,
            preregistration_id,
            actor=current_actor(),
            now=clock.now(),
            channel=form.by_channel(),
            received_at=form.received_at(),
        )

    return _decide(preregistration_id, form, act, _("ご家庭が言ったことを記録しました。"))


@bp.post("/<uuid:preregistration_id>/extend")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def extend(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Let the registration go on, as the family asked."""
    form = PlainForm()

    def act(session: Session) -> None:
        renewing.extend(
            session, [preregistration_id], actor=current_actor(), now=clock.now(), seen=form.mark()
        )

    return _decide(preregistration_id, form, act, _("続けました。ご家庭に知らせます。"))


@bp.post("/extend-unchanged")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def extend_unchanged() -> ResponseReturnValue:
    """Let all go on who asked for it and of whom nothing has changed."""
    actor, now = current_actor(), clock.now()
    here = url_for("office_preregistrations.index", show=listing.Show.RENEW.value)
    with transaction() as session:
        views = listing.listing(session, clock.today(now), actor=actor)
        ids = [row.id for row in listing.unchanged_renewals(session, views, actor=actor)]
        try:
            renewing.extend(session, ids, actor=actor, now=now)
            flash(_("%(count)s人分を続けました。") % {"count": len(ids)})
        except Refusal as refusal:
            session.rollback()
            flash(_in_words(refusal.reasons[0]))
        return see_other(session, here)


@bp.post("/move-up/<uuid:facility_id>")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def move_up(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Accept those who waited longest, as far as registrations are free."""
    actor, now = current_actor(), clock.now()
    queries.facility_to_apply_to(current_session(), facility_id, actor=actor)
    with transaction() as session:
        moved = service.move_up(session, facility_id, actor=actor, now=now)
        flash(
            _("%(count)s人を承諾しました。ご家庭に知らせます。") % {"count": len(moved)}
            if moved
            else _("いまは空きがありません。")
        )
        here = url_for("office_preregistrations.index", show=listing.Show.WAITING.value)
        return see_other(session, here)


def _decide(
    preregistration_id: uuid.UUID,
    form: PortalForm,
    act: Callable[[Session], None],
    done: str,
    done_without_mail: str = "",
) -> ResponseReturnValue:
    if form.validate_on_submit():
        with form.explaining(_in_words), transaction() as session:
            act(session)
            flash(_said(session, preregistration_id, done, done_without_mail))
            here = url_for("office_preregistrations.show", preregistration_id=preregistration_id)
            return see_other(session, here)
    return page_of(preregistration_id, form), form.status


def _said(session: Session, preregistration_id: uuid.UUID, done: str, without_mail: str) -> str:
    """Return what was done; where no mail goes out, that a letter waits to be handed over."""
    actor = current_actor()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    if not without_mail or has_mail(session, row.family_id, actor=actor):
        return done
    waits = _("メールのないご家庭です。「おたより」に、わたす紙があります。")
    return without_mail + waits


def _in_words(reason: Reason) -> str:
    helps = help_for(reason)
    said = sentence(reason) + "。"
    return f"{said}{helps.text}" if helps else said
