"""Passing a family on to another nursery or service: whom, and the new consent for it."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, render_template, request, url_for
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

bp = Blueprint("liaison_onward", __name__, url_prefix="/liaison/referrals")


@bp.get("/<uuid:referral_id>/onward")
@requires(Permission.REFER_FAMILIES)
def receivers(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Choose who else could help."""
    row = _row(referral_id)
    return render_template(
        "referrals/onward.html",
        row=row,
        offered=_offered(row),
        back=url_for("liaison_referrals.show", referral_id=referral_id),
        consents="liaison_onward.consents",
    )


@bp.route("/<uuid:referral_id>/onward/consents", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def consents(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Take the new consent down and pass the family on, both or neither."""
    row, actor, now = _row(referral_id), current_actor(), clock.now()
    chosen = next((each for each in _offered(row) if each.value == request.args.get("to")), None)
    if chosen is None:
        abort(404)
    session, on = current_session(), clock.today(now)
    own = session.get_one(Organisation, actor.organisation_id)
    towards = Towards(chosen.receiver.organisation_id, chosen.receiver.name)
    form = ConsentsForm()
    guardians = families.guardians(session, row.family_id, actor=actor)
    form.offer_ways(guardians[0] if guardians else None)
    if not form.is_submitted():
        form.propose(on)
        form.note_words(own.name, [towards], on)
    elif form.has_read(own.name, [towards], on) and form.validate():
        with form.explaining(in_full), transaction() as writing:
            form.keep(
                writing,
                row.family_id,
                own,
                [towards],
                actor=actor,
                now=now,
            )
            onward = service.pass_on(
                writing,
                referral_id,
                towards.organisation_id,
                facility_id=chosen.receiver.facility_id,
                actor=actor,
                now=now,
            )
            flash(_("%(name)s につなぎました。") % {"name": towards.name})
            return see_other(writing, url_for("liaison_referrals.show", referral_id=onward.id))
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
    if side is not Side.SENDER or ReferralEvent.HAND_ON not in possible(row.state, side):
        abort(404)
    return row


def _offered(row: Referral) -> list[Offered]:
    session, actor = current_session(), current_actor()
    kids = families.children(session, row.family_id, actor=actor)
    found = offered_for(session, row.family_id, kids, actor=actor, on=clock.today(clock.now()))
    return [each for each in found if each.receiver.organisation_id != row.receiver_id]
