"""The page that tries rules: any family, or one of those it proposes, before anybody is bound."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.db.session import current_session
from portal.documents.dates import day_and_time, jdate, jspan
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.office.rules_drafted import UnderTrial, under_trial
from portal.office.rules_try_caps import Params
from portal.office.rules_try_case import (
    asked_at,
    case_of,
    fits_in_a_day,
    more_than_within,
    sets_aside_by_family,
)
from portal.office.rules_try_form import Asks, TryFamilyForm, form_class, name_numbers
from portal.office.rules_try_samples import Sample, samples
from portal.office.rules_try_words import Tried, otherwise, tried
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.slots.opening import facility_calendar
from portal.web.access import Permission, requires

bp = Blueprint(
    "office_rules_trying", __name__, url_prefix="/office/programmes/<uuid:programme_id>/rules"
)

#: Days are known one by one so far around the wish; beyond, by weekday.
_FURTHEST = timedelta(days=366 * 3)


@bp.get("/try")
@requires(Permission.MANAGE_FACILITY)
def page(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Show families to try with their answers, and one family's answer in full."""
    now = clock.now()
    rules = under_trial(programme_id, now=now)
    asks = Asks.of(rules.document)
    around = facility_calendar(current_session(), rules.facility.id, clock.today(now))
    proposed = samples(asks, around, now=now)
    is_asked = "day-year" in request.args
    form = _form(asks, request.args if is_asked else MultiDict(proposed[0].params))
    is_whole = form.validate()
    name_numbers(form)
    if is_whole and not fits_in_a_day(form):
        form.end.errors = [_("終わりの時刻を、始まりより後にしてください")]
    if is_whole and form.day.data and abs(form.day.data - clock.today(now)) > _FURTHEST:
        form.day.errors = [_("使う日は、いまから3年のうちの日にしてください")]
    if is_whole and sets_aside_by_family(form):
        form.aside.errors = [
            _("特別に認められるのは、職員か園長だけです。「だれが」をえらんでください")
        ]
    if is_whole and (wider := more_than_within(form)):
        form[wider].errors = [
            _("%(label)s：それより短い間に使った日数より、少なくなっています")
            % {"label": form[wider].label.text}
        ]
    answer = before = None
    if is_asked and not form.problem_count and form.day.data:
        calendar = facility_calendar(current_session(), rules.facility.id, form.day.data)
        case, at = case_of(form, asks, calendar)
        answer = tried(case, now=at)
        before = _by_todays(rules, case, at)
    rows = [_row(rules, asks, each, around) for each in proposed]
    body = render_template(
        "office/rules/try.html",
        tried=rules,
        programme=rules.programme,
        facility=rules.facility,
        form=form,
        is_asked=is_asked,
        answer=answer,
        wish=_wish_words(form, clock.today(now)) if answer else None,
        otherwise=otherwise(answer, before) if answer and before else None,
        samples=rows,
        # Why is looked for by the form of rules, as it takes its time.
        nobody=not any(row["is_allowed"] for row in rows),
    )
    return body, 422 if is_asked and form.problem_count else 200


def _form(asks: Asks, values: Any) -> TryFamilyForm:
    return form_class(asks)(formdata=MultiDict(values), meta={"csrf": False})


def _by_todays(rules: UnderTrial, case: Case, at: datetime) -> Tried | None:
    """Return the answer of today's rules to the same wish, where they are others."""
    if rules.current is None or rules.current == rules.document:
        return None
    return tried(replace(case, document=rules.current), now=at)


def _row(
    rules: UnderTrial, asks: Asks, sample: Sample, calendar: FacilityCalendar
) -> dict[str, Any]:
    form = _form(asks, MultiDict(sample.params))
    form.validate()
    case, at = case_of(form, asks, calendar)
    answer, before = tried(case, now=at), _by_todays(rules, case, at)
    names = [each.rule.name if each.rule else each.sentence for each in answer.reasons]
    if answer.no_way:
        names.append(answer.headline)
    return {
        "title": sample.title,
        "href": _href(rules, sample.params),
        "is_allowed": answer.is_allowed,
        "why": list(dict.fromkeys(names)),
        "headline": answer.headline,
        "fee": answer.fee_words,
        "was": otherwise(answer, before) if before else [],
    }


def _href(rules: UnderTrial, params: Params) -> str:
    return url_for(".page", programme_id=rules.programme.id, _anchor="answer", **params)  # type: ignore[arg-type]  # names of inputs


def _wish_words(form: TryFamilyForm, today: date) -> str:
    asked = asked_at(form)
    day, start, end = form.day.data, form.start.data, form.end.data
    if day is None or start is None or end is None:
        return ""
    first, last = (clock.at(day, time(0)) + timedelta(minutes=30 * n) for n in (start, end))
    when = day_and_time(jdate(day, today), jspan(first, last))
    at = day_and_time(jdate(asked, today), f"{asked.hour}:{asked.minute:02d}")
    return _("%(when)s の利用を、%(at)s に申し込む") % {"when": when, "at": at}
