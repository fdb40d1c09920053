"""The home page of staff: the day in numbers, what waits for an answer, what comes soon."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.attendance.day_counts import counts_of_day
from portal.attendance.queries import facilities_of
from portal.db.session import current_session
from portal.kernel import clock
from portal.office.today_items import Asked, to_do, to_know
from portal.office.today_visits import visits_today
from portal.slots.closures import off_on
from portal.slots.opening import open_days_of
from portal.web.access import Permission, current_actor, requires

bp = Blueprint("office_today", __name__, url_prefix="/office")


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """Show what is to do today. Of children numbers alone, so that it leaves no trace."""
    session, actor, now = current_session(), current_actor(), clock.now()
    facilities = facilities_of(session, actor)
    ids, today = [each.id for each in facilities], clock.today(now)
    opening = open_days_of(session, ids, today)
    asked = Asked(session, actor, now, facilities, opening)
    counts = counts_of_day(session, ids, today, actor=actor, now=now)
    closed = {
        each.id: None
        if opening[each.id].calendar.is_open(today)  # a closure of some hours is no day off
        else off_on(opening[each.id], today)
        for each in facilities
    }
    days = [(each, counts[each.id], closed[each.id]) for each in facilities]
    return render_template(
        "office/today/index.html",
        days=days,
        visits_today=visits_today(session, today, actor=actor, many=len(facilities) > 1),
        items=to_do(asked),
        coming=to_know(asked),
    )
