"""A programme's rules as its pages share them: what holds, what is written, into the draft."""

from __future__ import annotations

import uuid
from datetime import date

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.facilities import queries
from portal.facilities.models import Programme
from portal.kernel import clock
from portal.office.rules_form import RulesForm
from portal.policies.document import RulesDocument, load_template
from portal.rulebooks import drafts
from portal.rulebooks.queries import draft_of, versions_of
from portal.web.access import current_actor
from portal.web.writes import see_other, transaction

#: What a programme without any rules begins with.
FIRST = "hourly-standard"


def into_draft(
    programme: Programme, document: RulesDocument, said: str, *, start: date | None = None
) -> ResponseReturnValue:
    """Keep a document as what is being written, and go on in the form, saying what was done.

    Args:
        start: The day that is proposed to begin on; where left out, the one typed before stays.
    """
    typed = RulesForm(formdata=None)
    typed.show(document)
    if start is not None:
        typed.in_force_from.process_data(start)
    elif earlier := draft_of(current_session(), programme.id):
        typed.show_start(earlier.fields)
    with transaction() as session:
        drafts.save_draft(
            session,
            programme.id,
            typed.typed(),
            document,
            actor=current_actor(),
            now=clock.now(),
        )
        flash(said)
        return see_other(session, url_for("office_rules.form", programme_id=programme.id))


def fill(typed: RulesForm, programme: Programme) -> None:
    """Fill in what is being written, else the newest rules, else what comes with the portal.

    Where the newest have not begun no day to begin is proposed: today would put before its time
    what was published for later.
    """
    newest = next(iter(versions_of(current_session(), programme.id)), None)
    today = clock.today(clock.now())
    typed.show(RulesDocument.model_validate(newest.document) if newest else load_template(FIRST))
    if newest is None or newest.in_force_from <= today:
        typed.in_force_from.process_data(today)
    if draft := draft_of(current_session(), programme.id):
        typed.show_typed(draft.fields)
        typed.show_start(draft.fields)


def own_rules_of(programme_id: uuid.UUID) -> Programme:
    """Return a programme of the director's own organisation.

    Raises:
        sqlalchemy.exc.NoResultFound: it is another's.
    """
    return queries.own_programme(current_session(), programme_id, current_actor().organisation_id)


def document_now(programme: Programme) -> RulesDocument | None:
    """Return the rules of today; of a programme that begins later, its first."""
    today = clock.today(clock.now())
    versions = versions_of(current_session(), programme.id)
    current = next((one for one in versions if one.in_force_from <= today), None)
    return RulesDocument.model_validate(current.document) if current else None
