"""Staff see the bookings of a day, and book, move and cancel for a caller."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.service import record_read
from portal.bookings.forms import (
    CHANNEL_LABELS,
    CallerBookingForm,
    CallerTimesForm,
    asked_in_address,
)
from portal.bookings.queries.lists import Group, group, groups_on, programmes_to_book
from portal.bookings.rules import PURPOSE_LABELS, STATE_LABELS
from portal.bookings.service import NotPlaced, change_booking, place_booking
from portal.bookings.words import (
    Explained,
    and_all,
    explain,
    fee_groups,
    names_of,
    stored_fee,
    with_san,
)
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.kernel.yen import yen
from portal.office.bookings_cancel import add_cancelling
from portal.rulebooks.queries import rules_in_force
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_bookings", __name__, url_prefix="/office/bookings")


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List the bookings of a day at all own facilities."""
    asked = asked_in_address(request.args.get("day", ""), "", "")
    today = clock.today(clock.now())
    day = asked.get("day", today)
    groups = groups_on(current_session(), day, actor=current_actor())
    return render_template(
        "office/bookings/index.html",
        day=day,
        groups=groups,
        count=sum(len(each.live) for each in groups),
        yesterday=day - timedelta(days=1),
        tomorrow=day + timedelta(days=1),
        names_of=names_of,
        and_all=and_all,
        states=STATE_LABELS,
        channels=CHANNEL_LABELS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def new() -> ResponseReturnValue:
    """Book for a caller on one page: first find the family, then children and time."""
    family_id = request.args.get("family", type=uuid.UUID)
    session, actor = current_session(), current_actor()
    if family_id is None:
        words = request.args.get("q", "")
        found = families.search_families(session, words, actor=actor) if words else []
        return render_template("office/bookings/find.html", words=words, found=found)
    families.family(session, family_id, actor=actor)
    form = CallerBookingForm()
    if form.validate_on_submit():
        return _place(form, family_id)
    if form.is_submitted():
        return _form_page(form, family_id), 422
    form.show_now(clock.now())
    asked = asked_in_address(*(request.args.get(name, "") for name in ("day", "start", "end")))
    form.day.process_data(asked.get("day", clock.today(clock.now())))
    form.start.data, form.end.data = asked.get("start"), asked.get("end")
    return _form_page(form, family_id)


def _place(form: CallerBookingForm, family_id: uuid.UUID) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    wish = form.wish(family_id)
    try:
        with transaction() as session:
            placed = place_booking(session, wish, actor=actor, now=now)
            flash(
                _("予約を入れました。%(count)s人、合計 %(amount)s です。")
                % {"count": len(placed.child_ids), "amount": yen(placed.fee_yen)},
                "ok",
            )
            return see_other(session, url_for(".show", group_id=placed.group_id))
    except NotPlaced as refusal:
        names = {child.id: with_san(child.name) for child in refusal.file.children}
        explained = explain(refusal.reasons, names, today=clock.today(now))
        form.offer_overruling(explained)
        return _form_page(form, family_id, explained, refusal), 409


def _form_page(
    form: CallerBookingForm,
    family_id: uuid.UUID,
    reasons: Iterable[Explained] = (),
    refusal: NotPlaced | None = None,
) -> str:
    session, actor = current_session(), current_actor()
    programmes = programmes_to_book(session, actor=actor)
    form.offer_programmes(programmes)
    form.offer_times(None)
    form.offer_people(
        families.children(session, family_id, actor=actor),
        families.pickup_persons(session, family_id, actor=actor),
    )
    if form.purpose.data is None:
        form.purpose.data = next(iter(PURPOSE_LABELS)).value
    return render_template(
        "office/bookings/new.html",
        form=form,
        programmes=programmes,
        guardians=families.guardians(session, family_id, actor=actor),
        family_id=family_id,
        reasons=list(reasons),
        ways=refusal.ways if refusal else (),
    )


@bp.get("/<uuid:group_id>")
@requires(Permission.RUN_THE_DAY)
def show(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show a booking with the family to call; reading what she wrote leaves a trace."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        found = group(session, group_id, actor=actor)
        family_id, note = found.first.family_id, found.first.note
        if note:
            record_read(session, actor, "booking_note", group_id, family_id=family_id)
        pickups = families.pickup_persons(session, family_id, actor=actor)
        guardians = families.guardians(session, family_id, actor=actor)
    return render_template(
        "office/bookings/show.html",
        now=now,
        note=note,
        guardians=guardians,
        pickup=next((p for p in pickups if p.id == found.first.pickup_person_id), None),
        overruled=_overruled(found),
        **facts(found),
    )


@bp.route("/<uuid:group_id>/change", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def change(group_id: uuid.UUID) -> ResponseReturnValue:
    """Move a booking for a caller; the new fee is told with the result."""
    form, actor, now = CallerTimesForm(), current_actor(), clock.now()
    found = group(current_session(), group_id, actor=actor)
    if not found.live:
        return redirect(url_for(".show", group_id=group_id), 303)
    reasons: tuple[Reason, ...] = ()
    status = 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                moved = change_booking(
                    session,
                    group_id,
                    form.span(),
                    actor=actor,
                    now=now,
                    received_at=form.received_at(),
                    overruled=form.overruled_codes(),
                    overruled_because=(form.overruled_because.data or "").strip(),
                )
                flash(_("予約を変えました。合計 %s です。") % yen(moved.fee_yen), "ok")
                return see_other(session, url_for(".show", group_id=group_id))
        except Refusal as refusal:
            reasons, status = refusal.reasons, 409
    elif form.is_submitted():
        status = 422
    else:
        form.show_span(found.span)
        form.show_now(now)
    explained = explain(reasons, names_of(found), today=clock.today(now))
    form.offer_overruling(explained)
    _rulebook, document = rules_in_force(
        current_session(), found.first.programme_id, found.first.day
    )
    form.offer_times(document)
    page = render_template(
        "office/bookings/change.html", form=form, reasons=explained, **facts(found)
    )
    return page, status


def facts(found: Group) -> dict[str, Any]:
    """Return what every page of one booking shows."""
    names = names_of(found)
    return {
        "group": found,
        "booking": found.first,
        "who": and_all([names[b.child_id] for b in found.shown]),
        "groups_now": fee_groups(stored_fee(found), names),
        "states": STATE_LABELS,
        "channels": CHANNEL_LABELS,
        "purposes": PURPOSE_LABELS,
    }


def _overruled(found: Group) -> Mapping[str, Any] | None:
    return found.first.overruled or None


add_cancelling(bp)
