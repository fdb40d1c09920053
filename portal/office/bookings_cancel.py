"""Staff cancel for a caller, judged by the time at which the family said so."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.cancel_forms import CallerCancelForm
from portal.bookings.queries.leaving import cancel_fees, rests_of
from portal.bookings.queries.lists import group
from portal.bookings.queries.waived import waived_reasons
from portal.bookings.service import cancel_booking
from portal.bookings.ticket_words import cancelled_with_tickets, tickets_told
from portal.bookings.words import and_all, cancelled_words, names_of, rests_told
from portal.db.session import current_session
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.office.bookings_refusal import told
from portal.office.bookings_trace import nothing_live
from portal.policies.cancel import CancelFee
from portal.rulebooks.queries import document_of
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction


def add_cancelling(bp: Blueprint) -> None:
    """Add the page on which staff cancel to their bookings."""
    bp.add_url_rule("/<uuid:group_id>/cancel", "cancel", cancel, methods=["GET", "POST"])


@requires(Permission.RUN_THE_DAY)
def cancel(group_id: uuid.UUID) -> ResponseReturnValue:
    """Ask who does not come, why, and when the family said so; tell what it costs now."""
    form, actor, now = CallerCancelForm(), current_actor(), clock.now()
    found = group(current_session(), group_id, actor=actor)
    if not found.live:
        return nothing_live(found)
    reasons: tuple[Reason, ...] = ()
    status = 200
    form.must_choose = len(found.live) > 1
    if form.validate_on_submit() and form.came_by(now):
        try:
            with transaction() as session:
                cancelled = cancel_booking(
                    session,
                    group_id,
                    actor=actor,
                    now=now,
                    child_ids=form.children.data if len(found.live) > 1 else None,
                    because=form.reason(),
                    received_at=form.received_at(),
                    seen=form.seen.data,
                )
                flash(cancelled_with_tickets(cancelled_words(found, cancelled), cancelled), "ok")
                return see_other(session, url_for(".show", group_id=group_id))
        except Refusal as refusal:
            reasons, status = refusal.reasons, 409
            found = group(current_session(), group_id, actor=actor)
            if not found.live:
                return nothing_live(found)
            form.show_seen(found.sequence)
    elif form.is_submitted():
        status = 422
    else:
        form.show_now(now)
        form.show_seen(found.sequence)
    names = names_of(found)
    fees: dict[uuid.UUID, CancelFee] = {}
    try:
        fees = cancel_fees(current_session(), found, found.live, actor=actor, now=now)
    except Refusal as refusal:
        reasons, status = refusal.reasons, 409
    document = document_of(current_session(), found.first.rulebook_id)
    waived = waived_reasons(
        current_session(), found.live, document, actor=actor, group=found.bookings
    )
    form.offer([b.child for b in found.live], waived)
    chosen = form.children.data if form.is_submitted() else ()
    rests = rests_of(current_session(), found, actor=actor, now=now, chosen=chosen) if fees else []
    page = render_template(
        "office/bookings/cancel.html",
        form=form,
        group=found,
        booking=found.first,
        who=and_all([names[b.child_id] for b in found.live]),
        reasons=told(reasons, names, today=clock.today(now), document=document),
        may_cancel=bool(fees),
        total_yen=sum(fee.amount_yen for fee in fees.values()),
        tickets=tickets_told(found.live, fees, with_reasons=bool(waived)),
        rests=rests_told(rests, names),
        rests_change=any(rest.is_changed for rest in rests),
    )
    return page, status
