"""Before publishing: the public pages as families will see them; what is left; in and out."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities import own
from portal.kernel import clock
from portal.office.places_bookings import bookings_lying_on
from portal.office.setup import load, render_step
from portal.office.setup_steps import Step
from portal.slots.rules import horizon_end
from portal.web.access import Permission, current_actor, requires
from portal.web.addresses import allow_days
from portal.web.forms import PortalForm
from portal.web.headers import with_frames
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_preview", __name__, url_prefix="/office/set-up")
allow_days(bp)


@bp.get("/<uuid:facility_id>/preview")
@requires(Permission.MANAGE_FACILITY)
def index(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Frame the public page, as wide as a phone or as a screen."""
    setup = load(facility_id)
    page = render_step(
        "preview",
        setup,
        Step.PREVIEW,
        is_wide=request.args.get("width") == "wide",
        has_draft=setup.has_draft,
    )
    return with_frames(make_response(page))


@bp.route("/<uuid:facility_id>/publish", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def publish(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is left to do; publish once nothing is."""
    setup, form = load(facility_id), PortalForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            setup.check_ready()
            own.publish_facility(session, facility_id, actor=current_actor(), now=clock.now())
            flash(_("公開しました。だれでも空きを見られます。"))
            return see_other(session, setup.home)
    return render_step("publish", setup, Step.PUBLISH, form=form), form.status


@bp.route("/<uuid:facility_id>/unpublish", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def unpublish(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Say what follows from taking a facility off the public pages; do it."""
    setup, actor, form = load(facility_id), current_actor(), PortalForm()
    if form.validate_on_submit():
        with transaction() as session:
            own.unpublish_facility(session, facility_id, actor=actor, now=clock.now())
            flash(_("公開をやめました。いま入っている予約は、そのままです。"))
            return see_other(session, setup.home)
    today = clock.today(clock.now())
    ahead = bookings_lying_on(current_session(), facility_id, today, horizon_end(today), actor)
    return render_template(
        "office/setup/unpublish.html", setup=setup, form=form, bookings=len(ahead)
    )
