"""What a family has agreed to, each on its own, and how it takes that back."""

from __future__ import annotations

import re
import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.bookings.queries.lists import coming_groups
from portal.consents import queries, service
from portal.consents.models import Consent
from portal.consents.rules import ConsentRefusal, holds
from portal.consents.wordings import ConsentPurpose, receivers_of, title_of, until_withdrawn
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.preregistration import queries as registrations
from portal.preregistration import service as registering
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_consents", __name__, url_prefix="/my/consents")
_KANA = re.compile("[ぁ-ん]")


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show what the family has agreed to, in the words of then."""
    return _page(PortalForm())


def _page(form: PortalForm) -> str:
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    rows = (
        [] if actor.family_id is None else queries.of_family(session, actor.family_id, actor=actor)
    )
    return render_template(
        "selfservice/own_data/consents.html",
        rows=rows,
        receivers=queries.receivers(session, rows, actor=actor),
        receivers_of=receivers_of,
        until_withdrawn=until_withdrawn(),
        holds=lambda row: holds(row.withdrawn_at is not None, row.until_on, today),
        title_of=title_of,
        is_in_japanese=lambda row: _KANA.search(row.wording) is not None,
        ends_registration=lambda row: row.purpose == ConsentPurpose.CARE_INFORMATION,
        form=form,
    )


@bp.post("/<uuid:consent_id>/withdraw")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def withdraw(consent_id: uuid.UUID) -> ResponseReturnValue:
    """Take one back; it holds no more from this moment on."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _page(form), 422
    actor, now = current_actor(), clock.now()
    try:
        with transaction() as session:
            row = service.withdraw(session, consent_id, actor=actor, now=now)
            if row.purpose == ConsentPurpose.CARE_INFORMATION:
                _end_registrations(session, row)
            flash(_("同意を取りやめました。"))
            return see_other(session, url_for(".index"))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(form), 409


def _end_registrations(session: Session, row: Consent) -> None:
    """End what stood on the consent: applications and registrations at that provider.

    Raises:
        Refusal: a booking there still stands; it is cancelled first, with its own deadline and fee.
    """
    actor, now = current_actor(), clock.now()
    booked = {group.first.facility_id for group in coming_groups(session, actor=actor, now=now)}
    there = [
        each
        for each in registrations.of_family(session, actor=actor)
        if each.organisation_id == row.receiver_id
    ]
    if booked & {each.facility_id for each in there}:
        raise Refusal([ConsentRefusal.BOOKINGS_STAND])
    for each in there:
        if each.state in LIVE:
            registering.withdraw(session, each.id, actor=actor, now=now)
