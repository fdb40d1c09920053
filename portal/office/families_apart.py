"""Staff: what each guardian may do, protected addresses, codes for accounts."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import invitations, protections, queries, rights
from portal.families.apart_forms import (
    SHOWN_LABELS,
    NeededForm,
    ProtectionForm,
    ReasonForm,
    StaffRightsForm,
)
from portal.families.models import Family, Guardian
from portal.families.rules import PROTECTION_REMINDED_BEFORE
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_families_apart", __name__, url_prefix="/office/families")

_GUARDIAN = "/<uuid:family_id>/guardians/<uuid:guardian_id>"


def _found(family_id: uuid.UUID, guardian_id: uuid.UUID) -> tuple[Family, Guardian]:
    session, actor = current_session(), current_actor()
    family = queries.family(session, family_id, actor=actor)
    guardian = queries.guardian(session, guardian_id, actor=actor)
    if guardian.family_id != family.id:
        raise NoResultFound
    return family, guardian


@bp.get("/protected")
@requires(Permission.RUN_THE_DAY)
def protected() -> ResponseReturnValue:
    """List who has asked and who is protected, by the day on which the papers run out."""
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    rows = protections.of_provider(session, actor=actor)
    return render_template(
        "office/families/protected.html",
        requests=[row for row in rows if row[0].set_at is None],
        held=[row for row in rows if row[0].set_at is not None],
        soon=today + PROTECTION_REMINDED_BEFORE,
        shown_labels=SHOWN_LABELS,
    )


@bp.route(f"{_GUARDIAN}/rights", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def set_rights(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Say what a guardian may do, with the reason."""
    family, guardian = _found(family_id, guardian_id)
    form, actor = StaffRightsForm(), current_actor()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            rights.set_rights(
                session, guardian.id, form.withheld(), actor=actor, reason=form.reason.data
            )
            flash(_("保存しました。"))
            return see_other(session, url_for("office_families.show", family_id=family_id))
    elif not form.is_submitted():
        form.show(rights.withheld_from(current_session(), guardian, actor=actor))
    page = render_template(
        "office/families/rights.html", form=form, family=family, guardian=guardian
    )
    return page, form.status


@bp.route(f"{_GUARDIAN}/invitation", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def invitation(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Make a code for a guardian without account, and show the letter that carries it."""
    family, guardian = _found(family_id, guardian_id)
    form, actor, now = PortalForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            invitations.invite(session, guardian.id, actor=actor, now=now)
            to = url_for(".invitation", family_id=family_id, guardian_id=guardian_id)
            return see_other(session, to)
    found = invitations.live_code(current_session(), guardian.id, actor=actor, now=now)
    page = render_template(
        "office/families/invitation.html",
        form=form,
        family=family,
        guardian=guardian,
        expires_at=found.expires_at if found else None,
        code=invitations.code_for(found.id) if found else None,
    )
    return page, form.status


@bp.route(f"{_GUARDIAN}/protection", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def protection(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Protect a guardian's address on what was shown, or renew it."""
    family, guardian = _found(family_id, guardian_id)
    form, actor, now = ProtectionForm(), current_actor(), clock.now()
    everybody = queries.guardians(current_session(), family_id, actor=actor)
    form.offer(other for other in everybody if other.id != guardian.id)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            protections.set_protection(session, guardian.id, form.details(), actor=actor, now=now)
            flash(_("「住所非公開」にしました。"))
            return see_other(session, url_for("office_families.show", family_id=family_id))
    return _protection_page(family, guardian, form, form.status)


@bp.post(f"{_GUARDIAN}/protection/end")
@requires(Permission.RUN_THE_DAY)
def end_protection(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """End a guardian's protection, or lay her request aside, with the reason."""
    family, guardian = _found(family_id, guardian_id)
    form, actor = ReasonForm(), current_actor()
    if not form.validate_on_submit():
        return _protection_page(family, guardian, None, 422, ending=form)
    with transaction() as session:
        held = protections.protection_of(session, family_id, actor=actor)
        open_rows = [held, *protections.request_of(session, family_id, actor=actor)]
        for row in open_rows:
            if row is not None and row.guardian_id == guardian.id:
                protections.end(session, family_id, row.id, form.reason.data, actor=actor)
                flash(_("終わりにしました。"))
        return see_other(session, url_for("office_families.show", family_id=family_id))


@bp.post(f"{_GUARDIAN}/address")
@requires(Permission.RUN_THE_DAY)
def address(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Show a protected address once, to somebody who says what for; it leaves a trace."""
    family, guardian = _found(family_id, guardian_id)
    form, actor = NeededForm(), current_actor()
    if not form.validate_on_submit():
        return _protection_page(family, guardian, None, 422, asking=form)
    with leaving_a_trace() as session:
        shown = protections.reveal_address(
            session, guardian.id, actor=actor, reason=form.needed_for.data
        )
    return render_template(
        "office/families/address.html", family=family, guardian=guardian, address=shown
    )


def _protection_page(
    family: Family,
    guardian: Guardian,
    form: ProtectionForm | None,
    status: int = 200,
    *,
    ending: ReasonForm | None = None,
    asking: NeededForm | None = None,
) -> ResponseReturnValue:
    session, actor = current_session(), current_actor()
    everybody = queries.guardians(session, family.id, actor=actor)
    held = protections.protection_of(session, family.id, actor=actor)
    own = held if held is not None and held.guardian_id == guardian.id else None
    if form is None or not form.is_submitted():
        form = ProtectionForm(formdata=None)
        form.offer(other for other in everybody if other.id != guardian.id)
        form.propose(own, today=clock.today(clock.now()))
    waiting = protections.request_of(session, family.id, actor=actor)
    page = render_template(
        "office/families/protection.html",
        family=family,
        guardian=guardian,
        form=form,
        ending=ending or ReasonForm(formdata=None),
        asking=asking or NeededForm(formdata=None),
        held=own,
        waiting=next((row for row in waiting if row.guardian_id == guardian.id), None),
        shown_labels=SHOWN_LABELS,
    )
    return page, status
