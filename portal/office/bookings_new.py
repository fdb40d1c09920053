"""Staff book for a caller on one page, once the family is found."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.cap_lines import cap_lines
from portal.bookings.extras import takes_tickets
from portal.bookings.forms import CallerPart
from portal.bookings.queries.home import tickets_left
from portal.bookings.queries.lists import programmes_to_book
from portal.bookings.queries.quotes import Quote, Way, quote
from portal.bookings.queries.vacancies import open_cells
from portal.bookings.service import NotPlaced, place_booking
from portal.bookings.use_kinds import goes_by_reason
from portal.bookings.words import explain, fee_groups, note_words, with_san
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities.models import Programme
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_label
from portal.kernel.yen import yen
from portal.office.bookings_asked import asked_for
from portal.office.bookings_before import first_step, likely_programme
from portal.office.bookings_kept import KeptBookingForm, priority_of, wish_of
from portal.office.bookings_refusal import Told, told
from portal.office.families import found_by_words, too_short
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.exceptions import may_set_aside
from portal.policies.facts import Coupon
from portal.policies.reasons import BookingRefusal
from portal.preregistration.queries import of_family
from portal.preregistration.steps import rule_of
from portal.rulebooks.queries import rules_of
from portal.rulebooks.steps_words import part_words
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.last_search import MARK, keep, kept
from portal.web.writes import see_other, transaction

#: Sent along by the button that puts another time into the form, which books nothing yet.
FILLED = "filled"
#: Sent by the button that tells a caller places and price, which books nothing either.
LOOK = "look"
_GUARDS = frozenset({"csrf_token", "once", FILLED, LOOK})


def add_entering(bp: Blueprint) -> None:
    """Add the page on which staff book for a caller."""
    bp.add_url_rule("/new", "new", new, methods=["GET", "POST"])


@requires(Permission.RUN_THE_DAY)
def new() -> ResponseReturnValue:
    """Book for a caller on one page: first find the family, then children and time."""
    family_id = request.args.get("family", type=uuid.UUID)
    session, actor, now, asked = current_session(), current_actor(), clock.now(), asked_for()
    if family_id is None:
        # By POST: names and numbers stand in no address and in no log.
        if request.method == "POST":
            values: dict[str, Any] = {**asked.query, MARK: keep(request.form.get("q", ""))}
            return redirect(url_for(".new", **values), 303)
        words = kept(request.args.get(MARK, ""))
        found = families.search_families(session, words, actor=actor) if words else []
        return render_template(
            "office/bookings/find.html",
            words=words,
            found=found,
            asked=asked,
            form=PortalForm(formdata=None),
            by_words=found_by_words(),
            too_short=too_short(words),
        )
    families.family(session, family_id, actor=actor)
    form = KeptBookingForm()
    if form.is_submitted() and FILLED in request.form:
        return _form_page(form, family_id)
    if form.validate_on_submit() and form.came_by(now):
        return (_look if LOOK in request.form else _place)(form, family_id)
    if form.is_submitted():
        form.offer_overruling(explain(map(Reason, ticked(form)), {}, today=clock.today(now)))
        return _form_page(form, family_id), 422
    form.show_now(now)
    form.day.process_data(asked.day or clock.today(now))
    form.start.data, form.end.data = asked.start, asked.end
    form.trial.data = request.args.get("trial", type=int)
    return _form_page(form, family_id)


def ticked(form: CallerPart) -> list[BookingRefusal]:
    """Return what staff ticked to set aside, in an order that stays."""
    return sorted(form.overruled_codes())


def offer_overruling(form: CallerPart, refusal: NotPlaced, names: dict[uuid.UUID, str]) -> int:
    """Offer to set aside what stands against a wish, and what was ticked stays; return the status.

    Set aside without a word why is set aside not at all: then that field is marked.
    """
    now, file = clock.now(), refusal.file
    set_aside = decide(file.case(), now=now).overruled
    may = may_set_aside(file.document.exceptions, by_staff=file.by_staff, by_head=file.by_head)
    found = explain((*set_aside, *refusal.reasons), names, today=clock.today(now))
    form.offer_overruling(found, may=may)
    if form.overrules_silently and form.overruled.choices:
        form.must_say_why()
        return 422
    return 422 if form.must_tick() else 409


def names_in(refusal: NotPlaced) -> dict[uuid.UUID, str]:
    """Return the children of a refused wish as they are spoken of."""
    return {child.id: with_san(child.name) for child in refusal.file.children}


def _place(form: KeptBookingForm, family_id: uuid.UUID) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    wish = wish_of(form, family_id)
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
        names = names_in(refusal)
        status = offer_overruling(form, refusal, names)
        reasons = told(refusal.reasons, names, today=clock.today(now), file=refusal.file)
        return _form_page(form, family_id, reasons, refusal.ways), status


def _look(form: KeptBookingForm, family_id: uuid.UUID) -> ResponseReturnValue:
    """Tell what a caller asks first, whether there is a place and what it costs; book nothing."""
    session, actor, now = current_session(), current_actor(), clock.now()
    quoted = quote(session, wish_of(form, family_id), actor=actor, now=now)
    found = _found(quoted, now=now)
    if not quoted.reasons:
        names = {child.id: with_san(child.name) for child in quoted.file.children}
        today = clock.today(now)
        # What was set aside stays on the page: the button below sends it once more.
        form.offer_overruling(explain(quoted.decision.overruled, names, today=today))
        return _form_page(form, family_id, found=found)
    refusal = NotPlaced(quoted.reasons, quoted.file, quoted.ways)
    names = names_in(refusal)
    offer_overruling(form, refusal, names)
    reasons = told(refusal.reasons, names, today=clock.today(now), file=refusal.file)
    return _form_page(form, family_id, reasons, refusal.ways, found)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is said on the telephone, of a refused time too; price and limits as families read them.

    ``groups`` are of ``fee_groups``, ``caps`` of ``cap_lines``, ``aside`` what staff set aside for
    it, in words.
    """

    said: Sequence[str]
    aside: Sequence[str]
    count: int
    groups: Sequence[dict[str, Any]]
    total_yen: int
    caps: Sequence[str]
    quoted: Quote
    is_late: bool


def _found(quoted: Quote, *, now: datetime) -> _Found:
    decision, file, today = quoted.decision, quoted.file, clock.today(now)
    names = {child.id: with_san(child.name) for child in file.children}
    return _Found(
        said=_said(quoted, names, today=today),
        aside=note_words(decision.overruled, names, today=today),
        quoted=quoted,
        is_late=decision.cancel_until is not None and now >= decision.cancel_until,
        count=len(file.children),
        groups=fee_groups(decision.fee, names, minutes=file.wish.span.minutes),
        total_yen=decision.fee.total_yen,
        caps=cap_lines(decision.caps, names, file.document.purposes),
    )


def _said(quoted: Quote, names: Mapping[uuid.UUID, str], *, today: date) -> list[str]:
    """Return how many get in, who does not and why, and what is worth knowing besides."""
    file = quoted.file
    if len(file.children) == 1:
        words = _("この時間に、あと %(left)s人 入れます。")
    else:
        words = _("この時間に、同じ組み合わせであと %(left)s組 入れます。")
    found = [words % {"left": quoted.left}]
    if quoted.left_out:
        without = {child.id: with_san(child.name) for child in quoted.left_out}
        out = _("%(names)sは入れません。") % {"names": "、".join(without.values())}
        why = explain(quoted.reasons_left_out, without, today=today, document=file.document)
        found.append(" ".join([out, *dict.fromkeys(each.with_rule for each in why)]))
    return found + note_words(quoted.decision.notes, names, today=today)


def _form_page(
    form: KeptBookingForm,
    family_id: uuid.UUID,
    reasons: Iterable[Told] = (),
    ways: Iterable[Way] = (),
    found: _Found | None = None,
) -> str:
    session, actor = current_session(), current_actor()
    programmes = programmes_to_book(session, actor=actor)
    form.offer_programmes(programmes)
    applications = of_family(session, actor=actor, family_id=family_id)
    if not form.is_submitted():
        asked, on = asked_for().facility_id, form.day.data or clock.today(clock.now())
        likely = likely_programme(programmes, applications, on=on, asked=asked)
        form.programme.data = likely.id if likely else None
    _offer_times(form, programmes)
    children = families.children(session, family_id, actor=actor)
    form.offer_people(
        children,
        families.pickup_persons(session, family_id, actor=actor),
        chosen=request.args.getlist("child"),
    )
    recorded = families.confirmed_days(session, [each.id for each in children], actor=actor)
    document = _document(form, programmes)
    form.offer_kinds(document)
    _offer_extras(form, family_id, document)
    if form.purpose.data is None and (
        form.is_trial or not (form.is_submitted() or goes_by_reason(document))
    ):
        # Once something was sent, a reason is never chosen in place of the caller's; and never
        # where limits or papers hang on it.
        form.purpose.data = str(form.purpose.choices[0].value)
    return render_template(
        "office/bookings/new.html",
        form=form,
        programmes=programmes,
        guardians=families.guardians(session, family_id, actor=actor),
        family_id=family_id,
        asked=asked_for(),
        step=first_step(children, recorded, applications),
        limits=_limits_of_trial(form, programmes),
        goes_first=priority_of(family_id, day=form.day.data) is not None,
        reasons=list(reasons),
        found=found,
        ways=[(way.span, carried(way.span)) for way in ways],
    )


def _document(form: KeptBookingForm, programmes: Sequence[Programme]) -> RulesDocument | None:
    """Return the rules of the facility that is chosen, on the day that is; None before that."""
    chosen = next((each for each in programmes if each.id == form.programme.data), None)
    if chosen is None:
        return None
    day = form.day.data or clock.today(clock.now())
    return rules_of(current_session(), [chosen.id], day).get(chosen.id)


def _offer_extras(
    form: KeptBookingForm, family_id: uuid.UUID, document: RulesDocument | None
) -> None:
    """Offer the choices of the rules, and the tickets that the family holds with this provider."""
    actor = current_actor()
    held: Sequence[Coupon] = ()
    if takes_tickets(document) and actor.organisation_id is not None:
        day = form.day.data or clock.today(clock.now())
        held = tickets_left(
            current_session(), family_id, day, provider=actor.organisation_id, actor=actor
        )
    form.offer_extras(document, held, by_staff=True)


def _limits_of_trial(form: KeptBookingForm, programmes: Sequence[Programme]) -> str:
    """Return how long the part of trial care may be, and by when it ends; empty where unsaid."""
    there = next((each for each in programmes if each.id == form.programme.data), None)
    if there is None or not form.trial.data:
        return ""
    today = clock.today(clock.now())
    rule = rule_of(current_session(), there.facility_id, today, actor=current_actor())
    part = rule.trial.part(form.trial.data) if rule and rule.trial else None
    return part_words(part, form.trial.data) if part else ""


def _offer_times(form: KeptBookingForm, programmes: Sequence[Programme]) -> None:
    """Offer the hours with care at the facility chosen, in the two weeks from the day chosen."""
    chosen = next((each for each in programmes if each.id == form.programme.data), None)
    day = form.day.data or clock.today(clock.now())
    session, actor = current_session(), current_actor()
    asked = [chosen] if chosen else programmes
    cells = [open_cells(session, each.facility_id, day, actor=actor) for each in asked]
    form.offer_times((), set().union(*cells))


def carried(span: Span) -> list[tuple[str, Any]]:
    """Return what was typed, with another time in place of the one typed."""
    times = {
        "day-year": span.day.year,
        "day-month": span.day.month,
        "day-day": span.day.day,
        "start": cell_label(span.first_cell),
        "end": cell_label(span.end_cell),
        FILLED: 1,
    }
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in times and name not in _GUARDS
    ]
    return [*typed, *times.items()]
