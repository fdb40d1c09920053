"""A programme's rules: what holds, what is being written, what comes; by form, template or file."""

from __future__ import annotations

import uuid
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db import session as db
from portal.db.session import current_session
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.templating import problems
from portal.facilities import queries
from portal.facilities.models import Programme
from portal.kernel import clock
from portal.office.facility_view import RulesInWords
from portal.office.rules_beside import Beside
from portal.office.rules_form import RulesForm
from portal.office.rules_programme import document_now, fill, own_rules_of
from portal.office.rules_publish import (
    add_publishing,
    is_read,
    may_be_published,
    never,
    publish_first,
)
from portal.office.rules_start import add_starting
from portal.office.rules_try import TryForm, try_out
from portal.office.setup import load
from portal.office.setup_steps import open_week
from portal.policies.document import RulesDocument
from portal.rulebooks import drafts
from portal.rulebooks.contradictions import contradictions, seen_mark
from portal.rulebooks.differences import differences
from portal.rulebooks.doubtful import doubtful
from portal.rulebooks.kept import not_kept
from portal.rulebooks.models import Rulebook
from portal.rulebooks.outside_hours import outside_hours
from portal.rulebooks.promised_places import LaidOut, promised_places
from portal.rulebooks.queries import draft_of, versions_of, withdrawn_of
from portal.slots.opening import facility_calendar
from portal.slots.queries import pools_of, week_of
from portal.slots.rules import PoolKind
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_rules", __name__, url_prefix="/office/programmes/<uuid:programme_id>/rules")
add_starting(bp)
add_publishing(bp)

#: What is read beside the fields that say it; everything else stands under the text.
_TERMS_OF_SECTIONS = (
    "対象",
    "はじめての方",
    "体のことの確認",
    "予約できる期間",
    "預かりの時間",
)

#: Pages that the form leads to by buttons which save on the way, and whose id they are of.
_WAYS_ON = {
    "families": ("office_rules_trying.page", "programme_id"),
    "month": ("office_rules_preview.month", "programme_id"),
    "replay": ("office_rules_replay.month", "programme_id"),
    "hours": ("office_setup.hours", "facility_id"),
    "places": ("office_places.week", "facility_id"),
}


@bp.get("")
@requires(Permission.MANAGE_FACILITY)
def index(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Show the rules of today, those to come, those being written, and how to write some."""
    return _overview(own_rules_of(programme_id), PortalForm())


@bp.route("/form", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def form(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Write rules field by field; read them as parents will, try them, put them in force."""
    programme, actor, now = own_rules_of(programme_id), current_actor(), clock.now()
    if request.method == "GET":
        typed, trying = RulesForm(formdata=None), TryForm(formdata=None)
        fill(typed, programme)
        today = clock.today(now)
        trying.suggest(now, facility_calendar(current_session(), programme.facility_id, today))
        return _writing(programme, typed, trying, typed.document())
    typed, trying = RulesForm(), TryForm()
    is_whole = typed.validate()
    document = typed.document()
    with db.transaction() as session:
        drafts.save_draft(session, programme_id, typed.typed(), document, actor=actor, now=now)
    asked = request.form.get("do")
    if asked == "publish":
        if document is None or not is_whole:
            return _writing(programme, typed, trying, document), 422
        return _publish(programme, typed, trying, document, now)
    if asked == "draft":
        _tell_saved(typed)
        return see_other(current_session(), url_for(".index", programme_id=programme_id))
    if asked in _WAYS_ON:
        return see_other(current_session(), _way_on(asked, programme))
    wants_try = asked == "try"
    if wants_try:
        trying.validate()
    return _writing(programme, typed, trying, document, wants_try=wants_try)


def _publish(
    programme: Programme,
    typed: RulesForm,
    trying: TryForm,
    document: RulesDocument,
    now: datetime,
) -> ResponseReturnValue:
    """Put the first rules in force; of any others ask once more, on a page of their own."""
    today = clock.today(now)
    is_first = not versions_of(current_session(), programme.id)
    begins = today if is_first else typed.in_force_from.data
    if not may_be_published(typed, document, begins=begins, today=today):
        return _writing(programme, typed, trying, document), 422
    if not is_first:
        return see_other(current_session(), url_for(".publish", programme_id=programme.id))
    form: PortalForm = typed  # its class is made of rows, of which a checker knows nothing
    with form.explaining(in_full), transaction() as session:
        return publish_first(session, programme, document, now)
    return _writing(programme, typed, trying, document), form.status


def _tell_saved(typed: RulesForm) -> None:
    """Say that it is kept, and whether it can be published as it stands."""
    count = len(problems(typed))
    if not count:
        flash(_("書きかけを保存しました。まだ公開していません。"))
        return
    said = _("書きかけを保存しました。直すところが%(count)sか所あります。直すと、公開できます。")
    flash(said % {"count": count}, "warn")


def _way_on(asked: str, programme: Programme) -> str:
    """Return the page that was asked for from the form, what was typed being kept."""
    endpoint, name = _WAYS_ON[asked]
    ids: dict[str, Any] = {"programme_id": programme.id, "facility_id": programme.facility_id}
    return url_for(endpoint, **{name: ids[name]})


@bp.post("/draft/drop")
@requires(Permission.MANAGE_FACILITY)
def drop_draft(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Throw away what is being written."""
    with transaction() as session:
        drafts.drop_draft(session, programme_id, actor=current_actor())
        flash(_("書きかけを捨てました。"))
        return see_other(session, url_for(".index", programme_id=programme_id))


@bp.post("/versions/<uuid:rulebook_id>/withdraw")
@requires(Permission.MANAGE_FACILITY)
def withdraw(programme_id: uuid.UUID, rulebook_id: uuid.UUID) -> ResponseReturnValue:
    """Take back rules that have not begun."""
    programme, typed = own_rules_of(programme_id), PortalForm()
    with typed.explaining(in_full), transaction() as session:
        version = drafts.withdraw_version(
            session, rulebook_id, actor=current_actor(), now=clock.now()
        )
        flash(_said_of_withdrawn(session, version))
        return see_other(session, url_for(".index", programme_id=programme_id))
    return _overview(programme, typed), typed.status


def _said_of_withdrawn(session: Session, version: Rulebook) -> str:
    """Say what holds from the day on which the withdrawn rules would have begun."""
    today, begins = clock.today(clock.now()), version.in_force_from
    others = versions_of(session, version.programme_id)
    coming = [one.in_force_from for one in others if today < one.in_force_from < begins]
    going_on = _("いまのきまり")
    if coming:
        going_on = _("%(day)sからのきまり") % {"day": jdate(max(coming), today)}
    said = _("%(day)sからのきまりを取りやめました。その日からも、%(rules)sが続きます。")
    return said % {"day": jdate(begins, today), "rules": going_on}


def _overview(programme: Programme, typed: PortalForm) -> str:
    session, today = current_session(), clock.today(clock.now())
    versions, withdrawn = versions_of(session, programme.id), withdrawn_of(session, programme.id)
    begun = [one for one in versions if one.in_force_from <= today]
    # Of those that begin on one day the newest holds: it took the place of the others.
    coming = list({one.in_force_from: one for one in versions[::-1] if one not in begun}.values())
    return render_template(
        "office/rules/index.html",
        programme=programme,
        facility=_facility(session, programme),
        form=typed,
        draft=draft_of(session, programme.id),
        current=begun[0] if begun else None,
        coming=coming,
        changes={
            newer.id: differences(
                RulesDocument.model_validate(older.document),
                RulesDocument.model_validate(newer.document),
            )
            for newer, older in pairwise([*coming[::-1], *begun])
            if newer.in_force_from > today
        },
        withdrawn=withdrawn,
        earlier=[
            (one, newer.created_at if newer.in_force_from == one.in_force_from else None)
            for newer, one in pairwise(begun)
        ],
        outside_hours=load(programme.facility_id).outside_hours,
        promised_places=_promised_places(programme, document_now(programme)),
        words={
            one.id: RulesInWords.of(RulesDocument.model_validate(one.document))
            for one in [*versions, *withdrawn]
        },
    )


def _writing(
    programme: Programme,
    typed: RulesForm,
    trying: TryForm,
    document: RulesDocument | None,
    *,
    wants_try: bool = False,
) -> str:
    session = current_session()
    current = document_now(programme)
    wish = trying.wish() if wants_try and document is not None else None
    against, beside = contradictions(document) if document else [], Beside.of(document)
    typed.words_kept.data = bool(against and document and is_read(typed, document))
    tried = None
    if wish is not None and document is not None:
        tried = try_out(
            session,
            programme.facility_id,
            document,
            wish,
            is_registered=bool(trying.try_registered.data),
            is_past_steps=bool(trying.try_steps.data),
            purpose=trying.purpose(),
            trial_part=trying.trial_part(),
            confirmed_on=trying.try_confirmed.data,
        )
    return render_template(
        "office/rules/form.html",
        form=typed,
        in_rest=typed.kinds_in_text(),
        said_as_text=typed.rest_content(),
        rest_rows=max(6, (typed.rest.data or "").count("\n") + 2),
        shown_terms=(*_TERMS_OF_SECTIONS, *beside.terms),
        beside=beside,
        trying=trying,
        tried=tried,
        programme=programme,
        facility=_facility(session, programme),
        document=document,
        words=RulesInWords.of(document) if document else None,
        changes=differences(current, document) if current and document else [],
        not_kept=[one.words for one in not_kept(document)] if document else [],
        doubtful=[one.said for one in doubtful(document)] if document else [],
        never=never(document) if request.method == "POST" else [],
        contradictions=against,
        seen_mark=seen_mark(against),
        is_first=not versions_of(session, programme.id),
        outside_hours=_outside_hours(programme, document),
        promised_places=_promised_places(programme, document),
    )


def _outside_hours(programme: Programme, document: RulesDocument | None) -> list[str]:
    actor, today = current_actor(), clock.today(clock.now())
    week = open_week(current_session(), programme.facility_id, today, actor=actor)
    hours = [day.cells() for day in week.values()]
    return outside_hours(document.units, hours) if document else []


def _promised_places(programme: Programme, document: RulesDocument | None) -> list[str]:
    if document is None or document.capacity is None:
        return []
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    week = week_of(session, programme.facility_id, today, actor)
    laid_out = [
        LaidOut(
            is_total=pool.kind is PoolKind.TOTAL,
            youngest_class=pool.youngest_class,
            oldest_class=pool.oldest_class,
            most=max(max(week.cells(pool.id, weekday)) for weekday in range(7)),
            kept=max(week.kept.get((pool.id, weekday), 0) for weekday in range(7)),
        )
        for pool in pools_of(session, programme.facility_id, actor)
    ]
    return promised_places(document.capacity, laid_out)


def _facility(session: Session, programme: Programme) -> object:
    return queries.own_facility(session, programme.facility_id, programme.organisation_id)
