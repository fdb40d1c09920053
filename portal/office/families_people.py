"""Staff put down for a caller: one more guardian, one more child, a face for the handing over."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries
from portal.families import service as families
from portal.families.models import Child, Family, Guardian, PickupPerson
from portal.families.pickup_photos import keep_photo
from portal.families.record_rules import photo_is_old
from portal.kernel import clock
from portal.office.families_forms import ToldChildForm, ToldGuardianForm, ToldPhotoForm
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_families_people", __name__, url_prefix="/office/families/<uuid:family_id>")


def _family(family_id: uuid.UUID) -> Family:
    return queries.family(current_session(), family_id, actor=current_actor())


def _same(family_id: uuid.UUID, known: Guardian | Child | PickupPerson | None) -> None:
    """Answer 404 where an address puts somebody into another family."""
    if known is not None and known.family_id != family_id:
        abort(404)


@bp.route("/guardians/new", methods=["GET", "POST"], defaults={"guardian_id": None})
@bp.route("/guardians/<uuid:guardian_id>", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def guardian(family_id: uuid.UUID, guardian_id: uuid.UUID | None) -> ResponseReturnValue:
    """Add a guardian, or correct one, as a caller or a paper says."""
    actor, form, now = current_actor(), ToldGuardianForm(), clock.now()
    family = _family(family_id)
    known = queries.guardian(current_session(), guardian_id, actor=actor) if guardian_id else None
    _same(family_id, known)
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                told = form.told()
                if known is None:
                    families.add_guardian(
                        session, family_id, form.details(), actor=actor, told=told
                    )
                else:
                    details = form.details(mail=known.mail)
                    families.change_guardian(
                        session, known.id, details, actor=actor, now=now, told=told
                    )
                flash(_("保護者の登録を保存しました。"))
                return see_other(session, url_for("office_families.show", family_id=family_id))
    elif not form.is_submitted():
        if known is not None:
            form.show(known)
        form.propose(now)
    page = render_template("office/families/guardian.html", form=form, known=known, family=family)
    return page, form.status


@bp.route("/children/new", methods=["GET", "POST"], defaults={"child_id": None})
@bp.route("/children/<uuid:child_id>", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def child(family_id: uuid.UUID, child_id: uuid.UUID | None) -> ResponseReturnValue:
    """Add a child, or correct one; an expected one is born here."""
    actor, form, now = current_actor(), ToldChildForm(), clock.now()
    family = _family(family_id)
    known = queries.child(current_session(), child_id, actor=actor) if child_id else None
    _same(family_id, known)
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                details, told = form.details(), form.told()
                if known is None:
                    families.add_child(session, family_id, details, actor=actor, now=now, told=told)
                else:
                    families.change_child(
                        session, known.id, details, actor=actor, now=now, told=told
                    )
                flash(_("児童の登録を保存しました。"))
                return see_other(session, url_for("office_families.show", family_id=family_id))
    elif not form.is_submitted():
        if known is not None:
            form.show(known)
        form.propose(now)
    page = render_template("office/families/child.html", form=form, known=known, family=family)
    return page, form.status


@bp.route("/pickup-persons/<uuid:person_id>/photo", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def pickup_photo(family_id: uuid.UUID, person_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the photo that a family without the portal handed in, in place of the one before."""
    actor, form, now = current_actor(), ToldPhotoForm(), clock.now()
    family = _family(family_id)
    person = queries.pickup_person(current_session(), person_id, actor=actor)
    _same(family_id, person)
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                keep_photo(
                    session, person_id, form.data_of_photo(), actor=actor, now=now, told=form.told()
                )
                flash(_("お迎えの人の写真を登録しました。"))
                return see_other(session, url_for("office_families.show", family_id=family_id))
            person = queries.pickup_person(current_session(), person_id, actor=actor)
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/families/pickup_photo.html",
        form=form,
        person=person,
        is_old=photo_is_old(person.photo_on, today=clock.today(now)),
        family=family,
    )
    return page, form.status
