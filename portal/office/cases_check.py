"""A child that did not come, for staff who need not know more: whom to call, what came of it."""

from __future__ import annotations

import uuid

from flask import abort, render_template

from portal.db.session import transaction as reading
from portal.documents.dates import jdatetime
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.noshow import queries, receivers, words
from portal.noshow.rules import CaseKind, CheckResult
from portal.office.cases_forms import AttemptForm
from portal.office.cases_view import title_of
from portal.web.access import current_actor
from portal.web.forms import PortalForm


def check_page(
    case_id: uuid.UUID, *, attempt: AttemptForm | None, problem: PortalForm | None
) -> tuple[str, int]:
    """Return the page: the same for every child, whoever referred it, and after any result.

    Raises:
        NoResultFound: not a case of the actor's provider.
    """
    now, actor = clock.now(), current_actor()
    with reading() as session:
        of = queries.own(session, case_id, actor=actor)
        if of.kind is not CaseKind.NO_SHOW:
            abort(404)
        children = receivers.children_names(session, of, actor=actor)
        starts_at, ends_at = receivers.stay_of(session, of)
        view = {
            "case": of,
            "title": title_of(of, children),
            "guardians": receivers.to_phone(session, of, actor=actor),
            "facility": session.get_one(Facility, of.facility_id).name,
            "stay": words.stay_words(starts_at, ends_at) if starts_at else "",
            "timeline": [
                {
                    "when": jdatetime(event.at, clock.today(now)),
                    "what": words.event_words(event.kind),
                    "note": "",
                    "state": "",
                }
                for event in queries.events_of_checking(session, of)
            ],
            "is_overdue": of.is_to_be_checked and of.due_at < now,
        }
    form = problem or attempt
    page = render_template(
        "office/cases/check.html",
        view=view,
        of=of,
        attempt=attempt or AttemptForm(formdata=None),
        problem=form,
        tap=PortalForm(formdata=None),
        words=words,
        results=list(CheckResult),
    )
    return page, form.status if form else 200
