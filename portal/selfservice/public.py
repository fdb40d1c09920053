"""Free places for everybody: the list of facilities, a month, a day. No sign-in, no script."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.policies.looking import ANYBODY, by_web
from portal.preregistration.places import full_places
from portal.preregistration.queries import children_with_registration
from portal.rulebooks.describe import (
    age_words,
    facts,
    fee_facts,
    next_opening,
    next_opening_words,
    summary,
)
from portal.rulebooks.differences import Difference, differences
from portal.selfservice.public_cache import (
    drawn_if_changed,
    drawn_part,
    kept_a_second,
    read_for_all,
)
from portal.selfservice.public_day import DayPage
from portal.selfservice.public_month import MonthPage, months_shown
from portal.selfservice.public_search import SearchPage
from portal.selfservice.public_siblings import Siblings, siblings_on
from portal.slots.classes import CLASSES, ClassChoice
from portal.slots.opening import open_days
from portal.slots.published import (
    Filled,
    Place,
    cells_by_day,
    filled_days,
    free_by_day,
    published_place,
)
from portal.visits import queries as visits
from portal.visits.words import free_words, kind_words
from portal.web.access import Permission, current_actor, may, requires
from portal.web.addresses import allow_days

bp = Blueprint("public", __name__)
allow_days(bp)


@bp.get("/facilities")
@requires(Permission.OPEN_TO_ALL)
@kept_a_second
def facilities() -> ResponseReturnValue:
    """List published facilities with what a day offers for a class."""
    now = clock.now()
    page = read_for_all(
        ("facilities", clock.today(now), tuple(request.args.items())),
        lambda: SearchPage.read(current_session(), request.args, now=now),
    )
    return render_template("public/facilities.html", page=page)


@bp.get("/facilities/<uuid:facility_id>")
@requires(Permission.OPEN_TO_ALL)
@kept_a_second
def facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show a month of a facility for a class, its rules and how to reach it."""
    now = clock.now()
    today = clock.today(now)
    session = current_session()
    month = _month(request.args.get("month"), today)
    if month is None:
        abort(404)
    place = published_place(session, facility_id, on=max(month, today))
    chosen = _class(place, month)
    opening = open_days(session, facility_id, month)
    filled: Sequence[Filled] = ()
    if chosen:
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        filled = filled_days(session, [place], chosen.youngest, month, last)
    may_apply = _may_apply(place, today)
    is_full = bool(may_apply and full_places(session, [place], today))

    def draw() -> Markup:
        cells = free_by_day(filled, place, chosen.youngest) if chosen else {}
        who = by_web(*chosen.ages) if chosen else ANYBODY
        upcoming = next_opening(
            place.document, opening.calendar, now=now, who=who, later=place.later
        )
        return drawn_part(
            "public/month.html",
            place=place,
            page=MonthPage(place, month, chosen, opening, cells, now),
            not_for=_not_for(place, chosen),
            may_apply=may_apply,
            is_full=is_full,
            facts=facts(place.document),
            fees=fee_facts(place.document.fee, place.document.purposes, place.document.age),
            coming=list(_coming(place)),
            opening_words=next_opening_words(upcoming, now=now) if upcoming else None,
            now=now,
        )

    # Rules count in whole minutes: within one, the same facts make the same page.
    minute = now.replace(second=0, microsecond=0)
    return render_template(
        "public/facility.html",
        place=place,
        visits_ahead=visits.bookable(session, facility_id, now=now, most=3),
        kind_words=kind_words,
        free_words=free_words,
        summary=summary(place.document, chosen.ages) if chosen else summary(place.document),
        month_part=drawn_if_changed((place, opening, filled, is_full, minute), draw, to=may_apply),
    )


@bp.get("/facilities/<uuid:facility_id>/days/<date:day>")
@requires(Permission.OPEN_TO_ALL)
@kept_a_second
def day(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Show the half hours of a day, and let start and end be chosen by links."""
    now = clock.now()
    session = current_session()
    if day not in months_shown(clock.today(now)):
        abort(404)
    place = published_place(session, facility_id, on=day)
    chosen = _class(place, day)
    if chosen is None:
        abort(404)
    opening = open_days(session, facility_id, day)
    calendar, offered, actor = opening.calendar, place.classes(day), current_actor()
    seen = siblings_on(session, place, calendar, day, offered, chosen, actor=actor)
    own = seen if isinstance(seen, Siblings) else None
    cells = own.cells if own else cells_by_day(session, place, chosen.youngest, day, day).get(day)
    page = DayPage(
        place=place,
        day=day,
        chosen=own.chosen if own else chosen,
        opening=opening,
        cells=cells,
        now=now,
        asked_start=request.args.get("start"),
        asked_end=request.args.get("end"),
        **(own.as_seen if own else {"booked": seen.booked} if seen else {}),
    )
    return render_template(
        "public/day.html",
        place=place,
        page=page,
        own=own,
        not_for=None if own else _not_for(place, chosen),
        now=now,
    )


def _coming(place: Place) -> Iterator[tuple[date, list[Difference]]]:
    """Yield from when other rules hold, and what families then read differently."""
    before = place.document
    for first, after in place.later:
        if found := differences(before, after):
            yield first, found
        before = after


def _month(written: str | None, today: date) -> date | None:
    """Return the first of the month asked for; ``None`` where the calendar does not go."""
    if written is None:
        return today.replace(day=1)
    try:
        month = clock.written_day(f"{written}-01")
    except ValueError:
        return None
    return month if month in months_shown(today) else None


def _class(place: Place, on: date) -> ClassChoice | None:
    """Return the class asked for, or the facility's first of those that come most often."""
    offered = place.classes(on)
    for age in (_asked_class(), 1):
        for choice in offered:
            if age is not None and choice.holds(age):
                return choice
    return offered[0] if offered else None


def _may_apply(place: Place, today: date) -> str:
    """Return "yes"; "" where all have, or nobody here may."""
    actor = current_actor()
    if actor.role is not None and not (may(Permission.BE_GUARDIAN) and actor.has(Right.BOOK)):
        return ""
    if actor.family_id is None:
        return "yes"
    found = children_with_registration(current_session(), place.id, actor=actor)
    open_ones = [each for each in found if not each.has_live(today)]
    return "yes" if open_ones or not found else ""


def _not_for(place: Place, chosen: ClassChoice | None) -> list[str] | None:
    """Say that the class asked for is not cared for here, and which is shown instead."""
    asked = _asked_class()
    if asked is None or chosen is None or chosen.holds(asked):
        return None
    rule = place.document.age
    whom = _("対象は、%(age)sです。") % {"age": age_words(rule)} if rule else ""
    shown = _("下は、%(label)sクラスの空きです。") % {"label": chosen.label}
    no_place = _("%(age)s歳児クラスのお子さんは、この園の一時預かりの対象外です。") % {"age": asked}
    return [no_place, *filter(None, (whom, shown))]


def _asked_class() -> int | None:
    asked = request.args.get("class", type=int)
    if asked is not None and asked not in CLASSES:
        abort(404)
    return asked
