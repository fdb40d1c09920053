"""Which totals and age bands a facility has."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.places_forms import PoolForm, RenameForm
from portal.office.places_week import tabs
from portal.slots import pools as service
from portal.slots.queries import own_facility, pools_of
from portal.slots.rules import PoolKind
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_pools", __name__)
_POOLS = "/office/facilities/<uuid:facility_id>/pools"


@bp.route(_POOLS, methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def index(facility_id: uuid.UUID) -> ResponseReturnValue:
    """List what is limited; add another limit."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    form = PoolForm()
    if request.method == "GET":
        return _page(session, facility_id, form)
    if not form.validate_on_submit():
        return _page(session, facility_id, form), 422
    try:
        with transaction() as writing:
            service.add_pool(
                writing,
                facility_id,
                kind=PoolKind(form.kind.data),
                label=form.label.data.strip(),
                youngest_class=form.youngest_class.data,
                oldest_class=form.oldest_class.data,
                places=form.places.data or 0,
                actor=actor,
                now=now,
            )
            flash(_("定員を加えました。"))
            answer = see_other(writing, url_for(".index", facility_id=facility_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(session, facility_id, form), 409
    return answer


@bp.route(f"{_POOLS}/<uuid:pool_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def pool(facility_id: uuid.UUID, pool_id: uuid.UUID) -> ResponseReturnValue:
    """Rename a limit."""
    session, actor = current_session(), current_actor()
    facility = own_facility(session, facility_id, actor)
    found = service.own_pool(session, pool_id, actor)
    form = RenameForm(obj=found)
    if not form.validate_on_submit():
        page = render_template(
            "office/places/pool.html",
            facility=facility,
            pool=found,
            form=form,
            retire_form=PortalForm(formdata=None),
        )
        return page, 422 if form.is_submitted() else 200
    with transaction() as writing:
        service.rename_pool(writing, pool_id, form.label.data.strip(), actor=actor)
        flash(_("名前を変えました。"))
        return see_other(writing, url_for(".index", facility_id=facility_id))


@bp.post(f"{_POOLS}/<uuid:pool_id>/retire")
@requires(Permission.MANAGE_PLACES)
def retire(facility_id: uuid.UUID, pool_id: uuid.UUID) -> ResponseReturnValue:
    """Limit an age band no longer."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    try:
        with transaction() as writing:
            service.retire_pool(writing, pool_id, actor=actor, now=now)
            flash(_("この定員をやめました。"))
            answer = see_other(writing, url_for(".index", facility_id=facility_id))
    except Refusal as refusal:
        form = PoolForm(formdata=None)
        form.explain(refusal, sentence)
        return _page(session, facility_id, form), 409
    return answer


def _page(session: Session, facility_id: uuid.UUID, form: PoolForm) -> str:
    actor, today = current_actor(), clock.today(clock.now())
    return render_template(
        "office/places/pools.html",
        facility=own_facility(session, facility_id, actor),
        tabs=tabs(facility_id, "office_pools.index", today),
        pools=pools_of(session, facility_id, actor),
        form=form,
    )
