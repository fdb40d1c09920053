"""A family's other guardians: what each may do, and how she comes to her account; protection."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.accounts.entering import please_wait
from portal.accounts.gate import wait_after_try
from portal.datarequests.queries import holders
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import invitations, protections, queries, rights
from portal.families.apart_forms import ClaimForm, InviteForm, RightsForm, allowed
from portal.families.models import Guardian
from portal.kernel import clock
from portal.selfservice.family import own_guardian
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import let_go, see_other, transaction

bp = Blueprint("selfservice_family_apart", __name__, url_prefix="/my")

_TRIES, _WINDOW = 10, timedelta(hours=1)


def _other(guardian_id: uuid.UUID) -> Guardian | None:
    """Return another guardian, of whom the actor may say what she does; ``None``: it is herself."""
    session, actor = current_session(), current_actor()
    found = queries.guardian(session, guardian_id, actor=actor)
    own = own_guardian()
    if own is not None and own.id == found.id:
        return None
    if not rights.may_set(actor, own, found):
        raise NoResultFound
    return found


@bp.route("/family/guardians/<uuid:guardian_id>/rights", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def set_rights(guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Let the first guardian say what another may do."""
    other = _other(guardian_id)
    if other is None:
        return redirect(url_for("selfservice_family.index"), 303)
    form, actor = RightsForm(), current_actor()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            rights.set_rights(session, other.id, form.withheld(), actor=actor)
            flash(_("保存しました。"))
            return see_other(session, url_for("selfservice_family.index"))
    elif not form.is_submitted():
        form.show(rights.withheld_from(current_session(), other, actor=actor))
    return render_template("selfservice/family/rights.html", form=form, other=other), form.status


@bp.route("/family/guardians/<uuid:guardian_id>/invitation", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def invitation(guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Show the code with which another guardian comes to her account, or make a new one.

    Before the first, what she may do is asked.
    """
    other, actor, now = _other(guardian_id), current_actor(), clock.now()
    if other is None or other.user_id is not None:
        return redirect(url_for("selfservice_family.index"), 303)
    found = invitations.live_code(current_session(), other.id, actor=actor, now=now)
    form: PortalForm = PortalForm() if found else InviteForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            if isinstance(form, InviteForm):
                rights.set_rights(session, other.id, form.withheld(), actor=actor)
            invitations.invite(session, other.id, actor=actor, now=now)
            return see_other(session, url_for(".invitation", guardian_id=other.id))
    elif isinstance(form, InviteForm) and not form.is_submitted():
        withheld = rights.withheld_from(current_session(), other, actor=actor)
        if withheld:  # chosen before; else nothing is ticked for her
            form.show(withheld)
    page = render_template(
        "selfservice/family/invitation.html",
        form=form,
        other=other,
        expires_at=found.expires_at if found else None,
        code=invitations.code_for(found.id) if found else None,
        can=allowed(rights.withheld_from(current_session(), other, actor=actor)) if found else (),
    )
    return page, form.status


@bp.route("/claim", methods=["GET", "POST"])
@requires(Permission.BE_GUARDIAN)
def claim() -> ResponseReturnValue:
    """Let somebody with a code into the family that knows her."""
    form, actor = ClaimForm(), current_actor()
    if actor.family_id is not None:
        return redirect(url_for("selfservice.home"), 303)
    if form.validate_on_submit() and form.day.data is not None:
        with transaction() as session:
            wait = wait_after_try(session, "claim", str(actor.user_id), most=_TRIES, window=_WINDOW)
            found = None
            if not wait:
                found = invitations.claim(session, form.code.data, form.day.data, actor=actor)
            if found is not None:
                flash(_("ご家庭の登録につながりました。"))
                return see_other(session, url_for("selfservice_family.index"))
            let_go(session)
        if wait:
            return please_wait(wait)
        form.form_errors.append(
            _("登録コードか日付が合いません。紙やメッセージのとおりに入れてください")
        )
        form.is_refused = True
    elif not form.is_submitted() and request.args.get("code"):
        form.code.data = request.args["code"][:20]
    return render_template("selfservice/family/claim.html", form=form), form.status


@bp.get("/protection")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def protection() -> ResponseReturnValue:
    """Tell a guardian how her address and days are kept from somebody, and how she stands."""
    session, actor, own = current_session(), current_actor(), own_guardian()
    held = waiting = None
    if own is not None:
        held = protections.protection_of(session, own.family_id, actor=actor)
        waiting = next(iter(protections.request_of(session, own.family_id, actor=actor)), None)
    if held is not None and (own is None or held.guardian_id != own.id):
        held = None
    known = holders(session, actor=actor) if held is not None else []
    by = held.organisation_id if held is not None else None
    return render_template(
        "selfservice/family/protection.html",
        form=PortalForm(formdata=None),
        held=held,
        waiting=waiting,
        provider=next((each.body for each in known if each.organisation.id == by), None),
        others=[each.body for each in known if each.organisation.id != by],
    )


@bp.post("/protection")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def request_protection() -> ResponseReturnValue:
    """Ask the facilities for it."""
    with transaction() as session:
        protections.request(session, actor=current_actor())
        flash(_("園に申し出ました。園から連絡します。"))
        return see_other(session, url_for(".protection"))
