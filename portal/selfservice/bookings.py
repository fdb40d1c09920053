"""A family's bookings: choose, see the fee, book; look at them, change, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal.attendance.queries import last_words
from portal.audit.service import record_read
from portal.bookings.day_rules import rules_of_form
from portal.bookings.extras import options_words, takes_tickets
from portal.bookings.forms import BookingForm
from portal.bookings.mail import calendar_entry
from portal.bookings.models import Booking
from portal.bookings.queries.away import away_costs
from portal.bookings.queries.home import tickets_left
from portal.bookings.queries.leaving import fee_before_leaving, late_fee_now, movable_until
from portal.bookings.queries.lists import (
    bookable_programme,
    coming_groups,
    group,
    past_groups,
)
from portal.bookings.queries.quotes import quote
from portal.bookings.queries.stay_notes import notes_of_stay
from portal.bookings.queries.vacancies import open_cells
from portal.bookings.rules import STATE_LABELS
from portal.bookings.service import NotPlaced, place_booking
from portal.bookings.ticket_words import tickets_at_stake
from portal.bookings.times_forms import asked_in_address
from portal.bookings.use_kinds import UseKind, offered, words_of
from portal.bookings.words import (
    and_all,
    names_of,
    note_words,
    page_facts,
    pickup_words,
    stored_fee,
)
from portal.db.session import current_session
from portal.documents import ics
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.families.models import Child
from portal.families.record import confirm_asked as confirm_records
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.policies.document import RulesDocument
from portal.policies.siblings_rule import may_part
from portal.preregistration.queries import children_with_registration
from portal.rulebooks.queries import document_of, rules_in_force
from portal.rulebooks.words_shape import units_words
from portal.selfservice.bookings_cancel import add_cancelling
from portal.selfservice.bookings_change import add_changing
from portal.selfservice.bookings_page import (
    confirm_page,
    refused,
    registration_hints,
    rush_page,
)
from portal.selfservice.public_month import months_shown
from portal.selfservice.trials import typed_page as trial_page
from portal.slots.classes import CLASSES
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_bookings", __name__, url_prefix="/my/bookings")

#: How many past bookings stand unfolded.
_RECENT = 3


def own_family(actor: Actor) -> uuid.UUID:
    """Return the family of whoever is signed in; the permission lets only such in."""
    if actor.family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return actor.family_id


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """List what is to come, and what is over or cancelled."""
    session, actor, now = current_session(), current_actor(), clock.now()
    coming = coming_groups(session, actor=actor, now=now)
    return render_template(
        "selfservice/bookings/index.html",
        coming=coming,
        late={each.id: late_fee_now(session, each, actor=actor, now=now) for each in coming},
        past=past_groups(session, actor=actor, now=now),
        recent=_RECENT,
        names_of=names_of,
        and_all=and_all,
        states=STATE_LABELS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def new() -> ResponseReturnValue:
    """Ask for children, time and reason; a post brings back what was typed, to be corrected."""
    form = BookingForm()
    if request.method == "GET":
        if "facility" not in request.args:
            return redirect(url_for("public.facilities"), 303)
        asked = asked_in_address(
            *(
                request.args.get(name, request.args.get(other, ""))
                for name, other in (("day", "date"), ("start", "from"), ("end", "to"))
            )
        )
        if "day" in asked:
            form.day.process_data(asked["day"])
        form.start.data, form.end.data = asked.get("start"), asked.get("end")
    return _form_page(form, request.args.get("facility", type=uuid.UUID))


@bp.post("/confirm")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def confirm() -> ResponseReturnValue:
    """Tell fee and cancel limit, or every reason why it cannot be; nothing is taken yet."""
    form, actor, now = BookingForm(), current_actor(), clock.now()
    if not form.validate_on_submit():
        return _form_page(form, None), 422
    wish = form.wish(own_family(actor))
    quoted = quote(current_session(), wish, actor=actor, now=now)
    if quoted.reasons:
        return refused(form, NotPlaced(quoted.reasons, quoted.file, quoted.ways))
    people = families.pickup_persons(current_session(), wish.family_id, actor=actor)
    form.offer_kinds(quoted.file.document)
    return confirm_page(quoted, form, pickup_words(people, wish.pickup_person_id))


@bp.post("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def place() -> ResponseReturnValue:
    """Book."""
    form, actor = BookingForm(), current_actor()
    if not form.validate_on_submit():
        return _form_page(form, None), 422
    wish = form.wish(own_family(actor))
    try:
        with transaction() as session:
            if "record_unchanged" in request.form:
                confirm_records(session, wish.child_ids, actor=actor, now=clock.now())
            placed = place_booking(session, wish, actor=actor, now=clock.now())
            some = len(placed.child_ids) < len(wish.child_ids)
            flash(
                _("予約しました。空いていた%s人分です。確認のメールを送ります。")
                % len(placed.child_ids)
                if some
                else _("予約しました。確認のメールを送ります。"),
                "ok",
            )
            answer = see_other(session, url_for(".show", group_id=placed.group_id))
    except NotPlaced as refusal:
        if refusal.in_a_rush:
            return rush_page(refusal.file, refusal.reasons, form)
        return refused(form, refusal)
    return answer


@bp.get("/<uuid:group_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show a booking: when, where, who, fee, and until when it can be cancelled for nothing."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        found = group(session, group_id, actor=actor)
        note = found.first.note
        if note:
            record_read(session, actor, "booking_note", group_id, family_id=actor.family_id)
        pickups = families.pickup_persons(session, found.first.family_id, actor=actor)
        late_yen = late_fee_now(session, found, actor=actor, now=now)
        away = away_costs(session, found, actor=actor, now=now)
        document = document_of(session, found.first.rulebook_id)
        texts = document.texts
        change_until = movable_until(session, found, actor=actor)
        was_yen = fee_before_leaving(session, found, actor=actor, now=now)
        to_bring = notes_of_stay(session, found, document, actor=actor)
        words = last_words(session, [b.id for b in found.live], actor=actor)
    return render_template(
        "selfservice/bookings/show.html",
        now=now,
        belongings=found.first.programme.belongings or texts.belongings,
        notes=note_words(to_bring, names_of(found), today=clock.today(now)),
        late_yen=late_yen,
        away=away,
        tickets=tickets_at_stake(stored_fee(found), document, found.first.cancel_until, now=now),
        was_yen=was_yen,
        change_until=change_until,
        late_at=next((word.expected_at for word in words.values() if word.expected_at), None),
        note=note,
        use=_use(document, found.first),
        chosen=options_words(document, found.first.options, children=len(found.shown)),
        pickup=pickup_words(pickups, found.first.pickup_person_id),
        **page_facts(found),
    )


@bp.get("/<uuid:group_id>.ics")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def calendar_file(group_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out one booking for the family's calendar; it names no child."""
    found = group(current_session(), group_id, actor=current_actor())
    base_url = current_app.config["PORTAL"].base_url
    data = ics.feed([calendar_entry(found, base_url=base_url)], name=found.first.facility.name)
    disposition = f'attachment; filename="{found.number}.ics"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(data, content_type=ics.CONTENT_TYPE, headers=headers)


def _use(document: RulesDocument, booking: Booking) -> str | None:
    """Return why the child comes, where the rules asked for it."""
    if booking.trial_part is not None or not offered(document):
        return None
    return words_of(document, UseKind(booking.use_type, booking.use_reason), booking.purpose)


def _form_page(form: BookingForm, facility_id: uuid.UUID | None) -> str:
    """Return the form with the family's children, and with the hours that the rules know."""
    if form.is_trial:
        return trial_page(form)
    session, actor = current_session(), current_actor()
    family_id = own_family(actor)
    programme = bookable_programme(
        session, facility_id=facility_id, programme_id=form.programme.data, actor=actor
    )
    form.programme.data = programme.id
    day = form.day.data or clock.today(clock.now())
    _rulebook, document = rules_in_force(session, programme.id, day)
    form.offer_kinds(document)
    held = (
        tickets_left(session, family_id, day, provider=programme.organisation_id, actor=actor)
        if takes_tickets(document)
        else ()
    )
    form.offer_extras(document, held)
    children = families.children(session, family_id, actor=actor)
    form.offer_people(
        children,
        families.pickup_persons(session, family_id, actor=actor),
        chosen=request.args.getlist("child"),
    )
    by = rules_of_form(
        session,
        document,
        programme.facility_id,
        day,
        children,
        chosen=form.children.data or (),
    )
    form.offer_times(by, open_cells(session, programme.facility_id, day, actor=actor))
    units = by[0].units
    known = children_with_registration(session, programme.facility_id, actor=actor)
    today = clock.today(clock.now())
    is_asked = document.registration is not None
    return render_template(
        "selfservice/bookings/new.html",
        form=form,
        programme=programme,
        times_href=_times_href(form, programme.facility_id, children),
        to_apply=is_asked
        and any(each.child.born_on and not each.has_live(today) for each in known),
        may_go_on=not is_asked or any(each.may_book(today) for each in known),
        blocks=units_words(units) if units and units.blocks else None,
        hints=registration_hints(programme.facility_id, day) if document.registration else {},
        may_part=may_part(document.siblings),
    )


def _times_href(form: BookingForm, facility_id: uuid.UUID, children: Sequence[Child]) -> str:
    """Return where other times are chosen: the same day for the same child, or the calendar."""
    day, today = form.day.data, clock.today(clock.now())
    if day is None or day < today or day not in months_shown(today):
        return url_for("public.facility", facility_id=facility_id)
    chosen = [each for each in children if each.id in (form.children.data or ())]
    ages = [class_age(each.born_on, day) for each in chosen or children if each.born_on]
    seen = request.args.get("class", ages[0] if ages else None, type=int)
    values: dict[str, Any] = {"class": seen} if seen in CLASSES else {}
    who = chosen[0].id if len(chosen) == 1 else None
    return url_for("public.day", facility_id=facility_id, day=day, who=who, **values)


add_cancelling(bp)
add_changing(bp)
