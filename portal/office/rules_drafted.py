"""The rules that a director tries: those she is writing, else the newest."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.db.session import current_session
from portal.facilities import queries
from portal.facilities.models import Facility, Programme
from portal.kernel.clock import today
from portal.office.rules_form import RulesForm
from portal.policies.document import RulesDocument, load_template
from portal.rulebooks.queries import draft_of, versions_of
from portal.web.access import current_actor

#: What the form of a programme without any rules begins with.
FIRST_TEMPLATE = "hourly-standard"


@dataclass(frozen=True, slots=True)
class UnderTrial:
    """A programme with the rules to try, and those they would take the place of."""

    programme: Programme
    facility: Facility
    document: RulesDocument
    #: Whether they are still being written; else they are in force or published to come.
    is_draft: bool
    #: Whether something is being written that is no rules yet: it has mistakes.
    draft_has_mistakes: bool
    #: The rules of today; None where these are the first, or the same.
    current: RulesDocument | None
    #: From which local day they are to hold; None where nobody has said that yet.
    starts_on: date | None = None
    #: Whether nothing has been kept yet: they are those that the form begins with.
    is_template: bool = False


def under_trial(programme_id: uuid.UUID, *, now: datetime) -> UnderTrial:
    """Return what a director of the programme's organisation tries.

    Raises:
        sqlalchemy.exc.NoResultFound: the programme is not the actor's organisation's.
    """
    session, actor = current_session(), current_actor()
    programme = queries.own_programme(session, programme_id, actor.organisation_id)
    facility = queries.own_facility(session, programme.facility_id, programme.organisation_id)
    versions = versions_of(session, programme.id)
    begun = [one for one in versions if one.in_force_from <= today(now)]
    current = RulesDocument.model_validate(begun[0].document) if begun else None
    draft = draft_of(session, programme.id)
    if draft is not None and draft.document is not None:
        written = RulesDocument.model_validate(draft.document)
        return UnderTrial(
            programme,
            facility,
            written,
            is_draft=True,
            draft_has_mistakes=False,
            current=current,
            starts_on=_start_of(draft.fields),
        )
    if not versions:
        document = load_template(FIRST_TEMPLATE)
        return UnderTrial(
            programme,
            facility,
            document,
            is_draft=False,
            draft_has_mistakes=draft is not None,
            current=None,
            is_template=True,
        )
    newest = versions[0]
    is_to_come = newest.in_force_from > today(now)
    return UnderTrial(
        programme,
        facility,
        RulesDocument.model_validate(newest.document),
        is_draft=False,
        draft_has_mistakes=draft is not None,
        current=current if is_to_come else None,
        starts_on=newest.in_force_from,
    )


def _start_of(fields: Mapping[str, Any]) -> date | None:
    """Return the day to begin that a draft holds, as its form reads it."""
    form = RulesForm(formdata=None)
    form.show_start(fields)
    starts_on: date | None = form.in_force_from.data
    return starts_on
