"""A family cancels: what it costs now stands before the button."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.cancel_forms import CancelForm
from portal.bookings.queries.away import away_costs
from portal.bookings.queries.leaving import cancel_fees, rests_of
from portal.bookings.queries.lists import Group, group
from portal.bookings.queries.waived import waived_reasons
from portal.bookings.rules import SAID_BY_FAMILY
from portal.bookings.service import cancel_booking
from portal.bookings.ticket_words import cancelled_with_tickets, tickets_told, would_lose_tickets
from portal.bookings.words import and_all, cancelled_words, explain, names_of, rests_told
from portal.db.session import current_session
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.policies.cancel import CancelFee
from portal.rulebooks.queries import document_of
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction


def add_cancelling(bp: Blueprint) -> None:
    """Add the page on which a family cancels to its bookings."""
    bp.add_url_rule("/<uuid:group_id>/cancel", "cancel", cancel, methods=["GET", "POST"])


@requires(Permission.ACT_FOR_OWN_FAMILY)
def cancel(group_id: uuid.UUID) -> ResponseReturnValue:
    """Ask who does not come, tell what that costs now, and cancel."""
    form, actor, now = CancelForm(), current_actor(), clock.now()
    found = group(current_session(), group_id, actor=actor)
    if not found.live:
        return redirect(url_for(".show", group_id=group_id), 303)
    reasons: tuple[Reason, ...] = ()
    form.must_choose = len(found.live) > 1
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                cancelled = cancel_booking(
                    session,
                    group_id,
                    actor=actor,
                    now=now,
                    child_ids=form.children.data if len(found.live) > 1 else None,
                    because=form.reason(),
                    agreed_fee_yen=None if form.told_late.data else 0,
                    agreed_rest_yen=_agreed_rest(form, found),
                    seen=form.seen.data,
                )
                flash(cancelled_with_tickets(cancelled_words(found, cancelled), cancelled), "ok")
                return see_other(session, url_for(".show", group_id=group_id))
        except Refusal as refusal:
            reasons, status = refusal.reasons, 409
            found = group(current_session(), group_id, actor=actor)
            form.show_seen(found.sequence)
    elif not form.is_submitted():
        form.show_seen(found.sequence)
    names = names_of(found)
    fees: dict[uuid.UUID, CancelFee] = {}
    try:
        fees = cancel_fees(current_session(), found, found.live, actor=actor, now=now)
    except Refusal as refusal:
        reasons, status = refusal.reasons, 409
    document = document_of(current_session(), found.first.rulebook_id)
    accepted = waived_reasons(
        current_session(), found.live, document, actor=actor, group=found.bookings
    )
    total_yen = sum(fee.amount_yen for fee in fees.values())
    costs = bool(total_yen) or would_lose_tickets(found.live, fees)
    waived = sorted(accepted & SAID_BY_FAMILY) if costs else []
    form.offer([b.child for b in found.live], waived)
    form.told_late.data = "1" if total_yen else ""
    chosen = form.children.data if form.is_submitted() else ()
    rests = rests_of(current_session(), found, actor=actor, now=now, chosen=chosen) if fees else []
    page = render_template(
        "selfservice/bookings/cancel.html",
        form=form,
        now=now,
        group=found,
        booking=found.first,
        who=and_all([names[b.child_id] for b in found.live]),
        reasons=explain(reasons, names, today=clock.today(now), document=document),
        may_cancel=bool(fees),
        lines=[(names[b.child_id], fees[b.id].amount_yen) for b in found.live if b.id in fees],
        tickets=tickets_told(found.live, fees, with_reasons=bool(waived)),
        total_yen=total_yen,
        away=away_costs(current_session(), found, actor=actor, now=now),
        waived=waived,
        rests=rests_told(rests, names),
        rests_change=any(rest.is_changed for rest in rests),
    )
    return page, status


def _agreed_rest(form: CancelForm, found: Group) -> int | None:
    """Return what those who stay cost as far as the family knows; None where nobody stays."""
    going = set(form.children.data or ())
    staying = [booking for booking in found.live if booking.child_id not in going]
    if not going or not staying:
        return None
    told = form.told_rest()
    return sum(booking.fee_yen for booking in staying) if told is None else told
