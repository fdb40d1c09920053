"""The public pages of a facility before they are public, for those who run it."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.db.session import current_session
from portal.kernel import clock
from portal.policies.document import RulesDocument
from portal.policies.looking import ANYBODY, by_web
from portal.rulebooks.describe import (
    facts,
    fee_facts,
    next_opening,
    next_opening_words,
    summary,
)
from portal.rulebooks.queries import draft_of
from portal.selfservice.public_day import DayPage
from portal.selfservice.public_month import MonthPage, months_shown
from portal.slots.classes import CLASSES, ClassChoice
from portal.slots.opening import open_days
from portal.slots.published import Place, cells_by_day, prepared_place
from portal.web.access import Permission, current_actor, requires
from portal.web.addresses import allow_days
from portal.web.headers import shown_in_frame
from portal.web.navigation import public_nav

bp = Blueprint("preview", __name__, url_prefix="/office/set-up")
allow_days(bp)


@bp.get("/<uuid:facility_id>/preview/month")
@requires(Permission.MANAGE_FACILITY)
def month(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show the facility's public page with everything prepared, marked as a preview."""
    now = clock.now()
    today = clock.today(now)
    first = _month(today)
    place = _place(facility_id, on=max(first, today))
    chosen = _class(place, first)
    opening = open_days(current_session(), facility_id, first)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    cells = {}
    if chosen:
        cells = cells_by_day(current_session(), place, chosen.youngest, first, last)
    who = by_web(*chosen.ages) if chosen else ANYBODY
    upcoming = next_opening(place.document, opening.calendar, now=now, who=who)
    page = MonthPage(place=place, month=first, chosen=chosen, opening=opening, cells=cells, now=now)
    return _as_seen(
        "office/setup/preview_month.html",
        facility_id,
        place=place,
        page=page,
        not_for=None,
        facts=facts(place.document),
        fees=fee_facts(place.document.fee, place.document.purposes, place.document.age),
        summary=summary(place.document, chosen.ages) if chosen else summary(place.document),
        opening_words=next_opening_words(upcoming, now=now) if upcoming else None,
        now=now,
    )


@bp.get("/<uuid:facility_id>/preview/days/<date:day>")
@requires(Permission.MANAGE_FACILITY)
def day(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Show the public page of a day in the same way."""
    now = clock.now()
    if day not in months_shown(clock.today(now)):
        abort(404)
    place = _place(facility_id, on=day)
    chosen = _class(place, day)
    if chosen is None:
        abort(404)
    cells = cells_by_day(current_session(), place, chosen.youngest, day, day).get(day)
    page = DayPage(
        place=place,
        day=day,
        chosen=chosen,
        opening=open_days(current_session(), facility_id, day),
        cells=cells,
        now=now,
        asked_start=request.args.get("start"),
        asked_end=request.args.get("end"),
    )
    return _as_seen(
        "office/setup/preview_day.html",
        facility_id,
        place=place,
        page=page,
        not_for=None,
        now=now,
    )


def _place(facility_id: uuid.UUID, *, on: date) -> Place:
    """Return what is prepared; rules that are being written stand in for those in force."""
    session = current_session()
    place = prepared_place(session, facility_id, on=on, actor=current_actor())
    programme_id = place.facility.programme_id
    draft = draft_of(session, programme_id) if programme_id else None
    if draft is None or draft.document is None:
        return place
    return replace(place, document=RulesDocument.model_validate(draft.document))


def _as_seen(template: str, facility_id: uuid.UUID, **values: object) -> Response:
    """Return a page as a visitor without sign-in sees it; its links stay inside the preview."""
    html = render_template(
        template,
        me=None,
        site_nav=public_nav(),
        may=lambda _permission: False,
        sign_in_url=None,
        facility_id=facility_id,
        **values,
    )
    public = url_for("public.facility", facility_id=facility_id)
    days = f"{public}/days/"
    here = url_for(".month", facility_id=facility_id)

    def inside(link: re.Match[str]) -> str:
        name, target = link[1], link[2]
        if target.startswith(days):
            target = here.removesuffix("month") + "days/" + target.removeprefix(days)
        elif target == public or target.startswith((f"{public}?", f"{public}#")):
            target = here + target.removeprefix(public)
        elif target.startswith("/") and not target.startswith(("/static/", here)):
            target = "#main"
        return f'{name}="{target}"'

    seen = re.sub(r'\b(href|action)="([^"]*)"', inside, html)
    return shown_in_frame(make_response(seen))


def _month(today: date) -> date:
    written = request.args.get("month")
    if written is None:
        return today.replace(day=1)
    try:
        found = clock.written_day(f"{written}-01")
    except ValueError:
        abort(404)
    if found not in months_shown(today):
        abort(404)
    return found


def _class(place: Place, on: date) -> ClassChoice | None:
    offered = place.classes(on)
    asked = request.args.get("class", type=int)
    if asked is not None and asked not in CLASSES:
        abort(404)
    for age in (asked, 1):
        for choice in offered:
            if age is not None and choice.holds(age):
                return choice
    return offered[0] if offered else None
