"""Staff see the bookings of a day, and book, move and cancel for a caller."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.accounts.models import User
from portal.audit.service import record_read
from portal.bookings.extras import options_words
from portal.bookings.forms import CHANNEL_LABELS, LOOK, CallerTimesForm
from portal.bookings.moving import free_days, hours_to_move
from portal.bookings.queries.away import away_costs
from portal.bookings.queries.leaving import fee_before_leaving
from portal.bookings.queries.lists import Group, group, groups_on
from portal.bookings.queries.stay_notes import notes_of_stay
from portal.bookings.queries.vacancies import open_cells
from portal.bookings.rules import STATE_LABELS, BookingState
from portal.bookings.service import NotPlaced, change_booking
from portal.bookings.set_aside import reasons_kept
from portal.bookings.times_forms import DayForm
from portal.bookings.use_kinds import UseKind, words_of
from portal.bookings.words import and_all, explain, names_of, note_words, page_facts
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span
from portal.kernel.yen import yen
from portal.office.bookings_cancel import add_cancelling
from portal.office.bookings_new import FILLED, add_entering, carried, offer_overruling, ticked
from portal.office.bookings_refusal import Told, told
from portal.office.bookings_trace import nothing_live, trace_of
from portal.policies.looking import ANYBODY
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.queries import document_of
from portal.slots.closures import why_off
from portal.slots.queries import own_facilities
from portal.web.access import Permission, current_actor, may, requires
from portal.web.writes import see_other, transaction

#: What nobody could look up when a booking was made in an interview (``policies.interview``).
_ASKED_LATER = {
    BookingRefusal.NOT_RESIDENT: "お住まい",
    BookingRefusal.ENROLLED_ELSEWHERE: "ほかの園などに通っているか",
    BookingRefusal.GATE_UNANSWERED: "お子さんのようす",
    BookingRefusal.PROOF_MISSING: "理由の書類",
}

bp = Blueprint("office_bookings", __name__, url_prefix="/office/bookings")

_WRITTEN_DAY = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})")
_COMING = frozenset({BookingState.CONFIRMED, BookingState.ATTENDED})


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List the bookings of a day at all own facilities."""
    form = asked_day(clock.today(clock.now()))
    day = form.day.data or clock.today(clock.now())
    session, actor = current_session(), current_actor()
    groups = groups_on(session, day, actor=actor)
    off = [
        (facility, reasons)
        for facility in own_facilities(session, actor)
        if (reasons := why_off(session, facility.id, day)) is not None
    ]
    page = render_template(
        "office/bookings/index.html",
        day=day,
        form=form,
        groups=groups,
        off=off,
        # As the board counts: who came or comes, not who stays away.
        count=sum(b.state in _COMING for each in groups for b in each.bookings),
        yesterday=day - timedelta(days=1),
        tomorrow=day + timedelta(days=1),
        names_of=names_of,
        and_all=and_all,
        states=STATE_LABELS,
        channels=CHANNEL_LABELS,
    )
    return page, 400 if form.day.errors else 200


def asked_day(today: date) -> DayForm:
    """Return the day that the address asks for, today where it asks for none; unreadable, none."""
    written = unicodedata.normalize("NFKC", request.args.get("day", "").strip()).replace("/", "-")
    # A day that the calendar does not have is said to be none by the boxes, which keep it.
    parts = _WRITTEN_DAY.fullmatch(written)
    typed = (
        {f"day-{name}": str(int(part)) for name, part in parts.groupdict().items()} if parts else {}
    )
    is_typed = "day-year" in request.args or bool(typed)
    form = DayForm(MultiDict(typed) if typed else request.args, meta={"csrf": False})
    if is_typed:
        form.day.validate(form)
    elif written:
        form.day.process_data(None)
        form.day.errors = [_("日にちを入れてください")]
    else:
        form.day.process_data(today)
    # Nothing is asked for: a day stands there already.
    form.day.flags.required = False
    return form


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
        was_yen = fee_before_leaving(session, found, actor=actor, now=now)
        away = away_costs(session, found, actor=actor, now=now)
        document = document_of(session, found.first.rulebook_id)
        to_bring = notes_of_stay(session, found, document, actor=actor)
    return render_template(
        "office/bookings/show.html",
        notes=note_words(to_bring, names_of(found), today=clock.today(now)),
        now=now,
        note=note,
        was_yen=was_yen,
        away=away,
        trace=trace_of(found),
        names=names_of(found),
        guardians=guardians,
        pickup=next((p for p in pickups if p.id == found.first.pickup_person_id), None),
        overruled=_overruled(found),
        overruled_by=_overruled_by(found),
        **facts(found),
    )


@bp.route("/<uuid:group_id>/change", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def change(group_id: uuid.UUID) -> ResponseReturnValue:
    """Move a booking for a caller; the new fee is told with the result."""
    form, actor, now = CallerTimesForm(), current_actor(), clock.now()
    found = group(current_session(), group_id, actor=actor)
    if not found.live:
        return nothing_live(found)
    reasons: list[Told] = []
    ways: list[tuple[Span, list[tuple[str, Any]]]] = []
    status, names, today = 200, names_of(found), clock.today(now)
    if form.is_submitted() and {FILLED, LOOK} & set(request.form):
        if LOOK in request.form and not form.day.validate(form):
            status = 422
    elif form.validate_on_submit() and form.came_by(now):
        try:
            with transaction() as session:
                moved = change_booking(
                    session,
                    group_id,
                    form.span(),
                    actor=actor,
                    now=now,
                    received_at=form.received_at(),
                    seen=form.seen.data,
                    **form.overruling(),
                )
                flash(_("予約を変えました。合計 %s です。") % yen(moved.fee_yen), "ok")
                return see_other(session, url_for(".show", group_id=group_id))
        except NotPlaced as refusal:
            reasons = told(refusal.reasons, names, today=today, file=refusal.file)
            status = offer_overruling(form, refusal, names)
            ways = [(way.span, carried(way.span)) for way in refusal.ways]
        except Refusal as refusal:
            found = group(current_session(), group_id, actor=actor)
            if not found.live:
                return nothing_live(found)
            form.show_seen(found.sequence)
            rules = document_of(current_session(), found.first.rulebook_id)
            reasons, status = told(refusal.reasons, names, today=today, document=rules), 409
    elif form.is_submitted():
        form.offer_overruling(explain(map(Reason, ticked(form)), names, today=today))
        status = 422
    else:
        form.show_asked(found.span, request.args)
        form.show_seen(found.sequence)
        form.show_now(now)
    day = form.day.data or found.first.day
    cells = open_cells(current_session(), found.first.facility_id, day, actor=actor)
    hours = hours_to_move(
        current_session(),
        found,
        day,
        actor=actor,
        now=now,
        link=lambda day, start, end: url_for(
            ".change", group_id=group_id, day=day.isoformat(), start=start, end=end
        ),
        chosen=(form.start.data, form.end.data),
        by_staff=True,
    )
    form.offer_times([hours.rules] if hours else (), cells)
    who = hours.onlooker if hours else ANYBODY
    page = render_template(
        "office/bookings/change.html",
        form=form,
        reasons=reasons,
        ways=ways,
        hours=hours,
        free_days=free_days(current_session(), found, now=now, by_staff=True, who=who),
        **facts(found),
    )
    return page, status


def facts(found: Group) -> dict[str, Any]:
    """Return what every page of one booking shows to staff."""
    first = found.first
    document = document_of(current_session(), first.rulebook_id)
    use = words_of(document, UseKind(first.use_type, first.use_reason), first.purpose)
    chosen = options_words(document, first.options, children=len(found.shown))
    return {**page_facts(found), "channels": CHANNEL_LABELS, "use": use, "chosen": chosen}


def _overruled(found: Group) -> Mapping[str, Any] | None:
    """Return which rules staff set aside for it, in words, and why, as far as one may know."""
    kept = found.first.overruled
    if not kept:
        return None
    later = dict.fromkeys(BookingRefusal(code) for code in kept.get("asked_later", ()))
    aside = [reason for reason in reasons_kept(kept) if reason.code not in later]
    rules = note_words(aside, names_of(found), today=clock.today(clock.now()))
    is_plain = found.first.referral_id is None and found.first.priority_id is None
    because = kept["because"] if is_plain or may(Permission.KNOW_SUPPORT) else ""
    asked_later = [_(_ASKED_LATER[code]) for code in later]
    return {"rules": rules, "asked_later": asked_later, "because": because}


def _overruled_by(found: Group) -> str | None:
    """Return who set them aside, where it is certain: whoever moved it since is not kept."""
    first = found.first
    if not first.overruled or first.sequence or first.created_by is None:
        return None
    colleague = current_session().get(User, first.created_by)
    return colleague.name if colleague else None


add_entering(bp)
add_cancelling(bp)
