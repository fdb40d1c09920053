"""What a supporting body has sent: the list, one referral with its way, recall, close, pass on."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.rules import STATE_LABELS
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.liaison.interviews_view import UNFINISHED_FOR
from portal.organisations.models import Organisation
from portal.referrals import on_the_spot, queries, service
from portal.referrals.ending_forms import OutcomeForm
from portal.referrals.listing import listed, search_begun
from portal.referrals.pages import Tab, lines_of, referral_page
from portal.referrals.receiver_sheet import may_be_printed
from portal.referrals.rules import Outcome, Side
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_referrals", __name__, url_prefix="/liaison/referrals")


@bp.get("/")
@requires(Permission.REFER_FAMILIES)
def index() -> ResponseReturnValue:
    """List what was sent: under way with the overdue first, overdue alone, used, ended.

    Sifted by state and by receiver, twenty on a page.
    """
    wanted = request.args.get("show", Tab.OPEN.value)
    if wanted not in set(Tab):
        abort(404)
    session, actor, now = current_session(), current_actor(), clock.now()
    rows = queries.sent_by_us(session, actor=actor)
    on = clock.today(now)
    found = listed(session, rows, Tab(wanted), actor=actor, on=on, endpoint=".index")
    since = on - UNFINISHED_FOR
    return render_template(
        "liaison/referrals/index.html",
        found=found,
        lines=lines_of(session, found.rows, actor=actor, on=on),
        unfinished=queries.unfinished(session, actor=actor, since=since),
        form=PortalForm(formdata=None),
        now=now,
    )


@bp.post("/")
@requires(Permission.REFER_FAMILIES)
def search() -> ResponseReturnValue:
    """Find by a name, a phone number or the number of a referral, in every part of the list."""
    return search_begun(".index")


@bp.get("/<uuid:referral_id>")
@requires(Permission.REFER_FAMILIES)
def show(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Show one: what was passed on, how far it has come, whose turn it is."""
    return _page(referral_id, PortalForm(formdata=None))


@bp.post("/<uuid:referral_id>/recall")
@requires(Permission.REFER_FAMILIES)
def recall(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take it back: the receiver reads nothing from now on, and is told to stop."""
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        service.recall(session, referral_id, actor=current_actor(), now=clock.now())
        flash(_("取り下げました。相手には、もう見えません。"))
        return see_other(session, url_for(".show", referral_id=referral_id))
    return _page(referral_id, form), 409


@bp.route("/<uuid:referral_id>/close", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def close(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Close it with what came of it, and why."""
    actor = current_actor()
    row = queries.referral(current_session(), referral_id, actor=actor)
    if queries.side_of(row, actor) is not Side.SENDER:
        abort(404)
    form = OutcomeForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            service.close(
                session,
                referral_id,
                Outcome(form.outcome.data),
                form.words.data or "",
                actor=actor,
                now=clock.now(),
            )
            flash(_("紹介を終わりにしました。"))
            return see_other(session, url_for(".show", referral_id=referral_id))
    page = render_template(
        "referrals/close.html",
        form=form,
        row=row,
        back=url_for(".show", referral_id=referral_id),
    )
    return page, form.status


def _page(referral_id: uuid.UUID, form: PortalForm) -> str:
    actor = current_actor()
    with reading() as session:
        row = queries.referral(session, referral_id, actor=actor)
        if queries.side_of(row, actor) is not Side.SENDER:
            abort(404)
        seen = referral_page(session, row, actor=actor, now=clock.now())
        is_standing = "recall" in seen.can
        booked = on_the_spot.bookings_of(session, row, actor=actor) if is_standing else []
        has_reader = bool(queries.readers(session, row, row.receiver_id))
        body = session.get_one(Organisation, row.receiver_id)
    return render_template(
        "liaison/referrals/show.html",
        form=form,
        row=row,
        seen=seen,
        booked=booked,
        states=STATE_LABELS,
        has_no_reader=not has_reader,
        has_address=bool(body.mail),
        can_print=may_be_printed(row),
    )
