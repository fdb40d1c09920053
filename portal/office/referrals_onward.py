"""A receiver passes a family on: from its own record of it, on a consent that it takes itself."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.organisations.models import Organisation
from portal.referrals import queries, service
from portal.referrals.models import Referral
from portal.referrals.offering import Offered, offered_for
from portal.referrals.records_forms import ConsentsForm, Towards
from portal.referrals.rules import ReferralEvent, Side, possible
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_referrals_onward", __name__, url_prefix="/office/referrals")


@bp.get("/<uuid:referral_id>/onward")
@requires(Permission.RUN_THE_DAY)
def receivers(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Choose who else could help; first the family is joined with its record here."""
    row = _row(referral_id)
    if row.client_family_id is None:
        flash(_("先に、ご家庭をつなぐか、登録してください。"), "warn")
        return redirect(url_for("office_referrals.show", referral_id=referral_id), 303)
    return render_template(
        "referrals/onward.html",
        row=row,
        offered=_offered(row, row.client_family_id),
        back=url_for("office_referrals.show", referral_id=referral_id),
        consents="office_referrals_onward.consents",
    )


@bp.route("/<uuid:referral_id>/onward/consents", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def consents(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take the new consent down and pass the family on, both or neither."""
    row, actor, now = _row(referral_id), current_actor(), clock.now()
    family_id = row.client_family_id
    if family_id is None:
        return redirect(url_for("office_referrals.show", referral_id=referral_id), 303)
    offered = _offered(row, family_id)
    chosen = next((each for each in offered if each.value == request.args.get("to")), None)
    if chosen is None:
        abort(404)
    session, on = current_session(), clock.today(now)
    own = session.get_one(Organisation, actor.organisation_id)
    towards = Towards(chosen.receiver.organisation_id, chosen.receiver.name)
    form = ConsentsForm()
    guardians = families.guardians(session, family_id, actor=actor)
    form.offer_ways(guardians[0] if guardians else None)
    if not form.is_submitted():
        form.propose(on)
        form.note_words(own.name, [towards], on)
    elif form.has_read(own.name, [towards], on) and form.validate():
        with form.explaining(in_full), transaction() as writing:
            form.keep(
                writing,
                family_id,
                own,
                [towards],
                actor=actor,
                now=now,
            )
            service.pass_on(
                writing,
                referral_id,
                towards.organisation_id,
                facility_id=chosen.receiver.facility_id,
                actor=actor,
                now=now,
            )
            flash(_("%(name)s につなぎました。") % {"name": towards.name})
            return see_other(writing, url_for("office_referrals.show", referral_id=referral_id))
    page = render_template(
        "referrals/onward_consents.html",
        form=form,
        towards=[towards],
        wordings=[form.wordings(own.name, towards, on)],
        back=url_for(".receivers", referral_id=referral_id),
    )
    return page, form.page_status


def _row(referral_id: uuid.UUID) -> Referral:
    actor = current_actor()
    row = queries.referral(current_session(), referral_id, actor=actor)
    side = queries.side_of(row, actor)
    if side is not Side.RECEIVER or ReferralEvent.HAND_ON not in possible(row.state, side):
        abort(404)
    return row


def _offered(row: Referral, family_id: uuid.UUID) -> list[Offered]:
    session, actor = current_session(), current_actor()
    kids = families.children(session, family_id, actor=actor)
    found = offered_for(session, family_id, kids, actor=actor, on=clock.today(clock.now()))
    return [each for each in found if each.receiver.organisation_id != row.sender_id]
