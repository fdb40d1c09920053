"""A booking made in the interview on one A4 page, for a family that gets no mail."""

from __future__ import annotations

import uuid
from functools import cache

from flask import Blueprint, abort, current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment

from portal.audit.service import record_read
from portal.bookings.extras import options_words
from portal.bookings.queries.leaving import late_fee_now
from portal.bookings.words import and_all, fee_groups, names_of, stored_fee
from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable, pdf_on_one_page
from portal.documents.templating import environment
from portal.families import queries as families
from portal.kernel import clock
from portal.organisations.models import Organisation
from portal.referrals import on_the_spot, queries
from portal.referrals.receiver_sheet import SIZES
from portal.referrals.rules import Side
from portal.rulebooks.queries import document_of
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer

bp = Blueprint("liaison_booking_paper", __name__, url_prefix="/liaison/referrals")


@bp.get("/<uuid:referral_id>/bookings/<uuid:group_id>/sheet.pdf")
@requires(Permission.REFER_FAMILIES)
def sheet(referral_id: uuid.UUID, group_id: uuid.UUID) -> ResponseReturnValue:
    """Print when and where, what to bring, what it costs, and how to cancel; in her language."""
    actor, now = current_actor(), clock.now()
    row = queries.referral(current_session(), referral_id, actor=actor)
    if queries.side_of(row, actor) is not Side.SENDER:
        abort(404)
    back = url_for("liaison_booking.show", referral_id=referral_id, group_id=group_id)
    with leaving_a_trace() as session:
        found = on_the_spot.booked(session, row, group_id, actor=actor)
        if not found.live:
            return redirect(back, 303)
        record_read(session, actor, "booking_sheet", group_id, family_id=row.family_id)
        first = found.first
        document = document_of(session, first.rulebook_id)
        people = families.guardians(session, row.family_id, actor=actor)
        guardian = people[0] if people else None
        facts = {
            "group": found,
            "facility": first.facility,
            "guardian": guardian,
            "own": session.get_one(Organisation, actor.organisation_id),
            "late_yen": late_fee_now(session, found, actor=actor, now=now),
            "cancel_until": first.cancel_until,
            "belongings": first.programme.belongings or document.texts.belongings,
        }
        with i18n.use_language((guardian.language if guardian else None) or i18n.SOURCE_LANGUAGE):
            page = _papers().get_template("bookings/take_home.html")
            pages = [
                page.render(
                    facts=facts,
                    chosen=options_words(document, first.options, children=len(found.shown)),
                    names=and_all(list(names_of(found).values())),
                    fees=fee_groups(stored_fee(found), names_of(found), minutes=found.span.minutes),
                    type=size,
                    today=clock.today(now),
                    language=i18n.language,
                    is_demo=current_app.config["PORTAL"].is_demo,
                )
                for size in SIZES
            ]
    try:
        return pdf_answer(pdf_on_one_page(pages), _("予約の紙"), "booking")
    except PdfUnavailable as unavailable:
        flash(str(unavailable))
        return redirect(back, 303)


@cache
def _papers() -> Environment:
    return environment()
