"""A family moves a booking: choose from what is free, see the new fee, then move."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.cap_lines import cap_lines
from portal.bookings.forms import LOOK, MoveForm
from portal.bookings.moving import free_days, hours_to_move
from portal.bookings.queries.lists import Group, group
from portal.bookings.queries.quotes import quote, wish_to_move
from portal.bookings.queries.vacancies import open_cells
from portal.bookings.service import NotPlaced, change_booking
from portal.bookings.ticket_words import tickets_at_stake
from portal.bookings.words import fee_groups, names_of, page_facts
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.policies.looking import ANYBODY
from portal.selfservice.bookings_page import refused
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction


def add_changing(bp: Blueprint) -> None:
    """Add the page on which a family moves a booking to its bookings."""
    bp.add_url_rule("/<uuid:group_id>/change", "change", change, methods=["GET", "POST"])


@requires(Permission.ACT_FOR_OWN_FAMILY)
def change(group_id: uuid.UUID) -> ResponseReturnValue:
    """Move a booking: choose, see the new fee, then move."""
    form, actor, now = MoveForm(), current_actor(), clock.now()
    found = group(current_session(), group_id, actor=actor)
    if not found.live:
        return redirect(url_for(".show", group_id=group_id), 303)
    if not form.is_submitted():
        form.show_asked(found.span, request.args)
        form.show_seen(found.sequence)
    if not form.is_submitted() or {"again", LOOK} & set(request.form) or not form.validate():
        if LOOK in request.form:
            form.day.validate(form)
        wrong = bool(form.errors) and "again" not in request.form
        return _new_time_page(form, found, now=now), 422 if wrong else 200
    if "sure" not in request.form:
        wish = wish_to_move(found, form.span())
        quoted = quote(current_session(), wish, actor=actor, now=now, moving=found)
        if quoted.reasons:
            refusal = NotPlaced(quoted.reasons, quoted.file, quoted.ways)
            return refused(form, refusal, moving=found)
        return render_template(
            "selfservice/bookings/change_confirm.html",
            form=form,
            quoted=quoted,
            tickets=tickets_at_stake(
                quoted.decision.fee,
                quoted.file.document,
                quoted.decision.cancel_until,
                now=now,
            ),
            groups=fee_groups(quoted.decision.fee, names_of(found), minutes=form.span().minutes),
            caps=cap_lines(quoted.decision.caps, names_of(found), quoted.file.document.purposes),
            **page_facts(found),
        )
    return _move(group_id, form)


def _new_time_page(form: MoveForm, found: Group, *, now: datetime) -> str:
    """Return the day that is looked at by half hours, other free days, and the form."""
    session, actor, first = current_session(), current_actor(), found.first
    day = form.day.data or first.day
    hours = hours_to_move(
        session,
        found,
        day,
        actor=actor,
        now=now,
        link=lambda day, start, end: url_for(
            ".change", group_id=found.id, day=day.isoformat(), start=start, end=end
        ),
        chosen=(form.start.data, form.end.data),
    )
    open_then = open_cells(session, first.facility_id, day, actor=actor)
    form.offer_times([hours.rules] if hours else (), open_then)
    return render_template(
        "selfservice/bookings/change.html",
        form=form,
        hours=hours,
        free_days=free_days(session, found, now=now, who=hours.onlooker if hours else ANYBODY),
        **page_facts(found),
    )


def _move(group_id: uuid.UUID, form: MoveForm) -> ResponseReturnValue:
    actor = current_actor()
    agreed = request.form.get("agreed_fee", type=int)
    try:
        with transaction() as session:
            change_booking(
                session,
                group_id,
                form.span(),
                actor=actor,
                now=clock.now(),
                agreed_fee_yen=agreed,
                seen=form.seen.data,
            )
            flash(_("予約を変えました。確認のメールを送ります。"), "ok")
            return see_other(session, url_for(".show", group_id=group_id))
    except NotPlaced as refusal:
        return refused(form, refusal, moving=group(current_session(), group_id, actor=actor))
    except Refusal as refusal:
        flash(" ".join(map(sentence, refusal.reasons)), "warn")
        return redirect(url_for(".show", group_id=group_id), 303)
