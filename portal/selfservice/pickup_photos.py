"""The photo of somebody who picks the children up: staff know by it whom they hand a child to."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries
from portal.families.pickup_photos import keep_photo
from portal.families.record_rules import photo_is_old
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.photos import PickupPhotoForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_pickup", __name__, url_prefix="/my/family/pickup-persons")


@bp.route("/<uuid:person_id>/photo", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def photo(person_id: uuid.UUID) -> ResponseReturnValue:
    """Show the photo, and take another in its place; the one before is deleted."""
    actor, now, form = current_actor(), clock.now(), PickupPhotoForm()
    person = queries.pickup_person(current_session(), person_id, actor=actor)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            keep_photo(session, person_id, form.data_of_photo(), actor=actor, now=now)
            flash(_("写真を登録しました。"))
            return see_other(session, url_for("selfservice_family.index"))
        person = queries.pickup_person(current_session(), person_id, actor=actor)
    page = render_template(
        "selfservice/family/photo.html",
        form=form,
        person=person,
        is_old=photo_is_old(person.photo_on, today=clock.today(now)),
    )
    return page, form.status
