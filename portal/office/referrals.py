"""What was referred to us: the inbox, one referral, how far it has come, refuse, close, link."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.office.referrals_client import client_candidates, register_client
from portal.referrals import queries, service
from portal.referrals.ending_forms import OutcomeForm, ReasonForm
from portal.referrals.listing import listed, search_begun
from portal.referrals.models import Referral
from portal.referrals.pages import Tab, lines_of, referral_page
from portal.referrals.rules import Outcome, ReferralEvent, ReferralState, Side
from portal.referrals.said import in_full
from portal.referrals.words import event_words
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_referrals", __name__, url_prefix="/office/referrals")

#: Steps that are said by hand, where the portal does not notice them itself.
_BY_HAND = frozenset(
    {
        ReferralEvent.RECEIVE,
        ReferralEvent.CONTACT,
        ReferralEvent.VISIT,
        ReferralEvent.REGISTER,
        ReferralEvent.USE,
    }
)


@bp.get("/")
@requires(Permission.RECEIVE_REFERRALS)
def index() -> ResponseReturnValue:
    """List what came to us, the overdue first; names only of families that are our own."""
    wanted = request.args.get("show", Tab.OPEN.value)
    if wanted not in set(Tab):
        abort(404)
    session, actor, now = current_session(), current_actor(), clock.now()
    rows = queries.received_by_us(session, actor=actor)
    on = clock.today(now)
    found = listed(session, rows, Tab(wanted), actor=actor, on=on, endpoint=".index")
    return render_template(
        "office/referrals/index.html",
        found=found,
        lines=lines_of(session, found.rows, actor=actor, on=on),
        form=PortalForm(formdata=None),
        now=now,
    )


@bp.post("/")
@requires(Permission.RECEIVE_REFERRALS)
def search() -> ResponseReturnValue:
    """Find by a name, a phone number or the number of a referral, in every part of the list."""
    return search_begun(".index")


@bp.get("/<uuid:referral_id>")
@requires(Permission.RECEIVE_REFERRALS)
def show(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Show one: what we were told, how far it has come, what comes next."""
    return _page(referral_id, PortalForm(formdata=None))


@bp.post("/<uuid:referral_id>/step")
@requires(Permission.RECEIVE_REFERRALS)
def step(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Receive it, or say that the family was reached, came, is registered, used it."""
    wanted = request.form.get("event", "")
    if wanted not in {event.value for event in _BY_HAND}:
        abort(404)
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        service.move(
            session,
            referral_id,
            ReferralEvent(wanted),
            actor=current_actor(),
            now=clock.now(),
        )
        flash(event_words(wanted) + _("。紹介した機関にも伝わります。"))
        return see_other(session, url_for(".show", referral_id=referral_id))
    return _page(referral_id, form), 409


@bp.route("/<uuid:referral_id>/refuse", methods=["GET", "POST"])
@requires(Permission.RECEIVE_REFERRALS)
def refuse(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Give it back with the reason; the sender then looks for another way."""
    row = _received(referral_id)
    form = ReasonForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            service.move(
                session,
                referral_id,
                ReferralEvent.REFUSE,
                actor=current_actor(),
                now=clock.now(),
                words=form.words.data,
            )
            flash(_("紹介した機関に返事をしました。"))
            return see_other(session, url_for(".show", referral_id=referral_id))
    page = render_template("office/referrals/refuse.html", form=form, row=row)
    return page, form.status


@bp.route("/<uuid:referral_id>/close", methods=["GET", "POST"])
@requires(Permission.RECEIVE_REFERRALS)
def close(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Close it with what came of it, and why."""
    row = _received(referral_id)
    form = OutcomeForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            service.close(
                session,
                referral_id,
                Outcome(form.outcome.data),
                form.words.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("紹介を終わりにしました。紹介した機関にも伝わります。"))
            return see_other(session, url_for(".show", referral_id=referral_id))
    page = render_template(
        "referrals/close.html",
        form=form,
        row=row,
        back=url_for(".show", referral_id=referral_id),
    )
    return page, form.status


@bp.route("/<uuid:referral_id>/client", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def client(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Join it with the family's own record here, or register the family from what we were told."""
    actor, now = current_actor(), clock.now()
    row = _received(referral_id)
    if row.state is ReferralState.SENT:  # what it says is opened by receiving it
        return redirect(url_for(".show", referral_id=referral_id), 303)
    form = PortalForm()
    if form.is_submitted():
        chosen = request.form.get("family", "")
        with form.explaining(in_full), transaction() as session:
            if chosen == "new":
                family_id = register_client(session, row, actor=actor, now=now)
            else:
                family_id = families.family(session, _as_id(chosen), actor=actor).id
            service.link_client(session, referral_id, family_id, actor=actor, now=now)
            flash(_("園のご家庭の記録とつなぎました。"))
            return see_other(session, url_for(".show", referral_id=referral_id))
    with reading() as session:
        found = client_candidates(session, row, request.args.get("search", ""), actor=actor)
    page = render_template("office/referrals/client.html", form=form, row=row, found=found)
    return page, 409 if form.is_refused else 200


def _as_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        abort(404)


def _received(referral_id: uuid.UUID) -> Referral:
    actor = current_actor()
    row = queries.referral(current_session(), referral_id, actor=actor)
    if queries.side_of(row, actor) is not Side.RECEIVER:
        abort(404)
    return row


def _page(referral_id: uuid.UUID, form: PortalForm) -> str:
    actor = current_actor()
    with reading() as session:
        row = _received(referral_id)
        seen = referral_page(session, row, actor=actor, now=clock.now())
        told = queries.told(session, row) if seen.passed else None
    return render_template(
        "office/referrals/show.html",
        form=form,
        row=row,
        seen=seen,
        told=told,
        by_hand=[event.value for event in ReferralEvent if event in _BY_HAND],
    )
