"""A family about itself: its guardians, and who else may pick the children up."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import protections, queries, rights
from portal.families import service as families
from portal.families.apart_forms import allowed
from portal.families.forms import GuardianForm, PickupForm
from portal.families.models import Guardian, Protection
from portal.families.record_rules import photo_is_old
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.uploads.service import remove
from portal.web.access import NotHerRight, Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_family", __name__, url_prefix="/my/family")


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show the guardians and who may pick up."""
    return _page(PickupForm())


@bp.route("/guardians/new", methods=["GET", "POST"], defaults={"guardian_id": None})
@bp.route("/guardians/<uuid:guardian_id>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def guardian(guardian_id: uuid.UUID | None) -> ResponseReturnValue:
    """Add a guardian, or correct one."""
    actor, form = current_actor(), GuardianForm()
    own = own_guardian()
    is_own = own is not None and own.id == guardian_id
    if not is_own and not (actor.has(Right.CONTACTS) if guardian_id else actor.sees_whole_family):
        raise NotHerRight
    known = queries.guardian(current_session(), guardian_id, actor=actor) if guardian_id else None
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            if known is None:
                families.add_guardian(session, _own_family(), form.details(), actor=actor)
            else:
                details = form.details(mail=known.mail)
                families.change_guardian(session, known.id, details, actor=actor, now=clock.now())
            flash(_("保護者の登録を保存しました。"))
            return see_other(session, url_for(".index"))
    elif not form.is_submitted() and known is not None:
        form.show(known)
        if is_own:
            form.address.data = _own_address(own)
    return render_template("selfservice/family/guardian.html", form=form, known=known), form.status


@bp.post("/pickup-persons")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def add_pickup() -> ResponseReturnValue:
    """Add somebody who may pick up."""
    form = PickupForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with transaction() as session:
        families.add_pickup(session, _own_family(), form.details(), actor=current_actor())
        flash(_("お迎えの人を登録しました。"))
        return see_other(session, url_for(".index"))


@bp.post("/pickup-persons/<uuid:person_id>/remove")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def remove_pickup(person_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody off the list."""
    with transaction() as session:
        actor, now = current_actor(), clock.now()
        person = families.remove_pickup(session, person_id, actor=actor, now=now)
        if person.photo_id is not None:
            remove(session, person.photo_id, actor=actor, now=now)
        flash(_("お迎えの人からはずしました。"))
        return see_other(session, url_for(".index"))


def own_guardian() -> Guardian | None:
    """Return the actor's own row; ``None`` where her account is no guardian's any more."""
    return queries.guardian_of_account(current_session(), actor=current_actor())


def _own_family() -> uuid.UUID:
    family_id = current_actor().family_id
    if family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return family_id


def _page(form: PickupForm) -> str:
    session, actor, family_id = current_session(), current_actor(), _own_family()
    own = own_guardian()
    guardians = queries.guardians(session, family_id, actor=actor)
    held = _own_protection(own)
    known = rights.withheld_in_families(session, [family_id], actor=actor)
    return render_template(
        "selfservice/family/index.html",
        form=form,
        number=queries.number_of(session, family_id, actor=actor),
        guardians=guardians,
        own=own,
        own_address=_own_address(own),
        may_contacts=actor.has(Right.CONTACTS),
        may_add=actor.sees_whole_family,
        settable={each.id for each in guardians if rights.may_set(actor, own, each)},
        is_whole=actor.sees_whole_family,
        keeps_from=held is not None,
        spared=held.except_for if held is not None else (),
        allowed={key: allowed(withheld) for key, withheld in known.items()},
        all_rights=allowed(frozenset()),
        pickup_persons=queries.pickup_persons(session, family_id, actor=actor),
        photo_is_old=photo_is_old,
    )


def _own_address(own: Guardian | None) -> str | None:
    """Return her own address, also where it is kept apart from everybody else's."""
    if own is None or own.address is not None:
        return None if own is None else own.address
    if _own_protection(own) is None:
        return None
    return protections.reveal_address(current_session(), own.id, actor=current_actor())


def _own_protection(own: Guardian | None) -> Protection | None:
    """Return what keeps her own address; ``None`` where another guardian's is kept."""
    if own is None:
        return None
    held = protections.protection_of(current_session(), own.family_id, actor=current_actor())
    return held if held is not None and held.guardian_id == own.id else None
